"""`adcli grad`: the gradient, checked."""

from __future__ import annotations

import click

from adcli.cli.options import checkpoint_option, nonsmooth_option, of_option, wrt_option
from adcli.cli.output import Output, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.progress import ProgressBar
from adcli.cli.status import ExitStatus


@click.command("grad", cls=ProgramCommand, short_help="The gradient of a program, checked against differences.")
@of_option("every output")
@wrt_option
@click.option("--difference", type=click.Choice(("all", "direction", "none")),
              help="What to compare: every component, one random direction, or nothing. By default all components "
              "of up to 50 inputs; beyond that the 20 largest and a random direction.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of the random direction.")
@click.option("--tape", "with_tape", is_flag=True, help="Show the tape as well.")
@click.option(
    "--sweep", "with_sweep", is_flag=True, help="Show the reverse sweep as well: from the first output, or from --of."
)
@checkpoint_option
@nonsmooth_option
@output_options
def command(
    loaded: Loaded,
    of: str | None,
    wrt: list[str] | None,
    difference: str | None,
    seed: int,
    with_tape: bool,
    with_sweep: bool,
    checkpoint: int | None,
    nonsmooth: str,
    output: Output,
) -> ExitStatus:
    """Run PROGRAM and print its outputs and their gradient, beside finite differences.

    The exit status is 1 if a difference shows that a derivative is wrong.
    """
    given = loaded.given
    bar = ProgressBar()
    try:
        report = loaded.program.gradient(
            given,
            of=of,
            wrt=wrt,
            difference=difference,
            seed=seed,
            progress=bar,
            checkpoint=checkpoint,
            nonsmooth=nonsmooth,
        )
    finally:
        bar.clear()
    tape = (loaded.program.tape(given, wrt=wrt),) if with_tape else ()
    sweep = (loaded.program.sweep(given, of=of, wrt=wrt, nonsmooth="quiet"),) if with_sweep else ()
    write_report(report, output, (*tape, *sweep))
    return ExitStatus.CHECK_FAILED if report.wrong else ExitStatus.DONE

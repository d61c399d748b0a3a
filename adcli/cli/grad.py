"""`adcli grad`: the gradient, checked."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import checkpoint_option, nonsmooth_option, of_option, wrt_option
from adcli.cli.output import OutputOptions, output_options
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus
from adcli.report.report import Report


@click.command(
    "grad",
    cls=ProgramCommand,
    short_help="The gradient of a program, checked against differences.",
    examples=(
        ("grad model.ad --x 2 --y 3", "at a point"),
        ("grad -e 'x*y + sin(x*y)' --x 2 --y pi/4", "of an expression"),
        ("grad model.ad --of a --wrt x", "of one value, by one input"),
        ("grad model.ad -o gradient.json", "all digits, for a script"),
    ),
)
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
def command(loaded: Loaded, output: OutputOptions, with_tape: bool, with_sweep: bool, **options: Any) -> ExitStatus:
    """Run PROGRAM and print its outputs and their gradient, beside finite differences.

    The exit status is 1 if a derivative is wrong, has lost its digits, or is not finite.
    """
    from adcli.cli.gradient import write_gradient
    from adcli.report.gradient import GradientOptions

    extra: list[Report] = []
    if with_tape:
        from adcli.report.tape import TapeOptions

        extra.append(TapeOptions(options["wrt"]).answer(loaded.start))
    if with_sweep:
        from adcli.report.sweep import SweepOptions

        extra.append(SweepOptions(options["of"], options["wrt"], nonsmooth="quiet").answer(loaded.start))

    return write_gradient(GradientOptions(**options), loaded.start, output, extra)

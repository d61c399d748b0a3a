"""`adcli minimize`: the least value of a program."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import of_option, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.progress import progress_line
from adcli.cli.status import ExitStatus
from adcli.cli.writing import write_over
from adcli.jobs.choices import Method


@click.command(
    "minimize",
    cls=ProgramCommand,
    short_help="Where a program has its least value.",
    examples=(
        ("minimize model.ad", "all inputs move, within their ranges"),
        ("minimize model.ad --wrt x --y 3", "one of them; the others stay"),
        ("minimize model.ad --method bfgs --trace way.csv", "gradients alone, and all steps in a file"),
    ),
)
@of_option("the first output")
@wrt_option
@click.option("--method", type=click.Choice([method.value for method in Method]), default=Method.TRUST.value,
              show_default=True,
              help="Trust region and Newton take second derivatives; gd and adam are for seeing.")  # fmt: skip
@click.option("--steps", type=click.IntRange(1, 10_000_000), default=1000, show_default=True, metavar="N",
              help="The most iterations.")  # fmt: skip
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), default=0.01, show_default=True,
              help="The length of the steps of gd and adam.")  # fmt: skip
@click.option("--maximize", is_flag=True, help="Go up instead.")
@click.option("--trace", metavar="FILE", help="Write all iterations, with the parameters, as CSV.")
@click.option("--plot", metavar="FILE", help="Draw the way down into an .svg, .png or .pdf file (adcli[plot]).")
@output_options
def command(loaded: Loaded, output: OutputOptions, trace: str | None, plot: str | None, **options: Any) -> ExitStatus:
    """Search for the inputs at which PROGRAM has its least value, from those that are given.

    The declared ranges are bounds. The derivatives are checked at the start and at the end. Beside the solution stands
    how far it may be off, and whether it is a minimum, a saddle, or flat. Ctrl-C ends the search, and the best point
    until then is the result. The exit status is 1 if the search did not come to a minimum. SciPy searches
    (adcli[jobs]).
    """
    from adcli.report.minimize import MinimizeOptions

    with progress_line() as tell:
        report = MinimizeOptions(
            iterated=lambda step: tell(f"step {step.number}: value {step.value:.6g}, |gradient| {step.gradient:.1e}"),
            **options,
        ).answer(loaded.start)
    if trace is not None:
        from adcli.report.csv import to_csv

        write_over(trace, "".join(to_csv([report.trace()])), "--trace")
    if plot is not None:
        from adcli.report.minimize_plot import plotted

        write_over(plot, plotted(report, plot), "--plot")
    status = write_report(report, output)
    return ExitStatus.INTERRUPTED if report.ending == "interrupted" else status

"""`adcli root`: where a program is zero."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import inputs_option, split_names, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.progress import progress_line
from adcli.cli.status import ExitStatus
from adcli.cli.writing import write_over


@click.command(
    "root",
    cls=ProgramCommand,
    short_help="Where a program is zero, and how that moves.",
    examples=(
        ("root model.ad --solve x", "and how it moves with the other inputs"),
        ("root model.ad --solve x --x 5", "from another start"),
        ("root -e 'cos(x) - k*x' --solve x --x 1 --k 1", "of an expression"),
    ),
)
@inputs_option("solve", "The inputs to solve for, as x,y; they start from the values that are given.")
@click.option("--of", metavar="NAMES", callback=split_names,
              help="The values that are to be zero, as f,g; by default all outputs.")  # fmt: skip
@wrt_option
@click.option("--plot", metavar="FILE", help="Draw the search into an .svg, .png or .pdf file (adcli[plot]).")
@output_options
def command(loaded: Loaded, output: OutputOptions, plot: str | None, **options: Any) -> ExitStatus:
    """Search for values of some inputs of PROGRAM at which its outputs are zero.

    Newton's method takes exact derivatives. One unknown that has a range, at whose ends the output has two signs, is
    searched for within it. Beside the root stand its rounding error and its derivatives by all other inputs, from the
    implicit function theorem: a linear system, and a sweep for each unknown. Ctrl-C ends the search, and the best
    point until then is told. The exit status is 1 if there is no root, or if it is singular.
    """
    from adcli.report.root import RootOptions

    with progress_line() as tell:
        report = RootOptions(
            looked=lambda point: tell(f"point {point.number}: off by {point.off_by:.3g}"), **options
        ).answer(loaded.start)
    if plot is not None:
        from adcli.report.root_plot import plotted

        write_over(plot, plotted(report, plot), "--plot")
    status = write_report(report, output)
    return ExitStatus.INTERRUPTED if report.interrupted else status

"""`adcli fit`: parameters of a program fitted to data."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.progress import progress_line
from adcli.cli.status import ExitStatus
from adcli.cli.writing import write_over
from adcli.jobs.choices import Loss


@click.command(
    "fit",
    cls=ProgramCommand,
    short_help="Parameters fitted to data, with their errors.",
    examples=(
        ("fit line.ad --residual r --x 'd.csv[x]' --y 'd.csv[y]'", "least squares"),
        ("fit line.ad --residual r --x 'd.csv[x]' --y 'd.csv[y]' --loss huber", "outliers weigh less"),
    ),
)
@click.option("--residual", metavar="NAME", help="The value that is to become small: an array, a number for each "
              "datum, as data less model.")  # fmt: skip
@wrt_option
@click.option("--weights", metavar="NAME", help="A value or an input: the weight of the square of each residual.")
@click.option("--sigma", metavar="NAME", help="The same with the standard deviation of each, which is known.")
@click.option("--loss", type=click.Choice([loss.value for loss in Loss]), default=Loss.LINEAR.value, show_default=True,
              help="What is added up of each residual: its square, or less of a large one.")  # fmt: skip
@click.option("--loss-scale", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True, metavar="S",
              help="The residual from which on it counts as large.")  # fmt: skip
@click.option("--confidence", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95,
              show_default=True, metavar="P", help="The probability of the intervals.")  # fmt: skip
@click.option("--response", metavar="INPUT", help="The data that residuals compare with, for R² and the plot; by "
              "default the input that goes into each as it is.")  # fmt: skip
@click.option("--steps", type=click.IntRange(1, 10_000_000), default=1000, show_default=True, metavar="N",
              help="The most iterations.")  # fmt: skip
@click.option("--residuals", "residual_file", metavar="FILE", help="Write residuals and leverages as CSV.")
@click.option("--plot", metavar="FILE", help="Draw data, curve, band and residuals into an .svg, .png or .pdf file "
              "(adcli[plot]).")  # fmt: skip
@output_options
def command(
    loaded: Loaded, output: OutputOptions, residual_file: str | None, plot: str | None, **options: Any
) -> ExitStatus:
    """Find the parameters of PROGRAM that make the sum of the squares of its residuals least.

    Parameters are the inputs that have no row for each residual, unless --wrt names them; they start from the values
    that are given, or from their defaults, and their ranges are bounds. The Jacobian is exact, and checked at the start
    and at the end. Beside each estimate stand its standard error and its interval; what the data do not determine is
    named. Ctrl-C ends the search, and the best point until then is the result. The exit status is 1 if there is no
    estimate to be relied on. SciPy searches (adcli[jobs]).
    """
    from adcli.report.fit import FitOptions

    with progress_line() as tell:
        report = FitOptions(
            iterated=lambda step: tell(f"step {step.number}: sum of squares {step.sum_of_squares:.6g}"), **options
        ).answer(loaded.start)
    if residual_file is not None:
        from adcli.report.csv import to_csv

        write_over(residual_file, "".join(to_csv([report.residual_records()])), "--residuals")
    if plot is not None:
        from adcli.report.fit_plot import plotted

        write_over(plot, plotted(report, plot), "--plot")
    status = write_report(report, output)
    return ExitStatus.INTERRUPTED if report.ending == "interrupted" else status

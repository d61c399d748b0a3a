"""`adcli why`: where a component of a gradient comes from."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import components_option, of_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus


@click.command(
    "why",
    cls=ProgramCommand,
    short_help="Where a component of the gradient comes from.",
    examples=(
        ("why model.ad", "the paths that a gradient comes from"),
        ("why model.ad --wrt x", "of one component"),
    ),
)
@of_option("the first output")
@components_option
@click.option("--paths", type=click.IntRange(min=1), default=5, show_default=True, metavar="N",
              help="How many paths to show, the largest first.")  # fmt: skip
@output_options
def command(loaded: Loaded, output: OutputOptions, **options: Any) -> ExitStatus:
    """Run PROGRAM and print where its gradient comes from: its largest paths from an input to the output.

    The products of partials along all paths sum to the derivative. Where that is zero, infinite or no number, it says
    what makes it so, with the line, and how to write it otherwise where a way is known.
    """
    from adcli.report.why import WhyOptions

    return write_report(WhyOptions(**options).answer(loaded.start), output)

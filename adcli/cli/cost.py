"""`adcli cost`: what a gradient costs by each method."""

from __future__ import annotations

import click

from adcli.cli.options import of_option, wrt_option
from adcli.cli.output import Output, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand


@click.command("cost", cls=ProgramCommand, short_help="What a gradient costs by each method.")
@of_option("the first output")
@wrt_option
@click.option("--no-time", is_flag=True, help="Count only, and measure nothing.")
@output_options
def command(loaded: Loaded, of: str | None, wrt: list[str] | None, no_time: bool, output: Output) -> None:
    """Run PROGRAM and print what its gradient costs by reverse mode, forward mode and differences.

    Beside the entries of the tape that each executes it tells the time that was measured, the memory of the tape, and
    how large the derivatives would be as expressions with nothing shared: they are counted, and not built.
    """
    write_report(loaded.program.cost(loaded.given, of=of, wrt=wrt, measure=not no_time), output)

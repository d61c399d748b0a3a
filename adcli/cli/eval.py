"""`adcli eval`: every named value."""

from __future__ import annotations

import click

from adcli.cli.output import Output, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand


@click.command("eval", cls=ProgramCommand, short_help="Values: every named value of a program.")
@output_options
def command(loaded: Loaded, output: Output) -> None:
    """Run PROGRAM and print every named value, in program order."""
    write_report(loaded.program.evaluate(loaded.given), output)

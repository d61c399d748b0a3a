"""`adcli eval`: every named value."""

from __future__ import annotations

import click

from adcli.cli.options import selection_options
from adcli.cli.output import Output, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.report.fold import Selection


@click.command("eval", cls=ProgramCommand, short_help="Values: every named value of a program.")
@selection_options
@output_options
def command(loaded: Loaded, selection: Selection, output: Output) -> None:
    """Run PROGRAM and print every named value, in program order."""
    write_report(loaded.program.evaluate(loaded.given, selection=selection), output)

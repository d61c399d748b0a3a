"""`adcli tape`: what ran."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import selection_options, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus


@click.command(
    "tape",
    cls=ProgramCommand,
    short_help="What ran: every operation with its partials.",
    examples=(
        ("tape model.ad", "every operation with its partials"),
        ("tape model.ad --lines 7-8", "what these lines did"),
    ),
)
@wrt_option
@selection_options
@output_options
def command(loaded: Loaded, output: OutputOptions, **options: Any) -> ExitStatus:
    """Run PROGRAM and print its tape: each operation that ran, its value and its partials.

    Entries that depend on no input are passive: they are dimmed, and have no partials.
    """
    from adcli.report.tape import TapeOptions

    return write_report(TapeOptions(**options).answer(loaded.start), output)

"""`adcli worksheet`: the tape and the sweep with blanks to fill in."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import of_option, selection_options, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus


@click.command(
    "worksheet",
    cls=ProgramCommand,
    short_help="The tape and the sweep with blanks to fill in.",
    examples=(
        ("worksheet model.ad -o sheet.tex", "for a class"),
        ("worksheet model.ad --key -o key.tex", "the same with the answers"),
    ),
)
@of_option("the first output")
@wrt_option
@click.option("--key", is_flag=True, help="Put the answers in the blanks.")
@selection_options
@output_options
def command(loaded: Loaded, output: OutputOptions, **options: Any) -> ExitStatus:
    """Run PROGRAM and print its tape and its reverse sweep with blanks in the place of values, partials and adjoints.

    It is for paper: -f markdown, latex or html, or an --output whose suffix says so. --key prints the answers.
    """
    from adcli.report.worksheet import WorksheetOptions

    return write_report(WorksheetOptions(**options).answer(loaded.start), output)

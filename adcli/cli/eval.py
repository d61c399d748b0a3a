"""`adcli eval`: every named value."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import selection_options
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus


@click.command(
    "eval",
    cls=ProgramCommand,
    short_help="Values: every named value of a program.",
    examples=(
        ("eval model.ad --x 2", "every named value"),
        ("eval -e 'sqrt(2) * pi'", "a calculation"),
        ("eval model.ad -f json", "all digits, for a script"),
    ),
)
@selection_options
@output_options
def command(loaded: Loaded, output: OutputOptions, **options: Any) -> ExitStatus:
    """Run PROGRAM and print every named value, in program order."""
    from adcli.report.evaluation import EvaluationOptions

    return write_report(EvaluationOptions(**options).answer(loaded.start), output)

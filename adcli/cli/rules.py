"""`adcli rules`: the table of primitives."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from adcli.cli.command import Command
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.report.rules import rules_report
from adcli.rules.table import PRIMITIVES


def _names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in PRIMITIVES if name.startswith(incomplete)]


@click.command(
    "rules",
    cls=Command,
    short_help="The operations and their derivatives.",
    examples=(
        ("rules", "all operations"),
        ("rules sin '*'", "some of them"),
    ),
)
@click.argument("names", nargs=-1, shell_complete=_names)
@output_options
def command(names: tuple[str, ...], output: OutputOptions) -> None:
    """Print the operations of the language with their partial derivatives: all of them, or those of NAMES.

    NAMES are functions (sin) or operators (*). In the formulas a, b are the operands and v is the value.
    """
    write_report(rules_report(names), output)

"""`adcli fmt`: the canonical text of programs."""

from __future__ import annotations

import sys

import click

from adcli.cli.command import Command
from adcli.cli.files import Readings, program_names
from adcli.cli.status import ExitStatus
from adcli.cli.writing import write_over
from adcli.errors import AdError
from adcli.report.frames import visible
from adcli.syntax.layout import format_source
from adcli.syntax.source import STANDARD_INPUT, Source


@click.command(
    "fmt",
    cls=Command,
    short_help="Canonical text: spacing, brackets, indentation.",
    examples=(
        ("fmt model.ad", "print it"),
        ("fmt --write model.ad", "put it into the file"),
        ("fmt --diff model.ad", "what would change"),
    ),
)
@click.argument("programs", nargs=-1, required=True, type=click.Path(allow_dash=True), shell_complete=program_names)
@click.option("--write", is_flag=True, help="Write the text back to the files.")
@click.option("--check", is_flag=True, help="Only name the files that would change; exit status 1 if there is one.")
@click.option("--diff", is_flag=True, help="Show what would change.")
def command(programs: tuple[str, ...], write: bool, check: bool, diff: bool) -> ExitStatus:
    """Print PROGRAMS in their canonical text: one statement to a line, canonical spacing, no bracket too many.

    Comments stay where they are, and the meaning does not change.
    """
    if write and (check or diff):
        raise click.UsageError("--write changes files, --check and --diff do not: give one or the other")
    if write and STANDARD_INPUT in programs:
        raise click.UsageError("--write needs a file: standard input cannot be written")
    changed = False
    readings = Readings(programs)
    for source in readings:
        try:
            text = format_source(source)
            changed |= text != source.text
            _show(source, text, write, check, diff)
        except AdError as error:
            readings.complain(error)
    if readings.failed:
        return ExitStatus.UNUSABLE
    return ExitStatus.CHECK_FAILED if check and changed else ExitStatus.DONE


def _show(source: Source, text: str, write: bool, check: bool, diff: bool) -> None:
    if diff and text != source.text:
        sys.stdout.write(_difference(source, text))
    if not (write or check or diff):
        sys.stdout.write(text)
    if text == source.text:
        return
    if write:
        write_over(source.name, source.with_own_line_ends(text))
        click.echo(f"formatted {visible(source.name)}")
    elif check and not diff:
        click.echo(f"would format {visible(source.name)}")


def _difference(source: Source, text: str) -> str:
    from difflib import unified_diff

    before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    lines = unified_diff(before, after, source.name, f"{source.name} (canonical)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ no end of line\n" for line in lines)

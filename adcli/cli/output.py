"""The options that say how a result is written, and the writing."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from adcli.cli.status import ExitStatus
from adcli.cli.writing import STANDARD_OUTPUT, write_over
from adcli.errors import AdError, Problem
from adcli.records import NamedTuple
from adcli.report.cells import Detail, Table
from adcli.report.report import Report
from adcli.report.screen import Screen

if TYPE_CHECKING:
    from adcli.graph.report import GraphReport
    from adcli.syntax.source import Source

# By their names, each with the suffixes of files that have it.
FORMATS: Mapping[str, tuple[str, ...]] = {
    "table": (),
    "json": (".json",),
    "csv": (".csv",),
    "markdown": (".md", ".markdown"),
    "latex": (".tex",),
    "html": (".html", ".htm"),
}
# What draws, where a command has a picture.
PICTURES: Mapping[str, tuple[str, ...]] = {kind: (f".{kind}",) for kind in ("svg", "dot", "pdf", "png")}
_OTHER_FORMATS = (
    *(suffix for suffixes in PICTURES.values() for suffix in suffixes),
    ".jpg",
    ".ps",
    ".docx",
    ".xlsx",
    ".xml",
    ".yaml",
    ".npy",
    ".npz",
    ".tsv",
)
_COLOR = {"auto": None, "always": True, "never": False}

Command = TypeVar("Command", bound=Callable[..., Any])


class OutputOptions(NamedTuple):
    """How to write a result.

    Attributes:
        format: one of FORMATS
        digits: significant digits in tables, and whether they show all elements of arrays; JSON and CSV have all
        path: the file to write to, or None for standard output
        color: on, off, or None: as the terminal and the environment say
        quiet: whether standard output and warnings are left out: the exit status says enough
        pager: whether a result on a terminal goes through the pager
    """

    format: str = "table"
    digits: Detail = Detail()
    path: str | None = None
    color: bool | None = None
    quiet: bool = False
    pager: bool = False


def output_option(command: Command) -> Command:
    """`--output FILE`."""
    import click  # which reads the options of a command, and nothing that is written

    return click.option("-o", "--output", metavar="FILE", help="Write to a file.")(command)


def output_options(command: Command, formats: Mapping[str, tuple[str, ...]] = FORMATS) -> Command:
    """Add the options that say how a result is written; the command gets them as `output`."""
    import click

    def gathered(
        *args: Any, format: str | None, digits: int, full: bool, output: str | None, color: str, quiet: bool,
        pager: bool, **kwargs: Any,
    ) -> Any:  # fmt: skip
        chosen = _format_of(output, formats) if format is None else format
        options = OutputOptions(chosen, Detail(digits, full), output, _COLOR[color], quiet, pager)
        return command(*args, output=options, **kwargs)

    gathered.__name__, gathered.__doc__ = command.__name__, command.__doc__
    options = (
        click.option("-f", "--format", type=click.Choice(tuple(formats)),
                     help="How the result is written; by default as the suffix of --output says, else as tables."),
        click.option("--digits", type=click.IntRange(1, 17), default=Detail().digits, show_default=True, metavar="N",
                     help="Significant digits in tables; JSON and CSV have all."),
        click.option("--full", is_flag=True, help="Show all elements of arrays, however large; JSON and CSV do."),
        output_option,
        click.option("--color", type=click.Choice(tuple(_COLOR)), default="auto", show_default=True,
                     help="Colours in tables."),
        click.option("-q", "--quiet", is_flag=True, help="Print only errors: the exit status is the verdict."),
        click.option("--pager", is_flag=True, help="Show a long result page by page, on a terminal."),
    )  # fmt: skip
    result: Any = gathered
    for option in reversed(options):
        result = option(result)
    return result  # type: ignore[no-any-return]


def picture_options(command: Command) -> Command:
    """The same for a command whose result may be a picture."""
    return output_options(command, {**FORMATS, **PICTURES})


def _format_of(path: str | None, formats: Mapping[str, tuple[str, ...]]) -> str:
    """The format that goes with the suffix of a file; raises AdError `usage` where that is one of another kind."""
    suffix = "" if path is None else os.path.splitext(path)[1].lower()
    if suffix in _OTHER_FORMATS and suffix not in chain.from_iterable(formats.values()):
        known = " ".join(suffixes[0] for suffixes in formats.values() if suffixes)
        help_text = f"there are {known}; --format table writes tables into any file"
        raise AdError(Problem("usage", f"--output {path}: a result cannot be written as `{suffix}`", help=help_text))
    return next((name for name, suffixes in formats.items() if suffix in suffixes), "table")


def write_report(report: Report, output: OutputOptions, extra: Sequence[Report] = ()) -> ExitStatus:
    """Write a result, and further ones before it; the status says whether something in it is wrong.

    Warnings go to standard error, or into the JSON. A page has them as well: who is shown it sees no terminal.
    """
    _warn(report, output)
    write = partial(_write, report, output, extra)
    if output.path is None and output.pager and sys.stdout is not None and sys.stdout.isatty():
        _show_in_pager(write)
    elif output.path is not None or not output.quiet:
        _write_to(output.path, write)
    return ExitStatus.CHECK_FAILED if report.wrong else ExitStatus.DONE


def _warn(report: Report, output: OutputOptions) -> None:
    if output.format != "json" and not output.quiet:
        warn(report.warnings, report.source, output.color)


def warn(warnings: Sequence[Problem], source: Source, color: bool | None = None) -> None:
    """Write warnings to standard error."""
    if warnings:
        from adcli.cli.complain import write_problems

        with suppress(OSError):  # warnings that nobody can read are no reason to fail
            write_problems(warnings, source, "warning", color)


def write_picture(report: GraphReport, output: OutputOptions) -> ExitStatus:
    """Write a result that may be a picture."""
    content = _drawn(report, output)
    if content is None:
        return write_report(report, output)
    _warn(report, output)
    if output.path is not None and output.path != STANDARD_OUTPUT:
        write_over(output.path, content, "--output")
    elif not output.quiet:
        _write_to(None, lambda file: file.write(content) if isinstance(content, str) else file.buffer.write(content))
    return ExitStatus.DONE


def _drawn(report: GraphReport, output: OutputOptions) -> str | bytes | None:
    """A picture as the content of a file; a page has its nodes and edges below it, and LaTeX these alone."""
    if output.format in PICTURES:
        return report.picture(output.format, output.digits)
    if output.format == "latex":
        from adcli.report.latex import to_latex

        return to_latex(report.lists(output.digits), output.digits)
    if output.format == "html":
        from adcli.report.html import to_page

        notes = [f"warning: {problem.message}" for problem in report.warnings]
        drawn = str(report.picture("svg", output.digits))
        return to_page(report.source.name, report.lists(output.digits), output.digits, notes, drawn)
    return None


def write_text(text: str, path: str | None) -> None:
    """Write a text that is the whole result."""
    _write_to(path, lambda file: file.write(text))


def _write_to(path: str | None, write: Callable[[TextIO], object]) -> None:
    """Write to standard output, or to a file, which must be none that the command reads."""
    if path is None or path == STANDARD_OUTPUT:
        if sys.stdout is None:
            raise AdError(Problem("output", "standard output is closed", help="--output FILE writes to a file"))
        write(sys.stdout)
        return
    content = io.BytesIO()  # there is one copy of a long result, and no text of it beside
    with io.TextIOWrapper(content, encoding="utf-8", errors="backslashreplace", newline="\n") as text:
        write(text)
        text.flush()
        write_over(path, content.getvalue(), "--output")


def _show_in_pager(write: Callable[[TextIO], object]) -> None:
    """Write to the pager that the system has, as wide as the terminal."""
    import click

    page = Screen()
    write(page)
    click.echo_via_pager(page.getvalue())


def _write(report: Report, output: OutputOptions, extra: Sequence[Report], file: TextIO) -> None:
    if output.format == "json":
        from adcli.report.json import json_of

        _write_pieces(json_of(report, extra), file)
    elif output.format == "csv":
        from adcli.report.csv import to_csv

        _write_pieces(to_csv([other.records() for other in (*extra, report)]), file)
    else:
        tables = [table for other in extra for table in other.own_tables(output.digits)] + report.tables(output.digits)
        if output.format == "html":
            from adcli.report.html import to_page

            notes = [f"warning: {problem.message}" for problem in report.warnings]
            file.write(to_page(report.source.name, tables, output.digits, notes))
        else:
            _write_tables(tables, output, file)


def _write_pieces(pieces: Iterator[str], file: TextIO) -> None:
    from adcli.cli.progress import counted

    for piece in counted(pieces):
        file.write(piece)


def _write_tables(tables: list[Table], output: OutputOptions, file: TextIO) -> None:
    if output.format == "markdown":
        from adcli.report.markdown import to_markdown

        file.write(to_markdown(tables, output.digits))
    elif output.format == "latex":
        from adcli.report.latex import to_latex

        file.write(to_latex(tables, output.digits))
    else:
        from adcli.report.terminal import write_tables

        write_tables(tables, output.digits, file, output.color)

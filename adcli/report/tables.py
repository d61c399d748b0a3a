"""Tables for a terminal, by rich. Nothing else here imports rich."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table as RichTable
from rich.text import Text

from adcli.report.cells import Column, Digits, Table, cell_text, is_array
from adcli.report.screen import Screen

_UNBOUNDED = 10_000  # the width of a pipe: nothing is broken over lines for want of room
_SPACE = "\U000f0000"  # of the letters for private use, which no program has a use for
_FIRST_MARK = 0xF0001
_VERDICTS = {
    "agrees": "green",
    "wrong": "bold red",
    "step": "yellow",
    "nonsmooth": "yellow",
    "undefined": "red",
    "lost": "red",
}


def renderables(tables: Sequence[Table], digits: Digits = 6) -> Iterator[RenderableType]:
    """What rich prints for the tables, with an empty line between two."""
    for index, table in enumerate(tables):
        if index:
            yield ""
        yield Text(table.title, style="bold", no_wrap=True)  # a table may be narrower than its title
        yield _rich_table(table, digits)
        if table.caption:
            yield Text(table.caption, style="italic")


def write_tables(tables: Sequence[Table], digits: Digits, file: TextIO, color: bool | None) -> None:
    """Print tables to a file: as wide as the terminal, or as wide as they are where the file is none.

    A table whose words and numbers need more room than the terminal has is wider than it: nothing is cut.
    `color` forces colours on or off; None follows the terminal, NO_COLOR and FORCE_COLOR.
    """
    room = shutil.get_terminal_size().columns if file.isatty() or "COLUMNS" in os.environ else _UNBOUNDED
    console = Console(
        file=file, width=_UNBOUNDED, force_terminal=color, no_color=None if color is None else not color,
        highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    with console.capture() as capture:
        for renderable in renderables(tables, digits):
            needed = Measurement.get(console, console.options, renderable).minimum
            console.print(renderable, width=max(room, needed))
    file.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))


def terminal_text(tables: Sequence[Table], digits: Digits) -> str:
    """Tables as a text without colours, as wide as the terminal."""
    file = Screen()
    write_tables(tables, digits, file, color=False)
    return file.getvalue()


class _Rendered:
    """A table of rich's, some rows of which are one text across all columns: rich itself has none such.

    What stands for a space that is no place to break a line at becomes one.
    """

    def __init__(self, table: RichTable, headings: Mapping[str, Text]) -> None:
        self.table = table
        self.headings = headings  # by the mark that stands in the row

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self.table, options, pad=False):
            mark = next((letter for part in line for letter in part.text if letter in self.headings), None)
            if mark is None:
                yield from (Segment(part.text.replace(_SPACE, " "), part.style, part.control) for part in line)
                yield Segment.line()
            else:
                yield self.headings[mark]

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self.table)


def _rich_table(table: Table, digits: Digits) -> RenderableType:
    headings: dict[str, Text] = {}
    result = RichTable(
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for place, column in enumerate(table.columns):
        arrays = any(is_array(row[place]) for number, row in enumerate(table.rows) if number not in table.headings)
        result.add_column(
            _text(column.heading, column),
            justify="right" if column.number else "left",
            no_wrap=not (column.breaks or arrays),  # an array may be broken between its elements
            overflow="fold",  # never an ellipsis: a number that is cut is a wrong number
        )
    for index, row in enumerate(table.rows):
        if index in table.headings:
            mark = chr(_FIRST_MARK + len(headings))
            headings[mark] = Text(cell_text(row[0], digits), style="cyan")
            result.add_row(mark)
            continue
        style = "yellow" if index in table.marked else "dim" if index in table.dimmed else None
        cells = [
            _text(cell_text(cell, digits), column._replace(breaks=column.breaks or is_array(cell)))
            for cell, column in zip(row, table.columns, strict=True)
        ]
        result.add_row(*cells, style=style)
    return _Rendered(result, headings)


def _text(text: str, column: Column) -> Text:
    """A cell. Rich takes several words for narrower than they are, and would cut what may not be broken."""
    return Text(text if column.breaks else text.replace(" ", _SPACE), style=_VERDICTS.get(text, ""))

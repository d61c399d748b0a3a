"""Tables for a terminal, by rich. Nothing else here imports rich."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table as RichTable
from rich.text import Text

from adcli.report.cells import Cell, Digits, Table, cell_text, is_array
from adcli.report.screen import Screen
from adcli.report.widths import GAP, SPACE, Words, broken, fitted
from adcli.syntax.formula import Formula

_UNBOUNDED = 10_000  # the width of a pipe: nothing is broken over lines for want of room
_FIRST_MARK = 0xF0001  # of the letters for private use, which no program has a use for, behind SPACE
_PROSE, _ARRAY = 16, 28  # characters in a line that are still easy to read
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
        yield _Rendered(table, digits)
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
            if isinstance(renderable, Text):  # which rich would cut where a word of it is wider than the room
                console.print(
                    renderable, width=max(room, Measurement.get(console, console.options, renderable).minimum)
                )
            else:
                console.print(renderable, width=room)
    file.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))


def terminal_text(tables: Sequence[Table], digits: Digits) -> str:
    """Tables as a text without colours, as wide as the terminal."""
    file = Screen()
    write_tables(tables, digits, file, color=False)
    return file.getvalue()


class _Rendered:
    """A table that is as wide as there is room, and as its parts are that may not be broken.

    Some of its rows are one text across all columns: rich itself has none such.
    """

    def __init__(self, table: Table, digits: Digits) -> None:
        self.table = table
        self.digits = digits
        places = range(len(table.columns))
        self.rows = [
            None if number in table.headings else [self._words(row, at) for at in places]
            for number, row in enumerate(table.rows)
        ]
        cells = [row for row in self.rows if row is not None]
        headings = [Words(column.heading, whole=not column.breaks) for column in table.columns]
        self.columns = [[headings[at], *chain.from_iterable(row[at] for row in cells)] for at in places]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = fitted(self.columns, options.max_width)
        table, headings = self._rich_table(widths)
        wide = options.update_width(sum(widths) + GAP * len(widths))
        for line in console.render_lines(table, wide, pad=False):
            mark = next((letter for part in line for letter in part.text if letter in headings), None)
            if mark is None:
                yield from (Segment(part.text.replace(SPACE, " "), part.style, part.control) for part in line)
                yield Segment.line()
            else:
                yield headings[mark]

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        least, most = (sum(fitted(self.columns, room)) + GAP * (len(self.columns) - 1) for room in (0, _UNBOUNDED))
        return Measurement(least, most)

    def _rich_table(self, widths: Sequence[int]) -> tuple[RichTable, Mapping[str, Text]]:
        """The table of rich's, in which a letter stands for each text across all columns, and these texts."""
        headings: dict[str, Text] = {}
        result = RichTable(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for column, words, width in zip(self.table.columns, self.columns, widths, strict=True):
            justify: JustifyMethod = "right" if column.number else "left"
            result.add_column(broken(words[0], width), justify=justify, width=max(width, 1), overflow="fold")
        for index, row in enumerate(self.rows):
            if row is None:
                mark = chr(_FIRST_MARK + len(headings))
                headings[mark] = Text(cell_text(self.table.rows[index][0], self.digits), style="cyan")
                result.add_row(mark)
                continue
            style = "yellow" if index in self.table.marked else "dim" if index in self.table.dimmed else None
            cells = zip(row, widths, strict=True)
            texts = ("\n".join(broken(words, width) for words in lines) for lines, width in cells)
            result.add_row(*(Text(text, style=_VERDICTS.get(text, "")) for text in texts), style=style)
        return result, headings

    def _words(self, row: tuple[Cell, ...], at: int) -> list[Words]:
        """The lines of a cell."""
        cell, column = row[at], self.table.columns[at]
        if is_array(cell):  # which may be broken between its elements
            return [Words(cell_text(cell, self.digits), formula=True, comfort=_ARRAY)]
        lines = cell if isinstance(cell, tuple) else (cell,)
        return [
            Words(text, True) if formula else Words(text, whole=not column.breaks, comfort=_PROSE)
            for line in lines
            for formula in [column.code or isinstance(line, Formula)]
            for text in cell_text(line, self.digits).split("\n")
        ]

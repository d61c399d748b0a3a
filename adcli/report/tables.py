"""Tables for a terminal, by rich. Nothing else here imports rich."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table as RichTable
from rich.text import Text

from adcli.report.cells import Digits, Table
from adcli.report.grid import UNBOUNDED, cell_lines, grid_of, shown
from adcli.report.plain import is_certain, room_for, table_lines
from adcli.report.widths import GAP

_LONG = 50  # rows of a table from which on it is written without rich, which takes some time for each
_FIRST_MARK = 0xF0001  # of the letters for private use, which no program has a use for, behind SPACE
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


def drawn(tables: Sequence[Table], digits: Digits, file: TextIO, color: bool | None, room: int) -> str:
    """The tables as rich writes them to a file where there is so much room; `color` as for `write_tables`."""
    console = Console(
        file=file, width=UNBOUNDED, force_terminal=color, no_color=None if color is None else not color,
        highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    with console.capture() as capture:
        for renderable in renderables(tables, digits):
            if isinstance(renderable, Text):  # which rich would cut where a word of it is wider than the room
                console.print(renderable, width=room_for(renderable.plain, room))
            else:
                console.print(renderable, width=room)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


class _Rendered:
    """A table that is as wide as there is room, and as its parts are that may not be broken.

    Some of its rows are one text across all columns: rich itself has none such.
    """

    def __init__(self, table: Table, digits: Digits) -> None:
        self.table = table
        self.digits = digits
        self.grid = grid_of(table, digits)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if len(self.table.rows) > _LONG:
            lines = list(table_lines(self.table, self.digits, options.max_width))
            if is_certain("\n".join(lines)):
                yield from (Segment(f"{line}\n") for line in lines)
                return
        widths = self.grid.widths(options.max_width)
        table, headings = self._rich_table(widths)
        wide = options.update_width(sum(widths) + GAP * len(widths))
        for line in console.render_lines(table, wide, pad=False):
            mark = next((letter for part in line for letter in part.text if letter in headings), None)
            if mark is None:
                yield from (Segment(shown(part.text), part.style, part.control) for part in line)
                yield Segment.line()
            else:
                yield headings[mark]

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        gaps = GAP * (len(self.table.columns) - 1)
        return Measurement(*(sum(self.grid.widths(room)) + gaps for room in (0, UNBOUNDED)))

    def _rich_table(self, widths: Sequence[int]) -> tuple[RichTable, Mapping[str, Text]]:
        """The table of rich's, in which a letter stands for each text across all columns, and these texts."""
        headings: dict[str, Text] = {}
        result = RichTable(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for column, heading, width in zip(self.table.columns, self.grid.headings, widths, strict=True):
            justify: JustifyMethod = "right" if column.number else "left"
            result.add_column(cell_lines([heading], width), justify=justify, width=max(width, 1), overflow="fold")
        for index, row in enumerate(self.grid.rows):
            if row is None:
                mark = chr(_FIRST_MARK + len(headings))
                headings[mark] = Text(self.grid.across[index], style="cyan")
                result.add_row(mark)
                continue
            style = "yellow" if index in self.table.marked else "dim" if index in self.table.dimmed else None
            texts = map(cell_lines, row, widths)
            result.add_row(*(Text(text, style=_VERDICTS.get(text, "")) for text in texts), style=style)
        return result, headings

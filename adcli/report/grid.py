"""What stands in the cells of a table on a terminal: lines of words, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from adcli.records import NamedTuple
from adcli.report.cells import Cell, Column, Digits, Table, cell_text, is_array
from adcli.report.widths import SPACE, Words, broken, fitted
from adcli.syntax.formula import Formula

UNBOUNDED = 10_000  # the width of a pipe: nothing is broken over lines for want of room
_PROSE, _ARRAY = 16, 28  # characters in a line that are still easy to read


class Grid(NamedTuple):
    """A table in lines of words.

    Attributes:
        headings: of each column
        rows: for each cell its lines; None for a row that is one text across all columns
        across: these texts, by the numbers of their rows
    """

    headings: tuple[Words, ...]
    rows: tuple[tuple[tuple[Words, ...], ...] | None, ...]
    across: dict[int, str]

    def widths(self, room: int) -> list[int]:
        """The width of each column where there is so much room; what may not be broken may need more."""
        cells = [row for row in self.rows if row is not None]
        columns = [
            [heading, *chain.from_iterable(row[place] for row in cells)] for place, heading in enumerate(self.headings)
        ]
        return fitted(columns, room)


def grid_of(table: Table, digits: Digits) -> Grid:
    """The cells of a table, with numbers of so many digits."""
    headings = tuple([Words(column.heading, whole=not column.breaks) for column in table.columns])
    rows = tuple([
        None if number in table.headings else tuple(map(_words, row, table.columns, [digits] * len(row)))
        for number, row in enumerate(table.rows)
    ])  # fmt: skip
    return Grid(headings, rows, {number: cell_text(table.rows[number][0], digits) for number in table.headings})


def cell_lines(words: Sequence[Words], width: int) -> str:
    """The lines of a cell, in which a space is where they may be broken, and SPACE is one where they may not."""
    return "\n".join([broken(line, width) for line in words])


def shown(text: str) -> str:
    """A text as it is written, where it has been broken."""
    return text.replace(SPACE, " ")


def _words(cell: Cell, column: Column, digits: Digits) -> tuple[Words, ...]:
    """The lines of a cell."""
    if is_array(cell):  # which may be broken between its elements
        return (Words(cell_text(cell, digits), formula=True, comfort=_ARRAY),)
    lines = cell if isinstance(cell, tuple) else (cell,)
    return tuple([
        Words(text, True) if formula else Words(text, whole=not column.breaks, comfort=_PROSE)
        for line in lines
        for formula in [column.code or isinstance(line, Formula)]
        for text in cell_text(line, digits).split("\n")
    ])  # fmt: skip

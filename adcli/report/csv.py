"""CSV after RFC 4180, but with line ends of one character: a header, then rows, numbers with all digits."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from adcli.report.alike import written
from adcli.report.cells import Cell, Records, RowsOfCells, is_array

_AT_ONCE = 10_000  # rows


def to_csv(parts: Sequence[Records]) -> Iterator[str]:
    """The records piece by piece, with an empty line between two kinds."""
    for place, records in enumerate(parts):
        yield "\n" if place else ""
        yield from _pieces(records)


class _Lines(list[str]):
    """The lines that a writer has written."""

    write = list.append


def _pieces(records: Records) -> Iterator[str]:
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(records.headings)
    rows = records.rows

    def line(row: Any) -> str:
        assert isinstance(rows, RowsOfCells)
        writer.writerow(map(cell_text, rows.cells(row)))
        return lines.pop()

    yield lines.pop()
    if not isinstance(rows, RowsOfCells):
        rows = RowsOfCells(rows, tuple)
    while block := list(islice(rows.rows, _AT_ONCE)):
        if hasattr(block[0], "alike"):
            yield "".join([written(row, line) for row in block])
        else:
            writer.writerows([cell_text(cell) for cell in rows.cells(row)] for row in block)
            yield "".join(lines)
            lines.clear()


def cell_text(cell: Cell) -> str:
    """A cell with all its digits."""
    if type(cell) is float:
        return repr(cell)
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return "; ".join(cell)
    if is_array(cell):
        return str(cell.tolist())
    return repr(cell) if isinstance(cell, float) else str(cell)

"""CSV after RFC 4180, but with line ends of one character: a header, then rows, numbers with all digits."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice

from adcli.report.cells import Cell, Records, is_array

_AT_ONCE = 10_000  # rows


def to_csv(parts: Sequence[Records]) -> Iterator[str]:
    """The records piece by piece, with an empty line between two kinds."""
    for place, records in enumerate(parts):
        yield "\n" if place else ""
        yield from _pieces(records)


def _pieces(records: Records) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(records.headings)
    while rows := list(islice(records.rows, _AT_ONCE)):
        writer.writerows([_text(cell) for cell in row] for row in rows)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _text(cell: Cell) -> str:
    if type(cell) is float:
        return repr(cell)
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return "; ".join(cell)
    if is_array(cell):
        return str(cell.tolist())
    return repr(cell) if isinstance(cell, float) else str(cell)

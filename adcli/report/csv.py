"""CSV after RFC 4180, but with line ends of one character: a header, then rows, numbers with all digits."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from adcli.report.cells import Cell, Table, is_array


def to_csv(tables: Sequence[Table]) -> str:
    """The tables, with an empty line between two."""
    return "\n".join(_one(table) for table in tables)


def _one(table: Table) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.heading for column in table.columns])
    writer.writerows([_text(cell) for cell in row] for row in table.rows)
    return buffer.getvalue()


def _text(cell: Cell) -> str:
    if isinstance(cell, tuple):
        return "; ".join(cell)
    if is_array(cell):
        return str(cell.tolist())
    return "" if cell is None else repr(cell) if isinstance(cell, float) else str(cell)

"""Tables in HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from adcli.report.cells import Digits, Table, cell_text


def to_html(tables: Sequence[Table], digits: Digits = 6, notes: Sequence[str] = ()) -> str:
    """Notes, then the tables, each with its title as its caption."""
    return "\n".join([*(f"<p>{_cell(note)}</p>" for note in notes), *(_one(table, digits) for table in tables)])


def _one(table: Table, digits: Digits) -> str:
    head = "".join(f"<th>{escape(column.heading)}</th>" for column in table.columns)
    lines = [f"<table><caption>{escape(table.title)}</caption>", f"<thead><tr>{head}</tr></thead>", "<tbody>"]
    for index, row in enumerate(table.rows):
        style = ' style="font-weight: bold"' if index in table.marked else ""
        cells = "".join(
            f'<td style="text-align: {"right" if column.number else "left"}">{_cell(cell_text(cell, digits))}</td>'
            for column, cell in zip(table.columns, row, strict=True)
        )
        lines.append(f"<tr{style}>{cells}</tr>")
    lines.append("</tbody></table>")
    if table.caption:
        lines.append(f"<p>{_cell(table.caption)}</p>")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return escape(text).replace("\n", "<br>")

"""Tables in HTML: a page of their own, or a part of a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from adcli.report.cells import Cell, Column, Digits, Table, cell_text, is_array
from adcli.report.style import NOTEBOOK, PAGE
from adcli.syntax.formula import Formula
from adcli.trust.judgement import Verdict

_VERDICTS = frozenset(verdict.value for verdict in Verdict)


def to_page(
    title: str, tables: Sequence[Table], digits: Digits = 6, notes: Sequence[str] = (), picture: str = ""
) -> str:
    """A page that needs no other file and runs nothing: notes, a picture as SVG if there is one, then the tables."""
    lines = [
        "<!doctype html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">', f"<title>{escape(title)}</title>",
        f"<style>\n{PAGE}</style>", "</head>", "<body>", "<main>", f"<h1>{escape(title)}</h1>",
        *([f'<figure class="drawn"><div class="wide" tabindex="0">{picture}</div></figure>'] if picture else []),
        *_body(tables, digits, notes), "</main>", "</body>", "</html>", "",
    ]  # fmt: skip
    return "\n".join(lines)


def to_html(tables: Sequence[Table], digits: Digits = 6, notes: Sequence[str] = ()) -> str:
    """A part of a notebook: notes, then the tables. The notebook has the colours, light or dark."""
    return "\n".join([f'<div class="adcli"><style>{NOTEBOOK}</style>', *_body(tables, digits, notes), "</div>"])


def _body(tables: Sequence[Table], digits: Digits, notes: Sequence[str]) -> Iterator[str]:
    yield from (f'<p class="note" role="note">{_lines(note)}</p>' for note in notes)
    for table in tables:
        yield from _picture(table) if table.picture else _table(table, digits)


def _picture(table: Table) -> Iterator[str]:
    """A picture made of letters."""
    drawn = "\n".join(escape(str(row[0])) for row in table.rows)
    yield f'<figure><figcaption class="title">{escape(table.title)}</figcaption>'
    yield f"<pre>{drawn}</pre>"
    yield from _caption(table)
    yield "</figure>"


def _table(table: Table, digits: Digits) -> Iterator[str]:
    """A table in a box of its own, which scrolls where the table is wider."""
    yield '<figure><div class="wide" tabindex="0">'
    head = "".join(f'<th scope="col"{_kind(column)}>{escape(column.heading)}</th>' for column in table.columns)
    yield f"<table><caption>{escape(table.title)}</caption>"
    yield f"<thead><tr>{head}</tr></thead>"
    yield "<tbody>"
    for number, row in enumerate(table.rows):
        yield _row(table, number, row, digits)
    yield "</tbody></table></div>"
    yield from _caption(table)
    yield "</figure>"


def _row(table: Table, number: int, row: Sequence[Cell], digits: Digits) -> str:
    if number in table.headings:
        kind = ' class="formula"' if isinstance(row[0], Formula) else ""
        text = _lines(cell_text(row[0], digits))
        return f'<tr class="across"><th colspan="{len(table.columns)}" scope="colgroup"{kind}>{text}</th></tr>'
    state = "marked" if number in table.marked else "dimmed" if number in table.dimmed else ""
    cells = "".join(_cell(cell, column, digits) for cell, column in zip(row, table.columns, strict=True))
    return f'<tr class="{state}">{cells}</tr>' if state else f"<tr>{cells}</tr>"


def _cell(cell: Cell, column: Column, digits: Digits) -> str:
    text = cell_text(cell, digits)
    if text in _VERDICTS:
        return f'<td><span class="verdict {text}">{text}</span></td>'
    classes = ["number"] if column.number else []
    if is_array(cell):
        classes.append("array")
    elif column.names or column.code or any(isinstance(line, Formula) for line in _parts(cell)):
        classes.append("formula")
    kind = f' class="{" ".join(classes)}"' if classes else ""
    return f"<td{kind}>{_lines(text)}</td>"


def _parts(cell: Cell) -> tuple[Cell, ...]:
    return cell if isinstance(cell, tuple) else (cell,)


def _kind(column: Column) -> str:
    return ' class="number"' if column.number else ""


def _caption(table: Table) -> Iterator[str]:
    if table.caption:
        yield f"<figcaption>{_lines(table.caption)}</figcaption>"


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")

"""Tables in GitHub's Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.report.cells import Digits, Table, cell_text


def to_markdown(tables: Sequence[Table], digits: Digits) -> str:
    """The tables, each with its title in bold above it."""
    return "\n".join(_one(table, digits) for table in tables)


def _one(table: Table, digits: Digits) -> str:
    lines = [f"**{_escaped(table.title)}**", ""]
    if table.picture:
        return "".join(
            f"{line}\n" for line in [*lines, "```", *(str(row[0]) for row in table.rows), "```", "", table.caption]
        )
    lines.append(_row([column.heading for column in table.columns]))
    lines.append(_row(["--:" if column.number else ":--" for column in table.columns]))
    lines += [_row([_escaped(cell_text(cell, digits)) for cell in row]) for row in table.rows]
    if table.caption:
        lines += ["", *(f"{_escaped(line)}  " for line in table.caption.split("\n"))]
    return "".join(f"{line}\n" for line in lines)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    for special in "\\`*_|<>":
        text = text.replace(special, f"\\{special}")
    return text.replace("\n", "<br>")

"""A table as rows of cells: what every format writes in its own way."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

# A number stays one, so that a format may give it all its digits; a tuple is lines in one cell.
Cell: TypeAlias = str | float | int | tuple[str, ...] | None


class Column(NamedTuple):
    """A column: its heading, whether it holds numbers, and whether its texts may be broken over lines."""

    heading: str
    number: bool = False
    breaks: bool = False


class Table(NamedTuple):
    """A table of cells.

    Attributes:
        marked: the rows to draw attention to
        dimmed: the rows to play down
        picture: whether the one column is a picture made of letters
        headings: the rows of which the first cell stands above others, and may be as wide as all of them
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    marked: frozenset[int] = frozenset()
    dimmed: frozenset[int] = frozenset()
    headings: frozenset[int] = frozenset()
    picture: bool = False


def number_text(value: float, digits: int) -> str:
    """A number with so many significant digits: `5.72058`, `inf`."""
    return f"{value:.{digits}g}"


def cell_text(cell: Cell, digits: int) -> str:
    """A cell as one text, with its lines below each other."""
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return "\n".join(cell)
    if isinstance(cell, float):
        return number_text(cell, digits)
    return str(cell)

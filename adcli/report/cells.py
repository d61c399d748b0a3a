"""A table as rows of cells: what every format writes in its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from adcli.records import NamedTuple

# A number stays one, so that a format may give it all its digits, and so does an array; a tuple is lines in one cell.
Cell: TypeAlias = Any


class Detail(NamedTuple):
    """How much a table shows: significant digits of numbers, and whether all elements of an array."""

    digits: int = 6
    full: bool = False


Digits: TypeAlias = int | Detail


class Column(NamedTuple):
    """A column.

    Attributes:
        heading: what stands above it
        number: whether it holds numbers
        breaks: whether its texts may be broken over lines
        names: whether its texts are names of the program, or components of arrays, such as `w[2]`
        code: whether its texts are expressions of the language, as the program has them
    """

    heading: str
    number: bool = False
    breaks: bool = False
    names: bool = False
    code: bool = False


def number(heading: str) -> Column:
    """A column of numbers."""
    return Column(heading, number=True)


def prose(heading: str) -> Column:
    """A column of texts that may be broken over lines."""
    return Column(heading, breaks=True)


def named(heading: str) -> Column:
    """A column of names of the program."""
    return Column(heading, names=True)


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


class RowsOfCells(Iterator[tuple[Cell, ...]]):
    """Rows as tuples of cells.

    Attributes:
        rows: what is left of the rows
        cells: the function that makes cells of one
    """

    def __init__(self, rows: Iterator[Any], cells: Callable[[Any], tuple[Cell, ...]]) -> None:
        self.rows = rows
        self.cells = cells

    def __next__(self) -> tuple[Cell, ...]:
        return self.cells(next(self.rows))


class Records(NamedTuple):
    """What a program reads: a row for each thing, made when it is asked for, and no cell that needs its neighbours."""

    headings: tuple[str, ...]
    rows: Iterator[tuple[Cell, ...]]


_SMALL = 9  # elements of an array that is shown whole
_LEADING = 3  # elements that are shown of a larger one
_FEWER = 3  # digits that the elements of one have less that is told in brief
_LEAST = 2  # digits that they have nevertheless


def number_text(value: Any, digits: Digits) -> str:
    """A number with so many significant digits, `5.72058`, `inf`; an array whole, or the first elements of it."""
    count, full = digits if isinstance(digits, Detail) else (digits, False)
    if not is_array(value):
        return f"{value:.{count}g}"
    if full or value.size <= _SMALL:
        rows = value.tolist()
        texts = (
            [_list_text(row, count) for row in rows]
            if value.ndim == 2
            else [f"{element:.{count}g}" for element in rows]
        )
        return f"[{', '.join(texts)}]"
    sizes = " × ".join(map(str, value.shape))
    leading = ", ".join(f"{element:.{count}g}" for element in value.flat[:_LEADING])
    least, mean, most = (f"{size:.3g}" for size in (value.min(), value.mean(), value.max()))
    return f"{sizes}: {leading}, … (min {least}, mean {mean}, max {most})"


def brief_text(value: Any, digits: Digits) -> str:
    """The same, of an array no more than two elements: where it stands beside its whole self, or among much else.

    It only tells which array is meant, so these have fewer digits.
    """
    if not is_array(value) or value.size <= _LEADING or (isinstance(digits, Detail) and digits.full):
        return number_text(value, digits)
    count = max(_LEAST, (digits.digits if isinstance(digits, Detail) else digits) - _FEWER)
    leading = ", ".join(number_text(float(element), count) for element in value.flat[: _LEADING - 1])
    return f"[[{leading}, …], …]" if value.ndim == 2 else f"[{leading}, …]"


def _list_text(row: Sequence[float], digits: int) -> str:
    return f"[{', '.join(f'{element:.{digits}g}' for element in row)}]"


def is_array(value: object) -> bool:
    """Whether a value is an array and not a number."""
    return hasattr(value, "shape")


def cell_text(cell: Cell, digits: Digits) -> str:
    """A cell as one text, with its lines below each other."""
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return "\n".join(cell)
    if isinstance(cell, float) or is_array(cell):
        return number_text(cell, digits)
    return str(cell)


def correlation_table(title: str, corner: str, correlations: Mapping[str, Mapping[str, float]]) -> Table:
    """Correlations by name and again by name as a square."""
    names = list(correlations)
    rows = tuple((name, *(f"{correlations[name][other]:.3f}" for other in names)) for name in names)
    return Table(title, (named(corner), *map(number, names)), rows)

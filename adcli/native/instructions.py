"""The instructions of the engine: which there are, and what their numbers are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adcli.records import NamedTuple
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONDITIONS, COPY, PRIMITIVES
from adcli.tape.tape import COMPARE

BLOCK = 64  # rows of columns that are computed together
DIRECTIONS = 4  # along which tangents are computed together
COMPARISONS = tuple(COMPARE)


class Row(NamedTuple):
    """An operation that the engine has.

    Attributes:
        name: of the primitive
        arity: how many operands it has
        is_swept: whether it has its derivatives as well
    """

    name: str
    arity: int
    is_swept: bool

    @property
    def patterns(self) -> int:
        """How many choices of active operands there are; each is an instruction of a sweep."""
        return len(choices(self.arity))

    @property
    def primitive(self) -> Primitive:
        """What it stands for in the table."""
        return COPY if self.name == COPY.name else CONDITIONS.get(self.name) or PRIMITIVES[self.name]


def choices(count: int) -> list[tuple[bool, ...]]:
    """All choices of some of so many operands: that of the instruction `n` has operand `k` by bit `k` of `n + 1`."""
    return [tuple([bool(pattern >> place & 1) for place in range(count)]) for pattern in range(1, 2**count)]


def rows_of(text: str) -> list[Row]:
    """The rows that a library says it has, in the order of their instructions."""
    parts = [name.split("/") for name in text.split()]
    return [Row(name, int(arity), swept == "1") for name, arity, swept in parts]


def text_of(rows: Iterable[Row]) -> str:
    """Rows as a library says which it has."""
    return " ".join(f"{row.name}/{row.arity}/{row.is_swept:d}" for row in rows)


def operand_lines(
    letters: Iterable[str],
    read: str,
    first: int,
    array: str = "values",
    prefix: str = "",
    index: str = "i",
    width: int = 1,
) -> Iterator[str]:
    """Lines of C that say where in an array of the slots the operands of an instruction are, as far as they are read.

    Those of the letters begin at its integer `first`; each has `width` numbers, and its name the prefix in front.
    """
    for place, letter in enumerate(letters, first):
        name = f"{prefix}{letter}"
        if f"{name}[{index}]" in read:
            yield f"const double *{name} = {array} + slot(at[{place}]) * {width};"


def comparison_code(comparison: str, holds: bool) -> int:
    """The number of a comparison in the engine, with what has to come out."""
    return 2 * COMPARISONS.index(comparison) + holds

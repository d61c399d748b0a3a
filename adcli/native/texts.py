"""Rows of text by the engine: the numbers in them, and rows of numbers as text, letter for letter as Python has them.

Many rows are shared out among the processors.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from adcli.native.threads import share_out
from adcli.records import NamedTuple

if TYPE_CHECKING:
    from adcli.native.engine import Engine

_LONGEST = 24  # letters of a number


class Texts(NamedTuple):
    """A column of texts, as places in one text of UTF-8.

    Attributes:
        content: where they are
        starts, ends: of each, as arrays
    """

    content: bytes
    starts: Any
    ends: Any

    def tolist(self) -> list[str]:
        """The texts one by one."""
        places = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        return [self.content[start:end].decode("utf-8") for start, end in places]


def texts_of(cells: Sequence[str]) -> Texts:
    """A column of texts that are there one by one."""
    import numpy as np

    parts = [cell.encode("utf-8", errors="backslashreplace") for cell in cells]
    sizes = np.fromiter(map(len, parts), np.int64, len(parts))
    ends = np.cumsum(sizes)
    return Texts(b"".join(parts), ends - sizes, ends)


class _Column(ctypes.Structure):
    """`struct ad_column` of the engine."""

    _fields_ = [
        ("numbers", ctypes.c_void_p), ("text", ctypes.c_char_p),
        ("starts", ctypes.c_void_p), ("ends", ctypes.c_void_p),
        ("before", ctypes.c_void_p), ("before_end", ctypes.c_void_p),
    ]  # fmt: skip


def line_ends(content: bytes, end: int | None = None) -> int:
    """How many lines end in a text, or in that much of it: as `bytes.count` says, sooner."""
    import numpy as np

    return int(np.count_nonzero(np.frombuffer(content, np.uint8)[:end] == ord("\n")))


class Columns(NamedTuple):
    """The columns of some lines.

    Attributes:
        numbers: an array for each column of numbers
        texts: the columns of texts
        strange: the rows of which Python has to say what their numbers are
        lines: those of these rows, as they stand there
    """

    numbers: list[Any]
    texts: list[Texts]
    strange: Any
    lines: list[bytes]


def read_cells(
    engine: Engine, content: bytes, between: str, width: int, numbers: Sequence[int], kept: Sequence[int]
) -> Columns:
    """The columns of numbers, and those of texts, by their places among so many cells in each line.

    A line is strange that has another number of cells, a cell in quotes over several lines or with a quote in it, or no
    letter, or is a comment; or where a number is written as few are.
    """
    import numpy as np

    count = line_ends(content) + (content[-1:] not in (b"", b"\n"))
    uses = np.full((width, 2), -1, np.int32)
    uses[list(numbers), 0], uses[list(kept), 1] = range(len(numbers)), range(len(kept))
    values, starts, ends = np.empty((len(numbers), count)), *np.empty((2, len(kept), count), np.int64)
    strange = np.empty(count, np.int64)
    where = [each.ctypes.data for each in (values, starts, ends, strange)]

    def read(first: int, last: int) -> None:
        first, last = (content.find(b"\n", place - 1) + 1 or len(content) if place else 0 for place in (first, last))
        row = line_ends(content, first)
        engine.cells(content, first, last, between.encode(), width, uses.ctypes.data, count, row, *where)

    share_out(read, len(content))
    places = dict(zip(kept, zip(starts, ends, strict=True), strict=False))
    rows = np.flatnonzero(strange >= 0)
    lines = [content[start : content.find(b"\n", start) + 1 or len(content)] for start in strange[rows].tolist()]
    return Columns(list(values), [Texts(content, *places[each]) for each in kept], rows, lines)


def written_lines(
    engine: Engine, columns: Sequence[Any], before: Sequence[bytes], behind: bytes, nothing: bytes
) -> bytes:
    """Rows as lines: of each column what stands before its cells, and the cells; and what stands behind a row.

    A column is an array of numbers or `Texts`; `nothing` stands for a number that is not finite.
    """
    import numpy as np

    columns = [column if isinstance(column, Texts) else np.ascontiguousarray(column, float) for column in columns]
    texts = [column for column in columns if isinstance(column, Texts)]
    letters = [np.concatenate([[0], np.cumsum(text.ends - text.starts)]) for text in texts]
    widest = len(b"".join(before) + behind) + max(_LONGEST, len(nothing)) * (len(columns) - len(texts))
    # `edges` keeps what the addresses lead to
    edges = [ctypes.create_string_buffer(each, len(each) + 1) for each in (*before, behind, nothing)]
    spans = [(ctypes.addressof(edge), ctypes.addressof(edge) + len(edge) - 1) for edge in edges]
    described = (_Column * len(columns))(*map(_described, columns, spans))
    parts: dict[int, Any] = {}

    def write(start: int, end: int) -> None:
        room = np.empty(widest * (end - start) + sum(int(each[end] - each[start]) for each in letters), np.uint8)
        size = engine.lines(described, len(columns), *spans[-2], *spans[-1], start, end, room.ctypes.data)
        parts[start] = room[:size].data

    share_out(write, len(columns[0] if not texts else texts[0].starts))
    return b"".join(parts[start] for start in sorted(parts))


def _described(column: Any, before: tuple[int, int]) -> _Column:
    if isinstance(column, Texts):
        return _Column(None, column.content, column.starts.ctypes.data, column.ends.ctypes.data, *before)
    return _Column(column.ctypes.data, None, None, None, *before)

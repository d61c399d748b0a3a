"""Blocks of rows: as they stand in a file, and what makes cells of them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from adcli.cli.data_messages import bad_file
from adcli.jobs.batch import Cells
from adcli.native.library import engine
from adcli.native.texts import line_ends
from adcli.records import NamedTuple

if TYPE_CHECKING:
    from adcli.native.engine import Engine

# Of a block, at most: what is in memory at a time.
ROWS = 65_536
_BYTES = 2**22  # and the rest of a line
_FEW = 1_000  # rows that Python reads and writes as fast as the engine is found


class Raw(NamedTuple):
    """A block as it stands in the file, and the number of the line or row at which it starts, counted from 1."""

    first: int
    content: Any


class Wanted(NamedTuple):
    """The columns that are used, each as its place in the file.

    Attributes:
        inputs: their names in the program
        places: of these, in the same order
        kept: the names of those that pass through
        kept_places: of these
        others: the inputs that are no columns
    """

    inputs: tuple[str, ...]
    places: tuple[int, ...]
    kept: tuple[str, ...]
    kept_places: tuple[int, ...]
    others: tuple[str, ...]


def engine_for(rows: int) -> Engine | None:
    """What reads and writes so many rows; None without an engine, and where it is not worth to be looked for."""
    return engine(False) if rows >= _FEW else None


class Reader(Protocol):
    """What makes cells of a block; it goes to other processes."""

    def cells(self, raw: Raw) -> Cells:
        """The cells of the columns that are wanted."""


class Rows(Protocol):
    """A file of rows.

    Attributes:
        columns: the names of its columns; empty where it gives none
        width: how many columns there are
    """

    columns: Sequence[str]
    width: int

    def reader(self, wanted: Wanted) -> Reader:
        """What makes cells of its blocks."""

    def blocks(self) -> Iterator[Raw]:
        """The blocks one after another."""


def _read(file: BinaryIO) -> bytes:
    """Some lines. Raises AdError `data-file`."""
    try:
        content = file.read(_BYTES)
        return content if content.endswith(b"\n") else content + file.readline()
    except OSError as error:
        raise bad_file(f"the rows cannot be read to their end: {error.strerror or error}") from None


def _few_lines(content: bytes) -> int:
    """Where a line ends up to which there are no more than are to be in memory."""
    end = len(content)
    while line_ends(content, end) > ROWS:
        end = content.rfind(b"\n", 0, end // 2) + 1 or content.find(b"\n") + 1
    return end


@cache
def _in_quotes(between: str) -> re.Pattern[bytes]:
    """A comment, or a cell in quotes with the quote that ends it: elsewhere in a cell csv takes a quote as it is.

    Where it is not known yet what stands between cells it is any of what may.
    """
    mark, spaces = (r"[ \t]", r"[ \t]*") if between == " " else (re.escape(between) or "[,;\t]", " *")
    return re.compile(rf'^#.*|(?:^|{mark}){spaces}"[^"]*(?:""[^"]*)*("?)'.encode(), re.MULTILINE)


def lines_in_quotes(lines: Sequence[str], between: str) -> set[int]:
    """The places of the lines that begin inside a cell in quotes."""
    content, found = "\n".join(lines).encode(errors="replace"), set[int]()
    number = end = 0
    for cell in _in_quotes(between).finditer(content) if b'"' in content else ():
        first = number + content.count(b"\n", end, cell.start())
        number, end = first + cell[0].count(b"\n"), cell.end()
        found.update(range(first + 1, number + 1))
    return found


def _opening(content: bytes, between: str | None) -> int | None:
    """Where a cell in quotes begins that lines end inside of."""
    if between is None or b'"' not in content:
        return None
    last = next(iter(deque(_in_quotes(between).finditer(content), 1)), None)
    return last.start() if last is not None and last[1] == b"" else None


def _closing(content: bytes, between: str | None) -> int:
    """Where the line ends in which such a cell ends, with which the content begins."""
    end = 0
    for cell in _in_quotes(between or "").finditer(content):
        if b"\n" in content[end : cell.start()]:
            break
        end = cell.end()
    return content.find(b"\n", end) + 1 or len(content)


def blocks_of_lines(
    file: BinaryIO, first: int, before: Sequence[bytes] = (), between: str | None = None
) -> Iterator[Raw]:
    """Blocks of whole lines; a cell in quotes that goes over several lines is in one block.

    `between` stands between the cells, if lines are made of such.

    Raises AdError `data-file` where the file ends in an error of the system.
    """
    rest = b"".join(before)
    while rest := rest or _read(file):
        end = _few_lines(rest)
        opening = _opening(rest[:end], between)
        if opening is not None:
            rest += _read(file)
            end = opening + _closing(rest[opening:], between)
        block, rest = rest[:end], rest[end:]
        yield Raw(first, block)
        first += line_ends(block)

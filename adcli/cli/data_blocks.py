"""Blocks of rows: as they stand in a file, and what makes cells of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def _ends_inside(content: bytes) -> bool:
    """Whether lines end inside a cell in quotes; none begins in a comment."""
    inside = False
    if b'"' in content:
        for line in content.split(b"\n"):
            inside ^= line.count(b'"') % 2 == 1 and (inside or line[:1] != b"#")
    return inside


def _closing(content: bytes) -> int:
    """Where the line ends in which a cell in quotes ends that lines begin inside."""
    end = 0
    for line in content.split(b"\n"):
        end += len(line) + 1
        if line.count(b'"') % 2:
            break
    return end


def blocks_of_lines(file: BinaryIO, first: int, before: Sequence[bytes] = ()) -> Iterator[Raw]:
    """Blocks of whole lines; a cell in quotes that goes over several lines is in one block.

    Raises AdError `data-file` where the file ends in an error of the system.
    """
    rest = b"".join(before)
    while rest := rest or _read(file):
        end = _few_lines(rest)
        block, rest = rest[:end], rest[end:]
        if _ends_inside(block):
            rest += _read(file)
            end = _closing(rest)
            block, rest = block + rest[:end], rest[end:]
        yield Raw(first, block)
        first += line_ends(block)

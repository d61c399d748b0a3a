"""Blocks of rows: as they stand in a file, and what makes cells of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO, Protocol

from adcli.cli.data_messages import bad_file
from adcli.jobs.batch import Cells
from adcli.records import NamedTuple

ROWS = 65_536  # of a block: what is in memory at a time


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


def _lines_in(file: BinaryIO) -> Iterator[bytes]:
    try:
        yield from file
    except OSError as error:
        raise bad_file(f"the rows cannot be read to their end: {error.strerror or error}") from None


def odd_quotes(line: bytes, inside: bool) -> bool:
    """Whether a line begins or ends a cell in quotes, where it is `inside` one at its start; comments do not."""
    return line.count(b'"') % 2 == 1 and (inside or line[:1] != b"#")


def blocks_of_lines(file: BinaryIO, first: int, before: Sequence[bytes] = ()) -> Iterator[Raw]:
    """Blocks of whole lines; a cell in quotes that goes over several lines is in one block.

    Raises AdError `data-file` where the file ends in an error of the system.
    """
    rest = chain(before, _lines_in(file))
    while lines := list(islice(rest, ROWS)):
        inside = False  # of a cell in quotes
        for line in lines:
            inside ^= odd_quotes(line, inside)
        while inside and len(lines) < 2 * ROWS and (line := next(rest, b"")):
            lines.append(line)
            inside ^= odd_quotes(line, inside)
        yield Raw(first, b"".join(lines))
        first += len(lines)

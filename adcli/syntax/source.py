"""The text of a program, and places in it."""

from __future__ import annotations

import errno
import os
import sys
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import BinaryIO

from adcli.errors import AdError, Problem
from adcli.records import NamedTuple

STANDARD_INPUT = "-"
MOST_BYTES = 64_000_000  # of a program
_AT_ONCE = 2**20  # bytes that are read in one go


class Span(NamedTuple):
    """A stretch of a text: offsets of its first character and of the one after its last."""

    start: int
    end: int


class Source:
    """A program's text and the name that messages call it by: its path, `-` or `<expression>`.

    Line ends are `\\n` whatever the file had, and a byte-order mark is gone. Behind the program may stand the texts of
    the files that it uses, its other `parts`: a place is one in its file.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._parts: list[tuple[int, str]] = []  # where the text of each other file begins, and its name
        self._line_end = "\r\n" if "\r\n" in text else "\n"
        self.text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    def __getstate__(self) -> dict[str, object]:
        """What is pickled: no more than is given."""
        return {name: value for name, value in self.__dict__.items() if name != "line_starts"}

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line starts."""
        starts = [0]
        for line in self.text.split("\n")[:-1]:
            starts.append(starts[-1] + len(line) + 1)
        return starts

    @property
    def own_text(self) -> str:
        """The text of the program itself, without the files that it uses."""
        return self.text[: self._parts[0][0] - 1] if self._parts else self.text

    def own_line(self, offset: int) -> int | None:
        """The line of an offset in the program itself; None in a file that it uses."""
        return None if self._part_at(offset) else self.place(offset)[0]

    def with_own_line_ends(self, text: str) -> str:
        """A text that takes this one's place, with the line ends that this one had in its file."""
        return text.replace("\n", self._line_end)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset in its file, both counted from 1."""
        line = bisect_right(self.line_starts, offset)
        column = offset - self.line_starts[line - 1] + 1
        part = self._part_at(offset)
        return line - (bisect_right(self.line_starts, part[0]) - 1 if part else 0), column

    def file_at(self, offset: int) -> str:
        """The name of the file that an offset lies in."""
        part = self._part_at(offset)
        return part[1] if part else self.name

    def line_at(self, offset: int) -> str:
        """The text of the line that an offset lies in, without its end."""
        return self.line(bisect_right(self.line_starts, offset))

    def _part_at(self, offset: int) -> tuple[int, str] | None:
        return next((part for part in reversed(self._parts) if part[0] <= offset), None)

    def with_part(self, name: str, text: str) -> tuple[Source, int]:
        """The same with the text of another file behind it, and where that begins."""
        whole = Source(self.name, self.text)
        whole.text = f"{self.text}\n{Source(name, text).text}"
        whole._line_end = self._line_end
        whole._parts = [*self._parts, (len(self.text) + 1, name)]
        return whole, len(self.text) + 1

    @property
    def part_names(self) -> list[str]:
        """The names of the other texts behind the program, in their order."""
        return [name for _, name in self._parts]

    def start_of(self, name: str) -> int | None:
        """Where the text of another file begins; None where it is not there."""
        return next((start for start, part in self._parts if part == name), None)

    def part_text(self, name: str) -> str | None:
        """The text of another file that is there already, as of a program that another process has read."""
        starts = [start for start, _ in self._parts]
        start = self.start_of(name)
        if start is None:
            return None
        end = next((other - 1 for other in starts if other > start), len(self.text))
        return self.text[start:end]

    @property
    def program(self) -> Source:
        """The text of the program alone."""
        return Source(self.name, self.text[: self._parts[0][0] - 1]) if self._parts else self

    def line(self, number: int) -> str:
        """The text of a line of the program (counted from 1), without its end."""
        start = self.line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]


def read_source(path: str) -> Source:
    """Read a program from a file, or from standard input where the path is `-`.

    Raises AdError with the code `missing-file`, `is-a-directory`, `unreadable-file` or `not-utf8`.
    """
    try:
        content = read_bytes(path, MOST_BYTES)
    except FileNotFoundError:
        raise AdError(_missing_file(path)) from None
    except IsADirectoryError:
        raise AdError(_is_a_directory(path)) from None
    except (OSError, ValueError) as error:
        if os.path.isdir(path):  # Windows reports a directory as a refused permission
            raise AdError(_is_a_directory(path)) from None
        reason = getattr(error, "strerror", None) or str(error)
        raise AdError(Problem("unreadable-file", f"cannot read `{path}`: {reason}")) from None
    return Source(path, decode(content, path))


def decode(content: bytes, path: str) -> str:
    """The bytes of a file as text; raises AdError `not-utf8` with the line and column of the first bad byte."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        raise AdError(
            Problem(
                "not-utf8",
                f"`{path}` is not UTF-8 text: byte 0x{content[error.start]:02x} at line {line}, column {column}",
                help="save the file as UTF-8",
            )
        ) from None


class Stamp(NamedTuple):
    """What tells a state of a file from another one: the device and the number of the file, its time and its size."""

    device: int
    number: int
    time: int
    size: int


_read: dict[str, Stamp | None] = {}  # what was read, by its path; None where there was no file


def read_bytes(path: str, most: int) -> bytes:
    """What is in a file, or comes from standard input where the path is `-`; raises OSError or ValueError.

    A file of more bytes than `most` is refused: it may have no end, as `/dev/zero` has none.
    """
    with opened(path) as file:
        return _up_to(most, file)


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """A file, or standard input where the path is `-`, noted as one that is read; raises OSError or ValueError."""
    if path == STANDARD_INPUT:
        if sys.stdin is None:
            raise OSError("standard input is closed")
        with suppress(OSError, ValueError):  # which need not be a file
            _read[path] = _stamp(os.fstat(sys.stdin.fileno()))
        yield sys.stdin.buffer
        return
    _read[path] = None
    with open(path, "rb") as file:
        _read[path] = _stamp(os.fstat(file.fileno()))
        yield file


def _up_to(most: int, file: BinaryIO) -> bytes:
    parts, size = [], 0
    while part := file.read(_AT_ONCE):
        parts.append(part)
        size += len(part)
        if size > most:
            raise OSError(errno.EFBIG, f"it has more than {most / 1e6:,.0f} MB")
    return b"".join(parts)


def _stamp(known: os.stat_result) -> Stamp:
    return Stamp(known.st_dev, known.st_ino, known.st_mtime_ns, known.st_size)


def stamp(path: str) -> Stamp | None:
    """The state of a file, or None where there is none."""
    try:
        return _stamp(os.stat(path))
    except (OSError, ValueError):
        return None


def was_read(path: str) -> bool:
    """Whether a file has been read since the last `forget_reads`, under this name or another one."""
    known = stamp(path)
    return known is not None and any(read is not None and read[:2] == known[:2] for read in _read.values())


def files_read() -> dict[str, Stamp | None]:
    """The paths that were read since the last `forget_reads`, with the states in which the files were."""
    return {path: known for path, known in _read.items() if path != STANDARD_INPUT}


def forget_reads() -> None:
    """Begin anew to note what is read: a command line does."""
    _read.clear()


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _missing_file(path: str) -> Problem:
    from difflib import get_close_matches

    folder, name = os.path.split(path)
    close = get_close_matches(name, _names_in(folder or "."), n=1)
    help_text = f"did you mean `{os.path.join(folder, close[0])}`?" if close else ""
    return Problem("missing-file", f"there is no file `{path}`", help=help_text)


def _is_a_directory(path: str) -> Problem:
    programs = sorted(name for name in _names_in(path) if name.endswith(".ad"))
    help_text = f"name a program in it, such as `{os.path.join(path, programs[0])}`" if programs else ""
    return Problem("is-a-directory", f"`{path}` is a directory, not a program", help=help_text)

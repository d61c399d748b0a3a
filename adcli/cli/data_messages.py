"""Data files: what they hold as bytes and as text, and how messages speak of them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean
from adcli.syntax.source import Source, decode, read_bytes, read_source
from adcli.tape.limits import free_memory

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

NUMBER = "write a number, such as 2.5, -3 or 1e-6"
LARGEST = "the largest number is about 1.8e308"
_MOST_BYTES = 1_000_000_000  # of a file
_SHARE = 8  # of the free memory that a file may fill: what is made of it takes more
_MOST_NAMES = 20  # that a message lists
_MOST_LETTERS = 40  # of what a message quotes from a file


def bad_file(message: str, help: str = "", note: str = "") -> AdError:
    """The error that a file has no such format, column or member."""
    return AdError(Problem("data-file", message, note=note, help=help))


def bad_value(message: str, more: int, help: str) -> AdError:
    """The first mistake, and how many more places have one."""
    return AdError(Problem("data-value", f"{message} (and {more} more)" if more else message, help=help))


def no_numbers(path: str, help: str = "") -> AdError:
    """The error that a file holds nothing to take."""
    return bad_file(f"`{path}` holds no numbers", help=help)


def shown(value: object) -> str:
    """A text from a file as part of a message: in one line, and not too long."""
    text = str(value)[: _MOST_LETTERS + 1]
    text = text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 1]}…"
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def listed(names: Sequence[str]) -> str:
    """Names from a file as a message lists them: not too many."""
    first = ", ".join(f"`{shown(name)}`" for name in names[:_MOST_NAMES])
    return first if len(names) <= _MOST_NAMES else f"{first} and {len(names) - _MOST_NAMES} more"


def meant(name: str, known: Iterable[str]) -> str:
    """A question for the name that was meant, if one is close."""
    return did_you_mean(name, map(shown, known))


def counted(count: int, noun: str) -> str:
    """`1 column`, `2 columns`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def content_of(path: str) -> bytes:
    """The bytes of a file. Raises AdError `data-file` where it cannot be read."""
    try:
        return read_bytes(path, min(_MOST_BYTES, free_memory() // _SHARE))
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None


def unreadable(path: str, error: Exception) -> AdError:
    """The error that a file cannot be read."""
    if os.path.isdir(path):
        return bad_file(f"`{path}` is a directory, not a data file", help="name a file in it")
    try:
        if getattr(error, "errno", None) != errno.EFBIG:
            read_source(path)  # fails too, and says it as for a program
    except AdError as same:
        return AdError(same.problems[0]._replace(code="data-file"))
    return bad_file(f"cannot read `{path}`: {getattr(error, 'strerror', None) or error}")


def text_of(path: str) -> str:
    """The text of a file. Raises AdError `data-file` where it cannot be read, or is no text."""
    try:
        return Source(path, decode(content_of(path), path)).text
    except AdError as error:
        raise AdError(error.problems[0]._replace(code="data-file")) from None


def element_name(name: str, index: Iterable[int]) -> str:
    """An element of an array as messages call it."""
    places = ", ".join(map(str, index))
    return f"{name}, element [{places}]" if places else name

"""Rows that are alike but for names and numbers: what a format writes of one of them is a template for the others."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from adcli.records import NamedTuple

_MOST = 10_000  # patterns that are kept
_OPENING, _CLOSING = "\ue000", "\ue001"  # letters for private use, which nothing has that a row says


def mark(place: int) -> str:
    """What stands for the text at a place: a name in a row of which the others are alike."""
    return f"{_OPENING}{place}{_CLOSING}"


class Place:
    """The same for a number, which every format writes as its mark."""

    __slots__ = ("_mark",)

    def __init__(self, place: int) -> None:
        self._mark = mark(place)

    def __repr__(self) -> str:
        return self._mark


class Pattern:
    """Rows that are alike.

    Attributes:
        row: one of them, with marks in the places of names and numbers
    """

    def __init__(self, row: Any) -> None:
        self.row = row
        self._templates: dict[Callable[[Any], str], Callable[[tuple[str, ...]], str]] = {}

    def filled(self, write: Callable[[Any], str], texts: tuple[str, ...]) -> str:
        """What a format writes of the row with these texts in its places."""
        fill = self._templates.get(write)
        if fill is None:
            fill = self._templates[write] = _template(write(self.row))
        return fill(texts)


class Patterns(dict[tuple[str, ...], "Pattern | None"]):
    """The patterns of rows that differ in some texts as well, by these; None for one that was seen once."""

    def kept(self, texts: tuple[str, ...], row: Callable[[], Any]) -> Pattern | None:
        """The pattern of a row, of which the function makes an example; None for the first one, that may stay alone."""
        pattern = self.get(texts)
        if pattern is None:
            if texts in self:
                pattern = Pattern(row())
            elif len(self) == _MOST:
                self.clear()
            self[texts] = pattern
        return pattern


class Alike(NamedTuple):
    """A row as a pattern, and what is in its places: at least two."""

    pattern: Pattern
    texts: tuple[str, ...]


def written(row: Any, write: Callable[[Any], str]) -> str:
    """What a format writes of a row that may say by `alike()` what it is like; it says None where it is like none."""
    alike: Alike | None = row.alike()
    return write(row) if alike is None else alike.pattern.filled(write, alike.texts)


def _template(text: str) -> Callable[[tuple[str, ...]], str]:
    """The function that puts texts in the places of the marks of a text."""
    pieces = re.split(f"{_OPENING}(\\d+){_CLOSING}", text)
    template = "%s".join([piece.replace("%", "%%") for piece in pieces[::2]])
    chosen = itemgetter(*map(int, pieces[1::2]))
    return lambda texts: template % chosen(texts)

"""What was found of pieces of code, and is not looked for again: a program may run many times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Findings(Generic[Found]):
    """What was found of blocks, of their ends, or of whole code, each told by its identity.

    Equal ones of two programs are two. A piece is kept with what was found of it, so nothing else gets its identity.
    """

    def __init__(self, most: int) -> None:
        """Take of how many pieces something is kept: where there is one more, all is looked for again."""
        self._most = most
        self._known: dict[int, tuple[object, Found]] = {}

    def get(self, piece: object) -> Found | None:
        """What was found of a piece; None for nothing."""
        known = self._known.get(id(piece))
        return None if known is None else known[1]

    def keep(self, piece: object, found: Found) -> Found:
        """Note what was found of a piece, and give it."""
        if len(self._known) >= self._most:
            self._known.clear()
        self._known[id(piece)] = piece, found
        return found

    def of(self, piece: object, find: Callable[[], Found]) -> Found:
        """What was found of a piece, or is found now."""
        known = self._known.get(id(piece))
        return self.keep(piece, find()) if known is None else known[1]

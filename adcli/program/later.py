"""What a run does not need of a program, and what is made of data from the cache when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

T = TypeVar("T")


class Later(Generic[T]):
    """A value that is made when somebody asks for it, and once. It compares, and shows itself, as this value."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make

    @classmethod
    def made(cls, value: T) -> Later[T]:
        """One whose value is there already."""
        later = cls(lambda: value)
        later.__dict__["value"] = value
        return later

    @cached_property
    def value(self) -> T:
        """The value: of threads that ask for it at once, all get what one of them has made."""
        value: T = self.__dict__.setdefault("value", self._make())
        return value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Later) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return repr(self.value)

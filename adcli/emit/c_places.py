"""Where elements of arrays lie: row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from adcli.records import NamedTuple

Shape: TypeAlias = tuple[int, ...]


class Array(NamedTuple):
    """An array in C: what points to it, and its sizes."""

    text: str
    shape: Shape

    @property
    def size(self) -> int:
        """How many elements it has."""
        return elements_of(self.shape)


def elements_of(shape: Shape) -> int:
    """How many elements an array of a shape has."""
    size = 1
    for count in shape:
        size *= count
    return size


def lengths_along(shape: Shape, axis: int | None) -> tuple[int, int, int]:
    """How many elements lie before an axis, on it and behind it; without an axis all lie on it."""
    if axis is None:
        return 1, elements_of(shape), 1
    place = axis % len(shape)
    return elements_of(shape[:place]), shape[place], elements_of(shape[place + 1 :])


def place_text(own: Shape, shape: Shape) -> str:
    """Where an array that is repeated to a shape has the element at i, or at i and j."""
    indices = "ij"[: len(shape)][len(shape) - len(own) :]
    terms = [
        index if width == 1 else f"{index} * {width}"
        for index, size, width in zip(indices, own, [elements_of(own[k + 1 :]) for k in range(len(own))], strict=True)
        if size != 1 or own == shape
    ]
    return " + ".join(terms) or "0"


def index_text(steps: Sequence[int | str], start: int | str) -> str:
    """The index at i and j, with steps along the axes, from a start."""
    widths = [f"({step})" if isinstance(step, str) else step for step in steps]
    terms = [index if width == 1 else f"{index} * {width}" for index, width in zip("ij", widths, strict=False)]
    return " + ".join([*([str(start)] if str(start) != "0" or not terms else []), *terms])

"""What formulas say of an axis: the texts of those rows that go over all elements, or along an axis."""

from __future__ import annotations

from collections.abc import Sequence

Shapes = Sequence[tuple[int, ...]]


def back(axis: int | None, shape: tuple[int, ...], text: str) -> str:
    """A text for what was reduced along an axis of an operand, in a shape that fits the operand again."""
    if axis is None or len(shape) < 2 or axis % len(shape) == 0:
        return text
    return f"reshape({text}, {shape[0]}, 1)"


def suffix(axis: int | None) -> str:
    """What stands behind the operands of a call."""
    return "" if axis is None else f", axis = {axis}"


def count(axis: int | None, shape: tuple[int, ...]) -> int:
    """How many elements of an operand go into each of the result."""
    sizes = shape if axis is None else (shape[axis],)
    result = 1
    for size in sizes:
        result *= size
    return result

"""Numbers and arrays alike: what shape a value has, whether it is finite."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any


def shape_of(value: Any) -> tuple[int, ...]:
    """The sizes of an array; none for a number."""
    return () if type(value) is float else getattr(value, "shape", ())


def shapes_of(values: Sequence[Any]) -> list[tuple[int, ...]]:
    """The shape of each value."""
    return [shape_of(value) for value in values]


_MANY = 10_000  # elements, beyond which OpenBLAS shares a product among threads


def is_finite(value: Any) -> bool:
    """Whether a number, or every element of an array, is neither infinite nor NaN."""
    if type(value) is float:
        return isfinite(value)
    import numpy

    # a sum is faster and tells nearly all, but may overflow; one of squares warns of nothing, but takes many threads
    if value.size <= _MANY:
        total = numpy.vdot(value, value)
    else:
        with numpy.errstate(all="ignore"):
            total = numpy.add.reduce(value, None)
    return isfinite(total.real) or bool(numpy.isfinite(value).all())


def zero_like(value: Any) -> Any:
    """Zero, or an array of zeros, of the same shape."""
    if type(value) is float:
        return 0.0
    import numpy

    return numpy.zeros(value.shape)

"""What the kernels on arrays share: what a value is, how it is summed to a shape, what NumPy raises of misfits."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from adcli.rules import shapes
from adcli.rules.dispatch import is_finite

Array: TypeAlias = Any  # an array of floats, or a float


def value_of(result: Any) -> Array:
    """A float where the result has no shape; a complex number in a complex step."""
    if getattr(result, "shape", ()):
        return result
    return float(result) if isinstance(result, float) else np.asarray(result).item()


def as_array(value: Any) -> Any:
    """The value as an array, of no dimension for a number."""
    return value if type(value) is np.ndarray else np.asarray(value, complex if np.iscomplexobj(value) else float)


UNFIT = (ValueError, TypeError, AttributeError, IndexError)  # what NumPy raises where shapes do not fit


def check(rule: shapes.Rule, *operands: Array) -> Any:
    """The shape that a rule gives the result of some operands; raises Refused."""
    return rule([getattr(operand, "shape", ()) for operand in operands], operands)


def fitted(a: Array, shape: tuple[int, ...]) -> Array:
    """An array, summed over what was repeated of this shape, or repeated to it."""
    own = getattr(a, "shape", ())
    if own == shape:
        return a
    axes = repeated(own, shape)
    if axes is None:
        return np.broadcast_to(a, shape)
    if not axes:
        return a
    result = along_axis(a, axes[0]) if len(axes) == 1 and a.ndim == 2 else np.add.reduce(a, axes)
    return result.reshape(shape) if shape else value_of(result)


_LARGE = 4_096  # elements of a matrix
_NARROW = 100  # columns


def along_axis(a: Array, axis: int) -> Array:
    """The sums of a matrix along an axis.

    For a large and narrow one `einsum` takes a third of the time; its last digits depend on the machine. It tells
    nobody of an infinity.
    """
    if a.size >= _LARGE and a.shape[1] <= _NARROW:
        sums = np.einsum("ij->j" if axis == 0 else "ij->i", a)
        if is_finite(sums):
            return sums
    return np.add.reduce(a, axis)


@lru_cache(maxsize=10_000)
def repeated(own: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """The axes along which an array repeats one of another shape; None where that repeats the array."""
    if np.broadcast_shapes(own, shape) == shape:
        return None
    more = len(own) - len(shape)
    return (*range(more), *(more + place for place, size in enumerate(shape) if size == 1))

"""The operations on arrays, by NumPy: products, shapes, elements. A result without a shape is a float."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np

from adcli.rules import shapes
from adcli.rules.readings.values import UNFIT, Array, as_array, check, value_of
from adcli.rules.shapes import Refused, shape_text

# Products


def matmul(a: Array, b: Array) -> Array:
    """The product of vectors and matrices."""
    try:
        return value_of(a @ b)
    except UNFIT:
        check(shapes.product, a, b)
        raise


def dot(a: Array, b: Array) -> Array:
    """The sum of the products of the elements of two vectors."""
    check(shapes.dot, a, b)
    return value_of(a @ b)


def outer(a: Array, b: Array) -> Array:
    """All products of the elements of two vectors."""
    check(shapes.outer, a, b)
    room("outer", (float(a.size), float(b.size)))
    return np.multiply.outer(a, b)


# Shapes


def transpose(a: Array) -> Array:
    """Rows as columns."""
    return a.T if hasattr(a, "shape") else a


def trace(a: Array) -> Array:
    """The sum of the diagonal."""
    check(shapes.trace, a)
    return value_of(np.trace(a))


def diag(a: Array) -> Array:
    """The matrix with a diagonal, or the diagonal of a matrix."""
    check(shapes.diagonal, a)
    return np.diag(a).copy()


def tril(a: Array) -> Array:
    """The lower triangle, with the diagonal."""
    check(shapes.of_matrix("tril"), a)
    return np.tril(a)


def triu(a: Array) -> Array:
    """The upper triangle, with the diagonal."""
    check(shapes.of_matrix("triu"), a)
    return np.triu(a)


def copyltu(a: Array) -> Array:
    """The symmetric matrix with the same lower triangle."""
    check(shapes.of_square("copyltu", scalar=False), a)
    return np.tril(a) + np.tril(a, -1).T


def reshape(a: Array, *sizes: Array) -> Array:
    """The elements in another shape, row by row."""
    try:
        shape = _reshaped(getattr(a, "shape", ()), *sizes)
    except TypeError:  # an array, which has no hash
        shape = check(shapes.reshaped, a, *sizes)
    return as_array(a).reshape(shape)


@lru_cache(maxsize=10_000)
def _reshaped(shape: tuple[int, ...], *sizes: Array) -> Any:
    return shapes.reshaped([shape], [None, *sizes])


def concat(*operands: Array) -> Array:
    """Vectors end to end, matrices below each other."""
    check(shapes.joined, *operands)
    return np.concatenate(operands)


def first(*operands: Array) -> Array:
    """The first operand."""
    return operands[0]


def stack(*operands: Array) -> Array:
    """A vector of numbers, or a matrix of rows."""
    check(shapes.stacked, *operands)
    return np.array(operands)


def length(a: Array, axis: int = 0) -> Array:
    """The number of elements of a vector, or of rows of a matrix."""
    check(shapes.counted(axis), a)
    return float(a.shape[axis])


def select(mask: Array, chosen: Array, other: Array) -> Array:
    """Element by element the one or the other."""
    check(shapes.broadcast, mask, chosen, other)
    return value_of(np.where(np.not_equal(mask, 0), chosen, other))


def zeros(*sizes: Array) -> Array:
    """An array of zeros."""
    return np.zeros(room("zeros", sizes))


def ones(*sizes: Array) -> Array:
    """An array of ones."""
    return np.ones(room("ones", sizes))


_MOST_ELEMENTS = 2**28  # of one array: 2 GB


def room(name: str, sizes: Sequence[Array]) -> tuple[int, ...]:
    """The shape of a new array, if there is room for it."""
    shape = tuple(shapes.size_value(name, size) or 0 for size in sizes)
    if math.prod(shape) > _MOST_ELEMENTS:
        raise Refused(f"`{name}` is asked for {math.prod(shape):,} elements, for which there is no room", "too-large")
    return shape


def eye(*sizes: Array) -> Array:
    """Ones on the diagonal."""
    rows, columns = room("eye", sizes if len(sizes) == 2 else sizes * 2)
    return np.eye(rows, columns)


def linspace(a: Array, b: Array, count: Array) -> Array:
    """Numbers at equal distances from a to b."""
    check(shapes.spaced, a, b, count)
    room("linspace", (count,))
    return np.linspace(a, b, int(count))


# Elements


def subscript(shape: tuple[int, ...], pattern: str, bounds: Sequence[Array]) -> tuple[Any, ...]:
    """NumPy's index for subscripts such as `.:,.`, with the values of its points in order."""
    parts = _parts(pattern)
    if len(parts) > len(shape):
        raise Refused(f"{len(parts)} subscripts are too many for {shape_text(shape)}", "subscript")
    rest = iter(bounds)
    result: list[Any] = []
    for part, size in zip(parts, shape, strict=False):
        if part is None:
            result.append(_position(next(rest), size))
        else:
            start, stop, step = [_whole(next(rest)) if given else None for given in part]
            if step == 0:
                raise Refused("the step of a slice is not 0", "subscript")
            result.append(slice(start, stop, step))
    return tuple(result)


@cache
def _parts(pattern: str) -> tuple[tuple[bool, ...] | None, ...]:
    """For each subscript None, or of a slice which of its bounds are given: start, stop and step."""
    return tuple(
        None if part == "." else tuple(text != "" for text in [*part.split(":"), ""][:3]) for part in pattern.split(",")
    )


def _whole(bound: Array) -> int:
    if type(bound) is not float or not bound.is_integer():
        shown = f"{bound:.17g}" if type(bound) is float else shape_text(bound.shape)
        raise Refused(f"a subscript is a whole number, and this is {shown}", "subscript")
    return int(bound)


def _position(bound: Array, size: int) -> int:
    position = _whole(bound)
    if not -size <= position < size:
        help_text = f"they are counted from 0 to {size - 1}, or backward from -1 to -{size}" if size else ""
        raise Refused(f"there is no element {position} among {size}", "subscript", help_text)
    return position


def element(a: Array, *bounds_and_pattern: Any) -> Array:
    """An element, or a part of an array: no copy of it."""
    *bounds, pattern = bounds_and_pattern
    if type(a) is float:
        raise Refused("a number has no elements", "subscript")
    return value_of(a[subscript(a.shape, pattern, bounds)])


def update(a: Array, value: Array, *bounds_and_pattern: Any) -> Array:
    """A copy of an array with other elements in one place."""
    *bounds, pattern = bounds_and_pattern
    if type(a) is float:
        raise Refused("a number has no elements", "subscript")
    place = subscript(a.shape, pattern, bounds)
    given, room = getattr(value, "shape", ()), a[place].shape
    if given not in ((), room):
        shapes.fits_into(given, room)
    result = np.array(a, dtype=np.result_type(a, value))
    result[place] = value
    return result


_FLOATS = np.dtype(float)  # the one that all arrays of floats share: to compare would take longer than to read
SINGLE = ((".",), (".,.",))  # the settings of what reads or writes one element


def at_single(function: Callable[..., Array], pattern: str) -> Callable[..., Array]:
    """`element` or `update` for one element: the usual case at once, and all others by the function itself."""

    def place_in(a: Array, bounds: Sequence[Array]) -> tuple[int, ...] | None:
        """The place of an element of an array of floats; None where the function has to look."""
        if type(a) is not np.ndarray or a.ndim != len(bounds) or a.dtype is not _FLOATS:
            return None
        try:
            place = tuple([int(bound) for bound in bounds if type(bound) is float])
        except (ValueError, OverflowError):  # NaN, or an infinity
            return None
        return place if place == bounds else None

    def element_at(a: Array, *bounds: Array) -> Array:
        place = place_in(a, bounds)
        try:
            return function(a, *bounds, pattern) if place is None else a.item(place)
        except IndexError:
            return function(a, *bounds, pattern)

    def element_of_vector(a: Array, bound: Array) -> Array:
        if type(a) is np.ndarray and a.ndim == 1 and a.dtype is _FLOATS and type(bound) is float:
            try:
                place = int(bound)
                if place == bound:
                    return a.item(place)
            except (ValueError, OverflowError, IndexError):
                pass
        return function(a, bound, pattern)

    def update_at(a: Array, value: Array, *bounds: Array) -> Array:
        place = place_in(a, bounds) if type(value) is float else None
        if place is None:
            return function(a, value, *bounds, pattern)
        result = a.copy("K")  # as NumPy copies it anyway, column by column where it is so
        try:
            result[place] = value
        except IndexError:
            return function(a, value, *bounds, pattern)
        return result

    if function is update:
        return update_at
    return element_of_vector if pattern == "." else element_at

"""Spread, order and differences of the elements of an array, or along an axis, by NumPy."""

from __future__ import annotations

import numpy as np

from adcli.rules import placed_shapes, shapes
from adcli.rules.readings.sums import norm
from adcli.rules.readings.values import Array, check, value_of
from adcli.rules.shapes import Refused


def _checked(name: str, a: Array, axis: int | None) -> None:
    check(shapes.reduced(name, axis), a)
    if not a.size:
        raise Refused(f"`{name}` of an empty array has no value")


# Spread


def demeaned(a: Array, axis: int | None = None) -> Array:
    """a less its mean: exactly 0 where all are equal, and with all digits where the mean is large."""
    check(shapes.same("demeaned", axis), a)
    if not a.size:
        return a.copy()
    above = a - (a.flat[0] if axis is None else np.take(a, [0], axis))
    above -= np.mean(above, axis=axis, keepdims=True)
    return above


def var(a: Array, axis: int | None = None) -> Array:
    """The mean of the squares of what elements are above their mean."""
    _checked("var", a, axis)
    above = demeaned(a, axis)
    above *= above
    return value_of(np.mean(above, axis=axis))


def std(a: Array, axis: int | None = None) -> Array:
    """The root of the variance."""
    _checked("std", a, axis)
    above = demeaned(a, axis)
    return norm(above, axis) / np.sqrt(float(a.size if axis is None else a.shape[axis])).item()


# Order: where no axis is given, `sort` goes along the last one, and what gives one element goes over all


def _along(axis: int | None) -> int:
    return -1 if axis is None else axis


def sort(a: Array, axis: int | None = None) -> Array:
    """The elements from the smallest to the largest."""
    check(shapes.same("sort", axis), a)
    return np.sort(a, axis=_along(axis))


def argsort(a: Array, axis: int | None = None) -> Array:
    """The places of the elements from the smallest to the largest."""
    check(shapes.same("argsort", axis), a)
    return np.argsort(a, axis=_along(axis), kind="stable").astype(float)


def sort_along(a: Array, b: Array, axis: int | None = None) -> Array:
    """b in the order of a; of equal elements of a the first goes first."""
    check(shapes.alike("sort_along", axis), a, b)
    return np.take_along_axis(b, np.argsort(a.real, axis=_along(axis), kind="stable"), _along(axis))


def sort_back(a: Array, b: Array, axis: int | None = None) -> Array:
    """b, which is in the order of a, back at the places of a."""
    check(shapes.alike("sort_back", axis), a, b)
    result = np.empty_like(b)
    np.put_along_axis(result, np.argsort(a.real, axis=_along(axis), kind="stable"), b, _along(axis))
    return result


def argmax(a: Array, axis: int | None = None) -> Array:
    """The place of the largest element; of a matrix without an axis, counted row by row."""
    _checked("argmax", a, axis)
    return _as_floats(np.argmax(a, axis=axis))


def argmin(a: Array, axis: int | None = None) -> Array:
    """The place of the smallest element."""
    _checked("argmin", a, axis)
    return _as_floats(np.argmin(a, axis=axis))


def _as_floats(places: Array) -> Array:
    return places.astype(float) if places.shape else float(places)


def median(a: Array, axis: int | None = None) -> Array:
    """The element in the middle, or the mean of the two; NaN if any is."""
    _checked("median", a, axis)
    lines, along = (a.ravel(), 0) if axis is None else (a, axis)
    ordered, size = np.sort(lines, axis=along), lines.shape[along]
    low, high, last = (np.take(ordered, place, along) for place in ((size - 1) // 2, size // 2, size - 1))
    mean = (low + high) / 2
    mean = np.where(np.isinf(mean), low / 2 + high / 2, mean)
    return value_of(np.where(np.isnan(last), np.nan, mean if size % 2 == 0 else low))


# Places


def diff(a: Array, axis: int | None = None) -> Array:
    """Each element less the one before it."""
    check(placed_shapes.shorter("diff", axis), a)
    return np.diff(a, axis=_along(axis))


def roll(a: Array, k: Array, axis: int | None = None) -> Array:
    """The elements moved so many places onward, the last ones to the front; of a matrix without an axis row by row."""
    check(placed_shapes.moved_by("roll", axis), a, k)
    return np.roll(a, int(k.real), axis)

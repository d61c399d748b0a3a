"""The operations that go over all elements of an array, or along an axis; and what repeats an array, or undoes that."""

from __future__ import annotations

import cmath
import threading
import weakref
from functools import lru_cache, partial
from typing import Any

import numpy as np

from adcli.records import NamedTuple
from adcli.rules import shapes
from adcli.rules.dispatch import is_finite
from adcli.rules.readings.values import UNFIT, Array, along_axis, check, fitted, repeated, value_of
from adcli.rules.shapes import Refused


def _reduced_by(name: str, a: Array, axis: int | None = None) -> Array:
    try:
        if name in ("mean", "max", "min") and not a.size:
            check(shapes.reduced(name, axis), a)
            raise Refused(f"`{name}` of an empty array has no value")
        return value_of(np.add.reduce(a, axis) if name == "sum" and a.shape else getattr(a, name)(axis))
    except UNFIT:
        check(shapes.reduced(name, axis), a)
        raise


# `max` and the others in the names that are left: what goes over all elements, or along an axis
total, mean, product, largest, smallest = (partial(_reduced_by, name) for name in ("sum", "mean", "prod", "max", "min"))


def norm(a: Array, axis: int | None = None) -> Array:
    """The length of a vector, without overflow; of a matrix the root of the sum of its squares."""
    check(shapes.reduced("norm", axis), a)
    scale = np.max(np.abs(a), axis=axis, keepdims=True, initial=0.0)
    scale = np.where(
        (scale == 0) | ~np.isfinite(scale), 1.0, np.exp2(np.floor(np.log2(np.where(scale == 0, 1, scale))))
    )
    scale = np.where(np.isfinite(scale) & (scale > 0), scale, 1.0)
    scaled = np.sqrt(np.sum((a / scale) ** 2, axis=axis, keepdims=True)) * scale
    return value_of(scaled.reshape(check(shapes.reduced("norm", axis), a)))


def cumsum(a: Array, axis: int | None = None) -> Array:
    """The sums of the elements up to each."""
    check(shapes.vector_only("cumsum") if axis is None else shapes.same("cumsum", axis), a)
    return np.cumsum(a, axis=axis)


def cumprod(a: Array, axis: int | None = None) -> Array:
    """The products of the elements up to each."""
    check(shapes.vector_only("cumprod") if axis is None else shapes.same("cumprod", axis), a)
    return np.cumprod(a, axis=axis)


class _Exponentials(NamedTuple):
    """What `logsumexp` and its derivative share: the largest elements, exponentials of what is below, their sums."""

    of: weakref.ref[Any]
    axis: int | None
    largest: Array
    powers: Array
    sums: Array


class _Latest(threading.local):
    """Those of the last arrays, which a sweep soon asks for again: of each thread, as another would undo `forget`."""

    def __init__(self) -> None:
        self.kept: list[_Exponentials] = []


_latest = _Latest()
_MOST_LATEST = 3


def forget(a: Array) -> None:
    """An array is written to: what was computed of it holds no longer."""
    _latest.kept = [known for known in _latest.kept if known.of() is not a]


def _exponentials(a: Array, axis: int | None) -> _Exponentials:
    for known in _latest.kept:
        if known.of() is a and known.axis == axis:
            return known
    whole = axis is None or a.ndim < 2
    if whole:
        largest: Any = np.maximum.reduce(a, None, initial=-np.inf)
    else:
        largest = np.maximum.reduce(a, axis, keepdims=True, initial=-np.inf)
    if not (cmath.isfinite(largest) if whole else is_finite(largest)):
        largest = np.where(np.isfinite(largest), largest, 0.0)
    powers = a - largest
    np.exp(powers, out=powers)
    sums = np.add.reduce(powers, None) if whole else along_axis(powers, (axis or 0) % 2).reshape(largest.shape)
    exponentials = _Exponentials(weakref.ref(a, _drop), axis, largest, powers, sums)
    _latest.kept = [exponentials, *_latest.kept[: _MOST_LATEST - 1]]
    return exponentials


def _drop(of: weakref.ref[Any]) -> None:
    _latest.kept = [known for known in _latest.kept if known.of is not of]


def logsumexp(a: Array, axis: int | None = None) -> Array:
    """The logarithm of the sum of the exponentials, without overflow."""
    shape = _reduced("logsumexp", axis, getattr(a, "shape", ()))
    exponentials = _exponentials(a, axis)
    result = np.log(exponentials.sums) + exponentials.largest
    return value_of(result.reshape(shape) if shape else result)


@lru_cache(maxsize=10_000)
def _reduced(name: str, axis: int | None, shape: tuple[int, ...]) -> Any:
    return shapes.reduced(name, axis)([shape], ())


def softmax(a: Array, axis: int | None = None) -> Array:
    """The exponentials divided by their sum, without overflow."""
    _reduced("softmax", axis, getattr(a, "shape", ()))
    exponentials = _exponentials(a, axis)
    return exponentials.powers / exponentials.sums


def log_softmax(a: Array, axis: int | None = None) -> Array:
    """a less logsumexp(a): that of the largest element is the logarithm of 1 and what the others add to it."""
    _reduced("log_softmax", axis, getattr(a, "shape", ()))
    exponentials = _exponentials(a, axis)
    others, whole = exponentials.powers.copy(), axis is None or a.ndim < 2
    if not a.size:
        return others
    if whole:
        others.flat[a.argmax()] = 0.0
    else:
        np.put_along_axis(others, a.argmax(axis, keepdims=True), 0.0, axis)
    total = np.add.reduce(others, None) if whole else np.add.reduce(others, axis, keepdims=True)
    return a - exponentials.largest - np.log1p(total)


def softmax_along(a: Array, b: Array, axis: int | None = None) -> Array:
    """How the softmax of a changes along b: of each element its weight times how far b is above its mean there."""
    above, exponentials = _above_mean("softmax_along", a, b, axis)
    above *= exponentials.powers
    above /= exponentials.sums
    return above


def centered(a: Array, b: Array, axis: int | None = None) -> Array:
    """b less its mean, with the softmax of a for weights."""
    return _above_mean("centered", a, b, axis)[0]


def _above_mean(name: str, a: Array, b: Array, axis: int | None) -> tuple[Array, _Exponentials]:
    """A new array of b less its mean, and the exponentials that are its weights.

    Counted from the element that weighs most: where that has nearly all of the weight, b there is nearly the mean.
    """
    _alike(name, axis, getattr(a, "shape", ()), getattr(b, "shape", ()))
    exponentials = _exponentials(a, axis)
    above = b - at_heaviest(a, b, axis)
    powers, sums = exponentials.powers, exponentials.sums
    if above.dtype != powers.dtype:  # only the one is complex
        above = above.astype(complex)
    if axis is None or a.ndim < 2:
        above -= powers.ravel() @ above.ravel() / sums
    else:
        above -= np.einsum("ij,ij->j" if axis % 2 == 0 else "ij,ij->i", powers, above).reshape(sums.shape) / sums
    return above, exponentials


@lru_cache(maxsize=10_000)
def _alike(name: str, axis: int | None, *pair: tuple[int, ...]) -> Any:
    return shapes.alike(name, axis)(pair, ())


def at_heaviest(a: Array, b: Array, axis: int | None) -> Array:
    """b where the softmax of a is largest; 0 where there is no element."""
    if not a.size:
        return 0.0
    if axis is None or a.ndim < 2:
        return b.item(int(a.argmax()))
    return np.take_along_axis(b, a.argmax(axis, keepdims=True), axis)


def softmax_times(a: Array, factor: Array, axis: int | None = None) -> Array:
    """The softmax times what its sums are divided into, which saves a walk through all elements."""
    _reduced("softmax", axis, getattr(a, "shape", ()))
    exponentials = _exponentials(a, axis)
    return exponentials.powers * (factor / exponentials.sums)


def scaled(fresh: Array, factor: Array) -> Array:
    """The product element by element, in the memory of an array that was computed for nothing else."""
    own, other = getattr(fresh, "shape", ()), getattr(factor, "shape", ())
    if not own or (other and (fresh.dtype != factor.dtype or (own != other and repeated(other, own) is not None))):
        return factor * fresh
    fresh *= factor
    return fresh


def expand(a: Array, b: Array) -> Array:
    """a, repeated to the shape of b."""
    shape = getattr(b, "shape", ())
    if not shape:
        return check(shapes.like_second("expand"), a, b) or a
    result = np.empty(shape, getattr(a, "dtype", type(a)))
    try:
        result[...] = a
    except ValueError:
        check(shapes.like_second("expand"), a, b)
        raise
    return result


def sum_to(a: Array, b: Array) -> Array:
    """a, summed to the shape of b: what a value that was repeated receives."""
    shape = check(shapes.like_second("sum_to"), a, b)
    return fitted(a, shape)

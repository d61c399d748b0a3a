"""The operations on arrays, by NumPy. A result without a shape is a float. Imported where a program has arrays."""

from __future__ import annotations

import cmath
import math
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from adcli.rules import shapes
from adcli.rules.dispatch import is_finite
from adcli.rules.primitive import Refused
from adcli.rules.shapes import shape_text

Array: TypeAlias = Any  # an array of floats, or a float

_EPSILON = float(np.finfo(float).eps)


def value_of(result: Any) -> Array:
    """A float where the result has no shape; a complex number in a complex step."""
    if getattr(result, "shape", ()):
        return result
    return float(result) if isinstance(result, float) else np.asarray(result).item()


def as_array(value: Any) -> Any:
    """The value as an array, of no dimension for a number."""
    return value if type(value) is np.ndarray else np.asarray(value, complex if np.iscomplexobj(value) else float)


# Element by element


def _power(a: Array, b: Array) -> Array:
    if type(b) is float and b == 1.0:
        return a  # as in the derivative of a square
    return a**b  # which knows squares and roots; `np.power` takes ten times as long for them


def _sech(a: Array) -> Array:
    small = np.exp(-np.abs(a))
    return 2 * small / (1 + small * small)


def _sigmoid(a: Array) -> Array:
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, small) / (1 + small)


def _softplus(a: Array) -> Array:
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))


def _relu(a: Array) -> Array:
    return np.where(a <= 0, 0.0, a)


def _extreme(choose: Any) -> Callable[..., Array]:
    def extreme(*operands: Array) -> Array:
        result = operands[0]
        for operand in operands[1:]:
            result = choose(result, operand)
        return result

    return extreme


def _share(choose: Any) -> Callable[..., Array]:
    def share(*operands: Array) -> Array:
        largest = _extreme(choose)(*operands)
        ties = sum(np.equal(operand, largest).astype(float) for operand in operands)
        return np.where(np.isnan(largest), np.nan, np.where(operands[0] == largest, 1 / np.maximum(ties, 1), 0.0))

    return share


def _gauss(a: Array) -> Array:
    scaled = 134217729.0 * a  # as in special.py
    high = scaled - (scaled - a)
    low = a - high
    return np.where(np.abs(a) > 28, 0.0, np.exp(-high * high) * np.exp(-low * (a + high)))


def _mask(compare: Any) -> Callable[..., Array]:
    return lambda *operands: compare(*operands).astype(float)


ELEMENTWISE: Mapping[str, Callable[..., Array]] = {
    "pow": _power, "cbrt": np.cbrt, "sech": _sech, "gauss": _gauss, "sigmoid": _sigmoid, "softplus": _softplus,
    "relu": _relu, "sign": np.sign,
    "max": _extreme(np.maximum), "min": _extreme(np.minimum), "is_max": _share(np.maximum),
    "is_min": _share(np.minimum), "floor": np.floor, "ceil": np.ceil, "round": np.rint, "mod": np.mod,
    "<": _mask(np.less), "<=": _mask(np.less_equal), ">": _mask(np.greater), ">=": _mask(np.greater_equal),
    "==": _mask(np.equal), "!=": _mask(np.not_equal), "and": _mask(np.logical_and), "or": _mask(np.logical_or),
    "not": _mask(np.logical_not),
}  # fmt: skip


# Sums and the like, along an axis or over all elements


def _check(rule: shapes.Rule, *operands: Array) -> Any:
    return rule([getattr(operand, "shape", ()) for operand in operands], operands)


_UNFIT = (ValueError, TypeError, AttributeError, IndexError)  # what NumPy raises where shapes do not fit


def reduction(a: Array, name: str, axis: int | None) -> Array:
    """`sum`, `mean`, `prod`, `max` or `min` of an array."""
    try:
        if name in ("mean", "max", "min") and not a.size:
            _check(shapes.reduced(name, axis), a)
            raise Refused(f"`{name}` of an empty array has no value")
        return value_of(np.add.reduce(a, axis) if name == "sum" and a.shape else getattr(a, name)(axis))
    except _UNFIT:
        _check(shapes.reduced(name, axis), a)
        raise


def norm(a: Array, axis: int | None = None) -> Array:
    """The length of a vector, without overflow; of a matrix the root of the sum of its squares."""
    _check(shapes.reduced("norm", axis), a)
    scale = np.max(np.abs(a), axis=axis, keepdims=True, initial=0.0)
    scale = np.where(
        (scale == 0) | ~np.isfinite(scale), 1.0, np.exp2(np.floor(np.log2(np.where(scale == 0, 1, scale))))
    )
    scale = np.where(np.isfinite(scale) & (scale > 0), scale, 1.0)
    scaled = np.sqrt(np.sum((a / scale) ** 2, axis=axis, keepdims=True)) * scale
    return value_of(scaled.reshape(_check(shapes.reduced("norm", axis), a)))


def cumsum(a: Array, axis: int | None = None) -> Array:
    """The sums of the elements up to each."""
    _check(shapes.vector_only("cumsum") if axis is None else shapes.same("cumsum", axis), a)
    return np.cumsum(a, axis=axis)


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
        self.found: list[_Exponentials] = []


REMEMBERING = ("logsumexp", "softmax")
_latest = _Latest()
_MOST_LATEST = 3


def forget(a: Array) -> None:
    """An array is written to: what was computed of it holds no longer."""
    _latest.found = [one for one in _latest.found if one.of() is not a]


def _exponentials(a: Array, axis: int | None) -> _Exponentials:
    for one in _latest.found:
        if one.of() is a and one.axis == axis:
            return one
    whole = axis is None or a.ndim < 2
    if whole:
        largest: Any = np.maximum.reduce(a, None, initial=-np.inf)
    else:
        largest = np.maximum.reduce(a, axis, keepdims=True, initial=-np.inf)
    if not (cmath.isfinite(largest) if whole else is_finite(largest)):
        largest = np.where(np.isfinite(largest), largest, 0.0)
    powers = a - largest
    np.exp(powers, out=powers)
    sums = np.add.reduce(powers, None) if whole else _along(powers, (axis or 0) % 2).reshape(largest.shape)
    found = _Exponentials(weakref.ref(a, _drop), axis, largest, powers, sums)
    _latest.found = [found, *_latest.found[: _MOST_LATEST - 1]]
    return found


def _drop(of: weakref.ref[Any]) -> None:
    _latest.found = [one for one in _latest.found if one.of is not of]


def logsumexp(a: Array, axis: int | None = None) -> Array:
    """The logarithm of the sum of the exponentials, without overflow."""
    shape = _reduced("logsumexp", axis, getattr(a, "shape", ()))
    found = _exponentials(a, axis)
    result = np.log(found.sums) + found.largest
    return value_of(result.reshape(shape) if shape else result)


@lru_cache(maxsize=10_000)
def _reduced(name: str, axis: int | None, shape: tuple[int, ...]) -> Any:
    return shapes.reduced(name, axis)([shape], ())


def softmax(a: Array, axis: int | None = None) -> Array:
    """The exponentials divided by their sum, without overflow."""
    _reduced("softmax", axis, getattr(a, "shape", ()))
    found = _exponentials(a, axis)
    return found.powers / found.sums


def softmax_times(a: Array, factor: Array, axis: int | None = None) -> Array:
    """The softmax times what its sums are divided into, which saves a walk through all elements."""
    _reduced("softmax", axis, getattr(a, "shape", ()))
    found = _exponentials(a, axis)
    return found.powers * (factor / found.sums)


# Products


def scaled(fresh: Array, factor: Array) -> Array:
    """The product element by element, in the memory of an array that was computed for nothing else."""
    own, other = getattr(fresh, "shape", ()), getattr(factor, "shape", ())
    if not own or (other and (fresh.dtype != factor.dtype or (own != other and _repeated(other, own) is not None))):
        return factor * fresh
    fresh *= factor
    return fresh


def matmul(a: Array, b: Array) -> Array:
    """The product of vectors and matrices."""
    try:
        return value_of(a @ b)
    except _UNFIT:
        _check(shapes.product, a, b)
        raise


def dot(a: Array, b: Array) -> Array:
    """The sum of the products of the elements of two vectors."""
    _check(shapes.dot, a, b)
    return value_of(a @ b)


def outer(a: Array, b: Array) -> Array:
    """All products of the elements of two vectors."""
    _check(shapes.outer, a, b)
    _room("outer", (float(a.size), float(b.size)))
    return np.multiply.outer(a, b)


# Shapes


def transpose(a: Array) -> Array:
    """Rows as columns."""
    return a if type(a) is float else a.T


def trace(a: Array) -> Array:
    """The sum of the diagonal."""
    _check(shapes.trace, a)
    return value_of(np.trace(a))


def diag(a: Array) -> Array:
    """The matrix with a diagonal, or the diagonal of a matrix."""
    _check(shapes.diagonal, a)
    return np.diag(a).copy()


def tril(a: Array) -> Array:
    """The lower triangle, with the diagonal."""
    _check(shapes.of_matrix("tril"), a)
    return np.tril(a)


def triu(a: Array) -> Array:
    """The upper triangle, with the diagonal."""
    _check(shapes.of_matrix("triu"), a)
    return np.triu(a)


def copyltu(a: Array) -> Array:
    """The symmetric matrix with the same lower triangle."""
    _check(shapes.of_square("copyltu", scalar=False), a)
    return np.tril(a) + np.tril(a, -1).T


def reshape(a: Array, *sizes: Array) -> Array:
    """The elements in another shape, row by row."""
    try:
        shape = _reshaped(getattr(a, "shape", ()), *sizes)
    except TypeError:  # an array, which has no hash
        shape = _check(shapes.reshaped, a, *sizes)
    return as_array(a).reshape(shape)


@lru_cache(maxsize=10_000)
def _reshaped(shape: tuple[int, ...], *sizes: Array) -> Any:
    return shapes.reshaped([shape], [None, *sizes])


def concat(*operands: Array) -> Array:
    """Vectors end to end, matrices below each other."""
    _check(shapes.joined, *operands)
    return np.concatenate(operands)


def stack(*operands: Array) -> Array:
    """A vector of numbers, or a matrix of rows."""
    _check(shapes.stacked, *operands)
    return np.array(operands)


def length(a: Array, axis: int = 0) -> Array:
    """The number of elements of a vector, or of rows of a matrix."""
    _check(shapes.counted(axis), a)
    return float(a.shape[axis])


def select(mask: Array, chosen: Array, other: Array) -> Array:
    """Element by element the one or the other."""
    _check(shapes.broadcast, mask, chosen, other)
    return value_of(np.where(np.not_equal(mask, 0), chosen, other))


def zeros(*sizes: Array) -> Array:
    """An array of zeros."""
    return np.zeros(_room("zeros", sizes))


def ones(*sizes: Array) -> Array:
    """An array of ones."""
    return np.ones(_room("ones", sizes))


_MOST_ELEMENTS = 2**28  # of one array: 2 GB


def _room(name: str, sizes: Sequence[Array]) -> tuple[int, ...]:
    """The shape of a new array, if there is room for it."""
    shape = tuple(shapes.size_value(name, size) or 0 for size in sizes)
    if math.prod(shape) > _MOST_ELEMENTS:
        raise Refused(f"`{name}` is asked for {math.prod(shape):,} elements, for which there is no room", "too-large")
    return shape


def eye(*sizes: Array) -> Array:
    """Ones on the diagonal."""
    rows, columns = _room("eye", sizes if len(sizes) == 2 else sizes * 2)
    return np.eye(rows, columns)


def linspace(a: Array, b: Array, count: Array) -> Array:
    """Numbers at equal distances from a to b."""
    _check(shapes.spaced, a, b, count)
    _room("linspace", (count,))
    return np.linspace(a, b, int(count))


def expand(a: Array, b: Array) -> Array:
    """a, repeated to the shape of b."""
    shape = getattr(b, "shape", ())
    if not shape:
        return _check(shapes.like_second("expand"), a, b) or a
    result = np.empty(shape, getattr(a, "dtype", type(a)))
    try:
        result[...] = a
    except ValueError:
        _check(shapes.like_second("expand"), a, b)
        raise
    return result


def sum_to(a: Array, b: Array) -> Array:
    """a, summed to the shape of b: what a value that was repeated receives."""
    shape = _check(shapes.like_second("sum_to"), a, b)
    return fitted(a, shape)


def fitted(a: Array, shape: tuple[int, ...]) -> Array:
    """An array, summed over what was repeated of this shape, or repeated to it."""
    own = getattr(a, "shape", ())
    if own == shape:
        return a
    axes = _repeated(own, shape)
    if axes is None:
        return np.broadcast_to(a, shape)
    if not axes:
        return a
    result = _along(a, axes[0]) if len(axes) == 1 and a.ndim == 2 else np.add.reduce(a, axes)
    return result.reshape(shape) if shape else value_of(result)


_LARGE = 4_096  # elements of a matrix
_NARROW = 100  # columns


def _along(a: Array, axis: int) -> Array:
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
def _repeated(own: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """The axes along which an array repeats one of another shape; None where that repeats the array."""
    if np.broadcast_shapes(own, shape) == shape:
        return None
    more = len(own) - len(shape)
    return (*range(more), *(more + place for place, size in enumerate(shape) if size == 1))


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


SINGLE = ((".",), (".,.",))  # the settings of what reads or writes one element


def at_single(function: Callable[..., Array], pattern: str) -> Callable[..., Array]:
    """`element` or `update` for one element: the usual case at once, and all others by the function itself."""

    def place_in(a: Array, bounds: Sequence[Array]) -> tuple[int, ...] | None:
        """The place of an element of an array of floats; None where the function has to look."""
        if type(a) is not np.ndarray or a.ndim != len(bounds) or a.dtype != float:
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

    return element_at if function is element else update_at


# Linear algebra


def _finite(name: str, a: Array) -> None:
    if not np.all(np.isfinite(a)):
        raise Refused(f"`{name}` is given a matrix with values that are not finite", "not-finite")


def singular(name: str, a: Array) -> Refused:
    """What is said of a matrix that has no inverse, as far as can be told."""
    condition = float(np.linalg.cond(a)) if np.all(np.isfinite(a)) else math.nan
    shown = f"{condition:.1e}" if math.isfinite(condition) else "infinite"
    message = (
        f"`{name}` cannot do with a singular matrix: the condition number of this {shape_text(a.shape)[2:]} is {shown}"
    )
    return Refused(message, "singular", "its rows or columns depend on each other: look for one that stands twice")


def _refuse_singular(name: str, a: Array, largest: Any) -> None:
    """The condition number costs more than the solution: it is asked for where the solution is suspicious."""
    suspicious = not np.isfinite(largest) or largest * np.max(np.abs(a), initial=0.0) > 1e13
    if suspicious and not np.linalg.cond(a) < 1 / _EPSILON:
        raise singular(name, a)


def solve(a: Array, b: Array) -> Array:
    """x with a @ x = b."""
    _check(shapes.solved, a, b)
    _finite("solve", a)
    try:
        result = np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        raise singular("solve", a) from None
    size = np.max(np.abs(b), initial=0.0)
    if np.isfinite(size):
        _refuse_singular("solve", a, np.max(np.abs(result), initial=0.0) / (size or 1.0))
    return result


def inv(a: Array) -> Array:
    """The inverse."""
    _check(shapes.of_square("inv", scalar=False), a)
    _finite("inv", a)
    try:
        result = np.linalg.inv(a)
    except np.linalg.LinAlgError:
        raise singular("inv", a) from None
    _refuse_singular("inv", a, np.max(np.abs(result), initial=0.0))
    return result


def det(a: Array) -> Array:
    """The determinant."""
    _check(shapes.of_square("det", scalar=True), a)
    return value_of(np.linalg.det(a))


def cofactor(a: Array) -> Array:
    """The matrix of the cofactors: of a small matrix as its minors, else from its singular values.

    Both ways it exists for a singular matrix as well. A minor has all its digits, and is exactly 0 where its zeros
    make it so.
    """
    _check(shapes.of_square("cofactor", scalar=False), a)
    _finite("cofactor", a)
    if len(a) == 2:
        return np.array([[a[1, 1], -a[1, 0]], [-a[0, 1], a[0, 0]]])
    if len(a) == 3:
        return np.cross(a[[1, 2, 0]], a[[2, 0, 1]])
    left, values, right = np.linalg.svd(a)
    sign = np.sign(np.linalg.det(left)) * np.sign(np.linalg.det(right))
    others = np.array([math.prod(np.delete(values, place)) for place in range(len(values))])
    return sign * (left * others) @ right


def logdet(a: Array) -> Array:
    """The logarithm of the absolute value of the determinant."""
    _check(shapes.of_square("logdet", scalar=True), a)
    return float(np.linalg.slogdet(a)[1])


def cholesky(a: Array) -> Array:
    """The lower triangle L with L @ L' the symmetric part of a."""
    _check(shapes.of_square("cholesky", scalar=False), a)
    _finite("cholesky", a)
    symmetric = (a + a.T) / 2
    try:
        return np.linalg.cholesky(symmetric)
    except np.linalg.LinAlgError:
        least = float(np.linalg.eigvalsh(symmetric)[0])
        message = f"`cholesky` needs a positive definite matrix, and the least eigenvalue of this one is {least:.3g}"
        raise Refused(message, "singular", "a small multiple of `eye(n)` added to it may help") from None


def qr(a: Array) -> Array:
    """Q and R below each other; the diagonal of R is positive, which makes them unique and smooth."""
    _check(shapes.qr, a)
    _finite("qr", a)
    q, r = np.linalg.qr(a)
    signs = np.where(np.diag(r) < 0, -1.0, 1.0)
    return np.concatenate([q * signs, r * signs[:, None]])


def lstsq(a: Array, b: Array) -> Array:
    """The x for which a @ x is nearest to b."""
    _check(shapes.least_squares, a, b)
    _finite("lstsq", a)
    result, _, rank, _ = np.linalg.lstsq(a, b, rcond=None)
    if rank < a.shape[1]:
        raise singular("lstsq", a)
    return result

"""The operations on whole arrays once more, on arrays of mpmath's numbers; `precise.py` has those on numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

from adcli.rules.einsum import subscripts_of
from adcli.rules.readings.arrays import subscript

Array = Any  # of dtype object; of no dimension for a number

_log, _exp, _sqrt = (np.frompyfunc(function, 1, 1) for function in (mpmath.log, mpmath.exp, mpmath.sqrt))


def as_array(function: Callable[..., Any]) -> Callable[..., Array]:
    """A kernel that gives an array, also of no dimension."""
    return lambda *operands: np.asarray(function(*operands), dtype=object)


def _softmax(a: Array, axis: int | None = None) -> Array:
    return _exp(a) / np.sum(_exp(a), axis=axis, keepdims=True)


def _log_softmax(a: Array, axis: int | None = None) -> Array:
    below = a - np.max(a, axis=axis, keepdims=True)  # of one element alone it is 0, not 0 to 50 digits
    return below - _log(np.sum(_exp(below), axis=axis, keepdims=True))


def _centered(a: Array, b: Array, axis: int | None = None) -> Array:
    return b - np.sum(_softmax(a, axis) * b, axis=axis, keepdims=True)


def _mean(a: Array, axis: int | None = None) -> Array:
    return np.sum(a, axis=axis) / (a.size if axis is None else a.shape[axis])


def _element(array: Array, *bounds_and_pattern: Any) -> Array:
    *bounds, pattern = bounds_and_pattern
    return array[subscript(array.shape, pattern, [float(bound.item()) for bound in bounds])]


def _update(array: Array, value: Array, *bounds_and_pattern: Any) -> Array:
    *bounds, pattern = bounds_and_pattern
    result = np.array(array)
    place = subscript(array.shape, pattern, [float(bound.item()) for bound in bounds])
    result[place] = value if value.shape else value.item()  # NumPy would put the array itself there
    return result


def _sum_to(a: Array, b: Array) -> Array:
    while a.ndim > b.ndim:
        a = np.asarray(np.sum(a, axis=0), dtype=object)
    for axis, size in enumerate(b.shape):
        if size == 1:
            a = np.sum(a, axis=axis, keepdims=True)
    return a


def _sizes(*sizes: Array) -> tuple[int, ...]:
    return tuple(int(size) for size in sizes)


def _linspace(a: Array, b: Array, count: Array) -> Array:
    steps = int(count) - 1
    return np.array([a + (b - a) * place / max(steps, 1) for place in range(steps + 1)], dtype=object)


def _demeaned(a: Array, axis: int | None = None) -> Array:
    return a - (np.sum(a, axis=axis, keepdims=True) / (a.size if axis is None else a.shape[axis]) if a.size else 0)


def _var(a: Array, axis: int | None = None) -> Array:
    return _mean(_demeaned(a, axis) ** 2, axis)


def _median(a: Array, axis: int | None = None) -> Array:
    lines, along = (a.ravel(), 0) if axis is None else (a, axis)
    ordered, size = np.sort(lines, axis=along), lines.shape[along]
    return (np.take(ordered, (size - 1) // 2, along) + np.take(ordered, size // 2, along)) / 2


def _sort_along(a: Array, b: Array, axis: int | None = None) -> Array:
    along = -1 if axis is None else axis
    return np.take_along_axis(b, np.argsort(a, axis=along, kind="stable"), along)


def _sort_back(a: Array, b: Array, axis: int | None = None) -> Array:
    along = -1 if axis is None else axis
    places = np.argsort(np.argsort(a, axis=along, kind="stable"), axis=along)
    return np.take_along_axis(b, places, along)


def _places(a: Array) -> Array:
    return np.asarray(a, dtype=object) + mpmath.mpf(0)


def _sum_tiles(a: Array, b: Array) -> Array:
    result = np.full(b.shape, mpmath.mpf(0), dtype=object)
    for place in np.ndindex(*a.shape):
        own = place[len(place) - b.ndim :]
        result[tuple(i % size for i, size in zip(own, b.shape, strict=True))] += a[place]
    return result


def _blocks(a: Array, rows: Array, columns: Array) -> Array:
    m, n = _sizes(rows, columns)
    places = [(i, j) for i in range(0, a.shape[0], m) for j in range(0, a.shape[1], n)]
    return np.array([a[i : i + m, j : j + n].ravel() for i, j in places], dtype=object)


def _sum_at(a: Array, b: Array, c: Array) -> Array:
    result = np.full(c.shape, mpmath.mpf(0), dtype=object)
    for place, value in zip(b.ravel(), a.ravel(), strict=True):
        result[int(place)] += value
    return result


def _polyval(p: Array, x: Array) -> Array:
    value = 0 * x
    for coefficient in p:
        value = value * x + coefficient
    return value


def _interp(x: Array, knots: Array, heights: Array) -> Array:
    def at(number: Any) -> Any:
        place = int(np.sum(knots < number))
        if place in (0, len(knots)):
            return heights[0] if place == 0 else heights[-1]
        share = (number - knots[place - 1]) / (knots[place] - knots[place - 1])
        return heights[place - 1] + share * (heights[place] - heights[place - 1])

    return np.frompyfunc(at, 1, 1)(x)


def _searchsorted(knots: Array, x: Array) -> Array:
    return np.frompyfunc(lambda number: mpmath.mpf(int(np.sum(knots < number))), 1, 1)(x)


# Linear algebra, with mpmath's matrices


def _matrix(a: Array) -> Any:
    return mpmath.matrix(a.tolist())


def _array(matrix: Any, shape: tuple[int, ...]) -> Array:
    return np.array(list(matrix), dtype=object).reshape(shape)


def _det(a: Array) -> Any:
    return mpmath.det(_matrix(a)) if len(a) else mpmath.mpf(1)


def _cofactor(a: Array) -> Array:
    if len(a) == 1:
        return np.array([[mpmath.mpf(1)]], dtype=object)
    place = range(len(a))
    return np.array(
        [[(-1) ** (i + j) * _det(np.delete(np.delete(a, i, 0), j, 1)) for j in place] for i in place], dtype=object
    )


def _cofactor_along(a: Array, b: Array) -> Array:
    """The sum of what each row of b brings in the place of that of a: determinants are linear in their rows."""
    total = np.full(a.shape, mpmath.mpf(0), dtype=object)
    for row in range(len(a)):
        mixed = np.array(a)
        mixed[row] = b[row]
        changed = _cofactor(mixed)
        changed[row] = mpmath.mpf(0)  # a cofactor does not depend on its own row
        total = total + changed
    return total


def _inv(a: Array) -> Array:
    return _array(mpmath.inverse(_matrix(a)), a.shape)


def _solve_triangular(a: Array, b: Array, lower: Any = 0) -> Array:
    return _inv(KERNELS["tril" if lower else "triu"](a)) @ b


def _pinv(a: Array) -> Array:
    return _inv(a.T @ a) @ a.T if a.shape[0] >= a.shape[1] else a.T @ _inv(a @ a.T)


def _power(a: Array, exponent: Any) -> Array:
    base, result = a if exponent >= 0 else _inv(a), KERNELS["eye"](len(a))
    for digit in f"{abs(int(exponent)):b}":
        result = result @ result
        result = result @ base if digit == "1" else result
    return result


def _expm(a: Array) -> Array:
    return _array(mpmath.expm(_matrix(a)), a.shape)


def _along(function: Callable[..., Array]) -> Callable[..., Array]:
    """How a function of a matrix changes along another one (Mathias 1996)."""

    def along(a: Array, b: Array, *more: Any) -> Array:
        size = len(a)
        both = np.concatenate([np.concatenate([a, b], axis=1), np.concatenate([a * 0, a], axis=1)])
        return function(both, *more)[:size, size:]

    return along


def _apart(a: Array) -> Array:
    """Which elements of a vector are apart by more than rounding, of each two."""
    return abs(a - a[:, None]) > 4 * mpmath.eps * len(a) * max(abs(a))


def _over_differences(a: Array) -> Array:
    apart = _apart(a)
    return np.where(apart, 1 / np.where(apart, a - a[:, None], mpmath.mpf(1)), mpmath.mpf(0))


def _shares(a: Array) -> Array:
    same = np.where(_apart(a), mpmath.mpf(0), mpmath.mpf(1))
    return same / np.sum(same, axis=1, keepdims=True)


def _signs(vectors: Array) -> Array:
    weights = np.array([mpmath.exp(-mpmath.mpf(place) / len(vectors)) for place in range(len(vectors))], dtype=object)
    return np.where(weights @ vectors < 0, -1, 1)


def _eigvalsh(a: Array) -> Array:
    return _eigh(a)[0]


def _eigh(a: Array) -> Array:
    values, vectors = mpmath.eigsy(_matrix((a + a.T) / 2))
    columns = _array(vectors, a.shape)
    return np.concatenate([_array(values, (1, len(a))), columns * _signs(columns)])


def _svd(a: Array) -> Array:
    left, values, right = (np.array(part.tolist(), dtype=object) for part in mpmath.svd_r(_matrix(a)))
    signs = _signs(right.T)
    return np.concatenate([left * signs, values.T, right.T * signs])


def _cholesky(a: Array) -> Array:
    return _array(mpmath.cholesky(_matrix((a + a.T) / 2)), a.shape)


def _qr(a: Array) -> Array:
    """Gram and Schmidt: the diagonal is positive by itself."""
    q, r = np.array(a), np.full((a.shape[1],) * 2, mpmath.mpf(0), dtype=object)
    for j in range(a.shape[1]):
        for i in range(j):
            r[i, j] = np.sum(q[:, i] * a[:, j])
            q[:, j] = q[:, j] - r[i, j] * q[:, i]
        r[j, j] = mpmath.sqrt(np.sum(q[:, j] ** 2))
        q[:, j] = q[:, j] / r[j, j]
    return np.concatenate([q, r])


KERNELS: dict[str, Callable[..., Array]] = {
    "first": lambda *operands: operands[0],
    "sum": lambda a, axis=None: np.sum(a, axis=axis),
    "mean": _mean,
    "prod": lambda a, axis=None: np.prod(a, axis=axis),
    "max": lambda a, axis=None: np.max(a, axis=axis),
    "min": lambda a, axis=None: np.min(a, axis=axis),
    "norm": lambda a, axis=None: _sqrt(np.sum(a * a, axis=axis)),
    "logsumexp": lambda a, axis=None: _log(np.sum(_exp(a), axis=axis)),
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "softmax_along": lambda a, b, axis=None: _softmax(a, axis) * _centered(a, b, axis),
    "centered": _centered,
    "cumsum": lambda a, axis=None: np.cumsum(a, axis=axis),
    "cumprod": lambda a, axis=None: np.cumprod(a, axis=axis),
    "var": _var,
    "std": lambda a, axis=None: _sqrt(_var(a, axis)),
    "demeaned": _demeaned,
    "median": _median,
    "sort": lambda a, axis=None: np.sort(a, axis=-1 if axis is None else axis),
    "sort_along": _sort_along,
    "sort_back": _sort_back,
    "argsort": lambda a, axis=None: _places(np.argsort(a, axis=-1 if axis is None else axis, kind="stable")),
    "argmax": lambda a, axis=None: _places(np.argmax(a, axis=axis)),
    "argmin": lambda a, axis=None: _places(np.argmin(a, axis=axis)),
    "diff": lambda a, axis=None: np.diff(a, axis=-1 if axis is None else axis),
    "roll": lambda a, k, axis=None: np.roll(a, int(k), axis),
    "length": lambda a, axis: mpmath.mpf(a.shape[axis]),
    "element": _element,
    "update": _update,
    "matmul": lambda a, b: a @ b,
    "dot": lambda a, b: np.sum(a * b),
    "outer": lambda a, b: a[:, None] * b[None, :],
    "stack": lambda *a: np.array([array.tolist() for array in a], dtype=object),
    "transpose": lambda a: a.T,
    "expand": lambda a, b: np.broadcast_to(a, b.shape),
    "sum_to": _sum_to,
    "select": lambda a, b, c: np.where(a != 0, b, c),
    "tile": lambda a, *counts: np.tile(a, _sizes(*counts)),
    "sum_tiles": _sum_tiles,
    "blocks": _blocks,
    "take": lambda a, b: a[b.astype(int)],
    "sum_at": _sum_at,
    "cross": lambda a, b: np.array([a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3)], dtype=object),
    "kron": np.kron,
    "polyval": _polyval,
    "einsum": lambda *operands: np.einsum(subscripts_of(operands[-1]).text, *operands[:-1]),
    "vander": lambda x, n: x[..., None] ** np.arange(int(n) - 1, -1, -1),
    "interp": _interp,
    "searchsorted": _searchsorted,
    "trace": lambda a: sum(a[place, place] for place in range(min(a.shape))),
    "diag": lambda a: np.diag(a),
    "tril": lambda a: np.where(np.arange(a.shape[0])[:, None] >= np.arange(a.shape[1]), a, 0),
    "triu": lambda a: np.where(np.arange(a.shape[0])[:, None] <= np.arange(a.shape[1]), a, 0),
    "copyltu": lambda a: np.where(np.arange(len(a))[:, None] >= np.arange(len(a)), a, a.T),
    "reshape": lambda a, *sizes: a.reshape(_sizes(*sizes)),
    "concat": lambda *a: np.concatenate(a),
    "zeros": lambda *sizes: np.zeros(_sizes(*sizes), dtype=object),
    "ones": lambda *sizes: np.ones(_sizes(*sizes), dtype=object),
    "eye": lambda *sizes: np.eye(*_sizes(*sizes), dtype=object),
    "linspace": _linspace,
    "det": _det,
    "cofactor": _cofactor,
    "cofactor_along": _cofactor_along,
    "logdet": lambda a: mpmath.log(abs(_det(a))),
    "inv": _inv,
    "solve": lambda a, b: _inv(a) @ b,
    "solve_triangular": _solve_triangular,
    "pinv": _pinv,
    "size_of": lambda a: mpmath.mpf(2) ** mpmath.mag(max(abs(a).ravel())) if a.size and np.any(a) else mpmath.mpf(1),
    "matrix_power": _power,
    "matrix_power_along": _along(_power),
    "expm": _expm,
    "expm_along": _along(_expm),
    "over_differences": _over_differences,
    "shares": _shares,
    "eigvalsh": _eigvalsh,
    "eigh": _eigh,
    "svd": _svd,
    "cholesky": _cholesky,
    "qr": _qr,
    "lstsq": lambda a, b: _inv(a.T @ a) @ a.T @ b,
}

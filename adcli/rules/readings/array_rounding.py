"""How far an operation on whole arrays may be from the exact one, element by element.

The constants are those of Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (2002): sums and products of
matrices in sections 3.1 and 3.5, LU factors in 9.3, Cholesky's in 10.1, QR in 19.3, least squares in 20. What is known
of a factorisation is a backward error: how far the matrix lies of which the result is the exact one. To first order
that moves the result as the derivative says, with every term by its absolute value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adcli.rules.accuracy import TINY, UNIT, gamma
from adcli.rules.einsum import sizes_of, subscripts_of
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.readings import exactness, rearranging
from adcli.rules.readings.linalg import cofactor, triangle
from adcli.rules.readings.matrix_functions import matrix_power_along, scaled_exponential
from adcli.rules.readings.spectral import over_differences
from adcli.rules.readings.statistics import demeaned
from adcli.rules.readings.sums import at_heaviest, centered, softmax
from adcli.rules.readings.values import fitted

Array = Any

_WHOLE = 2.0**53  # below it sums of whole numbers are exact


def rounded(units: float, size: Array) -> Array:
    """How far results of a size may be off by so many unit round-offs: below the normal numbers not relative to it."""
    return np.where(size < np.finfo(float).tiny, TINY * units, units * UNIT * size)


# Sums


def _axis(operation: ArrayPrimitive) -> int | None:
    settings = operation.settings
    return settings[-1] if settings else None


def _along(name: str) -> Callable[[Any, Sequence[Array]], Array]:
    return lambda operation, arrays: getattr(np, name)(arrays[0], axis=_axis(operation))


# What is added up, of operands that have become positive: the same operation again.
TERMS: Mapping[str, Callable[[Any, Sequence[Array]], Array]] = {
    "sum": _along("sum"), "mean": _along("mean"), "cumsum": _along("cumsum"),
    "products": lambda _, arrays: arrays[0] @ arrays[1],
    "trace": lambda _, arrays: np.trace(arrays[0]),
    "sum_to": lambda _, arrays: fitted(arrays[0], np.shape(arrays[1])),
    "sum_tiles": lambda _, arrays: rearranging.sum_tiles(arrays[0], arrays[1]),
    "einsum": lambda operation, arrays: rearranging.einsum(*arrays, operation.settings[-1]),
    "sum_at": lambda _, arrays: rearranging.sum_at(*arrays),
    "cross": lambda _, arrays: np.take(arrays[0], [1, 2, 0]) * np.take(arrays[1], [2, 0, 1])
    + np.take(arrays[0], [2, 0, 1]) * np.take(arrays[1], [1, 2, 0]),
    "polyval": lambda _, arrays: rearranging.polyval(*arrays),
    "demeaned": lambda operation, arrays: arrays[0] + np.mean(arrays[0], axis=_axis(operation), keepdims=True),
    "diff": lambda operation, arrays: sum(_neighbours(operation, arrays[0])),
}  # fmt: skip


def _count(operation: ArrayPrimitive, a: Array) -> int:
    """How many elements go into each of the result."""
    axis = _axis(operation)
    return int(a.size if axis is None else a.shape[axis])


def _sum(roundings: Callable[[Any, Sequence[Array]], float], wholes: bool = True) -> Callable[..., Array]:
    """So many roundings, relative to the terms; none where the terms and all their sums are whole numbers."""

    def rule(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
        terms = TERMS[str(operation.terms)](operation, [np.abs(array) for array in arrays])
        whole = all(np.all(array == np.floor(array)) for array in arrays) if wholes else False
        if whole and np.max(terms, initial=0.0) < _WHOLE:
            return 0.0
        return gamma(roundings(operation, arrays)) * terms

    return rule


def _terms_summed_to(operation: ArrayPrimitive, arrays: Sequence[Array]) -> float:
    return max(int(arrays[0].size) // max(int(arrays[1].size), 1) - 1, 0)


def _product(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    whole = np.all(arrays[0] == np.floor(arrays[0])) and np.max(np.abs(value), initial=0.0) < _WHOLE
    return 0.0 if whole else gamma(max(_count(operation, arrays[0]) - 1, 0)) * np.abs(value)


def _outer(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    exact = exactness.KERNELS["product"]((arrays[0][:, None], arrays[1][None, :]), value)
    return np.where(exact, 0.0, rounded(1.0, np.abs(value)))


def _norm(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """The root halves what the squares and their sum bring; the scale is a power of 2."""
    return gamma(_count(operation, arrays[0]) / 2 + 1) * np.abs(value)


def _linspace(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """Each is a + k h with a step h that was subtracted and divided; the ends are exact."""
    error = UNIT * (3 * np.abs(value - arrays[0]) + np.abs(value))
    error[:1], error[-1:] = 0.0, 0.0
    return error


# Deviations from a mean, order, differences


def _demeaned_error(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """Each difference from the first element is rounded, and so are their mean and what is left without it."""
    a, axis = arrays[0], _axis(operation)
    above = np.abs(a - (a.flat[0] if axis is None else np.take(a, [0], axis))) if a.size else np.abs(a)
    if not np.any(above):
        return 0.0
    mean = np.mean(above, axis=axis, keepdims=True)
    return UNIT * (above + np.abs(value)) + gamma(_count(operation, a) + 1) * mean


def _deviations(operation: ArrayPrimitive, arrays: Sequence[Array]) -> tuple[Array, Array]:
    """The deviations of elements from their mean, and how far each may be off."""
    above = demeaned(arrays[0], _axis(operation))
    return above, _demeaned_error(operation, arrays, above)


def _var(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    above, error = _deviations(operation, arrays)
    moved = np.mean((2 * np.abs(above) + error) * error, axis=_axis(operation))
    return moved + gamma(_count(operation, arrays[0]) + 1) * np.abs(value)


def _std(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """The norm of the deviations moves by that of their errors at most."""
    _, error = _deviations(operation, arrays)
    moved = np.sqrt(np.mean(np.broadcast_to(error * error, arrays[0].shape), axis=_axis(operation)))
    return moved + gamma(_count(operation, arrays[0]) / 2 + 3) * np.abs(value)


def _median(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """Of an odd number it is one of them; of an even one their sum is rounded, and nothing where they are the same."""
    inside = np.any(arrays[0] == np.expand_dims(value, _axis(operation) or 0), axis=_axis(operation))
    return np.where(inside, 0.0, rounded(1.0, np.abs(value)))


def _diff(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    low, high = _neighbours(operation, arrays[0])
    return np.where(exactness.KERNELS["difference"]((high, low), value), 0.0, rounded(1.0, np.abs(value)))


def _neighbours(operation: ArrayPrimitive, a: Array) -> tuple[Array, Array]:
    """The elements that have one behind them along an axis, and those that have one before them."""
    along = _axis(operation)
    axis = -1 if along is None else along
    lines = np.moveaxis(a, axis, -1)
    low, high = np.moveaxis(lines[..., :-1], -1, axis), np.moveaxis(lines[..., 1:], -1, axis)
    return low, high


# Products and tables


def _kron(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    wide = np.kron(arrays[0], np.ones(arrays[1].shape)), np.kron(np.ones(arrays[0].shape), arrays[1])
    return np.where(exactness.KERNELS["product"](wide, value), 0.0, rounded(1.0, np.abs(value)))


def _einsum(operation: ArrayPrimitive, arrays: Sequence[Array]) -> int:
    """So many products, and sums over the letters that the result has not."""
    text = operation.settings[-1]
    sizes = sizes_of(text, [array.shape for array in arrays])
    summed = [size or 0 for letter, size in sizes.items() if letter not in subscripts_of(text).result]
    return max(math.prod(summed) - 1, 0) + len(arrays) - 1


def _vander(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """A power is so many products less one."""
    factors = np.array([gamma(max(power - 1, 0)) for power in range(value.shape[-1])])
    return factors[::-1] * np.abs(value)


def _interp(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """The share of a step between two values is rounded four times, and what is added to the nearer value once."""
    x, knots, heights = arrays
    inside = (x > knots[0]) & (x < knots[-1])
    if not np.any(inside):
        return 0.0
    behind, share, rest = rearranging.segments(x, knots)
    step = np.abs(heights[behind + 1] - heights[behind])
    error = gamma(4) * np.minimum(np.abs(share), np.abs(rest)) * step + UNIT * np.abs(value)
    at_knot = (share == 0) | (rest == 0)
    return np.where(inside & ~at_knot, error, 0.0)


# Exponentials


def _below(operation: ArrayPrimitive, a: Array) -> tuple[Array, Array, Array]:
    """How far elements are below the largest; the mean of that, weighted by the exponentials; the sum's logarithm."""
    axis = _axis(operation)
    below = np.max(a, axis=axis, keepdims=True, initial=-np.inf) - a
    powers = np.exp(-below)
    total = np.sum(powers, axis=axis, keepdims=True)
    return below, np.sum(np.where(powers == 0, 0.0, powers * below), axis=axis, keepdims=True) / total, np.log(total)


def _logsumexp(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """Each exponential is off by its operand's rounding and by an ulp; then the sum, the logarithm, and the largest."""
    _, mean, logarithm = _below(operation, arrays[0])
    error = UNIT * (mean + 2 + (_count(operation, arrays[0]) - 1) + 2 * logarithm)
    return error.reshape(np.shape(value)) + UNIT * np.abs(value)


def _softmax(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    below, mean, _ = _below(operation, arrays[0])
    return np.where(value == 0, 0.0, UNIT * (below + mean + 4 + _count(operation, arrays[0]))) * value


def _log_softmax(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """How far an element is below the largest, and the logarithm of 1 and the exponentials of the others."""
    below, mean, _ = _below(operation, arrays[0])
    logarithm = -np.max(value, axis=_axis(operation), keepdims=True, initial=-np.inf)
    others = mean - (_count(operation, arrays[0]) + 2) * np.expm1(-logarithm)
    return np.where(np.isfinite(value), UNIT * (below + others + 2 * logarithm + np.abs(value)), 0.0)


def _centered(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """What is above the largest element's is off by an ulp; the mean of that by its weights' errors, and as a sum."""
    axis = _axis(operation)
    weights = softmax(arrays[0], axis)
    above = np.abs(value - at_heaviest(arrays[0], value, axis))
    errors = _softmax(operation, arrays, weights) + UNIT * (_count(operation, arrays[0]) + 1) * weights
    return UNIT * (above + np.abs(value)) + np.sum(errors * above, axis=axis, keepdims=True)


def _softmax_along(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    axis = _axis(operation)
    a, b = arrays
    weights, distance = softmax(a, axis), centered(a, b, axis)
    error = weights * _centered(operation, arrays, distance)
    return error + _softmax(operation, arrays, weights) * np.abs(distance) + UNIT * np.abs(value)


# Linear algebra


def _factors(a: Array) -> Array:
    """|L| |U| of Gaussian elimination with partial pivoting, in the order of the rows of a."""
    upper, lower = np.array(a), np.zeros_like(a)
    order = np.arange(len(a))
    for k in range(len(a)):
        pivot = k + int(np.argmax(np.abs(upper[k:, k])))
        for rows in (upper, lower, order):
            rows[[k, pivot]] = rows[[pivot, k]]
        lower[k, k] = 1.0
        if upper[k, k]:
            lower[k + 1 :, k] = upper[k + 1 :, k] / upper[k, k]
            upper[k + 1 :] -= np.outer(lower[k + 1 :, k], upper[k])
    result = np.empty_like(a)
    result[order] = np.abs(lower) @ np.abs(np.triu(upper))
    return result


def _solve(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    a = arrays[0]
    return np.abs(np.linalg.inv(a)) @ (gamma(3 * len(a)) * _factors(a)) @ np.abs(value)


def _solve_triangular(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """Section 8.1: substitution changes each element of the triangle a little."""
    t = triangle(arrays[0], arrays[2] if len(arrays) > 2 else 0.0)
    return np.abs(np.linalg.inv(t)) @ (gamma(len(t)) * np.abs(t) @ np.abs(value))


def _pinv(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """As for least squares with the identity on the right, or those of the transpose."""
    a, pseudo = (arrays[0], value) if arrays[0].shape[0] >= arrays[0].shape[1] else (arrays[0].T, value.T)
    moved = gamma(6 * a.size) * np.linalg.norm(a) * np.ones(a.shape)
    residual = np.abs(np.eye(len(a)) - a @ pseudo)
    error = np.abs(pseudo) @ moved @ np.abs(pseudo) + np.abs(pseudo @ pseudo.T) @ (moved.T @ residual)
    return error if pseudo is value else error.T


def _inverted(a: Array, exponent: float) -> tuple[Array, float, int]:
    """What a power multiplies, how many roundings went into it relative to its size, and how often."""
    count = abs(int(exponent))
    return (a, 0.0, count) if exponent >= 0 else (np.linalg.inv(a), 3 * len(a) * np.linalg.cond(a), count)


def _matrix_power(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    base, units, count = _inverted(arrays[0], float(arrays[1]))
    whole = not units and np.all(base == np.floor(base))
    largest = np.linalg.matrix_power(np.abs(base), count)
    if whole and np.max(largest, initial=0.0) < _WHOLE:
        return 0.0
    spread = 0.0 if not units else gamma(count * units) * np.linalg.norm(base, 2) ** count
    return gamma(max(count - 1, 0) * len(base)) * largest + spread


def _matrix_power_along(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    base, units, count = _inverted(arrays[0], float(arrays[2]))
    moved = np.abs(arrays[1])
    if units:
        moved = np.abs(base) @ moved @ np.abs(base)
    largest = matrix_power_along(np.abs(base), moved, float(count))
    spread = 0.0 if not units else gamma((count + 2) * units) * np.linalg.norm(largest)
    return gamma(2 * (count + 2) * len(base)) * largest + spread


def _expm(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """What the approximant is off by, and what each squaring makes of that and adds to it, by norms."""
    return np.full(np.shape(value), _error_of_expm(arrays[0]))


def _error_of_expm(a: Array) -> float:
    power, squarings = scaled_exponential(a)
    error = gamma(20 * len(a)) * float(np.linalg.norm(power))
    for _ in range(squarings):
        size = float(np.linalg.norm(power, 2))
        error = 2 * size * error + error * error + gamma(len(a)) * float(np.linalg.norm(power)) ** 2
        power = power @ power
    return error


def _expm_along(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """A block of the exponential of a matrix of twice the size, in which b has the size of a."""
    a, b = arrays
    scale = float(np.linalg.norm(b)) / (float(np.linalg.norm(a)) or 1.0)
    if not scale:
        return 0.0
    both = np.block([[a, b / scale], [np.zeros_like(a), a]])
    return np.full(np.shape(value), scale * _error_of_expm(both))


def _eigvalsh(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """They are those of a matrix close by, and move at most as far as it does (Weyl)."""
    return np.full(np.shape(value), _backward(arrays[0]))


def _backward(a: Array) -> float:
    return gamma(10 * max(a.shape)) * math.sqrt(a.size) * float(np.max(np.abs(a), initial=0.0))


def _over(values: Array, moved: float) -> Array:
    """1 over the distances of eigenvalues: infinite for those that may meet as the matrix moves so far."""
    apart = np.abs(values - values[:, None])
    near = (apart <= 4 * moved) & ~np.eye(len(values), dtype=bool)
    return np.where(near, np.inf, np.abs(over_differences(values)))


def _eigh(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """The vectors turn as far as that matrix turns them, and are normed."""
    moved, vectors = _backward(arrays[0]), np.abs(value[1:]) + UNIT  # no 0: that of a vector is one of rounding
    turned = vectors @ (_over(value[0], moved) * moved)
    return np.concatenate([np.full((1, len(vectors)), moved), turned + gamma(10 * len(vectors))])


def _svd(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    a = arrays[0]
    rows, least, moved = len(a), min(a.shape), _backward(a)
    values = value[rows]
    over = _over(np.concatenate([-values, values]), moved)
    turned = (over[least:, least:] + over[:least, least:]) * moved
    parts = [np.abs(value[:rows]) + UNIT, np.abs(value[rows + 1 :]) + UNIT]
    away = [moved * 2 * np.diag(over[:least, least:]) if len(part) > least else 0.0 for part in parts]
    left, right = (part @ turned + far + gamma(10 * len(part)) for part, far in zip(parts, away, strict=True))
    return np.concatenate([left, np.full((1, least), moved), right])


def _det(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    a = arrays[0]
    moved = np.sum(np.abs(cofactor(a)) * _factors(a))
    return gamma(len(a)) * (moved + abs(value))


def _logdet(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    a = arrays[0]
    pivots = np.abs(np.log(np.abs(np.diag(np.linalg.qr(a)[1]))))  # of the size of those of the elimination
    return gamma(len(a)) * np.sum(np.abs(np.linalg.inv(a)).T * _factors(a)) + gamma(len(a) + 2) * (
        np.sum(pivots) + abs(value) + len(a)
    )


def _cofactor(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """Products of all singular values but one, each off by a multiple of the largest."""
    a = arrays[0]
    size = len(a)
    return gamma(20 * size * size) * np.full(a.shape, np.linalg.norm(a, 2) ** (size - 1))


def _cofactor_along(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    """Products of all singular values but two, and a size along the way."""
    a, b = arrays
    size = len(a)
    largest = np.linalg.norm(a, 2) ** max(size - 2, 0) * np.linalg.norm(b)
    return gamma(40 * size**3) * np.full(a.shape, largest)


def _cholesky(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    inverse = np.abs(np.linalg.inv(value))
    backward = gamma(len(value) + 2) * (np.abs(value) @ np.abs(value).T)
    return np.abs(value) @ np.tril(inverse @ backward @ inverse.T)


def _qr(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    a = arrays[0]
    rows = len(a)
    q, r = np.abs(value[:rows]), np.abs(value[rows:])
    inverse = np.abs(np.linalg.inv(value[rows:]))
    t = gamma(6 * a.size) * np.tile(np.linalg.norm(a, axis=0), (rows, 1)) @ inverse
    x = q.T @ t
    y = np.triu(x) + np.tril(x, -1).T
    return np.concatenate([t + q @ (y + np.tril(x, -1)), y @ r])


def _lstsq(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    a, b = arrays
    moved = gamma(6 * a.size) * np.linalg.norm(a) * np.ones(a.shape)
    pseudo = np.linalg.pinv(a)
    residual = np.abs(b - a @ value)
    first = np.abs(pseudo) @ (moved @ np.abs(value) + gamma(6 * a.size) * np.abs(b))
    return first + np.abs(pseudo @ pseudo.T) @ (moved.T @ residual)


KERNELS: Mapping[str, Callable[[Any, Sequence[Array], Array], Array]] = {
    "sum": _sum(lambda operation, arrays: max(_count(operation, arrays[0]) - 1, 0)),
    "mean": _sum(lambda operation, arrays: _count(operation, arrays[0]), wholes=False),
    "cumsum": _sum(lambda operation, arrays: max(_count(operation, arrays[0]) - 1, 0)),
    "dot": _sum(lambda _, arrays: len(arrays[0])),
    "matmul": _sum(lambda _, arrays: arrays[0].shape[-1]),
    "trace": _sum(lambda _, arrays: min(arrays[0].shape) - 1),
    "sum_to": _sum(_terms_summed_to),
    "einsum": _sum(_einsum),
    "cross": _sum(lambda _, arrays: 2),
    "sum_at": _sum(lambda _, arrays: max(arrays[0].size - 1, 0)),
    "polyval": _sum(lambda _, arrays: 2 * (len(arrays[0]) - 1)),
    "kron": _kron, "vander": _vander, "interp": _interp,
    "prod": _product, "outer": _outer, "norm": _norm, "logsumexp": _logsumexp, "softmax": _softmax,
    "log_softmax": _log_softmax,
    "softmax_along": _softmax_along, "centered": _centered,
    "demeaned": _demeaned_error, "var": _var, "std": _std, "median": _median, "diff": _diff,
    "linspace": _linspace, "solve": _solve, "det": _det, "logdet": _logdet, "cofactor": _cofactor,
    "cofactor_along": _cofactor_along,
    "over_differences": lambda _, arrays, value: gamma(2) * np.abs(value),
    "shares": lambda _, arrays, value: np.where(np.isin(value, (0.0, 1.0)), 0.0, gamma(1) * value),
    "eigvalsh": _eigvalsh, "eigh": _eigh, "svd": _svd,
    "matrix_power": _matrix_power, "matrix_power_along": _matrix_power_along,
    "expm": _expm, "expm_along": _expm_along, "solve_triangular": _solve_triangular, "pinv": _pinv,
    "cholesky": _cholesky, "qr": _qr, "lstsq": _lstsq,
}  # fmt: skip

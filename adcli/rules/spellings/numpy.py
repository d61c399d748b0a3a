"""The rows of the table in NumPy alone: as patterns, and as functions whose text is emitted.

In a pattern `{0}` is the first operand, `{all}` stands for all of them, `{axis}` for the axis, as in
`np.sum(a, axis=0)`, and `{counts}` for whole numbers: the operands, but for the first one where that stands in the
pattern; `{setting}` is the text of an `einsum`. The functions take the operands, and the axis if the row has one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Array = Any

# Element by element


def power(a: Array, b: Array) -> Array:
    """a to the power of b; a itself where that is 1."""
    return a if np.ndim(b) == 0 and b == 1 else a**b


def maximum(*operands: Array) -> Array:
    """The largest operand."""
    result = operands[0]
    for operand in operands[1:]:
        result = np.maximum(result, operand)
    return result


def minimum(*operands: Array) -> Array:
    """The smallest operand."""
    result = operands[0]
    for operand in operands[1:]:
        result = np.minimum(result, operand)
    return result


def is_max(*operands: Array) -> Array:
    """1 where the first operand is the largest, an equal share where others are as large, else 0."""
    most = maximum(*operands)
    ties = sum((operand == most) * 1.0 for operand in operands)
    return np.where(np.isnan(most), np.nan, np.where(operands[0] == most, 1 / np.maximum(ties, 1), 0.0))


def is_min(*operands: Array) -> Array:
    """1 where the first operand is the smallest, an equal share where others are as small, else 0."""
    return is_max(*(-operand for operand in operands))


# Along an axis, or over all elements


def norm(a: Array, axis: int | None = None) -> Array:
    """The root of the sum of squares, without overflow."""
    scale = np.max(np.abs(a), axis=axis, keepdims=True, initial=0.0)
    scale = np.exp2(np.floor(np.log2(np.where((scale > 0) & np.isfinite(scale), scale, 1.0))))
    return np.squeeze(np.sqrt(np.sum((a / scale) ** 2, axis=axis, keepdims=True)) * scale, axis=axis)


def largest(a: Array, axis: int | None = None) -> Array:
    """The largest elements, with the axis that they were taken along; 0 where that is not finite."""
    most = np.max(a, axis=axis, keepdims=True, initial=-np.inf)
    return np.where(np.isfinite(most), most, 0.0)


def logsumexp(a: Array, axis: int | None = None) -> Array:
    """The logarithm of the sum of the exponentials, without overflow."""
    most = largest(a, axis)
    return np.squeeze(np.log(np.sum(np.exp(a - most), axis=axis, keepdims=True)) + most, axis=axis)


def softmax(a: Array, axis: int | None = None) -> Array:
    """The exponentials divided by their sum, without overflow."""
    powers = np.exp(a - largest(a, axis))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def log_softmax(a: Array, axis: int | None = None) -> Array:
    """a less its logsumexp: that of the largest element is the logarithm of 1 and what the others add to it."""
    lines, along = (a.reshape(-1), 0) if axis is None else (a, axis)
    powers = np.exp(lines - largest(lines, along))
    np.put_along_axis(powers, np.argmax(lines, axis=along, keepdims=True), 0.0, along)
    return (lines - largest(lines, along) - np.log1p(np.sum(powers, axis=along, keepdims=True))).reshape(a.shape)


def centered(a: Array, b: Array, axis: int | None = None) -> Array:
    """b less its mean, with the softmax of a for weights: counted from the element that weighs most."""
    lines, others, along = (a.reshape(-1), b.reshape(-1), 0) if axis is None else (a, b, axis)
    above = others - np.take_along_axis(others, np.argmax(lines, axis=along, keepdims=True), along)
    return (above - np.sum(softmax(lines, along) * above, axis=along, keepdims=True)).reshape(a.shape)


def softmax_along(a: Array, b: Array, axis: int | None = None) -> Array:
    """How the softmax of a changes along b."""
    return centered(a, b, axis) * softmax(a, axis)


def demeaned(a: Array, axis: int | None = None) -> Array:
    """a less its mean: exactly 0 where all are equal."""
    above = a - (a.flat[0] if axis is None else np.take(a, [0], axis))
    return above - np.mean(above, axis=axis, keepdims=True)


def variance(a: Array, axis: int | None = None) -> Array:
    """The mean of the squares of what elements are above their mean."""
    return np.mean(demeaned(a, axis) ** 2, axis=axis)


def deviation(a: Array, axis: int | None = None) -> Array:
    """The root of the variance."""
    return norm(demeaned(a, axis), axis) / np.sqrt(a.size if axis is None else a.shape[axis])


def sort_along(a: Array, b: Array, axis: int | None = -1) -> Array:
    """b in the order of a."""
    return np.take_along_axis(b, np.argsort(a, axis=axis, kind="stable"), axis)


def sort_back(a: Array, b: Array, axis: int | None = -1) -> Array:
    """b, which is in the order of a, back at the places of a."""
    result = np.empty_like(b)
    np.put_along_axis(result, np.argsort(a, axis=axis, kind="stable"), b, axis)
    return result


# Shapes and places


def linspace(a: Array, b: Array, count: float) -> Array:
    """Numbers at equal distances from a to b."""
    return np.linspace(a, b, int(count))


def sum_to(a: Array, b: Array) -> Array:
    """a, summed to the shape of b."""
    shape = np.shape(b)
    more = np.ndim(a) - len(shape)
    axes = (*range(more), *(more + place for place, size in enumerate(shape) if size == 1))
    return np.sum(a, axis=axes).reshape(shape)


def sum_at(a: Array, b: Array, c: Array) -> Array:
    """a, summed at the places b of a vector as long as c."""
    result = np.zeros(c.shape)
    np.add.at(result, np.asarray(b, int), a)
    return result


def copyltu(a: Array) -> Array:
    """The symmetric matrix with the same lower triangle."""
    return np.tril(a) + np.tril(a, -1).T


def cholesky(a: Array) -> Array:
    """The lower triangle of a symmetric matrix; the symmetric part of a is taken."""
    return np.linalg.cholesky((a + a.T) / 2)


def eigvalsh(a: Array) -> Array:
    """The eigenvalues of the symmetric part of a."""
    return np.linalg.eigvalsh((a + a.T) / 2)


def sum_tiles(a: Array, b: Array) -> Array:
    """a, summed over what repeats the shape of b as tiles."""
    shape = (1,) * (np.ndim(a) - np.ndim(b)) + np.shape(b)
    sizes = [size for pair in zip(np.shape(a), shape, strict=True) for size in (pair[0] // pair[1], pair[1])]
    return np.reshape(a, sizes).sum(axis=tuple(range(0, len(sizes), 2))).reshape(np.shape(b))


def blocks(a: Array, rows: float, columns: float) -> Array:
    """The blocks of a matrix, each as a row."""
    high, wide = int(rows), int(columns)
    parts = a.reshape(a.shape[0] // high, high, a.shape[1] // wide, wide)
    return parts.transpose(0, 2, 1, 3).reshape(-1, high * wide)


def vander(a: Array, count: float) -> Array:
    """The powers of a, the highest first and 1 last; of a vector for each element as a row."""
    powers = np.vander(np.atleast_1d(a), int(count))
    return powers if np.ndim(a) else powers[0]


def qr(a: Array) -> Array:
    """Q and R below each other; the diagonal of R is positive."""
    q, r = np.linalg.qr(a)
    signs = np.where(np.diag(r) < 0, -1.0, 1.0)
    return np.concatenate([q * signs, r * signs[:, None]])


def solve_triangular(a: Array, b: Array, lower: float = 0.0) -> Array:
    """x with t @ x = b for the upper triangle t of a, or for the lower one."""
    return np.linalg.solve(np.tril(a) if lower else np.triu(a), b)


# By the name of the kernel; of a row element by element by its own.
SPELLINGS: Mapping[str, str | Callable[..., Array]] = {
    "pow": power, "mod": "np.mod({all})", "abs": "np.abs({all})", "is_max": is_max, "is_min": is_min,
    "max": maximum, "min": minimum,
    "total": "np.sum({0}{axis})", "mean": "np.mean({0}{axis})", "product": "np.prod({0}{axis})",
    "largest": "np.max({0}{axis})", "smallest": "np.min({0}{axis})", "norm": norm, "logsumexp": logsumexp,
    "softmax": softmax, "log_softmax": log_softmax, "centered": centered, "softmax_along": softmax_along,
    "cumsum": "np.cumsum({0}{axis})", "cumprod": "np.cumprod({0}{axis})", "demeaned": demeaned, "var": variance,
    "std": deviation, "median": "np.median({0}{axis})", "sort": "np.sort({0}{axis})", "sort_along": sort_along,
    "sort_back": sort_back, "argsort": "np.argsort({0}{axis}, kind='stable') * 1.0",
    "argmax": "np.argmax({0}{axis}) * 1.0", "argmin": "np.argmin({0}{axis}) * 1.0", "diff": "np.diff({0}{axis})",
    "roll": "np.roll({0}, {counts}{axis})", "length": "float({0}.shape[{place}])",
    "matmul": "({0} @ {1})", "dot": "({0} @ {1})", "outer": "np.multiply.outer({all})", "stack": "np.array([{all}])",
    "transpose": "{0}.T", "expand": "np.broadcast_to({0}, np.shape({1}))", "sum_to": sum_to, "first": "{0}",
    "trace": "np.trace({0})", "diag": "np.diag({0})", "tril": "np.tril({0})", "triu": "np.triu({0})",
    "copyltu": copyltu, "reshape": "np.reshape({0}, ({counts},))",
    "concat": "np.concatenate([{all}])", "zeros": "np.zeros(({counts},))", "ones": "np.ones(({counts},))",
    "eye": "np.eye({counts})", "linspace": linspace,
    "det": "np.linalg.det({0})", "logdet": "np.linalg.slogdet({0})[1]", "inv": "np.linalg.inv({0})",
    "solve": "np.linalg.solve({all})", "solve_triangular": solve_triangular,
    "cholesky": cholesky, "qr": qr, "lstsq": "np.linalg.lstsq({0}, {1}, rcond=None)[0]",
    "pinv": "np.linalg.pinv({0})", "tile": "np.tile({0}, ({counts},))", "take": "{0}[np.asarray({1}, int)]",
    "sum_at": sum_at, "sum_tiles": sum_tiles, "blocks": blocks,
    "cross": "np.cross({all})", "kron": "np.kron({all})", "einsum": "np.einsum({setting}, {all})",
    "polyval": "np.polyval({all})",
    "vander": vander, "interp": "np.interp({all})",
    "searchsorted": "np.searchsorted({0}, {1}) * 1.0",
    "eigvalsh": eigvalsh,
}  # fmt: skip

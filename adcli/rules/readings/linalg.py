"""Linear algebra by NumPy: determinants, inverses, systems of equations, factorisations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adcli.rules import shapes
from adcli.rules.readings.values import Array, check, value_of
from adcli.rules.shapes import Refused, shape_text

_EPSILON = float(np.finfo(float).eps)


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
    check(shapes.solved, a, b)
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
    check(shapes.of_square("inv", scalar=False), a)
    _finite("inv", a)
    try:
        result = np.linalg.inv(a)
    except np.linalg.LinAlgError:
        raise singular("inv", a) from None
    _refuse_singular("inv", a, np.max(np.abs(result), initial=0.0))
    return result


def det(a: Array) -> Array:
    """The determinant."""
    check(shapes.of_square("det", scalar=True), a)
    return value_of(np.linalg.det(a))


def cofactor(a: Array) -> Array:
    """The matrix of the cofactors: of a small matrix as its minors, else from its singular values.

    Both ways it exists for a singular matrix as well. A minor has all its digits, and is exactly 0 where its zeros
    make it so.
    """
    check(shapes.of_square("cofactor", scalar=False), a)
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
    check(shapes.of_square("logdet", scalar=True), a)
    return float(np.linalg.slogdet(a)[1])


def cholesky(a: Array) -> Array:
    """The lower triangle L with L @ L' the symmetric part of a."""
    check(shapes.of_square("cholesky", scalar=False), a)
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
    check(shapes.qr, a)
    _finite("qr", a)
    q, r = np.linalg.qr(a)
    signs = np.where(np.diag(r) < 0, -1.0, 1.0)
    return np.concatenate([q * signs, r * signs[:, None]])


def lstsq(a: Array, b: Array) -> Array:
    """The x for which a @ x is nearest to b."""
    check(shapes.least_squares, a, b)
    _finite("lstsq", a)
    result, _, rank, _ = np.linalg.lstsq(a, b, rcond=None)
    if rank < a.shape[1]:
        raise singular("lstsq", a)
    return result

"""Linear algebra by NumPy: determinants, inverses, systems of equations, factorisations."""

from __future__ import annotations

import math

import numpy as np

from adcli.rules import matrix_shapes, shapes
from adcli.rules.readings.values import Array, check, value_of
from adcli.rules.shapes import Refused, shape_text

_EPSILON = float(np.finfo(float).eps)
_SUSPICIOUS = 1e13  # the size of an inverse times that of the matrix, from which its condition number is asked for


def refuse_not_finite(name: str, a: Array) -> None:
    """Refuse a matrix with values that are not finite."""
    if not np.all(np.isfinite(a)):
        raise Refused(f"`{name}` is given a matrix with values that are not finite", "not-finite")


def singular(name: str, a: Array) -> Refused:
    """What is said of a matrix that has no inverse, as far as can be told."""
    condition = float(np.linalg.cond(a)) if np.all(np.isfinite(a)) else math.nan
    shown = f"{condition:.1e}" if condition < 1 / _EPSILON else "infinite, as far as doubles tell"
    message = (
        f"`{name}` cannot do with a singular matrix: the condition number of this {shape_text(a.shape)[2:]} is {shown}"
    )
    return Refused(message, "singular", "its rows or columns depend on each other: look for one that stands twice")


def _is_suspicious(a: Array, result: Array, size: float = 1.0) -> bool:
    """Whether a result, for a right side of a size, is so large that the matrix may be singular or badly scaled."""
    if not np.isfinite(size):
        return False
    largest = np.max(np.abs(result), initial=0.0) / (size or 1.0)
    return bool(not np.isfinite(largest) or largest * np.max(np.abs(a), initial=0.0) > _SUSPICIOUS)


def equilibrated(a: Array) -> tuple[Array, Array, Array]:
    """A matrix whose columns and rows are scaled to about 1, with the scales of rows and of columns.

    They are powers of two, so that nothing is rounded. What is merely badly scaled has a small condition number then.
    """
    columns = np.ldexp(1.0, -_exponents(np.max(np.abs(a), axis=0, initial=0.0)))
    scaled = a * columns
    rows = np.ldexp(1.0, -_exponents(np.max(np.abs(scaled), axis=1, initial=0.0)))
    return scaled * rows[:, None], rows, columns


def scaled_condition(a: Array) -> float:
    """The condition number of a matrix with its rows and columns scaled; NaN where it is not finite."""
    return float(np.linalg.cond(equilibrated(a)[0])) if np.all(np.isfinite(a)) else math.nan


def _exponents(sizes: Array) -> Array:
    return np.clip(np.frexp(sizes)[1], -1000, 1000)


def _refuse_singular(name: str, scaled: Array, a: Array) -> None:
    """The condition number costs more than the solution: it is asked for where the solution is suspicious."""
    if not np.linalg.cond(scaled) < 1 / _EPSILON:
        raise singular(name, a)


def solve(a: Array, b: Array) -> Array:
    """x with a @ x = b."""
    check(shapes.solved, a, b)
    refuse_not_finite("solve", a)
    size = np.max(np.abs(b), initial=0.0)
    try:
        result = np.linalg.solve(a, b)
        if not _is_suspicious(a, result, size):
            return result
    except np.linalg.LinAlgError:  # also of one that is badly scaled
        pass
    scaled, rows, columns = equilibrated(a)
    _refuse_singular("solve", scaled, a)
    along = (slice(None), *(None for _ in b.shape[1:]))
    return np.linalg.solve(scaled, b * rows[along]) * columns[along]


def inv(a: Array) -> Array:
    """The inverse."""
    check(shapes.of_square("inv", scalar=False), a)
    return inverse("inv", a)


def inverse(name: str, a: Array) -> Array:
    """The inverse of a square matrix, for an operation that has a name."""
    refuse_not_finite(name, a)
    try:
        result = np.linalg.inv(a)
        if not _is_suspicious(a, result):
            return result
    except np.linalg.LinAlgError:  # also of one that is badly scaled
        pass
    scaled, rows, columns = equilibrated(a)
    _refuse_singular(name, scaled, a)
    return columns[:, None] * np.linalg.inv(scaled) * rows


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
    refuse_not_finite("cofactor", a)
    if len(a) == 2:
        return np.array([[a[1, 1], -a[1, 0]], [-a[0, 1], a[0, 0]]])
    if len(a) == 3:
        return np.cross(a[[1, 2, 0]], a[[2, 0, 1]])
    left, values, right = np.linalg.svd(a)
    sign = np.sign(np.linalg.det(left)) * np.sign(np.linalg.det(right))
    others = np.array([math.prod(np.delete(values, place)) for place in range(len(values))])
    return sign * (left * others) @ right


def cofactor_along(a: Array, b: Array) -> Array:
    """How the matrix of the cofactors changes along b: from products, or from singular values. It exists always."""
    check(shapes.two_squares("cofactor_along"), a, b)
    refuse_not_finite("cofactor_along", a)
    refuse_not_finite("cofactor_along", b)
    if len(a) < 2:
        return np.zeros(a.shape)
    if len(a) == 2:  # cofactors are linear
        return cofactor(b)
    if len(a) == 3:
        after, before = [1, 2, 0], [2, 0, 1]
        return np.cross(a[after], b[before]) + np.cross(b[after], a[before])
    left, values, right = np.linalg.svd(a)
    sign, places = np.sign(np.linalg.det(left)) * np.sign(np.linalg.det(right)), range(len(values))
    others = np.array([[math.prod(np.delete(values, [i, j])) if i != j else 0.0 for j in places] for i in places])
    turned = left.T @ b @ right.T
    inside = np.diag(others @ np.diag(turned)) - others * turned.T
    return sign * left @ inside @ right


def logdet(a: Array) -> Array:
    """The logarithm of the absolute value of the determinant."""
    check(shapes.of_square("logdet", scalar=True), a)
    return float(np.linalg.slogdet(a)[1])


def cholesky(a: Array) -> Array:
    """The lower triangle L with L @ L' the symmetric part of a."""
    check(shapes.of_square("cholesky", scalar=False), a)
    refuse_not_finite("cholesky", a)
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
    refuse_not_finite("qr", a)
    q, r = np.linalg.qr(a)
    signs = np.where(np.diag(r) < 0, -1.0, 1.0)
    return np.concatenate([q * signs, r * signs[:, None]])


def lstsq(a: Array, b: Array) -> Array:
    """The x for which a @ x is nearest to b."""
    check(shapes.least_squares, a, b)
    refuse_not_finite("lstsq", a)
    result, _, rank, _ = np.linalg.lstsq(a, b, rcond=None)
    if rank < a.shape[1]:
        raise singular("lstsq", a)
    return result


def triangle(a: Array, lower: float) -> Array:
    """The upper triangle of a matrix, or the lower one."""
    return np.tril(a) if lower else np.triu(a)


def solve_triangular(a: Array, b: Array, lower: float = 0.0) -> Array:
    """x with t @ x = b, where t is the upper triangle of a, or the lower one. Nothing else of a is read."""
    check(matrix_shapes.solved_triangle, a, b, lower)
    t = triangle(a, lower)
    refuse_not_finite("solve_triangular", t)
    if not np.all(np.diag(t)):
        raise singular("solve_triangular", t)
    if not lower:  # an elimination has nothing to do here, and exchanges no rows
        return np.linalg.solve(t, b)
    return np.linalg.solve(t[::-1, ::-1], b[::-1])[::-1]


def pinv(a: Array) -> Array:
    """The pseudoinverse of a matrix whose columns, or rows, are independent."""
    check(matrix_shapes.pseudoinverse, a)
    refuse_not_finite("pinv", a)
    left, values, right = np.linalg.svd(a, full_matrices=False)
    if not np.min(values, initial=math.inf) > max(a.shape) * _EPSILON * np.max(values, initial=0.0):
        raise singular("pinv", a)
    return (right.T / values) @ left.T

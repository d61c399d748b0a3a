"""Functions of a square matrix as a whole: its powers and its exponential, and how they change along another matrix.

The exponential is that of Al-Mohy and Higham, A new scaling and squaring algorithm for the matrix exponential, SIAM J.
Matrix Anal. Appl. 31 (2009) 970. The scaling of Higham (2005) looks at the norm, this one at those of powers, so that
it does not scale a nilpotent matrix in vain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from adcli.rules import matrix_shapes, shapes
from adcli.rules.readings.linalg import inverse, refuse_not_finite
from adcli.rules.readings.values import Array, check


def size_of(a: Array) -> Array:
    """A power of 2 of the size of a matrix."""
    check(shapes.reduced("size_of", None), a)
    largest = float(np.max(np.abs(a), initial=0.0))
    return 2.0 ** min(math.frexp(largest)[1], 1023) if 0 < largest < math.inf else 1.0


def matrix_power(a: Array, exponent: float) -> Array:
    """The product of so many factors a, or of its inverse."""
    check(matrix_shapes.power("matrix_power"), a, exponent)
    base = a if exponent >= 0 else inverse("matrix_power", a)
    return np.linalg.matrix_power(base, abs(int(exponent)))


def matrix_power_along(a: Array, b: Array, exponent: float) -> Array:
    """How that changes along b: both are squared and multiplied at once, by the rule for products."""
    check(matrix_shapes.power("matrix_power_along"), a, b, exponent)
    base, moved = a, b
    if exponent < 0:
        base = inverse("matrix_power_along", a)
        moved = -base @ b @ base
    left = abs(int(exponent))
    power, along = np.eye(len(a)), 0 * b
    while left:
        if left % 2:
            power, along = power @ base, along @ base + power @ moved
        left //= 2
        if left:
            base, moved = base @ base, base @ moved + moved @ base
    return along


# The exponential

# By degree: the size up to which the Padé approximant is exact to the last digit
_LARGEST = {3: 1.495585217958292e-2, 5: 2.539398330063230e-1, 7: 9.504178996162932e-1, 9: 2.097847961257068, 13: 4.25}
_UNIT = 2.0**-53


def expm(a: Array) -> Array:
    """The exponential of a matrix."""
    check(shapes.of_square("expm", scalar=False), a)
    refuse_not_finite("expm", a)
    result, squarings = scaled_exponential(a)
    for _ in range(squarings):
        result = result @ result
    return result


def expm_along(a: Array, b: Array) -> Array:
    """How that changes along b: a block of the exponential of a matrix of twice the size.

    It is linear in b, whose size is made that of a, so that it has no say in how far the matrix is scaled.
    """
    check(shapes.two_squares("expm_along"), a, b)
    refuse_not_finite("expm_along", a)
    refuse_not_finite("expm_along", b)
    size, own = _norm(b), _norm(a)
    if not size:
        return 0 * b
    power = math.frexp(size)[1] - (math.frexp(own)[1] if own else 0)
    n = len(a)
    both = np.block([[a, scaled_by(b, -power)], [np.zeros_like(a), a]])
    return scaled_by(expm(both)[:n, n:], power)


def scaled_by(a: Array, power: int) -> Array:
    """A matrix times a power of 2, which may be beyond those that a float holds."""
    half = power // 2
    return a * 2.0**half * 2.0 ** (power - half)


def scaled_exponential(a: Array) -> tuple[Array, int]:
    """The exponential of a matrix that is scaled by a power of 2, and how often that is to be squared.

    The mean of its diagonal is taken out where that makes the matrix smaller (Higham 2008, algorithm 10.20).
    """
    mean = np.trace(a) / (len(a) or 1)
    others = a - mean * np.eye(len(a))
    if not 1 < _norm(a) < math.inf or _norm(others) >= _norm(a):
        return _scaled(a)
    power, squarings = _scaled(others)
    return power * np.exp(mean / 2.0**squarings), squarings


def _scaled(a: Array) -> tuple[Array, int]:
    with np.errstate(all="ignore"):  # powers of what is large
        powers = [np.eye(len(a)), a @ a]
        for degree, chosen in ((3, (4, 6)), (5, (4, 6)), (7, (6, 8)), (9, (6, 8))):
            _until(powers, chosen[-1])
            size = max(_root(powers, power) for power in chosen)
            if size <= _LARGEST[degree] and not _more_squarings(a, degree):
                _until(powers, degree - 1)
                return _approximant(a, powers[: (degree + 1) // 2], degree), 0
        _until(powers, 10)
        size = max(_root(powers, 8), min(_root(powers, 6), _root(powers, 10)))
        size = size if math.isfinite(size) else _norm(a)
        squarings = max(math.ceil(math.log2(size / _LARGEST[13])), 0) if size else 0
        squarings += _more_squarings(scaled_by(a, -squarings), 13)
        a = scaled_by(a, -squarings)
        powers = [powers[0], a @ a]
        _until(powers, 12)
    return _approximant(a, powers, 13), squarings


def _until(powers: list[Array], last: int) -> None:
    """Append even powers."""
    while 2 * len(powers) <= last:
        powers.append(powers[-1] @ powers[1])


def _norm(a: Array) -> float:
    return float(np.max(np.sum(np.abs(a), axis=0), initial=0.0))


def _root(powers: Sequence[Array], power: int) -> float:
    return float(_norm(powers[power // 2]) ** (1 / power))


def _more_squarings(a: Array, degree: int) -> int:
    """How often more to scale, so that what the approximant leaves out is small beside a matrix that is not normal."""
    size = _norm(a)
    if not size:
        return 0
    logarithm, row, positive = 0.0, np.ones(len(a)), np.abs(a)
    for _ in range(2 * degree + 1):  # the size of a power of the absolute values
        row = row @ positive
        largest = float(np.max(row))
        if not largest:
            return 0
        logarithm += math.log2(largest)
        row = row / largest
    left_out = math.comb(2 * degree, degree) * math.factorial(2 * degree + 1)
    return max(math.ceil((logarithm - math.log2(size) - math.log2(left_out) - math.log2(_UNIT)) / (2 * degree)), 0)


def _approximant(a: Array, powers: Sequence[Array], degree: int) -> Array:
    """The Padé approximant: 1 + 2 (q - p)^-1 p, of which small elements have all their digits."""
    factorial = math.factorial
    weights = [
        factorial(2 * degree - k) * factorial(degree) / (factorial(2 * degree) * factorial(degree - k) * factorial(k))
        for k in range(degree + 1)
    ]
    even = sum(weight * power for weight, power in zip(weights[::2], powers, strict=True))
    odd = a @ sum(weight * power for weight, power in zip(weights[1::2], powers, strict=True))
    return powers[0] + np.linalg.solve(even - odd, 2 * odd)

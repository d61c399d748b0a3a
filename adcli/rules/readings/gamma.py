"""The gamma function's family: lgamma, digamma, polygamma and its steps, right to a few ulp for positive arguments.

`math.lgamma` has no digits near its zeros at 1 and 2, and `math` has no digamma. None of these raises for any float:
infinities and NaN are answered as IEEE 754 would.

Formulas are those of the NIST Digital Library of Mathematical Functions (DLMF), https://dlmf.nist.gov, by their
numbers there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

_NAN = math.nan
_EULER = 0.5772156649015329
_HALF_LOG_2PI = 0.9189385332046728
_LARGE = 10.0  # from here on the asymptotic series have all their digits
# B(2k) for k = 1, 2, … (DLMF 24.2, Table 24.2.1)
_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330,
    854513 / 138, -236364091 / 2730, 8553103 / 6, -23749461029 / 870, 8615841276005 / 14322,
)  # fmt: skip
# zeta(k) - 1 for k = 2 … 11 (DLMF 25.2.1); from 12 on the sum itself is short
_ZETA_LESS_ONE = (
    0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
    0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
)  # fmt: skip
_TERMS = 56
_HIGHEST_ORDER = 500  # of polygamma: the work grows with the order's square
# The positive zero of digamma, in two parts (OEIS A030169).
_ZERO = 1.4616321449683622
_ZERO_REST = 9.549995429965697e-17


@cache
def _zeta_series() -> tuple[float, ...]:
    """(-1)^k (zeta(k) - 1) for k = 2, 3, …: what digamma(2 + z) multiplies z^(k-1) by (DLMF 5.7.4)."""
    tail = (sum(n**-k for n in range(60, 1, -1)) for k in range(12, _TERMS + 2))
    return tuple(math.copysign(value, (-1) ** k) for k, value in enumerate((*_ZETA_LESS_ONE, *tail), start=2))


@cache
def _about_the_zero() -> tuple[float, ...]:
    """The coefficients of digamma(2 + z) / (z - z0), highest power first: the zeta series divided by its root."""
    quotient = [0.0]
    for coefficient in reversed(_zeta_series()):
        quotient.append(quotient[-1] * (_ZERO - 2) + coefficient)
    return tuple(quotient[1:])


@cache
def _lgamma_series() -> tuple[float, ...]:
    """The coefficients of lgamma(2 + z) / z, highest power first (DLMF 5.7.3)."""
    terms = [coefficient / k for k, coefficient in enumerate(_zeta_series(), start=2)]
    return (*reversed(terms), 1 - _EULER)


def _horner(coefficients: tuple[float, ...], z: float) -> float:
    total = 0.0
    for coefficient in coefficients:
        total = total * z + coefficient
    return total


def _from_integer(a: float) -> float:
    """How far a is from the nearest integer, exactly."""
    return a - round(a)


def _cot_pi(a: float) -> float:
    """cot(πa), with all digits near its zeros at the half-integers too."""
    rest = _from_integer(a)
    return math.copysign(math.sin(math.pi * (0.5 - abs(rest))), rest) / math.sin(math.pi * abs(rest))


def lgamma(a: float) -> float:
    """log|Γ(a)|. Right to a few ulp for a > 0, its zeros at 1 and 2 included.

    For a < 0 the error is a few ulp of the larger term of the reflection (DLMF 5.5.3).
    """
    if not math.isfinite(a):
        return _NAN if a != a else math.inf
    if a <= 0 and a == math.floor(a):
        return math.inf
    if a >= _LARGE:
        inverse = 1 / a
        series = stirling(inverse * inverse) * inverse
        return (a - 0.5) * (math.log(a) - 1) + (_HALF_LOG_2PI - 0.5) + series
    if a > 2.5:
        product = 1.0
        while a > 2.5:
            a -= 1
            product *= a
        return math.log(product) + (a - 2) * _horner(_lgamma_series(), a - 2)
    if a >= 1.5:
        return (a - 2) * _horner(_lgamma_series(), a - 2)
    if a > 0.5:
        z = a - 1
        return z * _horner(_lgamma_series(), z) - math.log1p(z)
    if a > -0.5:
        return a * _horner(_lgamma_series(), a) - math.log1p(a) - math.log(abs(a))
    return math.log(math.pi / abs(math.sin(math.pi * _from_integer(a)))) - lgamma(1 - a)


def stirling(inverse_square: float) -> float:
    """The sum in Stirling's series, over 1/a (DLMF 5.11.1)."""
    total = 0.0
    for k in range(len(_BERNOULLI), 0, -1):
        total = total * inverse_square + _BERNOULLI[k - 1] / (2 * k * (2 * k - 1))
    return total


def digamma(a: float) -> float:
    """The derivative of lgamma. Right to a few ulp for a > 0, its zero included.

    For a < 0 the error is a few ulp of the larger term of the reflection (DLMF 5.5.4).
    """
    if not math.isfinite(a):
        return math.inf if a > 0 else _NAN
    if a == 0:
        return math.copysign(math.inf, -a)
    if a < 0:
        if a == math.floor(a):
            return _NAN
        if a > -0.5:
            return digamma(1 + a) - 1 / a
        return digamma(1 - a) - math.pi * _cot_pi(a)
    if a < 1:
        return _digamma_near_zero(1 + a) - 1 / a
    if a < 3:
        return _digamma_near_zero(a)
    shift = 0.0
    while 3 <= a < _LARGE:
        a -= 1
        shift += 1 / a
    if a < 3:
        return _digamma_near_zero(a) + shift
    inverse = 1 / a
    return math.log(a) - inverse / 2 - _digamma_tail(inverse * inverse)


def _digamma_near_zero(a: float) -> float:
    """digamma on [1, 3), from its zeta series with the zero divided out."""
    return ((a - _ZERO) - _ZERO_REST) * _horner(_about_the_zero(), a - 2)


def _digamma_tail(inverse_square: float) -> float:
    """The sum in digamma's asymptotic series (DLMF 5.11.2)."""
    total = 0.0
    for k in range(len(_BERNOULLI), 0, -1):
        total = (total + _BERNOULLI[k - 1] / (2 * k)) * inverse_square
    return total


def polygamma(order: float, a: float) -> float:
    """The derivative of digamma of a whole order up to 500; NaN for any other order.

    Right to a few ulp for a > 0 and small orders. For a < 0 the error is a few ulp of the larger term of the
    reflection (DLMF 5.15.6).
    """
    if a != a or not 0 <= order <= _HIGHEST_ORDER or order != math.floor(order):
        return _NAN
    n = int(order)
    if n == 0:
        return digamma(a)
    if math.isinf(a):
        return 0.0 if a > 0 else _NAN
    if a <= 0:
        if a == math.floor(a):
            return math.inf if n % 2 else _NAN
        if a < -0.5:
            mirrored = polygamma(n, 1 - a)
            return (-mirrored if n % 2 else mirrored) - _cotangent_derivative(n, a)
    alternating = 1.0 if n % 2 else -1.0
    shift = max(0, math.ceil(n + 2 * _LARGE - a))  # DLMF 5.15.5
    total = math.fsum(_factorial_over_power(n, a + k) for k in range(shift))
    return alternating * (total + _polygamma_tail(n, a + shift))


def _factorial_over_power(n: int, a: float) -> float:
    """n! / a^(n+1), with no overflow on the way."""
    if n <= 20 and 1e-10 < a < 1e10:
        return math.factorial(n) / a ** (n + 1)
    result = 1 / a
    for j in range(1, n + 1):
        result *= j / a
    return result


def _polygamma_tail(n: int, a: float) -> float:
    """The asymptotic series of |polygamma(n, a)| (DLMF 5.15.8, 5.15.9)."""
    return _factorial_over_power(n - 1, a) + math.fsum(term for term, _ in _tail_terms(n, a))


def _tail_terms(n: int, a: float) -> Iterator[tuple[float, int]]:
    """The terms behind its first, each with the power of 1 / a that it has."""
    yield _factorial_over_power(n, a) / 2, n + 1
    ratio = _factorial_over_power(n + 1, a) / 2  # (2k+n-1)! / ((2k)! a^(2k+n))
    for k, bernoulli in enumerate(_BERNOULLI, start=1):
        yield bernoulli * ratio, n + 2 * k
        ratio *= (2 * k + n) / (2 * k + 1) / a * (2 * k + n + 1) / (2 * k + 2) / a


def polygamma_step(order: float, a: float, b: float) -> float:
    """polygamma(order, a + b) - polygamma(order, a) for positive a and a + b, where nothing cancels; NaN for others.

    It is the sum of the steps of the terms of polygamma: of c / a^m that is c / a^m times (1 + b / a)^-m - 1.
    """
    if not (a > 0 and b > -a and 0 <= order <= _HIGHEST_ORDER) or order != math.floor(order):
        return _NAN
    n, sign = int(order), 1.0 if b >= 0 else -1.0
    if b < 0:
        a, b = a + b, -b
    if math.isinf(a):
        return _NAN if math.isinf(b) else 0.0
    if math.isinf(b):
        return sign * (math.inf if n == 0 else -polygamma(n, a))
    shift = max(0, math.ceil(n + 2 * _LARGE - a))
    far = a + shift
    near = ((_factorial_over_power(n, a + k) * _relative_step(a + k, b, n + 1)) for k in range(shift))
    tail = (term * _relative_step(far, b, power) for term, power in _tail_terms(n, far))
    first = _factorial_over_power(n - 1, far) * _relative_step(far, b, n) if n else -math.log1p(b / far)
    total = math.fsum(near) + math.fsum(tail) + first
    return sign * (total if n % 2 else -total)


def _relative_step(a: float, b: float, power: int) -> float:
    """(1 + b / a)^-power - 1."""
    return math.expm1(-power * math.log1p(b / a))


def _cotangent_derivative(n: int, a: float) -> float:
    """The n-th derivative of π cot(πa): π^(n+1) times a polynomial in c = cot(πa), by c' = -π (1 + c²)."""
    polynomial = [0.0, 1.0]
    for _ in range(n):
        slope = [power * coefficient for power, coefficient in enumerate(polynomial)][1:]
        polynomial = [0.0] * (len(slope) + 2)
        for power, coefficient in enumerate(slope):
            polynomial[power] -= coefficient
            polynomial[power + 2] -= coefficient
    return math.pi ** (n + 1) * _horner(tuple(reversed(polynomial)), _cot_pi(a))

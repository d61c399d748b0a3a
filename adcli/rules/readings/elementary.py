"""The functions of `rules/elementary.py` on floats.

None of them raises for any float: infinities and NaN are answered as IEEE 754 would.
"""

from __future__ import annotations

import math
from fractions import Fraction

from adcli.rules.readings.real import cospi, gauss, sigmoid, sinpi

_ROOT_HALF = 0.7071067811865476
_ROOT_HALF_REST = -4.833646656726457e-17  # sqrt(1/2) is the sum of the two
_HALF_SLOPE = 1.1283791670955126  # 2 / sqrt(pi)


def _log(a: float) -> float:
    return math.log(a) if a > 0 else -math.inf if a == 0 else math.nan


def xlogy(a: float, b: float) -> float:
    """a log(b), and 0 where a is 0."""
    return 0.0 if a == 0 and b == b else a * _log(b)


def xlog1py(a: float, b: float) -> float:
    """a log(1 + b), and 0 where a is 0."""
    if a == 0 and b == b:
        return 0.0
    return a * (math.log1p(b) if b > -1 else -math.inf if b == -1 else math.nan)


def logit(a: float) -> float:
    """log(a / (1 - a)); near its zero by the inverse hyperbolic tangent, whose operand is exact there."""
    if 0.25 < a < 0.75:
        return 2 * math.atanh(2 * a - 1)
    if 0 < a < 1:
        return math.log(a / (1 - a))
    return -math.inf if a == 0 else math.inf if a == 1 else math.nan


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), without overflow."""
    if a == b:
        return a + math.log(2.0)
    if a != a or b != b:
        return math.nan
    larger, smaller = (a, b) if a > b else (b, a)
    return larger + math.log1p(_exp_of_difference(smaller, larger))


def log_diff_exp(a: float, b: float) -> float:
    """log(exp(a) - exp(b)), without overflow."""
    apart = b - a
    if not apart < 0:
        return -math.inf if apart == 0 else math.nan
    return a + (math.log(-math.expm1(apart)) if apart > -0.7 else math.log1p(-_exp_of_difference(b, a)))


def _exp_of_difference(a: float, b: float) -> float:
    """exp(a - b) of a that is less than b, with what the difference rounds off."""
    apart = a - b
    if apart < -800:
        return 0.0
    part = apart + b  # Knuth's TwoSum
    return math.exp(apart) * (1 + ((a - part) + ((part - apart) - b)))


def ndtr(a: float) -> float:
    """erfc(-a / sqrt(2)) / 2. What the rounding of its operand costs goes in separately: far out that is much."""
    if not abs(a) < 40:
        return math.nan if a != a else 1.0 if a > 0 else 0.0
    x = -a * _ROOT_HALF
    scaled, root_scaled = 134217729.0 * a, 134217729.0 * _ROOT_HALF  # 2^27 + 1: Veltkamp's splitting, Dekker's product
    high, root_high = scaled - (scaled - a), root_scaled - (root_scaled - _ROOT_HALF)
    low, root_low = a - high, _ROOT_HALF - root_high
    lost = -(((high * root_high + x) + high * root_low + low * root_high) + low * root_low) - a * _ROOT_HALF_REST
    return (math.erfc(x) - _HALF_SLOPE * gauss(x) * lost) / 2


def gelu(a: float) -> float:
    """a ndtr(a)."""
    return a * ndtr(a) if a > -40 or a != a else -0.0


def silu(a: float) -> float:
    """a sigmoid(a)."""
    return a * sigmoid(a) if a > -700 or a != a else -0.0 if a < -800 else a * math.exp(a)


def elu(a: float) -> float:
    """a, or exp(a) - 1 where a is negative."""
    return math.expm1(a) if a < 0 else a


def elu_scaled(a: float, b: float) -> float:
    """a, or b (exp(a) - 1) where a is negative."""
    return b * math.expm1(a) if a < 0 else a if b == b else b


def leaky_relu(a: float) -> float:
    """a, or a / 100 where a is negative."""
    return 0.01 * a if a < 0 else a


def prelu(a: float, b: float) -> float:
    """a, or b a where a is negative."""
    return b * a if a < 0 else a if b == b else b


def trunc(a: float) -> float:
    """a without its fraction, with a's sign where it is zero."""
    return math.copysign(math.trunc(a), a) if math.isfinite(a) else a


def fmod(a: float, b: float) -> float:
    """The remainder with a's sign; NaN where there is none."""
    return math.fmod(a, b) if b and not math.isinf(a) else math.nan


def fma(a: float, b: float, c: float) -> float:
    """a b + c, rounded once (`math.fma` came with Python 3.13)."""
    product = float(a) * float(b)
    if math.isinf(c) and math.isfinite(a) and math.isfinite(b):
        return c  # whatever the product is, which may overflow
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        return product + c
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if not exact:
        return product + c  # which has the sign of its zeros
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def gamma(a: float) -> float:
    """The gamma function; NaN at its poles but 0, where it has the sign of a."""
    if a == 0:
        return math.copysign(math.inf, a)
    try:
        return math.gamma(a)
    except ValueError:
        return math.nan
    except OverflowError:
        return math.inf


def factorial(a: float) -> float:
    """gamma(a + 1); where that sum would be rounded, a gamma(a)."""
    if 0 <= a <= 170 and a == math.floor(a):
        return float(math.factorial(int(a)))
    return a * gamma(a) if a > 0.5 else gamma(a + 1)


def sinc(a: float) -> float:
    """sin(pi a) / (pi a), and 1 at 0."""
    if a == 0 or math.isinf(a):
        return 1.0 if a == 0 else 0.0
    return sinpi(a) / (math.pi * a) if abs(a) > 1e-100 or a != a else 1.0


_MOST = 50  # the highest derivative of sinc


def sinc_derivative(n: float, a: float) -> float:
    """The derivative of sinc of order n. With z = pi a it is pi^n times that of sin(z) / z by z."""
    if not 0 <= n <= _MOST or n != math.floor(n) or a != a:
        return math.nan
    if math.isinf(a):
        return 0.0
    if n == 0:
        return sinc(a)
    order = int(n)
    scale: float = math.pi**order
    if abs(a) < 0.3:
        return scale * _near_zero(order, math.pi * a)
    if order == 1 and abs(a) > 0.6:
        cosine, sine = cospi(a), sinc(a)
        if abs(cosine - sine) > 0.25 * abs(cosine):
            return (cosine - sine) / a
    found = _by_series(order, a) if abs(a) < 10 else _by_recursion(order, a)
    return scale * float(found)


def _near_zero(n: int, z: float) -> float:
    """The sum of (-1)^k z^(2k - n) / ((2k + 1) (2k - n)!) from 2k = n on."""
    k = (n + 1) // 2
    power = (z if n % 2 else 1.0) * (-1.0) ** k
    total = 0.0
    while abs(power) > 1e-20 * abs(total) and power:
        total += power / (2 * k + 1)
        k += 1
        power *= -z * z / ((2 * k - n) * (2 * k - n - 1))
    return total


_BITS = 200
_ONE = 1 << _BITS  # numbers with 200 binary digits behind the point: near a zero of the sum few are left
_PI = 5048344754617993871973410141242436836214643421488662971535368


def _by_series(n: int, a: float) -> Fraction:
    z = _PI * Fraction(a).numerator // Fraction(a).denominator
    k = (n + 1) // 2
    power = (z if n % 2 else _ONE) * (-1) ** k
    total = 0
    while abs(power) > 1:
        total += power // (2 * k + 1)
        k += 1
        power = -(power * z // _ONE * z // _ONE) // ((2 * k - n) * (2 * k - n - 1))
    return Fraction(total, _ONE)


def _by_recursion(n: int, a: float) -> Fraction:
    """z f_k + k f_(k-1) is the derivative of order k of sin(z), as z f_0 = sin(z) tells."""
    rest = Fraction(math.remainder(a, 2.0))
    angle = _PI * rest.numerator // rest.denominator
    parts, term, k = [0, 0], _ONE, 0  # the cosine, and the sine
    while abs(term) > 1:
        parts[k % 2] += -term if k & 2 else term
        k += 1
        term = term * angle // _ONE // k
    cosine, sine = parts
    z = Fraction(_PI, _ONE) * Fraction(a)
    found = 0
    for order in range(n + 1):
        derivative = (sine, cosine, -sine, -cosine)[order % 4]
        found = (derivative - order * found) * z.denominator // z.numerator
    return Fraction(found, _ONE)

"""The functions of `rules/special.py` on floats, of which most come from SciPy.

None of them raises for any float: infinities and NaN are answered as IEEE 754 would. Without SciPy they raise AdError
`usage`. Formulas are those of the NIST Digital Library of Mathematical Functions (DLMF), https://dlmf.nist.gov.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from adcli.errors import AdError, Problem
from adcli.rules.readings import gamma
from adcli.rules.readings.elementary import fma, ndtr
from adcli.rules.readings.real import gauss

_ROOT_PI = 1.7724538509055159
_LOG_2PI = 1.8378770664093453
_HIGHEST_ORDER = 50


@cache
def library(name: str) -> Callable[..., Any]:
    """The function that `scipy.special` has under a name, quiet as IEEE 754 has it; raises AdError `usage`."""
    try:
        from scipy import special
    except ImportError:
        help_text = "pip install 'adcli[special]', or pip install scipy"
        raise AdError(Problem("usage", f"`{name}` needs SciPy, which is not installed", help=help_text)) from None
    import numpy

    function = getattr(special, name)

    def quiet(*operands: Any) -> Any:
        with numpy.errstate(all="ignore"):
            return function(*operands)

    return quiet


def of_library(name: str) -> Callable[..., float]:
    """The function of `scipy.special` on floats."""

    def value(*operands: float) -> float:
        return float(library(name)(*operands))

    return value


def of_order(name: str) -> Callable[..., float]:
    """A Bessel function of `scipy.special`, whose first operand is its order."""

    def value(order: float, a: float) -> float:
        return float(library(name)(order, a)) if math.isfinite(order) and math.isfinite(a) else math.nan

    return value


def _where(name: str, inside: Callable[..., bool]) -> Callable[..., float]:
    """A function of `scipy.special` on floats, where it has values; elsewhere NaN."""

    def value(*operands: float) -> float:
        return float(library(name)(*operands)) if inside(*operands) else math.nan

    return value


def erfcx(a: float) -> float:
    """exp(a²) erfc(a): 2 exp(a²) less what it is at -a where that is the larger part."""
    if a < 0:
        small = gauss(a)
        return 2 / small - float(library("erfcx")(-a)) if small else math.inf
    return float(library("erfcx")(a))


gammainc, gammaincc = (_where(name, lambda a, b: 0 < a < math.inf and b >= 0) for name in ("gammainc", "gammaincc"))
gammaincinv, gammainccinv = (
    _where(name, lambda a, b: 0 < a < math.inf and 0 <= b <= 1) for name in ("gammaincinv", "gammainccinv")
)
betainc, betaincinv = (
    _where(name, lambda a, b, c: 0 < a < math.inf and 0 < b < math.inf and 0 <= c <= 1)
    for name in ("betainc", "betaincinv")
)


def log_ndtr(a: float) -> float:
    """log(ndtr(a)), accurate far out on both sides."""
    if a > -3:
        return math.log1p(-ndtr(-a)) if a > -0.5 else math.log(ndtr(a))
    return math.log(erfcx(-a / math.sqrt(2)) / 2) - a * a / 2 if a > -1e154 else -math.inf if a < 0 else a


def erfcx_integral(n: float, a: float) -> float:
    """exp(a²) times the n-th repeated integral of erfc (DLMF 7.18): the smallest solution of a recurrence."""
    if not 0 <= n <= _HIGHEST_ORDER or n != math.floor(n) or a != a:
        return math.nan
    if n == 0 or math.isinf(a):
        return erfcx(a)
    before, found = 2 / _ROOT_PI, erfcx(a)
    if a < 0.2:
        for k in range(1, int(n) + 1):
            before, found = found, (before - 2 * a * found) / (2 * k)
        return found
    # backward from far out, where it does not matter what it is (DLMF 3.6)
    ratio = 0.0
    start = int(n) + 20 + int(250 / (a * a))
    product = found
    ratios = []
    for k in range(start, 0, -1):
        ratio = 1 / (2 * a + 2 * (k + 1) * ratio)  # of order k to order k - 1
        if k <= n:
            ratios.append(ratio)
    for one in ratios:
        product *= one
    return product


def i0e_moment(n: float, a: float) -> float:
    """The mean of (1 - cos t)^n exp(-a (1 - cos t)) over all angles: that of order 0 is exp(-a) I_0(a).

    It is 2^n (1/2)_n / n! times exp(-z) M(1/2, n + 1, z) with z = 2a (DLMF 10.32.1, 13.4.1, 13.2.39), a series of
    positive terms, summed with 100 binary digits behind the point; far out by the one of DLMF 13.7.2.
    """
    if not 0 <= n <= _HIGHEST_ORDER or n != math.floor(n) or not a >= 0:
        return math.nan
    order, z, scale = int(n), 2 * a, 1.0
    if z < 50 + 8 * order:
        top, bottom = z.as_integer_ratio()
        total = term = 1 << 100
        k = 0
        while term:
            term = term * (2 * k + 1) * top // (2 * (order + 1 + k) * (k + 1) * bottom)
            total += term
            k += 1
        for k in range(1, order + 1):
            scale *= (2 * k - 1) / k
        return scale * math.exp(-z) * math.ldexp(total, -100)
    total_far, part, k = 0.0, 1.0, 0
    while part > 1e-18:
        total_far += part
        part *= (order + 0.5 + k) * (0.5 + k) / ((k + 1) * z)
        k += 1
    for k in range(order):
        scale *= (2 * k + 1) / z
    return scale * total_far / math.sqrt(math.pi * z)


@cache
def _branch_series() -> tuple[float, ...]:
    """The coefficients of w about the branch point -1/e, highest power first (Corless et al. 1996, section 4)."""
    mu, alpha = [-1.0, 1.0], [2.0, -1.0]
    for k in range(2, 30):
        alpha.append(sum(mu[j] * mu[k + 1 - j] for j in range(2, k)))
        mu.append((k - 1) / (k + 1) * (mu[k - 2] / 2 + alpha[k - 2] / 4) - alpha[k] / 2 - mu[k - 1] / (k + 1))
    return tuple(reversed(mu))


def lambertw(a: float) -> float:
    """The number w of at least -1 with w exp(w) = a: by its series about -1/e, else by Newton's method."""
    if a == 0 or a != a or a == math.inf:
        return a
    above = fma(math.e, a, 1.0) + a * 1.4456468917292502e-16  # e a + 1, with the rest of e
    if above < 0.04:
        if above <= 0:
            return -1.0 if above > -1e-16 else math.nan
        total = 0.0
        for coefficient in _branch_series():
            total = total * math.sqrt(2 * above) + coefficient
        return total
    if a > 3:
        w = math.log(a) - math.log(math.log(a))
        for _ in range(6):
            w -= (w - math.log(a / w)) * w / (1 + w)
        return w
    w = math.log1p(a) if a > 0 else a * (1 - a) if a > -0.2 else -1 + math.sqrt(2 * above) * (1 - 0.3 * above)
    for _ in range(8):
        w -= (w - a * math.exp(-w)) / (1 + w)
    return w


_ZERO, _ZERO_REST = 0.3725074107813666, 1.3140183414386028e-17  # of expi, in two parts
_TERMS = 60


def expi(a: float) -> float:
    """The exponential integral; about its zero by a series, the product of those of exp(t) and 1 / t."""
    away = (a - _ZERO) - _ZERO_REST
    if not abs(away) < 0.19:
        return float(library("expi")(a))
    coefficients, coefficient, term = [], 0.0, 1.0  # of the powers of away / zero in exp(away) / (1 + away / zero)
    for k in range(_TERMS):
        coefficient = term - coefficient
        coefficients.append(coefficient / (k + 1))
        term *= _ZERO / (k + 1)
    total, ratio = 0.0, away / _ZERO
    for coefficient in reversed(coefficients):
        total = total * ratio + coefficient
    return math.exp(_ZERO) * ratio * total


def remainder(a: float) -> float:
    """What Stirling's formula lacks: lgamma(a) - ((a - 1/2) log(a) - a + log(2 pi) / 2)."""
    if a >= 10:
        return gamma.stirling(1 / (a * a)) / a
    if a < 1e-3:
        return math.lgamma(a) - ((a - 0.5) * math.log(a) - a + _LOG_2PI / 2)
    return math.log(math.gamma(a) / (a ** (a - 0.5) * math.exp(-a) * math.sqrt(2 * math.pi)))


def _deviance(a: float, b: float) -> float:
    """a log(a / b) + b - a, accurate where a and b are near each other (Loader 2000)."""
    if abs(a - b) > 0.1 * (a + b):
        return a * math.log(a / b) + b - a
    v = (a - b) / (a + b)
    total, power = (a - b) * v, 2 * a * v
    for k in range(3, 40, 2):
        power *= v * v
        total += power / k
    return total


def gamma_density(a: float, b: float) -> float:
    """b^(a - 1) exp(-b) / Γ(a)."""
    if not (a > 0 and b >= 0) or math.isinf(a):
        return math.nan
    if b == 0:
        return math.inf if a < 1 else 1.0 if a == 1 else 0.0
    if math.isinf(b):
        return 0.0
    if a < 10 and b < 100 and a > 1e-300:
        power = b**a / b if b**a > 1e-290 and b > 1e-290 else b ** (a - 1)
        return float(power * (math.exp(-b) / math.gamma(a)))
    if a < 10:
        return math.exp((a - 1) * math.log(b) - b - math.lgamma(a))
    return math.sqrt(a / (2 * math.pi)) * math.exp(-remainder(a) - _deviance(a, b)) / b


def beta_density(a: float, b: float, c: float) -> float:
    """c^(a - 1) (1 - c)^(b - 1) / B(a, b)."""
    if not (a > 0 and b > 0 and 0 <= c <= 1) or math.isinf(a) or math.isinf(b):
        return math.nan
    if c in (0, 1):
        own, other = (a, b) if c == 0 else (b, a)
        return math.inf if own < 1 else other if own == 1 else 0.0
    n = a + b
    remainders = remainder(n) - remainder(a) - remainder(b)
    try:
        deviances = _deviance(a, n * c) + _deviance(b, n * (1 - c))
        root = math.exp((remainders - deviances) / 2)  # the whole may underflow where its quotient by c does not
        return math.sqrt(a / n * b / (2 * math.pi)) * root / c / (1 - c) * root
    except (ArithmeticError, ValueError):
        return math.nan

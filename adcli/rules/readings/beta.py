"""The beta function and binomial coefficients on floats: right to a few ulp for positive operands.

Of a sum of the operands what its rounding loses goes in separately. Powers of two shares, which are left of Stirling's
formula (DLMF 5.11.1, 5.12.1), are corrected by what the division rounded off.
"""

from __future__ import annotations

import math

from adcli.rules.readings import gamma
from adcli.rules.readings.elementary import fma
from adcli.rules.readings.elementary import gamma as gamma_function
from adcli.rules.readings.special import remainder

_LARGE = 10.0  # from here on Stirling's formula has all its digits
_MOST_FACTORS = 514  # of more the smallest coefficient is above the largest float


def _sum(a: float, b: float) -> tuple[float, float]:
    """a + b, and what its rounding lost."""
    total = a + b
    return total, (math.fsum((a, b, -total)) if total < math.inf else 0.0)


def _power_of_share(a: float, n: float, lost: float, b: float) -> float:
    """(a / (n + lost))^b."""
    share = a / n
    power: float = share**b
    return power * math.exp(b * ((fma(-share, n, a) - share * lost) / a)) if power else 0.0


def beta(a: float, b: float) -> float:
    """Γ(a) Γ(b) / Γ(a + b) of positive operands; NaN for others."""
    if not (a > 0 and b > 0) or (math.isinf(a) and math.isinf(b)):
        return 0.0 if a == b == math.inf else math.nan
    a, b = (a, b) if a < b else (b, a)
    if math.isinf(b):
        return 0.0
    n, lost = _sum(a, b)
    if a >= _LARGE:
        powers = _power_of_share(a, n, lost, a) * _power_of_share(b, n, lost, b)
        sizes = math.sqrt(n / a) / math.sqrt(b) * math.sqrt(2 * math.pi)
        return powers * sizes * math.exp(remainder(a) + remainder(b) - remainder(n))
    if b >= _LARGE:
        return gamma_function(a) * _quotient(a, b, n, lost) if a > 1e-300 else 1 / a
    between = gamma_function(b) / gamma_function(n) * (1 - lost * gamma.digamma(n))
    return gamma_function(a) * between if b > 1e-300 else 1 / a + 1 / b


def _quotient(a: float, b: float, n: float, lost: float) -> float:
    """Γ(b) / Γ(a + b) of a large b and a small a."""
    if n == math.inf:
        return 0.0
    small: float = n**-a * math.exp(a - a * lost / n)
    return math.sqrt(n / b) * _power_of_share(b, n, lost, b) * small * math.exp(remainder(b) - remainder(n))


def betaln(a: float, b: float) -> float:
    """The logarithm of the beta function of positive operands; NaN for others."""
    value = beta(a, b)
    if 1e-290 < value < 1e290 or value != value:
        return math.log(value) if value == value else value
    a, b = (a, b) if a < b else (b, a)
    if math.isinf(b):
        return -math.inf
    if value > 1:  # 1 / a + 1 / b
        return math.log1p(a / b) - math.log(a)
    if a >= _LARGE:
        powers = a * math.log1p(b / a) + b * math.log1p(a / b)
        sizes = (math.log1p(a / b) - math.log(a) + math.log(2 * math.pi)) / 2
        return sizes + remainder(a) + remainder(b) - remainder(a + b) - powers
    rest = a - b * math.log1p(a / b) if b < 1e16 else 0.0
    return gamma.lgamma(a) - a * math.log(b) - a * math.log1p(a / b) + rest - math.log1p(a / b) / 2


def binom(a: float, b: float) -> float:
    """Γ(a + 1) / (Γ(b + 1) Γ(a - b + 1)): exact before the last rounding for whole numbers; NaN outside its domain."""
    if not (a > -1 and -1 < b < a + 1) or math.isinf(a):
        return math.nan
    if a == math.floor(a) and b == math.floor(b):
        return _whole(int(a), int(b))
    above, rest = math.fsum((a, -b, 1.0)), b + 1
    if not (above > 0 and rest > 0):
        return math.nan
    n = a + 2
    by_above, by_rest = math.fsum((a, -b, 1.0, -above)), math.fsum((b, 1.0, -rest))
    middle = gamma.digamma(n)
    moved = by_above * (gamma.digamma(above) - middle) + by_rest * (gamma.digamma(rest) - middle)
    size = beta(above, rest)
    if size > 1e-300:
        return math.exp(-moved) / ((a + 1) * size)
    logarithm = -betaln(above, rest) - math.log(a + 1)
    return math.exp(logarithm) if logarithm < 709.7 else math.inf


def _whole(n: int, k: int) -> float:
    if not 0 <= k <= n:
        return math.nan
    try:
        return float(math.comb(n, k)) if min(k, n - k) <= _MOST_FACTORS else math.inf
    except OverflowError:
        return math.inf

"""The primitives once more, on mpmath's numbers: what the tests hold the table against, and what `--verify` runs.

mpmath has most functions itself; these are the others. Imported where many digits are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

Real = Any


def _cbrt(a: Real) -> Real:
    return mpmath.sign(a) * mpmath.cbrt(abs(a))


def _mod(a: Real, b: Real) -> Real:
    """mpmath's own is exact however large the quotient is; by an infinity it has none."""
    if mpmath.isinf(b) and mpmath.isfinite(a):
        return a if a * b >= 0 or not a else b
    return a % b


def _erfc(a: Real) -> Real:
    """Beyond 10^10 mpmath may overflow, where the function is below 10^(-10^19)."""
    return mpmath.mpf(0) if a > 1e10 else mpmath.erfc(a)


KERNELS: dict[str, Callable[..., Real]] = {
    "pow": lambda a, b: a**b,
    "power_log": lambda a, b: a**b * mpmath.log(a) if a or b <= 0 else mpmath.mpf(0),
    "cbrt": _cbrt,
    "exp2": lambda a: mpmath.mpf(2) ** a,
    "log2": lambda a: mpmath.log(a) / mpmath.log(2),
    "erfc": _erfc,
    "over_hypot": lambda a, b: a / mpmath.hypot(a, b),
    "gauss": lambda a: mpmath.exp(-a * a),
    "lgamma": lambda a: mpmath.re(mpmath.loggamma(a)),
    "polygamma": lambda order, a: mpmath.polygamma(int(order), a),
    "sigmoid": lambda a: 1 / (1 + mpmath.exp(-a)),
    "softplus": lambda a: mpmath.log1p(mpmath.exp(a)),
    "relu": lambda a: max(a, mpmath.mpf(0)),
    "is_max": lambda *a: mpmath.mpf(a[0] == max(a)) / a.count(max(a)),
    "is_min": lambda *a: mpmath.mpf(a[0] == min(a)) / a.count(min(a)),
    "min": min,
    "clip": lambda a, low, high: min(max(a, low), high),
    "max": max,
    "round": mpmath.nint,
    "mod": _mod,
    "<": lambda a, b: mpmath.mpf(a < b),
    "<=": lambda a, b: mpmath.mpf(a <= b),
    ">": lambda a, b: mpmath.mpf(a > b),
    ">=": lambda a, b: mpmath.mpf(a >= b),
    "==": lambda a, b: mpmath.mpf(a == b),
    "!=": lambda a, b: mpmath.mpf(a != b),
    "and": lambda a, b: mpmath.mpf(a != 0 and b != 0),
    "or": lambda a, b: mpmath.mpf(a != 0 or b != 0),
    "not": lambda a: mpmath.mpf(a == 0),
}


def of_library(name: str) -> Callable[..., Real]:
    """The function that mpmath has under a name."""
    function: Callable[..., Real] = getattr(mpmath, name)
    return function

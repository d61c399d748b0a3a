"""Functions that `math` lacks, or that raise or lose digits there.

None of them raises for any float: infinities and NaN are answered as IEEE 754 would.
"""

from __future__ import annotations

import math
from typing import Any


def itself(a: Any) -> Any:
    """a: a number or an array."""
    return a


def one_minus_square(a: Any) -> Any:
    """1 - a² of a number, real or with many digits, or of an array."""
    return (1.0 - a) * (1.0 + a)


def over_hypot(a: float, b: float) -> float:
    """a / hypot(a, b), without overflow; NaN for (0, 0), which has no direction."""
    length = math.hypot(a, b)
    return a / length if length else math.nan


def power_log(a: float, b: float) -> float:
    """a^b log(a), and 0 where a^b is 0; NaN for a negative a."""
    if not a >= 0:
        return math.nan
    log = math.log(a) if a > 0 else -math.inf
    if b * log > 709:  # Python raises where a power overflows, and not where a product does
        root = math.pow(a, b / 2) if b * log < 1400 else math.inf
        return root * root * log
    power = math.pow(a, b)
    return 0.0 if power == 0 else power * log


def gauss(a: float) -> float:
    """exp(-a²) to about an ulp. Rounding a² would cost a² ulp: the square's low part goes in separately."""
    if abs(a) > 28:  # exp(-784) is below the smallest float
        return 0.0
    scaled = 134217729.0 * a  # 2^27 + 1: Veltkamp's splitting
    high = scaled - (scaled - a)  # 26 bits: its square is exact
    low = a - high
    return math.exp(-high * high) * math.exp(-low * (a + high))


def sech(a: float) -> float:
    """1 / cosh(a), without overflow."""
    return 1 / math.cosh(a) if abs(a) < 700 else 2 * math.exp(-abs(a))


def sigmoid(a: float) -> float:
    """1 / (1 + exp(-a)), without overflow and without loss on either side."""
    if a >= 0:
        return 1 / (1 + math.exp(-a))
    small = math.exp(a)
    return small / (1 + small)


def softplus(a: float) -> float:
    """log(1 + exp(a)), without overflow and without loss on either side."""
    if a > 0:
        return a + math.log1p(math.exp(-a))
    return math.log1p(math.exp(a))


def sinpi(a: float) -> float:
    """sin(pi a): exactly 0 at whole numbers, with a's sign, and as accurate far out as near 0.

    What a is beyond an even number is known exactly, and folded to at most a quarter before pi rounds it.
    """
    if not math.isfinite(a):
        return math.nan
    rest = math.remainder(a, 2.0)
    size = abs(rest)
    if size == 0 or size == 1:
        return math.copysign(0.0, a)
    if 0.25 < size <= 0.75:
        return math.copysign(math.cos(math.pi * (0.5 - size)), rest)
    return math.copysign(math.sin(math.pi * min(size, 1 - size)), rest)


def cospi(a: float) -> float:
    """cos(pi a): exactly 0 at halves of odd numbers, and as accurate far out as near 0."""
    if not math.isfinite(a):
        return math.nan
    size = abs(math.remainder(a, 2.0))
    if 0.25 < size <= 0.75:
        return math.sin(math.pi * (0.5 - size))
    return math.cos(math.pi * size) if size <= 0.25 else -math.cos(math.pi * (1 - size))


def cbrt(a: float) -> float:
    """The real cube root. One Newton step mends the rounding of the power (`math.cbrt` came with Python 3.11)."""
    if a == 0 or not math.isfinite(a):
        return a
    root = math.copysign(abs(a) ** (1 / 3), a)
    return root - (root - a / root / root) / 3


def sign(a: float) -> float:
    """-1, 0 or 1; NaN for NaN."""
    return 1.0 if a > 0 else -1.0 if a < 0 else 0.0 if a == 0 else math.nan


def relu(a: float) -> float:
    """The larger of a and 0; NaN for NaN."""
    return 0.0 if a <= 0 else a


def maximum(*operands: float) -> float:
    """The largest operand; NaN if any is."""
    largest = max(operands)
    return largest if largest == largest and all(a == a for a in operands) else math.nan


def minimum(*operands: float) -> float:
    """The smallest operand; NaN if any is."""
    smallest = min(operands)
    return smallest if smallest == smallest and all(a == a for a in operands) else math.nan


def clip(a: float, low: float, high: float) -> float:
    """a, but no less than low, and after that no more than high; NaN if any is."""
    return minimum(maximum(a, low), high)


def is_max(*operands: float) -> float:
    """1 where the first operand is the largest, an equal share where others are as large, else 0; NaN if any is."""
    return _share(maximum(*operands), operands)


def is_min(*operands: float) -> float:
    """1 where the first operand is the smallest, an equal share where others are as small, else 0; NaN if any is."""
    return _share(minimum(*operands), operands)


def _share(extreme: float, operands: tuple[float, ...]) -> float:
    if extreme != extreme:
        return math.nan
    return 1 / operands.count(extreme) if operands[0] == extreme else 0.0


def floor(a: float) -> float:
    """The largest integer that is not above a, with a's sign where it is zero."""
    return math.copysign(math.floor(a), a) if math.isfinite(a) else a


def ceil(a: float) -> float:
    """The smallest integer that is not below a, with a's sign where it is zero."""
    return math.copysign(math.ceil(a), a) if math.isfinite(a) else a


def nearest(a: float) -> float:
    """The nearest integer, the even one of two, with a's sign where it is zero."""
    return math.copysign(round(a), a) if math.isfinite(a) else a

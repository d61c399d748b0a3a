"""The verdict on a derivative, from a difference that knows its own error."""

from __future__ import annotations

import math
from enum import Enum
from typing import NamedTuple

from adcli.trust.difference import EPSILON, Estimate


class Verdict(str, Enum):
    """What may be believed of a derivative."""

    AGREES = "agrees"
    WRONG = "wrong"
    STEP = "step"
    NONSMOOTH = "nonsmooth"
    UNDEFINED = "undefined"


class Judgement(NamedTuple):
    """A derivative beside its difference.

    Attributes:
        value: the derivative by differences
        error: how far that may be off
        apart: the distance of the two
        digits: how many significant digits agree; None where there is nothing to compare
        verdict: what may be believed
        reason: what decided, in words
    """

    value: float
    error: float
    apart: float
    digits: float | None
    verdict: Verdict
    reason: str


_MOST_DIGITS = -math.log10(EPSILON)
_TELLING = 0.1  # the largest error, relative to the two numbers, with which a difference can tell


def judge(derivative: float, round_off: float, estimate: Estimate) -> Judgement:
    """Compare a derivative with a difference, within what the difference can know.

    Args:
        derivative: by the reverse sweep, or claimed by hand
        round_off: how far the derivative itself may be off by rounding: a zero that is the sum of large
            contributions is not exact
        estimate: by differences
    """
    value, error, floor = estimate.value, estimate.error, estimate.floor
    apart = abs(derivative - value)
    if not math.isfinite(derivative):
        return Judgement(value, error, apart, None, Verdict.UNDEFINED, "the derivative is not finite here")
    if estimate.left is not None and estimate.right is not None:
        slopes = f"slope {estimate.left:.6g} from the left, {estimate.right:.6g} from the right"
        return Judgement(value, error, apart, None, Verdict.NONSMOOTH, slopes)
    if not math.isfinite(value):
        return Judgement(value, error, apart, None, Verdict.STEP, estimate.reason)
    size = max(abs(derivative), abs(value))
    digits = agreeing_digits(derivative, value, floor)
    allowed = error + round_off
    if apart <= allowed:
        zero = abs(derivative) <= round_off
        if error <= _TELLING * size or (zero and not estimate.reason):
            return Judgement(value, error, apart, digits, Verdict.AGREES, f"{apart:.2g} apart <= {allowed:.2g}")
    elif error <= _TELLING * size:
        return Judgement(value, error, apart, digits, Verdict.WRONG, f"{apart:.2g} apart > {allowed:.2g}")
    reason = estimate.reason or f"the error {error:.2g} is too large beside {size:.2g}"
    return Judgement(value, error, apart, digits, Verdict.STEP, reason)


def agreeing_digits(x: float, y: float, floor: float) -> float:
    """How many significant digits of two numbers agree; differences below the floor count as large as it."""
    size = max(abs(x), abs(y), floor)
    if x == y or size == 0:
        return _MOST_DIGITS
    return max(0.0, min(_MOST_DIGITS, -math.log10(abs(x - y) / size)))

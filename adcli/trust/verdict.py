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

    @property
    def noteworthy(self) -> bool:
        """Whether a reader should be told the reason: all is not well, or the difference itself knows little."""
        return self.verdict is not Verdict.AGREES or self.error > _BLUNT * abs(self.value) > 0


_BLUNT = 1e-5  # an error, relative to the value, with which a difference that agrees says little
_MOST_DIGITS = -math.log10(EPSILON)
_TELLING = 0.1  # the largest error, relative to the two numbers, with which a difference can tell
ILL_CONDITIONED = "the input's own rounding moves the value more than a difference can tell"


def undefined(reason: str) -> Judgement:
    """The judgement where the value or the derivative is not finite: nothing can be compared."""
    return Judgement(math.nan, math.nan, math.nan, None, Verdict.UNDEFINED, reason)


def judge(derivative: float, round_off: float, estimate: Estimate) -> Judgement:
    """Compare a derivative with a difference, within what the difference can know.

    Args:
        derivative: by the reverse sweep, or claimed by hand
        round_off: how far the derivative itself may be off by rounding: a zero that is the sum of large
            contributions is not exact
        estimate: by differences
    """
    value, error = estimate.value, estimate.error
    apart = abs(derivative - value)

    def verdict(kind: Verdict, reason: str, digits: float | None = None) -> Judgement:
        return Judgement(value, error, apart, digits, kind, reason)

    if not math.isfinite(derivative):
        return verdict(Verdict.UNDEFINED, "the derivative is not finite here")
    if not math.isfinite(value) and estimate.sides is not None:
        return verdict(Verdict.NONSMOOTH, _sides(estimate))
    if not math.isfinite(value):
        return verdict(Verdict.STEP, estimate.reason)
    if abs(derivative) > estimate.steepest:
        return verdict(Verdict.STEP, estimate.reason or ILL_CONDITIONED)
    size = max(abs(derivative), abs(value))
    digits = agreeing_digits(derivative, value, estimate.floor)
    allowed = error + round_off
    telling = error <= _TELLING * size
    if apart <= allowed and (telling or (abs(derivative) <= round_off and not estimate.reason)):
        known = "" if error <= _BLUNT * size else ": the difference itself knows no more digits here"
        return verdict(Verdict.AGREES, f"{apart:.2g} apart <= {allowed:.2g}{known}", digits)
    if apart > allowed and telling and not estimate.reason:
        if estimate.sides is not None:
            return verdict(Verdict.NONSMOOTH, f"{_sides(estimate)}; the convention at the kink gives {derivative:.6g}")
        return verdict(Verdict.WRONG, f"{apart:.2g} apart > {allowed:.2g}", digits)
    return verdict(Verdict.STEP, estimate.reason or f"the error {error:.2g} is too large beside {size:.2g}", digits)


def _sides(estimate: Estimate) -> str:
    assert estimate.sides is not None
    left, right = estimate.sides
    slopes = f"slope {left:.6g} from the left, {right:.6g} from the right"
    return f"the value jumps by {estimate.jump:.6g}; {slopes}" if estimate.jump else slopes


def agreeing_digits(x: float, y: float, floor: float) -> float:
    """How many significant digits of two numbers agree; differences below the floor count as large as it."""
    size = max(abs(x), abs(y), floor)
    ratio = abs(x - y) / size if size else 0.0
    return max(0.0, min(_MOST_DIGITS, -math.log10(ratio))) if ratio else _MOST_DIGITS

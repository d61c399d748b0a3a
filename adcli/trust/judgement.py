"""What is said of a derivative in the end: a verdict, with what decided."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import Enum

from adcli.records import NamedTuple
from adcli.trust.difference import EPSILON


class Verdict(str, Enum):
    """What may be believed of a derivative."""

    AGREES = "agrees"
    WRONG = "wrong"
    STEP = "step"
    NONSMOOTH = "nonsmooth"
    UNDEFINED = "undefined"
    LOST = "lost"


# From the best to the worst.
SEVERITY = (Verdict.AGREES, Verdict.STEP, Verdict.NONSMOOTH, Verdict.LOST, Verdict.UNDEFINED, Verdict.WRONG)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on the whole: the worst of all."""
    return max(verdicts, key=SEVERITY.index, default=Verdict.AGREES)


class Judgement(NamedTuple):
    """What the evidence says of a derivative.

    Attributes:
        value: the derivative by differences; of a claim the program's own
        error: how far that may be off
        apart: the distance of the two
        digits: how many significant digits agree; None where there is nothing to compare
        verdict: what may be believed
        reason: what decided, in words
        precision: of a claim that agrees no more than it is precise itself: `to 5 digits: rounded`
    """

    value: float
    error: float
    apart: float
    digits: float | None
    verdict: Verdict
    reason: str
    precision: str = ""

    @property
    def noteworthy(self) -> bool:
        """Whether a reader should be told the reason: all is not well, or the difference itself knows little."""
        return self.verdict is not Verdict.AGREES or self.reason.startswith(ZERO)


ZERO = "zero within rounding"
MOST_DIGITS = -math.log10(EPSILON)


def agreeing_digits(x: float, y: float, floor: float) -> float:
    """How many significant digits of two numbers agree; differences below the floor count as large as it."""
    size = max(abs(x), abs(y), floor)
    ratio = abs(x - y) / size if size else 0.0
    return max(0.0, min(MOST_DIGITS, -math.log10(ratio))) if ratio else MOST_DIGITS


def known_digits(error: float, size: float, agreeing: float | None) -> float | None:
    """The digits that are known: no more than agree, and than an error leaves."""
    if agreeing is None or not error or not size:
        return agreeing
    return max(0.0, min(agreeing, -math.log10(error / size)))

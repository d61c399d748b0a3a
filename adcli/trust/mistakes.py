"""A mistake in a derivative by hand: what it is, what a claim would be with it, and what it is to explain."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from adcli.records import NamedTuple
from adcli.tape.tape import Tape

NEAR = 1e-12  # a distance, relative to both numbers, that rounding explains


class Sample(NamedTuple):
    """A component of a claim at a point.

    Attributes:
        tape: of the program there
        output: the entry that is differentiated
        component: of the inputs
        derivative, claimed: what it is, and what is claimed
        tolerance: how far the two may be apart by rounding
    """

    tape: Tape
    output: int
    component: str
    derivative: float
    claimed: float
    tolerance: float

    def fits(self, value: float) -> bool:
        """Whether a number is what is claimed, as far as rounding lets one tell."""
        return abs(self.claimed - value) <= self.tolerance + NEAR * max(abs(self.claimed), abs(value))

    @property
    def chance(self) -> float:
        """How likely any number explains how far the claim is off: the share of its discrepancy that rounding is."""
        return min(1.0, 2 * self.near / (abs(self.claimed - self.derivative) or self.near or 1.0))

    @property
    def near(self) -> float:
        """A distance from the derivative that rounding explains."""
        return self.tolerance + NEAR * abs(self.derivative)


# What a claim would be if a mistake had been made; None where the mistake cannot be made.
Prediction: TypeAlias = Callable[[Sample], "float | None"]


class Hypothesis(NamedTuple):
    """A mistake that explains a sample.

    Attributes:
        kind, text: what it is, in words
        predict: what a claim would be with it
        lines: of the program, that it is about
        fitted: at how many samples a number in it was fitted, so that these do not tell whether it is true
        tried: how many mistakes were tried until it was found
    """

    kind: str
    text: str
    predict: Prediction
    lines: tuple[int, ...] = ()
    fitted: int = 0
    tried: int = 1


class Candidate(NamedTuple):
    """A mistake that is tried: its kind, what the claim of the sample would be with it, and what is told if it is."""

    kind: str
    value: float | None
    tell: Callable[[], Hypothesis]

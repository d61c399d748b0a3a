"""Finite differences with an error estimate.

Differences at halving steps are extrapolated to step zero (Richardson; the tableau and its error estimate are
Ridders', Advances in Engineering Software 4 (1982) 75). The estimate's error is the truncation that the tableau
shows plus the round-off that it amplifies; how much round-off the function's values carry, the caller knows from the
tape (`rounding.py`).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Hashable
from typing import Protocol, TypeAlias

from adcli.records import NamedTuple

EPSILON = sys.float_info.epsilon


Pieces: TypeAlias = tuple[Hashable, ...]  # for each operation that has several, on which of them it lies


class Observation(NamedTuple):
    """A function at a point.

    Attributes:
        value: NaN where there is none
        pieces: on which smooth pieces of its operations the point lies
        noise: how much round-off the value carries, where that is known: at points on other pieces
    """

    value: float
    pieces: Pieces = ()
    noise: float = 0.0


ELSEWHERE: Pieces = ("elsewhere",)  # in place of the pieces where other ones are wanted, and the value is left out


class Function(Protocol):
    """A function of one variable."""

    def __call__(self, x: float, wanted: Pieces | None = None, /) -> Observation:
        """What it is at x. If only certain pieces are wanted, it may tell of a point on others that it is ELSEWHERE."""
        ...


class Estimate(NamedTuple):
    """A derivative by differences.

    Attributes:
        value: the derivative; NaN where no step gave one
        error: how far it may be off: truncation and round-off
        floor: the part of the error that is round-off at the step used
        step: the step used
        steepest: the steepest slope that steps from one input number to the next can tell
        sides: the slopes to the left and to the right, where the operations change their piece at the point
        jump: how far the value jumps there
        reason: why there is no value, or why it is in doubt
    """

    value: float
    error: float
    floor: float = 0.0
    step: float = 0.0
    steepest: float = math.inf
    sides: tuple[float, float] | None = None
    jump: float = 0.0
    reason: str = ""


NO_STEP = "no step stays inside the domain of the function"
OTHER_PIECES = "every step takes another branch, or leads to another smooth piece"
VANISHED = "the input is so large that x + h == x before the step is small enough"
UNSETTLED = "the differences do not settle at any step"

_FIRST_STEP = 5 / 16  # of the size's power of two: halving it is exact, and no usual period is a multiple of it
_RUNGS = 60  # halvings at most
_COLUMNS = 9  # of the tableau
_SAFETY = 2.0  # on the round-off
_ONE_SIDED_SAFETY = 4.0  # on the truncation of a one-sided stencil
_SHARP = 1e-5  # an error, relative to the value, that is worth stopping at
_ZERO = 1e-6  # an error, relative to the slopes at large steps, that makes a value of its size a zero
_NOTHING_LEFT = 1e-14  # an error, relative to the value, that no smaller step needs to improve
_PROBES = (300007, 311, 3)  # units in the last place of the input: how near to look for walls and kinks
_SMALL_STEPS = (2.0**-46, 2.0**-38, 2.0**-30, 2.0**-20)  # relative to the input: where an estimate has to hold as well
_RESTARTS = (2.0**12, 2.0**4)  # times the small step that contradicts: where to descend anew


def differentiate(function: Function, x: float, noise: float = 0.0) -> Estimate:
    """The derivative of a function of one variable at x, whose values carry round-off of the size `noise`.

    Beside a wall of the domain the stencil is one-sided. Where the operations of the function lie on other
    smooth pieces to the left or to the right, the two sides are differentiated apart.
    """
    here = function(x)
    if not math.isfinite(here.value):
        return nothing("the value is not finite here")
    unit = math.ulp(x) if x != 0 else EPSILON
    for probe in (count * unit for count in _PROBES):
        left, right = function(x - probe), function(x + probe)
        open_left, open_right = math.isfinite(left.value), math.isfinite(right.value)
        if open_left and open_right and left.pieces == here.pieces == right.pieces:
            return _Stencil(function, x, 0, here, noise).derivative()
    sides = [
        _one_side(function, x, side, here, beside, probe, noise)
        for side, beside in ((-1, left), (1, right))
        if math.isfinite(beside.value)
    ]
    if not sides:
        return nothing(NO_STEP)
    return sides[0][0] if len(sides) == 1 else _joined(*sides)


def nothing(reason: str) -> Estimate:
    """No estimate, and why."""
    return Estimate(math.nan, math.inf, reason=reason)


def _one_side(
    function: Function, x: float, side: int, here: Observation, beside: Observation, probe: float, noise: float
) -> tuple[Estimate, float]:
    """The slope on one side of x, and how far the value jumps to that side.

    A side on another piece is a function of its own, whose limit at x need not be the value at x. It is taken
    for continuous where it starts as near as its own slope allows.
    """
    if beside.pieces != here.pieces:
        apart = _Stencil(function, x + side * probe, side, beside, noise).derivative()
        jump = beside.value - here.value
        if abs(jump) > 2 * probe * abs(apart.value) + 100 * (noise + beside.noise + math.ulp(here.value)):
            return apart, jump
    return _Stencil(function, x, side, Observation(here.value, beside.pieces), noise).derivative(), 0.0


def _joined(left_side: tuple[Estimate, float], right_side: tuple[Estimate, float]) -> Estimate:
    """One estimate from both sides of a kink or a jump: a derivative if the slopes agree and nothing jumps."""
    (left, left_jump), (right, right_jump) = left_side, right_side
    if not (math.isfinite(left.value) and math.isfinite(right.value)):
        return nothing(left.reason or right.reason)
    sides = (left.value, right.value)
    if left_jump or right_jump or abs(left.value - right.value) > left.error + right.error:
        # a value that stands apart from both sides jumps twice, and back
        jump = max((right_jump - left_jump, right_jump, left_jump), key=abs)
        return nothing("")._replace(sides=sides, jump=jump)
    return Estimate(
        (left.value + right.value) / 2,
        left.error + right.error,
        max(left.floor, right.floor),
        max(left.step, right.step),
        min(left.steepest, right.steepest),
        sides,
        reason=left.reason or right.reason,
    )


class _Stencil:
    """Differences of one function at one point, to both sides (side 0) or to one (1 or -1)."""

    def __init__(self, function: Function, x: float, side: int, here: Observation, noise: float) -> None:
        self.function = function
        self.x = x
        self.side = side
        self.here = here
        self.noise = noise
        self.largest = abs(here.value)  # value in any stencil
        self.strayed = False  # whether a step led to another piece

    def derivative(self) -> Estimate:
        """The best estimate over ladders of steps that start at the size of 1 and of the input."""
        best = nothing(NO_STEP)
        for size in dict.fromkeys((max(abs(self.x), 1.0), abs(self.x) or 1.0)):
            estimate = self._descend(_FIRST_STEP * 2.0 ** math.floor(math.log2(size)))
            if _better(estimate, best):
                best = estimate
            if not best.reason and best.error <= _SHARP * abs(best.value):
                break
        for widening in _RESTARTS:
            contradicted_at = self._contradiction(best)
            if not contradicted_at:
                break
            best = self._descend(widening * contradicted_at)
        else:
            if self._contradiction(best):
                best = best._replace(reason=UNSETTLED)
        if best.reason == NO_STEP and self.strayed:
            best = best._replace(reason=OTHER_PIECES)
        steepest = 0.1 * self.largest / math.ulp(self.x) if self.x != 0 else math.inf
        return best._replace(steepest=steepest)

    def _slope(self, h: float) -> tuple[float, float] | None:
        """The difference quotient at a step, and its round-off.

        None where the stencil leaves the domain or the smooth piece, or the step is not the same to both sides.
        """
        x = self.x
        high, low = (x + h, x - h) if self.side == 0 else (x + self.side * h, x)
        if high in (low, x) or not math.isfinite(high):
            return None
        if h < abs(x) / 1000 and (abs(high - x) != h or x - low not in (0, h)):
            return None
        above = self.function(high, self.here.pieces)
        below = self.here if low == x else self.function(low, self.here.pieces)
        if not above.pieces == below.pieces == self.here.pieces:
            self.strayed = self.strayed or (_has_value(above) and _has_value(below))
            return None
        quotient = (above.value - below.value) / (high - low)
        if not math.isfinite(quotient):
            return None
        size = max(abs(above.value), abs(below.value))
        self.largest = max(self.largest, size)
        return quotient, _SAFETY * max(self.noise, above.noise, below.noise, math.ulp(size)) / h

    def _descend(self, start: float) -> Estimate:
        """Halve the step until round-off alone exceeds the best error."""
        best = nothing(NO_STEP)
        gap = 0.0  # between the best value and the plain quotient at its step
        # a central difference has even powers of the step only
        tableau = Tableau(2.0, _ONE_SIDED_SAFETY, slow=True) if self.side else Tableau(4.0)
        for rung in range(_RUNGS):
            h = start * 0.5**rung
            if self.x + h == self.x:
                return self._settled(best, tableau.steepest, VANISHED)
            slope = self._slope(h)
            if slope is None:
                tableau.clear()
                continue
            quotient, floor = slope
            if abs(quotient - best.value) > best.error + floor + gap:  # large steps may have missed what is here
                best = nothing(UNSETTLED)
            value, error = tableau.add(quotient, floor)
            if error < best.error:
                best = Estimate(value, error, floor, h)
                gap = abs(quotient - value)
            done = floor > best.error or best.error <= _NOTHING_LEFT * abs(best.value)
            if done and not self._settled(best, tableau.steepest, UNSETTLED).reason:
                return best
        return self._settled(best, tableau.steepest, UNSETTLED)

    def _settled(self, best: Estimate, steepest: float, reason: str) -> Estimate:
        """The estimate as it is where it is sharp, or a zero as far as one sees; else with a reason to doubt it."""
        sharp = best.error <= _SHARP * abs(best.value)
        zero = best.error <= _ZERO * steepest
        limited_by_noise = best.error <= 100 * best.floor
        return best if sharp or zero or limited_by_noise else best._replace(reason=best.reason or reason)

    def _contradiction(self, best: Estimate) -> float:
        """The small step that shows another slope than the best; 0 if none does.

        Large steps can fall in with a period, or step over what is narrow.
        """
        size = 2.0 ** math.floor(math.log2(abs(self.x) or 1.0))
        for small in _SMALL_STEPS:
            h = _FIRST_STEP * size * small
            narrow = self._slope(h) if h < best.step else None
            if narrow is None or abs(narrow[0] - best.value) <= best.error + narrow[1]:
                continue
            wide = self._slope(2 * h)
            if wide is not None:
                allowed = best.error + narrow[1] + 2 * abs(wide[0] - narrow[0])
                if all(abs(quotient - best.value) > allowed for quotient, _ in (narrow, wide)):
                    return h
        return 0.0


def _has_value(observation: Observation) -> bool:
    """Whether there is a value, told or left out."""
    return observation.pieces == ELSEWHERE or math.isfinite(observation.value)


def _better(estimate: Estimate, best: Estimate) -> bool:
    """Whether an estimate is to be preferred: what is not in doubt comes first, then what has the smaller error."""
    if math.isnan(best.value) or bool(estimate.reason) != bool(best.reason):
        return math.isnan(best.value) or not estimate.reason
    return estimate.error < best.error


class Tableau:
    """Neville's scheme: a row for each step, each column free of one more power of the step."""

    def __init__(self, base: float, safety: float = 1.0, slow: bool = False) -> None:
        """Start with nothing.

        Args:
            base: what the first power of the step in the error falls by from row to row
            safety: a factor on the truncation
            slow: whether the error may fall like a small power of the step
        """
        self.base = base
        self.safety = safety
        self.slow = slow
        self.steepest = 0.0  # quotient so far
        self.clear()

    def clear(self) -> None:
        """Start anew: a step has been left out."""
        self.row: list[float] = []
        self.quotients: list[float] = []

    def add(self, quotient: float, floor: float) -> tuple[float, float]:
        """Add the quotient at half the last step; the best value in its row, with its error."""
        self.steepest = max(self.steepest, abs(quotient))
        self.quotients = [*self.quotients[-2:], quotient]
        slow = self._slow_convergence() if self.slow else 0.0
        previous, self.row = self.row, [quotient]
        best = (quotient, math.inf)
        amplification = 1.0
        for column, above in enumerate(previous[:_COLUMNS]):
            factor = self.base ** (column + 1)
            value = self.row[column] + (self.row[column] - above) / (factor - 1)
            amplification *= (factor + 1) / (factor - 1)
            truncation = slow + self.safety * max(abs(value - self.row[column]), abs(value - above))
            self.row.append(value)
            best = min(best, (value, truncation + amplification * floor), key=lambda pair: pair[1])
        return best

    def _slow_convergence(self) -> float:
        """What is still to come where the quotients converge like a small power of the step, as beside x^1.01."""
        if len(self.quotients) < 3:
            return 0.0
        before, last = self.quotients[1] - self.quotients[0], self.quotients[2] - self.quotients[1]
        ratio = abs(before / last) if last else math.inf
        return abs(last) / max(ratio - 1, 1e-3) if ratio < 1.5 else 0.0

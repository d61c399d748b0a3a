"""Finite differences with an error estimate.

Differences at halving steps are extrapolated to step zero (Richardson; the tableau and its error estimate are
Ridders', Advances in Engineering Software 4 (1982) 75). The round-off of the function is measured from a table
of differences at tiny steps (Hamming's; Moré and Wild, SIAM J. Sci. Comput. 33 (2011) 1292). The estimate's
error is the truncation that the tableau shows plus the round-off that it amplifies.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

EPSILON = sys.float_info.epsilon


class Observation(NamedTuple):
    """A function's value at a point, and on which smooth pieces of its operations that point lies."""

    value: float
    pieces: tuple[float, ...] = ()


Function = Callable[[float], Observation]


class Estimate(NamedTuple):
    """A derivative by differences.

    Attributes:
        value: the derivative; NaN where no step gave one
        error: how far it may be off: truncation and round-off
        floor: the part of the error that is round-off at the step used
        step: the step used
        left, right: the slopes on the two sides, where they differ: the function has no derivative here
        reason: why there is no value, or no better one
    """

    value: float
    error: float
    floor: float
    step: float
    left: float | None = None
    right: float | None = None
    reason: str = ""


NO_STEP = "no step stays inside the domain of the function"
VANISHED = "the input is so large that x + h == x before the step is small enough"
UNSETTLED = "the differences do not settle at any step"

_FIRST_STEP = 0.3  # of the input's size. Not a round number: steps must not fall in with a period
_RUNGS = 60  # halvings at most
_COLUMNS = 9  # of the tableau
_SAFETY = 2.0  # on the measured round-off
_ONE_SIDED_SAFETY = 4.0  # on the truncation beside a wall, where a fractional power may slow the convergence
_SHARP = 1e-5  # an error, relative to the value, that is worth stopping at
_ZERO = 1e-6  # an error, relative to the slopes at large steps, that makes a value of its size a zero
_NOTHING_LEFT = 1e-14  # an error, relative to the slopes, that no smaller step needs to improve
_PROBES = (300007, 311, 3)  # units in the last place of the input: where to look for walls, kinks and noise
_WIDENINGS = (1.0, 1e3, 1e6)  # of the steps at which the noise is measured


def differentiate(function: Function, x: float) -> Estimate:
    """The derivative of a function of one variable at x.

    Beside a wall of the domain the stencil is one-sided. Where the operations of the function lie on other
    smooth pieces to the left and to the right, the two sides are differentiated apart.
    """
    here = function(x)
    if not math.isfinite(here.value):
        return nothing("the value is not finite here")
    unit = math.ulp(x) if x != 0 else EPSILON
    for probe in (count * unit for count in _PROBES):
        left, right = function(x - probe), function(x + probe)
        open_left, open_right = math.isfinite(left.value), math.isfinite(right.value)
        if open_left and open_right and left.pieces == here.pieces == right.pieces:
            return _Stencil(function, x, 0, here, here.pieces, probe).derivative()
    sides = [(-1, left.pieces)] * open_left + [(1, right.pieces)] * open_right
    estimates = [_Stencil(function, x, side, here, pieces, probe).derivative() for side, pieces in sides]
    if not estimates:
        return nothing(NO_STEP)
    return estimates[0] if len(estimates) == 1 else _joined(*estimates)


def nothing(reason: str) -> Estimate:
    """No estimate, and why."""
    return Estimate(math.nan, math.inf, math.inf, 0.0, reason=reason)


def _joined(left: Estimate, right: Estimate) -> Estimate:
    """One estimate from both sides of a kink: a derivative if the slopes agree, else both slopes."""
    if left.reason or right.reason or abs(left.value - right.value) > left.error + right.error:
        return nothing("the slopes on the two sides differ")._replace(left=left.value, right=right.value)
    return Estimate(
        (left.value + right.value) / 2,
        left.error + right.error,
        max(left.floor, right.floor),
        max(left.step, right.step),
    )


class _Stencil:
    """Differences of one function at one point, to both sides (side 0) or to one (1 or -1)."""

    def __init__(
        self,
        function: Function,
        x: float,
        side: int,
        here: Observation,
        pieces: tuple[float, ...],
        probe: float,
    ) -> None:
        self.function = function
        self.x = x
        self.side = side
        self.here = here
        self.pieces = pieces
        self.noise = self._noise(probe)

    def derivative(self) -> Estimate:
        """The best estimate over ladders of steps that start at the size of 1 and of the input."""
        best = nothing(NO_STEP)
        for size in dict.fromkeys((max(abs(self.x), 1.0), abs(self.x) or 1.0)):
            found = self._descend(_FIRST_STEP * size)
            if (best.reason and (not found.reason or not math.isfinite(best.value))) or (
                not found.reason and found.error < best.error
            ):
                best = found
            if not best.reason and best.error <= _SHARP * abs(best.value):
                break
        return best

    def _slope(self, h: float) -> tuple[float, float] | None:
        """The difference quotient at a step, and its round-off.

        None where the stencil leaves the domain or the smooth piece, or the step vanishes against x.
        """
        high, low = (self.x + h, self.x - h) if self.side == 0 else (self.x + self.side * h, self.x)
        if high in (low, self.x) or not math.isfinite(high):
            return None
        above = self.function(high)
        below = self.here if low == self.x else self.function(low)
        if above.pieces != self.pieces or (self.side == 0 and below.pieces != self.pieces):
            return None
        quotient = (above.value - below.value) / (high - low)
        if not math.isfinite(quotient):
            return None
        size = max(abs(above.value), abs(below.value))
        return quotient, _SAFETY * max(self.noise, EPSILON * size) / h

    def _descend(self, start: float) -> Estimate:
        """Halve the step until round-off alone exceeds the best error, and look whether a small step agrees."""
        best = nothing(NO_STEP)
        gap = 0.0  # between the best value and the plain quotient at its step
        steepest = 0.0
        base = 4.0 if self.side == 0 else 2.0  # a central difference has even powers of h in its error only
        safety = 1.0 if self.side == 0 else _ONE_SIDED_SAFETY
        row: list[float] = []
        for rung in range(_RUNGS):
            h = start * 0.5**rung
            if self.x + h == self.x:
                return self._settled(best, steepest, VANISHED)
            slope = self._slope(h)
            if slope is None:
                row = []
                continue
            quotient, floor = slope
            steepest = max(steepest, abs(quotient))
            if abs(quotient - best.value) > best.error + floor + gap:  # large steps may have missed what is here
                best = nothing(UNSETTLED)
            previous, row = row, [quotient]
            amplification = 1.0
            for column, above in enumerate(previous[:_COLUMNS]):
                factor = base ** (column + 1)
                value = row[column] + (row[column] - above) / (factor - 1)
                amplification *= (factor + 1) / (factor - 1)
                row.append(value)
                truncation = safety * max(abs(value - row[column]), abs(value - above))
                if truncation + amplification * floor < best.error:
                    best = Estimate(value, truncation + amplification * floor, floor, h)
                    gap = abs(quotient - value)
            done = floor > best.error or best.error <= _NOTHING_LEFT * max(abs(best.value), steepest)
            if done and not self._settled(best, steepest, UNSETTLED).reason:
                small = self._slope(min((abs(self.x) or 1.0) * 2**-17, h / 4))
                if small is None or abs(small[0] - best.value) <= best.error + small[1] + gap:
                    return best
                best = nothing(UNSETTLED)
        return self._settled(best, steepest, UNSETTLED)

    def _settled(self, best: Estimate, steepest: float, reason: str) -> Estimate:
        """The estimate as it is where it is sharp, or a zero as far as one sees; else with a reason to doubt it."""
        sharp = best.error <= _SHARP * abs(best.value)
        zero = best.error <= _ZERO * steepest
        limited_by_noise = best.error <= 100 * best.floor and self.noise <= _ZERO * abs(self.here.value)
        return best if sharp or zero or limited_by_noise else best._replace(reason=best.reason or reason)

    def _noise(self, probe: float) -> float:
        """The round-off in the function's values near x, from a table of differences at tiny steps.

        Where most neighbours have the same value, the steps are below the function's own granularity
        (as of `(x + 1e8) - 1e8`), and larger ones are taken.
        """
        offsets = range(-3, 4) if self.side == 0 else range(0, 7 * self.side, self.side)
        for widening in _WIDENINGS:
            points = [self.function(self.x + offset * probe * widening) for offset in offsets]
            inside = points if self.side == 0 else points[1:]
            if not all(math.isfinite(point.value) for point in points) or any(p.pieces != self.pieces for p in inside):
                break
            values = [point.value for point in points]
            if sum(before == after for before, after in pairwise(values)) <= 3:
                return _noise_in(values)
        return EPSILON * abs(self.here.value)


def _noise_in(values: list[float]) -> float:
    """The standard deviation of the noise in equally spaced values of a smooth function.

    A difference of order k >= 3 at tiny steps has nothing of the function left in it, only noise, whose
    variance it multiplies by (2k)! / (k!)^2.
    """
    noise = 0.0
    for order in range(1, 6):
        values = [after - before for before, after in pairwise(values)]
        if order >= 3:
            noise = max(noise, math.hypot(*values) / math.sqrt(len(values) * math.comb(2 * order, order)))
    return noise

"""The search for a root: Newton's method with exact derivatives, damped; for one unknown, within a bracket as well.

Dennis and Schnabel, Numerical Methods for Unconstrained Optimization and Nonlinear Equations (1996), 6.3 and 2.5.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from adcli.rules.dispatch import is_finite, shape_of
from adcli.tape.tape import Value

EPSILON = 2.0**-52

_MOST_OF_ONE = 1_200  # steps with one unknown: they halve it from the largest number down to the smallest
MOST_STEPS = 200
_HALVINGS = 50
_ENOUGH = 1e-4  # of the decrease that a step promises
_WINDOW = 10  # steps that shrink by the same share, as they do towards a multiple root
_SHARES = 0.4, 0.99
_MOST_CONDITION = 1 / (8 * EPSILON)


class AtUnknowns(ABC):
    """Equations at some values of the unknowns: a number, or a vector of as many as there are equations."""

    @property
    @abstractmethod
    def at(self) -> Value:
        """The values of the unknowns."""

    @property
    @abstractmethod
    def off_by(self) -> Value:
        """What the equations are off by."""

    @property
    @abstractmethod
    def jacobian(self) -> Value:
        """How what the equations are off by moves with the unknowns: a number, or a matrix with a row for each."""

    @property
    @abstractmethod
    def noise(self) -> Value:
        """What rounding alone may take each equation off by."""

    @property
    def has_value(self) -> bool:
        """Whether the equations have finite values here."""
        return is_finite(self.off_by)

    def solved(self, right: Value, transposed: bool = False) -> Value:
        """x with J @ x = right, or J' @ x = right, for the Jacobian J; infinite where that is singular."""
        if not shape_of(self.at):
            return right / self.jacobian if self.jacobian else float("inf")
        import numpy

        matrix = self.jacobian.T if transposed else self.jacobian
        try:
            return numpy.linalg.solve(matrix, right)
        except numpy.linalg.LinAlgError:
            return numpy.full_like(right, numpy.inf)

    @property
    def rounding(self) -> Value:
        """How far each number of a root may be off, by what rounding does to the equations."""
        if not shape_of(self.at):
            return abs(self.noise / self.jacobian) + EPSILON * abs(self.at)
        import numpy

        return abs(numpy.linalg.inv(self.jacobian)) @ self.noise + EPSILON * abs(self.at)


At = TypeVar("At", bound=AtUnknowns)


@dataclass(frozen=True)
class Found(Generic[At]):
    """Where a search has ended.

    Attributes:
        trace: the equations there
        steps: how many there were
        is_root: whether the equations hold as well as rounding lets them
        is_singular: whether their Jacobian is singular there, so that the root has no derivative
    """

    trace: At
    steps: int
    is_root: bool
    is_singular: bool


def search(trace_at: Callable[[Value], At], start: Value) -> Found[At]:
    """Search for a root from a start; where the equations have no finite value there, the search ends."""
    newton = _Newton(trace_at, start)
    found = newton.run()
    if found.trace.has_value and not (found.is_root or found.is_singular or shape_of(start)):
        for left, right in _brackets(newton.seen, trace_at):
            inside = within(trace_at, left, right, found.steps)
            if inside is not None and (inside.is_root or inside.is_singular):
                return inside
    return found


def condition(trace: AtUnknowns) -> float:
    """The condition number of the Jacobian, with its rows and columns scaled; infinite where it is singular."""
    if not shape_of(trace.at):
        return 1.0 if trace.jacobian and math.isfinite(trace.jacobian) else math.inf
    from adcli.rules.readings.linalg import scaled_condition

    number = scaled_condition(trace.jacobian)
    return number if number == number else math.inf


class _Newton(Generic[At]):
    """Newton's method, each step of which may be shortened.

    Attributes:
        seen: of one unknown, what the equation is off by at each point where it has a value, the start first
    """

    def __init__(self, trace_at: Callable[[Value], At], start: Value) -> None:
        self._trace_at = trace_at
        self._start = trace_at(start)
        self.seen: dict[float, float] = {}
        self._see(self._start)
        self._sizes: list[float] = []  # of the steps that were taken in full

    def run(self) -> Found[At]:
        """Take steps until nothing gets better."""
        here = self._start
        if not here.has_value:
            return Found(here, 0, False, False)
        most = MOST_STEPS if shape_of(here.at) else _MOST_OF_ONE
        for steps in range(most):
            if not _size(here.off_by):
                return self._ended(here, steps, True)
            step = _step(here)
            if step is None:
                return self._ended(here, steps, False)
            after = self._after(here, step)
            if after is None:
                return self._ended(here, steps, _is_at_rounding(here, step))
            if _is_negligible(step, after.at):
                return self._ended(after, steps + 1, True)
            here = after
        return self._ended(here, most, False)

    def _see(self, trace: At) -> None:
        if not shape_of(trace.at):
            self.seen[trace.at] = trace.off_by

    def _ended(self, here: At, steps: int, is_root: bool) -> Found[At]:
        singular = self._shrinks_evenly() or (is_root and condition(here) > _MOST_CONDITION)
        return Found(here, steps, is_root and not singular, singular)

    def _shrinks_evenly(self) -> bool:
        """Whether the steps become smaller by the same share again and again, and not faster and faster."""
        sizes = self._sizes[-_WINDOW - 2 : -1]
        low, high = _SHARES
        return len(sizes) > _WINDOW and all(low * before < after < high * before for before, after in pairwise(sizes))

    def _after(self, here: At, step: Value) -> At | None:
        """The equations behind a step that makes them hold better, or behind a part of it; None where none does."""
        weights, share = _weights(here), 1.0
        before = _size(here.off_by * weights)
        halvings = 0  # behind those that bring the step back to where the equations have values
        while halvings < _HALVINGS:
            at = here.at + share * step
            if _is_same(at, here.at):
                return None
            there = self._trace_at(at)
            if there.has_value:
                self._see(there)
                if _size(there.off_by * weights) <= (1 - _ENOUGH * share) * before:
                    if share == 1.0:
                        self._sizes.append(_size(step))
                    else:
                        self._sizes.clear()
                    return there
                halvings += 1
            share /= 2
        return None


def _step(here: AtUnknowns) -> Value | None:
    """Newton's step; where the Jacobian is singular, the shortest one that comes nearest. None where there is none."""
    step = -here.solved(here.off_by)
    if not is_finite(step) and shape_of(here.at) and is_finite(here.jacobian):
        import numpy

        step = -numpy.linalg.lstsq(here.jacobian, here.off_by, rcond=None)[0]
    return step if is_finite(step) else None


def _weights(here: AtUnknowns) -> Value:
    """What makes equations of different sizes alike: one over the largest slope of each."""
    if not shape_of(here.at):
        return 1.0
    import numpy

    sizes = numpy.abs(here.jacobian).max(axis=1)
    return 1 / numpy.where((sizes > 0) & numpy.isfinite(sizes), sizes, 1.0)


def _size(value: Value) -> float:
    """The largest absolute value."""
    return abs(value) if type(value) is float else float(abs(value).max(initial=0.0))


def _is_same(left: Value, right: Value) -> bool:
    same = left == right
    return same if isinstance(same, bool) else bool(same.all())


def _is_negligible(step: Value, at: Value) -> bool:
    """Whether a step changes nothing but the last digit."""
    small = abs(step) <= EPSILON * abs(at)
    return small if isinstance(small, bool) else bool(small.all())


def _is_at_rounding(here: AtUnknowns, step: Value) -> bool:
    """Whether the equations hold as far as rounding lets them, or no number is nearer to the root."""
    holds = abs(here.off_by) <= 4 * here.noise
    return _is_negligible(step / 4, here.at) or (holds if isinstance(holds, bool) else bool(holds.all()))


# One unknown


def _brackets(seen: Mapping[float, float], trace_at: Callable[[Value], At]) -> Iterator[tuple[At, At]]:
    """Points between which a number changes its sign: among those that were seen, and around the first one."""
    for left, right in pairwise(sorted(seen)):
        if (seen[left] < 0) != (seen[right] < 0):
            yield trace_at(left), trace_at(right)
    start = next(iter(seen))
    reached = {side: trace_at(start) for side in (-1, 1)}
    for side, at in _around(start):
        there = trace_at(at) if math.isfinite(at) else None
        if there is None or not there.has_value:
            continue
        before, reached[side] = reached[side], there
        if (there.off_by < 0) != (before.off_by < 0):
            yield (before, there) if before.at < there.at else (there, before)


def _around(start: float) -> Iterator[tuple[int, float]]:
    """Points further and further away, on both sides in turn."""
    width = 2.0**-6 * max(abs(start), 2.0**-6)
    for _ in range(40):
        yield from ((side, start + side * width) for side in (1, -1))
        width *= 2


def within(trace_at: Callable[[Value], At], left: At, right: At, steps: int = 0) -> Found[At] | None:
    """The root in a bracket, by Newton's steps where they stay in it and halve it, and by bisection elsewhere."""
    first = min(abs(left.off_by), abs(right.off_by))
    here, width = (left if abs(left.off_by) < abs(right.off_by) else right), right.at - left.at
    for _ in range(2 * MOST_STEPS):
        steps += 1
        step = _step(here)
        at = here.at + step if step is not None else math.nan
        if not left.at < at < right.at or abs(step or 0.0) > width / 2:
            at = left.at + (right.at - left.at) / 2
        width = right.at - left.at
        if at in (left.at, right.at):
            at = math.nextafter(left.at, right.at)
        if at in (left.at, right.at):
            break
        here = trace_at(at)
        if not here.has_value:
            return None
        if not here.off_by:
            break
        left, right = (here, right) if (here.off_by < 0) == (left.off_by < 0) else (left, here)
    here = min((left, right, here), key=lambda trace: abs(trace.off_by))
    step = _step(here)
    holds = not here.off_by or (step is not None and abs(here.off_by) <= first and _is_at_rounding(here, step))
    singular = holds and condition(here) > _MOST_CONDITION
    return Found(here, steps, holds and not singular, singular)

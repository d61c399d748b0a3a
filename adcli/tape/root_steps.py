"""The search for a root: Newton's method with exact derivatives, damped; for one unknown, within a bracket as well.

Dennis and Schnabel, Numerical Methods for Unconstrained Optimization and Nonlinear Equations (1996), 6.3 and 2.5. These
functions are emitted as well (`emit/kernels.py`): they call nothing but functions of this kind. `emit/c/roots.c` and
`emit/script/roots.mjs` say the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Protocol, TypeAlias, TypeVar

EPSILON = 2.0**-52

_MOST_OF_ONE = 1_200  # steps with one unknown: they halve it from the largest number down to the smallest
MOST_STEPS = 200
_MOST_SEEN = 2_048  # points with one unknown that are looked through for a change of sign
_HALVINGS = 50
_FARTHER = 4.0  # than the last step that had to stay where the equations have values, a step begins to reach
_ENOUGH = 1e-4  # of the decrease that a step promises
_WINDOW = 10  # steps that shrink by the same share, as they do towards a multiple root
_SHARES = 0.4, 0.99
_MOST_CONDITION = 1 / (8 * EPSILON)


class Point(Protocol):
    """Equations at some values of the unknowns; its attributes are those of `AtUnknowns`."""

    @property
    def at(self) -> Any:
        """The values of the unknowns."""

    @property
    def off_by(self) -> Any:
        """What the equations are off by."""

    @property
    def jacobian(self) -> Any:
        """How that moves with the unknowns."""

    @property
    def noise(self) -> Any:
        """What rounding alone may take each equation off by."""


At = TypeVar("At", bound=Point)
Equations: TypeAlias = Callable[[Any], At]  # the equations at values of the unknowns
Ended: TypeAlias = tuple[At, int, bool, bool]  # where a search has ended: what `Found` has


def newton_search(
    equations: Equations[At], start: Any, arithmetic: tuple[Any, ...], seen: dict[float, float]
) -> Ended[At]:
    """Newton's method, each step of which may be shortened: it takes steps until nothing gets better.

    Args:
        equations: what is to be 0
        start: where to begin
        arithmetic: what numbers, or vectors, have for `_OF_ONE`
        seen: is given what the equation is off by at each point where it has a value, of one unknown
    """
    has_value, step_of, size_of, is_negligible, is_at_rounding, condition_of, weights_of, most = arithmetic
    here, steps, is_root = equations(start), 0, False
    sizes: list[float] = []  # of the last steps, if they were taken in full
    reach = math.inf
    if not has_value(here.off_by):
        return here, 0, False, False
    _note_point(seen, here, most)
    while steps < most and not is_root:
        if not size_of(here.off_by):
            is_root = True
            break
        step = step_of(here)
        if step is None:
            break
        after = _shortened(equations, here, step, reach, sizes, seen, (has_value, size_of, weights_of, most))
        if after is None:
            is_root = is_at_rounding(here, step)
            break
        steps += 1
        here, reach = after
        is_root = is_negligible(step, here.at)
    is_singular = _shrinks_evenly(sizes) or (is_root and condition_of(here.jacobian) > _MOST_CONDITION)
    return here, steps, is_root and not is_singular, is_singular


def _note_point(seen: dict[float, float], there: Point, most: int) -> None:
    if most == _MOST_OF_ONE and len(seen) < _MOST_SEEN:
        seen[there.at] = there.off_by


def _shortened(
    equations: Equations[At], here: At, step: Any, reach: float, sizes: list[float], seen: dict[float, float],
    arithmetic: tuple[Any, ...],
) -> tuple[At, float] | None:  # fmt: skip
    """The equations behind a step that makes them hold better, or behind a part of it; None where none does.

    And how far the next step is to begin to reach: where this one was brought back to where the equations have values,
    they end nearby, and a search that comes nearer and nearer need not find that out anew from afar.
    """
    has_value, size_of, weights_of, most = arithmetic
    weights, share = weights_of(here.jacobian), 1.0
    before, size = size_of(here.off_by * weights), size_of(step)
    while share * size > reach:
        share /= 2
    is_at_border = share < 1.0
    halvings = 0  # behind those that bring the step back to where the equations have values
    while halvings < _HALVINGS:
        at = here.at + share * step
        if not size_of(at - here.at):
            return None
        there = equations(at)
        if has_value(there.off_by):
            _note_point(seen, there, most)
            if size_of(there.off_by * weights) <= (1 - _ENOUGH * share) * before:
                sizes[:] = [*sizes[-_WINDOW - 2 :], size] if share == 1.0 else []
                return there, _FARTHER * share * size if is_at_border else math.inf
            halvings += 1
        else:
            is_at_border = True
        share /= 2
    return None


def _shrinks_evenly(sizes: list[float]) -> bool:
    """Whether the steps become smaller by the same share again and again, and not faster and faster."""
    sizes = sizes[-_WINDOW - 2 : -1]
    low, high = _SHARES
    return len(sizes) > _WINDOW and all(low * before < after < high * before for before, after in pairwise(sizes))


# One unknown


def search_of_one(equations: Equations[At], start: float) -> Ended[At]:
    """Search for a root of one equation: by Newton's method, then in brackets that it has met or that lie around."""
    seen: dict[float, float] = {}
    here, steps, is_root, is_singular = newton_search(equations, start, _OF_ONE, seen)
    if seen and not (is_root or is_singular):
        for left, right in _brackets_of(seen, start, equations):
            inside = search_within(equations, left, right, steps)
            if inside is not None and (inside[2] or inside[3]):
                return inside
    return here, steps, is_root, is_singular


def solved_of_one(jacobian: float, right: float) -> float:
    """What is to be taken off the unknown; infinite for none."""
    return right / jacobian if jacobian else math.inf


def _step_of_one(here: Point) -> float | None:
    """Newton's step; None where there is none."""
    step = -solved_of_one(here.jacobian, here.off_by)
    return step if math.isfinite(step) else None


def _is_negligible(step: float, at: float) -> bool:
    """Whether a step changes nothing but the last digit."""
    return abs(step) <= EPSILON * abs(at)


def _is_at_rounding(here: Point, step: float) -> bool:
    """Whether the equation holds as far as rounding lets it, or no number is nearer to the root."""
    return _is_negligible(step / 4, here.at) or abs(here.off_by) <= 4 * here.noise


def condition_of_one(jacobian: float) -> float:
    """The condition number of a slope: 1, or infinite where it has no inverse."""
    return 1.0 if jacobian and math.isfinite(jacobian) else math.inf


def _weights_of_one(jacobian: float) -> float:
    """One equation is not compared with others."""
    return 1.0


_OF_ONE = (
    math.isfinite, _step_of_one, abs, _is_negligible, _is_at_rounding, condition_of_one, _weights_of_one, _MOST_OF_ONE,
)  # fmt: skip


def _brackets_of(seen: dict[float, float], start: float, equations: Equations[At]) -> Iterator[tuple[At, At]]:
    """Points between which a number changes its sign: among those that were seen, and around the first one."""
    for left, right in pairwise(sorted(seen)):
        if (seen[left] < 0) != (seen[right] < 0):
            yield equations(left), equations(right)
    reached = {side: equations(start) for side in (-1, 1)}
    for side, at in _points_around(start):
        there = equations(at) if math.isfinite(at) else None
        if there is None or not math.isfinite(there.off_by):
            continue
        before, reached[side] = reached[side], there
        if (there.off_by < 0) != (before.off_by < 0):
            yield (before, there) if before.at < there.at else (there, before)


def _points_around(start: float) -> Iterator[tuple[int, float]]:
    """Points further and further away, on both sides in turn."""
    width = 2.0**-6 * max(abs(start), 2.0**-6)
    for _ in range(40):
        yield from ((side, start + side * width) for side in (1, -1))
        width *= 2


def search_within(equations: Equations[At], left: At, right: At, steps: int) -> Ended[At] | None:
    """The root in a bracket, by Newton's steps where they stay in it and halve it, and by bisection elsewhere."""
    first = min(abs(left.off_by), abs(right.off_by))
    here, width = (left if abs(left.off_by) < abs(right.off_by) else right), right.at - left.at
    for _ in range(2 * MOST_STEPS):
        steps += 1
        step = _step_of_one(here)
        at = here.at + step if step is not None else math.nan
        if not left.at < at < right.at or abs(step or 0.0) > width / 2:
            at = left.at + (right.at - left.at) / 2
        width = right.at - left.at
        if at in (left.at, right.at):
            at = math.nextafter(left.at, right.at)
        if at in (left.at, right.at):
            break
        here = equations(at)
        if not math.isfinite(here.off_by):
            return None
        if not here.off_by:
            break
        left, right = (here, right) if (here.off_by < 0) == (left.off_by < 0) else (left, here)
    here = min((left, right, here), key=lambda trace: abs(trace.off_by))
    step = _step_of_one(here)
    holds = not here.off_by or (step is not None and abs(here.off_by) <= first and _is_at_rounding(here, step))
    singular = holds and condition_of_one(here.jacobian) > _MOST_CONDITION
    return here, steps, holds and not singular, singular

"""The search for a root of several equations, whose unknowns are a vector; that of one is in `root_steps.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adcli.rules.readings.linalg import scaled_condition
from adcli.tape.root_steps import EPSILON, MOST_STEPS, newton_search

if TYPE_CHECKING:
    from adcli.rules.readings.values import Array
    from adcli.tape.root_steps import At, Ended, Equations, Point


def search_of_several(equations: Equations[At], start: Array) -> Ended[At]:
    """Search for a root of several equations by Newton's method."""
    return newton_search(equations, start, _OF_SEVERAL, {})


def solved_of_several(jacobian: Array, right: Array) -> Array:
    """What is to be taken off the unknowns; infinite where the Jacobian is singular."""
    try:
        return np.linalg.solve(jacobian, right)
    except np.linalg.LinAlgError:
        return np.full_like(right, np.inf)


def _have_values(off_by: Array) -> bool:
    return bool(np.isfinite(off_by).all())


def _step_of_several(here: Point) -> Array | None:
    """Newton's step; where the Jacobian is singular, the shortest one that comes nearest. None where there is none."""
    step = -solved_of_several(here.jacobian, here.off_by)
    if not _have_values(step) and _have_values(here.jacobian):
        step = -np.linalg.lstsq(here.jacobian, here.off_by, rcond=None)[0]
    return step if _have_values(step) else None


def _size_of_several(values: Array) -> float:
    return float(np.abs(values).max(initial=0.0))


def _are_negligible(step: Array, at: Array) -> bool:
    """Whether a step changes nothing but the last digits."""
    return bool((np.abs(step) <= EPSILON * np.abs(at)).all())


def _are_at_rounding(here: Point, step: Array) -> bool:
    """Whether the equations hold as far as rounding lets them, or no numbers are nearer to the root."""
    return _are_negligible(step / 4, here.at) or bool((np.abs(here.off_by) <= 4 * here.noise).all())


def condition_of_several(jacobian: Array) -> float:
    """The condition number of the Jacobian, with its rows and columns scaled; infinite where it is singular."""
    number = scaled_condition(jacobian)
    return number if number == number else np.inf


def _weights_of_several(jacobian: Array) -> Array:
    """What makes equations of different sizes alike: one over the largest slope of each."""
    sizes = np.abs(jacobian).max(axis=1)
    return 1 / np.where((sizes > 0) & np.isfinite(sizes), sizes, 1.0)


_OF_SEVERAL = (
    _have_values, _step_of_several, _size_of_several, _are_negligible, _are_at_rounding, condition_of_several,
    _weights_of_several, MOST_STEPS,
)  # fmt: skip

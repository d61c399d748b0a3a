"""Limits and slopes to one side of a point: exact, from a run infinitesimally beside it, or from points close by."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from adcli.errors import AdError
from adcli.program.program import Program
from adcli.rules.dispatch import is_finite
from adcli.tape.components import flattened, name_of, unit_of, value_at
from adcli.tape.domains import OneSided, push_forward
from adcli.tape.execute import execute
from adcli.tape.selected import select
from adcli.tape.tape import Value

SAME = 1e-9  # a distance of two slopes, relative to them, that rounding explains
SETTLED = 1e-5  # the same of slopes taken close by, and not infinitesimally
_STEPS = tuple(2.0**-exponent for exponent in range(16, 44, 4))  # relative to the input: how close that is
_TELLING = 1  # the place of the step that the limit of a value is told by


class Side(NamedTuple):
    """The limit of a value, and its slope, to one side."""

    value: float
    slope: float
    exact: bool = True


class Surroundings:
    """What is beside a point: limits and slopes of outputs to both sides of it, along one component after another."""

    def __init__(self, program: Program, point: Mapping[str, Value], outputs: Sequence[str], max_entries: int) -> None:
        self._program = program
        self._point = point
        self._outputs = outputs
        self._max_entries = max_entries

    def along(self, component: str) -> dict[str, tuple[Side, Side]]:
        """What is to the left and to the right along a component; both slopes are by the component."""
        name = name_of(component)
        unit = unit_of(self._point[name], component)
        left, right = (self._beside({name: step}) for step in (-unit, unit))
        return {output: (left[output]._replace(slope=-left[output].slope), right[output]) for output in self._outputs}

    def _beside(self, direction: Mapping[str, Value]) -> dict[str, Side]:
        """The limit of each output infinitesimally beside the point, and its derivative along the direction.

        NaN where there is no value. Where what meets at a kink moves at the same pace, the tangents do not tell what
        is beside it, as for sqrt(x^2) at 0; the slope is then that of points close by, if they settle.
        """
        beside = OneSided(direction)
        try:
            tape = execute(self._program, self._point, self._max_entries, one_sided=beside)
            selections = [select(tape, output) for output in self._outputs]
            sides = {
                label: Side(value_at(tape.values[entry], index), value_at(beside.slope(tape, entry), index))
                for label, entry, index in selections
            }
        except AdError:
            return self._no_value()
        told = beside.certain and not any(math.isnan(side.slope) for side in sides.values())
        return sides if told else self._close_by(direction)

    def _close_by(self, direction: Mapping[str, Value]) -> dict[str, Side]:
        """The same from derivatives at points ever closer, extrapolated by Aitken's Δ²; NaN if they do not settle."""
        moving = flattened(direction)
        moved = (abs(number) for name, number in flattened(self._point).items() if moving.get(name))
        size = max(moved, default=0.0) or 1.0
        steps = [step * size for step in _STEPS]
        sides: dict[str, list[Side]] = {output: [] for output in self._outputs}
        for step in steps:
            there = {name: self._point[name] + step * tangent for name, tangent in direction.items()}
            try:
                tape = execute(self._program, {**self._point, **there}, self._max_entries)
            except AdError:
                return self._no_value()
            slopes = push_forward(tape, {tape.inputs[name]: tangent for name, tangent in direction.items()})
            for output in self._outputs:
                _, entry, index = selected = select(tape, output)
                slope = slopes[entry]
                slope = 0.0 if slope is None else value_at(slope, index)
                sides[output].append(Side(selected.value(tape), slope, False))
        return {output: _limit(closer, steps) for output, closer in sides.items()}

    def _no_value(self) -> dict[str, Side]:
        return {output: Side(math.nan, math.nan) for output in self._outputs}


def _limit(sides: Sequence[Side], steps: Sequence[float]) -> Side:
    # the value from a step that is not so small that rounding hides a jump: ceil(hypot(x, 2)) at 0
    rise = steps[_TELLING] * sides[_TELLING].slope
    value = sides[_TELLING].value - rise if math.isfinite(rise) else sides[_TELLING].value
    slopes = [side.slope for side in sides]
    if not all(map(is_finite, slopes)):
        return Side(value, math.nan, False)
    if all(abs(later) >= 1.5 * abs(earlier) > 0 for earlier, later in pairwise(slopes)):
        return Side(value, math.copysign(math.inf, slopes[-1]), False)
    limits = [_aitken(*slopes[start : start + 3]) for start in range(len(slopes) - 2)]
    scale = max(map(abs, slopes))
    settled = abs(limits[-1] - limits[-2]) <= SETTLED * scale
    near_zero = abs(limits[-1]) <= SETTLED * scale
    return Side(value, 0.0 if settled and near_zero else limits[-1] if settled else math.nan, False)


def _aitken(first: float, second: float, third: float) -> float:
    """The limit of three terms of a sequence that approaches it geometrically."""
    change, bend = third - second, (third - second) - (second - first)
    return third - change * change / bend if bend else third


def slope_of(side: Side) -> float | None:
    """The slope to one side; None where there is no value."""
    return side.slope + 0.0 if math.isfinite(side.value) else None  # and not -0.0


def is_exact(side: Side) -> bool:
    """Whether what is known of a side is exact."""
    return side.exact or not math.isfinite(side.value)


def jump_of(left: Side, right: Side, value: float) -> float:
    """How far a value jumps; from the value at the point where one side has none."""
    values = [number for number in (left.value, value, right.value) if not math.isnan(number)]
    near = SAME if left.exact and right.exact else SETTLED
    size = max((abs(number) for number in values if math.isfinite(number)), default=0.0)
    steps = [later - earlier for earlier, later in combinations(values, 2)]
    jump = max(steps, key=abs, default=0.0)
    return jump if abs(jump) > near * size else 0.0

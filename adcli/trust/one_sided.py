"""Limits and slopes to one side of a point: exact, from a run infinitesimally beside it, or from points close by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import combinations

from adcli.errors import AdError
from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.tape.components import flattened, is_nonzero, name_of, numbers_of, unit_of, value_at
from adcli.tape.domains import OneSided, push_forward
from adcli.tape.execute import execute
from adcli.tape.limits import Limits
from adcli.tape.selected import Selected, select
from adcli.tape.tape import Tape, Value
from adcli.trust.limits import RATIO, Sequence
from adcli.trust.rounding import Differentiated, round_off_of_sweep

SAME = 1e-9  # a distance of two slopes, relative to them, that rounding explains
STEPS = tuple(RATIO**-exponent for exponent in range(1, 22))  # relative to the input: how close that is
_ENOUGH = 1e-10  # an error of a limit, relative to it, that no point nearer by needs to improve
_SETTLED = 1e-5  # an error, relative to the slopes on the way, up to which a slope is told


class Side(NamedTuple):
    """The limit of a value, and its slope, to one side.

    Attributes:
        value: the limit; NaN where there is no value on that side
        slope: NaN where it did not settle
        exact: whether both are those infinitesimally beside the point, and not limits of points close by
        noise, error: how far the value and the slope may be off
    """

    value: float
    slope: float
    exact: bool = True
    noise: float = 0.0
    error: float = 0.0


def opposite(direction: Mapping[str, Value]) -> dict[str, Value]:
    """A direction with its sign turned."""
    return {name: -step for name, step in direction.items()}


class Surroundings:
    """What is beside a point: limits and slopes of outputs to both sides of it, along one component after another."""

    def __init__(self, program: Program, point: Mapping[str, Value], outputs: Iterable[str], limits: Limits) -> None:
        self._program = program
        self._point = point
        self._outputs = outputs
        self._limits = limits

    def along(self, component: str) -> dict[str, tuple[Side, Side]]:
        """What is to the left and to the right along a component; both slopes are by the component."""
        name = name_of(component)
        return self.sides({name: unit_of(self._point[name], component)})

    def sides(self, direction: Mapping[str, Value]) -> dict[str, tuple[Side, Side]]:
        """The same along a direction of the inputs."""
        left, right = (self._beside(sided) for sided in (opposite(direction), direction))
        return {output: (left[output]._replace(slope=-left[output].slope), right[output]) for output in self._outputs}

    def _beside(self, direction: Mapping[str, Value]) -> dict[str, Side]:
        """The limit of each output infinitesimally beside the point, and its derivative along the direction.

        NaN where there is no value. Where what meets at a kink moves at the same pace, the tangents do not tell what
        is beside it, as for sqrt(x^2) at 0; the slope is then that of points close by, if they settle.
        """
        beside = OneSided(direction)
        try:
            tape = execute(self._program, self._point, self._limits, one_sided=beside)
            selections = [select(tape, output) for output in self._outputs]
            sides = {
                label: Side(value_at(tape.values[entry], index), value_at(beside.slope(tape, entry), index))
                for label, entry, index in selections
            }
        except AdError:
            return self._no_value()
        told = beside.certain and not any(math.isnan(side.slope) or math.isnan(side.value) for side in sides.values())
        return sides if told else self._close_by(direction)

    def _close_by(self, direction: Mapping[str, Value]) -> dict[str, Side]:
        """The same from points ever closer: the limits of the values and of the derivatives there."""
        moved = numbers_of(self._point[name] * (step != 0) for name, step in direction.items())
        size = max(map(abs, moved), default=0.0) or 1.0
        approaches = {output: Approach(size) for output in self._outputs}
        for step in (step * size for step in STEPS):
            there = {name: self._point[name] + step * tangent for name, tangent in direction.items()}
            try:
                tape = execute(self._program, {**self._point, **there}, self._limits)
                for output, approach in approaches.items():
                    approach.add(step, *_derivative_there(tape, select(tape, output), direction))
            except AdError:
                return self._no_value()
            if all(approach.ended for approach in approaches.values()):
                break
        return {output: approach.side() for output, approach in approaches.items()}

    def _no_value(self) -> dict[str, Side]:
        return {output: Side(math.nan, math.nan) for output in self._outputs}


class Number(NamedTuple):
    """A number, and how far rounding may have taken it."""

    value: float
    noise: float


def _derivative_there(tape: Tape, selected: Selected, direction: Mapping[str, Value]) -> tuple[Number, Number]:
    """The value at a point, and the derivative along a direction, each with its noise."""
    value = selected.value(tape)
    tangents = push_forward(tape, {tape.inputs[name]: tangent for name, tangent in direction.items()})
    slopes = tangents[selected.entry]
    slope = 0.0 if slopes is None else value_at(slopes, selected.subscripts)
    if not (math.isfinite(value) and math.isfinite(slope)):
        return Number(value, 0.0), Number(slope, 0.0)
    number = Differentiated(tape, selected.seeds(tape))
    steps = flattened({name: step for name, step in direction.items() if is_nonzero(step)})
    uncertainty = number.uncertainty(steps)
    try:
        noise = 0.0 if uncertainty is None else uncertainty().size
    except AdError:  # what has no second derivative
        noise = round_off_of_sweep(number.magnitude(steps))
    return Number(value, number.noise.size), Number(slope, noise)


class Approach:
    """What is seen on the way to a point, from one side."""

    def __init__(self, size: float) -> None:
        """Take how large what moves is."""
        self._size = size
        self._values, self._slopes = Sequence(), Sequence()
        self._without_value = False
        self._scale = 0.0  # of slopes

    def add(self, step: float, value: Number, slope: Number) -> None:
        """Add what is seen a step beside the point."""
        if math.isnan(value.value):
            self._without_value = True
            return
        self._scale = max(self._scale, abs(slope.value), abs(value.value) / self._size)
        self._slopes.add(slope.value, slope.noise)
        self._values.add(value.value - step * slope.value, value.noise + step * slope.noise)

    @property
    def ended(self) -> bool:
        """Whether points nearer by would tell no more."""
        return self._without_value or (self._values.settled(_ENOUGH) and self._slopes.settled(_ENOUGH))

    def side(self) -> Side:
        """The limits."""
        if self._without_value:
            return Side(math.nan, math.nan)
        value, slope = self._values.limit, self._slopes.limit
        told = slope.error <= _SETTLED * self._scale
        return Side(value.value, slope.value if told else math.nan, False, value.error, slope.error)


def slope_of(side: Side) -> float | None:
    """The slope to one side; None where there is no value."""
    return side.slope + 0.0 if math.isfinite(side.value) else None  # and not -0.0


def is_exact(side: Side) -> bool:
    """Whether what is known of a side is exact."""
    return side.exact or not math.isfinite(side.value)


def jump_of(left: Side, right: Side, value: float) -> float:
    """How far a value jumps; from the value at the point where one side has none."""
    values = [number for number in (left.value, value, right.value) if not math.isnan(number)]
    size = max((abs(number) for number in values if math.isfinite(number)), default=0.0)
    steps = [later - earlier for earlier, later in combinations(values, 2)]
    jump = max(steps, key=abs, default=0.0)
    return jump if abs(jump) > SAME * size + left.noise + right.noise else 0.0

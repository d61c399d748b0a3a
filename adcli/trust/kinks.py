"""Kinks at the point: which operations and decisions have no derivative there, and the slopes to both sides.

The slopes come from runs infinitesimally beside the point (`tape/beside.py`), not from differences.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from adcli.derive.forward import push_forward
from adcli.errors import AdError
from adcli.program.program import Program
from adcli.rules.dispatch import is_finite, zero_like
from adcli.syntax.source import Span
from adcli.tape.beside import Beside
from adcli.tape.components import flattened, name_of, unit_of
from adcli.tape.describe import expression_text, find_entry, guard_text, labels
from adcli.tape.execute import execute
from adcli.tape.tape import Guard, Tape, Value
from adcli.trust.guards import is_at_kink, is_tied

MOST_COMPONENTS = 50  # along which slopes are computed
_SAME = 1e-9  # a distance of two slopes, relative to them, that rounding explains
_SETTLED = 1e-5  # the same of slopes taken close by, and not infinitesimally
_STEPS = tuple(2.0**-exponent for exponent in range(16, 44, 4))  # relative to the input: how close that is

_TELLING = 1  # the place of the step that the limit of a value is told by


class Site(NamedTuple):
    """An operation or a decision at a kink.

    Attributes:
        text: `abs(a)`, `x > 0`
        span: where it stands in the program
        line: the same as a line
        convention: what is used there
        times: how often it is met, as a loop may meet it in every iteration
    """

    text: str
    span: Span | None
    line: int | None
    convention: str
    times: int = 1


class Slopes(NamedTuple):
    """The slopes of an output along a component of the inputs.

    Attributes:
        left, right: the slopes to both sides; None where the function has no value on that side, NaN where its slope
            did not settle
        used: the derivative that the convention gives
        jump: how far the value jumps from the left to the right
        exact: whether the slopes are exact, and not those of points close by
    """

    left: float | None
    right: float | None
    used: float
    jump: float
    exact: bool

    @property
    def differ(self) -> bool:
        """Whether there is no derivative along this component, or another one than was used.

        At the end of the domain the one slope that there is counts as the derivative.
        """
        slopes = [slope for slope in (self.left, self.right, self.used) if slope is not None]
        if self.jump or len(slopes) == 1 or not all(map(math.isfinite, slopes)):
            return True
        near = _SAME if self.exact else _SETTLED
        return max(slopes) - min(slopes) > near * max(map(abs, slopes))


class Kinks(NamedTuple):
    """Where outputs have no derivative: the operations and decisions, and by output and component the slopes."""

    sites: tuple[Site, ...]
    slopes: Mapping[str, Mapping[str, Slopes]]
    left_out: int = 0

    def __bool__(self) -> bool:
        return any(self.slopes.values())

    def of(self, output: str, component: str) -> Slopes | None:
        """The slopes of an output along a component, where they differ."""
        return self.slopes.get(output, {}).get(component)


NO_KINKS = Kinks((), {})


def find_kinks(
    program: Program,
    point: Mapping[str, Value],
    tape: Tape,
    gradients: Mapping[str, Mapping[str, Value]],
    max_entries: int,
) -> Kinks:
    """The kinks at a point that outputs feel, with the slopes of each output along each input.

    A kink that leaves the derivatives as they are, such as that of `x * abs(x)` at 0, is none of the outputs'.

    Args:
        program, point, tape: the run
        gradients: the derivatives that were used, by output, then by input
        max_entries: the limit of each further tape
    """
    inputs = list(dict.fromkeys(name for slopes in gradients.values() for name in slopes))
    entries, guards = _at_kinks(tape, [find_entry(tape, name) for name in gradients], inputs)
    if not entries and not guards:
        return NO_KINKS
    reaching = _reaching(tape, entries, guards, inputs)
    chosen = reaching[:MOST_COMPONENTS]
    slopes: dict[str, dict[str, Slopes]] = {output: {} for output in gradients}
    for component in chosen:
        sides = _both_sides(program, point, list(gradients), component, max_entries)
        for output, (left, right) in sides.items():
            used = flattened({name_of(component): gradients[output][name_of(component)]})[component]
            value = tape.values[find_entry(tape, output)]
            jump, exact = _jump(left, right, value), _is_exact(left) and _is_exact(right)
            found = Slopes(_slope(left), _slope(right), used, jump, exact)
            if found.differ:
                slopes[output][component] = found
    return Kinks(tuple(_sites(tape, entries, guards)), slopes, len(reaching) - len(chosen))


def _at_kinks(tape: Tape, outputs: Sequence[int], inputs: Sequence[str]) -> tuple[list[int], list[Guard]]:
    """The entries and the decisions at a kink that depend on the inputs and that outputs are computed from."""
    with_kinks = {operation for operation in set(tape.operations) if operation.kink is not None}
    guards = [guard for guard in tape.guards if not guard.required and is_tied(tape, guard)]
    if not with_kinks and not guards:
        return [], []
    found = [
        entry for entry, operation in enumerate(tape.operations) if operation in with_kinks and is_at_kink(tape, entry)
    ]
    if not found and not guards:
        return [], []
    active = tape.active([tape.inputs[name] for name in inputs])
    behind = tape.behind([*outputs, *(side for guard in tape.guards for side in (guard.left, guard.right))])
    entries = [entry for entry in found if behind[entry] and any(active[one] for one in tape.operands[entry])]
    return entries, [guard for guard in guards if active[guard.left] or active[guard.right]]


def _reaching(tape: Tape, entries: Iterable[int], guards: Iterable[Guard], inputs: Sequence[str]) -> list[str]:
    """The components of the inputs that what meets at the kinks depends on: those that move it come first."""
    meeting = [source for entry in entries for source in tape.operands[entry]]
    meeting += [side for guard in guards for side in (guard.left, guard.right)]
    reaching = [name for name in inputs if _depends(tape, name, meeting)]
    components = list(flattened({name: tape.values[tape.inputs[name]] for name in reaching}))
    if len(components) <= MOST_COMPONENTS:
        return components
    moved = {component for source in dict.fromkeys(meeting) for component in _moving(tape, source, reaching)}
    return sorted(components, key=lambda component: component not in moved)


def _depends(tape: Tape, name: str, entries: Iterable[int]) -> bool:
    active = tape.active([tape.inputs[name]])
    return any(active[entry] for entry in entries)


def _moving(tape: Tape, entry: int, inputs: Sequence[str]) -> list[str]:
    """The components of inputs that an entry moves with."""
    from adcli.derive.modes import adjoints_of

    ones = zero_like(tape.values[entry]) + 1.0
    adjoints = flattened(adjoints_of(tape, {entry: ones}, inputs))
    return [component for component, adjoint in adjoints.items() if adjoint]


def _sites(tape: Tape, entries: Sequence[int], guards: Sequence[Guard]) -> list[Site]:
    """The places of entries and decisions, each once."""
    names = labels(tape)
    found: dict[object, Site] = {}
    for entry in entries:
        span = tape.spans[entry]
        key = span if span is not None else entry
        text, convention = expression_text(tape, entry, names), tape.operations[entry].convention
        before = found.get((key, tape.operations[entry]))
        found[key, tape.operations[entry]] = (
            Site(text, span, tape.line(entry), convention)
            if before is None
            else before._replace(times=before.times + 1)
        )
    for guard in guards:
        before = found.get(guard.span)
        line, _ = tape.source.place(guard.span[0])
        side = "the side taken at the point itself"
        found[guard.span] = (
            Site(guard_text(tape, guard, names), guard.span, line, side)
            if before is None
            else before._replace(times=before.times + 1)
        )
    return list(found.values())


class _Side(NamedTuple):
    """The limit of a value, and its slope, to one side."""

    value: float
    slope: float
    exact: bool = True


def one_sided(
    program: Program,
    point: Mapping[str, Value],
    outputs: Sequence[str],
    direction: Mapping[str, Value],
    max_entries: int,
) -> dict[str, _Side]:
    """The limit of each output infinitesimally beside a point, and its derivative along the direction.

    NaN where there is no value. Where what meets at a kink moves at the same pace, the tangents do not tell what is
    beside it, as for sqrt(x^2) at 0; the slope is then that of points close by, if they settle.
    """
    beside = Beside(direction)
    try:
        tape = execute(program, point, max_entries, beside=beside)
        entries = {output: find_entry(tape, output) for output in outputs}
        found = {output: _Side(tape.values[entry], beside.slope(tape, entry)) for output, entry in entries.items()}
    except AdError:
        return {output: _Side(math.nan, math.nan) for output in outputs}
    told = beside.certain and not any(math.isnan(side.slope) for side in found.values())
    return found if told else _close_by(program, point, outputs, direction, max_entries)


def _close_by(
    program: Program,
    point: Mapping[str, Value],
    outputs: Sequence[str],
    direction: Mapping[str, Value],
    max_entries: int,
) -> dict[str, _Side]:
    """The same from derivatives at points ever closer, extrapolated by Aitken's Δ²; NaN if they do not settle."""
    size = max((abs(one) for name, one in flattened(point).items() if flattened(direction).get(name)), default=0.0)
    steps = [step * (size or 1.0) for step in _STEPS]
    found: dict[str, list[_Side]] = {output: [] for output in outputs}
    for step in steps:
        there = {name: value + step * direction[name] for name, value in point.items() if name in direction}
        try:
            tape = execute(program, {**point, **there}, max_entries)
        except AdError:
            return {output: _Side(math.nan, math.nan) for output in outputs}
        slopes = push_forward(tape, {tape.inputs[name]: tangent for name, tangent in direction.items()})
        for output in outputs:
            entry = find_entry(tape, output)
            slope = slopes[entry] if entry < len(slopes) else None
            found[output].append(_Side(tape.values[entry], 0.0 if slope is None else slope, False))
    return {output: _limit(sides, steps) for output, sides in found.items()}


def _limit(sides: Sequence[_Side], steps: Sequence[float]) -> _Side:
    # the value from a step that is not so small that rounding hides a jump: ceil(hypot(x, 2)) at 0
    rise = steps[_TELLING] * sides[_TELLING].slope
    value = sides[_TELLING].value - rise if math.isfinite(rise) else sides[_TELLING].value
    slopes = [side.slope for side in sides]
    if not all(map(is_finite, slopes)):
        return _Side(value, math.nan, False)
    if all(abs(later) >= 1.5 * abs(earlier) > 0 for earlier, later in pairwise(slopes)):
        return _Side(value, math.copysign(math.inf, slopes[-1]), False)
    limits = [_aitken(*slopes[start : start + 3]) for start in range(len(slopes) - 2)]
    scale = max(map(abs, slopes))
    settled = abs(limits[-1] - limits[-2]) <= _SETTLED * scale
    near_zero = abs(limits[-1]) <= _SETTLED * scale
    return _Side(value, 0.0 if settled and near_zero else limits[-1] if settled else math.nan, False)


def _aitken(first: float, second: float, third: float) -> float:
    """The limit of three terms of a sequence that approaches it geometrically."""
    change, bend = third - second, (third - second) - (second - first)
    return third - change * change / bend if bend else third


def _both_sides(
    program: Program, point: Mapping[str, Value], outputs: Sequence[str], component: str, max_entries: int
) -> dict[str, tuple[_Side, _Side]]:
    """What is to the left and to the right along a component; both slopes are by the component."""
    name = name_of(component)
    unit = unit_of(point[name], component)
    left = one_sided(program, point, outputs, {name: -unit}, max_entries)
    right = one_sided(program, point, outputs, {name: unit}, max_entries)
    return {output: (left[output]._replace(slope=-left[output].slope), right[output]) for output in outputs}


def _slope(side: _Side) -> float | None:
    return side.slope + 0.0 if math.isfinite(side.value) else None  # and not -0.0


def _is_exact(side: _Side) -> bool:
    return side.exact or not math.isfinite(side.value)


def _jump(left: _Side, right: _Side, value: float) -> float:
    """How far a value jumps; from the value at the point where one side has none."""
    values = [one for one in (left.value, value, right.value) if not math.isnan(one)]
    near = _SAME if left.exact and right.exact else _SETTLED
    size = max((abs(one) for one in values if math.isfinite(one)), default=0.0)
    steps = [later - earlier for earlier, later in combinations(values, 2)]
    jump = max(steps, key=abs, default=0.0)
    return jump if abs(jump) > near * size else 0.0


def slopes_text(slopes: Slopes) -> str:
    """``slope -1 from the left, 1 from the right``; a side without a value has none."""
    left, right = ("none" if slope is None else f"{slope:.6g}" for slope in (slopes.left, slopes.right))
    text = f"slope {left} from the left, {right} from the right"
    return f"the value jumps by {slopes.jump:.6g}; {text}" if slopes.jump else text

"""Kinks at the point: which operations and decisions have no derivative there, and the slopes to both sides.

The slopes come from runs infinitesimally beside the point (`OneSided` in `tape/domains.py`), not from differences.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.rules.dispatch import zero_like
from adcli.syntax.source import Span
from adcli.tape.components import flattened, name_of
from adcli.tape.labels import labels
from adcli.tape.limits import Limits
from adcli.tape.reach import active_entries
from adcli.tape.selected import select
from adcli.tape.tape import Guard, Tape, Value
from adcli.trust.budget import UNLIMITED, Budget, limits_beside
from adcli.trust.guards import entries_at_kinks, that_matter, tied_guards
from adcli.trust.one_sided import SAME, Side, Surroundings, is_exact, jump_of, slope_of
from adcli.trust.underflow import has_underflown, underflow_text
from adcli.trust.wording import place, sides_text

T = TypeVar("T")
MOST_COMPONENTS = 50  # along which slopes are computed
ALONG = "the direction"  # what slopes along a direction are by

_SIDE = "the side taken at the point itself"  # the convention of a decision


if TYPE_CHECKING:
    from adcli.trust.evidence import Evidence


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
        error: how far each may be off
        of: what has these slopes: the value, or the gradient
        whole: whether there is a derivative in all other directions as well, without which one alone is none
    """

    left: float | None
    right: float | None
    used: float
    jump: float
    exact: bool
    error: float = 0.0
    of: str = "value"
    whole: bool = True

    @property
    def common(self) -> float | None:
        """The derivative, where the slopes to both sides are the same and nothing jumps: then there is one."""
        if (
            not self.whole
            or self.jump
            or self.left is None
            or self.right is None
            or not math.isfinite(self.left + self.right)
        ):
            return None
        same = abs(self.left - self.right) <= SAME * max(abs(self.left), abs(self.right)) + 2 * self.error
        return (self.left + self.right) / 2 if same else None

    def cover(self, slope: float) -> bool:
        """Whether a slope is a subgradient: not beyond those to both sides. Any may be, where one is unknown."""
        sides = [side for side in (self.left, self.right, self.used) if side is not None]
        near = SAME * max((abs(side) for side in sides if math.isfinite(side)), default=0.0) + self.error
        return any(map(math.isnan, sides)) or min(sides) - near <= slope <= max(sides) + near

    @property
    def differ(self) -> bool:
        """Whether there is no derivative along this component, or another one than was used.

        At the end of the domain the one slope that there is counts as the derivative. Where the slopes of points close
        by do not settle, nothing is known.
        """
        slopes = [slope for slope in (self.left, self.right, self.used) if slope is not None]
        if self.jump or len(slopes) == 1 or not math.isfinite(self.used) or any(map(math.isinf, slopes)):
            return True
        if any(map(math.isnan, slopes)):
            return False
        return max(slopes) - min(slopes) > SAME * max(map(abs, slopes)) + 2 * self.error


class Kinks(NamedTuple):
    """Where outputs have no derivative.

    Attributes:
        sites: the operations and decisions
        slopes: by output and component, those that differ
        left_out: along how many components no slopes were computed
        alike: by output and component, the slopes that are the derivative which was used
        underflows: by input, what is too small for a float, so that an operation only seems to be at its kink
        remedy: another way to write what is at a kink
    """

    sites: tuple[Site, ...]
    slopes: Mapping[str, Mapping[str, Slopes]]
    left_out: int = 0
    alike: Mapping[str, Mapping[str, Slopes]] = {}
    underflows: Mapping[str, str] = {}
    remedy: str = ""

    def __bool__(self) -> bool:
        return any(self.slopes.values())

    def of(self, output: str, component: str) -> Slopes | None:
        """The slopes of an output along a component, where they were computed."""
        return self.slopes.get(output, {}).get(component) or self.alike.get(output, {}).get(component)

    def along(self, output: str) -> Slopes | None:
        """The slopes of an output along the one direction that was looked at."""
        return self.of(output, ALONG)

    def beside(self, evidence: Evidence, output: str) -> Evidence:
        """The evidence on a derivative of an output, with what is known of kinks."""
        component = evidence.component
        return evidence._replace(
            slopes=self.of(output, component), underflown=self.underflows.get(name_of(component), "")
        )


NO_KINKS = Kinks((), {})


def find_kinks(
    program: Program,
    point: Mapping[str, Value],
    tape: Tape,
    gradients: Mapping[str, Mapping[str, Value]],
    limits: Limits,
    budget: Budget = UNLIMITED,
) -> Kinks:
    """The kinks at a point that outputs feel, with the slopes of each output along each input.

    A kink that leaves the derivatives as they are, such as that of `x * abs(x)` at 0, is none of the outputs'.

    Args:
        program, point, tape: the run
        gradients: the derivatives that were used, by output, then by input
        limits: of each further tape
        budget: the time for it; there is always one for the first component
    """
    inputs = list(dict.fromkeys(name for slopes in gradients.values() for name in slopes))
    outputs = {name: select(tape, name) for name in gradients}
    entries, guards = at_kinks(tape, [output.entry for output in outputs.values()], inputs)
    if not entries and not guards:
        return NO_KINKS
    underflows, entries, guards = without_underflows(tape, entries, guards, inputs)
    if underflows and not entries and not guards:
        return NO_KINKS._replace(underflows=underflows)
    components = reaching(tape, entries, guards, inputs)
    looked_at = 0
    slopes: dict[str, dict[str, Slopes]] = {output: {} for output in gradients}
    alike: dict[str, dict[str, Slopes]] = {output: {} for output in gradients}
    used = {output: flattened(gradient) for output, gradient in gradients.items()}
    surroundings = Surroundings(program, point, list(gradients), limits_beside(len(tape), limits))
    for component in within_budget(components, budget):
        looked_at += 1
        for output, (left, right) in surroundings.along(component).items():
            along = slopes_between(left, right, used[output][component], outputs[output].value(tape))
            (slopes if along.differ else alike)[output][component] = along
    return Kinks(tuple(sites_of(tape, entries, guards)), slopes, len(components) - looked_at, alike, underflows)


def within_budget(items: Iterable[T], budget: Budget) -> Iterator[T]:
    """As many as slopes are computed along, one at least, as long as there is time."""
    for number, item in enumerate(islice(items, MOST_COMPONENTS)):
        if number and budget.left < 0:
            return
        yield item


def slopes_between(left: Side, right: Side, used: float, value: float, of: str = "value") -> Slopes:
    """The slopes from both sides of a point, at which the derivative that was used and the value are given."""
    exact, error = is_exact(left) and is_exact(right), max(left.error, right.error)
    return Slopes(slope_of(left), slope_of(right), used, jump_of(left, right, value), exact, error, of)


def at_kinks(tape: Tape, outputs: Sequence[int], inputs: Sequence[str]) -> tuple[list[int], list[Guard]]:
    """The entries and the decisions at a kink that depend on the inputs and that outputs are computed from."""
    entries, guards = entries_at_kinks(tape), list(tied_guards(tape))
    return that_matter(tape, entries, guards, outputs, inputs) if entries or guards else ([], [])


def without_underflows(
    tape: Tape, entries: list[int], guards: list[Guard], inputs: Sequence[str]
) -> tuple[dict[str, str], list[int], list[Guard]]:
    """What is at a kink only as something underflows, told by the inputs that move it; and what else is at a kink."""
    meeting = {entry: tape.operands[entry] for entry in entries}
    small = {source for sources in meeting.values() for source in sources if has_underflown(tape, source)}
    small |= {side for guard in guards for side in (guard.left, guard.right) if has_underflown(tape, side)}
    if not small:
        return {}, entries, guards
    first = min(small)
    told = {name: underflow_text(tape, first) for name in inputs if _depends(tape, name, small)}
    return (
        told,
        [entry for entry in entries if small.isdisjoint(meeting[entry])],
        [guard for guard in guards if small.isdisjoint((guard.left, guard.right))],
    )


def reaching(tape: Tape, entries: Iterable[int], guards: Iterable[Guard], inputs: Sequence[str]) -> list[str]:
    """The components of the inputs that kinks depend on. Where there are many, those that move a kink come first."""
    meeting = [source for entry in entries for source in tape.operands[entry]]
    meeting += [side for guard in guards for side in (guard.left, guard.right)]
    depending = [name for name in inputs if _depends(tape, name, meeting)]
    components = list(flattened({name: tape.values[tape.inputs[name]] for name in depending}))
    if len(components) <= MOST_COMPONENTS:
        return components
    moved = {component for source in dict.fromkeys(meeting) for component in _moving(tape, source, depending)}
    return sorted(components, key=lambda component: component not in moved)


def _depends(tape: Tape, name: str, entries: Iterable[int]) -> bool:
    active = active_entries(tape, [tape.inputs[name]])
    return any(active[entry] for entry in entries)


def _moving(tape: Tape, entry: int, inputs: Sequence[str]) -> list[str]:
    """The components of inputs that an entry moves with."""
    from adcli.derive.modes import adjoints_of

    ones = zero_like(tape.values[entry]) + 1.0
    adjoints = flattened(adjoints_of(tape, {entry: ones}, inputs))
    return [component for component, adjoint in adjoints.items() if adjoint]


def sites_of(tape: Tape, entries: Sequence[int], guards: Sequence[Guard]) -> list[Site]:
    """The places of entries and decisions, each once."""
    names = labels(tape)
    times: Counter[object] = Counter()
    sites: dict[object, Site] = {}
    for entry in entries:
        operation, span = tape.operations[entry], tape.spans[entry]
        key = span or entry, operation
        times[key] += 1
        if key not in sites:
            text, line = place(tape, entry, names, written_out=True)
            sites[key] = Site(text, span, line, operation.convention)
    for guard in guards:
        times[guard.span] += 1
        if guard.span not in sites:
            text, line = place(tape, guard, names)
            sites[guard.span] = Site(text, guard.span, line, _SIDE)
    return [site._replace(times=times[key]) for key, site in sites.items()]


def slopes_text(slopes: Slopes) -> str:
    """The slopes to both sides in words, and how far the value jumps."""
    return sides_text(slopes.left, slopes.right, slopes.jump, slopes.of)


def slopes_of_sum(
    kinks: Kinks, weights: Mapping[str, float], gradients: Mapping[str, Mapping[str, Value]]
) -> dict[str, Slopes]:
    """The slopes of a weighted sum of outputs, by each component along which one of them has some."""
    by_output = {output: flattened(gradient) for output, gradient in gradients.items()}
    components = {name: None for gradient in by_output.values() for name in gradient}
    result = {}
    for name in components:
        parts = {output: kinks.of(output, name) for output in by_output}
        if any(parts.values()):
            result[name] = _summed(
                [(weights[output], part or _smooth(by_output[output][name])) for output, part in parts.items()]
            )
    return result


def _smooth(slope: float) -> Slopes:
    """The slopes of what has a derivative."""
    return Slopes(slope, slope, slope, 0.0, exact=True)


def _summed(parts: Sequence[tuple[float, Slopes]]) -> Slopes:
    def total(sides: Iterable[float | None]) -> float | None:
        terms = [weight * side for (weight, _), side in zip(parts, sides, strict=True) if side is not None]
        return sum(terms) if len(terms) == len(parts) else None

    of_all = [slopes for _, slopes in parts]
    return Slopes(
        left=total(slopes.left for slopes in of_all),
        right=total(slopes.right for slopes in of_all),
        used=sum(weight * slopes.used for weight, slopes in parts),
        jump=sum(weight * slopes.jump for weight, slopes in parts),
        exact=all(slopes.exact for slopes in of_all),
        error=sum(abs(weight) * slopes.error for weight, slopes in parts),
    )

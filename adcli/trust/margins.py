"""How far a point is from the nearest kinks and decisions: what an input may move before another formula holds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from adcli.derive.modes import adjoints_of
from adcli.records import NamedTuple
from adcli.tape.components import flattened
from adcli.tape.labels import Labels, labels
from adcli.tape.tape import Tape
from adcli.trust.gaps import Gap, gap_of_decision, gaps_of_operation
from adcli.trust.guards import kinked_entries, that_matter
from adcli.trust.wording import place

_ELEMENTS = 10  # of an array: the nearest
_LOOKED_AT = 200  # of a long tape: those with the smallest gaps, relative to what meets


class Margin(NamedTuple):
    """The distance of an operation from its kink, or of a decision from coming out otherwise.

    Attributes:
        text: `abs(a)`, `x > 0`
        line: where it stands
        gap: how far what meets there is apart
        input: the component of the inputs that has to move least, relative to itself
        move: how far it has to move for the gap to close, to first order; infinite if none closes it
    """

    text: str
    line: int | None
    gap: float
    input: str
    move: float


def margins(tape: Tape, outputs: Sequence[int], inputs: Sequence[str], count: int) -> list[Margin]:
    """The nearest kinks and decisions, the nearest first, of those that depend on the inputs."""
    gaps = [gap for gap in _gaps(tape, outputs, inputs) if math.isfinite(gap.distance)]
    nearest = sorted(gaps, key=lambda gap: abs(gap.distance) / gap.size)[:_LOOKED_AT]
    names, numbers = labels(tape), flattened({name: tape.values[tape.inputs[name]] for name in inputs})
    result = [_margin(tape, gap, names, inputs, numbers) for gap in nearest]
    return sorted(result, key=lambda margin: _relative(margin.move, margin.input, numbers))[:count]


def _gaps(tape: Tape, outputs: Sequence[int], inputs: Sequence[str]) -> Iterator[Gap]:
    entries, guards = that_matter(tape, kinked_entries(tape), tape.guards, outputs, inputs)
    for entry in entries:
        yield from gaps_of_operation(tape, entry, _ELEMENTS)
    for guard in guards:
        yield gap_of_decision(tape, guard)


def _margin(tape: Tape, gap: Gap, names: Labels, inputs: Sequence[str], numbers: Mapping[str, float]) -> Margin:
    """Which component closes a gap with the least move, relative to itself."""
    text, line = place(tape, gap.place, names, written_out=True)
    slopes = flattened(adjoints_of(tape, gap.seeds, inputs)) if gap.seeds else {}
    moves = {name: -gap.distance / slope for name, slope in slopes.items() if slope and math.isfinite(slope)}
    nearest = min(moves, key=lambda name: _relative(moves[name], name, numbers), default="")
    return Margin(text + gap.element, line, gap.distance, nearest, moves[nearest] or 0.0 if moves else math.inf)


def _relative(move: float, component: str, numbers: Mapping[str, float]) -> float:
    """How far a component moves, relative to itself."""
    return abs(move) / (abs(numbers.get(component, 0.0)) or 1.0)

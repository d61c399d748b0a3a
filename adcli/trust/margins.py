"""How far a point is from the nearest kinks and decisions: what an input may move before another formula holds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from adcli.derive.modes import adjoints_of
from adcli.rules.dispatch import shape_of
from adcli.rules.kinks import Kink
from adcli.tape.components import element_seed, flattened
from adcli.tape.describe import expression_text, guard_text, labels
from adcli.tape.reach import active_entries, entries_behind
from adcli.tape.tape import Tape, Value

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


class _Gap(NamedTuple):
    """A gap, and what it is the difference of: seeds of a sweep that gives its gradient."""

    text: str
    line: int | None
    size: float
    relative: float
    seeds: Mapping[int, Value]


def margins(tape: Tape, outputs: Sequence[int], inputs: Sequence[str], count: int) -> list[Margin]:
    """The nearest kinks and decisions, the nearest first, of those that depend on the inputs."""
    gaps = sorted(_gaps(tape, outputs, inputs), key=lambda gap: gap.relative)[:_LOOKED_AT]
    numbers = flattened({name: tape.values[tape.inputs[name]] for name in inputs})
    found = [_margin(tape, gap, inputs, numbers) for gap in gaps]
    return sorted(found, key=lambda margin: _relative_move(margin, numbers))[:count]


def _relative_move(margin: Margin, numbers: Mapping[str, float]) -> float:
    return abs(margin.move) / (abs(numbers.get(margin.input, 0.0)) or 1.0)


def _gaps(tape: Tape, outputs: Sequence[int], inputs: Sequence[str]) -> list[_Gap]:
    active = active_entries(tape, [tape.inputs[name] for name in inputs])
    behind = entries_behind(tape, [*outputs, *(side for guard in tape.guards for side in (guard.left, guard.right))])
    names = labels(tape)
    found = []
    for entry, operation in enumerate(tape.operations):
        if operation.kink is None or not behind[entry] or not any(active[one] for one in tape.operands[entry]):
            continue
        text, line = expression_text(tape, entry, names), tape.line(entry)
        for label, size, relative, seeds in _nearest(tape, entry):
            found.append(_Gap(text + label, line, size, relative, seeds))
    for guard in tape.guards:
        left, right = tape.values[guard.left], tape.values[guard.right]
        if active[guard.left] or active[guard.right]:
            line, _ = tape.source.place(guard.span[0])
            size = max(abs(left), abs(right)) or 1.0
            seeds = _sum_of_seeds([(guard.left, 1.0), (guard.right, -1.0)])
            found.append(_Gap(guard_text(tape, guard, names), line, left - right, abs(left - right) / size, seeds))
    return [gap for gap in found if math.isfinite(gap.size)]


def _nearest(tape: Tape, entry: int) -> Iterator[tuple[str, float, float, dict[int, Value]]]:
    """The gaps of an operation, of an array those of the nearest elements.

    Each has the element's subscripts, its size, that relative to the operands, and the seeds of its gradient.
    """
    kink, operands, value = tape.operations[entry].kink, tape.operand_values(entry), tape.values[entry]
    assert kink is not None
    sources = tape.operands[entry]
    gap = kink.gap(operands, value)
    if not any(shape_of(one) for one in (*operands, value)):
        size = max(map(abs, operands), default=1.0) or 1.0
        yield "", gap, abs(gap) / size, _sum_of_seeds(zip(sources, kink.towards(operands, value), strict=True))
    elif tape.operations[entry].elementwise:
        yield from _nearest_elements(tape, entry, kink, gap)
    elif shape_of(value):  # along an axis: that which is nearest is not told apart
        import numpy

        smallest = float(numpy.nanmin(abs(numpy.asarray(gap))))
        yield "", smallest, smallest, {}
    else:
        yield "", gap, abs(gap), _sum_of_seeds(zip(sources, kink.towards(operands, value), strict=False))


def _nearest_elements(
    tape: Tape, entry: int, kink: Kink, gap: Value
) -> Iterator[tuple[str, float, float, dict[int, Value]]]:
    """The same for some elements of an operation that goes element by element."""
    import numpy

    sources, operands = tape.operands[entry], tape.operand_values(entry)
    gaps, *spread = numpy.broadcast_arrays(gap, *operands, tape.values[entry])
    order = numpy.argsort(numpy.where(numpy.isfinite(gaps), abs(gaps), math.inf), axis=None)[:_ELEMENTS]
    for place in order:
        index = numpy.unravel_index(place, gaps.shape)
        *numbers, result = (float(one[index]) for one in spread)
        towards = kink.towards(numbers, result)
        seeds = _sum_of_seeds(
            (source, element_seed(operand, index, slope))
            for source, operand, slope in zip(sources, operands, towards, strict=True)
        )
        size = max(map(abs, numbers), default=1.0) or 1.0
        label = f"[{', '.join(str(int(one)) for one in index)}]"
        yield label, float(gaps[index]), abs(float(gaps[index])) / size, seeds


def _sum_of_seeds(pairs: Any) -> dict[int, Value]:
    """Seeds by entry; one entry may meet itself."""
    seeds: dict[int, Value] = {}
    for entry, slope in pairs:
        seeds[entry] = seeds[entry] + slope if entry in seeds else slope
    return seeds


def _margin(tape: Tape, gap: _Gap, inputs: Sequence[str], numbers: Mapping[str, float]) -> Margin:
    """Which component closes a gap with the least move, relative to itself."""
    slopes = flattened(adjoints_of(tape, gap.seeds, inputs)) if gap.seeds else {}
    moves = {name: -gap.size / slope for name, slope in slopes.items() if slope and math.isfinite(slope)}
    if not moves:
        return Margin(gap.text, gap.line, gap.size, "", math.inf)
    nearest = min(moves, key=lambda name: abs(moves[name]) / (abs(numbers[name]) or 1.0))
    return Margin(gap.text, gap.line, gap.size, nearest, moves[nearest] or 0.0)

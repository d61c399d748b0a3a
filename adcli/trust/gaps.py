"""The gaps of a run: how far apart what meets is, at each kink of an operation and in each decision."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.rules.kinks import Kink
from adcli.tape.components import element_seed
from adcli.tape.ieee import quiet
from adcli.tape.tape import Guard, Tape, Value


class Gap(NamedTuple):
    """The distance of two numbers that meet at a kink, or that a decision compares.

    Attributes:
        place: the decision, or the entry whose operation has the kink
        element: of an array the subscripts of the element, as `[2]`; else empty
        distance: of the two numbers, with its sign
        size: of the two numbers
        seeds: of the reverse sweep that gives the gradient of the distance; empty where that is not known
    """

    place: Guard | int
    element: str
    distance: float
    size: float
    seeds: Mapping[int, Value]


def gap_of_decision(tape: Tape, guard: Guard) -> Gap:
    """The gap between the two sides of a decision."""
    left, right = tape.values[guard.left], tape.values[guard.right]
    seeds = _summed([(guard.left, 1.0), (guard.right, -1.0)])
    return Gap(guard, "", left - right, max(abs(left), abs(right)) or 1.0, seeds)


def gaps_of_operation(tape: Tape, entry: int, most: int) -> list[Gap]:
    """The gap of an operation that has a kink; of one element by element those of the nearest elements."""
    with quiet(tape):
        return list(_gaps(tape, entry, most))


def _gaps(tape: Tape, entry: int, most: int) -> Iterator[Gap]:
    operation, operands, value = tape.operations[entry], tape.operand_values(entry), tape.values[entry]
    kink, sources = operation.kink, tape.operands[entry]
    assert kink is not None
    distance = kink.gap(operands, value)
    if not any(map(shape_of, (*operands, value))):
        size = max(map(abs, operands), default=1.0) or 1.0
        yield Gap(entry, "", distance, size, _summed(zip(sources, kink.towards(operands, value), strict=True)))
    elif operation.elementwise:
        yield from _gaps_of_elements(tape, entry, kink, distance, most)
    elif shape_of(value):  # along an axis: that which is nearest is not told apart
        import numpy

        yield Gap(entry, "", float(numpy.nanmin(abs(numpy.asarray(distance)))), 1.0, {})
    else:
        yield Gap(entry, "", distance, 1.0, _summed(zip(sources, kink.towards(operands, value), strict=False)))


def _gaps_of_elements(tape: Tape, entry: int, kink: Kink, distances: Value, most: int) -> Iterator[Gap]:
    """The gaps of those elements of an operation that are nearest to its kink."""
    import numpy

    sources, operands = tape.operands[entry], tape.operand_values(entry)
    distances, *spread = numpy.broadcast_arrays(distances, *operands, tape.values[entry])
    order = numpy.argsort(numpy.where(numpy.isfinite(distances), abs(distances), math.inf), axis=None, kind="stable")
    for place in order[:most]:
        index = tuple(map(int, numpy.unravel_index(place, distances.shape)))
        *numbers, result = (float(array[index]) for array in spread)
        slopes = zip(sources, operands, kink.towards(numbers, result), strict=True)
        seeds = _summed((source, element_seed(operand, index, slope)) for source, operand, slope in slopes)
        size = max(map(abs, numbers), default=1.0) or 1.0
        yield Gap(entry, f"[{', '.join(map(str, index))}]", float(distances[index]), size, seeds)


def _summed(pairs: Iterable[tuple[int, Value]]) -> dict[int, Value]:
    """Seeds by entry. An entry that meets itself has two, which are added."""
    seeds: dict[int, Value] = {}
    for entry, seed in pairs:
        seeds[entry] = seeds[entry] + seed if entry in seeds else seed
    return seeds

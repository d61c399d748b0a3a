"""The decisions of a run that rounding may have turned."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from adcli.tape.components import element_seed
from adcli.tape.describe import guard_text, labels, operation_text
from adcli.tape.tape import Guard, Tape, Value
from adcli.trust.precision import Roundings, total

if TYPE_CHECKING:
    from adcli.rules.kinks import Kink

_MOST = 50  # that are looked at: those with the nearest sides, and fewer on a long tape, but so many
_LEAST = 5
_WORK = 5_000_000  # entries that are swept over for all of them


class Decision(NamedTuple):
    """A decision that rounding may have turned: what was decided, how far apart its sides are, and their bound."""

    text: str
    line: int | None
    apart: float
    bound: float


class _Sides(NamedTuple):
    """Two numbers that were compared: how far they are apart, the guard or the entry, and how to sweep from both."""

    apart: float
    what: Guard | int
    seeds: tuple[tuple[int, Value], ...]


def close_decisions(roundings: Roundings) -> list[Decision]:
    """The decisions that might come out otherwise within the rounding of what was compared.

    Those with the nearest sides are looked at: guards, comparisons element by element, and jumps to whole numbers.
    """
    tape = roundings.tape
    most = max(_LEAST, min(_MOST, _WORK // max(len(tape), 1)))
    nearest = heapq.nsmallest(most, _compared(roundings), key=lambda sides: sides.apart)
    found: dict[tuple[str, int | None], Decision] = {}
    for sides in nearest:
        adjoints = roundings.adjoints(_seeds(sides.seeds))
        bound = total(loss.contribution for loss in roundings.losses(adjoints))
        if bound and sides.apart <= bound:
            place = _place(tape, sides.what)
            found.setdefault(place, Decision(*place, sides.apart, bound))
    return list(found.values())


def _place(tape: Tape, what: Guard | int) -> tuple[str, int | None]:
    """What was decided, and its line."""
    if isinstance(what, Guard):
        return guard_text(tape, what, labels(tape)), tape.source.place(what.span.start)[0]
    return operation_text(tape, what, labels(tape)), tape.line(what)


def _seeds(parts: Iterable[tuple[int, Value]]) -> dict[int, Value]:
    """Seeds of an entry that is on both sides are added."""
    result: dict[int, Value] = {}
    for entry, seed in parts:
        result[entry] = result[entry] + seed if entry in result else seed
    return result


def _compared(roundings: Roundings) -> Iterator[_Sides]:
    """What was compared with what, where a rounding went into a side."""
    tape = roundings.tape
    for guard in tape.guards:
        if roundings.rounded[guard.left] or roundings.rounded[guard.right]:
            apart = abs(tape.values[guard.left] - tape.values[guard.right])
            if apart == apart:
                yield _Sides(apart, guard, ((guard.left, 1.0), (guard.right, -1.0)))
    for entry, operation in enumerate(tape.operations):
        operands, kink = tape.operands[entry], operation.kink
        if kink is not None and kink.apart is not None and any(roundings.rounded[one] for one in operands):
            yield from _elements(tape, entry, operands, kink)


def _elements(tape: Tape, entry: int, operands: Sequence[int], kink: Kink) -> Iterator[_Sides]:
    """The element whose sides are nearest."""
    import numpy

    values = [numpy.asarray(tape.values[one]) for one in operands]
    with numpy.errstate(all="ignore"):  # an infinity is no distance from itself
        apart = abs(numpy.asarray(kink.gap(values, numpy.asarray(tape.values[entry]))))
    if not apart.size or numpy.all(numpy.isnan(apart)):
        return
    place = tuple(map(int, numpy.unravel_index(int(numpy.nanargmin(apart)), apart.shape)))
    numbers = [float(numpy.broadcast_to(value, apart.shape)[place]) for value in values]
    signs = kink.towards(numbers, 0.0)
    seeds = tuple(
        (source, element_seed(tape.values[source], place, sign)) for source, sign in zip(operands, signs, strict=True)
    )
    yield _Sides(float(apart[place]), entry, seeds)

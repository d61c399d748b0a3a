"""The decisions of a run that rounding may have turned."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator

from adcli.records import NamedTuple
from adcli.tape.labels import labels
from adcli.trust.gaps import Gap, gap_of_decision, gaps_of_operation
from adcli.trust.guards import kinked_entries
from adcli.trust.precision import Roundings
from adcli.trust.rounding import total
from adcli.trust.wording import place

_MOST = 50  # decisions that are looked at: those with the nearest sides
_LEAST = 5  # that are looked at on a long tape, where fewer are
_WORK = 5_000_000  # entries that are swept over for all of them


class Decision(NamedTuple):
    """A decision that rounding may have turned: what was decided, how far apart its sides are, and their bound."""

    text: str
    line: int | None
    apart: float
    bound: float


def close_decisions(roundings: Roundings) -> list[Decision]:
    """The decisions that might come out otherwise within the rounding of what was compared.

    Those with the nearest sides are looked at: guards, comparisons element by element, and jumps to whole numbers.
    """
    tape, names = roundings.tape, labels(roundings.tape)
    most = max(_LEAST, min(_MOST, _WORK // max(len(tape), 1)))
    gaps = (gap for gap in _rounded_gaps(roundings) if not math.isnan(gap.distance))
    decisions: dict[tuple[str, int | None], Decision] = {}
    for gap in heapq.nsmallest(most, gaps, key=lambda gap: abs(gap.distance)):
        bound = total([loss.contribution for loss in roundings.losses(roundings.adjoints(gap.seeds))])
        if bound and abs(gap.distance) <= bound:
            what = place(tape, gap.place, names)
            decisions.setdefault(what, Decision(*what, abs(gap.distance), bound))
    return list(decisions.values())


def _rounded_gaps(roundings: Roundings) -> Iterator[Gap]:
    """What was compared with what, where a rounding went into a side; of an array the nearest element."""
    tape, rounded = roundings.tape, roundings.rounded
    for guard in tape.guards:
        if rounded[guard.left] or rounded[guard.right]:
            yield gap_of_decision(tape, guard)
    for entry in kinked_entries(tape):
        kink = tape.operations[entry].kink
        if kink is not None and kink.apart is not None and any(rounded[operand] for operand in tape.operands[entry]):
            yield from gaps_of_operation(tape, entry, 1)

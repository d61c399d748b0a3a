"""How often a `for` loop runs, as decisions of numbers on the tape: the rule by which `ends.py` counts, in entries.

The decision that a loop leaves compares its variable with the bound, as a reader would. The interpreter counts with a
tolerance, so that steps which miss the bound by rounding still reach it: who runs the line again has to decide as it
does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adcli.rules.primitive import Primitive
from adcli.rules.table import (
    ABSOLUTE,
    ADDITION,
    DIVISION,
    FLOOR,
    LARGEST,
    MULTIPLICATION,
    SMALLEST,
    SUBTRACTION,
)  # fmt: skip
from adcli.tape.reach import varying_entries
from adcli.tape.tape import BOUND_TOLERANCE, Count, Guard, Tape


def with_exact_counts(tape: Tape, guards: Sequence[Guard]) -> list[Guard]:
    """The same decisions, those of counts by the interpreter's rule, whose entries are appended to the tape."""
    if not any(guard.counts for guard in guards):
        return list(guards)
    varying = varying_entries(tape, tape.inputs.values())
    return [exact for guard in guards for exact in _exact(tape, varying, guard)]


def _exact(tape: Tape, varying: Sequence[bool], guard: Guard) -> Iterator[Guard]:
    count = guard.counts
    if count is None or _is_plain(tape, varying, count):
        yield guard
        return
    first, step = tape.values[count.first], tape.values[count.step]
    are_whole = first.is_integer() and step.is_integer()
    if not (varying[count.first] or varying[count.step]):
        yield _compared(tape, guard, count, tolerant=not are_whole)
        return
    exact = _compared(tape, guard, count, tolerant=not guard.holds)  # whatever they are elsewhere
    if _comes_out(tape, exact):
        yield exact
        return
    yield from _as_whole_as_they_were(tape, guard, [each for each in (count.first, count.step) if varying[each]])
    yield _compared(tape, guard, count, tolerant=not are_whole)


def _is_plain(tape: Tape, varying: Sequence[bool], count: Count) -> bool:
    """Whether the variable is compared with the bound as exactly: it is a whole number, and so is their distance."""
    if varying[count.first] or varying[count.step]:
        return False
    first: float = tape.values[count.first]
    return bool(tape.values[count.step] == 1 and first >= 0 and first.is_integer())


def _compared(tape: Tape, guard: Guard, count: Count, tolerant: bool) -> Guard:
    """That the steps which fit are as many as the loop has taken, or fewer than it would take."""
    first, last, step = count.first, guard.right, count.step
    steps = _apply(tape, DIVISION, _apply(tape, SUBTRACTION, last, first), step)
    if tolerant:
        largest = _apply(tape, LARGEST, *(_apply(tape, ABSOLUTE, each) for each in (first, last)))
        missed = _apply(tape, MULTIPLICATION, _number(tape, BOUND_TOLERANCE), largest)
        missed = _apply(tape, DIVISION, missed, _apply(tape, ABSOLUTE, step))
        steps = _apply(tape, ADDITION, steps, _apply(tape, SMALLEST, missed, _number(tape, 0.5)))
    least = _number(tape, float(count.times - guard.holds))
    return guard._replace(position=len(tape), comparison=">=", left=steps, right=least, counts=None)


def _as_whole_as_they_were(tape: Tape, guard: Guard, entries: Sequence[int]) -> Iterator[Guard]:
    """That bounds are whole numbers where they were: such a loop counts without a tolerance."""
    for entry in entries:
        floor = _apply(tape, FLOOR, entry)
        is_whole: bool = tape.values[entry].is_integer()
        yield guard._replace(position=len(tape), comparison="==", left=floor, right=entry, holds=is_whole, counts=None)


def _comes_out(tape: Tape, guard: Guard) -> bool:
    return bool((tape.values[guard.left] >= tape.values[guard.right]) == guard.holds)


def _apply(tape: Tape, operation: Primitive, *operands: int) -> int:
    value = operation.function(*[tape.values[operand] for operand in operands])
    return tape.append(operation, operands, value, None, None)


def _number(tape: Tape, value: float) -> int:
    return tape.constant(repr(int(value)) if value.is_integer() else repr(value), value)

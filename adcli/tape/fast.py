"""The fast lane: the reverse sweep of plain adjoints, with everything that a walk looks up written out.

It computes what `backward` computes with the carrier `Adjoints`, bit by bit, in a fraction of the time. Stretches of
numbers and stretches of arrays take turns, each in a loop of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any

from adcli.records import NamedTuple
from adcli.rules.compile import RAISED
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.facts import SUBSCRIPTED, Notation
from adcli.rules.local import Pullback, fitted, number_pullback, pullbacks, received
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused
from adcli.rules.subscripts import ELEMENTS
from adcli.tape.block_sweep import sweep_runs
from adcli.tape.ieee import quiet
from adcli.tape.local import contribution, refused
from adcli.tape.memory import may_overwrite, own_adjoint
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import is_spoilt, seeded


def sweep(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool], keep: bool = True) -> list[Value | None]:
    """The adjoint of every entry that the seeds reach through active entries; None for the others.

    Args:
        tape: what ran
        seeds: the adjoint that each output entry starts with
        active: for each entry whether it depends on an input that matters; a passive entry receives nothing,
            so that no `0 * inf` arises where nothing is asked for
        keep: whether all adjoints are asked for; else only those of inputs are, and arrays are given up on the way
    """
    adjoints = seeded(tape, seeds)
    sweep_entries(tape, adjoints, active, range(max(seeds, default=-1), -1, -1), keep)
    if is_spoilt(adjoints if keep else [adjoints[entry] for entry in tape.inputs.values()]):
        from adcli.tape.gaps import sweep_with_gaps  # which most programs never need

        return sweep_with_gaps(tape, seeds, active)
    return adjoints


def sweep_entries(
    tape: Tape, adjoints: list[Value | None], active: Sequence[bool], entries: range, keep: bool = True
) -> None:
    """The part of a sweep that passes on the adjoints of some entries, one after another downward."""
    with quiet(tape):
        below = 0 if keep else bisect_right(tape.block_runs, entries.start, key=attrgetter("start"))
        for runs in reversed(tape.block_runs[:below]):
            if runs.start <= entries.stop:
                break
            if runs.end > entries.start + 1:
                _sweep_noted(tape, adjoints, active, range(entries.start, runs.start - 1, -1), keep)
            else:
                _sweep_alone(tape, adjoints, active, range(entries.start, runs.end - 1, -1), keep)
                sweep_runs(tape.values, adjoints, active, runs, partial(_sweep_noted, tape, adjoints, active))
            entries = range(runs.start - 1, entries.stop, -1)
        noted = not tape.block_runs or tape.block_runs[0].start > entries.start
        (_sweep_alone if noted else _sweep_noted)(tape, adjoints, active, entries, keep)


def _sweep_noted(
    tape: Tape, adjoints: list[Value | None], active: Sequence[bool], entries: range, keep: bool = False
) -> None:
    """The same one by one: of runs of a block, too, the operands are noted then."""
    if tape.operands:
        _sweep_alone(tape, adjoints, active, entries, keep)


def _sweep_alone(tape: Tape, adjoints: list[Value | None], active: Sequence[bool], entries: range, keep: bool) -> None:
    """The same of entries whose operands are noted, one by one."""
    if not tape.arrays:
        _sweep_numbers(tape, adjoints, active, entries)
        return
    for numbers, arrays in _stretches(tape.array_entries(), entries):
        if numbers:
            _sweep_numbers(tape, adjoints, active, numbers)
        if arrays:
            _sweep_arrays(tape, adjoints, active, arrays, keep)


def _stretches(array_entries: Sequence[int], entries: range) -> Iterator[tuple[range, range]]:
    """Entries that are numbers, then those behind them that are arrays, and so on downward."""
    start, stop = entries.start, entries.stop
    top = bisect_right(array_entries, start)
    while top and array_entries[top - 1] > stop:
        last = first = array_entries[top - 1]
        top -= 1
        while top and array_entries[top - 1] == first - 1 > stop:
            first -= 1
            top -= 1
        yield range(start, last, -1), range(last, first - 1, -1)
        start = first - 1
    yield range(start, stop, -1), range(0)


# Numbers


# The compiled pullbacks of each pattern of active operands: plain dictionaries, which Python looks up the fastest.
_UNARY: dict[Primitive, Callable[..., Any]] = {}
_LEFT: dict[Primitive, Callable[..., Any]] = {}
_RIGHT: dict[Primitive, Callable[..., Any]] = {}
_BOTH: dict[Primitive, Callable[..., Any]] = {}


def _compile(operation: Primitive, active: Sequence[bool]) -> None:
    """Make the pullback of an operation with some active operands, or with none, where the sweep ends."""
    if len(active) == 1:
        _UNARY[operation] = number_pullback(operation, (True,))
    elif all(active):
        _BOTH[operation] = number_pullback(operation, (True, True))
    elif active[0]:
        _LEFT[operation] = number_pullback(operation, (True, False))
    else:
        _RIGHT[operation] = number_pullback(operation, (False, True))


def _sweep_numbers(tape: Tape, adjoints: list[Value | None], active: Sequence[bool], entries: range) -> None:
    operations, operands, values = tape.operations, tape.noted_operands, tape.values
    for entry in entries:
        g = adjoints[entry]
        if g is None or not active[entry]:
            continue
        sources = operands[entry]
        # The addition below stands twice, and once more in _pass_on, because a call would cost as much as all the rest.
        try:
            if len(sources) == 2:
                left, right = sources
                if active[left]:
                    if active[right]:
                        to_left, to_right = _BOTH[operations[entry]](g, values[entry], values[left], values[right])
                        before = adjoints[left]
                        adjoints[left] = to_left if before is None else before + to_left
                    else:
                        to_right = _LEFT[operations[entry]](g, values[entry], values[left], values[right])
                        right = left
                else:
                    to_right = _RIGHT[operations[entry]](g, values[entry], values[left], values[right])
            elif len(sources) == 1:
                (right,) = sources
                to_right = _UNARY[operations[entry]](g, values[entry], values[right])
            else:
                _pass_on(tape, entry, g, active, adjoints)
                continue
        except RAISED:
            _pass_on(tape, entry, g, active, adjoints)
            continue
        except KeyError:  # the first of its kind
            _pass_on(tape, entry, g, active, adjoints)  # which says so where there is no derivative
            _compile(operations[entry], [active[source] for source in sources])
            continue
        before = adjoints[right]
        adjoints[right] = to_right if before is None else before + to_right


def _pass_on(tape: Tape, entry: int, g: float, active: Sequence[bool], adjoints: list[Value | None]) -> None:
    """Add an entry's contributions one by one: where Python raised, where nothing is compiled, for many operands."""
    for position, source in enumerate(tape.noted_operands[entry]):
        if active[source]:
            term = contribution(tape, entry, position, g)
            before = adjoints[source]
            adjoints[source] = term if before is None else before + term


# Arrays


class _Passing(NamedTuple):
    """How entries pass on their adjoints that are of the same operation, with operands of the same shapes.

    Attributes:
        rules: what those operands receive that receive anything
        turning: the last of the rules, if the adjoint itself can become what that operand receives
        part: PART or UPDATE, whose adjoints have parts that are written to; None for others
        reads: whether the rules are given the operands: of a display there may be thousands
    """

    rules: Sequence[Pullback]
    turning: Pullback | None
    part: Notation | None
    reads: bool


@lru_cache(maxsize=10_000)
def _passing(
    operation: Primitive, active: tuple[bool, ...], shape: tuple[int, ...], *shapes: tuple[int, ...]
) -> _Passing:
    """How an adjoint of some shape is passed on to those operands that are active; the shapes are theirs."""
    rules = pullbacks(operation, active, *shapes)
    turning = rules[-1] if rules and rules[-1].in_place and rules[-1].shape == shape else None
    part = operation.notation if operation.notation in SUBSCRIPTED else None
    return _Passing(rules, turning, part, not operation.linear)


def _sweep_arrays(tape: Tape, adjoints: list[Value | None], active: Sequence[bool], entries: range, keep: bool) -> None:
    """Sums go into the array that is there where nothing else refers to it: a new one costs as much as the sum.

    Where the adjoints of entries with operands need not be kept, each is given up as soon as it is passed on, and its
    memory is used again.
    """
    values = tape.values
    for entry in entries:
        g = adjoints[entry]
        operands = tape.noted_operands[entry]
        if g is None or not operands or not active[entry]:
            continue
        if type(g) is float and type(values[operands[0]]) is not float and tape.operations[entry] in ELEMENTS:
            _add_element(values, operands, g, adjoints)
            continue
        if not keep:
            adjoints[entry] = None
        v, others = values[entry], [values[operand] for operand in operands]
        pattern = tuple([active[operand] for operand in operands])
        try:
            rules, turning, part, reads = _passing(
                tape.operations[entry], pattern, shape_of(v), *[shape_of(other) for other in others]
            )
        except Refused as error:
            raise refused(tape, entry, error) from None
        if not reads:
            others = []
        if part is Notation.PART:
            _add_part(tape, entry, g, adjoints)
            continue
        free = not keep and (part or turning is not None) and may_overwrite(g)
        if part and free:
            _take_part(tape, entry, g, rules, adjoints)
            continue
        for rule in rules:
            _, position, shape, _, function, in_place, edge = rule
            target = operands[position]
            before = adjoints[target]
            try:  # most rules need no more; `_received` knows the others
                if function is None:
                    term = g
                elif in_place and rule is turning and free and before is None and may_overwrite(g):
                    term = in_place(g, v, *others)
                else:
                    term = function(g, v, *others)
                if edge is not None and not is_finite(term):
                    raise ArithmeticError
            except RAISED:
                term = _received(tape, entry, rule, g)
            if shape_of(term) != shape:
                term = fitted(term, shape)
            # as `_add` does it, without the call
            if before is None:
                adjoints[target] = term
            elif may_overwrite(before, 1):
                before += term
            else:
                adjoints[target] = before + term
            term = before = None  # which would be one more reference to what was added


def _received(tape: Tape, entry: int, rule: Pullback, g: Value) -> Value:
    """What an operand receives from an entry whose adjoint is g, before it is fitted to its shape."""
    try:
        return received(rule, g, tape.values[entry], tape.operand_values(entry))
    except Refused as error:
        raise refused(tape, entry, error) from None


def _add(adjoints: list[Value | None], target: int, term: Value) -> None:
    """Add a contribution to the adjoint of an entry."""
    before = adjoints[target]
    if before is None:
        adjoints[target] = term
    elif may_overwrite(before, 1):
        before += term
    else:
        adjoints[target] = before + term


def _add_part(tape: Tape, entry: int, g: Value, adjoints: list[Value | None]) -> None:
    """Add the adjoint of a part to that part of the array's."""
    target, *bounds = tape.operands[entry]
    own_adjoint(tape.values, adjoints, target)[_place(tape, entry, target, bounds)] += g


def _add_element(values: Sequence[Value], operands: Sequence[int], g: float, adjoints: list[Value | None]) -> None:
    """Add the adjoint of one element to that of the array."""
    target, *bounds = operands
    own_adjoint(values, adjoints, target)[tuple([int(values[bound]) for bound in bounds])] += g


def _take_part(tape: Tape, entry: int, g: Value, rules: Sequence[Pullback], adjoints: list[Value | None]) -> None:
    """Of the adjoint of an updated array one part belongs to what was put there, the rest to the old version."""
    target, value, *bounds = tape.operands[entry]
    place, receivers = _place(tape, entry, target, bounds), [rule.position for rule in rules]
    if 1 in receivers:
        part = fitted(_as_value(g[place]), shape_of(tape.values[value]))
        is_view = getattr(part, "base", None) is not None  # a number is none, nor is what was summed to a few
        _add(adjoints, value, part.copy() if 0 in receivers and is_view else part)
    if 0 in receivers:
        g[place] = 0.0
        _add(adjoints, target, g)


def _place(tape: Tape, entry: int, target: int, bounds: Sequence[int]) -> Any:
    """NumPy's index of the part that an entry takes, or writes to."""
    operation = tape.operations[entry]
    assert isinstance(operation, ArrayPrimitive)
    from adcli.rules.readings.arrays import subscript

    return subscript(shape_of(tape.values[target]), operation.settings[0], [tape.values[bound] for bound in bounds])


def _as_value(number: Any) -> Value:
    """A float where NumPy has a number of its own."""
    return number if getattr(number, "shape", ()) else float(number)

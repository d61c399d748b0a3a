"""The reverse sweep: one walk backward over the tape gives the adjoint of every entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from adcli.rules.formula import RAISED, Pullback, partial, pullback
from adcli.rules.primitive import Primitive
from adcli.tape.execute import quiet
from adcli.tape.tape import Tape, Value


class _Pullbacks(dict[Primitive, Pullback]):
    """The compiled pullbacks of one pattern of active operands, each made when it is first asked for."""

    def __init__(self, *active: bool) -> None:
        super().__init__()
        self._active = active

    def __missing__(self, primitive: Primitive) -> Pullback:
        self[primitive] = made = pullback(primitive, self._active)
        return made


_UNARY = _Pullbacks(True)
_LEFT = _Pullbacks(True, False)
_RIGHT = _Pullbacks(False, True)
_BOTH = _Pullbacks(True, True)


class Contribution(NamedTuple):
    """One `+=` of the sweep.

    Attributes:
        entry: whose adjoint is passed on
        position: which of its operands receives it
        target: the entry of that operand
        partial: the partial of the entry's operation with respect to the operand; None where arrays have none
        contribution: the entry's adjoint times the partial
        before, after: the target's adjoint before the addition (None: it had received nothing) and after it
    """

    entry: int
    position: int
    target: int
    partial: Value | None
    contribution: Value
    before: Value | None
    after: Value


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
    return adjoints


def seeded(tape: Tape, seeds: Mapping[int, Value]) -> list[Value | None]:
    """The adjoints before a sweep."""
    adjoints: list[Value | None] = [None] * len(tape)
    for entry, seed in seeds.items():
        adjoints[entry] = seed
    return adjoints


def sweep_entries(
    tape: Tape, adjoints: list[Value | None], active: Sequence[bool], entries: Iterable[int], keep: bool = True
) -> None:
    """The part of a sweep that passes on the adjoints of some entries, which come in falling order."""
    if tape.arrays:
        from adcli.tape.arrays import sweep_arrays  # which programs of numbers do not need

        sweep_arrays(tape, adjoints, active, entries, keep)
        return
    operations, operands, values = tape.operations, tape.operands, tape.values
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
        before = adjoints[right]
        adjoints[right] = to_right if before is None else before + to_right


def sweep_magnitudes(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> list[Value | None]:
    """A sweep in which nothing cancels: every contribution with its absolute value."""
    if tape.arrays:
        from adcli.tape.arrays import sweep_magnitudes as over_arrays  # which programs of numbers do not need

        return over_arrays(tape, seeds, active)
    sizes: list[Value | None] = [None] * len(tape)
    for entry, seed in seeds.items():
        sizes[entry] = abs(seed)
    for entry in range(max(seeds, default=-1), -1, -1):
        size = sizes[entry]
        if size is not None and active[entry]:
            for source, slope in _slopes(tape, entry, active):
                sizes[source] = (sizes[source] or 0.0) + size * abs(slope)
    return sizes


def _slopes(tape: Tape, entry: int, active: Sequence[bool]) -> Iterable[tuple[int, float]]:
    """Entry and partial of each active operand of an entry, by the compiled rules where there are some."""
    sources, operation, values = tape.operands[entry], tape.operations[entry], tape.values
    try:
        if len(sources) == 2:
            left, right = sources
            arguments = 1.0, values[entry], values[left], values[right]
            if active[left] and active[right]:
                return zip(sources, _BOTH[operation](*arguments), strict=True)
            slope = (_LEFT if active[left] else _RIGHT)[operation](*arguments)
            return ((left if active[left] else right, slope),)
        if len(sources) == 1:
            return ((sources[0], _UNARY[operation](1.0, values[entry], values[sources[0]])),)
    except RAISED:
        pass
    return ((source, slope) for _, source, slope in _partials(tape, entry, active))


def contributions(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> Iterator[Contribution]:
    """The same sweep, addition by addition, as a textbook writes it."""
    adjoints = seeded(tape, seeds)
    for entry in range(max(seeds, default=-1), -1, -1):
        yield from contributions_of(tape, entry, adjoints, active)


def contributions_of(
    tape: Tape, entry: int, adjoints: list[Value | None], active: Sequence[bool]
) -> Iterator[Contribution]:
    """What the sweep does at one entry: the additions to the adjoints of its operands."""
    g = adjoints[entry]
    if g is None or not active[entry]:
        return
    if tape.arrays:
        from adcli.tape.arrays import received

        for position, target in enumerate(tape.operands[entry]):
            with quiet(tape):
                term = received(tape, entry, position, g) if active[target] else None
                before = adjoints[target]
                after = term if before is None or term is None else before + term
            if term is not None:
                adjoints[target] = after
                yield Contribution(entry, position, target, None, term, before, after)
        return
    for position, target, slope in _partials(tape, entry, active):
        before = adjoints[target]
        after = g * slope if before is None else before + g * slope
        adjoints[target] = after
        yield Contribution(entry, position, target, slope, g * slope, before, after)


def _partials(tape: Tape, entry: int, active: Sequence[bool]) -> Iterator[tuple[int, int, float]]:
    """Position, entry and partial of each active operand of an entry."""
    operands = tape.operand_values(entry)
    for position, source in enumerate(tape.operands[entry]):
        if active[source]:
            yield position, source, partial(tape.operations[entry], position, operands, tape.values[entry])


def _pass_on(tape: Tape, entry: int, g: float, active: Sequence[bool], adjoints: list[Value | None]) -> None:
    """Add an entry's contributions one by one: where Python raised, and for more than two operands."""
    for _, source, slope in _partials(tape, entry, active):
        before = adjoints[source]
        adjoints[source] = g * slope if before is None else before + g * slope

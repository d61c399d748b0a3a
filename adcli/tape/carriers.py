"""What goes backward over a tape: adjoints, their absolute values, contributions one by one, adjoints with tangents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple, TypeAlias

from adcli.rules.compile import RAISED
from adcli.rules.second_order import moving_contribution, moving_pullback
from adcli.tape.ieee import quiet
from adcli.tape.local import contribution, is_of_numbers, largest_contribution, partial
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import backward, pass_back


class Adjoints:
    """Adjoints: what the fast lane computes, written as the textbook has it."""

    def __init__(self, tape: Tape, active: Sequence[bool]) -> None:
        """Take the tape, and for each entry whether it depends on an input that matters: others receive nothing."""
        self.tape = tape
        self.active = active

    def terms(self, entry: int, g: Value) -> Iterator[tuple[int, Value]]:
        """The contributions of an entry to the adjoints of its active operands."""
        for position, target in enumerate(self.tape.operands[entry]):
            if self.active[target]:
                term = self.term(entry, position, g)
                if term is not None:
                    yield target, term

    def term(self, entry: int, position: int, g: Value) -> Value | None:
        """What one operand receives; None for nothing."""
        return contribution(self.tape, entry, position, g)

    def add(self, target: int, before: Value | None, term: Value) -> Value:
        """The adjoint behind a contribution."""
        return term if before is None else before + term


class Magnitudes(Adjoints):
    """Absolute values of contributions, added up: what the adjoints would be if nothing cancelled."""

    def term(self, entry: int, position: int, g: Value) -> Value | None:
        """The absolute value of what one operand receives, with that of everything that the rule adds up."""
        return largest_contribution(self.tape, entry, position, g)


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


class Contributions(Adjoints):
    """Adjoints, with a record of each addition."""

    def __init__(self, tape: Tape, active: Sequence[bool]) -> None:
        super().__init__(tape, active)
        self._at = 0, 0
        self._records: list[Contribution] = []

    def term(self, entry: int, position: int, g: Value) -> Value | None:
        """What one operand receives; `add` is told of it next."""
        self._at = entry, position
        return super().term(entry, position, g)

    def add(self, target: int, before: Value | None, term: Value) -> Value:
        """The adjoint behind a contribution, which is recorded."""
        after = super().add(target, before, term)
        entry, position = self._at
        slope = partial(self.tape, entry, position) if is_of_numbers(self.tape, entry) else None
        self._records.append(Contribution(entry, position, target, slope, term, before, after))
        return after

    def taken(self) -> list[Contribution]:
        """The additions since this was asked the last time."""
        records, self._records = self._records, []
        return records


# An adjoint, and its tangent: None where that is zero by structure.
Moving: TypeAlias = tuple[float, "float | None"]


class MovingAdjoints:
    """Adjoints with tangents, of numbers: how the sweep changes along a direction, which is forward over reverse."""

    def __init__(self, tape: Tape, active: Sequence[bool], tangents: Sequence[float | None]) -> None:
        """Take the tape, which entries depend on an input that matters, and the tangent of every entry."""
        self.tape = tape
        self.active = active
        self.tangents = tangents

    def terms(self, entry: int, carried: Moving) -> Iterable[tuple[int, Moving]]:
        """What the active operands of an entry receive, with how that changes."""
        tape, tangents = self.tape, self.tangents
        operation, sources, value = tape.operations[entry], tape.operands[entry], tape.values[entry]
        sweeps = tuple([self.active[source] for source in sources])
        if True not in sweeps:
            return ()
        operands, moving = tape.operand_values(entry), [tangents[source] for source in sources]
        moves = tuple([tangent is not None for tangent in moving])
        try:
            rule = moving_pullback(operation, sweeps, moves, carried[1] is not None)
            numbers: Iterator[Any] = iter(rule(*carried, value, tangents[entry], *operands, *moving))
            terms: Iterable[Moving] = zip(numbers, numbers, strict=True)
        except RAISED:
            result = value, tangents[entry]
            terms = [
                moving_contribution(operation, position, carried, result, operands, moving)
                for position in range(len(sources))
                if sweeps[position]
            ]
        return zip(compress(sources, sweeps), terms, strict=True)

    def add(self, target: int, before: Moving | None, term: Moving) -> Moving:
        """Both sums."""
        if before is None:
            return term
        change = before[1] if term[1] is None else term[1] if before[1] is None else before[1] + term[1]
        return before[0] + term[0], change


def magnitudes(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> list[Value | None]:
    """A sweep in which nothing cancels: every contribution with its absolute value."""
    with quiet(tape):
        return backward(tape, {entry: abs(seed) for entry, seed in seeds.items()}, Magnitudes(tape, active))


def contributions(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> Iterator[Contribution]:
    """The reverse sweep, addition by addition, as a textbook writes it."""
    adjoints: list[Value | None] = [None] * len(tape)
    for entry, seed in seeds.items():
        adjoints[entry] = seed
    for entry in range(max(seeds, default=-1), -1, -1):
        yield from contributions_of(tape, (entry,), adjoints, active)


def contributions_of(
    tape: Tape, entries: Iterable[int], adjoints: list[Any], active: Sequence[bool]
) -> list[Contribution]:
    """The additions to adjoints that some entries make, which come in falling order."""
    carrier = Contributions(tape, active)
    with quiet(tape):
        pass_back(adjoints, entries, carrier)
    return carrier.taken()

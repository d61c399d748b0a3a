"""The reverse sweep addition by addition, as a textbook writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from adcli.tape.carriers import Adjoints
from adcli.tape.ieee import quiet
from adcli.tape.local import is_of_numbers, partial
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import pass_back, seeded


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


def contributions(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> Iterator[Contribution]:
    """The reverse sweep, addition by addition, as a textbook writes it."""
    adjoints = seeded(tape, seeds)
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

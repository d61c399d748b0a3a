"""The reverse sweep addition by addition, as a textbook writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from adcli.records import NamedTuple
from adcli.rules.gapped import Gapped
from adcli.tape.carriers import Adjoints
from adcli.tape.fast import sweep_entries
from adcli.tape.ieee import quiet
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import is_spoilt, pass_back, seeded


class Contribution(NamedTuple):
    """One `+=` of the sweep.

    Attributes:
        entry: whose adjoint is passed on
        position: which of its operands receives it
        target: the entry of that operand
        contribution: the entry's adjoint times the partial
        before, after: the target's adjoint before the addition (None: it had received nothing) and after it
    """

    entry: int
    position: int
    target: int
    contribution: Value
    before: Value | None
    after: Value


class Contributions(Adjoints):
    """Adjoints, with a record of each addition."""

    def __init__(self, tape: Tape, active: Sequence[bool]) -> None:
        super().__init__(tape, active)
        self._at = 0, 0
        self._records: list[Contribution] = []

    def term(self, entry: int, position: int, g: Any) -> Any:
        """What one operand receives; `add` is told of it next."""
        self._at = entry, position
        if not isinstance(g, Gapped):
            return super().term(entry, position, g)
        from adcli.tape.gaps import gapped_contribution

        return gapped_contribution(self.tape, entry, position, g)

    def add(self, target: int, before: Any, term: Any) -> Any:
        """The adjoint behind a contribution, which is recorded."""
        if isinstance(term, Gapped):
            from adcli.rules.readings.gaps import added

            after = term if before is None else added(before, term)
        else:
            after = super().add(target, before, term)
        entry, position = self._at
        self._records.append(Contribution(entry, position, target, plain(term), plain(before), plain(after)))
        return after

    def taken(self) -> list[Contribution]:
        """The additions since this was asked the last time."""
        records, self._records = self._records, []
        return records


def beginning(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> list[Any]:
    """What every entry carries before a sweep: plain adjoints, or those with gaps where the plain ones end in NaN."""
    adjoints = seeded(tape, seeds)
    trial = list(adjoints)
    sweep_entries(tape, trial, active, range(max(seeds, default=-1), -1, -1))
    if not is_spoilt(trial):
        return adjoints
    from adcli.tape.gaps import starting

    return seeded(tape, {entry: starting(value) for entry, value in seeds.items()})


def plain(adjoint: Any) -> Any:
    """An adjoint that may have gaps, as a number or an array."""
    return adjoint.value if isinstance(adjoint, Gapped) else adjoint


def pass_on(tape: Tape, adjoints: list[Any], active: Sequence[bool], entries: range, keep: bool = True) -> None:
    """Sweep some entries, in falling order, without being told what they add."""
    if not any(isinstance(adjoints[entry], Gapped) for entry in entries):
        sweep_entries(tape, adjoints, active, entries, keep)
        return
    from adcli.tape.gaps import GappedAdjoints

    with quiet(tape):
        pass_back(adjoints, entries, GappedAdjoints(tape, active))


def contributions(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> Iterator[Contribution]:
    """The reverse sweep, addition by addition, as a textbook writes it."""
    adjoints = beginning(tape, seeds, active)
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

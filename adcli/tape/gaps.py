"""Sweeps that know which elements receive nothing: for where the plain ones have found NaN.

What does not receive anything, or does not move, meets no partial: an infinite one makes no NaN of it. The plain
sweeps carry a 0 there, which is the same as long as all partials are finite. Where they end in NaN these are taken,
which carry the gaps along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adcli.rules import gaps
from adcli.rules.dispatch import is_finite
from adcli.rules.gapped import Gapped
from adcli.rules.readings.gaps import added, gapped
from adcli.tape.elements import Assembled
from adcli.tape.ieee import quiet
from adcli.tape.local import contribution, contribution_of, largest_contribution, may_leave_gaps, tangent_of
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import backward, forward


def starting(value: Value) -> Gapped:
    """An adjoint, or a tangent, that a sweep starts with: nothing where it is 0."""
    return gapped(value, value != 0)


def of_entry(tape: Tape, entry: int) -> Gapped:
    """The value of an entry, which has gaps if it is an adjoint or a tangent of a recorded sweep."""
    return Gapped(tape.values[entry], there_at(tape, entry))


def there_at(tape: Tape, entry: int) -> Any:
    """Where an entry is something; what the tape has not yet been asked for is found out, in order."""
    there = tape.gaps.get(entry, True)
    if not isinstance(there, tuple):
        return there
    for other, told in list(tape.gaps.items()):  # each is told by earlier ones
        if isinstance(told, tuple):
            tape.gaps[other] = True
            tape.gaps[other] = _found_out(tape, told)
    return tape.gaps[entry]


def _found_out(tape: Tape, told: tuple[Any, ...]) -> Any:
    """Where an entry is something, from what tells it."""
    if isinstance(told, Assembled):
        return _of_elements(tape, told)
    with quiet(tape):
        if len(told) == 2:
            return added(*(of_entry(tape, entry) for entry in told)).there
        term = passed_on(tape, *told)
    return False if term is None else term.there


def _of_elements(tape: Tape, told: Assembled) -> Any:
    """Where an array is something, from where its elements are."""
    import numpy

    there = numpy.zeros(told.shape, bool)
    for place, entry in told.entries.items():
        there.flat[place] = tape.gaps.get(entry, True)
    return there


def operands_of(tape: Tape, entry: int) -> list[Gapped]:
    """The values of an entry's operands."""
    return [of_entry(tape, operand) for operand in tape.operands[entry]]


class GappedAdjoints:
    """Adjoints with gaps."""

    def __init__(self, tape: Tape, active: Sequence[bool]) -> None:
        """Take the tape, and for each entry whether it depends on an input that matters: others receive nothing."""
        self.tape = tape
        self.active = active

    def terms(self, entry: int, g: Gapped) -> Iterator[tuple[int, Gapped]]:
        """The contributions of an entry to the adjoints of its active operands."""
        for position, target in enumerate(self.tape.operands[entry]):
            if self.active[target]:
                term = self.gapped_term(entry, position, g)
                if term is not None:
                    yield target, term

    def gapped_term(self, entry: int, position: int, g: Gapped) -> Gapped | None:
        """What one operand receives; None for nothing."""
        return gapped_contribution(self.tape, entry, position, g)

    def add(self, target: int, before: Gapped | None, term: Gapped) -> Gapped:
        """The adjoint behind a contribution."""
        return term if before is None else added(before, term)


def gapped_contribution(tape: Tape, entry: int, position: int, g: Gapped) -> Gapped | None:
    """What an operand receives from an entry whose adjoint is g; None for nothing."""
    plain = contribution(tape, entry, position, g.value)
    if plain is None:
        return None
    operation, operands = tape.operations[entry], tape.operands[entry]
    if g.there is True and not may_leave_gaps(tape, entry, contribution_of(tape, entry, position)):
        return Gapped(plain)
    term = gaps.contribution(operation, position, g, of_entry(tape, entry), operands_of(tape, entry))
    if term is None:
        return None
    return without_gaps_of(tape, operands[position], gapped(plain, term.there) if is_finite(plain) else term)


def passed_on(tape: Tape, entry: int, position: int, letter: str, given: int) -> Gapped | None:
    """What a recorded sweep passes on: an adjoint, whose letter is `g`, to an operand, or the tangent of an operand."""
    operation, operands = tape.operations[entry], operands_of(tape, entry)
    if letter == "g":
        g = without_gaps_of(tape, entry, of_entry(tape, given))
        term = None if g is None else gaps.contribution(operation, position, g, of_entry(tape, entry), operands)
        return None if term is None else without_gaps_of(tape, tape.operands[entry][position], term)
    tangents: list[Gapped | None] = [None] * len(operands)
    tangents[position] = without_gaps_of(tape, tape.operands[entry][position], of_entry(tape, given))
    term = gaps.tangent_of(operation, tangents, of_entry(tape, entry), operands)
    return None if term is None else without_gaps_of(tape, entry, term)


def mark(tape: Tape, entry: int, term: Gapped | None) -> None:
    """Note the gaps of an entry of a recorded sweep: those of a term, or that it is nothing."""
    tape.gaps.setdefault(entry, False if term is None else term.there)


def presence(tape: Tape, entry: int) -> Value:
    """1 where an entry is something, and 0 in its gaps."""
    import numpy

    return numpy.full(tape.values[entry].shape, there_at(tape, entry), float)


def finite_alike(left: Value, right: Value) -> bool:
    """Whether two values are finite in the same places."""
    import numpy

    return bool(numpy.array_equal(numpy.isfinite(left), numpy.isfinite(right)))


def without_gaps_of(tape: Tape, entry: int, term: Gapped) -> Gapped | None:
    """What an entry receives, or how it moves, without what it is nothing in itself; None for nothing."""
    own = there_at(tape, entry)
    if own is True:
        return term
    if own is False:
        return None
    return gapped(term.value, own & term.there)


def adjoints_with_gaps(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> list[Any]:
    """The adjoint of every entry with its gaps; None for what receives nothing."""
    with quiet(tape):
        return backward(tape, {entry: starting(value) for entry, value in seeds.items()}, GappedAdjoints(tape, active))


def sweep_with_gaps(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> list[Value | None]:
    """The adjoint of every entry, as `fast.sweep` has it."""
    return [values_of(adjoint) for adjoint in adjoints_with_gaps(tape, seeds, active)]


def values_of(carried: Gapped | None) -> Value | None:
    """The plain value."""
    return None if carried is None else carried.value


class _GappedMagnitudes(GappedAdjoints):
    """Absolute values of contributions, added up."""

    def gapped_term(self, entry: int, position: int, g: Gapped) -> Gapped | None:
        term = super().gapped_term(entry, position, g)
        if term is None:
            return None
        size = largest_contribution(self.tape, entry, position, g.value)
        return gapped(abs(term.value), term.there) if size is None or not is_finite(size) else gapped(size, term.there)


def magnitudes_with_gaps(tape: Tape, sizes: Mapping[int, Value], active: Sequence[bool]) -> list[Value | None]:
    """The sums of absolute contributions, as `carriers.magnitudes` has them."""
    seeds = {entry: starting(value) for entry, value in sizes.items()}
    with quiet(tape):
        return [values_of(size) for size in backward(tape, seeds, _GappedMagnitudes(tape, active))]


class GappedTangents:
    """Tangents with gaps: None where all of one is nothing."""

    def __init__(self, tape: Tape, directions: Mapping[int, Value]) -> None:
        """Take the tape, and the tangents of some inputs, by their entries."""
        self.tape = tape
        self.carried: list[Gapped | None] = [None] * len(tape)
        for entry, tangent in directions.items():
            self.carried[entry] = starting(tangent)

    def apply(self, entry: int, tangents: list[Gapped | None]) -> Gapped | None:
        """The tangent of an entry from those of its operands."""
        if all(tangent is None for tangent in tangents):
            return self.carried[entry]
        tape = self.tape
        plain = tangent_of(tape, entry, [values_of(tangent) for tangent in tangents])
        if plain is None:
            return None
        operation = tape.operations[entry]
        term = gaps.tangent_of(operation, tangents, of_entry(tape, entry), operands_of(tape, entry))
        if term is None:
            return None
        return without_gaps_of(tape, entry, gapped(plain, term.there) if is_finite(plain) else term)


def push_forward_with_gaps(tape: Tape, directions: Mapping[int, Value]) -> list[Value | None]:
    """The tangent of every entry, as `domains.push_forward` has it."""
    domain = GappedTangents(tape, directions)
    with quiet(tape):
        forward(tape, domain)
    return [values_of(tangent) for tangent in domain.carried]

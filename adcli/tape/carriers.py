"""What goes backward over a tape: adjoints, and their absolute values. `moving.py` and `contributions.py` have more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from adcli.tape.ieee import quiet
from adcli.tape.local import contribution, largest_contribution
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import backward, is_spoilt


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


def magnitudes(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> list[Value | None]:
    """A sweep in which nothing cancels: every contribution with its absolute value."""
    sizes = {entry: abs(seed) for entry, seed in seeds.items()}
    with quiet(tape):
        received = backward(tape, sizes, Magnitudes(tape, active))
    if is_spoilt(received):
        from adcli.tape.gaps import magnitudes_with_gaps  # which most programs never need

        return magnitudes_with_gaps(tape, sizes, active)
    return received

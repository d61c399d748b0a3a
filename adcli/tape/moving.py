"""Forward over reverse: adjoints with tangents go backward, and what changes is the gradient along a direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from typing import Any, TypeAlias

from adcli.rules.compile import RAISED
from adcli.rules.second_order import moving_contribution, moving_pullback
from adcli.rules.shapes import Refused
from adcli.tape.local import refused
from adcli.tape.tape import Tape

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
            positions = [position for position, active in enumerate(sweeps) if active]
            try:
                terms = [moving_contribution(operation, at, carried, result, operands, moving) for at in positions]
            except Refused as error:
                raise refused(tape, entry, error) from None
        return zip(compress(sources, sweeps), terms, strict=True)

    def add(self, target: int, before: Moving | None, term: Moving) -> Moving:
        """Both sums."""
        if before is None:
            return term
        change = before[1] if term[1] is None else term[1] if before[1] is None else before[1] + term[1]
        return before[0] + term[0], change

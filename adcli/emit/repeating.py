"""Which stretches of a tape's lines become loops, and what is read of these behind them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from adcli.emit.lines import Wanted
from adcli.emit.loops import Carried, Fixed, Loops, Step, Stored
from adcli.emit.needed import Needed, Units
from adcli.rules.dispatch import shape_of
from adcli.rules.facts import Notation
from adcli.rules.table import CONSTANT
from adcli.tape.roots import root_of
from adcli.tape.tape import Guard, Value


class Repeating:
    """The loops among some units.

    Attributes:
        loops: they
        steps: what they were found by, one for each unit; none where no loops are wanted
        last: the places in loops, as number of the loop and slot, of which other lines read the last value
        all_of: those of which other lines read an earlier one
    """

    def __init__(self, wanted: Wanted, needed: Needed, units: Units) -> None:
        self._wanted = wanted
        self._tape = wanted.tape
        self._needed = needed
        repeats = wanted.repeats
        self.steps = [] if repeats is None else [self._step(unit, repeats) for unit in chain(*units)]
        self.loops = Loops(self.steps, self._number, min(len(units.outer), len(self.steps)))
        self.last: set[tuple[int, int]] = set()
        self.all_of: set[tuple[int, int]] = set()
        self._note_reads()

    def _step(self, unit: int | Guard, may_repeat: Callable[[Value], bool]) -> Step:
        """What loops are found by."""
        if isinstance(unit, Guard):
            sides = (self._needed.twins.get(unit.left, unit.left), self._needed.twins.get(unit.right, unit.right))
            repeats = all(may_repeat(self._tape.values[side]) for side in sides)
            return Step(None, (unit.comparison, unit.holds, unit.span) if repeats else unit, sides)
        tape = self._tape
        value = tape.values[unit]
        operation = tape.operations[unit]
        repeats = may_repeat(value) and operation.notation is not Notation.CONDITION
        repeats = repeats and root_of(tape, unit) is None
        key = (operation, tape.names[unit], shape_of(value)) if repeats else unit
        return Step(unit, key, self._needed.operands[unit])

    def _number(self, entry: int) -> float | None:
        value = self._tape.values[entry]
        is_constant = self._tape.operations[entry] is CONSTANT or entry in self._needed.known
        return value if is_constant and type(value) is float else None

    def _note_reads(self) -> None:
        """Note what lines read of loops that they do not stand in, and loops of each other."""
        loops = self.loops
        for entry in self._wanted.results.values():
            self._note(entry)
        inside = {place for loop in loops.loops for place in range(loop.first, loop.end)}
        for place, step in enumerate(self.steps):
            for entry in () if place in inside else step.reads:
                self._note(entry)
        for found in chain.from_iterable(chain.from_iterable(loop.reads for loop in loops.loops)):
            if isinstance(found, Stored):
                self.all_of.add((found.loop, found.slot))
            elif isinstance(found, (Fixed, Carried)):
                self._note(found.entry if isinstance(found, Fixed) else found.initial)

    def _note(self, entry: int) -> None:
        loops = self.loops
        place = loops.place(self._needed.twins.get(entry, entry))
        if place is not None:
            is_last = place.turn == loops.loops[place.loop].passes - 1
            (self.last if is_last else self.all_of).add((place.loop, place.slot))

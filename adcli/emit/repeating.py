"""Which stretches of a tape's lines become loops, and what is read of these behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from adcli.emit.lines import Wanted
from adcli.emit.loops import Carried, Fixed, Loops, Step, Stored
from adcli.emit.needed import Needed, Units
from adcli.rules.dispatch import shape_of
from adcli.rules.facts import Notation
from adcli.rules.implicit import is_root
from adcli.rules.table import CONSTANT
from adcli.tape.tape import Guard, Value


class Repeating:
    """The loops among some units.

    Attributes:
        loops: they
        last: the places in loops, as number of the loop and slot, of which other lines read the last value
        all_of: those of which other lines read an earlier one
    """

    def __init__(self, wanted: Wanted, needed: Needed, units: Units) -> None:
        self._wanted = wanted
        self._tape = wanted.tape
        self._needed = needed
        repeats = wanted.repeats
        steps = () if repeats is None else self._steps(chain(*units), repeats)
        self.loops = Loops(steps, len(self._tape), self._number, len(units.outer))
        self.last: set[tuple[int, int]] = set()
        self.all_of: set[tuple[int, int]] = set()
        self._note_reads()

    def _steps(self, units: Iterable[int | Guard], may_repeat: Callable[[Value], bool]) -> Iterator[Step]:
        """What loops are found by: a step for each unit."""
        tape, operands = self._tape, self._needed.operands
        numbers = may_repeat(0.0)
        for unit in units:
            if isinstance(unit, Guard):
                yield self._decision(unit, may_repeat)
                continue
            value, operation = tape.values[unit], tape.operations[unit]
            is_number = type(value) is float
            repeats = numbers if is_number else may_repeat(value)
            repeats = repeats and operation.notation is not Notation.CONDITION and not is_root(operation)
            shape = () if is_number else shape_of(value)
            yield Step(unit, (operation, tape.names[unit], shape) if repeats else unit, operands[unit])

    def _decision(self, guard: Guard, may_repeat: Callable[[Value], bool]) -> Step:
        sides = (self._needed.twins.get(guard.left, guard.left), self._needed.twins.get(guard.right, guard.right))
        repeats = all(may_repeat(self._tape.values[side]) for side in sides)
        return Step(None, (guard.comparison, guard.holds, guard.span) if repeats else guard, sides)

    def _number(self, entry: int) -> float | None:
        value = self._tape.values[entry]
        is_constant = self._tape.operations[entry] is CONSTANT or entry in self._needed.known
        return value if is_constant and type(value) is float else None

    def _note_reads(self) -> None:
        """Note what lines read of loops that they do not stand in, and loops of each other."""
        loops = self.loops
        for entry in self._wanted.results.values():
            self._note(entry)
        for place in loops.outside():
            for entry in loops.reads[place]:
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

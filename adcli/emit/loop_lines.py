"""A loop of lines: the lines of a pass, what a pass hands to the next, and what is kept of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from adcli.emit.entries import Entries, element_node
from adcli.emit.lines import COUNT, NOWHERE, Carry, History, Line, Repeat, Wanted
from adcli.emit.loops import Carried, Counted, Fixed, Listed, Local, Loop, Read, Stored
from adcli.emit.repeating import Repeating
from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.syntax import nodes
from adcli.tape.tape import Guard


class Passes(NamedTuple):
    """What the passes of a loop do.

    Attributes:
        units: of the first pass
        first: the entries that the first pass computes, by slot; None for a decision
        last: those of the last pass
    """

    units: Sequence[int | Guard]
    first: Sequence[int | None]
    last: Sequence[int | None]


def passes_of(loop: Loop, units: Sequence[int | Guard], repeating: Repeating) -> Passes:
    """What the passes of a loop among some units do."""
    entries, behind = repeating.loops.entries, loop.first + loop.period
    return Passes(units[loop.first : behind], entries[loop.first : behind], entries[loop.end - loop.period : loop.end])


def repeat_of(number: int, passes: Passes, wanted: Wanted, repeating: Repeating, entries: Entries) -> Repeat:
    """The loop with a number."""
    return _LoopWriter(number, passes, wanted, repeating, entries).repeat()


class _LoopWriter:
    """What one loop is made of. Its values are those of the last pass, but are called as those of the first one."""

    def __init__(self, number: int, passes: Passes, wanted: Wanted, repeating: Repeating, entries: Entries) -> None:
        self._number = number
        self._loop = loop = repeating.loops.loops[number]
        self._passes = passes
        self._wanted = wanted
        self._entries = entries
        self._counter = entries.free("i")
        self._call_like_the_first()
        self._last = sorted(slot for of, slot in repeating.last if of == number)
        self._all_of = sorted(slot for of, slot in repeating.all_of if of == number)
        self._before = {slot: entries.free(f"{self._called(slot)}_before") for slot in loop.initials}
        self._initials = {slot: entries.value(entry) for slot, entry in loop.initials.items()}
        self._tables: list[tuple[str, tuple[float, ...]]] = []
        self._local: dict[int, nodes.Expression] = {}
        self._uses = Counter(read.slot for own in loop.reads for read in own if isinstance(read, Local))

    def repeat(self) -> Repeat:
        """The loop."""
        self._entries.begin_part()
        body: list[Line] = []
        for slot, own in enumerate(self._loop.reads):
            body += self._lines(slot, [self._expression(read) for read in own])
        carries = [Carry(name, self._initials[slot], self._called(slot)) for slot, name in self._before.items()]
        histories = tuple([self._history(slot) for slot in self._all_of])
        self._entries.begin_part()
        leaves = tuple([self._called(slot) for slot in self._last])
        return Repeat(
            self._counter, self._loop.passes, tuple(self._tables), tuple(carries), histories, leaves, tuple(body)
        )

    def _lines(self, slot: int, operands: list[nodes.Expression]) -> Sequence[Line]:
        """The lines of a slot of the pass."""
        unit = self._passes.units[slot]
        if isinstance(unit, Guard):
            return self._entries.required(unit, operands)
        entry = self._entry(slot)
        kept = slot in self._loop.initials or slot in self._last or slot in self._all_of
        nests = self._wanted.nests(self._wanted.tape.values[entry]) and self._uses[slot] < 2
        lines = self._entries.computed(entry, operands, not kept and nests)
        self._local[slot] = self._entries.standing(entry)
        return lines

    def _expression(self, read: Read) -> Any:
        """What a pass reads."""
        match read:
            case Local(slot):
                return self._local[slot]
            case Carried(slot):
                return nodes.Name(self._before[slot], NOWHERE)
            case Fixed(entry):
                return self._entries.value(entry)
            case Counted(first, step):
                return _counted(self._counter, first, step)
            case Listed(values):
                self._tables.append((self._entries.free("numbers"), values))
                return element_node(self._tables[-1][0], 0, self._counter)
            case Stored(other, slot, first, stride):
                return element_node(self._entries.rows[other, slot], first, self._counter, stride)

    def _history(self, slot: int) -> History:
        """The values that a slot has in all passes."""
        called = self._called(slot)
        name = self._entries.rows[self._number, slot] = self._entries.free(f"all_{called}")
        size = self._loop.passes + (slot in self._initials)
        shape = shape_of(self._wanted.tape.values[self._entry(slot)])
        return History(name, size, self._initials.get(slot), called, shape)

    def _entry(self, slot: int) -> int:
        entry = self._passes.last[slot]
        assert entry is not None
        return entry

    def _called(self, slot: int) -> str:
        return self._entries.names[self._entry(slot)]

    def _call_like_the_first(self) -> None:
        """The values of a pass are called as those of the first one; but for results, which are of the last one."""
        results, names = set(self._wanted.results.values()), self._entries.names
        for entry, own in zip(self._passes.last, self._passes.first, strict=True):
            if entry is not None and own is not None and entry not in results:
                names[entry] = names[own]


def _counted(counter: str, first: float, step: float) -> nodes.Expression:
    numbers = (nodes.Number(repr(first), NOWHERE), nodes.Number(repr(step), NOWHERE))
    return nodes.Apply(COUNT, (nodes.Name(counter, NOWHERE), *numbers), NOWHERE)

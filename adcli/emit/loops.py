"""Stretches of lines that do the same again and again, found from the lines alone: they become loops.

A stretch is a loop if each of its passes does the same operations, and if what each of them reads is, from one pass to
the next, the same value, the next number in a row, what this pass or the one before it has computed, or what another
loop has computed in the next, or the previous, of its passes. So is the reverse sweep of a loop, whose passes read the
values of the loop from the last to the first.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TypeAlias

from adcli.records import NamedTuple

_FEWEST = 3  # passes of a loop
_LEAST = 8  # lines that a loop saves
_TRIES = 6  # lengths of a pass that are tried at one line


class Fixed(NamedTuple):
    """The same entry in each pass."""

    entry: int


class Counted(NamedTuple):
    """A whole number that grows by the same number from pass to pass."""

    first: float
    step: float


class Listed(NamedTuple):
    """A number for each pass."""

    values: tuple[float, ...]


class Local(NamedTuple):
    """What the step at a place of this pass has computed."""

    slot: int


class Carried(NamedTuple):
    """What the step at a place of the pass before has computed; in the first pass an entry from before the loop."""

    slot: int
    initial: int


class Stored(NamedTuple):
    """What the step at a place of another loop has computed: at the places `first`, `first + stride` … of its values.

    These begin with the value from before that loop, if one pass of it carries the value to the next.
    """

    loop: int
    slot: int
    first: int
    stride: int


Read: TypeAlias = Fixed | Counted | Listed | Local | Carried | Stored


class Step(NamedTuple):
    """An operation, or a check.

    Attributes:
        entry: that it computes; None for a check
        key: what it does: steps with the same key do the same with what they read
        reads: the entries that it reads
    """

    entry: int | None
    key: Hashable
    reads: Sequence[int]


class Loop(NamedTuple):
    """Steps that are passes of a loop.

    Attributes:
        first: the first step
        period: the steps of a pass
        passes: how many there are
        reads: of each step of a pass what it reads
        initials: for each place whose value a pass carries to the next, the entry that the first pass reads
    """

    first: int
    period: int
    passes: int
    reads: Sequence[Sequence[Read]]
    initials: Mapping[int, int]

    @property
    def end(self) -> int:
        """The step behind it."""
        return self.first + self.period * self.passes


class Place(NamedTuple):
    """Where in a loop a step is."""

    loop: int
    turn: int
    slot: int


class Loops:
    """The loops among some steps, from first to last."""

    def __init__(self, steps: Sequence[Step], number: Callable[[int], float | None], barrier: int) -> None:
        """Find them.

        Args:
            steps: in order
            number: the value of an entry that is a constant; else None
            barrier: a step that no loop goes across
        """
        self._steps = steps
        self._number = number
        self._owner = {step.entry: place for place, step in enumerate(steps) if step.entry is not None}
        self._places: dict[int, Place] = {}
        self.loops: list[Loop] = []
        keys = [step.key for step in steps]
        for start, end in ((0, barrier), (barrier, len(steps))):
            self._find(keys, start, end)

    def place(self, entry: int) -> Place | None:
        """Where in a loop an entry is computed; None for one that is computed in none."""
        return self._places.get(self._owner.get(entry, -1))

    def beginning(self) -> dict[int, int]:
        """The number of each loop by its first step."""
        return {loop.first: number for number, loop in enumerate(self.loops)}

    def _find(self, keys: Sequence[Hashable], start: int, end: int) -> None:
        following = _following(keys, start, end)
        step = start
        while step < end:
            loop = self._best(keys, following, step, end)
            if loop is None:
                step += 1
                continue
            for place in range(loop.first, loop.end):
                turn, slot = divmod(place - loop.first, loop.period)
                self._places[place] = Place(len(self.loops), turn, slot)
            self.loops.append(loop)
            step = loop.end

    def _best(self, keys: Sequence[Hashable], following: Mapping[int, int], start: int, end: int) -> Loop | None:
        """The loop with the most passes that begins at a step."""
        best: Loop | None = None
        other = following.get(start)
        for _ in range(_TRIES):
            if other is None or 2 * other - start > end:
                break
            period = other - start
            if self._begins(keys, start, period, end):
                loop = self._loop(start, period, _repeats(keys, start, period, end))
                if loop is not None and (best is None or loop.passes > best.passes):
                    best = loop
            other = following.get(other)
        return best

    def _begins(self, keys: Sequence[Hashable], start: int, period: int, end: int) -> bool:
        """Whether the first passes fit together: most stretches do not."""
        if start + _FEWEST * period > end:
            return False
        body = keys[start : start + period]
        if any(keys[start + turn * period : start + (turn + 1) * period] != body for turn in range(1, _FEWEST)):
            return False
        return all(
            self._read(start, period, _FEWEST, slot, position)[1] == _FEWEST
            for slot in range(period)
            for position in range(len(self._steps[start + slot].reads))
        )

    def _loop(self, start: int, period: int, count: int) -> Loop | None:
        """The loop of so many passes, or of fewer that fit together; None for too few."""
        reads: list[list[Read]] = []
        initials: dict[int, int] = {}
        for slot in range(period):
            own: list[Read] = []
            for position in range(len(self._steps[start + slot].reads)):
                read, fitting = self._read(start, period, count, slot, position)
                count = min(count, fitting)
                if read is None or count < _FEWEST or (count - 1) * period < _LEAST:
                    return None
                if isinstance(read, Carried) and initials.setdefault(read.slot, read.initial) != read.initial:
                    return None
                own.append(read)
            reads.append(own)
        reads = [[_cut(read, count) for read in own] for own in reads]
        return Loop(start, period, count, reads, initials)

    def _read(self, start: int, period: int, count: int, slot: int, position: int) -> tuple[Read | None, int]:
        """What a step of a pass reads at a position, and in how many passes."""
        steps = self._steps
        entries = [steps[start + turn * period + slot].reads[position] for turn in range(count)]
        numbers = [self._number(entry) for entry in entries]
        second = self._owner.get(entries[1], -1)
        if entries[0] == entries[1] and self._owner.get(entries[0], -1) < start:
            return Fixed(entries[0]), _prefix(entry == entries[0] for entry in entries)
        if numbers[0] is not None and numbers[1] is not None:
            fitting = _prefix(number is not None for number in numbers)
            return row_of([number for number in numbers[:fitting] if number is not None]), fitting
        if start + period <= second < start + period + slot:
            own = second - start - period
            return Local(own), _prefix(self._owner.get(entry) == start + turn * period + own
                                       for turn, entry in enumerate(entries))  # fmt: skip
        if start <= second < start + period and self._owner.get(entries[0], -1) < start:
            own = second - start
            fitting = _prefix(self._owner.get(entry) == start + turn * period + own
                              for turn, entry in enumerate(entries[1:]))  # fmt: skip
            return Carried(own, entries[0]), fitting + 1
        place = self._places.get(second)
        if place is None:
            return None, 0
        at = [self._position(entry, place) for entry in entries]
        if at[0] is None or at[1] is None:
            return None, 0
        stride = at[1] - at[0]
        return Stored(place.loop, place.slot, at[0], stride), _prefix(
            found == at[0] + turn * stride for turn, found in enumerate(at)
        )

    def _position(self, entry: int, like: Place) -> int | None:
        """The place of an entry among the values of a step of a loop; None if it is none of them."""
        loop = self.loops[like.loop]
        initial = loop.initials.get(like.slot)
        if entry == initial:
            return 0
        place = self._places.get(self._owner.get(entry, -1))
        if place is None or (place.loop, place.slot) != (like.loop, like.slot):
            return None
        return place.turn + (initial is not None)


def _following(keys: Sequence[Hashable], start: int, end: int) -> dict[int, int]:
    """For each step the next one with the same key."""
    last: dict[Hashable, int] = {}
    following: dict[int, int] = {}
    for step in range(end - 1, start - 1, -1):
        if keys[step] in last:
            following[step] = last[keys[step]]
        last[keys[step]] = step
    return following


def _repeats(keys: Sequence[Hashable], start: int, period: int, end: int) -> int:
    """How often the steps from one on are repeated, themselves included."""
    body, count = keys[start : start + period], 1
    while start + (count + 1) * period <= end and keys[start + count * period : start + (count + 1) * period] == body:
        count += 1
    return count


def _prefix(holds: Iterator[bool]) -> int:
    """How many hold before the first that does not."""
    count = 0
    for held in holds:
        if not held:
            break
        count += 1
    return count


def row_of(values: Sequence[float]) -> Read:
    """Numbers as a row of whole numbers, if they are one."""
    first, step = values[0], values[1] - values[0]
    if all(repr(value) == repr(first + turn * step) and value.is_integer() for turn, value in enumerate(values)):
        return Counted(first, step)
    return Listed(tuple(values))


def _cut(read: Read, count: int) -> Read:
    return Listed(read.values[:count]) if isinstance(read, Listed) else read

"""Stretches of lines that do the same again and again, found from the lines alone: they become loops.

A stretch is a loop if each of its passes does the same operations, and if what each of them reads is, from one pass to
the next, the same value, the next number in a row, what this pass or the one before it has computed, or what another
loop has computed in the next, or the previous, of its passes. So is the reverse sweep of a loop, whose passes read the
values of the loop from the last to the first.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
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
    """The loops among some steps, from first to last.

    There may be millions of steps, so they are kept in columns.

    Attributes:
        entries, reads: of each step, see `Step`
        loops: they
    """

    def __init__(
        self, steps: Iterable[Step], size: int, number: Callable[[int], float | None], barrier: int | None = None
    ) -> None:
        """Find them.

        Args:
            steps: in order
            size: how many entries there are
            number: the value of an entry that is a constant; else None
            barrier: a step that no loop goes across
        """
        self.entries: list[int | None] = []
        self.reads: list[Sequence[int]] = []
        self._number = number
        keys: list[int] = []
        known: dict[Hashable, int] = {}
        self._owner = array("q", [-1]) * size  # of each entry the step that computes it
        for place, (entry, key, reads) in enumerate(steps):
            if entry is not None:
                self._owner[entry] = place
            self.entries.append(entry)
            self.reads.append(reads)
            keys.append(known.setdefault(key, len(known)))
        self._loop_of = array("q", [-1]) * len(keys)
        self.loops: list[Loop] = []
        middle = len(keys) if barrier is None else min(barrier, len(keys))
        for start, end in ((0, middle), (middle, len(keys))):
            self._find(keys, start, end)

    def place(self, entry: int) -> Place | None:
        """Where in a loop an entry is computed; None for one that is computed in none."""
        return self._place(self._owner[entry])

    def _place(self, step: int) -> Place | None:
        number = self._loop_of[step] if step >= 0 else -1
        if number < 0:
            return None
        loop = self.loops[number]
        return Place(number, *divmod(step - loop.first, loop.period))

    def beginning(self) -> dict[int, int]:
        """The number of each loop by its first step."""
        return {loop.first: number for number, loop in enumerate(self.loops)}

    def outside(self) -> Iterator[int]:
        """The steps that stand in no loop."""
        start = 0
        for loop in self.loops:
            yield from range(start, loop.first)
            start = loop.end
        yield from range(start, len(self.entries))

    def _find(self, keys: Sequence[int], start: int, end: int) -> None:
        following = _following(keys, start, end)
        step = start
        while step < end:
            loop = self._best(keys, following, step, end)
            if loop is None:
                step += 1
                continue
            self._loop_of[loop.first : loop.end] = array("q", [len(self.loops)]) * (loop.end - loop.first)
            self.loops.append(loop)
            step = loop.end

    def _best(self, keys: Sequence[int], following: Sequence[int], start: int, end: int) -> Loop | None:
        """The loop with the most passes that begins at a step."""
        best: Loop | None = None
        other = following[start]
        for _ in range(_TRIES):
            if other < 0 or 2 * other - start > end:
                break
            period = other - start
            if self._begins(keys, start, period, end):
                loop = self._loop(start, period, _repeats(keys, start, period, end))
                if loop is not None and (best is None or loop.passes > best.passes):
                    best = loop
            other = following[other]
        return best

    def _begins(self, keys: Sequence[int], start: int, period: int, end: int) -> bool:
        """Whether the first passes fit together: most stretches do not."""
        if start + _FEWEST * period > end:
            return False
        body = keys[start : start + period]
        if any(keys[start + turn * period : start + (turn + 1) * period] != body for turn in range(1, _FEWEST)):
            return False
        return all(
            self._read(start, period, _FEWEST, slot, position)[1] == _FEWEST
            for slot in range(period)
            for position in range(len(self.reads[start + slot]))
        )

    def _loop(self, start: int, period: int, count: int) -> Loop | None:
        """The loop of so many passes, or of fewer that fit together; None for too few."""
        reads: list[list[Read]] = []
        initials: dict[int, int] = {}
        for slot in range(period):
            own: list[Read] = []
            for position in range(len(self.reads[start + slot])):
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
        own = self.reads[start + slot : start + count * period : period]
        entries = [reads[position] for reads in own]
        before = self._owner[entries[0]] < start
        if entries[0] == entries[1] and before:
            return Fixed(entries[0]), _agreeing(entries, [entries[0]] * count)
        if self._number(entries[0]) is not None and self._number(entries[1]) is not None:
            return self._row(entries)
        steps = [self._owner[entry] for entry in entries]
        second = steps[1]
        end = start + count * period
        if start + period <= second < start + period + slot:
            return Local(second - start - period), _agreeing(steps, range(second - period, end, period))
        if start <= second < start + period and before:
            return Carried(second - start, entries[0]), 1 + _agreeing(steps[1:], range(second, end, period))
        place = self._place(second)
        return (None, 0) if place is None else self._stored(entries, steps, place)

    def _row(self, entries: Sequence[int]) -> tuple[Read, int]:
        """Numbers, one in each pass, and in how many passes they are numbers."""
        numbers: list[float] = []
        for entry in entries:
            number = self._number(entry)
            if number is None:
                break
            numbers.append(number)
        return row_of(numbers), len(numbers)

    def _stored(self, entries: Sequence[int], steps: Sequence[int], like: Place) -> tuple[Read | None, int]:
        """Entries that a step of another loop has computed, and in how many passes they are that."""
        first, second = (self._position(entry, step, like) for entry, step in zip(entries[:2], steps, strict=False))
        if first is None or second is None:
            return None, 0
        stride = second - first
        read = Stored(like.loop, like.slot, first, stride)
        positions = (self._position(entry, step, like) for entry, step in zip(entries, steps, strict=True))
        return read, _prefix(found == first + turn * stride for turn, found in enumerate(positions))

    def _position(self, entry: int, step: int, like: Place) -> int | None:
        """The place of an entry among the values of a step of a loop; None if it is none of them."""
        loop = self.loops[like.loop]
        initial = loop.initials.get(like.slot)
        if entry == initial:
            return 0
        turn, slot = divmod(step - loop.first, loop.period)
        return turn + (initial is not None) if slot == like.slot and 0 <= turn < loop.passes else None


def _following(keys: Sequence[int], start: int, end: int) -> Sequence[int]:
    """For each step the next one with the same key; -1 where there is none."""
    last: dict[int, int] = {}
    following = array("q", [-1]) * end
    for step in range(end - 1, start - 1, -1):
        key = keys[step]
        following[step] = last.get(key, -1)
        last[key] = step
    return following


def _repeats(keys: Sequence[int], start: int, period: int, end: int) -> int:
    """How often the steps from one on are repeated, themselves included."""
    body, count = keys[start : start + period], 1
    while start + (count + 1) * period <= end and keys[start + count * period : start + (count + 1) * period] == body:
        count += 1
    return count


def _agreeing(found: Sequence[int], wanted: Sequence[int]) -> int:
    """How many are those that are wanted, before the first that is not."""
    if found == list(wanted[: len(found)]):
        return len(found)
    return _prefix(one == other for one, other in zip(found, wanted, strict=False))


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

"""Lines: what the iterations of a loop do behind the first, where that is arithmetic with numbers and no decision.

They run as `tape/block_code.py` writes their block out: with all values, where a sweep comes next, and with none where
only the state behind them matters. What does not change from one stretch to the next, where the slots' values stand and
which of them are active, is found once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any

from adcli.derive.cost import numbers_bytes
from adcli.derive.stretches import Adjoint, Item, Recorded, Snapshot, adjoints_of, is_gapped, tape_from
from adcli.program.code import BasicBlock, EnterFor, Repeat
from adcli.program.findings import Findings
from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.rules.compile import RAISED
from adcli.tape.block_code import written_block
from adcli.tape.block_runs import BlockRuns
from adcli.tape.block_sweep import sweep_runs
from adcli.tape.fast import sweep_entries
from adcli.tape.limits import Limits
from adcli.tape.reach import active_in_runs
from adcli.tape.tape import Tape, Value
from adcli.tape.ways import way_of_block

_LEAST = 4  # iterations: to record fewer by a line takes as long as the interpreter does
_MOST_FLAGS = 100  # of a line: what is active behind so many iterations


class Written:
    """Iterations that ran written out: their values. The tape that has these is made when somebody asks for it.

    Attributes:
        leaves: the entries of the values before them, or before the opening, which come first
        opening: an iteration that was recorded, behind which they stand on the same tape
        runs: the iterations
        values: of all entries
        active: for each entry whether it depends on an input
        ends: the entries of the values behind the iterations
    """

    def __init__(
        self, leaves: tuple[int, ...], opening: Recorded | None, begun: Callable[[], Tape], runs: BlockRuns,
        values: list[Value], active: list[bool], ends: tuple[int, ...],
    ) -> None:  # fmt: skip
        self.leaves, self.opening, self._begun = leaves, opening, begun
        self.runs, self.values, self.active, self.ends = runs, values, active, ends

    @cached_property
    def tape(self) -> Tape:
        """The tape."""
        tape = self._begun()
        tape.values = self.values
        tape.add_block_runs(self.runs)
        return tape

    @property
    def entries(self) -> int:
        """How many entries it has."""
        return len(self.values)

    @property
    def bytes(self) -> int:
        """The memory that its tape would take besides the state before it."""
        opening = 0 if self.opening is None else self.opening.tape.count_operands()
        in_runs = self.runs.times * sum(map(len, self.runs.rows.operands))
        return numbers_bytes(len(self.values) - len(self.leaves), opening + in_runs)

    def swept(self, behind: list[Adjoint]) -> list[Adjoint]:
        """The adjoints of the values before it, from those behind it: of a list that it empties."""
        if is_gapped(behind):
            return Recorded(self.tape, self.active, self.leaves, self.ends).swept(behind)
        adjoints = adjoints_of(len(self.values), self.ends, behind)
        behind.clear()
        sweep_runs(self.values, adjoints, self.active, self.runs, partial(self._sweep_by_tape, adjoints))
        if self.opening is not None:
            sweep_entries(self.opening.tape, adjoints, self.active, range(self.runs.start - 1, -1, -1), keep=False)
        return adjoints[: len(self.leaves)]

    def _sweep_by_tape(self, adjoints: list[Adjoint], entries: range) -> None:
        sweep_entries(self.tape, adjoints, self.active, entries)


class _Places(NamedTuple):
    """Where iterations find values and leave them, in states whose values stand in the same slots.

    Attributes:
        reads: for each slot that is read the place of its value, or `~number` of a constant; None where one has none
        items: for each value behind them its place before them, or `~number` of the slot that was written
        slots: the slots that hold these
    """

    reads: tuple[int, ...] | None
    items: tuple[int, ...]
    slots: tuple[tuple[int, int], ...]


class Line:
    """What the iterations of a loop do behind the first."""

    def __init__(self, program: Program, block: BasicBlock) -> None:
        """Take the program, and the block of an iteration, as `line_of` finds it."""
        self._program, self._block = program, block
        self._rows = way_of_block(block).rows
        self._constants = {text: value for _, text, value in program.code.constants}
        self._numbers = tuple(self._constants.values())
        self._steps: list[tuple[Callable[..., float], int, int, int]] = []
        for function, operands, target in block.steps:
            self._steps.append((function, operands[0], operands[1] if len(operands) == 2 else -1, target))
        self._places: dict[tuple[tuple[int, int], ...], _Places] = {}
        self._flags: dict[tuple[tuple[bool, ...], int], list[bool]] = {}

    def advance(self, state: Snapshot, count: int) -> Snapshot | None:
        """The state so many iterations behind another one; None where an operation has no number."""
        places, items = self._places_in(state), state.items
        if places.reads is None:
            return None
        numbers = self._numbers
        before = [items[place].value if place >= 0 else numbers[~place] for place in places.reads]
        flags = tuple([place >= 0 and items[place].active for place in places.reads])
        try:
            values = self._run(before, count)
        except RAISED:
            return None
        return _behind(state, places, values, self._active(flags, count))

    def record(
        self, state: Snapshot, count: int, limits: Limits, opening: Recorded | None = None
    ) -> tuple[Snapshot, Written] | None:
        """Record so many iterations from a state, or behind an opening that ends in it.

        The state behind them, and what was recorded; None where the interpreter has to do it: where an operation has no
        number, where a limit is reached, or where it does not pay.
        """
        written, places = written_block(self._block, count, _LEAST), self._places_in(state)
        if written is None or places.reads is None:
            return None
        if opening is None:
            leaves = at = tuple(range(len(state.items)))
            values, active = self._ground(state)
        else:
            leaves, at = opening.leaves, opening.ends
            values, active = opening.tape.values.copy(), [*opening.active]
        start = len(values)
        if start + count * len(self._steps) > limits.numbers:
            return None
        sources = tuple([at[place] if place >= 0 else len(leaves) + ~place for place in places.reads])
        if written.append_values(values, count, sources) < count:
            return None
        runs = BlockRuns(start, count, written.way.rows, sources)
        active_in_runs(runs, active)
        last = runs.end - runs.length
        found = [last + row for _, row in runs.rows.writes]
        behind = _behind(state, places, [values[entry] for entry in found], [active[entry] for entry in found])
        ends = tuple([at[place] if place >= 0 else found[~place] for place in places.items])
        begun = partial(self._tape, state) if opening is None else opening.tape.copy
        return behind, Written(leaves, opening, begun, runs, values, active, ends)

    def _ground(self, state: Snapshot) -> tuple[list[Value], list[bool]]:
        """The values of the entries that a tape from a state begins with, and which are active: the constants last."""
        values = [*[item.value for item in state.items], *self._numbers]
        return values, [*[item.active for item in state.items], *[False] * len(self._constants)]

    def _tape(self, state: Snapshot) -> Tape:
        """That tape."""
        tape = tape_from(self._program, state)
        for text, value in self._constants.items():
            tape.constant(text, value)
        return tape

    def _places_in(self, state: Snapshot) -> _Places:
        """Where iterations find values, and leave them, in a state."""
        places = self._places.get(state.slots)
        if places is None:
            places = self._places[state.slots] = self._found(state)
        return places

    def _found(self, state: Snapshot) -> _Places:
        numbers = {text: number for number, text in enumerate(self._constants)}
        held: dict[Any, int] = {slot: ~numbers[text] for slot, text, _ in self._program.code.constants}
        held |= dict(state.slots)
        reads = self._rows.reads
        writes = {slot: number for number, (slot, _) in enumerate(self._rows.writes)}
        items: dict[int, int] = {}  # of what is behind: the place before, or `~number` of a slot that is written
        slots = []
        for slot, place in state.slots:
            item = ~writes[slot] if slot in writes else place
            slots.append((slot, items.setdefault(item, len(items))))
        found = tuple([held[slot] for slot in reads]) if held.keys() >= {*reads} else None
        return _Places(found, tuple(items), tuple(slots))

    def _run(self, before: Sequence[Value], count: int) -> Sequence[Value]:
        """What the slots that are written hold after so many iterations, from what those hold that are read."""
        written = written_block(self._block, count, 1)
        if written is not None:
            return written.behind(before, count)
        values = dict(zip(self._rows.reads, before, strict=True))
        for _ in range(count):
            for function, left, right, target in self._steps:
                values[target] = function(values[left]) if right < 0 else function(values[left], values[right])
        return [values[slot] for slot, _ in self._rows.writes]

    def _active(self, before: tuple[bool, ...], count: int) -> Sequence[bool]:
        """Which slots that are written are active after so many iterations, from which of those are that are read."""
        key = before, count
        if key not in self._flags:
            if len(self._flags) >= _MOST_FLAGS:
                self._flags.clear()
            self._flags[key] = self._passed_on(before, count)
        return self._flags[key]

    def _passed_on(self, before: tuple[bool, ...], count: int) -> list[bool]:
        active = dict(zip(self._rows.reads, before, strict=True))
        for _ in range(count):
            known = active.copy()
            for _, left, right, target in self._steps:
                active[target] = active[left] or (right >= 0 and active[right])
            if active == known:  # soon nothing changes any more
                break
        return [active[slot] for slot, _ in self._rows.writes]


def _behind(state: Snapshot, places: _Places, values: Sequence[Value], active: Sequence[bool]) -> Snapshot:
    """The state behind iterations, given what the slots hold that these write; the others hold what they held."""
    items = [state.items[place] if place >= 0 else Item(values[~place], active[~place], None) for place in places.items]
    return Snapshot(tuple(items), places.slots)


_LINES: Findings[Line | None] = Findings(20)  # by where a loop begins


def line_of(program: Program, enter: EnterFor) -> Line | None:
    """What the iterations of a loop do, where numbers and the block of each tell that."""
    return _LINES.of(enter, lambda: _line(program, program.code.blocks[enter.again]))


def _line(program: Program, block: BasicBlock) -> Line | None:
    repeats = isinstance(block.end, Repeat) and program.code.blocks[block.end.block] is block
    if not (repeats and all(block.numbers) and all(operation.elementwise for operation in block.operations)):
        return None
    return Line(program, block) if all(len(operands) in (1, 2) for _, operands, _ in block.steps) else None

"""Stretches of a loop's iterations: from one state to the next, recorded on a tape or not, and swept.

An iteration over arrays that decides nothing by what it computes does the same each time. It is recorded once; from
then on it is run and swept by what `tape/compiled_lines.py` makes of that tape, which keeps what a sweep reads alone.
Where something else comes out than did then, an infinity or another shape, the interpreter runs it.

An iteration over numbers that decides nothing is a block. It runs as `tape/block_code.py` writes it out: with all
values on a tape, where a sweep comes next, and with none where only the state behind it matters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from adcli.derive.cost import tape_bytes
from adcli.program.code import BasicBlock, Code, EnterFor, Repeat
from adcli.records import NamedTuple
from adcli.rules.compile import RAISED
from adcli.rules.dispatch import shape_of
from adcli.rules.gapped import Gapped
from adcli.tape.block_code import written_block
from adcli.tape.contributions import pass_on
from adcli.tape.fast import sweep_entries
from adcli.tape.limits import Limits
from adcli.tape.reach import active_entries, active_in_runs, varied_operands
from adcli.tape.tape import Tape, Value

Adjoint: TypeAlias = "Value | Gapped | None"
_MOST_ENTRIES = 10_000  # of an iteration that is compiled


class Unplanned(Exception):  # noqa: N818 - no mistake of anybody's
    """A sweep by plans has come to something that only the ordinary sweep knows; what it began with is lost."""


class Item(NamedTuple):
    """A value between two iterations.

    Attributes:
        value: the number or the array
        active: whether it depends on an input
        origin: the entry of the main tape that it is, if no iteration has changed it
    """

    value: Value
    active: bool
    origin: int | None


class Snapshot(NamedTuple):
    """What an iteration starts from: values, each once, and the slots that hold them."""

    items: tuple[Item, ...]
    slots: tuple[tuple[int, int], ...]

    @property
    def bytes(self) -> int:
        """The memory that it takes by itself."""
        return sum(8 if type(item.value) is float else item.value.nbytes for item in self.items if item.origin is None)


class Recorded(NamedTuple):
    """A recorded stretch: its tape, which entries are active, and those of the values before it and behind it."""

    tape: Tape
    active: Sequence[bool]
    leaves: tuple[int, ...]
    ends: tuple[int, ...]

    @property
    def entries(self) -> int:
        """How many entries it has."""
        return len(self.tape)

    @property
    def bytes(self) -> int:
        """The memory that it takes besides the state before it."""
        return tape_bytes(self.tape, len(self.leaves))

    def swept(self, behind: list[Adjoint]) -> list[Adjoint]:
        """The adjoints of the values before it, from those behind it: of a list that it empties."""
        adjoints: list[Any] = [None] * len(self.tape)
        for entry, adjoint in zip(self.ends, behind, strict=True):
            adjoints[entry] = adjoint
        carry_on = pass_on if any(isinstance(adjoint, Gapped) for adjoint in behind) else sweep_entries
        behind.clear()
        carry_on(self.tape, adjoints, self.active, range(len(self.tape) - 1, -1, -1), keep=False)
        return [adjoints[leaf] for leaf in self.leaves]


class Planned(NamedTuple):
    """An iteration that was run by a plan: the values of its entries, and which of those before it are active."""

    plan: Plan
    values: list[Value]
    pattern: tuple[bool, ...]

    @property
    def entries(self) -> int:
        """How many entries it has."""
        return len(self.values)

    @property
    def bytes(self) -> int:
        """The memory that it takes besides the state before it."""
        arrays = [value for value in self.values[len(self.plan.leaves) :] if type(value) is not float]
        return 8 * len(self.values) + sum([int(array.nbytes) for array in arrays if array.base is None])

    def swept(self, behind: list[Adjoint]) -> list[Adjoint]:
        """The adjoints of the values before it, from those behind it: of a list that it empties."""
        return self.plan.swept(self.values, self.pattern, behind)


Piece: TypeAlias = Recorded | Planned


class Line:
    """What the iterations of a loop do behind the first, where that is arithmetic with numbers and no decision.

    They run without an interpreter: slots hold values, or entries, and an operation writes a number into one.
    """

    def __init__(self, code: Code, block: BasicBlock) -> None:
        """Take the code, and the block of an iteration, as `line_of` finds it."""
        self._block, self._code = block, code
        self._constants = {slot: value for slot, _, value in code.constants}
        self._steps: list[tuple[Callable[..., float], int, int, int]] = []
        for function, operands, target in block.steps:
            self._steps.append((function, operands[0], operands[1] if len(operands) == 2 else -1, target))
        self._written = {target for _, _, target in block.steps}

    def advance(self, state: Snapshot, count: int) -> Snapshot | None:
        """The state so many iterations behind another one; None where an operation has no number."""
        held = dict(state.slots)
        values: dict[int, Value] = self._constants | {slot: state.items[place].value for slot, place in held.items()}
        try:
            self._run(values, count)
        except (*RAISED, KeyError):
            return None
        active = dict.fromkeys(self._constants, False)
        active |= {slot: state.items[place].active for slot, place in held.items()}
        self._pass_on(active, count)
        return self._behind(state, lambda slot: Item(values[slot], active[slot], None))

    def record(self, state: Snapshot, count: int, tape: Tape, limits: Limits) -> tuple[Snapshot, Recorded] | None:
        """Record so many iterations from a state, whose values are all that the tape has.

        The state behind them, and what was recorded; None where the interpreter has to do it, on another tape: where
        an operation has no number, where a limit is reached, or where it does not pay.
        """
        written, leaves = written_block(self._block, count), tuple(range(len(state.items)))
        if written is None or len(leaves) + len(self._constants) + count * len(self._steps) > limits.numbers:
            return None
        slots: dict[Any, int] = {slot: tape.constant(text, value) for slot, text, value in self._code.constants}
        slots |= dict(state.slots)
        rows = written.way.rows
        if not slots.keys() >= {*rows.reads}:
            return None
        active = [item.active for item in state.items] + [False] * (len(tape) - len(leaves))
        runs = written.append(tape, count, tuple([slots[slot] for slot in rows.reads]))
        if runs is None or runs.times < count:
            return None
        active_in_runs(runs, active)
        slots.update([(slot, runs.end - runs.length + row) for slot, row in rows.writes])
        behind = self._behind(state, lambda slot: Item(tape.values[slots[slot]], active[slots[slot]], None))
        ends = dict.fromkeys([slots[slot] for slot, _ in behind.slots])
        return behind, Recorded(tape, active, leaves, tuple(ends))

    def _behind(self, state: Snapshot, item: Callable[[int], Item]) -> Snapshot:
        """The state behind iterations, given what a slot holds that these write; the others hold what they held."""
        items: list[Item] = []
        places: dict[int, int] = {}
        slots: list[tuple[int, int]] = []
        for slot, place in state.slots:
            if slot in self._written:
                slots.append((slot, len(items)))
                items.append(item(slot))
                continue
            if place not in places:
                places[place] = len(items)
                items.append(state.items[place])
            slots.append((slot, places[place]))
        return Snapshot(tuple(items), tuple(slots))

    def _run(self, values: dict[int, Value], count: int) -> None:
        """Put into the slots what so many iterations leave there."""
        written = written_block(self._block, count, 1)
        if written is not None:
            values |= written.behind(values, count)
            return
        for _ in range(count):
            for function, left, right, target in self._steps:
                values[target] = function(values[left]) if right < 0 else function(values[left], values[right])

    def _pass_on(self, active: dict[int, bool], count: int) -> None:
        """Find which slots have active values after so many iterations: soon that changes no more."""
        for _ in range(count):
            before = active.copy()
            for _, left, right, target in self._steps:
                active[target] = active[left] or (right >= 0 and active[right])
            if active == before:
                break


def line_of(code: Code, enter: EnterFor) -> Line | None:
    """What the iterations of a loop do, where numbers and the block of each tell that."""
    block = code.blocks[enter.again]
    repeats = isinstance(block.end, Repeat) and block.end.block == enter.again
    if not (repeats and all(block.numbers) and all(operation.elementwise for operation in block.operations)):
        return None
    return Line(code, block) if all(len(operands) in (1, 2) for _, operands, _ in block.steps) else None


class Plan:
    """What an iteration does from all states whose values have the shapes of one that was recorded.

    Attributes:
        leaves, ends: the entries of the values before it and behind it
    """

    def __init__(self, before: Snapshot, behind: Snapshot, recorded: Recorded) -> None:
        """Take the states before and behind an iteration, and what was recorded of it, which `can_be_planned`."""
        from adcli.tape.storage import stand_in

        self.leaves, self.ends = recorded.leaves, recorded.ends
        self._slots, self._slots_behind = before.slots, behind.slots
        self._shapes = [shape_of(item.value) for item in before.items]
        tape = self._tape = recorded.tape.copy()
        tape.values = [stand_in(shape) if (shape := shape_of(value)) else value for value in tape.values]
        tape.inputs = {str(leaf): leaf for leaf in self.leaves}
        place = {leaf: number for number, leaf in enumerate(self.leaves)}
        self._unchanged = [place.get(end) for end in self.ends]
        self._active: dict[tuple[bool, ...], list[bool]] = {}
        self._sweeps: dict[tuple[bool, ...], _Sweep] = {}

    def fits(self, state: Snapshot) -> bool:
        """Whether a state has values in the same slots, and of the same shapes, as that of the recorded iteration."""
        return state.slots == self._slots and [shape_of(item.value) for item in state.items] == self._shapes

    @cached_property
    def _recording(self) -> Callable[..., list[Value] | None]:
        from adcli.tape.compiled_run import run_function

        return run_function(self._tape, self.ends)

    @cached_property
    def _given_up(self) -> Mapping[int, Value]:
        """What takes the place of arrays before and behind an iteration that no sweep over it reads."""
        from adcli.tape.compiled_run import read_by_sweeps

        values, unread = self._tape.values, {*self.leaves, *self.ends} - read_by_sweeps(self._tape)
        return {entry: values[entry] for entry in unread if type(values[entry]) is not float}

    @cached_property
    def _advancing(self) -> Callable[..., list[Value] | None]:
        from adcli.tape.compiled_run import run_function

        return run_function(self._tape, self.ends, swept=False)

    def record(self, state: Snapshot) -> tuple[Snapshot, Planned] | None:
        """The state behind an iteration, and what a sweep needs of it; None where it might be another than this."""
        values = self._run(self._recording, state)
        if values is None:
            return None
        pattern = tuple([item.active for item in state.items])
        behind = self._behind(state, pattern, values)
        for entry, nothing in self._given_up.items():
            values[entry] = nothing
        return behind, Planned(self, values, pattern)

    def advance(self, state: Snapshot) -> Snapshot | None:
        """The state behind an iteration; None where it might be another than this."""
        values = self._run(self._advancing, state)
        return None if values is None else self._behind(state, tuple([item.active for item in state.items]), values)

    def _run(self, function: Callable[..., list[Value] | None], state: Snapshot) -> list[Value] | None:
        from adcli.tape.compiled import strict

        if not self.fits(state):
            return None
        try:
            with strict():
                return function(*[item.value for item in state.items])
        except RAISED:
            return None

    def _behind(self, state: Snapshot, pattern: tuple[bool, ...], values: Sequence[Value]) -> Snapshot:
        active = self._activity(pattern)
        origins = [None if place is None else state.items[place].origin for place in self._unchanged]
        items = [Item(values[end], active[end], origin) for end, origin in zip(self.ends, origins, strict=True)]
        return Snapshot(tuple(items), self._slots_behind)

    def _activity(self, pattern: tuple[bool, ...]) -> list[bool]:
        """For each entry whether it is active, given which of the leaves are."""
        active = self._active.get(pattern)
        if active is None:
            chosen = [leaf for leaf, is_active in zip(self.leaves, pattern, strict=True) if is_active]
            active = self._active[pattern] = active_entries(self._tape, chosen)
        return active

    def swept(self, values: list[Value], pattern: tuple[bool, ...], behind: list[Adjoint]) -> list[Adjoint]:
        """The adjoints of the values before an iteration, from those behind it: of a list that it empties.

        Raises Unplanned where a rule needs more than its formula.
        """
        from adcli.tape.compiled import strict

        key = (*pattern, *[adjoint is not None for adjoint in behind])
        sweep = self._sweeps.get(key)
        if sweep is None:
            sweep = self._sweeps[key] = self._sweep(pattern, key[len(pattern) :])
        seeds = [adjoint for adjoint in behind if adjoint is not None]
        behind.clear()  # so that the sweep may write to arrays that nothing else refers to
        try:
            with strict():
                received = sweep.function(values, seeds)
        except RAISED as error:
            raise Unplanned from error
        adjoints: list[Adjoint] = [None] * len(self.leaves)
        for place, adjoint in zip(sweep.receiving, received, strict=True):
            adjoints[place] = adjoint
        return adjoints

    def _sweep(self, pattern: tuple[bool, ...], given: tuple[bool, ...]) -> _Sweep:
        from adcli.tape.compiled_sweep import sweep_function

        seeded = [end for end, is_given in zip(self.ends, given, strict=True) if is_given]
        reached = self._reached(pattern, seeded)
        receiving = [place for place, leaf in enumerate(self.leaves) if pattern[place] and leaf in reached]
        inputs = [self.leaves[place] for place in receiving]
        return _Sweep(sweep_function(self._tape, seeded, inputs, goes_on=True), receiving)

    def _reached(self, pattern: tuple[bool, ...], seeded: Sequence[int]) -> set[int]:
        """The entries that receive something where some have an adjoint."""
        tape, active, reached = self._tape, self._activity(pattern), set(seeded)
        for entry in range(len(tape) - 1, -1, -1):
            operands = tape.operands[entry]
            if operands and active[entry] and entry in reached:
                reached.update([operands[p] for p in varied_operands(tape, entry) if active[operands[p]]])
        return reached


class _Sweep(NamedTuple):
    """A compiled sweep, and the places of those values that receive something."""

    function: Callable[..., list[Value]]
    receiving: Sequence[int]


# The last plan of a loop, by the identity of its beginning: a program may run many times.
_PLANS: dict[int, tuple[EnterFor, Plan]] = {}
_MOST_KNOWN = 20


def known_plan(enter: EnterFor, state: Snapshot) -> Plan | None:
    """What the iterations of a loop do from such a state, if that was found before."""
    known = _PLANS.get(id(enter))
    return known[1] if known is not None and known[0] is enter and known[1].fits(state) else None


def keep_plan(enter: EnterFor, plan: Plan) -> None:
    """Remember what the iterations of a loop do."""
    if len(_PLANS) >= _MOST_KNOWN:
        _PLANS.clear()
    _PLANS[id(enter)] = enter, plan


def can_be_planned(before: Snapshot, behind: Snapshot, tape: Tape) -> bool:
    """Whether an iteration tells what others do: it has arrays, decides nothing by them, and leads to such a state."""
    if before.slots != behind.slots or tape.gaps or len(tape) > _MOST_ENTRIES:
        return False
    if not any(shape_of(value) for value in tape.values):
        return False
    from adcli.tape.compiled import decides_alike

    return decides_alike(tape, range(len(before.items)))  # which come first on its tape


def swept(pieces: list[Piece], behind: list[Adjoint]) -> list[Adjoint]:
    """The adjoints of the values before some stretches, from those behind them; the stretches are given up."""
    while pieces:
        behind = pieces.pop().swept(behind)
    return behind

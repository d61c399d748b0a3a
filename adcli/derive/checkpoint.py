"""Gradients of long loops in bounded memory: some states are kept, and stretches between them run again.

A `for` loop of the program whose body maps a state to the next leaves no entries on the tape, but for what it leaves to
the rest of the program. When the reverse sweep comes to it, its iterations are recorded one at a time, the last one
first, from states that the schedule of `revolve.py` keeps or runs up to again. Every addition to an adjoint happens in
the order of the sweep over the whole tape, so the gradient is the same to the last bit.

A tape of its own for each of thousands of short iterations would take longer than all they compute. Where the tape of
the whole loop would be large, a step of the schedule is a stretch of iterations whose tape is small beside that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from adcli.derive.cost import tape_bytes
from adcli.derive.modes import at_inputs
from adcli.derive.revolve import Action, Advance, Discard, Restore, Store, Turn, schedule
from adcli.errors import AdError, Problem
from adcli.program.code import EnterFor
from adcli.program.liveness import live_slots
from adcli.program.program import Program
from adcli.rules.table import STATE
from adcli.syntax import nodes
from adcli.tape.components import name_of
from adcli.tape.contributions import pass_on, plain
from adcli.tape.execute import execute, solve_equations
from adcli.tape.ieee import quiet
from adcli.tape.interpreter import run_stretch
from adcli.tape.limits import LIMITS, Limits
from adcli.tape.reach import active_entries
from adcli.tape.selected import select
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import is_spoilt

_SMALL = 2**22  # bytes of the tape of a step, from which on it is worth while to keep no more


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


class Step(NamedTuple):
    """A recorded stretch: its tape, which entries are active, and those of the values before it and behind it."""

    tape: Tape
    active: list[bool]
    leaves: tuple[int, ...]
    ends: tuple[int, ...]


@dataclass
class Reversal:
    """A loop that was run with few states kept, and what it cost.

    Attributes:
        node: the loop
        enter: where it begins in the code
        iterations: how many it has
        length: how many of these are a step: all but the last step have as many
        snapshots: how many states may be kept
        start: the state before it
        actions: what is still to do of the schedule
        kept: the states that are kept, by the step that follows
        last: the recorded last step, until it is swept
        leaves: for each value behind the loop its entry on the main tape
        position: the entries of the main tape before the loop
        advanced: the steps that ran without being recorded
        state_bytes: the memory of one state
        step_bytes: the memory of the largest tape of one step
        longest: the entries of that
        most_kept: the largest number of states that were kept at a time
    """

    node: nodes.ForLoop
    enter: EnterFor
    iterations: int
    length: int
    snapshots: int
    start: Snapshot
    actions: Iterator[Action]
    kept: dict[int, Snapshot] = field(default_factory=dict)
    last: Step | None = None
    leaves: tuple[int, ...] = ()
    position: int = 0
    advanced: int = 0
    state_bytes: int = 0
    step_bytes: int = 0
    longest: int = 0
    most_kept: int = 0

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled of a loop that has been reversed, whose schedule is over."""
        return self.__dict__ | {"actions": iter(())}

    @property
    def steps(self) -> int:
        """How many steps its schedule has."""
        return -(-self.iterations // self.length)

    def stretch(self, step: int) -> int:
        """How many iterations a step has."""
        return min(self.length, self.iterations - step * self.length)

    @property
    def bytes(self) -> int:
        """The memory that its reversal takes: the kept states, the current one, and the tape of one step."""
        return (self.most_kept + 1) * self.state_bytes + self.step_bytes


class Checkpointed(NamedTuple):
    """A gradient, the tape without its loops, and how each loop was reversed."""

    gradient: dict[str, Value]
    tape: Tape
    loops: list[Reversal]


def checkpointed_gradient(
    program: Program,
    point: Mapping[str, Value],
    output: str,
    inputs: Sequence[str],
    snapshots: int | None = None,
    limits: Limits = LIMITS,
) -> Checkpointed:
    """The gradient of an output, with loops at the top level of the program reversed from checkpoints.

    Args:
        program, point: what runs, and where
        output: the name of what is differentiated
        inputs: what it is differentiated by
        snapshots: for loops that do not say themselves how many states may be kept; None leaves those as they are
        limits: of each tape
    """
    reversed_once = _checkpointed(program, point, output, inputs, _Runner(program, output, inputs, snapshots, limits))
    if not is_spoilt(reversed_once.gradient.values()):
        return reversed_once
    runner = _Runner(program, output, inputs, snapshots, limits, gaps=True)  # what receives nothing made NaN
    return _checkpointed(program, point, output, inputs, runner)


def _checkpointed(
    program: Program, point: Mapping[str, Value], output: str, inputs: Sequence[str], runner: _Runner
) -> Checkpointed:
    tape = execute(program, point, runner.limits, on_loop=runner.on_loop)
    active = runner.active(tape)
    adjoints: list[Value | None] = [None] * len(tape)
    selected = select(tape, output)
    top = selected.entry
    adjoints[top] = runner.seed(selected.seed(tape))
    for loop in reversed(runner.loops):
        pass_on(tape, adjoints, active, range(top, loop.position - 1, -1), keep=False)
        runner.reverse(loop, adjoints)
        top = loop.position - 1
    pass_on(tape, adjoints, active, range(top, -1, -1), keep=False)
    return Checkpointed(at_inputs(tape, [plain(adjoint) for adjoint in adjoints], inputs), tape, runner.loops)


class _Runner:
    """Runs the loops of one program forward, and back."""

    def __init__(
        self, program: Program, output: str, inputs: Sequence[str], snapshots: int | None, limits: Limits,
        gaps: bool = False,
    ) -> None:  # fmt: skip
        self.program = program
        self.inputs = inputs
        self.snapshots = snapshots
        self.limits = limits
        self._gaps = gaps  # whether the adjoints tell which of their elements are nothing
        self.loops: list[Reversal] = []
        self._analyses: dict[EnterFor, list[int]] = {}
        self.leaves: dict[int, bool] = {}  # of the main tape, with whether each is active
        code = program.code
        self._at_end = [code.bindings[name] for name in (*program.outputs, name_of(output)) if name in code.bindings]
        self._at_calls = [outer for function in program.functions.values() for outer, _ in function.globals]

    def seed(self, value: Value) -> Any:
        """The adjoint that the reversal starts with."""
        if not self._gaps:
            return value
        from adcli.tape.gaps import starting  # which most programs never need

        return starting(value)

    def active(self, tape: Tape) -> list[bool]:
        """For each entry of the main tape whether it depends on an input, also by way of a loop."""
        chosen = [tape.inputs[name] for name in self.inputs]
        return active_entries(tape, chosen + [leaf for leaf, active in self.leaves.items() if active])

    def on_loop(self, slots: list[Any], tape: Tape, enter: EnterFor, count: int) -> int | None:
        """Run a loop forward, up to its recorded last iteration; what it leaves gets entries on the main tape."""
        if not isinstance(enter.node, nodes.ForLoop) or (enter.checkpoint is None and self.snapshots is None):
            return None
        snapshots = self.snapshots if enter.checkpoint is None else self._count(tape, slots[enter.checkpoint], enter)
        assert snapshots is not None
        active = self.active(tape)
        start = self._state(enter, slots, lambda entry: Item(tape.values[entry], active[entry], entry))
        loop = Reversal(enter.node, enter, count, 1, snapshots, start, iter(()), position=len(tape))
        loop.length = self._length(loop)
        loop.actions = schedule(loop.steps, snapshots)
        self.loops.append(loop)
        state, last = self._forward(loop, start)
        loop.last = last
        loop.leaves = tuple(self._leave(tape, item) for item in state.items)
        for slot, place in state.slots:
            slots[slot] = loop.leaves[place]
        return enter.after

    def _length(self, loop: Reversal) -> int:
        """How many iterations are a step, by the size of the first one; one where the whole loop is small."""
        if loop.iterations == 1:
            return 1
        _, first = self._record(loop, loop.start, 0)
        size = tape_bytes(first.tape)
        return 1 if size * loop.iterations <= _SMALL else max(1, _SMALL // size)

    def _count(self, tape: Tape, entry: int, enter: EnterFor) -> int:
        value = tape.values[entry]
        if type(value) is not float or not value.is_integer() or value < 1:
            shown = f"{value:g}" if type(value) is float else "an array"
            message = f"`checkpoint` takes a whole number from 1 of states to keep, and is given {shown}"
            raise AdError(Problem("bad-checkpoint", message, enter.node.header), tape.source)
        return int(value)

    def _leave(self, tape: Tape, item: Item) -> int:
        if item.origin is not None:
            return item.origin
        leaf = tape.append(STATE, (), item.value, None, None)
        self.leaves[leaf] = item.active
        return leaf

    def _state(self, enter: EnterFor, slots: Sequence[int | None], item: Any) -> Snapshot:
        """The values that iterations, or what comes behind the loop, read; each entry is one value."""
        places: dict[int, int] = {}
        held: list[tuple[int, int]] = []
        for slot in self._live(enter):
            entry = slots[slot]
            if entry is not None:
                held.append((slot, places.setdefault(entry, len(places))))
        return Snapshot(tuple(item(entry) for entry in places), tuple(held))

    def _live(self, enter: EnterFor) -> list[int]:
        """The slots that matter between two iterations, or behind the loop."""
        analysis = self._analyses.get(enter)
        if analysis is None:
            analysis = self._analyses[enter] = self._analysed(enter)
        return analysis

    def _analysed(self, enter: EnterFor) -> list[int]:
        code = self.program.code
        blocks = (enter.block, enter.again, enter.after)
        live = live_slots(code, blocks, self._at_end + self._at_calls, self._at_calls)
        constants = {slot for slot, _, _ in code.constants}
        return sorted(live - constants | {slot for slot in live & constants if slot in code.bindings.values()})

    def _forward(self, loop: Reversal, state: Snapshot) -> tuple[Snapshot, Step]:
        """Follow the schedule up to the first turn, which is that of the last step."""
        for action in loop.actions:
            if isinstance(action, Turn):
                return self._record(loop, state, action.step)
            state = self._act(loop, action, state)
        raise AssertionError("a schedule turns every step")

    def _act(self, loop: Reversal, action: Action, state: Snapshot) -> Snapshot:
        if isinstance(action, Store):
            loop.kept[action.step] = state
            loop.most_kept = max(loop.most_kept, len(loop.kept))
        elif isinstance(action, Restore):
            return loop.kept[action.step]
        elif isinstance(action, Discard):
            del loop.kept[action.step]
        elif isinstance(action, Advance):
            for step in range(action.start, action.end):
                state, _ = self._record(loop, state, step)
            loop.advanced += action.end - action.start
        return state

    def _record(self, loop: Reversal, state: Snapshot, step: int) -> tuple[Snapshot, Step]:
        """Run one step on a tape of its own; the state behind it, and what was recorded."""
        program = self.program
        tape = Tape(program.source)
        tape.arrays = program.arrays
        leaves = tuple(tape.append(STATE, (), item.value, None, None) for item in state.items)
        held = {slot: leaves[place] for slot, place in state.slots}
        with quiet(tape):
            slots = run_stretch(
                program.code, tape, held, loop.enter, step == 0, loop.stretch(step), program.functions, self.limits,
                solve_equations,
            )  # fmt: skip
        active = active_entries(tape, [leaf for leaf, item in zip(leaves, state.items, strict=True) if item.active])
        origins = dict(zip(leaves, (item.origin for item in state.items), strict=True))
        ends: list[int] = []

        def item(entry: int) -> Item:
            ends.append(entry)
            return Item(tape.values[entry], active[entry], origins.get(entry))

        behind = self._state(loop.enter, slots, item)
        loop.state_bytes = max(
            loop.state_bytes, sum(_bytes(item.value) for item in behind.items if item.origin is None)
        )
        if len(tape) > loop.longest or tape.arrays:
            loop.longest, loop.step_bytes = max(loop.longest, len(tape)), max(loop.step_bytes, tape_bytes(tape))
        return behind, Step(tape, active, leaves, tuple(ends))

    def reverse(self, loop: Reversal, adjoints: list[Value | None]) -> None:
        """Sweep the steps of a loop, the last one first, from the adjoints of the main tape to those."""
        assert loop.last is not None
        values = [adjoints[leaf] for leaf in loop.leaves]
        values = _swept(loop.last, values)
        loop.last = None
        state = loop.start
        for action in loop.actions:
            if isinstance(action, Turn):
                _, recorded = self._record(loop, state, action.step)
                values = _swept(recorded, values)
            else:
                state = self._act(loop, action, state)
        for item, adjoint in zip(loop.start.items, values, strict=True):
            assert item.origin is not None
            adjoints[item.origin] = adjoint


def _swept(step: Step, behind: Sequence[Value | None]) -> list[Value | None]:
    """The adjoints of the values before a step, from those behind it."""
    adjoints: list[Value | None] = [None] * len(step.tape)
    for entry, adjoint in zip(step.ends, behind, strict=True):
        adjoints[entry] = adjoint
    pass_on(step.tape, adjoints, step.active, range(len(step.tape) - 1, -1, -1), keep=False)
    return [adjoints[leaf] for leaf in step.leaves]


def _bytes(value: Value) -> int:
    return 8 if type(value) is float else int(value.nbytes)

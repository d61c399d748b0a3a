"""Gradients of long loops in bounded memory: some states are kept, and stretches between them run again.

A `for` loop of the program whose body maps a state to the next leaves no entries on the tape, but for what it leaves to
the rest of the program. When the reverse sweep comes to it, its steps are recorded one at a time, the last one
first, from states that the schedule of `revolve.py` keeps or runs up to again. Every addition to an adjoint happens in
the order of the sweep over the whole tape, so the gradient is the same to the last bit.

To begin a tape and to hand over a state costs the same for one iteration as for a hundred. So a step of the schedule is
a stretch of iterations: how many, `reversal.py` tells. What a stretch is, and how it is swept, is in `stretches.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adcli.derive.modes import at_inputs
from adcli.derive.reversal import Reversal, step_length
from adcli.derive.revolve import Action, Advance, Discard, Restore, Store, Turn, schedule
from adcli.derive.stretch_lines import line_of
from adcli.derive.stretch_plans import Plan, Unplanned, can_be_planned, keep_plan, known_plan
from adcli.derive.stretches import Item, Piece, Recorded, Snapshot, swept, tape_from
from adcli.errors import AdError, Problem
from adcli.program.code import EnterFor
from adcli.program.findings import Findings
from adcli.program.liveness import live_slots
from adcli.program.program import Program
from adcli.records import NamedTuple
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

if TYPE_CHECKING:
    from adcli.tape.execution import Execution
    from adcli.tape.storage import Storage

_PAYS_FROM = 16  # iterations: to make a plan takes as long as some
# The slots that matter between iterations: by where a loop begins, and what is read at the end.
_LIVE: Findings[dict[tuple[int, ...], list[int]]] = Findings(100)


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
    arguments = program, output, inputs, snapshots, limits
    try:
        reversed_once = _checkpointed(point, _Runner(*arguments))
    except Unplanned:
        reversed_once = _checkpointed(point, _Runner(*arguments, plans=False))
    if not is_spoilt(reversed_once.gradient.values()):
        return reversed_once
    return _checkpointed(point, _Runner(*arguments, plans=False, gaps=True))  # what receives nothing made NaN


def _checkpointed(point: Mapping[str, Value], runner: _Runner) -> Checkpointed:
    tape = execute(runner.program, point, runner.limits, runner.forgets, runner.on_loop)
    active = runner.active(tape)
    adjoints: list[Value | None] = [None] * len(tape)
    selected = select(tape, runner.output)
    top = selected.entry
    adjoints[top] = runner.seed(selected.seed(tape))
    for loop in reversed(runner.loops):
        pass_on(tape, adjoints, active, range(top, loop.position - 1, -1), keep=False)
        runner.reverse(loop, adjoints)
        top = loop.position - 1
    pass_on(tape, adjoints, active, range(top, -1, -1), keep=False)
    return Checkpointed(at_inputs(tape, [plain(adjoint) for adjoint in adjoints], runner.inputs), tape, runner.loops)


class _Runner:
    """Runs the loops of one program forward, and back."""

    def __init__(
        self, program: Program, output: str, inputs: Sequence[str], snapshots: int | None, limits: Limits,
        plans: bool = True, gaps: bool = False,
    ) -> None:  # fmt: skip
        self.program = program
        self.output = output
        self.inputs = inputs
        self.snapshots = snapshots
        self.limits = limits
        self._plans = plans  # whether iterations that do the same each time are compiled
        self._gaps = gaps  # whether the adjoints tell which of their elements are nothing
        self.forgets = not gaps and name_of(output) in program.outputs  # arrays that no sweep from there reads
        self.loops: list[Reversal] = []
        self.leaves: dict[int, bool] = {}  # of the main tape, with whether each is active
        code = program.code
        names = (*program.outputs, name_of(output))
        self._at_end = tuple([code.bindings[name] for name in names if name in code.bindings])
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

    def on_loop(self, execution: Execution, enter: EnterFor, count: int) -> int | None:
        """Run a loop forward, up to its recorded last iteration; what it leaves gets entries on the main tape."""
        if not isinstance(enter.node, nodes.ForLoop) or (enter.checkpoint is None and self.snapshots is None):
            return None
        slots, tape = execution.slots, execution.tape
        snapshots = self.snapshots if enter.checkpoint is None else self._count(tape, slots[enter.checkpoint], enter)
        assert snapshots is not None
        active = self.active(tape)
        start = self._state(enter, slots, lambda entry: Item(tape.values[entry], active[entry], entry))
        loop = Reversal(enter.node, enter, count, 1, snapshots, start, iter(()), position=len(tape))
        loop.line = line_of(self.program, enter)
        self._look_ahead(loop)
        loop.actions = schedule(loop.steps, snapshots)
        self.loops.append(loop)
        state, last = self._forward(loop, start)
        loop.last = last
        loop.leaves = tuple(self._leave(execution, item) for item in state.items)
        for slot, place in state.slots:
            slots[slot] = loop.leaves[place]
        return enter.after

    def _look_ahead(self, loop: Reversal) -> None:
        """Record the first iterations to see how large they are, and whether the others do the same."""
        if loop.iterations == 1:
            return
        first, recorded = self._interpreted(loop, loop.start, range(1))
        piece: Piece = recorded
        if loop.line is not None:
            loop.first = first, recorded
        if self._plans and loop.line is None and recorded.tape.arrays and loop.iterations >= _PAYS_FROM:
            loop.plan = known_plan(loop.enter, first) or self._plan(loop, first)
            planned = None if loop.plan is None else loop.plan.record(first)
            piece = recorded if planned is None else planned[1]
        loop.length = step_length(loop, piece.bytes, first.bytes)

    def _plan(self, loop: Reversal, first: Snapshot) -> Plan | None:
        """What the iterations behind the first do, where each does the same."""
        second, recorded = self._interpreted(loop, first, range(1, 2))
        if not can_be_planned(first, second, recorded.tape):
            return None
        plan = Plan(first, second, recorded)
        keep_plan(loop.enter, plan)
        return plan

    def _count(self, tape: Tape, entry: int, enter: EnterFor) -> int:
        value = tape.values[entry]
        if type(value) is not float or not value.is_integer() or value < 1:
            shown = f"{value:g}" if type(value) is float else "an array"
            message = f"`checkpoint` takes a whole number from 1 of states to keep, and is given {shown}"
            raise AdError(Problem("bad-checkpoint", message, enter.node.header), tape.source)
        return int(value)

    def _leave(self, execution: Execution, item: Item) -> int:
        if item.origin is not None:
            return item.origin
        leaf = execution.tape.append(STATE, (), item.value, None, None)
        if execution.storage is not None:
            execution.storage.catch_up()
            execution.storage.active[leaf] = item.active
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
        known: dict[tuple[int, ...], list[int]] = _LIVE.of(enter, dict)
        if self._at_end not in known:
            known[self._at_end] = self._analysed(enter)
        return known[self._at_end]

    def _analysed(self, enter: EnterFor) -> list[int]:
        code = self.program.code
        blocks = (enter.block, enter.again, enter.after)
        live = live_slots(code, blocks, [*self._at_end, *self._at_calls], self._at_calls)
        constants = {slot for slot, _, _ in code.constants}
        return sorted(live - constants | {slot for slot in live & constants if slot in code.bindings.values()})

    def _forward(self, loop: Reversal, state: Snapshot) -> tuple[Snapshot, list[Piece]]:
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
            state = self._advance(loop, state, action)
            loop.advanced += action.end - action.start
        return state

    def _advance(self, loop: Reversal, state: Snapshot, action: Advance) -> Snapshot:
        """Run some steps without keeping what is recorded."""
        if loop.plan is None:
            behind = _advanced_by_line(loop, state, loop.stretch(action.start, action.end))
            if behind is not None:
                return behind
            for step in range(action.start, action.end):
                state = self._interpreted(loop, state, loop.stretch(step, step + 1))[0]
            return state
        for iteration in loop.stretch(action.start, action.end):
            behind = loop.plan.advance(state) if iteration else None
            if behind is None:
                behind, _ = self._interpreted(loop, state, range(iteration, iteration + 1))
            state = behind
        return state

    def _record(self, loop: Reversal, state: Snapshot, step: int) -> tuple[Snapshot, list[Piece]]:
        """Run one step; the state behind it, and what was recorded."""
        iterations, pieces = loop.stretch(step, step + 1), list[Piece]()
        for stretch in [iterations] if loop.plan is None else [range(k, k + 1) for k in iterations]:
            known = self._by_what_is_known(loop, state, stretch)
            state, piece = self._interpreted(loop, state, stretch) if known is None else known
            pieces.append(piece)
        loop.state_bytes = max(loop.state_bytes, state.bytes)
        entries = sum([piece.entries for piece in pieces])
        if entries > loop.longest or self.program.arrays:
            loop.longest = max(loop.longest, entries)
            loop.step_bytes = max(loop.step_bytes, sum([piece.bytes for piece in pieces]))
        return state, pieces

    def _by_what_is_known(self, loop: Reversal, state: Snapshot, stretch: range) -> tuple[Snapshot, Piece] | None:
        """Run iterations by a line or by a plan, the first excepted; None where the interpreter has to."""
        if loop.line is None:
            return None if loop.plan is None or not stretch.start else loop.plan.record(state)
        opened = _opened(loop, state, stretch)
        if opened is None:
            return None
        state, opening, count = opened
        if opening is not None and not count:
            return state, opening
        return loop.line.record(state, count, self.limits, opening)

    def _interpreted(self, loop: Reversal, state: Snapshot, iterations: range) -> tuple[Snapshot, Recorded]:
        """Run some iterations on a tape of their own; the state behind them, and what was recorded."""
        program, tape = self.program, tape_from(self.program, state)
        leaves = tuple(range(len(state.items)))
        held = {slot: leaves[place] for slot, place in state.slots}
        with quiet(tape):
            slots = run_stretch(
                program.code, tape, held, loop.enter, iterations.start == 0, len(iterations), program.functions,
                self.limits, solve_equations, self._storage(tape, state),
            )  # fmt: skip
        active = active_entries(tape, [leaf for leaf, item in zip(leaves, state.items, strict=True) if item.active])
        origins = dict(zip(leaves, (item.origin for item in state.items), strict=True))
        ends: list[int] = []

        def item(entry: int) -> Item:
            ends.append(entry)
            return Item(tape.values[entry], active[entry], origins.get(entry))

        behind = self._state(loop.enter, slots, item)
        return behind, Recorded(tape, active, leaves, tuple(ends))

    def _storage(self, tape: Tape, state: Snapshot) -> Storage | None:
        """What forgets the arrays of a stretch that neither a sweep nor the rest of the program reads."""
        if not (tape.arrays and self.forgets):
            return None
        from adcli.tape.storage import Storage

        storage = Storage(tape, self.program)
        storage.active += [item.active for item in state.items]
        return storage

    def reverse(self, loop: Reversal, adjoints: list[Value | None]) -> None:
        """Sweep the steps of a loop, the last one first, from the adjoints of the main tape to those."""
        values = [adjoints[leaf] for leaf in loop.leaves]
        for leaf in loop.leaves:
            adjoints[leaf] = None  # the loop has it now, and may write to it
        values = swept(loop.last, values)
        state = loop.start
        for action in loop.actions:
            if isinstance(action, Turn):
                pieces = self._record(loop, state, action.step)[1]
                state = loop.start  # the other one is over
                values = swept(pieces, values)
            else:
                state = self._act(loop, action, state)
        for item, adjoint in zip(loop.start.items, values, strict=True):
            assert item.origin is not None
            adjoints[item.origin] = adjoint


def _opened(loop: Reversal, state: Snapshot, stretch: range) -> tuple[Snapshot, Recorded | None, int] | None:
    """Where the line of a loop begins in a stretch, and how many iterations are left to it.

    Behind the first iteration of the loop, which is recorded already; None where it is not.
    """
    if stretch.start:
        return state, None, len(stretch)
    return None if loop.first is None else (*loop.first, len(stretch) - 1)


def _advanced_by_line(loop: Reversal, state: Snapshot, stretch: range) -> Snapshot | None:
    """Run iterations by a line, without keeping what is recorded; None where the interpreter has to."""
    opened = _opened(loop, state, stretch)
    if loop.line is None or opened is None:
        return None
    state, _, count = opened
    return loop.line.advance(state, count) if count else state

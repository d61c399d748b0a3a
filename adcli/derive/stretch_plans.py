"""Plans of iterations over arrays that decide nothing by what they compute: each does the same.

One is recorded; from then on it is run and swept by what `tape/compiled_lines.py` makes of that tape, which keeps what
a sweep reads alone. Where something else comes out than did then, an infinity or another shape, the interpreter runs
it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from adcli.derive.stretches import Adjoint, Item, Recorded, Snapshot
from adcli.program.code import EnterFor
from adcli.program.findings import Findings
from adcli.records import NamedTuple
from adcli.rules.compile import RAISED
from adcli.rules.dispatch import shape_of
from adcli.tape.reach import active_entries, varied_operands
from adcli.tape.tape import Tape, Value

_MOST_ENTRIES = 10_000  # of an iteration that is compiled


class Unplanned(Exception):  # noqa: N818 - no mistake of anybody's
    """A sweep by plans has come to something that only the ordinary sweep knows; what it began with is lost."""


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


_PLANS: Findings[Plan] = Findings(20)  # by where a loop begins: its last one


def known_plan(enter: EnterFor, state: Snapshot) -> Plan | None:
    """What the iterations of a loop do from such a state, if that was found before."""
    plan = _PLANS.get(enter)
    return plan if plan is not None and plan.fits(state) else None


def keep_plan(enter: EnterFor, plan: Plan) -> None:
    """Remember what the iterations of a loop do."""
    _PLANS.keep(enter, plan)


def can_be_planned(before: Snapshot, behind: Snapshot, tape: Tape) -> bool:
    """Whether an iteration tells what others do: it has arrays, decides nothing by them, and leads to such a state."""
    if before.slots != behind.slots or tape.gaps or len(tape) > _MOST_ENTRIES:
        return False
    if not any(shape_of(value) for value in tape.values):
        return False
    from adcli.tape.compiled import decides_alike

    return decides_alike(tape, range(len(before.items)))  # which come first on its tape

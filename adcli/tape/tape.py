"""The tape: a Wengert list in parallel columns, the decisions that led to it, and the loops and calls behind it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from adcli.rules.dispatch import shapes_of
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.table import CONSTANT, INPUT
from adcli.syntax import nodes
from adcli.syntax.source import Source, Span

if TYPE_CHECKING:
    from adcli.tape.replay import Plan

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


BOUND_TOLERANCE = 4 * 2.0**-52  # of the larger bound of a loop: how near its last value counts as reached


class Guard(NamedTuple):
    """A decision: the tape is what it is because this comparison held, or failed.

    Attributes:
        position: the entry before which it was taken
        comparison: `<`, `==` and the like
        left, right: the entries that were compared
        holds: what came out
        span: where the comparison stands
        required: whether it is that of a `require`, which has no other way
        counts: whether it tells how often a `for` loop runs, whose last value may miss its bound by rounding
    """

    position: int
    comparison: str
    left: int
    right: int
    holds: bool
    span: Span
    required: bool = False
    counts: bool = False


@dataclass(slots=True)
class Region:
    """The entries of one run of a loop, or of one call of a function.

    Attributes:
        node: the loop or the call
        start, end: its entries
        after: the number of the next region that is not inside this one
        iterations: the first entry of each iteration of a loop
        exit: where what ended a loop begins: a condition, or the count; -1 where there is none
        guards: how many guards there were before, and how many when it was over
        iteration_guards: how many guards there were before each iteration
    """

    node: nodes.ForLoop | nodes.WhileLoop | nodes.Apply
    start: int
    end: int
    after: int
    iterations: list[int]
    exit: int
    guards: tuple[int, int]
    iteration_guards: list[int]


class Masked(NamedTuple):
    """The entries of one side of a `where` on arrays: elements count in which `mask` is not 0 (`holds`), or is 0."""

    start: int
    end: int
    mask: int
    holds: bool


# What a tape holds: a float, or an array of floats, which has NumPy's methods.
Value: TypeAlias = Any


@lru_cache(maxsize=10_000)
def varied_positions(operation: ArrayPrimitive, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The positions of the operands of these shapes that an operation has derivatives by."""
    return tuple(position for position, formula in enumerate(operation.pullbacks(shapes)) if formula)


class Tape:
    """What ran, in order. Entries are appended and never changed.

    Attributes:
        operations: the primitive of each entry
        operands: the entries that each was applied to, all of them earlier
        values: the value of each
        names: the name that each was bound to, or None; for a constant its text
        spans: where each stands in the source
        inputs: the entry of each input
        bindings: the entry that each name of the program was last bound to
        guards: the decisions, in order
        regions: the loops and calls, in the order in which they began; one inside another comes behind it
        masked: the sides of each `where` that was chosen element by element
        arrays: whether any value is an array
        lean: whether arrays were forgotten that no reverse sweep from the outputs reads
        spoilt: of a lean tape, whether NumPy met an infinity or a NaN where there was none before
        plan: what it was made by, where no interpreter ran
        source: the program's text
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.operations: list[Primitive] = []
        self.operands: list[tuple[int, ...]] = []
        self.values: list[Value] = []
        self.names: list[str | None] = []
        self.spans: list[Span | None] = []
        self.inputs: dict[str, int] = {}
        self.bindings: dict[str, int] = {}
        self.guards: list[Guard] = []
        self.regions: list[Region] = []
        self.masked: list[Masked] = []
        self.arrays = False
        self.lean = False
        self.spoilt = False
        self.plan: Plan | None = None
        self._constants: dict[str, int] = {}
        self._dependents: dict[int, tuple[int, set[int]]] = {}

    def __len__(self) -> int:
        return len(self.values)

    def input(self, name: str, value: Value, span: Span) -> int:
        """Append an independent variable; its entry."""
        self.inputs[name] = self.append(INPUT, (), value, name, span)
        return self.inputs[name]

    def constant(self, text: str, value: float) -> int:
        """The entry of a constant, appended where it is not on the tape yet."""
        entry = self._constants.get(text)
        if entry is None:
            entry = self._constants[text] = self.append(CONSTANT, (), value, text, None)
        return entry

    @property
    def constants(self) -> list[int]:
        """The entries of the constants, in order."""
        return list(self._constants.values())

    def operand_values(self, entry: int) -> tuple[Value, ...]:
        """The values that an entry's operation was applied to."""
        values = self.values
        return tuple([values[operand] for operand in self.operands[entry]])

    def line(self, entry: int) -> int | None:
        """The line of the source that an entry comes from; None for a constant."""
        span = self.spans[entry]
        return None if span is None else self.source.place(span.start)[0]

    def copy(self) -> Tape:
        """Another tape with the same entries, to which more can be appended."""
        other = Tape(self.source)
        for name in ("operations", "operands", "values", "names", "spans", "guards", "regions", "masked"):
            setattr(other, name, list(getattr(self, name)))
        other.arrays = self.arrays
        other.inputs, other.bindings, other._constants = dict(self.inputs), dict(self.bindings), dict(self._constants)
        return other

    def with_values(self, values: list[Value]) -> Tape:
        """The same entries with other values. All else is shared: nothing may be appended to either."""
        other = Tape.__new__(Tape)
        other.__dict__.update(self.__dict__, values=values)
        return other

    def active(self, inputs: list[int]) -> list[bool]:
        """For each entry whether it depends on one of the given input entries; the others are passive."""
        if self.arrays:
            return self._active_arrays(set(inputs))
        active: list[bool] = []
        append = active.append
        chosen = set(inputs)
        for entry, operands in enumerate(self.operands):
            if len(operands) == 2:
                left, right = operands
                append(active[left] or active[right])
            elif len(operands) == 1:
                append(active[operands[0]])
            elif operands:
                append(any(active[operand] for operand in operands))
            else:
                append(entry in chosen)
        return active

    def dependents(self, entry: int, end: int) -> set[int]:
        """The entries up to an end that depend on an entry, and it. What was found is kept: tapes only grow."""
        done, found = self._dependents.get(entry, (entry, {entry}))
        for other in range(done + 1, end + 1):
            if not found.isdisjoint(self.operands[other]):
                found.add(other)
        self._dependents[entry] = max(done, end), found
        return found

    def behind(self, entries: Iterable[int]) -> list[bool]:
        """For each entry whether one of the given entries is computed from it, or is it."""
        behind = [False] * len(self.operands)
        for entry in entries:
            behind[entry] = True
        for entry in range(len(self.operands) - 1, -1, -1):
            if behind[entry]:
                for operand in self.operands[entry]:
                    behind[operand] = True
        return behind

    def _active_arrays(self, inputs: set[int]) -> list[bool]:
        """The same where some operands receive nothing, such as a subscript or what is only measured."""
        active: list[bool] = []
        for entry, operands in enumerate(self.operands):
            depends = any(active[operand] for operand in operands)
            if depends and not self.operations[entry].elementwise:
                depends = any(active[operands[position]] for position in self.varied(entry))
            active.append(depends or entry in inputs)
        return active

    def varied(self, entry: int) -> Sequence[int]:
        """The positions of the operands that an entry has derivatives by: not those of subscripts, or of sizes."""
        operation = self.operations[entry]
        if not isinstance(operation, ArrayPrimitive):
            return range(len(self.operands[entry]))
        return varied_positions(operation, *shapes_of(self.operand_values(entry)))

    def append(
        self, operation: Primitive, operands: tuple[int, ...], value: Value, name: str | None, span: Span | None
    ) -> int:
        """Append an entry; its number."""
        self.operations.append(operation)
        self.operands.append(operands)
        self.values.append(value)
        self.names.append(name)
        self.spans.append(span)
        return len(self.values) - 1

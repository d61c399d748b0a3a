"""The tape: a Wengert list in parallel columns, the decisions that led to it, and the loops and calls behind it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from adcli.records import NamedTuple
from adcli.rules.dispatch import shapes_of
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANT, INPUT
from adcli.syntax import nodes
from adcli.syntax.source import Source, Span
from adcli.tape.block_runs import BlockRuns

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


BOUND_TOLERANCE = 4 * 2.0**-52  # of the larger bound of a loop: how near its last value counts as reached


def outcome_text(holds: bool) -> str:
    """What came out of a decision, in a word."""
    return "holds" if holds else "fails"


class Count(NamedTuple):
    """What tells how often a `for` loop runs, besides its last bound.

    Attributes:
        first, step: the entries of its first value and of its step
        times: how many iterations have begun
    """

    first: int
    step: int
    times: int


class Guard(NamedTuple):
    """A decision: the tape is what it is because this comparison held, or failed.

    Attributes:
        position: the entry before which it was taken
        comparison: `<`, `==` and the like
        left, right: the entries that were compared
        holds: what came out
        span: where the comparison stands
        required: whether it is that of a `require`, which has no other way
        counts: of one that tells how often a `for` loop runs, whose last value may miss its bound by rounding: what it
            is counted by (`counting.py`); its right side is the last bound
        of_rule: whether it is that of a formula of a derivative, at the edge of an operation, and not the program's
    """

    position: int
    comparison: str
    left: int
    right: int
    holds: bool
    span: Span
    required: bool = False
    counts: Count | None = None
    of_rule: bool = False

    @property
    def entries(self) -> tuple[int, ...]:
        """The entries that it depends on: its sides, and of a count also where the loop begins, and its step."""
        sides = self.left, self.right
        return sides if self.counts is None else (*sides, self.counts.first, self.counts.step)


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

    __slots__ = ("after", "end", "exit", "guards", "iteration_guards", "iterations", "node", "start")

    def __init__(
        self,
        node: nodes.ForLoop | nodes.WhileLoop | nodes.Index | nodes.Apply,
        start: int,
        end: int,
        after: int,
        iterations: list[int],
        exit: int,
        guards: tuple[int, int],
        iteration_guards: list[int],
    ) -> None:
        self.node = node
        self.start, self.end, self.after = start, end, after
        self.iterations = iterations
        self.exit = exit
        self.guards, self.iteration_guards = guards, iteration_guards

    def __eq__(self, other: object) -> bool:
        names = self.__slots__
        return isinstance(other, Region) and [getattr(self, n) for n in names] == [getattr(other, n) for n in names]


# What a tape holds: a float, or an array of floats, which has NumPy's methods.
Value: TypeAlias = Any


class Plan(Protocol):
    """What a tape was made by, where no interpreter ran."""

    @property
    def kinked(self) -> list[int]:
        """The entries whose operations have kinks that their operands may come to."""

    def sweep(self, tape: Tape, seeds: Mapping[int, Value], inputs: Sequence[int]) -> list[Value] | None:
        """The derivatives at the entries of some inputs, given the adjoints that a reverse sweep starts with.

        None where a rule needs more than its formula, which the ordinary sweep knows.
        """

    @property
    def number(self) -> int | None:
        """What `number_of_run` tells of the tape, if that is known."""

    def hessian(self, tape: Tape, output: int, inputs: Sequence[str], along: Sequence[str]) -> PlannedHessian | None:
        """The Hessian of an entry by some inputs, as a function of directions of some; None where it has none."""


class PlannedHessian(Protocol):
    """A Hessian at a point as a function of directions, of a plan."""

    def times(self, direction: Mapping[str, float]) -> dict[str, float] | None:
        """The product with a direction; None where a rule needs more than its formula, which a sweep knows."""

    def together(self, groups: Sequence[Sequence[int]]) -> list[list[float]] | None:
        """For each group of inputs the product with the sum of their unit directions; None as above."""


class Tape:
    """What ran, in order. Entries are appended and never changed.

    Attributes:
        operations: the primitive of each entry
        noted_operands: the operands, with `()` for those that `block_runs` tells and nobody has asked for
        block_runs: runs of one block one behind the other, in order
        values: the value of each
        names: the name that each was bound to, or None; for a constant its text
        spans: where each stands in the source
        inputs: the entry of each input
        bindings: the entry that each name of the program was last bound to
        guards: the decisions, in order
        noted_regions: the regions, with nothing for those that nobody has asked for
        gaps: of the entries of recorded sweeps that may be nothing, which is not 0: where they are something, or what
            tells: two entries that it is the sum of, or the arguments of `gaps.passed_on`
        arrays: whether any value is an array
        forgot: whether arrays were forgotten that no reverse sweep from the outputs reads
        met_non_finite: of such a tape, whether NumPy met an infinity or a NaN where there was none before
        plan: what it was made by, where no interpreter ran
        dependents: what `reach.dependents` has found: up to which entry, and which entries
        labels: what `describe.labels` has made, of so many entries
        source: the program's text
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.operations: list[Primitive] = []
        self.noted_operands: list[tuple[int, ...]] = []
        self.block_runs: list[BlockRuns] = []
        self._runs_noted = 0  # of how many of these the operands are noted
        self.values: list[Value] = []
        self.names: list[str | None] = []
        self.spans: list[Span | None] = []
        self.inputs: dict[str, int] = {}
        self.bindings: dict[str, int] = {}
        self.guards: list[Guard] = []
        self.noted_regions: list[Region] = []
        self._unnoted_regions: list[tuple[int, Callable[[], Iterable[Region]]]] = []
        self.gaps: dict[int, Any] = {}
        self.arrays = False
        self.forgot = False
        self.met_non_finite = False
        self.plan: Plan | None = None
        self._constants: dict[str, int] = {}
        self._lines: dict[int, int] = {}  # where spans begin: there are as many as the program has operations
        self._array_entries: tuple[int, list[int]] = (0, [])
        self.dependents: dict[int, tuple[int, set[int]]] = {}
        self.labels: tuple[int, Any] | None = None
        self._shapes: tuple[tuple[int, ...], tuple[tuple[int, ...], ...]] | None = None  # of the entry asked for last

    def __len__(self) -> int:
        return len(self.values)

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: not what it was made by, nor what was found in it, which can be had again."""
        without: dict[str, Any] = {
            "plan": None,
            "labels": None,
            "dependents": {},
            "block_runs": [],
            "_runs_noted": 0,
            "_unnoted_regions": [],
        }
        return self.__dict__ | {"noted_operands": self.operands, "noted_regions": self.regions} | without

    @property
    def operands(self) -> list[tuple[int, ...]]:
        """The entries that each was applied to, all of them earlier."""
        for count in range(self._runs_noted, len(self.block_runs)):
            runs = self.block_runs[count]
            self.noted_operands[runs.start : runs.end] = runs.operands()
            self._runs_noted = count + 1  # and not one more: threads may ask at the same time
        return self.noted_operands

    @property
    def regions(self) -> list[Region]:
        """The loops and calls, in the order in which they began; one inside another comes behind it."""
        if self._unnoted_regions:
            for start, made in self._unnoted_regions:
                regions = list(made())
                self.noted_regions[start : start + len(regions)] = regions
            self._unnoted_regions = []
        return self.noted_regions

    def add_regions(self, count: int, made: Callable[[], Iterable[Region]]) -> None:
        """Append so many regions, which are made when somebody asks for them."""
        self._unnoted_regions.append((len(self.noted_regions), made))
        self.noted_regions.extend([None] * count)  # type: ignore[list-item]

    def count_operands(self, start: int = 0) -> int:
        """How many operands the entries have, from one on; runs of blocks lie wholly behind it."""
        unnoted = self.block_runs[self._runs_noted :]
        in_runs = sum([runs.times * sum(map(len, runs.rows.operands)) for runs in unnoted])
        return sum(map(len, self.noted_operands[start:])) + in_runs

    def add_block_runs(self, runs: BlockRuns) -> None:
        """Append runs of a block, whose values are there already."""
        rows, times = runs.rows, runs.times
        self.operations.extend(rows.operations * times)
        self.noted_operands.extend(((),) * (runs.end - runs.start))
        self.names.extend(rows.names * times)
        self.spans.extend(rows.spans * times)
        self.block_runs.append(runs)

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
        return tuple([values[operand] for operand in self.noted_operands[entry] or self.operands[entry]])

    def operand_shapes(self, entry: int) -> tuple[tuple[int, ...], ...]:
        """The shapes of these values; they are found out once for all that is asked of one entry after another."""
        operands = self.noted_operands[entry] or self.operands[entry]
        if self._shapes is None or self._shapes[0] is not operands:
            shapes = tuple(shapes_of(self.operand_values(entry)))
            self._shapes = operands, shapes
        return self._shapes[1]

    def line(self, entry: int) -> int | None:
        """The line of the source that an entry comes from; None for a constant."""
        span = self.spans[entry]
        if span is None:
            return None
        line = self._lines.get(span.start)
        if line is None:
            line = self._lines[span.start] = self.source.place(span.start)[0]
        return line

    def copy(self) -> Tape:
        """Another tape with the same entries, to which more can be appended."""
        other = Tape(self.source)
        for name in ("operations", "values", "names", "spans", "guards"):
            setattr(other, name, list(getattr(self, name)))
        other.noted_operands, other.noted_regions = list(self.operands), list(self.regions)
        other.arrays, other.gaps = self.arrays, dict(self.gaps)
        other.inputs, other.bindings, other._constants = dict(self.inputs), dict(self.bindings), dict(self._constants)
        return other

    def with_values(self, values: list[Value]) -> Tape:
        """The same entries with other values, which no plan made. All else is shared: nothing may be appended."""
        self.array_entries()  # which both know then
        other = Tape.__new__(Tape)
        other.__dict__.update(self.__dict__, values=values, plan=None)
        return other

    def array_entries(self) -> list[int]:
        """The entries that have to do with arrays, in order: all others are numbers made of numbers."""
        if not self.arrays:
            return []
        done, known = self._array_entries
        if done < len(self):
            for runs in self.block_runs:
                if runs.start >= done:
                    known += [*self._arrays_among(range(done, runs.start)), *runs.whole_entries()]
                    done = runs.end
            known += self._arrays_among(range(done, len(self)))
            self._array_entries = len(self), known
        return known

    def _arrays_among(self, entries: range) -> list[int]:
        operations, values = self.operations, self.values
        whole = {operation for operation in set(operations[entries.start : entries.stop]) if not operation.elementwise}
        return [entry for entry in entries if type(values[entry]) is not float or operations[entry] in whole]

    def append(
        self, operation: Primitive, operands: tuple[int, ...], value: Value, name: str | None, span: Span | None
    ) -> int:
        """Append an entry; its number."""
        self.operations.append(operation)
        self.noted_operands.append(operands)
        self.values.append(value)
        self.names.append(name)
        self.spans.append(span)
        return len(self.values) - 1

"""Runs of a program at one point after another: by the interpreter, by a plan of arrays, or in the engine.

The first run at inputs of some shapes is the interpreter's. Where more follow, what it did becomes a plan, as far as
that pays: of operations on arrays one in Python, of many numbers one of the engine. A plan gives the interpreter's bits
or none, where something comes out otherwise; then the interpreter runs, and the plan is made anew.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from adcli.native.library import engine, product_engine
from adcli.native.plan import OK, Line, NativePlan, NotOurs
from adcli.native.products import HessianAt, ProductLine
from adcli.program.program import Program, differentiates
from adcli.rules.dispatch import shape_of
from adcli.tape.execute import execute
from adcli.tape.limits import Limits
from adcli.tape.reach import varying_entries
from adcli.tape.selected import select
from adcli.tape.tape import Tape, Value
from adcli.tape.what_ran import number_of_run

if TYPE_CHECKING:
    from adcli.tape.compiled import Plan

LONG = 100  # entries of a tape that the engine is for: a shorter one is as fast without it
COMPILES_FROM = 1_000_000  # entries that ran without a part: about as long as it takes to compile
_LARGEST = 3_000_000  # entries of a tape that is kept until it becomes a plan
_MOST_WAYS = 4  # in which a program decides, that have a plan each: to make one takes as long as two runs

Shapes: TypeAlias = tuple[tuple[int, ...], ...]
Plans: TypeAlias = "dict[Shapes, Runs]"  # of a program, by the shapes of its inputs
_MOST_PLANS = 10  # of one program


class EnginePlan:
    """A plan of the engine, with its sweeps."""

    def __init__(self, tape: Tape, native: NativePlan, limits: Limits) -> None:
        """Take a run, what it is in the engine, and the limits that it kept within."""
        self._tape = tape
        self._native = native
        self._limits = limits
        self._lines: dict[tuple[int, ...], Line | None] = {}
        self._products: dict[tuple[int, ...], ProductLine | None] = {}
        self._moved = 0  # entries, as above
        self._run = Line(native, (), ())

    @cached_property
    def kinked(self) -> list[int]:
        """The entries whose operation has a kink somewhere that other points may come to."""
        varying = varying_entries(self._tape, self._tape.inputs.values())
        entries = [entry for entry, operation in enumerate(self._tape.operations) if operation.kink is not None]
        return [entry for entry in entries if not self._is_smooth(entry, varying)]

    def _is_smooth(self, entry: int, varying: Sequence[bool]) -> bool:
        """Whether an operation has no kink whatever its first operand is, as all others are the same at all points."""
        kink, others = self._tape.operations[entry].kink, self._tape.operands[entry][1:]
        if kink is None or kink.absent is None or any(varying[other] for other in others):
            return False
        values = [self._tape.values[other] for other in others]
        return all(type(value) is float for value in values) and kink.absent(values)

    def run(self, point: Mapping[str, Value], limits: Limits) -> Tape | None:
        """The tape of a run at a point; None where it might be another than the interpreter's."""
        if not self._limits.within(limits):
            return None
        numbers = self._run.values(_components_of(point, self._tape.inputs))
        if numbers is None:
            return None
        values: list[Value] = numbers[: len(self._tape)].tolist()
        for entry in self._array_entries:
            values[entry] = self._tape.values[entry]
        for name, entry in self._tape.inputs.items():
            values[entry] = point[name]
        tape = self._tape.with_values(values)
        tape.plan = _Ran(self, numbers)
        return tape

    def gradient(
        self, point: Mapping[str, Value], limits: Limits, of: str, wrt: Sequence[str]
    ) -> tuple[float, list[Value]] | None:
        """A value with its derivatives by some inputs; None where they might be others than the interpreter's."""
        entries = [self._tape.inputs[name] for name in wrt]
        line = self._line_of(of, entries) if self._limits.within(limits) else None
        if line is None:
            return None
        status, found = line.gradient(_components_of(point, self._tape.inputs))
        if status != OK:
            return None
        return found[0], _as_inputs(array("d", found[1:]), [self._tape.values[entry] for entry in entries])

    def _line_of(self, of: str, entries: Sequence[int]) -> Line | None:
        """The line to a number with its sweep; None for an array and a component of one, which have no slot."""
        selected = select(self._tape, of)
        is_number = not selected.subscripts and type(self._tape.values[selected.entry]) is float
        return self.line((selected.entry,), entries) if is_number else None

    @cached_property
    def _array_entries(self) -> list[int]:
        return [entry for entry, value in enumerate(self._tape.values) if type(value) is not float]

    def line(self, seeds: Sequence[int], inputs: Sequence[int]) -> Line | None:
        """The line with a sweep; None where the engine has not all of its rules."""
        return _kept(self._lines, (*inputs, -1, *seeds), lambda: Line(self._native, seeds, inputs))

    def products(self, output: int, inputs: Sequence[int], along: Sequence[int]) -> ProductLine | None:
        """What gives products with a Hessian; None where there is no engine for them, or one without all rules."""
        self._moved += 3 * len(self._tape)  # in Python it takes as long as three runs, or longer
        found = product_engine(self._moved >= COMPILES_FROM)
        if found is None:
            return None
        key = (output, *inputs, -1, *along)
        return _kept(self._products, key, lambda: ProductLine(self._native, found, output, inputs, along))

    @cached_property
    def number(self) -> int:
        """What tells it from other runs of its program."""
        return number_of_run(self._tape)


_MOST_SWEEPS = 100  # of one plan
_Swept = TypeVar("_Swept")


def _kept(
    known: dict[tuple[int, ...], _Swept | None], key: tuple[int, ...], make: Callable[[], _Swept]
) -> _Swept | None:
    """What was made for a key, or is made now; None where the engine cannot have it."""
    if key not in known:
        if len(known) >= _MOST_SWEEPS:
            known.clear()
        try:
            known[key] = make()
        except NotOurs:
            known[key] = None
    return known[key]


class _Ran:
    """One run of a plan of the engine, with its numbers."""

    def __init__(self, plan: EnginePlan, numbers: array[float]) -> None:
        self._plan = plan
        self._numbers = numbers

    @property
    def kinked(self) -> list[int]:
        return self._plan.kinked

    @property
    def number(self) -> int:
        return self._plan.number

    def hessian(self, tape: Tape, output: int, inputs: Sequence[str], along: Sequence[str]) -> HessianAt | None:
        """The Hessian of an entry by some inputs, as a function of directions of some.

        None where the engine has not all of the rules, and where there are arrays, of which the recorded sweep tells.
        """
        if tape.arrays or not inputs:
            return None
        entries = [[tape.inputs[name] for name in names] for names in (inputs, along)]
        line = self._plan.products(output, *entries)
        return None if line is None else HessianAt(line, self._numbers, inputs, along)

    def sweep(self, tape: Tape, seeds: Mapping[int, Value], inputs: Sequence[int]) -> list[Value] | None:
        """The derivatives at some inputs, given the adjoints that a reverse sweep starts with.

        None where a rule needs more than its formula, which the ordinary sweep knows.
        """
        if not all(type(seed) is float for seed in seeds.values()):
            return None
        line = self._plan.line(tuple(seeds), inputs)
        found = None if line is None else line.sweep(self._numbers, seeds)
        return None if found is None else _as_inputs(found, [tape.values[entry] for entry in inputs])


def _components_of(point: Mapping[str, Value], names: Mapping[str, int]) -> array[float]:
    components = array("d")
    for name in names:
        value = point[name]
        if type(value) is float:
            components.append(value)
        else:
            components.frombytes(value.tobytes())
    return components


def _as_inputs(components: array[float], inputs: Sequence[Value]) -> list[Value]:
    """Components as numbers and arrays of the shapes of the inputs."""
    found: list[Value] = []
    start = 0
    for value in inputs:
        shape = shape_of(value)
        if not shape:
            found.append(components[start])
            start += 1
            continue
        import numpy as np

        end = start + value.size
        found.append(np.array(components[start:end]).reshape(shape))
        start = end
    return found


class Runs:
    """The runs of a program at inputs of some shapes, as they go on.

    Attributes:
        of_arrays: the plan in Python, where there is one
        of_engine: the plans of the engine, one for each way in which the program has decided lately
    """

    def __init__(self, program: Program) -> None:
        self.of_arrays: Plan | None = None
        self.of_engine: list[EnginePlan] = []
        self._program = program
        self._candidate: Tape | None = None  # the last run that may become a plan of the engine
        self._interpreted = 0  # entries
        self._misses = 0  # runs in a row that no plan had
        self._is_ours = not differentiates(program)  # what the engine may have, as far as is known

    def tape(self, point: Mapping[str, Value], limits: Limits) -> Tape:
        """The tape at a point, for gradients alone."""
        self._make_plan(limits)
        for plan in self.of_engine:
            tape = plan.run(point, limits)
            if tape is not None:
                self._misses = 0
                return tape
        tape = None if self.of_arrays is None else self.of_arrays.run(point, limits)
        if tape is None:
            tape = execute(self._program, point, limits, forget=True)
            self._note(tape, limits)
        return tape

    def gradient(
        self, point: Mapping[str, Value], limits: Limits, of: str, wrt: Sequence[str]
    ) -> tuple[float, list[Value]] | None:
        """A value with its derivatives by some inputs, if the engine can say; then there is no tape."""
        self._make_plan(limits)
        for plan in self.of_engine:
            found = plan.gradient(point, limits, of, wrt)
            if found is not None:
                self._misses = 0
                return found
        return None

    def _make_plan(self, limits: Limits) -> None:
        """Make a plan of the engine of what ran last, if there is the engine."""
        tape, self._candidate = self._candidate, None  # without an engine it would only take memory
        found = None if tape is None else engine(self._interpreted >= COMPILES_FROM)
        if tape is None or found is None:
            return
        try:
            self.of_engine.insert(0, EnginePlan(tape, NativePlan(tape, found), limits))
        except NotOurs:
            self._is_ours = False
        del self.of_engine[_MOST_WAYS:]

    def _note(self, tape: Tape, limits: Limits) -> None:
        """Note what the interpreter did."""
        self._interpreted += len(tape)
        self._misses += 1
        if self._is_ours and LONG <= len(tape) <= _LARGEST and self._is_worth_a_plan:
            self._candidate = tape
        if tape.arrays and self.of_arrays is None:
            from adcli.tape.compiled import array_plan  # which programs of numbers do not need

            self.of_arrays = array_plan(self._program, tape, limits)

    @property
    def _is_worth_a_plan(self) -> bool:
        """Whether there is room for another way, or those that are known have not been taken for long."""
        return len(self.of_engine) < _MOST_WAYS or self._misses > 2 * _MOST_WAYS


def tape_by_plan(program: Program, point: Mapping[str, Value], limits: Limits, plans: Plans) -> Tape:
    """The tape of a program at a point, for gradients alone: by a plan, or by the interpreter, which may make one."""
    shapes = _shapes(point)
    runs = plans.get(shapes)
    if runs is None:
        if len(plans) >= _MOST_PLANS:
            plans.clear()
        runs = plans[shapes] = Runs(program)
    return runs.tape(point, limits)


def gradient_by_plan(
    point: Mapping[str, Value], limits: Limits, plans: Plans, of: str, wrt: Sequence[str]
) -> tuple[float, list[Value]] | None:
    """A value of a program with its derivatives by some inputs, in the engine; None where it has no plan for these."""
    runs = plans.get(_shapes(point))
    return None if runs is None else runs.gradient(point, limits, of, wrt)


def _shapes(point: Mapping[str, Value]) -> Shapes:
    return tuple([shape_of(value) for value in point.values()])

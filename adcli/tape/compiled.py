"""Straight lines of array operations, run again on inputs of the same shapes without looking anything up.

A program whose decisions do not depend on its inputs, as those of a counted loop, does the same at every point. Its
first run tells which operations on which entries these are, what shapes come out, which values a sweep reads and by
which rules; later runs only compute. Whatever comes out otherwise - an infinity, a refusal, another shape - leaves the
run to the interpreter, which says all there is to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property

import numpy as np

from adcli.program.program import Program
from adcli.rules.compile import RAISED
from adcli.rules.dispatch import shape_of
from adcli.tape.compiled_run import run_function
from adcli.tape.compiled_sweep import sweep_function
from adcli.tape.limits import Limits
from adcli.tape.reach import varying_entries, varying_guards
from adcli.tape.storage import stand_in
from adcli.tape.tape import Tape, Value


class Plan:
    """What a program does at all points whose inputs have the shapes of one run."""

    def __init__(self, program: Program, tape: Tape, limits: Limits) -> None:
        """Take the program and a run of it, which `_can_be_compiled`, and the limit of that."""
        self._limits = limits
        self._runs = 1
        self._tape = tape.copy()
        self._tape.values = [stand_in(shape) if (shape := shape_of(value)) else value for value in tape.values]
        self._tape.forgot = True
        self._outputs = program.outputs
        self._pays_from = min(len(tape) * len(program.outputs), _MOST_ENTRIES) / _ENTRIES_PER_RUN
        self._sweeps: dict[tuple[int, ...], Callable[..., list[Value]]] = {}

    @cached_property
    def _run(self) -> Callable[..., list[Value] | None]:
        return run_function(self._tape, [self._tape.bindings[name] for name in self._outputs])

    @cached_property
    def kinked(self) -> list[int]:
        """The entries whose operations have kinks that their operands may come to."""
        tape, varying = self._tape, varying_entries(self._tape, self._tape.inputs.values())

        def is_smooth(entry: int) -> bool:
            operation, operands, value = tape.operations[entry], tape.operand_values(entry), tape.values[entry]
            if operation.kink is None:
                return True
            places = zip(tape.operands[entry], operands, strict=True)
            if not operation.elementwise or any(varying[place] and not shape_of(operand) for place, operand in places):
                return False
            gap = operation.kink.gap(operands, value)
            return type(gap) is float and gap != 0  # one for all elements: it has nothing to do with their values

        return [entry for entry in range(len(tape)) if not is_smooth(entry)]

    @property
    def number(self) -> None:
        """Nothing: where inputs tell places, points differ."""

    def hessian(self, tape: Tape, output: int, inputs: Sequence[str], along: Sequence[str]) -> None:
        """Nothing: second derivatives of arrays are those of the recorded sweep."""

    def run(self, point: Mapping[str, Value], limits: Limits) -> Tape | None:
        """The tape of a run at a point; None where it might be another than the interpreter's, or is no gain yet."""
        if not self._limits.within(limits) or self._runs < self._pays_from:
            self._runs += 1
            return None
        try:
            with strict():
                values = self._run(*[point[name] for name in self._tape.inputs])
        except RAISED:
            return None
        if values is None:
            return None
        tape = self._tape.with_values(values)
        tape.plan = self
        return tape

    def sweep(self, tape: Tape, seeds: Mapping[int, Value], inputs: Sequence[int]) -> list[Value] | None:
        """The derivatives at some inputs of a tape of this plan, given the adjoints that a reverse sweep starts with.

        None where a rule needs more than its formula, which the ordinary sweep knows.
        """
        entries = (*inputs, -1, *seeds)
        written = self._sweeps.get(entries)
        if written is None:
            if len(self._sweeps) >= _MOST_SWEEPS:
                self._sweeps.clear()
            written = self._sweeps[entries] = sweep_function(self._tape, tuple(seeds), inputs)
        try:
            with strict():
                return written(tape.values, *seeds.values())
        except RAISED:
            return None


def strict() -> AbstractContextManager[object]:
    """Let NumPy raise what it would warn of: an infinity or a NaN is the interpreter's to tell."""
    return np.errstate(divide="raise", over="raise", invalid="raise", under="ignore")


# To write out a long program, or a sweep for each of many outputs, takes as long as some ten runs: only one that has
# run a few times will run many more.
_ENTRIES_PER_RUN = 1_000
_MOST_ENTRIES = 10_000

_MOST_SWEEPS = 100  # of one plan


def array_plan(program: Program, tape: Tape, limits: Limits) -> Plan | None:
    """The plan of a run; None where it does not tell all of what happens at other points."""
    return Plan(program, tape, limits) if _can_be_compiled(tape) else None


def _can_be_compiled(tape: Tape) -> bool:
    """Whether a run tells all of what happens at points with inputs of the same shapes."""
    if not tape.arrays or not tape.forgot or tape.met_non_finite or tape.gaps or len(tape) > _MOST_ENTRIES:
        return False
    return decides_alike(tape, tape.inputs.values())


def decides_alike(tape: Tape, sources: Iterable[int]) -> bool:
    """Whether no decision of a run has to do with the values of some entries."""
    if not tape.guards:
        return True
    varying = varying_entries(tape, sources)
    return not varying_guards(tape, varying)

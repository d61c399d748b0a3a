"""A run of a program → what each command says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from adcli.derive.modes import gradient
from adcli.derive.reverse import contributions
from adcli.errors import AdError, Problem
from adcli.program.program import Program
from adcli.program.suggest import did_you_mean
from adcli.report.model import (
    Evaluation,
    Gradient,
    NamedValue,
    Partial,
    SweepReport,
    SweepRow,
    TapeEntry,
    TapeReport,
)
from adcli.rules.formula import partial
from adcli.rules.table import CONSTANT
from adcli.tape.describe import (
    contribution_text,
    find_entry,
    first_not_finite,
    labels,
    not_finite_text,
    numbers,
    operation_text,
    partial_text,
)
from adcli.tape.execute import execute
from adcli.tape.point import resolve
from adcli.tape.tape import Tape
from adcli.trust.compare import Comparer, Difference


class Run(NamedTuple):
    """A program that ran at a point."""

    program: Program
    point: Mapping[str, float]
    tape: Tape
    warnings: tuple[Problem, ...]


def run_program(program: Program, given: Mapping[str, float | str]) -> Run:
    """Run a program with some inputs given; raises AdError where they do not fit."""
    point, warnings = resolve(program, given)
    tape = execute(program, point)
    entry = first_not_finite(tape)
    if entry is not None:
        text = f"the first value that is not finite is {not_finite_text(tape, entry)}"
        warnings.append(Problem("not-finite", text, tape.spans[entry]))
    return Run(program, point, tape, tuple(warnings))


def evaluation(run: Run) -> Evaluation:
    """Every named value."""
    tape = run.tape
    names = labels(tape)
    outputs = {tape.bindings[name] for name in run.program.outputs}
    rows = [
        NamedValue(names[entry], tape.values[entry], operation_text(tape, entry, names), tape.line(entry), entry in outputs)
        for entry in range(len(tape))
        if tape.names[entry] is not None and tape.operations[entry] is not CONSTANT
    ]
    return Evaluation(*_head(run, None), tuple(rows))


def gradients(
    run: Run,
    of: str | None = None,
    wrt: Sequence[str] | None = None,
    difference: Difference | None = None,
    seed: int = 0,
) -> Gradient:
    """The gradient of every output, or of one named value, beside its differences."""
    inputs = chosen_inputs(run.program, wrt)
    outputs = run.program.outputs if of is None else (of,)
    slopes = {name: gradient(run.tape, find_entry(run.tape, name), inputs) for name in outputs}
    comparer = Comparer(run.program, run.point, run.tape)
    comparisons = {name: comparer.compare(name, slopes[name], difference, seed) for name in outputs}
    return Gradient(*_head(run, of), slopes, comparisons)


def tape_report(run: Run, wrt: Sequence[str] | None = None) -> TapeReport:
    """Every entry of the tape, with its partials."""
    tape = run.tape
    names, places = labels(tape), numbers(tape)
    active = tape.active([tape.inputs[name] for name in chosen_inputs(run.program, wrt)])
    rows = []
    for entry, operation in enumerate(tape.operations):
        if operation is CONSTANT:
            continue
        operands = tape.operands[entry]
        values = tape.operand_values(entry)
        partials = tuple(
            Partial(
                names[source],
                partial_text(tape, entry, position, names),
                partial(operation, position, values, tape.values[entry]),
            )
            for position, source in enumerate(operands)
            if active[source]
        )
        shown = tuple(
            tape.values[source] if tape.operations[source] is CONSTANT else places[source] for source in operands
        )
        text = operation_text(tape, entry, names)
        row = TapeEntry(
            places[entry], tape.names[entry] and names[entry], names[entry], text, shown, tape.values[entry],
            partials, tape.line(entry), active[entry],
        )  # fmt: skip
        rows.append(row)
    return TapeReport(*_head(run, None), tuple(rows), lambda of=None: sweep_report(run, of, wrt))


def sweep_report(run: Run, of: str | None = None, wrt: Sequence[str] | None = None) -> SweepReport:
    """The reverse sweep from one output (the first, if none is named), contribution by contribution."""
    tape = run.tape
    output = run.program.outputs[0] if of is None else of
    start = find_entry(tape, output)
    inputs = chosen_inputs(run.program, wrt)
    names = labels(tape)
    active = tape.active([tape.inputs[name] for name in inputs])
    terms = list(contributions(tape, {start: 1.0}, active))
    uses: dict[int, int] = {}
    for term in terms:
        uses[term.target] = uses.get(term.target, 0) + 1
    received: dict[int, int] = {}
    adjoints = {start: 1.0}
    rows = []
    for term in terms:
        received[term.target] = received.get(term.target, 0) + 1
        row = SweepRow(
            term.step,
            names[term.entry],
            operation_text(tape, term.entry, names),
            adjoints[term.entry],
            names[term.target],
            contribution_text(tape, term.entry, term.position, names),
            term.contribution,
            term.before or 0.0,
            term.after,
            received[term.target],
            uses[term.target],
            tape.line(term.entry),
        )
        adjoints[term.target] = term.after
        rows.append(row)
    swept = {names[entry]: value for entry, value in adjoints.items()}
    slopes = {name: adjoints.get(tape.inputs[name], 0.0) for name in inputs}
    return SweepReport(*_head(run, of), output, tuple(rows), swept, {output: slopes})


def chosen_inputs(program: Program, wrt: Sequence[str] | None) -> list[str]:
    """The inputs to differentiate by, in the program's order; raises AdError `unknown-input`."""
    known = [variable.name for variable in program.inputs]
    if wrt is None:
        return known
    problems = [
        Problem("unknown-input", f"the program has no input `{name}` to differentiate by", help=did_you_mean(name, known))
        for name in wrt
        if name not in known
    ]
    if problems:
        raise AdError(problems)
    return [name for name in known if name in wrt]


def _head(run: Run, of: str | None) -> tuple[object, ...]:
    """What every report starts with. The outputs are the program's, and a named value that was asked for."""
    names = dict.fromkeys((*run.program.outputs, of) if of is not None else run.program.outputs)
    outputs = {name: run.tape.values[find_entry(run.tape, name)] for name in names if name is not None}
    return run.program.source, run.point, run.warnings, outputs

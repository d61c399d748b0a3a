"""The derivative as a program: the recorded sweep, printed in the language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adcli.emit.ad import Emitted, program_text
from adcli.emit.edges import kept_edges
from adcli.emit.heading import canonical, changeable_guards, conventions, declaration_text, sizes_text, validity
from adcli.emit.literals import number_literal
from adcli.emit.naming import bound_names, fresh_names
from adcli.program.program import Program
from adcli.rules.dispatch import shape_of
from adcli.syntax.source import Span
from adcli.tape.counting import with_exact_counts
from adcli.tape.labels import adjoint_name, tangent_name
from adcli.tape.reach import active_entries, varying_entries
from adcli.tape.record import record_forward, record_sweep
from adcli.tape.recorded_terms import append_zeros
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Guard, Tape, Value


def adjoint_program(
    program: Program, point: Mapping[str, Value], tape: Tape, output: str, inputs: Sequence[str], keep_guards: bool,
    used: Sequence[str] = (),
) -> str:  # fmt: skip
    """The reverse sweep from a named value, as a program with the outputs `bar_x`, `bar_y` ….

    Args:
        program, point, tape: the run
        output: the value that is differentiated
        inputs: what it is differentiated by
        keep_guards: whether the program requires the decisions to come out as they did
        used: which conventions rules have used at the point, as it is told at the top
    """
    return program_text(_reverse(program, point, tape, output, inputs, keep_guards, used))  # the adjoints are given up


def _reverse(
    program: Program, point: Mapping[str, Value], tape: Tape, output: str, inputs: Sequence[str], keep_guards: bool,
    used: Sequence[str],
) -> Emitted:  # fmt: skip
    """The recorded sweep, and what is to be printed of it."""
    tape, entries = with_entries(tape, [select(tape, output)])
    longer = tape.copy()
    active = active_entries(longer, [longer.inputs[name] for name in inputs])
    seed = longer.constant("1", 1.0)
    adjoints = record_sweep(longer, {entries[output]: seed}, active)
    for name in inputs:
        entry = longer.inputs[name]
        if shape_of(longer.values[entry]):  # an array that nothing was received by is an array of zeros
            adjoints.setdefault(entry, append_zeros(longer, entry))
    guards = changeable_guards(tape)
    called = fresh_names(inputs, adjoint_name, tape.inputs)
    title = [
        f"The reverse sweep of {program.source.name} from {output}: bar_x is the derivative of {output} by x.",
        *validity(tape, point, guards),
        *conventions(used),
    ]
    return Emitted(
        longer,
        title,
        [declaration_text(variable, point[variable.name]) for variable in program.inputs],
        bound_names(tape, dict(reversed(list(adjoints.items()))), adjoint_name, called),
        {called[name]: adjoints.get(longer.inputs[name]) for name in inputs},
        _kept(longer, guards) if keep_guards else (),
    )


def tangent_program(
    program: Program,
    point: Mapping[str, Value],
    tape: Tape,
    outputs: Sequence[str],
    inputs: Sequence[str],
    direction: Mapping[str, Value],
    keep_guards: bool,
    used: Sequence[str] = (),
) -> str:
    """The forward sweep as a program, with an input `dot_x` for each `x`, and an output `dot_L` for each `L`.

    Args:
        program, point, tape: the run
        outputs: the values that are differentiated
        inputs: those that have tangents
        direction: the defaults of the tangents; where it is empty they have none
        keep_guards: whether the program requires the decisions to come out as they did
        used: which conventions rules have used at the point, as it is told at the top
    """
    return program_text(_forward(program, point, tape, outputs, inputs, direction, keep_guards, used))


def _forward(
    program: Program, point: Mapping[str, Value], tape: Tape, outputs: Sequence[str], inputs: Sequence[str],
    direction: Mapping[str, Value], keep_guards: bool, used: Sequence[str],
) -> Emitted:  # fmt: skip
    """The recorded sweep, and what is to be printed of it."""
    tape, entries = with_entries(tape, [select(tape, name) for name in outputs])
    longer = tape.copy()
    called = fresh_names(inputs, tangent_name, tape.inputs)
    dots = {
        tape.inputs[name]: longer.input(called[name], direction.get(name, point[name]), Span(0, 0)) for name in inputs
    }
    tangents = record_forward(longer, dots, len(tape))
    guards = changeable_guards(tape)
    title = [
        f"The forward sweep of {program.source.name}: {', '.join(called.values())} are the tangents of inputs.",
        *validity(tape, point, guards),
        *conventions(used),
    ]
    declarations = [declaration_text(variable, point[variable.name]) for variable in program.inputs]
    for name in inputs:
        default = f" = {number_literal(direction.get(name, 0.0))}" if direction else ""
        declarations.append(canonical(f"input {called[name]}{sizes_text(point[name])}{default}"))
    names = bound_names(tape, tangents, tangent_name, called)
    names |= {dots[tape.inputs[name]]: called[name] for name in inputs}
    results = fresh_names(outputs, tangent_name, longer.inputs)
    ends: dict[str, int | None] = {}
    for name, entry in entries.items():
        tangent = tangents.get(entry)
        ends[results[name]] = (
            append_zeros(longer, entry) if tangent is None and shape_of(tape.values[entry]) else tangent
        )
    return Emitted(longer, title, declarations, names, ends, _kept(longer, guards) if keep_guards else ())


def _kept(tape: Tape, guards: Sequence[Guard]) -> list[Guard]:
    """What a program requires of other inputs: decisions, and that numbers at the edge of a rule are at it still."""
    varying = varying_entries(tape, tape.inputs.values(), by_shape=False)
    return [*with_exact_counts(tape, guards), *kept_edges(tape, varying)]

"""The derivative as a program: the recorded sweep, printed in the language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from adcli.emit.ad import Emitted, program_text
from adcli.emit.lines import number_literal
from adcli.emit.naming import bound_names, fresh_names
from adcli.program.program import InputVariable, Program
from adcli.rules.dispatch import shape_of
from adcli.syntax.format import format_expression, format_tree
from adcli.syntax.parse import parse
from adcli.syntax.source import Source, Span
from adcli.tape.components import flattened
from adcli.tape.labels import adjoint_name, tangent_name
from adcli.tape.reach import active_entries
from adcli.tape.record import record_forward, record_sweep
from adcli.tape.recorded_terms import append_zeros
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Guard, Tape, Value

_SHOWN = 10  # elements of an array that a comment repeats


def adjoint_program(
    program: Program, point: Mapping[str, Value], tape: Tape, output: str, inputs: Sequence[str], keep_guards: bool
) -> str:
    """The reverse sweep from a named value, as a program with the outputs `bar_x`, `bar_y` ….

    Args:
        program, point, tape: the run
        output: the value that is differentiated
        inputs: what it is differentiated by
        keep_guards: whether the program requires the decisions to come out as they did
    """
    tape, entries = with_entries(tape, [select(tape, output)])
    longer = tape.copy()
    active = active_entries(longer, [longer.inputs[name] for name in inputs])
    seed = longer.constant("1", 1.0)
    adjoints = record_sweep(longer, {entries[output]: seed}, active)
    for name in inputs:
        entry = longer.inputs[name]
        if shape_of(longer.values[entry]):  # an array that nothing was received by is an array of zeros
            adjoints.setdefault(entry, append_zeros(longer, entry))
    guards = varying_guards(tape)
    called = fresh_names(inputs, adjoint_name, tape.inputs)
    title = [
        f"The reverse sweep of {program.source.name} from {output}: bar_x is the derivative of {output} by x.",
        *validity(tape, point, guards),
    ]
    return program_text(
        Emitted(
            longer,
            title,
            [declaration_text(variable, point[variable.name]) for variable in program.inputs],
            bound_names(tape, dict(reversed(list(adjoints.items()))), adjoint_name, called),
            {called[name]: adjoints.get(longer.inputs[name]) for name in inputs},
            guards if keep_guards else (),
        )
    )


def tangent_program(
    program: Program,
    point: Mapping[str, Value],
    tape: Tape,
    outputs: Sequence[str],
    inputs: Sequence[str],
    direction: Mapping[str, Value],
    keep_guards: bool,
) -> str:
    """The forward sweep as a program, with an input `dot_x` for each `x`, and an output `dot_L` for each `L`.

    Args:
        program, point, tape: the run
        outputs: the values that are differentiated
        inputs: those that have tangents
        direction: the defaults of the tangents; where it is empty they have none
        keep_guards: whether the program requires the decisions to come out as they did
    """
    tape, entries = with_entries(tape, [select(tape, name) for name in outputs])
    longer = tape.copy()
    called = fresh_names(inputs, tangent_name, tape.inputs)
    dots = {
        tape.inputs[name]: longer.input(called[name], direction.get(name, point[name]), Span(0, 0)) for name in inputs
    }
    tangents = record_forward(longer, dots, len(tape))
    guards = varying_guards(tape)
    title = [
        f"The forward sweep of {program.source.name}: {', '.join(called.values())} are the tangents of inputs.",
        *validity(tape, point, guards),
    ]
    declarations = [declaration_text(variable, point[variable.name]) for variable in program.inputs]
    for name in inputs:
        default = f" = {number_literal(direction.get(name, 0.0))}" if direction else ""
        declarations.append(_canonical(f"input {called[name]}{_sizes(point[name])}{default}"))
    names = bound_names(tape, tangents, tangent_name, called)
    names |= {dots[tape.inputs[name]]: called[name] for name in inputs}
    results = fresh_names(outputs, tangent_name, longer.inputs)
    ends: dict[str, int | None] = {}
    for name, entry in entries.items():
        tangent = tangents.get(entry)
        ends[results[name]] = (
            append_zeros(longer, entry) if tangent is None and shape_of(tape.values[entry]) else tangent
        )
    return program_text(Emitted(longer, title, declarations, names, ends, guards if keep_guards else ()))


def varying_guards(tape: Tape) -> list[Guard]:
    """The decisions that any input can change: also one that is not differentiated by may be given."""
    active = active_entries(tape, list(tape.inputs.values()))
    return [guard for guard in tape.guards if active[guard.left] or active[guard.right]]


def validity(tape: Tape, point: Mapping[str, Value], guards: Sequence[Guard]) -> Iterator[str]:
    """Where the program holds."""
    shown = ", ".join(
        f"{name} = {number_literal(value)}" if len(flattened({name: value})) <= _SHOWN else f"the given {name}"
        for name, value in point.items()
    )
    if not (tape.guards or tape.regions):
        return
    yield f"It is the straight line that ran at {shown}." if shown else "It is the straight line that ran."
    if not guards:
        return
    yield "It holds where these decisions come out as they did:"
    counts: dict[Span, list[int]] = {}
    for guard in guards:
        counts.setdefault(guard.span, [0, 0])[guard.holds] += 1
    for span, (fails, holds) in counts.items():
        line, _ = tape.source.place(span.start)
        text = " ".join(tape.source.text[slice(*span)].split())
        times = [f"{what} {_times(number)}" for what, number in (("holds", holds), ("fails", fails)) if number]
        yield f"  line {line}: `{text}` {' and '.join(times)}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def declaration_text(variable: InputVariable, value: Value) -> str:
    """`input x = 2 in [0, 4]  # help`: the input as its program declares it, with a value of its own."""
    text = f"input {variable.name}{_sizes(value)} = {number_literal(value)}"
    if variable.declaration.range is not None:
        low, high = map(format_expression, variable.declaration.range)
        text += f" in [{low}, {high}]"
    return _canonical(f"{text}  # {variable.help}" if variable.help else text)


def _canonical(declaration: str) -> str:
    """A declaration as `fmt` prints it: over several lines, if it is long."""
    return format_tree(parse(Source("", declaration))).rstrip("\n")


def _sizes(value: Value) -> str:
    """`[3, 2]`: the shape of an input in its declaration; nothing for a number."""
    shape = shape_of(value)
    return f"[{', '.join(map(str, shape))}]" if shape else ""

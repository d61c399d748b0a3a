"""What stands at the head of an emitted text: where it holds, and the inputs as their program declares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from adcli.emit.literals import number_literal
from adcli.program.program import InputVariable
from adcli.rules.dispatch import shape_of
from adcli.syntax.format import format_expression, format_tree
from adcli.syntax.parse import parse
from adcli.syntax.source import Source, Span
from adcli.tape.reach import active_entries, varying_guards
from adcli.tape.tape import Guard, Tape, Value

_SHOWN = 10  # elements of an array that a comment repeats


def changeable_guards(tape: Tape) -> list[Guard]:
    """The decisions that any input can change: also one that is not differentiated by may be given."""
    active = active_entries(tape, list(tape.inputs.values()))
    return varying_guards(tape, active)


def validity(tape: Tape, point: Mapping[str, Value], guards: Sequence[Guard]) -> Iterator[str]:
    """Where the program holds."""
    if not (tape.guards or tape.regions):
        return
    shown = ", ".join(
        f"{name} = {number_literal(value)}" if prod(shape_of(value)) <= _SHOWN else f"the given {name}"
        for name, value in point.items()
    )
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


def conventions(used: Sequence[str]) -> Iterator[str]:
    """Which conventions rules have used at the point of the run."""
    if used:
        yield "At the point that it was made at:"
        yield from (f"  {text}" for text in used)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def declaration_text(variable: InputVariable, value: Value) -> str:
    """`input x = 2 in [0, 4]  # help`: the input as its program declares it, with a value of its own."""
    text = f"input {variable.name}{sizes_text(value)} = {number_literal(value)}"
    if variable.declaration.range is not None:
        low, high = map(format_expression, variable.declaration.range)
        text += f" in [{low}, {high}]"
    return canonical(f"{text}  # {variable.help}" if variable.help else text)


def canonical(declaration: str) -> str:
    """A declaration as `fmt` prints it: over several lines, if it is long."""
    return format_tree(parse(Source("", declaration))).rstrip("\n")


def sizes_text(value: Value) -> str:
    """`[3, 2]`: the shape of an input in its declaration; nothing for a number."""
    shape = shape_of(value)
    return f"[{', '.join(map(str, shape))}]" if shape else ""

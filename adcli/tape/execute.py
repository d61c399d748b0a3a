"""The interpreter: Program × inputs → Tape. The same `run` writes a rule's formula onto the tape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adcli.program.code import Code
from adcli.program.program import Program
from adcli.rules.formula import RAISED, ieee_value
from adcli.syntax.source import Source
from adcli.tape.tape import Tape


def execute(program: Program, point: Mapping[str, float]) -> Tape:
    """Run a program at a point, which has a value for every input."""
    tape = Tape(program.source)
    arguments = [
        tape.input(variable.name, point[variable.name], variable.declaration.span) for variable in program.inputs
    ]
    slots = run(program.code, tape, arguments)
    tape.bindings = {name: slots[slot] for name, slot in program.code.bindings.items()}
    return tape


def run(code: Code, tape: Tape, arguments: Sequence[int]) -> list[int]:
    """Append the operations of some code, with its parameters bound to entries; the entry of each slot."""
    slots = list(arguments)
    slots += [tape.constant(text, value) for text, value in code.constants]
    first = len(slots)
    values = tape.values
    add_value, add_operands, add_slot = values.append, tape.operands.append, slots.append
    for entry, (function, operands) in enumerate(zip(code.functions, code.operands, strict=True), start=len(values)):
        try:
            if len(operands) == 2:
                left, right = operands
                entries: tuple[int, ...] = (slots[left], slots[right])
                value = function(values[entries[0]], values[entries[1]])
            elif len(operands) == 1:
                source = slots[operands[0]]
                entries = (source,)
                value = function(values[source])
            else:
                entries = tuple([slots[operand] for operand in operands])
                value = function(*[values[operand] for operand in entries])
        except RAISED:
            value = ieee_value(code.operations[len(slots) - first], [values[operand] for operand in entries])
        add_operands(entries)
        add_value(value)
        add_slot(entry)
    tape.operations += code.operations
    tape.names += code.names
    tape.spans += code.spans
    return slots


def constant_value(code: Code) -> float:
    """The value of an expression without inputs."""
    tape = Tape(Source("", ""))
    return tape.values[run(code, tape, ())[code.result]]

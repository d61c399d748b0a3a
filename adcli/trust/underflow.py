"""Zeros that exact arithmetic has not: values and partials that are too small for a float."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.rules.table import CONSTANT, COPY, INPUT
from adcli.tape.tape import Tape, Value
from adcli.trust.paths import Step

# Operations of which the slope, and those of which the value, is never 0 in exact arithmetic; and those that are 0 only
# where their operand is.
_NEVER_FLAT = ("exp", "exp2", "expm1", "tanh", "sigmoid", "softplus", "erf", "erfc", "atan", "asinh", "log", "sqrt")
_NEVER_ZERO = ("exp", "exp2", "sigmoid", "softplus", "erfc", "gauss", "sech")
_ZERO_WITH_THEIR_OPERAND = (
    "neg",
    "copy",
    "abs",
    "sqrt",
    "cbrt",
    "sin",
    "tan",
    "tanh",
    "atan",
    "asinh",
    "sinh",
    "expm1",
)


def underflows(tape: Tape, step: Step, moved: Sequence[Value | None] | None) -> bool:
    """Whether a partial of 0 is one that exact arithmetic has not; of arrays where their elements have moved."""
    operation, operands = tape.operations[step.entry], tape.operands[step.entry]
    first, moving = operands[0], None if moved is None else moved[operands[step.position]]
    if operation.name in _NEVER_FLAT:
        return True
    if operation.name in ("gauss", "sech"):
        return _is_nowhere_zero(tape.values[first], moving)
    if operation.name == "mul":
        return vanished(tape, operands[1 - step.position])
    if operation.name == "div":
        return step.position == 0 or _is_nowhere_zero(tape.values[first], moving) or vanished(tape, first)
    return (
        operation.name == "pow"
        and step.position == 0
        and all(_is_nowhere_zero(tape.values[operand], moving) for operand in operands)
    )


def _is_nowhere_zero(value: Value, moving: Value | None) -> bool:
    """Whether no element of a value is 0 that meets one that moves."""
    if type(value) is float and (moving is None or type(moving) is float):
        return value != 0
    import numpy

    return bool(numpy.all((value != 0) | (moving == 0)))


def vanished(tape: Tape, entry: int) -> bool:
    """Whether a value is 0 by underflow: in exact arithmetic it is not."""
    todo = [entry]
    while todo:
        entry = todo.pop()
        value, operation, operands = tape.values[entry], tape.operations[entry], tape.operands[entry]
        if type(value) is not float:
            return False
        if value or operation.name in _NEVER_ZERO:
            continue
        if operation in (INPUT, CONSTANT):
            return False
        if operation is COPY or operation.name in _ZERO_WITH_THEIR_OPERAND:
            todo += operands
        elif operation.name == "mul":
            todo += [operand for operand in operands if not tape.values[operand]]
        elif operation.name in ("div", "pow"):
            todo += [operands[0]] if not tape.values[operands[0]] else []
        else:
            return False
    return True

"""Zeros that exact arithmetic has not: values and partials that are too small for a float."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.tape.tape import Tape, Value
from adcli.trust.paths import PathStep


def underflows(tape: Tape, step: PathStep, moved: Sequence[Value | None] | None) -> bool:
    """Whether a partial of 0 is one that exact arithmetic has not; of arrays where their elements have moved."""
    operands = tape.operands[step.entry]
    zeros = tape.operations[step.entry].flat_operands(step.position)
    moving = None if moved is None else moved[operands[step.position]]
    return zeros is not None and all(
        _is_nowhere_zero(tape.values[source], moving) or vanished(tape, source)
        for source in (operands[place] for place in zeros)
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
        if value:
            continue
        zeros = operation.zero_operands()
        if zeros is None:
            return False
        todo += [operands[place] for place in zeros]
    return True

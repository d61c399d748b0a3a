"""Zeros that exact arithmetic has not: values and partials that are too small for a float."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from adcli.derive.modes import gradient_magnitude
from adcli.records import NamedTuple
from adcli.tape.components import flattened
from adcli.tape.describe import where
from adcli.tape.fast import sweep
from adcli.tape.reach import active_entries, differentiable_inputs
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


class Underflow(NamedTuple):
    """Values on the way to an entry that are too small for a float, or for all of its digits.

    Attributes:
        share: how much of the derivative by each component comes through them, or could: differences do not feel it
        text: the first of them, in words
    """

    share: Mapping[str, float]
    text: str


def underflow_on_the_way(tape: Tape, entry: int) -> Underflow | None:
    """The underflow on the way to an entry; None where there is none."""
    inputs = differentiable_inputs(tape, [entry])
    active = active_entries(tape, [tape.inputs[name] for name in inputs])
    adjoints = sweep(tape, {entry: 1.0}, active)
    small = [
        place
        for place, adjoint in enumerate(adjoints)
        if adjoint is not None and active[place] and tape.operands[place] and has_underflown(tape, place)
    ]
    if not small:
        return None
    seeds = {place: abs(adjoint) for place in small if (adjoint := adjoints[place]) is not None}
    return Underflow(flattened(gradient_magnitude(tape, seeds, inputs)), underflow_text(tape, small[0]))


def has_underflown(tape: Tape, entry: int) -> bool:
    """Whether a number is too small for a float, or for all of its digits."""
    value = tape.values[entry]
    if type(value) is not float or abs(value) >= sys.float_info.min:
        return False
    return bool(value) or vanished(tape, entry)


def underflow_text(tape: Tape, entry: int) -> str:
    """`x * y, line 3 is 0 by underflow`: what is too small, and where."""
    value = tape.values[entry]
    return f"{where(tape, entry)}, {f'has lost digits by underflow, as {value:.2g}' if value else 'is 0 by underflow'}"

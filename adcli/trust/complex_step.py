"""The complex step: a derivative from values alone, without cancellation (Squire and Trapp, SIAM Review 40, 1998).

For an analytic f the imaginary part of f(x + ih) is h f'(x) up to h², and h may be so small that h² vanishes. The tape
is run again on complex numbers; decisions stay as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adcli.rules.functions import complex_function
from adcli.tape.domains import Operations
from adcli.tape.ieee import quiet
from adcli.tape.reach import active_entries, entries_behind
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import forward
from adcli.trust.guards import is_at_kink

COMPLEX_ROUNDINGS = 64  # unit round-offs that each path may leave in it: complex functions are less exact
STEP = 1e-120  # relative to the input: its square vanishes beside any number that matters
LEAST_TOLD = sys.float_info.min / sys.float_info.epsilon / STEP  # of smaller derivatives it loses digits, or all
_SMALLEST_STEP = 1e-280  # that leaves room for its digits in what is computed with it
_LARGER_STEPS = (1e-60, 1e-24)  # relative to the input: where a step loses its digits on the way
_LARGEST_STEP = 1e-12  # relative to the input: its square is below the last digit still


def is_analytic(tape: Tape, outputs: Sequence[int], active: Sequence[bool]) -> bool:
    """Whether all that outputs are computed by, from what is active, is analytic, and not at a kink."""
    behind = entries_behind(tape, outputs)
    return all(
        operation.analytic and not is_at_kink(tape, entry)
        for entry, operation in enumerate(tape.operations)
        if behind[entry] and active[entry]
    )


def complex_step(tape: Tape, outputs: Sequence[int], direction: Mapping[int, Value]) -> list[Value] | None:
    """The derivatives of output entries along a direction of input entries.

    None where something on the way is not analytic, or has no value for complex numbers.
    """
    size = max(_size(tape.values[entry]) for entry in direction)
    at = complex_steps(tape, outputs, direction)
    for step in (_step(size), *(factor * size for factor in _LARGER_STEPS)):
        derivatives = at(step, True) if step else None
        if derivatives is not None:
            return derivatives
    return at(_step(size))


def complex_steps(
    tape: Tape, outputs: Sequence[int], direction: Mapping[int, Value]
) -> Callable[..., list[Value] | None]:
    """The same as a function of the step, and whether it is asked for only if no step on the way loses its digits."""
    active, behind = active_entries(tape, list(direction)), entries_behind(tape, outputs)
    analytic = is_analytic(tape, outputs, active)
    entries = [entry for entry, operands in enumerate(tape.operands) if operands and active[entry] and behind[entry]]
    functions = {entry: complex_function(tape.operations[entry]) for entry in entries} if analytic else {}

    def at(step: float, strict: bool = False) -> list[Value] | None:
        if not analytic:
            return None
        values: list[Any] = list(tape.values)
        for entry, part in direction.items():
            values[entry] = values[entry] + 1j * step * part
        with quiet(tape):
            try:
                forward(tape, Operations(values, functions), entries)
            except (ArithmeticError, ValueError):  # at the edge of what complex functions are defined for
                return None
        if strict and any(_has_lost_digits(values[entry]) for entry in entries):
            return None
        return [_imaginary(values[output], tape.values[output], step) for output in outputs]

    return at


def _step(size: float) -> float:
    """The step for inputs of a size: for very small ones not so small that it loses its own digits."""
    return max(STEP * size, min(_SMALLEST_STEP, _LARGEST_STEP * size), sys.float_info.min)


def _has_lost_digits(value: Any) -> bool:
    """Whether a step has become so small on the way that it has lost its digits."""
    size = abs(value.imag)
    lost = (size > 0) & (size < sys.float_info.min)
    return bool(lost if isinstance(lost, bool) else lost.any())


def _size(value: Value) -> float:
    """The largest absolute value; 1 for zero."""
    return float(abs(value) if type(value) is float else abs(value).max(initial=0.0)) or 1.0


def _imaginary(value: Any, real: Value, step: float) -> Value:
    part = value.imag / step if hasattr(value, "imag") else 0.0
    return float(part) if type(real) is float else part

"""The operations of a tape on numbers of many digits, those of mpmath, and on arrays of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from adcli.rules.dispatch import shape_of
from adcli.rules.functions import precise_function
from adcli.rules.primitive import Primitive
from adcli.tape.local import is_of_numbers
from adcli.tape.tape import Tape, Value

Real: TypeAlias = Any  # a number of mpmath, or an array of them


def applied_exactly(tape: Tape, entry: int, operands: Sequence[Real]) -> Real:
    """The value of an entry's operation on exact operands."""
    value, operation = tape.values[entry], tape.operations[entry]
    if type(value) is float and not math.isfinite(value):
        return number(value)
    if is_of_numbers(tape, entry):
        return _guarded(precise_function(operation))(*operands)
    return _like(value, _on_arrays(operation, operands))


def number(value: float) -> Real:
    """A number with many digits."""
    import mpmath

    return mpmath.mpf(value)


def exact(value: Value) -> Real:
    """A value with many digits."""
    return _array(value) if shape_of(value) else number(value)


def _guarded(function: Callable[..., Real]) -> Callable[..., Real]:
    """NaN where a function has no real value."""

    def guarded(*operands: Real) -> Real:
        try:
            result = function(*operands)
        except (ArithmeticError, ValueError, TypeError):  # the last: what is complex has no order
            return number(math.nan)
        return result if not hasattr(result, "imag") or not result.imag else number(math.nan)

    return guarded


def _on_arrays(operation: Primitive, operands: Sequence[Real]) -> Real:
    import numpy

    if operation.elementwise:
        return numpy.frompyfunc(_guarded(precise_function(operation)), len(operands), 1)(*operands)
    try:
        return precise_function(operation)(*(numpy.asarray(operand, dtype=object) for operand in operands))
    except ArithmeticError:  # a matrix that is singular after all
        return number(math.nan)


def _array(value: Value) -> Real:
    import numpy

    return numpy.frompyfunc(number, 1, 1)(value)


def _like(value: Value, exact: Real) -> Real:
    """The result in the shape that it has with few digits; what is not finite there is not finite here."""
    shape = shape_of(value)
    if not shape:
        result = exact.item() if shape_of(exact) == () and hasattr(exact, "item") else exact
        return number(result) if isinstance(result, (int, float)) else result
    import numpy

    spread = numpy.broadcast_to(numpy.asarray(exact, dtype=object), shape)
    return numpy.where(numpy.isfinite(value), _array(spread), _array(value))

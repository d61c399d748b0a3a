"""How far an operation on arrays may be from the exact one, element by element. Imported where a program has arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adcli.rules.accuracy import is_exact, relative_to, units
from adcli.rules.facts import EXACT, NO_SUM
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.readings.array_rounding import KERNELS, TERMS, rounded
from adcli.rules.readings.values import as_array, value_of
from adcli.rules.shapes import Refused

Array = Any


def array_rounding(operation: Primitive, operands: Sequence[Array], value: Array) -> Array | None:
    """How far each element of a result may be from the exact one; None where nothing is rounded."""
    if operation.known("rounding") == EXACT:
        return None
    arrays = [as_array(operand) for operand in operands]
    if isinstance(operation, ArrayPrimitive):
        return _finished(_applied(operation, arrays, value), value)
    error = rounded(units(operation), relative_to(operation, operands, value))
    return _finished(np.where(is_exact(operation, arrays, as_array(value)), 0.0, error), value)


def _applied(operation: ArrayPrimitive, arrays: Sequence[Array], value: Array) -> Array:
    try:
        kernel = operation.known("rounding")
        return (kernel if callable(kernel) else KERNELS[kernel])(operation, arrays, value)
    except (np.linalg.LinAlgError, Refused):  # of a singular matrix nothing is known
        return np.inf


def sizes_of_terms(operation: ArrayPrimitive, operands: Sequence[Array]) -> Array | None:
    """The sums of the absolute values of what an operation on arrays adds up; None of one that is no sum."""
    terms = operation.known("terms")
    return None if terms is NO_SUM else value_of(TERMS[terms](operation, [np.abs(operand) for operand in operands]))


def _finished(error: Array, value: Array) -> Array | None:
    if not np.any(error):
        return None
    return np.broadcast_to(error, np.shape(value)) if np.shape(value) else float(np.reshape(error, ()))

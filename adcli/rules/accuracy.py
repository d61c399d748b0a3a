"""How far a computed operation may be from the exact one: what `adcli precision` takes each to round.

In a binary format with 53 digits a correctly rounded result is off by at most the unit round-off, 2^-53, times its
size (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. 2002, section 2.2). Python, NumPy and IEEE 754
promise that of + - * / and the square root. Of the functions of a mathematical library nobody promises it: their
rows say, in units in the last place, what the libraries in use keep to, and the tests hold each function to it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from adcli.rules.compile import array_function, evaluated, number_function
from adcli.rules.facts import Rounding
from adcli.rules.primitive import Primitive
from adcli.rules.readings import exactness

UNIT = 2.0**-53  # the unit round-off: half a unit in the last place of 1
TINY = math.ulp(0.0)  # below the normal numbers an error is not relative
_LEAST_NORMAL = 2.0**-1022


def units(operation: Primitive) -> float:
    """How many unit round-offs the result of an operation on numbers may be off by, relative to its size."""
    rounds: Rounding = operation.known("rounding")
    return rounds.units


def gamma(count: float) -> float:
    """n u / (1 - n u): what n roundings one after another bring at most (Higham 2002, section 3.1)."""
    return count * UNIT / (1 - count * UNIT) if count * UNIT < 1 else math.inf


def rounding(operation: Primitive, operands: Sequence[float], value: float) -> float:
    """How far the result of an operation on numbers may be from the exact one; 0 where it is known to be exact."""
    factor = units(operation)
    if not factor or value != value or is_exact(operation, operands, value):
        return 0.0
    size = relative_to(operation, operands, value)
    return factor * UNIT * size if size >= _LEAST_NORMAL else TINY * factor


def relative_to(operation: Primitive, operands: Sequence[Any], value: Any) -> Any:
    """The size that the error of a function is relative to: its own, but where it is the difference of larger terms."""
    size = abs(value)
    rounds: Rounding = operation.known("rounding")
    if rounds.size:
        letters = (*operation.letters(len(operands)), "v")
        compiled = number_function if type(value) is float else array_function
        return evaluated(compiled(rounds.size, letters), (*operands, value))
    if not rounds.mirrored:
        return size
    *others, a = operands
    if type(a) is float:
        return size + abs(operation.function(*others, 1 - a)) if a < 0 else size
    import numpy

    mirrored = numpy.where(a < 0, a, -1.0)  # where it is positive 1 - a may be a pole
    return size + numpy.where(a < 0, abs(operation.function(*others, 1 - mirrored)), 0.0)


def is_exact(operation: Primitive, operands: Sequence[Any], value: Any) -> Any:
    """Whether nothing was rounded, of a number, or element by element of arrays; False where that is not known."""
    return exactness.KERNELS[operation.known("rounding").exact](operands, value)

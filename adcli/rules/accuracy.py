"""How far a computed operation may be from the exact one: what `adcli precision` takes each to round.

In a binary format with 53 digits a correctly rounded result is off by at most the unit round-off, 2^-53, times its
size (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. 2002, section 2.2). Python, NumPy and IEEE 754
promise that of + - * / and the square root. Of the functions of a mathematical library nobody promises it: the table
below says, in units in the last place, what the libraries in use keep to, and the tests hold each function to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from adcli.rules.primitive import Primitive

UNIT = 2.0**-53  # the unit round-off: half a unit in the last place of 1
TINY = math.ulp(0.0)  # below the normal numbers an error is not relative
_LEAST_NORMAL = 2.0**-1022
_LEAST_SPLIT = 2.0**-960  # below it the low part of a product may be lost itself

# What brings no error at all: a sign, a choice, a whole number.
EXACT = frozenset(
    ("input", "constant", "state", "copy", "neg", "abs", "sign", "relu", "min", "max", "is_min", "is_max", "floor",
     "ceil", "round", "<", "<=", ">", ">=", "==", "!=", "and", "or", "not")
)  # fmt: skip

CORRECTLY_ROUNDED = frozenset(("add", "sub", "mul", "div", "sqrt", "mod"))

# Units in the last place of the other functions; one of those that are not named.
ULPS: Mapping[str, float] = {
    "log10": 2, "cbrt": 2, "sinh": 2, "cosh": 2, "tanh": 2, "asinh": 2, "acosh": 2, "atanh": 2, "tan": 2,
    "sech": 3, "erf": 2, "erfc": 6, "gauss": 3, "sigmoid": 3, "softplus": 3, "lgamma": 8, "digamma": 16,
    "polygamma": 16,
}  # fmt: skip

# Of a negative operand they are computed from that at 1 - a, which may be much larger than what is left.
_REFLECTED = ("lgamma", "digamma", "polygamma")


def units(operation: Primitive) -> float:
    """How many unit round-offs the result of an operation on numbers may be off by, relative to its size."""
    if operation.name in EXACT:
        return 0.0
    return 1.0 if operation.name in CORRECTLY_ROUNDED else 2 * ULPS.get(operation.name, 1.0)


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
    if operation.name not in _REFLECTED:
        return size
    *others, a = operands
    if type(a) is float:
        return size + abs(operation.function(*others, 1 - a)) if a < 0 else size
    import numpy

    mirrored = numpy.where(a < 0, a, -1.0)  # where it is positive 1 - a may be a pole
    return size + numpy.where(a < 0, abs(operation.function(*others, 1 - mirrored)), 0.0)


def is_exact(operation: Primitive, operands: Sequence[Any], value: Any) -> Any:
    """Whether nothing was rounded, of a number, or element by element of arrays; False where that is not known.

    What an addition or a product leaves is itself a number (Dekker 1971; Higham 2002, sections 4.3 and 27.1): where it
    is zero, nothing was rounded. So is the difference of two numbers that are near each other (Sterbenz's lemma).
    """
    name = operation.name
    if name == "add":
        return _left_by_sum(operands[0], operands[1], value) == 0
    if name == "sub":
        return _left_by_sum(operands[0], -operands[1], value) == 0
    if name == "mul":
        return _exact_product(operands[0], operands[1], value)
    if name == "div":
        return _is_product(value, operands[1], operands[0])
    if name == "sqrt":
        return _is_product(value, value, operands[0])
    if name == "pow":
        return _exact_power(operands[0], operands[1], value)
    if name == "mod":
        return operands[0] * operands[1] >= 0
    return _trivial(operands, value)


def _left_by_sum(a: Any, b: Any, total: Any) -> Any:
    """What the sum of two numbers loses: Knuth's TwoSum."""
    part = total - a
    return (a - (total - part)) + (b - part)


def _exact_product(a: Any, b: Any, product: Any) -> Any:
    (high, low), (other_high, other_low) = _split(a), _split(b)
    left = ((high * other_high - product) + high * other_low + low * other_high) + low * other_low
    return ((left == 0) & (abs(product) > _LEAST_SPLIT)) | (a == 0) | (b == 0)


def _is_product(a: Any, b: Any, product: Any) -> Any:
    found = a * b
    return (found == product) & _exact_product(a, b, found)


def _split(a: Any) -> tuple[Any, Any]:
    """A number as two of 26 digits (Veltkamp); NaN where that overflows, which makes nothing look exact."""
    scaled = 134217729.0 * a  # 2^27 + 1
    high = scaled - (scaled - a)
    return high, a - high


def _exact_power(a: Any, b: Any, value: Any) -> Any:
    square = (b == 2) & _exact_product(a, a, value)
    return square | (b == 1) | (b == 0) | (a == 1)


def _trivial(operands: Sequence[Any], value: Any) -> Any:
    """sin(0), exp(0), log(1) and the like: a library knows these."""
    result = _is_unit(value)
    for operand in operands:
        result = result & _is_unit(operand)
    return result


def _is_unit(a: Any) -> Any:
    return (a == 0) | (abs(a) == 1)

"""Where an operation on numbers, or one element by element, rounds nothing.

What an addition or a product leaves is itself a number (Dekker 1971; Higham 2002, sections 4.3 and 27.1): where it is
zero, nothing was rounded. So is the difference of two numbers that are near each other (Sterbenz's lemma).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_LEAST_SPLIT = 2.0**-960  # below it the low part of a product may be lost itself


def _left_by_sum(a: Any, b: Any, total: Any) -> Any:
    """What the sum of two numbers loses: Knuth's TwoSum."""
    part = total - a
    return (a - (total - part)) + (b - part)


def _exact_product(a: Any, b: Any, product: Any) -> Any:
    (high, low), (other_high, other_low) = _split(a), _split(b)
    left = ((high * other_high - product) + high * other_low + low * other_high) + low * other_low
    return ((left == 0) & (abs(product) > _LEAST_SPLIT)) | (a == 0) | (b == 0)


def _is_product(a: Any, b: Any, product: Any) -> Any:
    rounded = a * b
    return (rounded == product) & _exact_product(a, b, rounded)


def _split(a: Any) -> tuple[Any, Any]:
    """A number as two of 26 digits (Veltkamp); NaN where that overflows, which makes nothing look exact."""
    scaled = 134217729.0 * a  # 2^27 + 1
    high = scaled - (scaled - a)
    return high, a - high


def _exact_power(operands: Sequence[Any], value: Any) -> Any:
    a, b = operands
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


# Of the operands and the result, whether that is exact.
KERNELS: Mapping[str, Callable[[Sequence[Any], Any], Any]] = {
    "always": lambda operands, value: True,
    "trivial": _trivial,
    "sum": lambda operands, value: _left_by_sum(operands[0], operands[1], value) == 0,
    "difference": lambda operands, value: _left_by_sum(operands[0], -operands[1], value) == 0,
    "product": lambda operands, value: _exact_product(operands[0], operands[1], value),
    "quotient": lambda operands, value: _is_product(value, operands[1], operands[0]),
    "root": lambda operands, value: _is_product(value, value, operands[0]),
    "power": _exact_power,
    "remainder": lambda operands, value: operands[0] * operands[1] >= 0,
}

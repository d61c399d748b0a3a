"""The kernels of values with gaps: which elements of a result are nothing, and what the others are.

A gap is an element that is nothing, which is not 0: nothing times infinity is nothing, and 0 times infinity is NaN.
Only what is linear leaves gaps; every other operation gives elements that are all there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from adcli.rules.compile import applied
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.facts import EVERY
from adcli.rules.gapped import Gapped
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.readings import values
from adcli.rules.readings.values import Array, value_of

_Kernel: TypeAlias = Callable[[Primitive, Sequence[Gapped]], Gapped]


def gapped(value: Array, there: Any) -> Gapped:
    """A value without what is not there."""
    if there is True or np.all(there):
        return Gapped(value, True)
    shape = shape_of(value)
    if not shape:
        return Gapped(0.0, False)
    there = np.broadcast_to(there, shape)
    return Gapped(np.where(there, value, 0.0), there)


def added(a: Gapped, b: Gapped) -> Gapped:
    """A sum: something where one of the two is."""
    there = True if a.there is True or b.there is True else np.logical_or(a.there, b.there)
    return gapped(a.value + b.value, there)


def chosen(choice: Array, a: Gapped, b: Gapped) -> Gapped:
    """The first where a choice holds, else the second, with the gaps of the one and the other."""
    value = value_of(np.where(choice, a.value, b.value))
    return gapped(value, np.where(choice, a.there, b.there))


def fitted(a: Gapped, shape: tuple[int, ...]) -> Gapped:
    """A value summed over what was repeated of a shape, or repeated to it."""
    if shape_of(a.value) == shape:
        return a
    there = a.there if a.there is True or a.there is False else values.fitted(a.there.astype(float), shape) != 0
    return gapped(values.fitted(a.value, shape), there)


def applied_with_gaps(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    """The value of an operation, with its gaps."""
    own = primitive.kernel if isinstance(primitive, ArrayPrimitive) else primitive.name
    kernel = _KERNELS.get(own)
    return Gapped(_applied(primitive, operands), True) if kernel is None else kernel(primitive, operands)


def _applied(primitive: Primitive, operands: Sequence[Gapped]) -> Array:
    return applied(primitive, [operand.value for operand in operands])


def _presence(operand: Gapped) -> Array:
    """1 where there is something, and 0 in the gaps."""
    shape = shape_of(operand.value)
    if not shape:
        return float(bool(operand.there))
    return np.full(shape, operand.there, float)


def _linear(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    """What moves elements or adds them up, with weights that are not negative: it does the same with ones and zeros."""
    varied = range(len(operands)) if primitive.by is EVERY else primitive.known("by")
    presence = [_presence(one) if place in varied else one.value for place, one in enumerate(operands)]
    return gapped(_applied(primitive, operands), primitive.function(*presence) != 0)


def _sum(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    there: Any = operands[0].there
    for operand in operands[1:]:
        there = True if there is True or operand.there is True else np.logical_or(there, operand.there)
    return gapped(_applied(primitive, operands), there)


def _product(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    left, right = operands
    return gapped(_applied(primitive, operands), np.logical_and(left.there, right.there))


def _quotient(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    """Nothing divided by something is nothing; divided by nothing, as the share of no element, it is no number."""
    numerator, denominator = operands
    there = np.logical_or(numerator.there, np.logical_not(denominator.there))
    return gapped(_applied(primitive, operands), there)


def _choice(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    return chosen(np.not_equal(operands[0].value, 0), *operands[1:])


def _extreme(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    """The largest or the least operand, which is there where one that is there attains it."""
    value = _applied(primitive, operands)
    there: Any = np.isnan(value)
    for operand in operands:
        there = there | (np.equal(operand.value, value) & operand.there)
    return gapped(value, there)


def _where_not_zero(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    """Zeros and ones, or shares of them: the zeros say that nothing is passed on."""
    value = _applied(primitive, operands)
    return gapped(value, np.not_equal(value, 0))


def _outer(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    return gapped(_applied(primitive, operands), np.logical_and.outer(*(_presence(operand) for operand in operands)))


def _matmul(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    """A product of matrices or vectors, in which nothing times infinity is nothing."""
    there = primitive.function(*map(_presence, operands)) > 0
    value = _applied(primitive, operands)
    if not is_finite(value):
        value = _sums_of_products(*operands).reshape(shape_of(value))
    return gapped(value_of(np.asarray(value)), there)


def _sums_of_products(left: Gapped, right: Gapped) -> Array:
    """A product of matrices, where not all is finite: one term after the other of those that are not."""
    a, b = left.value, right.value
    there_a, there_b = (np.broadcast_to(one.there, shape_of(one.value)) for one in (left, right))
    if a.ndim == 1:
        a, there_a = a[np.newaxis], there_a[np.newaxis]
    if b.ndim == 1:
        b, there_b = b[:, np.newaxis], there_b[:, np.newaxis]
    finite = np.isfinite(a).all(0) & np.isfinite(b).all(1)
    total = a[:, finite] @ b[finite]
    for place in np.flatnonzero(~finite):
        both = np.logical_and.outer(there_a[:, place], there_b[place])
        total += np.where(both, np.multiply.outer(a[:, place], b[place]), 0.0)
    return total


def _reordered(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    """One array in the order of another one: so are its gaps."""
    keys, moved = operands
    return gapped(_applied(primitive, operands), primitive.function(keys.value, _presence(moved)) != 0)


def _difference(primitive: Primitive, operands: Sequence[Gapped]) -> Gapped:
    """Of neighbours: something where one of the two is."""
    settings = getattr(primitive, "settings", ())
    axis = settings[-1] if settings else -1
    there = np.moveaxis(_presence(operands[0]) != 0, axis, -1)
    return gapped(_applied(primitive, operands), np.moveaxis(there[..., 1:] | there[..., :-1], -1, axis))


# By what the kernel of an operation on whole arrays is called, or an operation on numbers.
_KERNELS: Mapping[str, _Kernel] = {
    **dict.fromkeys(("add", "sub", "neg", "copy"), _sum),
    "mul": _product, "div": _quotient, "select": _choice,
    **dict.fromkeys(("max", "min"), _extreme),
    **dict.fromkeys(("is_max", "is_min", "zeros", "ones", "eye"), _where_not_zero),
    **dict.fromkeys(
        (
            "transpose", "expand", "sum_to", "trace", "diag", "tril", "triu", "copyltu", "reshape", "concat", "stack",
            "total", "mean", "cumsum", "element", "update", "linspace", "roll", "tile",
            "sum_tiles", "blocks", "take", "sum_at",
        ),
        _linear,
    ),
    "sort_along": _reordered, "sort_back": _reordered, "diff": _difference,
    "matmul": _matmul, "dot": _matmul, "outer": _outer,
}  # fmt: skip

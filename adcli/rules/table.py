"""The table of primitives: name → Primitive, and operator → Primitive."""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from typing import NamedTuple

from adcli.rules import along, arrays, subscripts
from adcli.rules.facts import EXACT, NO_SUM, SAME, UNTOLD, Fact, Notation
from adcli.rules.linalg import LINALG
from adcli.rules.matrix_functions import MATRIX_FUNCTIONS
from adcli.rules.nonsmooth import MASKS, NONSMOOTH
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.readings.real import itself
from adcli.rules.rearranging import REARRANGING
from adcli.rules.smooth import ARITHMETIC, HYPERBOLIC, POWERS_AND_EXPONENTIALS, PROBABILITY, TRIGONOMETRIC
from adcli.rules.spectral import SPECTRAL
from adcli.syntax import nodes


def _no_value() -> float:
    raise TypeError("an input or a constant is given its value, not computed")


PRIMITIVES = {
    primitive.name: primitive
    for family in (ARITHMETIC, POWERS_AND_EXPONENTIALS, TRIGONOMETRIC, HYPERBOLIC, PROBABILITY, NONSMOOTH)
    for primitive in family
}
# `max` and `min` of one operand go over an array.
ARRAYS: dict[str, Primitive] = {
    row.name: row
    for row in (*along.ROWS, *arrays.PRODUCTS, *arrays.SHAPES, *REARRANGING, *LINALG, *MATRIX_FUNCTIONS, *SPECTRAL)
}

# What a program calls by name. An operation that has an operator is written with it.
FUNCTIONS = {
    **{name: primitive for name, primitive in PRIMITIVES.items() if primitive not in (*ARITHMETIC, *MASKS)},
    **{name: primitive for name, primitive in ARRAYS.items() if name not in ("matmul", "max", "min")},
}

BINARY_OPERATORS = {primitive.symbol: primitive for primitive in ARITHMETIC if primitive.symbol}
NEGATION = PRIMITIVES["neg"]
ADDITION = PRIMITIVES["add"]
MULTIPLICATION = PRIMITIVES["mul"]
POWER = PRIMITIVES["pow"]


class Fold(NamedTuple):
    """A function of the values over an index that takes one after the other.

    Attributes:
        operation: what joins what there is and the next value
        start: what there is before the first one
        counts: whether the number of values divides the result
    """

    operation: Primitive
    start: str
    counts: bool


FOLDS = {"sum": Fold(ADDITION, "0", False), "prod": Fold(MULTIPLICATION, "1", False), "mean": Fold(ADDITION, "0", True)}

# A comparison, and what joins two, as a number: the condition of a `where` on arrays.
CONDITIONS = {primitive.name: primitive for primitive in MASKS}
SELECT, STACK = arrays.SELECT, arrays.STACK

CONSTANTS = {"pi": 3.141592653589793, "π": 3.141592653589793, "e": 2.718281828459045, "inf": float("inf")}


# What stands on the tape besides the primitives: the leaves, and the binding of a name to a value that has one.
def _leaf(
    name: str, value: Callable[..., float], partials: tuple[str, ...], summary: str, zero: tuple[str, ...] | Fact
) -> Primitive:
    return Primitive(
        name, value, partials, summary, (), notation=Notation.LEAF,
        array=SAME, complex=SAME, precise=SAME, rounding=EXACT, terms=NO_SUM, kink=None,
        zero=zero, flat=UNTOLD,
    )  # fmt: skip


INPUT = _leaf("input", _no_value, (), "an independent variable", UNTOLD)
CONSTANT = _leaf("constant", _no_value, (), "a number", UNTOLD)
STATE = _leaf("state", _no_value, (), "what a loop left", UNTOLD)
COPY = _leaf("copy", itself, ("1",), "a", ("a",))


def primitive_named(function: str, count: int) -> Primitive | None:
    """What a node that applies a function to so many operands stands for; None if there is no such function.

    `function` is an operator, the name of a function with or without an axis, a pattern of subscripts, or
    `einsum` with its text.
    """
    if function[0] == "[":
        return _brackets(function)
    if function == "-" and count == 1:
        return NEGATION
    name, axis = nodes.function_and_axis(function)
    if axis is not None:
        return along.length(axis) if name == "length" else along.along(name, axis) if name in along.ALONG else None
    if name in ("max", "min") and count == 1:
        return ARRAYS[name]
    if name.startswith("stated") and name[6:].isdigit():
        return arrays.stated(int(name[6:]))
    operator = BINARY_OPERATORS.get(name) or CONDITIONS.get(name)
    row = operator or _BY_SIGN.get(name) or FUNCTIONS.get(name)
    if row is None and name.startswith("einsum "):
        from adcli.rules.einsum import einsum  # which few programs need

        return einsum(name.partition(" ")[2])
    return row


_BY_SIGN = {"@": arrays.MATMUL, "'": arrays.TRANSPOSE}


def _brackets(function: str) -> Primitive:
    if function == "[]":
        return arrays.STACK
    if function.endswith("="):
        return subscripts.updated(function[1:-2])
    return subscripts.element(function[1:-1])


_LEAVES = {leaf.name: leaf for leaf in (INPUT, CONSTANT, STATE, COPY)}


def _row(name: str, of_arrays: bool) -> Primitive:
    """A row of the table, or one that a name makes, such as `sum axis=0` and `[1:]`."""
    row = (ARRAYS if of_arrays else PRIMITIVES | _LEAVES).get(name) or primitive_named(name, 1)
    assert row is not None, name
    return row


# A copy of a primitive, or a pickled one, is the primitive itself: tapes ask with `is`, and its kernels are no data.
for _kind in (Primitive, ArrayPrimitive):
    copyreg.pickle(_kind, lambda row: (_row, (row.name, not row.elementwise)))

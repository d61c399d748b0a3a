"""The table of primitives: name → Primitive, and operator → Primitive."""

from __future__ import annotations

from adcli.rules.elementwise import (
    ARITHMETIC,
    HYPERBOLIC,
    NONSMOOTH,
    POWERS_AND_EXPONENTIALS,
    PROBABILITY,
    TRIGONOMETRIC,
)
from adcli.rules.primitive import Primitive


def _no_value() -> float:
    raise TypeError("an input or a constant is given its value, not computed")


PRIMITIVES = {
    primitive.name: primitive
    for family in (ARITHMETIC, POWERS_AND_EXPONENTIALS, TRIGONOMETRIC, HYPERBOLIC, PROBABILITY, NONSMOOTH)
    for primitive in family
}

# What a program calls by name. An operation that has an operator is written with it.
FUNCTIONS = {name: primitive for name, primitive in PRIMITIVES.items() if primitive not in ARITHMETIC}

BINARY_OPERATORS = {primitive.symbol: primitive for primitive in ARITHMETIC if primitive.symbol}
NEGATION = PRIMITIVES["neg"]
ADDITION = PRIMITIVES["add"]
MULTIPLICATION = PRIMITIVES["mul"]

CONSTANTS = {"pi": 3.141592653589793, "e": 2.718281828459045}

# What stands on the tape besides the primitives: the leaves, and the binding of a name to a value that has one.
INPUT = Primitive("input", _no_value, (), "an independent variable", ())
CONSTANT = Primitive("constant", _no_value, (), "a number", ())
COPY = Primitive("copy", lambda a: a, ("1",), "a", ())

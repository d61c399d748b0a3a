"""The table of primitives: name → Primitive, and operator → Primitive."""

from __future__ import annotations

import copyreg
from collections.abc import Callable

from adcli.records import NamedTuple
from adcli.rules import along, arrays, implicit, subscripts
from adcli.rules.facts import EXACT, NO_SUM, SAME, UNTOLD, Fact, Notation
from adcli.rules.linalg import LINALG
from adcli.rules.nonsmooth import MASKS, NONSMOOTH
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.readings.real import itself
from adcli.rules.rows import Rows, rare
from adcli.rules.smooth import ARITHMETIC, HYPERBOLIC, POWERS_AND_EXPONENTIALS, PROBABILITY, TRIGONOMETRIC
from adcli.syntax import nodes


def _no_value() -> float:
    raise TypeError("an input or a constant is given its value, not computed")


# Families of which few programs need a row: the module of each, and the names of its rows. They are imported when one
# of them is looked up, or all.
_RARE: dict[str, str] = rare(
    {
        "elementary": "xlogy xlog1py logit logaddexp log_diff_exp ndtr gelu silu elu elu_scaled leaky_relu prelu trunc "
        "fmod copysign fma gamma factorial sinc sinc_derivative",
        "special": "i0 i1 iv j0 j1 jv y0 y1 yv i0e i1e i0e_moment beta betaln binom polygamma_step log_ndtr "
        "ndtri erfinv erfcinv erfcx erfcx_integral expi lambertw gammainc gammaincc gammaincinv gammainccinv "
        "gamma_density betainc betaincinv beta_density",
    }
)
_RARE_ARRAYS: dict[str, str] = rare(
    {
        "rearranging": "tile sum_tiles blocks take sum_at cross kron polyval vander interp searchsorted",
        "spectral": "over_differences shares eigvalsh eigh svd",
        "matrix_functions": "size_of matrix_power matrix_power_along expm expm_along",
    }
)
# Second names of functions, as other libraries have them.
ALIASES = {"expit": "sigmoid", "comb": "binom"}

_COMMON = (*POWERS_AND_EXPONENTIALS, *TRIGONOMETRIC, *HYPERBOLIC, *PROBABILITY, *NONSMOOTH)
_COMMON_ARRAYS = (*along.ROWS, *arrays.PRODUCTS, *arrays.SHAPES, *LINALG)

PRIMITIVES = Rows((*ARITHMETIC, *_COMMON), _RARE, ALIASES)
# `max` and `min` of one operand go over an array.
ARRAYS = Rows(_COMMON_ARRAYS, _RARE_ARRAYS)

# What a program calls by name. An operation that has an operator is written with it.
FUNCTIONS = Rows(
    (*_COMMON, *(row for row in _COMMON_ARRAYS if row.name not in ("matmul", "max", "min"))),
    _RARE | _RARE_ARRAYS, ALIASES,
)  # fmt: skip

BINARY_OPERATORS = {primitive.symbol: primitive for primitive in ARITHMETIC if primitive.symbol}
NEGATION = PRIMITIVES["neg"]
ADDITION = PRIMITIVES["add"]
MULTIPLICATION = PRIMITIVES["mul"]
SUBTRACTION = PRIMITIVES["sub"]
DIVISION = PRIMITIVES["div"]
POWER = PRIMITIVES["pow"]
# What bounds are counted by.
ABSOLUTE, LARGEST, SMALLEST, FLOOR = (PRIMITIVES[name] for name in ("abs", "max", "min", "floor"))


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
    if name in implicit.MADE:
        return implicit.MADE[name]
    if count == 2:
        name = _OF_TWO.get(name, name)
    operator = BINARY_OPERATORS.get(name) or CONDITIONS.get(name)
    row = operator or _BY_SIGN.get(name) or FUNCTIONS.get(name)
    if row is None and name.startswith("einsum "):
        from adcli.rules.einsum import einsum  # which few programs need

        return einsum(name.partition(" ")[2])
    return row


_OF_TWO = {"elu": "elu_scaled", "leaky_relu": "prelu"}  # of one operand these have a parameter that is usual
_BY_SIGN = {"@": arrays.MATMUL, "'": arrays.TRANSPOSE}


def _brackets(function: str) -> Primitive:
    if function == "[]":
        return arrays.STACK
    if function.endswith("="):
        return subscripts.updated(function[1:-2])
    return subscripts.element(function[1:-1])


_LEAVES = {leaf.name: leaf for leaf in (INPUT, CONSTANT, STATE, COPY)}


def row_named(name: str, of_arrays: bool) -> Primitive:
    """A row of the table, or one that a name makes, such as `sum axis=0` and `[1:]`."""
    row = _LEAVES.get(name) or (ARRAYS if of_arrays else PRIMITIVES).get(name) or primitive_named(name, 1)
    if row is None:  # of a root, whose row the process has that ran the program
        raise LookupError(f"`{name}` belongs to a program that another process has run: run it again")
    return row


# A copy of a primitive, or a pickled one, is the primitive itself: tapes ask with `is`, and its kernels are no data.
for _kind in (Primitive, ArrayPrimitive):
    copyreg.pickle(_kind, lambda row: (row_named, (row.name, not row.elementwise)))

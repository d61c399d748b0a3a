"""The words in which a row states what is known of its primitive.

None of them means "all is well" unless it is written. What nobody has found out is UNKNOWN: who needs it refuses.
"""

from __future__ import annotations

from adcli.records import NamedTuple


class Word:
    """A word, and what it says. No enumeration, which would cost each start half a millisecond."""

    def __init__(self, meaning: str) -> None:
        self.meaning = meaning

    def __repr__(self) -> str:
        return f"<{self.meaning}>"


class Fact(Word):
    """What a row may say of a reading, of sums, or of zeros, besides the name of a kernel or of operands."""


UNKNOWN = Fact("nobody has found out")
# readings: which function computes the primitive in an arithmetic
LIBRARY = Fact("the library of that arithmetic has it, under the primitive's name")
OWN = Fact("a kernel in `readings/` has the primitive's name")
SAME = Fact("the function of real numbers, or of real arrays, takes these as well")
ONE_BY_ONE = Fact("on arrays: the function of numbers, for one element after the other")
PIECES = Fact("on complex numbers: constant on each piece, which is the one that the real parts lie on")
NOT_ANALYTIC = Fact("on complex numbers: it has no analytic continuation, or none that is computed")
# sums and zeros
OPERANDS = Fact("the operands are the terms of a sum")
NO_SUM = Fact("it adds up nothing")
UNTOLD = Fact("where it is 0, the operands do not tell")
# derivatives
EVERY = Fact("it has derivatives by every operand")
# which elements of the operands an element of the result has to do with
WHOLE = Fact("any of them, which is always true")
LANES = Fact("those in its lane along the axis")
MOVED = Fact("one of them, or none, wherever their values are")
PRODUCT = Fact("a row of the first operand and a column of the second one")


class Rounding(NamedTuple):
    """How an operation on numbers rounds, or one element by element.

    Attributes:
        units: how many unit round-offs the result may be off by, relative to its size
        exact: the kernel in `readings/exactness.py` that tells where nothing was rounded
        mirrored: whether it is computed from its value at 1 - a where the operand is negative: that may be much larger
            than what is left, and the error is relative to it
        size: a formula of the operands and the result, of the size that the error is relative to where that is not the
            result's own, as of a function with zeros that are no numbers
    """

    units: float
    exact: str
    mirrored: bool = False
    size: str = ""


EXACT = Rounding(0.0, "always")  # what brings no error at all: a sign, a choice, a whole number


def correctly_rounded(exact: str) -> Rounding:
    """Of + - * / and the square root, of which IEEE 754 promises it; `exact` is the kernel that tells where it is."""
    return Rounding(1.0, exact)


def ulps(count: float, exact: str = "trivial", mirrored: bool = False, size: str = "") -> Rounding:
    """Of a function that libraries compute to some units in the last place; sin(0), log(1) and the like they know."""
    return Rounding(2 * count, exact, mirrored, size)


_REFUSED = "! "


def refused(function: str, operand: str) -> str:
    """A partial for which there is no formula: who asks for it is told so, by name."""
    return f"{_REFUSED}`{function}` has no derivative by its {operand} operand here"


def refusal(partial: str) -> str:
    """Why a partial is refused; empty for one that has a formula."""
    return partial.removeprefix(_REFUSED) if partial.startswith(_REFUSED) else ""


class Notation(Word):
    """How a program writes an operation."""

    CALL: Notation
    OPERATOR: Notation
    POSTFIX: Notation
    CONDITION: Notation
    DISPLAY: Notation
    PART: Notation
    UPDATE: Notation
    LEAF: Notation


Notation.CALL = Notation("sin(a)")
Notation.OPERATOR = Notation("a + b, or -a")
Notation.POSTFIX = Notation("a'")
Notation.CONDITION = Notation("a < b, which has a value in the condition of a `where` alone")
Notation.DISPLAY = Notation("[a, b]")
Notation.PART = Notation("a[i]")
Notation.UPDATE = Notation("a[i] = b")
Notation.LEAF = Notation("x: an input or a number, and the name of a value")

SUBSCRIPTED = (Notation.PART, Notation.UPDATE)


class Over(NamedTuple):
    """How a textbook writes what goes over all elements, or along an axis: with a sum, or a product, over an index.

    Attributes:
        sign: `sum` or `prod`
        element: what is added up, as a formula of an element a
        result: what is made of it, as a formula of the sum s and of the number n of the elements
    """

    sign: str
    element: str = "a"
    result: str = "s"

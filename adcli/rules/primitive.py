"""The record of a primitive. Its docstring is the rule author's manual."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Primitive:
    """An operation that stands on the tape as one entry, with its derivative.

    A formula is text in the part of the `.ad` language that is also Python: `**`, calls, `+ - * /`. In it
    `a, b, c` are the operands and `v` is the result; a variadic primitive calls its operands `a1, a2, a3` ….
    The numeric sweep compiles the text as Python, everything else parses it with the grammar. A formula must
    be accurate, not only true: `1 - v**2` for tanh loses everything at 20.

    Attributes:
        name: what a program calls it
        value: the operation on Python floats. Where IEEE 754 has an answer and Python an exception
            (`1 / 0`, `log(-1)`) it may raise ArithmeticError or ValueError: `numpy` answers then
        partials: the partial derivative with respect to each operand, as a formula; for a variadic primitive
            a function from the number of operands to the formulas
        symbol: the operator that stands for it, if one does
        numpy: the NumPy function of the same meaning; without one, `value` is given float64 scalars
        edges: for an operand, a letter and a formula: where the letter's value is 0 and the partial's own formula
            has no finite number, this formula is the partial. For limits and conventions
        piece: a function of the operands and the result that is constant on each smooth piece of the operation,
            and changes at a kink or a jump; without one, there is one piece
        analytic: whether it is analytic, so that the complex step may be used
        samples: points at which the tests hold the formulas against high-precision differences
        summary: what it computes, in a few words
        domain: a condition in the language: where it fails there is no finite value; empty where it never does
        convention: what is used where no derivative exists
    """

    name: str
    value: Callable[..., float]
    partials: tuple[str, ...] | Callable[[int], tuple[str, ...]]
    summary: str
    samples: tuple[tuple[float, ...], ...]
    symbol: str = ""
    numpy: str = ""
    edges: tuple[tuple[str, str] | None, ...] = ()
    piece: Callable[[Sequence[float], float], Hashable] | None = None
    analytic: bool = True
    domain: str = ""
    convention: str = ""

    @property
    def variadic(self) -> bool:
        """Whether it takes any number of operands from two upward."""
        return callable(self.partials)

    @property
    def arity(self) -> int:
        """How many operands it takes; the least number for a variadic one."""
        return 2 if callable(self.partials) else len(self.partials)

    def formulas(self, count: int) -> tuple[str, ...]:
        """The formula of the partial for each of `count` operands."""
        return self.partials(count) if callable(self.partials) else self.partials

    def letters(self, count: int) -> tuple[str, ...]:
        """What the formulas call the operands."""
        return operand_letters(count) if self.variadic else ("a", "b", "c")[:count]

    def edge(self, position: int) -> tuple[str, str] | None:
        """The edge of the operand at a position."""
        return self.edges[position] if position < len(self.edges) else None


def operand_letters(count: int) -> tuple[str, ...]:
    """`a1, a2, a3` …: the operands of a variadic primitive."""
    return tuple(f"a{position}" for position in range(1, count + 1))

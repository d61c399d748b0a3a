"""The record of a primitive. Its docstring is the rule author's manual."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from adcli.rules.kinks import Kink

# The sizes of an array, one for each dimension; empty for a single number. A size is None before a run that decides it.
Shape: TypeAlias = tuple["int | None", ...]
Formulas: TypeAlias = "tuple[str, ...] | Callable[[Sequence[tuple[int, ...]]], tuple[str, ...]]"


# What an operation on arrays may refuse: the codes of its messages.
REFUSALS = ("shape", "subscript", "singular", "not-finite", "too-large")


class Refused(ValueError):  # noqa: N818 - it is no mistake of ours
    """What an operation on arrays cannot do, and why; `remedy` says what would help."""

    def __init__(self, message: str, code: str = "shape", remedy: str = "") -> None:
        super().__init__(message)
        assert code in REFUSALS
        self.code = code
        self.remedy = remedy


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
        numpy: the NumPy function of the same meaning, for arrays, and where `value` raises; without one, that of this
            name in `kernels.py`, if there is one, else `value` element by element
        edges: for an operand, a letter and a formula: where the letter's value is 0 and the partial's own formula
            has no finite number, this formula is the partial. For limits and conventions
        piece: a function of the operands and the result that is constant on each smooth piece of the operation,
            and changes at a kink or a jump; without one, there is one piece
        kink: where it has no derivative, and what it does beside that; None where it always has one
        analytic: whether it is analytic, or made of analytic pieces, so that the complex step may be used
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
    kink: Kink | None = None
    analytic: bool = True
    domain: str = ""
    convention: str = ""

    @property
    def variadic(self) -> bool:
        """Whether it takes any number of operands upward of its arity."""
        return callable(self.partials)

    @property
    def arity(self) -> int:
        """How many operands it takes; the least number where that may vary."""
        return 2 if callable(self.partials) else len(self.partials)

    @property
    def most(self) -> int | None:
        """The largest number of operands that it takes; None for a variadic one."""
        return None if self.variadic else self.arity

    @property
    def elementwise(self) -> bool:
        """Whether it works on arrays element by element, as it does on numbers."""
        return True

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The operation on floats and on arrays."""
        from adcli.rules.dispatch import function_of

        return function_of(self)

    def formulas(self, count: int) -> tuple[str, ...]:
        """The formula of the partial for each of `count` operands."""
        return self.partials(count) if callable(self.partials) else self.partials

    def letters(self, count: int) -> tuple[str, ...]:
        """What the formulas call the operands."""
        return operand_letters(count) if self.variadic else ("a", "b", "c", "d")[:count]

    def edge(self, position: int) -> tuple[str, str] | None:
        """The edge of the operand at a position."""
        return self.edges[position] if position < len(self.edges) else None


def _only_arrays(*operands: float) -> float:
    raise TypeError("an operation on arrays is not called as one on floats")


class ArrayPrimitive(Primitive):
    """An operation on whole arrays, such as a sum or a product of matrices, with its derivative.

    A formula is text of the language: an expression, or assignments separated by `;` with an expression behind
    them. In it `a, b, c` are the operands (`a1, a2` … if their number may be any), `v` the result, `g` the result's
    adjoint and `da, db` the operands' tangents. What it gives to an operand is summed to the operand's shape, where it
    was broadcast. Where the formulas depend on the shapes they are a function of the operands' shapes.

    Attributes:
        kernel: the function in `kernels.py` that computes it
        settings: what the kernel gets behind the operands
        vjp: for each operand what it receives; empty for one that receives nothing, such as a size
        jvp: for each operand what its tangent adds to that of the result
        shape: the result's shape, from the operands' shapes and their values where those are known; raises Refused
        counts: the least and the largest number of operands; None for any
        source: where the formulas come from
        by_shape: whether a sweep is known to read of its arrays the shapes alone
    """

    kernel: str = ""
    settings: tuple[Any, ...] = ()
    vjp: Formulas = ()
    jvp: Formulas = ()
    shape: Callable[[Sequence[Shape], Sequence[Any]], Shape]
    counts: tuple[int, int | None] = (1, 1)
    source: str = ""
    by_shape: bool = False

    def __init__(self, name: str, summary: str, samples: tuple[tuple[Any, ...], ...], **attributes: Any) -> None:
        # no dataclass of its own, and as frozen as its base: to make a class a dataclass costs a hundredth of a start
        own = {key: attributes.pop(key) for key in ArrayPrimitive.__annotations__ if key in attributes}
        super().__init__(name, _only_arrays, (), summary, samples, **attributes)
        for key, value in own.items():
            object.__setattr__(self, key, value)

    @property
    def variadic(self) -> bool:
        """Whether it takes any number of operands upward of its arity."""
        return self.counts[1] is None

    @property
    def arity(self) -> int:
        """The least number of operands."""
        return self.counts[0]

    @property
    def most(self) -> int | None:
        """The largest number of operands; None for a variadic one."""
        return self.counts[1]

    @property
    def elementwise(self) -> bool:
        """It works on whole arrays."""
        return False

    def pullbacks(self, shapes: Sequence[tuple[int, ...]]) -> tuple[str, ...]:
        """What each operand receives, as formulas; empty for nothing."""
        return self.vjp(shapes) if callable(self.vjp) else self.vjp[: len(shapes)]

    def pushforwards(self, shapes: Sequence[tuple[int, ...]]) -> tuple[str, ...]:
        """What each operand's tangent adds, as formulas; empty for nothing."""
        return self.jvp(shapes) if callable(self.jvp) else self.jvp[: len(shapes)]


def array_primitive(name: str, summary: str, samples: tuple[tuple[Any, ...], ...], **attributes: Any) -> ArrayPrimitive:
    """A row of the tables of operations on arrays."""
    attributes.setdefault("kernel", name)
    return ArrayPrimitive(name, summary, samples, **attributes)


def operand_letters(count: int) -> tuple[str, ...]:
    """`a1, a2, a3` …: the operands of a variadic primitive."""
    return tuple(f"a{position}" for position in range(1, count + 1))

"""The record of a primitive. Its docstring is the rule author's manual."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Protocol, TypeAlias

from adcli.errors import AdError, Problem
from adcli.records import KW_ONLY, dataclass
from adcli.rules.facts import EVERY, NOT_ANALYTIC, UNKNOWN, UNTOLD, WHOLE, Fact, Notation, Over, Rounding, refusal
from adcli.rules.kinks import Kink
from adcli.rules.shapes import Rule


class EachOperand:
    """Formulas of as many operands, each made when it is asked for: there may be thousands."""

    def __init__(self, count: int, formula: Callable[[int], str]) -> None:
        self._count = count
        self._formula = formula

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: int) -> str:
        return self._formula(range(self._count)[place])

    def __iter__(self) -> Iterator[str]:
        return map(self._formula, range(self._count))


Stated: TypeAlias = "tuple[str, ...] | EachOperand"
Formulas: TypeAlias = "tuple[str, ...] | Callable[[Sequence[tuple[int, ...]]], Stated]"


@dataclass(frozen=True, eq=False, repr=False)
class Primitive:
    """An operation that stands on the tape as one entry, with its derivative and all that is known of it.

    A formula is text in the part of the `.ad` language that is also Python: `**`, calls, `+ - * /`. In it
    `a, b, c` are the operands and `v` is the result; a variadic primitive calls its operands `a1, a2, a3` ….
    The numeric sweep compiles the text as Python, everything else parses it with the grammar. A formula must
    be accurate, not only true: `1 - v**2` for tanh loses everything at 20.

    The facts behind `convention` have no default: each row states each, with the words of `facts.py`. A kernel is
    named and not given, so that nothing of NumPy, cmath or mpmath is loaded before it is needed; but for a row that a
    program makes (`implicit.py`), which gives it.

    Attributes:
        name: what a program calls it
        value: the operation on Python floats. Where IEEE 754 has an answer and Python an exception
            (`1 / 0`, `log(-1)`) it may raise ArithmeticError or ValueError: `numpy` answers then
        partials: the partial derivative with respect to each operand, as a formula; for a variadic primitive
            a function from the number of operands to the formulas
        symbol: the operator that stands for it, if one does
        notation: how a program writes it
        tex: how mathematics writes it: a command that stands in front of the operands, such as that of the sine, or a
            pattern with `#1` for the first operand, `#*` for all sizes and `#;` for all operands; by default its name
            in upright letters
        textbook: how a text in mathematics writes it, where its name is one of libraries: a formula, `exp(a) - 1`, of
            as few operands as it takes, or a sum over an index
        shown: a formula that people see for it in a rule, where they know it: `a**b * log(a)`; by default it is called
            there by its name
        numpy: the NumPy function of the same meaning, where `value` raises
        ufunc: the NumPy function that can compute it in the memory of an operand, if that is to be done
        edges: for an operand, a letter and a formula: where the letter's value is 0 and the partial's own formula
            has no finite number, this formula is the partial. For limits and conventions
        piece: a function of the operands and the result that is constant on each smooth piece of the operation,
            and changes at a kink or a jump; without one, there is one piece
        samples: points at which the tests hold the formulas against high-precision differences
        summary: what it computes, in a few words
        domain: a condition in the language: where it fails there is no finite value; empty where it never does
        convention: what is used where no derivative exists
        array: its kernel on arrays: SAME as on numbers, LIBRARY (what `numpy` names), ONE_BY_ONE, OWN, or the name of
            a kernel of ours in `readings/elementwise.py`
        complex: its kernel on complex numbers, for the complex step: LIBRARY, OWN, the name of one in
            `readings/complex.py`, PIECES, or NOT_ANALYTIC. A function made of analytic pieces is one of them
        precise: its kernel on mpmath's numbers: LIBRARY, OWN, or the name of one in `readings/precise.py`
        rounding: how far the result may be off, and where it is exact
        terms: OPERANDS where it is a sum of its operands, NO_SUM where it is none: there nothing can cancel
        kink: where it has no derivative, and what it does beside that; None where it always has one
        zero: the letters of the operands of which one is 0 wherever the exact value is: none if it is never 0. UNTOLD
            where that is not so simple
        flat: the same for the exact partial with respect to each operand
    """

    name: str
    value: Callable[..., float]
    partials: tuple[str, ...] | Callable[[int], tuple[str, ...]]
    summary: str
    samples: tuple[tuple[float, ...], ...]
    symbol: str = ""
    notation: Notation = Notation.CALL
    numpy: str = ""
    ufunc: str = ""
    edges: tuple[tuple[str, str] | None, ...] = ()
    piece: Callable[[Sequence[float], float], Hashable] | None = None
    domain: str = ""
    convention: str = ""
    tex: str = ""
    textbook: str | Over = ""
    shown: str = ""
    _: KW_ONLY
    array: str | Fact
    complex: str | Fact
    precise: str | Fact
    rounding: Rounding | str | Fact
    terms: str | Fact
    kink: Kink | None
    zero: tuple[str, ...] | Fact
    flat: tuple[tuple[str, ...] | Fact, ...] | Fact

    # what only an operation on whole arrays can do: those state it
    mixes = cancels = bilinear = view = remembers = of_shapes = False
    by: ClassVar[tuple[int, ...] | Fact] = EVERY

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

    @property
    def linear(self) -> bool:
        """Whether its rules say nothing of values; of an operation on whole arrays its row tells."""
        return False

    @property
    def analytic(self) -> bool:
        """Whether it is analytic, or made of analytic pieces, so that the complex step may be used; raises AdError."""
        return self.known("complex") is not NOT_ANALYTIC

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The operation on floats and on arrays."""
        from adcli.rules.functions import function_of

        return function_of(self)

    def known(self, fact: str) -> Any:
        """A fact of the row, which somebody needs; raises AdError `usage` where it is UNKNOWN."""
        value = getattr(self, fact)
        if value is UNKNOWN:
            note = f"the row of `{self.name}` in the table of primitives leaves it open"
            raise AdError(Problem("usage", f"{_ASKED[fact].format(f'`{self.name}`')} is not known", note=note))
        return value

    @cached_property
    def without(self) -> tuple[int, ...]:
        """The positions of the operands by which it has no derivative: who asks for one is refused."""
        formulas = () if callable(self.partials) else self.partials
        return tuple([position for position, formula in enumerate(formulas) if refusal(formula)])

    def formulas(self, count: int) -> tuple[str, ...]:
        """The formula of the partial for each of `count` operands."""
        return self.partials(count) if callable(self.partials) else self.partials

    def letters(self, count: int) -> tuple[str, ...]:
        """What the formulas call the operands."""
        return operand_letters(count) if self.variadic else ("a", "b", "c", "d")[:count]

    def edge(self, position: int) -> tuple[str, str] | None:
        """The edge of the operand at a position."""
        return self.edges[position] if position < len(self.edges) else None

    def zero_operands(self) -> Sequence[int] | None:
        """The positions of the operands of which one is 0 wherever the exact value is; None where that is not told."""
        return self._positions(self.known("zero"))

    def flat_operands(self, position: int) -> Sequence[int] | None:
        """The same for the exact partial with respect to an operand."""
        flat = self.known("flat")
        return None if isinstance(flat, Fact) else self._positions(flat[position])

    def _positions(self, letters: tuple[str, ...] | Fact) -> Sequence[int] | None:
        own = self.letters(self.arity)
        return None if isinstance(letters, Fact) else [own.index(letter) for letter in letters]


# What is asked for by who needs a fact.
_ASKED = {
    "array": "how {} is computed on arrays",
    "complex": "how {} is computed with complex numbers",
    "precise": "how {} is computed with many digits",
    "rounding": "how {} rounds",
    "terms": "whether {} is a sum whose terms may cancel",
    "zero": "where {} is zero",
    "flat": "where the slope of {} is zero",
    "by": "which operands {} has derivatives by",
    "mixes": "whether {} rounds its elements relative to the largest",
    "cancels": "whether terms may cancel in the derivative of {}",
    "bilinear": "whether {} is a product of its operands",
    "view": "whether the result of {} may be a part of its operand",
    "remembers": "whether {} remembers its operand",
}


STATED_OF_ARRAYS = ("shape", "by", "mixes", "cancels", "bilinear", "view", "remembers")


def _only_arrays(*operands: float) -> float:
    raise TypeError("an operation on arrays is not called as one on floats")


class Recorder(Protocol):
    """Writes the derivative of an entry onto the tape that has the entry."""

    def contribution(self, tape: Any, entry: int, position: int, g: int) -> int | None:
        """The entry of what an operand receives, given that of the adjoint; None for nothing."""

    def tangent(self, tape: Any, entry: int, position: int, tangent: int) -> int | None:
        """The entry of what the tangent of an operand adds, given that of this tangent; None for nothing."""


class ArrayPrimitive(Primitive):
    """An operation on whole arrays, such as a sum or a product of matrices, with its derivative.

    A formula is text of the language: an expression, or assignments separated by `;` with an expression behind
    them. In it `a, b, c` are the operands (`a1, a2` … if their number may be any), `v` the result, `g` the result's
    adjoint and `da, db` the operands' tangents. What it gives to an operand is summed to the operand's shape, where it
    was broadcast. Where the formulas depend on the shapes they are a function of the operands' shapes.

    Those from `shape` on are facts and have no default. Of those of Primitive, `complex` may be SAME, where the kernel
    takes complex arrays; `rounding` is EXACT or names a kernel in `readings/array_rounding.py`, which also tells where
    nothing was rounded; `terms` names one there that gives the size of what is added up.

    Attributes:
        kernel: the function in `readings/` that computes it
        settings: what the kernel gets behind the operands
        recorder: what writes its derivative onto a tape, where the formulas cannot; they are for numbers alone then
        vjp: for each operand what it receives; empty for one that receives nothing, such as a size
        jvp: for each operand what its tangent adds to that of the result
        counts: the least and the largest number of operands; None for any
        source: where the formulas come from
        written: how NumPy writes it, where that saves a call: `{} @ {}`
        takes_axis: whether a program may give it an axis
        shape: the result's shape, from the operands' shapes and their values where those are known; raises Refused
        by: the positions of the operands that it has derivatives by, or EVERY: it has none by sizes and subscripts
        mixes: whether an element of the result is rounded relative to the largest, also where it is 0 itself, as where
            it is computed by orthogonal transformations (Higham 2002, theorem 19.4)
        cancels: where large terms may cancel in its rule, so that a zero is left that is not exact, what each operand
            receives at most from an adjoint that is not negative, as formulas; True for those of the rule with the
            absolute value of each term, False where nothing cancels
        bilinear: whether it is made of products of its two operands, whose absolute values are those of theirs
        parts: of an operation that gives several values in one array, such as Q and R below each other, each of them: a
            formula of the result `v` and of the operands
        linear: whether the tangent of the result is the operation itself of those of all its operands, 0 for what does
            not move: of thousands of operands one by one would be a square
        view: whether the result may be a part of the operand, and no new array
        remembers: whether the kernel keeps what it computed of an operand, which must not be written to then
        of_shapes: whether the result follows from the shapes of the operands, whatever their values are
        spread: which elements of the operands an element of the result has to do with: WHOLE, LANES, MOVED, PRODUCT, or
            formulas made of the operands' shapes, which move elements: those that they put in its place
    """

    settings: tuple[Any, ...] = ()
    recorder: Recorder | None = None
    vjp: Formulas = ()
    jvp: Formulas = ()
    counts: tuple[int, int | None] = (1, 1)
    source: str = ""
    written: str = ""
    takes_axis: bool = False
    parts: tuple[str, ...] = ()
    linear: bool = False
    of_shapes: bool = False
    spread: Fact | Callable[[Sequence[tuple[int, ...]]], tuple[str, ...]] = WHOLE
    shape: Rule

    def __init__(self, name: str, summary: str, samples: tuple[tuple[Any, ...], ...], **attributes: Any) -> None:
        # no dataclass of its own, and as frozen as its base: to make a class a dataclass costs a hundredth of a start,
        # and as much to set what there is one by one. What a row leaves out the classes have
        if not _NEEDED <= attributes.keys() <= _ALLOWED:
            raise KeyError(*sorted(_NEEDED - attributes.keys()) or sorted(attributes.keys() - _ALLOWED))
        self.__dict__.update(attributes, name=name, summary=summary, samples=samples)
        self.__dict__.update(value=_only_arrays, partials=(), zero=UNTOLD, flat=UNTOLD)

    @property
    def kernel(self) -> str:
        """The name of the function that computes it; of a row that a program makes, its own."""
        return self.name if callable(self.array) else str(self.array)

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

    def pullbacks(self, shapes: Sequence[tuple[int, ...]]) -> Stated:
        """What each operand receives, as formulas; empty for nothing."""
        return self.vjp(shapes) if callable(self.vjp) else self.vjp[: len(shapes)]

    def pushforwards(self, shapes: Sequence[tuple[int, ...]]) -> Stated:
        """What each operand's tangent adds, as formulas; empty for nothing."""
        return self.jvp(shapes) if callable(self.jvp) else self.jvp[: len(shapes)]


_GIVEN = {"name", "value", "partials", "summary", "samples", "zero", "flat", "_"}  # apart from the others
_ALLOWED = {*Primitive.__annotations__, *ArrayPrimitive.__annotations__, *STATED_OF_ARRAYS} - _GIVEN
_NEEDED = {"array", "complex", "precise", "rounding", "terms", "kink", *STATED_OF_ARRAYS}


@lru_cache(maxsize=100)
def operand_letters(count: int) -> tuple[str, ...]:
    """`a1, a2, a3` …: the operands of a variadic primitive."""
    return tuple(f"a{position}" for position in range(1, count + 1))


def zeros_like(shape: tuple[int, ...]) -> str:
    """The formula of an array of zeros."""
    return f"zeros({', '.join(map(str, shape))})"

"""The operations on whole arrays, each with its derivative: products, and what gives or changes a shape.

`primitive.py` says how to read a row. The rules are those of Giles, "An extended collection of matrix derivative
results for forward and reverse mode algorithmic differentiation", Oxford (2008), and of everyday calculus; a row with
another source names it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import accumulate
from typing import Any

from adcli.rules import shapes
from adcli.rules.along import MATRIX, VECTOR, Shapes
from adcli.rules.facts import NO_SUM, PRODUCT, WHOLE, Notation, Over
from adcli.rules.families import moving, plain
from adcli.rules.primitive import ArrayPrimitive, EachOperand, Primitive, zeros_like

# Products


def _matmul_vjp(s: Shapes) -> tuple[str, str]:
    left, right = (len(shape) for shape in s)
    if left == right == 1:
        return "g * b", "g * a"
    to_left = "g @ b'" if left == right == 2 else "outer(g, b)" if left == 2 else "b @ g"
    return to_left, "outer(a, g)" if left == 1 else "a' @ g"


MATMUL = plain(
    "matmul", "product of matrices and vectors", ((MATRIX, VECTOR), ([0.5, 2.0], MATRIX), (VECTOR, VECTOR),
    (MATRIX, [[1.0, 0.5], [2.0, -1.0], [0.3, 4.0]])), symbol="@", notation=Notation.OPERATOR, written="{} @ {}",
    rounding="matmul", terms="products", bilinear=True, spread=PRODUCT, shape=shapes.product, counts=(2, 2),
    vjp=_matmul_vjp, jvp=("da @ b", "a @ db"),
)  # fmt: skip

PRODUCTS = (
    MATMUL,
    plain(
        "dot", "sum of the products of the elements of two vectors", ((VECTOR, [2.0, 0.3, -1.0]),),
        rounding="dot", terms="products", bilinear=True, spread=PRODUCT, tex=r"#1^{\top} #2",
        shape=shapes.dot, counts=(2, 2), vjp=("g * b", "g * a"), jvp=("dot(da, b)", "dot(a, db)"),
    ),
    plain(
        "outer", "matrix of all products of the elements of two vectors", ((VECTOR, [2.0, 0.3]),),
        rounding="outer", terms=NO_SUM, bilinear=True, tex=r"#1 #2^{\top}",
        shape=shapes.outer, counts=(2, 2), vjp=("g @ b", "a @ g"), jvp=("outer(da, b)", "outer(a, db)"),
    ),
)  # fmt: skip


# Shapes


def _diag_vjp(s: Shapes) -> tuple[str]:
    if len(s[0]) == 1 or s[0][0] == s[0][1]:
        return ("diag(g)",)
    least = min(s[0])
    return (f"t = zeros({s[0][0]}, {s[0][1]}); t[:{least}, :{least}] = diag(g); t",)


def _reshape_vjp(s: Shapes) -> tuple[str, ...]:
    sizes = ", ".join(map(str, s[0]))
    return (f"reshape(g, {sizes})", *("" for _ in s[1:])) if sizes else ("sum(g)", *("" for _ in s[1:]))


@lru_cache(maxsize=100)
def _ends(*sizes: int) -> tuple[int, ...]:
    return tuple(accumulate(sizes))


def _concat_vjp(s: Shapes) -> EachOperand:
    ends = _ends(*(shape[0] for shape in s))
    return EachOperand(len(s), lambda place: f"g[{ends[place] - s[place][0]}:{ends[place]}]")


def _concat_jvp(s: Shapes) -> EachOperand:
    def formula(place: int) -> str:
        zeros = [zeros_like(shape) for shape in s]
        return f"concat({', '.join([*zeros[:place], f'da{place + 1}', *zeros[place + 1 :]])})"

    return EachOperand(len(s), formula)


def _stack_jvp(s: Shapes) -> EachOperand:
    whole = zeros_like((len(s), *s[0]))
    return EachOperand(len(s), lambda place: f"t = {whole}; t[{place}] = da{place + 1}; t")


STACK = moving(
    "stack", "vector of numbers, or matrix with vectors as its rows", ((1.0, 2.0, 3.0), (VECTOR, [2.0, 0.3, -1.0])),
    symbol="[]", notation=Notation.DISPLAY, linear=True,
    shape=shapes.stacked, counts=(1, None), vjp=lambda s: EachOperand(len(s), lambda place: f"g[{place}]"),
    jvp=_stack_jvp,
)  # fmt: skip
TRANSPOSE = moving(
    "transpose", "rows as columns", ((MATRIX,), (VECTOR,)), symbol="'", tex=r"#1^{\top}",
    notation=Notation.POSTFIX, written="{}.T", view=True, shape=shapes.transposed, vjp=("g'",),
    jvp=("da'",),
)  # fmt: skip
EXPAND = moving(
    "expand", "a, repeated to the shape of b", ((1.5, VECTOR), (VECTOR, MATRIX)), shape=shapes.like_second("expand"),
    counts=(2, 2), by=(0,), vjp=("sum_to(g, a)", ""), jvp=("expand(da, b)", ""),
)  # fmt: skip
SUM_TO = plain(
    "sum_to", "a, summed over what repeats the shape of b", ((VECTOR, 1.0), (MATRIX, VECTOR)),
    rounding="sum_to", terms="sum_to", textbook=Over("sum"),
    shape=shapes.like_second("sum_to"), counts=(2, 2), by=(0,), vjp=("expand(g, a)", ""), jvp=("sum_to(da, b)", ""),
)  # fmt: skip

RESHAPE = moving(
    "reshape", "the elements in another shape, row by row; a size may be -1",
    ((MATRIX, 3.0, 2.0), (MATRIX, -1.0)), view=True, shape=shapes.reshaped, counts=(2, 3), by=(0,),
    vjp=_reshape_vjp, tex=r"\operatorname{reshape}_{#*}\allowbreak(#1)",
    jvp=lambda s: ("reshape(da, b)" if len(s) == 2 else "reshape(da, b, c)", "", ""),
)  # fmt: skip

CONCAT = moving(
    "concat", "vectors end to end, matrices below each other", ((VECTOR, [2.0]), (MATRIX, [VECTOR])),
    shape=shapes.joined, counts=(1, None), linear=True, tex="[#;]", vjp=_concat_vjp, jvp=_concat_jvp,
)  # fmt: skip

# The adjoint is chosen and not multiplied by a mask: 0 * inf is no zero.
SELECT = moving(
    "select", "b where a is not 0, else c", (([1.0, 0.0, 1.0], VECTOR, 3.0),), shape=shapes.broadcast, counts=(3, 3),
    by=(1, 2), vjp=("", "select(a, g, 0)", "select(a, 0, g)"), jvp=("", "select(a, db, 0)", "select(a, 0, dc)"),
)  # fmt: skip


@cache
def stated(count: int) -> ArrayPrimitive:
    """What a `rule` of a program gives: a1, with the derivative a3 by a2, a5 by a4, and so on, by so many operands."""
    places = range(1, 2 * count + 1, 2)

    def formulas(s: Shapes, moves: str) -> tuple[str, ...]:
        return tuple(f"{moves.format(place + 1)} * a{place + 2}" if place in places else "" for place in range(len(s)))

    return moving(
        f"stated{count}", "the first operand, with derivatives by others as the rule of a program states them", (),
        array="first", precise="first", spread=WHOLE, shape=shapes.of_first,
        counts=(2 * count + 1, None), by=tuple(places), tex="#1",
        vjp=lambda s: formulas(s, "g"), jvp=lambda s: formulas(s, "da{}"),
    )  # fmt: skip


def is_stated(operation: Primitive) -> bool:
    """Whether an operation is that of a `rule`."""
    return operation.array == "first"


_SIZES = ((3.0,), (2.0, 3.0))
_PASSIVE: dict[str, Any] = {"counts": (1, 2), "by": (), "vjp": ("", ""), "jvp": ("", "")}
ONES = moving(
    "ones", "vector or matrix of ones", _SIZES, shape=shapes.sized("ones"), tex=r"\mathbf{1}_{#*}", **_PASSIVE
)

SHAPES = (
    STACK, TRANSPOSE, EXPAND, SUM_TO, SELECT,
    plain(
        "trace", "sum of the diagonal", (([[1.0, 2.0], [0.5, 4.0]],), (MATRIX,)),
        rounding="trace", terms="trace", shape=shapes.trace,
        vjp=lambda s: (f"g * eye({s[0][0]}, {s[0][1]})",), jvp=("trace(da)",),
        tex=r"\operatorname{tr}",
    ),
    moving(
        "diag", "matrix with a diagonal, or diagonal of a matrix",
        ((VECTOR,), (MATRIX,), ([[1.0, 2.0], [0.5, 4.0]],)), shape=shapes.diagonal, vjp=_diag_vjp, jvp=("diag(da)",),
    ),
    moving(
        "tril", "lower triangle, with the diagonal", (([[1.0, 2.0], [0.5, 4.0]],),), shape=shapes.of_matrix("tril"),
        vjp=("tril(g)",), jvp=("tril(da)",),
    ),
    moving(
        "triu", "upper triangle, with the diagonal", (([[1.0, 2.0], [0.5, 4.0]],),), shape=shapes.of_matrix("triu"),
        vjp=("triu(g)",), jvp=("triu(da)",),
    ),
    moving(
        "copyltu", "symmetric matrix with the same lower triangle", (([[1.0, 2.0], [0.5, 4.0]],),),
        shape=shapes.of_square("copyltu", scalar=False), vjp=("tril(g + g') - diag(diag(g))",), jvp=("copyltu(da)",),
    ),
    RESHAPE,
    CONCAT,
    moving(
        "zeros", "vector or matrix of zeros", _SIZES, shape=shapes.sized("zeros"), tex=r"\mathbf{0}_{#*}", **_PASSIVE,
    ),
    ONES,
    moving("eye", "matrix with ones on its diagonal", _SIZES, shape=shapes.identity, tex="I_{#*}", **_PASSIVE),
    plain(
        "linspace", "c numbers at equal distances from a to b", ((1.0, 2.0, 5.0),),
        rounding="linspace", terms=NO_SUM, tex=r"(#1,\, \dots,\, #2)_{#3}",
        shape=shapes.spaced, counts=(3, 3), by=(0, 1),
        vjp=("dot(g, linspace(1, 0, c))", "dot(g, linspace(0, 1, c))", ""),
        jvp=("da * linspace(1, 0, c)", "db * linspace(0, 1, c)", ""),
    ),
)  # fmt: skip

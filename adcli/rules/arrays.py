"""The operations on whole arrays, each with its derivative: sums, products, shapes, elements.

`primitive.py` says how to read a row. The rules are those of Giles, "An extended collection of matrix derivative
results for forward and reverse mode algorithmic differentiation", Oxford (2008), and of everyday calculus; a row with
another source names it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cache, partial
from typing import Any

from adcli.rules import kinks, shapes
from adcli.rules.primitive import ArrayPrimitive, Primitive, Refused, array_primitive, operand_letters

_VECTOR = [1.5, -0.5, 2.0]
_MATRIX = [[1.0, 2.0, 0.5], [-0.3, 4.0, -1.5]]

Shapes = Sequence[tuple[int, ...]]


def _piece(axis: int | None) -> Callable[[Sequence[Any], Any], Hashable]:
    """Which elements attain the largest or the least one, of all or along an axis."""

    def piece(operands: Sequence[Any], value: Any) -> Hashable:
        import numpy

        attained = value if axis is None else numpy.expand_dims(value, axis)
        key: bytes = (operands[0] == attained).tobytes()
        return key

    return piece


# What goes along an axis. `back` brings a result, or its adjoint, to a shape that fits the operand again


def _back(axis: int | None, shape: tuple[int, ...], text: str) -> str:
    """A text for what was reduced along an axis, as something that is repeated along it."""
    if axis is None or len(shape) < 2 or axis % len(shape) == 0:
        return text
    return f"reshape({text}, {shape[0]}, 1)"


def _suffix(axis: int | None) -> str:
    return "" if axis is None else f", axis = {axis}"


def _count(axis: int | None, shape: tuple[int, ...]) -> int:
    sizes = shape if axis is None else (shape[axis],)
    count = 1
    for size in sizes:
        count *= size
    return count


def _sum(axis: int | None) -> dict[str, Any]:
    return {
        "vjp": lambda s: (f"expand({_back(axis, s[0], 'g')}, a)",),
        "jvp": (f"sum(da{_suffix(axis)})",),
    }


def _mean(axis: int | None) -> dict[str, Any]:
    return {
        "vjp": lambda s: (f"expand({_back(axis, s[0], 'g')}, a) / {_count(axis, s[0])}",),
        "jvp": (f"mean(da{_suffix(axis)})",),
    }


def _extreme(sign: float, axis: int | None) -> dict[str, Any]:
    def share(s: Shapes) -> str:
        return f"t = where(a == {_back(axis, s[0], 'v')}, 1, 0)"

    def total(s: Shapes) -> str:
        return f"sum(t{_suffix(axis)})"

    return {
        "vjp": lambda s: (f"{share(s)}; {_back(axis, s[0], 'g')} * t / {_back(axis, s[0], total(s))}",),
        "jvp": lambda s: (f"{share(s)}; sum(t * da{_suffix(axis)}) / {total(s)}",),
        "piece": _piece(axis),
        "kink": kinks.extreme(sign, axis),
        "convention": "an equal share to each element of a tie",
    }


def _prod(axis: int | None) -> dict[str, Any]:
    """The product of all other elements, by halves: exact at zeros, and made of operations that have rules again."""

    def text(s: Shapes, start: str) -> str:
        shape = s[0]
        turned = axis is not None and len(shape) == 2 and axis % 2 == 1
        flat = axis is None and len(shape) == 2
        first = "a'" if turned else f"reshape(a, {shape[0] * shape[1]})" if flat else "a"
        size = _count(axis, shape)
        rest = () if axis is None or len(shape) < 2 else (shape[1 - axis % 2],)
        lines, last = _others(first, size, rest, start)
        lines.append(f"{last}'" if turned else f"reshape({last}, {shape[0]}, {shape[1]})" if flat else last)
        return "; ".join(lines)

    return {
        "vjp": lambda s: (text(s, "g"),),
        "jvp": lambda s: (_then_sum(text(s, "1"), axis),),
    }


def _then_sum(lines: str, axis: int | None) -> str:
    *before, last = lines.split("; ")
    return "; ".join([*before, f"sum({last} * da{_suffix(axis)})"])


def _others(first: str, size: int, rest: tuple[int, ...], start: str) -> tuple[list[str], str]:
    """Lines that compute, for each of `size` rows, the product of the others times `start`; the name of the last."""
    lines = [f"p0 = {first}"]
    sizes = [size]
    while sizes[-1] > 1:
        level, n = len(sizes) - 1, sizes[-1]
        half = n // 2
        product = f"p{level}[:{half}] * p{level}[{half}:{2 * half}]"
        lines.append(
            f"p{level + 1} = {product}" if n % 2 == 0 else f"p{level + 1} = concat({product}, p{level}[{n - 1}:])"
        )
        sizes.append(n - half)
    columns = "".join(f", {one}" for one in rest)
    lines.append(f"q{len(sizes) - 1} = {start} * ones({min(size, 1)}{columns})")
    for level in range(len(sizes) - 2, -1, -1):
        n, q, p = sizes[level], f"q{level + 1}", f"p{level}"
        half = n // 2
        parts = f"{q}[:{half}] * {p}[{half}:{2 * half}], {q}[:{half}] * {p}[:{half}]"
        lines.append(f"q{level} = concat({parts}{f', {q}[{half}:]' if n % 2 else ''})")
    return lines, "q0"


def _norm(axis: int | None) -> dict[str, Any]:
    def safe(s: Shapes) -> str:
        return _back(axis, s[0], "where(v == 0, 1, v)") if axis is not None and len(s[0]) == 2 else "v"

    return {
        "vjp": lambda s: (f"{_back(axis, s[0], 'g')} * (a / {safe(s)})",),
        "jvp": lambda s: (f"sum(a / {safe(s)} * da{_suffix(axis)})",),
        "edges": (("v", "0 * a"),),
        "piece": lambda operands, value: value == 0 if type(value) is float else (value == 0).tobytes(),
        "kink": kinks.norm(axis),
        "convention": "0 at 0, the subgradient of least norm",
    }


def _logsumexp(axis: int | None) -> dict[str, Any]:
    return {
        "vjp": lambda s: (f"{_back(axis, s[0], 'g')} * softmax(a{_suffix(axis)})",),
        "jvp": (f"sum(softmax(a{_suffix(axis)}) * da{_suffix(axis)})",),
    }


def _softmax(axis: int | None) -> dict[str, Any]:
    def moved(s: Shapes, x: str) -> str:
        return f"v * ({x} - {_back(axis, s[0], f'sum({x} * v{_suffix(axis)})')})"

    return {"vjp": lambda s: (moved(s, "g"),), "jvp": lambda s: (moved(s, "da"),)}


def _cumsum(axis: int | None) -> dict[str, Any]:
    def backward(s: Shapes) -> str:
        turned = "[:, ::-1]" if axis is not None and len(s[0]) == 2 and axis % 2 == 1 else "[::-1]"
        return f"cumsum(g{turned}{_suffix(axis)}){turned}"

    return {"vjp": lambda s: (backward(s),), "jvp": (f"cumsum(da{_suffix(axis)})",)}


_ALONG: dict[str, tuple[Callable[[int | None], dict[str, Any]], str, bool]] = {
    "sum": (_sum, "sum of all elements, or along an axis", True),
    "mean": (_mean, "mean of all elements, or along an axis", True),
    "prod": (_prod, "product of all elements, or along an axis", True),
    "max": (partial(_extreme, 1.0), "largest element, or along an axis", True),
    "min": (partial(_extreme, -1.0), "smallest element, or along an axis", True),
    "norm": (_norm, "root of the sum of squares, without overflow", True),
    "logsumexp": (_logsumexp, "log(sum(exp(a))), without overflow", True),
    "softmax": (_softmax, "exp(a) / sum(exp(a)), without overflow", False),
    "cumsum": (_cumsum, "sums of the elements up to each", False),
}


@cache
def along(name: str, axis: int | None) -> ArrayPrimitive:
    """One of the operations that go over all elements, or along an axis."""
    rules, summary, reduces = _ALONG[name]
    reduction = name in ("sum", "mean", "prod", "max", "min")
    if reduces:
        shape = shapes.reduced(name, axis)
    else:
        shape = shapes.vector_only(name) if name == "cumsum" and axis is None else shapes.same(name, axis)
    return array_primitive(
        name if axis is None else f"{name} axis={axis}", summary,
        ((_VECTOR,), (_MATRIX,)) if axis in (None, 0) and (name, axis) != ("cumsum", None)
        else ((_VECTOR,),) if axis in (None, 0) else ((_MATRIX,),),
        kernel="reduction" if reduction else name,
        settings=(name, axis) if reduction else () if axis is None else (axis,),
        shape=shape, **rules(axis),
    )  # fmt: skip


ALONG = tuple(_ALONG)  # the names of those that take an axis


@cache
def length(axis: int) -> ArrayPrimitive:
    """How long an array is. It has no derivative, as a size is whole."""
    name = "length" if axis == 0 else f"length axis={axis}"
    return array_primitive(
        name, "number of elements of a vector, of rows of a matrix", ((_VECTOR,), (_MATRIX,)) if axis == 0 else
        ((_MATRIX,),), kernel="length", settings=(axis,), shape=shapes.counted(axis), vjp=("",), jvp=("",),
    )  # fmt: skip


# Products


def _matmul_vjp(s: Shapes) -> tuple[str, str]:
    left, right = (len(shape) for shape in s)
    if left == right == 1:
        return "g * b", "g * a"
    to_left = "g @ b'" if left == right == 2 else "outer(g, b)" if left == 2 else "b @ g"
    return to_left, "outer(a, g)" if left == 1 else "a' @ g"


MATMUL = array_primitive(
    "matmul", "product of matrices and vectors", ((_MATRIX, _VECTOR), ([0.5, 2.0], _MATRIX), (_VECTOR, _VECTOR),
    (_MATRIX, [[1.0, 0.5], [2.0, -1.0], [0.3, 4.0]])), symbol="@", shape=shapes.product, counts=(2, 2),
    vjp=_matmul_vjp, jvp=("da @ b", "a @ db"),
)  # fmt: skip

PRODUCTS = (
    MATMUL,
    array_primitive(
        "dot", "sum of the products of the elements of two vectors", ((_VECTOR, [2.0, 0.3, -1.0]),),
        shape=shapes.dot, counts=(2, 2), vjp=("g * b", "g * a"), jvp=("dot(da, b)", "dot(a, db)"),
    ),
    array_primitive(
        "outer", "matrix of all products of the elements of two vectors", ((_VECTOR, [2.0, 0.3]),),
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


def _concat_vjp(s: Shapes) -> tuple[str, ...]:
    formulas, start = [], 0
    for shape in s:
        formulas.append(f"g[{start}:{start + shape[0]}]")
        start += shape[0]
    return tuple(formulas)


def _zeros_like(shape: tuple[int, ...]) -> str:
    return f"zeros({', '.join(map(str, shape))})"


def _concat_jvp(s: Shapes) -> tuple[str, ...]:
    zeros = [_zeros_like(shape) for shape in s]
    letters = operand_letters(len(s))
    return tuple(
        f"concat({', '.join([*zeros[:place], f'd{letter}', *zeros[place + 1 :]])})"
        if len(s) > 1
        else f"concat(d{letter})"
        for place, letter in enumerate(letters)
    )


def _stack_jvp(s: Shapes) -> tuple[str, ...]:
    whole = _zeros_like((len(s), *s[0]))
    return tuple(f"t = {whole}; t[{place}] = d{letter}; t" for place, letter in enumerate(operand_letters(len(s))))


STACK = array_primitive(
    "stack", "vector of numbers, or matrix with vectors as its rows", ((1.0, 2.0, 3.0), (_VECTOR, [2.0, 0.3, -1.0])),
    symbol="[]", shape=shapes.stacked, counts=(1, None), vjp=lambda s: tuple(f"g[{place}]" for place in range(len(s))),
    jvp=_stack_jvp,
)  # fmt: skip
TRANSPOSE = array_primitive(
    "transpose", "rows as columns", ((_MATRIX,), (_VECTOR,)), symbol="'", shape=shapes.transposed, vjp=("g'",),
    jvp=("da'",),
)  # fmt: skip
EXPAND = array_primitive(
    "expand", "a, repeated to the shape of b", ((1.5, _VECTOR), (_VECTOR, _MATRIX)), shape=shapes.like_second("expand"),
    counts=(2, 2), vjp=("sum_to(g, a)", ""), jvp=("expand(da, b)", ""),
)  # fmt: skip
SUM_TO = array_primitive(
    "sum_to", "a, summed over what repeats the shape of b", ((_VECTOR, 1.0), (_MATRIX, _VECTOR)),
    shape=shapes.like_second("sum_to"), counts=(2, 2), vjp=("expand(g, a)", ""), jvp=("sum_to(da, b)", ""),
)  # fmt: skip

# The adjoint is chosen and not multiplied by a mask: 0 * inf is no zero.
SELECT = array_primitive(
    "select", "b where a is not 0, else c", (([1.0, 0.0, 1.0], _VECTOR, 3.0),), shape=shapes.broadcast, counts=(3, 3),
    vjp=("", "select(a, g, 0)", "select(a, 0, g)"), jvp=("", "select(a, db, 0)", "select(a, 0, dc)"),
)  # fmt: skip

_SIZES = ((3.0,), (2.0, 3.0))
_PASSIVE: dict[str, Any] = {"counts": (1, 2), "vjp": ("", ""), "jvp": ("", "")}

SHAPES = (
    STACK, TRANSPOSE, EXPAND, SUM_TO, SELECT,
    array_primitive(
        "trace", "sum of the diagonal", (([[1.0, 2.0], [0.5, 4.0]],), (_MATRIX,)), shape=shapes.trace,
        vjp=lambda s: (f"g * eye({s[0][0]}, {s[0][1]})",), jvp=("trace(da)",),
    ),
    array_primitive(
        "diag", "matrix with a diagonal, or diagonal of a matrix",
        ((_VECTOR,), (_MATRIX,), ([[1.0, 2.0], [0.5, 4.0]],)), shape=shapes.diagonal, vjp=_diag_vjp, jvp=("diag(da)",),
    ),
    array_primitive(
        "tril", "lower triangle, with the diagonal", (([[1.0, 2.0], [0.5, 4.0]],),), shape=shapes.of_matrix("tril"),
        vjp=("tril(g)",), jvp=("tril(da)",),
    ),
    array_primitive(
        "triu", "upper triangle, with the diagonal", (([[1.0, 2.0], [0.5, 4.0]],),), shape=shapes.of_matrix("triu"),
        vjp=("triu(g)",), jvp=("triu(da)",),
    ),
    array_primitive(
        "copyltu", "symmetric matrix with the same lower triangle", (([[1.0, 2.0], [0.5, 4.0]],),),
        shape=shapes.of_square("copyltu", scalar=False), vjp=("tril(g + g') - diag(diag(g))",), jvp=("copyltu(da)",),
    ),
    array_primitive(
        "reshape", "the elements in another shape, row by row; a size may be -1",
        ((_MATRIX, 3.0, 2.0), (_MATRIX, -1.0)), shape=shapes.reshaped, counts=(2, 3), vjp=_reshape_vjp,
        jvp=lambda s: ("reshape(da, b)" if len(s) == 2 else "reshape(da, b, c)", "", ""),
    ),
    array_primitive(
        "concat", "vectors end to end, matrices below each other", ((_VECTOR, [2.0]), (_MATRIX, [_VECTOR])),
        shape=shapes.joined, counts=(1, None), vjp=_concat_vjp, jvp=_concat_jvp,
    ),
    array_primitive("zeros", "vector or matrix of zeros", _SIZES, shape=shapes.sized("zeros"), **_PASSIVE),
    array_primitive("ones", "vector or matrix of ones", _SIZES, shape=shapes.sized("ones"), **_PASSIVE),
    array_primitive("eye", "matrix with ones on its diagonal", _SIZES, shape=shapes.identity, **_PASSIVE),
    array_primitive(
        "linspace", "c numbers at equal distances from a to b", ((1.0, 2.0, 5.0),), shape=shapes.spaced, counts=(3, 3),
        vjp=("dot(g, linspace(1, 0, c))", "dot(g, linspace(0, 1, c))", ""),
        jvp=("da * linspace(1, 0, c)", "db * linspace(0, 1, c)", ""),
    ),
)  # fmt: skip


# Elements: one primitive for each pattern of subscripts


@cache
def element(pattern: str) -> ArrayPrimitive:
    """`a[i]`, `a[1:, j]`: an element or a part of an array; the pattern has a point for each operand."""
    letters = operand_letters(1 + pattern.count("."))
    place = _filled(pattern, letters[1:])
    none = ("",) * (len(letters) - 1)
    return array_primitive(
        f"[{pattern}]", "an element, or a part", (), kernel="element", settings=(pattern,), counts=(1, None),
        shape=lambda s, values: _part(pattern, s, values),
        vjp=lambda s: (f"t = {_zeros_like(s[0])}; t[{place}] = g; t", *none),
        jvp=(f"da1[{place}]", *none), by_shape=True,
    )  # fmt: skip


@cache
def updated(pattern: str) -> ArrayPrimitive:
    """`a[i] = b`: another version of an array; its operands are the array, the new part, and the subscripts."""
    letters = operand_letters(2 + pattern.count("."))
    place = _filled(pattern, letters[2:])
    none = ("",) * (len(letters) - 2)
    return array_primitive(
        f"[{pattern}]=", "an array with another element or part", (), kernel="update", settings=(pattern,),
        counts=(2, None), shape=lambda s, values: _fits(pattern, s, values),
        vjp=(f"t = g; t[{place}] = 0; t", f"g[{place}]", *none),
        jvp=lambda s: (f"t = da1; t[{place}] = 0; t", f"t = {_zeros_like(s[0])}; t[{place}] = da2; t", *none),
    )  # fmt: skip


def _filled(pattern: str, letters: Sequence[str]) -> str:
    rest = iter(letters)
    return "".join(next(rest) if symbol == "." else symbol for symbol in pattern)


def _part(pattern: str, s: Sequence[Any], values: Sequence[Any]) -> tuple[int | None, ...]:
    """The shape of a part."""
    shape = s[0]
    if not shape:
        raise Refused("a number has no elements", "subscript")
    parts = pattern.split(",")
    if len(parts) > len(shape):
        raise Refused(f"{len(parts)} subscripts are too many for {shapes.shape_text(shape)}", "subscript")
    rest = iter(values[1:])
    sizes: list[int | None] = []
    for part, size in zip(parts, shape, strict=False):
        if part == ".":
            bound = next(rest)
            if isinstance(bound, float) and bound.is_integer() and size is not None and not -size <= bound < size:
                help_text = f"they are counted from 0 to {size - 1}, or backward from -1 to -{size}" if size else ""
                raise Refused(f"there is no element {bound:g} among {size}", "subscript", help_text)
            continue
        bounds = [next(rest) if text else 0.0 for text in [*part.split(":"), ""][:3]]
        given = [text != "" for text in [*part.split(":"), ""][:3]]
        known = size is not None and all(isinstance(bound, float) and bound.is_integer() for bound in bounds)
        if known and not (given[2] and bounds[2] == 0):
            ends = (int(bound) if there else None for bound, there in zip(bounds, given, strict=True))
            sizes.append(len(range(*slice(*ends).indices(size or 0))))
        else:
            sizes.append(None)
    return (*sizes, *shape[len(parts) :])


def _fits(pattern: str, s: Sequence[Any], values: Sequence[Any]) -> tuple[int | None, ...]:
    room = _part(pattern, [s[0], *s[2:]], [values[0], *values[2:]])
    shapes.fits_into(s[1], room)
    result: tuple[int | None, ...] = tuple(s[0])
    return result


ARRAYS: tuple[Primitive, ...] = (*(along(name, None) for name in _ALONG), length(0), *PRODUCTS, *SHAPES)

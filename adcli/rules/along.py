"""The operations that go over all elements of an array, or along an axis, each with its derivative.

`primitive.py` says how to read a row.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cache, partial
from typing import Any, TypeAlias

from adcli.rules import kinks, shapes
from adcli.rules.facts import EXACT, LANES, NO_SUM, OWN, Fact, Over, Rounding
from adcli.rules.families import moving, plain
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.statistics import STATISTICS, back, count, suffix

VECTOR = [1.5, -0.5, 2.0]
MATRIX = [[1.0, 2.0, 0.5], [-0.3, 4.0, -1.5]]
OTHERS = ([0.3, 2.5, -1.0], [[0.7, -1.2, 2.0], [1.5, 0.4, -0.6]])  # second operands

Shapes = Sequence[tuple[int, ...]]


def _piece(axis: int | None) -> Callable[[Sequence[Any], Any], Hashable]:
    """Which elements attain the largest or the least one, of all or along an axis."""

    def piece(operands: Sequence[Any], value: Any) -> Hashable:
        import numpy

        attained = value if axis is None else numpy.expand_dims(value, axis)
        key: bytes = (operands[0] == attained).tobytes()
        return key

    return piece


def _sum(axis: int | None) -> dict[str, Any]:
    return {
        "vjp": lambda s: (f"expand({back(axis, s[0], 'g')}, a)",),
        "jvp": (f"sum(da{suffix(axis)})",),
    }


def _mean(axis: int | None) -> dict[str, Any]:
    return {
        "vjp": lambda s: (f"expand({back(axis, s[0], 'g')}, a) / {count(axis, s[0])}",),
        "jvp": (f"mean(da{suffix(axis)})",),
    }


def _extreme(sign: float, axis: int | None) -> dict[str, Any]:
    def share(s: Shapes) -> str:
        return f"t = where(a == {back(axis, s[0], 'v')}, 1, 0)"

    def total(s: Shapes) -> str:
        return f"sum(t{suffix(axis)})"

    return {
        "vjp": lambda s: (f"{share(s)}; {back(axis, s[0], 'g')} * t / {back(axis, s[0], total(s))}",),
        "jvp": lambda s: (f"{share(s)}; sum(where(t == 0, 0, da){suffix(axis)}) / {total(s)}",),
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
        size = count(axis, shape)
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
    return "; ".join([*before, f"sum({last} * da{suffix(axis)})"])


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
    columns = "".join(f", {letter}" for letter in rest)
    lines.append(f"q{len(sizes) - 1} = {start} * ones({min(size, 1)}{columns})")
    for level in range(len(sizes) - 2, -1, -1):
        n, q, p = sizes[level], f"q{level + 1}", f"p{level}"
        half = n // 2
        parts = f"{q}[:{half}] * {p}[{half}:{2 * half}], {q}[:{half}] * {p}[:{half}]"
        lines.append(f"q{level} = concat({parts}{f', {q}[{half}:]' if n % 2 else ''})")
    return lines, "q0"


def _norm(axis: int | None) -> dict[str, Any]:
    def safe(s: Shapes) -> str:
        return back(axis, s[0], "where(v == 0, 1, v)") if axis is not None and len(s[0]) == 2 else "v"

    return {
        "vjp": lambda s: (f"{back(axis, s[0], 'g')} * (a / {safe(s)})",),
        "jvp": lambda s: (f"sum(a / {safe(s)} * da{suffix(axis)})",),
        "edges": (("v", "0 * a"),),
        "piece": lambda operands, value: value == 0 if type(value) is float else (value == 0).tobytes(),
        "kink": kinks.norm(axis),
        "convention": "0 at 0, the subgradient of least norm",
    }


def _logsumexp(axis: int | None) -> dict[str, Any]:
    return {
        "vjp": lambda s: (f"{back(axis, s[0], 'g')} * softmax(a{suffix(axis)})",),
        "jvp": (f"sum(softmax(a{suffix(axis)}) * da{suffix(axis)})",),
    }


def _softmax(axis: int | None) -> dict[str, Any]:
    """The textbook's v * (g - sum(g * v)) cancels where one element has nearly all of the weight."""
    return {
        "vjp": (f"softmax_along(a, g{suffix(axis)})",),
        "jvp": (f"softmax_along(a, da{suffix(axis)})",),
        "cancels": lambda s: (f"v * (g + {back(axis, s[0], f'sum(g * v{suffix(axis)})')})",),
    }


def _log_softmax(axis: int | None) -> dict[str, Any]:
    along = suffix(axis)
    return {
        "vjp": lambda s: (f"g - softmax(a{along}) * {back(axis, s[0], f'sum(g{along})')}",),
        "jvp": (f"centered(a, da{along})",),
        "cancels": True,
    }


def _softmax_along(axis: int | None) -> dict[str, Any]:
    """The covariances of b with each element chosen by its weight: their derivatives are the third moments."""
    ending = suffix(axis)

    def moved(x: str) -> tuple[str, str]:
        third = f"centered(a, b{ending}) * centered(a, {x}{ending})"
        return f"softmax_along(a, {third}{ending})", f"softmax_along(a, {x}{ending})"

    def largest(s: Shapes) -> tuple[str, str]:
        def mean(text: str) -> str:
            return back(axis, s[0], f"sum({text} * t{ending})")

        weights, size = f"t = softmax(a{ending})", f"g + {mean('g')}"
        third = f"p = (abs(b) + {mean('abs(b)')}) * ({size})"
        return f"{weights}; {third}; t * (p + {mean('p')})", f"{weights}; t * ({size})"

    jvp = moved("da")[0], moved("db")[1]
    return {"vjp": moved("g"), "jvp": jvp, "cancels": largest}


def _centered(axis: int | None) -> dict[str, Any]:
    ending = suffix(axis)

    def vjp(s: Shapes) -> tuple[str, str]:
        total = back(axis, s[0], f"sum(g{ending})")
        return f"-softmax_along(a, b{ending}) * {total}", f"g - softmax(a{ending}) * {total}"

    def jvp(s: Shapes) -> tuple[str, str]:
        moved = back(axis, s[0], f"sum(softmax_along(a, b{ending}) * da{ending})")
        return f"-expand({moved}, a)", f"centered(a, db{ending})"

    def largest(s: Shapes) -> tuple[str, str]:
        total, mean = (back(axis, s[0], f"sum({text}{ending})") for text in ("g", "t * abs(b)"))
        weights = f"t = softmax(a{ending})"
        return f"{weights}; t * (abs(b) + {mean}) * {total}", f"{weights}; g + t * {total}"

    return {"vjp": vjp, "jvp": jvp, "cancels": largest}


def _cumsum(axis: int | None) -> dict[str, Any]:
    def backward(s: Shapes) -> str:
        turned = "[:, ::-1]" if axis is not None and len(s[0]) == 2 and axis % 2 == 1 else "[::-1]"
        return f"cumsum(g{turned}{suffix(axis)}){turned}"

    return {"vjp": lambda s: (backward(s),), "jvp": (f"cumsum(da{suffix(axis)})",)}


def _cumprod(axis: int | None) -> dict[str, Any]:
    """What an element receives is the product of those before it, times what the products of those behind it bring.

    That sum, s = g + a s behind it, is put together from stretches of doubled length, and so is that of the tangents
    from the front: it is exact at zeros, and made of operations that have rules again.
    """

    def text(s: Shapes, moving: str, forward: bool) -> str:
        turned = axis is not None and len(s[0]) == 2 and axis % 2 == 1
        shape = s[0][::-1] if turned else s[0]
        size, rest = shape[0], "".join(f", {other}" for other in shape[1:])
        a, v, x = (f"{letter}'" if turned else letter for letter in ("a", "v", moving))
        before = f"concat(ones(1{rest}), {v}[:{size - 1}])"
        lines = [f"p = {a}[1:]", f"s = {x} * {before}" if forward else f"s = {x}"]
        for reach in (2**power for power in range(max(size - 1, 0).bit_length())):
            zeros = f"zeros({reach}{rest})"
            stretches = f"{zeros}, p * s[:{size - reach}]" if forward else f"p * s[{reach}:], {zeros}"
            lines.append(f"s = s + concat({stretches})")
            lines.append(f"p = p[{reach}:] * p[:{size - 2 * reach}]")
        last = "s" if forward else f"{before} * s"
        return "; ".join([*lines[: -1 if size > 1 else None], f"({last})'" if turned else last])

    return {"vjp": lambda s: (text(s, "g", False),), "jvp": lambda s: (text(s, "da", True),)}


_Shape: TypeAlias = Callable[[str, "int | None"], shapes.Rule]


def _running(name: str, axis: int | None) -> shapes.Rule:
    """The shape of what gives a result for each element: it goes along a vector, or along the axis that it is given."""
    return shapes.vector_only(name) if axis is None else shapes.same(name, axis)


def _facts(kernel: str, rounding: str | Rounding, terms: str | Fact, **facts: Any) -> dict[str, Any]:
    return {"kernel": kernel, "rounding": rounding, "terms": terms, **facts}


# What is stated of an operation for all of its axes: its derivative, what it is, its shape, and facts of the row.
_ALONG: dict[str, tuple[Callable[[int | None], dict[str, Any]], str, _Shape, dict[str, Any]]] = {
    "sum": (_sum, "sum of all elements, or along an axis", shapes.reduced,
            _facts("total", "sum", "sum", tex=r"\sum", textbook=Over("sum"))),
    "mean": (_mean, "mean of all elements, or along an axis", shapes.reduced,
             _facts("mean", "mean", "mean", textbook=Over("sum", result="1 / n * s"))),
    "prod": (_prod, "product of all elements, or along an axis", shapes.reduced,
             _facts("product", "prod", NO_SUM, tex=r"\prod", textbook=Over("prod"))),
    "max": (
        partial(_extreme, 1.0), "largest element, or along an axis", shapes.reduced,
        _facts("largest", EXACT, NO_SUM, tex=r"\max"),
    ),
    "min": (
        partial(_extreme, -1.0), "smallest element, or along an axis", shapes.reduced,
        _facts("smallest", EXACT, NO_SUM, tex=r"\min"),
    ),
    "norm": (
        _norm, "root of the sum of squares, without overflow", shapes.reduced,
        _facts("norm", "norm", NO_SUM, complex=OWN, tex=r"\lVert #1 \rVert"),
    ),
    "logsumexp": (
        _logsumexp, "log(sum(exp(a))), without overflow", shapes.reduced,
        _facts("logsumexp", "logsumexp", NO_SUM, remembers=True, textbook=Over("sum", "exp(a)", "log(s)")),
    ),
    "softmax": (
        _softmax, "exp(a) / sum(exp(a)), without overflow", shapes.same,
        _facts("softmax", "softmax", NO_SUM, remembers=True),
    ),
    "log_softmax": (
        _log_softmax, "a - logsumexp(a), accurate where one element is far above the others", shapes.same,
        _facts("log_softmax", "log_softmax", NO_SUM, remembers=True),
    ),
    "softmax_along": (
        _softmax_along, "how softmax(a) changes along b: softmax(a) * centered(a, b)", shapes.alike,
        _facts("softmax_along", "softmax_along", NO_SUM, counts=(2, 2), remembers=True,
               tex=r"\mathrm{D}{\operatorname{softmax}}(#1)[#2]"),
    ),
    "centered": (
        _centered, "b less its mean, with softmax(a) for weights", shapes.alike,
        _facts("centered", "centered", NO_SUM, counts=(2, 2), remembers=True),
    ),
    "cumsum": (_cumsum, "sums of the elements up to each", _running, _facts("cumsum", "cumsum", "cumsum")),
    "cumprod": (
        _cumprod, "products of the elements up to each", _running,
        _facts("cumprod", "prod", NO_SUM, cancels=True),
    ),
    **STATISTICS,
}  # fmt: skip


@cache
def along(name: str, axis: int | None) -> ArrayPrimitive:
    """One of the operations that go over all elements, or along an axis."""
    derivative, summary, shape, facts = _ALONG[name]
    most = facts.get("counts", (1, 1))[1]
    others = facts.get("others", OTHERS)
    samples = tuple(operands[:most] for operands in zip((VECTOR, MATRIX), others, strict=True))
    samples = samples if axis in (None, 0) else samples[1:]
    one_vector = axis is None and shape is _running
    return plain(
        name if axis is None else f"{name} axis={axis}", summary, samples[:1] if one_vector else samples,
        settings=() if axis is None else (axis,), shape=shape(name, axis), takes_axis=True,
        **{"spread": LANES} | {key: fact for key, fact in facts.items() if key != "others"} | derivative(axis),
    )  # fmt: skip


ALONG = tuple(_ALONG)  # the names of those that take an axis


@cache
def length(axis: int) -> ArrayPrimitive:
    """How long an array is. It has no derivative, as a size is whole."""
    name = "length" if axis == 0 else f"length axis={axis}"
    return moving(
        name, "number of elements of a vector, of rows of a matrix", ((VECTOR,), (MATRIX,)) if axis == 0 else
        ((MATRIX,),), settings=(axis,), shape=shapes.counted(axis), by=(), vjp=("",), jvp=("",), kernel="length",
        takes_axis=True, of_shapes=True,
    )  # fmt: skip


ROWS = (*(along(name, None) for name in ALONG), length(0))

"""Spread, order and differences of the elements of an array, or along an axis, each with its derivative.

The rows are made by `along.along`, for each axis one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from adcli.rules import placed_shapes, shapes, ties
from adcli.rules.facts import EXACT, MOVED, NO_SUM, OWN, PIECES
from adcli.rules.primitive import zeros_like

Rules: TypeAlias = "dict[str, Any]"
Shapes = Sequence[tuple[int, ...]]

# What formulas say of an axis


def back(axis: int | None, shape: tuple[int, ...], text: str) -> str:
    """A text for what was reduced along an axis of an operand, in a shape that fits the operand again."""
    if axis is None or len(shape) < 2 or axis % len(shape) == 0:
        return text
    return f"reshape({text}, {shape[0]}, 1)"


def suffix(axis: int | None) -> str:
    """What stands behind the operands of a call."""
    return "" if axis is None else f", axis = {axis}"


def count(axis: int | None, shape: tuple[int, ...]) -> int:
    """How many elements of an operand go into each of the result."""
    sizes = shape if axis is None else (shape[axis],)
    result = 1
    for size in sizes:
        result *= size
    return result


# Spread, order, differences


def _var(axis: int | None) -> Rules:
    deviations = f"2 * demeaned(a{suffix(axis)})"
    return {
        "vjp": lambda s: (f"{back(axis, s[0], 'g')} * ({deviations}) / {count(axis, s[0])}",),
        "jvp": (f"mean({deviations} * da{suffix(axis)})",),
    }


def _std(axis: int | None) -> Rules:
    """That of the norm of the deviations, by the root of their number: its rule as well."""

    def unit(s: Shapes) -> str:
        safe = back(axis, s[0], "where(v == 0, 1, v)") if axis is not None and len(s[0]) == 2 else "v"
        return f"demeaned(a{suffix(axis)}) / {safe}"

    return {
        "vjp": lambda s: (f"{back(axis, s[0], 'g')} * ({unit(s)}) / {count(axis, s[0])}",),
        "jvp": lambda s: (f"mean({unit(s)} * da{suffix(axis)})",),
        "edges": (("v", "0 * a"),),
        "piece": ties.is_zero,
        "kink": ties.spread(axis),
        "convention": "0 where all are equal, the subgradient of least norm",
    }


def _demeaned(axis: int | None) -> Rules:
    largest = lambda s: (f"g + {back(axis, s[0], f'mean(g{suffix(axis)})')}",)  # noqa: E731 - it is one of a family
    return {
        "vjp": (f"demeaned(g{suffix(axis)})",),
        "jvp": (f"demeaned(da{suffix(axis)})",),
        "cancels": largest,
    }


def _median(axis: int | None) -> Rules:
    def shares(s: Shapes) -> tuple[list[str], list[str]]:
        """Lines that tell which elements are in the middle, and what share of it each of the one or two values is."""
        size = count(axis, s[0])
        if size % 2:
            return [f"p = where(a == {back(axis, s[0], 'v')}, 1, 0)"], ["p"]
        ordered = f"reshape(a, {size})" if axis is None and len(s[0]) == 2 else "a"
        low, high = (_elements(axis, s[0], place) for place in (size // 2 - 1, size // 2))
        lines = [
            f"t = sort({ordered}{suffix(axis)})",
            f"p = where(a == t{low}, 1, 0)",
            f"q = where(a == t{high}, 1, 0)",
        ]
        return lines, ["p", "q"]

    def vjp(s: Shapes) -> tuple[str]:
        lines, masks = shares(s)
        parts = [f"{mask} / {back(axis, s[0], f'sum({mask}{suffix(axis)})')}" for mask in masks]
        total = f"({' + '.join(parts)}) / {len(parts)}" if len(parts) > 1 else f"({parts[0]})"
        return ("; ".join([*lines, f"{back(axis, s[0], 'g')} * {total}"]),)

    def jvp(s: Shapes) -> tuple[str]:
        lines, masks = shares(s)
        parts = [f"sum(where({m} == 0, 0, da){suffix(axis)}) / sum({m}{suffix(axis)})" for m in masks]
        total = f"({' + '.join(parts)}) / 2" if len(parts) > 1 else parts[0]
        return ("; ".join([*lines, total]),)

    return {
        "vjp": vjp, "jvp": jvp, "piece": partial(ties.in_the_middle, axis=axis), "kink": ties.middle(axis),
        "convention": "an equal share to each element of a tie",
    }  # fmt: skip


def _elements(axis: int | None, shape: tuple[int, ...], place: int) -> str:
    """The subscripts of the elements at a place along an axis, in a shape that fits the operand again."""
    if axis is None or len(shape) < 2:
        return f"[{place}]"
    part = f"{place}:{place + 1}"
    return f"[{part}]" if axis % 2 == 0 else f"[:, {part}]"


def _sort(axis: int | None) -> Rules:
    return {
        "vjp": (f"sort_back(a, g{suffix(axis)})",),
        "jvp": (f"sort_along(a, da{suffix(axis)})",),
        "piece": partial(ties.order, axis=axis), "kink": ties.sorting(axis),
        "convention": "that of the order in which the first of a tie goes first",
    }  # fmt: skip


def _reordered(axis: int | None, name: str, other: str) -> Rules:
    return {
        "vjp": lambda s: (zeros_like(s[0]), f"{other}(a, g{suffix(axis)})"),
        "jvp": lambda s: (zeros_like(s[0]), f"{name}(a, db{suffix(axis)})"),
        "piece": partial(ties.order, axis=axis), "kink": ties.reordering(axis, name == "sort_back"),
        "convention": "0 at its jumps",
    }  # fmt: skip


def _without_slope(axis: int | None, kink: Any, reduces: bool) -> Rules:
    """Of whole numbers, which are constant between their jumps."""

    def jvp(s: Shapes) -> tuple[str]:
        shape = s[0] if not reduces else () if axis is None else s[0][: axis % len(s[0])] + s[0][axis % len(s[0]) + 1 :]
        return (zeros_like(shape) if shape else "0",)

    return {
        "vjp": lambda s: (zeros_like(s[0]),), "jvp": jvp, "piece": ties.level, "kink": kink,
        "convention": "0 at its jumps",
    }  # fmt: skip


def _argsort(axis: int | None) -> Rules:
    return _without_slope(axis, ties.placing(axis), False)


def _argextreme(sign: float, axis: int | None) -> Rules:
    return _without_slope(axis, ties.place_of_extreme(sign, axis), True)


def _diff(axis: int | None) -> Rules:
    def vjp(s: Shapes) -> tuple[str]:
        shape = s[0]
        place = (-1 if axis is None else axis) % len(shape)
        if not shape[place]:
            return (zeros_like(shape),)
        rest = shape[1 - place] if len(shape) == 2 else 0
        zeros, g = f"zeros({f'1, {rest}' if len(shape) == 2 else '1'})", "g'" if place else "g"
        text = f"concat({zeros}, {g}) - concat({g}, {zeros})"
        return (f"({text})'" if place else text,)

    def neighbours(s: Shapes) -> tuple[str, ...]:
        along = ":, " if (-1 if axis is None else axis) % len(s[0]) else ""
        return f"a[{along}1:]", f"a[{along}:-1]"

    return {"vjp": vjp, "jvp": (f"diff(da{suffix(axis)})",), "cancels": True, "spread": neighbours}


def _roll(axis: int | None) -> Rules:
    return {"vjp": (f"roll(g, -b{suffix(axis)})", ""), "jvp": (f"roll(da, b{suffix(axis)})", ""), "by": (0,)}


def _facts(kernel: str, rounding: Any, terms: Any = NO_SUM, **facts: Any) -> dict[str, Any]:
    return {"kernel": kernel, "rounding": rounding, "terms": terms, **facts}


_WHOLE: dict[str, Any] = {"complex": PIECES}
_Entry: TypeAlias = (
    "tuple[Callable[[int | None], Rules], str, Callable[[str, int | None], shapes.Rule], dict[str, Any]]"
)

STATISTICS: dict[str, _Entry] = {
    "var": (_var, "mean square of the deviations from the mean", shapes.reduced, _facts("var", "var")),
    "std": (_std, "root of the variance, without overflow", shapes.reduced, _facts("std", "std", complex=OWN)),
    "demeaned": (
        _demeaned, "a less its mean", shapes.same, _facts("demeaned", "demeaned", "demeaned"),
    ),
    "median": (
        _median, "middle element in order, or the mean of the two", shapes.reduced,
        _facts("median", "median", complex=OWN),
    ),
    "sort": (
        _sort, "elements from the smallest to the largest, or along an axis, by default the last", shapes.same,
        _facts("sort", EXACT, complex=OWN),
    ),
    "sort_along": (
        partial(_reordered, name="sort_along", other="sort_back"),
        "how sort(a) changes along b: b in the order of a", shapes.alike,
        _facts("sort_along", EXACT, counts=(2, 2)),
    ),
    "sort_back": (
        partial(_reordered, name="sort_back", other="sort_along"),
        "b put back from the order of a", shapes.alike,
        _facts("sort_back", EXACT, counts=(2, 2)),
    ),
    "argsort": (
        _argsort, "places of the elements from the smallest to the largest", shapes.same,
        _facts("argsort", EXACT, **_WHOLE),
    ),
    "argmax": (
        partial(_argextreme, 1.0), "place of the largest element, the first of a tie", shapes.reduced,
        _facts("argmax", EXACT, tex=r"\arg\max", **_WHOLE),
    ),
    "argmin": (
        partial(_argextreme, -1.0), "place of the smallest element, the first of a tie", shapes.reduced,
        _facts("argmin", EXACT, tex=r"\arg\min", **_WHOLE),
    ),
    "diff": (
        _diff, "each element less the one before it, by default along the last axis", placed_shapes.shorter,
        _facts("diff", "diff", "diff", tex=r"\Delta"),
    ),
    "roll": (
        _roll, "elements moved b places onward, the last ones to the front", placed_shapes.moved_by,
        _facts("roll", EXACT, counts=(2, 2), others=(1.0, -2.0), spread=MOVED),
    ),
}  # fmt: skip

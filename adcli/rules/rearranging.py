"""Arrays out of others: tiles, blocks, elements at places; products of them; polynomials and tables between knots.

`primitive.py` says how to read a row.
"""

from __future__ import annotations

from adcli.rules import placed_shapes, ties
from adcli.rules.along import MATRIX, VECTOR, Shapes
from adcli.rules.facts import EXACT, NO_SUM, PIECES
from adcli.rules.families import moving, plain
from adcli.rules.primitive import zeros_like

# Tiles and blocks


def _sum_tiles_vjp(s: Shapes) -> tuple[str, str]:
    whole, part = s
    part = (1,) * (len(whole) - len(part)) + part
    counts = [size // max(own, 1) for size, own in zip(whole, part, strict=True)]
    return f"tile(g, {', '.join(map(str, counts))})" if counts else "g", ""


def _blocks_vjp(s: Shapes) -> tuple[str, str, str]:
    return f"blocks(g, {s[0][1]} / c, c)", "", ""


_WIDE = [[1.0, 2.0, 3.0, 5.0], [4.0, 0.5, -1.0, 0.3]]

TILES = (
    moving(
        "tile", "a, repeated b times in a row, or b times below and c times beside each other",
        ((VECTOR, 2.0), (MATRIX, 3.0, 2.0), (1.5, 2.0)), shape=placed_shapes.tiled, counts=(2, 3), by=(0,),
        vjp=("sum_tiles(g, a)", "", ""),
        jvp=lambda s: ("tile(da, b)" if len(s) == 2 else "tile(da, b, c)", "", ""),
    ),
    plain(
        "sum_tiles", "a, summed over what repeats the shape of b as tiles", ((MATRIX, 1.0), ([1.0, 2.0, 3.0, 5.0],
        [1.0, 2.0])), rounding="sum_to", terms="sum_tiles", shape=placed_shapes.tile_of, counts=(2, 2), by=(0,),
        vjp=_sum_tiles_vjp, jvp=("sum_tiles(da, b)", ""),
    ),
    moving(
        "blocks", "the b × c blocks of a matrix, each of them as a row", ((_WIDE, 2.0, 2.0),),
        shape=placed_shapes.blocks, counts=(3, 3), by=(0,), vjp=_blocks_vjp, jvp=("blocks(da, b, c)", "", ""),
    ),
)  # fmt: skip


# Elements at places

PLACES = (
    moving(
        "take", "the elements of a vector at the places b, counted from 0",
        ((VECTOR, [2.0, 0.0, 2.0, 1.0]), (VECTOR, 1.0)),
        shape=placed_shapes.taken, counts=(2, 2), by=(0,), tex="#1[#2]",
        vjp=("sum_at(g, b, a)", ""), jvp=("take(da, b)", ""),
    ),
    plain(
        "sum_at", "a, summed at the places b of a vector as long as c",
        (([1.0, 2.0, 0.5, -1.0], [2.0, 0.0, 2.0, 1.0], VECTOR), (2.0, 1.0, VECTOR)),
        rounding="sum_at", terms="sum_at", shape=placed_shapes.put, counts=(3, 3), by=(0,), vjp=("take(g, b)", "", ""),
        jvp=("sum_at(da, b, c)", "", ""),
    ),
)  # fmt: skip


# Products


def _cross_largest(s: Shapes) -> tuple[str, str]:
    def text(letter: str) -> str:
        return f"t = outer(abs({letter}), g); t = t + t'; [t[1, 2], t[0, 2], t[0, 1]]"

    return text("b"), text("a")


def _kron_vjp(s: Shapes) -> tuple[str, str]:
    (rows, columns), (below, beside) = ((1, *shape)[-2:] for shape in s)
    if len(s[0]) == len(s[1]) == 1:
        return f"reshape(g, {columns}, {beside}) @ b", f"a @ reshape(g, {columns}, {beside})"
    parts = f"blocks(g, {below}, {beside})"
    to_left, to_right = f"{parts} @ reshape(b, {below * beside})", f"reshape(a, {rows * columns}) @ {parts}"
    return tuple(
        text if len(shape) == 1 else f"reshape({text}, {shape[0]}, {shape[1]})"
        for text, shape in zip((to_left, to_right), s, strict=True)
    )  # type: ignore[return-value]


def _polyval_vjp(s: Shapes) -> tuple[str, str]:
    size, rank = s[0][0], len(s[1])
    if rank < 2:
        to_coefficients = f"g {'@' if rank else '*'} vander(b, {size})"
    else:
        count = s[1][0] * s[1][1]
        to_coefficients = f"reshape(g, {count}) @ vander(reshape(b, {count}), {size})"
    return to_coefficients, f"g * {_slope(size)}" if size > 1 else "0 * b"


def _slope(size: int) -> str:
    """The derivative of a polynomial with so many coefficients."""
    return f"polyval(a[:{size - 1}] * linspace({size - 1}, 1, {size - 1}), b)"


def _polyval_jvp(s: Shapes) -> tuple[str, str]:
    return "polyval(da, b)", f"{_slope(s[0][0])} * db" if s[0][0] > 1 else "0 * db"


_EXPONENTS = "linspace(b - 1, 0, b)[:-1]"


def _vander_vjp(s: Shapes) -> tuple[str, str]:
    return (f"(g[:, :-1] * v[:, 1:]) @ {_EXPONENTS}" if s[0] else f"dot(g[:-1] * v[1:], {_EXPONENTS})"), ""


def _vander_largest(s: Shapes) -> tuple[str, str]:
    return (f"(g[:, :-1] * abs(v[:, 1:])) @ {_EXPONENTS}" if s[0] else f"dot(g[:-1] * abs(v[1:]), {_EXPONENTS})"), ""


def _vander_jvp(s: Shapes) -> tuple[str, str]:
    if not s[0]:
        return f"concat(da * v[1:] * {_EXPONENTS}, zeros(1))", ""
    return f"concat((v[:, 1:] * outer(da, {_EXPONENTS}))', zeros(1, {s[0][0]}))'", ""


PRODUCTS = (
    plain(
        "cross", "vector product of two vectors of 3", ((VECTOR, [2.0, 0.3, -1.0]),), rounding="cross", terms="cross",
        tex=r"#1 \times #2", cancels=_cross_largest, shape=placed_shapes.crossed, counts=(2, 2),
        vjp=("cross(b, g)", "cross(g, a)"), jvp=("cross(da, b)", "cross(a, db)"),
    ),
    plain(
        "kron", "all products of the elements of a and b: b in the place of each element of a, times that",
        (([1.0, 2.0], VECTOR), (MATRIX, [[2.0, 0.3], [-1.0, 0.7]])), tex=r"#1 \otimes #2",
        rounding="kron", terms=NO_SUM, bilinear=True, shape=placed_shapes.kronecker, counts=(2, 2),
        vjp=_kron_vjp, jvp=("kron(da, b)", "kron(a, db)"),
    ),
    plain(
        "polyval", "polynomial with the coefficients a, that of the highest power first, at b",
        ((VECTOR, 2.0), (VECTOR, [0.5, -2.0])), rounding="polyval", terms="polyval", cancels=True,
        shape=placed_shapes.polynomial, counts=(2, 2), vjp=_polyval_vjp, jvp=_polyval_jvp,
    ),
    plain(
        "vander", "the powers of a from a^(b-1) down to 1, for each element as a row",
        ((2.0, 3.0), (VECTOR, 4.0)), rounding="vander", terms=NO_SUM, cancels=_vander_largest,
        shape=placed_shapes.powers, counts=(2, 2), by=(0,), vjp=_vander_vjp, jvp=_vander_jvp,
    ),
)  # fmt: skip


# Between knots


def _segments(size: int) -> str:
    """Lines for the place, the width and the slope of the segment where each number lies, and how far along that."""
    lines = (
        f"j = clip(searchsorted(b, a), 1, {size - 1})", "w = take(b, j) - take(b, j - 1)",
        f"s = where(a <= b[0] or a > b[{size - 1}], 0, (take(c, j) - take(c, j - 1)) / w)",
        "t = clip((a - take(b, j - 1)) / w, 0, 1)",
    )  # fmt: skip
    return "; ".join(lines)


def _interp_vjp(s: Shapes, sign: str = "-", slope: str = "s") -> tuple[str, str, str]:
    size = s[1][0]
    if size == 1:
        return "0 * a", "zeros(1)", ("sum(g) * ones(1)" if s[0] else "g * ones(1)")
    lines = _segments(size)
    return (
        f"{lines}; g * {slope}",
        f"{lines}; h = g * {slope}; {sign}(sum_at(h * (1 - t), j - 1, b) + sum_at(h * t, j, b))",
        f"{lines}; sum_at(g * (1 - t), j - 1, c) + sum_at(g * t, j, c)",
    )


def _interp_largest(s: Shapes) -> tuple[str, str, str]:
    return _interp_vjp(s, "", "abs(s)")


def _interp_jvp(s: Shapes) -> tuple[str, str, str]:
    size = s[1][0]
    if size == 1:
        return "0 * da", "0 * db[0]", "dc[0]"
    lines = _segments(size)
    return (
        f"{lines}; s * da",
        f"{lines}; -s * ((1 - t) * take(db, j - 1) + t * take(db, j))",
        f"{lines}; (1 - t) * take(dc, j - 1) + t * take(dc, j)",
    )


def _no_slopes(s: Shapes) -> tuple[str, ...]:
    return tuple(zeros_like(shape) if shape else "0" for shape in s)


_KNOTS, _HEIGHTS = [-1.0, 0.3, 2.0, 4.5], [1.0, 3.0, -0.5, 2.0]

KNOTS = (
    plain(
        "interp", "table with the values c at the knots b, at a: linear between them, and constant beyond",
        ((0.7, _KNOTS, _HEIGHTS), ([1.5, -0.5, 7.0], _KNOTS, _HEIGHTS)), rounding="interp",
        terms=NO_SUM, shape=placed_shapes.interpolated, counts=(3, 3), cancels=_interp_largest,
        vjp=_interp_vjp, jvp=_interp_jvp,
        piece=ties.piece_of_table, kink=ties.KNOTS_OF_TABLE, convention="the slope to the left, at a knot",
        domain="b increases",
    ),
    plain(
        "searchsorted", "how many elements of a, which are in order, are less than b",
        ((_KNOTS, 0.7), (_KNOTS, [1.5, -0.5, 7.0])),
        complex=PIECES, rounding=EXACT, terms=NO_SUM, shape=placed_shapes.searched, counts=(2, 2),
        vjp=_no_slopes, jvp=lambda s: (zeros_like(s[1]) if s[1] else "0",) * 2,
        piece=ties.level, kink=ties.PLACES, convention="0 at its jumps", domain="a is in order",
    ),
)  # fmt: skip

ROWS = (*TILES, *PLACES, *PRODUCTS, *KNOTS)

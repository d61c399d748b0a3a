"""Tiles, blocks, elements at places, products, polynomials and tables between knots, by NumPy."""

from __future__ import annotations

import math

import numpy as np

from adcli.rules import placed_shapes
from adcli.rules.einsum import sizes_of, subscripts_of
from adcli.rules.readings.arrays import room
from adcli.rules.readings.values import Array, as_array, check, value_of
from adcli.rules.shapes import Refused

# Tiles and blocks


def tile(a: Array, *counts: Array) -> Array:
    """a, repeated along the last axes."""
    shape = check(placed_shapes.tiled, a, *counts)
    room("tile", [float(size) for size in shape])
    return np.tile(a, tuple(int(count.real) for count in counts))


def sum_tiles(a: Array, b: Array) -> Array:
    """a, summed over what repeats the shape of b as tiles."""
    shape = check(placed_shapes.tile_of, a, b)
    whole = as_array(a)
    sizes: list[int] = []
    for size, own in zip(whole.shape, (1,) * (whole.ndim - len(shape)) + shape, strict=True):
        sizes += [size // max(own, 1), own]
    if 0 in shape:
        return np.zeros(shape)
    return value_of(whole.reshape(sizes).sum(axis=tuple(range(0, len(sizes), 2))).reshape(shape))


def blocks(a: Array, rows: Array, columns: Array) -> Array:
    """The blocks of a matrix, each as a row."""
    shape = check(placed_shapes.blocks, a, rows, columns)
    rows, columns = int(rows), int(columns)
    parts = a.reshape(a.shape[0] // rows, rows, a.shape[1] // columns, columns)
    return parts.transpose(0, 2, 1, 3).reshape(shape)


# Elements at places


def _places(name: str, b: Array, size: int) -> Array:
    """Places in a vector of a size as NumPy's whole numbers."""
    places = as_array(b).real
    wrong = (places != np.floor(places)) | (places < 0) | (places >= size)
    if np.any(wrong | np.isnan(places)):
        first = float(places[wrong | np.isnan(places)].flat[0])
        raise Refused(
            f"`{name}` takes places among {size} elements, and is given {first:.17g}", "subscript",
            "they are whole numbers, counted from 0",
        )  # fmt: skip
    return places.astype(int)


def take(a: Array, b: Array) -> Array:
    """The elements of a vector at some places."""
    check(placed_shapes.taken, a, b)
    return value_of(a[_places("take", b, a.size)])


def sum_at(a: Array, b: Array, c: Array) -> Array:
    """Elements, summed at their places in a vector."""
    check(placed_shapes.put, a, b, c)
    result = np.zeros(c.shape, complex if np.iscomplexobj(a) else float)
    np.add.at(result, _places("sum_at", b, c.size), a)
    return result


# Products


def cross(a: Array, b: Array) -> Array:
    """The vector product of two vectors of 3."""
    check(placed_shapes.crossed, a, b)
    return np.cross(a, b)


def kron(a: Array, b: Array) -> Array:
    """All products of the elements of two arrays, b in the place of each element of a."""
    shape = check(placed_shapes.kronecker, a, b)
    room("kron", [float(size) for size in shape])
    return np.kron(a, b)


def polyval(p: Array, x: Array) -> Array:
    """A polynomial by Horner's rule, the coefficient of the highest power first."""
    check(placed_shapes.polynomial, p, x)
    first, *rest = p.tolist()
    value = np.full(x.shape, first, np.result_type(p, x)) if hasattr(x, "shape") else first
    for coefficient in rest:
        value = value * x + coefficient
    return value


def vander(x: Array, n: Array) -> Array:
    """The powers of numbers, the highest first and 1 last."""
    shape = check(placed_shapes.powers, x, n)
    room("vander", [float(size) for size in shape])
    factors = np.ones(shape, np.result_type(as_array(x), float))
    factors[..., 1:] = as_array(x)[..., None]
    return np.cumprod(factors, axis=-1)[..., ::-1].copy()


def einsum(*operands_and_text: Array) -> Array:
    """The sum of products by their subscripts."""
    *operands, text = operands_and_text
    sizes = sizes_of(text, [getattr(operand, "shape", ()) for operand in operands])
    several = len(operands) > 1
    result = np.einsum(subscripts_of(text).text, *operands, optimize=several and math.prod(sizes.values()) > _SMALL)  # type: ignore[arg-type]
    return value_of(result if several else result.copy())  # of one operand it may be a view


_SMALL = 10_000  # products, below which no order is looked for


# Between knots


def searchsorted(knots: Array, x: Array) -> Array:
    """How many elements of a vector that is in order are less than a number."""
    check(placed_shapes.searched, knots, x)
    _refuse_unless("searchsorted", bool(np.all(np.diff(knots) >= 0)), "is in order", knots)
    return value_of(np.searchsorted(knots, x).astype(float))


def _refuse_unless(name: str, increases: bool, wanted: str, knots: Array) -> None:
    if not increases:
        place = int(np.flatnonzero(~(np.diff(knots) > 0))[0])
        raise Refused(
            f"`{name}` needs a vector that {wanted}, and after {knots[place]:.6g} there is {knots[place + 1]:.6g}",
            remedy="`sort` brings numbers into order",
        )


def segments(x: Array, knots: Array) -> tuple[Array, Array, Array]:
    """Where each number lies: behind which knot, how far along there as a share, and how far from the next knot."""
    behind = np.searchsorted(knots.real, x.real).clip(1, knots.size - 1) - 1
    width = knots[behind + 1] - knots[behind]
    return behind, (x - knots[behind]) / width, (knots[behind + 1] - x) / width


def interp(x: Array, knots: Array, heights: Array) -> Array:
    """A table: linear between its knots, constant beyond them, and exact at each."""
    check(placed_shapes.interpolated, x, knots, heights)
    _refuse_unless("interp", bool(np.all(np.diff(knots.real) > 0)), "increases", knots.real)
    x = as_array(x)
    if knots.size == 1:
        return value_of(np.where(np.isnan(x), np.nan, heights[0]))
    behind, share, rest = segments(x, knots)
    low, high = heights[behind], heights[behind + 1]
    step = high - low
    inside = np.where(share.real <= 0.5, low + share * step, high - rest * step)
    inside = np.where(np.isfinite(step), inside, rest * low + share * high)
    result = np.where(x.real < knots[0].real, heights[0], np.where(x.real > knots[-1].real, heights[-1], inside))
    return value_of(np.where(np.isnan(x), math.nan, result))

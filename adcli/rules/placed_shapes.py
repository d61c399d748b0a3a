"""The shapes of results of what tiles arrays, takes elements of them, or looks up numbers in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adcli.rules.shapes import Refused, Rule, Shape, along, array_only, listed, same, shape_text, size_value


def shorter(name: str, axis: int | None = None) -> Rule:
    """Of the steps between neighbours along an axis, by default the last: there is one less."""

    def rule(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        shape = array_only(name, shapes[0])
        place = along(name, -1 if axis is None else axis, shape)
        size = shape[place]
        return (*shape[:place], None if size is None else max(size - 1, 0), *shape[place + 1 :])

    return rule


def moved_by(name: str, axis: int | None = None) -> Rule:
    """Of what keeps the shape of an array, and moves its elements by a number of places."""

    def rule(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        places = values[1]
        if shapes[1] or (isinstance(places, float) and not places.is_integer()):
            given = shape_text(shapes[1]) if shapes[1] else f"{places:g}"
            raise Refused(f"`{name}` moves elements by a whole number of places, and is given {given}")
        return same(name, axis)(shapes[:1], values)

    return rule


def _times(count: int | None, size: int | None) -> int | None:
    return None if count is None or size is None else count * size


def tiled(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `tile(a, n)` and `tile(a, m, n)`: the last sizes are multiplied."""
    counts = [size_value("tile", value) for value in values[1:]]
    own: Shape = (1,) * (len(counts) - len(shapes[0])) + shapes[0]
    before = len(own) - len(counts)
    return (*own[:before], *(_times(*pair) for pair in zip(counts, own[before:], strict=True)))


def tile_of(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `sum_tiles(a, b)`: each size of the first is a multiple of that of the second."""
    whole, part = shapes
    pairs = zip(reversed(whole), reversed(part), strict=False)
    if len(part) > len(whole) or any(
        size is not None and own is not None and size % max(own, 1) for size, own in pairs
    ):
        raise Refused(f"`sum_tiles` cannot make {shape_text(part)} of {shape_text(whole)}")
    return part


def blocks(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `blocks(a, m, n)`: a row for each block."""
    if len(shapes[0]) != 2:
        raise Refused(f"`blocks` takes a matrix, and is given {shape_text(shapes[0])}")
    sizes = [size_value("blocks", value, 1) for value in values[1:]]
    counts = [None if None in pair else pair[0] // pair[1] for pair in zip(shapes[0], sizes, strict=True)]  # type: ignore[operator]
    for size, own in zip(shapes[0], sizes, strict=True):
        if size is not None and own is not None and size % own:
            raise Refused(f"{shape_text(shapes[0])} has no blocks of {sizes[0]} × {sizes[1]}")
    return _times(*counts), _times(*sizes)


def _vector(name: str, shape: Shape, what: str) -> Shape:
    if len(shape) != 1:
        raise Refused(f"`{name}` takes a vector as {what}, and is given {shape_text(shape)}")
    return shape


def taken(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `take(a, places)`: an element for each place."""
    _vector("take", shapes[0], "what it takes elements of")
    return shapes[1]


def put(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `sum_at(a, places, b)`: the shape of the last."""
    if len(shapes[0]) != len(shapes[1]) or any(
        None not in pair and pair[0] != pair[1] for pair in zip(shapes[0], shapes[1], strict=True)
    ):
        raise Refused(f"`sum_at` needs a place for each element, and is given {listed(shapes[:2])}")
    return _vector("sum_at", shapes[2], "what tells the size of the result")


def crossed(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `cross(a, b)`: two vectors of 3, and so is the result."""
    if any(len(shape) != 1 or shape[0] not in (3, None) for shape in shapes):
        raise Refused(f"`cross` takes two vectors of 3, and is given {listed(shapes)}")
    return (3,)


def kronecker(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `kron(a, b)`: the sizes are multiplied."""
    left, right = (array_only("kron", shape) for shape in shapes)
    rank = max(len(left), len(right))
    wide = [(1,) * (rank - len(shape)) + shape for shape in (left, right)]
    return tuple(_times(*pair) for pair in zip(*wide, strict=True))


def polynomial(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `polyval(p, x)`: the shape of what it is computed at."""
    if _vector("polyval", shapes[0], "coefficients") == (0,):
        raise Refused("`polyval` needs a coefficient at least, and is given none")
    return shapes[1]


def powers(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `vander(x, n)`: n powers, for each element as a row."""
    if len(shapes[0]) > 1:
        raise Refused(f"`vander` takes a number or a vector, and is given {shape_text(shapes[0])}")
    return (*shapes[0], size_value("vander", values[1], 1))


def interpolated(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `interp(x, knots, values)`: the shape of what it is computed at."""
    (knots,), (heights,) = (
        _vector("interp", shape, what) for shape, what in zip(shapes[1:], ("knots", "values"), strict=True)
    )
    if knots is not None and heights is not None and knots != heights:
        raise Refused(f"`interp` needs a value for each knot, and is given {listed(shapes[1:])}")
    if knots == 0 or heights == 0:
        raise Refused("`interp` needs a knot at least, and is given none")
    return shapes[0]


def searched(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `searchsorted(a, x)`: a place for each number."""
    _vector("searchsorted", shapes[0], "what it looks up numbers in")
    return shapes[1]

"""Where what depends on the order of numbers has its kinks and jumps: at ties, and at the knots of tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from adcli.rules.kinks import Kink, extreme

Array = Any
_Operands = Sequence[Any]
_Beside = Callable[[_Operands, Any, _Operands], tuple[Any, Any]]


# Pieces


def level(operands: _Operands, value: Any) -> Hashable:
    """What is constant on each piece is its own."""
    key: Hashable = value.tobytes() if hasattr(value, "tobytes") else value
    return key


def is_zero(operands: _Operands, value: Any) -> Hashable:
    """Whether a spread is 0."""
    key: Hashable = value == 0 if type(value) is float else (value == 0).tobytes()
    return key


def order(operands: _Operands, value: Any, axis: int | None) -> Hashable:
    """The order of the elements, and where two are equal."""
    import numpy

    a, along = operands[0], -1 if axis is None else axis
    places = numpy.argsort(a, axis=along, kind="stable")
    equal = numpy.diff(numpy.take_along_axis(a, places, along), axis=along) == 0
    return places.tobytes(), equal.tobytes()


def in_the_middle(operands: _Operands, value: Any, axis: int | None) -> Hashable:
    """Which elements are those in the middle."""
    import numpy

    a = operands[0].ravel() if axis is None else operands[0]
    low, high = (numpy.expand_dims(part, axis or 0) for part in _middle_of(numpy.sort(a, axis or 0), axis or 0))
    key: bytes = ((a == low) | (a == high)).tobytes()
    return key


# Kinks


def spread(axis: int | None) -> Kink:
    """Of a standard deviation that is 0."""

    def beside(operands: _Operands, value: Any, tangents: _Operands) -> tuple[Any, Any]:
        from adcli.rules.readings import statistics

        return value, statistics.std(tangents[0], axis)

    def towards(operands: _Operands, value: Any) -> tuple[Any, ...]:
        from adcli.rules.readings import statistics

        return (statistics.demeaned(operands[0]) / ((value or 1.0) * operands[0].size),)

    return Kink(lambda operands, value: value, beside, towards)


def _apart(operands: _Operands, axis: int | None, back: bool = False) -> Array:
    """How far each element is from its neighbours, infinite where there are none: in order, or at its own place."""
    import numpy

    from adcli.rules.readings import statistics

    along = -1 if axis is None else axis
    steps = numpy.diff(numpy.sort(operands[0], axis=along), axis=along)
    ends = [(0, 0)] * steps.ndim
    before, behind = list(ends), list(ends)
    before[along], behind[along] = (1, 0), (0, 1)
    sides = (numpy.pad(steps, width, constant_values=math.inf) for width in (before, behind))
    result = numpy.minimum(*sides) if operands[0].shape[along] else steps
    return statistics.sort_back(operands[0], result, axis) if back else result


def _of_order(
    axis: int | None, beside: Callable[[Array, _Operands, _Operands], tuple[Array, Array]], **facts: Any
) -> Kink:
    """A kink where two elements are equal, whose order beside it their tangents tell."""

    def with_order(operands: _Operands, value: Any, tangents: _Operands) -> tuple[Any, Any]:
        import numpy

        return beside(numpy.lexsort((tangents[0], operands[0]), axis=-1 if axis is None else axis), operands, tangents)

    return Kink(lambda operands, value: _apart(operands, axis), with_order, _not_told, **facts)


def _not_told(operands: _Operands, value: Any) -> tuple[Any, ...]:
    """Of an array of gaps it is not asked for."""
    return tuple(0.0 * operand for operand in operands)


def _taken(b: Array, places: Array, axis: int | None) -> Array:
    import numpy

    return numpy.take_along_axis(b, places, -1 if axis is None else axis)


def sorting(axis: int | None) -> Kink:
    """Of elements in order: of equal ones the slower go first."""

    def beside(places: Array, operands: _Operands, tangents: _Operands) -> tuple[Array, Array]:
        return _taken(operands[0], places, axis), _taken(tangents[0], places, axis)

    return _of_order(axis, beside)


def reordering(axis: int | None, back: bool) -> Kink:
    """Of one array in the order of another one, or put back from that: it jumps where two of the other are equal."""

    def beside(places: Array, operands: _Operands, tangents: _Operands) -> tuple[Array, Array]:
        import numpy

        chosen = numpy.argsort(places, axis=-1 if axis is None else axis) if back else places
        return _taken(operands[1], chosen, axis), _taken(tangents[1], chosen, axis)

    kink = _of_order(axis, beside, jumps=True)
    return kink._replace(gap=lambda operands, value: _apart(operands, axis, True)) if back else kink


def placing(axis: int | None) -> Kink:
    """Of the places of elements in order: they jump where two are equal."""
    return _of_order(
        axis, lambda places, operands, tangents: (places.astype(float), 0.0 * operands[0]), jumps=True, apart=_any
    )


def _any(operands: _Operands) -> float:
    """Of what changes by jumps alone, another value is one of beyond a jump."""
    return 0.0


def place_of_extreme(sign: float, axis: int | None) -> Kink:
    """Of the place of the largest or the smallest element: it jumps where two are."""

    def beside(operands: _Operands, value: Any, tangents: _Operands) -> tuple[Any, Any]:
        import numpy

        a = operands[0] * sign
        tied = a == numpy.max(a, axis=axis, keepdims=True)
        places = numpy.argmax(numpy.where(tied, tangents[0] * sign, -math.inf), axis=axis)
        return (places.astype(float), numpy.zeros(places.shape)) if places.shape else (float(places), 0.0)

    return extreme(sign, axis)._replace(beside=beside, jumps=True, apart=_any)


def middle(axis: int | None) -> Kink:
    """Of a median, where a value in the middle meets one that is not."""
    along = axis or 0

    def lines(operand: Array) -> Array:
        return operand.ravel() if axis is None else operand

    def gap(operands: _Operands, value: Any) -> Any:
        import numpy

        apart = _apart([lines(operands[0])], along)
        steps = numpy.diff(numpy.sort(lines(operands[0]), axis=along), axis=along)
        size = apart.shape[along]
        if size < 3:
            return numpy.full(numpy.shape(value), math.inf)[()]
        sides = [size // 2 - 1, size // 2] if size % 2 else [size // 2 - 2, size // 2]
        nearest = numpy.min(numpy.take(steps, sides, along), axis=along)
        return nearest if nearest.shape else float(nearest)

    def beside(operands: _Operands, value: Any, tangents: _Operands) -> tuple[Any, Any]:
        import numpy

        places = numpy.lexsort((lines(tangents[0]), lines(operands[0])), axis=along)
        low, high = _middle_of(numpy.take_along_axis(lines(tangents[0]), places, along), along)
        slope = (low + high) / 2
        return value, slope if slope.shape else float(slope)

    def towards(operands: _Operands, value: Any) -> tuple[Any, ...]:
        import numpy

        ordered = numpy.argsort(operands[0], axis=None, kind="stable")
        a, size = operands[0].ravel()[ordered], operands[0].size
        parts = numpy.zeros(size)
        if size > 2:
            sides = [size // 2 - 1, size // 2] if size % 2 else [size // 2 - 2, size // 2]
            nearest = min(sides, key=lambda side: a[side + 1] - a[side])
            parts[ordered[nearest]], parts[ordered[nearest + 1]] = -1.0, 1.0
        return (parts.reshape(operands[0].shape),)

    return Kink(gap, beside, towards)


def _middle_of(ordered: Array, axis: int) -> tuple[Array, Array]:
    """The two elements in the middle of what is in order; of an odd number that in the middle, twice."""
    import numpy

    size = ordered.shape[axis]
    return numpy.take(ordered, (size - 1) // 2, axis), numpy.take(ordered, size // 2, axis)


# Tables


def piece_of_table(operands: _Operands, value: Any) -> Hashable:
    """In which segment each number lies, and which are knots."""
    import numpy

    at, knots = numpy.asarray(operands[0]), operands[1]
    left, right = (numpy.searchsorted(knots, at, side) for side in ("left", "right"))
    return left.tobytes(), right.tobytes()


def _from_knot(at: Any, knots: Array) -> Any:
    """How far numbers are above the knot that is nearest."""
    import numpy

    if not knots.size:
        return numpy.full(numpy.shape(at), math.inf)[()]
    above = numpy.searchsorted(knots, at).clip(0, knots.size - 1)
    behind, ahead = at - knots[(above - 1).clip(0)], at - knots[above]
    nearest: Any = numpy.where(abs(behind) < abs(ahead), behind, ahead)
    return nearest if nearest.shape else float(nearest)


def _nearest(at: float, knots: Array) -> Array:
    """1 at the knot that is nearest to a number, else 0."""
    import numpy

    return (numpy.arange(knots.size) == numpy.argmin(abs(knots - at))).astype(float)


def _value(result: Any) -> Any:
    return result if result.shape else float(result)


def _table_beside(operands: _Operands, value: Any, tangents: _Operands) -> tuple[Any, Any]:
    """Beside a knot a number lies on the segment to which it moves from that."""
    import numpy

    (at, knots, heights), (moved, by_knots, by_heights) = operands, tangents
    place = numpy.searchsorted(knots, at).clip(0, knots.size - 1)
    slopes = numpy.concatenate([[0.0], numpy.diff(heights) / numpy.diff(knots), [0.0]])
    away = moved - by_knots[place]
    return value, _value(by_heights[place] + numpy.where(away > 0, slopes[place + 1], slopes[place]) * away)


def _place_beside(operands: _Operands, value: Any, tangents: _Operands) -> tuple[Any, Any]:
    """Beside a knot that is counted which the number is above."""
    import numpy

    (knots, at), (by_knots, moved) = operands, tangents
    numbers, tangent = (numpy.asarray(x)[..., None] for x in (at, moved))
    below = (knots < numbers) | ((knots == numbers) & (by_knots < tangent))
    count = below.sum(axis=-1).astype(float)
    return _value(count), _value(0.0 * count)


KNOTS_OF_TABLE = Kink(
    lambda operands, value: _from_knot(operands[0], operands[1]),
    _table_beside,
    lambda operands, value: (1.0, -_nearest(operands[0], operands[1]), 0.0 * operands[2]),
)
PLACES = Kink(
    lambda operands, value: _from_knot(operands[1], operands[0]),
    _place_beside,
    lambda operands, value: (-_nearest(operands[1], operands[0]), 1.0),
    jumps=True,
    apart=lambda operands: 0.0,
)

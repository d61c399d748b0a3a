"""Where what lies between knots has its kinks and jumps: at the knots."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

from adcli.rules.kinks import Kink
from adcli.rules.ties import level

__all__ = ["KNOTS_OF_TABLE", "PLACES", "level", "piece_of_table"]

Array = Any
_Operands = Sequence[Any]


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

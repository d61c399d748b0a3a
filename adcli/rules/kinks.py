"""Where primitives have no derivative, and what they do infinitesimally beside that, along a direction.

At a kink a function still has a slope to each side: |a| has -1 and 1 at 0. With the tangents of the operands the slope
to the side that they point to is `|da|`, and of the largest of several equal operands it is the largest tangent. At a
jump the value itself is another one beside the point. (Griewank and Walther, Evaluating Derivatives, 2nd ed., 2008,
chapter 14; such one-sided derivatives obey the chain rule.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from adcli.records import NamedTuple
from adcli.rules.readings import real

Floats = Sequence[float]
Beside = tuple[float, float]


class Kink(NamedTuple):
    """Where a primitive has no derivative.

    Attributes:
        gap: a number that is 0 there and tells elsewhere how far that is away, in units of the operands; NaN or
            infinite where there is no kink. Of the operands and the result; of arrays element by element
        beside: the value and the slope beside a kink, of the operands, the result and the operands' tangents; the
            slope is NaN where there is nothing on that side, or where the tangents do not tell
        towards: the partials of the gap with respect to the operands
        jumps: whether the value itself is another one beside it
        apart: of the operands, how far values on both sides of a jump are apart at least, so that another value is
            known to be one of beyond it; None where there is no jump, or where the value does not tell
        absent: whether there is none whatever the first operand is, of the others; None where there may be one
    """

    gap: Callable[[Sequence[Any], Any], Any]
    beside: Callable[[Floats, float, Floats], Beside]
    towards: Callable[[Floats, float], tuple[float, ...]]
    jumps: bool = False
    apart: Callable[[Sequence[Any]], Any] | None = None
    absent: Callable[[Sequence[Any]], bool] | None = None


def _along(operands: Floats, value: float) -> tuple[float, ...]:
    return (1.0, *(0.0 for _ in operands[1:]))


def _one(beside: Callable[[Floats, float, Floats], Beside], gap: Callable[..., Any] | None = None) -> Kink:
    """A kink where the first operand has a certain value: by default 0."""
    return Kink(gap or (lambda operands, value: operands[0]), beside, _along)


def _jumping(kink: Kink, apart: Callable[[Sequence[Any]], Any] = lambda operands: 0.0) -> Kink:
    """A kink at which the value jumps: by default one whose values change by jumps alone."""
    return kink._replace(jumps=True, apart=apart)


def _nearest(a: Any) -> Any:
    """The nearest integer, of a float or of an array."""
    return real.nearest(a) if type(a) is float else a.round()


def _integer(operands: Sequence[Any], value: Any) -> Any:
    return operands[0] - _nearest(operands[0])


def _half(operands: Sequence[Any], value: Any) -> Any:
    return operands[0] - operands[0] // 1 - 0.5


def _infinite(slope: float) -> float:
    """An infinite slope of a sign; NaN for 0: what comes of it, the tangent alone does not tell."""
    return math.copysign(math.inf, slope) if slope else math.nan


def _inward(slope: float) -> float:
    """The slope beside the end of a domain, upright in the one direction; there is none in the other."""
    return math.inf if slope > 0 else math.nan


ABS = _one(lambda operands, value, tangents: (value, abs(tangents[0])))
RELU = _one(lambda operands, value, tangents: (value, max(tangents[0], 0.0)))
SIGN = _jumping(_one(lambda operands, value, tangents: (real.sign(tangents[0]), 0.0)))
FLOOR = _jumping(_one(lambda operands, value, tangents: (value - (tangents[0] < 0), 0.0), _integer))
CEIL = _jumping(_one(lambda operands, value, tangents: (value + (tangents[0] > 0), 0.0), _integer))
ROUND = _jumping(
    _one(
        lambda operands, value, tangents: (operands[0] + real.sign(tangents[0]) / 2 if tangents[0] else value, 0.0),
        _half,
    )
)
SQRT = _one(lambda operands, value, tangents: (value, _inward(tangents[0])))
CBRT = _one(lambda operands, value, tangents: (value, _infinite(tangents[0])))
# only where the exponent is between 0 and 1 is the slope infinite at 0
POWER = _one(
    lambda operands, value, tangents: (value, _inward(tangents[0])),
    lambda operands, value: _where_between(operands[1], operands[0]),
)._replace(absent=lambda others: not 0 < others[0] < 1)
ASIN = _one(
    lambda operands, value, tangents: (value, -_inward(-tangents[0] * operands[0]) * operands[0]),
    lambda operands, value: abs(operands[0]) - 1.0,
)._replace(towards=lambda operands, value: (real.sign(operands[0]),))
ACOS = ASIN._replace(
    beside=lambda operands, value, tangents: (value, _inward(-tangents[0] * operands[0]) * operands[0])
)
ACOSH = _one(lambda operands, value, tangents: (value, _inward(tangents[0])), lambda operands, value: operands[0] - 1.0)


def _where_between(exponent: Any, base: Any) -> Any:
    """The base where the exponent is between 0 and 1, else NaN."""
    if type(exponent) is float:
        return base if 0 < exponent < 1 else math.nan
    import numpy

    return numpy.where((exponent > 0) & (exponent < 1), base, math.nan)


HYPOT = Kink(
    lambda operands, value: value,
    lambda operands, value, tangents: (value, math.hypot(*tangents)),
    lambda operands, value: tuple(operand / value if value else 1.0 for operand in operands),
)


def _from_cut(operands: Sequence[Any], value: Any) -> Any:
    """How far a point is from the negative half of the second axis, across which its angle jumps."""
    a, b = operands
    if type(value) is float:
        return a if b < 0 else math.hypot(a, b)
    import numpy

    return numpy.where(b < 0, a, numpy.hypot(a, b))


def _angle_beside(operands: Floats, value: float, tangents: Floats) -> Beside:
    (a, b), (da, db) = operands, tangents
    if not (a or b):  # any angle, which is the same all along the direction
        return (math.atan2(da, db), 0.0) if da or db else (value, 0.0)
    return (math.copysign(math.pi, da) if da else value), da / b - a * db / b / b


ATAN2 = _jumping(
    Kink(
        _from_cut,
        _angle_beside,
        lambda operands, value: (1.0, 0.0) if operands[1] < 0 else (1.0, 1.0),
    ),
    lambda operands: math.pi,  # it changes by itself as well, and jumps by twice that
)


# Operands that meet: the largest or the smallest of several, and comparisons.


def _two_largest(operands: Sequence[Any], sign: float) -> tuple[int, int]:
    order = sorted(range(len(operands)), key=lambda place: -sign * operands[place])
    return order[0], order[1]


def _apart(sign: float) -> Callable[[Sequence[Any], Any], Any]:
    def gap(operands: Sequence[Any], value: Any) -> Any:
        if type(value) is float:
            if any(operand != operand for operand in operands):  # which have no order: none of them is the largest
                return math.nan
            first, second = _two_largest(operands, sign)
            return sign * (operands[first] - operands[second])
        import numpy

        ordered = numpy.sort(numpy.stack(numpy.broadcast_arrays(*operands)) * sign, axis=0)
        return ordered[-1] - ordered[-2]

    return gap


def _meeting(sign: float) -> Callable[[Floats, float], tuple[float, ...]]:
    def towards(operands: Floats, value: float) -> tuple[float, ...]:
        first, second = _two_largest(operands, sign)
        return tuple(sign * ((place == first) - (place == second)) for place in range(len(operands)))

    return towards


def _extreme(sign: float) -> Kink:
    """Of the largest (1) or the smallest (-1) operand: of equal ones that which goes farthest."""

    def beside(operands: Floats, value: float, tangents: Floats) -> Beside:
        tied = [tangent for operand, tangent in zip(operands, tangents, strict=True) if operand == value]
        return value, sign * max(sign * tangent for tangent in tied)

    return Kink(_apart(sign), beside, _meeting(sign))


def _is_extreme(sign: float) -> Kink:
    """Of whether the first operand is the largest, or the smallest: it jumps where two are equal."""

    def beside(operands: Floats, value: float, tangents: Floats) -> Beside:
        top = max(sign * operand for operand in operands)
        tied = [sign * tangent for operand, tangent in zip(operands, tangents, strict=True) if sign * operand == top]
        if sign * operands[0] != top or sign * tangents[0] != max(tied):
            return 0.0, 0.0
        return 1.0 / tied.count(max(tied)), 0.0

    return Kink(_apart(sign), beside, _meeting(sign), jumps=True)  # shares of a tie: fractions, which are rounded


MAX, MIN = _extreme(1.0), _extreme(-1.0)
IS_MAX, IS_MIN = _is_extreme(1.0), _is_extreme(-1.0)


# Bounds on both sides: the largest of two, and then the smallest of that and a third.


def _nearer_bound(operands: Sequence[Any]) -> tuple[Any, Any, Any]:
    """How far the first operand is above its lower bound, the upper bound above both, and whether that is nearer."""
    a, low, high = operands
    if type(a) is type(low) is type(high) is float:
        raised = max(a, low)
    else:
        import numpy

        raised = numpy.maximum(a, low)
    above, below = a - low, high - raised
    return above, below, (below <= 0) | (abs(below) < abs(above))


def _from_bounds(operands: Sequence[Any], value: Any) -> Any:
    above, below, is_upper = _nearer_bound(operands)
    if type(value) is float:
        return below if is_upper else above
    import numpy

    return numpy.where(is_upper, below, above)


def _towards_bounds(operands: Floats, value: float) -> tuple[float, ...]:
    a, low, _ = operands
    if _nearer_bound(operands)[2]:
        return (-float(a >= low), -float(a < low), 1.0)
    return (1.0, -1.0, 0.0)


def _clipped_beside(operands: Floats, value: float, tangents: Floats) -> Beside:
    (a, low, high), (da, dlow, dhigh) = operands, tangents
    raised, slope = max(a, low), max(da, dlow) if a == low else da if a > low else dlow
    return value, min(slope, dhigh) if raised == high else slope if raised < high else dhigh


CLIP = Kink(_from_bounds, _clipped_beside, _towards_bounds)


def comparison(compare: Callable[[float, float], bool]) -> Kink:
    """Of a comparison as a number: beside equal sides it is that of how they move."""
    return _jumping(
        Kink(
            lambda operands, value: operands[0] - operands[1],
            lambda operands, value, tangents: (float(compare(*tangents)), 0.0),
            lambda operands, value: (1.0, -1.0),
        )
    )


# The remainder jumps where the quotient is an integer.


def whole_quotient(operands: Sequence[Any], whole: Callable[[Any], Any]) -> Any:
    """The quotient as a whole number; NaN, as the remainder is, where the divisor is 0."""
    a, b = operands
    if type(b) is float:
        return whole(a / (b or math.nan))
    import numpy

    return whole(a / numpy.where(b == 0, math.nan, b))


def _quotient(operands: Sequence[Any]) -> Any:
    return whole_quotient(operands, _nearest)


def _mod_beside(operands: Floats, value: float, tangents: Floats) -> Beside:
    slope = tangents[0] - _quotient(operands) * tangents[1]
    if slope * operands[1] < 0:  # the quotient is one less there
        return operands[1], slope + tangents[1]
    return 0.0, slope


MOD = _jumping(
    Kink(
        lambda operands, value: operands[0] - _quotient(operands) * operands[1],
        _mod_beside,
        lambda operands, value: (1.0, -_quotient(operands)),
    ),
    lambda operands: abs(operands[1]) / 2,  # it changes by itself as well, and jumps by its divisor
)


# Operations on whole arrays. What they do beside a kink is told for all of the result, wherever it is at one.


def norm(axis: int | None) -> Kink:
    """Of the length of a vector that is 0."""

    def beside(operands: Sequence[Any], value: Any, tangents: Sequence[Any]) -> tuple[Any, Any]:
        from adcli.rules.readings import sums

        return value, sums.norm(tangents[0], axis)

    def towards(operands: Sequence[Any], value: Any) -> tuple[Any, ...]:
        return (operands[0] / (value or 1.0),)

    return Kink(lambda operands, value: value, beside, towards)


def extreme(sign: float, axis: int | None) -> Kink:
    """Of the largest (1) or the smallest (-1) element: of equal ones that which goes farthest."""

    def gap(operands: Sequence[Any], value: Any) -> Any:
        import numpy

        a = operands[0] * sign
        along = 0 if axis is None else axis
        ordered = numpy.sort(a.ravel() if axis is None else a, axis=along)
        if ordered.shape[along] < 2:  # nothing that it could meet
            return numpy.full(numpy.shape(value), math.inf) if numpy.shape(value) else math.inf
        apart = numpy.take(ordered, -1, along) - numpy.take(ordered, -2, along)
        return apart if apart.shape else float(apart)

    def beside(operands: Sequence[Any], value: Any, tangents: Sequence[Any]) -> tuple[Any, Any]:
        import numpy

        a = operands[0]
        tied = a == (value if axis is None else numpy.expand_dims(value, axis))
        slope = sign * numpy.max(numpy.where(tied, sign * tangents[0], -math.inf), axis=axis)
        return value, slope if slope.shape else float(slope)

    def towards(operands: Sequence[Any], value: Any) -> tuple[Any, ...]:
        import numpy

        order = numpy.argsort(-sign * operands[0], axis=None)
        parts = numpy.zeros(operands[0].size)
        parts[order[0]], parts[order[1]] = sign, -sign
        return (parts.reshape(operands[0].shape),)

    return Kink(gap, beside, towards)


def spectral(name: str) -> Kink:
    """Of eigenvalues that meet, and of singular values that meet or come to 0; their vectors jump there."""

    def reading(what: str) -> Callable[..., Any]:
        def function(*given: Any) -> Any:
            from adcli.rules.readings import spectral

            return getattr(spectral, f"{name}_{what}")(*given)

        return function

    return Kink(reading("gap"), reading("beside"), lambda operands, value: (), jumps=True)

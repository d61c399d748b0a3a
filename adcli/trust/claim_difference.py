"""Claims that come from finite differences: right, but for the error of their step.

A difference that somebody has taken is taken again, at the steps that people use. Near a good step rounding is all the
error that it has, and that is another one in every program. But whatever was rounded, a difference of two values is a
whole number of units in their last place: a claim that is none is no difference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

from adcli.records import NamedTuple
from adcli.trust.claimed import Allowance, ClaimedNumber
from adcli.trust.difference import EPSILON

_LARGEST = 5e-3  # a discrepancy, relative to the scale, that leaves no three digits
# How likely a discrepancy up to a size, relative to the scale, may be a difference's by chance: mistakes are large.
_CHANCES = ((1e-10, 1e3), (1e-7, 0.05), (_LARGEST, 1e-4))
_ROUNDINGS = 8.0  # standard deviations of a value's round-off that a difference may be off by
_BENDS = (1e-3, 1e-5)  # steps, relative to the input, that tell higher derivatives
_ZERO = 1e-9  # a derivative, relative to the scale, that is as good as zero
_STEPS = (*(10.0**-exponent for exponent in range(2, 11)), EPSILON**0.5, EPSILON ** (1 / 3))


class Slope(NamedTuple):
    """A derivative that a claim is held against.

    Attributes:
        x: the component of the input
        derivative: by it
        scale: the size of a derivative that is none of a zero
        noise: the round-off of a value
        value: gives the output where the component is another number
    """

    x: float
    derivative: float
    scale: float
    noise: float
    value: Callable[[float], float]


class _Difference(NamedTuple):
    """A way to take a difference: from `low` to `high` steps beside the point."""

    name: str
    order: str
    low: int
    high: int


_DIFFERENCES = (
    _Difference("a forward difference", "h", 0, 1),
    _Difference("a backward difference", "h", -1, 0),
    _Difference("a central difference", "h²", -1, 1),
)


def as_difference(claim: ClaimedNumber, slope: Slope, most: float = math.inf) -> Allowance | None:
    """The difference that a claim is, if chance is excluded, and is less likely than `most`; else None."""
    apart = abs(claim.value - slope.derivative)
    size = abs(slope.derivative) if abs(slope.derivative) > _ZERO * slope.scale else slope.scale
    if not claim.half_unit < apart <= _LARGEST * size:
        return None
    limit = next(chance for largest, chance in _CHANCES if apart <= largest * size)
    tried = 2 * len(_DIFFERENCES) * len(_steps(slope.x))
    likeliest = min(
        (
            (chance, _DIFFERENCES.index(difference), step)
            for difference, step in _plausible(claim, slope)
            if (chance := _by_chance(claim, slope, difference, step)) is not None
        ),
        default=None,
    )
    if likeliest is None or tried * likeliest[0] > min(limit, most):
        return None
    _, place, step = likeliest
    difference = _DIFFERENCES[place]
    detail = f", as {difference.name} with h = {step:.3g} is"
    return Allowance(apart, f"{difference.name}, error like {difference.order}", None, detail)


def _steps(x: float) -> list[float]:
    """The steps that people take at a number: as they are, and relative to it."""
    return sorted({step * scale for step in _STEPS for scale in (1.0, abs(x) or 1.0)}, reverse=True)


def _plausible(claim: ClaimedNumber, slope: Slope) -> Iterator[tuple[_Difference, float]]:
    """The differences whose error is of the size of the discrepancy."""
    apart = claim.value - slope.derivative
    bends = [bend for bend in map(partial(_bend, slope), _BENDS) if math.isfinite(sum(bend))]
    for step in _steps(slope.x):
        blurred = _ROUNDINGS * slope.noise / step + 2 * claim.half_unit
        for difference in _DIFFERENCES:
            side = (difference.low + difference.high) * step / 2
            errors = (side * second + step**2 / 6 * third for second, third in bends)
            if any(abs(apart - error) <= blurred + abs(error) for error in errors):
                yield difference, step


def _bend(slope: Slope, size: float) -> tuple[float, float]:
    """The second and the third derivative, as far as a step tells them."""
    step = size * (abs(slope.x) or 1.0)
    low, middle, high = (slope.value(slope.x + times * step) for times in (-1, 0, 1))
    return (high - 2 * middle + low) / step / step, 6 * ((high - low) / (2 * step) - slope.derivative) / step / step


def _by_chance(claim: ClaimedNumber, slope: Slope, difference: _Difference, step: float) -> float | None:
    """How likely a number so far from the derivative is this difference by chance; None if it is another number."""
    low, high = slope.x + difference.low * step, slope.x + difference.high * step
    values = before, after = slope.value(low), slope.value(high)
    if not math.isfinite(before + after) or before == after:
        return None
    unit = min(_last_bit(value) for value in (*values, slope.value(slope.x)) if value)
    likely: float | None = None
    for width in ((difference.high - difference.low) * step, high - low):
        blurred = _ROUNDINGS * max(slope.noise, unit) / width + claim.half_unit
        off = abs(claim.value - (after - before) / width)
        if not off <= blurred:
            continue
        units = claim.value * width / unit
        unsure = 2 * EPSILON * abs(units) + claim.half_unit * width / unit
        if unsure < 0.25 and abs(units - round(units)) > unsure:
            continue
        off = max(off, 4 * EPSILON * abs(claim.value)) + claim.half_unit
        coarse = bool(claim.value) and _last_bit(claim.value) * width >= unit  # whole whatever it comes from
        share = min(1.0, off / abs(claim.value - slope.derivative)) * (1.0 if coarse else min(1.0, 2 * unsure))
        likely = share if likely is None else min(likely, share)
    return likely


def _last_bit(value: float) -> float:
    """The last bit of a number that is not 0: what it is a whole number of."""
    above, below = value.as_integer_ratio()
    return 1 / below if below > 1 else float(above & -above)

"""The error of differences against their step: truncation to the right, round-off to the left."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from adcli.records import NamedTuple
from adcli.tape.components import flattened
from adcli.trust.compare import Comparer
from adcli.trust.complex_step import complex_steps
from adcli.trust.component import direction_along

WAYS = ("forward", "central", "complex")
_EXPONENTS = range(2, 108)  # the steps are the size of the input, halved so often in steps of a half
_POOR = 0.3  # a relative error from which on nothing is told by its slope
_CLEAR = 30.0  # times the least error: where one kind of error outweighs the other


class Curve(NamedTuple):
    """The errors of differences at falling steps.

    Attributes:
        output, component: what is differentiated, by which component of the inputs
        derivative: what the errors are taken from: the reverse sweep's
        relative: whether errors are relative to it; they are absolute where it is 0
        steps: in falling order
        errors: by the way of differencing, one for each step; NaN where there is no value
        truncation, round_off: the slopes of the errors on logarithmic scales, where each kind prevails; None where
            none does
        chosen: the step that `adcli grad` takes
    """

    output: str
    component: str
    derivative: float
    relative: bool
    steps: tuple[float, ...]
    errors: Mapping[str, tuple[float, ...]]
    truncation: Mapping[str, float | None]
    round_off: Mapping[str, float | None]
    chosen: float


def error_curve(comparer: Comparer, output: str, component: str, derivative: float) -> Curve:
    """The errors of forward, central and complex differences by one component, over sixteen powers of ten of steps."""
    tape, x = comparer.tape, flattened(comparer.point)[component]
    scale = 2.0 ** math.ceil(math.log2(abs(x))) if x else 1.0
    steps = tuple(scale * 2.0 ** (-exponent / 2) for exponent in _EXPONENTS)
    output_entry = comparer.entries[output]
    here = tape.values[output_entry]
    size = abs(derivative) or 1.0

    by_complex_step = complex_steps(tape, [output_entry], direction_along(tape, component))
    errors: dict[str, list[float]] = {way: [] for way in WAYS}
    for step in steps:
        above, below = (comparer.value(output, component, number) for number in (x + step, x - step))
        errors["forward"].append(_error((above - here) / (x + step - x) if x + step != x else math.nan, derivative))
        width = (x + step) - (x - step)
        errors["central"].append(_error((above - below) / width if width else math.nan, derivative))
        quotients = by_complex_step(step)
        errors["complex"].append(_error(math.nan if quotients is None else float(quotients[0]), derivative))
    sizes = {way: tuple(error / size for error in errors[way]) for way in WAYS}
    slopes = {way: _slopes(steps, sizes[way]) for way in WAYS}
    return Curve(
        output, component, derivative, derivative != 0, steps, sizes,
        {way: slopes[way][0] for way in WAYS}, {way: slopes[way][1] for way in WAYS},
        comparer.estimate(output, component).step,
    )  # fmt: skip


def _error(quotient: float, derivative: float) -> float:
    return abs(quotient - derivative) if math.isfinite(quotient) else math.nan


def _slopes(steps: Sequence[float], errors: Sequence[float]) -> tuple[float | None, float | None]:
    """The slopes of truncation and of round-off, from where each outweighs the other."""
    known = [(step, error) for step, error in zip(steps, errors, strict=True) if 0 < error < _POOR]
    if not known:
        return None, None
    least, least_error = min(known, key=lambda pair: pair[1])
    floor = _CLEAR * max(least_error, 2.0**-52)
    truncation = [pair for pair in known if pair[0] > least and pair[1] > floor]
    round_off = [pair for pair in known if pair[0] < least and pair[1] > floor]
    return _fitted(truncation), _fitted(round_off)


def _fitted(pairs: Sequence[tuple[float, float]]) -> float | None:
    """The slope of the line through points on logarithmic scales, by least squares."""
    if len(pairs) < 4:
        return None
    points = [(math.log(step), math.log(error)) for step, error in pairs]
    mean_x, mean_y = (math.fsum(column) / len(points) for column in zip(*points, strict=True))
    across = math.fsum((x - mean_x) ** 2 for x, _ in points)
    return math.fsum((x - mean_x) * (y - mean_y) for x, y in points) / across

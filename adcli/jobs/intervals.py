"""What samples of an output say: their mean, their spread, coverage intervals, each with what drawing leaves open."""

from __future__ import annotations

import math
from enum import Enum

from adcli.jobs.columns import Columns
from adcli.records import NamedTuple

_BINS = 60  # of the histogram
_LEAST = 1e-300  # a range that has many floats in it
_SPREAD = 1e-12  # relative: of values that are all the same, but for rounding


class Interval(NamedTuple):
    """A coverage interval, and how far drawing may have taken each end: one standard error."""

    low: float
    high: float
    low_error: float
    high_error: float


class Validation(str, Enum):
    """Whether the linear answer may be used: JCGM 101:2008, clause 8."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


class Histogram(NamedTuple):
    """How many samples lie between two edges each."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


class Simulated(NamedTuple):
    """What the samples of an output say.

    Attributes:
        samples: how many there are
        without: how many of them have no value, and are in none of the numbers
        average, average_error: their mean, and the standard error of that
        uncertainty, uncertainty_error: their standard deviation, and the standard error of that
        symmetric: the probabilistically symmetric coverage interval
        shortest: the shortest one
        histogram: of the values between the outermost hundredths of a per cent
    """

    samples: int
    without: int
    average: float
    average_error: float
    uncertainty: float
    uncertainty_error: float
    symmetric: Interval
    shortest: Interval
    histogram: Histogram


def simulated(values: Columns, coverage: float) -> Simulated | None:
    """What the samples of an output say; None where fewer than ten have a value."""
    import numpy

    known = numpy.sort(values[numpy.isfinite(values)])
    count = len(known)
    if count < 10:
        return None
    with numpy.errstate(all="ignore"):  # of what is as large as 1e300 there is no variance
        average, deviation = float(known.mean()), float(known.std(ddof=1))
        kurtosis = float((((known - average) / deviation) ** 4).mean()) if deviation else 1.0
        return Simulated(
            len(values), len(values) - count, average, deviation / math.sqrt(count), deviation,
            deviation * math.sqrt(max(kurtosis - 1, 0.0) / count) / 2,
            _symmetric(known, coverage), _shortest(known, coverage), _histogram(known),
        )  # fmt: skip


def _symmetric(known: Columns, coverage: float) -> Interval:
    """As many samples lie below it as above: JCGM 101:2008, 7.7.2."""
    low, high = _quantile(known, (1 - coverage) / 2), _quantile(known, (1 + coverage) / 2)
    return Interval(low[0], high[0], low[1], high[1])


def _quantile(known: Columns, probability: float) -> tuple[float, float]:
    """A quantile of sorted samples, and its standard error, from the samples at ranks that far away."""
    count = len(known)
    rank = probability * count - 0.5
    spread = math.sqrt(count * probability * (1 - probability))
    if rank < spread or rank + spread > count - 1:  # too few samples for that
        return _at_rank(known, rank), math.inf
    below, above = _at_rank(known, rank - spread), _at_rank(known, rank + spread)
    return _at_rank(known, rank), (above - below) / 2


def _at_rank(known: Columns, rank: float) -> float:
    """The sample at a rank from 0, between two of them by interpolation."""
    rank = min(max(rank, 0.0), len(known) - 1.0)
    place = min(int(rank), len(known) - 2)
    low, high = float(known[place]), float(known[place + 1])
    return low + (rank - place) * (high - low)


def _shortest(known: Columns, coverage: float) -> Interval:
    """The shortest of the intervals that have so many samples in them: JCGM 101:2008, 7.7.4."""
    count = len(known)
    inside = min(max(round(coverage * count), 1), count - 1)
    start = int((known[inside:] - known[: count - inside]).argmin())
    low, high = ((place + 0.5) / count for place in (start, start + inside))
    return Interval(
        float(known[start]), float(known[start + inside]), _quantile(known, low)[1], _quantile(known, high)[1]
    )


def _histogram(known: Columns) -> Histogram:
    import numpy

    low, high = _at_rank(known, 1e-4 * len(known)), _at_rank(known, (1 - 1e-4) * len(known))
    if high - low == math.inf:
        return Histogram((low, high), (len(known),))
    bins = _BINS if high - low > max(_SPREAD * max(abs(low), abs(high)), _LEAST) else 1
    counts, edges = numpy.histogram(known, bins=bins, range=(low, high))
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()))


def validated(low: float, high: float, monte_carlo: Interval, tolerance: float) -> Validation:
    """Whether the ends of the linear answer are within the tolerance of those by Monte Carlo: JCGM 101:2008, 8.1.

    Undecided where an end is as near to the limit as drawing may have moved it, by two standard errors.
    """
    ends = [
        (abs(low - monte_carlo.low), 2 * monte_carlo.low_error),
        (abs(high - monte_carlo.high), 2 * monte_carlo.high_error),
    ]
    if all(distance + error <= tolerance for distance, error in ends):
        return Validation.YES
    return Validation.NO if any(not distance - error <= tolerance for distance, error in ends) else Validation.UNDECIDED

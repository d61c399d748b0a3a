"""A picture of growth in plain text: points on logarithmic scales."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10

from adcli.records import NamedTuple

_WIDTH, _HEIGHT = 56, 16  # of the field of points


class Series(NamedTuple):
    """Points with a mark of their own: their heights, in the order of what stands across."""

    mark: str
    name: str
    heights: Sequence[int]


class Point(NamedTuple):
    """A point by the logarithms of where it is, and its mark."""

    x: float
    y: float
    mark: str


def chart(across: Sequence[int], series: Sequence[Series], what: str) -> list[str]:
    """The lines of a picture; where two points meet, that of the later series is seen."""
    xs = [_logarithm(value) for value in across]
    points = [
        Point(x, _logarithm(height), line.mark) for line in series for x, height in zip(xs, line.heights, strict=True)
    ]
    ends = f"{across[xs.index(min(xs))]:,}", f"{across[xs.index(max(xs))]:,} {what}"
    return drawn(points, _power, ends)


def drawn(points: Sequence[Point], label: Callable[[float], str], ends: tuple[str, str]) -> list[str]:
    """The lines of a picture of points, of which later ones hide earlier ones.

    `label` writes the logarithms of the largest and the smallest height, `ends` stand below the left and the right.
    """
    left, right = min(point.x for point in points), max(point.x for point in points)
    low, high = min(point.y for point in points), max(point.y for point in points)
    field = [[" "] * _WIDTH for _ in range(_HEIGHT)]
    for point in points:
        row = _HEIGHT - 1 - _place(point.y, low, high, _HEIGHT)
        field[row][_place(point.x, left, right, _WIDTH)] = point.mark
    labels = {0: label(high), _HEIGHT - 1: label(low)}
    margin = max(map(len, labels.values()))
    lines = [f"{labels.get(row, ''):>{margin}} |{''.join(cells).rstrip()}" for row, cells in enumerate(field)]
    axis = f"{' ' * margin} +{'-' * _WIDTH}"
    return [*lines, axis, f"{' ' * margin}  {ends[0]}{ends[1]:>{_WIDTH - len(ends[0])}}"]


def _logarithm(value: int) -> float:
    bits = max(value.bit_length() - 60, 0)
    return log10(max(value >> bits, 1)) + bits * log10(2)


def _place(value: float, low: float, high: float, room: int) -> int:
    return round((value - low) / (high - low) * (room - 1)) if high > low else 0


def _power(exponent: float) -> str:
    return f"{10**exponent:,.0f}" if exponent < 7 else f"10^{exponent:.1f}"

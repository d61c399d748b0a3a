"""A picture of growth in plain text: points on logarithmic scales."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import NamedTuple

_WIDTH, _HEIGHT = 56, 16  # of the field of points


class Series(NamedTuple):
    """Points with a mark of their own: their heights, in the order of what stands across."""

    mark: str
    name: str
    heights: Sequence[int]


def chart(across: Sequence[int], series: Sequence[Series], what: str) -> list[str]:
    """The lines of a picture; where two points meet, that of the later series is seen."""
    xs = [_logarithm(value) for value in across]
    tops = [_logarithm(height) for one in series for height in one.heights]
    left, right, low, high = min(xs), max(xs), min(tops), max(tops)
    field = [[" "] * _WIDTH for _ in range(_HEIGHT)]
    for one in series:
        for x, height in zip(xs, one.heights, strict=True):
            column = _place(x, left, right, _WIDTH)
            row = _HEIGHT - 1 - _place(_logarithm(height), low, high, _HEIGHT)
            field[row][column] = one.mark
    labels = {0: _power(high), _HEIGHT - 1: _power(low)}
    margin = max(map(len, labels.values()))
    lines = [f"{labels.get(row, ''):>{margin}} |{''.join(cells).rstrip()}" for row, cells in enumerate(field)]
    ends = f"{across[xs.index(left)]:,}", f"{across[xs.index(right)]:,} {what}"
    axis = f"{' ' * margin} +{'-' * _WIDTH}"
    return [*lines, axis, f"{' ' * margin}  {ends[0]}{ends[1]:>{_WIDTH - len(ends[0])}}"]


def _logarithm(value: int) -> float:
    bits = max(value.bit_length() - 60, 0)
    return log10(max(value >> bits, 1)) + bits * log10(2)


def _place(value: float, low: float, high: float, room: int) -> int:
    return round((value - low) / (high - low) * (room - 1)) if high > low else 0


def _power(exponent: float) -> str:
    return f"{10**exponent:,.0f}" if exponent < 7 else f"10^{exponent:.1f}"

"""Paths in words: their entries in a row, and their share of the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from adcli.syntax.formula import Formula
from adcli.tape.describe import large
from adcli.tape.labels import Labels, label_formula
from adcli.trust.paths import Path

_LONGEST = 7  # labels of a path that are shown, and factors of its product
_AHEAD, _BEHIND = 3, 2  # of a longer one

T = TypeVar("T")


def sum_text(count: int, shown: Sequence[Path], slope: float, exact: bool, names: Labels) -> str:
    """How many paths a derivative is the sum of, and what the largest one gives."""
    if not shown:  # the greedy search of paths through arrays is over before it finds one
        return f"the sum of {large(count)} paths"
    way = path_text(shown[0], names)
    if count == 1:
        return f"one path: {way}"
    largest = "the largest" if exact else "the largest found"
    return f"the sum of {large(count)} paths; {largest}, {way}, gives {share_text(shown[0].product, slope)}"


def path_text(path: Path, names: Labels) -> Formula:
    """`x → a → L`: the entries on a path, with those in the middle of a long one left out."""
    return Formula.joined(" → ", shortened(path.entries, lambda entry: label_formula(names[entry])))


def shortened(items: Sequence[T], text: Callable[[T], str] = str) -> list[str]:
    """Texts of items, with those in the middle of many left out: `… 12 more`."""
    if len(items) <= _LONGEST:
        return list(map(text, items))
    left = len(items) - _AHEAD - _BEHIND
    return [*map(text, items[:_AHEAD]), f"… {left:,} more …", *map(text, items[-_BEHIND:])]


def share_text(part: float, whole: float) -> str:
    """`54 %`: a part of a whole, which may be more than the whole."""
    share = 100 * part / whole
    return f"{share:.3g} %" if abs(share) < 1e5 else f"{part / whole:.1e} times it"

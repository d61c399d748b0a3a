"""What rows of operations on arrays have in common, stated for all of a family at once."""

from __future__ import annotations

from typing import Any

from adcli.rules.facts import EVERY, EXACT, MOVED, NO_SUM, OWN, SAME
from adcli.rules.primitive import ArrayPrimitive


def array_primitive(
    name: str, summary: str, samples: tuple[tuple[Any, ...], ...], kernel: str = "", **attributes: Any
) -> ArrayPrimitive:
    """A row of the tables of operations on arrays, whose kernels have its name where it gives no other."""
    return ArrayPrimitive(name, summary, samples, **{"array": kernel or name, "precise": OWN} | attributes)


def plain(name: str, summary: str, samples: tuple[tuple[Any, ...], ...], **attributes: Any) -> ArrayPrimitive:
    """An operation that gives a new array and keeps nothing, whose kernel takes complex numbers, and without a kink.

    No element of the result has to do with the size of others but by the sum that it is, and what its rule adds up
    has no cause to cancel. It has a derivative by every operand where a row does not say otherwise.
    """
    known = {"complex": SAME, "kink": None, "mixes": False, "cancels": False, "bilinear": False, "view": False}
    return array_primitive(name, summary, samples, **known | {"remembers": False, "by": EVERY} | attributes)


def moving(name: str, summary: str, samples: tuple[tuple[Any, ...], ...], **attributes: Any) -> ArrayPrimitive:
    """One that only moves, copies or chooses elements, so that nothing is rounded, or tells of sizes."""
    return plain(name, summary, samples, **{"rounding": EXACT, "terms": NO_SUM, "spread": MOVED} | attributes)

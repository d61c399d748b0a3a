"""Elements and parts of arrays: one primitive for each pattern of subscripts, each with its derivative."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from adcli.rules import shapes
from adcli.rules.facts import Notation
from adcli.rules.families import moving
from adcli.rules.primitive import ArrayPrimitive, operand_letters, zeros_like
from adcli.rules.shapes import Refused


@cache
def element(pattern: str) -> ArrayPrimitive:
    """`a[i]`, `a[1:, j]`: an element or a part of an array; the pattern has a point for each operand."""
    letters = operand_letters(1 + pattern.count("."))
    place = _filled(pattern, letters[1:])
    none = ("",) * (len(letters) - 1)
    return moving(
        f"[{pattern}]", "an element, or a part", (), kernel="element", precise="element", view=True,
        settings=(pattern,), counts=(1, None), by=(0,),
        shape=lambda s, values: _part(pattern, s, values),
        vjp=lambda s: (f"t = {zeros_like(s[0])}; t[{place}] = g; t", *none),
        jvp=(f"da1[{place}]", *none), notation=Notation.PART,
    )  # fmt: skip


@cache
def updated(pattern: str) -> ArrayPrimitive:
    """`a[i] = b`: another version of an array; its operands are the array, the new part, and the subscripts."""
    letters = operand_letters(2 + pattern.count("."))
    place = _filled(pattern, letters[2:])
    none = ("",) * (len(letters) - 2)
    return moving(
        f"[{pattern}]=", "an array with another element or part", (), kernel="update", precise="update", view=False,
        settings=(pattern,), notation=Notation.UPDATE,
        counts=(2, None), by=(0, 1), shape=lambda s, values: _fits(pattern, s, values),
        vjp=(f"t = g; t[{place}] = 0; t", f"g[{place}]", *none),
        jvp=lambda s: (f"t = da1; t[{place}] = 0; t", f"t = {zeros_like(s[0])}; t[{place}] = da2; t", *none),
    )  # fmt: skip


def _filled(pattern: str, letters: Sequence[str]) -> str:
    rest = iter(letters)
    return "".join(next(rest) if symbol == "." else symbol for symbol in pattern)


def _part(pattern: str, s: Sequence[Any], values: Sequence[Any]) -> tuple[int | None, ...]:
    """The shape of a part."""
    shape = s[0]
    if not shape:
        raise Refused("a number has no elements", "subscript")
    parts = pattern.split(",")
    if len(parts) > len(shape):
        raise Refused(f"{len(parts)} subscripts are too many for {shapes.shape_text(shape)}", "subscript")
    rest = iter(values[1:])
    sizes: list[int | None] = []
    for part, size in zip(parts, shape, strict=False):
        if part == ".":
            bound = next(rest)
            if isinstance(bound, float) and bound.is_integer() and size is not None and not -size <= bound < size:
                help_text = f"they are counted from 0 to {size - 1}, or backward from -1 to -{size}" if size else ""
                raise Refused(f"there is no element {bound:g} among {size}", "subscript", help_text)
            continue
        bounds = [next(rest) if text else 0.0 for text in [*part.split(":"), ""][:3]]
        given = [text != "" for text in [*part.split(":"), ""][:3]]
        known = size is not None and all(isinstance(bound, float) and bound.is_integer() for bound in bounds)
        if known and not (given[2] and bounds[2] == 0):
            ends = (int(bound) if there else None for bound, there in zip(bounds, given, strict=True))
            sizes.append(len(range(*slice(*ends).indices(size or 0))))
        else:
            sizes.append(None)
    return (*sizes, *shape[len(parts) :])


def _fits(pattern: str, s: Sequence[Any], values: Sequence[Any]) -> tuple[int | None, ...]:
    room = _part(pattern, [s[0], *s[2:]], [values[0], *values[2:]])
    shapes.fits_into(s[1], room)
    result: tuple[int | None, ...] = tuple(s[0])
    return result


ELEMENTS = frozenset((element("."), element(".,.")))  # with a number for each subscript: a loop over elements has many

"""What Python may give for a number or an array: what is taken, and what is refused by its name."""

from __future__ import annotations

import numbers
import sys
from collections.abc import Iterator
from typing import Any

from adcli.errors import AdError, Problem
from adcli.rules.dispatch import shape_of
from adcli.syntax.source import Span
from adcli.tape.components import labels_of
from adcli.tape.tape import Value

ROUNDED = "rounded-input"  # the code of the warning
_EXACT = 2.0**53  # below which each whole number is a double
_NUMBERS = "biuf"  # the kinds of NumPy's types that are numbers: truth values, whole numbers, floats
_REAL = "give the real and the imaginary part as two inputs"
_CONVERT = "make numbers of them first, as by `numpy.array(…, dtype=float)`"
_KINDS = {
    "c": ("complex numbers", _REAL), "S": ("bytes", _CONVERT), "U": ("texts", _CONVERT), "O": ("objects", _CONVERT),
    "M": ("dates", _CONVERT), "m": ("durations", _CONVERT),
}  # fmt: skip


def as_array(given: Any, what: str) -> Value:
    """Numbers in lists, or in an array of somebody else's; a number where that has no dimension.

    Raises `bad-value`, or OverflowError for a whole number that is too large.
    """
    import numpy

    if _is_masked(given):
        raise _refused(what, "a masked array", "`.filled(0)` and `.compressed()` make arrays of it")
    try:
        array = numpy.asarray(given)
        kind = array.dtype.kind
        if kind == "O" and isinstance(given, (list, tuple)) and all(_is_real(item) for item in array.flat):
            kind = "f"  # whole numbers beyond 64 bits, fractions
        array = numpy.array(array, dtype=float) if kind in _NUMBERS else array  # a copy: what is given may change later
    except (TypeError, ValueError):
        message = f"{what} is given what is neither a number nor an array of numbers"
        raise AdError(Problem("bad-value", message, help="rows of a matrix are of the same length")) from None
    if kind not in _NUMBERS:
        named, help_text = _KINDS.get(kind, (f"the type {array.dtype}", _CONVERT))
        raise _refused(what, f"{'an array of ' if array.ndim else ''}{named}", help_text)
    if array.ndim > 2 or not array.size:
        sizes = " × ".join(map(str, array.shape))
        raise AdError(Problem("bad-value", f"{what} is given {sizes} values: give a number, a vector or a matrix"))
    return array if array.ndim else float(array)


def as_float(value: Any, what: str) -> float:
    """A number of Python, or what says that it is one. Raises `bad-value`, or OverflowError for one too large."""
    if isinstance(value, complex):
        raise _refused(what, f"the complex number {value}", _REAL)
    if isinstance(value, (bytes, bytearray)):
        raise _refused(what, f"the bytes {value!r}", "`.decode()` makes a text of them")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise AdError(Problem("bad-value", f"{what} is given {value!r}, which is not a number")) from None


def _refused(what: str, given: str, help_text: str) -> AdError:
    note = "an input takes a real number, a list or an array of them, or the text of a constant expression"
    return AdError(Problem("bad-value", f"{what} is given {given}", note=note, help=help_text))


def _is_real(item: object) -> bool:
    return isinstance(item, numbers.Number) and not isinstance(item, complex)


def _is_masked(given: Any) -> bool:
    """Whether an array is masked, or something in a list is."""
    masked = sys.modules.get("numpy.ma")
    if masked is None:
        return False
    items = given if isinstance(given, (list, tuple)) else (given,)
    return any(isinstance(item, masked.MaskedArray) for item in items)


def rounded_warning(given: Any, value: Value, what: str, span: Span) -> list[Problem]:
    """A warning where whole numbers are given that no double is equal to."""
    if type(value) is float:
        if abs(value) < _EXACT:
            return []
    elif getattr(getattr(given, "dtype", None), "kind", "i") not in "iu" or not (abs(value) >= _EXACT).any():
        return []
    labels = labels_of("", shape_of(value))
    elements = [value] if type(value) is float else value.flat
    rounded = [
        (label, whole, float(element))
        for label, whole, element in zip(labels, _elements(given), elements, strict=False)
        if whole is not None and whole != int(element)
    ]
    if not rounded:
        return []
    label, whole, number = rounded[0]
    more = f", and {len(rounded) - 1:,} more" if len(rounded) > 1 else ""
    where = f"{what}{f' at {label}' if label else ''}"
    message = f"{where} is given {whole}, which is rounded to {int(number)}{more}"
    return [Problem(ROUNDED, message, span, note="a double holds every whole number up to 2^53 = 9007199254740992")]


def _elements(given: Any) -> Iterator[int | None]:
    """The whole numbers in what is given, in order; None for what is something else."""
    todo = [given]
    while todo:
        item = todo.pop()
        if hasattr(item, "tolist"):
            item = item.tolist()
        if isinstance(item, (list, tuple)):
            todo += reversed(item)
        else:
            yield item if isinstance(item, int) else None

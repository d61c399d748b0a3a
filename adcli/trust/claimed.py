"""Numbers that are claimed, with the precision that each has by itself.

A number in decimal is off by half a unit of its last digit, one of float32 by the rounding of that arithmetic, and a
difference by its step. That is no mistake of who claims it, and it is told beside the verdict.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from decimal import Decimal

from adcli.records import NamedTuple

_TELLING = 3  # significant digits from which on the last one is taken for rounded
_TELLING_OF_WHOLE = 5  # the same of a whole number, which else is exact
_FLOAT32_DIGITS = range(7, 10)  # as many as the text of a number of float32 has

# By how much a unit of rounding is larger in another arithmetic, and how many digits that leaves.
COARSER: Mapping[str, float] = {"float32": 2.0**29, "float16": 2.0**42}
_DIGITS_OF = {"float32": 7, "float16": 3}


class ClaimedNumber(NamedTuple):
    """A number as somebody gives it.

    Attributes:
        value: what it is
        half_unit: how far its last digit lets it be off; 0 where it is taken for exact
        digits: how many significant digits are written
        arithmetic: that it was computed in if not float64: `float32`, `float16`; else empty
        told: whether the arithmetic is known, and not guessed from the digits
    """

    value: float
    half_unit: float = 0.0
    digits: int = 0
    arithmetic: str = ""
    told: bool = False


class Numbers(NamedTuple):
    """A derivative that another program has computed.

    Attributes:
        output, variable: what is differentiated, by which input; a component as `w[2]`
        shape: of the numbers
        numbers: by the component
        text: where they come from
    """

    output: str
    variable: str
    shape: tuple[int, ...]
    numbers: Mapping[str, ClaimedNumber]
    text: str


class Allowance(NamedTuple):
    """A reason for which a number may be off though it is right.

    Attributes:
        error: how far
        by: what it comes from, as a verdict tells it: `rounded`, `float32`
        digits: how many it leaves; None for those that agree
        detail: what the reason tells besides
        lossy: whether it may leave no digits at all, as rounding may
    """

    error: float
    by: str
    digits: int | None = None
    detail: str = ""
    lossy: bool = False

    def text(self, agreeing: float) -> str:
        """`to 5 digits: rounded`, where so many digits of the claim agree."""
        digits = int(agreeing) if self.digits is None else self.digits
        digits = min(digits, _DIGITS_OF.get(self.by, digits))
        if digits < 1:
            return f"within {self.error:.1g}: {self.by}"
        return f"to {digits} digit{'s' if digits > 1 else ''}: {self.by}"


class Written(Decimal):
    """A number in decimal that keeps its text: 6.75e+02 has three digits, and is no whole number."""

    text: str

    def __new__(cls, text: str) -> Written:
        """Take the text."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def written(text: str | Decimal) -> ClaimedNumber:
    """A number that is written in decimal.

    It is taken for rounded if it has three significant digits or more, a whole number if it has five, else for exact.
    With digits that only a number of float32 has, it was computed in that.
    """
    number = Decimal(text)
    _, digits, exponent = number.as_tuple()
    value = float(number)
    if not isinstance(exponent, int):
        return ClaimedNumber(value)
    if exponent == -1 and digits[-1] == 0:  # 12.0, as programs write a whole number
        digits, exponent = digits[:-1], 0
    rounded = len(digits) >= (_TELLING if exponent or _is_scientific(text) else _TELLING_OF_WHOLE)
    half_unit = 0.5 * 10.0**exponent if rounded else 0.0
    return ClaimedNumber(value, half_unit, len(digits), "float32" if _is_float32(number, len(digits)) else "")


def _is_scientific(number: str | Decimal) -> bool:
    """Whether a number is written with a power of ten."""
    text = number.text if isinstance(number, Written) else number
    return isinstance(text, str) and "e" in text.lower()


def computed(value: float, arithmetic: str = "") -> ClaimedNumber:
    """A number out of an array; of a coarser arithmetic than float64 that is named."""
    if not arithmetic:
        return written(repr(value))
    shortest = next((text for digits in range(1, 10) if _as_float32(float(text := f"{value:.{digits}g}")) == value), "")
    number = written(shortest or repr(value))
    coarse = number.digits >= _DIGITS_OF[arithmetic]  # fewer digits than it has tell that it was rounded in decimal
    return number._replace(value=value, half_unit=0.0 if coarse else number.half_unit, arithmetic=arithmetic, told=True)


def _as_float32(value: float) -> float:
    """The nearest number of float32; NaN where there is none."""
    try:
        nearest: float = struct.unpack("f", struct.pack("f", value))[0]
    except (OverflowError, struct.error):
        return math.nan
    return nearest


def _is_float32(number: Decimal, digits: int) -> bool:
    """Whether a number in decimal is one of float32: with all its digits, or as such numbers are printed."""
    value = float(number)
    nearest = _as_float32(value)
    if math.isnan(nearest) or not value:
        return False
    if digits in _FLOAT32_DIGITS:
        return Decimal(f"{nearest:.{digits - 1}e}") == number
    return digits > max(_FLOAT32_DIGITS) and nearest == value

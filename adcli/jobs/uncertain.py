"""What is stated of how sure a value is: `± 0.1`, `± 5%`, `(12)`, degrees of freedom, a distribution."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum

from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean
from adcli.records import dataclass, replace
from adcli.tape.inputs import Given, value_given
from adcli.tape.tape import Value

BAD_UNCERTAINTY = "bad-uncertainty"  # the code of all that cannot be an uncertainty
_FORMS = "write '2 ± 0.1', '2 +- 5%', '0.1234(12)'; behind it may stand dof=18 and a distribution"
_SIGN = re.compile(r"±|\+/-|\+-")
_WORD = r"dof\s*=\s*\S*|[A-Za-z_]+"
_DIGITS = re.compile(rf"\s*([+-]?)(\d+)(?:\.(\d*))?\((\d+(?:\.\d*)?)\)(?:[eE]([+-]?\d+))?((?:\s+(?:{_WORD}))*)\s*")
_DETAIL = re.compile(rf"(.*\S)\s+({_WORD})", re.DOTALL)


class Distribution(str, Enum):
    """What is known of a quantity: JCGM 101:2008, table 1."""

    NORMAL = "normal"
    T = "t"
    UNIFORM = "uniform"
    TRIANGULAR = "triangular"
    ARCSINE = "arcsine"


# What a half-width is divided by to be a standard uncertainty: JCGM 100:2008, 4.3.7 and 4.3.9; JCGM 101:2008, 6.4.6.4.
DIVISORS: Mapping[Distribution, float] = {
    Distribution.UNIFORM: math.sqrt(3), Distribution.TRIANGULAR: math.sqrt(6), Distribution.ARCSINE: math.sqrt(2),
}  # fmt: skip


@dataclass(frozen=True)
class Uncertain:
    """How sure a value is.

    Attributes:
        size: the standard uncertainty, or the half-width of a distribution that has ends; of an array one for each
            element, or one for all
        dof: the degrees of freedom of the uncertainty
        distribution: "normal", "t", "uniform", "triangular" or "arcsine"; by default "t" where there are degrees of
            freedom (JCGM 101:2008, 6.4.9.4), and else "normal"
        percent: whether the size is in per cent of the value
    """

    size: Given
    dof: float = math.inf
    distribution: str | None = None
    percent: bool = False


def split_uncertain(text: str, what: str) -> tuple[str, Uncertain | None]:
    """The text of a value and the uncertainty behind it; None where there is none. The first may be empty: `± 0.1`.

    Raises AdError `bad-uncertainty`.
    """
    match = _DIGITS.fullmatch(text)
    if match is not None:
        sign, whole, places, digits, exponent, rest = match.groups()
        size = _last_digits(digits, len(places or ""), int(exponent or 0))
        value = f"{sign}{whole}.{places or '0'}e{exponent or 0}"
        return value, _with_details(f"{size!r} {rest}", text, what)
    value, *behind = _SIGN.split(text, maxsplit=1)
    if not behind:
        return text, None
    if not behind[0].strip():
        raise AdError(bad_uncertainty(what, text, "nothing stands behind `±`"))
    return value.strip(), _with_details(behind[0], text, what)


def uncertainty_from(text: str, what: str) -> Uncertain:
    """What a text such as `0.1`, `5%` or `0.1 uniform dof=18` says; raises AdError `bad-uncertainty`."""
    return _with_details(text, text, what)


def _last_digits(digits: str, places: int, exponent: int) -> float:
    """`12` behind `0.1234` is 0.0012; with a point, as in `0.1234(0.0012)`, it is what it is (JCGM 100:2008, 7.2.2)."""
    number = Decimal(digits)
    return float(number.scaleb(exponent if "." in digits else exponent - places))


def _with_details(text: str, whole: str, what: str) -> Uncertain:
    """The size, and the words behind it."""
    dof, distribution = math.inf, None
    size = text.strip()
    while (match := _DETAIL.fullmatch(size)) is not None:
        size, word = match[1], match[2]
        if word.startswith("dof") and "=" in word:
            dof = _number(word.partition("=")[2], whole, what)
        elif distribution is None:
            distribution = _distribution(word, what)
        else:
            raise AdError(bad_uncertainty(what, whole, f"both `{word}` and `{distribution.value}` are given"))
    percent = size.endswith("%")
    return Uncertain(size.removesuffix("%").strip(), dof, distribution, percent)


def _number(text: str, whole: str, what: str) -> float:
    try:
        return math.inf if text == "inf" else float(text)
    except ValueError:
        raise AdError(bad_uncertainty(what, whole, f"`{text}` is not a number of degrees of freedom")) from None


def _distribution(word: str, what: str) -> Distribution:
    known = [each.value for each in Distribution]
    if word not in known:
        message = f"{what}: `{word}` is not a distribution"
        note = f"there are {', '.join(known)}"
        raise AdError(Problem(BAD_UNCERTAINTY, message, note=note, help=did_you_mean(word, known) or _FORMS))
    return Distribution(word)


def bad_uncertainty(what: str, text: object, reason: str) -> Problem:
    """The problem of an uncertainty that cannot be one."""
    return Problem(BAD_UNCERTAINTY, f"{what} is given `{text}`: {reason}", help=_FORMS)


def stated(given: object, what: str, read: Callable[[str, str], Value] = value_given) -> Uncertain:
    """An uncertainty as Python or the command line gives it, looked at: its size is a value.

    `read` makes a value of the text of a size. Raises AdError `bad-uncertainty`.
    """
    if isinstance(given, str):
        given = uncertainty_from(given, what)
    known = given if isinstance(given, Uncertain) else Uncertain(given)
    try:
        size = read(known.size, what) if isinstance(known.size, str) else value_given(known.size, what)
    except AdError as error:
        if error.problems[0].code not in ("bad-value", "not-finite"):
            raise
        raise AdError(bad_uncertainty(what, known.size, "this is no uncertainty")) from None
    distribution = None if known.distribution is None else _distribution(known.distribution, what)
    if (size < 0) if type(size) is float else bool((size < 0).any()):
        raise AdError(bad_uncertainty(what, known.size, "an uncertainty is not negative"))
    if not known.dof > 0:
        raise AdError(bad_uncertainty(what, f"dof={known.dof:g}", "degrees of freedom are more than 0"))
    if distribution is Distribution.T and known.dof == math.inf:
        raise AdError(bad_uncertainty(what, "t", "a t distribution needs its degrees of freedom, as in `t dof=18`"))
    return replace(known, size=size, dof=float(known.dof), distribution=distribution)

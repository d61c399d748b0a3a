"""The primitives with kinks and jumps, each with its derivative. `primitive.py` says how a row is to be read."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from adcli.rules import kinks
from adcli.rules.facts import EXACT, LIBRARY, NO_SUM, OWN, PIECES, SAME, UNTOLD, Notation, correctly_rounded
from adcli.rules.primitive import Primitive, operand_letters
from adcli.rules.readings import real


def _pieces(*what: Any, **facts: Any) -> Primitive:
    """A function made of smooth pieces, with kernels of ours, and no sum."""
    known: dict[str, Any] = {"array": OWN, "complex": OWN, "precise": OWN, "terms": NO_SUM}
    return Primitive(*what, **known | facts)


def _steps(*what: Any, **facts: Any) -> Primitive:
    """A function that is constant between its jumps: what it gives is exact, and whole or a share of a tie."""
    known: dict[str, Any] = {"array": OWN, "complex": PIECES, "rounding": EXACT, "terms": NO_SUM, "piece": level_of}
    return Primitive(*what, **known | {"zero": UNTOLD, "flat": UNTOLD} | facts)


def _shares(name: str) -> Callable[[int], tuple[str, ...]]:
    """The partials of max and min: `is_max(b, a, c)` for the second of three operands."""

    def formulas(count: int) -> tuple[str, ...]:
        letters = operand_letters(count)
        return tuple(
            f"{name}({', '.join([letter, *letters[:index], *letters[index + 1 :]])})"
            for index, letter in enumerate(letters)
        )

    return formulas


def _zeros(count: int) -> tuple[str, ...]:
    return ("0",) * count


# On which smooth piece an operation lies: a function of its operands and its value.


def key_of(value: Any) -> Hashable:
    """A number, or all elements of an array, as something that can be compared as a whole."""
    key: Hashable = value.tobytes() if hasattr(value, "tobytes") else value
    return key


def side_of(operands: Sequence[Any], value: Any) -> Hashable:
    """The piece of what is one on each side of 0."""
    return key_of(operands[0] > 0), key_of(operands[0] < 0)


def level_of(operands: Sequence[Any], value: Any) -> Hashable:
    """The piece of what is constant on each."""
    return key_of(value)


def _attained(operands: Sequence[Any], value: Any) -> Hashable:
    return tuple(key_of(operand == value) for operand in operands)


def _quotient(operands: Sequence[Any], value: Any) -> Hashable:
    if type(value) is not float:
        return key_of(((operands[0] - value) / operands[1]).round())
    quotient = (operands[0] - value) / operands[1] if operands[1] else math.nan
    return round(quotient) if math.isfinite(quotient) else None


def _comparison(symbol: str, tex: str, compare: Callable[[float, float], bool], summary: str) -> Primitive:
    """A comparison as a number: what a `where` on arrays chooses by, element by element."""
    return _steps(
        symbol, lambda a, b: float(compare(a, b)), ("0", "0"), summary, ((2.0, 3.0),), symbol=symbol, tex=tex,
        piece=level_of, kink=kinks.comparison(compare), convention="0 at its jump",
        precise=OWN, notation=Notation.CONDITION,
    )  # fmt: skip


NONSMOOTH = (
    _pieces(
        "relu", real.relu, ("max(sign(a), 0)",), "the larger of a and 0", ((0.5,), (-0.5,)),
        piece=side_of, kink=kinks.RELU, convention="0 at 0", rounding=EXACT, zero=UNTOLD, flat=UNTOLD,
        textbook="max(a, 0)",
    ),
    _pieces(
        "abs", abs, ("sign(a)",), "absolute value", ((0.5,), (-0.5,)),
        tex=r"\lvert #1 \rvert", piece=side_of, kink=kinks.ABS, convention="0 at 0, the symmetric subgradient",
        array=SAME, precise=SAME, rounding=EXACT, zero=("a",), flat=UNTOLD,
    ),
    _steps(
        "sign", real.sign, ("0",), "-1, 0 or 1", ((0.5,), (-0.5,)),
        kink=kinks.SIGN, convention="0 at its jump", precise=LIBRARY,
        tex=r"\operatorname{sgn}",
    ),
    _pieces(
        "min", real.minimum, _shares("is_min"), "the smallest operand", ((2.0, 3.0), (5.0, -1.0), (2.0, 7.0, 1.0)),
        tex=r"\min", piece=_attained, kink=kinks.MIN, convention="an equal share to each operand of a tie",
        rounding=EXACT, zero=UNTOLD, flat=UNTOLD,
    ),
    _pieces(
        "max", real.maximum, _shares("is_max"), "the largest operand", ((2.0, 3.0), (5.0, -1.0), (2.0, 1.0, 7.0)),
        tex=r"\max", piece=_attained, kink=kinks.MAX, convention="an equal share to each operand of a tie",
        rounding=EXACT, zero=UNTOLD, flat=UNTOLD,
    ),
    _pieces(
        "clip", real.clip,
        ("is_max(a, b) * is_min(max(a, b), c)", "is_max(b, a) * is_min(max(a, b), c)", "is_min(c, max(a, b))"),
        "a, but at least b and at most c: min(max(a, b), c)",
        ((0.5, -1.0, 2.0), (-3.0, -1.0, 2.0), (5.0, -1.0, 2.0), (0.5, 2.0, -1.0)), numpy="clip",
        piece=_attained, kink=kinks.CLIP, convention="an equal share to each operand of a tie",
        array=LIBRARY, rounding=EXACT, zero=UNTOLD, flat=UNTOLD,
        textbook="min(max(a, b), c)",
    ),
    _steps(
        "is_min", real.is_min, _zeros, "1 if the first operand is the smallest, shared among ties, else 0",
        ((2.0, 3.0), (5.0, -1.0), (2.0, 7.0, 1.0)), kink=kinks.IS_MIN, textbook="(1 - sign(a1 - a2)) / 2",
        convention="0 at its jumps", precise=OWN,
    ),
    _steps(
        "is_max", real.is_max, _zeros, "1 if the first operand is the largest, shared among ties, else 0",
        ((2.0, 3.0), (5.0, -1.0), (2.0, 7.0, 1.0)), kink=kinks.IS_MAX, textbook="(1 + sign(a1 - a2)) / 2",
        convention="0 at its jumps", precise=OWN,
    ),
    _steps(
        "floor", real.floor, ("0",), "the largest integer not above a", ((0.5,), (-2.3,)),
        tex=r"\lfloor #1 \rfloor", kink=kinks.FLOOR, convention="0 at its jumps", precise=LIBRARY,
    ),
    _steps(
        "ceil", real.ceil, ("0",), "the smallest integer not below a", ((0.5,), (-2.3,)),
        tex=r"\lceil #1 \rceil", kink=kinks.CEIL, convention="0 at its jumps", precise=LIBRARY,
    ),
    _steps(
        "round", real.nearest, ("0",), "the nearest integer, the even one of two", ((0.2,), (-2.3,)),
        kink=kinks.ROUND, convention="0 at its jumps", precise=OWN,
        tex=r"\lfloor #1 \rceil",
    ),
    _pieces(
        "mod", operator.mod, ("1", "round((v - a) / b)"), "a - b floor(a / b): the remainder with b's sign",
        ((7.0, 3.0), (-7.5, 2.0), (5.0, -3.0)), piece=_quotient, kink=kinks.MOD,
        convention="1 and -floor(a / b) at its jumps", domain="b != 0",
        rounding=correctly_rounded("remainder"), zero=UNTOLD, flat=UNTOLD,
    ),
)  # fmt: skip

MASKS = (
    _comparison("<", "<", operator.lt, "1 where a is less than b, else 0"),
    _comparison("<=", r"\le", operator.le, "1 where a is at most b, else 0"),
    _comparison(">", ">", operator.gt, "1 where a is greater than b, else 0"),
    _comparison(">=", r"\ge", operator.ge, "1 where a is at least b, else 0"),
    _comparison("==", "=", operator.eq, "1 where a equals b, else 0"),
    _comparison("!=", r"\ne", operator.ne, "1 where a differs from b, else 0"),
    _steps(
        "and", lambda a, b: float(a != 0 and b != 0), ("0", "0"), "1 where neither is 0, else 0", ((1.0, 1.0),),
        tex=r"\land", convention="0 at its jumps", precise=OWN, kink=None, notation=Notation.CONDITION,
    ),
    _steps(
        "or", lambda a, b: float(a != 0 or b != 0), ("0", "0"), "1 where one is not 0, else 0", ((1.0, 1.0),),
        tex=r"\lor", convention="0 at its jumps", precise=OWN, kink=None, notation=Notation.CONDITION,
    ),
    _steps(
        "not", lambda a: float(a == 0), ("0",), "1 where a is 0, else 0", ((1.0,),),
        tex=r"\lnot", convention="0 at its jump", precise=OWN, kink=None, notation=Notation.CONDITION,
    ),
)  # fmt: skip

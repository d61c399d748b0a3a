"""The primitives on real numbers, each with its derivative. `primitive.py` says how a row is to be read."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from adcli.rules import gamma, kinks, special
from adcli.rules.primitive import Primitive, operand_letters


def _exp2(a: float) -> float:
    return math.pow(2.0, a)  # `math.exp2` came with Python 3.11


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


def _key(value: Any) -> Hashable:
    """A number, or all elements of an array, as something that can be compared as a whole."""
    key: Hashable = value.tobytes() if hasattr(value, "tobytes") else value
    return key


def _side(operands: Sequence[Any], value: Any) -> Hashable:
    return _key(operands[0] > 0), _key(operands[0] < 0)


def _level(operands: Sequence[Any], value: Any) -> Hashable:
    return _key(value)


def _attained(operands: Sequence[Any], value: Any) -> Hashable:
    return tuple(_key(operand == value) for operand in operands)


def _quotient(operands: Sequence[Any], value: Any) -> Hashable:
    if type(value) is not float:
        return _key(((operands[0] - value) / operands[1]).round())
    quotient = (operands[0] - value) / operands[1] if operands[1] else math.nan
    return round(quotient) if math.isfinite(quotient) else None


def _at_zero(operands: Sequence[Any], value: Any) -> Hashable:
    return _key(value == 0)


def _comparison(symbol: str, compare: Callable[[float, float], bool], summary: str) -> Primitive:
    """A comparison as a number: what a `where` on arrays chooses by, element by element."""
    return Primitive(
        symbol, lambda a, b: float(compare(a, b)), ("0", "0"), summary, ((2.0, 3.0),), symbol=symbol, piece=_level,
        kink=kinks.comparison(compare), convention="0 at its jump",
    )  # fmt: skip


ARITHMETIC = (
    Primitive(
        "add", operator.add, ("1", "1"), "a + b", ((2.0, 3.0), (1e16, -1.0)), symbol="+",
    ),
    Primitive(
        "sub", operator.sub, ("1", "-1"), "a - b", ((2.0, 3.0), (1e-9, 1.0)), symbol="-",
    ),
    Primitive(
        "mul", operator.mul, ("b", "a"), "a × b", ((2.0, 3.0), (-1e-5, 7.0), (0.0, 4.0)), symbol="*",
    ),
    Primitive(
        "div", operator.truediv, ("1 / b", "-v / b"), "a / b",
        ((2.0, 3.0), (-1.0, 1e-5), (0.0, 4.0), (5.0, -1e8)), symbol="/", domain="b != 0",
    ),
    Primitive(
        "pow", math.pow, ("b * a**(b - 1)", "v * log(a)"), "a to the power of b; NaN where that is not real",
        ((2.0, 3.0), (0.5, -1.5), (7.0, 0.3), (1e-3, 2.0)), symbol="^", numpy="pow",
        # b - 1 rounds where b is below a half, which costs |log a| / 2 ulp: 3 at 1000, 350 at 1e300.
        # a^0 is 1 everywhere, so its slope is 0, also where a^(-1) is infinite; and 0^b stays 0 as b moves
        edges=(("b", "0"), ("v", "0")), kink=kinks.POWER,
        convention="inf at 0 for an exponent below 1, from the right; a^0 has slope 0, and 0^0 is 1",
        domain="a >= 0 or b == round(b)",
    ),
    Primitive("neg", operator.neg, ("-1",), "-a", ((2.0,), (-0.5,))),
)  # fmt: skip

POWERS_AND_EXPONENTIALS = (
    Primitive(
        "sqrt", math.sqrt, ("1 / (2 * v)",), "square root", ((2.0,), (1e-12,), (3e10,)), numpy="sqrt",
        kink=kinks.SQRT, convention="inf at 0, from the right", domain="a >= 0",
    ),
    Primitive(
        "cbrt", special.cbrt, ("1 / (3 * v**2)",), "real cube root", ((2.0,), (-5.0,), (1e-9,)),
        kink=kinks.CBRT, convention="inf at 0",
    ),
    Primitive("exp", math.exp, ("v",), "e to the power of a", ((0.5,), (-20.0,), (30.0,)), numpy="exp"),
    Primitive(
        "exp2", _exp2, ("v * log(2)",), "2 to the power of a", ((0.5,), (-20.0,), (30.0,)), numpy="exp2",
    ),
    Primitive(
        "expm1", math.expm1, ("exp(a)",), "exp(a) - 1, accurate near 0", ((1e-10,), (0.5,), (-40.0,)),
        numpy="expm1",
    ),
    Primitive(
        "log", math.log, ("1 / a",), "natural logarithm", ((0.5,), (1e-12,), (1e10,)), numpy="log", domain="a > 0",
    ),
    Primitive(
        "log2", math.log2, ("1 / log(2) / a",), "logarithm to base 2", ((0.5,), (1e-12,), (1e10,)),
        numpy="log2", domain="a > 0",
    ),
    Primitive(
        "log10", math.log10, ("1 / log(10) / a",), "logarithm to base 10", ((0.5,), (1e-12,), (1e10,)),
        numpy="log10", domain="a > 0",
    ),
    Primitive(
        "log1p", math.log1p, ("1 / (1 + a)",), "log(1 + a), accurate near 0", ((1e-10,), (0.5,), (-0.999,)),
        numpy="log1p", domain="a > -1",
    ),
)  # fmt: skip

TRIGONOMETRIC = (
    Primitive("sin", math.sin, ("cos(a)",), "sine", ((0.5,), (3.0,), (-100.0,)), numpy="sin"),
    Primitive("cos", math.cos, ("-sin(a)",), "cosine", ((0.5,), (1e-5,), (-100.0,)), numpy="cos"),
    Primitive("tan", math.tan, ("1 + v**2",), "tangent", ((0.5,), (1.5707,), (-100.0,)), numpy="tan"),
    # (1 - a) (1 + a) and not 1 - a^2, which cancels near the ends of the domain
    Primitive(
        "asin", math.asin, ("1 / sqrt((1 - a) * (1 + a))",), "inverse sine",
        ((0.5,), (1e-6,), (-0.999999,)), numpy="asin", kink=kinks.ASIN,
        convention="inf at -1 and 1", domain="abs(a) <= 1",
    ),
    Primitive(
        "acos", math.acos, ("-1 / sqrt((1 - a) * (1 + a))",), "inverse cosine",
        ((0.5,), (1e-6,), (-0.999999,)), numpy="acos", kink=kinks.ACOS,
        convention="-inf at -1 and 1", domain="abs(a) <= 1",
    ),
    Primitive(
        "atan", math.atan, ("1 / (1 + a**2)",), "inverse tangent", ((0.5,), (1e-6,), (-1e6,)), numpy="atan",
    ),
    # the square of hypot(a, b) may overflow where the quotient does not
    Primitive(
        "atan2", math.atan2, ("b / hypot(a, b) / hypot(a, b)", "-a / hypot(a, b) / hypot(a, b)"),
        "angle of the point (b, a)", ((1.0, 2.0), (-1.0, -2.0), (1e-8, 3.0), (2e200, 1e200)), numpy="atan2",
    ),
    Primitive(
        "hypot", math.hypot, ("a / v", "b / v"), "length of the vector (a, b), without overflow",
        ((3.0, 4.0), (-1e-8, 2.0), (3e200, 1e200)), numpy="hypot", edges=(("v", "0"), ("v", "0")),
        piece=_at_zero, kink=kinks.HYPOT, convention="0 at (0, 0), the subgradient of least norm",
    ),
)  # fmt: skip

HYPERBOLIC = (
    Primitive("sinh", math.sinh, ("cosh(a)",), "hyperbolic sine", ((0.5,), (1e-9,), (-20.0,)), numpy="sinh"),
    Primitive("cosh", math.cosh, ("sinh(a)",), "hyperbolic cosine", ((0.5,), (1e-9,), (-20.0,)), numpy="cosh"),
    # 1 - v^2 would lose everything at 20; and the derivative of 1 / cosh(a)^2 would be 0 times infinity from 711 on
    Primitive(
        "tanh", math.tanh, ("sech(a)**2",), "hyperbolic tangent", ((0.5,), (1e-9,), (-20.0,), (40.0,)),
        numpy="tanh",
    ),
    Primitive(
        "sech", special.sech, ("-v * tanh(a)",), "hyperbolic secant, 1 / cosh(a), without overflow",
        ((0.5,), (1e-9,), (-20.0,), (40.0,)),
    ),
    Primitive(
        "asinh", math.asinh, ("1 / hypot(1, a)",), "inverse hyperbolic sine", ((0.5,), (1e-9,), (-1e10,)),
        numpy="asinh",
    ),
    Primitive(
        "acosh", math.acosh, ("1 / (sqrt(a - 1) * sqrt(a + 1))",), "inverse hyperbolic cosine",
        ((1.5,), (1.000001,), (1e10,)), numpy="acosh", kink=kinks.ACOSH,
        convention="inf at 1, from the right", domain="a >= 1",
    ),
    Primitive(
        "atanh", math.atanh, ("1 / ((1 - a) * (1 + a))",), "inverse hyperbolic tangent",
        ((0.5,), (1e-9,), (-0.999999,)), numpy="atanh", domain="abs(a) < 1",
    ),
)  # fmt: skip

PROBABILITY = (
    Primitive(
        "erf", math.erf, ("2 / sqrt(pi) * gauss(a)",), "error function", ((0.5,), (1e-9,), (-5.0,), (10.0,)),
        analytic=False,
    ),
    Primitive(
        "erfc", math.erfc, ("-2 / sqrt(pi) * gauss(a)",), "1 - erf(a), accurate for large a",
        ((0.5,), (1e-9,), (-5.0,), (10.0,)), analytic=False,
    ),
    Primitive(
        "gauss", special.gauss, ("-2 * a * v",), "exp(-a^2), accurate for large a",
        ((0.5,), (1e-9,), (-5.0,), (20.3,)),
    ),
    Primitive(
        "lgamma", gamma.lgamma, ("digamma(a)",), "log of the absolute value of the gamma function",
        ((0.5,), (2.5,), (7.0,), (30.0,), (-1.5,)), analytic=False, domain="a > 0 or a != round(a)",
    ),
    Primitive(
        "digamma", gamma.digamma, ("polygamma(1, a)",), "derivative of lgamma",
        ((0.5,), (1.4,), (7.0,), (30.0,), (-1.3,)), analytic=False, domain="a > 0 or a != round(a)",
    ),
    # the order is a whole number: there is no derivative along it, and a NaN says so
    Primitive(
        "polygamma", gamma.polygamma, ("log(-1)", "polygamma(a + 1, b)"),
        "derivative of digamma of order a, up to 500",
        ((1.0, 0.5), (2.0, 3.0), (3.0, 20.0)), analytic=False, domain="b > 0 or b != round(b)",
        convention="NaN along the order, which is a whole number",
    ),
    Primitive(
        "sigmoid", special.sigmoid, ("sech(a / 2)**2 / 4",), "1 / (1 + exp(-a))",
        ((0.5,), (1e-9,), (-40.0,), (40.0,)),
    ),
    Primitive(
        "softplus", special.softplus, ("sigmoid(a)",), "log(1 + exp(a))", ((0.5,), (1e-9,), (-40.0,), (40.0,)),
    ),
)  # fmt: skip

NONSMOOTH = (
    Primitive(
        "relu", special.relu, ("max(sign(a), 0)",), "the larger of a and 0", ((0.5,), (-0.5,)),
        piece=_side, kink=kinks.RELU, convention="0 at 0",
    ),
    Primitive(
        "abs", abs, ("sign(a)",), "absolute value", ((0.5,), (-0.5,)),
        piece=_side, kink=kinks.ABS, convention="0 at 0, the symmetric subgradient",
    ),
    Primitive(
        "sign", special.sign, ("0",), "-1, 0 or 1", ((0.5,), (-0.5,)),
        piece=_level, kink=kinks.SIGN, convention="0 at its jump",
    ),
    Primitive(
        "min", special.minimum, _shares("is_min"), "the smallest operand", ((2.0, 3.0), (5.0, -1.0), (2.0, 7.0, 1.0)),
        piece=_attained, kink=kinks.MIN, convention="an equal share to each operand of a tie",
    ),
    Primitive(
        "max", special.maximum, _shares("is_max"), "the largest operand", ((2.0, 3.0), (5.0, -1.0), (2.0, 7.0, 1.0)),
        piece=_attained, kink=kinks.MAX, convention="an equal share to each operand of a tie",
    ),
    Primitive(
        "is_min", special.is_min, _zeros, "1 if the first operand is the smallest, shared among ties, else 0",
        ((2.0, 3.0), (5.0, -1.0), (2.0, 7.0, 1.0)), piece=_level, kink=kinks.IS_MIN,
        convention="0 at its jumps",
    ),
    Primitive(
        "is_max", special.is_max, _zeros, "1 if the first operand is the largest, shared among ties, else 0",
        ((2.0, 3.0), (5.0, -1.0), (2.0, 7.0, 1.0)), piece=_level, kink=kinks.IS_MAX,
        convention="0 at its jumps",
    ),
    Primitive(
        "floor", special.floor, ("0",), "the largest integer not above a", ((0.5,), (-2.3,)),
        piece=_level, kink=kinks.FLOOR, convention="0 at its jumps",
    ),
    Primitive(
        "ceil", special.ceil, ("0",), "the smallest integer not below a", ((0.5,), (-2.3,)),
        piece=_level, kink=kinks.CEIL, convention="0 at its jumps",
    ),
    Primitive(
        "round", special.nearest, ("0",), "the nearest integer, the even one of two", ((0.2,), (-2.3,)),
        piece=_level, kink=kinks.ROUND, convention="0 at its jumps",
    ),
    Primitive(
        "mod", operator.mod, ("1", "round((v - a) / b)"), "a - b floor(a / b): the remainder with b's sign",
        ((7.0, 3.0), (-7.5, 2.0), (5.0, -3.0)), piece=_quotient, kink=kinks.MOD,
        convention="1 and -floor(a / b) at its jumps", domain="b != 0",
    ),
)  # fmt: skip

MASKS = (
    _comparison("<", operator.lt, "1 where a is less than b, else 0"),
    _comparison("<=", operator.le, "1 where a is at most b, else 0"),
    _comparison(">", operator.gt, "1 where a is greater than b, else 0"),
    _comparison(">=", operator.ge, "1 where a is at least b, else 0"),
    _comparison("==", operator.eq, "1 where a equals b, else 0"),
    _comparison("!=", operator.ne, "1 where a differs from b, else 0"),
    Primitive(
        "and", lambda a, b: float(a != 0 and b != 0), ("0", "0"), "1 where neither is 0, else 0", ((1.0, 1.0),),
        piece=_level, convention="0 at its jumps",
    ),
    Primitive(
        "or", lambda a, b: float(a != 0 or b != 0), ("0", "0"), "1 where one is not 0, else 0", ((1.0, 1.0),),
        piece=_level, convention="0 at its jumps",
    ),
    Primitive(
        "not", lambda a: float(a == 0), ("0",), "1 where a is 0, else 0", ((1.0,),), piece=_level,
        convention="0 at its jump",
    ),
)  # fmt: skip

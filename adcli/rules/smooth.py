"""The smooth primitives on real numbers, each with its derivative. `primitive.py` says how a row is to be read."""

from __future__ import annotations

import math
import operator
from collections.abc import Hashable, Sequence
from typing import Any

from adcli.rules import kinks
from adcli.rules.facts import (
    EXACT,
    LIBRARY,
    NO_SUM,
    NOT_ANALYTIC,
    ONE_BY_ONE,
    OPERANDS,
    OWN,
    SAME,
    UNTOLD,
    Notation,
    correctly_rounded,
    refused,
    ulps,
)
from adcli.rules.primitive import Primitive
from adcli.rules.readings import gamma, real

# Families state what all of their rows have in common; a row says what is otherwise.


def _operator(*what: Any, **facts: Any) -> Primitive:
    """An operator of every kind of number, without a kink."""
    known: dict[str, Any] = {"array": SAME, "complex": SAME, "precise": SAME, "kink": None}
    return Primitive(*what, **known | {"notation": Notation.OPERATOR} | facts)


def _library(name: str, *what: Any, **facts: Any) -> Primitive:
    """A function that `math`, NumPy, cmath and mpmath have under its name, without a kink and no sum."""
    known: dict[str, Any] = {"array": LIBRARY, "complex": LIBRARY, "precise": LIBRARY, "terms": NO_SUM, "kink": None}
    return Primitive(name, *what, **known | {"numpy": name} | facts)


def _ours(*what: Any, **facts: Any) -> Primitive:
    """A function with kernels of ours, without a kink and no sum."""
    known: dict[str, Any] = {"array": OWN, "complex": OWN, "precise": OWN, "terms": NO_SUM, "kink": None}
    return Primitive(*what, **known | facts)


def _numbers_only(*what: Any, **facts: Any) -> Primitive:
    """A function that is computed for one real number at a time, without a kink and no sum."""
    known: dict[str, Any] = {"array": ONE_BY_ONE, "complex": NOT_ANALYTIC, "terms": NO_SUM, "kink": None}
    return Primitive(*what, **known | facts)


def _exp2(a: float) -> float:
    return math.pow(2.0, a)  # `math.exp2` came with Python 3.11


def _side_of_cut(operands: Sequence[Any], value: Any) -> Hashable:
    """Above or below the negative half of the second axis, where the angle jumps.

    Only beside it: elsewhere both sides are one piece. Where that begins is of no account, if it is no usual point.
    """
    a, b = operands
    if type(value) is float:
        return math.copysign(1.0, value) if b < -math.e * abs(a) else 0.0
    import numpy

    return numpy.where(b < -math.e * abs(a), numpy.copysign(1.0, value), 0.0).tobytes()


def _at_zero(operands: Sequence[Any], value: Any) -> Hashable:
    key: Hashable = (value == 0).tobytes() if hasattr(value, "tobytes") else value == 0
    return key


ARITHMETIC = (
    _operator(
        "add", operator.add, ("1", "1"), "a + b", ((2.0, 3.0), (1e16, -1.0)), symbol="+",
        ufunc="add", rounding=correctly_rounded("sum"), terms=OPERANDS, zero=UNTOLD, flat=((), ()),
    ),
    _operator(
        "sub", operator.sub, ("1", "-1"), "a - b", ((2.0, 3.0), (1e-9, 1.0)), symbol="-",
        ufunc="subtract", rounding=correctly_rounded("difference"), terms=OPERANDS, zero=UNTOLD, flat=((), ()),
    ),
    _operator(
        "mul", operator.mul, ("b", "a"), "a × b", ((2.0, 3.0), (-1e-5, 7.0), (0.0, 4.0)), symbol="*",
        ufunc="multiply", rounding=correctly_rounded("product"), terms=NO_SUM, zero=("a", "b"), flat=(("b",), ("a",)),
    ),
    _operator(
        "div", operator.truediv, ("1 / b", "-v / b"), "a / b",
        ((2.0, 3.0), (-1.0, 1e-5), (0.0, 4.0), (5.0, -1e8)), symbol="/", domain="b != 0",
        ufunc="divide", rounding=correctly_rounded("quotient"), terms=NO_SUM, zero=("a",), flat=((), ("a",)),
    ),
    _ours(
        "pow", math.pow, ("b * a**(b - 1)", "power_log(a, b)"), "a to the power of b; NaN where that is not real",
        ((2.0, 3.0), (0.5, -1.5), (7.0, 0.3), (1e-3, 2.0)), symbol="^", numpy="pow",
        # b - 1 rounds where b is below a half, which costs |log a| / 2 ulp: 3 at 1000, 350 at 1e300.
        # a^0 is 1 everywhere, so its slope is 0, also where a^(-1) is infinite; and 0^b stays 0 as b moves
        edges=(("b", "0"), ("v", "0")), kink=kinks.POWER,
        convention="inf at 0 for an exponent below 1, from the right; a^0 has slope 0, and 0^0 is 1",
        domain="a >= 0 or b == round(b)",
        notation=Notation.OPERATOR, rounding=ulps(1, exact="power"), zero=("a",), flat=(("a", "b"), UNTOLD),
    ),
    _operator(
        "neg", operator.neg, ("-1",), "-a", ((2.0,), (-0.5,)), rounding=EXACT, terms=NO_SUM, zero=("a",), flat=((),),
    ),
)  # fmt: skip

POWERS_AND_EXPONENTIALS = (
    _library(
        "sqrt", math.sqrt, ("1 / (2 * v)",), "square root", ((2.0,), (1e-12,), (3e10,)),
        kink=kinks.SQRT, tex=r"\sqrt{#1}", convention="inf at 0, from the right", domain="a >= 0",
        rounding=correctly_rounded("root"), zero=("a",), flat=((),),
    ),
    _ours(
        "cbrt", real.cbrt, ("1 / (3 * v**2)",), "real cube root", ((2.0,), (-5.0,), (1e-9,)),
        kink=kinks.CBRT, tex=r"\sqrt[3]{#1}", convention="inf at 0", rounding=ulps(2), zero=("a",), flat=UNTOLD,
    ),
    _library(
        "exp", math.exp, ("v",), "e to the power of a", ((0.5,), (-20.0,), (30.0,)),
        tex=r"\exp", rounding=ulps(1), zero=(), flat=((),),
    ),
    _library(
        "exp2", _exp2, ("v * log(2)",), "2 to the power of a", ((0.5,), (-20.0,), (30.0,)),
        complex=OWN, precise=OWN, rounding=ulps(1), zero=(), flat=((),),
        textbook="2**a",
    ),
    _library(
        "expm1", math.expm1, ("exp(a)",), "exp(a) - 1, accurate near 0", ((1e-10,), (0.5,), (-40.0,)),
        complex=OWN, rounding=ulps(1), zero=("a",), flat=((),),
        textbook="exp(a) - 1",
    ),
    _library(
        "log", math.log, ("1 / a",), "natural logarithm", ((0.5,), (1e-12,), (1e10,)), domain="a > 0",
        tex=r"\log", rounding=ulps(1), zero=UNTOLD, flat=((),),
    ),
    _library(
        "log2", math.log2, ("1 / log(2) / a",), "logarithm to base 2", ((0.5,), (1e-12,), (1e10,)), domain="a > 0",
        complex=OWN, precise=OWN, tex=r"\log_2", rounding=ulps(1), zero=UNTOLD, flat=UNTOLD,
    ),
    _library(
        "log10", math.log10, ("1 / log(10) / a",), "logarithm to base 10", ((0.5,), (1e-12,), (1e10,)), domain="a > 0",
        tex=r"\log_{10}", rounding=ulps(2), zero=UNTOLD, flat=UNTOLD,
    ),
    _library(
        "log1p", math.log1p, ("1 / (1 + a)",), "log(1 + a), accurate near 0", ((1e-10,), (0.5,), (-0.999,)),
        domain="a > -1", complex=OWN, rounding=ulps(1), zero=UNTOLD, flat=UNTOLD,
        textbook="log(1 + a)",
    ),
    # a^b * log(a) as such has the slope a^b / a for its first factor, of which 1 / a may overflow and a^b underflow
    _ours(
        "power_log", real.power_log, ("a**(b - 1) + b * power_log(a, b - 1)", "v * log(a)"),
        "a^b log(a), and 0 where a^b is 0", ((2.0, 3.0), (0.5, -1.5), (7.0, 0.3), (1e-3, 2.0)),
        edges=(("b", "1 / a"), ("v", "0")), domain="a > 0 or a == 0 and b > 0",
        shown="a**b * log(a)",
        rounding=ulps(3), zero=UNTOLD, flat=UNTOLD,
    ),
)  # fmt: skip

TRIGONOMETRIC = (
    _library(
        "sin", math.sin, ("cos(a)",), "sine", ((0.5,), (3.0,), (-100.0,)), tex=r"\sin",
        rounding=ulps(1), zero=("a",), flat=UNTOLD,
    ),
    _library(
        "cos", math.cos, ("-sin(a)",), "cosine", ((0.5,), (1e-5,), (-100.0,)),
        tex=r"\cos", rounding=ulps(1), zero=UNTOLD, flat=UNTOLD,
    ),
    _library(
        "tan", math.tan, ("1 + v**2",), "tangent", ((0.5,), (1.5707,), (-100.0,)),
        tex=r"\tan", rounding=ulps(2), zero=("a",), flat=UNTOLD,
    ),
    _ours(
        "sinpi", real.sinpi, ("pi * cospi(a)",), "sin(pi * a), exact zeros at whole numbers",
        ((0.5,), (1e-9,), (-100.2,), (1e15 + 0.75,)),
        precise=LIBRARY, rounding=ulps(3), zero=UNTOLD, flat=UNTOLD,
        textbook="sin(pi * a)",
    ),
    _ours(
        "cospi", real.cospi, ("-pi * sinpi(a)",), "cos(pi * a), exact zeros at halves of odd numbers",
        ((0.2,), (1e-5,), (-100.2,), (1e15 + 0.75,)),
        precise=LIBRARY, rounding=ulps(3), zero=UNTOLD, flat=UNTOLD,
        textbook="cos(pi * a)",
    ),
    # computed as (1 - a) (1 + a), which does not cancel near 1; its slope written as that of a product would near 0
    _operator(
        "one_minus_square", real.one_minus_square, ("-2 * a",), "1 - a^2, accurate near -1 and 1",
        ((0.5,), (1e-6,), (-0.999999,), (1e10,)), notation=Notation.CALL, complex=OWN,
        rounding=ulps(1), terms=NO_SUM, zero=UNTOLD, flat=(("a",),),
        textbook="1 - a**2",
    ),
    _library(
        "asin", math.asin, ("1 / sqrt(one_minus_square(a))",), "inverse sine",
        ((0.5,), (1e-6,), (-0.999999,)), kink=kinks.ASIN,
        tex=r"\arcsin", convention="inf at -1 and 1", domain="abs(a) <= 1", rounding=ulps(1), zero=UNTOLD, flat=UNTOLD,
    ),
    _library(
        "acos", math.acos, ("-1 / sqrt(one_minus_square(a))",), "inverse cosine",
        ((0.5,), (1e-6,), (-0.999999,)), kink=kinks.ACOS,
        tex=r"\arccos", convention="-inf at -1 and 1", domain="abs(a) <= 1", rounding=ulps(1), zero=UNTOLD, flat=UNTOLD,
    ),
    _library(
        "atan", math.atan, ("1 / hypot(1, a) / hypot(1, a)",), "inverse tangent",
        ((0.5,), (1e-6,), (-1e6,)),
        tex=r"\arctan", rounding=ulps(1), zero=("a",), flat=((),),
    ),
    _library(
        "atan2", math.atan2, ("over_hypot(b, a) / hypot(a, b)", "-over_hypot(a, b) / hypot(a, b)"),
        "angle of the point (b, a)", ((1.0, 2.0), (-1.0, -2.0), (1e-8, 3.0), (2e200, 1e200)),
        piece=_side_of_cut, kink=kinks.ATAN2, convention="that of the side with the value's sign, at its jump",
        complex=OWN, rounding=ulps(1), zero=UNTOLD, flat=UNTOLD,
    ),
    # a / hypot(a, b) as such has the slope (1 - v^2) / hypot(a, b), which cancels where a is much larger than b
    _ours(
        "over_hypot", real.over_hypot,
        ("over_hypot(b, a) / hypot(a, b) * over_hypot(b, a)", "-over_hypot(b, a) * v / hypot(a, b)"),
        "a / hypot(a, b), the cosine of the angle between (a, b) and the first axis",
        ((3.0, 4.0), (-1e-8, 2.0), (3e200, 1e-5)), domain="a != 0 or b != 0",
        rounding=ulps(2), zero=("a",), flat=UNTOLD,
        textbook="a / sqrt(a**2 + b**2)",
    ),
    _library(
        "hypot", math.hypot, ("over_hypot(a, b)", "over_hypot(b, a)"), "length of the vector (a, b), without overflow",
        ((3.0, 4.0), (-1e-8, 2.0), (3e200, 1e200)), edges=(("v", "0"), ("v", "0")),
        piece=_at_zero, kink=kinks.HYPOT, convention="0 at (0, 0), the subgradient of least norm",
        complex=OWN, rounding=ulps(1), zero=UNTOLD, flat=UNTOLD,
        textbook="sqrt(a**2 + b**2)",
    ),
)  # fmt: skip

HYPERBOLIC = (
    _library(
        "sinh", math.sinh, ("cosh(a)",), "hyperbolic sine", ((0.5,), (1e-9,), (-20.0,)),
        tex=r"\sinh", rounding=ulps(2), zero=("a",), flat=UNTOLD,
    ),
    _library(
        "cosh", math.cosh, ("sinh(a)",), "hyperbolic cosine", ((0.5,), (1e-9,), (-20.0,)),
        tex=r"\cosh", rounding=ulps(2), zero=UNTOLD, flat=UNTOLD,
    ),
    # 1 - v^2 would lose everything at 20; and the derivative of 1 / cosh(a)^2 would be 0 times infinity from 711 on
    _library(
        "tanh", math.tanh, ("sech(a)**2",), "hyperbolic tangent", ((0.5,), (1e-9,), (-20.0,), (40.0,)),
        tex=r"\tanh", rounding=ulps(2), zero=("a",), flat=((),),
    ),
    _ours(
        "sech", real.sech, ("-v * tanh(a)",), "hyperbolic secant, 1 / cosh(a), without overflow",
        ((0.5,), (1e-9,), (-20.0,), (40.0,)), precise=LIBRARY, rounding=ulps(3), zero=(), flat=(("a",),),
    ),
    _library(
        "asinh", math.asinh, ("1 / hypot(1, a)",), "inverse hyperbolic sine", ((0.5,), (1e-9,), (-1e10,)),
        rounding=ulps(2), zero=("a",), flat=((),),
        tex=r"\operatorname{arsinh}",
    ),
    _library(
        "acosh", math.acosh, ("1 / (sqrt(a - 1) * sqrt(a + 1))",), "inverse hyperbolic cosine",
        ((1.5,), (1.000001,), (1e10,)), kink=kinks.ACOSH,
        convention="inf at 1, from the right", domain="a >= 1", rounding=ulps(2), zero=UNTOLD, flat=UNTOLD,
        tex=r"\operatorname{arcosh}",
    ),
    _library(
        "atanh", math.atanh, ("1 / one_minus_square(a)",), "inverse hyperbolic tangent",
        ((0.5,), (1e-9,), (-0.999999,)), domain="abs(a) < 1", rounding=ulps(2), zero=UNTOLD, flat=UNTOLD,
        tex=r"\operatorname{artanh}",
    ),
)  # fmt: skip

PROBABILITY = (
    _numbers_only(
        "erf", math.erf, ("2 / sqrt(pi) * gauss(a)",), "error function", ((0.5,), (1e-9,), (-5.0,), (10.0,)),
        precise=LIBRARY, rounding=ulps(2), zero=UNTOLD, flat=((),),
    ),
    _numbers_only(
        "erfc", math.erfc, ("-2 / sqrt(pi) * gauss(a)",), "1 - erf(a), accurate for large a",
        ((0.5,), (1e-9,), (-5.0,), (10.0,)), precise=OWN, rounding=ulps(6), zero=(), flat=((),),
    ),
    _ours(
        "gauss", real.gauss, ("-2 * a * v",), "exp(-a^2), accurate for large a",
        ((0.5,), (1e-9,), (-5.0,), (20.3,)), rounding=ulps(3), zero=(), flat=(("a",),),
        textbook="exp(-a**2)",
    ),
    _numbers_only(
        "lgamma", gamma.lgamma, ("digamma(a)",), "log of the absolute value of the gamma function",
        ((0.5,), (2.5,), (7.0,), (30.0,), (-1.5,)), domain="a > 0 or a != round(a)",
        precise=OWN, tex=r"\log\lvert\Gamma(#1)\rvert", rounding=ulps(8, mirrored=True), zero=UNTOLD, flat=UNTOLD,
    ),
    _numbers_only(
        "digamma", gamma.digamma, ("polygamma(1, a)",), "derivative of lgamma",
        ((0.5,), (1.4,), (7.0,), (30.0,), (-1.3,)), domain="a > 0 or a != round(a)",
        precise=LIBRARY, tex=r"\psi", rounding=ulps(16, mirrored=True), zero=UNTOLD, flat=UNTOLD,
    ),
    # the order is a whole number: there is no derivative along it
    _numbers_only(
        "polygamma", gamma.polygamma, (refused("polygamma", "first"), "polygamma(a + 1, b)"),
        "derivative of digamma of order a, up to 500",
        ((1.0, 0.5), (2.0, 3.0), (3.0, 20.0)), domain="b > 0 or b != round(b)",
        convention="refused along the order, which is a whole number",
        precise=OWN, rounding=ulps(16, mirrored=True), zero=UNTOLD, flat=UNTOLD,
        tex=r"\psi^{(#1)}(#2)",
    ),
    _ours(
        "sigmoid", real.sigmoid, ("sech(a / 2)**2 / 4",), "1 / (1 + exp(-a))",
        ((0.5,), (1e-9,), (-40.0,), (40.0,)), rounding=ulps(3), zero=(), flat=((),),
    ),
    _ours(
        "softplus", real.softplus, ("sigmoid(a)",), "log(1 + exp(a))", ((0.5,), (1e-9,), (-40.0,), (40.0,)),
        rounding=ulps(3), zero=(), flat=((),),
        textbook="log(1 + exp(a))",
    ),
)  # fmt: skip

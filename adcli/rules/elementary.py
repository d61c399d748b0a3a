"""Functions that libraries have besides the common ones, made of elementary ones: of learning, statistics, `math`.

Few programs need one: the table imports this family when a name in it is looked up. `primitive.py` says how a row is to
be read.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

from adcli.rules.facts import (
    EXACT,
    LIBRARY,
    NO_SUM,
    NOT_ANALYTIC,
    ONE_BY_ONE,
    OWN,
    PIECES,
    UNTOLD,
    Rounding,
    refused,
    ulps,
)
from adcli.rules.kinks import Beside, Floats, Kink, whole_quotient
from adcli.rules.nonsmooth import key_of, level_of, side_of
from adcli.rules.primitive import Primitive
from adcli.rules.readings import elementary as kernels
from adcli.rules.readings import real


def _ours(*what: Any, **facts: Any) -> Primitive:
    """A function with kernels of ours, without a kink and no sum."""
    known: dict[str, Any] = {"array": OWN, "complex": OWN, "precise": OWN, "terms": NO_SUM, "kink": None}
    return Primitive(*what, **known | {"zero": UNTOLD, "flat": UNTOLD} | facts)


def _quotient(operands: Sequence[Any], value: Any) -> Hashable:
    if type(value) is not float:
        return key_of(((operands[0] - value) / operands[1]).round())
    quotient = (operands[0] - value) / operands[1] if operands[1] else math.nan
    return round(quotient) if math.isfinite(quotient) else None


def _signs(operands: Sequence[Any], value: Any) -> Hashable:
    return side_of(operands, value), side_of(operands[1:], value)


# Where they have no derivative. `kinks.py` says what a kink is.


# a function that is a above 0, and b times another one of slope 1 below
_BENT = Kink(
    lambda operands, value: operands[0],
    lambda operands, value, tangents: (value, tangents[0] * (operands[1] if tangents[0] < 0 else 1.0)),
    lambda operands, value: (1.0, 0.0),
)
_LEAKY_RELU = Kink(
    lambda operands, value: operands[0],
    lambda operands, value, tangents: (value, tangents[0] * (0.01 if tangents[0] < 0 else 1.0)),
    lambda operands, value: (1.0,),
)


def _whole(a: Any) -> Any:
    """The nearest whole number but 0: -1 or 1 about it."""
    if type(a) is float:
        return real.nearest(a) or math.copysign(1.0, a)
    import numpy

    return numpy.where(numpy.rint(a) == 0, numpy.copysign(1.0, a), numpy.rint(a))


def _beside_whole(operands: Floats, value: float, tangents: Floats) -> Beside:
    inward = tangents[0] * value < 0  # towards 0, where the next whole number is the value
    return value - (real.sign(value) if inward else 0.0), 0.0


_TRUNC = Kink(
    lambda operands, value: operands[0] - _whole(operands[0]), _beside_whole, lambda operands, value: (1.0,),
    jumps=True, apart=lambda operands: 0.0,
)  # fmt: skip


def _times(operands: Sequence[Any]) -> Any:
    """The whole multiple of the divisor that is nearest, but 0."""
    return whole_quotient(operands, _whole)


def _beside_multiple(operands: Floats, value: float, tangents: Floats) -> Beside:
    times = _times(operands)
    slope = tangents[0] - times * tangents[1]
    if slope * operands[0] < 0:  # the quotient is nearer to 0 there
        return math.copysign(operands[1], operands[0]), slope + real.sign(times) * tangents[1]
    return 0.0, slope


_FMOD = Kink(
    lambda operands, value: operands[0] - _times(operands) * operands[1], _beside_multiple,
    lambda operands, value: (1.0, -_times(operands)), jumps=True, apart=lambda operands: abs(operands[1]) / 2,
)  # fmt: skip


def _nearer(operands: Sequence[Any], value: Any) -> Any:
    a, b = operands
    if type(value) is float:
        return b if abs(b) < abs(a) else a
    import numpy

    return numpy.where(abs(b) < abs(a), b, a)


def _beside_sign(operands: Floats, value: float, tangents: Floats) -> Beside:
    (a, b), (da, db) = operands, tangents
    side = math.copysign(1.0, b if b else db)
    return (abs(a) * side, side * (real.sign(a) * da if a else abs(da)))


_COPYSIGN = Kink(
    _nearer, _beside_sign, lambda operands, value: (0.0, 1.0) if abs(operands[1]) < abs(operands[0]) else (1.0, 0.0),
    jumps=True, apart=lambda operands: 2 * abs(operands[0]),
)  # fmt: skip

_ABOVE = "max(sign(a), 0)"  # 1 for a positive operand, else 0

ROWS = (
    _ours(
        "xlogy", kernels.xlogy, ("log(b)", "a / b"), "a log(b), and 0 where a is 0", ((2.0, 3.0), (-0.5, 1e-9)),
        edges=(None, ("a", "0")), domain="b > 0 or a == 0", convention="0 along b where a is 0", rounding=ulps(3),
        textbook="a * log(b)",
    ),
    _ours(
        "xlog1py", kernels.xlog1py, ("log1p(b)", "a / (1 + b)"), "a log(1 + b), and 0 where a is 0",
        ((2.0, 3.0), (-0.5, 1e-9), (3.0, -0.75)), edges=(None, ("a", "0")), domain="b > -1 or a == 0",
        convention="0 along b where a is 0", rounding=ulps(3),
        textbook="a * log(1 + b)",
    ),
    _ours(
        "logit", kernels.logit, ("1 / (a * (1 - a))",), "log(a / (1 - a)), the inverse of the sigmoid",
        ((0.2,), (0.5000001,), (1e-9,), (0.999,)), domain="a > 0 and a < 1", rounding=ulps(4), flat=((),),
        textbook="log(a / (1 - a))",
    ),
    _ours(
        "logaddexp", kernels.logaddexp, ("sigmoid(a - b)", "sigmoid(b - a)"), "log(exp(a) + exp(b)), without overflow",
        ((2.0, 3.0), (-0.5, 40.0), (1000.0, 1000.0)), rounding=ulps(3, size="abs(v) + max(abs(a), abs(b))"),
        flat=((), ()),
        textbook="log(exp(a) + exp(b))",
    ),
    _ours(
        "log_diff_exp", kernels.log_diff_exp, ("-1 / expm1(b - a)", "-1 / expm1(a - b)"),
        "log(exp(a) - exp(b)), without overflow", ((3.0, 2.0), (-0.5, -40.0), (1000.0, 999.5)), domain="a > b",
        rounding=ulps(3, size="abs(v) + abs(a)"), flat=((), ()),
        textbook="log(exp(a) - exp(b))",
    ),
    _ours(
        "ndtr", kernels.ndtr, ("gauss(a / 2)**2 / sqrt(2 * pi)",),
        "probability that a standard normal variable is below a", ((0.5,), (-1e-9,), (-20.3,), (5.0,)),
        array=ONE_BY_ONE, complex=NOT_ANALYTIC,
        tex=r"\Phi", rounding=ulps(8), zero=(), flat=((),),
    ),
    _ours(
        "gelu", kernels.gelu, ("ndtr(a) + a * (gauss(a / 2)**2 / sqrt(2 * pi))",), "a ndtr(a)",
        ((0.5,), (1e-9,), (-5.3,), (8.0,)), array=ONE_BY_ONE, complex=NOT_ANALYTIC,
        rounding=ulps(9), zero=("a",),
        textbook="a * ndtr(a)",
    ),
    _ours(
        "silu", kernels.silu, ("sigmoid(a) + a * sech(a / 2)**2 / 4",), "a sigmoid(a)",
        ((0.5,), (1e-9,), (-20.0,), (40.0,)), rounding=ulps(4), zero=("a",),
        textbook="a * sigmoid(a)",
    ),
    _ours(
        "elu", kernels.elu, ("exp(min(a, 0))",), "a, or exp(a) - 1 where a is negative; elu(a, b) is elu_scaled",
        ((0.5,), (-1e-9,), (-20.0,)), rounding=ulps(1), zero=("a",), flat=((),),
    ),
    _ours(
        "elu_scaled", kernels.elu_scaled, (f"{_ABOVE} + b * exp(min(a, 0)) * (1 - {_ABOVE})", "expm1(min(a, 0))"),
        "a, or b (exp(a) - 1) where a is negative", ((0.5, 2.0), (-1e-9, 0.3), (-20.0, 1.5)),
        tex=r"\operatorname{elu}", piece=side_of, kink=_BENT, convention="b at 0, as from the left",
        rounding=ulps(2),
    ),
    _ours(
        "leaky_relu", kernels.leaky_relu, (f"{_ABOVE} + 0.01 * (1 - {_ABOVE})",),
        "a, or a / 100 where a is negative; leaky_relu(a, b) is prelu", ((0.5,), (-1e-9,), (-20.0,)),
        tex=r"\operatorname{leaky\_relu}", piece=side_of, kink=_LEAKY_RELU, convention="0.01 at 0, as from the left",
        rounding=ulps(1),
        zero=("a",), flat=((),),
    ),
    _ours(
        "prelu", kernels.prelu, (f"{_ABOVE} + b * (1 - {_ABOVE})", "min(a, 0)"),
        "a, or b a where a is negative", ((0.5, 2.0), (-1e-9, 0.3), (-20.0, 1.5)),
        tex=r"\operatorname{prelu}", piece=side_of, kink=_BENT, convention="b at 0, as from the left",
        rounding=ulps(1),
    ),
    _ours(
        "trunc", kernels.trunc, ("0",), "a without its fraction", ((0.5,), (-2.3,)), numpy="trunc", array=LIBRARY,
        complex=PIECES, kink=_TRUNC, convention="0 at its jumps", piece=level_of, rounding=EXACT,
    ),
    _ours(
        "fmod", kernels.fmod, ("1", "round((v - a) / b)"), "a - b trunc(a / b): the remainder with a's sign",
        ((7.0, 3.0), (-7.5, 2.0), (5.0, -3.0)), numpy="fmod", array=LIBRARY, piece=_quotient, kink=_FMOD,
        convention="1 and -trunc(a / b) at its jumps", domain="b != 0", rounding=EXACT,
    ),
    _ours(
        "copysign", math.copysign, ("sign(a) * copysign(1, b)", "0"), "the size of a with the sign of b",
        ((7.0, 3.0), (-7.5, 2.0), (-5.0, -3.0)), numpy="copysign", array=LIBRARY, piece=_signs, kink=_COPYSIGN,
        convention="0 at 0, and 0 along b at its jump", rounding=EXACT, zero=("a",),
    ),
    _ours(
        "fma", kernels.fma, ("b", "a", "1"), "a b + c, rounded once",
        ((2.0, 3.0, 4.0), (0.1, 10.0, -1.0), (1e-9, -1.0, 1.0)), array=ONE_BY_ONE, rounding=Rounding(1.0, "trivial"),
        flat=(("b",), ("a",), ()),
        textbook="a * b + c",
    ),
    _ours(
        "gamma", kernels.gamma, ("v * digamma(a)",), "gamma function", ((0.5,), (2.5,), (20.5,), (-1.5,)),
        domain="a > 0 or a != round(a)", array=ONE_BY_ONE, complex=NOT_ANALYTIC, precise=LIBRARY, tex=r"\Gamma",
        rounding=ulps(10), zero=(),
    ),
    _ours(
        "factorial", kernels.factorial, ("v * digamma(a + 1)",), "gamma(a + 1)", ((0.75,), (5.0,), (20.5,), (-1.5,)),
        domain="a > -1 or a != round(a)", array=ONE_BY_ONE, complex=NOT_ANALYTIC, precise=LIBRARY, tex="#1!",
        rounding=ulps(11), zero=(),
    ),
    _ours(
        "sinc", kernels.sinc, ("sinc_derivative(1, a)",), "sin(pi a) / (pi a), and 1 at 0",
        ((0.5,), (1e-9,), (-2.3,), (1000.2,)), rounding=ulps(4),
    ),
    # the order is a whole number, as that of polygamma
    _ours(
        "sinc_derivative", kernels.sinc_derivative, (refused("sinc_derivative", "first"), "sinc_derivative(a + 1, b)"),
        "derivative of sinc of order a, up to 50", ((1.0, 0.5), (2.0, 1e-9), (1.0, -2.3), (3.0, 1000.2)),
        domain="a >= 0 and a == round(a) and a <= 50", convention="refused along the order, which is a whole number",
        array=ONE_BY_ONE, complex=NOT_ANALYTIC, rounding=ulps(8),
        tex=r"\operatorname{sinc}^{(#1)}(#2)",
    ),
)  # fmt: skip

"""Special functions of statistics and of physics, of which most need SciPy for their values; the derivatives are here.

Few programs need one: the table imports this family when a name in it is looked up. `primitive.py` says how a row is to
be read.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from adcli.rules.facts import NO_SUM, NOT_ANALYTIC, ONE_BY_ONE, OWN, UNTOLD, refused, ulps
from adcli.rules.kinks import Kink
from adcli.rules.nonsmooth import side_of
from adcli.rules.primitive import Primitive
from adcli.rules.readings import beta, gamma
from adcli.rules.readings import special as kernels

Rows: TypeAlias = tuple[Primitive, ...]


def _special(*what: Any, **facts: Any) -> Primitive:
    """A function that is computed for one real number at a time, without a kink and no sum."""
    known: dict[str, Any] = {"array": ONE_BY_ONE, "complex": NOT_ANALYTIC, "precise": OWN, "terms": NO_SUM}
    return Primitive(*what, **known | {"kink": None, "zero": UNTOLD, "flat": UNTOLD} | facts)


def _bessel(letter: str, kind: str, slopes: tuple[str, str], domains: tuple[str, str], size: str) -> Rows:
    """A Bessel function of order 0, of order 1, and of any order, where it has values, and the size of its errors.

    `slopes` are that of order 0, and of any order with # and $ for the functions of the order below and above: half of
    their sum or of their difference, in which nothing cancels near 0 (DLMF 10.6.1, 10.29.1).
    """
    zero, one, any_order = f"{letter}0", f"{letter}1", f"{letter}v"

    def slope(below: str, above: str) -> str:
        return slopes[1].replace("#", below).replace("$", above)

    return (
        _special(
            zero, kernels.of_library(zero), slopes[:1], f"{kind} of order 0", ((0.5,), (1.25,), (7.5,)),
            domain=domains[0], rounding=ulps(8, size=size), tex=f"{letter.upper()}_{{0}}",
        ),
        _special(
            one, kernels.of_library(one), (slope(f"{zero}(a)", f"{any_order}(2, a)"),), f"{kind} of order 1",
            ((0.5,), (1.25,), (7.5,)), domain=domains[0], rounding=ulps(8, size=size), tex=f"{letter.upper()}_{{1}}",
        ),
        _special(
            any_order, kernels.of_order(any_order),
            (refused(any_order, "first"), slope(f"{any_order}(a - 1, b)", f"{any_order}(a + 1, b)")),
            f"{kind} of order a", ((0.0, 0.5), (2.0, 1.25), (3.0, 7.5)), domain=domains[1],
            convention="refused along the order", rounding=ulps(10, size=size.replace("(a)", "(b)")),
            tex=f"{letter.upper()}_{{#1}}(#2)",
        ),
    )  # fmt: skip


# the tip of exp(-abs(a))
_PEAK = Kink(
    lambda operands, value: operands[0], lambda operands, value, tangents: (value, -abs(tangents[0])),
    lambda operands, value: (1.0,),
)  # fmt: skip
_WAVE = "abs(v) + sqrt(1 + abs(a))"  # what their waves are off by grows with the number of waves
_TAIL = "abs(v) * (1 + abs(log(v)) + a)"  # they are powers of numbers that are rounded
# For small a and b inverses are powers with the exponents 1 / a and 1 / b. SciPy's are found by a few steps; that of
# betainc takes over what that is off by, over the slope of its logarithm, which grows as the root of a + b.
_SHARE, _BETA_SHARE = "abs(v) * (1 + 1 / a)", "abs(v) * (1 + 1 / a + 1 / b + sqrt(a + b))"

_FIRST, _SECOND = ("", "b >= 0 or a == round(a)"), ("a > 0", "b > 0")

BESSEL = (
    *_bessel("i", "modified Bessel function of the first kind", ("i1(a)", "(# + $) / 2"), _FIRST, ""),
    *_bessel("j", "Bessel function of the first kind", ("-j1(a)", "(# - $) / 2"), _FIRST, _WAVE),
    *_bessel("y", "Bessel function of the second kind", ("-y1(a)", "(# - $) / 2"), _SECOND, _WAVE),
)

# Both are even and odd: of positive operands they are i0e_moment of order 0, and that less the one of order 1.
SCALED = (
    _special(
        "i0e", kernels.of_library("i0e"), ("-sign(a) * i0e_moment(1, abs(a))",), "exp(-abs(a)) i0(a)",
        ((0.5,), (-1.25,), (30.0,)), kink=_PEAK, piece=side_of, convention="0 at 0, the mean of both sides",
        rounding=ulps(8), zero=(),
        textbook="exp(-abs(a)) * i0(a)",
    ),
    _special(
        "i1e", kernels.of_library("i1e"), ("i0e_moment(2, abs(a)) - i0e_moment(1, abs(a))",), "exp(-abs(a)) i1(a)",
        ((0.5,), (-1.25,), (30.0,)), rounding=ulps(8), zero=("a",),
        textbook="exp(-abs(a)) * i1(a)",
    ),
    _special(
        "i0e_moment", kernels.i0e_moment, (refused("i0e_moment", "first"), "-i0e_moment(a + 1, b)"),
        "mean of (1 - cos t)^a exp(-b (1 - cos t)) over all angles t, for a up to 50",
        ((0.0, 0.5), (1.0, 1.25), (2.0, 30.0)), domain="a >= 0 and a == round(a) and a <= 50 and b >= 0",
        convention="refused along the order", rounding=ulps(8), zero=(),
    ),
)  # fmt: skip

BETA = (
    _special(
        "beta", beta.beta, ("-v * polygamma_step(0, a, b)", "-v * polygamma_step(0, b, a)"),
        "beta function gamma(a) gamma(b) / gamma(a + b)", ((2.5, 1.5), (0.5, 3.0), (20.0, 15.0)),
        domain="a > 0 and b > 0", tex=r"\mathrm{B}", rounding=ulps(8), zero=(), flat=((), ()),
    ),
    _special(
        "betaln", beta.betaln, ("-polygamma_step(0, a, b)", "-polygamma_step(0, b, a)"),
        "logarithm of the beta function", ((2.5, 1.5), (0.5, 30.0), (20.0, 15.0)), domain="a > 0 and b > 0",
        tex=r"\log\mathrm{B}(#1, #2)", rounding=ulps(8, size="1 + abs(v)"), flat=((), ()),
    ),
    _special(
        "binom", beta.binom,
        ("v * polygamma_step(0, a - b + 1, b)", "v * polygamma_step(0, b + 1, a - 2 * b)"),
        "binomial coefficient gamma(a + 1) / (gamma(b + 1) gamma(a - b + 1))", ((5.0, 2.0), (7.5, 1.25), (0.5, 0.75)),
        domain="a > -1 and b > -1 and b < a + 1", tex=r"\binom{#1}{#2}", rounding=ulps(8), zero=(),
    ),
    _special(
        "polygamma_step", gamma.polygamma_step,
        (
            refused("polygamma_step", "first"),
            "polygamma_step(a + 1, b, c)", "polygamma(a + 1, b + c)",
        ),
        "polygamma(a, b + c) - polygamma(a, b), accurate for small c, for a up to 500",
        ((0.0, 1.5, 0.25), (1.0, 0.5, 20.0), (2.0, 3.0, -1.25)),
        domain="a >= 0 and a == round(a) and a <= 500 and b > 0 and b + c > 0", convention="refused along the order",
        rounding=ulps(8), zero=("c",), flat=((), ("c",), ()),
        textbook="polygamma(a, b + c) - polygamma(a, b)",
    ),
)  # fmt: skip

NORMAL = (
    _special(
        "log_ndtr", kernels.log_ndtr,
        # one factor is 1 on each side of 0
        ("sqrt(2 / pi) * gauss(max(a, 0) / 2)**2 / erfcx(max(-a, 0) / sqrt(2)) / (2 * ndtr(max(a, 0)))",),
        "log(ndtr(a)), accurate far out", ((0.5,), (-1e-9,), (-20.3,), (5.0,)), tex=r"\log\Phi(#1)", rounding=ulps(8),
    ),
    _special(
        "ndtri", kernels.of_library("ndtri"), ("sqrt(pi / 2) * erfcx(abs(v) / sqrt(2)) / min(a, 1 - a)",),
        "inverse of ndtr: the quantile of the normal distribution", ((0.2,), (0.75,), (1e-9,), (0.999,)),
        domain="a > 0 and a < 1", tex=r"\Phi^{-1}(#1)", rounding=ulps(4),
    ),
    _special(
        "erfinv", kernels.of_library("erfinv"), ("sqrt(pi) / (2 * gauss(v))",), "inverse of erf",
        ((0.2,), (1e-9,), (-0.75,)), domain="abs(a) < 1", tex=r"\operatorname{erf}^{-1}(#1)", rounding=ulps(4),
    ),
    _special(
        "erfcinv", kernels.of_library("erfcinv"), ("-sqrt(pi) / 2 * erfcx(abs(v)) / min(a, 2 - a)",),
        "inverse of erfc", ((0.2,), (1e-9,), (1.75,)), domain="a > 0 and a < 2",
        tex=r"\operatorname{erfc}^{-1}(#1)", rounding=ulps(6),
    ),
    _special(
        "erfcx", kernels.erfcx, ("-2 * erfcx_integral(1, a)",), "exp(a^2) erfc(a), accurate for large a",
        ((0.2,), (1e-9,), (-2.5,), (30.0,)), rounding=ulps(8),
        textbook="exp(a**2) * erfc(a)",
    ),
    _special(
        "erfcx_integral", kernels.erfcx_integral,
        (refused("erfcx_integral", "first"), "-2 * (a + 1) * erfcx_integral(a + 1, b)"),
        "exp(b^2) times the a-th repeated integral of erfc, from b to infinity, for a up to 50",
        ((1.0, 0.2), (2.0, 1e-9), (1.0, -2.5), (3.0, 30.0)), domain="a >= 0 and a == round(a) and a <= 50",
        convention="refused along the order", rounding=ulps(16),
    ),
)  # fmt: skip

INTEGRALS = (
    _special(
        "expi", kernels.expi, ("exp(a) / a",), "exponential integral, the principal value",
        ((0.2,), (1e-9,), (-2.5,), (20.0,)), domain="a != 0", tex=r"\operatorname{Ei}", rounding=ulps(8),
    ),
    _special(
        "lambertw", kernels.lambertw, ("1 / (a + exp(v))",), "the w of at least -1 with w exp(w) = a",
        ((0.2,), (1e-9,), (-0.25,), (1e10,)), domain="a > -exp(-1)", tex="W", rounding=ulps(5),
    ),
    _special(
        "gammainc", kernels.gammainc, (refused("gammainc", "first"), "gamma_density(a, b)"),
        "regularized lower incomplete gamma function", ((2.5, 0.75), (0.5, 1e-3), (20.0, 25.0)),
        domain="a > 0 and b >= 0", convention="refused along a", tex="P", rounding=ulps(4, size=_TAIL),
    ),
    _special(
        "gammaincc", kernels.gammaincc, (refused("gammaincc", "first"), "-gamma_density(a, b)"),
        "1 - gammainc(a, b), accurate for large b", ((2.5, 0.75), (0.5, 1e-3), (20.0, 25.0)),
        domain="a > 0 and b >= 0", convention="refused along a", tex="Q", rounding=ulps(4, size=_TAIL),
    ),
    _special(
        "gammaincinv", kernels.gammaincinv, (refused("gammaincinv", "first"), "1 / gamma_density(a, v)"),
        "the c with gammainc(a, c) = b", ((2.5, 0.6), (0.75, 0.4)),
        domain="a > 0 and b >= 0 and b < 1", convention="refused along a",
        rounding=ulps(24, size=_SHARE),
        tex="P^{-1}",
    ),
    _special(
        "gammainccinv", kernels.gammainccinv, (refused("gammainccinv", "first"), "-1 / gamma_density(a, v)"),
        "the c with gammaincc(a, c) = b", ((2.5, 0.6), (0.75, 0.4)),
        domain="a > 0 and b > 0 and b <= 1", convention="refused along a",
        rounding=ulps(24, size=_SHARE),
        tex="Q^{-1}",
    ),
    _special(
        "gamma_density", kernels.gamma_density,
        ("xlogy(v, b) - v * digamma(a)", "v * (a - 1 - b) / b"), "b^(a - 1) exp(-b) / gamma(a)",
        ((2.5, 0.75), (0.5, 1e-3), (20.0, 25.0)), domain="a > 0 and b >= 0", rounding=ulps(4, size=_TAIL),
        textbook="b**(a - 1) * exp(-b) / gamma(a)",
    ),
    _special(
        "betainc", kernels.betainc,
        (refused("betainc", "first"), refused("betainc", "second"), "beta_density(a, b, c)"),
        "regularized incomplete beta function up to c", ((2.5, 1.5, 0.3), (0.5, 3.0, 1e-3), (20.0, 15.0, 0.5)),
        domain="a > 0 and b > 0 and c >= 0 and c <= 1", convention="refused along a and b", tex="I",
        rounding=ulps(4, size="abs(v) * (1 + abs(log(v)) + a + b)"),
    ),
    _special(
        "betaincinv", kernels.betaincinv,
        (refused("betaincinv", "first"), refused("betaincinv", "second"), "1 / beta_density(a, b, v)"),
        "the d with betainc(a, b, d) = c", ((2.5, 1.5, 0.3), (0.75, 3.0, 0.05), (20.0, 15.0, 0.5)),
        domain="a > 0 and b > 0 and c >= 0 and c <= 1", convention="refused along a and b",
        rounding=ulps(8, size=_BETA_SHARE),
        tex="I^{-1}",
    ),
    _special(
        "beta_density", kernels.beta_density,
        (
            "xlogy(v, c) + v * polygamma_step(0, a, b)", "xlog1py(v, -c) + v * polygamma_step(0, b, a)",
            "v * (a - 1) / c - v * (b - 1) / (1 - c)",
        ),
        "c^(a - 1) (1 - c)^(b - 1) over the beta function of a and b",
        ((2.5, 1.5, 0.3), (0.5, 3.0, 0.6), (20.0, 15.0, 0.5)), domain="a > 0 and b > 0 and c >= 0 and c <= 1",
        rounding=ulps(4, size="abs(v) * (1 + abs(log(v)) + a + b)"),
        textbook="c**(a - 1) * (1 - c)**(b - 1) / beta(a, b)",
    ),
)  # fmt: skip

ROWS = (*BESSEL, *SCALED, *BETA, *NORMAL, *INTEGRALS)

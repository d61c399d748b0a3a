"""The functions of the rare families on mpmath's numbers; as `precise.py` has others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mpmath

from adcli.rules.readings import special

Real = Any


def _ndtr(a: Real) -> Real:
    return mpmath.erfc(-a / mpmath.sqrt(2)) / 2 if a > -1e10 else mpmath.mpf(0)


def _trunc(a: Real) -> Real:
    return mpmath.floor(a) if a > 0 else mpmath.ceil(a)


def _fmod(a: Real, b: Real) -> Real:
    if mpmath.isinf(b):
        return a
    return mpmath.sign(a) * (abs(a) % abs(b))


def _sinc_derivative(n: Real, a: Real) -> Real:
    """By the recursion of `elementary.py`, with the digits that it loses near 0."""
    order = int(n)
    if not a:
        return mpmath.mpf(0) if order % 2 else (-1) ** (order // 2) * mpmath.pi**order / (order + 1)
    with mpmath.extraprec(60 + 2 * (order + 1) * abs(mpmath.mag(a))):
        z = mpmath.pi * a
        sine, cosine = mpmath.sinpi(a), mpmath.cospi(a)
        found = mpmath.mpf(0)
        for k in range(order + 1):
            found = ((sine, cosine, -sine, -cosine)[k % 4] - k * found) / z
        return found * mpmath.pi**order


def _log_ndtr(a: Real) -> Real:
    if a > 0:
        with mpmath.extraprec(int(min(a, 1e3) ** 2)):
            return mpmath.log1p(-_ndtr(-a))
    return mpmath.log(_ndtr(a)) if a > -1e9 else -a * a / 2 - mpmath.log(-a * mpmath.sqrt(2 * mpmath.pi))


def _solution(function: Callable[..., Real], slope: Callable[..., Real], start: float, value: Real) -> Real:
    """Where a function has a value: by Newton's method from a point that is right to many digits."""
    found, digits = mpmath.mpf(start), 8
    while digits < 2 * mpmath.mp.dps:
        found -= (function(found) - value) / slope(found)
        digits *= 2
    return found


def _started(name: str, *operands: Real) -> float:
    return float(special.library(name)(*map(float, operands)))


def _ndtri(p: Real) -> Real:
    if p > 0.5:
        return -_ndtri(1 - p)
    slope: Callable[..., Real] = lambda x: mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)  # noqa: E731
    return _solution(_ndtr, slope, _started("ndtri", p), p)


def _erfcx(a: Real) -> Real:
    """Its product far out, where mpmath may overflow, by its asymptotic series."""
    if a > 1e4:
        term, total, k = 1 / (a * mpmath.sqrt(mpmath.pi)), mpmath.mpf(0), 0
        while abs(term) > mpmath.eps * abs(total) and k < a * a:
            total += term
            k += 1
            term *= -(2 * k - 1) / (2 * a * a)
        return total
    return mpmath.exp(a * a) * mpmath.erfc(a)


def _erfcx_integral(n: Real, a: Real) -> Real:
    order = int(n)
    with mpmath.extraprec(20 + 4 * order * max(1, mpmath.mag(a))):
        before, found = 2 / mpmath.sqrt(mpmath.pi), _erfcx(a)
        for k in range(1, order + 1):
            before, found = found, (before - 2 * a * found) / (2 * k)
        return found


def _gammainc(a: Real, b: Real) -> Real:
    return mpmath.gammainc(a, 0, b, regularized=True)


def _gammaincc(a: Real, b: Real) -> Real:
    return mpmath.gammainc(a, b, regularized=True)


def _gamma_density(a: Real, b: Real) -> Real:
    return b ** (a - 1) * mpmath.exp(-b) / mpmath.gamma(a)


def _gammaincinv(a: Real, p: Real) -> Real:
    return _solution(lambda x: _gammainc(a, x), lambda x: _gamma_density(a, x), _started("gammaincinv", a, p), p)


def _gammainccinv(a: Real, p: Real) -> Real:
    start = _started("gammainccinv", a, p)
    return _solution(lambda x: _gammainc(a, x), lambda x: _gamma_density(a, x), start, 1 - p)


def _betainc(a: Real, b: Real, c: Real) -> Real:
    return mpmath.betainc(a, b, 0, c, regularized=True)


def _beta_density(a: Real, b: Real, c: Real) -> Real:
    return c ** (a - 1) * (1 - c) ** (b - 1) / mpmath.beta(a, b)


def _betaincinv(a: Real, b: Real, p: Real) -> Real:
    start = _started("betaincinv", a, b, p)
    return _solution(lambda x: _betainc(a, b, x), lambda x: _beta_density(a, b, x), start, p)


def _bessely(n: Real, a: Real) -> Real:
    """Of a whole order from those of order 0 and 1 (DLMF 10.8.1, 10.5.2, 10.6.1): mpmath takes a limit, for minutes."""
    order = int(n)
    if order != n or not 0 < a < 1e4:
        return mpmath.bessely(n, a)
    if order < 0:
        return (-1) ** order * _bessely(-n, a)
    with mpmath.extraprec(80 + int(4 * a)):
        zero = (mpmath.log(a / 2) + mpmath.euler) * mpmath.besselj(0, a)
        term, harmonic, k = mpmath.mpf(-1), mpmath.mpf(0), 0
        while k < a or abs(term) > mpmath.eps * abs(zero) / 1e20:
            k += 1
            term *= -a * a / (4 * k * k)
            harmonic += mpmath.mpf(1) / k
            zero += harmonic * term
        before = zero * 2 / mpmath.pi
        found = (mpmath.besselj(1, a) * before - 2 / (mpmath.pi * a)) / mpmath.besselj(0, a)
        for k in range(1, order):
            before, found = found, 2 * k / a * found - before
        return found if order else before


def _i0e_moment(n: Real, a: Real) -> Real:
    order = int(n)
    scale = mpmath.mpf(2) ** order * mpmath.rf(mpmath.mpf(1) / 2, order) / mpmath.factorial(order)
    return scale * mpmath.exp(-2 * a) * mpmath.hyp1f1(mpmath.mpf(1) / 2, order + 1, 2 * a)


def _polygamma_step(n: Real, a: Real, b: Real) -> Real:
    """As many digits more as the difference loses."""
    order = int(n)
    with mpmath.extraprec(abs(mpmath.mag(a)) + abs(mpmath.mag(b)) if b else 0):
        return mpmath.polygamma(order, a + b) - mpmath.polygamma(order, a)


def _of_order(function: Callable[..., Real], order: int) -> Callable[..., Real]:
    return lambda a: function(mpmath.mpf(order), a)


_BESSEL: dict[str, Callable[..., Real]] = {"i": mpmath.besseli, "j": mpmath.besselj, "y": _bessely}

KERNELS: Mapping[str, Callable[..., Real]] = {
    "xlogy": lambda a, b: a * mpmath.log(b) if a else a, "xlog1py": lambda a, b: a * mpmath.log1p(b) if a else a,
    "logit": lambda a: mpmath.log(a / (1 - a)), "ndtr": _ndtr, "gelu": lambda a: a * _ndtr(a),
    "logaddexp": lambda a, b: mpmath.log(mpmath.exp(a) + mpmath.exp(b)),
    "log_diff_exp": lambda a, b: mpmath.log(mpmath.exp(a) - mpmath.exp(b)),
    "silu": lambda a: a / (1 + mpmath.exp(-a)),
    "elu": lambda a: mpmath.expm1(a) if a < 0 else a, "elu_scaled": lambda a, b: b * mpmath.expm1(a) if a < 0 else a,
    "leaky_relu": lambda a: mpmath.mpf(0.01) * a if a < 0 else a, "prelu": lambda a, b: b * a if a < 0 else a,
    "trunc": _trunc, "fmod": _fmod, "copysign": lambda a, b: -abs(a) if b < 0 else abs(a),
    "fma": lambda a, b, c: a * b + c, "sinc": mpmath.sincpi, "sinc_derivative": _sinc_derivative,
    "log_ndtr": _log_ndtr, "ndtri": _ndtri, "erfinv": mpmath.erfinv, "erfcx": _erfcx,
    "erfcinv": lambda a: -_ndtri(a / 2) / mpmath.sqrt(2), "erfcx_integral": _erfcx_integral,
    "expi": mpmath.ei, "lambertw": lambda a: mpmath.re(mpmath.lambertw(a)),
    "gammainc": _gammainc, "gammaincc": _gammaincc, "gammaincinv": _gammaincinv, "gammainccinv": _gammainccinv,
    "gamma_density": _gamma_density, "betainc": _betainc, "betaincinv": _betaincinv, "beta_density": _beta_density,
    "i0e": lambda a: mpmath.exp(-abs(a)) * mpmath.besseli(0, a), "i0e_moment": _i0e_moment,
    "beta": mpmath.beta, "betaln": lambda a, b: mpmath.log(mpmath.beta(a, b)), "binom": mpmath.binomial,
    "polygamma_step": _polygamma_step,
    "i1e": lambda a: mpmath.exp(-abs(a)) * mpmath.besseli(1, a),
    **{f"{letter}{order}": _of_order(function, order) for letter, function in _BESSEL.items() for order in (0, 1)},
    **{f"{letter}v": function for letter, function in _BESSEL.items()},
}  # fmt: skip

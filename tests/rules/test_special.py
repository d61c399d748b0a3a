"""Special functions against published tables and closed forms, with their derivatives.

AS is Abramowitz and Stegun, Handbook of Mathematical Functions (1964); DLMF is https://dlmf.nist.gov.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

import adcli

E = math.e
PI = math.pi

# expression, point, value, derivatives, source
CLOSED = [
    ("beta(a, b)", {"a": 0.5, "b": 0.5}, PI, {"a": -2 * PI * math.log(2), "b": -2 * PI * math.log(2)}, "DLMF 5.12.2"),
    ("beta(a, b)", {"a": 3.0, "b": 4.0}, 1 / 60, {"a": -57 / 3600, "b": -37 / 3600}, "DLMF 5.12.1, 5.5.2"),
    ("betaln(a, b)", {"a": 1.0, "b": 50.0}, -math.log(50), {"b": -1 / 50}, "B(1, b) = 1 / b, DLMF 5.12.1"),
    ("binom(a, 2)", {"a": 10.5}, 10.5 * 9.5 / 2, {"a": 10.0}, "a (a - 1) / 2, DLMF 1.2.6"),
    ("binom(a, b)", {"a": 1.0, "b": 0.5}, 4 / PI, {"b": 0.0}, "sin(pi b) / (pi b (1 - b)), DLMF 5.5.3"),
    ("gammainc(1, x)", {"x": 0.3}, -math.expm1(-0.3), {"x": math.exp(-0.3)}, "DLMF 8.4.4"),
    ("gammaincc(3, x)", {"x": 2.0}, 5 * math.exp(-2), {"x": -2 * math.exp(-2)}, "DLMF 8.4.10"),
    ("betainc(1, 3, x)", {"x": 0.25}, 1 - 0.75**3, {"x": 3 * 0.75**2}, "DLMF 8.17.7 with a = 1"),
    ("betainc(2, 2, x)", {"x": 0.25}, 0.25**2 * 2.5, {"x": 6 * 0.25 * 0.75}, "x^2 (3 - 2 x)"),
    ("lambertw(x)", {"x": E}, 1.0, {"x": 1 / (2 * E)}, "DLMF 4.13.1, 4.13.4"),
    ("lambertw(x)", {"x": 2 * math.log(2)}, math.log(2), {"x": 0.5 / (1 + math.log(2))}, "w exp(w) = x at log(2)"),
    ("jv(0.5, x)", {"x": 2.0}, math.sin(2) / math.sqrt(PI),
     {"x": (math.cos(2) - math.sin(2) / 4) / math.sqrt(PI)}, "DLMF 10.16.1"),
    ("iv(0.5, x)", {"x": 2.0}, math.sinh(2) / math.sqrt(PI),
     {"x": (math.cosh(2) - math.sinh(2) / 4) / math.sqrt(PI)}, "DLMF 10.39.1"),
    ("erfcx(x)", {"x": 0.0}, 1.0, {"x": -2 / math.sqrt(PI)}, "DLMF 7.2.2, 7.10.1"),
    ("ndtri(p)", {"p": 0.5}, 0.0, {"p": math.sqrt(2 * PI)}, "the slope is 1 over the density at 0"),
    ("log_ndtr(x)", {"x": 0.0}, -math.log(2), {"x": math.sqrt(2 / PI)}, "DLMF 7.18"),
]  # fmt: skip

# expression, point, value to the digits of the table, source
TABLES = [
    ("i0(x)", {"x": 1.0}, "1.2660658778", "the series of DLMF 10.25.2"),
    ("i1(x)", {"x": 1.0}, "0.5651591040", "the series of DLMF 10.25.2"),
    ("j0(x)", {"x": 2.0}, "0.223890779141236", "AS table 9.1"),
    ("j1(x)", {"x": 2.0}, "0.5767248078", "AS table 9.1"),
    ("y0(x)", {"x": 2.0}, "0.5103756726", "AS table 9.1"),
    ("y1(x)", {"x": 2.0}, "-0.1070324315", "AS table 9.1"),
    ("expi(x)", {"x": 1.0}, "1.895117816", "AS table 5.1"),
    ("erf(x)", {"x": 0.5}, "0.5204998778", "AS table 7.1"),
    ("gamma(x)", {"x": 1.5}, "0.8862269255", "AS table 6.1"),
    ("digamma(x)", {"x": 1.5}, "0.0364899740", "AS table 6.1"),
    ("polygamma(1, x)", {"x": 1.0}, "1.6449340668", "AS table 6.1"),
    ("ndtr(x)", {"x": 1.0}, "0.841344746068543", "AS table 26.1"),
    ("ndtri(p)", {"p": 0.975}, "1.95996398454005", "AS table 26.5, the quantile of 0.975"),
]


@pytest.mark.parametrize(("text", "at", "value", "slopes", "source"), CLOSED, ids=[f"{t}-{s}" for t, *_, s in CLOSED])
def test_closed_forms(
    text: str, at: Mapping[str, float], value: float, slopes: Mapping[str, float], source: str
) -> None:
    report = adcli.expression(text).gradient(at, wrt=list(slopes))
    assert report.outputs["value"] == pytest.approx(value, rel=3e-15, abs=1e-16)
    found = report.gradient["value"]
    assert found == {name: pytest.approx(slope, rel=4e-15, abs=1e-15) for name, slope in slopes.items()}
    assert {judged.verdict for judged in report.comparisons["value"].components.values()} == {"agrees"}


@pytest.mark.parametrize(("text", "at", "value", "source"), TABLES, ids=[f"{t}-{s}" for t, *_, s in TABLES])
def test_published_tables(text: str, at: Mapping[str, float], value: str, source: str) -> None:
    digits = len(value.partition(".")[2])
    assert f"{adcli.expression(text).evaluate(at).outputs['value']:.{digits}f}" == value


def test_binomial_coefficients_are_exact() -> None:
    program = adcli.expression("binom(n, k)")
    for n in (0, 1, 5, 52, 60, 1000, 1029):
        for k in {0, n // 3, n // 2, n}:
            try:
                exact = float(math.comb(n, k))
            except OverflowError:
                exact = math.inf
            assert program.evaluate(n=float(n), k=float(k)).outputs["value"] == exact

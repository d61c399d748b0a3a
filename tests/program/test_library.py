"""The functions that are written in the language, against closed forms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

import adcli
from adcli.program.library import LIBRARY, library_text
from adcli.syntax.format import format_tree
from adcli.syntax.parse import parse
from adcli.syntax.source import Source
from adcli.trust.judgement import Verdict

from ..syntax.trees import said

# What is integrated, the limits, the integral, and its derivatives by a and b: all closed forms.
INTEGRALS: dict[str, tuple[str, str, float, float, float]] = {
    "a polynomial": ("a * t^2 + b", "0, 3", 9 * 2 + 3 * 0.5, 9, 3),
    "its limits": ("t^3", "b, a", (16 - 0.5**4) / 4, 8, -(0.5**3)),
    "backward": ("sin(t)", "a, b", math.cos(2) - math.cos(0.5), -math.sin(2), math.sin(0.5)),
    "an exponential": (
        "exp(-a * t)", "0, b", (1 - math.exp(-1)) / 2, math.exp(-1) / 4 - (1 - math.exp(-1)) / 4, math.exp(-1),
    ),
    "half a line": ("exp(-a * t) * t^3", "0, inf", 6 / 16, -4 * 6 / 32, 0),
    "the other half": ("exp(a * t)", "-inf, b", math.e / 2, 0, math.e),
    "the whole line": ("exp(-a * (t - b)^2)", "-inf, inf", math.sqrt(math.pi / 2), -math.sqrt(math.pi / 2) / 4, 0),
    "a Lorentz curve": ("a / (a^2 + t^2)", "-inf, inf", math.pi, 0, 0),
    "a narrow one": ("1e-3 / (1e-6 + (t - b)^2)", "0, a", 0.0, 0.0, 0.0),
    "an infinite slope": ("sqrt(t)", "0, a", 2 / 3 * 2**1.5, math.sqrt(2), 0),
    "an infinite end": ("1 / sqrt(t)", "b, a", 2 * (math.sqrt(2) - math.sqrt(0.5)), 1 / math.sqrt(2), -math.sqrt(2)),
    "many waves": ("cos(40 * t)", "0, a", math.sin(80) / 40, math.cos(80), 0),
    "nothing": ("t - t", "0, a", 0, 0, 0),
    "no length": ("exp(t)", "a, a", 0, 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", INTEGRALS)
def test_an_integral_has_its_value_and_its_derivatives(name: str) -> None:
    body, limits, value, by_a, by_b = INTEGRALS[name]
    program = adcli.parse(f"input a = 2, b = 0.5\ndef f(t) = {body}\noutput y = integrate(f, {limits})")
    report = program.gradient(difference="none")
    if name == "a narrow one":
        low, high = -0.5 / 1e-3, 1.5 / 1e-3
        value = math.atan(high) - math.atan(low)
        by_a, by_b = 1e-3 / (1e-6 + 2.25), 1e-3 / (1e-6 + 0.25) - 1e-3 / (1e-6 + 2.25)
    assert report.outputs["y"] == pytest.approx(value, rel=1e-12, abs=1e-13)
    slopes = report.gradient["y"]
    # the tolerance is relative to the integral of the absolute value, and derivatives are off by some of that
    assert slopes["a"] == pytest.approx(by_a, rel=1e-10, abs=3e-11)
    assert slopes["b"] == pytest.approx(by_b, rel=1e-10, abs=3e-11)


def test_tails_that_underflow_are_no_doubt() -> None:
    """Far out the function is 0 by underflow: decisions ask for its size there, and no derivative does."""
    text = (
        "input a = 0.5, k = 3\ndef g(t) = exp(-k * t^2)\noutput y = integrate(g, a, inf), z = integrate(g, -inf, inf)"
    )
    assert adcli.parse(text).check().verdict is Verdict.AGREES


def solution(text: str, **point: Any) -> Any:
    return adcli.parse(text).gradient(point, difference="none")


def test_an_oscillator_turns() -> None:
    text = (
        "input w, x0\ndef f(y, t) = [y[1], -w^2 * y[0]]\n"
        "s = odeint(f, [x0, 0], [0, 1, 2.5, 6], rtol = 1e-10, atol = 1e-12)\noutput a = s[1, 0], b = s[3, 1]"
    )
    report = solution(text, w=1.3, x0=2)
    w, x0 = 1.3, 2.0
    assert report.outputs["a"] == pytest.approx(x0 * math.cos(w), rel=1e-8)
    assert report.outputs["b"] == pytest.approx(-w * x0 * math.sin(6 * w), rel=1e-8)
    assert report.gradient["a"]["w"] == pytest.approx(-x0 * math.sin(w), rel=1e-7)
    assert report.gradient["b"]["x0"] == pytest.approx(-w * math.sin(6 * w), rel=1e-8)


def test_time_goes_forward_and_backward_and_may_vary() -> None:
    text = "input k, e\ndef f(y, t) = -k * y + t\noutput y = odeint(f, [1], [0, e])[1, 0]"
    for k, end in ((0.7, 2.0), (0.7, -1.5), (30.0, 1.0)):
        report = solution(text, k=k, e=end)
        value = (1 + 1 / k**2) * math.exp(-k * end) + end / k - 1 / k**2
        assert report.outputs["y"] == pytest.approx(value, rel=1e-6)
        assert report.gradient["y"]["e"] == pytest.approx(-k * value + end, rel=1e-5)


def test_differences_and_the_sweep_agree_as_steps_change_by_decisions_alone() -> None:
    text = "input p = 1.5\ndef f(y, t) = [p * y[0] - y[0] * y[1], y[0] * y[1] - y[1]]\n"
    text += "output y = odeint(f, [1, 2], [0, 3])[1, 0]"
    report = adcli.parse(text).check()
    assert report.verdict is Verdict.AGREES


@pytest.mark.parametrize("count", [2, 3, 4, 5, 9])
def test_a_spline_is_that_of_scipy(count: int) -> None:
    random = np.random.default_rng(count)
    xs, ys = np.sort(random.normal(size=count)), random.normal(size=count)
    x = np.concatenate([random.uniform(xs[0] - 0.3, xs[-1] + 0.3, 6), xs])
    given = {"x": x, "xs": xs, "ys": ys}
    program = adcli.parse("input x[k], xs[n], ys[n]\ny = cubic_spline(x, xs, ys)\noutput s = sum(y), y")
    curve = CubicSpline(xs, ys)
    np.testing.assert_allclose(program.evaluate(given).outputs["y"], curve(x), rtol=1e-11, atol=1e-12)
    slopes = program.gradient(given, of="s", difference="none", nonsmooth="quiet").gradient["s"]
    np.testing.assert_allclose(slopes["x"], curve(x, 1), rtol=1e-10, atol=1e-11)
    by_ys = [CubicSpline(xs, unit)(x).sum() for unit in np.eye(count)]  # it is linear in them
    np.testing.assert_allclose(slopes["ys"], by_ys, rtol=1e-9, atol=1e-10)


def test_a_spline_of_a_cubic_is_the_cubic() -> None:
    text = "input x, a\nxs = [0, 1, 1.5, 3, 4]\noutput y = cubic_spline(x, xs, a * xs^3 - xs)"
    report = adcli.parse(text).gradient({"x": 2.2, "a": 0.7}, difference="none")
    assert report.outputs["y"] == pytest.approx(0.7 * 2.2**3 - 2.2, rel=1e-14)
    assert list(report.gradient["y"].values()) == pytest.approx([3 * 0.7 * 2.2**2 - 1, 2.2**3], rel=1e-13)


@pytest.mark.parametrize("function", LIBRARY)
def test_the_library_is_canonical_enough_to_be_read_again(function: str) -> None:
    tree = parse(Source(function, library_text(function)))
    assert said(parse(Source(function, format_tree(tree)))) == said(tree)


def test_a_program_may_have_functions_of_these_names() -> None:
    text = "input x\ndef integrate(u) = 3 * u\ndef halved(u) = u / 2\noutput y = integrate(x) + halved(x)"
    assert adcli.parse(text).evaluate({"x": 2}).outputs == {"y": 7}
    text = "input x\ndef kronrod(t) = x * t\noutput y = integrate(kronrod, 0, 2)"
    assert adcli.parse(text).evaluate({"x": 2}).outputs["y"] == pytest.approx(4, rel=1e-15)

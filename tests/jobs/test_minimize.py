"""Minima: those of Moré, Garbow and Hillstrom, closed forms, and ends that are no minimum."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import adcli as package
from adcli.errors import CheckFailedError
from adcli.report.minimize import MinimizeReport

from . import mgh_problems

METHODS = ("trust", "newton", "bfgs", "lbfgs", "gd", "adam")
ROSENBROCK = "100 * (y - x^2)^2 + (1 - x)^2"
# The others take from 0.3 to 2 seconds each.
QUICK = {2, 4, 5, 6, 7, 8, 9, 11, 12, 15, 25, 26, 28, 29, 30, 32, 33, 34}


def minimized(text: str, **options: Any) -> MinimizeReport:
    program = package.parse(text) if "output" in text else package.expression(text)
    return program.minimize(**options)


def value(report: MinimizeReport) -> dict[str, float]:
    return {row.name: row.value for row in report.parameters}


@pytest.mark.parametrize("number", [
    number if number in QUICK else pytest.param(number, marks=pytest.mark.slow) for number in mgh_problems.numbers()
], ids=mgh_problems.name)  # fmt: skip
def test_more_garbow_hillstrom(number: int) -> None:
    """The default method comes to a minimum that the paper lists, from its start: the digits in print, or 0."""
    report = mgh_problems.program(number).minimize(of="f")
    assert report.converged, report.reason
    assert not report.wrong
    n = len(mgh_problems.start(number))
    listed = [row for row in mgh_problems.minima() if (row.number, row.n, row.kind) == (number, n, "minimum")]
    near = [row for row in listed if abs(report.value - row.value) <= max(row.unit, 1e-15 * row.value, 1e-27)]
    assert near, (report.value, listed)
    singular = number in (13, 22, 33, 34)  # the Hessian of these is singular where they are least
    assert report.curvature.kind.value == ("flat" if singular else "minimum")
    if not singular and number != 18:  # whose two exponentials may change places: it has more points than are listed
        found = np.array([row.value for row in report.parameters])
        error = np.array([row.error for row in report.parameters])
        assert any((np.abs(found - row.point) <= error + 1e-12 * (1 + np.abs(found))).all() for row in near)


@pytest.mark.parametrize("method", METHODS)
def test_each_method_comes_to_the_minimum(method: str) -> None:
    text = "(x - 1)^2 + 2 * (y - x)^2" if method in ("gd", "adam") else ROSENBROCK
    report = minimized(text, method=method, x=-1.2, y=1, rate=0.1)
    assert report.converged, report.reason
    assert not report.wrong
    for row in report.parameters:
        assert abs(row.value - 1) <= row.error <= 1e-6
    assert [step.number for step in report.iterations] == list(range(len(report.iterations)))
    assert report.iterations[0].parameters == {"x": -1.2, "y": 1.0}
    assert report.iterations[-1].value <= report.value + report.value_error


CLOSED_FORMS: list[tuple[str, dict[str, float], dict[str, float]]] = [
    ("exp(x) - 2 * x", {"x": 3}, {"x": math.log(2)}),
    ("(x^2 - 2)^2", {"x": 3}, {"x": math.sqrt(2)}),
    ("x * log(x)", {"x": 0.5}, {"x": math.exp(-1)}),
    ("cos(x)", {"x": 3}, {"x": math.pi}),
    ("x / (1 + x^2)", {"x": -0.3}, {"x": -1}),
    ("1e10 * (x - y)^2 + (x + y - 2 / 3)^2", {"x": 3, "y": 1}, {"x": 1 / 3, "y": 1 / 3}),
    ("1e6 + (x - pi)^2", {"x": 3}, {"x": math.pi}),
    ("(1e-6 * x - 1)^2 + (1e6 * y - 1)^2", {"x": 1, "y": 1}, {"x": 1e6, "y": 1e-6}),
]


@pytest.mark.parametrize(("text", "start", "exact"), CLOSED_FORMS)
@pytest.mark.parametrize("method", ["trust", "newton", "bfgs"])
def test_the_error_is_true(text: str, start: dict[str, float], exact: dict[str, float], method: str) -> None:
    report = minimized(text, method=method, **start)
    assert (report.ending, report.wrong, report.curvature.kind.value) == ("converged", False, "minimum")
    for row in report.parameters:
        rounded = 2**-53 * abs(exact[row.name])
        assert abs(row.value - exact[row.name]) <= row.error + rounded
        assert row.error <= 1e-5 * max(abs(exact[row.name]), 1e-3)
    assert report.gradient_norm <= max(1e-4, report.gradient_rounding)


def test_what_goes_up() -> None:
    report = minimized("x * exp(-x)", x=0.1, maximize=True)
    assert (report.converged, report.wrong, report.curvature.kind.value) == (True, False, "maximum")
    assert report.value == pytest.approx(math.exp(-1), rel=1e-15)
    assert report.curvature.largest < 0
    assert report.iterations[-1].value > report.iterations[0].value
    assert "maximizing value" in str(report)


def test_a_saddle_is_named_with_the_way_down() -> None:
    for method in METHODS:
        report = minimized("x^2 - y^2 + y^4", method=method, x=0, y=0)
        assert (report.converged, report.wrong, report.curvature.kind.value) == (True, True, "saddle")
        assert report.curvature.direction == {"y": 1.0}
        assert report.curvature.smallest == -2
        assert "a saddle: it goes down along y +1, both ways" in str(report)


def test_a_saddle_is_left() -> None:
    """On the line y = 0 gradients lead to the saddle; a trust region leaves the line. At (0, ±√½) it is -¼."""
    report = minimized("x^2 - y^2 + y^4", x=1, y=0)
    assert (report.converged, report.wrong) == (True, False)
    assert report.value == pytest.approx(-0.25, rel=1e-15)
    along = minimized("x^2 - y^2 + y^4", method="bfgs", x=1, y=0)
    assert (along.converged, along.wrong, along.curvature.kind.value) == (True, True, "saddle")


def test_the_other_extremum_is_none() -> None:
    top = minimized("cos(x)", x=0)
    assert (top.converged, top.wrong, top.curvature.kind.value) == (True, True, "maximum")
    assert "a maximum: it goes down along x +1" in str(top)
    bottom = minimized("x^2", x=0, maximize=True)
    assert (bottom.converged, bottom.wrong, bottom.curvature.kind.value) == (True, True, "minimum")
    assert "it goes up along x +1" in str(bottom)


@pytest.mark.parametrize(("text", "direction"), [
    ("(x + y - 1)^2", {"x": 1.0, "y": -1.0}), ("x^2 + 0 * y", {"y": 1.0}), ("x^3 + y^2", {"x": 1.0}),
])  # fmt: skip
def test_what_is_flat_is_no_minimum(text: str, direction: dict[str, float]) -> None:
    report = minimized(text, x=2, y=3)
    assert (report.converged, report.curvature.kind.value) == (True, "flat")
    found = report.curvature.direction
    assert {name: abs(step) for name, step in found.items()} == pytest.approx({k: abs(v) for k, v in direction.items()})
    assert [math.copysign(1, found[name]) for name in found] == [1.0] + [-1.0] * (len(found) - 1)
    assert "flat: along" in str(report)
    assert any(math.isinf(row.error) for row in report.parameters)


@pytest.mark.parametrize(("text", "x"), [("-x", 3), ("x^3", -1), ("1 / x", -3), ("log(x)", 3), ("x^2 - exp(x)", 9)])
def test_what_has_no_minimum(text: str, x: float) -> None:
    report = minimized(text, x=x)
    assert (report.converged, report.wrong) == (False, True)
    assert report.ending in ("unbounded", "stuck")
    assert "minimum of" not in str(report)
    assert "not converged" in str(report)


def test_what_falls_without_end() -> None:
    assert minimized("-x", x=3).ending == "unbounded"
    assert minimized("1 / x", x=-3).ending == "unbounded"
    assert minimized("-exp(x)", x=3).ending == "unbounded"


def test_a_kink() -> None:
    """|x - 1| + x²/8 is least at its kink, where the slopes are -¾ and 1¼: nobody says that the gradient vanishes."""
    report = minimized("abs(x - 1) + x^2 / 8", x=2.3)
    assert (report.ending, report.wrong, report.curvature) == ("stuck", True, None)
    assert value(report) == {"x": 1.0}
    assert report.kinks is not None
    slopes = report.kinks.slopes["value"]["x"]
    assert (slopes.left, slopes.right) == (-0.75, 1.25)
    assert "an operation is at a kink there" in report.reason
    assert "along each parameter the value rises to both sides" in str(report)
    assert [warning.code for warning in report.warnings] == ["kink"]


@pytest.mark.parametrize(("text", "options", "wrong"), [
    ("abs(x - 1)", {"x": 2}, False),
    ("-abs(x - 1)", {"x": 1, "maximize": True}, False),
    ("max(x^2, (x - 2)^2)", {"x": 3}, False),
    ("-abs(x - 1)", {"x": 1}, True),
    ("abs(x - 1)", {"x": 1, "maximize": True}, True),
    ("(x - 3)^2 + floor(x)", {"x": 5}, True),
])  # fmt: skip
def test_a_kink_whose_derivative_by_convention_is_zero(text: str, options: dict[str, Any], wrong: bool) -> None:
    """It is no stationary point; the slopes to both sides say whether it is what was sought."""
    report = minimized(text, **options)
    assert (report.converged, report.wrong, report.curvature) == (True, wrong, None)
    assert "kink" in report.reason
    assert ("at a kink, and none that is sought: along x" in str(report)) == wrong
    assert all(math.isinf(row.error) for row in report.parameters)


def test_a_start_at_a_kink_is_no_wrong_derivative() -> None:
    """3x = x + 2y at the start: no difference tells whether the derivative is right, and the search goes on."""
    report = minimized("input x = 2 in [0, 4], y = 2 in [0, 4]\noutput z = max(3 * x, x + 2 * y)")
    assert (report.iterations[0].value, report.value, report.wrong) == (6, 0, False)
    assert all(row.held for row in report.parameters)  # and to the outside of the kink the range ends


def test_a_singular_system_on_the_way_is_gone_round() -> None:
    """At x = 0 there is no solution: from 1 the first step along x + 1/x² · 0.25 goes there, and beyond."""
    text = "input x = 1\nv = solve([[x, 0], [0, 1]], [1, 1])\noutput f = v[0]^2 + x"
    report = minimized(text)
    assert report.converged
    assert value(report)["x"] == pytest.approx(2 ** (1 / 3), rel=1e-9)


def test_where_bounds_hold_everything() -> None:
    report = minimized("input x = 3 in [1, 5]\noutput f = x^2")
    assert (report.converged, report.wrong, report.curvature, value(report)) == (True, False, None, {"x": 1.0})
    assert "minimum of f, where bounds hold everything" in str(report)


def test_bounds() -> None:
    text = "input x = 3 in [1, 5], y = 1 in [0, 1.5], z = 4\noutput f = x^2 + (y - 3)^2 + (z - y)^2"
    for method in METHODS:
        report = minimized(text, method=method, rate=0.1)
        assert report.converged, (method, report.reason)
        assert value(report)["x"] == 1
        assert value(report)["y"] == 1.5
        assert value(report)["z"] == pytest.approx(1.5, abs=1e-7)
        assert [row.held for row in report.parameters] == [True, True, False]
        assert [row.error for row in report.parameters][:2] == [0, 0]
        assert report.curvature.smallest == report.curvature.largest == 2  # along z alone
        assert [row.gradient for row in report.parameters][:2] == [2, pytest.approx(-3, abs=1e-6)]
        for step in report.iterations:
            assert 1 <= step.parameters["x"] <= 5 and 0 <= step.parameters["y"] <= 1.5


def test_a_start_at_the_minimum() -> None:
    for method in METHODS:
        report = minimized("(x - 1)^2", method=method, x=1)
        assert (report.converged, len(report.iterations), value(report)) == (True, 1, {"x": 1.0})


def test_the_limit_of_steps() -> None:
    report = minimized(ROSENBROCK, x=-1.2, y=1, steps=3)
    assert (report.ending, report.wrong, len(report.iterations)) == ("steps", True, 4)
    assert "3 steps were not enough: --steps allows more" in report.reason
    assert report.value == min(step.value for step in report.iterations)
    assert all(math.isinf(row.error) for row in report.parameters)


def test_steps_that_are_too_long() -> None:
    report = minimized(ROSENBROCK, x=-1.2, y=1, method="gd", rate=0.1)
    assert (report.ending, report.value) == ("stuck", report.iterations[0].value)
    assert "a smaller --rate" in report.reason


def test_gradient_descent_steps_along_the_gradient() -> None:
    steps = minimized("x^2 + 3 * y^2", x=1, y=2, method="gd", rate=0.1, steps=4).iterations
    for before, after in pairwise(steps):
        assert after.parameters["x"] == pytest.approx(0.8 * before.parameters["x"], rel=1e-15)
        assert after.parameters["y"] == pytest.approx(0.4 * before.parameters["y"], rel=1e-14)
        assert before.gradient == pytest.approx(math.hypot(2 * before.parameters["x"], 6 * before.parameters["y"]))


def test_adam_begins_with_steps_of_its_rate() -> None:
    """Kingma and Ba 2015, 2.1: the first step of each parameter is as long as the rate, whatever its gradient."""
    first, second = minimized("1e6 * (x - 1)^2 + 1e-3 * y^2", x=3, y=2, method="adam", rate=0.05, steps=1).iterations
    assert {k: second.parameters[k] - first.parameters[k] for k in "xy"} == pytest.approx(
        {"x": -0.05, "y": -0.05}, rel=1e-4
    )


def test_arrays() -> None:
    """The least sum of squares is that of the normal equations, and inputs that stay keep their values."""
    X, y = np.array([[1, 0], [1, 1], [1, 2.5], [1, 4]]), np.array([1.2, 1.9, 4.1, 4.8])  # noqa: N806
    text = "input X[n, d], y[n], w[d], k = 2\noutput f = sum((X @ w - y)^2) * k"
    report = minimized(text, X=X, y=y, w=[0, 0], wrt="w")
    assert report.solution["w"] == pytest.approx(np.linalg.lstsq(X, y, rcond=None)[0], rel=1e-14)
    assert [row.name for row in report.parameters] == ["w[0]", "w[1]"]
    assert report.inputs["k"] == 2
    assert report.inputs["w"] is not None and np.array_equal(report.inputs["w"], report.solution["w"])
    matrix = minimized("input A[2, 2]\noutput f = sum((A - [[1, 2], [3, 4]])^2)", A=[[0, 0], [0, 0]])
    assert matrix.solution["A"] == pytest.approx(np.array([[1.0, 2.0], [3.0, 4.0]]))


def test_many_parameters_without_the_whole_hessian() -> None:
    """Of 300 parameters the Hessian is not formed. f = Σ (xᵢ² - i)² + (xᵢ - √i)², so xᵢ = √i."""
    text = "input x[n]\nt = [sqrt(i) for i = 1 to length(x)]\noutput f = sum((x^2 - t^2)^2 + (x - t)^2)"
    report = minimized(text, x=np.full(300, 3.0))
    assert (report.converged, report.curvature) == (True, None)
    assert report.solution["x"] == pytest.approx(np.sqrt(np.arange(1, 301)), rel=1e-7)
    assert 0 < report.counts.products < 3000
    assert "by Hessian-vector products" in report.solver


def test_an_input_that_moves_nothing() -> None:
    text = "input x = 3, z = 4\na = z * 0 + x^2\noutput f = x^2\noutput g = a"
    report = minimized(text)
    assert value(report) == {"x": 0.0}
    assert "idle-parameter" in [warning.code for warning in report.warnings]
    with pytest.raises(package.AdError, match="`f` does not follow `z`") as caught:
        minimized(text, wrt="x,z")
    assert [problem.code for problem in caught.value.problems] == ["idle-parameter"]


@pytest.mark.parametrize(("text", "given", "code", "words"), [
    ("output f = 2^2", {}, "no-parameter", "the program has no input"),
    ("input z = 4\noutput f = 2^2", {}, "no-parameter", "no parameter to move among the inputs"),
    ("input x = 0.5 in [0, 1], y = 2 in [0, 1]\noutput f = x * y", {"x": 7}, "outside-range",
     "`x` starts at 7, outside its declared range [0, 1]"),
    ("log(x)", {"x": -1}, "no-start", "`value` is nan at the start"),
    ("1 / x", {"x": 0}, "no-start", "`value` is inf at the start"),
    ("[x, 2]", {"x": 1}, "array-output", "is a vector of 2"),
    ("input x = 1\nrequire x > 2\noutput f = x", {}, "requirement", "does not hold"),
    ("x^2", {"x": 1, "wrt": "q"}, "unknown-input", "`q`"),
    ("x^2", {"x": 1, "of": "q"}, "unknown-name", "`q`"),
])  # fmt: skip
def test_what_cannot_begin(text: str, given: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(package.AdError) as caught:
        minimized(text, **given)
    assert not isinstance(caught.value, CheckFailedError)
    assert code in [problem.code for problem in caught.value.problems]
    assert words in " ".join(problem.message for problem in caught.value.problems)
    if code == "outside-range":
        assert len(caught.value.problems) == 2  # all at once


@pytest.mark.parametrize(("text", "where"), [
    ("rule q(u) = u^2 with derivative 3 * u\ninput x = 3\noutput f = q(x)", "at the start"),
    ("rule q(u) = (u - 1)^2 with derivative 2 * (u - 1) + where(u < 2, 2 - u, 0)\ninput x = 3\noutput f = q(x)",
     "at the end"),
])  # fmt: skip
def test_a_wrong_derivative_stops_it(text: str, where: str) -> None:
    with pytest.raises(CheckFailedError) as caught:
        minimized(text)
    (problem,) = caught.value.problems
    assert problem.code == "refuted-derivative"
    assert f"is wrong {where}" in problem.message


def interrupting(after: int) -> Callable[[Any], None]:
    def iterated(step: Any) -> None:
        if step.number == after:
            raise KeyboardInterrupt

    return iterated


@pytest.mark.parametrize("method", METHODS)
def test_an_interrupt_keeps_the_best_point(method: str) -> None:
    report = minimized(ROSENBROCK, x=-1.2, y=1, method=method, rate=0.001, iterated=interrupting(5))
    assert (report.ending, report.wrong) == ("interrupted", True)
    assert report.value <= min(step.value for step in report.iterations) < 24.2
    point = value(report)
    assert package.expression(ROSENBROCK).evaluate(point).outputs["value"] == report.value


def test_steps_are_told_as_they_come() -> None:
    told: list[Any] = []
    report = minimized("(x - 1)^4", x=3, iterated=told.append)
    assert [(step.number, step.value) for step in told] == [(step.number, step.value) for step in report.iterations]


def test_a_point_without_a_value_is_gone_round() -> None:
    """Newton's first step from 3 leads to -3·(log 3 - …) < 0, where there is no logarithm; the requirement likewise."""
    report = minimized("input x = 3\nrequire x > 0\noutput f = x - log(x)")
    assert value(report)["x"] == pytest.approx(1, rel=1e-9)
    assert minimized("x - log(x)", x=50).value == pytest.approx(1, rel=1e-14)


def test_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(package.AdError, match="this needs SciPy, which is not installed") as caught:
        minimized("x^2", x=1)
    assert "pip install 'adcli[jobs]'" in caught.value.problems[0].help

"""Fits: NIST's certified values, closed forms of straight lines, SciPy's robust losses, and what is no fit."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, stats

import adcli as package
from adcli.errors import CheckFailedError
from adcli.report.fit import FitReport

from ..conftest import Adcli, mostly_slow
from . import strd_sets

X = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
Y = np.array([1.1, 2.9, 5.2, 7.1, 8.8, 11.2])
LINE = "input x[n], y[n], a = 0, b = 0\nr = y - a - b * x"


def fitted(text: str, **options: Any) -> FitReport:
    return package.parse(text).fit(**{"x": X, "y": Y, "residual": "r"} | options)


def value(report: FitReport) -> dict[str, float]:
    return {row.name: row.value for row in report.parameters}


def errors(report: FitReport) -> dict[str, float]:
    return {row.name: row.standard_error for row in report.parameters}


@pytest.mark.parametrize("name", mostly_slow(strd_sets.sets(), every=2))
def test_nist(name: str) -> None:
    """From both starts six certified digits at least, of the parameters and of their standard errors.

    The residuals of Lanczos1 are as large as the rounding of the response: the certified deviation, 1e-13, is that of
    numbers with 50 digits, and in double precision three digits of it are left.
    """
    summary = strd_sets.summaries()[name]
    for which in (1, 2):
        report = strd_sets.program(name).fit(strd_sets.data(name) | strd_sets.start(name, which), residual="r")
        assert report.converged and not report.wrong
        assert strd_sets.digits(value(report), strd_sets.certified(name)) >= 6
        exact = name == "Lanczos1"
        assert strd_sets.digits(errors(report), strd_sets.standard_errors(name)) >= (2.5 if exact else 6)
        assert report.sum_of_squares == pytest.approx(summary.residual_sum_of_squares, rel=3e-3 if exact else 1e-8)
        assert report.degrees_of_freedom == summary.degrees_of_freedom
        assert report.residual_standard_deviation == pytest.approx(
            summary.residual_standard_deviation, rel=2e-3 if exact else 1e-8
        )
        assert report.last_step <= (0.1 if exact else 1e-6)
        assert report.response == (None if name == "Nelson" else "y")  # whose response goes in by its logarithm
        assert sum(report.leverage) == pytest.approx(len(report.parameters), rel=1e-12)
        assert ("exact-fit" in [warning.code for warning in report.warnings]) == exact


def test_a_straight_line() -> None:
    """All that is known in closed form, by `scipy.stats.linregress` and numpy.linalg."""
    report, exact = fitted(LINE), stats.linregress(X, Y)
    assert value(report) == pytest.approx({"a": exact.intercept, "b": exact.slope}, rel=1e-13)
    assert errors(report) == pytest.approx({"a": exact.intercept_stderr, "b": exact.stderr}, rel=1e-12)
    assert report.r_squared == pytest.approx(exact.rvalue**2, rel=1e-13)
    assert (report.response, report.degrees_of_freedom, report.observations) == ("y", 4, 6)
    design = np.column_stack([np.ones_like(X), X])
    hat = design @ np.linalg.inv(design.T @ design) @ design.T
    assert report.leverage == pytest.approx(np.diag(hat), rel=1e-12)
    deviation = math.sqrt(report.sum_of_squares / 4)
    assert report.standardized == pytest.approx(report.residuals / deviation / np.sqrt(1 - np.diag(hat)), rel=1e-10)
    covariance = np.linalg.inv(design.T @ design)
    correlation = covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1])
    assert report.correlations["a"]["b"] == report.correlations["b"]["a"] == pytest.approx(correlation, rel=1e-12)
    assert report.correlations["a"]["a"] == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_confidence_intervals(confidence: float) -> None:
    quantile = stats.t.ppf((1 + confidence) / 2, 4)
    for row in fitted(LINE, confidence=confidence).parameters:
        assert row.high - row.value == pytest.approx(quantile * row.standard_error, rel=1e-12)
        assert row.value - row.low == pytest.approx(quantile * row.standard_error, rel=1e-12)


def weighted_line(weights: NDArray[np.float64]) -> tuple[dict[str, float], NDArray[np.float64]]:
    """The estimates, and (X' W X)⁻¹."""
    design = np.column_stack([np.ones_like(X), X])
    inverse = np.linalg.inv(design.T @ (weights[:, None] * design))
    return dict(zip("ab", inverse @ design.T @ (weights * Y), strict=True)), inverse


def test_weights_and_known_errors() -> None:
    s = np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.4])
    text = "input x[n], y[n], s[n], a = 0, b = 0\nw = 7 / s^2\nr = y - a - b * x"
    exact, inverse = weighted_line(1 / s**2)
    by_sigma, by_weights = fitted(text, s=s, sigma="s"), fitted(text, s=s, weights="w")
    for report in (by_sigma, by_weights):
        assert value(report) == pytest.approx(exact, rel=1e-13)
        assert report.leverage.sum() == pytest.approx(2, rel=1e-13)
    assert list(by_weights.warnings) == []
    known = dict(zip("ab", np.sqrt(np.diag(inverse)), strict=True))
    assert errors(by_sigma) == pytest.approx(known, rel=1e-12)
    scatter = math.sqrt(by_sigma.sum_of_squares / 4)
    assert errors(by_weights) == pytest.approx({k: scatter * v for k, v in known.items()}, rel=1e-12)
    (row, _) = by_sigma.parameters
    assert row.high - row.value == pytest.approx(stats.norm.ppf(0.975) * row.standard_error, rel=1e-12)


def test_a_weight_of_zero_leaves_a_datum_out() -> None:
    text = "input x[n], y[n], w[n], a = 0, b = 0\nr = y - a - b * x"
    without = fitted(text, w=[1, 1, 1, 1, 1, 0], weights="w")
    exact = stats.linregress(X[:5], Y[:5])
    assert value(without) == pytest.approx({"a": exact.intercept, "b": exact.slope}, rel=1e-13)
    assert errors(without) == pytest.approx({"a": exact.intercept_stderr, "b": exact.stderr}, rel=1e-12)
    assert without.degrees_of_freedom == 3
    assert without.leverage[5] == 0


def test_a_bound_holds_a_parameter() -> None:
    report = fitted("input x[n], y[n], a = 0 in [0, 10], b = 0.5 in [0, 1]\nr = y - a - b * x")
    a, b = report.parameters
    assert (b.value, b.held, b.standard_error) == (1.0, True, 0.0)
    rest = Y - X
    assert a.value == pytest.approx(rest.mean(), rel=1e-13)
    assert a.standard_error == pytest.approx(rest.std(ddof=1) / math.sqrt(6), rel=1e-12)
    assert (report.degrees_of_freedom, list(report.correlations), report.converged) == (5, ["a"], True)
    assert report.response == "y"  # also where the slope of x is 1
    assert "at its bound" in str(report)


@pytest.mark.parametrize("loss", ["soft_l1", "huber", "cauchy", "arctan"])
def test_robust_losses(loss: str) -> None:
    """The estimates of `scipy.optimize.least_squares`, which an outlier moves less than those of least squares."""
    y = Y.copy()
    y[2] = 30
    report = fitted(LINE, y=y, loss=loss, loss_scale=0.5, a=1, b=2)
    exact = optimize.least_squares(
        lambda p: y - p[0] - p[1] * X, [1, 2], loss=loss, f_scale=0.5, xtol=1e-15, ftol=1e-15, gtol=1e-15
    )
    assert report.converged
    assert value(report) == pytest.approx(dict(zip("ab", exact.x, strict=True)), rel=1e-6)
    assert abs(value(report)["b"] - 2) < 0.2 < abs(value(fitted(LINE, y=y))["b"] - 2)
    assert all(0 < row.standard_error < 2 for row in report.parameters)
    assert f"{loss} fit of r" in str(report)
    assert (report.response, report.r_squared) == ("y", None)


def test_errors_of_a_robust_fit_are_those_of_least_squares_without_outliers() -> None:
    """Where no residual is large Huber's loss is the square, and his covariance that of least squares."""
    plain, robust = fitted(LINE), fitted(LINE, loss="huber", loss_scale=10)
    assert value(robust) == pytest.approx(value(plain), rel=1e-10)
    assert errors(robust) == pytest.approx(errors(plain), rel=1e-8)


@pytest.mark.parametrize(("residual", "direction"), [
    ("y - (a + c) - b * x", {"a": 1.0, "c": -1.0}), ("y - a * (b + c) * x", None),
    ("y - a - b * x + 0 * c", {"c": 1.0}),
])  # fmt: skip
def test_what_the_data_do_not_determine_is_named(residual: str, direction: dict[str, float] | None) -> None:
    report = fitted(f"input x[n], y[n], a = 1, b = 1, c = 1\nr = {residual}")
    assert report.wrong
    assert report.undetermined
    assert direction is None or report.undetermined == pytest.approx(direction)
    assert all(math.isnan(row.standard_error) for row in report.parameters)
    assert report.correlations == {}
    assert "not determined: along" in str(report)


def test_as_many_parameters_as_data() -> None:
    report = fitted(LINE, x=[1, 2], y=[2, 4])
    assert value(report) == pytest.approx({"a": 0, "b": 2}, abs=1e-14)
    assert (report.degrees_of_freedom, report.residual_standard_deviation) == (0, None)
    assert all(math.isnan(row.standard_error) for row in report.parameters)
    assert [warning.code for warning in report.warnings] == ["exact-fit"]


def test_models_less_data_are_fitted_alike() -> None:
    one, other = fitted(LINE), fitted(LINE.replace("y - a - b * x", "a + b * x - y"))
    assert value(other) == pytest.approx(value(one), rel=1e-14)
    assert (other.response, other.r_squared) == ("y", pytest.approx(one.r_squared))
    assert (one.fit.sign, other.fit.sign) == (1.0, -1.0)


def test_arrays_of_parameters_and_of_residuals() -> None:
    text = "input A[n, k], y[n], w[k]\nr = y - A @ w"
    design = np.column_stack([np.ones_like(X), X, X**2])
    report = package.parse(text).fit(A=design, y=Y, w=[0, 0, 0], residual="r")
    assert report.solution["w"] == pytest.approx(np.linalg.lstsq(design, Y, rcond=None)[0], rel=1e-11)
    assert [row.name for row in report.parameters] == ["w[0]", "w[1]", "w[2]"]
    matrix = package.parse("input M[n, m], k = 1\nR = M - k").fit(M=[[1, 2], [3, 6]], residual="R")
    assert value(matrix) == {"k": 3.0}
    assert "0.25 of R[0, 0]" in str(matrix)


def test_the_plotted_band_is_that_of_the_curve() -> None:
    """Of a straight line: t s √(1/n + (x - x̄)²/Sxx)."""
    report = fitted(LINE)
    deviation = math.sqrt(report.sum_of_squares / 4)
    spread = np.sqrt(1 / 6 + (X - X.mean()) ** 2 / ((X - X.mean()) ** 2).sum())
    assert report.fit.band == pytest.approx(stats.t.ppf(0.975, 4) * deviation * spread, rel=1e-12)


RULE = "rule q(u) = u^2 with derivative 3 * u\ninput x[n], y[n], a = 1, b = 1\nr = y - q(a) - b * x"


@pytest.mark.parametrize(("text", "given", "code", "words"), [
    (LINE, {"residual": None}, "no-residual", "which value is to become small"),
    (f"{LINE}\ns = sum(r)", {"residual": "s"}, "no-residual", "`s` is a number, and a fit takes an array"),
    (LINE, {"residual": "q"}, "unknown-name", "no value `q`"),
    (LINE, {"x": [1], "y": [2]}, "too-few-data", "more parameters, 2, than residuals `r`, 1"),
    (LINE.replace("b = 0", "b = 0, c = 5"), {"wrt": "a,c"}, "idle-parameter", "`r` does not follow `c`"),
    ("input x[n], y[n]\nr = y - x", {}, "no-parameter", "no parameter to move"),
    (LINE.replace("b = 0", "b = 9 in [0, 1]"), {}, "outside-range", "`b` starts at 9, outside"),
    (LINE, {"y": [1, 2, 3, math.nan, 5, 6]}, "not-finite", "`y`"),
    ("input x[n], y[n], a = 0, b = -0.3\nr = y - a - log(b * x + 1)", {}, "not-a-number",
     "`r[4]` is nan at the start, and 1 more are none: row 5 of the data"),
    ("input x[n], y[n], a = 0 in [0, 9]\nr = y - sqrt(a) - x", {}, "not-a-number",
     "the derivative of `r[0]` by `a` is -inf at the start"),
    (f"{LINE}\nm = a * x", {"weights": "m"}, "bad-weights", "`m` varies with the parameters"),
    (f"{LINE}\nm = [1, 2]", {"weights": "m"}, "bad-weights", "`m` is a vector of 2, and `r` is a vector of 6"),
    (f"{LINE}\nm = x - 1", {"weights": "m"}, "bad-weights", "`m` may not be negative, and is -1"),
    (LINE, {"sigma": "x"}, "bad-weights", "`x` has to be greater than 0 everywhere, and is 0"),
    (LINE, {"sigma": "x", "weights": "x"}, "bad-weights", "two ways to say the same"),
    (LINE, {"response": "x"}, "unknown-input", "`x` is no input whose numbers go into the residuals"),
    (RULE, {}, "refuted-derivative", "the derivative of `r[0]`, `r[1]` and 4 more along a random direction is wrong"),
])  # fmt: skip
def test_what_is_no_fit(text: str, given: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(package.AdError) as caught:
        fitted(text, **given)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert words in problem.message
    assert isinstance(caught.value, CheckFailedError) == (code == "refuted-derivative")


def test_a_gap_in_a_table_is_named(adcli: Adcli, tmp_path: Path) -> None:
    table, program = tmp_path / "data.csv", tmp_path / "line.ad"
    table.write_text("x,y\n0,1.1\n1,\n2,5.2\n")
    program.write_text(LINE + "\noutput r\n")
    result = adcli("fit", str(program), "--residual", "r", "--x", f"{table}[x]", "--y", f"{table}[y]")
    assert (result.status, result.out) == (2, "")
    assert "line 3" in result.err and "`y`" in result.err


def test_too_few_steps_leave_the_best_point() -> None:
    text = "input x[n], y[n], a = 3, b = 0.01\nr = y - a * exp(b * x)"
    report = fitted(text, steps=1)
    assert (report.ending, report.wrong) == ("steps", True)
    assert "--steps allows more" in report.reason
    start = float(((Y - 3 * np.exp(0.01 * X)) ** 2).sum())
    assert report.sum_of_squares <= start == pytest.approx(report.iterations[0].sum_of_squares)
    assert fitted(text).converged
    assert "not converged, the best point so far" in str(report)


def test_an_interrupt_keeps_the_best_point() -> None:
    def iterated(step: Any) -> None:
        if step.number == 2:
            raise KeyboardInterrupt

    text = "input x[n], y[n], a = 3, b = 0.01\nr = y - a * exp(b * x)"
    report = fitted(text, iterated=iterated)
    assert (report.ending, report.wrong) == ("interrupted", True)
    assert report.sum_of_squares == min(step.sum_of_squares for step in report.iterations)
    residuals = Y - value(report)["a"] * np.exp(value(report)["b"] * X)
    assert report.sum_of_squares == pytest.approx(residuals @ residuals, rel=1e-13)


def test_the_production_of_1928(adcli: Adcli) -> None:
    """Cobb and Douglas (1928) give P = 1.01 L^0.75 C^0.25; the regression of log(P/C) on log(L/C) has 0.746."""
    rows = np.genfromtxt("samples/cobb_douglas_1928.csv", delimiter=",", names=True)
    capital, labor, production = (rows[name] for name in ("capital", "labor", "production"))
    exact = stats.linregress(np.log(labor / capital), np.log(production / capital))
    report = package.load("samples/calibration.ad").fit(residual="error", K=capital, L=labor, Y=production)
    assert 1 - value(report)["alpha"] == pytest.approx(exact.slope, rel=1e-10)
    assert value(report)["log_A"] == pytest.approx(exact.intercept, rel=1e-9)
    assert (round(exact.slope, 2), round(math.exp(exact.intercept), 2)) == (0.75, 1.01)
    assert errors(report)["alpha"] == pytest.approx(exact.stderr, rel=1e-10)


def test_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(package.AdError, match="this needs SciPy, which is not installed") as caught:
        fitted(LINE)
    assert "pip install 'adcli[jobs]'" in caught.value.problems[0].help

"""Roots and how they move: closed forms, and 50 digits of mpmath."""

# ruff: noqa: N803, N806  # names as on paper

from __future__ import annotations

import math
import signal
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import adcli as package
from adcli.errors import AdError, CheckFailedError

from ..conftest import Adcli

KEPLER = "input E = 1, M = 1, e = 0.3\noutput off = E - e * sin(E) - M"
COLEBROOK = "input u = 7, Re = 1e5, rough = 1e-4\noutput off = u + 2 * log10(rough / 3.7 + 2.51 * u / Re)"
VOLATILITY = (
    "input s = 0.3 in [0.01, 2]\ninput price = 4.76, spot = 42, strike = 40, rate = 0.1, time = 0.5\n"
    "d = (log(spot / strike) + (rate + s^2 / 2) * time) / (s * sqrt(time))\n"
    "output off = spot * ndtr(d) - strike * exp(-rate * time) * ndtr(d - s * sqrt(time)) - price"
)
# Water: charge, mass and the two dissociations of carbonic acid, of which the last is left out.
EQUILIBRIUM = (
    "input x = 0.5, y = 0.5, z = 0.5\ninput K1 = 2, K2 = 0.5, total = 1\n"
    "output f = x * y - K1 * z, g = x + z - total, h = y + z - K2 * total"
)


def ndtr(x: Any) -> Any:
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def volatility(price: Any, spot: Any, strike: Any, rate: Any, time: Any) -> Any:
    def off(s: Any) -> Any:
        d = (mpmath.log(spot / strike) + (rate + s**2 / 2) * time) / (s * mpmath.sqrt(time))
        return spot * ndtr(d) - strike * mpmath.exp(-rate * time) * ndtr(d - s * mpmath.sqrt(time)) - price

    return mpmath.findroot(off, 0.2)


def colebrook(re: Any, rough: Any) -> Any:
    return mpmath.findroot(lambda u: u + 2 * mpmath.log10(rough / mpmath.mpf("3.7") + mpmath.mpf("2.51") * u / re), 7)


@pytest.mark.parametrize(
    ("text", "unknown", "truth"),
    [
        (KEPLER, "E", lambda M, e: mpmath.findroot(lambda E: E - e * mpmath.sin(E) - M, 1)),
        (COLEBROOK, "u", colebrook),
        (VOLATILITY, "s", volatility),
    ],
    ids=["kepler", "colebrook", "volatility"],
)
def test_a_root_and_its_sensitivities(text: str, unknown: str, truth: Callable[..., Any]) -> None:
    program = package.parse(text)
    report = program.root(solve=unknown)
    assert report.converged
    (row,) = report.unknowns
    others = {name: value for name, value in report.inputs.items() if name != unknown}
    with mpmath.workdps(50):
        point = [mpmath.mpf(value) for value in others.values()]
        exact = truth(*point)
        assert abs(row.value - exact) <= row.error <= 1e-13 * abs(exact)
        for place, name in enumerate(others):
            slope = mpmath.diff(truth, point, tuple(int(place == other) for other in range(len(point))))
            assert abs(report.sensitivity[unknown][name] - slope) <= 1e-12 * abs(slope), name


def test_several_equations() -> None:
    """With z from the first and the second equation a quadratic one is left: z² - (3.5) z + 0.5 = 0 here."""

    def truth(k1: Any, k2: Any, total: Any) -> tuple[Any, Any, Any]:
        b = total + k2 * total + k1
        z = (b - mpmath.sqrt(b**2 - 4 * k2 * total**2)) / 2
        return total - z, k2 * total - z, z

    report = package.parse(EQUILIBRIUM).root(solve="x,y,z")
    with mpmath.workdps(50):
        point = [mpmath.mpf(number) for number in ("2", "0.5", "1")]
        exact = truth(*point)
        for at, row in enumerate(report.unknowns):
            assert abs(row.value - exact[at]) <= row.error <= 1e-14
            for place, name in enumerate(("K1", "K2", "total")):
                order = tuple(int(place == other) for other in range(3))
                slope = mpmath.diff(lambda *point, at=at: truth(*point)[at], point, order)
                assert report.sensitivity[row.name][name] == pytest.approx(float(slope), rel=1e-12)
    assert report.condition < 10


def test_a_vector_is_solved_for() -> None:
    """A x + x³ = b by each element: the sensitivity by b is the inverse of A + 3 diag(x²)."""
    text = "input x[3] = 0.1\ninput A[3, 3], b[3]\noutput off = A @ x + x^3 - b"
    A, b = np.diag([2.0, 3.0, 4.0]) + 0.5, np.array([1.0, -2.0, 3.0])
    report = package.parse(text).root(A=A, b=b, solve="x")
    x = report.solution["x"]
    assert np.abs(A @ x + x**3 - b).max() <= 4e-15
    inverse = np.linalg.inv(A + 3 * np.diag(x**2))
    found = np.array([report.sensitivity[f"x[{row}]"]["b"] for row in range(3)])
    np.testing.assert_allclose(found, inverse, rtol=1e-12)


def test_a_component_of_a_value_may_be_zero() -> None:
    report = package.parse("input x = 1, a = 3\nr = [x^2 - a, 7]\noutput r").root(solve="x", of="r[0]")
    assert report.solution["x"] == pytest.approx(math.sqrt(3), rel=1e-15)
    assert report.sensitivity["x"]["a"] == pytest.approx(0.5 / math.sqrt(3), rel=1e-14)


def test_a_range_is_a_bracket() -> None:
    """From 0.4, Newton's method leads to the root at 0, far from the range."""
    text = "input x = 0.4 in [0.3, 3]\noutput y = x * (x - 1) * (x + 2)"
    report = package.parse(text).root()
    assert report.solution["x"] == 1
    assert report.method == "Newton's method with bisection, within [0.3, 3]"


def test_a_root_where_newton_alone_runs_away() -> None:
    assert package.expression("atan(x)").root(x=3).solution["x"] == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("expression", "given", "reason"),
    [
        ("x^2 + 1", {"x": 1}, "no root was found"),
        ("(x - 1)^2", {"x": 3}, "the root is singular"),
    ],
)
def test_what_has_no_root_to_be_relied_on(expression: str, given: dict[str, float], reason: str) -> None:
    report = package.expression(expression).root(given)
    assert not report.converged and report.wrong
    assert report.reason.startswith(reason)
    assert report.sensitivity is None


def test_equations_that_say_the_same() -> None:
    text = "input x = 1, y = 2\noutput f = x + y - 1, g = 2 * x + 2 * y - 2"
    report = package.parse(text).root(solve="x,y")
    assert not report.converged
    assert report.condition > 1e15


@pytest.mark.parametrize(
    ("command", "code", "text"),
    [
        ("root -e x*y-1 --x 1 --y 2", "usage", "which input is to be solved for?"),
        ("root -e x*y-1 --x 1 --y 2 --solve x,y", "solve-count", "there are 1 equation (`value`) for 2 unknowns"),
        ("root -e log(x) --x -1", "no-start", "no finite value where the search begins"),
        ("root -e x-1 --x 1 --solve z", "unknown-input", "no input `z`"),
    ],
)
def test_what_cannot_be_solved(adcli: Adcli, command: str, code: str, text: str) -> None:
    result = adcli(*command.split())
    assert result.status == 2
    assert result.err.startswith(f"error[{code}]") and text in result.err


def test_a_wrong_derivative_ends_the_search() -> None:
    text = "input x = 1\nrule square(u) = u^2 with derivative 3 * u\noutput y = square(x) - 2"
    with pytest.raises(CheckFailedError, match="wrong at the start"):
        package.parse(text).root()


def test_a_start_outside_the_range_is_refused() -> None:
    with pytest.raises(AdError, match="outside its declared range"):
        package.parse("input x = 5 in [0, 1]\noutput y = x - 0.5").root()


def test_an_interrupt_leaves_the_best_point() -> None:
    def interrupt(point: Any) -> None:
        if point.number == 4:
            signal.raise_signal(signal.SIGINT)

    report = package.expression("x^5 - 2").root(x=9, looked=interrupt)
    assert report.interrupted and not report.converged
    assert report.unknowns[0].value == min(report.looked, key=lambda point: point.off_by).unknowns["x"] < 9

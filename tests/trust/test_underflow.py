"""Values that are too small for a float: what they hide is told, and is neither a kink nor a wrong derivative."""

from __future__ import annotations

import math

import pytest

import adcli
from adcli.trust.judgement import Verdict


@pytest.mark.parametrize(
    ("text", "point", "derivative"),
    [
        ("x * y * z", {"x": 1e-200, "y": 1e-200, "z": 1e300}, 1e100),
        ("x * 1e-200 * y * 1e200", {"x": 1e-150, "y": 1e-10}, 1e-10),
        ("x * 1e-300 * 1e-20 * 1e300", {"x": 2.0}, 1e-20),
    ],
)
def test_a_right_derivative_is_not_called_wrong_by_what_does_not_feel_it(
    text: str, point: dict[str, float], derivative: float
) -> None:
    """In exact arithmetic it is the product of the other factors."""
    program = adcli.expression(text)
    for judged in (program.gradient(**point).judgements["value"]["x"], program.check(**point).components[0]):
        assert judged.verdict in (Verdict.STEP, Verdict.LOST)
    assert program.gradient(**point).gradient["value"]["x"] == pytest.approx(derivative)
    assert "by underflow" in program.check(**point).components[0].reason


@pytest.mark.parametrize(
    "function", ["sqrt(a * b)", "abs(a * b)", "relu(a * b)", "hypot(a * b, 0 * a)", "max(a * b, 0)"]
)
def test_a_kink_that_comes_from_an_underflow_is_none(function: str) -> None:
    program = adcli.expression(function)
    point = {"a": 1e-200, "b": 1e-200}
    report = program.gradient(**point)
    assert not report.kinks
    for judged in (*report.judgements["value"].values(), *program.check(**point).components):
        assert judged.verdict in (Verdict.LOST, Verdict.UNDEFINED)
        assert "a * b, line 1, is 0 by underflow" in judged.reason


def test_a_kink_beside_an_underflow_is_one() -> None:
    report = adcli.expression("abs(x) + exp(y)").gradient(x=0.0, y=-1000.0)
    assert report.judgements["value"]["x"].verdict is Verdict.NONSMOOTH
    assert report.judgements["value"]["y"].verdict is Verdict.AGREES


def test_an_underflow_excuses_no_mistake_that_it_has_no_part_in() -> None:
    """The loop ends before it feels the input; exp(-1000) has nothing to do with that."""
    text = "input x = 3\ninput z = -1000\ny = 1\nif x == 3 { y = 9 } else { y = x^2 }\noutput y + exp(z)"
    report = adcli.parse(text.replace("output y", "output v = y")).gradient()
    assert report.judgements["v"]["x"].verdict is Verdict.WRONG


def test_what_is_not_finite_by_an_underflow_is_told() -> None:
    report = adcli.expression("x^3 / y^3").gradient(x=1e-120, y=1e-120)
    reason = report.judgements["value"]["x"].reason
    assert "is 0 by underflow" in reason
    assert math.isnan(report.gradient["value"]["y"])

"""Kinks that second derivatives, tangents and adjoints cross are told: what was a silent zero has a warning."""

from __future__ import annotations

import pytest

import adcli
from adcli.errors import CheckFailedError
from adcli.trust.judgement import Verdict
from adcli.trust.lint import suspicions

# formula, second derivative by x from the left and the right, and how far the gradient jumps
CROSSED = [
    ("exp(-norm([x, 0])^2)", -2.0, -2.0, 0.0),
    ("hypot(x, 0)^2", 2.0, 2.0, 0.0),
    ("max(x, 0)^2", 0.0, 2.0, 0.0),
    ("x * abs(x)", -2.0, 2.0, 0.0),
    ("abs(x)", 0.0, 0.0, 2.0),
    ("sqrt(x^2)", 0.0, 0.0, 2.0),
    ("max(x, 0)^3 + relu(x)", 0.0, 0.0, 1.0),
]


@pytest.mark.parametrize(("text", "left", "right", "jump"), CROSSED)
def test_a_kink_under_a_second_derivative_is_told(text: str, left: float, right: float, jump: float) -> None:
    program = adcli.parse(f"input x = 0\noutput y = {text}")
    report = program.hessian()
    assert "kink" in [problem.code for problem in report.warnings]
    assert report.kinks is not None
    slopes = report.kinks.slopes["y"]["x, x"]
    assert (slopes.left, slopes.right, slopes.jump) == pytest.approx((left, right, jump), abs=1e-6)
    along = program.hvp(dot={"x": 3}).kinks
    assert along is not None
    assert along.slopes["y"]["x"].right == pytest.approx(3 * right, abs=1e-6)
    with pytest.raises(CheckFailedError):
        program.hessian(nonsmooth="error")
    assert program.hessian(nonsmooth="quiet").kinks is None


@pytest.mark.parametrize("text", ["abs(x)^3", "max(x, 0)^3", "norm([x, x])^4", "x^2 + abs(1 + x)", "relu(x)^4 + 1e6"])
def test_where_there_is_a_second_derivative_nothing_is_told(text: str) -> None:
    report = adcli.parse(f"input x = 0\noutput y = {text}").hessian()
    assert not report.warnings
    assert not report.kinks


def test_a_second_derivative_that_exists_and_is_another_is_wrong() -> None:
    program = adcli.parse("input a[2] = [1, 2], b[2] = [1, 2]\noutput y = exp(-norm(a - b)^2)")
    report = program.hessian(check=True)
    assert report.judgements["y"]["a[0]", "b[0]"].verdict is Verdict.WRONG
    assert report.judgements["y"]["a[0]", "a[1]"].verdict is Verdict.AGREES
    assert report.warnings[0].help == "write `dot(a - b, a - b)` for `norm(a - b)^2`: it is smooth"
    assert Verdict.WRONG in {row.verdict for row in program.check(order=2).second}


@pytest.mark.parametrize("way", ["jacobian", "jvp", "vjp"])
def test_products_and_jacobians_tell_kinks(way: str) -> None:
    program = adcli.parse("input x = 0, z = 1\noutput y = abs(x) + z")
    given = {"jvp": {"dot": {"x": 1}}, "vjp": {"bar": {"y": 1}}, "jacobian": {}}[way]
    report = getattr(program, way)(**given)
    assert [problem.code for problem in report.warnings] == ["kink"]
    ((slopes,),) = (tuple(along.values()) for along in report.kinks.slopes.values())
    assert (slopes.left, slopes.right) == (-1.0, 1.0)
    with pytest.raises(CheckFailedError):
        getattr(program, way)(**given, nonsmooth="error")
    assert not getattr(program, way)(**given, nonsmooth="quiet").warnings


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("norm(x - 1)^2", "write `dot(x - 1, x - 1)`"),
        ("hypot(x[0], 2)^2", "write `x[0]^2 + 2^2`"),
        ("abs(x[0] * x[1])^2", "write `(x[0] * x[1])^2`"),
    ],
)
def test_lint_offers_a_smooth_formula(text: str, remedy: str) -> None:
    program = adcli.parse(f"input x[2] = [1, 2]\noutput y = 1 + {text}")
    (problem,) = suspicions(program.program)
    assert (problem.code, problem.help) == ("hidden-curvature", remedy)
    assert not program.evaluate().warnings
    assert not adcli.parse("input x[2] = [1, 2]\noutput y = norm(x)^3 + 2 * abs(x[0])").lint


def test_lint_warns_of_a_program_without_inputs() -> None:
    program = adcli.parse("x = 2\noutput y = x^2")
    (problem,) = program.lint
    assert (problem.code, problem.help) == ("no-input", "write `input x = 2`")
    assert problem.note == "line 1 assigns `x`"
    assert not program.evaluate().warnings

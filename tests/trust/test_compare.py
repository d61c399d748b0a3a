from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import pytest

import adcli
from adcli.derive.modes import gradient
from adcli.program.check import program_from
from adcli.rules.table import PRIMITIVES
from adcli.syntax.source import Source
from adcli.tape import fast
from adcli.tape.execute import execute
from adcli.trust.compare import AFFORDABLE, LARGEST, Comparer, Comparison, Difference
from adcli.trust.difference import Estimate
from adcli.trust.evidence import Evidence
from adcli.trust.judgement import Verdict, agreeing_digits
from adcli.trust.verdict import verdict as judged


def compare(
    text: str,
    which: Difference | None = None,
    factor: Mapping[str, float] | None = None,
    seed: int = 0,
    **point: float,
) -> Comparison:
    """Compare the gradient of y; `factor` makes some of its components wrong."""
    program = program_from(Source("t", text))
    tape = execute(program, point)
    slopes = gradient(tape, tape.bindings["y"], list(tape.inputs))
    wrong = {name: slope * (factor or {}).get(name, 1.0) for name, slope in slopes.items()}
    return Comparer(program, point, tape).compare("y", wrong, which, seed)


def verdict(text: str, **point: float) -> Verdict:
    return compare(text, **point).components["x"].verdict


@pytest.mark.parametrize(
    ("formula", "x"),
    [
        ("sin(x)", 2e4), ("x^2", 1e-8), ("1e-12 * exp(x)", 1.0), ("1e12 * exp(x)", 1.0), ("0 * x", 3.0),
        ("3", 3.0), ("sin(x)^2 + cos(x)^2", 0.7), ("x - x", 5.0), ("sqrt(x)", 1e-10), ("log(x)", 1e-30),
        ("asin(x)", 1 - 1e-9), ("x^1.5", 0.0), ("abs(x)", 1e-7), ("max(x, 1)", 0.5), ("relu(x)^2", 0.0),
        ("x^0", 0.0), ("floor(x) * x", 2.5), ("max(x, x)", 3.0), ("(x + 1e8) - 1e8", 1.3), ("lgamma(x)", 1e-5),
        ("1 - cos(x)", 1e-8), ("log(1 - x)", 1e-300), ("sin(1000*x)", 1e8),
        ("sin(1e6*x)", 1.0), ("sin(2*pi*x)", 20000.3), ("exp(x)", 123.456), ("x^100", 123.456),
        ("x + exp(-((x - 1)*1e6)^2)", 1 + 1e-7), ("1/(x - 1)", 1 + 1e-13), ("x^10", 0.0), ("1e200 * sin(x)", 2.0),
        ("gauss(x)", 5.0), ("mod(x, 3)", 7.0), ("abs(x) * x", 0.0), ("exp(x)", 700.0), ("x^9", 1e30), ("cbrt(x)", -8.0),
    ],
)  # fmt: skip
def test_no_false_alarm(formula: str, x: float) -> None:
    assert verdict(f"input x\ny = {formula}", x=x) is Verdict.AGREES


@pytest.mark.parametrize(
    ("formula", "x", "expected", "reason"),
    [
        ("abs(x)", 0.0, Verdict.NONSMOOTH, "slope -1 from the left, 1 from the right"),
        ("relu(x)", 0.0, Verdict.NONSMOOTH, "slope 0 from the left, 1 from the right"),
        ("max(x, 2)", 2.0, Verdict.NONSMOOTH, "slope 0 from the left"),
        ("floor(x)", 2.0, Verdict.NONSMOOTH, "jumps by 1; slope 0 from the left, 0 from the right"),
        ("floor(x) + x", 3.0, Verdict.NONSMOOTH, "jumps by 1; slope 1 from the left, 1 from the right"),
        ("relu(x) - relu(-x)", 0.0, Verdict.NONSMOOTH, "the convention at the kink gives 0"),
        ("sqrt(x)", 0.0, Verdict.UNDEFINED, "∂y/∂x = 1 / (2 * y) = inf, line 2"),
        ("log(x)", -1.0, Verdict.UNDEFINED, "log(x) = nan, line 2"),
        ("1 / x", 0.0, Verdict.UNDEFINED, "1 / x = inf, line 2"),
        ("x * sqrt(x)", 0.0, Verdict.UNDEFINED, "line 2"),
        ("exp(x)", 1e4, Verdict.UNDEFINED, "exp(x) = inf"),
        ("sin(x)", 1e16, Verdict.AGREES, "complex step"),  # where x + h == x before the step is small enough
        ("1e16 + sin(x)", 1.0, Verdict.AGREES, "complex step"),
        ("sin(x)", 1e300, Verdict.STEP, ""),
        ("x^2", 1e-300, Verdict.STEP, ""),
        ("(x + 1e15) - 1e15", 0.5, Verdict.AGREES, "complex step"),
        ("acosh(x)", 1 + 1e-15, Verdict.AGREES, "complex step"),
        ("x^1.01", 0.0, Verdict.STEP, ""),
        ("(1 - cos(x)) / x^2", 1e-8, Verdict.LOST, "digits are lost in"),
    ],
)  # fmt: skip
def test_other_verdicts(formula: str, x: float, expected: Verdict, reason: str) -> None:
    judgement = compare(f"input x\ny = {formula}", x=x).components["x"]
    assert judgement.verdict is expected
    assert reason in judgement.reason


@pytest.mark.parametrize(
    "formula", ["x * z", "sin(x) * exp(z)", "1e-12 * x * z", "x^3 / z", "log(x) + 1e3 * z", "x + z"]
)
@pytest.mark.parametrize("factor", [1 + 1e-6, 1 - 1e-6, -1.0, 0.0, 2.0])
def test_a_wrong_component_is_found(formula: str, factor: float) -> None:
    comparison = compare(f"input x, z\ny = {formula}", factor={"x": factor}, x=1.3, z=0.7)
    assert comparison.components["x"].verdict is Verdict.WRONG
    assert comparison.components["z"].verdict is Verdict.AGREES


@pytest.mark.parametrize("name", ["sin", "exp", "log", "tanh", "sqrt", "atan", "erf", "sigmoid", "lgamma", "cbrt"])
def test_a_wrong_rule_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule of the table that is off by one part in a million."""
    row = PRIMITIVES[name]
    wrong = dataclasses.replace(row, partials=(f"({row.partials[0]}) * (1 + 1e-6)",))  # type: ignore[index]
    program = program_from(Source("t", f"input x\ny = {name}(x)"))
    tape = execute(program, {"x": 0.6})
    tape.operations[tape.bindings["y"]] = wrong
    monkeypatch.setattr(fast, "_UNARY", {})
    slopes = gradient(tape, tape.bindings["y"], ["x"])
    comparison = Comparer(program, {"x": 0.6}, tape).compare("y", slopes, None, 0)
    assert comparison.components["x"].verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("formula", "x"), [("sin(1000*x)", 1e8), ("exp(x)", 123.456), ("1 - cos(x)", 1e-8), ("log(1 - x)", 1e-300)]
)
def test_a_forgotten_path_is_found_where_differences_are_hard(formula: str, x: float) -> None:
    comparison = compare(f"input x\ny = {formula}", factor={"x": 0.0}, x=x)
    assert comparison.components["x"].verdict is Verdict.WRONG


def test_a_difference_that_knows_little_says_so() -> None:
    judgement = compare("input x\ny = 1e12 + sin(x)", x=1.0).components["x"]
    assert judgement.verdict is Verdict.AGREES
    assert "complex step" in judgement.reason
    blunt = compare("input x\ny = 1e13 + erf(x)", x=1.0).components["x"]  # which has no complex step here
    assert blunt.verdict is Verdict.STEP and blunt.noteworthy
    assert "is too large beside" in blunt.reason
    assert not compare("input x\ny = sin(x)", x=1.0).components["x"].noteworthy


def many(count: int) -> tuple[str, dict[str, float]]:
    names = [f"x{index}" for index in range(count)]
    terms = " + ".join(f"{index + 1} * sin({name})" for index, name in enumerate(names))
    return f"input {', '.join(names)}\ny = {terms}", {name: 0.01 * index for index, name in enumerate(names)}


def test_what_is_compared_stays_affordable() -> None:
    few, point = many(AFFORDABLE)
    comparison = compare(few, **point)
    assert len(comparison.components) == AFFORDABLE
    assert comparison.direction is None
    text, point = many(AFFORDABLE + 1)
    comparison = compare(text, **point)
    assert len(comparison.components) == LARGEST
    assert "x50" in comparison.components
    assert "x0" not in comparison.components
    assert comparison.direction is not None
    assert comparison.direction.judgement.verdict is Verdict.AGREES
    assert len(compare(text, Difference.ALL, **point).components) == AFFORDABLE + 1
    assert compare(text, Difference.NONE, **point) == Comparison({}, None)


def test_a_direction_finds_what_no_component_shows() -> None:
    text, point = many(3)
    good = compare(text, Difference.DIRECTION, seed=7, **point)
    assert good.components == {}
    assert good.direction is not None
    assert good.direction.judgement.verdict is Verdict.AGREES
    assert good.direction.seed == 7
    bad = compare(text, Difference.DIRECTION, factor={"x1": 1.001}, seed=7, **point)
    assert bad.direction is not None
    assert bad.direction.judgement.verdict is Verdict.WRONG


def test_digits() -> None:
    assert agreeing_digits(1.0, 1.001, 0.0) == pytest.approx(3, abs=0.01)
    assert agreeing_digits(1.0, -1.0, 0.0) == 0
    assert agreeing_digits(0.0, 0.0, 0.0) == pytest.approx(15.65, abs=0.01)
    assert agreeing_digits(0.0, 1e-20, 1e-10) == pytest.approx(10, abs=0.01)


def test_an_estimate_that_cannot_tell_does_not_judge() -> None:
    blunt = Estimate(5.0, 3.0, 1.0, 0.1)
    assert judged(Evidence(1.0, difference=blunt)).verdict is Verdict.STEP
    assert judged(Evidence(4.0, difference=blunt)).verdict is Verdict.STEP
    assert judged(Evidence(0.0, difference=Estimate(1e-20, 1e-19, 1e-20, 0.1))).verdict is Verdict.AGREES
    assert judged(Evidence(math.nan, difference=blunt)).verdict is Verdict.UNDEFINED


def test_pieces_that_only_a_decision_sees_do_not_hide_the_slope() -> None:
    """Newton's iteration ends on `abs` of a residual that is all rounding: its sign says nothing of the result."""
    text = "input a = 5\nx = 2\nwhile abs(x^3 - a) > 1e-12 { x = x - (x^3 - a) / (3 * x^2) }\noutput x"
    judgement = adcli.parse(text).gradient().comparisons["x"].components["a"]
    assert judgement.verdict is Verdict.AGREES


def test_a_step_that_always_leads_elsewhere_is_told_with_its_place() -> None:
    text = "input s = 0.14\n\n\noutput y = s * max(sin(s)^2 + cos(s)^2, 1)"  # 1 - 1e-16, or 1, or 1 + 2e-16
    judgement = adcli.parse(text).gradient().comparisons["y"].components["s"]
    assert judgement.reason.startswith("every step takes another branch, or leads to another smooth piece: `max(")
    assert judgement.reason.endswith("line 4")


@pytest.mark.parametrize("formula", ["sqrt(w)", "1.7e308 * w"])
def test_a_direction_along_which_nothing_finite_comes_out(formula: str) -> None:
    """Infinities of both signs have no sum, and large numbers none below infinity."""
    program = adcli.parse(f"input w[n]\noutput y = sum({formula})")
    report = program.gradient(w=[0.0] * 60)
    direction = report.comparisons["y"].direction
    assert direction is not None
    assert not math.isfinite(direction.derivative)
    assert direction.judgement.verdict is Verdict.UNDEFINED
    assert report.to_dict()["direction"]

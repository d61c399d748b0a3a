"""Derivatives that a program computes itself, at a point where there is none: each command tells."""

from __future__ import annotations

import pytest

import adcli
from adcli.trust.judgement import Verdict

from ..conftest import Adcli

# A formula of x with a kink at 0, how often it is differentiated, and the derivative to the left, to the right, and by
# the conventions. From the rules of calculus; of sums and powers of |x|, x > 0 and x < 0 are looked at apart.
JUMPS = [
    ("abs(x)", 1, -1, 1, 0),
    ("relu(x) + 3 * x", 1, 3, 4, 3),
    ("max(x, 2 * x)", 1, 1, 2, 1.5),
    ("min(x, x^2)", 1, 1, 0, 0.5),
    ("exp(abs(x))", 1, -1, 1, 0),
    ("abs(x)^2", 2, 2, 2, 0),
    ("x * abs(x)", 2, -2, 2, 0),
    ("norm([x, 0])^2", 2, 2, 2, 0),
    ("hypot(x, 0)^2", 2, 2, 2, 0),
    ("sum(abs([x, 1]))", 1, -1, 1, 0),
    ("max([x, -x])", 1, -1, 1, 0),
    ("where(x > 0, x^2, x^3)", 2, 0, 2, 0),
    ("norm([x, 0, 0])^4 / 12", 2, 0, 0, 0),
    ("x^2 * abs(x) / 6", 2, 0, 0, 0),
    ("x * relu(x)", 1, 0, 0, 0),
]


def text_of(formula: str, order: int) -> str:
    name, lines = "y", ["input x = 0", f"y = {formula}"]
    for place in range(order):
        lines.append(f"{'output ' if place == order - 1 else ''}k{place} = derivative({name}, x)")
        name = f"k{place}"
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(("formula", "order", "left", "right", "here"), JUMPS)
def test_a_derivative_that_jumps_is_told(formula: str, order: int, left: float, right: float, here: float) -> None:
    program = adcli.parse(text_of(formula, order))
    name = f"k{order - 1}"
    evaluation = program.evaluate()
    assert evaluation.outputs[name] == here
    notes = [problem.note for problem in evaluation.warnings if problem.code == "kink" and name in problem.message]
    gradient = program.gradient()
    judgement = gradient.judgements[name]["x"]
    if left == right == here:
        assert notes == []
        return
    sides = f"{left:g} to both sides" if left == right else f"{left:g} to the left and {right:g} to the right"
    assert notes == [f"`{name}` is {sides} along `x`, {here:g} here"]
    assert judgement.verdict is Verdict.NONSMOOTH
    assert "jumps" in judgement.reason
    assert program.check().verdict is Verdict.NONSMOOTH


def test_what_is_smooth_is_offered(adcli: Adcli) -> None:
    result = adcli("eval", "-e", "derivative(derivative(norm(a - [1, 2])^2, a)[0], a)[0]", "--a", "[1, 2]")
    assert "write `dot(a - v1, a - v1)`" in result.err or "write `dot(a - [1, 2], a - [1, 2])`" in result.err
    assert result.out.startswith("values")


def test_each_name_is_told_of_its_own_kinks() -> None:
    text = "input x = 0\na = derivative(abs(x), x)\nb = derivative(relu(x), x)\noutput s = a * 0 + x\noutput t = b\n"
    warnings = {problem.message[1]: problem for problem in adcli.parse(text).evaluate().warnings}
    assert "`sign(x)`" in warnings["a"].message
    assert "relu" not in warnings["a"].message
    assert "max(sign(x), 0)" in warnings["b"].message
    assert "s" not in warnings  # it does not jump
    assert "`t` is 0 to the left and 1 to the right" in warnings["t"].note


def test_a_value_that_jumps_without_a_derivative_is_no_matter_of_eval() -> None:
    assert adcli.parse("input x = 0\noutput y = floor(x) + abs(x)\n").evaluate().warnings == ()


def test_a_decision_of_a_rule_is_none_of_the_program() -> None:
    """The rule of `norm` looks whether the length is 0, on the tape; nobody has written that."""
    report = adcli.parse(text_of("norm([x, 0])^2", 2)).gradient()
    assert [problem.code for problem in report.warnings] == ["kink"]
    assert "norm([x, 0])" in report.warnings[0].message

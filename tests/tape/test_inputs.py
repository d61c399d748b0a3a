from __future__ import annotations

import math

import pytest

from adcli.errors import AdError
from adcli.program.check import program_from
from adcli.syntax.source import Source
from adcli.tape.inputs import _value_of_expression, resolve, suggested_value, value_from


def point(text: str, **given: float | str) -> tuple[dict[str, float], list[str]]:
    values, warnings = resolve(program_from(Source("t", text)), given)
    return values, [warning.code for warning in warnings]


def codes(text: str, **given: float | str) -> list[str]:
    with pytest.raises(AdError) as caught:
        point(text, **given)
    return [problem.code for problem in caught.value.problems]


def test_given_values_and_defaults() -> None:
    assert point("input x = pi/2, y, z = 3\na = x", y="2*pi", z=1) == (
        {"x": math.pi / 2, "y": 2 * math.pi, "z": 1.0},
        [],
    )


def test_ranges_warn() -> None:
    assert point("input x in [0, pi]\ny = x", x=4) == ({"x": 4.0}, ["outside-range"])
    assert point("input x = -1 in [0, pi]\ny = x") == ({"x": -1.0}, ["outside-range"])
    assert point("input x in [0, pi]\ny = x", x=math.pi) == ({"x": math.pi}, [])


def test_mistakes() -> None:
    program = "input x, y = 1, z\na = x"
    assert codes(program, w=1) == ["unknown-input", "missing-input"]
    assert codes(program, x="abc", z="1 +") == ["bad-value", "bad-value"]
    assert codes(program, x=math.inf, z="nan") == ["not-finite", "not-finite"]
    assert codes(program, x="1/0", z="log(-1)") == ["not-finite", "not-finite"]
    assert codes("input x = 1/0\ny = x") == ["not-finite"]
    assert codes("input x = 1 in [2, 0]\ny = x") == ["empty-range"]
    assert codes("input x = 1 in [0/0, 1]\ny = x") == ["empty-range"]


def test_all_missing_inputs_are_in_one_message() -> None:
    with pytest.raises(AdError) as caught:
        point("input x, y, z = 1, w\na = x")
    (problem,) = caught.value.problems
    assert problem.message == "the inputs `x`, `y` and `w` have no value"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2.0),
        ("-2", -2.0),
        ("1e-3", 1e-3),
        (" pi / 4 ", math.pi / 4),
        ("2^-1", 0.5),
        ("max(1, 2)", 2.0),
        (".5", 0.5),
    ],
)
def test_constant_expressions(text: str, value: float) -> None:
    assert value_from(text, "x") == value


@pytest.mark.parametrize("text", ["2", "-2", "+2", "-0", "0", "2.", ".5", "-.5", "1e-3", "-1E+3", "1e-999", "4.9e-324"])
def test_a_number_is_what_it_is_as_an_expression(text: str) -> None:
    assert repr(value_from(text, "x")) == repr(_value_of_expression(text, text, "x"))


@pytest.mark.parametrize(
    "text", ["", "abc", "1 2", "1,2", "x = 1", "1; 2", "[1", "--", "0x10", "'1'", "#", "1\n2", "$"]
)
def test_what_is_not_a_number(text: str) -> None:
    with pytest.raises(AdError) as caught:
        value_from(text, "the input `x`")
    (problem,) = caught.value.problems
    assert problem.code == "bad-value"
    assert "`x`" in problem.message
    assert problem.help


@pytest.mark.parametrize("text", ["inf", "-inf", "nan", "+Infinity", "1e308*10"])
def test_what_is_not_finite(text: str) -> None:
    with pytest.raises(AdError) as caught:
        value_from(text, "x")
    assert caught.value.problems[0].code == "not-finite"


def test_suggested_values_lie_in_the_range() -> None:
    (variable,) = program_from(Source("t", "input x in [1e-9, 3e-9]\ny = x")).inputs
    assert suggested_value(variable) == "2e-09"

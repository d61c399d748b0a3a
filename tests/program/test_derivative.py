"""`derivative(expression, name)`: values and gradients, where perturbations might be confused, and limits."""

from __future__ import annotations

import math

import pytest
from hypothesis import strategies as st

import adcli
from adcli.derive.modes import gradient_magnitude, hessian_magnitude
from adcli.tape.limits import MAX_ENTRIES

from ..conftest import randomly
from ..derive.programs import INPUTS, RandomProgram, random_programs


def value(text: str, **point: float) -> float:
    (result,) = adcli.parse(text).evaluate(point).outputs.values()
    return result


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("derivative(x^3, x)", 12),
        ("derivative(derivative(x^3 * y, x), y)", 12),
        ("derivative(derivative(derivative(x^4, x), x), x)", 48),
        ("derivative(x * derivative(x + y, y), x)", 1),  # Siskind, Pearlmutter, 2005: not 2
        ("derivative(x * derivative(x * y, y), x)", 4),
        ("derivative(y, x)", 0),
        ("derivative(x, x)", 1),
        ("derivative(3, x)", 0),
        ("derivative(sin(x) * y, x) + derivative(sin(x) * y, y)", 3 * math.cos(2) + math.sin(2)),
        ("where(x > 0, derivative(x^2, x), 7)", 4),
        ("derivative(where(x > 0, x^2, -x), x)", 4),
    ],
)
def test_values(expression: str, expected: float) -> None:
    assert adcli.expression(expression).evaluate(
        {name: number for name, number in (("x", 2.0), ("y", 3.0)) if f"{name}" in expression.replace("derivative", "")}
    ).outputs["value"] == pytest.approx(expected, rel=1e-15)


def test_all_ways_from_the_value_count() -> None:
    assert value("input x = 3\na = x^2\noutput y = derivative(a * x, x)") == 27
    assert value("input x = 3\na = x^2\noutput y = derivative(a * x, a)") == 3
    assert value("input x = 3\nx = 2 * x\noutput y = derivative(x^2, x)") == 12  # by the value that x has now


def test_a_parameter_is_a_value_of_its_own() -> None:
    assert value("input x = 3\ndef f(u) = derivative(u * x, u)\noutput y = f(x)") == 3
    assert value("input x = 3\ndef f(u) = derivative(u * x, x)\noutput y = f(x)") == 3 + 3  # u came from x
    text = "input x = 2\ndef d(u, n) {\n    if n < 1 { return u^5 }\n    return derivative(d(u, n - 1), u)\n}"
    text += "\noutput y = d(x, 3)"
    assert value(text) == 60 * 4


def test_the_version_of_a_state_that_was_read() -> None:
    text = "input x = 3\nstate c = 1\ndef f(u) { c = 10 * u; return u }\noutput y = derivative(c^2 * f(x), c)"
    assert value(text) == 6


def test_a_function_of_the_program_may_have_the_name() -> None:
    assert value("def derivative(u, v) = u + v\noutput y = derivative(1, 2)") == 3


def test_newtons_iteration_and_the_gradient_through_it() -> None:
    report = adcli.load("samples/newton.ad").gradient(a=27)
    assert report.outputs["x"] == pytest.approx(3, rel=1e-15)
    assert report.gradient["x"]["a"] == pytest.approx(1 / 27, rel=1e-13)
    assert report.comparisons["x"].components["a"].verdict.value == "agrees"


@randomly(40, random_programs(), st.sampled_from(INPUTS))
def test_random_programs(program: RandomProgram, name: str) -> None:
    """The derivative in the language is the gradient, and its gradient is a row of the Hessian."""
    checked = adcli.parse(program.text)
    whole = adcli.parse(f"{program.text}\nslope_of_f = derivative(f, {name})\noutput slope_of_f")
    run = checked.tape(program.point).run
    output = run.tape.bindings["f"]
    found = whole.gradient(program.point, of="slope_of_f", difference="none")
    slope = checked.gradient(program.point, of="f", difference="none").gradient["f"][name]
    size = gradient_magnitude(run.tape, {output: 1.0}, INPUTS)[name]
    assert not abs(found.outputs["slope_of_f"] - slope) > 1e-14 * size
    row = checked.hessian(program.point, of="f").hessian["f"][name]
    sizes = hessian_magnitude(run.tape, output, INPUTS)
    for other in INPUTS:
        largest = max(sizes[name][other], sizes[other][name])
        if math.isfinite(largest):
            assert abs(found.gradient["slope_of_f"][other] - row[other]) <= 1e-12 * largest + 1e-300


def test_a_derivative_in_a_long_loop_costs_what_lies_between() -> None:
    text = "x = 1.5\nfor k = 1 to 1500 { x = x - (x^2 - 2) / derivative(x^2 - 2, x) / 50 }\noutput x"
    assert value(text) == pytest.approx(math.sqrt(2), rel=1e-12)


def test_what_a_derivative_records_counts() -> None:
    program = adcli.parse("input x = 1\ny = x\nfor k = 1 to 100 { y = derivative(sin(y) * exp(y), x) }\noutput y")
    program.max_entries = 2_000
    with pytest.raises(adcli.AdError) as caught:
        program.evaluate()
    assert caught.value.problems[0].code == "too-many-entries"
    assert program.max_entries < MAX_ENTRIES


@pytest.mark.parametrize("text", ["derivative(x^2, 3)", "derivative(x)", "derivative(x, x, x)", "derivative()"])
def test_what_it_takes(text: str) -> None:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse(f"input x\noutput y = {text}")
    assert "wrong-derivative" in [problem.code for problem in caught.value.problems]


def test_the_tape_shows_it_as_a_call() -> None:
    report = adcli.load("samples/newton.ad").tape()
    (table,) = report.tables()
    text = [str(row[0]) for row in table.rows]
    assert any(row.startswith("for k = 1 to 8") for row in text)
    assert not adcli.load("samples/newton.ad").lint


def test_a_derivative_by_an_early_name_in_a_long_loop() -> None:
    text = "input x = 2\ny = x\nfor k = 1 to 2000 { y = y + derivative(sin(x * k), x) / k }\noutput y"
    expected = 2 + math.fsum(math.cos(2 * k) for k in range(1, 2001))
    assert value(text) == pytest.approx(expected, rel=1e-9)

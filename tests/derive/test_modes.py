"""Jacobians, Hessians and products with them: published numbers, edges, and how many sweeps they take."""

from __future__ import annotations

import math

import numpy as np
import pytest

from adcli.api import parse
from adcli.derive.hessians import hessian
from adcli.derive.jacobians import jacobian
from adcli.derive.modes import Mode, SecondMode, gradient, hessian_product
from adcli.program.check import program_from
from adcli.syntax.source import Source
from adcli.tape.execute import execute
from adcli.tape.tape import Tape


def tape_of(text: str, **point: float) -> Tape:
    return execute(program_from(Source("t", text)), point)


def test_griewank_and_walthers_example() -> None:
    """Griewank, Walther, Evaluating Derivatives, 2nd edition, table 1.1: the value; the gradient by hand."""
    tape = tape_of("input x, y\nf = (sin(x / y) + x / y - exp(y)) * (x / y - exp(y))", x=1.5, y=0.5)
    output = tape.bindings["f"]
    assert tape.values[output] == pytest.approx(2.0166466694282015, rel=1e-15)
    slopes = gradient(tape, output, ["x", "y"])
    assert slopes["x"] == pytest.approx(3.011843327673907, rel=1e-15)
    assert slopes["y"] == pytest.approx(-13.723961509314075, rel=1e-15)


def test_rosenbrocks_hessian() -> None:
    """At (-1.2, 1) the Hessian is [[1330, 480], [480, 200]]: Nocedal, Wright, Numerical Optimization, exercise 2.1."""
    tape = tape_of("input x, y\nf = 100 * (y - x^2)^2 + (1 - x)^2", x=-1.2, y=1.0)
    assert hessian(tape, tape.bindings["f"], ["x", "y"]) == {
        "x": {"x": pytest.approx(1330, rel=1e-15), "y": 480.0}, "y": {"x": 480.0, "y": 200.0},
    }  # fmt: skip


@pytest.mark.parametrize("mode", SecondMode)
def test_edges_of_second_derivatives(mode: SecondMode) -> None:
    def product(text: str, **point: float) -> dict[str, float]:
        tape = tape_of(f"input {', '.join(point)}\nf = {text}", **point)
        return hessian_product(tape, tape.bindings["f"], {"x": 1.0}, list(point), mode)

    assert product("x^2 * y", x=0.0, y=3.0) == {"x": 6.0, "y": 0.0}
    assert product("x^3", x=0.0) == {"x": 0.0}
    assert product("x * y", x=2.0, y=3.0) == {"x": 0.0, "y": 1.0}
    assert product("x + y", x=2.0, y=3.0) == {"x": 0.0, "y": 0.0}
    assert product("y^2", x=2.0, y=3.0) == {"x": 0.0, "y": 0.0}
    assert product("sqrt(y) + x^2", x=1.0, y=0.0) == {"x": 2.0, "y": 0.0}  # the infinite slope is of y alone
    assert product("1 / x", x=1e-200)["x"] == math.inf
    assert product("exp(x)", x=800.0)["x"] == math.inf
    assert product("abs(x) + max(x, y, 2 * y)", x=3.0, y=1.0) == {"x": 0.0, "y": 0.0}


def test_an_input_that_is_an_output() -> None:
    tape = tape_of("input x, y\noutput x", x=1.0, y=2.0)
    assert hessian(tape, tape.bindings["x"], ["x", "y"]) == {"x": {"x": 0.0, "y": 0.0}, "y": {"x": 0.0, "y": 0.0}}


def test_the_mode_that_needs_fewer_sweeps() -> None:
    tape = tape_of("input x, y\na = x * y\nb = x + y\nc = x - y", x=2.0, y=3.0)
    outputs = {name: tape.bindings[name] for name in "abc"}
    expected = {"a": {"x": 3.0, "y": 2.0}, "b": {"x": 1.0, "y": 1.0}, "c": {"x": 1.0, "y": -1.0}}
    assert jacobian(tape, outputs, ["x", "y"]) == (expected, Mode.FORWARD, 2)
    assert jacobian(tape, {"a": outputs["a"]}, ["x", "y"]).mode is Mode.REVERSE
    assert jacobian(tape, outputs, ["x", "y"], Mode.REVERSE) == (expected, Mode.REVERSE, 3)


@pytest.mark.parametrize(
    "text",
    ["input x\noutput y = log(1 + exp(x))", "input x[1]\noutput y = sum(log(1 + exp(x)))"],
    ids=["number", "array"],
)
@pytest.mark.parametrize("x", [1.0, 30.0, 400.0, 700.0])
def test_a_quotient_that_underflows_does_not_spoil_second_derivatives(text: str, x: float) -> None:
    """Of 1 / u at u = exp(400) the partial is below the smallest number, and what it is multiplied with is not."""
    tape = execute(program_from(Source("t", text)), {"x": np.array([x]) if "sum" in text else x})
    found = float(np.ravel(hessian(tape, tape.bindings["y"], ["x"])["x"]["x"])[0])
    exact = math.exp(-x) / (1 + math.exp(-x)) ** 2
    assert abs(found - exact) <= 4 * 2.0**-52


UNDERFLOWING = [
    ("log(1/(1 + exp(-t)))", -400.0, 1.0),
    ("1/(1/(1 + exp(-t)))^0.016", -657.9, -596.59198841798894),  # (1 + exp(-t))^0.016, by mpmath with 40 digits
]


@pytest.mark.parametrize(("text", "t", "slope"), UNDERFLOWING)
def test_a_quotient_that_underflows_does_not_spoil_a_derivative(text: str, t: float, slope: float) -> None:
    """Of u = 1 / (1 + exp(400)) the partial -u / b underflows, and what the output makes of it does not."""
    for declared, value in ((f"input t\noutput y = {text}", t), (f"input t[1]\noutput y = sum({text})", np.array([t]))):
        program = parse(declared)
        by_reverse = program.gradient(t=value, difference="none").gradient["y"]["t"]
        by_forward = program.jacobian(t=value, mode="forward").jacobian["y"]["t"]
        recorded = parse(program.adjoint(t=value)).evaluate(t=value).outputs["bar_t"]
        for found in (by_reverse, by_forward, recorded):
            assert float(np.ravel(found)[0]) == pytest.approx(slope, rel=1e-12)


def test_a_quotient_is_shown_as_it_is_computed() -> None:
    program = parse("input a, b\noutput y = a / b")
    rows = program.sweep(a=1, b=2).rows
    assert [row.formula for row in rows] == ["bar_y / b", "bar_y * -y / b"]
    assert "bar_b = -y / b" in program.adjoint(a=1, b=2)  # the seed 1 is left out
    assert "dot_a / b + dot_b * -y / b" in str(program.jvp(a=1, b=2, dot={"a": 1, "b": 1}).tables())

from __future__ import annotations

import math

import pytest

from adcli.derive.modes import gradient, gradient_magnitude
from adcli.program.check import program_from
from adcli.syntax.source import Source
from adcli.tape.contributions import contributions
from adcli.tape.execute import execute
from adcli.tape.fast import sweep
from adcli.tape.reach import active_entries
from adcli.tape.tape import Tape


def run(text: str, **point: float) -> Tape:
    return execute(program_from(Source("t", text)), point)


def slopes(text: str, output: str = "y", **point: float) -> dict[str, float]:
    tape = run(text, **point)
    return gradient(tape, tape.bindings[output], list(tape.inputs))


def test_fan_out_adds() -> None:
    assert slopes("input x\ny = x * x + x", x=3.0) == {"x": 7.0}


def test_rebinding_keeps_the_earlier_value() -> None:
    assert slopes("input x\nc = 1\na = x * c\nc = c + 1\ny = a + x * c", x=4.0) == {"x": 3.0}


def test_an_input_that_reaches_nothing() -> None:
    assert slopes("input x, z\ny = 2 * x", x=1.0, z=5.0) == {"x": 2.0, "z": 0.0}


def test_an_output_that_is_an_input() -> None:
    assert slopes("input x\noutput x", "x", x=1.0) == {"x": 1.0}


def test_a_passive_operand_never_makes_nan() -> None:
    """log(0) is the partial by the exponent: it is not formed where the exponent is a constant."""
    assert slopes("input x\ny = x^2", x=0.0) == {"x": 0.0}
    assert slopes("input x, n\ny = (x - 1)^3 * n", x=-1.0, n=1.0) == {"x": 12.0, "n": -8.0}
    # the derivative by x alone: n is passive then, though it is an input
    tape = run("input x, n\ny = x^n", x=-2.0, n=3.0)
    assert gradient(tape, tape.bindings["y"], ["x"]) == {"x": 12.0}
    assert math.isnan(gradient(tape, tape.bindings["y"], ["n"])["n"])


def test_infinite_partials_do_not_spread_to_other_inputs() -> None:
    found = slopes("input x, z\ny = sqrt(x) + 3 * z", x=0.0, z=1.0)
    assert found == {"x": math.inf, "z": 3.0}


def test_where_python_raises_ieee_answers() -> None:
    assert slopes("input x, z\ny = z / x", x=0.0, z=1.0) == {"x": -math.inf, "z": math.inf}
    assert slopes("input x\ny = exp(x)", x=1000.0) == {"x": math.inf}
    assert slopes("input x\ny = x^2", x=1e200) == {"x": 2e200}


def test_more_than_two_operands() -> None:
    assert slopes("input x, z\ny = max(x, z, 2 * x, -1)", x=3.0, z=1.0) == {"x": 2.0, "z": 0.0}


def test_contributions_tell_the_whole_story() -> None:
    tape = run("input x, z\na = x * z\nb = sin(a)\noutput y = a + b", x=2.0, z=3.0)
    active = active_entries(tape, list(tape.inputs.values()))
    terms = list(contributions(tape, {tape.bindings["y"]: 1.0}, active))
    assert [(tape.names[term.entry], tape.names[term.target]) for term in terms] == [
        ("y", "a"), ("y", "b"), ("b", "a"), ("a", "x"), ("a", "z"),
    ]  # fmt: skip
    assert [term.before for term in terms] == [None, None, 1.0, None, None]
    assert terms[2].after == 1 + math.cos(6)
    assert all(term.contribution == pytest.approx((term.after - (term.before or 0.0)), rel=1e-15) for term in terms)


def test_seeds_of_several_outputs_add() -> None:
    tape = run("input x\nu = 2 * x\nv = 3 * x\noutput u, v", x=1.0)
    active = active_entries(tape, [tape.inputs["x"]])
    adjoints = sweep(tape, {tape.bindings["u"]: 10.0, tape.bindings["v"]: 1.0}, active)
    assert adjoints[tape.inputs["x"]] == 23.0


def test_the_magnitude_of_a_cancelled_gradient() -> None:
    tape = run("input x\ny = 1e9 * x - 1e9 * x", x=1.0)
    assert gradient(tape, tape.bindings["y"], ["x"]) == {"x": 0.0}
    assert gradient_magnitude(tape, {tape.bindings["y"]: 1.0}, ["x"]) == {"x": 2e9}


@pytest.mark.parametrize("count", [4_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_a_long_tape_is_no_recursion(count: int) -> None:
    lines = ["input x", "a = x"] + ["a = a + x"] * count
    assert slopes("\n".join(lines), "a", x=1.0) == {"x": count + 1.0}


def test_the_sweeps_agree_where_an_edge_decides_without_python_raising() -> None:
    """v * log(a) is 0 * inf for (inf)^-1."""
    tape = run("input x, y\noutput o = (x * 10)^y", x=1e308, y=-1.0)
    active = active_entries(tape, list(tape.inputs.values()))
    adjoints = sweep(tape, {tape.bindings["o"]: 1.0}, active)
    assert adjoints[tape.inputs["y"]] == 0.0
    last = list(contributions(tape, {tape.bindings["o"]: 1.0}, active))
    assert {term.target: term.after for term in last}[tape.inputs["y"]] == 0.0

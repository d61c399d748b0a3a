"""No random program, however it is asked, ends a command with an error of its own; and the kinds that did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import adcli

from .benchmarks import fuzz
from .conftest import run_adcli


def test_random_commands(tmp_path: Path) -> None:
    assert fuzz.failures(100, 0, tmp_path) == []


@pytest.mark.slow
def test_many_random_commands(tmp_path: Path) -> None:
    assert fuzz.failures(2_000, 1, tmp_path) == []


@pytest.mark.parametrize(
    ("expression", "value", "slope"),
    [
        ("transpose(x) * x", 4, 4), ("x' * x", 4, 4), ("expand(x, 2) * x", 4, 4), ("expand(2, x) * x", 4, 2),
        ("sum_to(x, 2) * x", 4, 4), ("sum_to(x, x) * x", 4, 4), ("select(x, x, 2) * x", 4, 4),
        ("select(0, x, 2) * x", 4, 2), ("select(1, x, 2)^2", 4, 4),
    ],
)  # fmt: skip
def test_operations_on_whole_arrays_take_numbers(expression: str, value: float, slope: float) -> None:
    program = adcli.expression(expression)
    assert program.evaluate(x=2).outputs["value"] == value
    assert program.gradient(x=2).gradient["value"]["x"] == slope
    assert program.check(x=2, order=2).verdict.value == "agrees"
    assert program.jvp(x=2, dot={"x": 1}).tangents["value"] == slope
    assert adcli.parse(program.adjoint(x=2)).evaluate().outputs["bar_x"] == slope
    for command in ("sweep", "why", "precision", "hessian", "tape"):
        assert run_adcli(command, "-e", expression, "--x", "2").status == 0
    assert run_adcli("precision", "--verify", "-e", expression, "--x", "2").status == 0


def test_a_size_is_no_array() -> None:
    with pytest.raises(adcli.AdError, match="reshape"):
        adcli.expression("reshape([x, 1], diag([[x, 1], [2, 3]]))").evaluate(x=1)


def test_an_entry_of_a_sweep_may_pass_on_nothing() -> None:
    text = (
        "input x = 0\nv = [x, 1]\nw = x / v\nr = where(v > 0, v, w)\noutput L = sum(where([x, 1] <= 2, r, sqrt(w)))\n"
    )
    assert run_adcli("sweep", "-", stdin=text.encode()).status == 0


def test_components_are_reversed_from_checkpoints() -> None:
    text = "input x = 2\nw = x * [1, 2, 3]\nfor k = 1 to 20 checkpoint 3 { w = w * 1.01 + sin(x) }\noutput w\n"
    program = adcli.parse(text)
    whole = adcli.parse(text.replace(" checkpoint 3", "")).gradient(of="w[0]").gradient["w[0]"]["x"]
    assert np.isclose(program.gradient(of="w[0]", difference="none").gradient["w[0]"]["x"], whole, rtol=1e-15)
    assert program.cost(of="w[0]", measure=False).loops


def test_a_run_that_forgets_refuses_what_does_not_fit() -> None:
    text = "input x = 1\ndef f(u) = concat([u, 1], sign(0))\nv = f(x)\noutput L = sum(v)\n"
    result = run_adcli("grad", "-", "--difference", "none", stdin=text.encode())
    assert result.status == 2
    assert "error[shape]" in result.err


def test_an_output_that_has_another_shape_beside_the_point(tmp_path: Path) -> None:
    """At the point two values are equal, and beside it the other one is taken, which is a number."""
    (tmp_path / "p.ad").write_text("input x, y = 2\ninput w[2]\nr = where(w[0] > y, pi, w)^2\noutput r\n")
    result = run_adcli("vjp", str(tmp_path / "p.ad"), "--bar", "r=1", "--check", "--x", "-1", "--w", "[2, 1]")
    assert result.status in (0, 1)
    assert "internal" not in result.err

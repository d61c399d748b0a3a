"""What receives nothing receives nothing: no 0 * inf arises where nothing is passed on, whichever way is taken."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.derive.checkpoint import checkpointed_gradient
from adcli.derive.jacobians import jacobian
from adcli.derive.modes import Mode, SecondMode, gradient, hessian_product
from adcli.emit.derivatives import adjoint_program, tangent_program
from adcli.program.check import program_from
from adcli.syntax.source import Source
from adcli.tape.execute import execute
from adcli.tape.tape import Tape

from ..emit.functions import function
from .gap_programs import NAMES, POINT, gap_program

STEP = {"x": np.array([0.5, -1.0, 0.0]), "y": np.array([1.0, 0.25, -0.5])}


def tape_of(text: str, point: dict[str, Any] = POINT) -> Tape:
    return execute(program_from(Source("t", text)), point)


def assert_close(found: dict[str, Any], wanted: dict[str, Any], text: str) -> None:
    for name, value in wanted.items():
        assert np.all(np.isfinite(value)), text
        np.testing.assert_allclose(found[name], value, rtol=1e-9, atol=1e-9, err_msg=f"{name}\n{text}")


def compare_with_twin(seed: int) -> None:
    program = gap_program(seed)
    tape, twin = tape_of(program.text), tape_of(program.twin)
    f, g = tape.bindings["f"], twin.bindings["f"]
    slopes = gradient(twin, g, NAMES)
    assert_close(gradient(tape, f, NAMES), slopes, program.text)
    assert_close(jacobian(tape, {"f": f}, NAMES, Mode.FORWARD).rows["f"], slopes, program.text)
    curvature = hessian_product(twin, g, STEP, NAMES)
    for mode in SecondMode:
        assert_close(hessian_product(tape, f, STEP, NAMES, mode), curvature, f"{mode}\n{program.text}")
    recorded = program.text + "d = derivative(f, x) @ [0.5, -1, 0] + derivative(f, y) @ [1, 0.25, -0.5]\n"
    longer = tape_of(recorded)
    assert_close(gradient(longer, longer.bindings["d"], NAMES), curvature, recorded)
    parsed = adcli.parse(program.text)
    for _ in range(3):  # the second time by what was compiled
        assert_close(parsed.gradient(POINT, difference="none").gradient["f"], slopes, program.text)


@pytest.mark.parametrize("seed", range(25))
def test_programs_with_spoilt_elements(seed: int) -> None:
    compare_with_twin(seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1_000, 1_200, 20))
def test_many_programs_with_spoilt_elements(first: int) -> None:
    for seed in range(first, first + 20):
        compare_with_twin(seed)


@pytest.mark.parametrize("seed", range(15))
def test_emitted_programs(seed: int) -> None:
    program = gap_program(seed)
    checked, tape, twin = program_from(Source("t", program.text)), tape_of(program.text), tape_of(program.twin)
    slopes = gradient(twin, twin.bindings["f"], NAMES)
    adjoint = adjoint_program(checked, POINT, tape, "f", NAMES, False)
    ran = tape_of(adjoint)
    assert_close({name: ran.values[ran.bindings[f"bar_{name}"]] for name in NAMES}, slopes, adjoint)
    tangent = tangent_program(checked, POINT, tape, ["f"], NAMES, STEP, False)
    ran = tape_of(tangent, {**POINT, **{f"dot_{name}": step for name, step in STEP.items()}})
    wanted = {"f": sum(float(np.sum(slopes[name] * STEP[name])) for name in NAMES)}
    assert_close({"f": ran.values[ran.bindings["dot_f"]]}, wanted, tangent)


HEAD = "input x[2], c\nm = [-1, 1]\nA = [[1, 2], [1 / c, 3]]\n"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("output f = sum(where(m > 0, (A @ x)[::-1], 0))", [1, 2]),
        ("output f = sum(where(m < 0, x @ A', 0))", [1, 2]),
        ("output f = sum(([[1, 1 / c], [2, 3]] @ [x, x])[1])", [5, 5]),
        ("r = sqrt(x - [1, 0])\noutput f = sum(where(m > 0, r, 0))", [0, 0.5]),
        ("r = sqrt(x - [2, 0])\noutput f = sum(where(m > 0, r, 0))", [0, 0.5]),
        ("r = log(x - [1, 0])\noutput f = r[1]", [0, 1]),
        ("r = exp(x * [1000, 0])\noutput f = sum(where(m > 0, r * x, 0))", [0, 1]),
        ("r = atan2(x - 1, x * [0, 1])\noutput f = sum(r[1:])", [0, 1]),
        ("r = x / [c, 1]\noutput f = min(r)", [0, 1]),
        ("r = -sqrt(x - [1, 0])\noutput f = min(r)", [0, -0.5]),
        ("r = max(sqrt(x - 1), x)\noutput f = sum(r)", [1, 1]),
        ("output f = max(sqrt(x[0] - 1), x[1])", [0, 1]),
        ("output f = trace([[x[0], 2], [1 / c, x[1]]])", [1, 1]),
        ("output f = sum(tril([[x[0], log(x[0] - 1)], [2, x[1]]]))", [1, 1]),
        ("r = cumsum(sqrt(x - [0, 1]))\noutput f = r[0]", [0.5, 0]),
        ("r = sqrt(x - [1, 0])\noutput f = dot(r[1:], x[1:])", [0, 1.5]),
        ("r = sqrt(x - [1, 0])\noutput f = sum(outer(r, x)[1])", [1, 2]),
        ("q = norm([x, (x - 1) / c], axis = 1)\noutput f = q[0]", [2**-0.5, 2**-0.5]),
        ("r = reshape(concat(sqrt(x - 1), x), 2, 2)\noutput f = sum(r[1])", [1, 1]),
        ("y = solve([[1, 0], [0, 1]], x)\noutput f = sum(where(m > 0, sqrt(y - [1, 0]), 0))", [0, 0.5]),
        ("r = sqrt(x - [1, 0])\noutput f = sum(where(m > 0, where(m > 0, r, log(0 * x)), 1))", [0, 0.5]),
        ("r = sqrt(x - [1, 0])\nfor k = 1 to 3 checkpoint 1 {\n    r = r * x\n}\noutput f = r[1]", [0, 3.5]),
    ],
)  # fmt: skip
def test_what_is_not_passed_on(body: str, wanted: list[float]) -> None:
    point = {"x": np.array([1.0, 1.0]), "c": 0.0}
    tape = tape_of(HEAD + body, point)
    f = tape.bindings["f"]
    np.testing.assert_allclose(gradient(tape, f, ["x"])["x"], wanted)
    np.testing.assert_allclose(jacobian(tape, {"f": f}, ["x"], Mode.FORWARD).rows["f"]["x"], wanted)
    for mode in SecondMode:
        product = hessian_product(tape, f, {"x": np.array([1.0, 2.0])}, ["x"], mode)
        assert np.all(np.isfinite(product["x"]))
    if "checkpoint" in body:
        program = program_from(Source("t", HEAD + body))
        np.testing.assert_allclose(checkpointed_gradient(program, point, "f", ["x"]).gradient["x"], wanted)


@pytest.mark.parametrize("text", ["sqrt(x)^2", "0 * sqrt(x)", "x * sqrt(x)", "sqrt(x^2)", "sqrt(relu(x))"])
def test_a_zero_that_was_computed_is_no_gap(text: str) -> None:
    """The derivative of sqrt(x)^2 is 1, and what the chain rule finds at 0 is 0 * inf: it must not become 0."""
    for own, point in ((text, 0.0), (f"sum({text})", np.array([0.0, 1.0]))):
        sizes = "" if isinstance(point, float) else "[2]"
        tape = tape_of(f"input x{sizes}\noutput f = {own}", {"x": point})
        assert np.isnan(np.ravel(gradient(tape, tape.bindings["f"], ["x"])["x"])[0])


@pytest.mark.parametrize(
    ("text", "x"),
    [("sqrt(x)^0", -2.0), ("sqrt(x)^0", 0.0), ("3 * sqrt(x)^0 + x", -1.0), ("sum([sqrt(x), 1]^0) + x", 0.0),
     ("xlogy(0, sqrt(x)) + x", 0.0)],
)  # fmt: skip
def test_the_zero_of_an_edge_is_a_number(text: str, x: float) -> None:
    """And no gap: times a slope that is infinite or none it is no number, also in a sweep that is recorded."""
    program = adcli.expression(text)
    assert math.isnan(program.gradient(x=x, difference="none").gradient["value"]["x"])
    assert math.isnan(program.hessian(x=x).hessian["value"]["x"]["x"])
    recorded = adcli.parse(program.adjoint(x=x))
    assert math.isnan(recorded.evaluate().outputs["bar_x"])
    assert math.isnan(program.function()(x)[1])
    status, *_ = function(program.emit(x=x, to="numpy", function="f"), "f")(x)
    assert status == 2

"""Loops reversed from checkpoints: the same gradient to the last bit, few states, and no step too many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adcli
from adcli.derive import checkpoint
from adcli.derive.checkpoint import Checkpointed, checkpointed_gradient
from adcli.derive.modes import gradient
from adcli.derive.revolve import forward_steps
from adcli.program.check import program_from
from adcli.program.program import Program, has_checkpoints
from adcli.syntax.source import Source
from adcli.tape.execute import execute

NUMBERS = """
input x = 0.3, r = 3.7
u = x; v = 0; w = x * r
for k = 1 to 23 {
    if u > 0.5 { v = v + u * k }
    u = r * u * (1 - u) + 0.001 * x + w * 1e-3
}
for j = 0 to 1 step 0.1 { v = v * cos(u * j) + w }
output L = u + v * x
"""
ARRAYS = """
input c[m]
state e = 0
def f(q) {
    e = e + sum(q) * c[0]
    return sin(q) * e
}
u = c; b = 0 * c
for k = 1 to 17 {
    a = u
    a[1:-1] = 2 * u[1:-1] - b[1:-1] + 0.1 * c[1:-1] * (u[2:] - 2 * u[1:-1] + u[:-2])
    b = where(u > 0.6, u, b * u)
    u = a + 0.01 * f(a)
}
output L = sum(u^2) + e
"""
NESTED = """
input x = 0.9, y = 0.2
s = 1
last = 0
for i = 3 to 1 step -1 {
    for j = 1 to i {
        last = s
        s = sin(s * x + j * y) + last * x
    }
    y = y * s
}
output L = s * last + y
"""
POINTS: dict[str, dict[str, Any]] = {
    NUMBERS: {"x": 0.3, "r": 3.7},
    ARRAYS: {"c": np.linspace(0.5, 1.5, 7)},
    NESTED: {"x": 0.9, "y": 0.2},
}


def program(text: str) -> Program:
    return program_from(Source("t", text))


def by_checkpoints(text: str, snapshots: int | None) -> Checkpointed:
    return checkpointed_gradient(program(text), POINTS[text], "L", list(POINTS[text]), snapshots)


@pytest.mark.parametrize("snapshots", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("text", POINTS, ids=["numbers", "arrays", "nested"])
def test_the_gradient_is_that_of_the_whole_tape_to_the_last_bit(text: str, snapshots: int) -> None:
    tape = execute(program(text), POINTS[text])
    whole = gradient(tape, tape.bindings["L"], list(POINTS[text]))
    found = by_checkpoints(text, snapshots)
    for name, slope in whole.items():
        assert np.array_equal(found.gradient[name], slope), name
    assert found.tape.values[found.tape.bindings["L"]] == tape.values[tape.bindings["L"]]


@pytest.mark.parametrize("snapshots", [1, 2, 5, 30])
def test_no_step_runs_more_often_than_the_theory_has_it(snapshots: int) -> None:
    for loop in by_checkpoints(NUMBERS, snapshots).loops:
        assert loop.advanced == forward_steps(loop.steps, snapshots)
        assert loop.most_kept <= snapshots
        assert not loop.kept


def test_the_tape_has_no_iterations() -> None:
    assert len(by_checkpoints(NUMBERS, 3).tape) < 25 < len(execute(program(NUMBERS), POINTS[NUMBERS])) / 4


def test_memory_does_not_grow_with_the_loop() -> None:
    text = "input x = 0.5\nfor k = 1 to {} {{ x = sin(x) + k / 1000 }}\noutput L = x"
    sizes = {}
    for steps in (10, 100, 20_000, 40_000):
        (loop,) = checkpointed_gradient(program(text.format(steps)), {"x": 0.5}, "L", ["x"], 5).loops
        sizes[steps] = loop.bytes
    assert sizes[10] == sizes[100]  # of one iteration
    assert sizes[100] < 2_000
    assert sizes[20_000] == pytest.approx(sizes[40_000], rel=0.01)  # of a stretch
    assert sizes[40_000] < 2**22


@pytest.mark.parametrize("snapshots", [1, 3, 100])
@pytest.mark.parametrize("small", [1_000, 10_000, 30_000])
@pytest.mark.parametrize("text", POINTS, ids=["numbers", "arrays", "nested"])
def test_stretches_of_iterations_change_nothing(
    monkeypatch: pytest.MonkeyPatch, text: str, small: int, snapshots: int
) -> None:
    one_by_one = by_checkpoints(text, snapshots)
    monkeypatch.setattr(checkpoint, "_SMALL", small)
    found = by_checkpoints(text, snapshots)
    for name, slope in one_by_one.gradient.items():
        assert np.array_equal(found.gradient[name], slope), name
    for loop in found.loops:
        assert loop.iterations <= loop.steps * loop.length < loop.iterations + loop.length
        assert loop.advanced == forward_steps(loop.steps, snapshots)
    if small == (30_000 if text == ARRAYS else 10_000):
        assert any(1 < loop.length < loop.iterations for loop in found.loops)


def test_a_long_loop_is_reversed_in_stretches() -> None:
    text = "input x = 0.5\nfor k = 1 to 20000 { x = sin(x) + k / 1e5 }\noutput L = x"
    found = checkpointed_gradient(program(text), {"x": 0.5}, "L", ["x"], 30)
    (loop,) = found.loops
    assert 3 < loop.steps < 30
    assert loop.advanced < loop.steps  # none runs twice
    whole = execute(program(text), {"x": 0.5})
    assert found.gradient == gradient(whole, whole.bindings["L"], ["x"])


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("while s < 9 { s = s * 2 }", "line 3: a `while` loop keeps its whole tape"),
        ("for k = 1 to 3 { s = s * 2 }; while s < 90 { s = s * 2 }", "line 3: a `while` loop keeps its whole tape"),
        ("s = s * x", "the program has no `for` loop at its top level"),
        ("for k = 1 to 3 { s = s * derivative(s, x) }", "a program with `derivative` in it keeps its whole tape"),
    ],
)
@pytest.mark.parametrize("difference", ["none", None])
def test_what_checkpoints_do_not_change_is_told(text: str, note: str, difference: str | None) -> None:
    run = adcli.parse(f"input x = 2\ns = x\n{text}\noutput L = s * x")
    warnings = run.gradient(difference=difference, checkpoint=3).warnings
    assert [(problem.code, problem.note) for problem in warnings] == [("no-checkpoint", note)]
    assert run.gradient(difference=difference).warnings == ()


def test_only_the_loops_that_say_so_unless_all_are_meant() -> None:
    text = NUMBERS.replace("to 23 {", "to 23 checkpoint 4 {")
    POINTS[text] = POINTS[NUMBERS]
    assert [(loop.steps, loop.snapshots) for loop in by_checkpoints(text, None).loops] == [(23, 4)]
    assert [(loop.steps, loop.snapshots) for loop in by_checkpoints(text, 2).loops] == [(23, 4), (11, 2)]
    assert has_checkpoints(program(text))
    assert not has_checkpoints(program(NUMBERS))


def test_a_program_with_derivative_keeps_its_tape() -> None:
    text = "input x = 2\ny = x\nfor k = 1 to 5 checkpoint 2 { y = y - derivative(y^2 * x, y) / 10 }\noutput y"
    assert not has_checkpoints(program(text))
    run = adcli.parse(text)
    assert run.gradient(difference="none").gradient == run.gradient().gradient


def test_values_that_are_not_outputs_can_be_differentiated() -> None:
    run = adcli.parse(NUMBERS)
    whole = run.gradient(of="v", difference="none").gradient["v"]
    assert run.gradient(of="v", difference="none", checkpoint=2).gradient["v"] == whole
    assert run.gradient(of="v", checkpoint=2).gradient["v"] == whole


@pytest.mark.parametrize("count", ["0", "-1", "2.5", "[1, 2]"])
def test_a_number_of_states_that_is_none(count: str) -> None:
    text = f"input x = 2\nfor k = 1 to 5 checkpoint {count} {{ x = x / k }}\noutput x"
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse(text).gradient(difference="none")
    assert caught.value.problems[0].code == "bad-checkpoint"


def test_a_loop_beyond_the_limit_is_an_error() -> None:
    run = adcli.parse("input x = 1\nfor k = 1 to 1e6 checkpoint 2 { x = x / 2 }\noutput x")
    run.max_entries = 1000
    with pytest.raises(adcli.AdError) as caught:
        run.gradient(difference="none")
    assert caught.value.problems[0].code == "too-many-entries"


@given(steps=st.integers(0, 40), snapshots=st.integers(1, 12), x=st.floats(-2, 2), decide=st.floats(-1, 1))
@settings(max_examples=60, deadline=None)
def test_random_loops(steps: int, snapshots: int, x: float, decide: float) -> None:
    text = f"""
input x, y = 0.7
a = x; b = y; unused = 5
for k = 1 to {steps} {{
    c = a * y
    if c > {decide!r} {{ b = b + c * x }} else {{ a = sin(b) + x }}
    a = a - k * b / 50
}}
output L = a * b + x
"""
    point = {"x": x, "y": 0.7}
    tape = execute(program(text), point)
    whole = gradient(tape, tape.bindings["L"], ["x", "y"])
    assert checkpointed_gradient(program(text), point, "L", ["x", "y"], snapshots).gradient == whole


def test_a_function_with_a_loop_is_run_whole() -> None:
    """Its loop may be equal to that of the program, but in slots of its own."""
    text = """
input x = 0.4
def f(u) {
    for j = 1 to 3 { u = 2 * u }
    return u
}
for k = 1 to 2 { x = f(x) }
output y = x
"""
    assert checkpointed_gradient(program(text), {"x": 0.4}, "y", ["x"], 2).gradient == {"x": 64.0}

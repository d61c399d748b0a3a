"""Runs in the engine: the tape of the interpreter and its gradient, bit for bit, wherever there is one."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.derive.modes import adjoints_of
from adcli.native import runs
from adcli.native.runs import Plans, tape_by_plan
from adcli.program.program import Program
from adcli.tape.execute import execute
from adcli.tape.inputs import resolve
from adcli.tape.limits import LIMITS, Limits
from adcli.tape.tape import Tape, Value

from ..conftest import randomly
from ..derive.programs import INPUTS, RandomProgram, random_programs
from ..emit.test_counts import LOOPS

pytestmark = pytest.mark.usefixtures("at_once")


def bits(value: Value) -> bytes:
    return struct.pack("<d", value) if type(value) is float else value.tobytes()


def begun(text: str) -> tuple[Program, Plans]:
    """A program, and no plans yet."""
    return adcli.parse(text).program, {}


def hold(program: Program, plans: Plans, point: dict[str, Any]) -> bool:
    """Hold a run against the interpreter's; whether it was the engine's."""
    resolved, _ = resolve(program, point)
    tape, expected = tape_by_plan(program, resolved, LIMITS, plans), execute(program, resolved)
    pairs = [(own, other) for own, other in zip(tape.values, expected.values, strict=True) if type(other) is float]
    assert [bits(own) for own, _ in pairs] == [bits(other) for _, other in pairs]  # arrays may be forgotten
    assert [guard.holds for guard in tape.guards] == [guard.holds for guard in expected.guards]
    for of in program.outputs:
        slopes, others = (gradient(each, of) for each in (tape, expected))
        assert slopes == others, of
    return tape.plan is not None


def gradient(tape: Tape, of: str) -> dict[str, bytes]:
    return {name: bits(slope) for name, slope in adjoints_of(tape, {tape.bindings[of]: 1.0}, list(tape.inputs)).items()}


@randomly(40, random_programs())
def test_random_programs_at_other_points(random: RandomProgram) -> None:
    program, plans = begun(random.text)
    for shift in (0.0, 1e-3, 0.0, -2e-3, 0.7):
        hold(program, plans, {name: random.point[name] + shift for name in INPUTS})


def test_later_runs_are_the_engines() -> None:
    program, plans = begun("input x, y\nz = x\nfor k = 1 to 20 { z = sin(z) * y + k }\noutput z")
    assert [hold(program, plans, {"x": 0.1 * k, "y": 0.5}) for k in range(5)] == [False, True, True, True, True]


@pytest.mark.parametrize("head", LOOPS)
def test_a_loop_counts_as_it_does(head: str) -> None:
    program = adcli.parse(f"input x\ny = x\n{head} {{ y = y + k*x }}\noutput y\n").program
    for own in LOOPS[head]:
        plans: Plans = {}
        for x in (own, own, *LOOPS[head]):
            hold(program, plans, {"x": x})


def test_conditions_as_numbers() -> None:
    program, plans = begun(
        "input x, y\nz = (x > y or not x < 1 and x != y) * x + (x <= 0.5) + (x == y) - (x >= 2)\noutput z"
    )
    points = [{"x": x, "y": y} for x in (-1.0, 0.5, 1.0, 2.0, 3.0) for y in (0.5, 1.0, 2.5)]
    assert [hold(program, plans, point) for point in points] == [False] + [True] * 14


def test_each_way_has_a_plan() -> None:
    program, plans = begun("input x\ny = where(x > 0, x^2, -x)\nif x > 2 { y = y * x }\noutput y")
    ways = [hold(program, plans, {"x": x}) for x in (1.0, 1.5, -1.0, -2.0, 3.0, 4.0, 1.0, -1.5)]
    assert ways == [False, True, False, True, False, True, True, True]


def test_plans_do_not_become_ever_more_and_new_ways_are_learned() -> None:
    program, plans = begun("input x\ny = 1\nwhile y < x { y = y * 2 }\noutput y = y * x")
    assert not any(hold(program, plans, {"x": 2.0**k}) for k in range(20))
    assert len(plans[(),].of_engine) <= 4
    assert [hold(program, plans, {"x": 3.0}) for _ in range(20)][-1]


@pytest.mark.parametrize("x", [0.0, -1.0, float("1e200"), float("1e-320"), 710.0])
def test_edges_infinities_and_what_is_no_number_are_the_interpreters(x: float) -> None:
    for text in ("sqrt(x)", "x^0.5 * 2", "exp(x) * x", "1 / x", "log(x)", "abs(x) * hypot(x, 0)", "1 / (1 / x)",
                 "atan(1 / x)"):  # fmt: skip
        program, plans = begun(f"input x\noutput y = {text}")
        for point in (1.0, 2.0, x, 1.5, x):
            resolved = {"x": point}
            tape, expected = tape_by_plan(program, resolved, LIMITS, plans), execute(program, resolved)
            assert repr(tape.values) == repr(expected.values)
            assert repr(adjoints_of(tape, {tape.bindings["y"]: 1.0}, ["x"])) == repr(
                adjoints_of(expected, {expected.bindings["y"]: 1.0}, ["x"])
            )


PAIRS = """
input x[n, 3], scale = 2
e = 0
for i = 0 to n - 2 {
    for j = i + 1 to n - 1 {
        dx = x[i, 0] - x[j, 0]
        dy = x[i, 1] - x[j, -2]
        r2 = dx * dx + dy * dy + (x[i, 2] - x[j, 2])^2
        e = e + scale / r2
    }
}
output e
"""


def test_components_of_arrays() -> None:
    program, plans, generator = *begun(PAIRS), np.random.default_rng(0)
    points = [{"x": generator.normal(size=(n, 3)), "scale": 1.5} for n in (4, 4, 6, 6, 4)]
    assert [hold(program, plans, point) for point in points] == [False, True, False, True, True]


@pytest.mark.parametrize(
    "text", ["y = sum(x) * x[0]", "w = [x[0], 2]\ny = w[0]", "y = x[floor(x[1])]", "y = sum(x[0:1])"]
)
def test_other_arrays_are_not_the_engines(text: str) -> None:
    program, plans = begun(f"input x[3]\n{text}\noutput y")
    for values in ([1.0, 2.0, 3.0], [2.0, 1.0, 0.5], [0.5, 0.25, 1.0]):
        hold(program, plans, {"x": np.array(values)})
    assert not any(own.of_engine for own in plans.values())


def test_a_derivative_within_a_program_is_the_interpreters() -> None:
    program, plans = begun("input x\ny = x^3\nz = derivative(y, x)\noutput z")
    assert not any(hold(program, plans, {"x": x}) for x in (1.0, 2.0, 3.0))


def test_a_seed_of_any_size_and_several_seeds() -> None:
    program, plans = begun("input x, y\na = x * y\nb = a + sin(x)\noutput a, b")
    for x in (1.0, 2.0):
        tape = tape_by_plan(program, {"x": x, "y": 3.0}, LIMITS, plans)
    expected = execute(program, {"x": 2.0, "y": 3.0})
    seeds = {tape.bindings["a"]: -2.5, tape.bindings["b"]: 0.1}
    assert plans[(), ()].of_engine and tape.plan is not None
    assert adjoints_of(tape, seeds, ["y", "x"]) == adjoints_of(expected, seeds, ["y", "x"])
    assert adjoints_of(tape, seeds, ["y"]) == adjoints_of(expected, seeds, ["y"])


def test_limits_hold_for_plans_as_well() -> None:
    program, plans = begun("input x\ny = x\nfor k = 1 to 50 { y = sin(y) }\noutput y")
    for x in (1.0, 2.0):
        tape_by_plan(program, {"x": x}, LIMITS, plans)
    with pytest.raises(adcli.AdError, match="entries"):
        tape_by_plan(program, {"x": 3.0}, Limits(entries=20), plans)


def test_a_long_tape_is_not_interpreted_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """From as many entries as compiling takes, whether there is an engine yet or not."""
    asked: list[bool] = []
    monkeypatch.setattr(runs, "engine", lambda is_worth: asked.append(is_worth))
    monkeypatch.setattr(runs, "COMPILES_FROM", 100)
    program, plans = begun("input x\ny = x\nfor k = 1 to 19 { y = sin(y) }\noutput y")
    for x in range(7):
        tape_by_plan(program, {"x": float(x)}, LIMITS, plans)
    assert asked[0] is False and asked[-1] is True


def flat(result: Any) -> list[bytes]:
    """The bits of the numbers of a function's results, which may stand in tuples."""
    if isinstance(result, tuple):
        return [number for part in result for number in flat(part)]
    return [bits(result if isinstance(result, np.ndarray) else float(result))]


@pytest.mark.parametrize(
    "asked", [{}, {"order": 0}, {"wrt": "scale"}, {"wrt": "x"}, {"of": "r2"}, {"wrt": ["x", "scale"], "of": "e"}]
)
def test_a_function_of_arrays_needs_no_tape(asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    program, generator = adcli.parse(PAIRS), np.random.default_rng(1)
    function = program.function(**asked)
    points = [(generator.normal(size=(4, 3)), 1.5 + k) for k in range(5)]
    expected = [flat(adcli.parse(PAIRS).function(**asked)(*point)) for point in points]
    function(*points[0])
    monkeypatch.setattr("adcli.jobs.function.DerivedFunction._tape", None)
    assert [flat(function(*point)) for point in points] == expected


def test_a_function_asks_the_interpreter_where_the_engine_does_not_know() -> None:
    """Of a component of an array, of another way, and where a derivative is not finite."""
    text = "input x[3]\nw = x\nif x[0] > 1 { y = x[1] * 3 }\nelse { y = sqrt(x[2]) + x[0] }\noutput y, w"
    for of in ("y", "w[1]"):
        function = adcli.parse(text).function(of=of)
        for x in ([0.5, 2.0, 4.0], [0.6, 2.0, 0.0], [2.0, 3.0, 0.0], [0.5, 2.0, 9.0], [3.0, 3.0, 1.0]):
            expected = adcli.parse(text).gradient(x=np.array(x), of=of)
            value, slopes = function(np.array(x))
            assert slopes.tolist() == expected.gradient[of]["x"].tolist()
            assert value == (x[1] if of == "w[1]" else x[1] * 3 if x[0] > 1 else x[2] ** 0.5 + x[0])


@pytest.mark.parametrize("order", [0, 1])
def test_an_array_is_refused_by_a_function_in_the_engine_as_well(order: int) -> None:
    """It has no slot of its own: there was a 0 in its place."""
    program = adcli.parse("input x[3]\noutput y = x[0] * x[1]")
    function = program.function(of="x", order=order)
    for x in ([0.5, 2.0, 4.0], [0.6, 2.0, 0.0], [2.0, 3.0, 0.0]):
        with pytest.raises(adcli.AdError, match="is a vector of 3"):
            function(np.array(x))


def test_the_limits_of_a_function_hold_in_the_engine() -> None:
    program = adcli.parse(PAIRS)
    x = np.arange(12.0).reshape(4, 3)
    function = program.function()
    for scale in (1.0, 2.0):
        function(x, scale)
    function.limits = Limits(entries=20)
    with pytest.raises(adcli.AdError, match="entries"):
        function(x, 3.0)

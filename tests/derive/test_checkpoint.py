"""Loops reversed from checkpoints: the same gradient to the last bit, few states, and no step too many."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adcli
from adcli.derive import checkpoint
from adcli.derive.checkpoint import Checkpointed, checkpointed_gradient
from adcli.derive.cost import tape_bytes
from adcli.derive.modes import gradient
from adcli.derive.reversal import Reversal, step_length
from adcli.derive.revolve import forward_steps
from adcli.derive.stretch_lines import Line, Written
from adcli.derive.stretch_plans import Plan
from adcli.derive.stretches import Snapshot
from adcli.errors import AdError
from adcli.program.check import program_from
from adcli.program.program import Program, has_checkpoints
from adcli.syntax.source import Source
from adcli.tape.execute import execute
from adcli.tape.limits import Limits
from adcli.tape.reach import active_entries

from ..tape.test_block_runs import LOOPS, written

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
STRAIGHT = """
input x = 0.4, y = 1.1
a = x; b = 1; late = 0; old = b
for k = 1 to 60 {
    late = b * k
    old = b
    b = a
    a = a * sin(y) + old / 3 - k * 0.01 * late
}
output L = a * b + late * old + k
"""
WAVE = """
input c[m]
s = (0.4 * c[1:-1])^2
u = exp(-10 * linspace(-1, 1, m)^2)
before = u
for k = 1 to 40 {
    after = u
    after[1:-1] = 2 * u[1:-1] - before[1:-1] + s * (u[2:] - 2 * u[1:-1] + u[:-2])
    before = u
    u = after
}
output L = sum(u^2)
"""
POINTS: dict[str, dict[str, Any]] = {
    NUMBERS: {"x": 0.3, "r": 3.7},
    ARRAYS: {"c": np.linspace(0.5, 1.5, 7)},
    NESTED: {"x": 0.9, "y": 0.2},
    STRAIGHT: {"x": 0.4, "y": 1.1},
    WAVE: {"c": np.linspace(0.8, 1.2, 50)},
}
NAMES = ["numbers", "arrays", "nested", "straight", "wave"]


def program(text: str) -> Program:
    return program_from(Source("t", text))


def by_checkpoints(text: str, snapshots: int | None) -> Checkpointed:
    return checkpointed_gradient(program(text), POINTS[text], "L", list(POINTS[text]), snapshots)


@pytest.fixture
def steps_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Make all steps as long as a number of iterations, whatever memory they take."""

    def set_length(length: int) -> None:
        monkeypatch.setattr(checkpoint, "step_length", lambda loop, size, state: min(length, loop.iterations))

    return set_length


def assert_as_whole(text: str, point: Mapping[str, Any], snapshots: int | None) -> Checkpointed:
    """The gradient from checkpoints, which is that of the whole tape to the last bit."""
    tape = execute(program(text), point)
    whole = gradient(tape, tape.bindings["L"], list(point))
    found = checkpointed_gradient(program(text), point, "L", list(point), snapshots)
    for name, slope in whole.items():
        assert np.array_equal(found.gradient[name], slope, equal_nan=True), name
    ends = [ran.values[ran.bindings["L"]] for ran in (found.tape, tape)]
    assert np.array_equal(*ends, equal_nan=True)
    return found


@pytest.mark.parametrize("snapshots", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("length", [1, 3, 1000])
@pytest.mark.parametrize("text", [NUMBERS, ARRAYS, NESTED, STRAIGHT, WAVE], ids=NAMES)
def test_the_gradient_is_that_of_the_whole_tape_to_the_last_bit(
    text: str, length: int, snapshots: int, steps_of: Callable[[int], None]
) -> None:
    steps_of(length)
    (loop, *_) = assert_as_whole(text, POINTS[text], snapshots).loops
    assert (loop.plan is not None) == (text in (ARRAYS, WAVE))
    assert (loop.line is not None) == (text == STRAIGHT)


@pytest.fixture
def by_lines(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many stretches lines recorded, and over how many they advanced a state."""
    counts = {"record": 0, "advance": 0}

    def counted(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            result = method(*arguments)
            counts[name] += result is not None
            if name == "record" and result is not None:
                check_activity(*result)
                if len(arguments) < 5:  # without an iteration before it on its tape
                    assert result[1].active[: len(arguments[1].items)] == [item.active for item in arguments[1].items]
            return result

        return call

    for name in counts:
        monkeypatch.setattr(Line, name, counted(name, getattr(Line, name)))
    return counts


def check_activity(behind: Snapshot, recorded: Written) -> None:
    """What is noted as active is what a search finds entry by entry, for which no run of a block is known."""
    chosen = [leaf for leaf in recorded.leaves if recorded.active[leaf]]
    assert recorded.active == active_entries(recorded.tape.copy(), chosen)
    assert [item.active for item in behind.items] == [recorded.active[end] for end in recorded.ends]
    assert recorded.bytes == tape_bytes(recorded.tape, len(recorded.leaves))
    assert [item.value for item in behind.items] == [recorded.tape.values[end] for end in recorded.ends]


# Loops of numbers that decide nothing, and in each iteration do what their block says.
LINES = {"numbers", "swap", "shift", "passive", "computed bound"}
RAISING = {"zero", "overflow"}  # where Python raises in some iterations


@pytest.mark.parametrize("name", sorted(LOOPS.keys() - {"derivative"}))
@pytest.mark.parametrize("length", [1, 7, 29])
def test_stretches_that_are_written_out(
    name: str, length: int, steps_of: Callable[[int], None], by_lines: dict[str, int]
) -> None:
    steps_of(length)
    text, point = program(f"input x, y\n{LOOPS[name]}\noutput L = a"), {"x": 1.1, "y": 0.3}
    with written(False):
        tape = execute(text, point)
        wholes = [gradient(tape, tape.bindings["L"], names) for names in (["x", "y"], ["x"], ["y"])]
    with written(True):
        for whole in wholes:
            found = checkpointed_gradient(text, point, "L", list(whole), 3)
            assert list(found.gradient) == list(whole)
            assert np.array_equal([*found.gradient.values()], [*whole.values()], equal_nan=True)
            assert found.tape.values[found.tape.bindings["L"]] == tape.values[tape.bindings["L"]]
    if name in LINES:  # of 40 iterations at least: all steps but the first are recorded once
        assert by_lines["record"] >= 3 * (-(-40 // length) - 1)
    assert (by_lines["record"] > 0) == (name in LINES | RAISING)
    if length < 20:  # where steps between the first, which is no line's, and the last are many
        assert (by_lines["advance"] > 0) == (name in LINES | RAISING)


def test_a_limit_of_written_stretches_is_that_of_the_interpreter(
    steps_of: Callable[[int], None], by_lines: dict[str, int]
) -> None:
    steps_of(5)
    text = program("input x\na = x\nfor k = 1 to 20 { b = sin(a); a = a * 0.9 + b / k }\noutput a")

    def outcome(everything: bool, entries: int) -> Any:
        with written(everything):
            try:
                return checkpointed_gradient(text, {"x": 1.0}, "a", ["x"], 3, Limits(entries=entries)).gradient
            except AdError as error:
                return error.problems

    outcomes = [(outcome(False, entries), outcome(True, entries)) for entries in range(20, 60)]
    assert all(interpreted == by_blocks for interpreted, by_blocks in outcomes)
    assert {type(interpreted) for interpreted, _ in outcomes} == {dict, tuple}
    assert by_lines["record"]


@pytest.mark.parametrize("snapshots", [1, 2, 5, 30])
def test_no_step_runs_more_often_than_the_theory_has_it(snapshots: int, steps_of: Callable[[int], None]) -> None:
    steps_of(1)
    for loop in by_checkpoints(NUMBERS, snapshots).loops:
        assert loop.advanced == forward_steps(loop.steps, snapshots)
        assert loop.most_kept <= snapshots
        assert not loop.kept


def test_the_tape_has_no_iterations() -> None:
    assert len(by_checkpoints(NUMBERS, 3).tape) < 25 < len(execute(program(NUMBERS), POINTS[NUMBERS])) / 4


def test_memory_does_not_grow_with_the_loop() -> None:
    text = "input x = 0.5\nfor k = 1 to {} {{ x = sin(x) + k / 1000 }}\noutput L = x"
    sizes = {}
    for iterations in (100, 500, 40_000, 80_000):
        (loop,) = checkpointed_gradient(program(text.format(iterations)), {"x": 0.5}, "L", ["x"], 5).loops
        sizes[iterations] = loop.bytes
    assert sizes[100] < sizes[500] < 2**16  # which no loop need be smaller than
    assert sizes[40_000] == pytest.approx(sizes[80_000], rel=0.01)
    assert sizes[80_000] < 2**22


@given(
    iterations=st.integers(1, 10**6), snapshots=st.integers(1, 1000), size=st.integers(50, 10**9),
    state=st.integers(0, 10**9),
)  # fmt: skip
def test_how_long_steps_are(iterations: int, snapshots: int, size: int, state: int) -> None:
    enter: Any = None
    loop = Reversal(enter, enter, iterations, 1, snapshots, Snapshot((), ()), iter(()))
    length = loop.length = step_length(loop, size, state)
    assert 1 <= length <= iterations
    states = min(snapshots, iterations) * state
    small = max(2**22, states / 8)
    kept = min(snapshots, loop.steps - 1)
    assert kept * state + length * size <= states + small or length == 1
    if length * size > small:  # only where no iteration runs again more than once
        assert loop.steps <= snapshots + 1 or length == 1


def test_a_long_loop_is_reversed_in_stretches() -> None:
    text = "input x = 0.5\nfor k = 1 to 20000 { x = sin(x) + k / 1e5 }\noutput L = x"
    (loop,) = assert_as_whole(text, {"x": 0.5}, 30).loops
    assert loop.steps == 31
    assert loop.advanced == 30  # none runs again twice


@pytest.mark.parametrize(
    "body",
    [
        "x = x / 1.1; y = y + log(0 * x)",  # for which Python has no number
        "x = x * x + 3; y = y + 1",  # beyond all numbers
        "x = sqrt(x); y = y + (x - x)^0.5 * 0",  # no derivative
    ],
)
def test_lines_that_meet_no_number(body: str, steps_of: Callable[[int], None]) -> None:
    steps_of(4)
    text = f"input x = 2\ny = 0\nfor k = 1 to 30 {{ {body} }}\noutput L = x + y"
    assert_as_whole(text, {"x": 2.0}, 3)


@pytest.mark.parametrize(
    "body",
    [
        "u = u * u + c * k",  # beyond all numbers
        "u = where(k < 20, u, log(0 * u)) + c",  # which decides by the counter
        "u = u[::-1] * c; u = u[0:3 + k * 0] * 0.9",
        "u = sqrt(abs(u - c)) + c",  # at the edge of the square root in the first iteration
        "u = c + sqrt(u * 0)",  # in each
        "u = c * u + (u - u)^1.5 / 3",  # beside the edge
        "u = u * c; u[k - 3 * floor(k / 3)] = k",  # another element each time
        "if sum(u) < 2 { u = u * 1.5 } else { u = u / 4 + c }",
    ],
)
@pytest.mark.parametrize("snapshots", [2, 50])
def test_iterations_that_are_not_like_others(body: str, snapshots: int, steps_of: Callable[[int], None]) -> None:
    steps_of(4)
    text = f"input c[m]\nu = c\nfor k = 1 to 30 {{ {body} }}\noutput L = sum(u)"
    assert_as_whole(text, {"c": np.array([0.7, 0.9, 0.2])}, snapshots)


def test_a_plan_is_made_once_for_values_of_the_same_shapes() -> None:
    text = program(WAVE)

    def plan(cells: int, speed: float) -> Plan | None:
        point = {"c": np.full(cells, speed)}
        found = checkpointed_gradient(text, point, "L", ["c"], 3)
        tape = execute(text, point)
        assert np.array_equal(found.gradient["c"], gradient(tape, tape.bindings["L"], ["c"])["c"])
        return found.loops[0].plan

    first = plan(9, 1.0)
    assert first is not None
    assert plan(9, 0.7) is first
    assert plan(10, 0.7) is not first


def test_the_memory_of_arrays() -> None:
    cells = 20_000
    point = {"c": np.linspace(0.8, 1.2, cells)}
    text = program(WAVE.replace("to 40", "to 100"))

    def by(snapshots: int) -> int:
        tracemalloc.start()
        checkpointed_gradient(text, point, "L", ["c"], snapshots)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    by(3)  # after which nothing is imported any more
    array = 8 * cells
    # two arrays a state, one for each iteration of a step, and a dozen of the program and of the sweep
    assert by(20) < (2 * 7 + 14 + 12 + 1) * array
    assert by(3) < 2**22 + (2 * 3 + 12) * array  # a step may always be as large as that


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


def test_only_the_loops_that_say_so_unless_all_are_meant(steps_of: Callable[[int], None]) -> None:
    steps_of(1)
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


@given(
    length=st.integers(1, 7),
    steps=st.integers(0, 40),
    snapshots=st.integers(1, 12),
    x=st.floats(-2, 2),
    decide=st.floats(-1, 1),
)
@settings(max_examples=60, deadline=None)
def test_random_loops(length: int, steps: int, snapshots: int, x: float, decide: float) -> None:
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
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "step_length", lambda loop, size, state: min(length, loop.iterations))
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

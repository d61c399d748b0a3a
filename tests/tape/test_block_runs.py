"""Blocks and ways that are written out: the same tape and the same sweep as entry by entry, to the last bit."""

from __future__ import annotations

import pickle
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

import adcli
from adcli.derive import stretch_lines
from adcli.errors import AdError
from adcli.native import runs
from adcli.program.program import Program
from adcli.tape import around, block_code
from adcli.tape.execute import execute
from adcli.tape.fast import sweep
from adcli.tape.inputs import resolve
from adcli.tape.limits import Limits
from adcli.tape.reach import active_entries
from adcli.tape.tape import Tape

from ..conftest import randomly
from ..derive.array_programs import ArrayProgram, array_programs
from ..derive.programs import RandomProgram, random_programs
from .test_walk import program_of, same, seeds_of

LOOPS = {
    "numbers": "a = x\nfor k = 1 to 60 {\nb = a * y\nc = sin(b)\na = c + x / k\n}",
    "swap": "a = x\nb = 1\nfor k = 1 to 60 {\nc = a\na = b * y\nb = c + 0.1\n}",
    "shift": "a = x\nb = y\nc = x * y\nfor k = 1 to 60 {\nc = b\nb = a * 1.01\na = a + 1 / k\n}\na = a + c",
    "edges": "a = x\nfor k = 1 to 60 {\nd = (k - 30) * 0\na = a + d^2 + hypot(d, d) + max(a, y, d) + x^k * 1e-9\n}",
    "passive": "a = 0\ng = 1\nfor k = 1 to 60 {\ng = g * 0.9\na = a + g * x * k\n}",
    "overflow": "a = x\nfor k = 1 to 60 {\na = a + exp(a)\n}",
    "zero": "a = x\nfor k = -30 to 30 {\na = a + y / (k * y - y)\n}",
    "while": "a = x\nk = 0\nwhile k < 60 {\nk = k + 1\na = a * y + 1 / k\n}",
    "while of inputs": "a = x\nwhile a < 40 {\na = a + 0.1 * y + 0.7\n}",
    "branches": "a = x\nfor k = 1 to 60 {\nif k < 41 {\na = sin(a) + y\n} else if a > y {\na = a * 0.9 - y\n}\n}",
    "alternating": "a = x\nfor k = 1 to 60 {\nif sin(k * k) > 0 {\na = cos(a)\n}\na = a + y\n}",
    "calls": "def f(u) {\nv = u * y + 0.5\nreturn sin(v)\n}\ndef g(u, v) = f(u) + f(v) * x\n"
    "a = x\nfor k = 1 to 60 {\na = g(a, k) + f(a)\n}",
    "state": "state n = 0\ndef f(u) {\nn = n + 1\nreturn u / n\n}\n"
    "a = x\nfor k = 1 to 60 {\na = f(a) + y\n}\na = a + n * x",
    "nothing but passed on": "def f(u) = u\na = x\nfor k = 1 to 60 {\na = f(x) + a * y\nb = f(a)\n}",
    "break": "a = x\nfor k = 1 to 60 {\na = a + y\nif a > 20 {\nbreak\n}\n}",
    "nested": "a = x\nfor i = 1 to 20 {\nfor j = 1 to i {\na = a * y + j * 0.01\n}\na = sin(a) + x\n}",
    "in a function": "def f(u) {\nfor k = 1 to 40 {\nif u > 100 {\nu = u - y\n}\nu = u + k\n}\n"
    "return u\n}\na = f(x) + f(y)",
    "derivative": "a = x\nfor k = 1 to 40 {\nb = a * a * y\na = a - derivative(b, a) * 0.01\n}",
    "computed bound": "a = x\nn = 40 + y * 0\nfor k = 1 to n {\na = a * y + k\n}",
}  # fmt: skip
ELEMENTS = """input v[5], M[3, 3], x, y
a = x
for k = 0 to 59 {
    i = mod(k, 5)
    a = a * v[i] + v[1] * M[mod(k, 3), 1] + y
    w = v * 2
    if a > 3 {
        a = a - 3
    }
}
for k = 1 to 40 {
    a = a + v[2] * v[mod(k, 5)] / 9
}
output r = a + sum(v)
"""


@contextmanager
def written(everything: bool) -> Iterator[None]:
    """All blocks and ways are written out, or none is."""
    least = 1 if everything else 10**9
    with (
        patch.object(block_code, "LEAST", least), patch.object(block_code, "PAYS_FROM", 1),
        patch.object(around, "OFTEN", 2 if everything else 10**9), patch.object(around, "_AGAIN", 1),
        patch.object(around, "_ROUNDS", 0), patch.object(stretch_lines, "_LEAST", least),
    ):  # fmt: skip
        yield


def assert_same(program: Program, point: Mapping[str, Any], forget: bool = False) -> Tape:
    """The tape and the sweeps with everything written out are those with nothing written out; the tape."""
    with written(False):
        plain = execute(program, point, forget=forget)
        assert not plain.block_runs
    with written(True):
        tape = execute(program, point, forget=forget)
    assert all(map(same, tape.values, plain.values))
    for inputs in ([*tape.inputs.values()], [*tape.inputs.values()][:1]):
        active = active_entries(tape, inputs)
        assert active == active_entries(plain, inputs)
        seeds = seeds_of(tape, program.outputs)
        swept, expected = sweep(tape, seeds, active, keep=False), sweep(plain, seeds, active, keep=False)
        assert all(same(swept[entry], expected[entry]) for entry in inputs)
    assert (len(tape.operands), tape.operations, tape.names, tape.spans) == (
        len(plain.operands), plain.operations, plain.names, plain.spans,
    )  # fmt: skip
    assert tape.operands == plain.operands
    assert tape.guards == plain.guards
    assert tape.regions == plain.regions
    assert tape.array_entries() == plain.array_entries()
    assert all(map(same, sweep(tape, seeds, active), sweep(plain, seeds, active)))
    return tape


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("point", [{"x": 1.1, "y": 0.3}, {"x": -2.0, "y": 1.5}, {"x": 0.0, "y": 0.0}])
def test_loops(name: str, point: dict[str, float]) -> None:
    declared, loop = "input x, y\n", LOOPS[name]
    tape = assert_same(program_of(f"{declared}{loop}\noutput r = a, q = a * x"), point)
    assert name in ("derivative", "zero") or any(runs.times > 1 for runs in tape.block_runs)


@pytest.mark.parametrize("forget", [False, True])
def test_elements_of_arrays(forget: bool) -> None:
    program = program_of(ELEMENTS)
    given, _ = resolve(program, {"v": [1, 0.5, 2, 0.25, 3], "M": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "x": 1, "y": 0.1})
    assert_same(program, given, forget)


@randomly(30, random_programs())
def test_random_programs(case: RandomProgram) -> None:
    program = program_of(case.text)
    try:
        with written(False):
            execute(program, case.point)
    except AdError:
        return
    assert_same(program, case.point)


@randomly(20, array_programs())
def test_random_programs_of_arrays(case: ArrayProgram) -> None:
    program = program_of(case.text)
    point, _ = resolve(program, case.point)
    try:
        with written(False):
            execute(program, point)
    except AdError:
        return
    assert_same(program, point)


@pytest.mark.parametrize("loop", ["for k = 1 to 1e9 {", "while a > -1 {"])
@pytest.mark.parametrize("body", ["a = a + x", "a = f(a)"])
def test_a_limit_is_that_of_the_interpreter(loop: str, body: str) -> None:
    program = program_of(
        f"input x\ndef f(u) = u + x\na = x\n{loop}\n    if a < 1e9 {{\n        {body}\n    }}\n}}\noutput a"
    )
    messages = []
    for everything in (False, True):
        with written(everything), pytest.raises(AdError) as caught:
            execute(program, {"x": 1.0}, Limits(entries=3_000))
        messages.append(caught.value.problems)
    assert messages[0] == messages[1]
    assert messages[0][0].code == "too-many-entries"


def test_a_copy_and_what_is_pickled_have_all_columns() -> None:
    program = program_of(f"input x, y\n{LOOPS['calls']}\noutput r = a")
    with written(False):
        plain = execute(program, {"x": 1.1, "y": 0.3})
    with written(True):
        copied, pickled = (execute(program, {"x": 1.1, "y": 0.3}) for _ in range(2))
    for tape in (copied.copy(), pickle.loads(pickle.dumps(pickled))):
        assert not tape.block_runs
        assert (tape.operands, tape.regions, tape.guards) == (plain.operands, plain.regions, plain.guards)


def test_what_a_gradient_needs_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of a loop: its value, a place in the columns, whether it is active, its adjoint."""
    monkeypatch.setattr(runs, "engine", lambda is_worth: None)  # which has a plan besides
    text = "input x\nfor k = 1 to 4000 {\n    b = sin(x)\n    x = x * 0.9 + b / k\n}\noutput x\n"
    entries = len(execute(program_of(text), {"x": 1.0}))
    program = adcli.parse(text)
    program.gradient(x=1.0, difference="none")  # after which all is imported and written
    tracemalloc.start()
    try:
        program.gradient(x=1.0, difference="none")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most / entries < 130

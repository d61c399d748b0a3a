"""Columns in the engine: row by row the bits of numbers, in one thread or several, however few rows there are."""

from __future__ import annotations

import math
import os
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import adcli
from adcli.jobs import function as jobs_function
from adcli.jobs.function import DerivedFunction
from adcli.native import library, threads
from adcli.native.plan import NativePlan
from adcli.tape.execute import execute

from ..derive.programs import INPUTS, RandomProgram, random_programs


@pytest.fixture
def in_engine(engine: library.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_function, "COMPILES_FROM", 0)


def rows_of(function: DerivedFunction, columns: dict[str, Any]) -> tuple[list[bytes], dict[int, str]]:
    found = function.columns(**columns)
    problems = {row: error.problems[0].message for row, error in found.problems.items()}
    return [column.tobytes() for column in (found.value, *(found.gradient or ()))], problems


@pytest.mark.usefixtures("in_engine")
@given(random_programs())
@settings(max_examples=25, deadline=None)
def test_columns_have_the_bits_of_numbers(random: RandomProgram) -> None:
    function = adcli.parse(random.text).function(of="f")
    shifts = np.concatenate([[0.0, 0.3, -0.9, 0.1, 1.4, -0.2], np.linspace(-0.01, 0.01, 70)])
    columns = {name: random.point[name] + shifts for name in INPUTS}
    found = function.columns(**columns)
    for row in range(len(shifts)):
        value, slopes = function(*(float(columns[name][row]) for name in INPUTS))
        assert (found.value[row], *(column[row] for column in found.gradient)) == (value, *slopes)


SQUARE_ROOT = "input x, y\nrequire y < 3\noutput z = sqrt(x) * y + where(x > 1, x, y^2)\n"


def columns(count: int) -> dict[str, Any]:
    generator = np.random.default_rng(count)
    x, y = generator.uniform(-0.02, 2, count), generator.uniform(-1, 3.01, count)
    x[5::1000], y[7::1000], x[11::1000] = math.nan, math.inf, 0.0
    return {"x": x, "y": y}


@pytest.mark.usefixtures("in_engine")
@pytest.mark.parametrize("count", [1, 63, 64, 65, 5_000])
@pytest.mark.parametrize("order", [0, 1])
def test_rows_that_fail_are_told_as_without_it(count: int, order: int, monkeypatch: pytest.MonkeyPatch) -> None:
    function = adcli.parse(SQUARE_ROOT).function(order=order)
    found = rows_of(function, columns(count))
    library.forget_engine()
    monkeypatch.setenv(library.WITHOUT, "0")
    assert found[1] == rows_of(adcli.parse(SQUARE_ROOT).function(order=order), columns(count))[1]
    library.forget_engine()
    monkeypatch.undo()
    monkeypatch.setattr(jobs_function, "COMPILES_FROM", 10**12)  # few rows: one by one, with the same bits
    assert found == rows_of(adcli.parse(SQUARE_ROOT).function(order=order), columns(count))


@pytest.mark.usefixtures("in_engine")
@pytest.mark.parametrize("most", [2, 3])
def test_several_threads(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    function, given = adcli.parse(SQUARE_ROOT).function(), columns(70_001)
    monkeypatch.setattr(threads, "_most", [1])
    expected = rows_of(function, given)
    monkeypatch.setattr(threads, "_most", [most])
    assert rows_of(function, given) == expected


@pytest.mark.usefixtures("in_engine")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_a_fork_has_threads_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_most", [2])
    function, given = adcli.parse(SQUARE_ROOT).function(), columns(70_001)
    expected = rows_of(function, given)
    child = os.fork()
    if not child:
        os._exit(rows_of(function, given) != expected)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.usefixtures("in_engine")
def test_a_mistake_in_one_thread_is_told_when_all_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_most", [2])
    ended = []

    def compute(start: int, end: int) -> None:
        if not start:
            raise KeyboardInterrupt
        time.sleep(0.05)
        ended.append(end)

    with pytest.raises(KeyboardInterrupt):
        threads.share_out(compute, 100_000)
    assert ended == [100_000]


@pytest.mark.usefixtures("in_engine")
def test_numbers_in_several_threads_at_once() -> None:
    program = adcli.parse("input x\ny = x\nfor k = 1 to 30 { y = sin(y) + x }\noutput y")
    function, points = program.function(), [0.01 * k for k in range(200)]
    function(0.5)
    expected, wrong = {x: function(x) for x in points}, list[float]()

    def compare() -> None:
        wrong.extend(x for _ in range(20) for x in points if function(x) != expected[x])

    running = [threading.Thread(target=compare) for _ in range(4)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert not wrong


def test_what_comes_first_is_stored(engine: library.Engine) -> None:
    """Of each adjoint, but those of inputs, the first contribution is marked: nothing is filled in before a sweep."""
    program = adcli.parse("input x, y\na = x * y\nb = a * a + sin(a)\nc = b / a\noutput z = c * x + c").program
    tape = execute(program, {"x": 1.5, "y": -0.5})
    code = NativePlan(tape, engine).sweep_code([len(tape) - 1], list(tape.inputs.values()), engine.adjoints)
    stored = [~number for instruction in code for number in instruction if number < 0]
    entries = [entry for entry, operands in enumerate(tape.operands) if operands and entry < len(tape) - 1]
    assert sorted(stored) == entries


@pytest.mark.usefixtures("in_engine")
def test_a_sweep_begins_anew_in_each_block() -> None:
    function = adcli.parse("input x, y, z\na = x * y\noutput b = where(x > 5, a * a, a) + a").function()
    x = np.linspace(1, 2, 200)
    found = function.columns(x=x, y=2.0, z=1.0)
    assert found.gradient is not None
    assert [column.tolist() for column in found.gradient] == [[4.0] * 200, (2 * x).tolist(), [0.0] * 200]

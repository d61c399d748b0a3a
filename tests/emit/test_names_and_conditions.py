"""What a text calls is not hidden by names of a program, and conditions are the numbers 1 and 0 in every language."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import adcli
from adcli.emit.c import c_text

from .functions import emitted, function, parts, truth
from .test_c import called, compiled

# Conditions that are computed with, and the value at x = 1.5, y = 2 by the rules of the language.
CONDITIONS = {
    "(x > 0) + (y > 0)": 2.0,
    "(x > 0) / ((y > 0) + (y > 1))": 0.5,
    "(x > 3) - (y > 0)": -1.0,
    "-(x > 0) * y": -2.0,
    "atan2(-(x > 3), -1)": -3.141592653589793,
    "not x > 3": 1.0,
    "not (x > 3 and y) + 1": 0.0,
    "(x and y) + 1": 2.0,
    "(1 < x < 2) + x": 2.5,
    "max(x > 0, y > 3) + (x > 1)": 2.0,
    "atan(x > 0)": 0.7853981633974483,
}
NAMES = (
    "range",
    "sum",
    "tuple",
    "abs",
    "bool",
    "sign",
    "relu",
    "sigmoid",
    "maximum",
    "power",
    "branch",
    "result",
    "_f_1",
)
PROGRAM = """input NAME = 0.7, q = 1.3
s = abs(NAME - q) + max(NAME, q, 0) + relu(q) + sigmoid(NAME) + sign(q) + abs(q)^2.5
for k = 1 to 9 { s = sin(s) + NAME * k }
if NAME > 0.5 { s = s * q }
output s
"""


@pytest.mark.parametrize("to", ["python", "numpy"])
def test_names_hide_nothing_that_a_text_calls(to: str) -> None:
    for name in NAMES:
        program = adcli.parse(PROGRAM.replace("NAME", name))
        points = [{name: 0.7}, {name: 0.2}]
        order = 2 if to == "python" else 1
        own = function(program.emit(to=to, order=order, function="f", points=points), "f")
        for point in points:
            status, *results = own(point[name], 1.3)
            assert status == 0
            assert parts(results)[1] == pytest.approx(truth(program, 1, **point)[1], rel=1e-13), name


def test_a_direction_has_its_name_beside_a_value_that_is_called_so() -> None:
    program = adcli.parse(
        "input q = 1.3\ndot_q = q * 0.7\nfor k = 1 to 9 { dot_q = sin(dot_q) + q * k }\noutput s = dot_q * q"
    )
    status, *results = function(program.emit(to="python", order=2, function="f"), "f")(1.3)
    assert status == 0
    assert parts(results)[2] == pytest.approx(truth(program, 2)[2], rel=1e-12)


def test_an_input_may_be_called_self() -> None:
    square = adcli.parse("input self\noutput y = self^2").function()
    assert square(self=3.0) == (9.0, 6.0)
    assert square.columns(self=[3.0]).value.tolist() == [9.0]


@pytest.mark.parametrize("text", CONDITIONS)
def test_conditions_are_numbers(text: str) -> None:
    program = adcli.parse(f"input x = 1.5, y = 2\noutput s = {text}")
    assert program.evaluate().outputs["s"] == CONDITIONS[text]
    for to in ("python", "numpy"):
        assert function(program.emit(to=to, function="f"), "f")(1.5, 2.0)[:2] == (0, CONDITIONS[text])
    columns = program.function().columns(x=np.full(3, 1.5), y=2.0)
    assert columns.value.tolist() == [CONDITIONS[text]] * 3


def test_conditions_are_numbers_in_c(tmp_path: Path) -> None:
    for place, (text, value) in enumerate(CONDITIONS.items()):
        own = emitted(adcli.parse(f"input x = 1.5, y = 2\noutput s = {text}"), 0)
        found = called(compiled(c_text(own), "tcc", tmp_path, f"t{place}"), own, [1.5, 2.0])
        assert (found.status, found.value) == (0, value), text


def test_columns_where_a_number_that_no_input_moves_is_infinite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adcli.jobs.branches.may_be_there", lambda: False)
    monkeypatch.setattr("adcli.jobs.branches.engine", lambda _: None)
    found = adcli.parse("input x\noutput y = x * atan(1 / (0 * 2))").function().columns(x=[1.0, 2.0])
    assert found.value == pytest.approx([1.5707963267948966, 3.141592653589793], rel=1e-15)

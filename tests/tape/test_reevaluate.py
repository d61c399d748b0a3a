"""Runs by the entries of an earlier one: the same tape as the interpreter's, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import adcli
from adcli.api import parse
from adcli.derive.modes import adjoints_of
from adcli.errors import AdError
from adcli.program.program import Program
from adcli.report.gradient import Gradient
from adcli.tape.execute import execute
from adcli.tape.reevaluate import Reevaluation
from adcli.tape.tape import Tape
from adcli.trust import neighbourhood

from ..conftest import randomly
from ..derive.array_programs import ArrayProgram, array_programs
from ..derive.programs import RandomProgram, random_programs


def told(tape: Tape) -> Any:
    """All that a tape tells, its values bit by bit."""
    values = [np.asarray(value, dtype=float).tobytes() for value in tape.values]
    return values, tape.operations, tape.operands, tape.guards, tape.bindings


def run(program: Program, point: Mapping[str, Any]) -> Tape | None:
    try:
        return execute(program, point)
    except AdError:
        return None


def agree(text: str, here: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Whether the retraced run is the interpreter's; False where there is none."""
    program = parse(text).program
    tape = execute(program, here)
    moving = [name for name, value in there.items() if value is not here[name]]
    reevaluation = Reevaluation(tape, moving)
    found = reevaluation.at(there)
    if found is None or not reevaluation.decides_as_before(found):
        return False
    wanted = run(program, there)
    assert wanted is not None
    assert told(found) == told(wanted)
    return True


@randomly(80, random_programs(), st.sampled_from("xyz"), st.floats(-2, 2))
def test_random_programs(program: RandomProgram, name: str, value: float) -> None:
    agree(program.text, program.point, {**program.point, name: value})


@randomly(60, array_programs(), st.sampled_from(["x", "A", "y"]), st.floats(-0.5, 0.5))
def test_random_programs_with_arrays(program: ArrayProgram, name: str, step: float) -> None:
    agree(program.text, program.point, {**program.point, name: program.point[name] + step})


@pytest.mark.parametrize(
    ("text", "here", "there", "same"),
    [
        ("input x\noutput y = exp(x) * x", 1.0, 2.0, True),
        ("input x\nif x > 1 { y = x^2 } else { y = x }\noutput y", 1.5, 2.0, True),
        ("input x\nif x > 1 { y = x^2 } else { y = x }\noutput y", 1.5, 0.5, False),
        ("input x\ny = x\nwhile y < 100 { y = y * 3 }\noutput y", 1.0, 1.1, True),
        ("input x\ny = x\nwhile y < 100 { y = y * 3 }\noutput y", 1.0, 4.0, False),
        ("input x\noutput y = log(x)", 1.0, -1.0, False),  # which Python refuses and IEEE 754 does not
        ("input x\noutput y = exp(x)", 1.0, 1000.0, False),
        ("input x\ny = 0\nfor k = 1 to 3 { y = y + x^k }\noutput y", 1.0, 1000.0, True),
        ("input x\ny = 0\nfor t = 0 to x step 0.1 { y = y + t }\noutput y", 0.3, 0.3 + 2.0**-54, False),
        ("input x\ny = 0\nfor t = 0 to 1 step x { y = y + t }\noutput y", 0.1, 0.05, False),
        ("input x\nrequire x > 0\noutput y = sqrt(x)", 1.0, 2.0, True),
        ("input x\nrequire x > 0\noutput y = sqrt(x)", 1.0, -2.0, False),
        ("input x\nv = [5, 6, 7]\noutput y = v[x]", 1.0, 2.0, True),
        ("input x\nv = [5, 6, 7]\noutput y = v[x]", 1.0, 1.5, False),
        ("input x\noutput y = sum(where([x, 1] > 0, [2, x], 3))", 1.0, -2.0, True),
    ],
)
def test_decisions(text: str, here: float, there: float, same: bool) -> None:
    assert agree(text, {"x": here}, {"x": there}) is same


def test_comparisons_run_the_interpreter_only_where_they_have_to(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[float] = []

    def counted(program: Program, point: Mapping[str, Any], *more: Any) -> Tape:
        runs.append(point["x"])
        return execute(program, point, *more)

    monkeypatch.setattr(neighbourhood, "execute", counted)

    def found(text: str) -> Gradient:
        runs.clear()
        return adcli.parse(text).gradient(x=1.5)

    text = "input x\ny = x\nfor k = 1 to 20 { y = sin(y) + x }\noutput y"
    assert not found(text).wrong
    assert runs == []  # the run at the point is the one that there is
    found(text.replace("20", "x * 10"))
    assert len(runs) > 5
    assert not found("input x\ny = x^3\noutput z = derivative(y, x) * x").wrong
    assert len(runs) > 5


def test_sweeps_of_runs_by_the_same_entries_are_those_of_runs() -> None:
    """What is found out of a tape later is found out once, and not anew for each run that shares its entries."""
    program = parse("input w[3]\noutput y = sum(exp(w) * w[0])").program
    tape = execute(program, {"w": np.array([1.0, 2.0, 3.0])})
    reevaluation = Reevaluation(tape, ["w"])
    for number in (2.0, 3.0, 2.5):
        point = {"w": np.array([1.0, number, 3.0])}
        found, wanted = reevaluation.at(point), execute(program, point)
        assert found is not None
        gradients = [adjoints_of(run, {run.bindings["y"]: 1.0}, ["w"])["w"] for run in (found, wanted)]
        assert gradients[0].tolist() == gradients[1].tolist()

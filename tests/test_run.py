"""A command runs its program once at its point, whatever it says of the run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest

import adcli
from adcli.tape.execute import execute
from adcli.tape.tape import Tape, Value

from .conftest import Adcli

POINT = {"x": 2.0, "y": 3.0}
SINE = ("samples/sine_product.ad", "--x", "2", "--y", "3")


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Value]]:
    """The points at which programs run, by whatever module."""
    ran: list[Mapping[str, Value]] = []

    def counted(program: Any, point: Mapping[str, Value], *arguments: Any, **options: Any) -> Tape:
        ran.append(dict(point))
        return execute(program, point, *arguments, **options)

    for info in walk_packages(adcli.__path__, "adcli."):
        if not info.name.endswith("__main__"):
            import_module(info.name)  # what is imported later would keep what it finds
    for name, module in list(sys.modules.items()):
        if name.startswith("adcli.") and getattr(module, "execute", None) is execute:
            monkeypatch.setattr(module, "execute", counted)
    return ran


@pytest.mark.parametrize(
    "command",
    [
        ("eval",), ("tape",), ("sweep",), ("grad",), ("grad", "--tape", "--sweep"), ("grad", "--difference", "none"),
        ("grad", "--difference", "none", "--tape", "--sweep"), ("grad", "--of", "a", "--tape", "--sweep"),
        ("check", "--order", "2", "--margins", "--curve", "x"), ("why",), ("precision",), ("jacobian", "--check"),
        ("hessian", "--check"), ("hvp", "--dot", "x=1", "--check"), ("jvp", "--dot", "x=1", "--check"),
        ("vjp", "--bar", "L=1", "--check"), ("adjoint",), ("tangent",), ("cost", "--no-time"),
    ],
)  # fmt: skip
def test_a_command_runs_its_program_once(
    adcli: Adcli, points: list[Mapping[str, Value]], command: tuple[str, ...]
) -> None:
    name, *options = command
    assert adcli(name, *SINE, *options).status == 0
    assert points.count(POINT) == 1


def test_a_program_with_arrays_runs_once_as_well(adcli: Adcli, points: list[Mapping[str, Value]]) -> None:
    for options in ((), ("--tape", "--sweep"), ("--difference", "none"), ("--difference", "none", "--sweep")):
        points.clear()
        result = adcli("grad", "-e", "sum(w * w)", "--at", "w=[1, 2]", *options)
        assert result.status == 0, result.err
        assert sum(point["w"].tolist() == [1, 2] for point in points) == 1  # type: ignore[union-attr]


def test_a_component_that_is_asked_for_leaves_the_run_as_it_is(adcli: Adcli) -> None:
    program = ("-e", "w * w", "--at", "w=[1, 2]")
    alone = adcli("tape", *program).out
    assert adcli("grad", *program, "--of", "value[1]", "--tape").out.startswith(alone)


def test_one_point_answers_several_questions(points: list[Mapping[str, Value]]) -> None:
    from adcli.report.gradient import GradientOptions
    from adcli.report.tape import TapeOptions

    start = adcli.parse("input x, y\noutput L = x * y").at(POINT)
    gradient = GradientOptions(difference="none").answer(start)
    assert gradient.gradient == {"L": {"x": 3.0, "y": 2.0}}
    assert len(TapeOptions(wrt="x").answer(start).entries) == 3
    assert points.count(POINT) <= 1

"""Operands by which a function has no derivative: each way to one refuses by name and place, and the others go on."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import adcli
from adcli.rules.table import FUNCTIONS

from ..conftest import Adcli

# of numbers; of an array; in a function within a loop, with a number made of the operand in between
PROGRAMS = {
    "number": "input s, x\noutput y = x^2 * gammainc(s, x)\n",
    "array": "input s, w[2]\noutput y = sum(w * gammainc(s, w))\n",
    "loop": (
        "input s, x\n"
        "def g(a, b) {\n"
        "    c = a * 2\n"
        "    return gammainc(c / 2, b) * b\n"
        "}\n"
        "t = 0\n"
        "for k = 1 to 5 {\n"
        "    t = t + g(s, x) / k\n"
        "}\n"
        "output y = t\n"
    ),
}
POINTS = {name: ("--s", "2", "--w", "[1, 2]") if "w[2]" in text else ("--s", "2", "--x", "1.5")
          for name, text in PROGRAMS.items()}  # fmt: skip
WAYS = ["grad", "grad --difference none", "grad --checkpoint 2", "check", "check --order 2", "jvp --dot s=1",
        "vjp --bar y=1", "hvp --dot s=1", "hvp --dot s=1 --mode reverse-over-forward", "hessian", "jacobian", "sweep",
        "adjoint", "tangent", "why", "cost", "precision"]  # fmt: skip


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / f"{request.param}.ad"
    path.write_text(PROGRAMS[request.param], encoding="utf-8")
    return str(path), *POINTS[request.param]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_refuses_with_the_place(adcli: Adcli, program: tuple[str, ...], way: str) -> None:
    command, *options = way.split()
    result = adcli(command, *program, *options)
    assert result.status == 2
    assert result.out == ""
    assert "error[no-derivative]: `gammainc` has no derivative by its first operand here" in result.err
    line = next(
        number for number, text in enumerate(Path(program[0]).read_text("utf-8").splitlines(), 1) if "gammainc" in text
    )
    assert f"{program[0]}:{line}:" in result.err


@pytest.mark.parametrize("way", [*(way for way in WAYS if "dot" not in way), "jvp --dot {}=1 --check",
                                 "hvp --dot {}=1 --check"])  # fmt: skip
def test_without_that_input_each_way_goes_on(adcli: Adcli, program: tuple[str, ...], way: str) -> None:
    name = program[3][2:]
    command, *options = way.format(name).split()
    result = adcli(command, *program, *options, *(() if command == "jvp" else ("--wrt", name)))
    assert result.status == 0, result.err
    assert result.err == "" or "checkpoint" in way  # of which two programs have nothing to keep
    assert "wrong" not in result.out


def test_its_derivative_by_the_other_operand() -> None:
    """gammainc(2, x) = 1 - exp(-x) (1 + x) (DLMF 8.4.8)."""
    program = adcli.parse(PROGRAMS["number"])
    x = 1.5
    value = 1 - math.exp(-x) * (1 + x)
    for _ in range(5):  # later runs are compiled
        found = program.gradient({"s": 2.0, "x": x}, wrt=["x"], difference="none")
        assert found.outputs["y"] == pytest.approx(x * x * value, rel=1e-14)
        assert found.gradient["y"]["x"] == pytest.approx(2 * x * value + x**3 * math.exp(-x), rel=1e-14)
    for _ in range(5):
        with pytest.raises(adcli.AdError, match="no derivative by its first operand"):
            program.gradient({"s": 2.0, "x": x}, difference="none")


def test_an_emitted_program_has_the_other_derivatives(adcli: Adcli, program: tuple[str, ...], tmp_path: Path) -> None:
    name, path = program[3][2:], tmp_path / "adjoint.ad"
    assert adcli("adjoint", *program, "--wrt", name, "-o", str(path)).status == 0
    assert adcli("eval", str(path), *program[1:]).status == 0


def test_the_tape_shows_that_there_is_none(adcli: Adcli) -> None:
    assert "∂value/∂s: no formula" in adcli("tape", "-e", "gammainc(s, x)", "--s", "2", "--x", "1").out


@pytest.mark.parametrize("row", [row for row in map(FUNCTIONS.__getitem__, FUNCTIONS) if row.without],
                         ids=lambda row: row.name)  # fmt: skip
def test_every_function_that_lacks_a_derivative_says_so(row: object) -> None:
    letters = row.letters(row.arity)  # type: ignore[attr-defined]
    name, point = row.name, dict(zip(letters, row.samples[0], strict=True))  # type: ignore[attr-defined]
    program = adcli.expression(f"{name}({', '.join(letters)})")
    for position, letter in enumerate(letters):
        if position in row.without:  # type: ignore[attr-defined]
            with pytest.raises(adcli.AdError, match=f"`{name}` has no derivative by its (first|second) operand"):
                program.gradient(point, wrt=[letter])
        else:
            judged = program.check(point, wrt=[letter])
            assert {checked.verdict for checked in judged.components} == {"agrees"}

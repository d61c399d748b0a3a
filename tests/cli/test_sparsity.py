"""`--sparsity` of `hessian` and of `jacobian`: what it prints in each format, draws and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import adcli as package
from adcli.derive.modes import Mode
from adcli.report.sparsity import SparsityReport

from ..conftest import Adcli
from ..report.test_fields import hold
from .test_errors import Golden

MANY = "samples/rosenbrock_many.ad"
ARROW = "input hub, a, b, c, d, e; output f = (a + 2 * b + 3 * c) * 2 + hub * a + hub * b + hub * c + (d + hub) * e"
BAND = "input x[7] = [1, 2, 3, 4, 5, 6, 7]\noutput r = x[1:]^2 - x[:-1]\noutput s = 3 * x[0]"


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "latex"])
def test_formats(adcli: Adcli, golden: Golden, form: str) -> None:
    result = adcli("hessian", MANY, "--sparsity", "--format", form, columns=80)
    assert (result.status, result.err) == (0, "")
    golden(f"sparsity.{form}", result.out)


def test_the_json_has_the_fields(adcli: Adcli) -> None:
    report = json.loads(adcli("hessian", MANY, "--sparsity", "--format", "json").out)
    (structure,) = report["sparsity"]
    hold([structure], SparsityReport.fields[0].fields, "sparsity")
    assert structure["mode"] is None
    places = set(zip(structure["rows"], structure["columns"], strict=True))
    assert places == {(row, column) for row in range(4) for column in range(4) if abs(row - column) < 2}
    assert (structure["nonzeros"], structure["sweeps"], structure["size"]) == (10, 3, [4, 4])


def test_an_arrow_takes_two_products(adcli: Adcli) -> None:
    point = ["--hub=1", "--a=2", "--b=3", "--c=4", "--d=5", "--e=6"]
    out = adcli("hessian", "-e", ARROW.replace("; ", "\n"), *point, "--sparsity", columns=120).out
    program = package.parse(ARROW.replace("; ", "\n"))
    (structure,) = program.sparsity(hub=1, a=2, b=3, c=4, d=5, e=6).structures
    assert structure.pattern.rows == [[1, 2, 3, 5], [0], [0], [0], [5], [0, 4]]
    assert "instead of 6" in out
    report = program.hessian(hub=1, a=2, b=3, c=4, d=5, e=6)
    assert report.to_dict()["products"] == {"f": structure.colouring.number}
    assert f"{structure.colouring.number} products, shared by 6 inputs" in str(report)
    assert report.hessian["f"]["hub"] == {"hub": 0.0, "a": 1.0, "b": 1.0, "c": 1.0, "d": 0.0, "e": 1.0}


def test_jacobians_by_rows_and_by_columns() -> None:
    program = package.parse(BAND)
    assert program.sparsity(matrix="jacobian").structures[0].mode is Mode.REVERSE  # as many: 7 outputs, 7 inputs
    (structure,) = program.sparsity(matrix="jacobian", mode="forward").structures
    assert structure.pattern.rows == [*([place, place + 1] for place in range(6)), [0]]
    assert (structure.mode, structure.colouring.number) == (Mode.FORWARD, 2)
    (reverse,) = program.sparsity(matrix="jacobian", mode="reverse").structures
    assert reverse.pattern == structure.pattern
    assert (len(reverse.colouring.colours), reverse.colouring.number) == (7, 2)
    assert [place.row for place in reverse.places()][:3] == ["r[0]", "r[0]", "r[1]"]
    for mode in ("forward", "reverse"):
        report = program.jacobian(mode=mode)
        assert np.array_equal(report.jacobian["r"]["x"], np.diag(2 * np.arange(2.0, 8), 1)[:6] - np.eye(6, 7))
        assert f"shared by 7 {'inputs' if mode == 'forward' else 'outputs'}" in str(report)


def test_many_places_become_shades() -> None:
    picture, colours = package.load(MANY).sparsity(x=np.ones(300)).tables()
    lines = [row[0] for row in picture.rows]
    assert (len(lines), {len(line) for line in lines}) == (32, {64})
    assert all((line[column] == " ") == (abs(2 * row - column) > 2) for row, line in enumerate(lines)
               for column in (2 * row, (2 * row + 30) % 64))  # fmt: skip
    assert picture.caption == "898 of 90,000 derivatives can be other than 0: 3 products instead of 300"
    assert [row[1] for row in colours.rows] == ["100", "100", "100"]


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_a_plot(adcli: Adcli, tmp_path: Path, ending: str, start: bytes) -> None:
    path = tmp_path / f"pattern.{ending}"
    assert adcli("hessian", MANY, "--sparsity", "--plot", str(path)).status == 0
    assert path.read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("hessian", MANY, "--sparsity", "--check"), "--check"),
        (("hessian", MANY, "--plot", "x.svg"), "--sparsity --plot FILE"),
        (("jacobian", MANY, "--plot", "x.svg"), "--sparsity --plot FILE"),
        (("hessian", MANY, "--sparsity", "--of", "q"), "`q`"),
        (("jacobian", MANY, "--sparsity", "--wrt", "q"), "`q`"),
        (("hessian", MANY, "--sparsity", "--of", "here"), "number"),
    ],
)
def test_what_is_refused(adcli: Adcli, command: tuple[str, ...], words: str) -> None:
    result = adcli(*command)
    assert (result.status, result.out) == (2, "")
    assert words in result.err


@pytest.mark.parametrize("options", [{"matrix": "gradient"}, {"mode": "forward"}, {"matrix": "jacobian", "mode": "x"}])
def test_what_a_script_may_not_ask(options: dict[str, str]) -> None:
    with pytest.raises(package.AdError, match=r"matrix|mode"):
        package.load(MANY).sparsity(**options)  # type: ignore[arg-type]

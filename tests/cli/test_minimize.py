"""`adcli minimize`: its tables and files, and how it ends."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest

from adcli.jobs import minimize

from ..conftest import Adcli
from .test_errors import Golden

ROSENBROCK = ("minimize", "samples/rosenbrock.ad")
SADDLE = ("minimize", "-e", "x^2 - y^2 + y^4", "--x", "1", "--y", "0", "--method", "bfgs")
COMMANDS = {
    "rosenbrock": ROSENBROCK,
    "saddle": SADDLE,
    "maximum": ("minimize", "-e", "x * exp(-x)", "--x", "0.5", "--maximize"),
    "unbounded": ("minimize", "-e", "1 / x", "--x", "-3"),
    "steps": (*ROSENBROCK, "--method", "gd", "--rate", "0.001", "--steps", "20"),
}
STATUSES = {"saddle": 1, "unbounded": 1, "steps": 1}


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_tables(adcli: Adcli, golden: Golden, name: str, columns: int) -> None:
    result = adcli(*COMMANDS[name], columns=columns)
    assert (result.status, result.err) == (STATUSES.get(name, 0), "")
    golden(f"minimize-{name}-{columns}.txt", result.out)


def test_help(adcli: Adcli, golden: Golden) -> None:
    golden("help-minimize.txt", adcli("minimize", "--help", columns=80).out)


def test_bounds_in_tables(adcli: Adcli, tmp_path: Path) -> None:
    program = tmp_path / "p.ad"
    program.write_text("input x = 3 in [1, 5], y = 2\noutput f = x^2 + (y - 1)^2\n")
    out = adcli("minimize", str(program)).out
    (row,) = (line for line in out.split("\n") if line.startswith("x "))
    assert row.split()[:3] == ["x", "3", "1"] and "at its bound" in row


def test_json_and_csv(adcli: Adcli) -> None:
    report = json.loads(adcli(*ROSENBROCK, "--format", "json").out)
    assert report["solution"] == {"x": 1.0, "y": 1.0}
    assert (report["ending"], report["converged"], report["curvature"]["kind"]) == ("converged", True, "minimum")
    assert report["iterations"][0] == {
        "iteration": 0, "value": pytest.approx(24.2), "gradient": pytest.approx(math.hypot(215.6, 88)), "step": 0.0
    }  # fmt: skip
    assert report["counts"]["values"] >= len(report["iterations"])
    rows = list(csv.DictReader(adcli(*ROSENBROCK, "--format", "csv").out.splitlines()))
    assert [(row["parameter"], float(row["start"]), float(row["value"])) for row in rows] == [
        ("x", -1.2, 1.0), ("y", 1.0, 1.0)
    ]  # fmt: skip


def test_what_is_infinite_in_json(adcli: Adcli) -> None:
    report = json.loads(adcli("minimize", "-e", "(x + y - 1)^2", "--x", "2", "--y", "3", "--format", "json").out)
    assert {row["error"] for row in report["parameters"]} == {"Infinity"}


def test_the_trace(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "way.csv"
    assert adcli(*ROSENBROCK, "--trace", str(path)).status == 0
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert list(rows[0]) == ["iteration", "value", "gradient", "step", "x", "y"]
    assert [int(row["iteration"]) for row in rows] == list(range(len(rows)))
    for before, row in zip([rows[0], *rows], rows, strict=False):
        x, y = float(row["x"]), float(row["y"])
        assert float(row["value"]) == pytest.approx(100 * (y - x**2) ** 2 + (1 - x) ** 2, rel=1e-12, abs=1e-28)
        step = math.hypot(x - float(before["x"]), y - float(before["y"]))
        assert float(row["step"]) == pytest.approx(step, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_a_plot(adcli: Adcli, tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / f"way.{suffix}"
    result = adcli(*ROSENBROCK, "--plot", str(path))
    assert (result.status, result.err) == (0, "")
    assert path.read_bytes().startswith(start)


def test_files_that_cannot_be_written(adcli: Adcli, tmp_path: Path) -> None:
    for option, name in (("--plot", "way.xyz"), ("--plot", "nowhere/way.svg"), ("--trace", "nowhere/way.csv")):
        result = adcli(*ROSENBROCK, option, str(tmp_path / name))
        assert result.status == 2
        assert "error[output]" in result.err


def test_quiet_gives_the_status(adcli: Adcli) -> None:
    assert adcli(*ROSENBROCK, "--quiet") == (0, "", "")
    assert adcli(*SADDLE, "--quiet") == (1, "", "")


BAD = {
    "no-parameter": ("minimize", "-e", "2^2"),
    "no-start": ("minimize", "-e", "log(x)", "--x", "-1"),
    "idle-parameter": ("minimize", "samples/sine_product.ad", "--of", "x", "--wrt", "y"),
    "outside-range": ("minimize", "samples/calibration.ad", "--wrt", "alpha", "--alpha", "2"),
    "array-output": ("minimize", "samples/calibration.ad", "--of", "error"),
}


@pytest.mark.parametrize("code", BAD)
def test_what_cannot_begin(adcli: Adcli, golden: Golden, code: str) -> None:
    result = adcli(*BAD[code])
    assert (result.status, result.out) == (2, "")
    assert f"error[{code}]" in result.err
    golden(f"minimize-error-{code}.txt", result.err)


@pytest.mark.parametrize(("option", "value"), [("--steps", "0"), ("--rate", "0"), ("--method", "simplex")])
def test_options_that_are_none(adcli: Adcli, option: str, value: str) -> None:
    result = adcli(*ROSENBROCK, option, value)
    assert result.status == 2
    assert "error[usage]" in result.err and option in result.err


def test_a_wrong_derivative_stops_it(adcli: Adcli, tmp_path: Path) -> None:
    program = tmp_path / "p.ad"
    program.write_text("rule q(u) = u^2 with derivative 3 * u\ninput x = 3\noutput f = q(x)\n")
    result = adcli("minimize", str(program))
    assert (result.status, result.out) == (1, "")
    assert (
        "error[refuted-derivative]: the derivative of `f` along a random direction is wrong at the start" in result.err
    )


def test_an_interrupt_leaves_the_best_point(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    iterated = minimize._Search.iterated

    def interrupted(search: Any, x: Any) -> None:
        iterated(search, x)
        if len(search.iterations) == 6:
            raise KeyboardInterrupt

    monkeypatch.setattr(minimize._Search, "iterated", interrupted)
    result = adcli(*ROSENBROCK)
    assert result.status == 130
    assert "best point of f so far: not converged" in result.out
    assert "interrupted: this is the best point until then" in result.out
    assert "2.27659" in result.out.split("best point", 1)[1]

"""`adcli fit`: its tables and files, and how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from adcli.jobs import least_squares

from ..conftest import Adcli
from .test_errors import Golden

DATA = "samples/cobb_douglas_1928.csv"
PRODUCTION = ("fit", "samples/calibration.ad", "--residual", "error",
              "--K", f"{DATA}[capital]", "--L", f"{DATA}[labor]", "--Y", f"{DATA}[production]")  # fmt: skip
MISRA = ("fit", "tests/jobs/strd/Misra1a.ad", "--residual", "r",
         "--x", "tests/jobs/strd/Misra1a.csv[x]", "--y", "tests/jobs/strd/Misra1a.csv[y]")  # fmt: skip
LINE = ("-e", "y - a - b * x", "--x", "[0, 1, 2, 3, 4, 5]", "--y", "[1.1, 2.9, 5.2, 7.1, 8.8, 11.2]", "--a", "0",
        "--b", "0", "--residual", "value")  # fmt: skip
COMMANDS = {
    "production": PRODUCTION,
    "misra": MISRA,
    "undetermined": ("fit", "-e", "y - a * b * x", *LINE[2:], "--a", "1", "--b", "1"),
    "steps": (*MISRA, "--steps", "2"),
}
STATUSES = {"undetermined": 1, "steps": 1}


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_tables(adcli: Adcli, golden: Golden, name: str, columns: int) -> None:
    result = adcli(*COMMANDS[name], columns=columns)
    assert (result.status, result.err) == (STATUSES.get(name, 0), "")
    golden(f"fit-{name}-{columns}.txt", result.out)


def test_an_exact_fit_is_warned_of(adcli: Adcli) -> None:
    result = adcli("fit", *LINE, "--x", "[1, 2, 3]", "--y", "[2, 4, 6]")
    assert result.status == 0
    assert "warning[exact-fit]: the residuals are so small that all of them is rounding" in result.err
    assert "nan" not in result.out


def test_help(adcli: Adcli, golden: Golden) -> None:
    golden("help-fit.txt", adcli("fit", "--help", columns=80).out)


def test_json_and_csv(adcli: Adcli) -> None:
    report = json.loads(adcli(*PRODUCTION, "--format", "json").out)
    assert round(report["solution"]["alpha"], 3) == 0.254
    assert (report["observations"], report["degrees_of_freedom"], len(report["rows"])) == (24, 22, 24)
    assert report["r_squared"] is None and report["response"] is None  # the output goes in by its logarithm
    assert report["correlations"]["alpha"]["log_A"] == report["correlations"]["log_A"]["alpha"]
    rows = list(csv.DictReader(adcli(*PRODUCTION, "--format", "csv").out.splitlines()))
    assert [row["parameter"] for row in rows] == ["alpha", "log_A"]
    for row, other in zip(rows, report["parameters"], strict=True):
        assert float(row["standard_error"]) == other["standard_error"] > 0
        assert float(row["low"]) < float(row["value"]) < float(row["high"])


def test_residuals_in_a_file(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "residuals.csv"
    assert adcli("fit", *LINE, "--residuals", str(path)).status == 0
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert list(rows[0]) == ["residual", "leverage", "standardized"]
    assert len(rows) == 6
    assert sum(float(row["leverage"]) for row in rows) == pytest.approx(2, rel=1e-13)
    assert sum(float(row["residual"]) for row in rows) == pytest.approx(0, abs=1e-13)


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_a_plot(adcli: Adcli, tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / f"fit.{suffix}"
    assert adcli(*MISRA, "--plot", str(path)).status == 0
    assert path.read_bytes().startswith(start)


def test_a_plot_without_a_response(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "fit.svg"
    assert adcli(*PRODUCTION, "--plot", str(path)).status == 0
    assert b"</svg>" in path.read_bytes()


BAD = {
    "no-residual": ("fit", *LINE[:-2]),
    "too-few-data": ("fit", *LINE, "--x", "[1]", "--y", "[2]"),
    "no-parameter": ("fit", "-e", "y - x", "--x", "[1, 2]", "--y", "[2, 3]", "--residual", "value"),
    "idle-parameter": ("fit", "samples/calibration.ad", "--residual", "L", "--wrt", "alpha"),
    "outside-range": (*PRODUCTION, "--alpha", "2"),
    "not-a-number": ("fit", "-e", "y - a * log(b * x)", *LINE[2:], "--b", "-1"),
    "bad-weights": ("fit", *LINE, "--weights", "x", "--sigma", "y"),
    "unknown-input": (*PRODUCTION, "--response", "Y"),
}


@pytest.mark.parametrize("code", BAD)
def test_what_cannot_begin(adcli: Adcli, golden: Golden, code: str) -> None:
    result = adcli(*BAD[code])
    assert (result.status, result.out) == (2, "")
    assert f"error[{code}]" in result.err
    golden(f"fit-error-{code}.txt", result.err)


@pytest.mark.parametrize(("option", "value"), [
    ("--steps", "0"), ("--loss", "median"), ("--loss-scale", "0"), ("--confidence", "1"), ("--confidence", "0"),
])  # fmt: skip
def test_options_that_are_none(adcli: Adcli, option: str, value: str) -> None:
    result = adcli("fit", *LINE, option, value)
    assert result.status == 2
    assert "error[usage]" in result.err and option in result.err


def test_a_wrong_derivative_stops_it(adcli: Adcli, tmp_path: Path) -> None:
    program = tmp_path / "p.ad"
    program.write_text("rule q(u) = u^2 with derivative 3 * u\ninput x[n] = [1, 2, 3], a = 1\noutput r = x - q(a)\n")
    result = adcli("fit", str(program), "--residual", "r")
    assert (result.status, result.out) == (1, "")
    assert "error[refuted-derivative]" in result.err and "is wrong at the start" in result.err


def test_an_interrupt_leaves_the_best_point(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    jacobian = least_squares._Search._jacobian

    def interrupted(search: Any, x: Any) -> Any:
        if len(search.steps) == 4:
            raise KeyboardInterrupt
        return jacobian(search, x)

    monkeypatch.setattr(least_squares._Search, "_jacobian", interrupted)
    result = adcli(*MISRA)
    assert result.status == 130
    assert "least squares of r: not converged, the best point so far" in result.out
    assert "interrupted: this is the best point until then" in result.out

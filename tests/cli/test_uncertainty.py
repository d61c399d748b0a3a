"""`adcli uncertainty` on the command line: what it prints in each format, what it reads, what it refuses."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from ..conftest import Adcli
from .test_errors import Golden

GAUGE = (
    "uncertainty", "samples/uncertainty/end_gauge.ad", "--l_s", "50000623(25) dof=18", "--d", "215 ± 9.7 dof=25.6",
    "--delta_alpha", "± 1e-6 uniform dof=50", "--theta_bar", "-0.1 +- 0.2", "--Delta", "± 0.5 arcsine",
    "--alpha_s", "11.5e-6 +/- 2e-6 uniform", "--delta_theta", "± 0.05 uniform dof=2", "--samples", "20000",
)  # fmt: skip
IMPEDANCE = (
    "uncertainty", "samples/uncertainty/impedance.ad", "--at", "V=4.9990(32),I=0.0196610(95),phi=1.04446(75)",
    "--correlation", "V,I=-0.36", "--correlation", "V,phi=0.86", "--correlation", "I,phi=-0.65", "--samples", "20000",
)  # fmt: skip


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(("name", "arguments"), [("gauge", GAUGE), ("impedance", IMPEDANCE)])
def test_tables(adcli: Adcli, golden: Golden, name: str, arguments: tuple[str, ...], columns: int) -> None:
    result = adcli(*arguments, columns=columns)
    assert (result.status, result.err) == (0, "")
    golden(f"uncertainty-{name}-{columns}.txt", result.out)


@pytest.mark.parametrize("form", ["csv", "markdown", "latex"])
def test_other_formats(adcli: Adcli, golden: Golden, form: str) -> None:
    result = adcli(*GAUGE, "--samples", "0", "--format", form)
    assert (result.status, result.err) == (0, "")
    golden(f"uncertainty.{form}", result.out)


def test_help(adcli: Adcli, golden: Golden) -> None:
    golden("help-uncertainty.txt", adcli("uncertainty", "--help", columns=80).out)


def test_json_and_csv_have_all_digits(adcli: Adcli) -> None:
    report = json.loads(adcli(*GAUGE, "--format", "json").out)
    rows = list(csv.DictReader(io.StringIO(adcli(*GAUGE, "--format", "csv").out)))
    assert [row["input"] for row in rows] == [row["input"] for row in report["budget"]["l"]]
    assert [float(row["share"]) for row in rows] == [row["share"] for row in report["budget"]["l"]]
    assert report["results"]["l"]["concise"] == "50000838(32)"
    assert report["monte_carlo"]["l"]["samples"] == 20_000
    assert sum(report["monte_carlo"]["l"]["histogram"]["counts"]) >= 19_990
    assert report["direction"]["l"]["verdict"] == "agrees"
    assert "correlations" not in report


def test_files(adcli: Adcli, tmp_path: Path) -> None:
    data, covariance = tmp_path / "data.csv", tmp_path / "covariance.csv"
    data.write_text("x,u\n1,0.1\n2,0.2\n")
    covariance.write_text("0.01,0\n0,0.04\n")
    plain = ("uncertainty", "-e", "sum(w^2)", "--samples", "0", "--format", "json")
    by_file = json.loads(adcli(*plain, "--w", f"{data}[x] ± {data}[u]").out)
    by_matrix = json.loads(adcli(*plain, "--w", f"{data}[x]", "--covariance", str(covariance)).out)
    assert by_file["results"] == by_matrix["results"]
    # (2 * 1 * 0.1)^2 + (2 * 2 * 0.2)^2
    assert by_file["results"]["value"]["uncertainty"] == pytest.approx(0.68**0.5, rel=1e-15)


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_plots(adcli: Adcli, tmp_path: Path, kind: str) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / f"budget.{kind}"
    result = adcli(*IMPEDANCE, "--of", "R", "--plot", str(path), "-q")
    assert (result.status, result.out, result.err) == (0, "", "")
    assert path.read_bytes().startswith({"svg": b"<?xml", "png": b"\x89PNG"}[kind])


def test_only_this_command_reads_uncertainties(adcli: Adcli) -> None:
    assert adcli("grad", "-e", "x^2", "--x", "2 ± 0.1").status == 2
    # and elsewhere `+-` is what the language says
    assert json.loads(adcli("eval", "-e", "x", "--x", "2 +- 0.5", "--format", "json").out)["inputs"] == {"x": 1.5}


def test_what_stands_last_counts(adcli: Adcli) -> None:
    result = adcli(
        "uncertainty", "-e", "x", "--at", "x=2 ± 0.1", "--x", "3 ± 0.4", "--samples", "0", "--format", "json"
    )
    (row,) = json.loads(result.out)["budget"]["value"]
    assert (row["value"], row["uncertainty"]) == (3, 0.4)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--x", "2", "--y", "3"], "no-uncertainty", "no input has an uncertainty"),
        (["--x", "2 ± -0.1", "--y", "3"], "bad-uncertainty", "not negative"),
        (["--x", "2 ± 0.1 unifrom", "--y", "3"], "bad-uncertainty", "did you mean `uniform`?"),
        (["--x", "± 0.1", "--y", "3"], "bad-uncertainty", "`x` has no default"),
        (["--x", "2 ±", "--y", "3"], "bad-uncertainty", "nothing stands behind"),
        (["--x", "2 ± 0.1", "--y", "3(1)", "--correlation", "x,y"], "bad-correlation", "not of the form"),
        (["--x", "2 ± 0.1", "--y", "3(1)", "--correlation", "x,y=two"], "bad-value", "`two`"),
        (["--x", "2", "--y", "3", "--covariance", "nothing.csv"], "data-file", "nothing.csv"),
        (["--x", "2 ± 0.1", "--y", "3", "--plot", "a.txt", "-o", "a.txt"], "usage", "name two files"),
        (["--x", "2 ± 0.1"], "missing-input", "`y`"),
    ],
)
def test_mistakes(adcli: Adcli, arguments: list[str], code: str, words: str) -> None:
    result = adcli("uncertainty", "-e", "x * y", *arguments)
    assert (result.status, result.out) == (2, "")
    assert f"error[{code}]" in result.err
    assert words in result.err


def test_a_wrong_derivative(adcli: Adcli) -> None:
    result = adcli("uncertainty", "-e", "rule f(u) = u^2 with derivative 3 * u; f(x)", "--x", "2 ± 0.1")
    assert (result.status, result.out) == (1, "")
    assert "error[refuted-derivative]" in result.err


def test_a_kink_is_warned_of(adcli: Adcli) -> None:
    result = adcli("uncertainty", "-e", "abs(x)", "--x", "0 ± 0.1", "--samples", "1000")
    assert result.status == 0
    assert "warning[kink]" in result.err
    assert "slopes at a kink" in result.out

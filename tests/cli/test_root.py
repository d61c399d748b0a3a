"""`adcli root`: its tables and files, and how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from ..conftest import Adcli
from .test_errors import Golden

WATER = "output f = x * y - K * z, g = x + z - 1, h = y + z - 0.5"
COMMANDS = {
    "one": ("root", "-e", "x^2 - a", "--solve", "x", "--x", "1", "--a", "2"),
    "several": ("root", "-e", WATER, "--solve", "x,y,z", "--at", "x=0.5,y=0.5,z=0.5,K=2"),
    "none": ("root", "-e", "x^2 + 1", "--x", "1"),
    "singular": ("root", "-e", "(x - 1)^2", "--x", "3"),
}
STATUSES = {"none": 1, "singular": 1}


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_tables(adcli: Adcli, golden: Golden, name: str, columns: int) -> None:
    result = adcli(*COMMANDS[name], columns=columns)
    assert (result.status, result.err) == (STATUSES.get(name, 0), "")
    golden(f"root-{name}-{columns}.txt", result.out)


def test_help(adcli: Adcli, golden: Golden) -> None:
    golden("help-root.txt", adcli("root", "--help", columns=80).out)


def test_json_and_csv(adcli: Adcli) -> None:
    report = json.loads(adcli(*COMMANDS["one"], "--format", "json").out)
    assert report["solution"]["x"] == 2**0.5
    assert report["sensitivity"] == {"x": {"a": pytest.approx(1 / 8**0.5, rel=1e-15)}}
    assert report["looked"][0] == {"point": 0, "off_by": 1.0, "unknowns": {"x": 1.0}}
    rows = list(csv.DictReader(adcli(*COMMANDS["several"], "--format", "csv").out.splitlines()))
    assert [row["unknown"] for row in rows] == ["x", "y", "z"]


def test_what_is_infinite_in_json(adcli: Adcli) -> None:
    report = json.loads(adcli("root", "-e", "(x - 1)^2 * (x + 1)", "--x", "1", "--format", "json").out)
    assert (report["converged"], report["condition"], report["unknowns"][0]["error"]) == (False, "Infinity", "Infinity")
    assert "sensitivity" not in report


def test_the_plot(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "search.svg"
    assert adcli(*COMMANDS["one"], "--plot", str(path), "-q").status == 0
    assert "the most that an equation is off by" in path.read_text(encoding="utf-8")

"""The README is short and true, and so is what stands in the rooms that it leads to."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from adcli.cli.group import COMMANDS
from adcli.cli.status import ExitStatus
from adcli.trust.judgement import Verdict

from .conftest import ROOT
from .documents import blocks

README = ROOT / "README.md"
COMMAND_LINE = ROOT / "adcli" / "cli" / "README.md"
PYTHON = ROOT / "adcli" / "PYTHON.md"


def _values(path: Path) -> list[object]:
    """What the lines of a document's one Python block give that are expressions."""
    (block,) = blocks(path, "python")
    names: dict[str, object] = {}
    exec(block.text, names)
    asked = ("program.", "adcli.parse", "report.")
    return [eval(line, names) for line in block.text.splitlines() if line.startswith(asked)]


def test_it_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 350


def test_it_says_what_each_command_is_for() -> None:
    text = README.read_text(encoding="utf-8")
    table = text[text.index("\n| to | use |") : text.index("\n## From Python")]
    assert set(re.findall(r"`adcli (\w+)", table)) == set(COMMANDS)


def test_the_python_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    slope, report = _values(README)
    assert slope == pytest.approx(math.pi / 4, rel=1e-15)
    assert isinstance(report, dict)
    assert report["gradient"]["L"]["x"] == slope
    values = _values(PYTHON)
    assert values[0] == 5.720584501801074
    assert values[1] == pytest.approx(math.pi / 4, rel=1e-15)
    assert values[2] == 1.9601702866503659
    assert values[3] == 5.880510859951098
    assert values[4] == pytest.approx(math.cos(6) - 6 * math.sin(6) + 1, rel=1e-15)
    assert values[5] == 5.880510859951098
    assert values[6] == "agrees"
    assert list(values[7]) == [2, 4, 6]  # type: ignore[call-overload]
    assert values[8] == {"x": values[3], "y": pytest.approx(2 * math.cos(6) + 2, rel=1e-15)}
    assert values[9] == 3.0
    assert values[10] == "wrong"
    assert values[11] == "to 6 digits: rounded"
    assert 15 < values[12] < 16  # type: ignore[operator]
    assert values[13] == pytest.approx(0.5 / math.sqrt(2), rel=1e-15)
    assert values[14] == pytest.approx(math.hypot(0.1 * values[3], 0.15 * values[8]["y"]), rel=1e-14)  # type: ignore[index]
    assert len(values) == 15


def test_the_methods_of_the_api_are_named() -> None:
    import adcli

    text = PYTHON.read_text(encoding="utf-8")
    methods = {name for name in vars(adcli.DifferentiableProgram) if not name.startswith("_")}
    assert {name for name in methods if not re.search(rf"[`.]{name}\b", text)} == set()


def test_ci_calls_the_readmes_test_command() -> None:
    shell = [line for block in blocks(README, "sh") for line in block.text.splitlines()]
    set_up, test, *_ = shell
    assert "adcli grad samples/sine_product.ad --x 2 --y 3" in set_up
    assert test.endswith(".venv/bin/pytest")
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    pattern = re.search(r"grep '([^']*)' README.md", ci)
    assert pattern is not None
    assert [line for line in README.read_text(encoding="utf-8").splitlines() if re.search(pattern[1], line)] == [test]


def _first_cells(path: Path, heading: str) -> list[str]:
    """What stands in the first column of the table under a heading."""
    _, _, text = path.read_text(encoding="utf-8").partition(f"\n## {heading}\n")
    return re.findall(r"^\| `?(\w+)`? \| .* \|$", text.partition("\n## ")[0], re.MULTILINE)[1:]


def test_the_verdicts_are_those_of_the_code() -> None:
    cells = _first_cells(COMMAND_LINE, "The comparison and its verdicts")
    assert cells == [verdict.value for verdict in Verdict]


def test_the_exit_statuses_are_those_of_the_code() -> None:
    assert _first_cells(COMMAND_LINE, "Exit statuses") == [str(status.value) for status in ExitStatus]

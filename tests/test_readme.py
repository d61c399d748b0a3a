"""The README is true: its commands give what it shows, its Python runs, its set-up commands are those of CI."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from .conftest import ROOT, Adcli
from .documents import blocks, check_consoles

README = ROOT / "README.md"


def test_the_commands_give_what_is_shown(adcli: Adcli, request: pytest.FixtureRequest) -> None:
    assert len(blocks(README, "console")) >= 8
    check_consoles(README, adcli, request.config.getoption("--update"))


def test_the_python_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (block,) = blocks(README, "python")
    names: dict[str, object] = {}
    exec(block.text, names)
    values = [eval(line, names) for line in block.text.splitlines() if line.startswith(("program.", "adcli.parse"))]
    assert values[0] == 5.720584501801074
    assert values[2] == 1.9601702866503659
    assert values[3] == 5.880510859951098
    assert values[4] == pytest.approx(math.cos(6) - 6 * math.sin(6) + 1, rel=1e-15)
    assert values[5] == 5.880510859951098
    assert values[6] == "agrees"
    assert values[8] == {"x": values[3], "y": pytest.approx(2 * math.cos(6) + 2, rel=1e-15)}
    assert values[9] == 3.0
    assert values[10] == "wrong"
    assert 15 < values[11] < 16


def test_every_command_in_a_line_of_text_runs(adcli: Adcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands in the text of the README, and in the tables of the samples' README."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    for path, least in ((README, 9), (ROOT / "samples" / "README.md", 15)):
        text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
        commands = re.findall(r"`(adcli [^`]*)`", text)
        assert len(commands) >= least
        for command in commands:
            words = command.replace("PROGRAM", "samples/sine_product.ad").replace("NAME", "huber").split()
            for written in tmp_path.glob("*.ad"):
                written.unlink()
            assert adcli(*words[1:]).status == 0, command


def test_ci_calls_the_readmes_test_command() -> None:
    shell = [line for block in blocks(README, "sh") for line in block.text.splitlines()]
    set_up, test, *_ = shell
    assert "adcli grad samples/sine_product.ad --x 2 --y 3" in set_up
    assert test.endswith(".venv/bin/pytest")
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    pattern = re.search(r"grep '([^']*)' README.md", ci)
    assert pattern is not None
    assert [line for line in README.read_text(encoding="utf-8").splitlines() if re.search(pattern[1], line)] == [test]


def test_the_verdicts_of_the_readme_are_those_of_the_code() -> None:
    from adcli.trust.verdict import Verdict

    text = README.read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text[text.index("| verdict") : text.index("### Formats")], re.M) == [
        verdict.value for verdict in Verdict
    ]

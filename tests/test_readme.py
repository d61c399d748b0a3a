"""The README is true: its commands give what it shows, its Python runs, its set-up commands are those of CI."""

from __future__ import annotations

import re
import shlex

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
    values = [eval(line, names) for line in block.text.splitlines() if line.startswith("program.")]
    assert values[0] == 5.720584501801074
    assert values[2] == 1.9601702866503659
    assert values[3] == "agrees"


def test_every_command_in_a_line_of_text_runs(adcli: Adcli) -> None:
    """The commands in the tables of the samples' README."""
    commands = re.findall(r"`(adcli [^`]*\.ad[^`]*)`", (ROOT / "samples" / "README.md").read_text(encoding="utf-8"))
    assert len(commands) >= 10
    for command in commands:
        assert adcli(*shlex.split(command)[1:]).status == 0, command


def test_ci_calls_the_readmes_test_command() -> None:
    shell = [line for block in blocks(README, "sh") for line in block.text.splitlines()]
    assert len(shell) == 2
    set_up, test = shell
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

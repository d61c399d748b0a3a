"""Completion in bash, zsh and fish: what is offered, and that the lines of adcli/cli/README.md switch it on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import ROOT, Adcli
from ..documents import blocks

OPTION = "adcli grad samples/black_scholes.ad --vol"
SHELLS = ("bash", "zsh", "fish")


@pytest.fixture
def complete(adcli: Adcli, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """What is offered for the last word of a line."""

    def completions(line: str, shell: str = "bash") -> list[str]:
        monkeypatch.setenv("_ADCLI_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", line)
        last = line.split(" ")[-1]
        monkeypatch.setenv("COMP_CWORD", last if shell == "fish" else str(len(line.split(" ")) - 1))
        lines: list[str] = adcli().out.splitlines()
        if shell == "zsh":  # a type, a value and a help in three lines each
            return lines[1::3]
        return [line.partition(",")[2].partition("\t")[0] for line in lines]

    return completions


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_its_completions(complete, shell: str) -> None:  # type: ignore[no-untyped-def]
    assert complete(OPTION, shell) == ["--volatility"]
    assert complete("adcli gr", shell) == ["graph", "grad"]


def test_inputs_and_options(complete) -> None:  # type: ignore[no-untyped-def]
    assert {"--spot", "--strike", "--volatility"} <= set(complete("adcli grad samples/black_scholes.ad --"))
    assert "--digits" in complete("adcli grad missing.ad --")


def test_names_of_values_and_inputs(complete) -> None:  # type: ignore[no-untyped-def]
    assert complete("adcli grad samples/black_scholes.ad --of d") == ["d1", "d2"]
    assert complete("adcli tape samples/black_scholes.ad --name d") == ["d1", "d2"]
    assert complete("adcli grad samples/black_scholes.ad --wrt spot,s") == ["spot,strike"]


def test_samples_and_codes(complete) -> None:  # type: ignore[no-untyped-def]
    assert complete("adcli samples show he") == ["heron"]
    assert complete("adcli samples copy count") == ["counter", "counter_state"]
    assert complete("adcli explain unused-n") == ["unused-name"]


def _line(shell: str) -> str:
    """The line of adcli/cli/README.md for a shell's start-up file."""
    document = ROOT / "adcli" / "cli" / "README.md"
    lines = [block.text.strip() for language in ("sh", "fish") for block in blocks(document, language)]
    (line,) = [line for line in lines if f"{shell}_source" in line]
    return line


_IN_SHELL = {
    "bash": f"COMP_WORDS=({OPTION}); COMP_CWORD=3; _adcli_completion adcli; echo ${{COMPREPLY[@]}}",
    "zsh": "echo $_comps[adcli]",  # which function completes its words
    "fish": f"complete -C '{OPTION}'",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_lines_of_the_readme_switch_it_on(shell: str, tmp_path: Path) -> None:
    command = tmp_path / "adcli"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m adcli "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
    }
    assert _line(shell).count("adcli") == 1
    if shutil.which(shell) is None:  # then what the line reads has at least to be that shell's script
        source = ["sh", "-c", f"_ADCLI_COMPLETE={shell}_source adcli"]
        done = subprocess.run(source, env=environment, capture_output=True, text=True, timeout=60, check=True)
        assert ("#compdef adcli" if shell == "zsh" else "complete ") in done.stdout
        return
    start = "autoload -Uz compinit; compinit -D\n" if shell == "zsh" else ""
    script = f"{start}{_line(shell)}\n{_IN_SHELL[shell]}"
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [shell, *options, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    expected = "_adcli_completion" if shell == "zsh" else "--volatility"
    assert done.stdout.split()[:1] == [expected]

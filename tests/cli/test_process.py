"""The command as a process of its own: closed and full streams, encodings, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ..conftest import ROOT

ADCLI = [sys.executable, "-m", "adcli"]
GRAD = [*ADCLI, "grad", "samples/sine_product.ad"]


def status(command: list[str], redirection: str = "", **options: Any) -> tuple[int, str, str]:
    """Run a command through the shell, which closes or redirects streams."""
    import shlex

    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {shlex.join(command)} {redirection}"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, **options,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("command", [GRAD, [*ADCLI, "--help"], [*ADCLI, "tape", "samples/black_scholes.ad"]])
def test_a_reader_that_has_seen_enough(command: list[str]) -> None:
    code, _, err = status(command, "| true")
    assert (code, err) == (0, "")


def test_a_full_device_is_an_error() -> None:
    code, _, err = status(GRAD, "> /dev/full")
    assert code == 2
    assert err.startswith("error[output]: cannot write the result: No space left")


def test_a_closed_standard_output_is_an_error() -> None:
    code, _, err = status(GRAD, ">&-")
    assert code == 2
    assert err.startswith("error[output]")
    assert status([*ADCLI, "--help"], ">&-")[0] == 0


def test_a_closed_standard_input_is_an_error() -> None:
    code, _, err = status([*ADCLI, "eval", "-"], "<&-")
    assert code == 2
    assert err.startswith("error[unreadable-file]")


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "2>&1 | true"])
def test_errors_keep_their_status_when_nobody_can_read_them(redirection: str) -> None:
    assert status([*ADCLI, "grad", "no such file"], redirection)[0] == 2


def test_warnings_that_nobody_can_read_are_no_error() -> None:
    code, out, _ = status([*ADCLI, "eval", "-e", "1/x", "--x", "0"], "2>/dev/full")
    assert code == 0
    assert "inf" in out


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_an_encoding_without_our_signs(encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    code, out, err = status([*ADCLI, "sweep", "samples/sine_product.ad"], env=environment)
    assert (code, err) == (0, "")
    assert "\\u2192" in out


def many_inputs() -> str:
    names = [f"x{index}" for index in range(400)]
    terms = [f"sin({a}) * {b}" for a, b in zip(names, names[1:] + names[:1], strict=True)]
    return f"input {', '.join(f'{name} = 1' for name in names)}\ny = {' + '.join(terms)}\n"


LONG = {
    "a comparison": (many_inputs(), ["grad", "--difference", "all"]),
    "a while loop": ("x = 1\nwhile x > 0 {\n    x = x + 1\n}\n", ["eval"]),
    "a for loop": (
        "x = 1\nfor k = 1 to 3e7 {\n    x = x + sin(k)\n}\n",
        ["eval", "--max-entries", "1e9", "--max-memory", "1TB"],
    ),
    "calls": ("def f(u) = f(u) + 1\ny = f(1)\n", ["eval", "--max-entries", "1e9", "--max-memory", "1TB"]),
    "a long table": ("x = 1\nfor k = 1 to 300000 {\n    x = x + sin(k)\n}\n", ["tape", "--all"]),
}


@pytest.mark.parametrize("what", LONG)
def test_an_interrupt(what: str, tmp_path: Path) -> None:
    text, command = LONG[what]
    program = tmp_path / "long.ad"
    program.write_text(text)
    process = subprocess.Popen(
        [*ADCLI, *command, str(program)], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.decode().strip().partition(":")[0] == "interrupted"  # behind it, what a comparison has until then


def test_help_without_its_texts_says_so() -> None:
    for arguments in ([], ["grad", "--help"]):
        done = subprocess.run(
            [sys.executable, "-OO", "-m", "adcli", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert "-OO, which leaves out the texts of the help" in done.stderr
        assert "--help" in done.stdout
    done = subprocess.run(
        [sys.executable, "-OO", "-m", "adcli", "eval", "samples/sine_product.ad"], cwd=ROOT, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip
    assert "5.72058" in done.stdout
    assert done.stderr == ""

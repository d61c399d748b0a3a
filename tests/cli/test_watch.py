"""--watch: a command runs again when a file that it has read is saved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest

from ..conftest import ROOT, Adcli

_PATIENCE = 30.0  # seconds


class Watched:
    """A process of the command, and what it has said so far."""

    def __init__(self, *arguments: str) -> None:
        words = [sys.executable, "-m", "adcli", *arguments, "--watch"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._lines: Queue[str] = Queue()
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=lambda lines: [self._lines.put(line) for line in lines], daemon=True,
                                        args=(self.process.stdout,))  # fmt: skip
        self._reader.start()

    def until(self, text: str) -> str:
        """What it says up to a line with the text."""
        said = ""
        while text not in said:
            try:
                said += self._lines.get(timeout=_PATIENCE)
            except Empty:
                raise AssertionError(f"{text!r} never came, but {said!r}") from None
        return said

    def ended(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(_PATIENCE)


@pytest.fixture
def watch() -> Iterator[Callable[..., Watched]]:
    running: list[Watched] = []

    def start(*arguments: str) -> Watched:
        running.append(Watched(*arguments))
        return running[-1]

    yield start
    for each in running:
        each.process.kill()


def test_a_saved_program_runs_again(watch: Callable[..., Watched], tmp_path: Path) -> None:
    program = tmp_path / "model.ad"
    program.write_text("input x = 2\noutput y = x^2\n")
    command = watch("eval", str(program))
    assert "y     x^2             4     2" in command.until("Ctrl-C ends this")
    program.write_text("input x = 3\noutput y = x^2\n")
    assert "y     x^2             9     2" in command.until("Ctrl-C ends this")
    program.write_text("input x = 3\noutput y = x^\n")
    assert "error[syntax]" in command.until("Ctrl-C ends this")
    other = tmp_path / "saved"
    other.write_text("input x = 4\noutput y = x^2\n")
    other.replace(program)  # as editors save
    assert "y     x^2            16     2" in command.until("Ctrl-C ends this")
    assert command.ended(signal.SIGINT) == 0


def test_files_with_inputs_are_watched_and_may_be_missing_at_first(
    watch: Callable[..., Watched], tmp_path: Path
) -> None:
    program, point = tmp_path / "model.ad", tmp_path / "point.json"
    command = watch("eval", str(program), "--at", str(point))
    assert "there is no file" in command.until("Ctrl-C ends this")
    program.write_text("input x\noutput y = x^2\n")
    assert "there is no file" in command.until("Ctrl-C ends this")
    point.write_text('{"x": 5}')
    assert " 25 " in command.until("Ctrl-C ends this")
    point.write_text('{"x": 6}')
    assert " 36 " in command.until("Ctrl-C ends this")
    point.unlink()
    assert "there is no file" in command.until("Ctrl-C ends this")
    assert command.ended(signal.SIGINT) == 2  # of the last run


def test_a_result_goes_to_its_file_again(watch: Callable[..., Watched], tmp_path: Path) -> None:
    program, target = tmp_path / "model.ad", tmp_path / "result.csv"
    program.write_text("input x = 2\noutput y = x^2\n")
    command = watch("eval", str(program), "-o", str(target))
    command.until("Ctrl-C ends this")
    program.write_text("input x = 7\noutput y = x^2\n")
    command.until("Ctrl-C ends this")
    assert "49.0" in target.read_text()
    assert command.ended(signal.SIGTERM) == 143


def test_what_has_no_file_is_not_watched(adcli: Adcli) -> None:
    result = adcli("eval", "-e", "x^2", "--x", "2", "--watch")
    assert result.status == 2
    assert "error[usage]: there is nothing to watch" in result.err
    assert "4" in result.out
    for arguments in (["eval", "--watch"], ["rules", "--watch"], ["eval", "-e", "x+", "--watch"]):
        assert adcli(*arguments).status == 2

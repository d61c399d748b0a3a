"""The quiz by a pipe, from a file of answers, and on a terminal, where it goes on where it was left."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ..conftest import ROOT, Adcli

Golden = Callable[[str, str], None]
SINE = "samples/sine_product.ad"
# to the questions of seed 0: some wrong, some with hints, one shown
TYPED = {
    "1": "3\n?\n2\n-0.96\ncos(a)\nwhat\n1\n?\n?\n?\n?\nshow\n1.96\n3\n5.88\n3.92\n1\nshow\nfalls\nup\ngrows\n1\n",
    "2": "?\n6\n3.92\n1\n1.96\ncos(a)\n5.88\n1\n0.9602\n1.96\n3.92\n2.88\n3\nx*(1+cos(a))\n5.88\ny\nx\n",
    "3": "?\nquit\n",
}


@pytest.mark.parametrize("level", TYPED)
def test_by_a_pipe(adcli: Adcli, golden: Golden, level: str) -> None:
    result = adcli("quiz", SINE, "--level", level, stdin=TYPED[level].encode(), columns=80)
    assert result.status == 1
    assert result.err == ""
    assert "\x1b" not in result.out
    golden(f"quiz-{level}.txt", result.out)


def right_answers(level: str, seed: str, count: int = 8) -> list[str]:
    import adcli
    from adcli.teach.quiz import QuizOptions

    quiz = QuizOptions(level=int(level), seed=int(seed), count=count).answer(adcli.load(SINE).at({}))
    return [q.choices[int(q.truth)].key if q.choices else repr(q.truth) for q in quiz.questions]


@pytest.mark.parametrize("level", ["1", "2", "3"])
def test_who_knows_all_passes(adcli: Adcli, tmp_path: Path, level: str) -> None:
    answers = tmp_path / "answers.txt"
    answers.write_text("\n".join(right_answers(level, "7")), encoding="utf-8")
    result = adcli("quiz", SINE, "--level", level, "--seed", "7", "--answers", str(answers))
    assert result.status == 0
    assert "100 %, passed" in result.out


def test_the_seed_chooses(adcli: Adcli) -> None:
    outs = [adcli("quiz", "samples/black_scholes.ad", "--seed", seed, stdin=b"").out for seed in ("1", "1", "2")]
    assert outs[0] == outs[1] != outs[2]


def test_half_of_a_point_after_a_hint(adcli: Adcli) -> None:
    typed = "?\n" + "\n".join(right_answers("1", "0", 2)) + "\n"
    out = adcli("quiz", SINE, "--count", "2", stdin=typed.encode()).out
    assert "1 of 2 right at once, 1 with a hint or at a later try: 75 %, passed" in out


@pytest.mark.parametrize(("arguments", "says"), [
    (("samples/linear_regression.ad", "--level", "2"), "there is something at --level 1 or 3"),
    (("-e", "3 * 4"), "error"), ((SINE, "--level", "4"), "--level"),
    ((SINE, "--answers", "missing.txt"), "missing.txt"),
    (("-",), "standard input has the program"),
])  # fmt: skip
def test_what_cannot_be_asked(adcli: Adcli, arguments: tuple[str, ...], says: str) -> None:
    result = adcli("quiz", *arguments, stdin=b"input x = 2\noutput y = x^2")
    assert result.status == 2
    assert says in result.err


def on_a_terminal(typed: str, state: Path, *options: str) -> tuple[int, str]:
    """A quiz on a pseudo-terminal; what is seen there, and how it ends."""
    master, slave = pty.openpty()
    environment = {**os.environ, "XDG_STATE_HOME": str(state), "COLUMNS": "80", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "adcli", "quiz", SINE, *options],
        stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, env=environment, close_fds=True,
    )  # fmt: skip
    os.close(slave)
    os.write(master, typed.encode())
    seen = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # nobody is at the other end any more
            break
        if not piece:
            break
        seen += piece
    os.close(master)
    return process.wait(30), seen.decode(errors="replace")


def test_on_a_terminal_it_goes_on_where_it_was_left(tmp_path: Path) -> None:
    answers = right_answers("1", "0")
    status, seen = on_a_terminal(f"{answers[0]}\n{answers[1]}\nquit\n", tmp_path)
    assert status == 1
    assert "6 left" in seen
    status, seen = on_a_terminal("\n".join(answers[2:]) + "\n", tmp_path)
    assert "2 are done" in seen
    assert status == 0
    assert "100 %, passed" in seen
    status, seen = on_a_terminal("quit\n", tmp_path)  # one that is over is forgotten
    assert "are done" not in seen


def test_it_can_begin_anew(tmp_path: Path) -> None:
    answers = right_answers("1", "0")
    on_a_terminal(f"{answers[0]}\nquit\n", tmp_path)
    _, seen = on_a_terminal("quit\n", tmp_path, "--restart")
    assert re.search(r"1 of 8\.", seen)
    _, seen = on_a_terminal("quit\n", tmp_path, "--level", "2")  # another quiz
    assert "are done" not in seen


def test_where_nothing_can_be_kept_it_goes_on(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    status, seen = on_a_terminal(f"{right_answers('1', '0')[0]}\nquit\n", blocked)
    assert status == 1
    assert "Right." in seen

"""The limits of a tape: entries, and bytes with the arrays in them."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

import adcli
from adcli.errors import Problem
from adcli.program.check import program_from
from adcli.syntax.source import Source
from adcli.tape import limits
from adcli.tape.execute import execute
from adcli.tape.limits import ENTRY_BYTES, Limits, bytes_text, free_memory

from ..conftest import ROOT, Adcli

MB = 1_000_000
ENDLESS = "input x = 1\nw = zeros(1000)\nwhile x > 0 {\n    w = w + 1\n}\noutput y = sum(w) * x\n"


def refused(text: str, memory: int, method: str = "evaluate", **settings: Any) -> Problem:
    program = adcli.parse(text)
    program.max_memory = memory
    with pytest.raises(adcli.AdError) as caught:
        getattr(program, method)(**settings)
    problem: Problem = caught.value.problems[0]
    return problem


def iteration_of(problem: Problem) -> int:
    assert problem.label.startswith("in iteration ")
    return int(problem.label.split()[2].replace(",", ""))


@pytest.mark.parametrize("method", ["evaluate", "gradient", "check", "tape", "hessian"])
def test_arrays_count_with_their_bytes(method: str) -> None:
    problem = refused(ENDLESS, 100 * MB, method)
    assert problem.code == "too-much-memory"
    assert "limit of 100 MB" in problem.message
    each = 8000 + 2 * ENTRY_BYTES  # an array, its entry, and a decision
    assert abs(iteration_of(problem) - 100 * MB / each) < 3


def test_an_array_without_end_takes_no_more_than_its_limit() -> None:
    tracemalloc.start()
    refused(ENDLESS, 30 * MB)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * MB


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("for k = 1 to 1e7 {\n    w = w * x\n}\n", 5_940, 5_960),  # in one go, as nothing is decided in it
        ("for k = 1 to 1e7 {\n    w = concat(w, [x])\n}\n", 2_600, 2_670),  # which grows
        ("for k = 1 to 1e7 {\n    if k > 5 { w = w * x } else { w = w + x }\n}\n", 5_800, 5_820),
        ("for k = 1 to 1e7 {\n    for i = 1 to 10 { w = w * x }\n}\n", 600, 650),
        ("def f(u) = u * x\nfor k = 1 to 1e7 {\n    w = f(w)\n}\n", 5_900, 6_200),
    ],
)
def test_the_iteration_is_told(text: str, least: int, most: int) -> None:
    problem = refused(f"input x = 1\nw = x * ones(1000)\n{text}output y = sum(w)\n", 50 * MB)
    assert problem.code == "too-much-memory"
    if "for i" in text or "def" in text:  # the innermost loop or call
        assert "loop" in problem.label or "called" in problem.label
        return
    assert least <= iteration_of(problem) <= most


def test_a_part_of_an_array_takes_no_memory() -> None:
    loop = "for k = 1 to 1000 {\n    v = A[k - 1]\n    u = A'\n}\n"
    text = f"input x = 1\nA = x * ones(1000, 1000)\n{loop}output y = sum(v)\n"
    program = adcli.parse(text)
    program.max_memory = 20 * MB
    assert program.evaluate().outputs["y"] == 1000


def test_what_is_forgotten_counts_no_more() -> None:
    """A gradient alone keeps what its sweep reads: of sums nothing."""
    text = "input w[n]\nv = w\nfor k = 1 to 1000 {\n    v = v + w\n    u = v * 2\n}\noutput y = sum(u)\n"
    program = adcli.parse(text)
    program.max_memory = 50 * MB
    w = [1.0] * 10_000
    assert program.gradient(w=w, difference="none").gradient["y"]["w"][0] == 2002
    with pytest.raises(adcli.AdError) as caught:
        program.evaluate(w=w)
    assert caught.value.problems[0].code == "too-much-memory"
    squares = adcli.parse(text.replace("v + w", "v * w"))
    squares.max_memory = 50 * MB
    with pytest.raises(adcli.AdError):
        squares.gradient(w=w, difference="none")


def test_numbers_count_as_well() -> None:
    problem = refused("input x = 1\nwhile x > 0 {\n    x = x / 2 + 1\n}\noutput x\n", 10 * MB)
    assert problem.code == "too-much-memory"
    entries = iteration_of(problem) * 3  # two operations and a decision
    assert 0.9 * 10 * MB < entries * ENTRY_BYTES < 1.1 * 10 * MB


def test_an_entry_takes_as_much_as_is_said() -> None:
    program = program_from(Source("t", "input x = 1\nfor k = 1 to 50000 {\n    x = x * 1.5 - sin(x)\n}\noutput x\n"))
    tracemalloc.start()
    tape = execute(program, {"x": 1.0})
    assert tape.operands  # which the loop alone does not note
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.5 * ENTRY_BYTES < size / len(tape) < ENTRY_BYTES


def test_half_of_what_is_free_is_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Limits().memory == free_memory() // 2
    monkeypatch.setattr(limits, "free_memory", lambda: 80 * MB)
    assert Limits().memory == 40 * MB
    assert "limit of 40 MB" in refused_by_default(ENDLESS).message


def refused_by_default(text: str) -> Problem:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse(text).evaluate()
    problem: Problem = caught.value.problems[0]
    return problem


def test_what_a_control_group_leaves_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "/proc/meminfo": "MemTotal: 9 kB\nMemAvailable:   8000 kB\n",
        "/sys/fs/cgroup/memory.max": "5000000\n",
        "/sys/fs/cgroup/memory.current": "2000000\n",
    }
    monkeypatch.setattr(limits, "_text_of", lambda path: files.get(path, ""))
    limits._free_memory.cache_clear()
    assert free_memory() == 3_000_000
    files["/sys/fs/cgroup/memory.max"] = "max\n"
    limits._free_memory.cache_clear()
    assert free_memory() == 8_192_000
    files.clear()
    limits._free_memory.cache_clear()
    assert free_memory() == 4 * 2**30
    limits._free_memory.cache_clear()


def test_sizes_as_text() -> None:
    assert [bytes_text(count) for count in (12, 8_000, 1.5e6, 2.25e10)] == ["12 bytes", "8 kB", "1.5 MB", "22.5 GB"]


@pytest.mark.parametrize("size", ["100MB", "100mb", "100000k", "0.1GB", "1e8", "100000000"])
def test_the_limit_on_the_command_line(adcli: Adcli, size: str) -> None:
    result = adcli("eval", "-", "--max-memory", size, stdin=ENDLESS.encode())
    assert result.status == 2
    assert "limit of 100 MB" in result.err
    assert "of this loop" in result.err
    assert "`--max-memory SIZE`" in result.err


@pytest.mark.parametrize("size", ["", "MB", "-3", "0", "nan", "inf", "8XB", "8 8GB"])
def test_what_is_no_size(adcli: Adcli, size: str) -> None:
    result = adcli("eval", "-", "--max-memory", size, stdin=ENDLESS.encode())
    assert result.status == 2
    assert "such as 500MB or 8GB" in result.err


# More than there is

BIG = "input x = 1\na = x * ones(3000, 3000)\nb = a * 2\nc = b * a\nd = c * a\noutput y = sum(d)\n"


@pytest.mark.parametrize("command", ["eval", "grad", "hessian"])
def test_where_there_is_no_memory_a_message_says_so(tmp_path: Path, command: str) -> None:
    """The limit of the tape allows more than the system gives."""
    (tmp_path / "big.ad").write_text(BIG)
    code = (
        "import numpy, sys; import adcli.cli.main as main; main.free_memory = lambda: 250_000_000; "
        "sys.exit(main.main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, command, str(tmp_path / "big.ad"), "--max-memory", "1TB"], cwd=ROOT,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2, done
    assert "memory" in done.stderr
    assert done.stderr.startswith("error[too-")
    assert "Traceback" not in done.stderr

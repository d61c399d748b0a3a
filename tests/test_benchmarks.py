"""Each row of the table of engines runs, at a size at which it takes no time, and ours is what its peers compute."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from adcli.cli.main import main

from .benchmarks import long, startup
from .benchmarks.engines import batches
from .benchmarks.engines.line import TINY, Line, told
from .benchmarks.engines.rows import ROWS
from .benchmarks.timing import Spent, beside, check_same, spent
from .conftest import ROOT


def spent_here(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Spent:
    """What is asked for is done in this process, which takes less time."""
    words = [str(word) for word in command]
    own = words[1:] if Path(words[0]).name == "adcli" else words[3:] if words[1:3] == ["-m", "adcli"] else None
    if own is None and words[1] != "-c":
        return spent(command, environment)
    if own is None:
        exec(words[2])
    else:
        assert main(own) == 0
    return Spent(0.01, 0.01, 1)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_measured(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for module in (long, startup, batches):
        monkeypatch.setattr(module, "spent", spent_here)
    lines = list(ROWS[name](TINY))
    assert any(line.goal for line in lines)
    assert [line for line in lines if not line.now and not line.peer.endswith("not installed")] == []


def test_works_run_in_turn() -> None:
    order: list[str] = []
    times = beside(lambda: order.append("ours"), lambda: order.append("theirs"), pairs=3)
    assert order == ["ours", "theirs"] * 4
    assert times.ours > 0


def test_a_process_is_measured_without_the_memory_of_this_one() -> None:
    kept = b"." * (200 << 20)
    took = spent([sys.executable, "-I", "-S", "-c", "import time; time.sleep(0.05)"])
    assert len(kept) > took.bytes > 1 << 20
    assert took.clock > 0.05 > took.processor == took.seconds > 0


def test_other_results_are_refused() -> None:
    check_same([1e9, [0.0, 1e-12]], [1e9 + 1e-3, [0.0, 1e-12]])
    for ours, theirs in (([1.0], [1.0 + 1e-9]), ([1.0, 2.0], [[1.0, 2.0]]), ([1.0], [[1.0, 1.0]])):
        with pytest.raises((AssertionError, ValueError)):
            check_same(ours, theirs)


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.5e-7, "250 ns"), (2.07e-6, "2.07 µs"), (0.0316, "31.6 ms"), (62.0, "62.0 s")]
)
def test_times_have_three_digits(seconds: float, text: str) -> None:
    assert told(seconds) == text
    assert Line("work", "", "", text, "", "").met is None


def test_the_document_has_each_row() -> None:
    text = (ROOT / "tests" / "benchmarks" / "README.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)
    assert [name for cell in cells for name in re.findall(r"`(\w+)`", cell)] == list(ROWS)


def test_the_extra_has_each_peer() -> None:
    (listed,) = re.findall(r"^bench = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL)
    peers = set(re.findall(r'^    "(\w+)>=', listed, re.MULTILINE))
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "benchmarks").rglob("*.py")]
    imported = {name for text in texts for name in re.findall(r"^ *(?:import|from) (\w+)", text, re.MULTILINE)}
    assert peers == {"jax", "torch", "casadi", "autograd", "numba", "polars"}
    assert peers <= imported

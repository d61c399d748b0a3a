"""The clock of all benchmarks: what takes how long beside what, by runs in turn, and what a process takes."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

Work = Callable[[], object]
ROOT = Path(__file__).resolve().parents[2]
MOST = 101  # pairs of runs
LEAST = 1.0  # seconds: shorter works run in more pairs, until these are over


class Beside(NamedTuple):
    """The median times of two works in seconds, and the median of their ratios, which is not the ratio of those."""

    ours: float
    theirs: float
    ratio: float


def seconds(work: Work) -> float:
    """The time of a work as if nothing else ran: the least of the clock's time and the processor's.

    The clock counts what other processes take in between, which is more for a long work than for a short one; the
    processor counts each thread of a work.
    """
    start, used = time.perf_counter(), time.process_time()
    work()
    return min(time.process_time() - used, time.perf_counter() - start)


def medians(pairs: Sequence[tuple[float, float]]) -> Beside:
    """What follows from pairs of times."""
    return Beside(median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs))


def beside(ours: Work, theirs: Work, pairs: int = 15, least: float = 0) -> Beside:
    """Two works by runs in turn, in so many pairs, and in more while these take less than so many seconds."""
    ours(), theirs()
    times: list[tuple[float, float]] = []
    start = time.perf_counter()
    while len(times) < pairs or (len(times) < MOST and time.perf_counter() - start < least):
        times.append((seconds(ours), seconds(theirs)))
    return medians(times)


def ratio(ours: Work, theirs: Work, pairs: int = 15) -> float:
    """How much longer the first takes: the median of runs in turn."""
    return beside(ours, theirs, pairs).ratio


def peak(work: Work) -> int:
    """The largest memory that arrays and all else take while something runs."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def check_same(ours: Iterable[Any], theirs: Iterable[Any], within: float = 1e-10) -> None:
    """Raise an AssertionError unless two results are the same, beside the largest number of each array of them."""
    import numpy as np

    for one, other in zip(ours, theirs, strict=True):
        found, wanted = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
        assert found.shape == wanted.shape, f"{found.shape} is not {wanted.shape}"
        error = np.abs(found - wanted).max(initial=0)
        assert error <= within * np.abs(wanted).max(initial=0), f"{error} beside {np.abs(wanted).max()}"


class Spent(NamedTuple):
    """What a process took: seconds on the clock, those of the processor, and the most bytes that it had."""

    clock: float
    processor: float
    bytes: int

    @property
    def seconds(self) -> float:
        """Its time as if nothing else ran, as that of a work in this process."""
        return min(self.clock, self.processor)


# A process of its own, which is small: a new process begins with the memory of its parent, and that counts.
_MEASURE = """
import os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss)
raise SystemExit(os.waitstatus_to_exitcode(status))
"""


def spent(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Spent:
    """Run a process in the checkout, whose output nobody reads. Raises an error where it ends with another than 0."""
    measure = [sys.executable, "-I", "-S", "-c", _MEASURE, *command]
    done = subprocess.run(measure, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    taken, processor, most = map(float, done.stdout.split())
    return Spent(taken, processor, round(most) * (1 if sys.platform == "darwin" else 1024))


def adcli(*words: object) -> list[str]:
    """A command of adcli, as a process of this Python."""
    return [sys.executable, "-m", "adcli", *map(str, words)]

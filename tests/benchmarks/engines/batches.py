"""A million rows: value and gradient of columns in memory, and of a file of CSV."""

from __future__ import annotations

import ctypes
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from tests.benchmarks.batch import by_columns, write_rows
from tests.benchmarks.by_hand import ByHand, in_blocks, points
from tests.benchmarks.engines.line import Effort, Line, Peer, beside_peers, line, told
from tests.benchmarks.engines.native import compiled
from tests.benchmarks.engines.tapes import small_program
from tests.benchmarks.timing import adcli, check_same, medians, spent

Fill = Callable[[Any, Any, Any], Any]


def batch(effort: Effort) -> Iterator[Line]:
    """Columns in memory."""
    count = effort.of(1_000_000, 100)
    x, y = points(count).T.copy()
    ours = partial(in_blocks, by_columns(), x, y)

    def filled_by(make: Callable[[], Fill]) -> Callable[[], Callable[[], Any]]:
        return lambda: partial(in_blocks, make(), x, y)

    peers = [
        (1.2, Peer("NumPy by hand, with buffers", filled_by(ByHand))),
        (None, Peer("C by hand", filled_by(by_c))),
        (None, Peer("numba by hand", filled_by(by_numba))),
        (None, Peer("jax.jit of vmap", partial(by_jax, x, y))),
    ]
    yield from beside_peers(effort, f"batch, {count:,} rows of 20 operations, a row", ours, peers, count)


def by_c() -> Fill:
    rows = compiled().rows
    rows.argtypes = [ctypes.c_long, *[ctypes.c_void_p] * 5]
    return lambda x, y, results: rows(len(x), *[column.ctypes.data for column in (x, y, *results)])


def by_numba() -> Fill:
    from math import cos, exp, sin, sqrt

    from numba import njit  # type: ignore[import-not-found]

    @njit  # type: ignore[untyped-decorator]
    def fill(xs: Any, ys: Any, results: Any) -> None:
        for k in range(len(xs)):
            x, y = xs[k], ys[k]
            p, cy = x * y, cos(y)
            a = p + sin(x)
            b, s = a * a - cy * x, 1 + a * a
            c = b / s
            q, r = exp(-c * c), sqrt(1 + b * b)
            d = q + p
            e = d * a + r
            bar_d = e + d * a
            bar_c = -2 * bar_d * q * c
            bar_b = d * b / r + bar_c / s
            bar_a = d * d + 2 * a * (bar_b - bar_c * c / s)
            results[0, k] = e * d
            results[1, k] = (bar_d + bar_a) * y + bar_a * cos(x) - bar_b * cy
            results[2, k] = (bar_d + bar_a) * x + bar_b * x * sin(y)

    return fill  # type: ignore[no-any-return]


def by_jax(x: Any, y: Any) -> Callable[[], Any]:
    import jax

    jax.config.update("jax_enable_x64", True)
    slopes = jax.jit(jax.vmap(jax.value_and_grad(partial(small_program, jax.numpy), argnums=(0, 1))))

    def work() -> Any:
        value, gradient = jax.block_until_ready(slopes(x, y))
        return np.stack([value, *gradient])

    return work


def rows(effort: Effort) -> Iterator[Line]:
    """A file of CSV to one of CSV, whole processes: time and the largest memory."""
    count, peer = effort.of(1_000_000, 100), "polars + NumPy by hand"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program, given = write_rows(folder, count)
        outputs = folder / "ours.csv", folder / "theirs.csv"
        ours = adcli("batch", program, given, "--keep", "id", "-o", outputs[0])
        theirs = [sys.executable, "-m", "tests.benchmarks.engines.by_polars", str(given), str(outputs[1])]
        work = f"{count:,} rows of CSV, whole process"
        if not find_spec("polars"):
            runs = [spent(ours) for _ in range(effort.pairs)]
            taken = told(median(run.seconds for run in runs))
            yield Line(work, "≤ 2 ×", "", taken, "", f"{peer}: not installed")
            return
        spent(ours), spent(theirs)
        found, wanted = (np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(4)).T for path in outputs)
        check_same(found, wanted)
        pairs = [(spent(ours), spent(theirs)) for _ in range(effort.pairs)]
        yield line(work, 2, medians([(one.seconds, other.seconds) for one, other in pairs]), peer)
        memory, other = (median(pair[place].bytes for pair in pairs) / 1e6 for place in (0, 1))
        yield Line("the same, largest memory", "a block", f"{memory:.0f} MB", "", f"{other:.0f} MB", peer)

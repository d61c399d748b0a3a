"""A million rows: value and gradient in columns beside NumPy by hand, and whole runs of `adcli batch`.

    python -m tests.benchmarks.batch [ROWS]

Twenty operations of two inputs. By hand is the same forward and adjoint sweep in NumPy, block by block into buffers
that are there already. Ratios are medians of runs in turn, in one process; whole runs are processes of their own, with
their largest memory.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from adcli.api import parse
from tests.benchmarks.by_hand import ByHand, in_blocks, points
from tests.benchmarks.timing import adcli, beside, spent

PROGRAM = """
input x, y
a = x * y + sin(x)
b = a * a - cos(y) * x
c = b / (1 + a * a)
d = exp(-c * c) + x * y
e = d * a + sqrt(1 + b * b)
output L = e * d
"""
REPEATS = 7


def by_columns() -> Callable[[Any, Any, Any], None]:
    """Our filling of results."""
    function = parse(PROGRAM).function()

    def fill(x: Any, y: Any, results: Any) -> None:
        found = function.columns(x=x, y=y)
        results[0], results[1:] = found.value, found.gradient

    return fill


def columns_beside_numpy(count: int) -> None:
    """Print the ratio of `columns` to the same by hand."""
    x, y = points(count).T.copy()
    ours, theirs = partial(in_blocks, by_columns(), x, y), partial(in_blocks, ByHand(), x, y)
    assert np.allclose(ours(), theirs(), rtol=1e-9, atol=1e-12)
    times = beside(ours, theirs, REPEATS)
    print(
        f"columns: {count / times.ours:,.0f} rows a second, "
        f"{times.ratio:.2f} × NumPy by hand with buffers (target: 1.2)"
    )


def write_rows(folder: Path, count: int) -> tuple[Path, Path]:
    """The files of a program, and of as many rows as CSV."""
    program, rows = folder / "model.ad", folder / "rows.csv"
    program.write_text(PROGRAM)
    lines = (f"{place},{x!r},{y!r}\n" for place, (x, y) in enumerate(points(count).tolist()))
    rows.write_text("id,x,y\n" + "".join(lines))
    return program, rows


def whole_runs(count: int) -> None:
    """Print rows per second, and the largest memory, of whole processes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program, _ = write_rows(folder, count)
        rows = points(count)
        np.save(folder / "rows.npy", rows)
        runs = [("rows.npy", "out.npy", ()), ("rows.csv", "out.npy", ()), ("rows.csv", "out.csv", ("--keep", "id")),
                ("rows.csv", "out.csv", ("--keep", "id", "--jobs", "2"))]  # fmt: skip
        if find_spec("pyarrow"):
            table = import_module("pyarrow").table({"x": rows[:, 0], "y": rows[:, 1]})
            import_module("pyarrow.parquet").write_table(table, folder / "rows.parquet")
            runs += [("rows.csv", "out.parquet", ()), ("rows.parquet", "out.parquet", ())]
        for given, output, more in runs:
            run = spent(adcli("batch", program, folder / given, "-o", folder / output, *more))
            print(
                f"{given} to {output} {' '.join(more)}: {count / run.clock:,.0f} rows a second, "
                f"{run.clock:.2f} s, {run.bytes >> 20} MB"
            )


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    columns_beside_numpy(count)
    whole_runs(count)

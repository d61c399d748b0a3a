"""Value and gradient of the program of `batch.py` for the rows of a file, as one writes it by hand with polars."""

from __future__ import annotations

import sys

import polars  # type: ignore[import-not-found]

from tests.benchmarks.by_hand import ByHand, in_blocks

if __name__ == "__main__":
    table = polars.read_csv(sys.argv[1])
    results = in_blocks(ByHand(), *(table[name].to_numpy() for name in "xy"))
    columns = [polars.Series(name, column) for name, column in zip(("L", "dL/dx", "dL/dy"), results, strict=True)]
    table.select("id").with_columns(columns).write_csv(sys.argv[2])

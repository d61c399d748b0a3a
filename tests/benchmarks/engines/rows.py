"""The rows of the table, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.benchmarks.engines import arrays, batches, checkpoint, second, start, tapes
from tests.benchmarks.engines.line import Effort, Line

ROWS: dict[str, Callable[[Effort], Iterator[Line]]] = {
    "start": start.start, "small": tapes.small, "tape": tapes.long_tape, "anew": tapes.anew, "memory": tapes.memory,
    "batch": batches.batch, "rows": batches.rows, "mixture": arrays.mixture, "pairs": tapes.pairs,
    "hessian": second.hessian, "dense": second.dense, "product": second.product, "jacobian": arrays.jacobian, "loops": checkpoint.loops,
    "wave": checkpoint.wave, "lint": start.lint, "inputs": start.many_inputs, "entries": start.entries,
    "reading": start.reading,
}  # fmt: skip

"""The rows of the table, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.benchmarks.engines import arrays, batches, checkpoint, second, start, tapes
from tests.benchmarks.engines.line import Effort, Line

ROWS: dict[str, Callable[[Effort], Iterator[Line]]] = {
    "start": start.start, "small": tapes.small, "tape": tapes.long_tape, "anew": tapes.anew, "memory": tapes.memory,
    "batch": batches.batch, "rows": batches.rows, "mixture": arrays.mixture, "pairs": tapes.pairs,
    "hessian": second.hessian, "dense": second.dense, "product": second.product, "jacobian": arrays.jacobian,
    "loops": checkpoint.loops, "wave": checkpoint.wave, "lint": start.lint, "inputs": start.many_inputs,
    "entries": start.entries, "reading": start.reading,
}  # fmt: skip
FAILED = "failed"


def measured(name: str) -> list[Line]:
    """The lines of a row; one of what went wrong, if something did, so that others are measured all the same."""
    lines: list[Line] = []
    try:
        for line in ROWS[name](Effort()):
            lines.append(line)  # each at once: those before an error are told
    except Exception as error:
        lines.append(failure(name, error))
    return lines


def failure(name: str, error: Exception) -> Line:
    """What is said of a row that cannot be measured."""
    return Line(name, "", FAILED, "", "", f"{type(error).__name__}: {error}")

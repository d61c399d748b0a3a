"""What long programs, long runs and long results cost: time and memory for each line, input, entry or element.

    python -m tests.benchmarks.long [KIND ...]

Each command runs as a process of its own, at three sizes. What the largest takes more than the one before, over what it
is longer by, is the cost of one: the start is not in it. The exponent is that of what a size takes more over the size.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.benchmarks.growth import inputs, lines, loop, one_line, vector
from tests.benchmarks.timing import adcli, spent

FACTOR = 3  # between the three sizes
REPEATS = 3


class Kind(NamedTuple):
    """A kind of program.

    Attributes:
        text: the program of a size
        of: what the size counts
        size: the smallest
        each: how many there are of what is told, for 1 of the size: a loop has several entries for an iteration
        commands: what is asked of it
    """

    text: Callable[[int], str]
    of: str
    size: int
    each: int
    commands: tuple[str, ...]


NO_DIFFERENCE = "grad --difference none --format json"
KINDS = {
    "lines": Kind(lines, "line", 2_000, 1, ("fmt", "lint", "eval --format json", NO_DIFFERENCE)),
    "inputs": Kind(inputs, "input", 2_000, 1, ("fmt", "lint", "eval --format json", NO_DIFFERENCE, "eval --help")),
    "one-line": Kind(one_line, "input", 2_000, 1, ("fmt", "lint", NO_DIFFERENCE)),
    "loop": Kind(
        loop, "entry", 10_000, 4,
        (
            "eval --format json", NO_DIFFERENCE, "tape", "tape --all --format json", "tape --all --format csv",
            "sweep --format json", "sweep --format csv", "jvp --dot x=1 --format json", "adjoint", "tangent",
        ),
    ),
    "vector": Kind(
        vector, "element", 100_000, 1,
        ("eval", NO_DIFFERENCE, "grad --difference none --format csv", "grad --difference none", "grad --wrt x"),
    ),
}  # fmt: skip


class Cost(NamedTuple):
    """What a process took: seconds of the processor, and the most bytes that it had."""

    seconds: float
    bytes: int


def cost(command: str, path: Path, repeats: int) -> Cost:
    """The cost of a command: of several runs the median."""
    name, *options = command.split()
    runs = [spent(adcli(name, path, *options)) for _ in range(repeats)]
    return Cost(median(run.processor for run in runs), round(median(run.bytes for run in runs)))


class Told(NamedTuple):
    """What one more costs, in microseconds and bytes, and the exponent of time over size without the start."""

    micros: float
    bytes: float
    exponent: float


def told(kind: Kind, command: str, folder: Path, repeats: int = REPEATS) -> Told:
    """The cost of a command at three sizes, and what follows from it."""
    sizes = [kind.size * FACTOR**power for power in range(3)]
    costs = []
    for size in sizes:
        path = folder / f"{size}.ad"
        path.write_text(kind.text(size))
        costs.append(cost(command, path, repeats))
    more = [max(after.seconds - before.seconds, 1e-3) for before, after in pairwise(costs)]
    longer = (sizes[2] - sizes[1]) * kind.each
    return Told(1e6 * more[1] / longer, (costs[2].bytes - costs[1].bytes) / longer, math.log(more[1] / more[0], FACTOR))


def measured(names: list[str]) -> Iterator[tuple[Kind, str, Told]]:
    """Each kind, each command, and what it costs."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            for command in KINDS[name].commands:
                yield KINDS[name], command, told(KINDS[name], command, Path(folder))


if __name__ == "__main__":
    for kind, command, costs in measured(sys.argv[1:] or list(KINDS)):
        print(
            f"{command:40}{costs.micros:9.2f} µs{costs.bytes:9.0f} bytes  a{'n' if kind.of[0] in 'aei' else ''}"
            f" {kind.of:8}{costs.exponent:6.2f}{'   !' if costs.exponent > 1.15 else ''}",
            flush=True,
        )

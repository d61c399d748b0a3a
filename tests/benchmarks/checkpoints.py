"""Gradients from checkpoints beside those of the whole tape: their time, and the largest memory of both.

Loops of numbers that decide nothing, one that branches, and 100 steps of a wave equation with 100,000 cells. The plain
gradient of the wave is that of a plan, which a program has that has run before; the first one, by the interpreter,
stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from adcli.api import parse
from adcli.derive.checkpoint import Checkpointed, checkpointed_gradient
from adcli.derive.modes import gradient
from adcli.program.check import program_from
from adcli.syntax.source import Source
from adcli.tape.execute import execute
from tests.benchmarks.arrays import WAVE, speeds
from tests.benchmarks.timing import ROOT, peak, ratio

PENDULUM = (ROOT / "samples" / "leapfrog_pendulum.ad").read_text(encoding="utf-8")
SHORT = "input x = 0.5\nfor k = 1 to {} {{ x = sin(x) + k / 1000 }}\noutput L = x"
BRANCHES = "input x = 0.5\nfor k = 1 to {} {{ if x > 1 {{ x = x / 3 }} else {{ x = 2 * x + k / 1e6 }} }}\noutput L = x"
SWING = {"angle": 0.8, "velocity": 0.5, "length": 1.2}
ROUNDS = 15


class Work(NamedTuple):
    """A loop, and how many of its states may be kept."""

    name: str
    text: str
    point: Mapping[str, Any]
    output: str
    states: int
    most: float  # times the plain gradient


WORKS = (
    Work("pendulum, 200 steps", PENDULUM, SWING, "final", 5, 2.5),
    Work("pendulum, 200 steps", PENDULUM, SWING, "final", 20, 2.5),
    Work("pendulum, 20,000 steps", PENDULUM.replace("steps = 200", "steps = 20000"), SWING, "final", 20, 2.5),
    Work("short body, 1,000 times", SHORT.format(1000), {"x": 0.5}, "L", 30, 2.5),
    Work("short body, 20,000 times", SHORT.format(20000), {"x": 0.5}, "L", 5, 2.5),
    Work("branches, 1,000 times", BRANCHES.format(1000), {"x": 0.5}, "L", 20, 2.5),
    Work("wave, by the interpreter", WAVE, {"c": speeds()}, "L", 20, 1.8),
)


def both(work: Work) -> tuple[Callable[[], dict[str, Any]], Callable[[], Checkpointed]]:
    """The plain gradient of a loop, and that from checkpoints."""
    program, inputs = program_from(Source("benchmark", work.text)), list(work.point)

    def plain() -> dict[str, Any]:
        tape = execute(program, work.point, forget=True)
        return gradient(tape, tape.bindings[work.output], inputs)

    return plain, partial(checkpointed_gradient, program, work.point, work.output, inputs, work.states)


def told(name: str, states: int, times: float, most: float, plain: int, bounded: int) -> None:
    """Print a line."""
    print(
        f"{name + f', {states} checkpoints':42} {times:5.2f} times the plain gradient (at most {most:g}), "
        f"{bounded / 1e6:6.2f} MB for {plain / 1e6:6.2f} MB"
    )


def main() -> None:
    """Print what each takes."""
    for work in WORKS:
        plain, bounded = both(work)
        whole, found = plain(), bounded()
        assert all(np.array_equal(found.gradient[name], slope) for name, slope in whole.items())
        told(work.name, work.states, ratio(bounded, plain, ROUNDS), work.most, peak(plain), peak(bounded))
    work, run = WORKS[-1], parse(WAVE)
    by_plan = partial(run.gradient, work.point, difference="none")
    from_checkpoints = partial(run.gradient, work.point, difference="none", checkpoint=work.states)
    by_plan(), by_plan()  # after which there is a plan
    times = ratio(from_checkpoints, by_plan, ROUNDS)
    told("wave, by a plan", work.states, times, work.most, peak(by_plan), peak(from_checkpoints))


if __name__ == "__main__":
    main()

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
from tests.benchmarks.timing import LEAST, ROOT, Beside, beside, peak

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
)
WAVES = Work("wave", WAVE, {"c": speeds()}, "L", 20, 1.8)


def both(work: Work) -> tuple[Callable[[], dict[str, Any]], Callable[[], Checkpointed]]:
    """The plain gradient of a loop, and that from checkpoints."""
    program, inputs = program_from(Source("benchmark", work.text)), list(work.point)

    def plain() -> dict[str, Any]:
        tape = execute(program, work.point, forget=True)
        return gradient(tape, tape.bindings[work.output], inputs)

    return plain, partial(checkpointed_gradient, program, work.point, work.output, inputs, work.states)


class Cost(NamedTuple):
    """What a gradient from checkpoints takes beside the plain one: the times of both, and their largest memory."""

    times: Beside
    bounded: int
    plain: int


def cost(work: Work, pairs: int = ROUNDS, least: float = LEAST) -> Cost:
    """What a work takes, after both gradients were found to be the same; pairs of runs take `least` seconds or more."""
    plain, bounded = both(work)
    whole, found = plain(), bounded()
    assert all(np.array_equal(found.gradient[name], slope) for name, slope in whole.items())
    return Cost(beside(bounded, plain, pairs, least), peak(bounded), peak(plain))


def cost_beside_plan(work: Work, pairs: int = ROUNDS) -> Cost:
    """The same of the methods of a program that has run before: the plain gradient is that of a plan."""
    run = parse(work.text)
    by_plan = partial(run.gradient, work.point, difference="none")
    bounded = partial(run.gradient, work.point, difference="none", checkpoint=work.states)
    by_plan(), by_plan()  # after which there is a plan
    return Cost(beside(bounded, by_plan, pairs), peak(bounded), peak(by_plan))


def told(work: Work, how: str, found: Cost) -> None:
    """Print a line."""
    print(
        f"{work.name + how + f', {work.states} checkpoints':42} {found.times.ratio:5.2f} times the plain gradient "
        f"(at most {work.most:g}), {found.bounded / 1e6:6.2f} MB for {found.plain / 1e6:6.2f} MB"
    )


def main() -> None:
    """Print what each takes."""
    for work in WORKS:
        told(work, "", cost(work))
    told(WAVES, ", by the interpreter", cost(WAVES))
    told(WAVES, ", by a plan", cost_beside_plan(WAVES))


if __name__ == "__main__":
    main()

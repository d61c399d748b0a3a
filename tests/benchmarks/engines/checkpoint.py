"""Gradients from checkpoints beside plain ones: time and memory."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.arrays import STEPS, speeds
from tests.benchmarks.checkpoints import WAVES, WORKS, Cost, cost, cost_beside_plan
from tests.benchmarks.engines.line import Effort, Line, line


def _lines(work: str, most: float, found: Cost, memory: float | None) -> Iterator[Line]:
    yield line(work, most, found.times, "the plain gradient")
    bounded, plain = found.bounded / 1e6, found.plain / 1e6
    goal, met = ("", None) if memory is None else (f"≤ {memory:g} MB", bounded <= memory)
    yield Line("the same, largest memory", goal, f"{bounded:.3g} MB", "", f"{plain:.3g} MB", "the plain gradient", met)


def loops(effort: Effort) -> Iterator[Line]:
    """Loops of numbers."""
    for work in effort.of(WORKS, WORKS[:1]):
        name = f"{work.states} checkpoints, {work.name}"
        yield from _lines(name, work.most, cost(work, effort.pairs, effort.least), None)


def wave(effort: Effort) -> Iterator[Line]:
    """The wave equation, of which the plain gradient is that of a plan."""
    steps = f"k = 1 to {effort.of(STEPS, 5)} "
    work = WAVES._replace(
        text=WAVES.text.replace(f"k = 1 to {STEPS} ", steps), point={"c": speeds()[:: effort.of(1, 1_000)]}
    )
    found = cost_beside_plan(work, effort.pairs)
    yield from _lines(f"{work.states} checkpoints, {work.name}", work.most, found, 31)

"""Random points at which a program is tried: within the ranges of its inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from adcli.program.program import InputVariable, Program
from adcli.tape.components import flattened, gathered
from adcli.tape.execute import constant_value
from adcli.tape.tape import Value

T = TypeVar("T")


def looked_at(
    points: Iterator[dict[str, Value]], look: Callable[[dict[str, Value]], T | None], count: int, tries: int
) -> Iterator[tuple[dict[str, Value], T | None]]:
    """Look at points: each of them, with what `look` saw there; None where it saw nothing.

    It ends when something was seen at `count` points. It also ends when `tries` points were drawn for each of these.
    """
    seen = 0
    for point in islice(points, tries * count):
        result = look(point)
        yield point, result
        seen += result is not None
        if seen == count:
            return


def random_points(program: Program, point: Mapping[str, Value], seed: int) -> Iterator[dict[str, Value]]:
    """Points without end, of the shapes of a point. The same seed gives the same ones.

    Each component is drawn evenly from its input's range. Without a range it is drawn from around the point: as far as
    the component is large, or 1 if that is more.
    """
    import random

    generator = random.Random(seed)
    bounds = {variable.name: range_of(variable) for variable in program.inputs}
    while True:
        drawn: dict[str, Value] = {}
        for name, value in point.items():
            spans = {label: bounds[name] or _around(number) for label, number in flattened({name: value}).items()}
            numbers = {label: low + (high - low) * generator.random() for label, (low, high) in spans.items()}
            drawn.update(gathered({name: value}, numbers))
        yield drawn


def range_of(variable: InputVariable) -> tuple[float, float] | None:
    """The declared range of an input: its bounds; None where it has none."""
    if variable.range is None:
        return None
    low, high = map(constant_value, variable.range)
    return low, high


def _around(number: float) -> tuple[float, float]:
    room = max(abs(number), 1.0)
    return number - room, number + room

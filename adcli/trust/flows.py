"""What goes through one step of the chain rule, with all paths through it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, TypeAlias

from adcli.derive.modes import gradient
from adcli.rules.dispatch import shape_of
from adcli.tape.components import flattened, name_of, unit_of
from adcli.tape.domains import push_forward
from adcli.tape.fast import sweep
from adcli.tape.ieee import quiet
from adcli.tape.local import contribution
from adcli.tape.tape import Tape, Value
from adcli.trust.paths import Path

# A step of the chain rule: an entry, and the position of the operand that it comes from.
Edge: TypeAlias = tuple[int, int]


class Flow(NamedTuple):
    """What goes through one step.

    Attributes:
        amount: the sum of the products of all paths through it
        without: the same if the partial of the step were 1; None where it is no factor, as that of a matrix product
    """

    amount: float
    without: float | None


@lru_cache(maxsize=256)
def both_sweeps(tape: Tape, output: int, component: str) -> tuple[list[Value | None], list[Value | None]]:
    """The tangents along a component of the inputs, and the adjoints of an output."""
    source = tape.inputs[name_of(component)]
    tangents = push_forward(tape, {source: unit_of(tape.values[source], component)})
    return tangents, sweep(tape, {output: 1.0}, [tangent is not None for tangent in tangents])


@lru_cache(maxsize=256)
def flows_of(tape: Tape, output: int, component: str) -> dict[Edge, Flow]:
    """What goes through each step between a component of the inputs and an output."""
    tangents, adjoints = both_sweeps(tape, output, component)
    active = [tangent is not None for tangent in tangents]
    flows: dict[Edge, Flow] = {}
    with quiet(tape):
        for entry, operands in enumerate(tape.operands[: output + 1]):
            g = adjoints[entry]
            if g is None or not active[entry]:
                continue
            for position, operand in enumerate(operands):
                if active[operand]:
                    flows[entry, position] = _flow(tape, entry, position, g, tangents[operand])
    return flows


def _flow(tape: Tape, entry: int, position: int, g: Value, tangent: Value) -> Flow:
    term = contribution(tape, entry, position, g)
    if term is None:
        return Flow(0.0, None)
    same = tape.operations[entry].elementwise and shape_of(g) == shape_of(tangent)
    return Flow(_total(term * tangent), _total(g * tangent) if same else None)


def _total(product: Value) -> float:
    return product if type(product) is float else float(product.sum())


def forget() -> None:
    """Let go of the tapes of all points, which would stay in memory."""
    for function in (slopes_of, both_sweeps, flows_of):
        function.cache_clear()


@lru_cache(maxsize=256)
def slopes_of(tape: Tape, output: int) -> dict[str, float]:
    """The derivatives of an entry by every component of the inputs."""
    return flattened(gradient(tape, output, list(tape.inputs)))


def edges_of(path: Path) -> list[Edge]:
    """The steps of a path."""
    return [(step.entry, step.position) for step in path.steps]

"""What goes through one edge of the chain rule: the sum over all paths that have it as a step."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from adcli.derive.modes import gradient
from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.tape.components import flattened
from adcli.tape.contributions import beginning, contributions_of, plain
from adcli.tape.domains import push_forward
from adcli.tape.fast import sweep
from adcli.tape.ieee import quiet
from adcli.tape.reach import differentiable_inputs
from adcli.tape.tape import Tape, Value
from adcli.trust.component import direction_along
from adcli.trust.paths import Edge


class EdgeSum(NamedTuple):
    """What goes through one edge.

    Attributes:
        amount: the sum of the products of all paths through it
        without: the same if the partial of the edge were 1; None where it is no factor, as that of a matrix product
    """

    amount: float
    without: float | None


@lru_cache(maxsize=256)
def both_sweeps(tape: Tape, output: int, component: str) -> tuple[list[Value | None], list[Value | None]]:
    """The tangents along a component of the inputs, and the adjoints of an output."""
    tangents = push_forward(tape, direction_along(tape, component))
    return tangents, sweep(tape, {output: 1.0}, [tangent is not None for tangent in tangents])


@lru_cache(maxsize=256)
def edge_sums(tape: Tape, output: int, component: str) -> dict[Edge, EdgeSum]:
    """What goes through each edge between a component of the inputs and an output, in the order of the tape."""
    tangents = push_forward(tape, direction_along(tape, component))
    active = [tangent is not None for tangent in tangents]
    adjoints = beginning(tape, {output: 1.0}, active)
    sums: dict[Edge, EdgeSum] = {}
    with quiet(tape):
        for term in contributions_of(tape, range(output, -1, -1), adjoints, active):
            adjoint, tangent = plain(adjoints[term.entry]), tangents[term.target]
            is_factor = tape.operations[term.entry].elementwise and shape_of(adjoint) == shape_of(tangent)
            without = _total(adjoint * tangent) if is_factor else None
            sums[term.entry, term.position] = EdgeSum(_total(term.contribution * tangent), without)
    return dict(sorted(sums.items()))


def _total(product: Value) -> float:
    return product if type(product) is float else float(product.sum())


@lru_cache(maxsize=256)
def slopes_of(tape: Tape, output: int) -> Mapping[str, float]:
    """The derivatives of an entry by every component of the inputs."""
    return flattened(gradient(tape, output, differentiable_inputs(tape, [output])))


def forget() -> None:
    """Let go of the tapes of all points, which would stay in memory."""
    for function in (slopes_of, both_sweeps, edge_sums):
        function.cache_clear()

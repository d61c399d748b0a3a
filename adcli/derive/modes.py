"""What users ask for: gradients, Jacobians, Hessians and their products with a direction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from adcli.derive.forward import push_forward
from adcli.derive.reverse import contributions, sweep
from adcli.derive.second_order import moving_sweep
from adcli.tape.record import record_forward, record_sweep
from adcli.tape.tape import Tape


class Mode(Enum):
    """The way through the tape."""

    FORWARD = "forward"
    REVERSE = "reverse"


class SecondMode(Enum):
    """The two ways through the tape of a second derivative: the outer one over the inner one."""

    FORWARD_OVER_REVERSE = "forward-over-reverse"
    REVERSE_OVER_FORWARD = "reverse-over-forward"
    REVERSE_OVER_REVERSE = "reverse-over-reverse"


class Jacobian(NamedTuple):
    """The derivatives of some outputs by some inputs, the way they were computed, and in how many sweeps."""

    rows: Mapping[str, Mapping[str, float]]
    mode: Mode
    sweeps: int


def gradient(tape: Tape, output: int, inputs: Sequence[str]) -> dict[str, float]:
    """The derivative of an entry with respect to each of some inputs, from one reverse sweep."""
    return adjoints_of(tape, {output: 1.0}, inputs)


def adjoints_of(tape: Tape, seeds: Mapping[int, float], inputs: Sequence[str]) -> dict[str, float]:
    """The adjoint of each of some inputs, given those of output entries: a vector times the Jacobian."""
    active = tape.active([tape.inputs[name] for name in inputs])
    adjoints = sweep(tape, seeds, active)
    return {name: adjoints[tape.inputs[name]] or 0.0 for name in inputs}


def jacobian(tape: Tape, outputs: Mapping[str, int], inputs: Sequence[str], mode: Mode | None = None) -> Jacobian:
    """The derivatives of several entries, in the mode that needs fewer sweeps if none is given."""
    if mode is None:
        mode = Mode.REVERSE if len(outputs) <= len(inputs) else Mode.FORWARD
    if mode is Mode.REVERSE:
        return Jacobian({name: gradient(tape, entry, inputs) for name, entry in outputs.items()}, mode, len(outputs))
    columns = {name: push_forward(tape, {tape.inputs[name]: 1.0}) for name in inputs}
    rows = {
        output: {name: columns[name][entry] or 0.0 for name in inputs} for output, entry in outputs.items()
    }  # fmt: skip
    return Jacobian(rows, mode, len(inputs))


def hessian_product(
    tape: Tape,
    output: int,
    direction: Mapping[str, float],
    inputs: Sequence[str],
    mode: SecondMode = SecondMode.FORWARD_OVER_REVERSE,
) -> dict[str, float]:
    """The Hessian of an entry times a direction: how its gradient changes along it.

    Args:
        tape: what ran
        output: the entry
        direction: a component for some of the inputs
        inputs: the names of those to differentiate by
        mode: one forward and one reverse sweep, or one of the other ways to the same numbers
    """
    return _PRODUCTS[mode](tape, output, direction, inputs)


def _forward_over_reverse(
    tape: Tape, output: int, direction: Mapping[str, float], inputs: Sequence[str]
) -> dict[str, float]:
    active = tape.active([tape.inputs[name] for name in inputs])
    tangents = push_forward(tape, {tape.inputs[name]: step for name, step in direction.items() if step})
    _, changes = moving_sweep(tape, {output: 1.0}, active, tangents)
    return {name: changes[tape.inputs[name]] or 0.0 for name in inputs}


def _reverse_over_forward(
    tape: Tape, output: int, direction: Mapping[str, float], inputs: Sequence[str]
) -> dict[str, float]:
    longer = tape.copy()
    steps = {longer.inputs[name]: longer.constant(repr(step), step) for name, step in direction.items() if step}
    tangent = record_forward(longer, steps).get(output)
    return dict.fromkeys(inputs, 0.0) if tangent is None else gradient(longer, tangent, inputs)


def _reverse_over_reverse(
    tape: Tape, output: int, direction: Mapping[str, float], inputs: Sequence[str]
) -> dict[str, float]:
    longer, adjoints = _with_recorded_sweep(tape, output, inputs)
    seeds: dict[int, float] = {}
    for name, step in direction.items():
        adjoint = adjoints.get(longer.inputs[name])
        if adjoint is not None and step:  # two inputs may have the same adjoint
            seeds[adjoint] = seeds.get(adjoint, 0.0) + step
    return adjoints_of(longer, seeds, inputs)


_PRODUCTS: Mapping[SecondMode, Callable[..., dict[str, float]]] = {
    SecondMode.FORWARD_OVER_REVERSE: _forward_over_reverse,
    SecondMode.REVERSE_OVER_FORWARD: _reverse_over_forward,
    SecondMode.REVERSE_OVER_REVERSE: _reverse_over_reverse,
}


def _with_recorded_sweep(tape: Tape, output: int, inputs: Sequence[str]) -> tuple[Tape, dict[int, int]]:
    """A longer tape, with the sweep from an entry on it, and the entry of each adjoint."""
    longer = tape.copy()
    active = longer.active([longer.inputs[name] for name in inputs])
    return longer, record_sweep(longer, {output: longer.constant("1", 1.0)}, active)


def hessian(tape: Tape, output: int, inputs: Sequence[str]) -> dict[str, dict[str, float]]:
    """The second derivatives of an entry, a product with each unit direction: as far from symmetric as rounding."""
    return {name: hessian_product(tape, output, {name: 1.0}, inputs) for name in inputs}


def gradient_magnitude(tape: Tape, output: int, inputs: Sequence[str]) -> dict[str, float]:
    """For each input the sum over all paths of the absolute products of partials.

    Times the unit round-off it is the size of the rounding error that cancellation leaves in the gradient.
    """
    active = tape.active([tape.inputs[name] for name in inputs])
    magnitudes = [0.0] * len(tape)
    magnitudes[output] = 1.0
    for term in contributions(tape, {output: 1.0}, active):
        magnitudes[term.target] += magnitudes[term.entry] * abs(term.partial)
    return {name: magnitudes[tape.inputs[name]] for name in inputs}


def hessian_magnitude(tape: Tape, output: int, inputs: Sequence[str]) -> dict[str, dict[str, float]]:
    """The same for each second derivative, from the recorded sweep."""
    longer, entries = recorded_gradient(tape, output, inputs)
    zeros = dict.fromkeys(inputs, 0.0)
    return {
        name: zeros if entry is None else gradient_magnitude(longer, entry, inputs) for name, entry in entries.items()
    }


def recorded_gradient(tape: Tape, output: int, inputs: Sequence[str]) -> tuple[Tape, dict[str, int | None]]:
    """A longer tape with the reverse sweep on it, and the entry of each derivative; None where it is zero."""
    longer, adjoints = _with_recorded_sweep(tape, output, inputs)
    return longer, {name: adjoints.get(longer.inputs[name]) for name in inputs}

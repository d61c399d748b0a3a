"""What users ask for: gradients, Jacobians, Hessians and their products with a direction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum

from adcli.rules.dispatch import shape_of, zero_like
from adcli.rules.table import CONSTANT, INPUT
from adcli.tape.carriers import Adjoints, magnitudes
from adcli.tape.domains import push_forward
from adcli.tape.fast import sweep
from adcli.tape.ieee import quiet
from adcli.tape.reach import active_entries, few_behind
from adcli.tape.selected import Selected
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import Carried, Sparse, is_spoilt, pass_back

_MANY = 8  # outputs; and the part of the tape that is little of it


class Mode(Enum):
    """The way through the tape."""

    FORWARD = "forward"
    REVERSE = "reverse"


class Matrix(Enum):
    """Which derivatives."""

    HESSIAN = "hessian"
    JACOBIAN = "jacobian"


class SecondMode(Enum):
    """The two ways through the tape of a second derivative: the outer one over the inner one."""

    FORWARD_OVER_REVERSE = "forward-over-reverse"
    REVERSE_OVER_FORWARD = "reverse-over-forward"
    REVERSE_OVER_REVERSE = "reverse-over-reverse"


def gradient(tape: Tape, output: int, inputs: Sequence[str]) -> dict[str, Value]:
    """The derivative of a number with respect to each of some inputs, from one reverse sweep."""
    return adjoints_of(tape, {output: 1.0}, inputs)


def adjoints_of(tape: Tape, seeds: Mapping[int, Value], inputs: Sequence[str]) -> dict[str, Value]:
    """The adjoint of each of some inputs, given those of output entries: a vector times the Jacobian."""
    entries = [tape.inputs[name] for name in inputs]
    planned = None if tape.plan is None else tape.plan.sweep(tape, seeds, entries)
    if planned is not None:
        return dict(zip(inputs, planned, strict=True))
    return at_inputs(tape, sweep(tape, seeds, active_entries(tape, entries), keep=False), inputs)


def gradients_of(tape: Tape, outputs: Mapping[str, Selected], inputs: Sequence[str]) -> dict[str, dict[str, Value]]:
    """The gradient of each of several numbers.

    One of many that is computed from little of the tape is swept along that alone.
    """
    seeds = {name: selected.seeds(tape) for name, selected in outputs.items()}
    if len(seeds) < _MANY or tape.plan is not None:
        return {name: adjoints_of(tape, seed, inputs) for name, seed in seeds.items()}
    active = active_entries(tape, [tape.inputs[name] for name in inputs])
    return {name: at_inputs(tape, _swept(tape, seed, active), inputs) for name, seed in seeds.items()}


def _swept(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> Carried:
    """The adjoints that a sweep leaves at the inputs."""
    entries = few_behind(tape, seeds, len(tape) // _MANY)
    if entries is None:
        return sweep(tape, seeds, active, keep=False)
    adjoints = Sparse(seeds)
    with quiet(tape):
        pass_back(adjoints, entries, Adjoints(tape, active))
    return sweep(tape, seeds, active, keep=False) if is_spoilt(adjoints.values()) else adjoints


def at_inputs(tape: Tape, adjoints: Carried, inputs: Sequence[str]) -> dict[str, Value]:
    """The derivatives at some inputs: zero where nothing was received."""
    entries = {name: tape.inputs[name] for name in inputs}
    return {name: or_zero(adjoints[entry], tape.values[entry]) for name, entry in entries.items()}


def or_zero(derivative: Value | None, value: Value) -> Value:
    """A derivative of the shape of a value: zero where there is none."""
    if type(derivative) is float:
        return derivative or 0.0  # and not -0.0
    return zero_like(value) if derivative is None else derivative + 0.0


def units(value: Value) -> Iterator[Value]:
    """1, or the arrays of the shape of a value with a 1 in one place, row by row."""
    if type(value) is float:
        yield 1.0
        return
    for place in range(value.size):
        unit = zero_like(value)
        unit.flat[place] = 1.0
        yield unit


def hessian_product(
    tape: Tape,
    output: int,
    direction: Mapping[str, Value],
    inputs: Sequence[str],
    mode: SecondMode = SecondMode.FORWARD_OVER_REVERSE,
) -> dict[str, Value]:
    """The Hessian of an entry times a direction: how its gradient changes along it.

    Args:
        tape: what ran
        output: the entry
        direction: a component for some of the inputs
        inputs: the names of those to differentiate by
        mode: one forward and one reverse sweep, or one of the other ways to the same numbers
    """
    steps = {name: step for name, step in direction.items() if type(step) is not float or step}
    return _PRODUCTS[mode](tape, output, steps, inputs)


def _forward_over_reverse(
    tape: Tape, output: int, direction: Mapping[str, Value], inputs: Sequence[str]
) -> dict[str, Value]:
    if tape.arrays:
        return forward_over_recorded(*with_recorded_sweep(tape, output, inputs), direction, inputs)
    planned = _by_plan(tape, output, direction, inputs)
    if planned is not None:
        return planned
    active = active_entries(tape, [tape.inputs[name] for name in inputs])
    tangents = push_forward(tape, {tape.inputs[name]: step for name, step in direction.items()})
    from adcli.tape.fast_moving import moving_sweep  # which first derivatives do not need
    from adcli.tape.moving import MovingAdjoints

    moved = moving_sweep(tape, output, active, tangents, MovingAdjoints(tape, active, tangents))
    product = at_inputs(tape, moved, inputs)
    if is_spoilt(product.values()):  # maybe by what receives nothing, of which the recorded sweep knows
        return forward_over_recorded(*with_recorded_sweep(tape, output, inputs), direction, inputs)
    return product


def _by_plan(tape: Tape, output: int, direction: Mapping[str, Value], inputs: Sequence[str]) -> dict[str, Value] | None:
    """The product by the plan that made a tape, if there is one, and it can."""
    if tape.plan is None:
        return None
    along = inputs if direction.keys() <= set(inputs) else list(tape.inputs)
    planned = tape.plan.hessian(tape, output, inputs, along)
    return None if planned is None else planned.times(direction)


def forward_over_recorded(
    longer: Tape, adjoints: Mapping[int, int], direction: Mapping[str, Value], inputs: Sequence[str]
) -> dict[str, Value]:
    """The tangents of the adjoints that a recorded sweep has left."""
    tangents = push_forward(longer, {longer.inputs[name]: step for name, step in direction.items()})
    result: dict[str, Value] = {}
    for name in inputs:
        adjoint = adjoints.get(longer.inputs[name])
        tangent = None if adjoint is None else tangents[adjoint]
        result[name] = or_zero(tangent, longer.values[longer.inputs[name]])
    return result


def _reverse_over_forward(
    tape: Tape, output: int, direction: Mapping[str, Value], inputs: Sequence[str]
) -> dict[str, Value]:
    from adcli.tape.record import record_forward

    longer = tape.copy()
    steps = {
        longer.inputs[name]: longer.append(INPUT, (), step, f"{name}'s step", None) for name, step in direction.items()
    }
    _mark_zeros(longer, steps.values())
    tangent = record_forward(longer, steps, len(tape)).get(output)
    if tangent is None:
        return at_inputs(tape, [None] * len(tape), inputs)
    return gradient(longer, tangent, inputs)


def _reverse_over_reverse(
    tape: Tape, output: int, direction: Mapping[str, Value], inputs: Sequence[str]
) -> dict[str, Value]:
    longer, adjoints = with_recorded_sweep(tape, output, inputs)
    seeds: dict[int, Value] = {}
    for name, step in direction.items():
        adjoint = adjoints.get(longer.inputs[name])
        if adjoint is not None:  # two inputs may have the same adjoint
            seeds[adjoint] = seeds.get(adjoint, 0.0) + step
    return adjoints_of(longer, seeds, inputs)


_PRODUCTS: Mapping[SecondMode, Callable[..., dict[str, Value]]] = {
    SecondMode.FORWARD_OVER_REVERSE: _forward_over_reverse,
    SecondMode.REVERSE_OVER_FORWARD: _reverse_over_forward,
    SecondMode.REVERSE_OVER_REVERSE: _reverse_over_reverse,
}


def with_recorded_sweep(
    tape: Tape, output: int, inputs: Sequence[str], seed: Value | None = None
) -> tuple[Tape, dict[int, int]]:
    """A longer tape, with the sweep from an entry on it, and the entry of each adjoint."""
    from adcli.tape.record import record_sweep  # which first derivatives do not need

    longer = tape.copy()
    active = active_entries(longer, [longer.inputs[name] for name in inputs])
    start = longer.constant("1", 1.0) if seed is None else longer.append(CONSTANT, (), seed, "seed", None)
    _mark_zeros(longer, [start])
    return longer, record_sweep(longer, {output: start}, active)


def _mark_zeros(tape: Tape, entries: Iterable[int]) -> None:
    """Note that what a sweep starts with is nothing where it is 0: such an element does not move, or is not asked."""
    for entry in entries:
        value = tape.values[entry]
        if shape_of(value) and not value.all():
            tape.gaps[entry] = value != 0


def gradient_magnitude(tape: Tape, seeds: Mapping[int, Value], inputs: Sequence[str]) -> dict[str, Value]:
    """For each input the sum over all paths of the absolute products of seeds and partials.

    Times the unit round-off it is the size of the rounding error that cancellation leaves in the gradient.
    """
    active = active_entries(tape, [tape.inputs[name] for name in inputs])
    return at_inputs(tape, magnitudes(tape, seeds, active), inputs)


def hessian_magnitude(tape: Tape, output: int, inputs: Sequence[str]) -> dict[str, dict[str, Value]]:
    """The same for each second derivative, from the recorded sweep."""
    longer, entries = recorded_gradient(tape, output, inputs)
    zeros = at_inputs(tape, [None] * len(tape), inputs)
    return {
        name: zeros if entry is None else gradient_magnitude(longer, {entry: 1.0}, inputs)
        for name, entry in entries.items()
    }


def recorded_gradient(
    tape: Tape, output: int, inputs: Sequence[str], seed: Value | None = None
) -> tuple[Tape, dict[str, int | None]]:
    """A longer tape with the reverse sweep on it, and the entry of each derivative; None where it is zero.

    The entry's adjoint starts with the `seed`, by default 1: of an array, a 1 in the component that is differentiated.
    """
    longer, adjoints = with_recorded_sweep(tape, output, inputs, seed)
    return longer, {name: adjoints.get(longer.inputs[name]) for name in inputs}

"""Derivatives along directions beside differences: what jvp, vjp, hessian and hvp compare on request."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from adcli.derive.modes import adjoints_of, gradient_magnitude, recorded_gradient
from adcli.program.program import Program
from adcli.rules.dispatch import is_finite, shape_of
from adcli.tape.components import flattened, name_of, unit_of
from adcli.tape.selected import Selections, select, with_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.difference import EPSILON
from adcli.trust.nearby import Nearby
from adcli.trust.rounding import ROUNDINGS, round_off
from adcli.trust.undefined import undefined_reason
from adcli.trust.verdict import Judgement, judge, undefined

_SUM = "sum"  # what the weighted sum of the outputs is called among the measured numbers


def compare_sum(
    program: Program,
    point: Mapping[str, Value],
    tape: Tape,
    weights: Mapping[str, Value],
    derivatives: Sequence[tuple[Mapping[str, float], float]],
    max_entries: int,
) -> list[Judgement]:
    """The derivative of a weighted sum of outputs along each of several directions, beside its difference.

    Args:
        program, point, tape: the run
        weights: of the outputs, by name; of an array there is one for each component
        derivatives: directions by components of the inputs, each with the derivative along it
        max_entries: the limit of each further tape
    """
    selections = Selections(weights)
    nearby = Nearby(
        program,
        point,
        lambda other: {_SUM: _weighted(selections.values(other), weights)},
        selections.entries,
        max_entries,
    )
    tape, entries = with_entries(tape, [select(tape, name) for name in weights])
    seeds = {entries[name]: weight for name, weight in weights.items()}
    noise = round_off(tape, seeds).size
    size = flattened(gradient_magnitude(tape, seeds, list(tape.inputs)))
    numbers = flattened(point)
    found = []
    for direction, derivative in derivatives:
        judgement = _undefined(tape, list(entries.values()), direction, derivative)
        if judgement is None:
            estimate = nearby.slope(_SUM, direction, noise + _steps(size, numbers))
            judgement = judge(derivative, _rounding(size, direction), estimate)
        found.append(judgement)
    return found


def _weighted(values: Mapping[str, Value], weights: Mapping[str, Value]) -> float:
    numbers = flattened(values)
    return sum(weight * numbers[name] for name, weight in flattened(weights).items())


def compare_gradient(
    program: Program,
    point: Mapping[str, Value],
    tape: Tape,
    output: str,
    derivatives: Sequence[tuple[str, Mapping[str, float], float]],
    max_entries: int,
) -> list[Judgement]:
    """Second derivatives beside differences of the gradient: components, with a direction and the derivative each."""
    inputs, selections = list(tape.inputs), Selections([output])
    nearby = Nearby(
        program,
        point,
        lambda other: flattened(adjoints_of(other, selections.on(other)[output].seeds(other), inputs)),
        selections.entries,
        max_entries,
    )
    tape, entries = with_entries(tape, [select(tape, output)])
    entry = entries[output]
    longer, slopes = recorded_gradient(tape, entry, inputs)
    numbers = flattened(point)
    zeros = dict.fromkeys(numbers, 0.0)
    second: dict[str, Mapping[str, float]] = {}
    noises: dict[str, float] = {}
    for name in dict.fromkeys(name for name, _, _ in derivatives):
        slope = slopes[name_of(name)]
        seeds = {} if slope is None else {slope: unit_of(longer.values[slope], name)}
        second[name] = flattened(gradient_magnitude(longer, seeds, inputs)) if seeds else zeros
        noises[name] = round_off(longer, seeds).size + _steps(second[name], numbers)
    found = []
    for name, direction, derivative in derivatives:
        judgement = _undefined(tape, [entry], direction, derivative)
        if judgement is None:
            noise = noises[name]
            estimate = nearby.slope(name, direction, noise if math.isfinite(noise) else 0.0)
            judgement = judge(derivative, _rounding(second[name], direction), estimate)
        found.append(judgement)
    return found


def _undefined(
    tape: Tape, entries: Sequence[int], direction: Mapping[str, float], derivative: float
) -> Judgement | None:
    """The judgement of a derivative where the value or the derivative is not finite, with the entry to blame."""
    not_finite = [entry for entry in entries if not is_finite(tape.values[entry])]
    if not not_finite and math.isfinite(derivative):
        return None
    moving = [name for name, step in direction.items() if step]
    numbers = [entry for entry in not_finite or entries if not shape_of(tape.values[entry]) or not_finite]
    reasons = (undefined_reason(tape, entry, name) for entry in numbers for name in moving)
    reason = next((reason for reason in reasons if reason), "the derivative is not finite here")
    return undefined(reason)


def _rounding(sizes: Mapping[str, float], direction: Mapping[str, float]) -> float:
    """How far a derivative along a direction may be off by rounding."""
    size = math.fsum(sizes[name] * abs(step) for name, step in direction.items() if step)
    return ROUNDINGS * EPSILON * size if math.isfinite(size) else 0.0


def _steps(sizes: Mapping[str, float], numbers: Mapping[str, float]) -> float:
    """How much a value moves with the rounding of the inputs, which a step along a direction brings."""
    steps = math.fsum(size * math.ulp(numbers[name]) for name, size in sizes.items() if math.isfinite(size))
    return steps if math.isfinite(steps) else 0.0

"""Kinks that are crossed along a direction: by the tangents of outputs, and by second derivatives.

What a second derivative crosses is told by the gradient and its slopes at points ever closer to the point.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from adcli.derive.modes import adjoints_of, hessian_product
from adcli.errors import AdError
from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.tape.components import flattened, name_of, unit_of
from adcli.tape.execute import execute
from adcli.tape.labels import labels
from adcli.tape.limits import Limits
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.budget import Budget, limits_beside
from adcli.trust.difference import EPSILON
from adcli.trust.kinks import (
    ALONG,
    NO_KINKS,
    Kinks,
    Slopes,
    at_kinks,
    reaching,
    sites_of,
    slopes_between,
    within_budget,
    without_underflows,
)
from adcli.trust.one_sided import STEPS, Approach, Number, Side, Surroundings, opposite
from adcli.trust.rewrites import smooth_way
from adcli.trust.rounding import ROUNDINGS


def tangent_kinks(
    program: Program, point: Mapping[str, Value], tape: Tape, tangents: Mapping[str, float],
    direction: Mapping[str, Value], limits: Limits,
) -> Kinks:  # fmt: skip
    """The kinks that the tangents of outputs, by component, cross along a direction of the inputs."""
    outputs = {label: select(tape, label) for label in tangents}
    entries, guards = at_kinks(tape, [output.entry for output in outputs.values()], list(direction))
    if not direction or (not entries and not guards):
        return NO_KINKS
    slopes: dict[str, dict[str, Slopes]] = {label: {} for label in tangents}
    sides = Surroundings(program, point, list(tangents), limits_beside(len(tape), limits)).sides(direction)
    for label, (left, right) in sides.items():
        along = slopes_between(left, right, tangents[label], outputs[label].value(tape))
        if along.differ:
            slopes[label][ALONG] = along
    return Kinks(tuple(sites_of(tape, entries, guards)), slopes)


class Second(NamedTuple):
    """Second derivatives of an output along one direction of the inputs.

    Attributes:
        output: the name of the value that was differentiated
        components: those of the inputs that move, for what is told of them; a direction may be many
        direction: along which the gradient changes
        derivatives: those of the components of the gradient, by what each is called
        labels: which component of the gradient each is of
    """

    output: str
    components: Sequence[str]
    direction: Mapping[str, Value]
    derivatives: Mapping[str, float]
    labels: Mapping[str, str]


def columns_of(output: str, rows: Mapping[str, Mapping[str, float]], point: Mapping[str, Value]) -> Iterator[Second]:
    """The second derivatives of an output by each component of the inputs, and by those before it: `x, y`."""
    for place, (other, column) in enumerate(rows.items()):
        labels = {f"{name}, {other}": name for name in list(rows)[: place + 1]}
        unit = {name_of(other): unit_of(point[name_of(other)], other)}
        yield Second(output, [other], unit, {pair: column[name] for pair, name in labels.items()}, labels)


def product_of(output: str, slopes: Mapping[str, Value], direction: Mapping[str, Value]) -> Second:
    """The Hessian of an output times a direction, by the component of the gradient."""
    components = flattened(slopes)
    moving = [label for label, step in flattened(direction).items() if step]
    return Second(output, moving, direction, components, {label: label for label in components})


def second_kinks(
    program: Program, point: Mapping[str, Value], tape: Tape, seconds: Iterable[Second], inputs: Sequence[str],
    limits: Limits, budget: Budget,
) -> Kinks:  # fmt: skip
    """The kinks that second derivatives cross, with the slopes of the gradient to both sides of each."""
    seconds = list(seconds)
    outputs = dict.fromkeys(second.output for second in seconds)
    entries, guards = at_kinks(tape, [select(tape, name).entry for name in outputs], inputs)
    if not entries and not guards:
        return NO_KINKS
    _, entries, guards = without_underflows(tape, entries, guards, inputs)
    if not entries and not guards:
        return NO_KINKS
    felt = set(reaching(tape, entries, guards, inputs))
    chosen = [second for second in seconds if not felt.isdisjoint(second.components)]
    slopes: dict[str, dict[str, Slopes]] = {name: {} for name in outputs}
    limits = limits_beside(len(tape), limits)
    looked_at = 0
    for second in within_budget(chosen, budget):
        looked_at += 1
        slopes[second.output].update(_differing(program, point, tape, second, inputs, limits))
    for output, along in slopes.items():
        if any(sides.common is None for sides in along.values()):  # a mixed one may have equal slopes, and mean nothing
            slopes[output] = {name: sides._replace(whole=False) for name, sides in along.items()}
    left_out = len(chosen) - looked_at
    remedy = smooth_way(tape, entries, labels(tape))
    return Kinks(tuple(sites_of(tape, entries, guards)), slopes, left_out, remedy=remedy)


def _differing(
    program: Program, point: Mapping[str, Value], tape: Tape, second: Second, inputs: Sequence[str], limits: Limits
) -> dict[str, Slopes]:
    """The slopes to both sides of those second derivatives whose sides differ, or are others than were used."""
    left, right = (
        _beside(program, point, second.output, sided, inputs, limits)
        for sided in (opposite(second.direction), second.direction)
    )
    here = flattened(adjoints_of(tape, select(tape, second.output).seeds(tape), list(inputs)))
    result = {}
    for name, used in second.derivatives.items():
        label = second.labels[name]
        before = left[label]._replace(slope=-left[label].slope)
        along = slopes_between(before, right[label], used, here[label], "gradient")._replace(exact=False)
        if along.differ:
            result[name] = along
    return result


def _beside(
    program: Program, point: Mapping[str, Value], output: str, direction: Mapping[str, Value], inputs: Sequence[str],
    limits: Limits,
) -> dict[str, Side]:  # fmt: skip
    """The limit of each component of the gradient to one side, and of its derivative along the direction."""
    numbers, moving = flattened({name: point[name] for name in direction}), flattened(direction)
    longest = max((abs(step) for step in moving.values()), default=0.0) or 1.0
    size = max((abs(numbers[label]) for label, step in moving.items() if step), default=0.0) or 1.0
    approaches = {label: Approach(size) for label in flattened({name: point[name] for name in inputs})}
    for step in (step * size / longest for step in STEPS):
        there = {**point, **{name: point[name] + step * tangent for name, tangent in direction.items()}}
        try:
            ran = execute(program, there, limits)
            tape, entries = with_entries(ran, [select(ran, output)])
        except AdError:
            return dict.fromkeys(approaches, Side(math.nan, math.nan))
        gradient = flattened(adjoints_of(tape, {entries[output]: 1.0}, list(inputs)))
        product = flattened(hessian_product(tape, entries[output], direction, list(inputs)))
        for label, approach in approaches.items():
            approach.add(step, _rounded(gradient[label]), _rounded(product[label]))
        if all(approach.ended for approach in approaches.values()):
            break
    return {label: approach.side() for label, approach in approaches.items()}


def _rounded(value: float) -> Number:
    """A number of a sweep, with what its last operations round."""
    return Number(value, ROUNDINGS * EPSILON * abs(value) if math.isfinite(value) else 0.0)

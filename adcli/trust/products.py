"""Derivatives along directions beside differences: what jvp, vjp, hessian and hvp compare on request."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, TypeAlias

from adcli.derive.modes import adjoints_of
from adcli.program.program import Program
from adcli.rules.dispatch import is_finite, shape_of
from adcli.tape.components import flattened, gathered, in_shapes_of, names_in, numbers_of
from adcli.tape.ieee import quiet
from adcli.tape.limits import Limits
from adcli.tape.reach import differentiable_inputs
from adcli.tape.selected import Selections, select, with_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.budget import UNLIMITED, Budget, OutOfTime
from adcli.trust.evidence import Evidence
from adcli.trust.judgement import Judgement
from adcli.trust.neighbourhood import Neighbourhood
from adcli.trust.rounding import Differentiated, round_off_of_sweep, total
from adcli.trust.second_ways import SecondWays
from adcli.trust.undefined import undefined_reason
from adcli.trust.verdict import verdict

if TYPE_CHECKING:
    from adcli.trust.kinks import Slopes

_SUM = "sum"  # what the weighted sum of the outputs is called among the measured numbers


# The derivative of a component of a gradient along a direction of the inputs: component, direction, derivative.
SecondDerivative: TypeAlias = tuple[str, Mapping[str, float], float]


def compare_sum(
    program: Program,
    point: Mapping[str, Value],
    tape: Tape,
    weights: Mapping[str, Value],
    derivatives: Sequence[tuple[Mapping[str, float], float]],
    limits: Limits,
    budget: Budget = UNLIMITED,
    slopes: Sequence[Slopes | None] = (),
) -> list[Judgement]:
    """The derivative of a weighted sum of outputs along directions, beside its difference, as far as the time goes.

    Args:
        program, point, tape: the run
        weights: of the outputs, by name; of an array there is one for each component
        derivatives: directions by components of the inputs, each with the derivative along it
        limits: of each further tape
        budget: the time for it
        slopes: those to both sides of kinks, for each derivative
    """
    selections = Selections(weights)
    runs = Neighbourhood(
        program, point, tape, lambda other: {_SUM: _weighted(other, selections.values(other), weights)},
        selections.entries, limits,
    )  # fmt: skip
    tape, entries = with_entries(tape, [select(tape, name) for name in weights])
    moving = {name for direction, _ in derivatives for name in names_in(direction)}
    weighted = Differentiated(tape, {entries[name]: weight for name, weight in weights.items()}, moving)
    directions = [(_SUM, direction, derivative) for direction, derivative in derivatives]
    evidences = (
        evidence._replace(complex_step=cache(partial(_complex_step, tape, point, entries, weights, direction)))
        for evidence, (direction, _) in zip(
            _as_time_allows(runs, directions, lambda _: weighted, tape, list(entries.values()), budget),
            derivatives, strict=False,
        )
    )  # fmt: skip
    return _verdicts(evidences, slopes or [None] * len(directions))


def _complex_step(
    tape: Tape,
    point: Mapping[str, Value],
    entries: Mapping[str, int],
    weights: Mapping[str, Value],
    direction: Mapping[str, float],
) -> float | None:
    """The derivative of a weighted sum of outputs along a direction by the complex step."""
    from adcli.trust.complex_step import complex_step  # which few need

    moved = gathered({name: point[name] for name in names_in(direction)}, direction)
    steps = complex_step(tape, list(entries.values()), {tape.inputs[name]: step for name, step in moved.items()})
    if steps is None:
        return None
    with quiet(tape):
        return total(numbers_of(weights[name] * step for name, step in zip(entries, steps, strict=True))) + 0.0


def _weighted(tape: Tape, values: Mapping[str, Value], weights: Mapping[str, Value]) -> float:
    with quiet(tape):
        return sum(numbers_of(weight * _like(values[name], weight, name) for name, weight in weights.items()))


def _like(value: Value, weight: Value, name: str) -> Value:
    """The value of an output in the shape of its weight: beside a decision it may have another one."""
    if shape_of(value) == shape_of(weight):
        return value
    numbers = flattened({name: value})
    return in_shapes_of({name: weight}, [numbers.get(label, math.nan) for label in flattened({name: weight})])[name]


def compare_gradient(
    program: Program,
    point: Mapping[str, Value],
    tape: Tape,
    output: str,
    derivatives: Sequence[SecondDerivative],
    limits: Limits,
    budget: Budget = UNLIMITED,
    slopes: Sequence[Slopes | None] = (),
) -> list[Judgement]:
    """Second derivatives beside differences of the gradient, as far as the time goes.

    The `slopes` are those to both sides of kinks.
    """
    tape, entries = with_entries(tape, [select(tape, output)])
    ways = SecondWays(tape, entries[output], differentiable_inputs(tape, [entries[output]]))
    evidences = second_evidence(program, point, ways, output, derivatives, limits, budget)
    return _verdicts(evidences, slopes or [None] * len(derivatives))


def _verdicts(evidences: Iterable[Evidence], slopes: Iterable[Slopes | None]) -> list[Judgement]:
    return [verdict(evidence._replace(slopes=sides)) for evidence, sides in zip(evidences, slopes, strict=False)]


def second_evidence(
    program: Program,
    point: Mapping[str, Value],
    ways: SecondWays,
    output: str,
    derivatives: Sequence[SecondDerivative],
    limits: Limits,
    budget: Budget = UNLIMITED,
) -> Iterator[Evidence]:
    """What differences of the gradient of an output know of second derivatives; `ways` knows what they round.

    It ends where the time is over.
    """
    inputs, selections = differentiable_inputs(ways.tape, [ways.entry]), Selections([output])
    runs = Neighbourhood(
        program,
        point,
        ways.tape,
        lambda other: flattened(adjoints_of(other, selections.on(other)[output].seeds(other), inputs)),
        selections.entries,
        limits,
    )
    return _as_time_allows(runs, derivatives, ways.of_component, ways.tape, [ways.entry], budget)


def _as_time_allows(
    runs: Neighbourhood,
    derivatives: Sequence[SecondDerivative],
    differentiated: Callable[[str], Differentiated],
    tape: Tape,
    values: Sequence[int],
    budget: Budget = UNLIMITED,
) -> Iterator[Evidence]:
    """The evidence on derivatives of measured numbers, one after another until the time is over."""
    for name, direction, derivative in derivatives:
        try:
            budget.require()
            with runs.within(budget):
                evidence = _evidence(runs, name, direction, derivative, differentiated(name), tape, values)
        except OutOfTime:
            return
        yield evidence


def _evidence(
    runs: Neighbourhood,
    name: str,
    direction: Mapping[str, float],
    derivative: float,
    number: Differentiated,
    tape: Tape,
    values: Sequence[int],
) -> Evidence:
    """What is known of the derivative of a measured number along a direction, if some values of a tape are finite."""
    undefined = _undefined(tape, values, direction, derivative)
    if undefined:
        return Evidence(derivative, undefined=undefined)
    estimate = runs.slope(name, direction, number.noise_along)
    rounding = round_off_of_sweep(number.magnitude(direction))
    uncertainty, scale = number.uncertainty(direction), number.scale(direction)
    return Evidence(derivative, difference=estimate, round_off=rounding, uncertainty=uncertainty, scale=scale)


def _undefined(tape: Tape, values: Sequence[int], direction: Mapping[str, float], derivative: float) -> str:
    """What is to blame where some values, or a derivative along a direction, are not finite; else empty."""
    not_finite = [entry for entry in values if not is_finite(tape.values[entry])]
    if not not_finite and math.isfinite(derivative):
        return ""
    moving = [name for name, step in direction.items() if step]
    to_blame = not_finite or [entry for entry in values if not shape_of(tape.values[entry])]
    reasons = (undefined_reason(tape, entry, name) for entry in to_blame for name in moving)
    return next((reason for reason in reasons if reason), "the derivative is not finite here")

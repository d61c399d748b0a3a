"""The check of derivatives: every component by several ways that share as little as can be.

The forward sweep shares the rules with the reverse sweep, but not the order; differences and the complex step share
nothing but the values. Where a complex step is possible it decides, as it has all the digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

from adcli.derive.hessians import hessian
from adcli.derive.modes import hessian_product
from adcli.records import NamedTuple
from adcli.rules.dispatch import is_finite
from adcli.tape.components import by_component, flattened, in_order
from adcli.tape.domains import push_forward
from adcli.tape.tape import Value
from adcli.trust.budget import MOST_FOR_KINKS, UNLIMITED, Budget
from adcli.trust.compare import Comparer, Comparison, Difference, affordable
from adcli.trust.component import direction_along
from adcli.trust.evidence import Evidence
from adcli.trust.guards import is_smooth
from adcli.trust.judgement import Judgement, Verdict
from adcli.trust.kinks import NO_KINKS, Kinks
from adcli.trust.products import second_evidence
from adcli.trust.second_ways import SecondWays
from adcli.trust.taylor import Taylor
from adcli.trust.verdict import verdict


class Checked(NamedTuple):
    """A derivative by every way there is.

    Attributes:
        output, input: of which component by which; a second derivative has two inputs, `x, y`
        reverse, forward: by the two sweeps; of a second derivative forward over reverse, and reverse over forward
        complex_step: None where something on the way is not analytic
        difference, error: by differences, and how far that may be off
        digits: how many significant digits agree of all of them; None where there is nothing to compare
        verdict: what may be believed
        reason: the inequality that decided
    """

    output: str
    input: str
    reverse: float
    forward: float
    complex_step: float | None
    difference: float
    error: float
    digits: float | None
    verdict: Verdict
    reason: str


def check_gradient(
    comparer: Comparer,
    output: str,
    gradient: Mapping[str, Value],
    kinks: Kinks,
    everything: bool,
    seed: int,
    budget: Budget = UNLIMITED,
) -> tuple[list[Checked], Comparison]:
    """Check the gradient of an output: all components, or of many the largest, and along a random direction.

    Args:
        comparer: takes the differences
        output: the name of the value that was differentiated
        gradient: by the reverse sweep
        kinks: what is known of kinks at the point
        everything: whether to check all components, however many
        seed: of the random direction that stands for those that are left out
        budget: the time for all this
    """
    tape, entry = comparer.tape, comparer.entries[output]
    rows, judgements = {}, {}
    for evidence in comparer.evidence(output, gradient, Difference.ALL if everything else None, budget):
        component = evidence.component
        tangent = push_forward(tape, direction_along(tape, component))[entry]
        evidence = kinks.beside(evidence._replace(forward=0.0 if tangent is None else tangent + 0.0), output)
        judgements[component] = verdict(evidence)
        rows[component] = _checked(output, component, evidence, judgements[component])
    comparison = comparer.compared(output, gradient, judgements, seed, budget)
    return [rows[component] for component in comparison.components], comparison


def _checked(output: str, label: str, evidence: Evidence, judgement: Judgement) -> Checked:
    """A derivative by every way, with the verdict from all of them."""
    undefined = judgement.verdict is Verdict.UNDEFINED
    step = None if undefined or evidence.complex_step is None else evidence.complex_step()
    assert evidence.forward is not None
    return Checked(
        output, label, evidence.derivative, evidence.forward, step, judgement.value, judgement.error, judgement.digits,
        judgement.verdict, judgement.reason,
    )  # fmt: skip


def check_hessian(
    comparer: Comparer, output: str, inputs: Sequence[str], everything: bool, budget: Budget = UNLIMITED
) -> list[Checked]:
    """Check the second derivatives of an output: all, or of many the largest, as far as the time goes."""
    tape, entry = comparer.tape, comparer.entries[output]
    components = flattened({name: tape.values[tape.inputs[name]] for name in inputs})
    second = by_component(hessian(tape, entry, inputs), components)
    slopes = {(name, other): second[name][other] for name, other in combinations_with_replacement(second, 2)}
    pairs = affordable(slopes, everything)
    derivatives = [(other, {name: 1.0}, second[name][other]) for name, other in pairs]
    ways = SecondWays(tape, entry, inputs)
    kinks = _second_kinks(comparer, output, second, inputs, budget)
    by_difference = second_evidence(
        comparer.program, comparer.point, ways, output, derivatives, comparer.limits, budget
    )  # fmt: skip
    rows = {}
    for (name, other), evidence in zip(pairs, by_difference, strict=False):
        evidence = _with_other_ways(evidence, ways, name, other)
        evidence = evidence._replace(slopes=kinks.of(output, f"{name}, {other}"))
        rows[name, other] = _checked(output, f"{name}, {other}", evidence, verdict(evidence))
    return list(in_order(slopes, rows).values())


def _second_kinks(
    comparer: Comparer, output: str, second: Mapping[str, Mapping[str, float]], inputs: Sequence[str], budget: Budget
) -> Kinks:
    """The kinks that the second derivatives of an output cross."""
    if is_smooth(comparer.tape):
        return NO_KINKS
    from adcli.trust.kinks_along import columns_of, second_kinks  # which most points do not need

    columns, part = columns_of(output, second, comparer.point), budget.part(MOST_FOR_KINKS)
    return second_kinks(comparer.program, comparer.point, comparer.tape, columns, inputs, comparer.limits, part)


def _with_other_ways(evidence: Evidence, ways: SecondWays, name: str, other: str) -> Evidence:
    """The evidence on the derivative by one component of another one of the gradient, with what the other ways give."""
    slope = ways.of_component(other)
    return evidence._replace(
        forward=ways.forward(name)[other],
        complex_step=lambda: ways.complex_step(other, along=name),
        magnitude=slope.magnitudes[name],
        uncertainty=slope.uncertainty({name: 1.0}),
        component=name,
    )


def check_by_taylor(
    comparer: Comparer,
    output: str,
    gradient: Mapping[str, Value],
    rows: Sequence[Checked],
    seed: int,
    budget: Budget = UNLIMITED,
) -> Taylor | None:
    """The Taylor test of an output with the verdict on it; none where its value or its gradient is not finite.

    `rows` are the components that were checked by other ways.
    """
    tape, entry, inputs = comparer.tape, comparer.entries[output], list(gradient)
    if not inputs or not is_finite(tape.values[entry]) or not all(map(is_finite, gradient.values())):
        return None
    test = comparer.taylor(
        output, gradient, lambda direction: hessian_product(tape, entry, direction, inputs), seed, budget
    )  # fmt: skip
    if test is None:
        return None
    confirmed = all(row.verdict is Verdict.AGREES and row.complex_step is not None for row in rows)
    judgement = verdict(Evidence(0.0, taylor=test, confirmed=confirmed))
    return test._replace(verdict=judgement.verdict, reason=judgement.reason)

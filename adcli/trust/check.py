"""The check of derivatives: every component by several ways that share as little as can be.

The forward sweep shares the rules with the reverse sweep, but not the order; differences and the complex step share
nothing but the values. Where a complex step is possible it decides, as it has all the digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import combinations_with_replacement
from typing import NamedTuple

from adcli.derive.forward import push_forward
from adcli.derive.modes import SecondMode, gradient_magnitude, hessian, hessian_product, recorded_gradient
from adcli.tape.components import by_component, flattened, index_of, name_of, unit_of, value_at
from adcli.tape.tape import Tape, Value
from adcli.trust.compare import Comparer, Comparison, Difference, affordable
from adcli.trust.complex_step import COMPLEX_ROUNDINGS, LEAST_TOLD, STEP, complex_step
from adcli.trust.difference import EPSILON
from adcli.trust.kinks import Kinks, slopes_text
from adcli.trust.products import compare_gradient
from adcli.trust.rounding import ROUNDINGS, DerivativeRounding
from adcli.trust.verdict import Judgement, Verdict, agreeing_digits

SHARP = 2.5e-7  # an error, relative to the derivative, beyond which a difference could miss a part in a million

# From the best to the worst.
SEVERITY = (Verdict.AGREES, Verdict.STEP, Verdict.NONSMOOTH, Verdict.UNDEFINED, Verdict.WRONG)


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


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on the whole: the worst of all."""
    return max(verdicts, key=SEVERITY.index, default=Verdict.AGREES)


def check_gradient(
    comparer: Comparer, output: str, gradient: Mapping[str, Value], kinks: Kinks, everything: bool, seed: int
) -> tuple[list[Checked], Comparison]:
    """Check the gradient of an output: all components, or of many the largest.

    Args:
        comparer: takes the differences
        output: the name of the value that was differentiated
        gradient: by the reverse sweep
        kinks: what is known of kinks at the point
        everything: whether to check all components, however many
        seed: of the random direction that stands for those that are left out
    """
    tape = comparer.tape
    entry = comparer.entries[output]
    comparison = comparer.compare(output, gradient, Difference.ALL if everything else None, seed)
    slopes = flattened(gradient)
    sizes = comparer.magnitudes(output, tuple(gradient))
    roundings = comparer.derivative_rounding(output)
    found = []
    for component, judgement in comparison.components.items():
        unit = _unit(tape, component)
        forward = push_forward(tape, unit)[entry]
        step = complex_step(tape, [entry], unit)
        checked = Checked(
            output, component, slopes[component], 0.0 if forward is None else forward + 0.0,
            None if step is None else step[0] + 0.0, judgement.value, judgement.error, None, judgement.verdict, "",
        )  # fmt: skip
        checked = judge_all(checked, judgement, sizes[component], partial(roundings.most, component))
        at_kink = kinks.of(output, component)
        if at_kink is not None and checked.verdict is not Verdict.UNDEFINED:
            checked = checked._replace(verdict=Verdict.NONSMOOTH, reason=slopes_text(at_kink))
        found.append(checked)
    return found, comparison


def _unit(tape: Tape, component: str) -> dict[int, Value]:
    """The direction of one component, by the entry of its input."""
    entry = tape.inputs[name_of(component)]
    return {entry: unit_of(tape.values[entry], component)}


def judge_all(checked: Checked, judgement: Judgement, size: float, further: Callable[[float], float]) -> Checked:
    """The verdict on a derivative from all the ways, with the inequality that decided.

    Args:
        checked: what was found
        judgement: what its difference says
        size: the sum of the absolute contributions to it, which its rounding is relative to
        further: of that sum, how far rounding may take two ways apart at most; asked only where they are apart
    """
    reverse, forward, step = checked.reverse, checked.forward, checked.complex_step
    size = size if size < math.inf else 0.0
    rounding = EPSILON * size
    checked = checked._replace(digits=_digits(checked, judgement))
    if judgement.verdict is Verdict.UNDEFINED:
        return checked._replace(complex_step=None, verdict=Verdict.UNDEFINED, reason=judgement.reason)
    if not math.isfinite(forward):
        reason = "the forward sweep meets 0 * inf on a way that the reverse sweep does not take"
        return checked._replace(complex_step=None, verdict=Verdict.UNDEFINED, reason=reason)
    apart, allowed = abs(reverse - forward), 4 * ROUNDINGS * rounding
    if not apart <= allowed and not apart <= (allowed := allowed + further(size)):
        return checked._replace(verdict=Verdict.WRONG, reason=_inequality("forward", apart, ">", allowed))
    if judgement.verdict is Verdict.NONSMOOTH:
        return checked._replace(verdict=Verdict.NONSMOOTH, reason=judgement.reason)
    if step is not None and math.isfinite(step) and max(abs(reverse), abs(step)) >= LEAST_TOLD:
        apart, allowed = abs(reverse - step), COMPLEX_ROUNDINGS * rounding + STEP**2
        if apart > allowed:
            allowed += further(size)
        if apart <= allowed and judgement.verdict is not Verdict.WRONG:
            return checked._replace(verdict=Verdict.AGREES, reason=_inequality("complex step", apart, "<=", allowed))
        doubtful = judgement.verdict is Verdict.AGREES and judgement.error + judgement.apart < apart
        if apart > allowed and not doubtful:
            return checked._replace(verdict=Verdict.WRONG, reason=_inequality("complex step", apart, ">", allowed))
    blunt = judgement.error > SHARP * abs(reverse) and abs(reverse) > ROUNDINGS * rounding
    if judgement.verdict is Verdict.AGREES and blunt:
        reason = f"the difference is good to {judgement.error:.2g} only, which is much beside {abs(reverse):.2g}"
        return checked._replace(verdict=Verdict.STEP, reason=reason)
    if judgement.verdict in (Verdict.AGREES, Verdict.WRONG):
        return checked._replace(verdict=judgement.verdict, reason=f"|reverse - difference|: {judgement.reason}")
    return checked._replace(verdict=judgement.verdict, reason=judgement.reason)


def _inequality(other: str, apart: float, relation: str, allowed: float) -> str:
    return f"|reverse - {other}|: {apart:.2g} apart {relation} {allowed:.2g}"


def _digits(checked: Checked, judgement: Judgement) -> float | None:
    """How many digits all that is known agrees in."""
    if judgement.digits is None:
        return None
    others = [one for one in (checked.forward, checked.complex_step) if one is not None]
    return min([judgement.digits, *(agreeing_digits(checked.reverse, one, 0.0) for one in others)])


def check_hessian(comparer: Comparer, output: str, inputs: Sequence[str], everything: bool) -> list[Checked]:
    """Check the second derivatives of an output: all, or of many the largest."""
    tape = comparer.tape
    entry = comparer.entries[output]
    values = {name: tape.values[tape.inputs[name]] for name in inputs}
    second = by_component(hessian(tape, entry, inputs), flattened(values))
    slopes = {(name, other): second[name][other] for name, other in combinations_with_replacement(second, 2)}
    pairs = list(slopes) if everything else affordable(slopes)
    derivatives = [(other, {name: 1.0}, second[name][other]) for name, other in pairs]
    judgements = compare_gradient(comparer.program, comparer.point, tape, output, derivatives, comparer.max_entries)
    ways = _SecondWays(tape, entry, values)
    found = []
    for (name, other), judgement in zip(pairs, judgements, strict=True):
        checked = Checked(
            output, f"{name}, {other}", second[name][other], ways.forward(name)[other],
            ways.complex_steps(name)[other], judgement.value, judgement.error, None, judgement.verdict, "",
        )  # fmt: skip
        found.append(judge_all(checked, judgement, ways.sizes(other)[name], partial(ways.rounding(other).most, name)))
    return found


class _SecondWays:
    """Second derivatives of one entry by other ways than forward over reverse, by component and component."""

    def __init__(self, tape: Tape, entry: int, values: Mapping[str, Value]) -> None:
        self.tape = tape
        self.entry = entry
        self.values = values
        self.longer, self.slopes = recorded_gradient(tape, entry, list(values))
        self.forward = cache(self._forward)
        self.complex_steps = cache(self._complex_steps)
        self.sizes = cache(self._sizes)
        self.rounding = cache(self._rounding)

    def _direction(self, component: str) -> dict[str, Value]:
        name = name_of(component)
        return {name: unit_of(self.values[name], component)}

    def _forward(self, component: str) -> dict[str, float]:
        """Reverse over forward, along a component."""
        mode = SecondMode.REVERSE_OVER_FORWARD
        return flattened(hessian_product(self.tape, self.entry, self._direction(component), list(self.values), mode))

    def _complex_steps(self, component: str) -> dict[str, float | None]:
        """The complex step of the recorded gradient along a component."""
        direction = {self.longer.inputs[name]: unit for name, unit in self._direction(component).items()}
        result: dict[str, float | None] = {}
        for name, slope in self.slopes.items():
            found = None if slope is None else complex_step(self.longer, [slope], direction)
            for label in flattened({name: self.values[name]}):
                result[label] = None if found is None else value_at(found[0], index_of(label))
        return result

    def _sizes(self, component: str) -> dict[str, float]:
        """The sums of the absolute contributions to the derivatives of one component of the gradient."""
        slope = self.slopes[name_of(component)]
        seeds = {} if slope is None else {slope: unit_of(self.longer.values[slope], component)}
        return flattened(gradient_magnitude(self.longer, seeds, list(self.values)))

    def _rounding(self, component: str) -> DerivativeRounding:
        """How far rounding may take the derivatives of one component of the gradient apart."""
        slope = self.slopes[name_of(component)]
        if slope is None:
            return DerivativeRounding(self.longer, self.entry)
        return DerivativeRounding(self.longer, slope, unit_of(self.longer.values[slope], component))

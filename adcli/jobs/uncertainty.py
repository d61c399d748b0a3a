"""The propagation of uncertainty by derivatives: JCGM 100:2008, the GUM."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from statistics import NormalDist

from adcli.derive.modes import hessian_product, recorded_gradient
from adcli.errors import AdError, Problem
from adcli.jobs.quantities import Quantities, Quantity
from adcli.records import NamedTuple
from adcli.tape.components import flattened, index_of, name_of, unit_of
from adcli.tape.selected import Selected, with_entries
from adcli.tape.tape import Tape, Value

MOST = 40  # quantities whose second-order terms are computed: a sweep over a twice recorded tape for each


class Line(NamedTuple):
    """What one quantity brings to the uncertainty of an output.

    Attributes:
        quantity: the quantity
        sensitivity: the derivative of the output by it
        share: of the variance; of correlated quantities it may be negative. NaN where the variance is 0
    """

    quantity: Quantity
    sensitivity: float
    share: float

    @property
    def contribution(self) -> float:
        """Its size times the standard uncertainty."""
        return abs(self.sensitivity) * self.quantity.uncertainty


class SecondOrder(NamedTuple):
    """What curvature does.

    Attributes:
        bias: how far the mean is from the value at the estimates
        uncertainty: the combined standard uncertainty with the second-order terms; None with correlations
    """

    bias: float
    uncertainty: float | None


class Combined(NamedTuple):
    """The uncertainty of an output.

    Attributes:
        value: the output at the estimates
        lines: the budget, the largest contribution first
        uncertainty: the combined standard uncertainty
        dof: its effective degrees of freedom; None with correlations, where the formula does not hold
        factor: the coverage factor
        coverage: the probability of the interval
        second: what curvature does; None where it was not computed
    """

    value: float
    lines: tuple[Line, ...]
    uncertainty: float
    dof: float | None
    factor: float
    coverage: float
    second: SecondOrder | None

    @property
    def expanded(self) -> float:
        """The expanded uncertainty: JCGM 100:2008, 6.2.1."""
        return self.factor * self.uncertainty

    @property
    def low(self) -> float:
        """The lower end of the coverage interval."""
        return self.value - self.expanded

    @property
    def high(self) -> float:
        """The upper end of the coverage interval."""
        return self.value + self.expanded


def combined(
    value: float, gradient: Mapping[str, Value], quantities: Quantities, coverage: float, second: SecondOrder | None
) -> Combined:
    """The uncertainty of an output with a gradient. JCGM 100:2008: 5.1.2, with correlations 5.2.2; G.4.1."""
    slopes = flattened(gradient)
    sensitivities = [slopes[quantity.label] for quantity in quantities.all]
    parts = [
        sensitivity * quantity.uncertainty for sensitivity, quantity in zip(sensitivities, quantities.all, strict=True)
    ]
    received = _beside(parts, quantities.correlations)
    scale = max(map(abs, parts), default=0.0)
    variance = _variance(parts, received, scale)
    lines = [
        Line(quantity, sensitivity, _share(part, beside, scale, variance))
        for quantity, sensitivity, part, beside in zip(quantities.all, sensitivities, parts, received, strict=True)
    ]
    uncertainty = scale * math.sqrt(variance)
    dof = _effective_dof(parts, quantities, uncertainty)
    lines.sort(key=lambda line: -line.contribution)
    return Combined(value, tuple(lines), uncertainty, dof, coverage_factor(coverage, dof), coverage, second)


def _beside(parts: Sequence[float], correlations: Mapping[tuple[int, int], float]) -> list[float]:
    """For each part the sum of all parts, each times its correlation with that one."""
    terms = [[part] for part in parts]
    for (first, second), coefficient in correlations.items():
        terms[first].append(coefficient * parts[second])
        terms[second].append(coefficient * parts[first])
    return [_sum(each) for each in terms]


def _sum(terms: Sequence[float]) -> float:
    """The sum of numbers, to the last bit where that is finite."""
    try:
        return math.fsum(terms)
    except (OverflowError, ValueError):  # beyond the floats, or infinities of both signs
        return sum(terms)


def _variance(parts: Sequence[float], received: Sequence[float], scale: float) -> float:
    """The variance in units of the square of the largest part: squares neither under- nor overflow."""
    if any(map(math.isnan, parts)):
        return math.nan
    if not 0 < scale < math.inf:
        return 1.0 if scale else 0.0  # times the scale
    return max(_sum([part / scale * (beside / scale) for part, beside in zip(parts, received, strict=True)]), 0.0)


def _share(part: float, beside: float, scale: float, variance: float) -> float:
    if not variance or not math.isfinite(scale):
        return math.nan
    return part / scale * (beside / scale) / variance


def _effective_dof(parts: Sequence[float], quantities: Quantities, uncertainty: float) -> float | None:
    """The formula of Welch and Satterthwaite: JCGM 100:2008, G.4.1. It holds for what is not correlated."""
    limited = [(part, quantity.dof) for part, quantity in zip(parts, quantities.all, strict=True)
               if quantity.dof < math.inf]  # fmt: skip
    if not limited:
        return math.inf
    if quantities.correlations:
        return None
    if not uncertainty or not math.isfinite(uncertainty):
        return math.inf
    total = math.fsum((part / uncertainty) ** 4 / dof for part, dof in limited)
    return 1 / total if total else math.inf


def coverage_factor(coverage: float, dof: float | None) -> float:
    """How many standard uncertainties an interval reaches to both sides: JCGM 100:2008, G.3.

    Of the effective degrees of freedom the whole part counts (G.4.1, note 1). None stands for a normal distribution.
    Raises AdError `usage` where SciPy is needed and not installed.
    """
    probability = (1 + coverage) / 2
    if dof is None or dof == math.inf:
        return NormalDist().inv_cdf(probability)
    try:
        from scipy.special import stdtrit
    except ImportError:
        message = "degrees of freedom need SciPy, which is not installed"
        raise AdError(Problem("usage", message, help="pip install 'adcli[jobs]', or pip install scipy")) from None
    return float(stdtrit(math.floor(dof) if dof >= 1 else dof, probability))


def output_correlations(
    gradients: Mapping[str, Mapping[str, Value]], quantities: Quantities
) -> dict[str, dict[str, float]]:
    """The correlation of each two outputs, NaN where one has no uncertainty: JCGM 100:2008, H.2.3."""
    parts = {}
    for output, gradient in gradients.items():
        slopes = flattened(gradient)
        parts[output] = [slopes[quantity.label] * quantity.uncertainty for quantity in quantities.all]
    products = {one: {other: _product(parts[one], parts[other], quantities) for other in parts} for one in parts}
    return {
        one: {other: _coefficient(products[one][other], products[one][one], products[other][other]) for other in parts}
        for one in parts
    }


def _product(one: Sequence[float], other: Sequence[float], quantities: Quantities) -> float:
    received = _beside(other, quantities.correlations)
    return _sum([part * beside for part, beside in zip(one, received, strict=True)])


def _coefficient(covariance: float, first: float, second: float) -> float:
    size = math.sqrt(max(first, 0.0)) * math.sqrt(max(second, 0.0))
    return max(-1.0, min(1.0, covariance / size)) if size and math.isfinite(size) else math.nan


def second_order(tape: Tape, selected: Selected, gradient: Mapping[str, Value], quantities: Quantities
                 ) -> SecondOrder | None:  # fmt: skip
    """What second derivatives, and third ones, do to the mean and to the uncertainty of an output.

    All of them are exact: sweeps over tapes that have sweeps recorded on them. The mean moves by half the sum of
    `f_ij u_ij` to second order. The terms of the uncertainty are those of JCGM 100:2008, 5.1.2, note:
    `f_ij^2 / 2 + f_i f_ijj`, times `u_i^2 u_j^2`, of all pairs. They hold for normal quantities that are not
    correlated. None for many quantities.
    """
    if len(quantities.all) > MOST:
        return None
    tape, entries = with_entries(tape, [selected])
    output, inputs = entries[selected.label], list(dict.fromkeys(name_of(label) for label in quantities.labels))
    second = [_times_unit(tape, output, label, inputs) for label in quantities.labels]
    scales = [quantity.uncertainty for quantity in quantities.all]
    bends = [
        [row[other] * scale * beside for other, beside in zip(quantities.labels, scales, strict=True)]
        for row, scale in zip(second, scales, strict=True)
    ]
    moved = [bends[place][place] / 2 for place in range(len(bends))]
    moved += [coefficient * bends[one][other] for (one, other), coefficient in quantities.correlations.items()]
    bias = _sum(moved)
    if quantities.correlations:
        return SecondOrder(bias, None)
    slopes = flattened(gradient)
    parts = [slopes[quantity.label] * quantity.uncertainty for quantity in quantities.all]
    scale = max(abs(each) for row in [parts, *bends] for each in row)
    if not 0 < scale < math.inf:
        return SecondOrder(bias, scale)
    terms = [part / scale * (part / scale) for part in parts]
    terms += [bend / scale * (bend / scale) / 2 for row in bends for bend in row]
    terms += [first / scale * (third / scale) for first, third in _third(tape, output, inputs, quantities, parts)]
    variance = _sum(terms)
    return SecondOrder(bias, scale * math.sqrt(variance) if variance >= 0 else math.nan)


def _times_unit(tape: Tape, output: int, label: str, inputs: Sequence[str]) -> Mapping[str, float]:
    """The Hessian of an entry times the direction of one component, by components."""
    name = name_of(label)
    unit = unit_of(tape.values[tape.inputs[name]], label)
    return flattened(hessian_product(tape, output, {name: unit}, inputs))


def _third(
    tape: Tape, output: int, inputs: Sequence[str], quantities: Quantities, parts: Sequence[float]
) -> list[tuple[float, float]]:
    """The pairs `f_i u_i` and `f_ijj u_i u_j^2`: second derivatives of each entry of the recorded gradient."""
    longer, entries = recorded_gradient(tape, output, inputs)
    terms: list[tuple[float, float]] = []
    for quantity in quantities.all:
        entry = entries[name_of(quantity.label)]
        if entry is None:
            continue
        own, places = with_entries(longer, [Selected(quantity.label, entry, index_of(quantity.label))])
        row = _times_unit(own, places[quantity.label], quantity.label, inputs)
        for other, part in zip(quantities.all, parts, strict=True):
            if part:  # what does not move the output to first order has no such term
                third = row[other.label] * other.uncertainty * quantity.uncertainty * quantity.uncertainty
                terms.append((part, third))
    return terms


# How a result is written


def rounded_to(uncertainty: float, digits: int) -> tuple[int, int]:
    """An uncertainty in so many digits, as a whole number and the power of ten of its last digit."""
    number = Decimal(uncertainty)
    power = number.adjusted() - digits + 1
    whole = int(number.scaleb(-power).to_integral_value(ROUND_HALF_EVEN))
    return (whole // 10, power + 1) if whole >= 10**digits else (whole, power)  # 9.96 is 10


def tolerance_of(uncertainty: float, digits: int) -> float:
    """The numerical tolerance of an uncertainty, half a unit of its last digit: JCGM 101:2008, 7.9.2."""
    if not uncertainty or not math.isfinite(uncertainty):
        return 0.0
    return float(Decimal(5).scaleb(rounded_to(uncertainty, digits)[1] - 1))


def concise_text(value: float, uncertainty: float, digits: int) -> str:
    """A value with its uncertainty in the last digits, `5.72(35)`: JCGM 100:2008, 7.2.2."""
    known = uncertainty and math.isfinite(uncertainty) and math.isfinite(value)
    whole, power = rounded_to(uncertainty, digits) if known else (0, 0)
    if not known or not _fits(value, power):
        return f"{value:.6g} ± {uncertainty:.{digits}g}"
    number = Decimal(value).quantize(Decimal(1).scaleb(power))
    largest = max(number.adjusted() if number else power, power + len(str(whole)) - 1)
    if power <= 0 and largest >= -4:
        return f"{number:f}({whole})"
    mantissa = number.scaleb(-largest)
    return f"{mantissa.quantize(Decimal(1).scaleb(power - largest)):f}({whole})e{largest:+03d}"


def _fits(value: float, power: int) -> bool:
    """Whether a value has few enough digits down to a power of ten for Decimal to round there."""
    return not value or Decimal(value).adjusted() - power < 27

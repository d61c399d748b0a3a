"""Claimed derivatives, held against those of the program: at the point, and formulas at random ones as well."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

from adcli.derive.modes import gradient
from adcli.errors import AdError
from adcli.program.program import CompiledClaim, Program
from adcli.records import NamedTuple, dataclass
from adcli.rules.dispatch import shape_of
from adcli.rules.shapes import shape_text
from adcli.tape.components import flattened, name_of, value_at
from adcli.tape.execute import execute
from adcli.tape.limits import Limits
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.check import check_gradient
from adcli.trust.claim_difference import Slope, as_difference
from adcli.trust.claim_values import ROUNDINGS, Claimed, bad_claim, claimed_index, claimed_values
from adcli.trust.claimed import COARSER, Allowance, ClaimedNumber, Numbers
from adcli.trust.compare import Comparer
from adcli.trust.diagnosis import Diagnosis, diagnose
from adcli.trust.difference import EPSILON
from adcli.trust.evidence import Evidence
from adcli.trust.judgement import Verdict, worst
from adcli.trust.kinks import NO_KINKS, find_kinks
from adcli.trust.mistakes import Sample
from adcli.trust.points import looked_at, random_points
from adcli.trust.rounding import Differentiated, round_off_of_sweep
from adcli.trust.sizes import bounded
from adcli.trust.verdict import verdict

RANDOM_POINTS = 20  # at which a formula has to hold as well
_TRIES = 5  # points that are drawn for each of them
_BLURRED = 5e-4  # an error, relative to the size of a derivative, that leaves no three digits of it
_CHANCE_OF_FLOAT32 = 2.0**-29  # that a number has no digits beyond those of float32
_MOST_SAMPLES = 5  # components that a diagnosis looks at


class ClaimedComponent(NamedTuple):
    """One component of a claim, at the point where it fits worst.

    Attributes:
        input: the component of the input
        claimed, derivative: what is claimed, and what the program's derivative is
        digits: how many significant digits of the two agree
        verdict: what may be believed of the claim
        reason: the inequality that decided
        precision: where it agrees no more than it is precise itself: `to 5 digits: rounded`
    """

    input: str
    claimed: float
    derivative: float
    digits: float
    verdict: Verdict
    reason: str
    precision: str = ""


class JudgedClaim(NamedTuple):
    """A claim and the verdict on it.

    Attributes:
        text: the claim
        line: where it stands in the program; None elsewhere
        output, variable: what is differentiated, by which input
        components: at the given point
        tried, failed: how many random points there were, and at how many of them the claim is wrong
        counterexample: a random point at which it is wrong though it holds at the given one
        verdict: on the whole
        diagnoses: what would explain it if it is wrong; none where nothing fits
    """

    text: str
    line: int | None
    output: str
    variable: str
    components: tuple[ClaimedComponent, ...]
    tried: int
    failed: int
    counterexample: Mapping[str, Value] | None
    verdict: Verdict
    diagnoses: tuple[Diagnosis, ...]


class Trial(NamedTuple):
    """Where and how claims are judged.

    Attributes:
        program, point, tape: the run
        seed: of the random points
        limits: of each further tape
        tolerance: how far a claim may be off, relative to the derivative; None leaves it the precision that it has
        kinks: whether to look for kinks, at which no claim can be right
    """

    program: Program
    point: Mapping[str, Value]
    tape: Tape
    seed: int
    limits: Limits
    tolerance: float | None = None
    kinks: bool = True


def judge_claim(trial: Trial, claim: CompiledClaim | Numbers) -> JudgedClaim:
    """The verdict on a claim, with a diagnosis if it is wrong. A formula is judged at random points as well.

    Raises AdError `bad-claim` where the claim does not have the shape of the derivative, and what running it raises.
    """
    here = _compared(trial, claim)
    elsewhere: list[tuple[dict[str, Value], _Pairs]] = []
    line = None
    if isinstance(claim, CompiledClaim):
        elsewhere = [] if claim.constant else _at_random(trial, claim)
        line = claim.source.place(claim.span.start)[0] if claim.source is trial.program.source else None
    wrong_at = [drawn for drawn, pairs in elsewhere if _worst(pairs) is Verdict.WRONG]
    only_elsewhere = bool(wrong_at) and _worst(here) is Verdict.AGREES
    on_the_whole = Verdict.WRONG if only_elsewhere else _worst(here)
    diagnoses: tuple[Diagnosis, ...] = ()
    if on_the_whole is Verdict.WRONG:
        samples = _samples(here, [pairs for _, pairs in elsewhere])
        diagnoses = diagnose(trial.program, samples, len(wrong_at), len(elsewhere))
    return JudgedClaim(
        claim.text, line, claim.output, claim.variable, tuple(component for component, _ in here), len(elsewhere),
        len(wrong_at), wrong_at[0] if only_elsewhere else None, on_the_whole, diagnoses,
    )  # fmt: skip


_Pairs: TypeAlias = list[tuple[ClaimedComponent, Sample]]  # what is told of each component, and what explains it


def _worst(pairs: _Pairs) -> Verdict:
    return worst(component.verdict for component, _ in pairs)


def _at_random(trial: Trial, claim: CompiledClaim) -> list[tuple[dict[str, Value], _Pairs]]:
    """The claim at random points at which the program and its derivative have finite values."""

    def look(drawn: dict[str, Value]) -> _Pairs | None:
        try:
            tape = execute(trial.program, drawn, trial.limits)
            pairs = _compared(trial._replace(point=drawn, tape=tape), claim)
        except AdError:
            return None
        return None if _worst(pairs) in (Verdict.UNDEFINED, Verdict.NONSMOOTH) else pairs

    seen = looked_at(random_points(trial.program, trial.point, trial.seed), look, RANDOM_POINTS, _TRIES)
    return [(drawn, pairs) for drawn, pairs in seen if pairs is not None]


def _samples(here: _Pairs, elsewhere: Sequence[_Pairs]) -> list[Sample]:
    """What a diagnosis has to explain: the components that are wrong most, at every point; the given point first."""
    order = sorted(range(len(here)), key=lambda place: here[place][0].digits)[:_MOST_SAMPLES]
    return [pairs[place][1] for pairs in (here, *elsewhere) for place in order]


def _compared(trial: Trial, claim: CompiledClaim | Numbers) -> _Pairs:
    """Each component that is claimed, beside the derivative."""
    tape, entries = with_entries(trial.tape, [select(trial.tape, claim.output)])
    output, name, index = entries[claim.output], name_of(claim.variable), claimed_index(tape, claim)
    if shape_of(tape.values[output]):
        message = (
            f"`{claim.output}` is {shape_text(shape_of(tape.values[output]))}: claim the derivative of a component"
        )
        raise bad_claim(claim, message, f"as in `d{claim.output}[0]/d{claim.variable}`")
    derivative = gradient(tape, output, [name])
    wanted = value_at(derivative[name], index) if index else derivative[name]
    claimed = claimed_values(trial.program, tape, claim, wanted)
    bench = _Bench(trial, claim, tape, output, Differentiated(tape, {output: 1.0}))
    kinks = NO_KINKS
    if trial.kinks:
        of_output = {claim.output: derivative}
        kinks = find_kinks(trial.program, trial.point, trial.tape, of_output, trial.limits)
    pairs: _Pairs = []
    for label, slope in flattened({claim.variable: wanted}).items():
        slopes = kinks.slopes.get(claim.output, {}).get(label)  # where they differ
        judgement = verdict(bench.evidence(label, slope, claimed[label])._replace(slopes=slopes))
        component = ClaimedComponent(
            label, claimed[label].number.value, judgement.value, judgement.digits or 0.0, judgement.verdict,
            judgement.reason, judgement.precision,
        )  # fmt: skip
        explicable = judgement.value if slopes is None else math.nan  # by partials, which are not those of a kink
        sample = Sample(tape, output, label, explicable, claimed[label].number.value, judgement.error)
        pairs.append((component, sample))
    return pairs


@dataclass(frozen=True)
class _Bench:
    """A claim, and the run at which it is judged, with what is known of its rounding."""

    trial: Trial
    claim: CompiledClaim | Numbers
    tape: Tape
    output: int
    number: Differentiated

    def evidence(self, label: str, slope: float, claimed: Claimed) -> Evidence:
        """What is known of one component."""
        rounding, scale = self._rounding(label, slope), self.number.scale({label: 1.0})
        return Evidence(
            claimed.number.value, round_off=rounding + claimed.rounding, component=label, reference=slope, scale=scale,
            allowed=self._allowed(label, slope, claimed), lost=lambda blurred: self._lost(label, slope, blurred),
        )  # fmt: skip

    def _allowed(self, label: str, slope: float, claimed: Claimed) -> Iterator[Allowance]:
        """Why a component of the claim may be off though it is right. What is stated takes the place of all else."""
        number, stated = claimed.number, self.claim.error if isinstance(self.claim, CompiledClaim) else None
        if stated is not None:
            yield Allowance(stated, f"± {stated:g}", detail=", as the claim says itself")
        elif self.trial.tolerance is not None:
            tolerance = self.trial.tolerance
            yield Allowance(tolerance * abs(slope), f"--tolerance {tolerance:g}", detail=", the tolerance")
        else:
            if number.half_unit:
                detail = ", half a unit of its last digit"
                yield Allowance(number.half_unit, "rounded", number.digits, detail)
            if claimed.constant and number.arithmetic and not number.told:
                yield from self._difference(label, slope, claimed, _CHANCE_OF_FLOAT32)
            if number.arithmetic:
                yield from self._coarse(label, slope, number)
            if claimed.constant:
                yield from self._difference(label, slope, claimed)

    def _coarse(self, label: str, slope: float, number: ClaimedNumber) -> Iterator[Allowance]:
        """What a claim may be off because it was computed in a coarser arithmetic."""
        error = COARSER[number.arithmetic] * self._rounding_of_terms(label, slope)
        # a guess excuses nothing that leaves no digits
        if number.told or error <= _BLURRED * max(abs(slope), self.number.scale({label: 1.0})):
            yield Allowance(error, number.arithmetic, detail=f", the rounding of {number.arithmetic}", lossy=True)

    def _difference(self, label: str, slope: float, claimed: Claimed, most: float = math.inf) -> Iterator[Allowance]:
        """What a claim may be off because it is a finite difference."""
        x = flattened(self.trial.point)[label]
        scale, noise = self.number.scale({label: 1.0}), self.number.noise.size
        near = Slope(x, slope, scale, noise, lambda number: self._comparer.value(self.claim.output, label, number))
        allowance = as_difference(claimed.number, near, most)
        if allowance is not None:
            yield allowance

    @cached_property
    def _comparer(self) -> Comparer:
        trial, name = self.trial, self.claim.output
        selected = {name: select(trial.tape, name)}
        return Comparer(trial.program, trial.point, trial.tape, None, trial.limits, selected)

    def _lost(self, label: str, slope: float, blurred: float) -> str:
        """Why a claim says nothing of the derivative, that rounding blurs; empty where it does.

        That is so where the program's own derivative is lost, or all that the claim's arithmetic leaves of it.
        """
        checked, _ = check_gradient(self._comparer, self.claim.output, {label: slope}, NO_KINKS, True, self.trial.seed)
        if checked[0].verdict is Verdict.LOST:
            return checked[0].reason
        coarse = blurred > max(self._rounding(label, slope), _BLURRED * self.number.scale({label: 1.0}))
        return f"the rounding of the claim itself leaves an error of about {blurred:.1g}" if coarse else ""

    def _rounding(self, label: str, slope: float) -> float:
        """How far rounding may have taken a derivative, what the values have lost on the way included.

        Where that is not known, it is taken from the absolute contributions to it, added up.
        """
        size, _ = self._uncertainty(label)
        if not math.isfinite(size):
            return ROUNDINGS * EPSILON * bounded(self.number.magnitudes[label])
        return max(size, ROUNDINGS * EPSILON * abs(slope))

    def _rounding_of_terms(self, label: str, slope: float) -> float:
        """The same closely, with that of the inputs: a coarser arithmetic rounds them as well."""
        size, inputs = self._uncertainty(label)
        known = size + inputs if math.isfinite(size + inputs) else 0.0
        return max(known, round_off_of_sweep(self.number.magnitudes[label]), EPSILON * abs(slope))

    def _uncertainty(self, label: str) -> tuple[float, float]:
        """How far rounding on the way, and rounded inputs, take a derivative; infinite where that is not known."""
        uncertainty = self.number.uncertainty({label: 1.0})
        try:
            known = None if uncertainty is None else uncertainty()
        except AdError:  # what is differentiated has no second derivative here
            known = None
        return (math.inf, math.inf) if known is None else (known.size, known.inputs)

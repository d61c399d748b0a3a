"""Claimed derivatives, held against those of the program: at the point, and at random ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from adcli.derive.modes import gradient
from adcli.errors import AdError, Problem
from adcli.program.claims import CODE, CompiledClaim
from adcli.program.program import Program
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.shapes import shape_text
from adcli.tape.components import flattened, index_of, labels_of, name_of, unit_of, value_at
from adcli.tape.execute import execute
from adcli.tape.ieee import quiet
from adcli.tape.interpreter import run
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.diagnosis import Diagnosis, diagnose
from adcli.trust.difference import EPSILON
from adcli.trust.evidence import Evidence
from adcli.trust.hypotheses import Sample
from adcli.trust.points import looked_at, random_points
from adcli.trust.rounding import Differentiated, bounded, round_off
from adcli.trust.verdict import Verdict, verdict, worst

RANDOM_POINTS = 20  # at which a claim has to hold as well
_TRIES = 5  # points that are drawn for each of them
_ROUNDINGS = 64  # unit round-offs that each contribution to a derivative or to a claim may be off by
_TELLING = 5  # significant digits from which on the last one is taken for rounded
_MOST_SAMPLES = 5  # components that a diagnosis looks at


class Numbers(NamedTuple):
    """A derivative that another program has computed: numbers, each with how far its last digit lets it be off.

    Attributes:
        output, variable: what is differentiated, by which input; a component as `w[2]`
        values, tolerances: by the component
        text: where it comes from
    """

    output: str
    variable: str
    values: Mapping[str, float]
    tolerances: Mapping[str, float]
    text: str


class ClaimedComponent(NamedTuple):
    """One component of a claim, at the point where it fits worst.

    Attributes:
        input: the component of the input
        claimed, derivative: what is claimed, and what the program's derivative is
        digits: how many significant digits of the two agree
        verdict: what may be believed of the claim
        reason: the inequality that decided
    """

    input: str
    claimed: float
    derivative: float
    digits: float
    verdict: Verdict
    reason: str


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


def judge_claim(
    program: Program,
    point: Mapping[str, Value],
    tape: Tape,
    claim: CompiledClaim | Numbers,
    seed: int,
    max_entries: int,
) -> JudgedClaim:
    """The verdict on a claim, with a diagnosis if it is wrong.

    A formula is judged at random points as well, and so is a number that is exact; a rounded one is that of the point.

    Raises AdError `bad-claim` where the claim does not have the shape of the derivative, and what running it raises.
    """
    here = _compared(program, tape, claim)
    elsewhere: list[tuple[dict[str, Value], _Pairs]] = []
    line = None
    if isinstance(claim, CompiledClaim):
        elsewhere = [] if _rounded(claim) else _at_random(program, point, claim, seed, max_entries)
        line = claim.source.place(claim.span.start)[0] if claim.source is program.source else None
    wrong_at = [drawn for drawn, pairs in elsewhere if _worst(pairs) is Verdict.WRONG]
    only_elsewhere = bool(wrong_at) and _worst(here) is Verdict.AGREES
    on_the_whole = Verdict.WRONG if only_elsewhere else _worst(here)
    diagnoses: tuple[Diagnosis, ...] = ()
    if on_the_whole is Verdict.WRONG:
        samples = _samples(here, [pairs for _, pairs in elsewhere])
        diagnoses = diagnose(program, samples, len(wrong_at), len(elsewhere))
    return JudgedClaim(
        claim.text, line, claim.output, claim.variable, tuple(component for component, _ in here), len(elsewhere),
        len(wrong_at), wrong_at[0] if only_elsewhere else None, on_the_whole, diagnoses,
    )  # fmt: skip


_Pairs: TypeAlias = list[tuple[ClaimedComponent, Sample]]  # what is told of each component, and what explains it


def _worst(pairs: _Pairs) -> Verdict:
    return worst(component.verdict for component, _ in pairs)


def _at_random(
    program: Program, point: Mapping[str, Value], claim: CompiledClaim, seed: int, max_entries: int
) -> list[tuple[dict[str, Value], _Pairs]]:
    """The claim at random points at which the program and its derivative have finite values."""

    def look(drawn: dict[str, Value]) -> _Pairs | None:
        try:
            pairs = _compared(program, execute(program, drawn, max_entries), claim)
        except AdError:
            return None
        return None if _worst(pairs) is Verdict.UNDEFINED else pairs

    seen = looked_at(random_points(program, point, seed), look, RANDOM_POINTS, _TRIES)
    return [(drawn, pairs) for drawn, pairs in seen if pairs is not None]


def _samples(here: _Pairs, elsewhere: Sequence[_Pairs]) -> list[Sample]:
    """What a diagnosis has to explain: the components that are wrong most, at every point; the given point first."""
    order = sorted(range(len(here)), key=lambda place: here[place][0].digits)[:_MOST_SAMPLES]
    return [pairs[place][1] for pairs in (here, *elsewhere) for place in order]


def _compared(program: Program, tape: Tape, claim: CompiledClaim | Numbers) -> _Pairs:
    """Each component that is claimed, beside the derivative."""
    tape, entries = with_entries(tape, [select(tape, claim.output)])
    output, name, index = entries[claim.output], name_of(claim.variable), _index(tape, claim)
    if shape_of(tape.values[output]):
        message = (
            f"`{claim.output}` is {shape_text(shape_of(tape.values[output]))}: claim the derivative of a component"
        )
        raise _bad(claim, message, f"as in `d{claim.output}[0]/d{claim.variable}`")
    derivative = gradient(tape, output, [name])
    wanted = value_at(derivative[name], index) if index else derivative[name]
    slopes = flattened({claim.variable: wanted})
    values, tolerances = _claimed(program, tape, claim, wanted)
    number = Differentiated(tape, {output: 1.0})
    pairs: _Pairs = []
    for label, slope in slopes.items():
        rounding = _rounding(number, label, slope)
        allowed = tolerances[label] + rounding
        judgement = verdict(Evidence(values[label], round_off=allowed, reference=slope))
        if judgement.verdict is Verdict.AGREES and judgement.apart > rounding:
            judgement = judgement._replace(reason=f"{judgement.reason}, half a unit of its last digit")
        component = ClaimedComponent(
            label, values[label], slope, judgement.digits or 0.0, judgement.verdict, judgement.reason
        )  # fmt: skip
        pairs.append((component, Sample(tape, output, label, slope, values[label], allowed)))
    return pairs


def _rounding(number: Differentiated, component: str, slope: float) -> float:
    """How far rounding may have taken a derivative, what the values have lost on the way included.

    Where that is not known, it is taken from the absolute contributions to it, added up.
    """
    uncertainty = number.uncertainty({component: 1.0})
    unknown = _ROUNDINGS * EPSILON * bounded(number.magnitudes[component])
    try:
        size = math.inf if uncertainty is None else uncertainty().size
    except AdError:  # what is differentiated has no second derivative here
        return unknown
    return max(size, _ROUNDINGS * EPSILON * abs(slope)) if math.isfinite(size) else unknown


def written_tolerance(number: Decimal) -> float:
    """How far a number may be off that is written in decimal: half a unit of its last digit.

    It is taken for rounded if it has five significant digits or more, else for exact.
    """
    _, digits, exponent = number.as_tuple()
    return 0.5 * 10.0**exponent if isinstance(exponent, int) and len(digits) >= _TELLING else 0.0


def _rounded(claim: CompiledClaim) -> float:
    """How far a claim may be off because it is a rounded number; 0 for a formula."""
    return written_tolerance(Decimal(claim.number)) if claim.number else 0.0


def _claimed(
    program: Program, tape: Tape, claim: CompiledClaim | Numbers, derivative: Value
) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """The numbers that a claim stands for, by component, and how far they may be off by rounding."""
    if isinstance(claim, CompiledClaim):
        values, tolerances = _computed(program, tape, claim, derivative)
        return values, {label: tolerance + _rounded(claim) for label, tolerance in tolerances.items()}
    if set(claim.values) != set(labels_of(claim.variable, shape_of(derivative))):
        message = f"the derivative is {shape_text(shape_of(derivative))}, and {len(claim.values)} numbers are given"
        raise _bad(claim, message, "give a number for each component")
    return claim.values, claim.tolerances


def _index(tape: Tape, claim: CompiledClaim | Numbers) -> tuple[int, ...]:
    """The index of the component that a claim is about; empty for all. Raises AdError where there is none such."""
    name = name_of(claim.variable)
    shape = shape_of(tape.values[tape.inputs[name]])
    try:
        index = index_of(claim.variable)
    except ValueError:
        index = (-1,)
    inside = len(index) == len(shape) and all(0 <= place < size for place, size in zip(index, shape, strict=True))
    if claim.variable != name and not (index and inside):
        message = f"there is no component `{claim.variable}`: `{name}` is {shape_text(shape)}"
        raise _bad(claim, message, "components are numbered from 0, as in `w[2]` or `X[1, 0]`")
    return index


def _computed(
    program: Program, tape: Tape, claim: CompiledClaim, derivative: Value
) -> tuple[dict[str, float], dict[str, float]]:
    """What a claim's expression gives, by component, and how far rounding may have taken it."""
    longer = tape.copy()
    longer.source = claim.source  # where its operations stand
    longer.arrays = tape.arrays or any(not operation.elementwise for operation in claim.code.operations())
    arguments: list[int | None] = [None] * program.code.size
    for name, slot in program.code.bindings.items():
        arguments[slot] = tape.bindings.get(name)
    with quiet(longer):
        slots = run(claim.code, longer, arguments, program.functions)  # type: ignore[arg-type]
    entry = slots[claim.code.result]
    value = longer.values[entry]
    if shape_of(value) != shape_of(derivative):
        message = (
            f"the claim is {shape_text(shape_of(value))}, and the derivative is {shape_text(shape_of(derivative))}"
        )
        raise _bad(claim, message, "claim all components of the input, or one: `dL/dw[2]`")
    values = flattened({claim.variable: value})
    if not is_finite(value):
        return values, dict.fromkeys(values, 0.0)
    return values, {
        label: _ROUNDINGS * round_off(longer, {entry: unit_of(value, label)}).size for label in values
    }  # fmt: skip


def _bad(claim: CompiledClaim | Numbers, message: str, help_text: str) -> AdError:
    if isinstance(claim, CompiledClaim):
        return AdError(Problem(CODE, message, claim.span, help=help_text), claim.source)
    return AdError(Problem(CODE, f"{claim.text}: {message}", help=help_text))

"""Claimed derivatives, held against those of the program: at the point, and at random ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from adcli.derive.modes import gradient, gradient_magnitude
from adcli.errors import AdError, Problem
from adcli.program.claims import CODE, Claim
from adcli.program.program import Program
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.shapes import shape_text
from adcli.tape.components import flattened, index_of, labels_of, name_of, unit_of, value_at
from adcli.tape.execute import execute, quiet
from adcli.tape.machine import run
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.diagnosis import Diagnosis, Sample, diagnose
from adcli.trust.difference import EPSILON
from adcli.trust.points import random_points
from adcli.trust.rounding import round_off
from adcli.trust.verdict import Verdict, agreeing_digits

RANDOM_POINTS = 20  # at which a claim has to hold as well
_TRIES = 5  # points that are drawn for each of them
_ROUNDINGS = 64  # unit round-offs that each contribution to a derivative or to a claim may be off by
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
    claim: Claim | Numbers,
    seed: int,
    max_entries: int,
) -> JudgedClaim:
    """The verdict on a claim, with a diagnosis if it is wrong.

    Raises AdError `bad-claim` where the claim does not have the shape of the derivative, and what running it raises.
    """
    here = _compared(program, tape, claim)
    elsewhere = []
    if isinstance(claim, Claim):
        elsewhere = list(_at_random(program, point, claim, seed, max_entries))
    components = tuple(component for component, _ in here)
    bad = [(at, pairs) for at, pairs in elsewhere if _worst(pairs) is Verdict.WRONG]
    verdict = _worst(here) if _worst(here) is not Verdict.AGREES or not bad else Verdict.WRONG
    diagnoses: tuple[Diagnosis, ...] = ()
    counterexample = None
    if verdict is Verdict.WRONG:
        if _worst(here) is Verdict.AGREES:
            counterexample = bad[0][0]
        samples = _samples(here, [pairs for _, pairs in elsewhere])
        diagnoses = diagnose(program, samples, len(bad), len(elsewhere))
    line = (
        claim.source.place(claim.span.start)[0] if isinstance(claim, Claim) and claim.source is program.source else None
    )
    return JudgedClaim(
        claim.text, line, claim.output, claim.variable, components, len(elsewhere), len(bad), counterexample, verdict,
        diagnoses,
    )  # fmt: skip


_Pairs = list[tuple[ClaimedComponent, Sample]]


def _worst(pairs: _Pairs) -> Verdict:
    verdicts = [component.verdict for component, _ in pairs]
    for verdict in (Verdict.WRONG, Verdict.UNDEFINED):
        if verdict in verdicts:
            return verdict
    return Verdict.AGREES


def _at_random(
    program: Program, point: Mapping[str, Value], claim: Claim, seed: int, max_entries: int
) -> Iterator[tuple[dict[str, Value], _Pairs]]:
    """The claim at random points at which the program and its derivative have finite values."""
    found = 0
    for drawn in islice(random_points(program, point, seed), _TRIES * RANDOM_POINTS):
        try:
            pairs = _compared(program, execute(program, drawn, max_entries), claim)
        except AdError:
            continue
        if _worst(pairs) is not Verdict.UNDEFINED:
            yield drawn, pairs
            found += 1
        if found == RANDOM_POINTS:
            return


def _samples(here: _Pairs, elsewhere: Sequence[_Pairs]) -> list[Sample]:
    """What a diagnosis has to explain: the components that are wrong most, at every point; the given point first."""
    order = sorted(range(len(here)), key=lambda place: here[place][0].digits)[:_MOST_SAMPLES]
    return [pairs[place][1] for pairs in (here, *elsewhere) for place in order]


def _compared(program: Program, tape: Tape, claim: Claim | Numbers) -> _Pairs:
    """Each component that is claimed, beside the derivative."""
    tape, entries = with_entries(tape, [select(tape, claim.output)])
    output, name, index = entries[claim.output], name_of(claim.variable), _index(tape, claim)
    if shape_of(tape.values[output]):
        message = (
            f"`{claim.output}` is {shape_text(shape_of(tape.values[output]))}: claim the derivative of a component"
        )
        raise _bad(claim, message, f"as in `d{claim.output}[0]/d{claim.variable}`")
    derivative = gradient(tape, output, [name])
    size = gradient_magnitude(tape, {output: 1.0}, [name])
    wanted = {claim.variable: value_at(derivative[name], index)} if index else derivative
    slopes, sizes = flattened(wanted), flattened({name: size[name]})
    if isinstance(claim, Claim):
        values, tolerances = _computed(program, tape, claim, wanted[claim.variable])
    else:
        values, tolerances = dict(claim.values), dict(claim.tolerances)
        if set(values) != set(labels_of(claim.variable, shape_of(wanted[claim.variable]))):
            message = (
                f"the derivative is {shape_text(shape_of(wanted[claim.variable]))}, and {len(values)} numbers are given"
            )
            raise _bad(claim, message, "give a number for each component")
    pairs: _Pairs = []
    for label in labels_of(claim.variable, shape_of(wanted[claim.variable])):
        allowed = tolerances[label] + _ROUNDINGS * EPSILON * sizes[label]
        component = _component(label, values[label], slopes[label], allowed)
        pairs.append((component, Sample(tape, output, label, slopes[label], values[label], allowed)))
    return pairs


def _index(tape: Tape, claim: Claim | Numbers) -> tuple[int, ...]:
    """The index of the component that a claim is about; empty for all. Raises AdError where there is none such."""
    name = name_of(claim.variable)
    shape = shape_of(tape.values[tape.inputs[name]])
    try:
        index = index_of(claim.variable)
    except ValueError:
        index = (-1,)
    inside = len(index) == len(shape) and all(0 <= one < size for one, size in zip(index, shape, strict=True))
    if claim.variable != name and not (index and inside):
        message = f"there is no component `{claim.variable}`: `{name}` is {shape_text(shape)}"
        raise _bad(claim, message, "components are numbered from 0, as in `w[2]` or `X[1, 0]`")
    return index


def _component(label: str, claimed: float, slope: float, allowed: float) -> ClaimedComponent:
    apart = abs(claimed - slope)
    if not math.isfinite(slope):
        return ClaimedComponent(label, claimed, slope, 0.0, Verdict.UNDEFINED, "the derivative is not finite here")
    holds = apart <= allowed
    reason = f"|claim - derivative|: {apart:.2g} apart {'<=' if holds else '>'} {allowed:.2g}"
    digits = agreeing_digits(claimed, slope, 0.0) if math.isfinite(claimed) else 0.0
    return ClaimedComponent(label, claimed, slope, digits, Verdict.AGREES if holds else Verdict.WRONG, reason)


def _computed(
    program: Program, tape: Tape, claim: Claim, derivative: Value
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
    tolerances = {}
    for label in values:
        seed = unit_of(value, label) if shape_of(value) else 1.0
        tolerances[label] = _ROUNDINGS * round_off(longer, {entry: seed}).size
    return values, tolerances


def _bad(claim: Claim | Numbers, message: str, help_text: str) -> AdError:
    if isinstance(claim, Claim):
        return AdError(Problem(CODE, message, claim.span, help=help_text), claim.source)
    return AdError(Problem(CODE, f"{claim.text}: {message}", help=help_text))

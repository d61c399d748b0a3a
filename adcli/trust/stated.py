"""The derivatives that the rules of a program state, beside those of what their values are computed by.

A rule's value stands on the tape as the operations that computed it, and in front of them the parameters as entries of
their own. So the value has a derivative by each of them, by a sweep of that stretch alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from adcli.records import NamedTuple
from adcli.rules.arrays import is_stated
from adcli.rules.dispatch import shape_of
from adcli.rules.local import fitted
from adcli.tape.carriers import magnitudes
from adcli.tape.components import flattened
from adcli.tape.fast import sweep
from adcli.tape.reach import active_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.judgement import SEVERITY, Verdict, agreeing_digits
from adcli.trust.rounding import ROUNDINGS, round_off, round_off_of_sweep

_MOST = 200  # calls of rules that are looked at


class StatedSlope(NamedTuple):
    """A derivative that a rule states, at the call where it is furthest off.

    Attributes:
        rule, parameter: of which rule by which of its parameters
        line: where the rule stands
        stated: the derivative as it is stated
        derivative: that of what the value is computed by
        apart: the distance of the two
        digits: how many significant digits agree
        verdict: what may be believed
        reason: the inequality that decided
    """

    rule: str
    parameter: str
    line: int | None
    stated: float
    derivative: float
    apart: float
    digits: float
    verdict: Verdict
    reason: str


def stated_slopes(tape: Tape) -> list[StatedSlope]:
    """Each derivative that a rule states, where it is furthest off of all calls."""
    worst: dict[tuple[str, str], StatedSlope] = {}
    entries = [entry for entry, operation in enumerate(tape.operations) if is_stated(operation)]
    for entry in entries[:_MOST]:
        for slope in _of_call(tape, entry):
            known = worst.get((slope.rule, slope.parameter))
            if known is None or _badness(slope) > _badness(known):
                worst[slope.rule, slope.parameter] = slope
    return list(worst.values())


def _badness(slope: StatedSlope) -> tuple[int, float]:
    return SEVERITY.index(slope.verdict), slope.apart


def _of_call(tape: Tape, entry: int) -> Iterator[StatedSlope]:
    value, *pairs = tape.operands[entry]
    span = tape.spans[entry]
    rule = "" if span is None else tape.source.text[span.start : span.end]
    seeds = {value: _ones(tape.values[value])}
    for variable, partial in zip(pairs[::2], pairs[1::2], strict=True):
        name = tape.names[variable] or "its operand"
        active = active_entries(tape, [variable])
        zero = 0.0 * tape.values[variable]
        found, size = sweep(tape, seeds, active)[variable], magnitudes(tape, seeds, active)[variable]
        stated = fitted(tape.values[partial] * seeds[value], shape_of(zero))
        noise = round_off(tape, {partial: _ones(tape.values[partial])})
        numbers = zip(*(flattened({name: zero + (0.0 if part is None else part)}).items()
                        for part in (stated, found, size)), strict=True)  # fmt: skip
        for (label, own), (_, derivative), (_, magnitude) in numbers:
            error = round_off_of_sweep(magnitude) + ROUNDINGS * noise.size
            yield _judged(rule, label, tape.line(entry), own, derivative, error)


def _judged(rule: str, parameter: str, line: int | None, stated: float, derivative: float, error: float) -> StatedSlope:
    apart = abs(stated - derivative)
    agrees = apart <= error
    reason = f"|stated - derivative of the value|: {apart:.2g} apart {'<=' if agrees else '>'} {error:.2g}"
    verdict, digits = Verdict.AGREES if agrees else Verdict.WRONG, agreeing_digits(stated, derivative, error)
    return StatedSlope(rule, parameter, line, stated, derivative, apart, digits, verdict, reason)


def _ones(value: Value) -> Value:
    return 1.0 if type(value) is float else value * 0.0 + 1.0

"""The verdict on a derivative: one function, given all the evidence that there is.

Evidence comes from differences that know their own error, from the forward sweep and the complex step, from what is
known of rounding, and from the slopes to both sides of a kink. A claim is held against the program's own derivative,
the Taylor test against what else agrees.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from adcli.trust.difference import EPSILON, OTHER_PIECES, Estimate
from adcli.trust.wording import sides_text

if TYPE_CHECKING:
    from adcli.trust.evidence import Evidence
    from adcli.trust.kinks import Slopes
    from adcli.trust.rounding import RoundOff
    from adcli.trust.taylor import Taylor


class Verdict(str, Enum):
    """What may be believed of a derivative."""

    AGREES = "agrees"
    WRONG = "wrong"
    STEP = "step"
    NONSMOOTH = "nonsmooth"
    UNDEFINED = "undefined"


# From the best to the worst.
SEVERITY = (Verdict.AGREES, Verdict.STEP, Verdict.NONSMOOTH, Verdict.UNDEFINED, Verdict.WRONG)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on the whole: the worst of all."""
    return max(verdicts, key=SEVERITY.index, default=Verdict.AGREES)


class Judgement(NamedTuple):
    """What the evidence says of a derivative.

    Attributes:
        value: the derivative by differences; of a claim the program's own
        error: how far that may be off
        apart: the distance of the two
        digits: how many significant digits agree; None where there is nothing to compare
        verdict: what may be believed
        reason: what decided, in words
    """

    value: float
    error: float
    apart: float
    digits: float | None
    verdict: Verdict
    reason: str

    @property
    def noteworthy(self) -> bool:
        """Whether a reader should be told the reason: all is not well, or the difference itself knows little."""
        return self.verdict is not Verdict.AGREES or self.error > _BLUNT * abs(self.value) > 0


_BLUNT = 1e-5  # an error, relative to the value, with which a difference that agrees says little
_SHARP = 2.5e-7  # an error, relative to the derivative, beyond which a difference could miss a part in a million
_MOST_DIGITS = -math.log10(EPSILON)
_TELLING = 0.1  # the largest error, relative to the two numbers, with which a difference can tell
_SHARE = 0.1  # of a distance, that the round-off of the derivative makes up where it is to blame
_NOT_FINITE = "the derivative is not finite here"
ILL_CONDITIONED = "the input's own rounding moves the value more than a difference can tell"


def verdict(evidence: Evidence) -> Judgement:
    """What may be believed of a derivative, from all the evidence there is on it."""
    if evidence.taylor is not None:
        return _of_taylor_test(evidence.taylor, evidence.confirmed)
    if evidence.reference is not None:
        return _of_claim(evidence.derivative, evidence.reference, evidence.round_off)
    judgement = _by_difference(evidence)
    if judgement.reason == OTHER_PIECES:
        judgement = judgement._replace(reason=f"{OTHER_PIECES}{evidence.parting()}")
    elif judgement.verdict is Verdict.WRONG and evidence.noise is not None:
        judgement = _reevaluated(evidence, evidence.noise, judgement)
    if evidence.forward is not None:
        kind, reason = _by_all_ways(evidence, evidence.forward, judgement)
        judgement = judgement._replace(digits=_common_digits(evidence, judgement), verdict=kind, reason=reason)
    if evidence.slopes is not None and judgement.verdict is not Verdict.UNDEFINED:
        return judgement._replace(verdict=Verdict.NONSMOOTH, reason=_at_kink(evidence.slopes, evidence.forward is None))
    return judgement


def _by_difference(evidence: Evidence) -> Judgement:
    """What the difference says, within what it can know."""
    derivative, estimate = evidence.derivative, evidence.difference
    if evidence.undefined or estimate is None:
        return Judgement(math.nan, math.nan, math.nan, None, Verdict.UNDEFINED, evidence.undefined)
    value, error = estimate.value, estimate.error
    apart = abs(derivative - value)

    def judged(kind: Verdict, reason: str, digits: float | None = None) -> Judgement:
        return Judgement(value, error, apart, digits, kind, reason)

    if not math.isfinite(derivative):
        return judged(Verdict.UNDEFINED, _NOT_FINITE)
    if not math.isfinite(value) and estimate.sides is not None:
        return judged(Verdict.NONSMOOTH, _sides(estimate))
    if not math.isfinite(value):
        return judged(Verdict.STEP, estimate.reason)
    if abs(derivative) > estimate.steepest:
        return judged(Verdict.STEP, estimate.reason or ILL_CONDITIONED)
    size = max(abs(derivative), abs(value))
    digits = agreeing_digits(derivative, value, estimate.floor)
    allowed = error + evidence.round_off
    telling = error <= _TELLING * size
    if apart <= allowed and (telling or (abs(derivative) <= evidence.round_off and not estimate.reason)):
        known = "" if error <= _BLUNT * size else ": the difference itself knows no more digits here"
        return judged(Verdict.AGREES, f"{apart:.2g} apart <= {allowed:.2g}{known}", digits)
    if apart > allowed and telling and not estimate.reason:
        if estimate.sides is not None:
            return judged(Verdict.NONSMOOTH, f"{_sides(estimate)}; the convention at the kink gives {derivative:.6g}")
        return judged(Verdict.WRONG, f"{apart:.2g} apart > {allowed:.2g}", digits)
    return judged(Verdict.STEP, estimate.reason or f"the error {error:.2g} is too large beside {size:.2g}", digits)


def _sides(estimate: Estimate) -> str:
    assert estimate.sides is not None
    return sides_text(*estimate.sides, estimate.jump)


def _reevaluated(evidence: Evidence, noise: RoundOff, judgement: Judgement) -> Judgement:
    """The judgement of a derivative that its difference contradicts: which of the two is to blame?

    If the derivative is that of the complex step, either rounding has taken its digits, or the difference is misled: by
    an input so large that no step is small, or by a function that changes faster than the steps.
    """
    from adcli.tape.describe import where
    from adcli.trust.complex_step import COMPLEX_ROUNDINGS, STEP  # which few need

    rounding, size = evidence.rounding, _finite(evidence.magnitude)
    assert rounding is not None and evidence.complex_step is not None
    lost = rounding.likely(evidence.component)
    if lost >= _SHARE * judgement.apart:
        place = "" if noise.entry is None else f"; digits are lost in {where(rounding.tape, noise.entry)}"
        blame = f"rounding is to blame: it leaves an error of about {lost:.1g} in the derivative"
        return judgement._replace(reason=f"{judgement.reason}; {blame}{place}")
    step = evidence.complex_step()
    allowed = COMPLEX_ROUNDINGS * EPSILON * size + STEP**2 + rounding.most(evidence.component, size)
    if step is None or not abs(step - evidence.derivative) <= allowed:
        return judgement
    reason = f"the difference is misled: the complex step gives {step:.6g}, as the reverse sweep does"
    return judgement._replace(verdict=Verdict.STEP, reason=reason)


def _by_all_ways(evidence: Evidence, forward: float, judgement: Judgement) -> tuple[Verdict, str]:
    """The verdict from both sweeps, the complex step and the difference, with the inequality that decided."""
    from adcli.trust.complex_step import COMPLEX_ROUNDINGS, LEAST_TOLD, STEP  # which only `check` needs
    from adcli.trust.rounding import ROUNDINGS

    reverse, size = evidence.derivative, _finite(evidence.magnitude)
    rounding = EPSILON * size
    if judgement.verdict is Verdict.UNDEFINED:
        return Verdict.UNDEFINED, judgement.reason
    if not math.isfinite(forward):
        return Verdict.UNDEFINED, "the forward sweep meets 0 * inf on a way that the reverse sweep does not take"
    apart, allowed = abs(reverse - forward), 4 * ROUNDINGS * rounding
    if not apart <= allowed and not apart <= (allowed := allowed + _further(evidence, size)):
        return Verdict.WRONG, _inequality("forward", apart, ">", allowed)
    if judgement.verdict is Verdict.NONSMOOTH:
        return Verdict.NONSMOOTH, judgement.reason
    step = None if evidence.complex_step is None else evidence.complex_step()
    if step is not None and math.isfinite(step) and max(abs(reverse), abs(step)) >= LEAST_TOLD:
        apart, allowed = abs(reverse - step), COMPLEX_ROUNDINGS * rounding + STEP**2
        if apart > allowed:
            allowed += _further(evidence, size)
        if apart <= allowed and judgement.verdict is not Verdict.WRONG:
            return Verdict.AGREES, _inequality("complex step", apart, "<=", allowed)
        doubtful = judgement.verdict is Verdict.AGREES and judgement.error + judgement.apart < apart
        if apart > allowed and not doubtful:
            return Verdict.WRONG, _inequality("complex step", apart, ">", allowed)
    blunt = judgement.error > _SHARP * abs(reverse) and abs(reverse) > ROUNDINGS * rounding
    if judgement.verdict is Verdict.AGREES and blunt:
        reason = f"the difference is good to {judgement.error:.2g} only, which is much beside {abs(reverse):.2g}"
        return Verdict.STEP, reason
    if judgement.verdict in (Verdict.AGREES, Verdict.WRONG):
        return judgement.verdict, f"|reverse - difference|: {judgement.reason}"
    return judgement.verdict, judgement.reason


def _further(evidence: Evidence, size: float) -> float:
    """How far rounding may take two ways apart at most; worked out only where they are apart."""
    return 0.0 if evidence.rounding is None else evidence.rounding.most(evidence.component, size)


def _finite(magnitude: float) -> float:
    """A sum of absolute contributions; 0 where it is beyond the range of numbers, so that it excuses nothing."""
    return magnitude if magnitude < math.inf else 0.0


def _inequality(other: str, apart: float, relation: str, allowed: float) -> str:
    return f"|reverse - {other}|: {apart:.2g} apart {relation} {allowed:.2g}"


def _common_digits(evidence: Evidence, judgement: Judgement) -> float | None:
    """How many digits all that is known agrees in."""
    if judgement.digits is None:
        return None
    step = None if evidence.complex_step is None else evidence.complex_step()
    others = [number for number in (evidence.forward, step) if number is not None]
    return min([judgement.digits, *(agreeing_digits(evidence.derivative, number, 0.0) for number in others)])


def _at_kink(slopes: Slopes, with_convention: bool) -> str:
    """The reason where the slopes to both sides differ, whatever differences say."""
    text = sides_text(slopes.left, slopes.right, slopes.jump)
    return f"{text}; the convention gives {slopes.used:.6g}" if with_convention else text


def _of_claim(claimed: float, derivative: float, tolerance: float) -> Judgement:
    """What the program's own derivative says of a claim, whose digits and rounding leave it a tolerance."""
    apart = abs(claimed - derivative)
    if not math.isfinite(derivative):
        return Judgement(derivative, tolerance, apart, 0.0, Verdict.UNDEFINED, _NOT_FINITE)
    holds = apart <= tolerance
    reason = f"|claim - derivative|: {apart:.2g} apart {'<=' if holds else '>'} {tolerance:.2g}"
    digits = agreeing_digits(claimed, derivative, 0.0) if math.isfinite(claimed) else 0.0
    return Judgement(derivative, tolerance, apart, digits, Verdict.AGREES if holds else Verdict.WRONG, reason)


def _of_taylor_test(test: Taylor, confirmed: bool) -> Judgement:
    """What the Taylor test says. If it fails and the complex step agrees, its steps are too large, or too noisy."""
    kind, reason = Verdict.AGREES if test.passed else Verdict.WRONG, test.reason
    if not test.passed and confirmed:
        kind = Verdict.STEP
        reason = (
            "the remainders do not fall as they should, but the complex step agrees: no step is small enough to tell"
        )
    return Judgement(math.nan, math.nan, math.nan, None, kind, reason)


def agreeing_digits(x: float, y: float, floor: float) -> float:
    """How many significant digits of two numbers agree; differences below the floor count as large as it."""
    size = max(abs(x), abs(y), floor)
    ratio = abs(x - y) / size if size else 0.0
    return max(0.0, min(_MOST_DIGITS, -math.log10(ratio))) if ratio else _MOST_DIGITS

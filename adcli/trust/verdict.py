"""The verdict on a derivative: one function, given all the evidence that there is.

Evidence comes from differences that know their own error, from the forward sweep and the complex step, from what is
known of rounding, and from the slopes to both sides of a kink. A claim is held against the program's own derivative,
the Taylor test against what else agrees.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from adcli.trust.all_ways import ENOUGH, SHARP, by_all_ways
from adcli.trust.difference import EPSILON, OTHER_PIECES, Estimate
from adcli.trust.judgement import Judgement, Verdict, agreeing_digits, known_digits
from adcli.trust.wording import sides_text

if TYPE_CHECKING:
    from adcli.trust.evidence import Evidence
    from adcli.trust.kinks import Slopes
    from adcli.trust.taylor import Taylor


_FELT = 0.5  # of the distance of two ways, from which what underflows explains it
_TELLING = 0.1  # the largest error, relative to the two numbers, with which a difference can tell
_NOT_FINITE = "the derivative is not finite here"
ILL_CONDITIONED = "the input's own rounding moves the value more than a difference can tell"


def verdict(evidence: Evidence) -> Judgement:
    """What may be believed of a derivative, from all the evidence there is on it."""
    if evidence.taylor is not None:
        return _of_taylor_test(evidence.taylor, evidence.confirmed)
    if evidence.reference is not None:
        return _of_claim(evidence, evidence.reference)
    judgement = _by_difference(evidence)
    if evidence.underflown:
        return _where_a_kink_is_an_underflow(judgement, evidence.underflown)
    if judgement.reason == OTHER_PIECES:
        judgement = judgement._replace(reason=f"{OTHER_PIECES}{evidence.parting()}")
    if evidence.slopes is not None and evidence.slopes.differ:
        return _where_slopes_differ(evidence, judgement, evidence.slopes)
    if evidence.slopes is not None and _settle(evidence.slopes, judgement):
        reason = f"the slopes to both sides are {evidence.slopes.common:.6g}, the derivative itself"
        return judgement._replace(verdict=Verdict.AGREES, reason=reason)
    if judgement.verdict in (Verdict.UNDEFINED, Verdict.NONSMOOTH):
        return judgement
    if evidence.forward is not None or judgement.verdict is not Verdict.AGREES or not _knows(judgement, evidence):
        judgement = by_all_ways(evidence, judgement)
    if judgement.verdict is Verdict.AGREES and evidence.derivative == evidence.magnitude == 0:
        judgement = _against_decisions(judgement, evidence)
    return _explained_by_underflow(judgement, evidence) if judgement.verdict is Verdict.WRONG else judgement


def _against_decisions(judgement: Judgement, evidence: Evidence) -> Judgement:
    """The judgement of a 0 that nothing contributes to: the value may follow the input by decisions all the same."""
    slope = None if evidence.by_decisions is None else evidence.by_decisions()
    if slope is None:
        return judgement
    reason = (
        f"the value follows {evidence.component} by decisions, with a slope of about {slope:.3g}: no sweep feels it"
    )
    return judgement._replace(verdict=Verdict.WRONG, reason=reason, digits=0.0)


def _where_a_kink_is_an_underflow(judgement: Judgement, what: str) -> Judgement:
    """The judgement where an operation is at its kink by an underflow only, and has another derivative."""
    if judgement.verdict is Verdict.UNDEFINED:
        return judgement
    return judgement._replace(verdict=Verdict.LOST, reason=what, digits=0.0)


def _explained_by_underflow(judgement: Judgement, evidence: Evidence) -> Judgement:
    """What is no mistake after all, as other ways do not feel a value that is too small for a float."""
    share, what = (0.0, "") if evidence.underflow is None else evidence.underflow()
    if not what or share < _FELT * judgement.apart:
        return judgement
    return judgement._replace(verdict=Verdict.STEP, reason=f"{what}: the derivative feels it, and other ways do not")


def _where_slopes_differ(evidence: Evidence, judgement: Judgement, slopes: Slopes) -> Judgement:
    """The judgement where the slopes to both sides are not both what was used as the derivative."""
    if evidence.forward is not None and judgement.verdict is not Verdict.UNDEFINED:
        judgement = by_all_ways(evidence, judgement)
    infinite = any(slope is not None and math.isinf(slope) for slope in (slopes.left, slopes.right))
    undefined = judgement.verdict is Verdict.UNDEFINED and not (infinite and math.isinf(evidence.derivative))
    if slopes.common is not None:
        reason = f"the slopes to both sides are {slopes.common:.6g}: that is the derivative"
        if undefined:
            return judgement._replace(reason=f"{judgement.reason}; {reason}" if judgement.reason else reason)
        return judgement._replace(verdict=Verdict.WRONG, reason=reason)
    if undefined:
        return judgement
    if infinite:
        judgement = judgement._replace(value=math.nan, error=math.nan, apart=math.nan, digits=None)
    return judgement._replace(verdict=Verdict.NONSMOOTH, reason=_at_kink(slopes, evidence.forward is None))


def _settle(slopes: Slopes, judgement: Judgement) -> bool:
    """Whether slopes to both sides that are the derivative tell more than the difference, which is in doubt."""
    in_doubt = judgement.verdict in (Verdict.STEP, Verdict.NONSMOOTH)
    return in_doubt and slopes.common is not None and not judgement.apart > judgement.error


def _knows(judgement: Judgement, evidence: Evidence) -> bool:
    """Whether a difference confirms so many digits that no other way needs to be looked at."""
    excused = judgement.apart > max(judgement.error, EPSILON * abs(evidence.derivative))
    return not excused and judgement.error + judgement.apart <= SHARP * abs(evidence.derivative)


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
    if apart <= allowed and (telling or abs(derivative) <= evidence.round_off) and not estimate.reason:
        return judged(Verdict.AGREES, f"{apart:.2g} apart <= {allowed:.2g}", digits)
    if apart > allowed and telling and not estimate.reason:
        if estimate.sides is not None:
            return judged(Verdict.NONSMOOTH, f"{_sides(estimate)}; the convention at the kink gives {derivative:.6g}")
        return judged(Verdict.WRONG, f"{apart:.2g} apart > {allowed:.2g}", digits)
    reason = estimate.reason or f"the error {error:.2g} is too large beside {size:.2g}"
    return judged(Verdict.STEP, reason, known_digits(error, size, digits))


def _sides(estimate: Estimate) -> str:
    assert estimate.sides is not None
    return sides_text(*estimate.sides, estimate.jump)


def _at_kink(slopes: Slopes, with_convention: bool) -> str:
    """The reason where the slopes to both sides differ, whatever differences say."""
    text = sides_text(slopes.left, slopes.right, slopes.jump, slopes.of)
    return f"{text}; the convention gives {slopes.used:.6g}" if with_convention else text


def _of_claim(evidence: Evidence, reference: float) -> Judgement:
    """What the program's own derivative says of a claim, whose precision and rounding leave it a tolerance."""
    claimed, slopes = evidence.derivative, evidence.slopes
    derivative = reference if slopes is None or slopes.common is None else slopes.common
    apart, allowed, precision, detail = abs(claimed - derivative), evidence.round_off, "", ""
    blurred = allowed
    digits = agreeing_digits(claimed, derivative, 0.0) if math.isfinite(claimed + derivative) else 0.0

    def judged(kind: Verdict, reason: str, precision: str = "") -> Judgement:
        return Judgement(derivative, allowed, apart, digits, kind, reason, precision)

    if slopes is not None and slopes.common is None:
        among = slopes.cover(claimed)
        reason = f"no derivative here: {_at_kink(slopes, False)}; the claim is {'between' if among else 'beyond'} them"
        return judged(Verdict.NONSMOOTH if among else Verdict.WRONG, reason)
    if not math.isfinite(derivative):
        return judged(Verdict.UNDEFINED, _NOT_FINITE)
    allowances = iter(evidence.allowed)
    while apart > allowed:
        allowance = next(allowances, None)
        if allowance is None:
            return judged(Verdict.WRONG, f"|claim - derivative|: {apart:.2g} apart > {allowed:.2g}")
        allowed = max(allowed, evidence.round_off + allowance.error)
        blurred = allowed if allowance.lossy else evidence.round_off
        precision, detail = allowance.text(digits), allowance.detail
    lost = blurred > ENOUGH * abs(derivative) and evidence.lost(blurred)
    if lost:
        return judged(Verdict.LOST, lost)
    return judged(Verdict.AGREES, f"|claim - derivative|: {apart:.2g} apart <= {allowed:.2g}{detail}", precision)


def _of_taylor_test(test: Taylor, confirmed: bool) -> Judgement:
    """What the Taylor test says. If it fails and the complex step agrees, its steps are too large, or too noisy."""
    kind, reason = Verdict.AGREES if test.passed else Verdict.WRONG, test.reason
    if not test.passed and confirmed:
        kind = Verdict.STEP
        reason = (
            "the remainders do not fall as they should, but the complex step agrees: no step is small enough to tell"
        )
    return Judgement(math.nan, math.nan, math.nan, None, kind, reason)

"""The verdict on a derivative: one function, given all the evidence that there is.

Evidence comes from differences that know their own error, from the forward sweep and the complex step, from what is
known of rounding, and from the slopes to both sides of a kink. A claim is held against the program's own derivative,
the Taylor test against what else agrees.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from adcli.errors import AdError
from adcli.trust.difference import EPSILON, OTHER_PIECES, Estimate
from adcli.trust.rounding import Uncertainty, bounded
from adcli.trust.wording import sides_text

if TYPE_CHECKING:
    from adcli.trust.evidence import Evidence
    from adcli.trust.kinks import Slopes
    from adcli.trust.taylor import Taylor


class Verdict(str, Enum):
    """What may be believed of a derivative."""

    AGREES = "agrees"
    WRONG = "wrong"
    STEP = "step"
    NONSMOOTH = "nonsmooth"
    UNDEFINED = "undefined"
    LOST = "lost"


# From the best to the worst.
SEVERITY = (Verdict.AGREES, Verdict.STEP, Verdict.NONSMOOTH, Verdict.LOST, Verdict.UNDEFINED, Verdict.WRONG)


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
        precision: of a claim that agrees no more than it is precise itself: `to 5 digits: rounded`
    """

    value: float
    error: float
    apart: float
    digits: float | None
    verdict: Verdict
    reason: str
    precision: str = ""

    @property
    def noteworthy(self) -> bool:
        """Whether a reader should be told the reason: all is not well, or the difference itself knows little."""
        return self.verdict is not Verdict.AGREES or self.reason.startswith(ZERO)


ZERO = "zero within rounding"
_ENOUGH = 5e-4  # an error, relative to the derivative, with which three digits are known
_ZERO = 1e-12  # an error, relative to the scale of a derivative, that makes a zero of what is below it
_BLUNT_ZERO = 1e-6  # the same of what a difference has to tell of a zero
_ULPS = 16.0  # units in the last place of the inputs, within which a derivative may pass through zero
_SAFETY = 16.0  # by which a bound of rounding is beyond what it likely is
_SHARP = 2.5e-7  # an error, relative to the derivative, beyond which a difference could miss a part in a million
_MOST_DIGITS = -math.log10(EPSILON)
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
        judgement = _by_all_ways(evidence, judgement)
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
        judgement = _by_all_ways(evidence, judgement)
    undefined = judgement.verdict is Verdict.UNDEFINED
    if slopes.common is not None:
        reason = f"the slopes to both sides are {slopes.common:.6g}: that is the derivative"
        if undefined:
            return judgement._replace(reason=f"{judgement.reason}; {reason}" if judgement.reason else reason)
        return judgement._replace(verdict=Verdict.WRONG, reason=reason)
    if undefined:
        return judgement
    if any(slope is not None and math.isinf(slope) for slope in (slopes.left, slopes.right)):
        judgement = judgement._replace(value=math.nan, error=math.nan, apart=math.nan, digits=None)
    return judgement._replace(verdict=Verdict.NONSMOOTH, reason=_at_kink(slopes, evidence.forward is None))


def _settle(slopes: Slopes, judgement: Judgement) -> bool:
    """Whether slopes to both sides that are the derivative tell more than the difference, which is in doubt."""
    in_doubt = judgement.verdict in (Verdict.STEP, Verdict.NONSMOOTH)
    return in_doubt and slopes.common is not None and not judgement.apart > judgement.error


def _knows(judgement: Judgement, evidence: Evidence) -> bool:
    """Whether a difference confirms so many digits that no other way needs to be looked at."""
    excused = judgement.apart > max(judgement.error, EPSILON * abs(evidence.derivative))
    return not excused and judgement.error + judgement.apart <= _SHARP * abs(evidence.derivative)


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
    return judged(Verdict.STEP, estimate.reason or f"the error {error:.2g} is too large beside {size:.2g}", digits)


def _sides(estimate: Estimate) -> str:
    assert estimate.sides is not None
    return sides_text(*estimate.sides, estimate.jump)


class _Known(NamedTuple):
    """What all ways together know of a derivative.

    Attributes:
        error: how far it may be off
        by: the inequality that tells so
        exact: whether it has all digits but for rounding, as the complex step has
    """

    error: float
    by: str
    exact: bool = False


def _by_all_ways(evidence: Evidence, judgement: Judgement) -> Judgement:
    """The judgement from both sweeps, the complex step and the difference, with what rounding does to them.

    `wrong` is never said where rounding explains the distance, and `agrees` never where it has taken all digits.
    """
    rounding = _rounding(evidence)
    reverse, forward = evidence.derivative, evidence.forward
    digits = _common_digits(evidence, judgement)
    if forward is not None and not math.isfinite(forward):
        reason = "the forward sweep meets 0 * inf on a way that the reverse sweep does not take"
        return judgement._replace(verdict=Verdict.UNDEFINED, reason=reason, digits=digits)
    if forward is not None and abs(reverse - forward) > rounding.most:
        reason = _inequality("forward", abs(reverse - forward), ">", rounding.most)
        return judgement._replace(verdict=Verdict.WRONG, reason=reason, digits=digits)
    step = None if evidence.complex_step is None else evidence.complex_step()
    known: list[_Known] = []
    if judgement.reason.startswith(OTHER_PIECES):
        step = None  # it keeps the decisions of the point itself
    if step == 0 == reverse and judgement.verdict is Verdict.AGREES:
        known.append(_Known(rounding.size, _inequality("complex step", 0.0, "<=", _of_complex_step(evidence)), True))
    elif step is not None and math.isfinite(step) and max(abs(reverse), abs(step)) >= _least_told():
        apart, allowed = abs(reverse - step), _of_complex_step(evidence)
        if apart > allowed:
            allowed += rounding.most
        doubtful = judgement.verdict is Verdict.AGREES and judgement.error + judgement.apart < apart
        if apart <= allowed:
            known.append(_Known(max(apart, rounding.size), _inequality("complex step", apart, "<=", allowed), True))
        elif not doubtful:
            reason = _inequality("complex step", apart, ">", allowed)
            return judgement._replace(verdict=Verdict.WRONG, reason=reason, digits=digits)
    contradicted = judgement.verdict is Verdict.WRONG and judgement.apart > judgement.error + rounding.most
    if contradicted and not known:
        return judgement._replace(reason=_named(judgement.reason, evidence), digits=digits)
    if judgement.verdict in (Verdict.AGREES, Verdict.WRONG) and not contradicted:
        excused = f"{judgement.apart:.2g} apart <= {judgement.error + rounding.most:.2g}"
        reason = judgement.reason if judgement.verdict is Verdict.AGREES else excused
        alone = judgement.apart <= judgement.error  # else only rounding excuses the distance, and tells how far it goes
        error = judgement.apart + judgement.error
        known.append(_Known(error if alone else max(error, rounding.size), _named(reason, evidence)))
    return _from_known(evidence, judgement._replace(digits=digits), known, rounding)


def _from_known(evidence: Evidence, judgement: Judgement, known: Sequence[_Known], rounding: Uncertainty) -> Judgement:
    """The judgement of a derivative that nothing contradicts: how much of it is known?"""
    size, enough = abs(evidence.derivative), _ENOUGH if evidence.forward is None else _SHARP
    best = min(known, key=lambda way: way.error, default=None)
    # nothing was rounded on the way to an exact zero
    exact = 0.0 if size or rounding.size else _BLUNT_ZERO * max(evidence.scale, 1.0)
    if best is not None and best.error <= max(exact, (_ENOUGH if best.exact else enough) * size):
        # where the difference cannot tell, the digits are those of the complex step
        by_difference = judgement.verdict is Verdict.AGREES or not best.exact
        told = judgement.digits if by_difference else _digits(best.error, size, _MOST_DIGITS)
        digits = _digits(rounding.size / _SAFETY, size, told)
        return judgement._replace(verdict=Verdict.AGREES, reason=best.by, digits=digits)
    # a value of 0 has no size: where it is 0 all around, as that of a singular determinant, the contributions have
    scale = evidence.scale or (bounded(evidence.magnitude) if judgement.value == 0 == size else 0.0)
    zero = max(_ZERO * scale, _ULPS * rounding.inputs)
    if size <= rounding.size <= zero and best is not None and best.error <= max(zero, _BLUNT_ZERO * scale):
        return judgement._replace(verdict=Verdict.AGREES, reason=f"{ZERO}: 0 ± {rounding.size:.2g}", digits=None)
    if rounding.size > _ENOUGH * size and (best is not None or not _doubt(evidence)):
        place = f"; digits are lost in {rounding.text}" if rounding.text else ""
        reason = f"rounding has taken the digits: it leaves an error of about {rounding.size:.1g}{place}"
        digits = _digits(rounding.size, size, judgement.digits) if size else 0.0
        return judgement._replace(verdict=Verdict.LOST, reason=reason, digits=digits)
    if judgement.verdict is Verdict.STEP:
        return judgement
    reason = f"the difference is good to {judgement.error:.2g} only, which is much beside {size:.2g}"
    return judgement._replace(verdict=Verdict.STEP, reason=reason)


def _rounding(evidence: Evidence) -> Uncertainty:
    """What rounding does to the derivative; by the sweep alone where nobody knows more."""
    least = Uncertainty(evidence.round_off, 4 * evidence.round_off, 0.0)
    if evidence.uncertainty is None:
        return least
    try:
        known = evidence.uncertainty()
    except AdError:  # what is differentiated has no second derivative here
        return least
    if not math.isfinite(known.size):
        return least
    return known._replace(most=max(known.most, least.most))


def _doubt(evidence: Evidence) -> str:
    """Why the difference is in doubt; empty where it is not."""
    return "" if evidence.difference is None else evidence.difference.reason


def _named(reason: str, evidence: Evidence) -> str:
    """The inequality of a difference, with its name where several ways are told."""
    return reason if evidence.forward is None else f"|reverse - difference|: {reason}"


def _least_told() -> float:
    from adcli.trust.complex_step import LEAST_TOLD  # which few need

    return LEAST_TOLD


def _of_complex_step(evidence: Evidence) -> float:
    """How far the complex step may be off by itself."""
    from adcli.trust.complex_step import COMPLEX_ROUNDINGS, STEP

    return COMPLEX_ROUNDINGS * EPSILON * bounded(evidence.magnitude) + STEP**2


def _inequality(other: str, apart: float, relation: str, allowed: float) -> str:
    return f"|reverse - {other}|: {apart:.2g} apart {relation} {allowed:.2g}"


def _common_digits(evidence: Evidence, judgement: Judgement) -> float | None:
    """How many digits all that is known agrees in."""
    if judgement.digits is None or evidence.forward is None:
        return judgement.digits
    step = None if evidence.complex_step is None else evidence.complex_step()
    others = [number for number in (evidence.forward, step) if number is not None]
    return min([judgement.digits, *(agreeing_digits(evidence.derivative, number, 0.0) for number in others)])


def _digits(error: float, size: float, agreeing: float | None) -> float | None:
    """The digits that are known: no more than agree, and than an error leaves."""
    if agreeing is None or not error or not size:
        return agreeing
    return max(0.0, min(agreeing, -math.log10(error / size)))


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
    lost = blurred > _ENOUGH * abs(derivative) and evidence.lost(blurred)
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


def agreeing_digits(x: float, y: float, floor: float) -> float:
    """How many significant digits of two numbers agree; differences below the floor count as large as it."""
    size = max(abs(x), abs(y), floor)
    ratio = abs(x - y) / size if size else 0.0
    return max(0.0, min(_MOST_DIGITS, -math.log10(ratio))) if ratio else _MOST_DIGITS

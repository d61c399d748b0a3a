"""What all ways to a derivative know together: both sweeps, the complex step, differences, and rounding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adcli.errors import AdError
from adcli.records import NamedTuple
from adcli.trust.difference import EPSILON, OTHER_PIECES
from adcli.trust.judgement import MOST_DIGITS, ZERO, Judgement, Verdict, agreeing_digits, known_digits
from adcli.trust.rounding import Uncertainty
from adcli.trust.sizes import bounded

if TYPE_CHECKING:
    from adcli.trust.evidence import Evidence

ENOUGH = 5e-4  # an error, relative to the derivative, with which three digits are known
_ZERO = 1e-12  # an error, relative to the scale of a derivative, that makes a zero of what is below it
_BLUNT_ZERO = 1e-6  # the same of what a difference has to tell of a zero
_NOTHING = 64 * 5e-324  # some units of the smallest number, which operations on zeros are said to round by
_ULPS = 16.0  # units in the last place of the inputs, within which a derivative may pass through zero
_SAFETY = 16.0  # by which a bound of rounding is beyond what it likely is
SHARP = 2.5e-7  # an error, relative to the derivative, beyond which a difference could miss a part in a million


class _Known(NamedTuple):
    """What a way knows of a derivative.

    Attributes:
        error: how far it may be off
        by: the inequality that tells so
        exact: whether it has all digits but for rounding, as the complex step has
        contradicts: whether it excludes the derivative
    """

    error: float
    by: str
    exact: bool = False
    contradicts: bool = False


def by_all_ways(evidence: Evidence, judgement: Judgement) -> Judgement:
    """The judgement from both sweeps, the complex step and the difference, with what rounding does to them.

    `wrong` is never said where rounding explains the distance, and `agrees` never where it has taken all digits.
    """
    rounding = _rounding(evidence)
    judgement = judgement._replace(digits=_common_digits(evidence, judgement))
    against = _by_forward_sweep(evidence, judgement, rounding)
    if against is not None:
        return against
    by_step = _by_complex_step(evidence, judgement, rounding)
    if by_step is not None and by_step.contradicts:
        return judgement._replace(verdict=Verdict.WRONG, reason=by_step.by)
    contradicted = judgement.verdict is Verdict.WRONG and judgement.apart > judgement.error + rounding.most
    if contradicted and by_step is None:
        return judgement._replace(reason=_named(judgement.reason, evidence))
    by_difference = None if contradicted else _by_difference(evidence, judgement, rounding)
    known = [way for way in (by_step, by_difference) if way is not None]
    return _from_known(evidence, judgement, known, rounding)


def _by_forward_sweep(evidence: Evidence, judgement: Judgement, rounding: Uncertainty) -> Judgement | None:
    """The judgement where the forward sweep excludes what the reverse sweep gives; None where it does not."""
    forward = evidence.forward
    if forward is None:
        return None
    if not math.isfinite(forward):
        reason = "the forward sweep meets 0 * inf on a way that the reverse sweep does not take"
        return judgement._replace(verdict=Verdict.UNDEFINED, reason=reason)
    apart = abs(evidence.derivative - forward)
    if apart <= rounding.most:
        return None
    return judgement._replace(verdict=Verdict.WRONG, reason=_inequality("forward", apart, ">", rounding.most))


def _by_complex_step(evidence: Evidence, judgement: Judgement, rounding: Uncertainty) -> _Known | None:
    """What the complex step knows; None where there is none, or where it tells nothing."""
    if judgement.reason.startswith(OTHER_PIECES):  # it keeps the decisions of the point itself
        return None
    reverse, step = evidence.derivative, None if evidence.complex_step is None else evidence.complex_step()
    if step is None or not math.isfinite(step):
        return None
    agrees, allowed = judgement.verdict is Verdict.AGREES, _of_complex_step(evidence)
    if step == 0 == reverse and agrees:
        return _Known(rounding.size, _inequality("complex step", 0.0, "<=", allowed), True)
    if max(abs(reverse), abs(step)) < _least_told():
        return None
    apart = abs(reverse - step)
    if apart > allowed:
        allowed += rounding.most
    if apart <= allowed:
        return _Known(max(apart, rounding.size), _inequality("complex step", apart, "<=", allowed), True)
    if agrees and judgement.error + judgement.apart < apart:  # the difference knows better
        return None
    return _Known(math.inf, _inequality("complex step", apart, ">", allowed), contradicts=True)


def _by_difference(evidence: Evidence, judgement: Judgement, rounding: Uncertainty) -> _Known | None:
    """What the difference knows, if rounding explains its distance; None where it is in doubt."""
    if judgement.verdict not in (Verdict.AGREES, Verdict.WRONG):
        return None
    excused = f"{judgement.apart:.2g} apart <= {judgement.error + rounding.most:.2g}"
    reason = judgement.reason if judgement.verdict is Verdict.AGREES else excused
    alone = judgement.apart <= judgement.error  # else only rounding excuses the distance, and tells how far it goes
    error = judgement.apart + judgement.error
    return _Known(error if alone else max(error, rounding.size), _named(reason, evidence))


def _from_known(evidence: Evidence, judgement: Judgement, known: Sequence[_Known], rounding: Uncertainty) -> Judgement:
    """The judgement of a derivative that nothing contradicts: how much of it is known?"""
    size, enough = abs(evidence.derivative), ENOUGH if evidence.forward is None else SHARP
    best = min(known, key=lambda way: way.error, default=None)
    # nothing was rounded on the way to an exact zero, but for what is below all normal numbers
    exact = 0.0 if size or rounding.size > _NOTHING else _BLUNT_ZERO * max(evidence.scale, 1.0)
    if best is not None and best.error <= max(exact, (ENOUGH if best.exact else enough) * size):
        # where the difference cannot tell, the digits are those of the complex step
        by_difference = judgement.verdict is Verdict.AGREES or not best.exact
        told = judgement.digits if by_difference else known_digits(best.error, size, MOST_DIGITS)
        digits = known_digits(rounding.size / _SAFETY, size, told)
        return judgement._replace(verdict=Verdict.AGREES, reason=best.by, digits=digits)
    # a value of 0 has no size: where it is 0 all around, as that of a singular determinant, the contributions have
    scale = evidence.scale or (bounded(evidence.magnitude) if judgement.value == 0 == size else 0.0)
    zero = max(_ZERO * scale, _ULPS * rounding.inputs)
    if size <= rounding.size <= zero and best is not None and best.error <= max(zero, _BLUNT_ZERO * scale):
        return judgement._replace(verdict=Verdict.AGREES, reason=f"{ZERO}: 0 ± {rounding.size:.2g}", digits=None)
    if rounding.size > ENOUGH * size and (best is not None or not _doubt(evidence)):
        place = f"; digits are lost in {rounding.text}" if rounding.text else ""
        reason = f"rounding has taken the digits: it leaves an error of about {rounding.size:.1g}{place}"
        digits = known_digits(rounding.size, size, judgement.digits) if size else 0.0
        return judgement._replace(verdict=Verdict.LOST, reason=reason, digits=digits)
    if judgement.verdict is Verdict.STEP:
        return judgement
    reason = f"the difference is good to {judgement.error:.2g} only, which is much beside {size:.2g}"
    digits = known_digits(judgement.error, max(size, abs(judgement.value)), judgement.digits)
    return judgement._replace(verdict=Verdict.STEP, reason=reason, digits=digits)


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

"""A second look at a derivative that is not what its difference says: which of the two is to blame?

Where a complex step can be taken it tells whether the derivative is that of the formulas. If it is, either rounding has
taken the digits of the derivative, or the difference is misled: by an input so large that no step is small, or by a
function that changes faster than the steps.
"""

from __future__ import annotations

from adcli.tape.components import name_of, unit_of
from adcli.tape.describe import where
from adcli.trust.complex_step import COMPLEX_ROUNDINGS, STEP, complex_step
from adcli.trust.difference import EPSILON
from adcli.trust.rounding import DerivativeRounding, RoundOff
from adcli.trust.verdict import Judgement, Verdict

_SHARE = 0.1  # of a distance, that the round-off of the derivative makes up where it is to blame


def reconsidered(
    rounding: DerivativeRounding, component: str, slope: float, size: float, noise: RoundOff, judgement: Judgement
) -> Judgement:
    """The judgement of a derivative that is called wrong, by what else can be known.

    Args:
        rounding: of the derivatives of what was differentiated
        component: of the inputs
        slope, size: the derivative, and the sum of the absolute contributions to it
        noise: the round-off of the value
        judgement: of the difference
    """
    tape, lost = rounding.tape, rounding.likely(component)
    if lost >= _SHARE * judgement.apart:
        place = "" if noise.entry is None else f"; digits are lost in {where(tape, noise.entry)}"
        blame = f"rounding is to blame: it leaves an error of about {lost:.1g} in the derivative"
        return judgement._replace(reason=f"{judgement.reason}; {blame}{place}")
    entry = tape.inputs[name_of(component)]
    found = complex_step(tape, [rounding.entry], {entry: unit_of(tape.values[entry], component)})
    allowed = COMPLEX_ROUNDINGS * EPSILON * size + STEP**2 + rounding.most(component, size)
    if found is None or not abs(found[0] - slope) <= allowed:
        return judgement
    reason = f"the difference is misled: the complex step gives {found[0]:.6g}, as the reverse sweep does"
    return judgement._replace(verdict=Verdict.STEP, reason=reason)

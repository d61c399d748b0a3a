"""A second look at a derivative that is not what its difference says: which of the two is to blame?

Where a complex step can be taken it tells whether the derivative is that of the formulas. If it is, either rounding has
taken the digits of the derivative, or the difference is misled: by an input so large that no step is small, or by a
function that changes faster than the steps.
"""

from __future__ import annotations

from adcli.derive.modes import recorded_gradient
from adcli.tape.components import name_of, unit_of
from adcli.tape.describe import where
from adcli.tape.tape import Tape
from adcli.trust.complex_step import COMPLEX_ROUNDINGS, STEP, complex_step
from adcli.trust.difference import EPSILON
from adcli.trust.rounding import RoundOff, round_off
from adcli.trust.verdict import Judgement, Verdict

_SHARE = 0.1  # of a distance, that the round-off of the derivative makes up where it is to blame


def reconsidered(
    tape: Tape, output: int, component: str, slope: float, size: float, noise: RoundOff, judgement: Judgement
) -> Judgement:
    """The judgement of a derivative that is called wrong, by what else can be known.

    Args:
        tape, output: what ran, and the entry that was differentiated
        component: of the inputs
        slope, size: the derivative, and the sum of the absolute contributions to it
        noise: the round-off of the value
        judgement: of the difference
    """
    lost = derivative_noise(tape, output, component)
    if lost >= _SHARE * judgement.apart:
        place = "" if noise.entry is None else f"; digits are lost in {where(tape, noise.entry)}"
        blame = f"rounding is to blame: it leaves an error of about {lost:.1g} in the derivative"
        reason = f"{judgement.reason}; {blame}{place}"
        return judgement._replace(reason=reason)
    name = name_of(component)
    entry = tape.inputs[name]
    found = complex_step(tape, [output], {entry: unit_of(tape.values[entry], component)})
    if found is None or not abs(found[0] - slope) <= COMPLEX_ROUNDINGS * EPSILON * size + STEP**2:
        return judgement
    reason = f"the difference is misled: the complex step gives {found[0]:.6g}, as the reverse sweep does"
    return judgement._replace(verdict=Verdict.STEP, reason=reason)


def derivative_noise(tape: Tape, output: int, component: str) -> float:
    """How much of a derivative is round-off, from one sweep over the recorded sweep."""
    name = name_of(component)
    longer, slopes = recorded_gradient(tape, output, [name])
    slope = slopes[name]
    if slope is None:
        return 0.0
    return round_off(longer, {slope: unit_of(longer.values[slope], component)}).size

"""What is known of one derivative: the evidence that the verdict is given from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from adcli.records import NamedTuple
from adcli.trust.difference import Estimate
from adcli.trust.rounding import Uncertainty

if TYPE_CHECKING:
    from adcli.trust.claimed import Allowance
    from adcli.trust.kinks import Slopes
    from adcli.trust.taylor import Taylor


class Evidence(NamedTuple):
    """What is known of one derivative. What costs much is a function: it is called only where the rest leaves it open.

    Attributes:
        derivative: by the reverse sweep, or as it is claimed
        undefined: what is not finite, and where, so that there is nothing to compare; else empty
        difference: by differences; None where the derivative is undefined
        round_off: how far the derivative itself may be off by rounding: a zero that is the sum of large contributions
            is not exact
        magnitude: the sum of the absolute contributions to it, which its rounding is relative to
        component: by which component of the inputs it is; empty along a direction
        uncertainty: tells what rounding does to the derivative; None where nobody knows
        scale: the size of a derivative that moves the value by as much as it is, where the inputs move by as much as
            they are: what a zero is small beside
        parting: tells the first decision or operation that comes out otherwise beside the point
        forward: by the forward sweep; of a second derivative in the other order. None where it was not asked for
        complex_step: gives the derivative by the complex step; None where something on the way is not analytic
        slopes: to both sides, where there is a kink
        underflown: what is too small for a float, so that an operation only seems to be at its kink; empty if none is
        underflow: tells how much of the derivative comes through values that are too small for a float, and which
        by_decisions: tells how fast the value moves by decisions alone, which no derivative feels; None if it does not
        reference: the program's own derivative, which a claim is held against
        allowed: reasons for which a claim may be off though it is right, one after another
        lost: tells why a claim says nothing of a derivative, that rounding blurs by so much; empty where it does
        taylor: the Taylor test of a gradient, in place of all the above
        confirmed: whether the complex step agrees with every component of that
    """

    derivative: float
    undefined: str = ""
    difference: Estimate | None = None
    round_off: float = 0.0
    magnitude: float = 0.0
    component: str = ""
    uncertainty: Callable[[], Uncertainty] | None = None
    scale: float = 0.0
    parting: Callable[[], str] = str
    forward: float | None = None
    complex_step: Callable[[], float | None] | None = None
    slopes: Slopes | None = None
    underflown: str = ""
    underflow: Callable[[], tuple[float, str]] | None = None
    by_decisions: Callable[[], float | None] | None = None
    reference: float | None = None
    allowed: Iterable[Allowance] = ()
    lost: Callable[[float], str] = str
    taylor: Taylor | None = None
    confirmed: bool = False

"""The Taylor test: how fast the remainders of a Taylor polynomial fall as the step is halved.

Of f(x + h d) what a polynomial of degree k, made of the derivatives in question, leaves falls like h^(k + 1) if these
are right, and no faster than h^k if the k-th is wrong. Farrell, Ham, Funke and Rognes, SIAM J. Sci. Comput. 35 (2013)
C369, call it the Taylor remainder convergence test.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from adcli.records import NamedTuple
from adcli.trust.difference import Function
from adcli.trust.judgement import Verdict

ORDERS = 3  # remainders of the value alone, with the slope, and with the curvature
SHOWN = 6  # halvings that a reader sees
_FIRST, _LAST = 1, 45  # exponents of the halved steps
_ABOVE_NOISE = 200.0  # times the round-off, from which a remainder tells an order
_SHORTFALL = 0.3  # that an observed order may have
_EXPLAINED = 2.0  # times what the further terms of the polynomial account for, from which a remainder is of its own
_DECIDING = 3  # orders at the smallest steps that decide
_STEADY = 0.02  # how far these are apart where they no longer change with the step
_FRACTION = 0.03  # above a whole number, from which a steady order is that of a power of the step with a fraction


class Remainders(NamedTuple):
    """What the polynomials of degree 0, 1 and 2 leave at a step, and the orders observed from twice the step.

    Attributes:
        step: the step
        sizes: of the remainders
        orders: None where a remainder is round-off
        explained: how much of each remainder the further terms of the polynomial may account for
    """

    step: float
    sizes: tuple[float, ...]
    orders: tuple[float | None, ...]
    explained: tuple[float, ...]


class Taylor(NamedTuple):
    """The test of one output along a direction.

    Attributes:
        rows: the last steps at which something can be told
        orders: the observed order of each remainder; None where there is none to observe, as it is all round-off
        passed: whether each falls as fast as it should
        reason: what decided
        verdict: what may be believed, given all else that is known; by itself a test has none
    """

    rows: tuple[Remainders, ...]
    orders: tuple[float | None, ...]
    passed: bool
    reason: str
    verdict: Verdict | None = None


def taylor_test(function: Function, slope: float, curvature: float, noise: float, growth: float = 0.0) -> Taylor:
    """Test the derivatives of a function along a line.

    Args:
        function: the value and the smooth pieces at a multiple of the direction
        slope, curvature: the first and the second derivative along it, at 0
        noise: how much round-off a value carries
        growth: how much more for each unit of the step: where the slope is steeper, rounded inputs move the value more
    """
    here = function(0.0)
    rows: list[Remainders] = []
    before: tuple[float, ...] | None = None
    for exponent in range(_FIRST, _LAST + 1):
        step = 2.0**-exponent
        there = function(step, here.pieces)
        if there.pieces != here.pieces or not math.isfinite(there.value):
            rows, before = [], None
            continue
        change = there.value - here.value
        linear = change - step * slope
        sizes = (abs(change), abs(linear), abs(linear - step * step * curvature / 2))
        floor = _ABOVE_NOISE * max(noise + step * growth, math.ulp(max(abs(there.value), abs(here.value))))
        floors = (floor, floor + 4 * math.ulp(step * slope), floor + 4 * math.ulp(step * slope))
        orders = (None,) * ORDERS if before is None else tuple(map(_order, before, sizes, floors))
        bend = step * step * abs(curvature) / 2
        rows.append(Remainders(step, sizes, orders, (step * abs(slope) + bend, bend, 0.0)))
        if sizes[1] <= floors[1] and sizes[0] <= floors[0]:
            break
        before = sizes
    return _judged(rows)


def _order(before: float, after: float, floor: float) -> float | None:
    """The order at which a remainder falls; None where it is as small as round-off."""
    return math.log2(before / after) if after > floor and before > floor else None


def _judged(rows: Sequence[Remainders]) -> Taylor:
    telling = [row for row in rows if any(order is not None for order in row.orders)]
    orders = tuple(_observed(telling, place) for place in range(ORDERS))
    short = [place for place, order in enumerate(orders) if order is not None and order < place + 1 - _SHORTFALL]
    fails = [
        place
        for place in short
        if _tells(telling, place) and not _is_fraction(telling, place) and (place < 2 or 1 not in short)
    ]
    if fails:
        place = fails[0]
        what = ("the value jumps", "the gradient is wrong", "the second derivatives are wrong")[place]
        reason = f"the remainder of order {place} falls like h^{orders[place]:.2f}, and not like h^{place + 1}: {what}"
    elif not telling:
        reason = "all remainders are round-off"
    elif any(_is_fraction(telling, place) for place in short):
        reason = "every remainder falls as fast as a function with no further derivative lets it"
    elif short:
        reason = "no step is small enough: further terms of the polynomial are larger than what it leaves"
    else:
        reason = "every remainder falls as it should"
    # those that show the most, or what fails
    place = fails[0] if fails else max((place for place, order in enumerate(orders) if order is not None), default=0)
    shown = [row for row in telling if row.orders[place] is not None]
    return Taylor(tuple(shown[-SHOWN:] if place else shown[:SHOWN]), orders, not fails, reason)


def _observed(rows: Sequence[Remainders], place: int) -> float | None:
    """The order of one remainder at the smallest steps that tell it: the last one where they still rise.

    Where terms of two orders cancel at one of the steps, the order is low there, and rises to that of the lower.
    """
    orders = _deciding(rows, place)
    if not orders:
        return None
    return orders[-1] if orders == sorted(orders) and orders[-1] < place + 1.5 else median(orders)


def _deciding(rows: Sequence[Remainders], place: int) -> list[float]:
    return [order for row in rows if (order := row.orders[place]) is not None][-_DECIDING:]


def _is_fraction(rows: Sequence[Remainders], place: int) -> bool:
    """Whether a remainder falls like a power such as h^2.5: that of x^2.5, which has no third derivative at 0.

    What a wrong derivative leaves falls like a whole power, or comes nearer to one from step to step.
    """
    orders = _deciding(rows, place)
    return len(orders) == _DECIDING and max(orders) - min(orders) < _STEADY and min(orders) > place + _FRACTION


def _tells(rows: Sequence[Remainders], place: int) -> bool:
    """Whether a remainder at the smallest step that shows its order is more than what the further terms explain.

    Where the further terms are larger than the remainder, they cancel one another in it. Its order then says nothing of
    the derivatives.
    """
    last = next(row for row in reversed(rows) if row.orders[place] is not None)
    return last.sizes[place] > _EXPLAINED * last.explained[place]

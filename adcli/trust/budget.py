"""How long a comparison may take: the gradient is the result, the comparison is a service."""

from __future__ import annotations

import math
import time

from adcli.records import NamedTuple
from adcli.tape.limits import Limits

LEAST = 2.0  # seconds
GRADIENTS = 20  # the time of so many gradients, where that is more
MOST_FOR_KINKS = 0.3  # of all that time
_LONGER, _AT_LEAST = 4, 1000  # times the entries of the run at a point, and that many more: how long one beside it is


class OutOfTime(Exception):  # noqa: N818 - it is no error: the comparison goes on with what it has
    """The time for a comparison is over."""


_ended = [False]  # whether somebody has asked to compare no more


def end_all() -> None:
    """Let the time of every budget be over: what was compared until now is the result."""
    _ended[0] = True


def begin_anew() -> None:
    """Let budgets have their time again."""
    _ended[0] = False


def are_over() -> bool:
    """Whether the time of every budget is over."""
    return _ended[0]


class Budget(NamedTuple):
    """The time that is left to compare: until a point in time, in seconds of a clock that only runs forward."""

    deadline: float = math.inf

    @property
    def left(self) -> float:
        """How many seconds are left; below 0 where it is over."""
        return -1.0 if _ended[0] else self.deadline - time.perf_counter()

    def part(self, share: float) -> Budget:
        """A budget of a share of what is left."""
        return Budget(time.perf_counter() + share * self.left)

    def require(self) -> None:
        """Raise OutOfTime where it is over."""
        if self.left < 0:
            raise OutOfTime


UNLIMITED = Budget()


def limits_beside(here: int, limits: Limits) -> Limits:
    """The limits of a run beside one with so many entries, if each tape has limits: a loop may not end there."""
    return limits._replace(entries=min(limits.entries, _LONGER * here + _AT_LEAST))


def budget_beside(seconds: float) -> Budget:
    """The budget, from now on, of a comparison beside derivatives that took so many seconds with their run."""
    return Budget(time.perf_counter() + max(LEAST, GRADIENTS * seconds))

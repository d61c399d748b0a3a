"""The limit of what is computed at steps that fall to zero, where every number has its own rounding.

The smaller the step, the nearer a number is to the limit, and the more of it rounding has eaten, as of (exp(x) - 1) / x
near 0. So each number comes with its noise, and the limit is taken from where both are small.
"""

from __future__ import annotations

import math
from itertools import pairwise

from adcli.records import NamedTuple
from adcli.trust.difference import Tableau

RATIO = 4.0  # of each step to the next
_DIVERGING = 1.0 - 1e-6  # how fast changes fall at most where there is no limit: those of log(h) are all the same
_TELLING = 4.0  # times the noise, from which a change is one
_ENOUGH = 4  # changes in the same direction that tell of an infinite limit


class Limit(NamedTuple):
    """A limit, and how far it may be off. NaN where there is none, or none that can be told."""

    value: float
    error: float


class Sequence:
    """Numbers at falling steps, and the best limit of them so far."""

    def __init__(self) -> None:
        self._numbers: list[float] = []
        self._noises: list[float] = []
        self._tableau = Tableau(RATIO)  # for what has a power series in the step
        self._last_by_ratio = math.nan
        self._best = Limit(math.nan, math.inf)
        self._confirmed = 0  # how many numbers there were when another one agreed with the best limit

    def add(self, number: float, noise: float) -> None:
        """Add the number at the next step."""
        self._numbers.append(number)
        self._noises.append(noise)
        by_powers = Limit(*self._tableau.add(number, noise))
        latest = min(by_powers, self._by_ratio(), key=lambda limit: limit.error)
        apart = abs(latest.value - self._best.value)
        if apart > latest.error + self._best.error:  # one of the two is an accident
            self._best = latest._replace(error=max(latest.error, apart))
        elif latest.error < self._best.error:
            self._best = latest
        else:
            self._confirmed = len(self._numbers)

    @property
    def limit(self) -> Limit:
        """The limit as far as the numbers tell."""
        if not all(map(math.isfinite, self._numbers)):
            return Limit(math.nan, math.inf)
        return Limit(math.copysign(math.inf, self._changes()[-1]), 0.0) if self._diverges() else self._best

    def settled(self, enough: float) -> bool:
        """Whether further numbers would not help: rounding takes over, or the error is a small part of the size.

        It is not where the last number has made it the best.
        """
        if self._confirmed < len(self._numbers):
            return False
        return self._noises[-1] > self._best.error or self._best.error <= enough * abs(self._best.value)

    def _by_ratio(self) -> Limit:
        """The limit where the distance to it falls by one and the same factor: Aitken's delta-squared process.

        Its error is what it has changed with the last number, and what it makes of the noise.
        """
        if len(self._numbers) < 3:
            return Limit(math.nan, math.inf)
        noise = sum(self._noises[-3:])
        (change, last), third = self._changes()[-2:], self._numbers[-1]
        if max(abs(change), abs(last)) <= noise:
            return Limit(third, noise)
        ratio = last / change if change else math.inf
        if not abs(ratio) < _DIVERGING:
            self._last_by_ratio = math.nan
            return Limit(math.nan, math.inf)
        limit = third + last * ratio / (1 - ratio)
        before, self._last_by_ratio = self._last_by_ratio, limit
        error = abs(limit - before) + noise / (1 - abs(ratio)) ** 2
        return Limit(limit, error) if math.isfinite(error) else Limit(math.nan, math.inf)

    def _changes(self) -> list[float]:
        return [later - earlier for earlier, later in pairwise(self._numbers)]

    def _diverges(self) -> bool:
        """Whether the changes that are beyond the noise do not fall, and all lead the same way."""
        noises = [sum(pair) for pair in pairwise(self._noises)]
        telling = [
            change for change, noise in zip(self._changes(), noises, strict=True) if abs(change) > _TELLING * noise
        ]
        if len(telling) < max(_ENOUGH, len(self._numbers) - 2):
            return False
        return all(later / earlier >= _DIVERGING for earlier, later in pairwise(telling[-_ENOUGH:]))

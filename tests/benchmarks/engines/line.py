"""A line of the table: a work, its goal, what it takes now, and what a peer takes that does the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from statistics import median
from typing import Any, NamedTuple, TypeVar

import numpy as np

from tests.benchmarks.timing import Beside, Work, beside, check_same, seconds

T = TypeVar("T")
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


class Effort(NamedTuple):
    """How much is measured.

    Attributes:
        pairs: how many runs in turn there are at least
        least: for how many seconds there are more of them
        tiny: whether the works are so small that only their results tell something
    """

    pairs: int = 5
    least: float = 1.0
    tiny: bool = False

    def of(self, full: T, tiny: T) -> T:
        """The size of a work."""
        return tiny if self.tiny else full


TINY = Effort(1, 0, True)


class Line(NamedTuple):
    """A line of the table, as texts; whether the goal is reached, where there is one; and our time in seconds."""

    work: str
    goal: str
    now: str
    ours: str
    theirs: str
    peer: str
    met: bool | None = None
    seconds: float = 0


class Peer(NamedTuple):
    """Somebody who does the same.

    Attributes:
        name: who it is
        make: its work, ready to run; raises ImportError where the peer is not installed
        read: its results in the order of ours
    """

    name: str
    make: Callable[[], Callable[[], Any]]
    read: Callable[[Any], Any] = lambda found: found


def told(taken: float) -> str:
    """A time in three digits, with its unit."""
    size, unit = next((each for each in UNITS if taken >= each[0]), UNITS[-1])
    number = taken / size
    return f"{number:.{max(0, 2 - len(str(int(number))) + 1)}f} {unit}"


def digits(number: float) -> str:
    """A number in three digits, or more where it is large."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def line(work: str, most: float | None, times: Beside, peer: str, per: int = 1) -> Line:
    """The line of times in turn, of which `per` is how many there were in one run."""
    goal, met = ("", None) if most is None else (f"≤ {most:g} ×", times.ratio <= most)
    ours, theirs = times.ours / per, times.theirs / per
    return Line(work, goal, f"{digits(times.ratio)} ×", told(ours), told(theirs), peer, met, ours)


def amount(work: str, most: float, unit: str, now: float, theirs: str = "", peer: str = "") -> Line:
    """The line of a number that has a goal itself."""
    return Line(work, f"≤ {most:g} {unit}", f"{digits(now)} {unit}", "", theirs, peer, now <= most)


def leaves(found: Any) -> Iterator[Any]:
    """The numbers and arrays in results."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (tuple, list)):
            waiting += reversed(one)
        else:
            yield np.asarray(one, dtype=float)


def beside_peers(
    effort: Effort,
    work: str,
    ours: Callable[[], Any],
    peers: Sequence[tuple[float | None, Peer]],
    per: int = 1,
    read: Callable[[Any], Any] = lambda found: found,
) -> Iterator[Line]:
    """A line for each peer, with its goal: the results have to be the same before anything is timed.

    `per` is how many times the work is done in one run; `read` makes numbers and arrays of our results.
    """
    for most, peer in peers:
        try:
            theirs = peer.make()
        except ImportError:
            yield alone(effort, work, most, ours, f"{peer.name}: not installed", per)
            continue
        check_same(leaves(read(ours())), leaves(peer.read(theirs())))
        yield line(work, most, beside(ours, theirs, effort.pairs, effort.least), peer.name, per)


def alone(effort: Effort, work: str, most: float | None, ours: Work, peer: str, per: int = 1) -> Line:
    """The line of a work beside nobody."""
    ours()
    taken = median(seconds(ours) for _ in range(effort.pairs)) / per
    return Line(work, "" if most is None else f"≤ {most:g} ×", "", told(taken), "", peer, None, taken)


def over(function: Callable[..., Any], points: Sequence[tuple[Any, ...]]) -> Callable[[], list[Any]]:
    """A function at one point after another, as one work."""
    return lambda: [function(*point) for point in points]


def each_flat(found: Sequence[Any]) -> list[Any]:
    """The numbers of arrays at one point after another, one by one: a small one is held to its own digits."""
    return [list(chain.from_iterable(np.ravel(part).tolist() for part in leaves(one))) for one in found]

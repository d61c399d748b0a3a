"""The schedule of checkpoints: it does what it must, within what it may keep, and no schedule does so for less."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import count, islice
from math import comb
from typing import NamedTuple, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcli.derive.revolve import (
    Action,
    Advance,
    Discard,
    Restore,
    Store,
    Turn,
    forward_steps,
    repetitions,
    schedule,
)

from ..conftest import randomly

LONGEST, MOST = 60, 8


class Run(NamedTuple):
    """What a schedule did."""

    advanced: Counter[int]  # how often each step was
    stores: int
    most_kept: int


def simulated(steps: int, snapshots: int) -> Run:
    """Follow a schedule, with a number for each state, and see that each action is allowed and of use."""
    current: int | None = 0
    left = steps
    kept: set[int] = set()
    advanced: Counter[int] = Counter()
    stores = most_kept = 0
    for action in schedule(steps, snapshots):
        match action:
            case Store(step):
                assert current == step
                assert step not in kept
                kept.add(step)
                stores, most_kept = stores + 1, max(most_kept, len(kept))
                assert len(kept) <= snapshots
            case Advance(start, end):
                assert current == start < end < left
                advanced.update(range(start, end))
                current = end
            case Restore(step):
                assert current is None, "what is current is for something"
                assert step in kept
                current = step
            case Discard(step):
                kept.remove(step)
            case Turn(step):
                assert current == step == left - 1
                left, current = step, None
    assert left == 0
    assert not kept
    return Run(advanced, stores, most_kept)


class Cost(NamedTuple):
    """The two criteria, the first before the second."""

    advanced: int = 0
    stores: int = 0

    def plus(self, other: Cost) -> Cost:
        return Cost(self.advanced + other.advanced, self.stores + other.stores)


@cache
def least(steps: int, snapshots: int) -> Cost:
    """The least that a part costs from a kept state, which is one of the snapshots: all choices of the next to keep."""
    if steps < 2:
        return Cost()
    if snapshots == 1:  # from the kept state to each of the others
        return Cost(sum(range(steps)))
    return min(
        Cost(before, int(after > 1)).plus(least(after, snapshots - 1)).plus(least(before, snapshots))
        for before, after in zip(range(1, steps), range(steps - 1, 0, -1), strict=True)
    )


# The steps left, the step whose state is current if one is, and the steps whose states are kept.
Place: TypeAlias = tuple[int, int | None, frozenset[int]]


def cheapest(steps: int, snapshots: int) -> Cost:
    """The least that any order of actions costs: a search that knows the rules and nothing of the theory."""
    done: set[Place] = set()
    number = count()  # settles ties: places have no order
    waiting: list[tuple[Cost, int, Place]] = [(Cost(), next(number), (steps, 0, frozenset()))]
    while waiting:
        cost, _, place = heapq.heappop(waiting)
        if place[0] == 0:
            return cost
        if place not in done:
            done.add(place)
            for more, after in allowed(place, snapshots):
                heapq.heappush(waiting, (cost.plus(more), next(number), after))
    raise AssertionError("no order of actions reverses the loop")


def allowed(place: Place, snapshots: int) -> Iterator[tuple[Cost, Place]]:
    """What each single action costs, and where it leads; to advance is one step."""
    left, current, kept = place
    if current is not None:
        if current == left - 1:
            yield Cost(), (left - 1, None, kept)
        elif current < left - 1:
            yield Cost(advanced=1), (left, current + 1, kept)
        if len(kept) < snapshots:
            yield Cost(stores=1), (left, current, kept | {current})
    for step in kept:
        yield Cost(), (left, step, kept)
        yield Cost(), (left, current, kept - {step})


@pytest.mark.parametrize("snapshots", range(1, MOST + 1))
def test_it_is_valid_and_optimal(snapshots: int) -> None:
    for steps in range(LONGEST + 1):
        run = simulated(steps, snapshots)
        cost = least(steps, snapshots).plus(Cost(stores=int(steps > 1)))  # with that of the initial state
        assert Cost(run.advanced.total(), run.stores) == cost, steps
        assert forward_steps(steps, snapshots) == cost.advanced, steps
        assert repetitions(steps, snapshots) == max(run.advanced.values(), default=0), steps
        assert run.most_kept == min(snapshots, max(steps - 1, 0)), steps


@pytest.mark.parametrize("snapshots", [1, 2, 3, 4])
def test_no_order_of_actions_is_cheaper(snapshots: int) -> None:
    for steps in range(10):
        run = simulated(steps, snapshots)
        assert Cost(run.advanced.total(), run.stores) == cheapest(steps, snapshots), steps


@randomly(50, st.integers(0, 3000), st.integers(1, 40))
def test_long_loops(steps: int, snapshots: int) -> None:
    run = simulated(steps, snapshots)
    assert forward_steps(steps, snapshots) == run.advanced.total()
    assert repetitions(steps, snapshots) == max(run.advanced.values(), default=0)


@given(st.integers(1, 30), st.integers(0, 30))
def test_the_reach_of_repetitions(snapshots: int, repeated: int) -> None:
    """Griewank 1992: s snapshots and r repetitions reverse C(s + r, s) steps, and no more."""
    reach = comb(snapshots + repeated, snapshots)
    assert repetitions(reach, snapshots) == repeated
    assert repetitions(reach + 1, snapshots) == repeated + 1


@given(st.integers(1, 10**9), st.integers(2, 10**9))
def test_the_cost_by_what_a_longer_loop_adds(steps: int, snapshots: int) -> None:
    """Each step more costs as many runs as the theory's r of the longer loop: t(n, s) is convex, with these slopes."""
    more = forward_steps(steps + 1, snapshots) - forward_steps(steps, snapshots)
    assert more == repetitions(steps + 1, snapshots)


@pytest.mark.parametrize("snapshots", [1, 2, 10**30])
def test_short_loops(snapshots: int) -> None:
    assert list(schedule(0, snapshots)) == []
    assert list(schedule(1, snapshots)) == [Turn(0)]
    assert list(schedule(2, snapshots)) == [Store(0), Advance(0, 1), Turn(1), Restore(0), Discard(0), Turn(0)]
    assert [forward_steps(steps, snapshots) for steps in range(3)] == [0, 0, 1]
    assert [repetitions(steps, snapshots) for steps in range(3)] == [0, 0, 1]


def test_ten_steps_with_three_snapshots() -> None:
    """The full reach of two repetitions, C(5, 3) = 10: the parts are those of Pascal's triangle, 10 = 4 + 3 + 2 + 1."""
    assert list(schedule(10, 3)) == [
        *(Store(0), Advance(0, 4), Store(4), Advance(4, 7), Store(7), Advance(7, 9), Turn(9)),
        *(Restore(7), Advance(7, 8), Turn(8)),
        *(Restore(7), Discard(7), Turn(7)),
        *(Restore(4), Advance(4, 5), Store(5), Advance(5, 6), Turn(6)),
        *(Restore(5), Discard(5), Turn(5)),
        *(Restore(4), Discard(4), Turn(4)),
        *(Restore(0), Advance(0, 1), Store(1), Advance(1, 2), Store(2), Advance(2, 3), Turn(3)),
        *(Restore(2), Discard(2), Turn(2)),
        *(Restore(1), Discard(1), Turn(1)),
        *(Restore(0), Discard(0), Turn(0)),
    ]
    assert forward_steps(10, 3) == 2 * 10 - comb(5, 4) == 15


def test_one_snapshot_starts_from_the_initial_state_each_time() -> None:
    actions = list(schedule(50, 1))
    assert [action for action in actions if isinstance(action, Store)] == [Store(0)]
    assert {action.start for action in actions if isinstance(action, Advance)} == {0}
    assert forward_steps(50, 1) == 50 * 49 // 2


@pytest.mark.parametrize("snapshots", [19, 20, 21, 1000])
def test_enough_snapshots_keep_everything(snapshots: int) -> None:
    run = simulated(20, snapshots)
    assert run.advanced == Counter(range(19))
    assert run.stores == run.most_kept == 19  # the state before the last step is current when it is wanted
    assert forward_steps(20, snapshots) == 19


def test_actions_of_different_kinds_differ() -> None:
    actions: set[Action] = {Store(1), Restore(1), Discard(1), Turn(1)}
    assert len(actions) == 4


def test_a_long_loop_is_scheduled_as_it_is_asked_for() -> None:
    """The first pass stores all the snapshots on the way to the last step; nothing after it is made yet."""
    actions = schedule(10**12, 10)
    first = list(islice(actions, 21))
    assert [type(action) for action in first] == [Store, Advance] * 10 + [Turn]
    assert first[-1] == Turn(10**12 - 1)


def test_many_steps() -> None:
    turns = advanced = 0
    for action in schedule(2 * 10**5, 10):
        if isinstance(action, Advance):
            advanced += action.end - action.start
        turns += isinstance(action, Turn)
    assert (turns, advanced) == (2 * 10**5, forward_steps(2 * 10**5, 10))


@pytest.mark.parametrize(("steps", "snapshots"), [(-1, 1), (-1, 0), (0, 0), (5, 0), (5, -3)])
def test_what_cannot_be_scheduled(steps: int, snapshots: int) -> None:
    for function in (schedule, forward_steps, repetitions):
        with pytest.raises(ValueError, match=r"a loop has no -1 steps|at least 1 snapshot"):
            function(steps, snapshots)  # at once, not when the first action is asked for

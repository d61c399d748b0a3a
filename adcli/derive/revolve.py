"""The optimal schedule of checkpoints for the reversal of a loop: which states to keep, and which to run again.

A loop of n steps, counted from 0, takes a state to the next. Its reverse sweep needs the state before step n-1, that
before step n-2, ..., that before step 0, each to run its step once more with recording. To keep all of them takes
memory for n states; to keep fewer takes some steps more than once. A schedule says what to do in turn.

What is counted, and how:

- The *current* state is the one that steps are run from. It is no snapshot: it is there besides those that are kept.
- The initial state is current at the start. It counts as a snapshot from when it is stored, which is the first action
  wherever there is more than one step. With it alone, so with one snapshot, any loop can be reversed: each state is
  reached from the start. With n-1 snapshots no step is advanced twice; any more stay empty.
- The last step is never advanced, only turned, so the final state of the loop comes from the recorded run in the first
  turn, `Turn(n - 1)`, and is there before that turn sweeps: the value of the loop and the seeds are taken from it.
  Without steps nothing is done, and the initial state is the final one.
- After a turn no state is current: what comes next, if anything does, restores one.

Of all schedules these have the fewest advanced steps, and of those that have so few, the fewest stores.

Sources: A. Griewank, "Achieving logarithmic growth of temporal and spatial complexity in reverse automatic
differentiation", Optimization Methods and Software 1 (1992) 35-54; A. Griewank and A. Walther, "Algorithm 799: revolve:
an implementation of checkpointing for the reverse or adjoint mode of computational differentiation", ACM Transactions
on Mathematical Software 26 (2000) 19-45, which counts snapshots the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import comb
from typing import TypeAlias

from adcli.records import dataclass


# Data classes, since named tuples of different kinds are equal when their fields are: Store(1) == Turn(1).
@dataclass(frozen=True)
class Store:
    """Keep the current state, which is that before a step."""

    step: int


@dataclass(frozen=True)
class Advance:
    """Run the steps start, ..., end - 1 from the current state, without recording; start < end."""

    start: int
    end: int


@dataclass(frozen=True)
class Restore:
    """Make the kept state before a step the current one; it stays kept."""

    step: int


@dataclass(frozen=True)
class Discard:
    """Forget the kept state before a step."""

    step: int


@dataclass(frozen=True)
class Turn:
    """Run a step with recording, from the current state, and sweep what is recorded."""

    step: int


Action: TypeAlias = Store | Advance | Restore | Discard | Turn
_SHORT = 200  # steps whose actions are found once


def schedule(steps: int, snapshots: int) -> Iterator[Action]:
    """The actions that reverse a loop while at most so many states are kept, one at a time as they are asked for."""
    _check(steps, snapshots)
    return iter(_short(steps, snapshots)) if steps <= _SHORT else _actions(steps, snapshots)


@lru_cache(maxsize=100)
def _short(steps: int, snapshots: int) -> tuple[Action, ...]:
    """The actions of a short loop, which is often reversed many times."""
    return tuple(_actions(steps, snapshots))


def forward_steps(steps: int, snapshots: int) -> int:
    """How many steps the schedule advances: the cost beyond one recorded run of each step. No schedule has fewer.

    That is r n - β(s + 1, r - 1) for n steps, s snapshots and r repetitions: Griewank and Walther, Proposition 1.
    """
    repeated = repetitions(steps, snapshots)
    return repeated * steps - _reach(snapshots + 1, repeated - 1)


def repetitions(steps: int, snapshots: int) -> int:
    """The largest number of times that any one step is advanced.

    That is the least r for which β(s, r) is no less than the number of steps: Griewank 1992.
    """
    _check(steps, snapshots)
    if snapshots == 1:  # β(1, r) = r + 1, and to count up to it would be as long as the loop
        return max(steps - 1, 0)
    reach, repeated = 1, 0
    while reach < steps:
        repeated += 1
        reach = reach * (snapshots + repeated) // repeated  # β(s, r) from β(s, r - 1), without remainder
    return repeated


def _check(steps: int, snapshots: int) -> None:
    """Refuse what is no loop, and what cannot be scheduled."""
    if steps < 0:
        raise ValueError(f"a loop has no {steps} steps")
    if snapshots < 1:
        raise ValueError(f"a schedule needs at least 1 snapshot, for the initial state: {snapshots} are too few")


def _actions(steps: int, snapshots: int) -> Iterator[Action]:
    """Turn the last step of those left, again and again, from the latest state that is kept."""
    kept: list[int] = []  # the stack of the method: the steps whose states are kept, in rising order
    current = 0
    for last in reversed(range(steps)):
        if kept:
            current = kept[-1]
            yield Restore(current)
            if current == last:
                yield Discard(kept.pop())
        while current < last:
            if not kept or kept[-1] < current:
                yield Store(current)
                kept.append(current)
            # The snapshot at `current` is one of those that the steps from there on may use.
            end = current + _first_part(last + 1 - current, snapshots - len(kept) + 1)
            yield Advance(current, end)
            current = end
        yield Turn(last)


def _first_part(steps: int, snapshots: int) -> int:
    """How far to advance from a kept state, so to the next that is kept: of at least two steps, with it counted.

    The steps after are reversed first, with one snapshot less, then those before with all of them. The cost is least
    if the part before has from β(s, r-2) to β(s, r-1) steps and the part after from β(s-1, r-1) to β(s-1, r). Of these
    choices it is that of Algorithm 799, which stores least often; its three cases are one value held between bounds.
    With one snapshot it is all steps but the last, so a full stack is never asked to take another state.
    """
    repeated = repetitions(steps, snapshots)
    between = steps - _reach(snapshots - 1, repeated - 1) - _reach(snapshots - 2, repeated - 1)
    return max(1, _reach(snapshots, repeated - 2), min(_reach(snapshots, repeated - 1), between))


def _reach(snapshots: int, repeated: int) -> int:
    """β(s, r) = C(s + r, s): the most steps that s snapshots reverse with none advanced more than r times."""
    return comb(snapshots + repeated, snapshots) if snapshots >= 0 and repeated >= 0 else 0

"""A loop that is reversed with few states kept: what is known of it on the way, and how long its steps are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isqrt
from typing import Any

from adcli.derive.revolve import Action
from adcli.derive.stretch_lines import Line
from adcli.derive.stretch_plans import Plan
from adcli.derive.stretches import Piece, Recorded, Snapshot
from adcli.program.code import EnterFor
from adcli.syntax import nodes

_LEAST, _SMALL = 2**16, 2**22  # bytes of the tape of a step, to which it is as large as it likes, and at most
_SHARE = 8  # the part of the memory of all kept states that the tape of a step may take as well


@dataclass
class Reversal:
    """A loop that was run with few states kept, and what it cost.

    Attributes:
        node: the loop
        enter: where it begins in the code
        iterations: how many it has
        length: how many of these are a step: all but the last step have as many
        snapshots: how many states may be kept
        start: the state before it
        actions: what is still to do of the schedule
        kept: the states that are kept, by the step that follows
        line: what the iterations behind the first do with numbers, where they decide nothing
        plan: what an iteration does with arrays, where each does the same
        first: of a loop with a line the state behind its first iteration, and what was recorded of that
        last: the recorded last step, until it is swept
        leaves: for each value behind the loop its entry on the main tape
        position: the entries of the main tape before the loop
        advanced: the steps that ran without being recorded
        state_bytes: the memory of one state
        step_bytes: the memory of the largest recorded step
        longest: the entries of the longest one
        most_kept: the largest number of states that were kept at a time
    """

    node: nodes.ForLoop
    enter: EnterFor
    iterations: int
    length: int
    snapshots: int
    start: Snapshot
    actions: Iterator[Action]
    kept: dict[int, Snapshot] = field(default_factory=dict)
    line: Line | None = None
    plan: Plan | None = None
    first: tuple[Snapshot, Recorded] | None = None
    last: list[Piece] = field(default_factory=list)
    leaves: tuple[int, ...] = ()
    position: int = 0
    advanced: int = 0
    state_bytes: int = 0
    step_bytes: int = 0
    longest: int = 0
    most_kept: int = 0

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled of a loop that has been reversed, whose schedule is over."""
        return self.__dict__ | {"actions": iter(()), "line": None, "plan": None, "first": None}

    @property
    def steps(self) -> int:
        """How many steps its schedule has."""
        return -(-self.iterations // self.length)

    def stretch(self, start: int, end: int) -> range:
        """The iterations of the steps start, ..., end - 1."""
        return range(start * self.length, min(end * self.length, self.iterations))

    @property
    def bytes(self) -> int:
        """The memory that its reversal takes: the kept states, the current one, and the tape of one step."""
        return (self.most_kept + 1) * self.state_bytes + self.step_bytes


def step_length(loop: Reversal, size: int, state: int) -> int:
    """How many iterations are a step, given the memory of what is recorded of one, and of a state.

    Each iteration runs again once at most where there are as many states as steps. Of such lengths, the square root
    takes the least memory: n / L states and L recorded iterations. Where too many iterations would be recorded for
    that, fewer are, and the schedule runs them again more often.
    """
    kept = min(loop.snapshots, loop.iterations)
    small = max(_SMALL, kept * state // _SHARE)
    length = max(1, -(-loop.iterations // (kept + 1)), isqrt(loop.iterations * state // size), _LEAST // size)
    if loop.iterations // length * state + length * size > kept * state + small:
        length = max(1, min(length, small // size))
    return min(length, loop.iterations)

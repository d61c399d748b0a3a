"""Iterations of a loop that decide as the last ones did, run together by a function that is written for their way."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import repeat
from typing import Any

from adcli.program.code import BasicBlock
from adcli.program.findings import Findings
from adcli.tape.block_code import MOST_KNOWN, MOST_ROWS, WrittenRows
from adcli.tape.block_runs import BlockRuns
from adcli.tape.execution import CALL_WEIGHT, Execution
from adcli.tape.tape import Guard, Region
from adcli.tape.ways import Decision, Way, way_around

OFTEN = 30  # iterations that go one way behind one another, before it is written
_AGAIN = 3  # and before it is tried later on
_MOST_WAYS = 10  # of one loop
_TRIALS = 50  # after which each has to lead around so often, or written ways are no gain
_ROUNDS = 10

_new: Any = tuple.__new__  # makes a named tuple at half the cost


class _Ways:
    """What is known of the ways around a loop that begin with a block.

    Attributes:
        last, times: the way that was gone last, by the identities of its blocks, and how often without another between
        written: ways that were gone often, with their blocks
        trials, rounds: how often written ways were tried, and how many iterations that gave
    """

    def __init__(self) -> None:
        self.last: tuple[int, ...] = ()
        self.times = 0
        self.written: dict[tuple[int, ...], tuple[list[BasicBlock], WrittenRows | None]] = {}
        self.trials = self.rounds = 0

    def gone(self, execution: Execution) -> WrittenRows | None:
        """Note the way of the iteration that has just run; it, where it is written out and to be tried."""
        key = tuple(map(id, execution.trail))
        self.times = self.times + 1 if key == self.last else 1
        self.last = key
        if self.times < _AGAIN:
            return None
        if key not in self.written:
            if self.times < OFTEN or len(self.written) >= _MOST_WAYS:
                return None
            way = way_around(execution.trail, execution.functions, execution.code, not execution.callers, MOST_ROWS)
            self.written[key] = execution.trail[:], None if way is None else WrittenRows(way)
        return self.written[key][1]

    @property
    def are_no_gain(self) -> bool:
        """Whether written ways were tried in vain."""
        return self.trials >= _TRIALS and self.rounds < _ROUNDS * self.trials


_KNOWN: Findings[_Ways] = Findings(MOST_KNOWN)  # by the block


def go_around(execution: Execution, block: BasicBlock) -> None:
    """Before a block that begins an iteration: run those that go the way of the last one, if it was gone often."""
    if len(execution.regions[-1].iterations) < OFTEN:
        return
    ways = _KNOWN.of(block, _Ways)
    if ways.are_no_gain:
        return
    written = ways.gone(execution)
    if written is not None:
        ways.trials += 1
        ways.rounds += _rounds(execution, written)


def _rounds(execution: Execution, written: WrittenRows) -> int:
    """Run as many iterations as go a way, and note what they decide and call; how many."""
    way, tape = written.way, execution.tape
    room = execution.limit - len(tape.values) - len(tape.guards) - (CALL_WEIGHT + 1) * len(way.calls)
    most = room // (len(way.rows) + len(way.decisions) + len(way.calls))
    if way.counted:
        most = min(most, execution.counters[-1])
    times = written.run(execution, most) if most > 0 else 0
    if times:
        _note(execution, way, tape.block_runs[-1])
    return times


def _note(execution: Execution, way: Way, runs: BlockRuns) -> None:
    """Note of iterations where they begin, what they decided, and which calls there were."""
    tape, region = execution.tape, execution.regions[-1]
    guards, decisions = len(tape.guards), len(way.decisions)
    rows, decided = way.begins
    region.iterations.extend(range(runs.start + rows, runs.end + rows, runs.length))
    before = range(guards + decided, guards + decided + runs.times * decisions, decisions) if decisions else ()
    region.iteration_guards.extend(before or repeat(guards, runs.times))
    made: list[Any] = [None] * (runs.times * decisions)
    for place, decision in enumerate(way.decisions):
        made[place::decisions] = _guards(decision, runs)
    tape.guards.extend(made)
    if way.calls:
        count = runs.times * len(way.calls)
        tape.add_regions(count, partial(_regions, way, runs, len(tape.noted_regions), guards))
    execution.limit -= runs.times * len(way.calls)
    if way.counted:
        execution.counters[-1] -= runs.times


def _guards(decision: Decision, runs: BlockRuns) -> list[Guard]:
    """A decision in each of some iterations."""
    start = runs.start + decision.position
    columns = (
        range(start, start + runs.times * runs.length, runs.length), repeat(decision.comparison),
        runs.entries_at(decision.left), runs.entries_at(decision.right), repeat(decision.holds),
        repeat(decision.span), repeat(decision.required), repeat(None), repeat(False),
    )  # fmt: skip
    return list(map(_new, repeat(Guard), zip(*columns)))  # noqa: B905 - some have no end


def _regions(way: Way, runs: BlockRuns, before: int, guards: int) -> Iterator[Region]:
    """The calls in some iterations."""
    for start in range(runs.start, runs.end, runs.length):
        for place, call in enumerate(way.calls, 1):
            decided = guards + call.decisions[0], guards + call.decisions[1]
            after = before + place + call.inside
            yield Region(call.node, start + call.start, start + call.end, after, [], -1, decided, [])
        before += len(way.calls)
        guards += len(way.decisions)

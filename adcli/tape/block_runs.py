"""Runs of one block, one behind the other, as a loop's body runs: what a tape has of them without a row for each entry.

All that a row of the block says is the same in each run, but for its operands, and these move along with the run: an
operand is an entry of the same run, one of the run before, or one from before all of them. So a tape keeps the values
of such entries alone, and writes out their other columns when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import repeat
from typing import Any, NamedTuple

from adcli.program.code import BasicBlock
from adcli.rules.facts import EVERY


class BlockRuns(NamedTuple):
    """So many runs of a block, one behind the other.

    Attributes:
        start: the first entry
        times: how many runs there are
        rows: the block, and where its operands come from
        sources: the entries that the slots held before the first run which the block reads before it writes them
    """

    start: int
    times: int
    rows: Rows
    sources: tuple[int, ...]

    @property
    def length(self) -> int:
        """How many entries one run has."""
        return len(self.rows.operands)

    @property
    def end(self) -> int:
        """The entry behind the last run."""
        return self.start + self.times * self.length

    def sources_of(self, run: int) -> tuple[int, ...]:
        """The entries of `sources` before a later run: those that the block writes are of the run before."""
        if not run:
            return self.sources
        before = self.start + (run - 1) * self.length
        carried = zip(self.sources, self.rows.carried, strict=True)
        return tuple([source if row is None else before + row for source, row in carried])

    def whole_entries(self) -> list[int]:
        """The entries whose operations are given arrays."""
        rows = [row for row, operation in enumerate(self.rows.block.operations) if not operation.elementwise]
        return [first + row for first in range(self.start, self.end, self.length) for row in rows] if rows else []

    def operands(self) -> list[tuple[int, ...]]:
        """The operands of all these entries."""
        length = self.length
        result: list[tuple[int, ...]] = [()] * (self.times * length)
        for row in range(length):
            result[row] = self._operands_of(row, 0)
            if self.times > 1:
                result[length + row :: length] = zip(*self._columns(row), strict=True)
        return result

    def _operands_of(self, row: int, run: int) -> tuple[int, ...]:
        sources, first = self.sources_of(run), self.start + run * self.length
        return tuple([first + place if place >= 0 else sources[~place] for place in self.rows.operands[row]])

    def _columns(self, row: int) -> Iterable[Iterable[int]]:
        """For each operand of a row the entries that it is in all runs but the first."""
        length, more = self.length, self.times - 1
        for place, entry in zip(self.rows.operands[row], self._operands_of(row, 1), strict=True):
            moves = place >= 0 or self.rows.carried[~place] is not None
            yield range(entry, entry + more * length, length) if moves else repeat(entry, more)


class Rows:
    """The rows of a block, and where their operands come from.

    Attributes:
        block: the block
        reads: the slots that it reads before it writes them
        operands: of each row the row of each operand, or `~place` for what the slot at a place of `reads` held before
        writes: each slot that it writes, with the row of what is in it at the end
        carried: of each of `reads` the row that a slot holds which the block writes itself, else None
        sweeps: what `block_sweep.py` has written of it, for what is active and what has received anything
    """

    def __init__(self, block: BasicBlock) -> None:
        self.block = block
        places: dict[int, int] = {}
        written: dict[int, int] = {}
        operands: list[tuple[int, ...]] = []
        for row, (_, slots, target) in enumerate(block.steps):
            operands.append(
                tuple(
                    [written[slot] if slot in written else ~places.setdefault(slot, len(places)) for slot in slots]
                )
            )
            written[target] = row
        self.reads = tuple(places)
        self.operands = tuple(operands)
        self.writes = tuple(written.items())
        self.carried = tuple([written.get(slot) for slot in places])
        self.sweeps: dict[Any, Callable[..., Any] | None] = {}
        self._active: dict[tuple[bool, ...], list[bool]] = {}

    def active(self, sources: tuple[bool, ...]) -> list[bool]:
        """Which rows have derivatives by a source that is active."""
        known = self._active.get(sources)
        if known is None:
            known = self._active[sources] = []
            for operation, operands in zip(self.block.operations, self.operands, strict=True):
                flags = [known[place] if place >= 0 else sources[~place] for place in operands]
                known.append(any(flags if operation.by is EVERY else [flags[p] for p in operation.known("by")]))
        return known

    @cached_property
    def moving(self) -> tuple[tuple[int, int], ...]:
        """The places of `reads` that the block writes itself, each with the row that it holds behind a run."""
        return tuple([(place, row) for place, row in enumerate(self.carried) if row is not None])

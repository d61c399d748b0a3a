"""Runs of one block, one behind the other, as a loop's body runs: what a tape has of them without a row for each entry.

All that a row of the block says is the same in each run, but for its operands, and these move along with the run: an
operand is an entry of the same run, one of the run before, or one from before all of them. So a tape keeps the values
of such entries alone, and writes out their other columns when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from adcli.records import NamedTuple
from adcli.rules.facts import EVERY
from adcli.rules.primitive import Primitive
from adcli.syntax.source import Span


class BlockRuns(NamedTuple):
    """So many runs of a block, one behind the other.

    Attributes:
        start: the first entry
        times: how many runs there are
        rows: what each of them does
        sources: the entries that the slots held before the first run which the block reads before it writes them
    """

    start: int
    times: int
    rows: Rows
    sources: tuple[int, ...]

    @property
    def length(self) -> int:
        """How many entries one run has."""
        return self.rows.count

    @property
    def end(self) -> int:
        """The entry behind the last run."""
        return self.start + self.times * self.rows.count

    def sources_of(self, run: int) -> tuple[int, ...]:
        """The entries of `sources` before a later run: those that the block writes are of the run before."""
        if not run:
            return self.sources
        before = self.start + (run - 1) * self.rows.count
        carried = zip(self.sources, self.rows.carried, strict=True)
        return tuple([source if row is None else before + row for source, row in carried])

    def whole_entries(self) -> list[int]:
        """The entries whose operations are given arrays."""
        rows = [row for row, operation in enumerate(self.rows.operations) if not operation.elementwise]
        return [first + row for first in range(self.start, self.end, self.length) for row in rows] if rows else []

    def operands(self) -> list[tuple[int, ...]]:
        """The operands of all these entries."""
        length = self.length
        result: list[tuple[int, ...]] = [()] * (self.times * length)
        for row, places in enumerate(self.rows.operands):
            result[row::length] = zip(*map(self.entries_at, places), strict=True)
        return result

    def entries_at(self, place: int) -> list[int]:
        """The entry in each run that a row is, or that is one of the sources, as in the rows' operands."""
        if place >= 0:
            return list(range(self.start + place, self.end, self.length))
        row, source = self.rows.carried[~place], self.sources[~place]
        if row is None:
            return [source] * self.times
        return [source, *range(self.start + row, self.end - self.length, self.length)]


class Row(NamedTuple):
    """One operation of a block.

    Attributes:
        function, operation, name, span: as a block has them
        operands: of each operand the row, or `~place` for what a slot held before, by its place in `Rows.reads`
    """

    function: Callable[..., Any]
    operation: Primitive
    name: str | None
    span: Span
    operands: tuple[int, ...]


# A slot of the frame that runs, or of a function the name and the slot of a constant.
Slot: TypeAlias = int | tuple[str, int]


class Rows:
    """The operations of a block, or of several one behind the other, and where their operands come from.

    Attributes:
        functions, operations, names, spans, operands: of each row, see `Row`
        count: how many there are
        reads: the slots that are read before they are written
        writes: each slot that is written, with the row of what is in it at the end
        carried: of each of `reads` the row that the slot holds at the end, None where it is not written
        sweeps: what `block_sweep.py` has written of them, for what is active and what has received anything
    """

    def __init__(self, rows: Sequence[Row], reads: Iterable[Slot], writes: Mapping[int, int]) -> None:
        """Take the rows, what they read and what they write."""
        self.functions, self.operations, self.names, self.spans, self.operands = zip(*rows, strict=True)
        self.count = len(self.operands)
        self.reads = tuple(reads)
        self.writes = tuple(writes.items())
        self.carried = tuple([writes.get(slot) if isinstance(slot, int) else None for slot in self.reads])
        self.sweeps: dict[Any, Callable[..., Any] | None] = {}
        self._active: dict[tuple[bool, ...], list[bool]] = {}

    def active(self, sources: tuple[bool, ...]) -> list[bool]:
        """Which rows have derivatives by a source that is active."""
        known = self._active.get(sources)
        if known is None:
            known = []
            for operation, operands in zip(self.operations, self.operands, strict=True):
                flags = [known[place] if place >= 0 else sources[~place] for place in operands]
                known.append(any(flags if operation.by is EVERY else [flags[p] for p in operation.known("by")]))
            self._active[sources] = known
        return known

    def __len__(self) -> int:
        return self.count

    @cached_property
    def moving(self) -> tuple[tuple[int, int], ...]:
        """The places of `reads` that are written, each with the row that is there behind a run."""
        return tuple([(place, row) for place, row in enumerate(self.carried) if row is not None])

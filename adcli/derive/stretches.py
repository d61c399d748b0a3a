"""Stretches of a loop's iterations: from one state to the next, recorded and swept.

The interpreter runs any iteration. Those over arrays that do the same each time have a plan (`stretch_plans.py`), and
those over numbers that decide nothing run written out (`stretch_lines.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

from adcli.derive.cost import tape_bytes
from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.rules.gapped import Gapped
from adcli.rules.table import STATE
from adcli.tape.contributions import pass_on
from adcli.tape.fast import sweep_entries
from adcli.tape.tape import Tape, Value

Adjoint: TypeAlias = "Value | Gapped | None"


class Item(NamedTuple):
    """A value between two iterations.

    Attributes:
        value: the number or the array
        active: whether it depends on an input
        origin: the entry of the main tape that it is, if no iteration has changed it
    """

    value: Value
    active: bool
    origin: int | None


class Snapshot(NamedTuple):
    """What an iteration starts from: values, each once, and the slots that hold them."""

    items: tuple[Item, ...]
    slots: tuple[tuple[int, int], ...]

    @property
    def bytes(self) -> int:
        """The memory that it takes by itself."""
        return sum(
            [8 if type(item.value) is float else item.value.nbytes for item in self.items if item.origin is None]
        )


class Piece(Protocol):
    """A stretch that ran with all that a sweep needs of it."""

    @property
    def entries(self) -> int:
        """How many entries it has."""

    @property
    def bytes(self) -> int:
        """The memory that it takes besides the state before it."""

    def swept(self, behind: list[Adjoint]) -> list[Adjoint]:
        """The adjoints of the values before it, from those behind it: of a list that it empties."""


class Recorded(NamedTuple):
    """A recorded stretch: its tape, which entries are active, and those of the values before it and behind it."""

    tape: Tape
    active: Sequence[bool]
    leaves: tuple[int, ...]
    ends: tuple[int, ...]

    @property
    def entries(self) -> int:
        """How many entries it has."""
        return len(self.tape)

    @property
    def bytes(self) -> int:
        """The memory that it takes besides the state before it."""
        return tape_bytes(self.tape, len(self.leaves))

    def swept(self, behind: list[Adjoint]) -> list[Adjoint]:
        """The adjoints of the values before it, from those behind it: of a list that it empties."""
        adjoints = adjoints_of(len(self.tape), self.ends, behind)
        carry_on = pass_on if is_gapped(behind) else sweep_entries
        behind.clear()
        carry_on(self.tape, adjoints, self.active, range(len(self.tape) - 1, -1, -1), keep=False)
        return [adjoints[leaf] for leaf in self.leaves]


def tape_from(program: Program, state: Snapshot) -> Tape:
    """A tape of a program that begins with the values of a state."""
    tape = Tape(program.source)
    tape.arrays = program.arrays
    for item in state.items:
        tape.append(STATE, (), item.value, None, None)
    return tape


def adjoints_of(entries: int, ends: Sequence[int], behind: Sequence[Adjoint]) -> list[Any]:
    """The adjoints that a sweep over so many entries starts with: those of the values at the end."""
    adjoints: list[Any] = [None] * entries
    for entry, adjoint in zip(ends, behind, strict=True):
        adjoints[entry] = adjoint
    return adjoints


def is_gapped(behind: Sequence[Adjoint]) -> bool:
    """Whether some adjoints tell which of their elements are nothing."""
    return any(isinstance(adjoint, Gapped) for adjoint in behind)


def swept(pieces: list[Piece], behind: list[Adjoint]) -> list[Adjoint]:
    """The adjoints of the values before some stretches, from those behind them; the stretches are given up."""
    while pieces:
        behind = pieces.pop().swept(behind)
    return behind

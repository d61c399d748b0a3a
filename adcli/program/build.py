"""Code in the making: the slots of a frame, rows of operations on them, and what each block leads to."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from adcli.program.calls import Version
from adcli.program.code import BasicBlock, Code, Decide, End, Jump, Stop
from adcli.program.functions import NO_FUNCTIONS, Functions
from adcli.program.later import Later
from adcli.records import NamedTuple
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANTS, COPY
from adcli.syntax.source import Span

_SHORT = 50  # rows of a block that others may take in at their end, in place of a jump to it
_NONE: Mapping[str, Any] = MappingProxyType({})


class Outside(NamedTuple):
    """What code knows of the program around it.

    Attributes:
        functions: the functions that it may call: names, with the keys of the functions that they stand for
        all: all functions of the program
        versions: those that are called, for the functions that are passed to them; None where that cannot be
        passed: for a function, the keys of what its parameters that are functions stand for; empty where nobody knows
        lines: the line that first defines each name of the code's own
        variables: for a function, the slot in the program's frame of each name of the program
        states: the names declared `state`
        arrays: whether values may be arrays
    """

    functions: Mapping[str, str] = _NONE
    all: Functions = NO_FUNCTIONS
    versions: dict[str, Version] | None = None
    passed: Mapping[str, str] = _NONE
    lines: Mapping[str, int] = _NONE
    variables: Mapping[str, int] = _NONE
    states: frozenset[str] = frozenset()
    arrays: bool = False

    def key(self, name: str) -> str | None:
        """The key of the function of a program that a name stands for; None for any other name."""
        key = self.passed.get(name) or self.functions.get(name)
        return key if key in self.all.known else None

    def version(self, key: str, passed: tuple[tuple[str, str], ...]) -> str:
        """The name of the code of a function, for the functions that are passed to it."""
        version = Version(key, passed)
        if self.versions is not None:
            self.versions.setdefault(version.name, version)
        return version.name


class Without(Mapping[str, int]):
    """A mapping without some of its names. Each function has its own: none is copied for that."""

    def __init__(self, mapping: Mapping[str, int], names: Container[str]) -> None:
        self._mapping = mapping
        self._names = names

    def __contains__(self, name: object) -> bool:
        return name in self._mapping and name not in self._names

    def __getitem__(self, name: str) -> int:
        if name in self._names:
            raise KeyError(name)
        return self._mapping[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._mapping if name not in self._names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Rows:
    """A block in the making."""

    def __init__(self) -> None:
        self.operations: list[Primitive] = []
        self.operands: list[tuple[int, ...]] = []
        self.targets: list[int] = []
        self.names: list[str | None] = []
        self.spans: list[Span] = []
        self.end: End | None = None


class CodeBuilder:
    """Takes operations and the ends of blocks, one after another, and makes code of them.

    Attributes:
        bindings: the slot of each name known so far
        size: how many slots there are
        outside: what the code knows of the program around it
    """

    def __init__(self, parameters: int = 0, outside: Outside | None = None) -> None:
        """Take how many parameters there are, whose slots are the first, and what is around the code."""
        self.bindings: dict[str, int] = {}
        self.size = parameters
        self.outside = outside or Outside()
        self.rows = Rows()  # of the block that is being made
        self._blocks = [self.rows]
        self._slots: dict[str, int] = {}
        self._constants: dict[str, tuple[int, float]] = {}
        self._globals: dict[str, tuple[int, int]] = {}
        self._assigned: set[str] = set()
        self._nameless: list[int] = []  # slots for values without a name, which each statement uses anew
        self._used = 0

    # Slots and names

    def reserve(self, parameters: Iterable[str]) -> None:
        """Give the parameters' names to the first slots, in order."""
        self._slots.update((name, slot) for slot, name in enumerate(parameters))

    def adopt(self, bindings: Mapping[str, int]) -> None:
        """Take the names of other code, whose slots are the first of this."""
        self.bindings.update(bindings)
        self._slots.update(bindings)

    def new_slot(self) -> int:
        """A slot that nothing else uses."""
        self.size += 1
        return self.size - 1

    def slot_of(self, name: str) -> int:
        """The slot of a variable of this code's own, whether it has a value yet or not."""
        if name not in self._slots:
            # `pi` and `e` keep their values until the line has run that gives them others
            self._slots[name] = self.constant(name, CONSTANTS[name]) if name in CONSTANTS else self.new_slot()
        return self._slots[name]

    def declare(self, name: str) -> int:
        """Make a name known; its slot."""
        if name in self.outside.variables and name in self.outside.states:
            self._assigned.add(name)
            slot = self.outer_slot(name)
        else:
            slot = self.slot_of(name)
        self.bindings[name] = slot
        return slot

    def outer_slot(self, name: str) -> int:
        """The slot in this code's frame of a name of the program."""
        if name not in self._globals:
            self._globals[name] = (self.outside.variables[name], self.new_slot())
        return self._globals[name][1]

    def temporary(self) -> int:
        """A slot that only this statement uses."""
        if self._used == len(self._nameless):
            self._nameless.append(self.new_slot())
        self._used += 1
        return self._nameless[self._used - 1]

    def name_last(self, name: str) -> None:
        """Bind a name to the value of the last operation."""
        self.rows.targets[-1] = self.declare(name)
        self.rows.names[-1] = name

    def bind_together(self, names: Sequence[str], slots: Sequence[int], span: Span) -> None:
        """Bind several names at once to the values of slots: none of them sees another one's new value.

        An operation in this block gives its value the name itself; what has an entry already becomes a copy.
        """
        rows = self.rows
        places: list[int] = []
        for name, slot in zip(names, slots, strict=True):
            place = self._last_row_of(slot)
            if place is None or place in places or rows.names[place] is not None:
                self.operation(COPY, (slot,), span)
                place = len(rows.targets) - 1
            rows.names[place] = name
            places.append(place)
        moves: list[tuple[int, int]] = []
        for name, place in zip(names, places, strict=True):
            target = self.declare(name)
            if any(target in operands for operands in rows.operands[place + 1 :]):
                moves.append((target, rows.targets[place]))
            else:
                rows.targets[place] = target
        if moves:
            self.move(moves, span)

    def _last_row_of(self, slot: int) -> int | None:
        """The operation of this block that gives a slot without a name its value."""
        targets = self.rows.targets
        if slot in self._nameless and slot in targets:
            return len(targets) - 1 - targets[::-1].index(slot)
        return None

    # Blocks

    def begin_statement(self) -> None:
        """Use the slots without a name anew."""
        self._used = 0

    def block(self) -> int:
        """A new block, which is empty; its number."""
        self._blocks.append(Rows())
        return len(self._blocks) - 1

    def start(self, block: int) -> None:
        """Append to a block from now on."""
        self.rows = self._blocks[block]

    def end(self, end: End) -> None:
        """Say what comes behind the block so far."""
        if self.rows.end is None:
            self.rows.end = end

    def move(self, moves: Iterable[tuple[int, int]], span: Span) -> None:
        """Give slots what other slots hold, by pairs of slots, to and from, and go on in a block behind that."""
        after = self.block()
        self.end(Jump(after, tuple(moves), span))
        self.start(after)

    def operation(self, primitive: Primitive, operands: tuple[int, ...], span: Span, target: int | None = None) -> int:
        """Append one operation; the slot of its value."""
        rows = self.rows
        target = self.temporary() if target is None else target
        rows.operations.append(primitive)
        rows.operands.append(operands)
        rows.targets.append(target)
        rows.names.append(None)
        rows.spans.append(span)
        return target

    def constant(self, text: str, value: float) -> int:
        """The slot of a constant."""
        known = self._constants.get(text)
        if known is None:
            known = self._constants[text] = (self.new_slot(), value)
        return known[0]

    # The result

    def code(self, result: int) -> Code:
        """The code so far; `result` is the slot of the last expression's value."""
        states = {name for name in self._globals if name in self.outside.states}
        return Code(
            self.size,
            tuple((slot, text, value) for text, (slot, value) in self._constants.items()),
            tuple(self._finished(rows) for rows in self._blocks),
            dict(self.bindings),
            tuple(self._globals.values()),
            tuple(self._globals[name] for name in states),
            tuple(self._globals[name] for name in states if name in self._assigned),
            result,
        )

    def _finished(self, rows: Rows) -> BasicBlock:
        """The block; a short one that it jumps to is taken in at its end, which saves the jump in every run."""
        end = rows.end or Stop()
        parts = [rows]
        if isinstance(end, Jump) and not end.moves:
            following = self._blocks[end.block]
            next_end = following.end or Stop()
            takes_in = following is not rows and len(following.operations) <= _SHORT
            if takes_in and not (end.iterates and not isinstance(next_end, Decide)):
                parts.append(following)
                if end.iterates:
                    assert isinstance(next_end, Decide)
                    next_end = next_end._replace(header=len(following.operations))
                end = next_end
        operations = tuple([operation for part in parts for operation in part.operations])
        functions: list[Callable[..., Any]] = [operation.value for operation in operations]
        if self.outside.arrays:
            functions = [operation.function for operation in operations]
        operands = [operand for part in parts for operand in part.operands]
        targets = [target for part in parts for target in part.targets]
        return BasicBlock(
            tuple(zip(functions, operands, targets, strict=True)),
            operations,
            tuple([name for part in parts for name in part.names]),
            Later.made(tuple([span for part in parts for span in part.spans])),
            end,
            (not self.outside.arrays,) * len(operations),
        )

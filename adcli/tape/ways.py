"""Ways once around a loop: the blocks that one iteration runs, as one block, with what they decide and which they call.

An iteration that decides as the one before it runs the same operations on what the slots hold. So its blocks, those of
the functions it calls among them, come to rows of operations one behind the other. What its decisions are, and where
calls begin and end, is the same in each such iteration but for the entries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from adcli.program.code import BasicBlock, Call, Code, Decide, Jump, Repeat, ReturnToCaller
from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.syntax.source import Span
from adcli.tape.block_runs import Row, Rows, Slot


class Decision(NamedTuple):
    """A comparison on the way, before a row: of rows, or of what slots held before; and what came out."""

    position: int
    comparison: str
    left: int
    right: int
    holds: bool
    span: Span
    required: bool


class CallOnWay(NamedTuple):
    """A call on the way: from which row to which, from which decision to which, and how many calls are inside it."""

    node: nodes.Apply
    start: int
    end: int
    decisions: tuple[int, int]
    inside: int


class Way(NamedTuple):
    """What an iteration of a loop does.

    Attributes:
        rows: its operations
        decisions, calls: in their order
        begins: how many rows, and how many decisions, there are before the next iteration begins
        counted: whether iterations are counted
    """

    rows: Rows
    decisions: tuple[Decision, ...] = ()
    calls: tuple[CallOnWay, ...] = ()
    begins: tuple[int, int] = (0, 0)
    counted: bool = False

    @property
    def compared(self) -> list[int]:
        """What is compared that slots held before."""
        return [side for decision in self.decisions for side in (decision.left, decision.right) if side < 0]


class _NoWay(Exception):  # noqa: N818 - no mistake of anybody's
    """Something is not the same in each iteration, or has no place among rows."""


def way_of_block(block: BasicBlock) -> Way:
    """The way through one block alone, whatever its end is."""
    walker = _Walker({}, Code(0, (), (), {}, (), (), (), -1), False)
    walker.run(block)
    return walker.way((0, 0), False)


def way_around(
    blocks: Sequence[BasicBlock], functions: Mapping[str, Code], code: Code, outermost: bool, most: int
) -> Way | None:
    """The way through the blocks of an iteration, at the end of which the first of them follows.

    Args:
        blocks: what ran
        functions: which may be called
        code: of which the first block is
        outermost: whether that is the program's own
        most: how many operations there may be

    None where a block is not of numbers, or has an end of another kind than those that ways have.
    """
    if not all(all(block.numbers) for block in blocks) or not 0 < sum(len(block.steps) for block in blocks) <= most:
        return None
    walker = _Walker(functions, code, outermost)
    try:
        for block, following in pairwise(blocks):
            walker.run(block)
            walker.go_on(block, following)
        walker.run(blocks[-1])
        return walker.end(blocks[-1], blocks[0])
    except _NoWay:
        return None


class _Frame:
    """The slots of some code on the way, as far as they are known: rows, or what slots held before."""

    def __init__(self, code: Code, function: str = "", call: Call | None = None) -> None:
        self.code, self.function, self.call = code, function, call
        self.slots: dict[int, int] = {}
        self.constants = {slot for slot, _, _ in code.constants} if function else set()


class _Walker:
    """Walks through blocks once, and notes what each slot holds."""

    def __init__(self, functions: Mapping[str, Code], code: Code, outermost: bool) -> None:
        self._functions, self._outermost = functions, outermost
        self._frames = [_Frame(code)]
        self._rows: list[Row] = []
        self._reads: dict[Slot, int] = {}
        self._decisions: list[Decision] = []
        self._calls: list[CallOnWay] = []
        self._open: list[tuple[int, int, int]] = []  # of each open call the place, the rows and decisions before it

    def run(self, block: BasicBlock) -> None:
        """Take the operations of a block."""
        frame = self._frames[-1]
        for (function, slots, target), operation, name, span in zip(
            block.steps, block.operations, block.names, block.spans, strict=True
        ):
            operands = tuple([self._value(frame, slot) for slot in slots])
            frame.slots[target] = len(self._rows)
            self._rows.append(Row(function, operation, name, span, operands))

    def _value(self, frame: _Frame, slot: int) -> int:
        value = frame.slots.get(slot)
        if value is None:
            key: Slot = slot
            if frame.function:
                if slot not in frame.constants:
                    raise _NoWay
                key = frame.function, slot
            value = frame.slots[slot] = ~self._reads.setdefault(key, len(self._reads))
        return value

    def go_on(self, block: BasicBlock, following: BasicBlock) -> None:
        """Take the end of a block, which led to another one."""
        end, frame = block.end, self._frames[-1]
        if isinstance(end, Jump) and not end.iterates:
            for to, source in end.moves:
                frame.slots[to] = self._value(frame, source)
        elif isinstance(end, Decide) and end.header is None:
            self._decide(end, following)
        elif isinstance(end, Call):
            self._call(end)
        elif isinstance(end, ReturnToCaller) and len(self._frames) > 1:
            self._return(end)
        else:
            raise _NoWay

    def _decide(self, end: Decide, following: BasicBlock) -> None:
        frame = self._frames[-1]
        holds, fails = frame.code.blocks[end.holds], frame.code.blocks[end.fails]
        if holds is fails or (following is not holds and following is not fails):
            raise _NoWay
        sides = self._value(frame, end.left), self._value(frame, end.right)
        came_out = following is holds
        self._decisions.append(Decision(len(self._rows), end.comparison, *sides, came_out, end.span, end.required))

    def _call(self, end: Call) -> None:
        caller, code = self._frames[-1], self._functions[end.function]
        shared = caller.code.assigned or code.globals
        if shared and not self._outermost:
            raise _NoWay
        self._give_outermost(caller)
        called = _Frame(code, end.function, end)
        for parameter, argument in enumerate(end.arguments):
            called.slots[parameter] = self._value(caller, argument)
        for outer, own in code.globals:
            called.slots[own] = self._value(self._frames[0], outer)
        self._frames.append(called)
        self._open.append((len(self._calls), len(self._rows), len(self._decisions)))
        self._calls.append(CallOnWay(end.node, 0, 0, (0, 0), 0))

    def _give_outermost(self, frame: _Frame) -> None:
        """Give the program's own slots what a function assigns to them."""
        for outer, own in frame.code.assigned:
            self._frames[0].slots[outer] = self._value(frame, own)

    def _return(self, end: ReturnToCaller) -> None:
        frame = self._frames.pop()
        caller, call = self._frames[-1], frame.call
        assert call is not None
        returned = [self._value(frame, slot) for slot in end.slots]
        for outer, own in frame.code.assigned:
            self._frames[0].slots[outer] = self._value(frame, own)
        for result, value in zip(call.results, returned, strict=True):
            caller.slots[result] = value
        for outer, own in caller.code.states:
            caller.slots[own] = self._value(self._frames[0], outer)
        place, start, decisions = self._open.pop()
        inside = len(self._calls) - place - 1
        self._calls[place] = CallOnWay(call.node, start, len(self._rows), (decisions, len(self._decisions)), inside)

    def end(self, block: BasicBlock, first: BasicBlock) -> Way:
        """The way, with the end of its last block, which leads to the first one."""
        end = block.end
        if len(self._frames) > 1:
            raise _NoWay
        blocks = self._frames[0].code.blocks
        if isinstance(end, Repeat) and blocks[end.block] is first:
            return self.way((len(self._rows), len(self._decisions)), True)
        if isinstance(end, Decide) and end.header is not None:
            begins = len(self._rows) - end.header, len(self._decisions)
            self._decide(end, first)
            return self.way(begins, False)
        raise _NoWay

    def way(self, begins: tuple[int, int], counted: bool) -> Way:
        """What was walked through, where a slot that is written holds a row."""
        writes: dict[int, int] = {}
        for slot, value in self._frames[0].slots.items():
            if value >= 0:
                writes[slot] = value
            elif self._reads.get(slot) != ~value:
                raise _NoWay
        rows = Rows(self._rows, self._reads, writes)
        return Way(rows, tuple(self._decisions), tuple(self._calls), begins, counted)

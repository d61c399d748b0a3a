"""Which values of a program's code anything reads later: liveness, as compilers know it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

from adcli.program.code import BasicBlock, Code, Flow, in_order
from adcli.records import NamedTuple
from adcli.syntax.source import Span


class Liveness(NamedTuple):
    """What is read later.

    Attributes:
        at_start: the slots that are read before anything is written to them
        values: for the place of each operation that can be reached, whether its value is read on some way that follows
    """

    at_start: set[int]
    values: dict[Span, bool]


def liveness(code: Code, slots: Iterable[int], at_end: Iterable[int], at_calls: Iterable[int]) -> Liveness:
    """The liveness of some slots.

    Args:
        code: of a program, or of one function
        slots: those that matter
        at_end: those that are read when the code ends
        at_calls: those that any call may read
    """
    bits = {slot: 1 << position for position, slot in enumerate(slots)}
    analysis = _Analysis(code, bits, _mask(bits, at_end), _mask(bits, at_calls))
    live_in = analysis.live()
    values: dict[Span, bool] = {}
    for number in live_in:
        block = code.blocks[number]
        live = analysis.at_end_of(number, live_in)
        for (_, operands, target), span in zip(reversed(block.steps), reversed(block.spans), strict=True):
            bit = bits.get(target)
            if bit is not None:
                values[span] = values.get(span, False) or bool(live & bit)
                live &= ~bit
            live |= _mask(bits, operands)
    return Liveness({slot for slot, bit in bits.items() if live_in[0] & bit}, values)


def live_slots(code: Code, blocks: Iterable[int], at_end: Iterable[int], at_calls: Iterable[int]) -> set[int]:
    """The slots that are read behind the start of any of some blocks before they are written."""
    bits = {slot: 1 << slot for slot in range(code.size)}
    live_in = _Analysis(code, bits, _mask(bits, at_end), _mask(bits, at_calls)).live()
    live = 0
    for block in blocks:
        live |= live_in.get(block, 0)
    return {slot for slot in bits if live & bits[slot]}


def last_reads(code: Code, at_end: Iterable[int], at_calls: Iterable[int]) -> dict[int, list[tuple[int, ...]]]:
    """For each block that can be reached, and each operation in it, the slots that nothing reads any more behind it.

    Args:
        code: of a program
        at_end: the slots that are read when the code ends
        at_calls: those that any call may read
    """
    bits = {slot: 1 << slot for slot in range(code.size)}
    analysis = _Analysis(code, bits, _mask(bits, at_end), _mask(bits, at_calls))
    live_in = analysis.live()
    result: dict[int, list[tuple[int, ...]]] = {}
    for number in live_in:
        live = analysis.at_end_of(number, live_in)
        rows: list[tuple[int, ...]] = []
        for _, operands, target in reversed(code.blocks[number].steps):
            rows.append(tuple(slot for slot in {*operands, target} if not live & bits[slot]))
            live = (live & ~bits[target]) | _mask(bits, operands)
        result[number] = rows[::-1]
    return result


def _mask(bits: Mapping[int, int], slots: Iterable[int]) -> int:
    mask = 0
    for slot in slots:
        mask |= bits.get(slot, 0)
    return mask


class _Analysis:
    """Sets of slots are the bits of a number, so that a step costs little however many slots there are."""

    def __init__(self, code: Code, bits: Mapping[int, int], at_end: int, at_calls: int) -> None:
        self.blocks = code.blocks
        self.flows: dict[int, Flow] = {number: code.blocks[number].end.flow for number in in_order(code)}
        self.bits = bits
        self.at_end = at_end
        self.at_calls = at_calls

    def live(self) -> dict[int, int]:
        """For each block that can be reached, what is read behind its start before it is written."""
        numbers = list(self.flows)[::-1]  # last blocks first: what follows one is mostly known when its turn comes
        place = {number: position for position, number in enumerate(numbers)}
        led_from: dict[int, list[int]] = {number: [] for number in numbers}
        for number, flow in self.flows.items():
            for after in flow.leads_to:
                led_from[after].append(number)
        effects = {number: self._effect(self.blocks[number]) for number in numbers}
        live = dict.fromkeys(numbers, 0)
        todo = list(range(len(numbers)))  # a heap of places
        while todo:
            first = heappop(todo)
            while todo and todo[0] == first:
                heappop(todo)
            number = numbers[first]
            read, written = effects[number]
            before = read | (self.at_end_of(number, live) & ~written)
            if before != live[number]:
                live[number] = before
                for leading in led_from[number]:
                    heappush(todo, place[leading])
        return live

    def at_end_of(self, number: int, live_in: Mapping[int, int]) -> int:
        """What is live behind the last operation of a block."""
        flow = self.flows[number]
        live = 0
        for after in flow.leads_to:
            live |= live_in[after]
        live = (live & ~self._of(flow.writes)) | self._of(flow.reads)
        if flow.calls:
            live |= self.at_calls
        return live | self.at_end if flow.leaves else live

    def _effect(self, block: BasicBlock) -> tuple[int, int]:
        """What a block's operations read before they write it, and what they write."""
        read = written = 0
        for _, operands, target in block.steps:
            read |= self._of(operands) & ~written
            written |= self.bits.get(target, 0)
        return read, written

    def _of(self, slots: Iterable[int]) -> int:
        return _mask(self.bits, slots)

"""Which operations of a program work on numbers alone: those need not ask for the types of their operands.

Each slot of a frame has a set of ranks that its value may have: 0 for a number, 1 for a vector, 2 for a matrix. The
sets grow from nothing to a fixed point, along all ways through the code: what is no array on any way is a number.
Functions are analysed once, for all their calls together, and so is what they share with the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from heapq import heappop, heappush
from itertools import product
from math import prod
from typing import Any

from adcli.program.code import BasicBlock, Call, Choose, Code, Differentiate, EndSide, Gather, Solve, in_order
from adcli.records import NamedTuple
from adcli.rules.facts import Notation
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused, broadcast

NUMBER = 0b001  # a set of ranks is a number with a bit for each
ANY = 0b111
_BITS = 3
_RANKS: Mapping[int, tuple[int, ...]] = {
    ranks: tuple(rank for rank in range(_BITS) if ranks >> rank & 1) for ranks in range(ANY + 1)
}
_MOST_WAYS = 100  # in which the ranks of an operation's operands are combined: beyond that, the result may have any
_MOST_BITS = 10**8  # slots times blocks that are analysed: beyond that, each operation asks for types


def specialised(
    main: Code, functions: Mapping[str, Code], parameters: Sequence[int | None]
) -> tuple[Code, dict[str, Code]]:
    """The code of a program and of its functions, with plain functions of floats where operands are numbers.

    `parameters` are the ranks of the program's own parameters, None for any.
    """
    codes = {"": main, **functions}
    if sum(code.size * len(code.blocks) for code in codes.values()) > _MOST_BITS:
        return main, dict(functions)
    analysis = _RankAnalysis(codes)
    analysis.parameters[""] = [ANY if rank is None else 1 << rank for rank in parameters]
    while analysis.grows:
        analysis.grows = False
        for name in list(analysis.parameters):
            analysis.follow(name)
    changed = {
        name: code._replace(blocks=analysis.blocks(name)) if name in analysis.parameters else code
        for name, code in codes.items()
    }
    return changed.pop(""), changed


@lru_cache(maxsize=10_000)
def result_ranks(operation: Primitive, *operands: int) -> int:
    """The ranks that a result may have, from those that the operands may have: none where no operands fit."""
    if operation.elementwise and all(ranks == NUMBER for ranks in operands):
        return NUMBER
    if prod(ranks.bit_count() for ranks in operands) > _MOST_WAYS:
        return ANY
    rule = operation.shape if isinstance(operation, ArrayPrimitive) else broadcast
    result = 0
    for way in product(*(_RANKS[ranks] for ranks in operands)):
        try:
            result |= 1 << len(rule([(None,) * rank for rank in way], [None] * len(way)))
        except Refused:  # so that a run ends here
            continue
    return result


class _Row(NamedTuple):
    """What is known of an operation: the ranks of its operands, of its result, and of what that replaces."""

    operands: tuple[int, ...]
    result: int
    replaced: int


class _RankAnalysis:
    """What is known so far of each code, by its name; that of the program is empty.

    Attributes:
        codes: those of the program and of its functions
        parameters: for each code that can be reached the ranks of its parameters
        returned: the ranks of each value that a function returns
        shared: what the slots of the program hold that functions read or write
        masks: for each `where` what chooses element by element
        states: for each block of a code that can be reached the ranks of all slots before it, three bits for each slot
        grows: whether something is known since the last round that is not of one code alone
    """

    def __init__(self, codes: Mapping[str, Code]) -> None:
        self.codes = codes
        self.parameters: dict[str, list[int]] = {}
        self.returned: dict[str, list[int]] = {name: [] for name in codes}
        self.masks: dict[int, int] = {}
        self.states: dict[str, dict[int, int]] = {}
        self.grows = True
        outer = {slot for code in codes.values() for slot, _ in code.globals}
        self.shared = dict.fromkeys(outer, 0)
        self._outer = {name: {own: slot for slot, own in code.globals} for name, code in codes.items()}
        self._outer[""] = {slot: slot for slot in outer}
        self._order = {name: in_order(code) for name, code in codes.items()}

    def follow(self, name: str) -> None:
        """Follow a code until nothing more becomes known of its own slots."""
        code, order, states = self.codes[name], self._order[name], self.states.setdefault(name, {})
        frame = _Frame(self, name, 0)
        for slot, _, _ in code.constants:
            frame.write(slot, NUMBER)
        for slot, ranks in enumerate(self.parameters[name]):
            frame.write(slot, ranks)
        states[0] = states.get(0, 0) | frame.state_behind()
        place = {number: position for position, number in enumerate(order)}
        todo = [position for position, number in enumerate(order) if number in states]  # sorted, and so a heap
        while todo:
            first = heappop(todo)
            while todo and todo[0] == first:
                heappop(todo)
            block = code.blocks[order[first]]
            behind = self._behind(name, block, states[order[first]])
            for after in block.end.flow.leads_to:
                before = states.get(after)
                joined = behind if before is None else before | behind
                if joined != before:
                    states[after] = joined
                    heappush(todo, place[after])

    def blocks(self, name: str) -> tuple[BasicBlock, ...]:
        """The blocks of a code, with what is known of each of their operations."""
        states, blocks = self.states[name], self.codes[name].blocks
        return tuple(
            self._specialised(name, block, states[number]) if number in states else block
            for number, block in enumerate(blocks)
        )

    def _specialised(self, name: str, block: BasicBlock, state: int) -> BasicBlock:
        rows = _Frame(self, name, state).run(block)
        plain = [all(ranks == NUMBER for ranks in row.operands) for row in rows]
        functions: list[Callable[..., Any]] = [
            operation.value if known and operation.elementwise else function
            for (function, _, _), operation, known in zip(block.steps, block.operations, plain, strict=True)
        ]
        numbers = tuple(
            not (row.result | row.replaced) & ~NUMBER
            and all(row.operands)
            and (known or operation.notation is Notation.PART)
            for row, operation, known in zip(rows, block.operations, plain, strict=True)
        )
        steps = tuple(
            (function, operands, target) for function, (_, operands, target) in zip(functions, block.steps, strict=True)
        )
        return block._replace(steps=steps, numbers=numbers)

    def _behind(self, name: str, block: BasicBlock, state: int) -> int:
        """What is known behind a block, from what is known before it."""
        frame = _Frame(self, name, state)
        frame.run(block)
        end = block.end
        flow = end.flow
        results = {to: frame.read(source) for to, source in flow.copies}
        if isinstance(end, Call):
            returned = self._called(end.function, [frame.read(slot) for slot in end.arguments])
            results.update(zip(end.results, returned or [0] * len(end.results), strict=True))
        elif isinstance(end, Differentiate):
            results[end.result] = frame.read(end.variable)
        elif isinstance(end, Solve):
            results.update(zip(end.results, map(frame.read, end.starts), strict=True))
            for call in end.equations.calls():  # whose arguments nobody has analysed
                self._called(call.function, [ANY] * len(call.arguments))
        elif isinstance(end, Gather):
            results[end.result] = NUMBER if end.counts else ANY & ~NUMBER
        elif isinstance(end, Choose):
            key = id(end.node)
            self.masks[key] = self._grown(self.masks.get(key, 0), frame.read(end.mask))
        elif isinstance(end, EndSide):
            source, mask = frame.read(end.source), self.masks.get(id(end.node), 0)
            results[end.result] = source | _widest(mask, source)
        if flow.leaves and flow.reads:
            known = self.returned[name] or [0] * len(flow.reads)
            self.returned[name] = [
                self._grown(ranks, frame.read(slot)) for ranks, slot in zip(known, flow.reads, strict=True)
            ]
        for slot, ranks in results.items():
            frame.write(slot, ranks)
        return frame.state_behind()

    def _called(self, function: str, arguments: Sequence[int]) -> Sequence[int]:
        """What a call returns, as far as it is known: nothing yet, or the ranks of each value."""
        if function not in self.parameters:
            self.parameters[function] = [0] * len(arguments)
            self.grows = True
        known = self.parameters[function]
        self.parameters[function] = [self._grown(*pair) for pair in zip(known, arguments, strict=True)]
        return self.returned[function]

    def share(self, slot: int, ranks: int) -> None:
        """Note what a slot may hold that functions share with the program."""
        self.shared[slot] = self._grown(self.shared[slot], ranks)

    def outer(self, name: str) -> Mapping[int, int]:
        """The slots of a code that it shares, with their places in the frame of the program."""
        return self._outer[name]

    def _grown(self, known: int, further: int) -> int:
        self.grows = self.grows or bool(further & ~known)
        return known | further


def _widest(first: int, second: int) -> int:
    """The ranks of what two arrays are repeated to, which may each have some ranks."""
    result = 0
    for ranks in product(_RANKS[first], _RANKS[second]):
        result |= 1 << max(ranks)
    return result


class _Frame:
    """The ranks of the slots of a code in one block: those before it, and what has been written since."""

    def __init__(self, analysis: _RankAnalysis, name: str, state: int) -> None:
        self._analysis = analysis
        self._outer = analysis.outer(name)
        self._state = state
        self._written: dict[int, int] = {}

    def read(self, slot: int) -> int:
        """The ranks that a slot may have."""
        outer = self._outer.get(slot)
        if outer is not None:
            return self._analysis.shared[outer]
        written = self._written.get(slot)
        return self._state >> _BITS * slot & ANY if written is None else written

    def write(self, slot: int, ranks: int) -> None:
        """Give a slot another value."""
        outer = self._outer.get(slot)
        if outer is None:
            self._written[slot] = ranks
        else:
            self._analysis.share(outer, ranks)

    def run(self, block: BasicBlock) -> list[_Row]:
        """Follow the operations of a block; what is known at each."""
        rows = []
        for (_, operands, target), operation in zip(block.steps, block.operations, strict=True):
            known = tuple([self.read(operand) for operand in operands])
            result = result_ranks(operation, *known) if all(known) else 0
            rows.append(_Row(known, result, self.read(target)))
            self.write(target, result)
        return rows

    def state_behind(self) -> int:
        """The ranks of all slots."""
        state = self._state
        for slot, ranks in self._written.items():
            place = _BITS * slot
            state = state & ~(ANY << place) | ranks << place
        return state

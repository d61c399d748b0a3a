"""The shapes of a program's values, as far as they are known before it runs: what cannot fit is told without a run.

The code is walked once, block by block, with the shape of what each slot holds, and its value where that is a number
that is written in the program. Where two ways meet that disagree, nothing is known any more; a loop is walked with
nothing known of what its body assigns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from adcli.errors import Problem
from adcli.program.code import BasicBlock, Call, Code, Decide, Differentiate, Expect, Solve, in_order
from adcli.program.mistakes import compares_arrays, derivative_of_array, wrong_length
from adcli.program.program import InputVariable
from adcli.records import NamedTuple
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused, Shape, broadcast, shape_text
from adcli.rules.table import COPY
from adcli.syntax.source import Span


class Known(NamedTuple):
    """What is known of a value before the run: its shape, None for any; and its value, where it is a number."""

    shape: Shape | None
    value: float | None = None


ANYTHING = Known(None)
_State: TypeAlias = dict[int, Known]  # by slot
_Verdict: TypeAlias = tuple[tuple[Span, str], list[Problem]]  # a place and an operation, and what is wrong with it
_MOST_BLOCKS = 20_000  # that are walked: beyond that, the run will tell


def shape_problems(
    code: Code, functions: Mapping[str, Code], inputs: Sequence[InputVariable], sizes: Sequence[str]
) -> list[Problem]:
    """What cannot fit together, whatever is given, one problem for each place."""
    start: _State = {}
    for slot, variable in enumerate(inputs):
        shape = variable.shape
        start[slot] = Known(None if shape is None else tuple(s if isinstance(s, int) else None for s in shape))
    for slot in range(len(inputs), len(inputs) + len(sizes)):
        start[slot] = Known(())
    walk = _Walk(code, functions)
    _, problems = walk.code(code, start, ())
    return list({problem.span: problem for problem in reversed(problems)}.values())[::-1]


class _Walk:
    """Follows code with what is known."""

    def __init__(self, main: Code, functions: Mapping[str, Code]) -> None:
        self.main = main
        self.functions = functions
        self.blocks = 0

    def code(self, code: Code, start: _State, calls: tuple[str, ...]) -> tuple[list[Known], list[Problem]]:
        """Walk a program or a function, with the functions that are open; the values that it returns, and its problems.

        A place may stand in several blocks, one for each way that leads there: it is wrong if no way fits.
        """
        for slot, _, value in code.constants:
            start[slot] = Known((), value)
        states: dict[int, _State] = {0: start}
        returned: list[list[Known]] = []
        names = {slot: name for name, slot in code.bindings.items()}
        problems: dict[tuple[Span, str], list[Problem]] = {}
        for number in in_order(code):
            self.blocks += 1
            if self.blocks > _MOST_BLOCKS:
                return [], []
            block, state = code.blocks[number], states[number]
            flow = block.end.flow
            for place, wrong in (*_operations(block, state, names), *self._end(code, block, state, calls)):
                problems[place] = wrong if problems.get(place, wrong) else []
            if flow.leaves:
                returned.append([state.get(slot, ANYTHING) for slot in flow.reads])
            for after in flow.leads_to:
                states[after] = _joined(states.get(after), state)
        return list(map(_same, zip(*returned, strict=True))), [
            problem for wrong in problems.values() for problem in wrong
        ]

    def _end(self, code: Code, block: BasicBlock, state: _State, calls: tuple[str, ...]) -> Iterator[_Verdict]:
        """Make of a state what holds behind the end of a block; what is wrong there."""
        end = block.end
        flow = end.flow
        if isinstance(end, Decide) and end.masked is None:
            sides = [state.get(slot, ANYTHING).shape for slot in flow.reads]
            yield (end.span, ""), [compares_arrays([side or () for side in sides], end.span)] if any(sides) else []
        results = dict.fromkeys(flow.writes, ANYTHING)
        results.update((to, state.get(source, ANYTHING)) for to, source in flow.copies)
        if isinstance(end, Expect):
            shape = state.get(end.slot, ANYTHING).shape
            fits = shape is None or shape[:1] in ((None,), (end.names,))
            yield (end.span, ""), [] if fits else [wrong_length(shape or (), end.names, end.span)]
        if isinstance(end, Differentiate):
            shape = state.get(end.value, ANYTHING).shape
            yield (end.node.span, ""), [derivative_of_array(shape, end.node.span)] if shape else []
            results[end.result] = Known(state.get(end.variable, ANYTHING).shape)
        elif isinstance(end, Solve):
            results.update(
                (slot, Known(state.get(start, ANYTHING).shape))
                for slot, start in zip(end.results, end.starts, strict=True)
            )
        elif isinstance(end, Call):
            returned, problems = self._call(end, state, calls)
            results.update(zip(end.results, returned, strict=False))
            yield (end.node.span, end.function), problems
            results.update(dict.fromkeys(self._changed_by_calls(code), ANYTHING))
        elif flow.body is not None:
            results.update(dict.fromkeys(self._written_behind(code, flow.body), ANYTHING))
        state.update(results)

    def _written_behind(self, code: Code, start: int) -> set[int]:
        """The slots that the blocks of a loop's body, and all that may follow, give a value."""
        written: set[int] = set()
        todo, seen = [start], set()
        while todo:
            number = todo.pop()
            if number in seen:
                continue
            seen.add(number)
            block = code.blocks[number]
            flow = block.end.flow
            written.update(target for _, _, target in block.steps)
            written.update(flow.writes)
            if flow.calls:
                written |= self._changed_by_calls(code)
            todo.extend(flow.leads_to)
        return written

    def _changed_by_calls(self, code: Code) -> set[int]:
        """The slots of states, which a call may give another value."""
        if code is not self.main:
            return {own for _, own in code.states}
        return {outer for function in self.functions.values() for outer, _ in function.assigned}

    def _call(self, call: Call, state: _State, calls: tuple[str, ...]) -> tuple[list[Known], list[Problem]]:
        if call.function in calls:  # a recursion
            return [], []
        arguments = {place: state.get(slot, ANYTHING) for place, slot in enumerate(call.arguments)}
        return self.code(self.functions[call.function], arguments, (*calls, call.function))


def _operations(block: BasicBlock, state: _State, names: Mapping[int, str]) -> Iterator[_Verdict]:
    """Make of a state what holds behind the operations of a block; what is wrong at each."""
    for (_, operands, target), operation, span in zip(block.steps, block.operations, block.spans, strict=True):
        known = [state.get(operand, ANYTHING) for operand in operands]
        problems = []
        try:
            state[target] = known[0] if operation is COPY else Known(result_shape(operation, known))
        except Refused as error:
            texts = (
                f"`{names[slot]}` is {_text(operand)}"
                for slot, operand in zip(operands, known, strict=True)
                if slot in names
            )
            problems = [Problem(error.code, str(error), span, "", "; ".join(dict.fromkeys(texts)), error.remedy)]
            state[target] = ANYTHING
        yield (span, operation.name), problems


def _text(known: Known) -> str:
    return "something" if known.shape is None else shape_text(known.shape)


def result_shape(operation: Primitive, known: Sequence[Known]) -> Shape | None:
    """The shape of a result, None where it is not known; raises Refused where there is none."""
    shapes = [operand.shape for operand in known]
    if any(shape is None for shape in shapes):
        return None
    rule = operation.shape if isinstance(operation, ArrayPrimitive) else broadcast
    return rule([shape or () for shape in shapes], [operand.value for operand in known])


def _joined(state: _State | None, other: _State) -> _State:
    """What holds where two ways meet."""
    if state is None:
        return dict(other)
    return {slot: _same([known, other[slot]]) for slot, known in state.items() if slot in other}


def _same(known: Sequence[Known]) -> Known:
    if not known or any(operand.shape != known[0].shape for operand in known):
        return ANYTHING
    return known[0] if all(operand == known[0] for operand in known) else Known(known[0].shape)

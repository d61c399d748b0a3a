"""What comes behind a block: one function for each kind of end."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import repeat
from typing import Any

from adcli.errors import AdError, Problem
from adcli.program.code import (
    BasicBlock,
    BeginCollection,
    BreakLoop,
    Call,
    Choose,
    Collect,
    Decide,
    Differentiate,
    EndSide,
    EnterFor,
    EnterWhile,
    Expect,
    Gather,
    Jump,
    Leave,
    Refuse,
    Repeat,
    ReturnToCaller,
    Solve,
    Stop,
)
from adcli.rules.dispatch import shape_of, shapes_of
from adcli.rules.shapes import Refused
from adcli.rules.table import ADDITION, SELECT, STACK
from adcli.syntax import nodes
from adcli.syntax.source import Span
from adcli.tape.execution import CALL_WEIGHT, Choice, Execution, refusal
from adcli.tape.tape import BOUND_TOLERANCE, COMPARE, Count, Guard, Tape, outcome_text

_Counting = nodes.ForLoop | nodes.Index  # what has a variable that counts
_new: Any = tuple.__new__  # makes a named tuple at half the cost


def _stop(execution: Execution, end: Stop) -> None:
    return None


def _jump(execution: Execution, end: Jump) -> BasicBlock:
    slots = execution.slots
    for to, source in end.moves:
        if slots[source] is None:
            raise execution.no_value(source, end.span)
        slots[to] = slots[source]
    if end.iterates:
        execution.begin_iteration(len(execution.tape.values))
    return execution.code.blocks[end.block]


def _decide(execution: Execution, end: Decide) -> BasicBlock:
    comparison, left_slot, right_slot, if_holds, if_fails, span, header, required, masked = end
    slots, tape = execution.slots, execution.tape
    left, right = slots[left_slot], slots[right_slot]
    if left is None or right is None:
        raise execution.no_value(left_slot if left is None else right_slot, span)
    values = tape.values
    if type(values[left]) is not float or type(values[right]) is not float:
        if masked is not None:
            return execution.code.blocks[masked]
        raise _compares_arrays(tape, (left, right), span)
    if execution.one_sided is None:
        holds = COMPARE[comparison](values[left], values[right])
    else:
        execution.one_sided.follow(tape)
        holds = execution.one_sided.decides(tape, comparison, left, right)
    position = len(values)
    if header is not None:
        execution.begin_iteration(position - header)
        execution.around = True
    tape.guards.append(_new(Guard, (position, comparison, left, right, holds, span, required, None, False)))
    return execution.code.blocks[if_holds if holds else if_fails]


def _compares_arrays(tape: Tape, sides: tuple[int, int], span: Span) -> AdError:
    from adcli.program.mistakes import compares_arrays

    return AdError(compares_arrays(shapes_of([tape.values[side] for side in sides]), span), tape.source)


def _choose(execution: Execution, end: Choose) -> BasicBlock:
    execution.choices.append(Choice(end.node, len(execution.callers), execution.slots[end.mask]))
    return execution.code.blocks[end.block]


def _end_side(execution: Execution, end: EndSide) -> BasicBlock:
    slots, tape, choices = execution.slots, execution.tape, execution.choices
    if slots[end.source] is None:
        raise execution.no_value(end.source, end.node.span)
    choice = choices[-1] if choices else None
    if choice is None or choice.node is not end.node or choice.depth != len(execution.callers):
        slots[end.result] = slots[end.source]
        return execution.code.blocks[end.after]
    if choice.first is None:
        choice.first = slots[end.source]
        return execution.code.blocks[end.other]
    choices.pop()
    operands = (choice.mask, choice.first, slots[end.source])
    values = [tape.values[operand] for operand in operands]
    try:
        value = SELECT.function(*values)
    except Refused as error:
        raise refusal(tape, operands[1:], end.node.span, error) from None
    if execution.storage is not None:
        execution.storage.note(SELECT, operands)
    slots[end.result] = tape.append(SELECT, operands, value, None, end.node.span)
    return execution.code.blocks[end.after]


def _call(execution: Execution, end: Call) -> BasicBlock:
    slots, outermost = execution.slots, execution.outermost
    for outer, own in execution.code.assigned:
        outermost[outer] = slots[own]
    code, called = execution.functions[end.function], execution.frame_of(end.function)
    for parameter, argument in enumerate(end.arguments):
        if slots[argument] is None:
            raise execution.no_value(argument, end.node.span)
        called[parameter] = slots[argument]
    for outer, own in code.globals:
        called[own] = outermost[outer]
    execution.callers.append((execution.code, slots, end, len(execution.counters), len(execution.regions)))
    execution.open(end.node)
    execution.limit -= CALL_WEIGHT + 1  # which stays when it is over: it may record nothing else
    execution.code, execution.slots = code, called
    return code.blocks[0]


def _return(execution: Execution, end: ReturnToCaller) -> BasicBlock:
    slots, outermost = execution.slots, execution.outermost
    for slot in end.slots:
        if slots[slot] is None:
            raise execution.no_value(slot, end.span)
    for outer, own in execution.code.assigned:
        outermost[outer] = slots[own]
    code, callers_slots, call, counters, regions = execution.callers.pop()
    while len(execution.regions) > regions:  # also the loops that it returns from
        execution.close()
    del execution.counters[counters:]
    execution.limit += CALL_WEIGHT
    execution.code, execution.slots = code, callers_slots
    for result, slot in zip(call.results, end.slots, strict=True):
        callers_slots[result] = slots[slot]
    for outer, own in code.states:
        callers_slots[own] = outermost[outer]
    return code.blocks[call.block]


def _expect(execution: Execution, end: Expect) -> BasicBlock:
    entry = execution.slots[end.slot]
    if entry is None:
        raise execution.no_value(end.slot, end.span)
    shape = shape_of(execution.tape.values[entry])
    if shape[:1] != (end.names,):
        from adcli.program.mistakes import wrong_length

        raise AdError(wrong_length(shape, end.names, end.span), execution.tape.source)
    return execution.code.blocks[end.block]


def _enter_for(execution: Execution, end: EnterFor) -> BasicBlock:
    count = _iterations(execution, end, end.node.header)
    if execution.one_sided is not None:
        execution.one_sided.follow(execution.tape)
        bounds = [execution.slots[slot] for slot in (end.first, end.last, end.step)]
        count -= execution.one_sided.falls_short(execution.tape, bounds, count)
    if not count:
        counted = end.first, end.last, end.step
        if execution.counts(counted):
            _guard_count(execution, end.node, execution.slots[end.first], counted, 0, False)
        return execution.code.blocks[end.after]
    if execution.on_loop is not None and not (execution.callers or end.breaks):
        if count > execution.limits.entries:
            execution.open(end.node)
            raise execution.too_many(count)
        following = execution.on_loop(execution, end, count)
        if following is not None:
            return execution.code.blocks[following]
    execution.counters.append(count - 1)
    execution.open(end.node)
    execution.begin_iteration(len(execution.tape.values))
    return execution.code.blocks[end.block]


def _guard_count(
    execution: Execution,
    node: nodes.ForLoop | nodes.Index,
    left: int,
    bounds: tuple[int, int, int],
    times: int,
    holds: bool,
) -> None:
    """How often a loop runs is a decision too, where it `counts`.

    So many iterations have begun: as many as its variable reached, or all of them where it does not hold.
    """
    tape = execution.tape
    first, last, step = (execution.slots[bound] for bound in bounds)
    comparison = "<=" if tape.values[step] > 0 else ">="
    count = Count(first, step, times)
    tape.guards.append(Guard(len(tape.values), comparison, left, last, holds, node.header, counts=count))


def _loop(execution: Execution) -> _Counting:
    """The innermost loop, which counts."""
    node = execution.regions[-1].node
    assert isinstance(node, _Counting)
    return node


def _next_value(execution: Execution, end: Repeat) -> int:
    """The entry of the value that a loop's variable would have had next."""
    tape, slots = execution.tape, execution.slots
    operands = (slots[end.variable], slots[end.step])
    value = tape.values[operands[0]] + tape.values[operands[1]]
    return tape.append(ADDITION, operands, value, None, tape.spans[operands[0]])


def _iterations(execution: Execution, loop: EnterFor | Repeat, header: Span) -> int:
    """How often a loop runs: the last bound is included, also where rounding keeps the steps from reaching it."""
    first, last, step = (execution.value(slot, header) for slot in (loop.first, loop.last, loop.step))
    if step == 0 or not (math.isfinite(first) and math.isfinite(last) and math.isfinite(step)):
        message = f"the loop goes from {first:g} to {last:g} in steps of {step:g}, which has no end"
        problem = Problem("bad-loop", message, header, help="give it finite bounds and a step that is not 0")
        raise AdError(problem, execution.tape.source)
    steps = (last - first) / step if math.isfinite(last - first) else last / step - first / step
    if not (first.is_integer() and step.is_integer()):
        steps += min(BOUND_TOLERANCE * max(abs(first), abs(last)) / abs(step), 0.5)
    return math.floor(min(steps, execution.limits.entries)) + 1 if steps >= 0 else 0


def _repeat(execution: Execution, end: Repeat) -> BasicBlock | None:
    execution.times = 1
    remaining = execution.counters[-1]
    if not remaining:
        if end.block == execution.stops_before and not execution.callers:  # a function has blocks of its own
            return None
        execution.counters.pop()
        bounds, node = (end.first, end.last, end.step), _loop(execution)
        if execution.counts(bounds):
            times = _iterations(execution, end, node.header)
            _guard_count(execution, node, execution.slots[end.variable], bounds, times, True)
            execution.regions[-1].exit = len(execution.tape)
            _guard_count(execution, node, _next_value(execution, end), bounds, times, False)
        execution.close()
        return execution.code.blocks[end.after]
    block, start = execution.code.blocks[end.block], len(execution.tape.values)
    if block.end == end and (execution.storage is None or execution.storage.last_reads(execution.code, block) is None):
        # nothing is decided in the body: it runs as often as it has to
        length = len(block.steps)
        room = (execution.limit - start - len(execution.tape.guards)) // length
        has_arrays = execution.tape.arrays and False in block.numbers
        if room < (1 if has_arrays else remaining):
            raise execution.too_many(room + 1)
        region, times = execution.regions[-1], remaining
        if has_arrays:
            times = execution.at_once(min(remaining, room))
        region.iterations.extend(range(start, start + times * length, length))
        region.iteration_guards.extend(repeat(len(execution.tape.guards), times))
        execution.times, execution.counters[-1] = times, remaining - times
    else:
        execution.begin_iteration(start)
        execution.counters[-1] -= 1
        execution.around = True
    return block


def _break(execution: Execution, end: BreakLoop) -> BasicBlock:
    repeat = end.repeat
    if repeat is not None:
        variable, bounds = execution.slots[repeat.variable], (repeat.first, repeat.last, repeat.step)
        node, left = _loop(execution), execution.counters.pop()
        if execution.counts(bounds):
            _guard_count(execution, node, variable, bounds, _iterations(execution, repeat, node.header) - left, True)
    execution.close()
    return execution.code.blocks[end.after]


def _begin_collection(execution: Execution, end: BeginCollection) -> BasicBlock:
    execution.collections.append([])
    return execution.code.blocks[end.block]


def _collect(execution: Execution, end: Collect) -> BasicBlock:
    execution.collections[-1].append(execution.slots[end.slot])
    return execution.code.blocks[end.block]


def _gather(execution: Execution, end: Gather) -> BasicBlock:
    slots, tape, entries = execution.slots, execution.tape, tuple(execution.collections.pop())
    if not entries:
        from adcli.program.mistakes import no_values

        raise AdError(no_values(end.node), tape.source)
    if end.counts:
        slots[end.result] = tape.constant(str(len(entries)), float(len(entries)))
        return execution.code.blocks[end.block]
    try:
        value = STACK.function(*[tape.values[entry] for entry in entries])
    except Refused as error:
        raise refusal(tape, entries, end.node.span, error) from None
    if execution.storage is not None:
        execution.storage.note(STACK, entries)
    slots[end.result] = tape.append(STACK, entries, value, None, end.node.span)
    return execution.code.blocks[end.block]


def _enter_while(execution: Execution, end: EnterWhile) -> BasicBlock:
    execution.open(end.node)
    execution.begin_iteration(len(execution.tape.values))
    return execution.code.blocks[end.block]


def _leave(execution: Execution, end: Leave) -> BasicBlock:
    region = execution.regions[-1]
    region.exit = region.iterations.pop()
    region.iteration_guards.pop()
    execution.close()
    return execution.code.blocks[end.block]


def _refuse(execution: Execution, end: Refuse) -> BasicBlock:
    tape, start = execution.tape, end.node.condition.span.start
    failed = [guard for guard in tape.guards if start <= guard.span.start < end.node.span.end]
    label = ""
    if failed:
        guard = failed[-1]
        text = " ".join(tape.source.text[slice(*guard.span)].split())
        sides = f"{tape.values[guard.left]:g} and {tape.values[guard.right]:g}"
        label = f"`{text}` {outcome_text(guard.holds)}: its sides are {sides}"
    message = "what the program requires does not hold here"
    help_text = "the program is meant for other inputs"
    problem = Problem("requirement", message, end.node.span, label, help=help_text)
    raise AdError(problem, tape.source)


def _differentiate(execution: Execution, end: Differentiate) -> BasicBlock:
    slots, span = execution.slots, end.node.span
    for slot in (end.variable, end.value):
        if slots[slot] is None:
            raise execution.no_value(slot, span)
    assert execution.differentiate is not None
    execution.open(end.node)
    one_sided, tape = execution.one_sided, execution.tape
    if one_sided is not None:
        one_sided.follow(tape)
    guards = len(tape.guards)
    slots[end.result] = execution.differentiate(tape, slots[end.value], slots[end.variable], span)
    if one_sided is not None:
        one_sided.recorded(tape, tape.guards[guards:])
    if len(execution.tape) + len(execution.tape.guards) > execution.limit:
        raise execution.too_many()
    execution.close()
    return execution.code.blocks[end.block]


def _solve(execution: Execution, end: Solve) -> BasicBlock:
    assert execution.solve is not None
    execution.solve(execution, end)
    return execution.code.blocks[end.block]


FOLLOW: Mapping[type, Callable[[Execution, Any], BasicBlock | None]] = {
    Stop: _stop, Jump: _jump, Decide: _decide, Choose: _choose, EndSide: _end_side, Call: _call,
    ReturnToCaller: _return, Expect: _expect, EnterFor: _enter_for, Repeat: _repeat, BreakLoop: _break,
    BeginCollection: _begin_collection, Collect: _collect, Gather: _gather,
    EnterWhile: _enter_while, Leave: _leave, Refuse: _refuse, Differentiate: _differentiate, Solve: _solve,
}  # fmt: skip

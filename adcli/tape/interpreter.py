"""The interpreter: code × entries → more entries. It runs programs, and writes a rule's formula onto the tape."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, TypeAlias

from adcli.errors import AdError, Problem
from adcli.program.code import (
    BasicBlock,
    Call,
    Choose,
    Code,
    Decide,
    Differentiate,
    EndSide,
    EnterFor,
    EnterWhile,
    Jump,
    Leave,
    Refuse,
    Repeat,
    ReturnToCaller,
    Stop,
)
from adcli.program.mistakes import compares_arrays
from adcli.rules.compile import RAISED, ieee_value
from adcli.rules.dispatch import shapes_of
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.shapes import Refused, broadcast, shape_text
from adcli.rules.table import ADDITION, CONSTANT, SELECT
from adcli.syntax import nodes
from adcli.syntax.source import Span
from adcli.tape.tape import BOUND_TOLERANCE, COMPARE, Guard, Masked, Region, Tape

if TYPE_CHECKING:
    from adcli.tape.domains import OneSided
    from adcli.tape.lean import Lean

MAX_ENTRIES = 10_000_000
_CALL_WEIGHT = 10  # entries that an open call counts for: it holds about as much memory
_new: Any = tuple.__new__  # makes a named tuple at half the cost
_NO_FUNCTIONS: Mapping[str, Code] = {}


# Appends the derivative of the first entry by the second, at a place in the source; its entry.
Derivative: TypeAlias = Callable[[Tape, int, int, Span], int]
# Runs a loop, given the slots, the tape and how often; the block that follows, or None to leave it to the interpreter.
OnLoop: TypeAlias = Callable[[list[Any], Tape, EnterFor, int], "int | None"]


def run(
    code: Code,
    tape: Tape,
    arguments: Sequence[int],
    functions: Mapping[str, Code] = _NO_FUNCTIONS,
    max_entries: int = MAX_ENTRIES,
    differentiate: Derivative | None = None,
    lean: Lean | None = None,
    on_loop: OnLoop | None = None,
    beside: OneSided | None = None,
) -> list[Any]:
    """Append what some code does, with its parameters bound to entries; the entry of each slot, None if it has none.

    Args:
        code, tape, arguments: what runs, where, with the entries of its parameters
        functions: those that it may call
        max_entries: the limit of the tape
        differentiate: appends the derivative of one entry by another; code without `derivative` needs none
        lean: forgets arrays on the way
        on_loop: runs a `for` loop of the program in its own way
        beside: runs infinitesimally beside the values of the parameters
    """
    machine = _Machine(code, tape, arguments, functions, max_entries, differentiate)
    machine.lean, machine.on_loop, machine.beside = lean, on_loop, beside
    return _go(machine, code.blocks[0])


def run_iteration(
    code: Code, tape: Tape, held: Mapping[int, int], enter: EnterFor, first: bool, functions: Mapping[str, Code],
    max_entries: int,
) -> list[Any]:  # fmt: skip
    """Append one iteration of a `for` loop of a program, the first one or a later one; the entry of each slot.

    `held` are the entries of the slots that have one before it.
    """
    machine = _Machine(code, tape, (), functions, max_entries, None)
    for slot, entry in held.items():
        machine.slots[slot] = entry
    machine.stops_before = enter.again
    return _go(machine, code.blocks[enter.block if first else enter.again])


def _go(machine: _Machine, start: BasicBlock) -> list[Any]:
    tape, lean = machine.tape, machine.lean
    values, guards = tape.values, tape.guards
    add_value, add_operands = values.append, tape.operands.append
    add_operations, add_names, add_spans = tape.operations.extend, tape.names.extend, tape.spans.extend
    block: BasicBlock | None = start
    while block is not None:
        steps, operations, names, spans, end, _ = block
        slots, times = machine.slots, machine.times
        entry = len(values)
        dead = None if lean is None else lean.last_reads(machine.code, block)
        if lean is not None and dead is not None:
            _run_lean(machine, block, lean, dead)
            steps = ()
        elif machine.beside is not None:
            _run_beside(machine, block, machine.beside)
            steps = ()
        for function, operands, target in steps if times == 1 else chain.from_iterable(repeat(steps, times)):
            try:
                if len(operands) == 2:
                    left, right = operands
                    entries: tuple[int, ...] = (slots[left], slots[right])
                    value = function(values[entries[0]], values[entries[1]])
                elif len(operands) == 1:
                    source = slots[operands[0]]
                    entries = (source,)
                    value = function(values[source])
                else:
                    entries = tuple([slots[operand] for operand in operands])
                    value = function(*[values[operand] for operand in entries])
            except RAISED as error:
                value = _recovered(machine, block, entries, error)
            except TypeError:
                if None not in entries:
                    raise
                raise machine.no_value(operands[entries.index(None)], spans[_row(tape, block)]) from None
            add_operands(entries)
            add_value(value)
            slots[target] = entry
            entry += 1
        add_operations(operations * times)
        add_names(names * times)
        add_spans(spans * times)
        if len(values) + len(guards) > machine.limit:
            raise machine.too_many()
        block = _FOLLOW[type(end)](machine, end)
    return machine.slots


def _run_lean(machine: _Machine, block: BasicBlock, lean: Lean, dead: Sequence[tuple[int, ...]]) -> None:
    """The operations of a block, one after another; what nothing reads any more is forgotten behind each."""
    tape, slots = machine.tape, machine.slots
    values = tape.values
    lean.catch_up()
    active = lean.active
    rows = zip(block.steps, block.operations, block.numbers, dead, strict=True)
    for (function, operands, target), operation, of_numbers, ended in rows:
        entries = _entries(machine, block, operands)
        if of_numbers:  # there is nothing to forget
            value = _value(machine, block, function, entries)
            active.append(True in [active[operand] for operand in entries])
        else:
            lean.note(operation, entries)
            try:
                value = lean.in_place(operation, operands, entries, ended)
            except RAISED as error:
                value = _recovered(machine, block, entries, error)
            if value is None:
                value = _value(machine, block, function, entries)
        tape.operands.append(entries)
        values.append(value)
        before, slots[target] = slots[target], len(values) - 1
        if before is not None and not of_numbers:
            lean.forget(before, machine.held)
        for slot in ended:
            entry, slots[slot] = slots[slot], None
            lean.forget(entry, machine.held)


def _run_beside(machine: _Machine, block: BasicBlock, beside: OneSided) -> None:
    """The operations of a block, one after another, with their tangents."""
    tape, slots = machine.tape, machine.slots
    beside.follow(tape)
    rows = list(zip(block.steps, block.operations, strict=True)) * machine.times
    for (function, operands, target), operation in rows:
        entries = _entries(machine, block, operands)
        value = _value(machine, block, function, entries)
        slots[target] = len(tape.values)
        tape.operands.append(entries)
        tape.values.append(value)
        beside.appended(tape, operation, len(tape.values) - 1)


def _entries(machine: _Machine, block: BasicBlock, operands: Sequence[int]) -> tuple[int, ...]:
    """The entries in the slots of an operation's operands."""
    slots = machine.slots
    entries = tuple([slots[operand] for operand in operands])
    if None in entries:
        raise machine.no_value(operands[entries.index(None)], block.spans[_row(machine.tape, block)])
    return entries


def _value(machine: _Machine, block: BasicBlock, function: Callable[..., Any], entries: Sequence[int]) -> Any:
    """The value of an operation on entries."""
    values = machine.tape.values
    try:
        return function(*[values[operand] for operand in entries])
    except RAISED as error:
        return _recovered(machine, block, entries, error)


# Where a call goes on when its function returns: code, slots, the call, and how many counters and regions were open.
_Caller: TypeAlias = tuple[Code, list[Any], Call, int, int]


class _Machine:
    """What the code that runs has besides its slots.

    Attributes:
        code, slots: of the function that runs, or of the program
        times: how often the next block runs: more than once for a loop's body without a decision in it
        limit: how many entries and guards there may be; each call makes it smaller
        stops_before: the block before which the run ends: that of a loop's next iteration
        callers: the calls that are open
        counters: for each open `for` loop, the iterations still to come
        choices: for each `where` that is chosen element by element, what is known so far
        regions: the loops and calls that are open
    """

    def __init__(
        self,
        code: Code,
        tape: Tape,
        arguments: Sequence[int],
        functions: Mapping[str, Code],
        max_entries: int,
        differentiate: Derivative | None,
    ) -> None:
        self.tape = tape
        self.differentiate = differentiate
        self.functions = functions
        self.max_entries = self.limit = max_entries
        self.code = code
        self.outermost = self.slots = self.frame(code, arguments)
        self.times = 1
        self.callers: list[_Caller] = []
        self.counters: list[int] = []
        self.choices: list[_Choice] = []
        self.lean: Lean | None = None
        self.on_loop: OnLoop | None = None
        self.beside: OneSided | None = None
        self.stops_before: int | None = None
        self.regions: list[Region] = []
        self._frames: dict[str, list[Any]] = {}  # of each function, with its constants in their slots

    def frame(self, code: Code, arguments: Sequence[int]) -> list[Any]:
        """The slots of some code before it runs."""
        slots: list[Any] = [None] * code.size
        for slot, text, value in code.constants:
            slots[slot] = self.tape.constant(text, value)
        slots[: len(arguments)] = arguments
        return slots

    def held(self, entry: int) -> bool:
        """Whether some slot holds an entry."""
        if entry in self.slots or any(entry in slots for _, slots, *_ in self.callers):
            return True
        return any(entry in (choice.mask, choice.first) for choice in self.choices)

    def frame_of(self, function: str) -> list[Any]:
        """The slots of a function before it runs."""
        slots = self._frames.get(function)
        if slots is None:
            slots = self._frames[function] = self.frame(self.functions[function], ())
        return slots[:]

    def open(self, node: nodes.ForLoop | nodes.WhileLoop | nodes.Apply) -> Region:
        """Begin a loop or a call."""
        before = len(self.tape.guards)
        region = Region(node, len(self.tape.values), -1, -1, [], -1, (before, before), [])
        self.regions.append(region)
        self.tape.regions.append(region)
        return region

    def close(self) -> None:
        """End the innermost loop or call."""
        region = self.regions.pop()
        region.end = len(self.tape.values)
        region.after = len(self.tape.regions)
        region.guards = region.guards[0], len(self.tape.guards)

    def begin_iteration(self, entry: int) -> None:
        """Note where an iteration of the innermost loop begins."""
        region = self.regions[-1]
        region.iterations.append(entry)
        region.iteration_guards.append(len(self.tape.guards))

    def too_many(self, further: int = 0) -> AdError:
        """The error of a tape beyond its limit, in the innermost loop or call, so many iterations further on."""
        weight = ""
        if not self.regions:
            span, label = None, ""
        elif isinstance(self.regions[-1].node, nodes.Apply):
            call, calls = self.regions[-1].node, len(self.callers) - 1
            span, label = call.span, f"`{call.function}` is called here, inside {calls:,} open calls"
            weight = f"an open call takes as much memory as {_CALL_WEIGHT} entries, and counts like them"
        else:
            iterations = len(self.regions[-1].iterations) + further
            span, label = self.regions[-1].node.header, f"in iteration {iterations:,} of this loop"
        return AdError(
            Problem(
                "too-many-entries", f"the tape has reached its limit of {self.max_entries:,} entries", span, label,
                weight, help="look for what should end it, or raise the limit: `--max-entries N`",
            ),
            self.tape.source,
        )  # fmt: skip

    def counts(self, bounds: tuple[int, int, int]) -> bool:
        """Whether how often a `for` loop runs is a decision: its bounds and its step are not all written as numbers."""
        return any(self.tape.operations[self.slots[slot]] is not CONSTANT for slot in bounds)

    def no_value(self, slot: int, span: Span | None) -> AdError:
        """The error of a name that is read before a line that assigns it has run."""
        name = next((name for name, own in self.code.bindings.items() if own == slot), "what is passed")
        message = f"`{name}` has no value here: no line that assigns it has run"
        help_text = "give it a value above, or in every branch that leads here"
        if span is not None:  # of a whole statement, or of an operation: the name is somewhere in it
            start = self.tape.source.text.find("=", *span) + 1 or span.start
            found = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)").search(self.tape.source.text, start, span.end)
            span = Span(*found.span()) if found else span
        return AdError(Problem("unassigned", message, span, "read here", help=help_text), self.tape.source)

    def value(self, slot: int, span: Span) -> float:
        """The number of the entry in a slot."""
        entry: int | None = self.slots[slot]
        if entry is None:
            raise self.no_value(slot, span)
        value = self.tape.values[entry]
        if type(value) is not float:
            message = f"a bound of a loop is a number, and this is {shape_text(value.shape)}"
            raise AdError(Problem("bad-loop", message, span), self.tape.source)
        return value


def _row(tape: Tape, block: BasicBlock) -> int:
    """Which row of a block runs: its entries have values, and no operations before the block is done."""
    return (len(tape.values) - len(tape.operations)) % len(block.steps)


def _recovered(machine: _Machine, block: BasicBlock, entries: Sequence[int], error: Exception) -> Any:
    """The value of an operation that raised: by IEEE 754 for numbers; for arrays there is none."""
    tape, row = machine.tape, _row(machine.tape, block)
    operation, operands = block.operations[row], [tape.values[operand] for operand in entries]
    if not isinstance(error, Refused):
        if all(type(operand) is float for operand in operands) and operation.elementwise:
            return ieee_value(operation, operands)
        try:  # NumPy's own words name no operand
            (operation.shape if isinstance(operation, ArrayPrimitive) else broadcast)(shapes_of(operands), operands)
        except Refused as refused:
            error = refused
        else:
            error = Refused(str(error))
    _catch_up(machine, block)
    raise refusal(tape, entries, block.spans[row], error)


def _catch_up(machine: _Machine, block: BasicBlock) -> None:
    """Tell the tape the operations, names and places of the entries so far, which it learns at the end of a block."""
    tape, rows = machine.tape, len(block.steps)
    for entry in range(len(tape.operations), len(tape.values)):
        row = (entry - len(tape.operations)) % rows
        tape.names.append(block.names[row])
        tape.spans.append(block.spans[row])
    missing = len(tape.values) - len(tape.operations)
    tape.operations.extend((block.operations * machine.times)[:missing])


def refusal(tape: Tape, entries: Sequence[int], span: Span | None, error: Refused, derivative: bool = False) -> AdError:
    """The error of an operation that its operands do not fit, or of its `derivative`, with the operands' shapes."""
    from adcli.tape.describe import labels  # which needs a tape

    names = labels(tape)
    in_rule = ["it stands in the rule for the derivative of this operation"] if derivative else []
    values = {names[entry]: tape.values[entry] for entry in entries}
    known = [f"`{name}` is {_shown(value)}" for name, value in values.items() if not _is_number(name)]
    return AdError(Problem(error.code, str(error), span, "", "; ".join([*in_rule, *known]), error.remedy), tape.source)


def _shown(value: Any) -> str:
    return f"{value:g}" if type(value) is float else shape_text(value.shape)


def _is_number(label: str) -> bool:
    return label[:1] in "-.0123456789"


# What comes behind a block: one function for each kind of end


def _stop(machine: _Machine, end: Stop) -> None:
    return None


def _jump(machine: _Machine, end: Jump) -> BasicBlock:
    slots = machine.slots
    for to, source in end.moves:
        if slots[source] is None:
            raise machine.no_value(source, end.span)
        slots[to] = slots[source]
    if end.iterates:
        machine.begin_iteration(len(machine.tape.values))
    return machine.code.blocks[end.block]


def _decide(machine: _Machine, end: Decide) -> BasicBlock:
    comparison, left_slot, right_slot, if_holds, if_fails, span, header, required, masked = end
    slots, tape = machine.slots, machine.tape
    left, right = slots[left_slot], slots[right_slot]
    if left is None or right is None:
        raise machine.no_value(left_slot if left is None else right_slot, span)
    values = tape.values
    if type(values[left]) is not float or type(values[right]) is not float:
        if masked is not None:
            return machine.code.blocks[masked]
        raise _compares_arrays(tape, (left, right), span)
    if machine.beside is None:
        holds = COMPARE[comparison](values[left], values[right])
    else:
        machine.beside.follow(tape)
        holds = machine.beside.decides(tape, comparison, left, right)
    position = len(values)
    if header is not None:
        machine.begin_iteration(position - header)
    tape.guards.append(_new(Guard, (position, comparison, left, right, holds, span, required, False)))
    return machine.code.blocks[if_holds if holds else if_fails]


def _compares_arrays(tape: Tape, sides: tuple[int, int], span: Span) -> AdError:
    return AdError(compares_arrays(shapes_of([tape.values[side] for side in sides]), span), tape.source)


class _Choice:
    """A `where` whose sides both run: its node, how many calls were open, the mask, and the first side's value."""

    def __init__(self, node: nodes.Apply, depth: int, mask: int, start: int) -> None:
        self.node = node
        self.depth = depth
        self.mask = mask
        self.start = start
        self.first: int | None = None


def _choose(machine: _Machine, end: Choose) -> BasicBlock:
    mask = machine.slots[end.mask]
    machine.choices.append(_Choice(end.node, len(machine.callers), mask, len(machine.tape)))
    if machine.lean is not None:
        machine.lean.needed.add(mask)  # by the rules of whatever is computed on its sides
    return machine.code.blocks[end.block]


def _end_side(machine: _Machine, end: EndSide) -> BasicBlock:
    slots, tape, choices = machine.slots, machine.tape, machine.choices
    if slots[end.source] is None:
        raise machine.no_value(end.source, end.node.span)
    choice = choices[-1] if choices else None
    if choice is None or choice.node is not end.node or choice.depth != len(machine.callers):
        slots[end.result] = slots[end.source]
        return machine.code.blocks[end.after]
    tape.masked.append(Masked(choice.start, len(tape), choice.mask, choice.first is None))
    if choice.first is None:
        choice.first, choice.start = slots[end.source], len(tape)
        return machine.code.blocks[end.other]
    choices.pop()
    operands = (choice.mask, choice.first, slots[end.source])
    values = [tape.values[operand] for operand in operands]
    try:
        value = SELECT.function(*values)
    except Refused as error:
        raise refusal(tape, operands[1:], end.node.span, error) from None
    if machine.lean is not None:
        machine.lean.note(SELECT, operands)
    slots[end.result] = tape.append(SELECT, operands, value, None, end.node.span)
    return machine.code.blocks[end.after]


def _call(machine: _Machine, end: Call) -> BasicBlock:
    slots, outermost = machine.slots, machine.outermost
    for outer, own in machine.code.assigned:
        outermost[outer] = slots[own]
    code, called = machine.functions[end.function], machine.frame_of(end.function)
    for parameter, argument in enumerate(end.arguments):
        if slots[argument] is None:
            raise machine.no_value(argument, end.node.span)
        called[parameter] = slots[argument]
    for outer, own in code.globals:
        called[own] = outermost[outer]
    machine.callers.append((machine.code, slots, end, len(machine.counters), len(machine.regions)))
    machine.open(end.node)
    machine.limit -= _CALL_WEIGHT + 1  # which stays when it is over: it may record nothing else
    machine.code, machine.slots = code, called
    return code.blocks[0]


def _return(machine: _Machine, end: ReturnToCaller) -> BasicBlock:
    slots, outermost = machine.slots, machine.outermost
    if slots[end.slot] is None:
        raise machine.no_value(end.slot, end.span)
    for outer, own in machine.code.assigned:
        outermost[outer] = slots[own]
    code, callers_slots, call, counters, regions = machine.callers.pop()
    while len(machine.regions) > regions:  # also the loops that it returns from
        machine.close()
    del machine.counters[counters:]
    machine.limit += _CALL_WEIGHT
    machine.code, machine.slots = code, callers_slots
    callers_slots[call.result] = slots[end.slot]
    for outer, own in code.states:
        callers_slots[own] = outermost[outer]
    return code.blocks[call.block]


def _enter_for(machine: _Machine, end: EnterFor) -> BasicBlock:
    first, last, step = (machine.value(slot, end.node.header) for slot in (end.first, end.last, end.step))
    count = _iterations(machine, end, first, last, step)
    if machine.beside is not None:
        machine.beside.follow(machine.tape)
        bounds = [machine.slots[slot] for slot in (end.first, end.last, end.step)]
        count -= machine.beside.falls_short(machine.tape, bounds, count)
    if not count:
        _guard_count(machine, end.node, machine.slots[end.first], (end.first, end.last, end.step), step, False)
        return machine.code.blocks[end.after]
    if machine.on_loop is not None and not machine.callers:
        if count > machine.max_entries:
            machine.open(end.node)
            raise machine.too_many(count)
        following = machine.on_loop(machine.slots, machine.tape, end, count)
        if following is not None:
            return machine.code.blocks[following]
    machine.counters.append(count - 1)
    machine.open(end.node)
    machine.begin_iteration(len(machine.tape.values))
    return machine.code.blocks[end.block]


def _guard_count(
    machine: _Machine, node: Any, left: int, bounds: tuple[int, int, int], step: float, holds: bool
) -> None:
    """How often a loop runs is a decision too, where its bounds and its step are not all written as numbers."""
    tape, slots = machine.tape, machine.slots
    if machine.counts(bounds):
        comparison = "<=" if step > 0 else ">="
        tape.guards.append(Guard(len(tape.values), comparison, left, slots[bounds[1]], holds, node.header, counts=True))


def _next_value(machine: _Machine, end: Repeat) -> int:
    """The entry of the value that a loop's variable would have had next."""
    tape, slots = machine.tape, machine.slots
    operands = (slots[end.variable], slots[end.step])
    value = tape.values[operands[0]] + tape.values[operands[1]]
    return tape.append(ADDITION, operands, value, None, tape.spans[operands[0]])


def _iterations(machine: _Machine, end: EnterFor, first: float, last: float, step: float) -> int:
    """How often a loop runs: the last bound is included, also where rounding keeps the steps from reaching it."""
    if step == 0 or not (math.isfinite(first) and math.isfinite(last) and math.isfinite(step)):
        message = f"the loop goes from {first:g} to {last:g} in steps of {step:g}, which has no end"
        problem = Problem("bad-loop", message, end.node.header, help="give it finite bounds and a step that is not 0")
        raise AdError(problem, machine.tape.source)
    steps = (last - first) / step if math.isfinite(last - first) else last / step - first / step
    if not (first.is_integer() and step.is_integer()):
        steps += min(BOUND_TOLERANCE * max(abs(first), abs(last)) / abs(step), 0.5)
    return math.floor(min(steps, machine.max_entries)) + 1 if steps >= 0 else 0


def _repeat(machine: _Machine, end: Repeat) -> BasicBlock | None:
    if end.block == machine.stops_before and not machine.callers:  # a function has blocks of its own
        return None
    machine.times = 1
    remaining = machine.counters[-1]
    if not remaining:
        machine.counters.pop()
        step = machine.tape.values[machine.slots[end.step]]
        bounds = (end.first, end.last, end.step)
        _guard_count(machine, machine.regions[-1].node, machine.slots[end.variable], bounds, step, True)
        if machine.counts(bounds):
            machine.regions[-1].exit = len(machine.tape)
            following = _next_value(machine, end)
            _guard_count(machine, machine.regions[-1].node, following, bounds, step, False)
        machine.close()
        return machine.code.blocks[end.after]
    block, start = machine.code.blocks[end.block], len(machine.tape.values)
    if block.end == end and (machine.lean is None or machine.lean.last_reads(machine.code, block) is None):
        # nothing is decided in the body: it runs as often as it has to
        length = len(block.steps)
        room = (machine.limit - start - len(machine.tape.guards)) // length
        if remaining > room:
            raise machine.too_many(room + 1)
        region = machine.regions[-1]
        region.iterations.extend(range(start, start + remaining * length, length))
        region.iteration_guards.extend(repeat(len(machine.tape.guards), remaining))
        machine.times, machine.counters[-1] = remaining, 0
    else:
        machine.begin_iteration(start)
        machine.counters[-1] -= 1
    return block


def _enter_while(machine: _Machine, end: EnterWhile) -> BasicBlock:
    machine.open(end.node)
    machine.begin_iteration(len(machine.tape.values))
    return machine.code.blocks[end.block]


def _leave(machine: _Machine, end: Leave) -> BasicBlock:
    region = machine.regions[-1]
    region.exit = region.iterations.pop()
    region.iteration_guards.pop()
    machine.close()
    return machine.code.blocks[end.block]


def _refuse(machine: _Machine, end: Refuse) -> BasicBlock:
    tape, start = machine.tape, end.node.condition.span.start
    failed = [guard for guard in tape.guards if start <= guard.span.start < end.node.span.end]
    label = ""
    if failed:
        guard = failed[-1]
        text = " ".join(tape.source.text[slice(*guard.span)].split())
        outcome = "holds" if guard.holds else "fails"
        label = f"`{text}` {outcome}: its sides are {tape.values[guard.left]:g} and {tape.values[guard.right]:g}"
    message = "what the program requires does not hold here"
    help_text = "the program is meant for other inputs"
    problem = Problem("requirement", message, end.node.span, label, help=help_text)
    raise AdError(problem, tape.source)


def _differentiate(machine: _Machine, end: Differentiate) -> BasicBlock:
    slots, span = machine.slots, end.node.span
    for slot in (end.variable, end.value):
        if slots[slot] is None:
            raise machine.no_value(slot, span)
    assert machine.differentiate is not None
    machine.open(end.node)
    slots[end.result] = machine.differentiate(machine.tape, slots[end.value], slots[end.variable], span)
    if len(machine.tape) + len(machine.tape.guards) > machine.limit:
        raise machine.too_many()
    machine.close()
    return machine.code.blocks[end.block]


_FOLLOW: Mapping[type, Callable[[_Machine, Any], BasicBlock | None]] = {
    Stop: _stop, Jump: _jump, Decide: _decide, Choose: _choose, EndSide: _end_side, Call: _call,
    ReturnToCaller: _return, EnterFor: _enter_for, Repeat: _repeat, EnterWhile: _enter_while, Leave: _leave,
    Refuse: _refuse, Differentiate: _differentiate,
}  # fmt: skip

"""The interpreter: code × entries → more entries. It runs programs, and writes a rule's formula onto the tape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from adcli.errors import AdError
from adcli.program.code import BasicBlock, Code, EnterFor, Stop
from adcli.rules.compile import RAISED, ieee_value
from adcli.rules.dispatch import shapes_of
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.shapes import Refused, broadcast
from adcli.tape.around import go_around
from adcli.tape.block_code import written_block
from adcli.tape.ends import FOLLOW
from adcli.tape.execution import Execution, OnSolve, refusal
from adcli.tape.limits import Limits
from adcli.tape.tape import Tape

if TYPE_CHECKING:
    from adcli.tape.domains import OneSided
    from adcli.tape.storage import Storage

_ANY = Limits(bytes=2**62)  # of a formula, which is short
_NO_FUNCTIONS: Mapping[str, Code] = {}


def run(code: Code, tape: Tape, arguments: Sequence[int], functions: Mapping[str, Code] = _NO_FUNCTIONS) -> list[Any]:
    """Append what some code does, with its parameters bound to entries; the entry of each slot, None if it has none.

    It may call functions; only that of a program has a `derivative`.
    """
    return proceed(Execution(code, tape, arguments, functions, _ANY))


def append_numbers(code: Code, tape: Tape, arguments: Sequence[int]) -> int | None:
    """Append what a formula does to numbers, as `run` does; the entry of its result.

    None, and nothing is appended, where it is more than one block, or Python has no value for it: `run` has one.
    """
    values, columns, block = tape.values, tape.operands, code.blocks[0]
    slots: list[Any] = [*arguments, *[None] * (code.size - len(arguments))]
    most = len(values) + len(slots) + len(tape.guards)
    if len(code.blocks) > 1 or type(block.end) is not Stop or most > _ANY.entries:
        return None
    for slot, text, value in code.constants:
        slots[slot] = tape.constant(text, value)
    entry = first = len(values)
    try:
        for function, operands, target in block.steps:
            if len(operands) == 2:  # as most: to unpack what may be any number costs as much as all the rest
                left, right = operands
                entries: tuple[Any, ...] = (slots[left], slots[right])
                values.append(function(values[entries[0]], values[entries[1]]))
            else:
                entries = tuple([slots[operand] for operand in operands])
                values.append(function(*[values[operand] for operand in entries]))
            columns.append(entries)
            slots[target] = entry
            entry += 1
    except RAISED:
        del values[first:], columns[first:]
        return None
    tape.operations += block.operations
    tape.names += block.names
    tape.spans += block.spans
    result: int = slots[code.result]
    return result


def run_stretch(
    code: Code, tape: Tape, held: Mapping[int, int], enter: EnterFor, first: bool, count: int,
    functions: Mapping[str, Code], limits: Limits, solve: OnSolve | None = None, storage: Storage | None = None,
) -> list[Any]:  # fmt: skip
    """Append some iterations of a `for` loop of a program, from the first one or a later one; the entry of each slot.

    `held` are the entries of the slots that have one before them; `storage` forgets arrays on the way.
    """
    execution = Execution(code, tape, (), functions, limits, solve=solve)
    for slot, entry in held.items():
        execution.slots[slot] = entry
    execution.storage = storage
    execution.stops_before = enter.again
    execution.counters.append(count - 1)
    execution.open(enter.node)
    execution.begin_iteration(len(tape))
    return proceed(execution, enter.block if first else enter.again)


def proceed(execution: Execution, start: int = 0) -> list[Any]:
    """Run from a block to the end; the entry of each slot."""
    tape, trail = execution.tape, execution.trail
    values, guards = tape.values, tape.guards
    is_plain = execution.storage is None and execution.one_sided is None
    add_value, add_operands = values.append, tape.noted_operands.append
    add_operations, add_names, add_spans = tape.operations.extend, tape.names.extend, tape.spans.extend
    block: BasicBlock | None = execution.code.blocks[start]
    while block is not None:
        steps, operations, names, placed, end, numbers = block
        slots, times = execution.slots, execution.times
        if not is_plain and _ran_with_more(execution, block):
            steps = ()
        elif (written := written_block(block, times)) is not None:
            times -= written.run(execution, times)
        entry = len(values)
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
                value = _recovered(execution, block, entries, error)
            except TypeError:
                if None not in entries:
                    raise
                raise _no_value(execution, block, operands, entries) from None
            add_operands(entries)
            add_value(value)
            slots[target] = entry
            entry += 1
        if times:
            add_operations(operations * times)
            add_names(names * times)
            add_spans(placed.value * times)
        if len(values) + len(guards) > execution.limit:
            raise execution.too_many()
        if tape.arrays and False in numbers:
            execution.measure()
        trail.append(block)
        block = FOLLOW[type(end)](execution, end)
        if execution.around:
            execution.around = False
            if trail[0] is block and execution.one_sided is None:
                go_around(execution, block)
            trail.clear()
    return execution.slots


def _ran_with_more(execution: Execution, block: BasicBlock) -> bool:
    """Run the operations of a block, if more than their values is asked for: what to forget, or their tangents."""
    storage, one_sided = execution.storage, execution.one_sided
    dead = None if storage is None else storage.last_reads(execution.code, block)
    if storage is not None and dead is not None:
        _run_forgetting(execution, block, storage, dead)
    elif one_sided is not None:
        _run_one_sided(execution, block, one_sided)
    else:
        return False
    return True


def _run_forgetting(execution: Execution, block: BasicBlock, storage: Storage, dead: Sequence[tuple[int, ...]]) -> None:
    """The operations of a block, one after another; what nothing reads any more is forgotten behind each."""
    tape, slots = execution.tape, execution.slots
    values = tape.values
    storage.catch_up()
    active = storage.active
    rows = zip(block.steps, block.operations, block.numbers, dead, strict=True)
    for (function, operands, target), operation, of_numbers, ended in rows:
        entries = _entries(execution, block, operands)
        if of_numbers:  # there is nothing to forget
            value = _value(execution, block, function, entries)
            active.append(True in [active[operand] for operand in entries])
        else:
            try:
                storage.note(operation, entries)
                value = storage.in_place(operation, operands, entries, ended)
            except (*RAISED, IndexError) as error:  # of a rule that is asked for shapes that do not fit
                value = _recovered(execution, block, entries, error)
            if value is None:
                value = _value(execution, block, function, entries)
        tape.noted_operands.append(entries)
        values.append(value)
        before, slots[target] = slots[target], len(values) - 1
        if before is not None and not of_numbers:
            storage.forget(before, execution.held)
        for slot in ended:
            entry, slots[slot] = slots[slot], None
            storage.forget(entry, execution.held)


def _run_one_sided(execution: Execution, block: BasicBlock, one_sided: OneSided) -> None:
    """The operations of a block, one after another, with their tangents."""
    tape, slots = execution.tape, execution.slots
    one_sided.follow(tape)
    rows = list(zip(block.steps, block.operations, strict=True)) * execution.times
    for (function, operands, target), operation in rows:
        entries = _entries(execution, block, operands)
        value = _value(execution, block, function, entries)
        slots[target] = len(tape.values)
        tape.noted_operands.append(entries)
        tape.values.append(value)
        one_sided.appended(tape, operation, len(tape.values) - 1)


def _entries(execution: Execution, block: BasicBlock, operands: Sequence[int]) -> tuple[int, ...]:
    """The entries in the slots of an operation's operands."""
    slots = execution.slots
    entries = tuple([slots[operand] for operand in operands])
    if None in entries:
        raise _no_value(execution, block, operands, entries)
    return entries


def _no_value(
    execution: Execution, block: BasicBlock, operands: Sequence[int], entries: Sequence[int | None]
) -> AdError:
    """What to raise of an operation one of whose operands has no entry yet."""
    return execution.no_value(operands[entries.index(None)], block.spans[_row(execution.tape, block)])


def _value(execution: Execution, block: BasicBlock, function: Callable[..., Any], entries: Sequence[int]) -> Any:
    """The value of an operation on entries."""
    values = execution.tape.values
    try:
        return function(*[values[operand] for operand in entries])
    except RAISED as error:
        return _recovered(execution, block, entries, error)


def _row(tape: Tape, block: BasicBlock) -> int:
    """Which row of a block runs: its entries have values, and no operations before the block is done."""
    return (len(tape.values) - len(tape.operations)) % len(block.steps)


def _recovered(execution: Execution, block: BasicBlock, entries: Sequence[int], error: Exception) -> Any:
    """The value of an operation that raised: by IEEE 754 for numbers; for arrays there is none."""
    tape, row = execution.tape, _row(execution.tape, block)
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
    _catch_up(execution, block)
    raise refusal(tape, entries, block.spans[row], error)


def _catch_up(execution: Execution, block: BasicBlock) -> None:
    """Tell the tape the operations, names and places of the entries so far, which it learns at the end of a block."""
    tape, rows = execution.tape, len(block.steps)
    for entry in range(len(tape.operations), len(tape.values)):
        row = (entry - len(tape.operations)) % rows
        tape.names.append(block.names[row])
        tape.spans.append(block.spans[row])
    missing = len(tape.values) - len(tape.operations)
    tape.operations.extend((block.operations * execution.times)[:missing])

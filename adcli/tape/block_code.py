"""Blocks that run often, written out as Python functions: of all values of many runs, and of the sweep back over them.

To look up the operands of an entry, to call a function and to note what was done costs several times what the
arithmetic itself does. Written out, a block's values are local variables while it runs. The functions do what the
interpreter and the sweep do, operation by operation in their order, so that the numbers are the same to the last bit;
what Python raises is left to those.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adcli.program.code import BasicBlock
from adcli.rules.compile import RAISED
from adcli.rules.table import COPY
from adcli.tape.block_runs import BlockRuns, Rows
from adcli.tape.tape import Tape

_PAYS_FROM = 100  # runs of a block: to write it out takes as long as some hundred
_MOST_ROWS = 500
_MOST_KNOWN = 500

_INFIX: Mapping[Any, str] = {
    operator.add: "{} + {}", operator.sub: "{} - {}", operator.mul: "{} * {}", operator.truediv: "{} / {}",
    operator.neg: "-{}",
}  # fmt: skip


class WrittenBlock:
    """A block, how often it has run, and the function that runs it many times."""

    def __init__(self, block: BasicBlock) -> None:
        self.rows = Rows(block)
        self.runs = 0
        self._function: Callable[[list[Any], int, Sequence[int]], None] | None = None

    def run(self, tape: Tape, slots: list[Any], times: int) -> int:
        """Append so many runs of the block, as far as Python raises nothing; how many."""
        rows, values, start = self.rows, tape.values, len(tape.values)
        sources = tuple([slots[slot] for slot in rows.reads])
        if None in sources:  # of which the interpreter tells
            return 0
        if self._function is None:
            self._function = run_function(rows)
        try:
            self._function(values, times, sources)
        except RAISED:
            times = (len(values) - start) // len(rows.operands)
        if times:
            runs = BlockRuns(start, times, rows, sources)
            tape.add_block_runs(runs)
            last = runs.end - runs.length
            for slot, row in rows.writes:
                slots[slot] = last + row
        return times


# What is known of blocks, by their identity: a program may run many times.
_KNOWN: dict[int, tuple[BasicBlock, WrittenBlock | None]] = {}


def written_block(block: BasicBlock, times: int) -> WrittenBlock | None:
    """A block that is to run so many times, written out; None where that does not pay, or it is not of numbers."""
    known, written = _KNOWN.get(id(block), (None, None))
    if known is not block:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        written = WrittenBlock(block) if _can_be_written(block) else None
        _KNOWN[id(block)] = block, written
    if written is None:
        return None
    written.runs += times
    return written if times > 1 and written.runs >= _PAYS_FROM else None


def _can_be_written(block: BasicBlock) -> bool:
    return 0 < len(block.steps) <= _MOST_ROWS and all(block.numbers)


def run_function(rows: Rows) -> Callable[[list[Any], int, Sequence[int]], None]:
    """The function that appends the values of so many runs of a block to those of a tape."""
    names: dict[str, Any] = {}
    lines = [
        f"v{row} = {_step_text(rows, row, names, [value_name(place) for place in places])}"
        for row, places in enumerate(rows.operands)
    ]
    lines.append(f"values += ({', '.join(f'v{row}' for row in range(len(rows.operands)))},)")
    lines += [f"{value_name(~place)} = v{row}" for place, row in rows.moving]
    loads = [f"{value_name(~place)} = values[sources[{place}]]" for place in range(len(rows.reads))]
    return function_of("values, times, sources", [*loads, "for _ in range(times):", *indented(lines)], names)


def value_name(place: int) -> str:
    """The variable of a row's value, or of what a slot holds that the block reads before it writes it."""
    return f"v{place}" if place >= 0 else f"u{~place}"


def indented(lines: Sequence[str]) -> list[str]:
    """Lines of Python, one level further in."""
    return [f"    {line}" for line in lines]


def function_of(parameters: str, lines: Sequence[str], names: dict[str, Any]) -> Callable[..., Any]:
    """A function of Python made of lines, which may name what is given."""
    text = f"def written({parameters}):\n" + "".join(f"    {line}\n" for line in lines)
    exec(compile(text, "<block>", "exec"), names)
    return names["written"]  # type: ignore[no-any-return]


def _step_text(rows: Rows, row: int, names: dict[str, Any], arguments: Sequence[str]) -> str:
    """The text of one operation."""
    operation, function = rows.block.operations[row], rows.block.steps[row][0]
    if operation is COPY:
        return arguments[0]
    infix = _INFIX.get(function)
    if infix is not None:
        return infix.format(*arguments)
    names[f"f{row}"] = function
    return f"f{row}({', '.join(arguments)})"

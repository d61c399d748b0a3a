"""Blocks that run often, written out as Python functions: of all values of many runs, and of the sweep back over them.

To look up the operands of an entry, to call a function and to note what was done costs several times what the
arithmetic itself does. Written out, a block's values are local variables while it runs. The functions do what the
interpreter and the sweep do, operation by operation in their order, so that the numbers are the same to the last bit;
what Python raises is left to those.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from adcli.program.code import BasicBlock
from adcli.program.findings import Findings
from adcli.rules.compile import RAISED
from adcli.rules.table import COPY
from adcli.tape.block_runs import BlockRuns, Rows
from adcli.tape.execution import Execution
from adcli.tape.tape import Tape
from adcli.tape.ways import Way, way_of_block

LEAST = 16  # runs one behind the other: what is done once for all of them takes as long as some ten
PAYS_FROM = 100  # runs of a block: to write it out takes as long as some hundred
MOST_ROWS = 500
MOST_KNOWN = 500

_INFIX: Mapping[Any, str] = {
    operator.add: "{} + {}", operator.sub: "{} - {}", operator.mul: "{} * {}", operator.truediv: "{} / {}",
    operator.neg: "-{}",
}  # fmt: skip


class WrittenRows:
    """What runs many times, and the function that runs it."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self._function = _run_function(way)

    def run(self, execution: Execution, times: int) -> int:
        """Append so many runs, as far as nothing is decided otherwise and Python raises nothing; how many."""
        way, rows, tape = self.way, self.way.rows, execution.tape
        values, slots = tape.values, execution.slots
        sources = tuple([slots[s] if isinstance(s, int) else execution.constants_of(s[0])[s[1]] for s in rows.reads])
        if None in sources or (tape.arrays and not all(type(values[sources[~s]]) is float for s in way.compared)):
            return 0  # of which the interpreter tells
        runs = self.append(tape, times, sources)
        if runs is None:
            return 0
        for slot, row in rows.writes:
            slots[slot] = runs.end - len(rows) + row
        return runs.times

    def append(self, tape: Tape, times: int, sources: tuple[int, ...]) -> BlockRuns | None:
        """Append so many runs to a tape, as far as `run` does, from the entries that are read; None for no run."""
        start, times = len(tape.values), self.append_values(tape.values, times, sources)
        if not times:
            return None
        runs = BlockRuns(start, times, self.way.rows, sources)
        tape.add_block_runs(runs)
        return runs

    def append_values(self, values: list[Any], times: int, sources: Sequence[int]) -> int:
        """Append what so many runs compute to the values of a tape, as `append` does; how many runs there were."""
        start = len(values)
        with suppress(*RAISED):
            self._function(values, times, sources)
        return (len(values) - start) // len(self.way.rows)

    def behind(self, before: Sequence[float], times: int) -> Sequence[float]:
        """What the slots that are written hold behind so many runs, which leave nothing else; times > 0.

        Of what those held that are read, in the order of the rows' `reads`; only of what decides nothing. Raises what
        Python raises.
        """
        return self._advancing(before, times)

    @cached_property
    def _advancing(self) -> Callable[[Sequence[float], int], Sequence[float]]:
        return _advance_function(self.way.rows)


class _Known:
    """What is known of a block that runs often: how often it has, and what became of it."""

    def __init__(self) -> None:
        self.runs = 0
        self.written: WrittenRows | None = None


_KNOWN: Findings[_Known] = Findings(MOST_KNOWN)  # by the block


def written_block(block: BasicBlock, times: int, least: int | None = None) -> WrittenRows | None:
    """A block that is to run so many times, written out; None where that does not pay, or it is not of numbers.

    `least` tells of how many runs it pays, where what is done once for all of them is less than the interpreter does.
    """
    if times < (LEAST if least is None else least):
        return None
    known = _KNOWN.of(block, _Known)
    known.runs += times
    if known.written is None and known.runs >= PAYS_FROM and 0 < len(block.steps) <= MOST_ROWS and all(block.numbers):
        known.written = WrittenRows(way_of_block(block))
    return known.written


def _run_function(way: Way) -> Callable[[list[Any], int, Sequence[int]], None]:
    """The function that appends the values of so many runs to those of a tape, as long as it decides the same."""
    rows, names = way.rows, {"range": range}
    lines: list[str] = []
    for row in range(len(rows)):
        lines += [*_decided(way, row), row_line(rows, row, names)]
    lines += _decided(way, len(rows))
    lines.append(f"values += ({', '.join(f'v{row}' for row in range(len(rows)))},)")
    lines += _moves(rows)
    loads = [f"{value_name(~place)} = values[sources[{place}]]" for place in range(len(rows.reads))]
    return function_of("values, times, sources", [*loads, "for _ in range(times):", *indented(lines)], names)


def _advance_function(rows: Rows) -> Callable[[Sequence[float], int], Sequence[float]]:
    """The function that is given what is read, and how many runs there are; it gives what is written in the end."""
    names = {"range": range}
    lines = [*[row_line(rows, row, names) for row in range(len(rows))], *_moves(rows)]
    loads = [f"{value_name(~place)} = before[{place}]" for place in range(len(rows.reads))]
    results = ", ".join(value_name(row) for _, row in rows.writes)
    body = [*loads, "for _ in range(times):", *indented(lines), f"return ({results},)"]
    return function_of("before, times", body, names)


def row_line(rows: Rows, row: int, names: dict[str, Any]) -> str:
    """The line that computes a row."""
    return f"v{row} = {_step_text(rows, row, names, [value_name(place) for place in rows.operands[row]])}"


def _moves(rows: Rows) -> list[str]:
    """The lines behind a run: what it wrote is what the next one reads."""
    return [f"{value_name(~place)} = v{row}" for place, row in rows.moving]


def _decided(way: Way, position: int) -> Iterator[str]:
    """The lines of the decisions before a row: where one comes out otherwise, the run ends."""
    for decision in way.decisions:
        if decision.position == position:
            text = f"{value_name(decision.left)} {decision.comparison} {value_name(decision.right)}"
            yield f"if {f'not {text}' if decision.holds else text}: break"


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
    operation, function = rows.operations[row], rows.functions[row]
    if operation is COPY:
        return arguments[0]
    infix = _INFIX.get(function)
    if infix is not None:
        return infix.format(*arguments)
    names[f"f{row}"] = function
    return f"f{row}({', '.join(arguments)})"

"""What is passed on along an operand of an operation on numbers, as entries: of a long tape the same again and again.

A rule that is asked for often is written out as Python, which appends what the interpreter would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, TypeAlias

from adcli.program.build import Outside
from adcli.program.code import Code, Stop
from adcli.program.expressions import ExpressionCompiler
from adcli.rules.compile import RAISED
from adcli.rules.formulas import MOST_FORMULAS, formula_lines, leaves_gaps, reads_operands, times
from adcli.rules.primitive import Primitive
from adcli.tape.block_code import PAYS_FROM, function_of, row_line, value_name
from adcli.tape.block_runs import Slot
from adcli.tape.interpreter import append_numbers
from adcli.tape.limits import MAX_ENTRIES
from adcli.tape.tape import Tape
from adcli.tape.ways import way_of_block

# Appends the entries of a rule: given the tape, the entry, what it passes on, and its operands; the last of them.
_Written: TypeAlias = Callable[[Tape, int, int, Sequence[int]], int]


@cache
def formula_code(formula: str, parameters: tuple[str, ...], arrays: bool = False) -> Code:
    """A formula of the table as code, with the names that it uses as parameters."""
    builder = ExpressionCompiler(len(parameters), Outside(arrays=arrays))
    builder.bindings.update((name, slot) for slot, name in enumerate(parameters))
    lines, result = formula_lines(formula)
    for line in lines:
        builder.define(line.target.name, line.value)
    builder.append(result)
    if builder.problems:
        raise ValueError(f"the formula `{formula}` is wrong: {builder.problems[0].message}")
    return builder.finish()


class NumberRule:
    """What is passed on along an operand of an operation on numbers, whose rule has no edge there.

    Attributes:
        formula: of it
        leaves_gaps: whether that may give nothing
        code: the same as code; None where the formula is what is given
    """

    def __init__(self, operation: Primitive, position: int, count: int, letter: str) -> None:
        """Take the operation on so many numbers, and the letter of what is given. Raises Refused."""
        self.formula = times(operation.formulas(count)[position], letter)
        self.leaves_gaps = leaves_gaps(self.formula)
        self._reads = reads_operands(operation, self.formula)  # whether the operands are parameters of the code
        self._count = count
        parameters = (*operation.letters(count), "v", letter) if self._reads else ("v", letter)
        self.code = None if self.formula == letter else formula_code(self.formula, parameters)
        self._runs = 0
        self._written: _Written | None = None

    def arguments(self, entry: int, given: int, operands: Sequence[int]) -> tuple[int, ...]:
        """What the code is given."""
        return (*operands, entry, given) if self._reads else (entry, given)

    def append(self, tape: Tape, entry: int, given: int, operands: Sequence[int]) -> int | None:
        """The entry of what is passed on; None, and nothing is appended, where `append_numbers` has none."""
        if self.code is None:
            return given
        if self._written is not None:
            try:
                return self._written(tape, entry, given, operands)
            except RAISED:  # as the interpreter will
                pass
        self._runs += 1
        if self._runs == PAYS_FROM:
            block = self.code.blocks[0]
            if len(self.code.blocks) == 1 and isinstance(block.end, Stop) and block.steps:
                self._written = _written(self.code, self._named())
        return append_numbers(self.code, tape, self.arguments(entry, given, operands))

    def _named(self) -> list[str]:
        """The variables of the parameters in what is written out."""
        return [*[f"a{place}" for place in range(self._count)], "entry", "given"] if self._reads else ["entry", "given"]


@lru_cache(maxsize=MOST_FORMULAS)
def number_rule(operation: Primitive, position: int, count: int, letter: str) -> NumberRule | None:
    """The rule of an operation on so many numbers; None where it has an edge. Raises Refused."""
    return None if operation.edge(position) is not None else NumberRule(operation, position, count, letter)


def _written(code: Code, arguments: Sequence[str]) -> _Written:
    """The function that appends what a block does: it computes first, so that nothing is appended where that raises."""
    (block,) = code.blocks
    rows = way_of_block(block).rows
    names: dict[str, Any] = {
        "operations": block.operations, "names": block.names, "spans": block.spans, "OverflowError": OverflowError,
        "len": len,
    }  # fmt: skip
    called: dict[Slot, str] = {**dict(enumerate(arguments)), **{slot: f"c{slot}" for slot, _, _ in code.constants}}
    lines = [f"{', '.join(arguments[:-2])}, = operands"] if len(arguments) > 2 else []
    for slot, text, value in code.constants:
        names[f"n{slot}"] = value
        lines.append(f"c{slot} = tape.constant({text!r}, n{slot})")
    lines += ["values = tape.values", "first = len(values)"]
    lines.append(f"if first + {len(rows)} + len(tape.guards) > {MAX_ENTRIES}: raise OverflowError")
    lines += [f"{value_name(~place)} = values[{called[slot]}]" for place, slot in enumerate(rows.reads)]
    lines += [row_line(rows, row, names) for row in range(len(rows))]

    def entry_name(place: int) -> str:
        return f"first + {place}" if place >= 0 else called[rows.reads[~place]]

    tuples = [f"({', '.join(map(entry_name, operands))},)" for operands in rows.operands]
    lines.append(f"values += ({', '.join(f'v{row}' for row in range(len(rows)))},)")
    lines.append(f"tape.noted_operands += ({', '.join(tuples)},)")
    lines += [f"tape.{column} += {column}" for column in ("operations", "names", "spans")]
    result = dict(rows.writes).get(code.result)
    lines.append(f"return {called[code.result] if result is None else entry_name(result)}")
    return function_of("tape, entry, given, operands", lines, names)

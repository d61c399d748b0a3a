"""The run of a straight line of array operations, written out as a Python function: see `compiled_lines.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from adcli.rules.dispatch import shape_of, shapes_of
from adcli.rules.facts import SAME, SUBSCRIPTED, Notation
from adcli.rules.formulas import values_kept
from adcli.rules.functions import elementwise_kernel, numpy_function
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.readings.sums import forget
from adcli.tape.compiled_lines import KNOWN, constant_index, free, function_of_lines, index_text
from adcli.tape.reach import active_entries, varying_entries
from adcli.tape.tape import Tape, Value


def run_function(tape: Tape, outputs: Iterable[int], swept: bool = True) -> Callable[..., list[Value] | None]:
    """A function of the inputs that gives the values of all entries, or None where another shape comes out.

    The tape tells the shapes, by stand-ins for its arrays. What neither the outputs nor a sweep need is given up; where
    the run is not to be `swept`, all but the outputs.
    """
    return _Run(tape, outputs, swept).function()


class _Run:
    """What a run becomes, made from its end, where it is known what is read again."""

    def __init__(self, tape: Tape, outputs: Iterable[int], swept: bool) -> None:
        self._tape = tape
        self._varying = varying_entries(tape, tape.inputs.values())
        self._needed = {*outputs, *(read_by_sweeps(tape) if swept else ())}
        self._remembers = any(operation.known("remembers") for operation in tape.operations)
        self._names: dict[str, Any] = {**KNOWN, "forget": forget, "array_copy": np.array}

    def function(self) -> Callable[..., list[Value] | None]:
        """The lines, entry by entry, as a function."""
        tape, names = self._tape, self._names
        lines: list[str] = []
        results = [f"v{entry}" for entry in range(len(tape))]
        for entry in range(len(tape) - 1, -1, -1):
            operands, shape = tape.operands[entry], shape_of(tape.values[entry])
            if not (self._varying[entry] or shape):
                names[f"v{entry}"] = tape.values[entry]
            elif operands:
                ended = [last_read for last_read in dict.fromkeys((entry, *operands)) if self._ends(last_read)]
                for last_read in ended:
                    names[f"s{last_read}"], results[last_read] = tape.values[last_read], f"s{last_read}"
                step = self._step(entry, ended)
                if not self._has_certain_shape(entry):
                    step.append(f"if shape_of(v{entry}) != {shape}: return None")
                lines += reversed([*step, *(f"del v{last_read}" for last_read in ended)])
                self._needed.update(operands)  # by all that comes before
        lines.reverse()
        return function_of_lines("run", [f"v{entry}" for entry in tape.inputs.values()], lines, results, names)

    def _ends(self, entry: int) -> bool:
        """Whether an entry is an array that was computed and that nothing needs from here on."""
        return entry not in self._needed and bool(self._tape.operands[entry] and shape_of(self._tape.values[entry]))

    def _step(self, entry: int, ended: Sequence[int]) -> list[str]:
        """The lines of one operation."""
        tape = self._tape
        operation, operands = tape.operations[entry], tape.operands[entry]
        arguments = [f"v{operand}" for operand in operands]
        if operation.ufunc:
            return self._infix(entry, ended, f" {operation.symbol} ".join(arguments))
        index = constant_index(tape, entry, self._varying) if operation.notation in SUBSCRIPTED else None
        if index is None:
            return [f"v{entry} = {self._result(entry, arguments)}"]
        place = index_text(index)
        if operation.notation is Notation.UPDATE:
            return [f"v{entry} = array_copy({arguments[0]})", f"v{entry}[{place}] = {arguments[1]}"]
        part = f"{arguments[0]}[{place}]"
        return [f"v{entry} = {part if shape_of(tape.values[entry]) else f'float({part})'}"]

    def _result(self, entry: int, arguments: Sequence[str]) -> str:
        """The text of an operation that gives a new value: without what asks for numbers, where it gives an array."""
        operation = self._tape.operations[entry]
        self._names[f"f{entry}"] = operation.function
        if shape_of(self._tape.values[entry]):
            if isinstance(operation, ArrayPrimitive):
                if operation.written:
                    return operation.written.format(*arguments)
            elif operation.array is not SAME:
                self._names[f"f{entry}"] = elementwise_kernel(operation)
        return f"f{entry}({', '.join(arguments)})"

    def _infix(self, entry: int, ended: Sequence[int], text: str) -> list[str]:
        """The lines of a sum or the like: where NumPy can, in the memory of an operand that ends with it."""
        tape, operands = self._tape, self._tape.operands[entry]
        shape = shape_of(tape.values[entry])
        spare = [
            operand
            for operand in operands
            if operand in ended
            and shape_of(tape.values[operand]) == shape
            and not tape.operations[operand].known("view")
        ]
        if not spare:
            return [f"v{entry} = {text}"]
        own, ufunc = f"v{spare[0]}", tape.operations[entry].ufunc
        self._names[ufunc] = numpy_function(ufunc)
        arguments = ", ".join(f"v{operand}" for operand in operands)
        line = f"v{entry} = {ufunc}({arguments}, out={own}) if {free(own)} else {text}"
        # several entries may be one array, as a copy is: whose operands are remembered, the entry does not tell
        return [f"forget({own})", line] if self._remembers else [line]

    def _has_certain_shape(self, entry: int) -> bool:
        """Whether an entry has its shape wherever the inputs have theirs, and not only for these values."""
        tape = self._tape
        operation, operands = tape.operations[entry], tape.operands[entry]
        if not isinstance(operation, ArrayPrimitive):
            return True
        values = tape.operand_values(entry)
        known = [
            None if self._varying[operand] or shape_of(value) else value
            for operand, value in zip(operands, values, strict=True)
        ]
        return operation.shape(shapes_of(values), known) == shape_of(tape.values[entry])


def read_by_sweeps(tape: Tape) -> set[int]:
    """The entries whose values the rules of a reverse sweep read, whatever the inputs are that it is asked for."""
    active = active_entries(tape, list(tape.inputs.values()))
    kept: set[int] = set()
    for entry, operands in enumerate(tape.operands):
        if active[entry] and operands:
            pattern = tuple([active[operand] for operand in operands])
            for position in values_kept(tape.operations[entry], pattern, *shapes_of(tape.operand_values(entry))):
                kept.add(entry if position < 0 else operands[position])
    return kept

"""Straight lines of array operations, and reverse sweeps over them, written out as Python functions.

Of `input X[n, d], w[d]` and `output L = sum((X @ w)^2)`, at a matrix of 5 rows and 3 columns, this makes

    def run(v0, v1):
        v7 = v0 @ v1
        v8 = f8(v7, v6)
        v9 = f9(v8)
        del v8
        return [v0, v1, v2, v3, v4, v5, v6, v7, s8, v9]

where f8 is the power, f9 the sum, v6 the constant 2, and s8 stands in for what nobody reads again; and, for both
inputs,

    def sweep(values, b9):
        v0 = values[0]
        v1 = values[1]
        v6 = values[6]
        v7 = values[7]
        v8 = values[8]
        v9 = values[9]
        b8 = fitted(r9_0(b9, v9, v8), (5,))
        del b9
        b7 = r8_0(b8, v8, v7, v6)
        del b8
        b0 = fitted(r7_0(b7, v7, v0, v1), (5, 3))
        b1 = fitted(r7_1(b7, v7, v0, v1), (3,))
        del b7
        if may_overwrite(b0): b0 += 0.0
        else: b0 = b0 + 0.0
        if may_overwrite(b1): b1 += 0.0
        else: b1 = b1 + 0.0
        return [b0, b1]

Both do the same arithmetic in the same order as the interpreter and the fast lane; only what these look up is known.
`compiled_run.py` and `compiled_sweep.py` make the one and the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adcli.rules.dispatch import shape_of
from adcli.rules.facts import Notation
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.readings.arrays import subscript
from adcli.tape.memory import may_overwrite
from adcli.tape.tape import Tape


def constant_index(tape: Tape, entry: int, varying: Sequence[bool]) -> tuple[int | slice, ...] | None:
    """NumPy's index for the part that an entry takes, or writes to; None if an input tells which one that is."""
    operation, bounds = tape.operations[entry], bounds_of(tape, entry)
    assert isinstance(operation, ArrayPrimitive)
    if any(varying[bound] for bound in bounds):
        return None
    values = [tape.values[bound] for bound in bounds]
    return subscript(shape_of(tape.values[tape.operands[entry][0]]), operation.settings[0], values)


def bounds_of(tape: Tape, entry: int) -> tuple[int, ...]:
    """The operands of an entry, of a part or an update, that tell which part it takes, or writes to."""
    return tape.operands[entry][1 if tape.operations[entry].notation is Notation.PART else 2 :]


def index_text(index: Sequence[int | slice]) -> str:
    """An index as Python has it between brackets."""
    return ", ".join(str(part) if isinstance(part, int) else _slice_text(part) for part in index)


def _slice_text(part: slice) -> str:
    start, stop, step = ("" if bound is None else str(bound) for bound in (part.start, part.stop, part.step))
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def free(name: str) -> str:
    """The text for: nothing but this variable refers to the array, which may become another one."""
    return f"may_overwrite({name})"


KNOWN: Mapping[str, Any] = {"may_overwrite": may_overwrite, "shape_of": shape_of}


def function_of_lines(
    name: str, parameters: Sequence[str], lines: Sequence[str], results: Sequence[str], names: dict[str, Any]
) -> Callable[..., Any]:
    """The function of these lines, which gives a list; `names` are what it knows besides its parameters."""
    body = "".join(f"    {line}\n" for line in (*lines, f"return [{', '.join(results)}]"))
    text = f"def {name}({', '.join(parameters)}):\n{body}"
    exec(compile(text, f"<{name}>", "exec"), names)
    function: Callable[..., Any] = names[name]
    function.__doc__ = text
    return function

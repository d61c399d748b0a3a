"""A domain: the values of a tape at many points at once, one behind the other."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from adcli.errors import AdError
from adcli.rules.compile import RAISED
from adcli.rules.dispatch import shape_of, zero_like
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.shapes import Refused
from adcli.tape.components import index_of, name_of
from adcli.tape.local import tangent_of
from adcli.tape.reach import varied_operands
from adcli.tape.tape import Tape, Value

# One row for each sample, and behind that the shape of the value.
Columns = Any

_MOST_UNITS = 500  # elements of operands whose derivatives are taken one by one
_NAME = re.compile(r"[A-Za-z_]\w*")


def is_affine(tape: Tape, entry: int, varying: Sequence[int]) -> bool:
    """Whether an operation on whole arrays is affine in those operands that vary, by their positions.

    It is where the formulas of its tangent name none of these operands and not the result.
    """
    operation, operands = tape.operations[entry], tape.operands[entry]
    elements = sum(math.prod(shape_of(tape.values[operands[position]])) for position in varying)
    if not isinstance(operation, ArrayPrimitive) or elements > _MOST_UNITS:
        return False
    if not set(varying) <= set(varied_operands(tape, entry)):
        return False
    if operation.linear:
        return True
    letters, formulas = operation.letters(len(operands)), operation.pushforwards(tape.operand_shapes(entry))
    refused = {letters[position] for position in varying} | {"v"}
    return all(formulas[p] and refused.isdisjoint(_NAME.findall(formulas[p])) for p in varying)


class Samples:
    """A domain: the values of an entry at many points at once, one behind the other; None where all are alike."""

    def __init__(self, tape: Tape, drawn: Mapping[str, Columns], count: int) -> None:
        """Take the tape, and the columns of some components of its inputs."""
        self._tape = tape
        self._count = count
        self.carried: list[Columns | None] = [None] * len(tape)
        for label, column in drawn.items():
            entry, index = tape.inputs[name_of(label)], index_of(label)
            if not index:
                self.carried[entry] = column
                continue
            known = self.carried[entry]
            whole = self.carried[entry] = self._repeated(tape.values[entry]) if known is None else known
            whole[(slice(None), *index)] = column

    def _repeated(self, value: Value) -> Columns:
        import numpy

        return numpy.repeat(numpy.asarray(value)[None], self._count, axis=0)

    def apply(self, entry: int, columns: list[Columns | None]) -> Columns:
        """The values of an entry."""
        tape = self._tape
        operation, rank = tape.operations[entry], len(shape_of(tape.values[entry]))
        if not operation.elementwise:
            varying = [position for position, column in enumerate(columns) if column is not None]
            rule = self._moved if is_affine(tape, entry, varying) else self._one_by_one
            return rule(entry, columns)
        operands = [
            value if column is None else _of_rank(column, rank)
            for value, column in zip(tape.operand_values(entry), columns, strict=True)
        ]
        return operation.function(*operands)

    def _moved(self, entry: int, columns: Sequence[Columns | None]) -> Columns:
        """An affine operation: its value on the tape, and what the distances from there bring by their tangents.

        Samples in which something is not finite go one by one: it brings nothing to what does not read it.
        """
        import numpy

        tape = self._tape
        value = numpy.asarray(tape.values[entry])
        total = numpy.tile(value.ravel(), (self._count, 1))
        for position, column in enumerate(columns):
            if column is not None:
                here = numpy.asarray(tape.values[tape.operands[entry][position]])
                distances = (column - here).reshape(self._count, here.size)
                total += distances @ self._tangents(entry, position, here.shape)
        total = total.reshape(self._count, *value.shape)
        spoilt = ~numpy.isfinite(total).reshape(self._count, -1).all(axis=1)
        if spoilt.any():
            total[spoilt] = self._one_by_one(entry, [None if each is None else each[spoilt] for each in columns])
        return total

    def _tangents(self, entry: int, position: int, shape: tuple[int, ...]) -> Columns:
        """The tangent of an entry for a unit in each element of an operand, a row to each."""
        import numpy

        tape, size = self._tape, math.prod(shape)
        rows = []
        for unit in numpy.eye(size):
            tangents: list[Value | None] = [None] * len(tape.operands[entry])
            tangents[position] = unit.reshape(shape) if shape else 1.0
            tangent = tangent_of(tape, entry, tangents)
            rows.append(numpy.ravel(zero_like(tape.values[entry]) if tangent is None else tangent))
        return numpy.array(rows)

    def _one_by_one(self, entry: int, columns: Sequence[Columns | None]) -> Columns:
        """An operation on whole arrays, of one sample after the other; NaN where it refuses one."""
        import numpy

        function, values = self._tape.operations[entry].function, self._tape.operand_values(entry)
        count = next(len(column) for column in columns if column is not None)
        rows = [
            [value] * count if column is None else _numbers(column)
            for value, column in zip(values, columns, strict=True)
        ]
        results: list[Value | None] = []
        for operands in zip(*rows, strict=True):
            try:
                results.append(function(*operands))
            except (AdError, Refused, *RAISED):
                results.append(None)
        shape = next((shape_of(result) for result in results if result is not None), ())
        nothing = numpy.full(shape, math.nan)
        return numpy.array([nothing if result is None else result for result in results])


def _numbers(column: Columns) -> Any:
    """The values of a column one by one: numbers as Python's."""
    return column.tolist() if column.ndim == 1 else column


def _of_rank(column: Columns, rank: int) -> Columns:
    """A column whose values have that many sizes: NumPy repeats along those in front, where the samples are."""
    missing = rank - (column.ndim - 1)
    return column.reshape(column.shape[0], *[1] * missing, *column.shape[1:]) if missing > 0 else column

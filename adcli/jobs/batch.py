"""Value and derivatives for the rows of a block: numbers that were read, and which of them could not be."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from math import nan
from typing import Any

from adcli.jobs.function import DerivedFunction
from adcli.records import NamedTuple, dataclass
from adcli.tape.describe import first_not_finite, not_finite_text
from adcli.tape.execute import execute
from adcli.tape.inputs import resolve

PROBLEM = "problem"  # the column of what is the matter with a row


class Cells(NamedTuple):
    """The rows of a block as they were read.

    Attributes:
        lines: where each row stands in its file, counted from 1
        numbers: the columns that are inputs, each as an array; NaN where there is a reason
        reasons: what is the matter with rows that cannot be used, by their place in the block
        kept: the columns that pass through, as lists or as arrays
    """

    lines: Sequence[int]
    numbers: Sequence[Any]
    reasons: Mapping[int, str]
    kept: Sequence[Any]


class Results(NamedTuple):
    """What a block comes to.

    Attributes:
        columns: the value, then the derivatives, each as an array; NaN or infinite where a row has a problem
        problems: what is the matter with a row, by its place in the block, in order
    """

    columns: Sequence[Any]
    problems: Mapping[int, str]


@dataclass(frozen=True)
class Batch:
    """A function at the rows of a table.

    Attributes:
        function: the value with its derivatives
        columns: the inputs that each row gives
        constants: the inputs that are the same for all rows, where they are not left to their defaults
    """

    function: DerivedFunction
    columns: tuple[str, ...]
    constants: Mapping[str, float]

    @property
    def names(self) -> list[str]:
        """The columns of the results: `L`, `dL/dx`, and of two inputs `d2L/dx/dy`, each pair once."""
        of, wrt, order = self.function.of, self.function.wrt, self.function.order
        first = [f"d{of}/d{name}" for name in wrt] if order else []
        second = [f"d2{of}/d{wrt[i]}/d{wrt[j]}" for i, j in _pairs(len(wrt))] if order == 2 else []
        return [of, *first, *second]

    def results(self, cells: Cells) -> Results:
        """The results of a block, which depend on no other block."""
        self.function.begin_anew()
        for numbers in cells.numbers:
            numbers[list(cells.reasons)] = nan
        given = dict(zip(self.columns, cells.numbers, strict=True))
        found = self.function.columns(**given, **self.constants)
        columns = [found.value, *(found.gradient or ())]
        columns += [found.hessian[i][j] for i, j in _pairs(len(self.function.wrt))] if found.hessian else []
        problems = {row: error.problems[0].message for row, error in found.problems.items()}
        problems = {**self._not_finite(columns, given, problems.keys()), **problems, **cells.reasons}
        return Results(columns, {row: problems[row] for row in sorted(problems)})

    def _not_finite(self, columns: Sequence[Any], given: Mapping[str, Any], known: Container[int]) -> dict[int, str]:
        """A reason for each row with a result that is no finite number, but for those whose problem is known."""
        import numpy as np

        reasons: dict[int, str] = {}
        for name, column in zip(self.names, columns, strict=True):
            for row in np.flatnonzero(~np.isfinite(column)).tolist():
                if row not in known and row not in reasons:
                    point = {each: float(numbers[row]) for each, numbers in given.items()}
                    reasons[row] = f"{name} is {column[row]}{self._where(point)}"
        return reasons

    def _where(self, point: Mapping[str, float]) -> str:
        """Where a program comes to what is not finite, as the end of a sentence; empty where its values are finite."""
        program = self.function.program
        inputs, _ = resolve(program, {**point, **self.constants})
        tape = execute(program, inputs, self.function.limits)
        entry = first_not_finite(tape)
        return "" if entry is None else f": in the program, {not_finite_text(tape, entry)}"


def _pairs(count: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(count) for j in range(i, count)]

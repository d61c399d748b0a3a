"""The engine, as it was loaded: its functions with their types, and its instructions."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adcli.native.instructions import Row, rows_of
from adcli.records import dataclass


@dataclass(frozen=True)
class Engine:
    """The engine, as it was loaded.

    Attributes:
        functions: the library
        columns, cells, lines: those of its functions that take long, and let other threads run meanwhile
        rows: what it has
        values: the instruction of the value of a row, by its name and the number of its operands
        adjoints: the first of the instructions of its sweep, for those that have any
    """

    functions: Any
    columns: Any
    cells: Any
    lines: Any
    rows: Sequence[Row]
    values: Mapping[tuple[str, int], int]
    adjoints: Mapping[tuple[str, int], int]


def described(functions: Any, unlocked: Any) -> Engine:
    """The engine with the types of its functions, and with its instructions."""
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    columns, cells, lines = unlocked.ad_columns, unlocked.ad_cells, unlocked.ad_lines
    columns.argtypes, columns.restype = (pointer, *(count,) * 3, *(pointer,) * 5), None
    cells.argtypes = (pointer, count, count, ctypes.c_char, count, pointer, count, count, *(pointer,) * 4)
    lines.argtypes = (pointer, count, *(pointer,) * 4, count, count, pointer)
    cells.restype = lines.restype = count
    functions.ad_rows.restype = ctypes.c_char_p
    for function, operands in ((functions.ad_values, 3), (functions.ad_sweep, 4), (functions.ad_gradient, 5)):
        function.argtypes = (pointer,) * operands
    rows = rows_of(functions.ad_rows().decode("ascii"))
    values = {(row.name, row.arity): code for code, row in enumerate(rows)}
    return Engine(functions, columns, cells, lines, rows, values, dict(_first_adjoints(rows)))


def _first_adjoints(rows: Sequence[Row]) -> Iterator[tuple[tuple[str, int], int]]:
    code = 0
    for row in rows:
        if row.is_swept:
            yield (row.name, row.arity), code
            code += row.patterns

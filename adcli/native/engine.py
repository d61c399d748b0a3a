"""The engine, as it was loaded: its functions with their types, and its instructions."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any

from adcli.native.instructions import Row, rows_of
from adcli.records import dataclass


@dataclass(frozen=True)
class Engine:
    """The engine, as it was loaded.

    Attributes:
        functions: the library
        columns, products, cells, lines: those of its functions that take long, and let other threads run meanwhile
        rows: what it has
        values: the instruction of the value of a row, by its name and the number of its operands
        adjoints: the first of the instructions of its sweep, for those that have any
        tangents: the first of those of its tangents, and of its sweep of adjoints with tangents, for the same
    """

    functions: Any
    columns: Any
    products: Any
    cells: Any
    lines: Any
    rows: Sequence[Row]
    values: Mapping[tuple[str, int], int]
    adjoints: Mapping[tuple[str, int], int]
    tangents: Mapping[tuple[str, int], int]


def described(functions: Any, unlocked: Any) -> Engine:
    """The engine with the types of its functions, and with its instructions."""
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    columns, products = unlocked.ad_columns, unlocked.ad_products
    cells, lines = unlocked.ad_cells, unlocked.ad_lines
    columns.argtypes, columns.restype = (pointer, *(count,) * 3, *(pointer,) * 5), None
    products.argtypes = (pointer, count, *(pointer,) * 6)
    cells.argtypes = (pointer, count, count, ctypes.c_char, count, pointer, count, count, *(pointer,) * 4)
    lines.argtypes = (pointer, count, *(pointer,) * 4, count, count, pointer)
    cells.restype = lines.restype = count
    functions.ad_rows.restype = ctypes.c_char_p
    for function, operands in ((functions.ad_values, 3), (functions.ad_sweep, 4), (functions.ad_gradient, 5)):
        function.argtypes = (pointer,) * operands
    rows = rows_of(functions.ad_rows().decode("ascii"))
    values = {(row.name, row.arity): code for code, row in enumerate(rows)}
    adjoints = _firsts([row for row in rows if row.is_swept])
    tangents = _firsts([row for row in rows if row.is_moved])
    return Engine(functions, columns, products, cells, lines, rows, values, adjoints, tangents)


def _firsts(rows: Sequence[Row]) -> dict[tuple[str, int], int]:
    """The first instruction of each row, which has one for each choice of operands."""
    found, code = {}, 0
    for row in rows:
        found[row.name, row.arity] = code
        code += row.patterns
    return found

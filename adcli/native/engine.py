"""The libraries, as they were loaded: their functions with their types, and their instructions."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any

from adcli.native.instructions import Row, rows_of
from adcli.records import dataclass

_POINTER, _COUNT = ctypes.c_void_p, ctypes.c_int64


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


@dataclass(frozen=True)
class ProductEngine:
    """What gives products with Hessians, as it was loaded.

    Attributes:
        products: the function, which lets other threads run meanwhile
        rows: what it has
        tangents: the first of the instructions of a row's tangents, and of its sweep of adjoints with tangents
    """

    products: Any
    rows: Sequence[Row]
    tangents: Mapping[tuple[str, int], int]


def described(functions: Any, unlocked: Any) -> Engine:
    """The engine with the types of its functions, and with its instructions."""
    columns, cells, lines = unlocked.ad_columns, unlocked.ad_cells, unlocked.ad_lines
    columns.argtypes, columns.restype = (_POINTER, *(_COUNT,) * 3, *(_POINTER,) * 5), None
    cells.argtypes = (_POINTER, _COUNT, _COUNT, ctypes.c_char, _COUNT, _POINTER, _COUNT, _COUNT, *(_POINTER,) * 4)
    lines.argtypes = (_POINTER, _COUNT, *(_POINTER,) * 4, _COUNT, _COUNT, _POINTER)
    cells.restype = lines.restype = _COUNT
    for function, operands in ((functions.ad_values, 3), (functions.ad_sweep, 4), (functions.ad_gradient, 5)):
        function.argtypes = (_POINTER,) * operands
    rows = _rows(functions.ad_rows)
    values = {(row.name, row.arity): code for code, row in enumerate(rows)}
    return Engine(functions, columns, cells, lines, rows, values, _firsts([row for row in rows if row.is_swept]))


def products_described(functions: Any, unlocked: Any) -> ProductEngine:
    """The same for what gives products with Hessians."""
    products, rows = unlocked.ad_products, _rows(functions.ad_moved_rows)
    products.argtypes = (_POINTER, _COUNT, *(_POINTER,) * 6)
    return ProductEngine(products, rows, _firsts(rows))


def _rows(told: Any) -> Sequence[Row]:
    told.restype = ctypes.c_char_p
    return rows_of(told().decode("ascii"))


def _firsts(rows: Sequence[Row]) -> dict[tuple[str, int], int]:
    """The first instruction of each row, which has one for each choice of operands."""
    found, code = {}, 0
    for row in rows:
        found[row.name, row.arity] = code
        code += row.patterns
    return found

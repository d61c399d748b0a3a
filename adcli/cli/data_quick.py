"""Plain blocks of CSV by pyarrow (the extra `adcli[data]`) where it is installed and no engine is: the same, sooner."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from adcli.cli.data_blocks import Wanted

if TYPE_CHECKING:
    from adcli.cli.data_messages import Array

LEAST = 10_000  # rows of a block for which it is worth the import
_NOT_PLAIN = (b'"', b"#", b"\r", b"\n\n")
# Where pyarrow writes a number as Python does: neither with an exponent nor without a point.
_SMALLEST, _LARGEST = 1e-4, 1e9


@cache
def _is_there() -> bool:
    try:
        import pyarrow.compute
        import pyarrow.csv  # noqa: F401
    except ImportError:
        return False
    return True


def quick_columns(content: bytes, between: str, width: int, wanted: Wanted) -> tuple[list[Array], list[Any]] | None:
    """The numbers and the kept columns of a block of text; None where one has to look closer, or without pyarrow."""
    spaces = (f"{between} ".encode(), b"\n ") if wanted.kept else ()
    if content.count(b"\n") < LEAST or between == " " or any(mark in content for mark in (*_NOT_PLAIN, *spaces)):
        return None
    if content[:1] in (b"\n", b" ") or not _is_there():
        return None
    import numpy as np
    import pyarrow

    try:
        numbers = _read(content, between, width, wanted.places, pyarrow.float64())
        kept = _read(content, between, width, wanted.kept_places, pyarrow.string())
    except pyarrow.ArrowInvalid:
        return None
    columns = [np.array(column) for column in numbers]
    return (columns, kept) if all(np.isfinite(column).all() for column in columns) else None


def _read(content: bytes, between: str, width: int, places: Sequence[int], kind: Any) -> list[Any]:
    """Some columns of a block, all of one type. Raises ArrowInvalid for a cell, or a row, that does not fit."""
    if not places:
        return []
    import pyarrow
    from pyarrow import csv

    names = [str(place) for place in range(width)]
    used = [str(place) for place in places]
    reading = csv.ReadOptions(use_threads=False, block_size=len(content) + 1, column_names=names)
    types = dict.fromkeys(used, kind)
    table = csv.read_csv(
        pyarrow.py_buffer(content),
        reading,
        csv.ParseOptions(delimiter=between, quote_char=False),
        csv.ConvertOptions(column_types=types, include_columns=list(types), null_values=[]),
    )
    return [table.column(name).combine_chunks() for name in used]


def quick_lines(kept: Sequence[Any], columns: Sequence[Array], reasons: list[str | None], quoted: Any) -> bytes | None:
    """A block of results as CSV; None where a text is none of UTF-8, for few rows, or without pyarrow.

    `reasons` are what is the matter with each row, or none at all. `quoted` gives the cells of a list of texts, those
    in quotes that have to be.
    """
    count = len(columns[0])
    if count < LEAST or not _is_there():
        return None
    import pyarrow
    from pyarrow import compute

    try:
        cells = [_cells(column, quoted) for column in kept]
        cells += [_digits(column) for column in columns]
        ends = pyarrow.array([f"{reason}\n" for reason in quoted(reasons)]) if reasons else pyarrow.scalar("\n")
        lines = compute.binary_join_element_wise(*cells, ends, ",")
    except (UnicodeEncodeError, pyarrow.ArrowException):
        return None
    _, offsets, data = lines.buffers()
    end = int.from_bytes(offsets.to_pybytes()[4 * count : 4 * count + 4], "little")
    text: bytes = data.slice(0, end).to_pybytes()
    return text


def _cells(column: Any, quoted: Any) -> Any:
    import pyarrow

    return pyarrow.array(quoted(column if isinstance(column, list) else column.tolist()), pyarrow.string())


def _digits(column: Array) -> Any:
    """The shortest digits that give each number again, as `repr` writes them; nothing for what is not finite."""
    import numpy as np
    import pyarrow
    from pyarrow import compute

    texts = pyarrow.array(column).cast(pyarrow.string())
    sizes = np.abs(column)
    with np.errstate(invalid="ignore"):
        alike = (sizes >= _SMALLEST) & (sizes < _LARGEST) & (column != np.trunc(column))
    if alike.all():
        return texts
    others = [repr(number) if np.isfinite(number) else "" for number in column[~alike].tolist()]
    return compute.replace_with_mask(texts, pyarrow.array(~alike), pyarrow.array(others, pyarrow.string()))

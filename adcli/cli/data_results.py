"""Results of blocks of rows as CSV, JSON lines, an `.npy` file and Parquet: made block by block, written in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from adcli.cli.data_blocks import engine_for
from adcli.cli.data_quick import quick_lines
from adcli.jobs.batch import PROBLEM, Cells, Results
from adcli.native.texts import Texts, texts_of, written_lines
from adcli.records import NamedTuple

if TYPE_CHECKING:
    from adcli.native.engine import Engine

_MARKS = (",", '"', "\n", "\r")  # for which a cell of a CSV file stands in quotes


class Form(NamedTuple):
    """How results are written; it goes to other processes, which make the contents of blocks.

    Attributes:
        kind: `csv`, `jsonl`, `npy` or `parquet`
        kept: the columns that pass through
        names: the columns of the results
    """

    kind: str
    kept: tuple[str, ...]
    names: tuple[str, ...]

    def content(self, cells: Cells, results: Results) -> Any:
        """A block as it is written."""
        if self.kind == "npy":
            import numpy as np

            return np.stack(results.columns, axis=1)
        if self.kind == "parquet":
            from adcli.cli.data_parquet import arrow_batch

            kept = list(map(_one_type, cells.kept))
            return arrow_batch((*self.kept, *self.names), kept, results.columns, results.problems)
        return _in_lines(self._style(), cells, results)

    def _style(self) -> _Style:
        """How rows are lines."""
        names = (*self.kept, *self.names, PROBLEM)
        if self.kind == "csv":
            return _Style("csv", ["", *[","] * (len(names) - 1)], "\n", "", _quoted_texts)
        heads = [f"{_json_text(name)}: " for name in names]
        return _Style("jsonl", [f"{{{heads[0]}", *(f", {head}" for head in heads[1:])], "}\n", "null", _json_texts)

    def sink(self, file: BinaryIO) -> Sink:
        """What writes the blocks to a file."""
        if self.kind == "npy":
            return ArraySink(file, len(self.names))
        if self.kind == "parquet":
            from adcli.cli.data_parquet import ParquetSink

            return ParquetSink(file)
        heading = (*self.kept, *self.names, PROBLEM) if self.kind == "csv" else ()
        return TextSink(file, _encoded(",".join(_quoted(list(heading))) + "\n") if heading else b"")


class Sink(Protocol):
    """Writes blocks one after another."""

    def add(self, content: Any) -> None:
        """Write a block."""

    def end(self) -> None:
        """Write what stands at the end of the file."""


class TextSink:
    """Writes blocks of lines."""

    def __init__(self, file: BinaryIO, heading: bytes) -> None:
        self._file, self._heading = file, heading

    def add(self, content: bytes) -> None:
        """Write a block; the heading before the first one, which may have failed."""
        self._file.write(self._heading)
        self._heading = b""
        self._file.write(content)

    def end(self) -> None:
        """Hand over all that was written."""
        self.add(b"")
        self._file.flush()


class ArraySink:
    """Writes a matrix, whose head, which tells how many rows there are, is written again at the end."""

    def __init__(self, file: BinaryIO, width: int) -> None:
        self._file, self._width, self._rows = file, width, 0
        self._head()

    def _head(self) -> None:
        from numpy.lib import format

        head = {"descr": "<f8", "fortran_order": False, "shape": (self._rows, self._width)}
        format.write_array_header_1_0(self._file, head)  # which leaves room for any number of rows

    def add(self, content: Any) -> None:
        """Write a block."""
        self._rows += len(content)
        self._file.write(content.astype("<f8").tobytes())

    def end(self) -> None:
        """Write the head again."""
        self._file.seek(0)
        self._head()
        self._file.flush()


class _Style(NamedTuple):
    """How rows are lines.

    Attributes:
        kind: `csv` or `jsonl`
        before: what stands before each cell
        behind: what stands behind the last one
        nothing: what stands for a number that is not finite
        cells: kept values, and reasons, as cells
    """

    kind: str
    before: Sequence[str]
    behind: str
    nothing: str
    cells: Callable[[list[Any]], Sequence[str]]


def _in_lines(style: _Style, cells: Cells, results: Results) -> bytes:
    """A block as lines, by what is there to make them: the same letter for letter."""
    count, problems = len(cells.lines), results.problems
    reasons = [problems.get(row) for row in range(count)] if problems else []
    made = engine_for(count)
    if made is not None:
        return _by_engine(made, style, cells.kept, results.columns, reasons)
    if style.kind == "csv":
        quick = quick_lines(cells.kept, results.columns, reasons, _quoted_texts)
        if quick is not None:
            return quick
    columns = [style.cells(_listed(column)) for column in cells.kept]
    columns += [_digits(column, style.nothing) for column in results.columns]
    columns.append(style.cells(reasons or [None] * count))
    pattern = "".join([f"{text.replace('%', '%%')}%s" for text in style.before]) + style.behind
    return _encoded("".join(map(pattern.__mod__, zip(*columns, strict=True))))


def _by_engine(
    made: Engine, style: _Style, kept: Sequence[Any], numbers: Sequence[Any], reasons: list[str | None]
) -> bytes:
    """The lines of a block; kept cells of CSV are as they were read."""

    def texts(column: Any) -> Texts:
        is_cells = style.kind == "csv" and isinstance(column, Texts)
        return column if is_cells else texts_of(style.cells(_listed(column)))

    columns = [*map(texts, kept), *numbers, *([texts(reasons)] if reasons else [])]
    behind = style.behind if reasons else f"{style.before[-1]}{style.cells([None])[0]}{style.behind}"
    before = list(map(_encoded, style.before[: len(columns)]))
    return written_lines(made, columns, before, _encoded(behind), _encoded(style.nothing))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", errors="backslashreplace")


def _listed(column: Any) -> list[Any]:
    return column if isinstance(column, list) else list(column.tolist())


def _text(value: Any) -> str:
    """A kept value as a cell."""
    if isinstance(value, str):
        return value
    return "" if value is None else _json_text(value)


def _json_texts(values: list[Any]) -> Sequence[str]:
    return list(map(_json_text, values))


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _one_type(column: Any) -> Any:
    """Kept values of lines as texts, as they may be of several types, which no block tells of those to come."""
    if not isinstance(column, (list, Texts)):
        return column
    return [None if value is None else _text(value) for value in _listed(column)]


def _digits(column: Any, nothing: str) -> list[str]:
    """The shortest digits that give each number again, and `nothing` for what is no finite number."""
    import numpy as np

    texts = list(map(repr, column.tolist()))
    for row in np.flatnonzero(~np.isfinite(column)).tolist():
        texts[row] = nothing
    return texts


def _quoted(cells: Sequence[str]) -> Sequence[str]:
    """The cells of a column, those in quotes that have to be."""
    if not _needs_quotes("".join(cells)):
        return cells
    return ['"' + cell.replace('"', '""') + '"' if _needs_quotes(cell) else cell for cell in cells]


def _quoted_texts(values: list[Any]) -> Sequence[str]:
    """Kept values as cells."""
    return _quoted(list(map(_text, values)))


def _needs_quotes(text: str) -> bool:
    return any(mark in text for mark in _MARKS)

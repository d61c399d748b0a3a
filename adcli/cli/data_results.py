"""Results of blocks of rows as CSV, JSON lines, an `.npy` file and Parquet: made block by block, written in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO, Protocol

from adcli.cli.data_quick import quick_lines
from adcli.jobs.batch import PROBLEM, Cells, Results
from adcli.records import NamedTuple

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

            kept = [_one_type(column) if isinstance(column, list) else column for column in cells.kept]
            return arrow_batch((*self.kept, *self.names), kept, results.columns, results.problems)
        return (self._json if self.kind == "jsonl" else self._csv)(cells, results)

    def _csv(self, cells: Cells, results: Results) -> bytes:
        count = len(cells.lines)
        quick = quick_lines(cells.kept, results.columns, results.problems, _quoted_texts)
        if quick is not None:
            return quick
        columns = [_quoted_texts(_listed(column)) for column in cells.kept]
        columns += [_digits(column, "") for column in results.columns]
        columns.append(_quoted(_filled("", count, results.problems, str)))
        return _lines(map(",".join, zip(*columns, strict=True)))

    def _json(self, cells: Cells, results: Results) -> bytes:
        count = len(cells.lines)
        columns = [list(map(_json_text, _listed(column))) for column in cells.kept]
        columns += [_digits(column, "null") for column in results.columns]
        columns.append(_filled("null", count, results.problems, _json_text))
        names = [_json_text(name).replace("%", "%%") for name in (*self.kept, *self.names, PROBLEM)]
        pattern = "{" + ", ".join(f"{name}: %s" for name in names) + "}"
        return _lines(map(pattern.__mod__, zip(*columns, strict=True)))

    def sink(self, file: BinaryIO) -> Sink:
        """What writes the blocks to a file."""
        if self.kind == "npy":
            return ArraySink(file, len(self.names))
        if self.kind == "parquet":
            from adcli.cli.data_parquet import ParquetSink

            return ParquetSink(file)
        heading = (*self.kept, *self.names, PROBLEM) if self.kind == "csv" else ()
        return TextSink(file, _lines([",".join(_quoted(list(heading)))] if heading else []))


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


def _lines(lines: Iterable[str]) -> bytes:
    return "".join([f"{line}\n" for line in lines]).encode("utf-8", errors="backslashreplace")


def _listed(column: Any) -> list[Any]:
    return column if isinstance(column, list) else list(column.tolist())


def _text(value: Any) -> str:
    """A kept value as a cell."""
    if isinstance(value, str):
        return value
    return "" if value is None else _json_text(value)


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _one_type(column: list[Any]) -> list[str | None]:
    """Kept values of lines as texts, as they may be of several types, which no block tells of those to come."""
    return [None if value is None else _text(value) for value in column]


def _digits(column: Any, nothing: str) -> list[str]:
    """The shortest digits that give each number again, and `nothing` for what is no finite number."""
    import numpy as np

    texts = list(map(repr, column.tolist()))
    for row in np.flatnonzero(~np.isfinite(column)).tolist():
        texts[row] = nothing
    return texts


def _filled(empty: str, count: int, problems: Mapping[int, str], spell: Callable[[str], str]) -> list[str]:
    texts = [empty] * count
    for row, reason in problems.items():
        texts[row] = spell(reason)
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

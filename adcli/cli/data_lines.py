"""Rows as lines of text: CSV and the like, and JSON lines."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from adcli.cli.data_blocks import Raw, Rows, Wanted, blocks_of_lines, engine_for
from adcli.cli.data_messages import bad_file, counted, no_numbers, shown
from adcli.cli.data_quick import quick_columns
from adcli.cli.data_tables import (
    is_number,
    lines_that_count,
    mistake_in_cell,
    no_header,
    number_in,
    numbers_in,
    records,
    separator,
    tidy_name,
)
from adcli.jobs.batch import Cells
from adcli.native.texts import line_ends, read_cells
from adcli.records import NamedTuple

if TYPE_CHECKING:
    from adcli.cli.data_messages import Array

_BOM = b"\xef\xbb\xbf"
_MISSING = "a value is missing"


def lines_of(path: str, kind: str, file: BinaryIO) -> Rows:
    """The rows in a file of lines. Raises AdError `data-file`."""
    first, number = b"", 0
    for line in file:
        line, number = line.removeprefix(_BOM) if not number else line, number + 1
        if line.strip() and not line.startswith(b"#"):
            first = line
            break
    if not first:
        raise no_numbers(path)
    if kind in ("jsonl", "ndjson") or (not kind and first.lstrip().startswith(b"{")):
        return JsonRows(path, file, first, number)
    start = number
    while first.count(b'"') % 2 and (line := file.readline()):
        first, number = first + line, number + 1
    text = _decoded(path, Raw(start, first))
    between = {"tsv": "\t", "txt": " "}.get(kind) or separator(text)
    (header,), _ = records(path, between, [text.rstrip("\r\n")], [0], start - 1)
    if all(map(is_number, header)):
        raise no_header(path)
    return TextRows(path, file, between, [tidy_name(cell) for cell in header], number)


def _decoded(path: str, raw: Raw) -> str:
    """The text of a block. Raises AdError `data-file`."""
    content: bytes = raw.content
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.first + content[: error.start].count(b"\n")
        raise bad_file(f"`{path}`, line {line} is not UTF-8 text", help="save the file as UTF-8") from None


class TextRows:
    """A table as text, behind its header."""

    def __init__(self, path: str, file: BinaryIO, between: str, columns: Sequence[str], header_ends: int) -> None:
        self.columns = columns
        self.width = len(columns)
        self._path, self._file, self._between, self._header_ends = path, file, between, header_ends

    def reader(self, wanted: Wanted) -> TextReader:
        """What makes cells of its blocks."""
        return TextReader(self._path, self._between, self.width, wanted)

    def blocks(self) -> Iterator[Raw]:
        """The blocks one after another."""
        return blocks_of_lines(self._file, self._header_ends + 1, between=self._between)


class TextReader(NamedTuple):
    """Makes cells of blocks of a table as text."""

    path: str
    between: str
    width: int
    wanted: Wanted

    def cells(self, raw: Raw) -> Cells:
        """The cells of a block. Raises AdError `data-file` where they cannot be told apart."""
        text = _decoded(self.path, raw)
        found = self._by_engine(raw)
        if found is not None:
            return found
        quick = quick_columns(raw.content, self.between, self.width, self.wanted)
        if quick is not None:
            return Cells(range(raw.first, raw.first + len(quick[0][0])), quick[0], {}, quick[1])
        return self._cells(*(self._plain(text, raw.first) or self._records(text, raw.first)))

    def _cells(self, rows: list[list[str]], starts: Sequence[int]) -> Cells:
        """What is in rows, which start at some lines."""
        reasons: dict[int, str] = {}
        if set(map(len, rows)) - {self.width}:
            rows = [self._whole(row, cells, reasons) for row, cells in enumerate(rows)]
        columns = list(zip(*rows, strict=True)) or [()] * self.width
        numbers = [
            _numbers(columns[place], name, reasons)
            for name, place in zip(self.wanted.inputs, self.wanted.places, strict=True)
        ]
        return Cells(starts, numbers, reasons, [list(columns[place]) for place in self.wanted.kept_places])

    def _by_engine(self, raw: Raw) -> Cells | None:
        """The cells of a block in which each line is a row; None for another block, or without an engine."""
        content: bytes = raw.content
        made = None if self.between == " " else engine_for(line_ends(content))
        if made is None:
            return None
        places, kept_places = self.wanted.places, self.wanted.kept_places
        numbers, kept, rows, lines = read_cells(made, content, self.between, self.width, places, kept_places)
        reasons: dict[int, str] = {}
        if lines:
            plain = self._plain(b"".join(lines).decode("utf-8").replace("\r\n", "\n"), 0)
            if plain is None:
                return None
            looked_at = self._cells(*plain)
            for column, found in zip(numbers, looked_at.numbers, strict=True):
                column[rows] = found
            reasons = {int(rows[place]): reason for place, reason in looked_at.reasons.items()}
        quotes = (b'"' if self.between == "," else b",") in content  # in which some may have to stand
        starts = range(raw.first, raw.first + len(numbers[0]))
        return Cells(starts, numbers, reasons, [texts.tolist() for texts in kept] if quotes else kept)

    def _plain(self, text: str, first: int) -> tuple[list[list[str]], Sequence[int]] | None:
        """The rows of a block in which each line is one, without anything to look out for; None for another block."""
        if self.between == " " or '"' in text or "#" in text or "\r" in text:
            return None
        lines = text.removesuffix("\n").split("\n")
        try:
            rows = list(csv.reader(lines, delimiter=self.between, skipinitialspace=True))
        except csv.Error:  # of a cell that is longer than csv takes
            return None
        return (rows, range(first, first + len(rows))) if all(map(str.strip, lines)) else None

    def _records(self, text: str, first: int) -> tuple[list[list[str]], Sequence[int]]:
        """The rows of any block, and the lines at which they start."""
        lines = text.split("\n")
        kept = lines_that_count(lines, self.between)
        return records(self.path, self.between, lines, kept, first - 1)

    def _whole(self, row: int, cells: list[str], reasons: dict[int, str]) -> list[str]:
        """The cells of a row, as many as the header has."""
        if len(cells) == self.width:
            return cells
        reasons[row] = f"the row has {counted(len(cells), 'value')}, and the header has {self.width}"
        return [*cells, *[""] * self.width][: self.width]


def _numbers(cells: Sequence[str], name: str, reasons: dict[int, str]) -> Array:
    """The numbers in a column, with a reason for each cell that is none."""
    import numpy as np

    try:
        numbers = np.array(numbers_in(cells))
    except ValueError:
        numbers = np.fromiter(map(_number_or_nan, cells), float, len(cells))
    _tell_not_finite(numbers, cells, name, reasons)
    return numbers


def _tell_not_finite(numbers: Array, cells: Sequence[str], name: str, reasons: dict[int, str]) -> None:
    import numpy as np

    for row in np.flatnonzero(~np.isfinite(numbers)).tolist():
        mistake = mistake_in_cell(cells[row])
        if mistake is not None:
            reasons.setdefault(row, f"the input `{name}`: {mistake[0]}")


def _number_or_nan(cell: str) -> float:
    try:
        return number_in(cell)
    except ValueError:
        return math.nan


class JsonRows:
    """JSON lines: an object to a row. The columns are the names in the first one."""

    def __init__(self, path: str, file: BinaryIO, line: bytes, number: int) -> None:
        try:
            first = json.loads(line)
        except ValueError:
            first = None
        if not isinstance(first, dict):
            help_text = 'each line is an object, such as {"x": 1, "y": 2}'
            raise bad_file(f"`{path}`, line {number} is no JSON object", help=help_text)
        self.columns: Sequence[str] = list(first)
        self.width = len(self.columns)
        self._path, self._file, self._first, self._number = path, file, line, number

    def reader(self, wanted: Wanted) -> JsonReader:
        """What makes cells of its blocks."""
        return JsonReader(self._path, wanted)

    def blocks(self) -> Iterator[Raw]:
        """The blocks one after another."""
        return blocks_of_lines(self._file, self._number, [self._first])


class JsonReader(NamedTuple):
    """Makes cells of blocks of JSON lines."""

    path: str
    wanted: Wanted

    def cells(self, raw: Raw) -> Cells:
        """The cells of a block."""
        import numpy as np

        reasons: dict[int, str] = {}
        lines: list[int] = []
        rows: list[dict[str, Any]] = []
        for number, line in enumerate(_decoded(self.path, raw).split("\n"), raw.first):
            if line.strip():
                rows.append(self._row(len(rows), line, reasons))
                lines.append(number)
        numbers = [
            np.fromiter((_number_of(row, place, name, reasons) for place, row in enumerate(rows)), float, len(rows))
            for name in self.wanted.inputs
        ]
        return Cells(lines, numbers, reasons, [[row.get(name) for row in rows] for name in self.wanted.kept])

    def _row(self, place: int, line: str, reasons: dict[int, str]) -> dict[str, Any]:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            reasons[place] = "the line is no JSON object"
            return {}
        late = [name for name in self.wanted.others if name in row]
        if late:  # an input must not be left out without a word
            reasons[place] = f"the first row has no `{shown(late[0])}`"
        return row


def _number_of(row: dict[str, Any], place: int, name: str, reasons: dict[int, str]) -> float:
    value = row.get(name)
    if type(value) is float and math.isfinite(value):
        return value
    if value is None:
        reasons.setdefault(place, f"the input `{name}`: {_MISSING}")
        return math.nan
    if type(value) not in (int, float):
        reasons.setdefault(place, f"the input `{name}`: `{shown(json.dumps(value))}` is not a number")
        return math.nan
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        reasons.setdefault(place, f"the input `{name}`: `{shown(value)}` is not a finite number")
    return number

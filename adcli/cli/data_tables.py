"""Data files that are tables: .csv, .tsv and .txt."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from adcli.cli.data_blocks import lines_in_quotes
from adcli.cli.data_messages import (
    LARGEST,
    NUMBER,
    bad_file,
    bad_value,
    counted,
    listed,
    meant,
    no_numbers,
    shown,
    text_of,
)
from adcli.records import NamedTuple

if TYPE_CHECKING:
    from adcli.cli.data_messages import Array
    from adcli.errors import AdError


# What stands in a first line in place of a number, and is hardly the name of a column.
_HARDLY_A_NAME = re.compile(r"[-+]?(\.?\d|(nan|inf|infinity|na|n/a|null|none)?$)", re.IGNORECASE)

_LONGEST = 2**16  # a line of which csv surely takes each cell


class _DataTable(NamedTuple):
    """The cells of a file.

    Attributes:
        path: the file
        header: the names of the columns; empty where the file gives none
        rows: the cells of each row
        lines: the line of the file at which each row starts, and before them that of the header if there is one
    """

    path: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]

    @property
    def width(self) -> int:
        return len(self.header or self.rows[0])

    def column(self, index: int) -> str:
        """A column as messages call it."""
        name = self.header[index] if self.header else ""
        return f"column `{shown(name)}`" if name else f"column {index + 1}"

    def line_of(self, row: int) -> int:
        return self.lines[row + bool(self.header)]


def from_table(path: str, kind: str, part: str | None) -> Array:
    """The numbers in a table, or in the columns that `part` names. Raises AdError `data-file` or `data-value`."""
    wanted = None if part is None else _wanted(path, part)
    table = _read_table(path, kind, wanted or [])
    columns = list(range(table.width)) if wanted is None else [_column(table, name) for name in wanted]
    if not table.rows:
        raise no_numbers(path, help=f"write numbers below the header in line {table.lines[0]}")
    array = _column_values(table, columns)
    return array.reshape(-1) if len(columns) == 1 else array


def read_rows(path: str) -> list[dict[str, float]]:
    """The numbers of each row of a table by the names of its columns. Raises AdError `data-file` or `data-value`."""
    table = _read_table(path, path.rpartition(".")[2].lower(), [])
    if not table.header:
        raise no_header(path)
    if not table.rows:
        raise no_numbers(path, help=f"write numbers below the header in line {table.lines[0]}")
    columns = [_column(table, name) for name in table.header]
    return [dict(zip(table.header, row, strict=True)) for row in _column_values(table, columns).tolist()]


def no_header(path: str) -> AdError:
    """The error that the first line of a table does not name its columns."""
    return bad_file(f"`{path}` has no header", help="write a line with the names of the columns above it")


def _wanted(path: str, part: str) -> list[str]:
    """The columns between the brackets of `data.csv[height,weight]`; one with a comma may stand in quotes."""
    try:
        cells = next(csv.reader([part], skipinitialspace=True, strict=True), [])
    except csv.Error:
        cells = []
    names = [tidy_name(cell) for cell in cells]
    if not names or "" in names:
        raise bad_file(f"`{path}[{shown(part)}]` does not name columns", help=f"write `{path}[height,weight]`")
    return names


def tidy_name(cell: str) -> str:
    """The name of a column, in one line."""
    return " ".join(cell.split())


def _read_table(path: str, kind: str, wanted: list[str]) -> _DataTable:
    lines = text_of(path).split("\n")
    kept = lines_that_count(lines, "\t" if kind == "tsv" else "")
    if not kept:
        raise no_numbers(path)
    rows, starts = records(path, {"tsv": "\t", "txt": " "}.get(kind) or separator(lines[kept[0]]), lines, kept)
    if not _is_header(path, rows[0], starts[0], wanted):
        return _DataTable(path, [], rows, starts)
    return _DataTable(path, [tidy_name(cell) for cell in rows[0]], rows[1:], starts)


def lines_that_count(lines: list[str], between: str) -> list[int]:
    """The places of the lines that are neither empty nor comments, and of all lines within a cell in quotes.

    In a file with tabs a line of nothing but tabs is a row without values.
    """
    blanks = " \r" if between == "\t" else None
    inside = lines_in_quotes(lines, between)
    return [
        place for place, line in enumerate(lines)
        if place in inside or (line.strip(blanks) and not line.startswith("#"))
    ]  # fmt: skip


def records(
    path: str, between: str, lines: list[str], kept: list[int], before: int = 0
) -> tuple[list[list[str]], list[int]]:
    """The cells of each row, and the line at which it starts: a cell in quotes may go over several lines.

    `kept` are the places of the lines that count, and `before` how many lines of the file stand before these. Raises
    AdError `data-file`.
    """
    if between == " " and not any(map(_is_for_csv, lines)):
        return [lines[number].split() for number in kept], [before + number + 1 for number in kept]
    texts = (" ".join(lines[number].split()) if between == " " else f"{lines[number]}\n" for number in kept)
    reader = csv.reader(texts, delimiter=between, skipinitialspace=between != " ", strict=True)
    rows: list[list[str]] = []
    ends = [0]
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error as error:
        message = f"`{path}`, line {before + kept[ends[-1]] + 1}: the cells cannot be told apart: {error}"
        raise bad_file(message, help="look for a quotation mark that is not closed") from None
    return rows, [before + kept[end] + 1 for end in ends[:-1]]


def _is_for_csv(line: str) -> bool:
    """Whether words between spaces may not be the cells of a line: there are quotes, or csv takes no cell so long."""
    return '"' in line or len(line) > _LONGEST or "\0" in line


def separator(first: str) -> str:
    """What stands between the cells of a CSV file, as its first line shows."""
    return ";" if ";" in first and "," not in first else ","


def _is_header(path: str, cells: list[str], line: int, wanted: list[str]) -> bool:
    """Whether the first line names the columns. No row of numbers may be taken for a header, nor the other way."""
    numbers = [cell for cell in cells if is_number(cell)]
    if len(numbers) == len(cells):
        return False
    if any(not _is_index(name, len(cells)) for name in wanted):  # only a header can give such a name
        return True
    names = [cell for cell in cells if not _HARDLY_A_NAME.match(cell.strip())]
    if not (numbers and names):
        return bool(names)
    if wanted:
        mixed = f"`{shown(names[0])}` is not a number, and `{shown(numbers[0])}` is"
        raise bad_file(
            f"`{path}`, line {line} may be a header, or a row of values: {mixed}",
            help="write a line with the names of the columns above it, or take columns by the names in it",
        )
    return False


def _is_index(name: str, width: int) -> bool:
    return name.isascii() and name.isdigit() and len(name) <= len(str(width)) and int(name) < width


def _column(table: _DataTable, name: str) -> int:
    """The index of a column that is given by its name in the header, or by its number counted from 0."""
    places = [index for index, known in enumerate(table.header) if known == name]
    if len(places) == 1:
        return places[0]
    if places:
        message = f"`{table.path}` has {len(places)} columns `{shown(name)}`"
        raise bad_file(message, help=f"take one by its number, counted from 0: `{table.path}[{places[0]}]`")
    if _is_index(name, table.width):
        return int(name)
    message = f"`{table.path}` has no column `{shown(name)}`"
    if table.header:
        help_text = meant(name, filter(None, table.header))
        raise bad_file(message, note=f"its columns: {listed(table.header)}", help=help_text)
    note = f"it has {counted(table.width, 'column')} and no header"
    raise bad_file(message, note=note, help=f"take columns by number, counted from 0: `{table.path}[0]` is the first")


def _column_values(table: _DataTable, columns: list[int]) -> Array:
    """The numbers in some columns. Where one is wrong is looked for only when something is."""
    import numpy

    try:
        if set(map(len, table.rows)) != {table.width}:
            raise ValueError
        array = numpy.array(numbers_in([row[column] for row in table.rows for column in columns]))
        if numpy.isfinite(array).all():
            return array.reshape(len(table.rows), len(columns))
    except ValueError:
        pass
    mistakes = ((row, _mistake_in_row(table, row, columns)) for row in range(len(table.rows)))
    (row, (message, help_text)), *others = ((row, mistake) for row, mistake in mistakes if mistake)
    raise bad_value(f"`{table.path}`, line {table.line_of(row)}{message}", len(others), help_text)


def number_in(cell: str) -> float:
    """The value of a plain decimal number; Python would read `1_000` and other scripts' digits too.

    Raises ValueError.
    """
    cell = cell.strip()
    if "_" in cell or not cell.isascii():
        raise ValueError
    return float(cell)


def numbers_in(cells: Sequence[str]) -> list[float]:
    """The same of many cells. Raises ValueError."""
    text = "".join(cells)
    if "_" not in text and text.isascii():
        with suppress(ValueError):  # of what Python strips and `float` does not
            return [*map(float, cells)]
    return [*map(number_in, cells)]


def is_number(cell: str) -> bool:
    """Whether a cell is written as a number: `1e999` is, although too large a one, and `nan` is not."""
    try:
        return math.isfinite(number_in(cell)) or any(letter.isdigit() for letter in cell)
    except ValueError:
        return False


def _mistake_in_row(table: _DataTable, row: int, columns: list[int]) -> tuple[str, str] | None:
    """What is wrong with a row and what to do, or None."""
    cells = table.rows[row]
    if len(cells) != table.width:
        usual = len(table.rows[0]) == table.width
        other = f"line {table.line_of(0)}" if usual else f"the header in line {table.lines[0]}"
        message = f" has {counted(len(cells), 'value')}, and {other} has {table.width}"
        return message, "each line needs one value for each column"
    for column in columns:
        mistake = mistake_in_cell(cells[column])
        if mistake:
            message, help_text = mistake
            return f", {table.column(column)}: {message}", help_text or _help_for_text(table, row, column, columns)
    return None


def mistake_in_cell(cell: str) -> tuple[str, str] | None:
    """What keeps a cell from being a finite number, and what to do; None for nothing."""
    cell = cell.strip()
    if not cell:
        return "a value is missing", "write a number there, or leave the line out"
    message = f"`{shown(cell)}` is not a number"
    try:
        if math.isfinite(number_in(cell)):
            return None
        help_text = LARGEST if is_number(cell) else "write a number there, or leave the line out"
        return f"`{shown(cell)}` is not a finite number", help_text
    except ValueError:
        for mark, instead, help_text in (
            (",", ".", "write a point before the decimals; commas separate values, in a .csv file only"),
            ("_", "", "write the digits without `_`"),
        ):
            if is_number(cell.replace(mark, instead)):
                return message, help_text
        return message, ""


def _help_for_text(table: _DataTable, row: int, column: int, columns: list[int]) -> str:
    """What to do about a text among numbers: it may be a header, or a column that is not meant."""
    cell = tidy_name(table.rows[row][column])
    if row == 0 and not table.header:
        return f"{NUMBER}; if the line is a header, take columns by its names: `{table.path}[{shown(cell)}]`"
    others = [index for index in range(table.width) if index != column and is_number(table.rows[row][index])]
    if len(columns) == 1 or not others:
        return NUMBER
    name = table.header[others[0]] if table.header else ""
    by_name = name and "," not in name and table.header.count(name) == 1
    return f"{NUMBER}, or take only some columns: `{table.path}[{shown(name) if by_name else others[0]}]`"

"""Numbers for an input from a file: a table as CSV or such, a NumPy array, or JSON."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean
from adcli.syntax.source import Source, decode, read_source

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

_FILE = re.compile(r"(.*?\.(csv|tsv|txt|npy|npz|json))(?:\[(.*)\])?", re.IGNORECASE | re.DOTALL)
# What stands in a first line in place of a number, and is hardly the name of a column.
_HARDLY_A_NAME = re.compile(r"[-+]?(\.?\d|(nan|inf|infinity|na|n/a|null|none)?$)", re.IGNORECASE)
_FORMS = "a data file ends with .csv, .tsv, .txt, .npy, .npz or .json"
_NUMBER = "write a number, such as 2.5, -3 or 1e-6"
_LARGEST = "the largest number is about 1.8e308"
_MOST_NAMES = 20  # that a message lists
_MOST_LETTERS = 40  # of what a message quotes from a file


def names_file(text: str) -> bool:
    """Whether the text of an option names a data file, such as `data.csv` or `data.csv[height,weight]`."""
    return _FILE.fullmatch(text) is not None


def read_array(text: str, what: str) -> float | Array:
    """The number, the vector or the matrix in a data file, or in some of its columns: `data.csv[height,weight]`.

    Raises AdError `data-file` where there is no such file, column or member, or it has another format, and
    `data-value` where a value is missing or is not a finite number. `what` is the option that names the file.
    """
    match = _FILE.fullmatch(text)
    if match is None:
        raise _bad_file(f"{what} is given `{_shown(text)}`, which names no data file", help=_FORMS)
    path, kind, part = match[1], match[2].lower(), match[3]
    if kind == "json":
        return _from_json(path, part)
    if kind == "npz":
        return _from_archive(path, part)
    if kind == "npy":
        if part is not None:
            raise _bad_file(f"`{path}` holds one array, and no `{_shown(part)}`", help=f"write `{path}`")
        return _from_npy(path)
    return _from_table(path, kind, part)


def read_point(path: str) -> dict[str, float | Array]:
    """Every array of an `.npz` archive, by its name.

    Raises AdError `data-file` or `data-value`, as `read_array` does.
    """
    if not path.lower().endswith(".npz"):
        raise _no_archive(path)
    with _archive(path) as arrays:
        if not arrays:
            raise _no_numbers(path)
        return {name: _as_float64(array, f"`{path}`, array `{_shown(name)}`") for name, array in arrays.items()}


def _bad_file(message: str, help: str = "", note: str = "") -> AdError:
    return AdError(Problem("data-file", message, note=note, help=help))


def _bad_value(message: str, more: int, help: str) -> AdError:
    """The first mistake, and how many more places have one."""
    return AdError(Problem("data-value", f"{message} (and {more} more)" if more else message, help=help))


def _no_archive(path: str) -> AdError:
    return _bad_file(f"`{path}` is not an archive of NumPy arrays", help="`numpy.savez` writes such a file")


def _no_numbers(path: str, help: str = "") -> AdError:
    return _bad_file(f"`{path}` holds no numbers", help=help)


def _shown(value: object) -> str:
    """A text from a file as part of a message: in one line, and not too long."""
    text = str(value)[: _MOST_LETTERS + 1]
    text = text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 1]}…"
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(f"`{_shown(name)}`" for name in names[:_MOST_NAMES])
    return listed if len(names) <= _MOST_NAMES else f"{listed} and {len(names) - _MOST_NAMES} more"


def _meant(name: str, known: Iterable[str]) -> str:
    return did_you_mean(name, map(_shown, known))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


# Bytes and text


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: Exception) -> AdError:
    if os.path.isdir(path):
        return _bad_file(f"`{path}` is a directory, not a data file", help="name a file in it")
    try:
        read_source(path)  # fails too, and says it as for a program
    except AdError as same:
        return AdError(same.problems[0]._replace(code="data-file"))
    return _bad_file(f"cannot read `{path}`: {error}")


def _text(path: str) -> str:
    try:
        return Source(path, decode(_content(path), path)).text
    except AdError as error:
        raise AdError(error.problems[0]._replace(code="data-file")) from None


# Tables: .csv, .tsv and .txt


class _Table(NamedTuple):
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
        return f"column `{_shown(name)}`" if name else f"column {index + 1}"

    def line_of(self, row: int) -> int:
        return self.lines[row + bool(self.header)]


def _from_table(path: str, kind: str, part: str | None) -> Array:
    wanted = None if part is None else _wanted(path, part)
    table = _read_table(path, kind, wanted or [])
    columns = list(range(table.width)) if wanted is None else [_column(table, name) for name in wanted]
    if not table.rows:
        raise _no_numbers(path, help=f"write numbers below the header in line {table.lines[0]}")
    array = _column_values(table, columns)
    return array.reshape(-1) if len(columns) == 1 else array


def _wanted(path: str, part: str) -> list[str]:
    """The columns between the brackets of `data.csv[height,weight]`; one with a comma may stand in quotes."""
    try:
        cells = next(csv.reader([part], skipinitialspace=True, strict=True), [])
    except csv.Error:
        cells = []
    names = [_tidy_name(cell) for cell in cells]
    if not names or "" in names:
        raise _bad_file(f"`{path}[{_shown(part)}]` does not name columns", help=f"write `{path}[height,weight]`")
    return names


def _tidy_name(cell: str) -> str:
    return " ".join(cell.split())


def _read_table(path: str, kind: str, wanted: list[str]) -> _Table:
    lines = _text(path).split("\n")
    # In a file with tabs a line of nothing but tabs is a row without values.
    blanks = " " if kind == "tsv" else None
    kept = [number for number, line in enumerate(lines) if line.strip(blanks) and not line.startswith("#")]
    if not kept:
        raise _no_numbers(path)
    rows, starts = _records(path, kind, lines, kept)
    if not _is_header(path, rows[0], starts[0], wanted):
        return _Table(path, [], rows, starts)
    return _Table(path, [_tidy_name(cell) for cell in rows[0]], rows[1:], starts)


def _records(path: str, kind: str, lines: list[str], kept: list[int]) -> tuple[list[list[str]], list[int]]:
    """The cells of each row, and the line at which it starts: a cell in quotes may go over several lines."""
    separator = {"tsv": "\t", "txt": " "}.get(kind) or _separator(lines[kept[0]])
    texts = (" ".join(lines[number].split()) if kind == "txt" else f"{lines[number]}\n" for number in kept)
    reader = csv.reader(texts, delimiter=separator, skipinitialspace=separator != " ", strict=True)
    rows: list[list[str]] = []
    ends = [0]
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error as error:
        message = f"`{path}`, line {kept[ends[-1]] + 1}: the cells cannot be told apart: {error}"
        raise _bad_file(message, help="look for a quotation mark that is not closed") from None
    return rows, [kept[end] + 1 for end in ends[:-1]]


def _separator(first: str) -> str:
    return ";" if ";" in first and "," not in first else ","


def _is_header(path: str, cells: list[str], line: int, wanted: list[str]) -> bool:
    """Whether the first line names the columns. No row of numbers may be taken for a header, nor the other way."""
    numbers = [cell for cell in cells if _is_number(cell)]
    if len(numbers) == len(cells):
        return False
    if any(not _is_index(name, len(cells)) for name in wanted):  # only a header can give such a name
        return True
    names = [cell for cell in cells if not _HARDLY_A_NAME.match(cell.strip())]
    if not (numbers and names):
        return bool(names)
    if wanted:
        found = f"`{_shown(names[0])}` is not a number, and `{_shown(numbers[0])}` is"
        raise _bad_file(
            f"`{path}`, line {line} may be a header, or a row of values: {found}",
            help="write a line with the names of the columns above it, or take columns by the names in it",
        )
    return False


def _is_index(name: str, width: int) -> bool:
    return name.isascii() and name.isdigit() and len(name) <= len(str(width)) and int(name) < width


def _column(table: _Table, name: str) -> int:
    """The index of a column that is given by its name in the header, or by its number counted from 0."""
    places = [index for index, known in enumerate(table.header) if known == name]
    if len(places) == 1:
        return places[0]
    if places:
        message = f"`{table.path}` has {len(places)} columns `{_shown(name)}`"
        raise _bad_file(message, help=f"take one by its number, counted from 0: `{table.path}[{places[0]}]`")
    if _is_index(name, table.width):
        return int(name)
    message = f"`{table.path}` has no column `{_shown(name)}`"
    if table.header:
        help_text = _meant(name, filter(None, table.header))
        raise _bad_file(message, note=f"its columns: {_listed(table.header)}", help=help_text)
    note = f"it has {_counted(table.width, 'column')} and no header"
    raise _bad_file(message, note=note, help=f"take columns by number, counted from 0: `{table.path}[0]` is the first")


def _column_values(table: _Table, columns: list[int]) -> Array:
    """The numbers in some columns. Where one is wrong is looked for only when something is."""
    import numpy

    try:
        if any(len(row) != table.width for row in table.rows):
            raise ValueError
        numbers = (_number(row[column]) for row in table.rows for column in columns)
        array = numpy.fromiter(numbers, numpy.float64, len(table.rows) * len(columns))
        if numpy.isfinite(array).all():
            return array.reshape(len(table.rows), len(columns))
    except ValueError:
        pass
    mistakes = ((row, _mistake_in_row(table, row, columns)) for row in range(len(table.rows)))
    (row, (message, help_text)), *others = ((row, mistake) for row, mistake in mistakes if mistake)
    raise _bad_value(f"`{table.path}`, line {table.line_of(row)}{message}", len(others), help_text)


def _number(cell: str) -> float:
    """The value of a plain decimal number; Python would read `1_000` and other scripts' digits too."""
    cell = cell.strip()
    if "_" in cell or not cell.isascii():
        raise ValueError
    return float(cell)


def _is_number(cell: str) -> bool:
    """Whether a cell is written as a number: `1e999` is, although too large a one, and `nan` is not."""
    try:
        return math.isfinite(_number(cell)) or any(letter.isdigit() for letter in cell)
    except ValueError:
        return False


def _mistake_in_row(table: _Table, row: int, columns: list[int]) -> tuple[str, str] | None:
    """What is wrong with a row and what to do, or None."""
    cells = table.rows[row]
    if len(cells) != table.width:
        usual = len(table.rows[0]) == table.width
        other = f"line {table.line_of(0)}" if usual else f"the header in line {table.lines[0]}"
        message = f" has {_counted(len(cells), 'value')}, and {other} has {table.width}"
        return message, "each line needs one value for each column"
    for column in columns:
        mistake = _mistake_in_cell(cells[column])
        if mistake:
            message, help_text = mistake
            return f", {table.column(column)}: {message}", help_text or _help_for_text(table, row, column, columns)
    return None


def _mistake_in_cell(cell: str) -> tuple[str, str] | None:
    cell = cell.strip()
    if not cell:
        return "a value is missing", "write a number there, or leave the line out"
    message = f"`{_shown(cell)}` is not a number"
    try:
        if math.isfinite(_number(cell)):
            return None
        help_text = _LARGEST if _is_number(cell) else "write a number there, or leave the line out"
        return f"`{_shown(cell)}` is not a finite number", help_text
    except ValueError:
        for separator, instead, help_text in (
            (",", ".", "write a point before the decimals; commas separate values, in a .csv file only"),
            ("_", "", "write the digits without `_`"),
        ):
            if _is_number(cell.replace(separator, instead)):
                return message, help_text
        return message, ""


def _help_for_text(table: _Table, row: int, column: int, columns: list[int]) -> str:
    """What to do about a text among numbers: it may be a header, or a column that is not meant."""
    cell = _tidy_name(table.rows[row][column])
    if row == 0 and not table.header:
        return f"{_NUMBER}; if the line is a header, take columns by its names: `{table.path}[{_shown(cell)}]`"
    others = [index for index in range(table.width) if index != column and _is_number(table.rows[row][index])]
    if len(columns) == 1 or not others:
        return _NUMBER
    name = table.header[others[0]] if table.header else ""
    by_name = name and "," not in name and table.header.count(name) == 1
    return f"{_NUMBER}, or take only some columns: `{table.path}[{_shown(name) if by_name else others[0]}]`"


# NumPy's files


def _from_npy(path: str) -> float | Array:
    import numpy

    content = _content(path)
    if not content.startswith(b"\x93NUMPY"):
        raise _bad_file(f"`{path}` is not a NumPy array", help="`numpy.save` writes such a file")
    with _numpy_reads(path):
        array = numpy.load(io.BytesIO(content), allow_pickle=False)
    return _as_float64(array, f"`{path}`")


def _from_archive(path: str, name: str | None) -> float | Array:
    with _archive(path) as arrays:
        known = list(arrays)
        if not known:
            raise _no_numbers(path)
        if name is None and len(known) > 1:
            message = f"`{path}` holds {len(known)} arrays: {_listed(known)}"
            raise _bad_file(message, help=f"take one of them: `{path}[{_shown(known[0])}]`")
        chosen = known[0] if name is None else name.strip()
        if chosen not in arrays:
            message = f"`{path}` has no array `{_shown(chosen)}`"
            raise _bad_file(message, note=f"its arrays: {_listed(known)}", help=_meant(chosen, known))
        return _as_float64(arrays[chosen], f"`{path}`, array `{_shown(chosen)}`")


@contextmanager
def _archive(path: str) -> Iterator[Mapping[str, Any]]:
    """The arrays of an archive, each of which is read when it is asked for."""
    import numpy

    content = _content(path)
    if not content.startswith(b"PK"):
        raise _no_archive(path)
    with _numpy_reads(path), numpy.load(io.BytesIO(content), allow_pickle=False) as archive:
        yield archive


@contextmanager
def _numpy_reads(path: str) -> Iterator[None]:
    """Tell as an AdError whatever NumPy and the modules below it raise at a file that is damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except AdError:
        raise
    except Exception as error:  # there are too many kinds to name: of zip, zlib, the header's syntax, memory
        if "Object arrays" in str(error):
            raise _bad_file(f"`{path}` holds Python objects, not numbers", help=_save_numbers()) from None
        reason = _shown(str(error).split("\n")[0] or type(error).__name__)
        raise _bad_file(f"`{path}` is damaged and cannot be read: {reason}", help="write the file again") from None


def _save_numbers() -> str:
    return "save an array of real numbers: its `dtype` should be float64"


def _as_float64(array: Any, name: str) -> float | Array:
    """An array as NumPy loaded it, as numbers; `name` is what messages call it."""
    import numpy

    if not isinstance(array, numpy.ndarray):  # a member of an archive that is no array is given as bytes
        raise _bad_file(f"{name} is not a NumPy array", help="`numpy.savez` writes such a file")
    if array.dtype.kind not in "biuf":
        raise _bad_file(f"{name} holds elements of type {_shown(array.dtype)}, not real numbers", help=_save_numbers())
    if array.ndim > 2:
        message = f"{name} has {array.ndim} dimensions: its shape is {array.shape}"
        raise _bad_file(message, help="an input is a number, a vector or a matrix: save a part of the array")
    if not array.size:
        raise _bad_file(f"{name} holds no numbers", note=f"its shape is {array.shape}")
    with numpy.errstate(all="ignore"):
        numbers = numpy.array(array, numpy.float64, order="C")
    wrong = numpy.argwhere(~numpy.isfinite(numbers))
    if len(wrong):
        index = tuple(wrong[0].tolist())
        message = f"{_element(name, index)}: `{array[index]}` is not a finite number"
        raise _bad_value(message, len(wrong) - 1, "every element should be a finite number")
    return numbers if numbers.ndim else float(numbers)


def _element(name: str, index: Iterable[int]) -> str:
    listed = ", ".join(map(str, index))
    return f"{name}, element [{listed}]" if listed else name


# JSON


def _from_json(path: str, member: str | None) -> float | Array:
    try:
        data = json.loads(_text(path), parse_int=float)  # a number may have more digits than an int may
    except (ValueError, RecursionError) as error:
        raise _bad_file(f"`{path}` is not JSON that can be read: {error}", help=_json_forms(path)) from None
    name = f"`{path}`"
    if member is not None:
        data, name = _member(path, data, member.strip()), f"{name}, member `{_shown(member.strip())}`"
    elif isinstance(data, dict):
        members = f"an object with the members {_listed(list(data))}" if data else "an empty object"
        help_text = f"take one of them: `{path}[{_shown(next(iter(data)))}]`" if data else _json_forms(path)
        raise _bad_file(f"{name} holds {members}", help=help_text)
    return _json_numbers(data, name)


def _json_forms(path: str) -> str:
    return f'it should hold numbers, as in [1, 2] or [[1, 2], [3, 4]]; `{path}[a]` takes them from {{"a": [1, 2]}}'


def _member(path: str, data: object, member: str) -> object:
    if not isinstance(data, dict):
        raise _bad_file(f"`{path}` holds no JSON object, so no member `{_shown(member)}`", help=f"write `{path}`")
    if member not in data:
        note = f"its members: {_listed(list(data)) or 'none'}"
        raise _bad_file(f"`{path}` has no member `{_shown(member)}`", note=note, help=_meant(member, data))
    return data[member]


def _json_numbers(data: object, name: str) -> float | Array:
    """A number, a list of numbers, or a list of equally long lists of them; `name` is what messages call it."""
    import numpy

    if isinstance(data, list) and all(row == [] for row in data):
        raise _bad_file(f"{name} holds no numbers")
    mistakes = _json_mistakes(data, name)
    first = next(mistakes, None)
    if first is not None:
        message, help_text = first
        raise _bad_value(message, sum(1 for _ in mistakes), help_text)
    return numpy.array(data, numpy.float64) if isinstance(data, list) else float(data)  # type: ignore[arg-type]


def _json_mistakes(data: object, name: str) -> Iterator[tuple[str, str]]:
    """What is wrong and what to do about it, once for each row that has mistakes."""
    rows = data if isinstance(data, list) else []
    first = next((index for index, row in enumerate(rows) if isinstance(row, list)), None)
    if not isinstance(data, list):
        mistakes = iter([_json_mistake(data, name)])
    elif first is None:
        mistakes = (_json_mistake(value, name, index) for index, value in enumerate(data))
    else:
        mistakes = (_json_mistake_in_row(data, index, first, name) for index in range(len(data)))
    return filter(None, mistakes)


def _json_mistake_in_row(rows: list[object], index: int, first: int, name: str) -> tuple[str, str] | None:
    """What is wrong with a row of a matrix; its row `first` tells how long all should be."""
    row, model = rows[index], rows[first]
    assert isinstance(model, list)
    if not isinstance(row, list):
        message = f"{_element(name, [index])}: `{_json_text(row)}` is not a list, and element [{first}] is one"
        return message, "write a list of numbers, or a list of equally long lists of them"
    if len(row) != len(model):
        message = f"{_element(name, [index])} has {_counted(len(row), 'value')}, and element [{first}] has {len(model)}"
        return message, "each row needs equally many values"
    mistakes = (_json_mistake(value, name, index, column) for column, value in enumerate(row))
    return next(filter(None, mistakes), None)


def _json_mistake(value: object, name: str, *index: int) -> tuple[str, str] | None:
    if isinstance(value, list):
        message = f"{_element(name, index)}: a list stands where a number should be"
        return message, "an input is a number, a vector or a matrix, and has no more than two dimensions"
    if not isinstance(value, float):  # all JSON numbers are float here, and true is none
        return f"{_element(name, index)}: `{_json_text(value)}` is not a number", _NUMBER
    if not math.isfinite(value):
        return f"{_element(name, index)}: `{value}` is not a finite number", _LARGEST
    return None


def _json_text(value: object) -> str:
    return "{…}" if isinstance(value, dict) else _shown(json.dumps(value, ensure_ascii=False))

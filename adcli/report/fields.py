"""A field of a report: declared once, it becomes JSON, CSV, a cell of a table, and a line of the README."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from adcli.records import NamedTuple
from adcli.report.cells import Cell, Column, Digits, Records, RowsOfCells, Table
from adcli.tape.describe import large


class Field(NamedTuple):
    """One thing that a report, or a row of one, says.

    Attributes:
        key: in the JSON; a field that only tables show has none
        about: what it is, for README.md
        get: the value of a row; by default the row's attribute of that name
        form: how objects, or numbers by name, nest in the value: `{output: {input: number}}`
        fields: of those objects
        when: where the JSON has the key; elsewhere the value is None, and is left out. By default it is always there
        csv: its heading in CSV; by default the key
        record: the cell in CSV; by default the value
        column: of the table that a person reads
        show: the cell of that column; by default the value
        text: the same, where numbers stand in a text and get the digits that are asked for
    """

    key: str
    about: str = ""
    get: Callable[[Any], Any] | None = None
    form: str = ""
    fields: tuple[Field, ...] = ()
    when: str = ""
    csv: str = ""
    record: Callable[[Any], Cell] | None = None
    column: Column | None = None
    show: Callable[[Any], Cell] | None = None
    text: Callable[[Any, Digits], Cell] | None = None

    def of(self, row: Any) -> Any:
        """The value of a row."""
        return getattr(row, self.key) if self.get is None else self.get(row)

    def getter(self) -> Callable[[Any], Any]:
        """The function that gives the value of a row: for many rows it is asked for once."""
        return self.get or attrgetter(self.key)

    def cell(self, row: Any, digits: Digits) -> Cell:
        """What a person reads of a row."""
        if self.text is not None:
            return self.text(row, digits)
        return self.of(row) if self.show is None else self.show(row)

    def shown(self, column: Column, show: Callable[[Any], Cell] | None = None) -> Field:
        """The same field with a column."""
        return self._replace(column=column, show=show)


def as_dict(row: Any, fields: Iterable[Field]) -> dict[str, Any]:
    """The JSON of a row."""
    values = ((field, field.of(row)) for field in fields if field.key)
    return {field.key: _plain(value, field.fields) for field, value in values if value is not None or not field.when}


def _plain(value: Any, fields: tuple[Field, ...]) -> Any:
    """The same with a dictionary for each row; rows may stand in lists and mappings, as deep as `form` says."""
    if not fields or value is None:
        return value
    if isinstance(value, Mapping):
        return {key: _plain(item, fields) for key, item in value.items()}
    if type(value) in (list, tuple) or isinstance(value, Iterator):
        return [_plain(item, fields) for item in value]
    return as_dict(value, fields)


def records_of(rows: Iterable[Any], fields: Iterable[Field]) -> Records:
    """The rows as CSV has them."""
    fields = [field for field in fields if field.key]
    getters = [field.record or field.getter() for field in fields]
    headings = tuple(field.csv or field.key for field in fields)
    return Records(headings, RowsOfCells(iter(rows), lambda row: tuple([get(row) for get in getters])))


def table(
    title: str,
    rows: Sequence[Any],
    fields: Iterable[Field],
    caption: str = "",
    digits: Digits = 6,
    marked: Callable[[Any], bool] | None = None,
    dimmed: Callable[[Any], bool] | None = None,
) -> Table:
    """The table that a person reads, with those of the fields that have a column.

    Args:
        title: of the table
        rows: what to show; a text stands for rows that are left out, across all columns, and a tuple has cells as
            they are
        fields: of a row
        caption: what stands below
        digits: of numbers within texts
        marked: which rows to draw attention to
        dimmed: which rows to play down
    """
    shown = [field for field in fields if field.column is not None]
    return Table(
        title,
        tuple(field.column for field in shown if field.column is not None),
        tuple(_cells(row, shown, digits) for row in rows),
        caption,
        marked=_places(rows, marked),
        dimmed=_places(rows, dimmed),
        headings=frozenset(place for place, row in enumerate(rows) if isinstance(row, str)),
    )


def _is_row(row: Any) -> bool:
    return not isinstance(row, str) and type(row) is not tuple


def _places(rows: Sequence[Any], wanted: Callable[[Any], bool] | None) -> frozenset[int]:
    """Where the wanted rows are."""
    return frozenset(place for place, row in enumerate(rows) if wanted is not None and _is_row(row) and wanted(row))


def _cells(row: Any, fields: Sequence[Field], digits: Digits) -> tuple[Cell, ...]:
    if _is_row(row):
        return tuple(field.cell(row, digits) for field in fields)
    return (row, *(None for _ in fields[1:])) if isinstance(row, str) else row


def picked(fields: Iterable[Field], keys: str) -> tuple[Field, ...]:
    """Some of the fields, in the order in which the keys are given, with spaces between them."""
    by_key = {field.key: field for field in fields}
    return tuple(by_key[key] for key in keys.split())


def rounded(digits: float | None) -> float | None:
    """A number of digits as JSON and CSV have it."""
    return None if digits is None else round(digits, 1)


def counted(count: int, most_bits: int = 53) -> int | str:
    """A count as JSON has it: as a text where numbers of JSON have not as many digits, beyond `most_bits` rounded."""
    if count < 2**53:
        return count
    return str(count) if count.bit_length() < most_bits else large(count).removeprefix("about ")


def within(part: str, fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields of a part of a row, which is an attribute of it, as fields of the row. Nothing is said of no part."""

    def of_part(get: Callable[..., Any]) -> Callable[..., Any]:
        return lambda row, *digits: None if getattr(row, part) is None else get(getattr(row, part), *digits)

    return tuple(
        field._replace(
            get=of_part(field.of),
            record=None if field.record is None else of_part(field.record),
            show=None if field.show is None else of_part(field.show),
            text=None if field.text is None else of_part(field.text),
        )
        for field in fields
    )

"""A field of a report: declared once, it becomes JSON, CSV, a cell of a table, and a line of the README."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from adcli.report.cells import Cell, Column, Table


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

    def of(self, row: Any) -> Any:
        """The value of a row."""
        return getattr(row, self.key) if self.get is None else self.get(row)


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
    if type(value) in (list, tuple):
        return [_plain(item, fields) for item in value]
    return as_dict(value, fields)


def headings(fields: Iterable[Field]) -> tuple[str, ...]:
    """The headings of the fields in CSV."""
    return tuple(field.csv or field.key for field in fields if field.key)


def record(row: Any, fields: Iterable[Field]) -> tuple[Cell, ...]:
    """The cells of a row in CSV: all empty where there is no row."""
    fields = [field for field in fields if field.key]
    if row is None:
        return (None,) * len(fields)
    return tuple(field.of(row) if field.record is None else field.record(row) for field in fields)


def record_table(title: str, rows: Iterable[Any], fields: Sequence[Field]) -> Table:
    """The table of CSV: the rows, one to a line."""
    return Table(title, tuple(map(Column, headings(fields))), tuple(record(row, fields) for row in rows))


def columns(fields: Iterable[Field]) -> tuple[Column, ...]:
    """The columns of the fields that a table has."""
    return tuple(field.column for field in fields if field.column is not None)


def cells(row: Any, fields: Iterable[Field]) -> tuple[Cell, ...]:
    """What a person reads of a row, below these columns."""
    shown = (field for field in fields if field.column is not None)
    return tuple(field.of(row) if field.show is None else field.show(row) for field in shown)


def picked(fields: Iterable[Field], keys: str) -> tuple[Field, ...]:
    """Some of the fields, in the order in which the keys are given, with spaces between them."""
    by_key = {field.key: field for field in fields}
    return tuple(by_key[key] for key in keys.split())


def rounded(digits: float | None) -> float | None:
    """A number of digits as JSON and CSV have it."""
    return None if digits is None else round(digits, 1)


def within(part: str, fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields of a part of a row, which is an attribute of it, as fields of the row."""

    def of_part(field: Field) -> Callable[[Any], Any]:
        return lambda row: field.of(getattr(row, part))

    return tuple(field._replace(get=of_part(field)) for field in fields)

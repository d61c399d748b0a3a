"""Rows of the table by name, of which some families are imported only when they are needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from importlib import import_module

from adcli.rules.primitive import Primitive


class Rows(MutableMapping[str, Primitive]):
    """Name → row. A row of a rare family costs a start nothing: its module is imported when the row is looked up.

    Args:
        rows: those that are here
        rare: for the name of each other row the module that has it among its `ROWS`
        aliases: second names of rows, by which they are found too, and which are not listed
    """

    def __init__(
        self, rows: Iterable[Primitive], rare: Mapping[str, str] = {}, aliases: Mapping[str, str] = {}
    ) -> None:
        self._rows = {row.name: row for row in rows}
        self._rare = rare
        self._aliases = aliases

    def __getitem__(self, name: str) -> Primitive:
        row = self._rows.get(name)
        if row is not None:
            return row
        if name in self._aliases:
            return self[self._aliases[name]]
        for row in import_module(f"adcli.rules.{self._rare[name]}").ROWS:
            if row.name in self._rare:
                self._rows.setdefault(row.name, row)
        return self._rows[name]

    def __contains__(self, name: object) -> bool:
        return name in self._rows or name in self._rare or name in self._aliases

    def __iter__(self) -> Iterator[str]:
        yield from [name for name in self._rows if name not in self._rare]
        yield from self._rare

    def __len__(self) -> int:
        return len(self._rows.keys() | self._rare.keys())

    def __setitem__(self, name: str, row: Primitive) -> None:
        self._rows[name] = row

    def __delitem__(self, name: str) -> None:
        del self._rows[name]


def rare(families: Mapping[str, str]) -> dict[str, str]:
    """For each name the module of its family, from the names of each family in one text."""
    return {name: family for family, names in families.items() for name in names.split()}

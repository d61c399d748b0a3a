"""The inputs of a program that does not declare them: the names that nothing gives a value."""

from __future__ import annotations

from collections.abc import Iterable

from adcli.program.elsewhere import is_meant_otherwise
from adcli.rules.table import CONSTANTS
from adcli.syntax import nodes


def free_names(statements: Iterable[nodes.Statement]) -> list[nodes.Name]:
    """The names that are read and never assigned, each where it stands first, in the order of the text."""
    statements = list(statements)
    known = {*CONSTANTS, *(name.name for s in nodes.own_statements(statements) for name in nodes.targets_of(s))}
    known.update(statement.name.name for statement in statements if isinstance(statement, nodes.Definition))
    found: dict[str, nodes.Name] = {}
    for statement in statements:
        own = _own_names(statement)
        for name in _names_read(statement):
            if name.name not in known and name.name not in own and not is_meant_otherwise(name.name):
                found.setdefault(name.name, name)
    return list(found.values())


def _own_names(statement: nodes.Statement) -> set[str]:
    """The parameters of a function, and what it assigns."""
    if not isinstance(statement, nodes.Definition):
        return set()
    inside = [name.name for s in nodes.nested([statement]) for name in nodes.targets_of(s)]
    return {*inside, *(parameter.name for parameter in statement.parameters)}


def _names_read(statement: nodes.Statement) -> Iterable[nodes.Name]:
    """The names in the expressions of a statement, and of those in its blocks."""
    for inner in nodes.nested([statement]):
        if isinstance(inner, nodes.Claim):
            continue  # its names are those of the program, which has them without it
        for expression in nodes.expressions_of(inner):
            yield from nodes.names_read(expression)

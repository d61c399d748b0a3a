"""How many values the functions of a program return: as many as each `return` says, or the function that it calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from adcli.errors import Problem
from adcli.syntax import nodes
from adcli.syntax.source import Source, Span


class _Result(NamedTuple):
    """What a `return`, or the body of a function, gives: so many values, or those of the function that it calls."""

    values: int
    called: str
    span: Span


def counts_of(definitions: Mapping[str, nodes.Definition]) -> dict[str, int]:
    """How many values each function returns; a call of another one in a `return` passes on all that that returns."""
    results = {name: list(_results(definition)) for name, definition in definitions.items()}
    counts = {name: max([result.values for result in own], default=1) for name, own in results.items()}
    callers: dict[str, set[str]] = {}
    for name, own in results.items():
        for result in own:
            callers.setdefault(result.called, set()).add(name)
    todo = [name for name, count in counts.items() if count > 1]
    while todo:
        called = todo.pop()
        for caller in callers.get(called, ()):
            if counts[caller] < counts[called]:
                counts[caller] = counts[called]
                todo.append(caller)
    return counts


def uneven_returns(
    definitions: Mapping[str, nodes.Definition], counts: Mapping[str, int], source: Source
) -> list[Problem]:
    """The places where a function returns fewer values than elsewhere."""
    problems = []
    for name, definition in definitions.items():
        if counts[name] == 1:
            continue
        results = list(_results(definition))
        most = next((result for result in results if _count(result, counts) == counts[name]), results[0])
        for result in results:
            count = _count(result, counts)
            if count != counts[name]:
                line = source.place(most.span.start)[0]
                message = f"`{name}` returns {counts[name]} values on line {line}, and {count} here"
                help_text = "a function returns the same number of values on every way through it"
                problems.append(Problem("several-values", message, result.span, help=help_text))
    return problems


def _count(result: _Result, counts: Mapping[str, int]) -> int:
    return counts.get(result.called, 1) if result.called else result.values


def _results(definition: nodes.Definition) -> Iterator[_Result]:
    body = definition.body
    if not isinstance(body, nodes.Block):
        yield _result((body,), body.span)
        return
    for statement in nodes.own_statements(body.statements):
        if isinstance(statement, nodes.Return):
            yield _result(statement.values, statement.span)


def _result(values: tuple[nodes.Expression, ...], span: Span) -> _Result:
    called = values[0].function if len(values) == 1 and isinstance(values[0], nodes.Apply) else ""
    return _Result(len(values), called, span)

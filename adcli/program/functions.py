"""The functions that a program may call, each with the file that defines it, and what is known of them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from adcli.errors import Problem
from adcli.program.calls import ordered_operands
from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.syntax.source import Source, Span

_NONE: Mapping[str, Any] = MappingProxyType({})


class Function(NamedTuple):
    """A function of a program.

    Attributes:
        definition: what stands in the text
        visible: what its body may call: names, with the keys of the functions that they stand for
        home: the file that defines it; empty for the program's own
    """

    definition: nodes.Definition
    visible: Mapping[str, str] = _NONE
    home: str = ""


class Functions(NamedTuple):
    """All functions of a program, by their keys: that of one of its own is its name.

    Attributes:
        known: the functions
        counts: how many values each returns
        called: for each its parameters that are functions: it calls them, or passes them on to who does
        visible: what the program itself may call: names, with keys
    """

    known: Mapping[str, Function]
    counts: Mapping[str, int]
    called: Mapping[str, frozenset[str]]
    visible: Mapping[str, str]


NO_FUNCTIONS = Functions(_NONE, _NONE, _NONE, _NONE)


def functions_of(known: Mapping[str, Function], visible: Mapping[str, str]) -> Functions:
    """What there is to know of some functions."""
    return Functions(known, _counts(known), _called_parameters(known), visible)


def own_functions(definitions: Iterable[nodes.Definition]) -> dict[str, Function]:
    """The functions of one text, which see each other."""
    by_name: dict[str, nodes.Definition] = {}
    for definition in definitions:
        by_name.setdefault(definition.name.name, definition)
    visible = {name: name for name in by_name}
    return {name: Function(definition, visible) for name, definition in by_name.items()}


def _called_parameters(known: Mapping[str, Function]) -> dict[str, frozenset[str]]:
    called: dict[str, frozenset[str]] = {}
    calls: dict[str, list[nodes.Apply]] = {}
    for key, function in known.items():
        names = frozenset(parameter.name for parameter in function.definition.parameters)
        calls[key] = list(_applications(function.definition))
        called[key] = names.intersection(node.function for node in calls[key])
    grows = any(called.values())
    while grows:
        grows = False
        for key, function in known.items():
            own = {parameter.name for parameter in function.definition.parameters} - called[key]
            further = {name for call in calls[key] for name in _passed_on(call, function, known, called)} & own
            if further:
                called[key] |= further
                grows = True
    return called


def _passed_on(
    call: nodes.Apply, function: Function, known: Mapping[str, Function], called: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    """The names that a call gives to parameters that are functions."""
    key = function.visible.get(call.function, "")
    if not called.get(key):
        return
    definition = known[key].definition
    operands, _ = ordered_operands(call, definition)
    for parameter, operand in zip(definition.parameters, operands, strict=True):
        if parameter.name in called[key] and isinstance(operand, nodes.Name):
            yield operand.name


def _applications(definition: nodes.Definition) -> Iterator[nodes.Apply]:
    for statement in nodes.nested([definition]):
        for expression in nodes.expressions_of(statement):
            for node in nodes.subexpressions(expression):
                if isinstance(node, nodes.Apply):
                    yield node


# How many values they return


class _Result(NamedTuple):
    """What a `return`, or the body of a function, gives: so many values, or those of the function that it calls."""

    values: int
    called: str
    span: Span


def _counts(functions: Mapping[str, Function]) -> dict[str, int]:
    """How many values each function returns; a call of another one in a `return` passes on all that that returns."""
    results = {key: list(_results(function)) for key, function in functions.items()}
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


def uneven_returns(functions: Mapping[str, Function], counts: Mapping[str, int], source: Source) -> list[Problem]:
    """The places where a function returns fewer values than elsewhere."""
    problems = []
    for key, function in functions.items():
        if counts[key] == 1:
            continue
        results = list(_results(function))
        most = next((result for result in results if _count(result, counts) == counts[key]), results[0])
        for result in results:
            count = _count(result, counts)
            if count != counts[key]:
                line, name = source.place(most.span.start)[0], function.definition.name.name
                message = f"`{name}` returns {counts[key]} values on line {line}, and {count} here"
                help_text = "a function returns the same number of values on every way through it"
                problems.append(Problem("several-values", message, result.span, help=help_text))
    return problems


def _count(result: _Result, counts: Mapping[str, int]) -> int:
    return counts.get(result.called, 1) if result.called else result.values


def _results(function: Function) -> Iterator[_Result]:
    body = function.definition.body
    if not isinstance(body, nodes.Block):
        yield _result((body,), body.span, function)
        return
    for statement in nodes.own_statements(body.statements):
        if isinstance(statement, nodes.Return):
            yield _result(statement.values, statement.span, function)


def _result(values: tuple[nodes.Expression, ...], span: Span, function: Function) -> _Result:
    called = values[0].function if len(values) == 1 and isinstance(values[0], nodes.Apply) else ""
    return _Result(len(values), function.visible.get(called, ""), span)

"""A call of a function of the program: which operand is which parameter's, and which functions are passed to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from adcli.errors import Problem
from adcli.program.suggest import did_you_mean
from adcli.rules.table import CONSTANTS
from adcli.syntax import nodes


class Version(NamedTuple):
    """A function of the program, with the functions that its parameters stand for."""

    definition: nodes.Definition
    passed: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """What the code of it is called: `twice(sin)`."""
        functions = [function for _, function in self.passed]
        name = self.definition.name.name
        return f"{name}({', '.join(functions)})" if any(functions) else name


def ordered_operands(
    call: nodes.Apply, definition: nodes.Definition
) -> tuple[list[nodes.Expression | None], list[Problem]]:
    """The operand of each parameter, by its place, by its name or by its default, and what is wrong with the call."""
    names = [parameter.name for parameter in definition.parameters]
    operands: list[nodes.Expression | None] = [None] * len(names)
    problems: list[Problem] = []
    further = 0
    for place, operand in enumerate(call.operands):
        name = nodes.name_given(operand)
        if not name:
            if place < len(names) and operands[place] is None:
                operands[place] = operand
            else:
                further += 1
            continue
        if name not in names:
            problems.append(_no_parameter(definition, name, operand))
        elif operands[names.index(name)] is not None:
            problems.append(_given_twice(name, operand))
        else:
            operands[names.index(name)] = value_given(operand)
    operands = [given or constant(default) for given, default in zip(operands, definition.defaults, strict=True)]
    if (further or None in operands) and not problems:
        problems.append(_wrong_number(call, definition))
    return operands, problems


def value_given(operand: nodes.Expression) -> nodes.Expression:
    """The operand without the name of its parameter."""
    return operand.operands[0] if isinstance(operand, nodes.Apply) and nodes.name_given(operand) else operand


def constant(default: nodes.Expression | None) -> nodes.Expression | None:
    """A default with the values of `pi` and `e` in it: where the function is called these names may mean others."""
    if isinstance(default, nodes.Name) and default.name in CONSTANTS:
        return nodes.Number(repr(CONSTANTS[default.name]), default.span)
    if isinstance(default, nodes.Apply):
        operands = tuple(constant(operand) or operand for operand in default.operands)
        return nodes.Apply(default.function, operands, default.span)
    return default


def function_parameters(definitions: Mapping[str, nodes.Definition]) -> dict[str, frozenset[str]]:
    """For each function its parameters that are functions: it calls them, or passes them on to who does."""
    called: dict[str, frozenset[str]] = {}
    calls: dict[str, list[nodes.Apply]] = {}
    for name, definition in definitions.items():
        names = frozenset(parameter.name for parameter in definition.parameters)
        calls[name] = [node for node in _applications(definition) if node.operands]
        called[name] = names.intersection(node.function for node in _applications(definition))
    grows = any(called.values())
    while grows:
        grows = False
        for name, definition in definitions.items():
            own = {parameter.name for parameter in definition.parameters} - called[name]
            further = {passed for call in calls[name] for passed in _passed_on(call, definitions, called)} & own
            if further:
                called[name] |= further
                grows = True
    return called


def _passed_on(
    call: nodes.Apply, definitions: Mapping[str, nodes.Definition], called: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    """The names that a call gives to parameters that are functions."""
    definition = definitions.get(call.function)
    if definition is None or not called[call.function]:
        return
    operands, _ = ordered_operands(call, definition)
    for parameter, operand in zip(definition.parameters, operands, strict=True):
        if parameter.name in called[call.function] and isinstance(operand, nodes.Name):
            yield operand.name


def _applications(definition: nodes.Definition) -> Iterator[nodes.Apply]:
    for statement in nodes.nested([definition]):
        for expression in nodes.expressions_of(statement):
            for node in nodes.subexpressions(expression):
                if isinstance(node, nodes.Apply):
                    yield node


def _signature(definition: nodes.Definition) -> str:
    names = ", ".join(parameter.name for parameter in definition.parameters)
    return f"{definition.name.name}({names})"


def _no_parameter(definition: nodes.Definition, name: str, operand: nodes.Expression) -> Problem:
    message = f"`{definition.name.name}` has no parameter `{name}`"
    help_text = did_you_mean(name, [parameter.name for parameter in definition.parameters])
    return Problem("wrong-operand", message, operand.span, help=help_text or f"it is `{_signature(definition)}`")


def _given_twice(name: str, operand: nodes.Expression) -> Problem:
    message = f"the parameter `{name}` is given twice"
    return Problem("wrong-operand", message, operand.span, "given again", help="give each parameter once")


def _wrong_number(call: nodes.Apply, definition: nodes.Definition) -> Problem:
    most, count = len(definition.parameters), len(call.operands)
    least = most - sum(default is not None for default in definition.defaults)
    wanted = operands_text(most) if least == most else f"{least} to {operands_text(most)}"
    message = f"`{definition.name.name}` takes {wanted}, and is given {count}"
    label = f"given {operands_text(count)}"
    return Problem("wrong-arity", message, call.span, label, help=f"write `{_signature(definition)}`")


def operands_text(count: int) -> str:
    """`2 operands`."""
    return "no operand" if count == 0 else "1 operand" if count == 1 else f"{count} operands"

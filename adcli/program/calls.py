"""A call of a function of the program: which operand is which parameter's, and which functions are passed to it."""

from __future__ import annotations

from adcli.errors import Problem
from adcli.program.suggest import did_you_mean
from adcli.records import NamedTuple
from adcli.syntax import nodes


class Version(NamedTuple):
    """A function of the program, by its key, with the keys of the functions that its parameters stand for."""

    key: str
    passed: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """What the code of it is called: `twice(sin)`."""
        functions = [function for _, function in self.passed]
        return f"{self.key}({', '.join(functions)})" if any(functions) else self.key


def ordered_operands(
    call: nodes.Apply, definition: nodes.Definition
) -> tuple[list[nodes.Expression | None], list[Problem]]:
    """The operand of each parameter, by its place, its name or its default, and what is wrong with the call."""
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
    operands = [given or default for given, default in zip(operands, definition.defaults, strict=True)]
    if (further or None in operands) and not problems:
        problems.append(_wrong_number(call, definition))
    return operands, problems


def value_given(operand: nodes.Expression) -> nodes.Expression:
    """The operand without the name of its parameter."""
    return operand.operands[0] if isinstance(operand, nodes.Apply) and nodes.name_given(operand) else operand


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


def parameters_text(count: int) -> str:
    """`2 parameters`."""
    return "no parameter" if count == 0 else "1 parameter" if count == 1 else f"{count} parameters"

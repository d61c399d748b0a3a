"""Expressions as a list of operations on numbered slots: what the interpreter runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from adcli.errors import Problem
from adcli.program.suggest import did_you_mean
from adcli.rules.primitive import Primitive
from adcli.rules.table import BINARY_OPERATORS, CONSTANTS, COPY, FUNCTIONS, NEGATION, PRIMITIVES
from adcli.syntax import nodes
from adcli.syntax.source import Span

_SUGGESTIONS = 50  # mistakes for which a likely name is searched


class Code(NamedTuple):
    """Operations in order. The slots are: the parameters, then the constants, then one for each operation.

    Attributes:
        constants: the text and the value of each
        operations, functions, operands, names, spans: columns, a row for each operation: the primitive and its
            `value`, the slots that it is applied to, the name that its value is bound to, its place
        bindings: the slot of each name's last value
        result: the slot of the last value
    """

    constants: tuple[tuple[str, float], ...]
    operations: tuple[Primitive, ...]
    functions: tuple[Callable[..., float], ...]
    operands: tuple[tuple[int, ...], ...]
    names: tuple[str | None, ...]
    spans: tuple[Span, ...]
    bindings: Mapping[str, int]
    result: int


class CodeBuilder:
    """Turns expressions into code, one after another.

    Attributes:
        bindings: the slot of each name known so far; who knows the parameters' names puts them in
        problems: what is wrong with the expressions
    """

    def __init__(self, parameters: int = 0, defined_later: Mapping[str, int] | None = None) -> None:
        """Start with a number of parameters; `defined_later` has the line that first defines a name."""
        self.bindings: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._parameters = parameters
        self._defined_later = defined_later or {}
        self._constants: dict[str, tuple[int, float]] = {}
        self._operations: list[Primitive] = []
        self._operands: list[tuple[int, ...]] = []
        self._names: list[str | None] = []
        self._spans: list[Span] = []
        self._result = 0

    def bind(self, target: nodes.Name, value: nodes.Expression, span: Span) -> None:
        """Append an assignment. A name for what has an entry already becomes a copy: each binding is an entry."""
        slot = self.append(value)
        if not isinstance(value, nodes.Apply) or slot < 0:
            slot = self._operation(COPY, (slot,), span)
        self._names[-1] = target.name
        self._spans[-1] = span
        self.bindings[target.name] = slot

    def append(self, expression: nodes.Expression) -> int:
        """Append an expression's operations, innermost first; the slot of its value.

        Works through a stack of its own, so that no nesting is too deep.
        """
        slots: list[int] = []
        todo: list[tuple[nodes.Expression, bool]] = [(expression, False)]
        while todo:
            node, operands_done = todo.pop()
            if isinstance(node, nodes.Number):
                slots.append(self._number(node.text, node.span))
            elif isinstance(node, nodes.Name):
                slots.append(self._name(node))
            elif node.function == "-" and isinstance(node.operands[0], nodes.Number) and len(node.operands) == 1:
                slots.append(self._number(f"-{node.operands[0].text}", node.span))
            elif operands_done:
                count = len(node.operands)
                operands = tuple(slots[len(slots) - count :])
                del slots[len(slots) - count :]
                slots.append(self._operation(self._primitive(node), operands, node.span))
            else:
                todo.append((node, True))
                todo.extend((operand, False) for operand in reversed(node.operands))
        self._result = slots[0]
        return slots[0]

    def finish(self) -> Code:
        """The code so far."""
        shift = len(self._constants)
        first = self._parameters

        def final(slot: int) -> int:  # constants are -1, -2 … until their number is known
            return first - slot - 1 if slot < 0 else slot if slot < first else slot + shift

        return Code(
            tuple((text, value) for text, (_, value) in self._constants.items()),
            tuple(self._operations),
            tuple(operation.value for operation in self._operations),
            tuple(tuple(map(final, operands)) for operands in self._operands),
            tuple(self._names),
            tuple(self._spans),
            {name: final(slot) for name, slot in self.bindings.items()},
            final(self._result),
        )

    def _operation(self, primitive: Primitive, operands: tuple[int, ...], span: Span) -> int:
        self._operations.append(primitive)
        self._operands.append(operands)
        self._names.append(None)
        self._spans.append(span)
        return self._parameters + len(self._operations) - 1

    def _constant(self, text: str, value: float) -> int:
        return self._constants.setdefault(text, (-1 - len(self._constants), value))[0]

    def _number(self, text: str, span: Span) -> int:
        value = float(text)
        if value in (float("inf"), float("-inf")):
            self.problems.append(
                Problem(
                    "number-too-large", f"`{text}` is too large for a number", span,
                    help="the largest number is about 1.8e308",
                )
            )  # fmt: skip
        return self._constant(text, value)

    def _name(self, node: nodes.Name) -> int:
        slot = self.bindings.get(node.name)
        if slot is not None:
            return slot
        if node.name in CONSTANTS:
            return self._constant(node.name, CONSTANTS[node.name])
        self.problems.append(self._unknown_name(node))
        return 0

    def _unknown_name(self, node: nodes.Name) -> Problem:
        if node.name in self._defined_later:
            return Problem(
                "used-before-assignment", f"`{node.name}` is used before it has a value", node.span,
                "not yet defined here", help=f"it is defined on line {self._defined_later[node.name]}: "
                "move that line above this one",
            )  # fmt: skip
        if node.name in FUNCTIONS:
            help_text = f"`{node.name}` is a function: write `{node.name}(…)`"
        else:
            few = len(self.problems) < _SUGGESTIONS  # to search all names for each of thousands of mistakes takes long
            help_text = did_you_mean(node.name, [*self.bindings, *CONSTANTS]) if few else ""
        return Problem(
            "unknown-name", f"`{node.name}` is not defined", node.span,
            "not an input, and not assigned above", help=help_text,
        )  # fmt: skip

    def _primitive(self, node: nodes.Apply) -> Primitive:
        count = len(node.operands)
        if node.function in BINARY_OPERATORS:
            return BINARY_OPERATORS[node.function] if count == 2 else NEGATION
        name = Span(node.span.start, node.span.start + len(node.function))
        primitive = FUNCTIONS.get(node.function)
        if primitive is None:
            self.problems.append(self._unknown_function(node, name))
            return COPY
        if count < primitive.arity or (count > primitive.arity and not primitive.variadic):
            self.problems.append(wrong_arity(primitive, count, node.span))
        return primitive

    def _unknown_function(self, node: nodes.Apply, span: Span) -> Problem:
        if node.function in self.bindings or node.function in CONSTANTS:
            return Problem(
                "unknown-function", f"`{node.function}` is a value, not a function", span,
                "called like a function", help=f"to multiply, write `{node.function} * (…)`",
            )  # fmt: skip
        return Problem(
            "unknown-function", f"there is no function `{node.function}`", span, "not a function of the language",
            help=_function_help(node.function),
        )  # fmt: skip


def wrong_arity(primitive: Primitive, count: int, span: Span) -> Problem:
    """The problem of a call with the wrong number of operands."""
    wanted = f"{primitive.arity} or more operands" if primitive.variadic else _operands(primitive.arity)
    letters = ", ".join(primitive.letters(primitive.arity)) + (", …" if primitive.variadic else "")
    return Problem(
        "wrong-arity", f"`{primitive.name}` takes {wanted}, and is given {count}", span,
        f"given {_operands(count)}", help=f"write `{primitive.name}({letters})`: {primitive.summary}",
    )  # fmt: skip


def _function_help(name: str) -> str:
    primitive = PRIMITIVES.get(name)
    if primitive is not None:  # one that has an operator
        return f"write it with its operator: `{'-a' if primitive is NEGATION else f'a {primitive.symbol} b'}`"
    return did_you_mean(name, FUNCTIONS)


def _operands(count: int) -> str:
    return "no operand" if count == 0 else "1 operand" if count == 1 else f"{count} operands"

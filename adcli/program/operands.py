"""Names, numbers and functions → slots and operations: what expressions end in."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from adcli.errors import Problem
from adcli.program.build import CodeBuilder, Outside
from adcli.program.mistakes import (
    number_too_large,
    unknown_function,
    unknown_name,
    used_before_assignment,
    wrong_arity,
    wrong_subscripts,
)
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANTS, COPY, primitive_named
from adcli.syntax import nodes
from adcli.syntax.source import Span

_SUGGESTIONS = 50  # mistakes for which a likely name is searched


class OperandCompiler(CodeBuilder):
    """Knows what the names, the numbers and the functions of expressions stand for.

    Attributes:
        problems: what is wrong with them
    """

    def __init__(self, parameters: int = 0, outside: Outside | None = None) -> None:
        """Take what a builder takes; who knows the parameters' names puts them into `bindings`."""
        super().__init__(parameters, outside)
        self.problems: list[Problem] = []
        self._calls = 0  # of the program's functions that are still to come in this statement
        self._in_default = False  # whether the default of a parameter comes next
        self._target = ""  # the name that the statement assigns
        self._updates = False  # whether it assigns a part of an array
        self._fitting: dict[tuple[str, int], Primitive] = {}  # rows that were found to take so many operands

    def returned_by(self, function: str) -> int:
        """How many values a function returns."""
        return self.outside.all.counts.get(self.outside.key(function) or "", 1)

    def _number(self, text: str, span: Span) -> int:
        known = self._constants.get(text)
        if known is not None:
            return known[0]
        value = float(text)
        if value in (float("inf"), float("-inf")):
            self.problems.append(number_too_large(text, span))
        return self.constant(text, value)

    def _has(self, name: str) -> bool:
        """Whether a name stands for a slot here: of this code, or of the program around it."""
        outside = self.outside
        return name in self.bindings or (name in outside.variables and name not in outside.lines)

    def _name(self, node: nodes.Name) -> int:
        name = node.name
        if self._in_default and name in CONSTANTS:
            return self.constant(repr(CONSTANTS[name]), CONSTANTS[name])
        slot = self.bindings.get(name)
        outside = self.outside
        if slot is None and name in outside.variables and name not in outside.lines:
            slot = self.bindings[name] = self.outer_slot(name)
        if slot is not None:
            return self._kept(slot, node.span) if self._calls and name in outside.states else slot
        if name in CONSTANTS:
            return self.constant(name, CONSTANTS[name])
        if name in outside.lines:
            self.problems.append(used_before_assignment(node, outside.lines[name], name == self._target, self._updates))
        else:
            known = chain(self.bindings, outside.variables) if len(self.problems) < _SUGGESTIONS else None
            self.problems.append(unknown_name(node, known, outside.functions))
        return 0

    def _calls_in(self, expressions: Iterable[nodes.Expression]) -> int:
        """How often expressions call functions of the program."""
        functions, passed = self.outside.functions, self.outside.passed
        if not (functions and self.outside.states):
            return 0  # then nobody asks
        applications = (
            node
            for expression in expressions
            for node in nodes.subexpressions(expression)
            if isinstance(node, nodes.Apply)
        )
        return sum(node.function in functions or node.function in passed for node in applications)

    def _kept(self, slot: int, span: Span) -> int:
        """Another slot for the entry that a state's slot holds now: a call may put another one there."""
        kept = self.temporary()
        self.move([(kept, slot)], span)
        return kept

    def _primitive(self, node: nodes.Apply) -> Primitive:
        count = len(node.operands)
        fitting = self._fitting.get((node.function, count))
        if fitting is not None:
            return fitting
        primitive = primitive_named(node.function, count)
        if primitive is None:
            name, _ = nodes.function_and_axis(node.function)
            is_value = name in self.bindings or name in self.outside.variables
            known = self.outside.functions if len(self.problems) < _SUGGESTIONS else None
            self.problems.append(unknown_function(node, is_value, known))
            return COPY
        wrong = wrong_subscripts(node) if " " in node.function else None
        most = primitive.most
        if wrong is not None:
            self.problems.append(wrong)
        elif count < primitive.arity or (most is not None and count > most):
            self.problems.append(wrong_arity(primitive, count, node.span))
        else:
            self._fitting[node.function, count] = primitive
        return primitive

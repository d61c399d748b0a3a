"""Expressions and conditions → code, one after another.

Works through stacks of its own, so that no nesting is too deep. Statements are the business of `statements.py`, which
opens and ends blocks with the methods of the builder.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import TypeAlias

from adcli.errors import Problem
from adcli.program.build import CodeBuilder, Outside
from adcli.program.code import Call, Choose, Code, Decide, Differentiate, EndSide, Jump
from adcli.program.mistakes import (
    DERIVATIVE,
    number_too_large,
    unknown_function,
    unknown_name,
    used_before_assignment,
    wrong_arity,
    wrong_arity_of_own,
    wrong_derivative,
    wrong_unpacking,
)
from adcli.rules.along import length
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.subscripts import element
from adcli.rules.table import CONSTANTS, COPY, NEGATION, primitive_named
from adcli.syntax import nodes
from adcli.syntax.source import Span

_SUGGESTIONS = 50  # mistakes for which a likely name is searched

# An expression and whether its operands are done, or what else is to do.
_Task: TypeAlias = tuple[nodes.Expression, bool] | Callable[[], None]


class ExpressionCompiler(CodeBuilder):
    """Turns expressions into code, one after another.

    Attributes:
        problems: what is wrong with the expressions
    """

    def __init__(self, parameters: int = 0, outside: Outside | None = None) -> None:
        """Take what a builder takes; who knows the parameters' names puts them into `bindings`."""
        super().__init__(parameters, outside)
        self.problems: list[Problem] = []
        self._calls = 0  # of the program's functions that are still to come in this statement
        self._required = False  # whether the condition is that of a `require`
        self._target = ""  # the name that the statement assigns
        self._updates = False  # whether it assigns a part of an array
        self._result = 0

    # Statements

    def bind(self, target: nodes.Name, value: nodes.Expression, span: Span) -> None:
        """Append an assignment. A name for what has an entry already becomes a copy: each binding is an entry."""
        self._target = target.name
        self._updates = isinstance(value, nodes.Apply) and value.function.endswith("]=")
        slot = self.append(value)
        self._target = ""
        rows = self.rows
        if not (isinstance(value, nodes.Apply) and rows.targets and rows.targets[-1] == slot):
            self.operation(COPY, (slot,), span)
        rows.spans[-1] = span
        self.name_last(target.name)

    def unpack(self, targets: Sequence[nodes.Name], value: nodes.Expression, span: Span) -> None:
        """Append `Q, R = qr(A)`: the value holds both factors, the second with as many rows as it has columns."""
        whole = isinstance(value, nodes.Apply) and value.function == "qr" and "qr" not in self.outside.functions
        if not whole or len(targets) != 2:
            self.problems.append(wrong_unpacking(value, span))
        slot = self.append(value)
        rows = self.operation(NEGATION, (self.operation(length(1), (slot,), span),), span)
        for target, pattern in zip(targets, (":.", ".:"), strict=False):
            self.operation(element(pattern), (slot, rows), span)
            self.name_last(target.name)

    def define(self, name: str, value: nodes.Expression) -> None:
        """Make a name known for a value, which gets no entry for that."""
        slot, kept, after = self.append(value), self.new_slot(), self.block()
        self.end(Jump(after, ((kept, slot),), value.span))
        self.start(after)
        self.bindings[name] = kept

    def append(self, expression: nodes.Expression) -> int:
        """Append an expression's operations, innermost first; the slot of its value."""
        (self._result,) = self.append_all(expression)
        return self._result

    def append_all(self, *expressions: nodes.Expression) -> list[int]:
        """Append the expressions of one statement, in order; the slots of their values."""
        self.begin_statement()
        self._calls = self._calls_in(expressions)
        slots: list[int] = []
        self._work(slots, [(expression, False) for expression in reversed(expressions)])
        return slots

    def decide(self, condition: nodes.Expression, holds: int, fails: int, required: bool = False) -> None:
        """Append a condition, which ends the block: another block follows if it holds, another if it fails."""
        self.begin_statement()
        self._required = required
        self._calls = self._calls_in([condition])
        todo: list[_Task] = []
        slots: list[int] = []
        self._decide(condition, holds, fails, slots, todo)
        self._work(slots, todo)

    # Expressions: the slots of operands that are done stand on `slots`, what is to do on `todo`

    def _work(self, slots: list[int], todo: list[_Task]) -> None:
        functions = self.outside.functions
        while todo:
            task = todo.pop()
            if not isinstance(task, tuple):
                task()
                continue
            node, operands_done = task
            if isinstance(node, nodes.Number):
                slots.append(self._number(node.text, node.span))
            elif isinstance(node, nodes.Name):
                slots.append(self._name(node))
            elif node.function == "-" and isinstance(node.operands[0], nodes.Number) and len(node.operands) == 1:
                slots.append(self._number(f"-{node.operands[0].text}", node.span))
            elif operands_done:
                first = len(slots) - len(node.operands)
                operands = tuple(slots[first:])
                del slots[first:]
                if node.function in functions:
                    slots.append(self._call(node, operands))
                else:
                    slots.append(self.operation(self._primitive(node), operands, node.span))
            elif node.function == "where" and "where" not in functions:
                self._where(node, slots, todo)
            elif node.function == DERIVATIVE and DERIVATIVE not in functions:
                self._derivative(node, slots, todo)
            else:
                todo.append((node, True))
                todo.extend([(operand, False) for operand in reversed(node.operands)])

    def _where(self, node: nodes.Apply, slots: list[int], todo: list[_Task]) -> None:
        """Only the side that is taken runs; both leave their entry in the same slot."""
        condition, chosen, other = node.operands
        self._required = False
        holds, fails, after = self.block(), self.block(), self.block()
        masked = self.block() if self.outside.arrays else None
        result = self.temporary()

        def finish_side(side: nodes.Expression) -> None:
            if masked is None:
                self.end(Jump(after, ((result, slots.pop()),), side.span))
            else:
                self.end(EndSide(slots.pop(), result, after, fails, node))

        def finish() -> None:
            self.start(after)
            slots.append(result)

        todo += [
            finish, partial(finish_side, other), (other, False), partial(self.start, fails),
            partial(finish_side, chosen), (chosen, False), partial(self.start, holds),
        ]  # fmt: skip
        if masked is not None:  # the same condition as a value
            todo += [
                lambda: self.end(Choose(slots.pop(), holds, node)), (condition, False), partial(self.start, masked)
            ]  # fmt: skip
        self._decide(condition, holds, fails, slots, todo, masked)

    def _derivative(self, node: nodes.Apply, slots: list[int], todo: list[_Task]) -> None:
        """Both slots are read before the value is computed by: a call in it may change a state."""
        variable = node.operands[1] if len(node.operands) == 2 else None
        if not isinstance(variable, nodes.Name):
            self.problems.append(wrong_derivative(node))
            slots.append(0)
            return

        def finish() -> None:
            value, by = slots.pop(), slots.pop()
            after, result = self.block(), self.temporary()
            self.end(Differentiate(value, by, result, after, node))
            self.start(after)
            slots.append(result)

        todo += [finish, (node.operands[0], False), (variable, False)]

    def _decide(
        self,
        condition: nodes.Expression,
        holds: int,
        fails: int,
        slots: list[int],
        todo: list[_Task],
        masked: int | None = None,
    ) -> None:
        assert isinstance(condition, nodes.Apply)
        if condition.function == "not":
            todo.append(partial(self._decide, condition.operands[0], fails, holds, slots, todo, masked))
        elif condition.function in ("and", "or"):
            left, right = condition.operands
            between = self.block()
            goals = (between, fails) if condition.function == "and" else (holds, between)
            todo += [
                partial(self._decide, right, holds, fails, slots, todo, masked), partial(self.start, between),
                partial(self._decide, left, *goals, slots, todo, masked),
            ]  # fmt: skip
        else:
            left, right = condition.operands

            def compare() -> None:
                right, left = slots.pop(), slots.pop()
                span, required = condition.span, self._required
                self.end(Decide(condition.function, left, right, holds, fails, span, None, required, masked))

            todo += [compare, (right, False), (left, False)]

    def _call(self, node: nodes.Apply, operands: tuple[int, ...]) -> int:
        definition = self.outside.functions[node.function]
        if len(operands) != len(definition.parameters):
            self.problems.append(wrong_arity_of_own(definition, len(operands), node.span))
        self._calls -= 1
        after, result = self.block(), self.temporary()
        self.end(Call(node.function, operands, result, after, node))
        self.start(after)
        return result

    def _number(self, text: str, span: Span) -> int:
        known = self._constants.get(text)
        if known is not None:
            return known[0]
        value = float(text)
        if value in (float("inf"), float("-inf")):
            self.problems.append(number_too_large(text, span))
        return self.constant(text, value)

    def _name(self, node: nodes.Name) -> int:
        name = node.name
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
        functions = self.outside.functions
        if not (functions and self.outside.states):
            return 0  # then nobody asks
        applications = (
            node
            for expression in expressions
            for node in nodes.subexpressions(expression)
            if isinstance(node, nodes.Apply)
        )
        return sum(node.function in functions for node in applications)

    def _kept(self, slot: int, span: Span) -> int:
        """Another slot for the entry that a state's slot holds now: a call may put another one there."""
        kept, after = self.temporary(), self.block()
        self.end(Jump(after, ((kept, slot),), span))
        self.start(after)
        return kept

    def _primitive(self, node: nodes.Apply) -> Primitive:
        count = len(node.operands)
        primitive = primitive_named(node.function, count)
        if primitive is None:
            name, _ = nodes.function_and_axis(node.function)
            is_value = name in self.bindings or name in self.outside.variables
            known = self.outside.functions if len(self.problems) < _SUGGESTIONS else None
            self.problems.append(unknown_function(node, is_value, known))
            return COPY
        most = primitive.most
        if count < primitive.arity or (most is not None and count > most):
            self.problems.append(wrong_arity(primitive, count, node.span))
        return primitive

    def finish(self) -> Code:
        """The code so far, whose result is the last expression."""
        return self.code(self._result)


def uses_arrays(expressions: Iterable[nodes.Expression], own: Container[str]) -> bool:
    """Whether an expression makes or takes an array; `own` are the functions that the program defines."""
    for expression in expressions:
        for node in nodes.subexpressions(expression):
            if not isinstance(node, nodes.Apply) or node.function in own:
                continue
            if isinstance(primitive_named(node.function, len(node.operands)), ArrayPrimitive):
                return True
    return False

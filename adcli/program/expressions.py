"""Expressions and conditions → code, one after another.

Works through stacks of its own, so that no nesting is too deep. Statements are the business of `statements.py`, which
opens and ends blocks with the methods of the builder.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from functools import partial
from typing import TypeAlias

from adcli.program.build import Outside
from adcli.program.calls import ordered_operands, value_given
from adcli.program.code import Call, Choose, Code, Decide, Differentiate, EndSide, Jump
from adcli.program.comprehensions import ComprehensionCompiler
from adcli.program.mistakes import (
    DERIVATIVE,
    named_operand,
    not_a_function,
    several_values,
    wrong_derivative,
)
from adcli.program.operands import OperandCompiler
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.table import ARRAYS, BINARY_OPERATORS, CONDITIONS, FOLDS, primitive_named
from adcli.syntax import nodes
from adcli.syntax.source import Span

# An expression and whether its operands are done, or what else is to do.
Task: TypeAlias = tuple[nodes.Expression, bool] | Callable[[], None]


class ExpressionCompiler(OperandCompiler):
    """Turns expressions into code, one after another."""

    def __init__(self, parameters: int = 0, outside: Outside | None = None) -> None:
        """Take what a builder takes; who knows the parameters' names puts them into `bindings`."""
        super().__init__(parameters, outside)
        self._shared: dict[Span, int | None] = {}  # the slot of what two comparisons share, once it is computed
        self._required = False  # whether the condition is that of a `require`
        self._result = 0

    def append_several(self, value: nodes.Expression) -> list[int]:
        """Append an expression's operations; the slots of its values, of which a function may return several."""
        if not isinstance(value, nodes.Apply) or self.returned_by(value.function) == 1:
            return [self.append(value)]
        self.begin_statement()
        self._calls = self._calls_in([value])
        slots: list[int] = []
        todo: list[Task] = []
        self._call(value, slots, todo, several=True)
        self._work(slots, todo)
        return slots

    def define(self, name: str, value: nodes.Expression) -> None:
        """Make a name known for a value, which gets no entry for that."""
        slot, kept = self.append(value), self.new_slot()
        self.move([(kept, slot)], value.span)
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
        todo: list[Task] = []
        slots: list[int] = []
        self._decide(condition, holds, fails, slots, todo)
        self._work(slots, todo)

    def begin_statement(self) -> None:
        """Use the slots without a name anew."""
        super().begin_statement()
        self._shared.clear()

    def decide_in(
        self, condition: nodes.Expression, holds: int, fails: int, slots: list[int], todo: list[Task]
    ) -> None:
        """The same as part of an expression, whose stacks are given."""
        self._required = False
        self._decide(condition, holds, fails, slots, todo)

    # Expressions: the slots of operands that are done stand on `slots`, what is to do on `todo`

    def _work(self, slots: list[int], todo: list[Task]) -> None:
        functions = self.outside.functions
        while todo:
            task = todo.pop()
            if not isinstance(task, tuple):
                task()
                continue
            node, operands_done = task
            if self._shared and node.span in self._shared and self._is_computed(node, slots, todo):
                continue
            if operands_done:
                assert isinstance(node, nodes.Apply)
                self._apply(node, slots)
            elif isinstance(node, nodes.Number):
                slots.append(self._number(node.text, node.span))
            elif isinstance(node, nodes.Name):
                slots.append(self._name(node))
            elif isinstance(node, nodes.Comprehension):
                self._comprehension(node, slots, todo)
            elif node.function == "-" and isinstance(node.operands[0], nodes.Number) and len(node.operands) == 1:
                slots.append(self._number(f"-{node.operands[0].text}", node.span))
            elif node.function in functions or node.function in self.outside.passed:
                self._call(node, slots, todo)
            elif node.function == "where":
                self._where(node, slots, todo)
            elif node.function == DERIVATIVE:
                self._derivative(node, slots, todo)
            else:
                if node.function == "and" and (both := nodes.chained(node)) is not None:
                    self._shared[both.span] = None
                if node.function not in BINARY_OPERATORS:
                    node = self._positional(node)
                operands = node.operands if self._shared else self._without_first(node.operands, slots)
                if operands or self._shared:
                    todo.append((node, True))
                    todo.extend([(operand, False) for operand in reversed(operands)])
                else:
                    self._apply(node, slots)

    def _apply(self, node: nodes.Apply, slots: list[int]) -> None:
        """Append the operation of a node whose operands are done."""
        first = len(slots) - len(node.operands)
        read = tuple(slots[first:])
        del slots[first:]
        slots.append(self.operation(self._primitive(node), read, node.span))

    def _without_first(self, operands: Sequence[nodes.Expression], slots: list[int]) -> Sequence[nodes.Expression]:
        """Operands without the first ones that are names and numbers, as many are: their slots are there at once."""
        for place, operand in enumerate(operands):
            if isinstance(operand, nodes.Name):
                slots.append(self._name(operand))
            elif isinstance(operand, nodes.Number):
                slots.append(self._number(operand.text, operand.span))
            else:
                return operands[place:]
        return ()

    def _is_computed(self, node: nodes.Expression, slots: list[int], todo: list[Task]) -> bool:
        """Whether the `b` of `a < b < c` has been computed for `a < b`; else its slot is noted when it is."""
        known = self._shared[node.span]
        if known is not None:
            slots.append(known)
            return True
        del self._shared[node.span]  # the node that comes next is the same one

        def note() -> None:
            self._shared[node.span] = slots[-1]

        todo += [note, (node, False)]
        return True

    def _comprehension(self, node: nodes.Comprehension, slots: list[int], todo: list[Task]) -> None:
        own = node.function in self.outside.functions or node.function in self.outside.passed
        if node.function == "[]" or (node.function in FOLDS and not own):
            todo.extend(ComprehensionCompiler(self, node, slots).tasks(todo)[::-1])
        else:  # a function of the array of all values
            todo.append((nodes.Apply(node.function, (node._replace(function="[]"),), node.span), False))

    def _where(self, node: nodes.Apply, slots: list[int], todo: list[Task]) -> None:
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
                lambda: self.end(Choose(slots.pop(), holds, node)), (condition, False), self._shared.clear,
                partial(self.start, masked),
            ]  # fmt: skip
        self._decide(condition, holds, fails, slots, todo, masked)

    def _derivative(self, node: nodes.Apply, slots: list[int], todo: list[Task]) -> None:
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
        todo: list[Task],
        masked: int | None = None,
    ) -> None:
        compared = nodes.Apply("!=", (condition, nodes.Number("0", condition.span)), condition.span)
        decides = isinstance(condition, nodes.Apply) and condition.function in CONDITIONS
        condition = condition if isinstance(condition, nodes.Apply) and decides else compared
        if (both := nodes.chained(condition)) is not None:
            self._shared[both.span] = None
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

    def _call(self, node: nodes.Apply, slots: list[int], todo: list[Task], several: bool = False) -> None:
        """A call of a function of the program, or of one that was passed to this one, which may be a primitive."""
        outside = self.outside
        key = outside.key(node.function)
        if key is None:
            self._call_passed(node, outside.passed[node.function], slots, todo)
            return
        definition = outside.all.known[key].definition
        operands, problems = ordered_operands(node, definition)
        self.problems += problems
        values, passed = self._split(key, operands)
        version, count = outside.version(key, passed), outside.all.counts[key]
        if count != 1 and not several:
            self.problems.append(several_values(node, count))

        def finish() -> None:
            first = len(slots) - len(values)
            arguments = tuple(slots[first:])
            del slots[first:]
            self._calls -= 1
            after, results = self.block(), tuple([self.temporary() for _ in range(count)])
            self.end(Call(version, arguments, results, after, node))
            self.start(after)
            slots.extend(results if several else results[:1])

        todo.append(finish)
        for value in reversed(values):
            given = not any(value is default for default in definition.defaults)
            todo += [(value, False)] if given else [self._end_default, (value, False), self._begin_default]

    def _begin_default(self) -> None:
        """Where a function is called `pi` and `e` may mean something else than in the default of a parameter."""
        self._in_default = True

    def _end_default(self) -> None:
        self._in_default = False

    def _split(
        self, key: str, operands: Sequence[nodes.Expression | None]
    ) -> tuple[list[nodes.Expression], tuple[tuple[str, str], ...]]:
        """The operands that are values, and for each parameter that is a function the key of what is passed."""
        outside = self.outside
        definition, called = outside.all.known[key].definition, outside.all.called[key]
        values: list[nodes.Expression] = []
        passed: list[tuple[str, str]] = []
        for parameter, operand in zip(definition.parameters, operands, strict=True):
            if parameter.name not in called:
                values.append(operand or nodes.Number("0", parameter.span))
                continue
            name = operand.name if isinstance(operand, nodes.Name) else ""
            function = outside.passed[name] if name in outside.passed else outside.key(name) or name
            if function not in outside.all.known and primitive_named(function or "?", 1) is None:
                if operand and name not in outside.passed:
                    self.problems.append(not_a_function(definition, parameter.name, operand))
                function = ""
            passed.append((parameter.name, function))
        return values, tuple(passed)

    def _call_passed(self, node: nodes.Apply, called: str, slots: list[int], todo: list[Task]) -> None:
        """A call of a function of the language that was passed; where nobody knows which, of any."""
        meant = self._positional(node._replace(function=called), told=bool(called))
        count = len(meant.operands)

        def any_value() -> None:
            slots[len(slots) - count :] = [slots[-1] if count else 0]

        todo.append((meant, True) if called else any_value)
        todo.extend([(operand, False) for operand in reversed(meant.operands)])

    def _positional(self, node: nodes.Apply, told: bool = True) -> nodes.Apply:
        """A call of a function of the language, which has no names for its operands."""
        for operand in node.operands:
            if isinstance(operand, nodes.Apply) and nodes.name_given(operand):
                break
        else:
            return node
        named = [operand for operand in node.operands if nodes.name_given(operand)]
        if told:
            self.problems += [named_operand(nodes.name_given(operand), operand) for operand in named]
        kept = [operand for operand in node.operands if nodes.name_given(operand) != "axis"]
        return node._replace(operands=tuple(map(value_given, kept)))

    def finish(self) -> Code:
        """The code so far, whose result is the last expression."""
        return self.code(self._result)


def uses_arrays(expressions: Iterable[nodes.Expression], own: Container[str]) -> bool:
    """Whether an expression makes or takes an array; `own` are the functions that the program defines."""
    of_numbers: set[tuple[str, int]] = set()  # functions that were met before
    todo: list[nodes.Index | nodes.Expression] = list(expressions)
    while todo:
        node = todo.pop()
        if isinstance(node, nodes.Apply):
            todo += node.operands
            key = node.function, len(node.operands)
            if key in of_numbers:
                continue
            if node.function in own:
                if any(isinstance(operand, nodes.Name) and operand.name in ARRAYS for operand in node.operands):
                    return True
                continue
            if isinstance(primitive_named(*key), ArrayPrimitive):
                return True
            of_numbers.add(key)
        elif isinstance(node, nodes.Comprehension):
            if node.function not in FOLDS:
                return True
            todo += (node.body, *node.clauses)
        elif isinstance(node, nodes.Index):
            todo += nodes.bounds_of(node)
    return False

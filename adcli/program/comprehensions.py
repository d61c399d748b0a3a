"""Comprehensions → code: `sum(x[i]^2 for i = 0 to n - 1)` runs as a loop that adds up, `[…]` as one that collects."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from adcli.program.code import BeginCollection, Collect, Gather, Repeat
from adcli.program.loops import block_of, open_loop
from adcli.rules.table import BINARY_OPERATORS, FOLDS
from adcli.syntax import nodes

if TYPE_CHECKING:
    from adcli.program.expressions import ExpressionCompiler


class ComprehensionCompiler:
    """Appends one comprehension, as tasks of the stack on which the compiler of expressions works."""

    def __init__(self, compiler: ExpressionCompiler, node: nodes.Comprehension, slots: list[int]) -> None:
        self.compiler = compiler
        self.node = node
        self.slots = slots  # of the operands that are done
        self.fold = FOLDS.get(node.function)
        self.collects = self.fold is None or self.fold.counts  # the values, or how many there are
        self.total = compiler.temporary()
        self.open: list[Repeat] = []  # what ends an iteration of each loop that is open
        self.hidden: list[tuple[str, int | None]] = []  # what the names of the indices stood for before

    def tasks(self, todo: list[Any]) -> list[Any]:
        """What is to do, in order."""
        tasks: list[Any] = [self._begin]
        for clause in self.node.clauses:
            if isinstance(clause, nodes.Index):
                step = clause.step or nodes.Number("1", clause.span)
                tasks += [(bound, False) for bound in (clause.first, clause.last, step)]
                tasks.append(partial(self._enter, clause))
            else:
                tasks.append(partial(self._choose, clause, todo))
        return [*tasks, (self.node.body, False), self._end]

    def _begin(self) -> None:
        if self.collects:
            self._goes_on(lambda block: BeginCollection(block))
        if self.fold is not None:
            text = self.fold.start
            start = self.compiler.constant(text, float(text))
            self.compiler.move([(self.total, start)], self.node.span)

    def _goes_on(self, end: Callable[[int], Any]) -> None:
        """End the block with what leads to a new one, and go on in that."""
        block = self.compiler.block()
        self.compiler.end(end(block))
        self.compiler.start(block)

    def _enter(self, index: nodes.Index) -> None:
        compiler, name = self.compiler, index.variable.name
        bounds = self.slots[-3:]
        del self.slots[-3:]
        target = compiler.new_slot()
        body, count = open_loop(compiler, index, bounds, target)
        compiler.start(body)
        self.open.append(count)
        self.hidden.append((name, compiler.bindings.get(name)))
        compiler.bindings[name] = target

    def _choose(self, condition: nodes.Expression, todo: list[Any]) -> None:
        """Go on where a condition holds, and else with the next iteration."""
        compiler = self.compiler
        holds = compiler.block()
        todo.append(partial(compiler.start, holds))
        compiler.decide_in(condition, holds, block_of(compiler, self.open[-1]), self.slots, todo)

    def _end(self) -> None:
        compiler, node = self.compiler, self.node
        value = self.slots.pop()
        if self.fold is not None:
            value = compiler.operation(self.fold.operation, (self.total, value), node.span, self.total)
        if self.collects:
            self._goes_on(lambda block: Collect(value, block))
        for count in reversed(self.open):
            compiler.end(count)
            compiler.start(count.after)
        for name, before in reversed(self.hidden):
            if before is None:
                del compiler.bindings[name]
            else:
                compiler.bindings[name] = before
        self.slots.append(self._result())

    def _result(self) -> int:
        compiler, node = self.compiler, self.node
        if not self.collects:
            return self.total
        gathered = compiler.temporary()
        self._goes_on(lambda block: Gather(gathered, block, node, self.fold is not None))
        if self.fold is None:
            return gathered
        return compiler.operation(BINARY_OPERATORS["/"], (self.total, gathered), node.span)

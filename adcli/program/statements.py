"""Statements → code: how blocks of statements become blocks of operations, and which one leads to which."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

from adcli.errors import Problem
from adcli.program.code import EnterFor, EnterWhile, Jump, Leave, Refuse, Repeat, ReturnToCaller
from adcli.program.declarations import Declarations
from adcli.program.expressions import ExpressionCompiler
from adcli.rules.table import ADDITION, COPY, MULTIPLICATION
from adcli.syntax import nodes
from adcli.syntax.source import Span

_Task: TypeAlias = nodes.Statement | Callable[[], None]


class StatementCompiler:
    """Turns the statements of a program, or of one function, into code.

    What is to do stands on a stack, so that blocks may be nested to any depth.

    Attributes:
        builder: what the code is made with
        problems: what is wrong with the statements, but for their expressions, whose problems the builder has
        misplaced: the functions and outputs that are declared where nothing can be declared
        last_assigned: the name that was assigned last
    """

    def __init__(
        self,
        names: Declarations,
        builder: ExpressionCompiler,
        function: nodes.Definition | None = None,
        declare: Callable[[nodes.Statement], None] | None = None,
    ) -> None:
        """Take the names of the program and a builder; the function, or who takes the declarations of the program."""
        self.builder = builder
        self.problems: list[Problem] = []
        self.misplaced: set[str] = set()
        self.last_assigned: str | None = None
        self._names = names
        self._function = function
        self._declare_in_program = declare
        self._depth = 0  # of blocks
        self._todo: list[_Task] = []

    def compile(self, statements: Iterable[nodes.Statement]) -> None:
        """Append the code of statements."""
        self._later(statements)
        while self._todo:
            task = self._todo.pop()
            if isinstance(task, nodes.Assignment):
                self.bind(task.target, task.value, task.span)
            elif isinstance(task, nodes.Unpacking):
                self._unpack(task)
            elif callable(task):
                task()
            else:
                self._statement(task)

    def _statement(self, statement: nodes.Statement) -> None:
        if isinstance(statement, nodes.Conditional):
            self._conditional(statement)
        elif isinstance(statement, nodes.ForLoop):
            self._for_loop(statement)
        elif isinstance(statement, nodes.WhileLoop):
            self._while_loop(statement)
        elif isinstance(statement, nodes.Return):
            self._return(statement)
        elif isinstance(statement, nodes.Require):
            self._require(statement)
        elif self._depth > 0 or self._declare_in_program is None:
            self._misplaced(statement)
        else:
            self._declare_in_program(statement)

    def bind(self, target: nodes.Name, value: nodes.Expression, span: Span) -> None:
        """Append an assignment."""
        if self._function is not None:
            self._check_outer(target)
        else:
            self.last_assigned = target.name
        self.builder.bind(target, value, span)

    def _unpack(self, statement: nodes.Unpacking) -> None:
        for target in statement.targets:
            if self._function is not None:
                self._check_outer(target)
            else:
                self.last_assigned = target.name
        self.builder.unpack(statement.targets, statement.value, statement.span)

    def _later(self, tasks: Iterable[_Task]) -> None:
        """Do some tasks in order, before what is to do already."""
        self._todo.extend(reversed(list(tasks)))

    def _in_block(self, block: nodes.Block | None, start: int, then: Callable[[], None]) -> list[_Task]:
        """The tasks of a block of statements, in a block of code of its own, and of what follows in that."""
        statements = block.statements if block is not None else ()
        return [partial(self._enter, start), *statements, self._leave, then]

    def _enter(self, start: int) -> None:
        self.builder.start(start)
        self._depth += 1

    def _leave(self) -> None:
        self._depth -= 1

    def _conditional(self, statement: nodes.Conditional) -> None:
        builder = self.builder
        after = builder.block()
        join = partial(builder.end, Jump(after))
        tasks: list[_Task] = []
        for branch in statement.branches:
            body, otherwise = builder.block(), builder.block()
            tasks.append(partial(builder.decide, branch.condition, body, otherwise))
            tasks += self._in_block(branch.body, body, join)
            tasks.append(partial(builder.start, otherwise))
        tasks += self._in_block(statement.otherwise, otherwise, join)
        self._later([*tasks, partial(builder.start, after)])

    def _for_loop(self, loop: nodes.ForLoop) -> None:
        """The variable is a copy of the first bound, then the sum of itself or of that and what is to add."""
        builder = self.builder
        name, span = loop.variable.name, loop.header
        self._check_loop_variable(loop)
        enter, first, body, following, after = (builder.block() for _ in range(5))
        step_or_one = loop.step or nodes.Number("1", span)
        kept_states = () if loop.checkpoint is None else (loop.checkpoint,)
        bounds = builder.append_all(loop.first, loop.last, step_or_one, *kept_states)
        slots = [builder.new_slot() for _ in bounds]  # the body has its own use for other slots
        start, last, step = kept = slots[:3]
        builder.end(Jump(enter, tuple(zip(slots, bounds, strict=True)), span))
        builder.start(enter)
        builder.end(EnterFor(loop, start, last, step, first, following, after, slots[3] if kept_states else None))
        self._declare([loop, *nodes.own_statements(loop.body.statements)])

        builder.start(first)
        builder.operation(COPY, (start,), span)
        builder.name_last(name)
        if _is_whole(step_or_one):
            builder.end(Jump(body))
            builder.start(following)
            builder.operation(ADDITION, (builder.declare(name), step), span)
        else:  # to add the step again and again would add up its rounding: the steps are counted, and multiplied
            zero, one, steps = builder.constant("0", 0.0), builder.constant("1", 1.0), builder.new_slot()
            builder.end(Jump(body, ((steps, zero),), span))
            builder.start(following)
            builder.operation(ADDITION, (steps, one), span, steps)
            way = builder.operation(MULTIPLICATION, (steps, step), span)
            builder.operation(ADDITION, (start, way), span)
        builder.name_last(name)
        builder.end(Jump(body))
        again = partial(builder.end, Repeat(following, after, builder.declare(name), *kept))
        self._later([*self._in_block(loop.body, body, again), partial(builder.start, after)])

    def _check_loop_variable(self, loop: nodes.ForLoop) -> None:
        """The loop alone gives its variable its values."""
        name = loop.variable.name
        if self._function is not None:
            self._check_outer(loop.variable)
        if name in self._names.states:
            help_text = "give the variable of the loop another name"
            self._add("loop-variable", f"the state `{name}` cannot be a loop's variable", loop.variable, "", help_text)
        for statement in nodes.own_statements(loop.body.statements):
            for target in nodes.targets_of(statement):
                if target.name == name and not self._names.braces_are_doubtful:
                    label = f"the variable of the loop on line {self._names.line(loop.variable)}"
                    message = f"`{name}` is given its values by the loop"
                    self._add("loop-variable", message, target, label, "assign another name")

    def _while_loop(self, loop: nodes.WhileLoop) -> None:
        builder = self.builder
        header, body, leave, after = (builder.block() for _ in range(4))
        self._declare(nodes.own_statements(loop.body.statements))
        builder.end(EnterWhile(loop, header))
        builder.start(header)
        builder.decide(loop.condition, body, leave)
        builder.start(leave)
        builder.end(Leave(after))
        again = partial(builder.end, Jump(header, iterates=True))
        self._later([*self._in_block(loop.body, body, again), partial(builder.start, after)])

    def _require(self, statement: nodes.Require) -> None:
        builder = self.builder
        holds, fails = builder.block(), builder.block()
        builder.decide(statement.condition, holds, fails, required=True)
        builder.start(fails)
        builder.end(Refuse(statement))
        builder.start(holds)

    def _declare(self, statements: Iterable[nodes.Statement]) -> None:
        """Make the names of a loop known: an iteration may read what the one before it has assigned."""
        for statement in statements:
            for name in nodes.targets_of(statement):
                self.builder.declare(name.name)

    def _return(self, statement: nodes.Return) -> None:
        if self._function is not None:
            self.builder.end(ReturnToCaller(self.builder.append(statement.value), statement.span))
            self.builder.start(self.builder.block())  # which nothing reaches
        elif not self._names.braces_are_doubtful:  # else the head of its function may be among the mistakes
            help_text = "`output` names the results of a program"
            message = "`return` stands outside a function"
            self.problems.append(Problem("return-outside", message, statement.span, "not in a `def`", help=help_text))

    def _misplaced(self, statement: nodes.Statement) -> None:
        """What declares something stands at the top level."""
        self._declare([statement])
        if isinstance(statement, nodes.Definition):
            self.misplaced.add(statement.name.name)
        elif isinstance(statement, nodes.Output):
            self.misplaced.update(name.name for name in statement.names)
        if self._names.braces_are_doubtful:
            return
        keyword = self._names.source.text[statement.span.start :].split(None, 1)[0]
        where = "in a function" if self._function is not None else "in a block"
        help_text = "move it out of the block, to the top level"
        message = f"`{keyword}` cannot stand {where}"
        self.problems.append(Problem("misplaced", message, statement.span, "a declaration", help=help_text))

    def _check_outer(self, target: nodes.Name) -> None:
        """A function assigns its own names and states; what looks like another of the program's is a mistake."""
        assert self._function is not None
        name = target.name
        if self._names.braces_are_doubtful or not is_outer(self._names, name, self._function):
            return
        label = f"a value of the program, first assigned on line {self._names.lines[name]}"
        message = f"the function `{self._function.name.name}` cannot assign the outer `{name}`"
        declare = name not in self._names.inputs
        help_text = f"declare it `state {name} = …`, or use another name" if declare else "use another name"
        self._add("outer-assignment", message, target, label, help_text)

    def _add(self, code: str, message: str, node: nodes.Name, label: str, help: str) -> None:
        self.problems.append(Problem(code, message, node.span, label, help=help))


def is_outer(names: Declarations, name: str, function: nodes.Definition) -> bool:
    """Whether a name is the program's, assigned above a function, and neither a state nor a parameter."""
    own = names.states | {parameter.name for parameter in function.parameters}
    return name not in own and names.starts.get(name, math.inf) < function.span.start


def _is_whole(step: nodes.Expression) -> bool:
    """Whether a step is written as a whole number."""
    if isinstance(step, nodes.Apply) and step.function == "-" and len(step.operands) == 1:
        (step,) = step.operands
    return isinstance(step, nodes.Number) and float(step.text).is_integer()

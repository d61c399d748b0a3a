"""Statements → code: how blocks of statements become blocks of operations, and which one leads to which."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

from adcli.errors import Problem
from adcli.program.assignments import AssignmentCompiler
from adcli.program.code import BreakLoop, End, EnterWhile, Jump, Leave, Refuse, ReturnToCaller
from adcli.program.declarations import Declarations
from adcli.program.loops import block_of, open_loop
from adcli.program.mistakes import wrong_solve
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
        builder: AssignmentCompiler,
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
        self._loops: list[tuple[End, BreakLoop]] = []  # that are open: what ends an iteration of each, and it
        self._todo: list[_Task] = []

    def compile(self, statements: Iterable[nodes.Statement]) -> None:
        """Append the code of statements."""
        self._later(statements)
        while self._todo:
            task = self._todo.pop()
            if isinstance(task, nodes.Assignment):
                self.bind(task.target, task.value, task.span, task.operator)
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
        elif isinstance(statement, (nodes.Break, nodes.Continue)):
            self._leave_iteration(statement)
        elif isinstance(statement, nodes.Require):
            self._require(statement)
        elif isinstance(statement, nodes.Solve):
            self._solve(statement)
        elif self._depth > 0 or self._declare_in_program is None:
            self._misplaced(statement)
        else:
            self._declare_in_program(statement)

    def bind(self, target: nodes.Name, value: nodes.Expression, span: Span, operator: str = "") -> None:
        """Append an assignment, which may be one such as `+=`."""
        self._assigns(target)
        if operator and isinstance(value, nodes.Apply) and value.function.endswith("]="):
            self.builder.update(target, value, span, operator)
        else:
            self.builder.bind(target, value, span)

    def _unpack(self, statement: nodes.Unpacking) -> None:
        for target in nodes.targets_of(statement):
            self._assigns(target)
        self.builder.unpack(statement.targets, statement.values, statement.span)

    def _assigns(self, target: nodes.Name) -> None:
        if self._function is not None:
            self._check_outer(target)
        else:
            self.last_assigned = target.name

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
        builder = self.builder
        self._check_loop_variable(loop)
        step = loop.step or nodes.Number("1", loop.header)
        kept_states = () if loop.checkpoint is None else (loop.checkpoint,)
        bounds = builder.append_all(loop.first, loop.last, step, *kept_states)
        self._declare([loop, *nodes.own_statements(loop.body.statements)])
        leaves = {type(statement) for statement in nodes.leaving(loop.body)}
        body, count = open_loop(builder, loop, bounds, builder.declare(loop.variable.name), nodes.Break in leaves)
        again: End = count
        if nodes.Continue in leaves:
            again = Jump(block_of(builder, count))
        self._loop_body(loop.body, body, again, BreakLoop(count.after, count))

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
        self._loop_body(loop.body, body, Jump(header, iterates=True), BreakLoop(after, None))

    def _loop_body(self, block: nodes.Block, start: int, again: End, leave: BreakLoop) -> None:
        """The body of a loop, whose iterations end with `again`, or with `leave`; then what stands behind the loop."""
        self._loops.append((again, leave))
        end = partial(self.builder.end, again)
        self._later([*self._in_block(block, start, end), self._end_loop, partial(self.builder.start, leave.after)])

    def _end_loop(self) -> None:
        self._loops.pop()

    def _leave_iteration(self, statement: nodes.Break | nodes.Continue) -> None:
        """`break` or `continue`, of the innermost loop."""
        if self._loops:
            again, leave = self._loops[-1]
            self.builder.end(leave if isinstance(statement, nodes.Break) else again)
            self.builder.start(self.builder.block())  # which nothing reaches
        elif not self._names.braces_are_doubtful:
            message = f"`{statement.word}` stands outside a loop"
            help_text = "it ends an iteration of a `for` or a `while` loop"
            self.problems.append(Problem("outside-loop", message, statement.span, "in no loop", help=help_text))

    def _require(self, statement: nodes.Require) -> None:
        builder = self.builder
        holds, fails = builder.block(), builder.block()
        builder.decide(statement.condition, holds, fails, required=True)
        builder.start(fails)
        builder.end(Refuse(statement))
        builder.start(holds)

    def _solve(self, statement: nodes.Solve) -> None:
        for target in statement.unknowns:
            self._assigns(target)
        problems = list(wrong_solve(statement, self._names.inputs))
        self.problems += problems
        if problems:
            self._declare([statement])
        else:
            self.builder.solve(statement)

    def _declare(self, statements: Iterable[nodes.Statement]) -> None:
        """Make the names of a loop known: an iteration may read what the one before it has assigned."""
        for statement in statements:
            for name in nodes.targets_of(statement):
                self.builder.declare(name.name)

    def _return(self, statement: nodes.Return) -> None:
        if self._function is not None:
            several = len(statement.values) > 1
            values = statement.values
            slots = self.builder.append_all(*values) if several else self.builder.append_returned(values[0])
            if self._function.partials:
                slots = [self.builder.state(self._function, slots[0])]
            self.builder.end(ReturnToCaller(tuple(slots), statement.span))
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

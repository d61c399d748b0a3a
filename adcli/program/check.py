"""Tree → Program, or every mistake that the tree has: names, arity, inputs and outputs, what stands in its place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from adcli.errors import AdError, Problem
from adcli.program.build import CodeBuilder, Outside, uses_arrays
from adcli.program.code import Code, EnterFor, EnterWhile, Jump, Leave, Refuse, Repeat, ReturnToCaller
from adcli.program.mistakes import DERIVATIVE, not_constant
from adcli.program.program import InputVariable, Program
from adcli.program.suggest import did_you_mean
from adcli.rules.table import ADDITION, CONSTANTS, COPY, MULTIPLICATION
from adcli.syntax import nodes
from adcli.syntax.parse import Reading, parse_expression, read
from adcli.syntax.source import Source, Span

if TYPE_CHECKING:
    from adcli.program.claims import Claim

INLINE_OUTPUT = "value"
_SMALLEST = "a smallest program is `input x`, and below it `output y = x^2`"


def program_from(source: Source) -> Program:
    """The program of a text; raises AdError with all its mistakes, in the order of their places."""
    if not source.text.strip():
        raise AdError(Problem("empty-program", f"`{source.name}` is empty", help=_SMALLEST), source)
    return check(read(source), source)


def program_from_expression(source: Source) -> Program:
    """The program of one expression: its free names are the inputs, its value is the output `value`."""
    if not source.text.strip():
        raise AdError(Problem("empty-program", "the expression is empty", help="write one, such as 'x*y'"), source)
    expression = parse_expression(source)
    names: dict[str, nodes.Name] = {}
    for node in nodes.subexpressions(expression):
        if isinstance(node, nodes.Name) and node.name not in CONSTANTS:
            names.setdefault(node.name, node)
    declarations = tuple(nodes.Input(name, None, None, name.span, shape=None) for name in names.values())
    span = expression.span
    output = nodes.Output((nodes.Name(INLINE_OUTPUT, span),), expression, span)
    inputs = (nodes.Inputs(declarations, "", span),) if declarations else ()
    return check(Reading(nodes.Tree("", (*inputs, output)), [], frozenset()), source)


def check(reading: Reading, source: Source) -> Program:
    """The program of what was read; raises AdError with its syntax errors and all other mistakes."""
    checker = _Checker(reading, source)
    checker.run()
    problems = [*reading.problems, *checker.problems()]
    if problems:
        raise AdError(sorted(problems, key=lambda problem: problem.span or (0, 0)), source)
    program = checker.program()
    if program.arrays:
        from adcli.program.shapes import shape_problems  # which programs of numbers do not need

        problems = shape_problems(program.code, program.functions, program.inputs, program.sizes)
        if problems:
            raise AdError(sorted(problems, key=lambda problem: problem.span or (0, 0)), source)
        from adcli.program.ranks import specialised

        ranks = [None if variable.shape is None else len(variable.shape) for variable in program.inputs]
        code, functions = specialised(program.code, program.functions, [*ranks, *[0] * len(program.sizes)])
        program = program._replace(code=code, functions=functions)
    return program


def constant_code(expression: nodes.Expression, what: str) -> tuple[Code, list[Problem]]:
    """The code of an expression of numbers, `pi` and `e`, and the problems of the names that it must not use."""
    builder = CodeBuilder(0, Outside(arrays=uses_arrays([expression], ())))
    builder.append(expression)
    problems = [
        not_constant(problem, what) if problem.code == "unknown-name" and not problem.help.endswith("(…)`") else problem
        for problem in builder.problems
    ]
    return builder.finish(), problems


_DOUBTED = ("unknown-name", "unknown-function", "used-before-assignment")  # what a syntax error may explain
_Task: TypeAlias = nodes.Statement | Callable[[], None]


class _Checker:
    """One pass over the statements of the program, then one over those of each function."""

    def __init__(self, reading: Reading, source: Source) -> None:
        self.source = source
        self.reading = reading
        self.inputs: list[InputVariable] = []
        self.output_names: list[nodes.Name] = []
        self.last_assigned: str | None = None
        self.found: list[Problem] = []
        statements = reading.tree.statements
        self.own = nodes.own_statements(statements)
        declarations = [d for s in statements if isinstance(s, nodes.Inputs) for d in s.declarations]
        self.input_spans: dict[str, nodes.Name] = {}
        self.shape_spans: dict[str, nodes.Name] = {}
        for declaration in declarations:
            for size in nodes.sizes_of(declaration):
                self.shape_spans.setdefault(size.name, size)
        names = dict.fromkeys([*(declaration.name.name for declaration in declarations), *self.shape_spans])
        self.states = frozenset(s.target.name for s in statements if isinstance(s, nodes.State))
        # a brace that is missing may be why something seems to stand in a function or in a loop
        lost = any(problem.code.endswith("-bracket") for problem in reading.problems)
        self.braces_are_doubtful = lost or "{" in reading.doubtful
        self.misplaced: set[str] = set()  # functions and outputs
        self.claims: list[nodes.Claim] = []
        self.definitions = self._definitions()
        self.lines = self._lines(self.own)
        self.first = {name.name: name.span.start for s in reversed(self.own) for name in nodes.targets_of(s)}
        shaped = any(declaration.shape != () for declaration in declarations)
        expressions = (one for s in nodes.nested(statements) for one in nodes.expressions_of(s))
        self.arrays = shaped or uses_arrays(expressions, self.definitions)
        outside = Outside(self.definitions, self.lines, {}, self.states, self.arrays)
        self.builder = self.main = CodeBuilder(len(names), outside)
        self.main.reserve(names)
        self.functions: dict[str, Code] = {}
        self.function_problems: list[Problem] = []
        self.function: nodes.Definition | None = None  # in whose body the statement stands
        self.depth = 0  # of blocks

    def _definitions(self) -> dict[str, nodes.Definition]:
        found: dict[str, nodes.Definition] = {}
        for statement in self.reading.tree.statements:
            if isinstance(statement, nodes.Definition):
                name = statement.name
                first = found.setdefault(name.name, statement)
                if first is not statement:
                    label = f"first defined on line {self._line(first.name)}"
                    help_text = "remove one of the two, or give it another name"
                    self._add("duplicate-function", f"`{name.name}` is defined already", name, label, help_text)
        return found

    def _lines(self, statements: Iterable[nodes.Statement]) -> dict[str, int]:
        """The line on which each name is first given a value."""
        lines: dict[str, int] = {}
        for statement in statements:
            for name in nodes.targets_of(statement):
                if name.name not in lines:
                    lines[name.name] = self._line(name)
        return lines

    def _line(self, node: nodes.Name) -> int:
        return self.source.place(node.span.start)[0]

    def run(self) -> None:
        """Make the code of the program and of its functions."""
        self._statements(self.reading.tree.statements)
        for definition in self.definitions.values():
            self._define(definition)
        self.builder = self.main

    # Statements. What is to do stands on a stack, so that blocks may be nested to any depth

    def _statements(self, statements: Iterable[nodes.Statement]) -> None:
        self.todo: list[_Task] = []
        self._later(statements)
        while self.todo:
            task = self.todo.pop()
            if isinstance(task, nodes.Assignment):
                self._bind(task.target, task.value, task.span)
            elif isinstance(task, nodes.Unpacking):
                self._unpack(task)
            elif callable(task):
                task()
            else:
                self._statement(task)

    def _statement(self, statement: nodes.Statement) -> None:
        inside = self.depth > 0 or self.function is not None
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
        elif inside:
            self._misplaced(statement)
        elif isinstance(statement, nodes.Inputs):
            for declaration in statement.declarations:
                self._input(declaration, statement.help)
        elif isinstance(statement, nodes.State):
            self._state(statement)
        elif isinstance(statement, nodes.Claim):
            self.claims.append(statement)
        elif isinstance(statement, nodes.Output):
            if statement.value is not None:
                self.builder.bind(statement.names[0], statement.value, statement.span)
            self.output_names += statement.names

    def _bind(self, target: nodes.Name, value: nodes.Expression, span: Span) -> None:
        if self.function is not None:
            self._check_outer(target)
        else:
            self.last_assigned = target.name
        self.builder.bind(target, value, span)

    def _unpack(self, statement: nodes.Unpacking) -> None:
        for target in statement.targets:
            if self.function is not None:
                self._check_outer(target)
            else:
                self.last_assigned = target.name
        self.builder.unpack(statement.targets, statement.value, statement.span)

    def _later(self, tasks: Iterable[_Task]) -> None:
        """Do some tasks in order, before what is to do already."""
        self.todo.extend(reversed(list(tasks)))

    def _in_block(self, block: nodes.Block | None, start: int, then: Callable[[], None]) -> list[_Task]:
        """The tasks of a block of statements, in a block of code of its own, and of what follows in that."""
        statements = block.statements if block is not None else ()
        return [partial(self._enter, start), *statements, self._leave, then]

    def _enter(self, start: int) -> None:
        self.builder.start(start)
        self.depth += 1

    def _leave(self) -> None:
        self.depth -= 1

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
        if self.function is not None:
            self._check_outer(loop.variable)
        if name in self.states:
            help_text = "give the variable of the loop another name"
            self._add("loop-variable", f"the state `{name}` cannot be a loop's variable", loop.variable, "", help_text)
        for statement in nodes.own_statements(loop.body.statements):
            for target in nodes.targets_of(statement):
                if target.name == name and not self.braces_are_doubtful:
                    label = f"the variable of the loop on line {self._line(loop.variable)}"
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
        if self.function is not None:
            self.builder.end(ReturnToCaller(self.builder.append(statement.value), statement.span))
            self.builder.start(self.builder.block())  # which nothing reaches
        elif not self.braces_are_doubtful:  # else the head of its function may be among the mistakes
            help_text = "`output` names the results of a program"
            message = "`return` stands outside a function"
            self.found.append(Problem("return-outside", message, statement.span, "not in a `def`", help=help_text))

    def _misplaced(self, statement: nodes.Statement) -> None:
        """What declares something stands at the top level."""
        self._declare([statement])
        if isinstance(statement, nodes.Definition):
            self.misplaced.add(statement.name.name)
        elif isinstance(statement, nodes.Output):
            self.misplaced.update(name.name for name in statement.names)
        if self.braces_are_doubtful:
            return
        keyword = self.source.text[statement.span.start :].split(None, 1)[0]
        where = "in a function" if self.function is not None else "in a block"
        help_text = "move it out of the block, to the top level"
        message = f"`{keyword}` cannot stand {where}"
        self.found.append(Problem("misplaced", message, statement.span, "a declaration", help=help_text))

    def _state(self, statement: nodes.State) -> None:
        name = statement.target
        if name.name in self.builder.bindings:
            label = f"first given a value on line {self.lines[name.name]}"
            help_text = "declare a state once, above all else that assigns it"
            self._add("duplicate-state", f"`{name.name}` has a value already", name, label, help_text)
        self._bind(name, statement.value, statement.span)

    # Functions

    def _define(self, definition: nodes.Definition) -> None:
        """Make the code of a function."""
        parameters = dict.fromkeys(parameter.name for parameter in definition.parameters)
        body = definition.body
        own = nodes.own_statements(body.statements) if isinstance(body, nodes.Block) else []
        states = self.states - parameters.keys()
        lines = {
            name: line for name, line in self._lines(own).items()
            if name not in states and not self._is_outer(name, definition)
        }  # fmt: skip
        variables = {name: self.main.slot_of(name) for name in self.lines if name not in parameters}
        self.builder = CodeBuilder(len(parameters), Outside(self.definitions, lines, variables, states, self.arrays))
        self.builder.reserve(parameters)
        self.function = definition
        seen: set[str] = set()
        for parameter in definition.parameters:
            self.builder.declare(parameter.name)
            if parameter.name in seen:
                message = f"`{parameter.name}` is a parameter already"
                self._add("duplicate-parameter", message, parameter, "named twice", "give one of the two another name")
            seen.add(parameter.name)
        self._copy_varied(definition)
        if isinstance(body, nodes.Block):
            self._statements(body.statements)
            if not (nodes.always_returns(body) or self.reading.problems):  # a `return` may be among them
                message = f"the function `{definition.name.name}` may end without `return`"
                help_text = "end it, and each branch that ends it, with `return`"
                self._add("no-return", message, definition.name, "not every way through it returns", help_text)
        else:
            self.builder.end(ReturnToCaller(self.builder.append(body), body.span))
        self.functions[definition.name.name] = self.builder.finish()
        self.function_problems += self.builder.problems

    def _copy_varied(self, definition: nodes.Definition) -> None:
        """Give the parameters that the function differentiates by an entry of their own.

        Else they would be the argument itself, and what the function reads of it elsewhere would vary as well.
        """
        varied = set(_differentiated_by(definition))
        for parameter in definition.parameters:
            if parameter.name in varied:
                self.builder.operation(COPY, (self.builder.bindings[parameter.name],), parameter.span)
                self.builder.name_last(parameter.name)

    def _check_outer(self, target: nodes.Name) -> None:
        """A function assigns its own names and states; what looks like another of the program's is a mistake."""
        assert self.function is not None
        name = target.name
        if self.braces_are_doubtful or not self._is_outer(name, self.function):
            return
        label = f"a value of the program, first assigned on line {self.lines[name]}"
        message = f"the function `{self.function.name.name}` cannot assign the outer `{name}`"
        declare = name not in self.input_spans
        help_text = f"declare it `state {name} = …`, or use another name" if declare else "use another name"
        self._add("outer-assignment", message, target, label, help_text)

    def _is_outer(self, name: str, function: nodes.Definition) -> bool:
        """Whether a name is the program's, assigned above a function, and neither a state nor a parameter."""
        own = self.states | {parameter.name for parameter in function.parameters}
        return name not in own and self.first.get(name, math.inf) < function.span.start

    # Inputs and outputs

    def _input(self, declaration: nodes.Input, help_text: str) -> None:
        name = declaration.name
        first = self.input_spans.setdefault(name.name, name)
        if first is not name:
            message, label = f"`{name.name}` is an input already", f"first declared on line {self._line(first)}"
            self._add("duplicate-input", message, name, label, "remove one of the two, or give it another name")
            return
        if name.name in self.builder.bindings:
            message, label = f"`{name.name}` has been assigned already", "declared as an input here"
            help_text = "declare the inputs first, or give one of the two another name"
            self._add("duplicate-input", message, name, label, help_text)
            return
        self._check_shape(declaration)
        default = self._constant(declaration.default, f"the default of `{name.name}`")
        bounds = declaration.range or (None, None)
        for bound in bounds:
            if bound is not None and uses_arrays([bound], ()):
                message = f"the range of `{name.name}` goes from a number to a number, and this is an array"
                self.found.append(Problem("bad-shape", message, bound.span, help="it holds for each element"))
                bounds = (None, None)
        low, high = (self._constant(bound, f"the range of `{name.name}`") for bound in bounds)
        both = None if low is None or high is None else (low, high)
        self.inputs.append(InputVariable(declaration, default, both, help_text))
        self.builder.declare(name.name)

    def _check_shape(self, declaration: nodes.Input) -> None:
        """The sizes of a vector or a matrix: whole numbers, and names that nothing else has."""
        shape = declaration.shape or ()
        if len(shape) > 2:
            message = f"`{declaration.name.name}` has {len(shape)} dimensions: there are vectors and matrices only"
            span = Span(shape[0].span.start, shape[-1].span.end)
            self.found.append(Problem("bad-shape", message, span, help="write `input w[3]` or `input X[n, 2]`"))
        for size in shape:
            if isinstance(size, nodes.Number):
                if not (size.text.isdigit() and int(size.text) > 0):
                    message = f"`{size.text}` is no size: a size is a whole number from 1, or a name"
                    self.found.append(Problem("bad-shape", message, size.span, help="as in `input w[3]`"))
            elif self.shape_spans[size.name] is size and self.first[size.name] < size.span.start:
                message = f"`{size.name}` has a value already, and what is given for `{declaration.name.name}` binds it"
                self._add("bad-shape", message, size, "a size", "give the size a name of its own")
            elif size.name in self.input_spans:
                message = f"`{size.name}` is an input, and a size is bound by what is given"
                self._add("bad-shape", message, size, "a size", "give the size a name of its own")
            else:
                self.builder.declare(size.name)

    def _constant(self, expression: nodes.Expression | None, what: str) -> Code | None:
        if expression is None:
            return None
        code, problems = constant_code(expression, what)
        self.found += problems
        return code

    def _add(self, code: str, message: str, node: nodes.Name, label: str, help: str) -> None:
        self.found.append(Problem(code, message, node.span, label, help=help))

    def problems(self) -> list[Problem]:
        """All that is wrong, but for what a syntax error elsewhere may explain."""
        doubtful = self.reading.doubtful | self.misplaced
        return [
            *self.found,
            *(
                problem
                for problem in (*self.main.problems, *self.function_problems)
                if problem.code not in _DOUBTED or self._text(problem) not in doubtful
            ),
            *self._output_problems(),
        ]

    def _text(self, problem: Problem) -> str:
        return self.source.text[slice(*(problem.span or (0, 0)))]

    def _output_problems(self) -> list[Problem]:
        bindings = self.main.bindings
        problems = []
        seen: set[str] = set()
        for name in self.output_names:
            if name.name in seen:
                message = f"`{name.name}` is an output already"
                problems.append(Problem("duplicate-output", message, name.span, help="name each output once"))
            elif name.name not in bindings and name.name not in self.reading.doubtful:
                message = f"the output `{name.name}` is never assigned"
                close = did_you_mean(name.name, bindings) or f"write `output {name.name} = …`, or name another value"
                problems.append(
                    Problem("unassigned-output", message, name.span, "no line gives it a value", help=close)
                )
            seen.add(name.name)
        nothing = not (self.output_names or self.misplaced) and self.last_assigned is None
        if nothing and not self.reading.problems:
            problems.append(Problem("no-output", "the program computes nothing", help=_SMALLEST))
        return problems

    def program(self) -> Program:
        """The checked program; raises AdError with what is wrong with its claims."""
        outputs = [name.name for name in self.output_names] or [self.last_assigned or ""]
        code, tree = self.main.finish(), self.reading.tree
        return Program(
            self.source, tree, tuple(self.inputs), tuple(outputs), code, self.functions, tuple(self.shape_spans),
            self.arrays, self._claims(code) if self.claims else (),
        )  # fmt: skip

    def _claims(self, code: Code) -> tuple[Claim, ...]:
        from adcli.program.claims import compile_claim, scope_of  # which few programs need

        scope = scope_of(code, [variable.name for variable in self.inputs], self.reading.tree, self.arrays)
        compiled = [compile_claim(claim, scope, self.source) for claim in self.claims]
        problems = [problem for _, found in compiled for problem in found]
        if problems:
            raise AdError(problems, self.source)
        return tuple(claim for claim, _ in compiled)


def _differentiated_by(definition: nodes.Definition) -> Iterator[str]:
    """The names that a function differentiates by."""
    body = definition.body
    statements = nodes.own_statements(body.statements) if isinstance(body, nodes.Block) else [definition]
    for statement in statements:
        for expression in nodes.expressions_of(statement):
            for node in nodes.subexpressions(expression):
                if isinstance(node, nodes.Apply) and node.function == DERIVATIVE:
                    yield from (operand.name for operand in node.operands[1:] if isinstance(operand, nodes.Name))


def _is_whole(step: nodes.Expression) -> bool:
    """Whether a step is written as a whole number."""
    if isinstance(step, nodes.Apply) and step.function == "-" and len(step.operands) == 1:
        (step,) = step.operands
    return isinstance(step, nodes.Number) and float(step.text).is_integer()

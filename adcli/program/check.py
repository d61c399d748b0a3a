"""Tree → Program, or every mistake that the tree has: names, arity, inputs and outputs, what stands in its place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from adcli.errors import AdError, Problem
from adcli.program.assignments import AssignmentCompiler
from adcli.program.build import Outside, Without
from adcli.program.calls import Version, parameters_text
from adcli.program.code import Code, ReturnToCaller
from adcli.program.declarations import (
    InputDeclarations,
    constant_code,
    declarations_of,
    duplicate_functions,
    functions_alone,
    lines_of,
)
from adcli.program.free import free_names
from adcli.program.functions import functions_of, uneven_returns
from adcli.program.later import Later
from adcli.program.mistakes import DERIVATIVE
from adcli.program.program import CompiledClaim, Program
from adcli.program.statements import StatementCompiler, is_outer
from adcli.program.suggest import did_you_mean
from adcli.program.uses import used_by
from adcli.rules.table import COPY, FUNCTIONS
from adcli.syntax import nodes
from adcli.syntax.inline import read_inline
from adcli.syntax.parse import Reading, read
from adcli.syntax.source import Source, Span

_SMALLEST = "a smallest program is `input x`, and below it `output y = x^2`"


def program_from(source: Source) -> Program:
    """The program of a text; raises AdError with all its mistakes, in the order of their places."""
    if not source.text.strip():
        raise AdError(Problem("empty-program", f"`{source.name}` is empty", help=_SMALLEST), source)
    return check(read(source.program, FUNCTIONS.keys()), source)


def program_from_expression(source: Source) -> Program:
    """The program of an expression, or of statements, of which the last may be one.

    The value of the expression is the output `value`. Where no `input` says what the inputs are, they are the names
    that nothing gives a value.
    """
    reading = read_inline(source.program, FUNCTIONS.keys())
    statements = reading.tree.statements
    if not (statements or reading.problems):
        raise AdError(Problem("empty-program", "the expression is empty", help="write one, such as 'x*y'"), source)
    if not any(isinstance(statement, nodes.Inputs) for statement in statements):
        names = free_names(statements)
        if names:
            declarations = tuple(nodes.Input(name, None, None, name.span, shape=None) for name in names)
            inputs = nodes.Inputs(declarations, "", statements[-1].span)
            reading = reading._replace(tree=nodes.Tree(reading.tree.description, (inputs, *statements)))
    return check(reading, source, of_expression=True)


def check(reading: Reading, source: Source, of_expression: bool = False) -> Program:
    """The program of what was read; raises AdError with its syntax errors and all other mistakes."""
    checker = _Checker(reading, source)
    checker.run()
    problems = [*reading.problems, *checker.problems()]
    if problems:
        raise AdError(sorted(problems, key=lambda problem: problem.span or (0, 0)), checker.source)
    program = checker.program(of_expression)
    if program.arrays:
        from adcli.program.shapes import shape_problems  # which programs of numbers do not need

        problems = shape_problems(program.code, program.functions, program.inputs, program.sizes)
        if problems:
            raise AdError(sorted(problems, key=lambda problem: problem.span or (0, 0)), checker.source)
        from adcli.program.ranks import specialised

        ranks = [None if variable.shape is None else len(variable.shape) for variable in program.inputs]
        code, functions = specialised(program.code, program.functions, [*ranks, *[0] * len(program.sizes)])
        program = program._replace(code=code, functions=functions)
    return program


_SPOILT = ("wrong-arity", "wrong-derivative", "unpacking")  # what one inside it may explain
_DOUBTED = ("unknown-name", "unknown-function", "used-before-assignment")  # what a syntax error may explain


class _Checker:
    """One pass over the statements of the program, then one over those of each function."""

    def __init__(self, reading: Reading, source: Source) -> None:
        used = used_by(reading, source)
        self.source = source = used.source
        self.reading = reading
        homes = {home: declarations_of(other, source) for home, other in used.homes.items()}
        names = declarations_of(reading, source)
        arrays = names.arrays or any(home.arrays for home in homes.values())
        self.names = names = names._replace(arrays=arrays)
        self.homes = {home: functions_alone(other, arrays) for home, other in homes.items()}
        self.all = functions_of(used.functions, used.visible)
        parameters = dict.fromkeys([*names.inputs, *names.sizes])
        self.versions: dict[str, Version] = {}
        self.outside = Outside(
            used.visible, self.all, self.versions, lines=names.lines, states=names.states, arrays=arrays
        )  # fmt: skip
        self.main = AssignmentCompiler(len(parameters), self.outside)
        self.main.reserve(parameters)
        self.statements = StatementCompiler(names, self.main, declare=self._declare)
        self.inputs = InputDeclarations(names, self.main)
        self.output_names: list[nodes.Name] = []
        self.claims: list[nodes.Claim] = []
        self.functions: dict[str, Code] = {}
        self.mistakes: list[Problem] = duplicate_functions(reading.tree.statements, names)
        self.mistakes += used.problems + uneven_returns(self.all.known, self.all.counts, source)
        self.function_problems: list[Problem] = []

    def run(self) -> None:
        """Make the code of the program and of its functions."""
        self.statements.compile(self.reading.tree.statements)
        self.mistakes += self.statements.problems + self.inputs.problems
        for name in self.names.definitions:
            self._define(Version(name, tuple((parameter, "") for parameter in sorted(self.all.called[name]))))
        self._define_versions()

    def _define_versions(self) -> None:
        """Make the code of all that is called and has none yet, until there is nothing more of it."""
        while todo := self.versions.keys() - self.functions.keys():
            for name in sorted(todo):
                self._define(self.versions[name])

    def _declare(self, statement: nodes.Statement) -> None:
        """Take a declaration at the top level of the program."""
        if isinstance(statement, nodes.Inputs):
            for declaration in statement.declarations:
                self.inputs.add(declaration, statement.help)
        elif isinstance(statement, nodes.State):
            self._state(statement)
        elif isinstance(statement, nodes.Claim):
            self.claims.append(statement)
        elif isinstance(statement, nodes.Output):
            for name, value in () if self._is_misread(statement) else statement.assigned():
                whole = len(statement.names) == 1
                self.main.bind(name, value, statement.span if whole else Span(name.span.start, value.span.end))
            self.output_names += statement.names

    def _is_misread(self, statement: nodes.Output) -> bool:
        """Whether `output a, b = f(x)` is meant to give both a value, which is written otherwise: that is told."""
        last, count = statement.values[-1], len(statement.names)
        if count == 1 or not isinstance(last, nodes.Apply) or self.main.returned_by(last.function) != count:
            return False
        names = ", ".join(name.name for name in statement.names)
        message = f"`{last.function}` returns {count} values, and `output` gives one to each name that has a `=`"
        help_text = f"write `{names} = {last.function}(…)`, and then `output {names}`"
        self.mistakes.append(Problem("several-values", message, last.span, help=help_text))
        for name in statement.names:
            self.main.declare(name.name)
        return True

    def _state(self, statement: nodes.State) -> None:
        name = statement.target
        if name.name in self.main.bindings:
            label = f"first given a value on line {self.names.lines[name.name]}"
            help_text = "declare a state once, above all else that assigns it"
            self._add("duplicate-state", f"`{name.name}` has a value already", name, label, help_text)
        self.statements.bind(name, statement.value, statement.span)

    # Functions

    @cached_property
    def _variables(self) -> dict[str, int]:
        """The slot of each name of the program."""
        return {name: self.main.slot_of(name) for name in self.names.lines}

    def _define(self, version: Version) -> None:
        """Make the code of a function, for the functions that are passed to it."""
        function, passed = self.all.known[version.key], dict(version.passed)
        definition, names = function.definition, self.homes.get(function.home, self.names)
        body = definition.body
        parameters = dict.fromkeys([name.name for name in definition.parameters if name.name not in passed])
        own = nodes.own_statements(body.statements) if isinstance(body, nodes.Block) else []
        states = names.states if names.states.isdisjoint(parameters) else names.states - parameters.keys()
        lines = {
            name: line for name, line in lines_of(own, self.source).items()
            if name not in states and not is_outer(names, name, definition)
        }  # fmt: skip
        variables = {} if function.home else Without(self._variables, parameters)
        outside = self.outside._replace(
            functions=function.visible, passed=passed, lines=lines, variables=variables, states=states
        )
        builder = AssignmentCompiler(len(parameters), outside)
        builder.reserve(parameters)
        self._parameters(definition, builder)
        if isinstance(body, nodes.Block):
            statements = StatementCompiler(names, builder, definition)
            statements.compile(body.statements)
            self.mistakes += statements.problems
            self.statements.misplaced |= statements.misplaced
            if not (nodes.always_ends(body) or self.reading.problems):  # a `return` may be among them
                message = f"the function `{definition.name.name}` may end without `return`"
                help_text = "end it, and each branch that ends it, with `return`"
                self._add("no-return", message, definition.name, "not every way through it returns", help_text)
        else:
            slots = builder.append_returned(body)
            if definition.partials:
                slots = [builder.state(definition, slots[0])]
            builder.end(ReturnToCaller(tuple(slots), body.span))
        self.functions[version.name] = builder.finish()
        self.function_problems += builder.problems

    def _parameters(self, definition: nodes.Definition, builder: AssignmentCompiler) -> None:
        """Make the parameters of a function known.

        Those that the function differentiates by get an entry of their own. Else they would be the argument itself,
        and what the function reads of it elsewhere would vary as well.
        """
        seen: set[str] = set()
        for parameter in definition.parameters:
            if parameter.name not in builder.outside.passed:
                builder.declare(parameter.name)
            if parameter.name in seen:
                message = f"`{parameter.name}` is a parameter already"
                self._add("duplicate-parameter", message, parameter, "named twice", "give one of the two another name")
            seen.add(parameter.name)
        for parameter, default in zip(definition.parameters, definition.defaults, strict=True):
            if default is not None:
                self.mistakes += constant_code(default, f"the default of `{parameter.name}`")[1]
        varied = {*_differentiated_by(definition), *(passed for passed in seen if definition.partials)}
        for parameter in definition.parameters:
            if parameter.name in varied and parameter.name in builder.bindings:
                builder.operation(COPY, (builder.bindings[parameter.name],), parameter.span)
                builder.name_last(parameter.name)
        if definition.partials:
            self._check_partials(definition)
            values = [parameter.name for parameter in definition.parameters if parameter.name in builder.bindings]
            builder.keep(values, definition.span)

    def _check_partials(self, definition: nodes.Definition) -> None:
        """A rule states one partial by each parameter, of its one value."""
        name, wanted, stated = definition.name, len(definition.parameters), len(definition.partials)
        if wanted != stated:
            message = f"the rule `{name.name}` has {parameters_text(wanted)}, and states {stated} of its derivatives"
            self._add("bad-rule", message, name, "", "state one by each parameter, in their order")
        if self.all.counts.get(name.name, 1) > 1:
            self._add("bad-rule", f"the rule `{name.name}` has several values", name, "", "a rule has one value")
        for parameter in definition.parameters:
            if parameter.name in self.all.called.get(name.name, ()):
                message = f"`{parameter.name}` is a function, and there is no derivative by it"
                self._add("bad-rule", message, parameter, "", "define the function with `def`")

    # The program

    def _add(self, code: str, message: str, node: nodes.Name, label: str, help: str) -> None:
        self.mistakes.append(Problem(code, message, node.span, label, help=help))

    def problems(self) -> list[Problem]:
        """All that is wrong, but for what a syntax error elsewhere may explain."""
        doubtful = self.reading.doubtful | self.statements.misplaced
        return [
            *self.mistakes,
            *(
                problem
                for problem in dict.fromkeys((*self.main.problems, *self.function_problems))  # of all versions
                if not ((problem.code in _DOUBTED and self._text(problem) in doubtful) or self._is_spoilt(problem))
            ),
            *self._output_problems(),
        ]

    def _is_spoilt(self, problem: Problem) -> bool:
        """Whether a syntax error in the operands of a call may be why they are too many or too few."""
        start, end = problem.span or (0, 0)
        spans = (error.span or (0, 0) for error in self.reading.problems if problem.code in _SPOILT)
        return any(start <= first and last <= end for first, last in spans)

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
        nothing = not (self.output_names or self.statements.misplaced) and self.statements.last_assigned is None
        if nothing and not (self.reading.problems or self.statements.problems):
            problems.append(Problem("no-output", "the program computes nothing", help=_SMALLEST))
        return problems

    def program(self, of_expression: bool) -> Program:
        """The checked program; raises AdError with what is wrong with its claims."""
        outputs = [name.name for name in self.output_names] or [self.statements.last_assigned or ""]
        code, tree = self.main.finish(), self.reading.tree
        return Program(
            self.source, tuple(self.inputs.variables), tuple(outputs), code, self.functions, tuple(self.names.sizes),
            self.names.arrays, self._claims(code) if self.claims else (), of_expression,
            Later.made((tree, self.all)),
        )  # fmt: skip

    def _claims(self, code: Code) -> tuple[CompiledClaim, ...]:
        from adcli.program.claims import ClaimScope, compile_claim  # which few programs need

        outside = self.outside._replace(lines={})
        scope = ClaimScope(
            code.bindings, tuple(variable.name for variable in self.inputs.variables), code.size, outside
        )
        compiled = [compile_claim(claim, scope, self.source) for claim in self.claims]
        self._define_versions()
        problems = [problem for _, wrong in compiled for problem in wrong]
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

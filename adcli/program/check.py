"""Tree → Program, or every mistake that the tree has: names, arity, inputs and outputs."""

from __future__ import annotations

from adcli.errors import AdError, Problem
from adcli.program.code import Code, CodeBuilder
from adcli.program.program import InputVariable, Program
from adcli.program.suggest import did_you_mean
from adcli.rules.table import CONSTANTS
from adcli.syntax import nodes
from adcli.syntax.parse import Reading, parse_expression, read
from adcli.syntax.source import Source

INLINE_OUTPUT = "value"


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
    todo = [expression]
    while todo:
        node = todo.pop()
        if isinstance(node, nodes.Name) and node.name not in CONSTANTS:
            names.setdefault(node.name, node)
        elif isinstance(node, nodes.Apply):
            todo.extend(reversed(node.operands))
    declarations = tuple(nodes.Input(name, None, None, name.span) for name in names.values())
    span = expression.span
    output = nodes.Output((nodes.Name(INLINE_OUTPUT, span),), expression, span)
    inputs = (nodes.Inputs(declarations, "", span),) if declarations else ()
    return check(Reading(nodes.Tree("", (*inputs, output)), [], frozenset()), source)


def check(reading: Reading, source: Source) -> Program:
    """The program of what was read; raises AdError with its syntax errors and all other mistakes."""
    checker = _Checker(reading, source)
    problems = [*reading.problems, *checker.problems()]
    if problems:
        raise AdError(sorted(problems, key=lambda problem: problem.span or (0, 0)), source)
    return checker.program()


_SMALLEST = "a smallest program is `input x`, and below it `output y = x^2`"


class _Checker:
    """One pass over the statements, in order."""

    def __init__(self, reading: Reading, source: Source) -> None:
        self.source = source
        self.reading = reading
        self.inputs: list[InputVariable] = []
        self.output_names: list[nodes.Name] = []
        self.last_assigned: str | None = None
        self.found: list[Problem] = []
        statements = reading.tree.statements
        declarations = [d for s in statements if isinstance(s, nodes.Inputs) for d in s.declarations]
        self.input_spans: dict[str, nodes.Name] = {}
        names = dict.fromkeys(declaration.name.name for declaration in declarations)
        self.slots = {name: slot for slot, name in enumerate(names)}
        self.builder = CodeBuilder(len(names), self._definitions())
        for statement in statements:
            self._statement(statement)

    def _definitions(self) -> dict[str, int]:
        """The line on which each name is first defined."""
        lines: dict[str, int] = {}
        for statement in self.reading.tree.statements:
            if isinstance(statement, nodes.Inputs):
                names = [declaration.name for declaration in statement.declarations]
            elif isinstance(statement, nodes.Assignment):
                names = [statement.target]
            else:
                names = list(statement.names) if statement.value is not None else []
            for name in names:
                lines.setdefault(name.name, self.source.place(name.span.start)[0])
        return lines

    def _statement(self, statement: nodes.Statement) -> None:
        if isinstance(statement, nodes.Inputs):
            for declaration in statement.declarations:
                self._input(declaration, statement.help)
        elif isinstance(statement, nodes.Assignment):
            self.builder.bind(statement.target, statement.value, statement.span)
            self.last_assigned = statement.target.name
        else:
            if statement.value is not None:
                self.builder.bind(statement.names[0], statement.value, statement.span)
            self.output_names += statement.names

    def _input(self, declaration: nodes.Input, help_text: str) -> None:
        name = declaration.name
        first = self.input_spans.setdefault(name.name, name)
        if first is not name:
            line, _ = self.source.place(first.span.start)
            message, label = f"`{name.name}` is an input already", f"first declared on line {line}"
            self._add("duplicate-input", message, name, label, "remove one of the two, or give it another name")
            return
        if name.name in self.builder.bindings:
            message, label = f"`{name.name}` has been assigned already", "declared as an input here"
            help_text = "declare the inputs first, or give one of the two another name"
            self._add("duplicate-input", message, name, label, help_text)
            return
        default = self._constant(declaration.default, f"the default of `{name.name}`")
        bounds = declaration.range or (None, None)
        low, high = (self._constant(bound, f"the range of `{name.name}`") for bound in bounds)
        both = None if low is None or high is None else (low, high)
        self.inputs.append(InputVariable(declaration, default, both, help_text))
        self.builder.bindings[name.name] = self.slots[name.name]

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
        doubtful = self.reading.doubtful
        text = self.source.text
        used = [
            problem
            for problem in self.builder.problems
            if problem.code != "unknown-name" or text[slice(*(problem.span or (0, 0)))] not in doubtful
        ]
        return [*self.found, *used, *self._output_problems()]

    def _output_problems(self) -> list[Problem]:
        bindings = self.builder.bindings
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
        if not self.output_names and self.last_assigned is None and not self.reading.problems:
            problems.append(Problem("no-output", "the program computes nothing", help=_SMALLEST))
        return problems

    def program(self) -> Program:
        """The checked program."""
        outputs = [name.name for name in self.output_names] or [self.last_assigned or ""]
        return Program(self.source, self.reading.tree, tuple(self.inputs), tuple(outputs), self.builder.finish())


def constant_code(expression: nodes.Expression, what: str) -> tuple[Code, list[Problem]]:
    """The code of an expression of numbers, `pi` and `e`, and the problems of the names that it must not use."""
    builder = CodeBuilder()
    builder.append(expression)
    problems = [
        problem._replace(
            code="not-constant",
            message=f"{what} may use numbers, `pi` and `e` only",
            label="a name",
            help="write its value",
        )
        if problem.code == "unknown-name" and not problem.help.endswith("(…)`")
        else problem
        for problem in builder.problems
    ]
    return builder.finish(), problems

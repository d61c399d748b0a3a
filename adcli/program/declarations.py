"""What a program declares: names with their places, inputs with their shapes, before a statement becomes code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adcli.errors import Problem
from adcli.program.build import Outside
from adcli.program.code import Code
from adcli.program.expressions import ExpressionCompiler, uses_arrays
from adcli.program.mistakes import not_constant
from adcli.program.program import InputVariable
from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.syntax.parse import Reading
from adcli.syntax.source import Source, Span


class Declarations(NamedTuple):
    """What names a program has.

    Attributes:
        source: its text
        definitions: the functions that it defines
        inputs, sizes: the place where each input, and each size in the shape of one, stands first
        states: the names declared `state`
        lines: the line on which each name of the program's own is first given a value
        starts: where in the text that is
        arrays: whether values may be arrays
        braces_are_doubtful: whether a missing brace may be why something seems to stand in a function or in a loop
    """

    source: Source
    definitions: Mapping[str, nodes.Definition]
    inputs: Mapping[str, nodes.Name]
    sizes: Mapping[str, nodes.Name]
    states: frozenset[str]
    lines: Mapping[str, int]
    starts: Mapping[str, int]
    arrays: bool
    braces_are_doubtful: bool

    def line(self, node: nodes.Name) -> int:
        """The line that a name stands on."""
        return self.source.place(node.span.start)[0]


def declarations_of(reading: Reading, source: Source) -> Declarations:
    """What a program declares."""
    statements = reading.tree.statements
    definitions: dict[str, nodes.Definition] = {}
    inputs: dict[str, nodes.Name] = {}
    sizes: dict[str, nodes.Name] = {}
    shaped = False
    for statement in statements:
        if isinstance(statement, nodes.Definition):
            definitions.setdefault(statement.name.name, statement)
        for declaration in statement.declarations if isinstance(statement, nodes.Inputs) else ():
            inputs.setdefault(declaration.name.name, declaration.name)
            shaped = shaped or declaration.shape != ()
            for size in nodes.sizes_of(declaration):
                sizes.setdefault(size.name, size)
    own = nodes.own_statements(statements)
    expressions = (expression for s in nodes.nested(statements) for expression in nodes.expressions_of(s))
    return Declarations(
        source,
        definitions,
        inputs,
        sizes,
        frozenset(s.target.name for s in statements if isinstance(s, nodes.State)),
        lines_of(own, source),
        {name.name: name.span.start for s in reversed(own) for name in nodes.targets_of(s)},
        shaped
        or uses_arrays(expressions, definitions)
        or any(d.partials for d in definitions.values())
        or any(isinstance(s, nodes.Solve) for s in nodes.nested(statements)),
        "{" in reading.doubtful or any(problem.code.endswith("-bracket") for problem in reading.problems),
    )


def functions_alone(names: Declarations, arrays: bool) -> Declarations:
    """What matters of a file of which only the functions are taken."""
    return names._replace(inputs={}, sizes={}, states=frozenset(), lines={}, starts={}, arrays=arrays)


def lines_of(statements: Iterable[nodes.Statement], source: Source) -> dict[str, int]:
    """The line on which each name is first given a value."""
    lines: dict[str, int] = {}
    for statement in statements:
        for name in nodes.targets_of(statement):
            if name.name not in lines:
                lines[name.name] = source.place(name.span.start)[0]
    return lines


def duplicate_functions(statements: Iterable[nodes.Statement], names: Declarations) -> list[Problem]:
    """The functions that are defined a second time."""
    return [
        Problem(
            "duplicate-function",
            f"`{statement.name.name}` is defined already",
            statement.name.span,
            f"first defined on line {names.line(names.definitions[statement.name.name].name)}",
            help="remove one of the two, or give it another name",
        )
        for statement in statements
        if isinstance(statement, nodes.Definition) and names.definitions[statement.name.name] is not statement
    ]


def constant_code(expression: nodes.Expression, what: str) -> tuple[Code, list[Problem]]:
    """The code of an expression of numbers, `pi` and `e`, and the problems of the names that it must not use."""
    builder = ExpressionCompiler(0, Outside(arrays=uses_arrays([expression], ())))
    builder.append(expression)
    problems = [
        not_constant(problem, what) if problem.code == "unknown-name" and not problem.help.endswith("(…)`") else problem
        for problem in builder.problems
    ]
    return builder.finish(), problems


class InputDeclarations:
    """Checks the inputs of a program, one after another.

    Attributes:
        variables: the inputs so far
        problems: what is wrong with them
    """

    def __init__(self, names: Declarations, builder: ExpressionCompiler) -> None:
        self.variables: list[InputVariable] = []
        self.problems: list[Problem] = []
        self._names = names
        self._builder = builder  # of the program
        self._known: dict[str, nodes.Name] = {}

    def add(self, declaration: nodes.Input, help_text: str) -> None:
        """Check a declaration with its default and its range, and make its name known."""
        name = declaration.name
        first = self._known.setdefault(name.name, name)
        if first is not name:
            message, label = f"`{name.name}` is an input already", f"first declared on line {self._names.line(first)}"
            self._add("duplicate-input", message, name, label, "remove one of the two, or give it another name")
            return
        if name.name in self._builder.bindings:
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
                self.problems.append(Problem("bad-shape", message, bound.span, help="it holds for each element"))
                bounds = (None, None)
        low, high = (self._constant(bound, f"the range of `{name.name}`") for bound in bounds)
        both = None if low is None or high is None else (low, high)
        self.variables.append(InputVariable(declaration, default, both, help_text))
        self._builder.declare(name.name)

    def _check_shape(self, declaration: nodes.Input) -> None:
        """The sizes of a vector or a matrix: whole numbers, and names that nothing else has."""
        shape = declaration.shape or ()
        if len(shape) > 2:
            message = f"`{declaration.name.name}` has {len(shape)} dimensions: there are vectors and matrices only"
            span = Span(shape[0].span.start, shape[-1].span.end)
            self.problems.append(Problem("bad-shape", message, span, help="write `input w[3]` or `input X[n, 2]`"))
        for size in shape:
            if isinstance(size, nodes.Number):
                if not (size.text.isdigit() and int(size.text) > 0):
                    message = f"`{size.text}` is no size: a size is a whole number from 1, or a name"
                    self.problems.append(Problem("bad-shape", message, size.span, help="as in `input w[3]`"))
            elif self._names.sizes[size.name] is size and self._names.starts[size.name] < size.span.start:
                message = f"`{size.name}` has a value already, and what is given for `{declaration.name.name}` binds it"
                self._add("bad-shape", message, size, "a size", "give the size a name of its own")
            elif size.name in self._known:
                message = f"`{size.name}` is an input, and a size is bound by what is given"
                self._add("bad-shape", message, size, "a size", "give the size a name of its own")
            else:
                self._builder.declare(size.name)

    def _constant(self, expression: nodes.Expression | None, what: str) -> Code | None:
        if expression is None:
            return None
        code, problems = constant_code(expression, what)
        self.problems += problems
        return code

    def _add(self, code: str, message: str, node: nodes.Name, label: str, help: str) -> None:
        self.problems.append(Problem(code, message, node.span, label, help=help))

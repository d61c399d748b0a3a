"""A function in JavaScript: a module that needs no other, with numbers and arrays, for Node and for browsers."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache

from adcli.emit.bundle import TABLES, Statement, modules, reached, statements, table_entries, words_of
from adcli.emit.equations import NOISE, OFF_BY, SEED, SLOPE, UNKNOWN, EquationLines, equation_lines
from adcli.emit.function import ELSEWHERE, NOT_FINITE, OK, Function, told
from adcli.emit.identifiers import Identifiers
from adcli.emit.javascript_expressions import WORDS, Expressions, number_text
from adcli.emit.lines import NOWHERE, Definition, Line, Lines, Origin, Repeat, Requirement, RootLine, Solved, Update
from adcli.emit.refused import no_spelling
from adcli.emit.repeated import Lists, repeated
from adcli.rules.shapes import Shape
from adcli.syntax import nodes

_INDENT = "  "
_MODULES = "emit/script/roots.mjs"  # from which all are reached that a function may need
_LINE_ENDS = re.compile(r"[\r\n\u2028\u2029]+")
_LOOPS = Lists(
    head="for (let {0} = 0; {0} < {1}; {0}++) {{", numbers="[{}]", constant="const {} = {};", variable="let {} = {};",
    assigned="{} = {};", appended="{}.push({});", declared="let {};", end="}", indent=_INDENT,
)  # of numbers alone  # fmt: skip
_ENDS = f"throw new Ended({ELSEWHERE})"
_ZERO = nodes.Number("0", NOWHERE)


def javascript_text(function: Function) -> str:
    """The text of a module that exports the function.

    It takes the inputs in order, numbers, lists of numbers, and lists of rows, and gives an object with `status`,
    `value`, `gradient`, a list of what belongs to each input that is differentiated by, of its shape, and `hessian`, a
    list of rows, in which the components of the inputs follow each other, those of a matrix row by row. Where the
    status is not 0 the results are null.

    Raises AdError `no-emission` where the program has a function that has no kernel in JavaScript.
    """
    writer = _Writer(function)
    body = writer.functions()
    words = [word for text in [*writer.kernels.values(), *writer.equations, *body] for word in words_of(text)]
    found = _library()
    names = reached(found, words)
    library = [f"{one.remark}{one.text}" for one in found if one.name in names]
    parts = [*_spaced(library), "\n".join(writer.kernels.values()), *writer.equations, *body]
    return "\n\n".join(part for part in parts if part) + "\n"


@cache
def _library() -> tuple[Statement, ...]:
    """What stands at the top level of the modules, but for the tables: functions are called by their names."""
    found = (one for text in modules(_MODULES).values() for one in statements(text))
    return tuple(one for one in found if one.name and one.name not in TABLES)


def _spaced(texts: Iterable[str]) -> Iterator[str]:
    """Statements with a blank line between them, unless both are lines alone."""
    lines: list[str] = []
    for text in texts:
        if text.count("\n") == 1:
            lines.append(text.rstrip("\n"))
            continue
        yield "\n".join(lines)
        lines = []
        yield text.rstrip("\n")
    yield "\n".join(lines)


class _Writer:
    """Writes lines as JavaScript, and notes the functions that these call.

    Attributes:
        equations: the functions of the equations that lines solve, each written once
    """

    def __init__(self, function: Function) -> None:
        self._function = function
        self.equations: list[str] = []
        self._solved: dict[Solved, tuple[str, EquationLines]] = {}
        declared = {one.name for one in _library()}
        tables = {name for table in TABLES for name in table_entries(table)}
        own = {"at", "branch", "column", "error", "noises", "noResults", "result", "rows"}
        self._names = Identifiers({*WORDS, *declared, *tables, *own})
        self._own_name = self._names.of(function.request.name)
        self._expressions = Expressions(function, self._names, declared)

    @property
    def kernels(self) -> Mapping[str, str]:
        """The functions that the lines call."""
        return self._expressions.kernels

    def functions(self) -> list[str]:
        """The texts of the functions: one, or one for each branch and one that asks them in turn."""
        order, branches = self._function.request.order, self._function.branches
        nothing = ", ".join(f"{name}: null" for name in _results(order))
        texts = [f"const noResults = (status) => ({{ status, {nothing} }});"]
        name, asked = self._function.request.name, self._own_name
        exported = "export " if name == asked else ""
        if len(branches) == 1:
            texts.append("\n".join([*self._documentation(), *self._branch(f"{exported}function {asked}", branches[0])]))
        else:
            called = [self._names.of(f"{name}_{number}") for number in range(1, len(branches) + 1)]
            texts += ["\n".join(self._branch(f"function {own}", lines))
                      for own, lines in zip(called, branches, strict=True)]  # fmt: skip
            texts.append("\n".join([*self._documentation(), *self._asking(f"{exported}function {asked}", called)]))
        if not exported:
            texts.append(f"export {{ {asked} as {name} }};")
        return texts

    def _asking(self, head: str, called: Sequence[str]) -> Iterator[str]:
        parameters = self._parameters()
        yield f"{head}({parameters}) {{"
        yield f"{_INDENT}for (const branch of [{', '.join(called)}]) {{"
        yield f"{2 * _INDENT}const result = branch({parameters});"
        yield f"{2 * _INDENT}if (result.status !== {ELSEWHERE}) return result;"
        yield f"{_INDENT}}}"
        yield f"{_INDENT}return noResults({ELSEWHERE});"
        yield "}"

    def _parameters(self) -> str:
        return ", ".join(self._names.of(parameter.name) for parameter in self._function.parameters)

    def _documentation(self) -> Iterator[str]:
        function = self._function
        head, *more = function.title
        for line in (head, "", *more, *([""] if more else []), *_given(function), *told(function)):
            yield f"// {_on_one_line(line)}".rstrip()

    def _branch(self, head: str, lines: Lines) -> Iterator[str]:
        self._expressions.shapes = lines.shapes
        body = list(self._body(lines))
        yield f"{head}({self._parameters()}) {{"
        if any(parameter.shape for parameter in self._function.parameters):
            yield from (f"{_INDENT}{text}" for text in self._arrays_given())
        words = [word for text in (*body, *self.equations, *self.kernels.values()) for word in words_of(text)]
        ends = {"Refused", "Ended"} & reached(_library(), words)
        if ends:
            yield f"{_INDENT}try {{"
            yield from (f"{2 * _INDENT}{text}" for text in body)
            yield f"{_INDENT}}} catch (error) {{"
            statuses = {"Refused": f"{NOT_FINITE}); // such as no inverse", "Ended": "error.status);"}
            for end in sorted(ends, reverse=True):
                yield f"{2 * _INDENT}if (error instanceof {end}) return noResults({statuses[end]}"
            yield f"{2 * _INDENT}throw error;"
            yield f"{_INDENT}}}"
        else:
            yield from (f"{_INDENT}{text}" for text in body)
        yield "}"

    def _arrays_given(self) -> Iterator[str]:
        for parameter in self._function.parameters:
            if parameter.shape:
                name, shape = self._names.of(parameter.name), list(parameter.shape)
                yield f"{name} = givenArray({json.dumps(parameter.name, ensure_ascii=False)}, {name}, {shape});"

    def _body(self, lines: Lines) -> Iterator[str]:
        names, request = self._function.names, self._function.request
        yield from self._statements(lines.outer)
        results = [f"status: {OK}", f"value: {self._nested(lines, names.value)}"]
        if request.order:
            results.append(f"gradient: [{', '.join(self._nested(lines, names.gradient[by]) for by in request.wrt)}]")
        if request.order == 2:
            results.append("hessian: []")
        yield f"const result = {{ {', '.join(results)} }};"
        if request.order == 2:
            yield from self._columns(lines)
        yield f"return areFinite(result) ? result : noResults({NOT_FINITE});"

    def _columns(self, lines: Lines) -> Iterator[str]:
        """The lines of the Hessian: a product with each unit direction."""
        names = self._function.names
        moved = {parameter.name: parameter for parameter in self._function.differentiated}
        inputs = [moved[name] for name in self._function.request.wrt]
        yield f"for (let column = 0; column < {sum(parameter.size for parameter in inputs)}; column += 1) {{"
        start = 0
        for parameter in inputs:
            direction = self._names.of(names.direction[parameter.name])
            place = f"column - {start}" if start else "column"
            array = f"unitArray({list(parameter.shape)}, {place})"
            yield f"{_INDENT}const {direction} = {array if parameter.shape else f'column === {start} ? 1 : 0'};"
            start += parameter.size
        yield from (f"{_INDENT}{text}" for text in self._statements(lines.inner))
        row = ", ".join(self._elements(lines, names.product[parameter.name]) for parameter in inputs)
        yield f"{_INDENT}result.hessian.push([{row}]);"
        yield "}"

    def _spelled(self, tree: nodes.Expression) -> str:
        return self._expressions.text(tree)

    def _nested(self, lines: Lines, name: str) -> str:
        """A result as users have it: a number, or lists."""
        tree = lines.results.get(name, _ZERO)
        return self._spelled(tree) if self._expressions.is_number(tree) else f"asNested({self._spelled(tree)})"

    def _elements(self, lines: Lines, name: str, shape: Shape = ()) -> str:
        """The elements of a result, which is 0 if it is missing, of some shape."""
        if name not in lines.results and shape:
            return f"...elementsOf(unitArray({list(shape)}, -1))"
        tree = lines.results.get(name, _ZERO)
        return self._spelled(tree) if self._expressions.is_number(tree) else f"...elementsOf({self._spelled(tree)})"

    def _statements(
        self, lines: Iterable[Line], declared: Collection[str] = (), otherwise: str = f"return noResults({ELSEWHERE})"
    ) -> Iterator[str]:
        """The statements of lines; the names of some are declared already.

        Where a decision comes out otherwise, they do what they are told.
        """
        for line in lines:
            match line:
                case Origin():
                    yield f"// {_on_one_line(str(line))}"
                case Definition(name, value):
                    yield f"{'' if name in declared else 'const '}{self._names.of(name)} = {self._spelled(value)};"
                case Repeat():
                    loops = _LOOPS.looping(self._names.of, self._spelled, number_text)
                    yield from repeated(line, self._statements(line.body, line.leaves), loops)
                case Update(name, array, function, operands):
                    whole = nodes.Apply(function, (array, *operands), NOWHERE)
                    yield f"const {self._names.of(name)} = {self._spelled(whole)};"
                case Requirement(comparison, holds):
                    yield f"if ({self._expressions.decided_otherwise(comparison, holds)}) {otherwise};"
                case RootLine():
                    yield f"const {self._names.of(line.name)} = {self._root(line)};"
                case _:
                    raise no_spelling("JavaScript", line)

    # Roots

    def _root(self, line: RootLine) -> str:
        """The text of a search for a root."""
        name, own = self._function_of(line.solved)
        given = ["at", *(self._spelled(line.operands[place]) for place in own.places)]
        return f"rootOf((at) => {name}({', '.join(given)}), {self._spelled(line.start)}, {own.branch_of(line)})"

    def _function_of(self, solved: Solved) -> tuple[str, EquationLines]:
        """What the function of some equations is called, and their lines."""
        if solved not in self._solved:
            own = equation_lines(solved)
            name = self._names.fresh(f"equations_{len(self._solved) + 1}")
            self._solved[solved] = name, own
            outside = self._expressions.shapes
            self.equations += list(self._equations(name, own))
            self._expressions.shapes = outside
        return self._solved[solved]

    def _equations(self, name: str, own: EquationLines) -> Iterator[str]:
        """The function of some equations: of several branches those, and one that asks them in turn."""
        parameters = ", ".join(map(self._names.of, (UNKNOWN, *own.parameters)))
        count = len(own.branches)
        names = [name] if count == 1 else [self._names.fresh(f"{name}_{number + 1}") for number in range(count)]
        for number, lines in enumerate(own.branches):
            self._expressions.shapes = lines.shapes
            body = list(self._point(own, number))
            yield "\n".join([f"function {names[number]}({parameters}) {{", *(f"{_INDENT}{text}" for text in body), "}"])
        if count > 1:
            yield "\n".join(
                [
                    f"function {name}({parameters}) {{", f"{_INDENT}for (const branch of [{', '.join(names)}]) {{",
                    f"{2 * _INDENT}try {{", f"{3 * _INDENT}return branch({parameters});",
                    f"{2 * _INDENT}}} catch (error) {{",
                    f"{3 * _INDENT}if (error.status !== {ELSEWHERE}) throw error;", f"{2 * _INDENT}}}",
                    f"{_INDENT}}}", f"{_INDENT}{_ENDS};", "}",
                ]
            )  # fmt: skip

    def _point(self, own: EquationLines, number: int) -> Iterator[str]:
        """The body of one branch of equations; of several unknowns the Jacobian is made row by row."""
        lines = own.branches[number]
        yield from self._statements(lines.outer, (), _ENDS)
        off_by, slope, noise = (self._elements(lines, name, own.shape) for name in (OFF_BY, SLOPE, NOISE))
        if not own.shape:
            yield f"return {{ offBy: [{off_by}], jacobian: [{slope}], noise: [{noise}], branch: {number} }};"
            return
        yield "const [rows, noises] = [[], []];"
        yield f"for (let column = 0; column < {own.shape[0]}; column += 1) {{"
        yield f"{_INDENT}const {self._names.of(SEED)} = unitArray({list(own.shape)}, column);"
        yield from (f"{_INDENT}{text}" for text in self._statements(lines.inner, (), _ENDS))
        yield f"{_INDENT}rows.push({slope});"
        yield f"{_INDENT}noises.push({self._elements(lines, NOISE)});"
        yield "}"
        yield f"return {{ offBy: [{off_by}], jacobian: rows, noise: noises, branch: {number} }};"


def _results(order: int) -> tuple[str, ...]:
    return ("value", "gradient", "hessian")[: 1 + order]


def _given(function: Function) -> Iterator[str]:
    """What is told of the results, in words of JavaScript."""
    yield f"Gives {{ status, {', '.join(_results(function.request.order))} }}."
    arrays = [parameter for parameter in function.parameters if parameter.shape]
    for parameter in arrays:
        what = "a list of" if len(parameter.shape) == 1 else "a list of rows with"
        yield f"{parameter.name} is {what} {' × '.join(map(str, parameter.shape))} numbers."
    if arrays and function.request.order:
        yield "The gradient has for each input what has its shape."
    if arrays and function.request.order == 2:
        yield "The Hessian is a list of rows, the components of the inputs behind each other, matrices row by row."


def _on_one_line(text: str) -> str:
    return _LINE_ENDS.sub(" ", text)

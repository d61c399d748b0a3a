"""A function in NumPy: of arrays, or of columns where the program is one of numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from adcli.emit.equations import NOISE, OFF_BY, SEED, SLOPE, UNKNOWN, EquationLines
from adcli.emit.function import ELSEWHERE, NOT_FINITE, OK, Function
from adcli.emit.kernels import libraries, name_of_kernel, python_texts
from adcli.emit.lines import Definition, Line, Lines, Origin, Repeat, Requirement, RootLine, Update
from adcli.emit.numpy_expressions import Expressions
from adcli.emit.python import PythonWriter, documentation, hidden_kernels, looping, python_names
from adcli.emit.python_roots import ENDS_ELSEWHERE, LIBRARIES, Searches
from adcli.emit.refused import no_spelling
from adcli.emit.repeated import repeated
from adcli.errors import AdError
from adcli.syntax import nodes
from adcli.tape.root_steps import search_of_one

_INDENT = "    "
# Besides those of Python.
_WORDS = ("np", "functools", "unit", "held", "shape", "status", "finite", "solved", "rows", "noises", "results",
          "pairs", "new", "old")  # fmt: skip


def numpy_text(function: Function) -> str:
    """The text of a module with the function.

    A function of numbers takes columns as well: arrays of one shape, or numbers. Raises AdError `no-emission` where the
    program has a function that is not written in NumPy.
    """
    writer = _Writer(function)
    body = writer.functions()
    if writer.hidden:  # as in Python
        writer = _Writer(function, writer.hidden)
        body = writer.functions()
    kernels = list(python_texts(writer.kernels))
    modules = sorted((libraries(writer.kernels) | writer.modules) - {"numpy"})
    searches = [*writer.searches.helpers(writer.columns), *writer.searches.texts]
    head = [f'"""{function.title[0]}"""', "", *(f"import {module}" for module in modules), "import numpy as np"]
    return "\n\n\n".join(["\n".join(head), *kernels, *searches, *body]) + "\n"


class _Writer:
    """Writes lines in NumPy, and notes the kernels that these call.

    Attributes:
        columns: whether the function is one of numbers alone, and takes columns then
        searches: the equations that lines solve: those of numbers are written for Python, and solved row by row
        kernels: what is called
    """

    def __init__(self, function: Function, called: Collection[str] = ()) -> None:
        """Take the function, and the names of kernels that it calls, as far as they are known."""
        self._function = function
        self.columns = not any(parameter.shape for parameter in function.parameters) and not any(
            shape for lines in function.branches for shape in lines.shapes.values()
        )
        self._rows = _equations_of_numbers(function) if self.columns else None
        self.columns = self._rows is not None
        self._names = python_names(function, called, *_WORDS)
        self.searches = Searches(function.request.name, self._names, self._equations)
        self.kernels: dict[Callable[..., Any], None] = {}
        if self._rows is not None:
            self.searches, self.kernels = self._rows.searches, self._rows.kernels
        self._expressions = Expressions(function, self._names, self.kernels)

    @property
    def modules(self) -> set[str]:
        """The modules that it calls, besides those of its kernels."""
        return self._expressions.modules | (LIBRARIES if self.searches else set())

    @property
    def hidden(self) -> set[str]:
        """The names of kernels, some of which names of the program hide; none where that is not so."""
        return hidden_kernels(self._names, self.kernels)

    def functions(self) -> list[str]:
        """The texts of the functions: one, or one for each branch and one that asks them in turn."""
        branches, name = self._function.branches, self._function.request.name
        if len(branches) == 1:
            return ["\n".join(self._branch(name, branches[0], self._documentation()))]
        names = [f"_{name}_{number}" for number in range(1, len(branches) + 1)]
        texts = ["\n".join(self._branch(own, lines, [])) for own, lines in zip(names, branches, strict=True)]
        return [*texts, "\n".join(self._asking(name, names))]

    def _asking(self, name: str, branches: Sequence[str]) -> Iterator[str]:
        """The function that asks the branches in turn; of columns each row has the first one that decides alike."""
        parameters = self._parameters()
        yield f"def {name}({parameters}):"
        yield from self._documentation()
        first, *others = branches
        yield f"{_INDENT}results = {first}({parameters})"
        yield f"{_INDENT}for branch in ({', '.join(others)},):"
        if not self.columns:
            yield f"{2 * _INDENT}if results[0] == {ELSEWHERE}:"
            yield f"{3 * _INDENT}results = branch({parameters})"
        else:
            yield f"{2 * _INDENT}if np.any(results[0] == {ELSEWHERE}):"
            yield f"{3 * _INDENT}pairs = zip(results, branch({parameters}))"
            yield f"{3 * _INDENT}results = tuple([np.where(results[0] == {ELSEWHERE}, new, old) for old, new in pairs])"
        yield f"{_INDENT}return results"

    def _parameters(self) -> str:
        return ", ".join(self._names.of(parameter.name) for parameter in self._function.parameters)

    def _documentation(self) -> list[str]:
        more = []
        if self.columns:
            more = ["The inputs may be columns, of one length: so is the status, and each derivative then."]
        elif self._function.request.order == 2:
            more = ["The Hessian is a matrix by the components of these inputs, one after another."]
        return documentation(self._function, *more)

    def _branch(self, name: str, lines: Lines, documentation: Sequence[str]) -> Iterator[str]:
        yield f"def {name}({self._parameters()}):"
        yield from documentation
        for parameter in self._function.parameters:
            own = self._names.of(parameter.name)
            yield f"{_INDENT}{own} = np.asarray({own}, float)"
            if not self.columns:
                yield f"{_INDENT}if {own}.shape != {parameter.shape}:"
                yield f'{2 * _INDENT}raise ValueError("{own} is not of the shape {parameter.shape}")'
        body = self._of_columns(lines) if self.columns else self._of_arrays(lines)
        yield from (f"{_INDENT}{text}".rstrip() for text in body)

    def _of_columns(self, lines: Lines) -> Iterator[str]:
        """The body of a function of numbers: all rows at once, with a status for each."""
        function, wrt, order = self._function, self._function.request.wrt, self._function.request.order
        arguments = ", ".join(f"np.shape({self._names.of(parameter.name)})" for parameter in function.parameters)
        yield f"shape = np.broadcast_shapes({arguments})"
        yield 'with np.errstate(all="ignore"):'
        yield f"{_INDENT}held = np.ones(shape, bool)"
        if self.searches:
            yield f"{_INDENT}solved = np.ones(shape, bool)"
        yield from self._indented(self._statements(lines.outer))
        results = [self._result(lines, function.names.value)]
        if order:
            results += [self._result(lines, function.names.gradient[name]) for name in wrt]
        yield f"{_INDENT}results = [{', '.join(results)}]"
        if order == 2:
            yield f"{_INDENT}for column in range({len(wrt)}):"
            for place, name in enumerate(wrt):
                yield f"{2 * _INDENT}{self._names.of(function.names.direction[name])} = np.float64(column == {place})"
            yield from self._indented(self._indented(self._statements(lines.inner)))
            row = ", ".join(self._result(lines, function.names.product[name]) for name in wrt)
            yield f"{2 * _INDENT}results += [{row}]"
        yield "results = np.array([np.broadcast_to(result, shape) for result in results])"
        yield f"finite = np.where(np.isfinite(results).all(axis=0), {OK}, {NOT_FINITE})"
        yield f"status = np.where(held, finite, {ELSEWHERE})[()]"
        if self.searches:
            yield f"status = np.where(solved, status, {NOT_FINITE})[()]"
        yield f"results[:, status != {OK}] = np.nan"
        parts = ["status", "results[0]"]
        if order:
            parts.append(f"results[1:{len(wrt) + 1}]")
        if order == 2:
            parts.append(f"results[{len(wrt) + 1}:].reshape({len(wrt)}, {len(wrt)}, *shape)")
        yield f"return {', '.join(parts)}"

    def _of_arrays(self, lines: Lines) -> Iterator[str]:
        """The body of a function of arrays."""
        function, order = self._function, self._function.request.order
        yield 'with np.errstate(all="ignore"):'
        yield f"{_INDENT}try:"
        yield from self._indented(self._indented(self._statements(lines.outer)))
        results = [self._result(lines, function.names.value)]
        if order:
            gradient = [self._result(lines, function.names.gradient[parameter.name], parameter.shape)
                        for parameter in function.differentiated]  # fmt: skip
            results.append(f"({', '.join(gradient)},)")
        if order == 2:
            yield from self._indented(self._indented(self._products(lines)))
            results.append("np.array(products)")
        yield f"{_INDENT}except np.linalg.LinAlgError:"
        yield f"{2 * _INDENT}return {NOT_FINITE}{self._none()}"
        if self.searches:
            yield f"{_INDENT}except _Ended as ended:"
            yield f"{2 * _INDENT}return ended.args[0]{self._none()}"
        yield f"results = ({', '.join(results)},)"
        yield "parts = [results[0], *results[1], *results[2:]]" if order else "parts = results"
        yield "if not all(np.isfinite(part).all() for part in parts):"
        yield f"{_INDENT}return {NOT_FINITE}{self._none()}"
        yield f"return {OK}, *results"

    def _none(self) -> str:
        return ", None" * (1 + self._function.request.order)

    def _products(self, lines: Lines) -> Iterator[str]:
        """The lines of the Hessian of arrays: a product with each unit direction."""
        names, inputs = self._function.names, self._function.differentiated
        count = sum(parameter.size for parameter in inputs)
        yield "products = []"
        yield f"for unit in np.eye({count}):"
        start, row = 0, []
        for parameter in inputs:
            end = start + parameter.size
            part = f"unit[{start}:{end}].reshape({parameter.shape})" if parameter.shape else f"unit[{start}]"
            yield f"{_INDENT}{self._names.of(names.direction[parameter.name])} = {part}"
            row.append(f"np.ravel({self._result(lines, names.product[parameter.name], parameter.shape)})")
            start = end
        yield from self._indented(self._statements(lines.inner))
        yield f"{_INDENT}products.append(np.concatenate([{', '.join(row)}]))"

    def _indented(self, texts: Iterable[str]) -> Iterator[str]:
        return (f"{_INDENT}{text}" for text in texts)

    def _result(self, lines: Lines, name: str, shape: tuple[int, ...] = ()) -> str:
        if name in lines.results:
            return self._spelled(lines.results[name])
        return f"np.zeros({shape})" if shape else "0.0"

    def _spelled(self, tree: nodes.Expression) -> str:
        return self._expressions.text(tree)

    def _statements(self, lines: Iterable[Line], otherwise: str = "") -> Iterator[str]:
        """The statements of lines, with what is done where a decision comes out otherwise, if it is not as usual."""
        for line in lines:
            match line:
                case Origin():
                    yield f"# {line}"
                case Definition(name, value):
                    yield f"{self._names.of(name)} = {self._spelled(value)}"
                case Update(name, array, function, operands):
                    own, (value, *subscripts) = self._names.of(name), operands
                    yield f"{own} = np.array({self._spelled(array)})"
                    yield f"{own}[{self._expressions.index(function[1:-2], subscripts)}] = {self._spelled(value)}"
                case Requirement(comparison, holds):
                    yield from self._requirement(self._expressions.condition(comparison), holds, otherwise)
                case Repeat():
                    body = self._statements(line.body, otherwise)
                    yield from repeated(line, body, looping(self._names.of, self._spelled))
                case RootLine():
                    yield from self._root_of_rows(line, self._rows) if self._rows else self._root(line)
                case _:
                    raise no_spelling("NumPy", line)

    def _requirement(self, condition: str, holds: bool, otherwise: str) -> Iterator[str]:
        if self.columns:
            yield f"held &= {f'({condition})' if holds else f'np.logical_not({condition})'}"
        else:
            yield f"if {f'not ({condition})' if holds else condition}:"
            yield f"{_INDENT}{otherwise or f'return {ELSEWHERE}{self._none()}'}"

    # Roots

    def _root_of_rows(self, line: RootLine, rows: PythonWriter) -> Iterator[str]:
        """A root for each row, by the equations in Python."""
        name, own = rows.searches.equations(line)
        given = [self._spelled(tree) for tree in (line.start, *(line.operands[place] for place in own.places))]
        arguments = ", ".join([name, str(own.branch_of(line)), "shape", *given])
        yield f"{self._names.of(line.name)}, ended = _roots_of({arguments})"
        yield f"solved &= np.logical_not(held) | (ended != {NOT_FINITE})"
        yield f"held &= ended != {ELSEWHERE}"

    def _root(self, line: RootLine) -> Iterator[str]:
        name, own = self.searches.equations(line)
        from adcli.tape.root_steps_several import search_of_several  # which imports NumPy

        search = search_of_several if own.shape else search_of_one
        self.kernels[search] = None
        given = ", ".join(["at", *(self._spelled(line.operands[place]) for place in own.places)])
        start = self._spelled(line.start)
        begin = f"np.array({start}, float)" if own.shape else f"float({start})"
        arguments = f"{name_of_kernel(search)}, lambda at: {name}({given}), {begin}, {own.branch_of(line)}"
        yield f"{self._names.of(line.name)} = _root_of({arguments})"

    def _equations(self, own: EquationLines, number: int) -> Iterator[str]:
        """The body of the function of equations; of several unknowns the Jacobian is made row by row."""
        lines, unknown = own.branches[number], self._names.of(UNKNOWN)
        numbers = [name for name, shape in zip(own.parameters, own.shapes, strict=True) if not shape]
        for name in [*([] if own.shape else [UNKNOWN]), *numbers]:  # numbers as IEEE 754 has them
            yield f"{self._names.of(name)} = np.float64({self._names.of(name)})"
        yield from self._statements(lines.outer, ENDS_ELSEWHERE)
        off_by = self._result(lines, OFF_BY)
        if not own.shape:
            found = ", ".join(f"float({text})" for text in (unknown, off_by, *self._sweep(lines, own)))
            yield f"return _Point({found}, {number})"
            return
        yield "rows, noises = [], []"
        yield f"for {self._names.of(SEED)} in np.eye({own.shape[0]}):"
        yield from self._indented(self._statements(lines.inner, ENDS_ELSEWHERE))
        slope, noise = self._sweep(lines, own)
        yield f"{_INDENT}rows.append({slope})"
        yield f"{_INDENT}noises.append({noise})"
        yield f"return _Point({unknown}, np.asarray({off_by}, float), np.array(rows), np.array(noises), {number})"

    def _sweep(self, lines: Lines, own: EquationLines) -> tuple[str, str]:
        """What sweeps give: the slope, and the noise."""
        return self._result(lines, SLOPE, own.shape), self._result(lines, NOISE)


def _equations_of_numbers(function: Function) -> PythonWriter | None:
    """What has written all equations of a function for Python; None where these have arrays."""
    writer = PythonWriter(function)
    try:
        for line in chain.from_iterable((*branch.outer, *branch.inner) for branch in function.branches):
            if isinstance(line, RootLine):
                writer.search(line)
    except AdError:
        return None
    return writer

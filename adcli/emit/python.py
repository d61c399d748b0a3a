"""A function of numbers in Python, with `math` alone: what the interpreter computes, to the last bit."""

from __future__ import annotations

import keyword
import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from adcli.emit.equations import NOISE, OFF_BY, SLOPE, UNKNOWN, EquationLines
from adcli.emit.function import ELSEWHERE, NOT_FINITE, OK, Function, told
from adcli.emit.identifiers import Identifiers
from adcli.emit.infix import Dialect, spelled
from adcli.emit.kernels import NoSourceError, libraries, name_of_kernel, python_texts
from adcli.emit.lines import NOWHERE, Definition, Line, Lines, Origin, Repeat, Requirement, RootLine
from adcli.emit.literals import number_node
from adcli.emit.python_roots import ENDS_ELSEWHERE, LIBRARIES, WORDS, Searches
from adcli.emit.refused import no_spelling
from adcli.emit.repeated import Lists, Looping, repeated
from adcli.rules.dispatch import shape_of
from adcli.rules.primitive import Primitive
from adcli.syntax import nodes
from adcli.tape.root_steps import search_of_one

_INDENT = "    "
_ZERO = nodes.Number("0", NOWHERE)
_LOOPS = Lists(
    head="for {} in range({}):", numbers="({})", constant="{} = {}", variable="{} = {}", assigned="{} = {}",
    appended="{}.append({})", indent=_INDENT,
)  # fmt: skip


def python_text(function: Function, minus_zero: bool = True) -> str:
    """The text of a module with the function.

    Without `minus_zero` a derivative that is 0 is never -0.0, as the methods of programs have it: texts that people
    read do not say so at each result. Raises AdError `no-emission` where the program has arrays, or a function that
    Python's `math` and kernels of ours do not give.
    """
    writer = PythonWriter(function, minus_zero=minus_zero)
    body = writer.functions()
    if writer.hidden:  # names that hide what the text calls: it is written again, with others
        writer = PythonWriter(function, writer.hidden, minus_zero)
        body = writer.functions()
    kernels = list(python_texts(writer.kernels))
    searches = writer.searches
    modules = sorted({"math", *libraries(writer.kernels), *(LIBRARIES if searches else ())})
    head = [f'"""{function.title[0]}"""', "", *(f"import {module}" for module in modules)]
    parts = ["\n".join(head), *kernels, *searches.helpers(), *searches.texts, *body]
    return "\n\n\n".join(parts) + "\n"


class PythonWriter:
    """Writes lines as Python, and notes the kernels that these call.

    Attributes:
        kernels: those
        searches: the equations that lines solve
    """

    def __init__(self, function: Function, called: Collection[str] = (), minus_zero: bool = True) -> None:
        """Take the function, the names of kernels that it calls, as far as they are known, and as `python_text`."""
        self._function = function
        self._minus_zero = minus_zero
        self.kernels: dict[Callable[..., Any], None] = {}
        self._names = python_names(function, called)
        self.searches = Searches(function.request.name, self._names, self._equations)
        self._dialect = Dialect(
            number=repr, name=self._names.of, call=self._call,
            constants=function.constants(
                {"pi": "math.pi", "π": "math.pi", "e": "math.e", "inf": "math.inf", "nan": "math.nan"}
            ),
            choice=lambda condition, yes, no: f"{yes} if {condition} else {no}",
            operators={"and": "and", "or": "or", "not": "not "},
            not_finite={"inf": "math.inf", "nan": "math.nan"},
        )  # fmt: skip

    @property
    def hidden(self) -> set[str]:
        """The names of kernels, some of which names of the program hide; none where that is not so."""
        return hidden_kernels(self._names, self.kernels)

    def functions(self) -> list[str]:
        """The texts of the functions: one, or one for each branch and one that asks them in turn."""
        branches = self._function.branches
        name = self._function.request.name
        if len(branches) == 1:
            return ["\n".join(self._branch(name, branches[0], documentation(self._function)))]
        names = [f"_{name}_{number}" for number in range(1, len(branches) + 1)]
        texts = ["\n".join(self._branch(own, lines, [])) for own, lines in zip(names, branches, strict=True)]
        parameters = self._parameters()
        asking = [
            f"def {name}({parameters}):", *documentation(self._function),
            f"{_INDENT}for branch in ({', '.join(names)}):",
            f"{2 * _INDENT}result = branch({parameters})",
            f"{2 * _INDENT}if result[0] != {ELSEWHERE}:", f"{3 * _INDENT}break", f"{_INDENT}return result",
        ]  # fmt: skip
        return [*texts, "\n".join(asking)]

    def _parameters(self) -> str:
        return ", ".join(self._names.of(parameter.name) for parameter in self._function.parameters)

    def _branch(self, name: str, lines: Lines, documentation: Sequence[str]) -> Iterator[str]:
        function = self._function
        none = ", None" * (1 + function.request.order)
        elsewhere = f"return {ELSEWHERE}{none}"
        yield f"def {name}({self._parameters()}):"
        yield from documentation
        yield f"{_INDENT}try:"
        for text in self._statements(lines.outer, elsewhere) if lines.outer else ["pass"]:
            yield f"{2 * _INDENT}{text}".rstrip()
        results = [self._result(lines, function.names.value)]
        if isinstance(lines.results[function.names.value], nodes.Apply):  # a condition: what it computes may raise
            value = self._names.fresh("value")
            yield f"{2 * _INDENT}{value} = {results[0]}"
            results = [value]
        gradient = [self._derivative(lines, function.names.gradient[name]) for name in function.request.wrt]
        if function.request.order:
            results.append(_tuple(gradient))
        if function.request.order == 2:
            for text in self._columns(lines, elsewhere):
                yield f"{2 * _INDENT}{text}".rstrip()
            results.append("tuple(products)")
        yield f"{_INDENT}except (ArithmeticError, ValueError):"
        yield f"{2 * _INDENT}return {NOT_FINITE}{none}"
        if self.searches:
            yield f"{_INDENT}except _Ended as ended:"
            yield f"{2 * _INDENT}return ended.args[0]{none}"
        numbers = [results[0], *(gradient if function.request.order else [])]
        finite = (
            f"all(map(math.isfinite, ({', '.join(numbers)},{' *sum(products, ()),' if len(results) == 3 else ''})))"
        )
        yield f"{_INDENT}if not {finite}:"
        yield f"{2 * _INDENT}return {NOT_FINITE}{none}"
        yield f"{_INDENT}return {OK}, {', '.join(results)}"

    def _columns(self, lines: Lines, elsewhere: str) -> Iterator[str]:
        """The lines of the Hessian: a product with each unit direction."""
        names, wrt = self._function.names, self._function.request.wrt
        yield "products = []"
        yield f"for column in range({len(wrt)}):"
        for place, name in enumerate(wrt):
            yield f"{_INDENT}{self._names.of(names.direction[name])} = 1.0 if column == {place} else 0.0"
        for text in self._statements(lines.inner, elsewhere):
            yield f"{_INDENT}{text}"
        row = _tuple([self._derivative(lines, names.product[name]) for name in wrt])
        yield f"{_INDENT}products.append({row})"

    def _result(self, lines: Lines, name: str) -> str:
        return self._spelled(lines.results[name]) if name in lines.results else "0.0"

    def _derivative(self, lines: Lines, name: str) -> str:
        tree = lines.results.get(name, _ZERO)
        return self._spelled(tree if self._minus_zero or tree == _ZERO else nodes.Apply("+", (tree, _ZERO), NOWHERE))

    def _spelled(self, tree: nodes.Expression) -> str:
        return spelled(tree, self._dialect)

    def _statements(self, lines: Iterable[Line], elsewhere: str) -> Iterator[str]:
        for line in lines:
            match line:
                case Origin():
                    yield f"# {line}"
                case Definition(name, value):
                    yield f"{self._names.of(name)} = {self._spelled(value)}"
                case Requirement(comparison, holds):
                    condition = self._spelled(comparison)
                    yield f"if {f'not ({condition})' if holds else condition}:"
                    yield f"{_INDENT}{elsewhere}"
                case Repeat():
                    body = self._statements(line.body, elsewhere)
                    yield from repeated(line, body, looping(self._names.of, self._spelled))
                case RootLine():
                    yield f"{self._names.of(line.name)} = {self._root(line)}"
                case _:
                    raise no_spelling("Python", line)

    # Roots

    def _root(self, line: RootLine) -> str:
        """The text of a search for a root."""
        start, arguments, name, branch = self.search(line)
        equations = f"lambda at: {name}({', '.join(['at', *arguments])})"
        return f"_root_of(search_of_one, {equations}, {start}, {branch})"

    def search(self, line: RootLine) -> tuple[str, list[str], str, int]:
        """Where it begins, what the equations are given, what they are called, and in which branch the root is."""
        if shape_of(line.given[0]) or line.solved.root.starts > 1:
            raise no_spelling("Python", line, "--to numpy solves several equations")
        name, own = self.searches.equations(line)
        self.kernels[search_of_one] = None
        arguments = [self._spelled(line.operands[place]) for place in own.places]
        start = self._spelled(line.start)
        return (
            start if isinstance(line.start, nodes.Number) else f"float({start})",
            arguments,
            name,
            own.branch_of(line),
        )

    def _equations(self, own: EquationLines, number: int) -> Iterator[str]:
        """The body of the function of equations."""
        lines, unknown = own.branches[number], self._names.of(UNKNOWN)
        yield "try:"
        for text in self._statements(lines.outer, ENDS_ELSEWHERE):
            yield f"{_INDENT}{text}"
        off_by, slope, noise = (self._result(lines, name) for name in (OFF_BY, SLOPE, NOISE))
        yield f"{_INDENT}return _Point({unknown}, {off_by}, {slope}, {noise}, {number})"
        yield "except (ArithmeticError, ValueError):"
        yield f"{_INDENT}return _Point({unknown}, math.nan, math.nan, math.nan, {number})"

    def _call(self, primitive: Primitive, operands: Sequence[nodes.Expression], texts: Sequence[str]) -> str:
        if not primitive.elementwise:
            raise no_spelling("Python", primitive, "--to numpy writes a function of arrays")
        value = primitive.value
        arguments = f"({', '.join(texts)})"
        if getattr(value, "__module__", "") == "math":
            return f"math.{value.__name__}{arguments}"
        if value is operator.mod:
            return f"({texts[0]} % {texts[1]})"
        if value.__module__ == "builtins":
            return f"{value.__name__}{arguments}"
        try:
            libraries([value])
        except NoSourceError:
            raise no_spelling("Python", primitive) from None
        self.kernels[value] = None
        return f"{name_of_kernel(value)}{arguments}"


# What texts of Python call, and what they name besides the names of lines.
_OWN = {"math", "column", "products", "all", "map", "float", "int", "abs", "bool", "range", "sum", "tuple", "zip",
        "branch", "result", "ended", "at", "__debug__"}  # fmt: skip


def python_names(function: Function, called: Collection[str], *more: str) -> Identifiers:
    """The names of a function: no words of Python, nor kernels that it calls, nor some words more."""
    name = function.request.name
    return Identifiers({*keyword.kwlist, *WORDS, *_OWN, *called, *more, name}, prefix=f"_{name}_")


def hidden_kernels(names: Identifiers, kernels: Iterable[Callable[..., Any]]) -> set[str]:
    """The names of kernels, if something else is called like one of them; none otherwise."""
    called = set(map(name_of_kernel, kernels))
    return called if any(map(names.has, called)) else set()


def documentation(function: Function, *more: str) -> list[str]:
    """The docstring of a function in Python, with more lines at its end."""
    results = ["status", "value", "gradient", "hessian"][: 2 + function.request.order]
    title = [*function.title[1:], ""] if function.title[1:] else []
    lines = ["", *title, *told(function), *more]
    quotes = '"""'
    return [f"{_INDENT}{line}".rstrip() for line in (f"{quotes}Give {', '.join(results)}.", *lines, quotes)]


def looping(name: Callable[[str], str], spelled: Callable[[nodes.Expression], str]) -> Looping:
    """Loops in Python, from how names and expressions are written."""
    return _LOOPS.looping(name, spelled, lambda value: spelled(number_node(value)))


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"

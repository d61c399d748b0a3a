"""A function in C99, which needs nothing but the library of mathematics: of numbers the interpreter's own bits.

Operations of arrays are loops over sizes that are known. Arrays between stand in one room: on the stack where it is
small, else in memory that is asked for once and given back at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from adcli.emit.c_helpers import helpers_of
from adcli.emit.c_kernels import PREFIX
from adcli.emit.c_lines import Writer
from adcli.emit.c_needs import INDENT, Needs
from adcli.emit.c_roots import Roots
from adcli.emit.c_statements import Part, Piece, comment
from adcli.emit.function import ELSEWHERE, NOT_FINITE, OK, Function, Parameter, told
from adcli.emit.identifiers import Identifiers
from adcli.emit.lines import Lines, Repeat
from adcli.rules.spellings.c import WORDS
from adcli.rules.table import CONSTANTS

NO_ROOM = 3  # the status of a function that gets no memory for its arrays
_SMALL = 2048  # numbers that stand on the stack
_LONG = 1000  # lines of a function that is cut into pieces
_APART = """\
#ifdef __GNUC__ /* what is put together again would take it long */
#define AD_APART __attribute__((noinline))
#else
#define AD_APART
#endif"""
_RESULTS = ("value", "gradient", "hessian")
_OWN = (*_RESULTS, "column", "room", "row", "given", "status", "i", "j")  # what functions call their own values


def c_text(function: Function) -> str:
    """The text of a file with the function.

    It is to be compiled with `-ffp-contract=off`. Raises AdError `no-emission` where the program has what C has no way
    to say, or a function whose kernel is more than what the library of C has.
    """
    return c_texts([function])


def c_texts(functions: Sequence[Function]) -> str:
    """The text of a file with several functions, which share what they need; raises AdError `no-emission`."""
    roots = Roots()
    bodies = [text for function in functions for text in _Text(function, roots.needs).functions()]
    return c_file([*roots.texts, *bodies], roots.needs, functions[0].title[0] if len(functions) == 1 else "")


def c_file(bodies: Sequence[str], needs: Needs, title: str = "") -> str:
    """The text of a file with definitions, behind what they need."""
    definitions = list(needs.definitions())
    helpers = helpers_of([*bodies, *definitions])
    libraries = ["math", *(["stdlib"] if any("malloc(" in text for text in bodies) else [])]
    includes = "\n".join(f"#include <{name}.h>" for name in libraries)
    first = [comment(title)] if title else []
    apart = [_APART] if any(text.startswith("AD_APART") for text in bodies) else []
    return "\n\n".join(["\n".join([*first, includes]), *apart, *helpers, *definitions, *bodies]) + "\n"


def c_header(function: Function) -> str:
    """The text of the header of that file: the prototype, and what is told of the results."""
    text = _Text(function, Needs())
    guard = f"{text.name.upper()}_H"
    lines = [
        f"#ifndef {guard}", f"#define {guard}", "", "#ifdef __cplusplus", 'extern "C" {', "#endif", "",
        *text.documentation(), f"{text.head()};", "",
        "#ifdef __cplusplus", "}", "#endif", "", "#endif",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


class _Text:
    """Writes one function: one for each branch, and the one that is called, which asks them in turn."""

    def __init__(self, function: Function, needs: Needs) -> None:
        self._function = function
        self._needs = needs
        self._names = Identifiers({*WORDS, *CONSTANTS, *_OWN}, only_ascii=True, prefix=PREFIX)
        self.name = self._names.of(f"{function.request.name}")
        self._results = _RESULTS[: 1 + function.request.order]
        for parameter in function.parameters:
            self._names.of(parameter.name)

    def head(self, name: str = "", room: bool = False) -> str:
        """The head of a function: inputs first, then where results go."""
        parameters = [self._declared(parameter) for parameter in self._function.parameters]
        parameters += [f"double *{result}" for result in self._results]
        own = f"static int {name}" if name else f"int {self.name}"
        return f"{own}({', '.join([*parameters, *(['double *room'] if room else [])])})"

    def _inputs(self) -> str:
        return "".join(f"{self._declared(parameter)}, " for parameter in self._function.parameters)

    def _declared(self, parameter: Parameter) -> str:
        own = self._names.of(parameter.name)
        sizes = "".join(f"[{size}]" for size in parameter.shape)
        return f"const double *{own} /* {sizes} */" if parameter.shape else f"double {own}"

    def documentation(self) -> list[str]:
        """What is told of the function, as a comment."""
        function = self._function
        lines = [*function.title, "", *told(function), "What pointers point to has no meaning unless the status is 0."]
        if function.solves or any(map(_has_room, function.branches)):
            lines.append(f"The status is {NO_ROOM} where there is no memory for what is in between.")
        if any(parameter.shape for parameter in function.parameters):
            lines.append("Arrays go row by row.")
        if function.request.order:
            count = _size(function)
            hessian = f", and hessian[{count}][{count}]" if function.request.order == 2 else ""
            lines.append(f"Results go to value[1], gradient[{count}]{hessian}.")
        texts = [comment(line)[3:-3] for line in lines]
        return ["/*", *(f" * {text}".rstrip() for text in texts), " */"]

    def functions(self) -> Iterator[str]:
        """The texts of the functions."""
        branches = self._function.branches
        names = [f"{PREFIX}{self.name}_branch_{place}" for place in range(1, len(branches) + 1)]
        rooms = []
        for name, lines in zip(names, branches, strict=True):
            own = [self._names.of(parameter.name) for parameter in self._function.parameters]
            piece_of = Piece(name, own) if _is_long(lines) else None
            branch = _Branch(self._function, lines, self._names, self._needs, piece_of)
            body = list(branch.statements())
            rooms.append(branch.room)
            for part in branch.pieces:
                counters = "".join(f"int {counter}, " for counter in part.counters)
                head = f"AD_APART static int {part.name}({self._inputs()}{counters}double *room)"
                unread = (f"{INDENT}(void){text};" for text in (*own, *part.counters))
                yield "\n".join([head, "{", *unread, *part.statements, f"{INDENT}return {OK};", "}"])
            yield "\n".join([self.head(name, room=True), "{", *body, "}"])
        linked = ["#ifdef __cplusplus", 'extern "C"', "#endif"]
        yield "\n".join([*self.documentation(), *linked, self.head(), "{", *self._asking(names, max(rooms)), "}"])

    def _asking(self, names: Sequence[str], room: int) -> Iterator[str]:
        """The first branch whose checks hold counts."""
        arguments = [*(self._names.of(parameter.name) for parameter in self._function.parameters), *self._results]
        calls = [f"{name}({', '.join([*arguments, 'room' if room else '0'])})" for name in names]
        if room > _SMALL:
            yield f"{INDENT}double *room = (double *)malloc({room} * sizeof(double));"
            yield f"{INDENT}if (!room)"
            yield f"{2 * INDENT}return {NO_ROOM};"
        elif room:
            yield f"{INDENT}double room[{room}];"
        yield f"{INDENT}int status = {calls[0]};"
        for call in calls[1:]:
            yield f"{INDENT}if (status == {ELSEWHERE})"
            yield f"{2 * INDENT}status = {call};"
        if room > _SMALL:
            yield f"{INDENT}free(room);"
        yield f"{INDENT}return status;"


def _is_long(lines: Lines) -> bool:
    """Whether a function is cut into pieces."""
    return sum(len(line.body) if isinstance(line, Repeat) else 1 for line in (*lines.outer, *lines.inner)) > _LONG


def _has_room(lines: Lines) -> bool:
    """Whether a function may need memory."""
    loops = (line for line in (*lines.outer, *lines.inner) if isinstance(line, Repeat))
    return _is_long(lines) or any(lines.shapes.values()) or any(loop.histories for loop in loops)


class _Branch:
    """Writes the body of one straight line."""

    def __init__(self, function: Function, lines: Lines, names: Identifiers, needs: Needs, piece: Piece | None) -> None:
        self._function = function
        self._lines = lines
        self._inputs = {parameter.name: parameter.shape for parameter in function.parameters}
        self._places = list(_places(function))
        directions = {function.names.direction[parameter.name]: parameter.shape for parameter, _ in self._places}
        self._writer = Writer({**lines.shapes, **directions, **self._inputs}, names, needs, piece)

    @property
    def room(self) -> int:
        """How many numbers its arrays take."""
        return self._writer.room

    @property
    def pieces(self) -> list[Part]:
        """The functions that it is cut into, if it is long."""
        return self._writer.pieces

    def statements(self) -> Iterator[str]:
        """The statements of the body."""
        function, writer = self._function, self._writer
        writer.write(self._lines.outer)
        writer.result("value", 0, self._lines.results.get(function.names.value), ())
        self._check("value", 1)
        if function.request.order:
            self._results("gradient", function.names.gradient)
        if function.request.order == 2:
            writer.block(f"for (int column = 0; column < {_size(function)}; ++column)")
            for parameter, start in self._places:
                writer.direction(function.names.direction[parameter.name], start)
            writer.write(self._lines.inner)
            writer.say(f"double *const row = hessian + column * {_size(function)};")
            self._results("row", function.names.product)
            writer.end()
        unread = [*writer.unread(self._inputs), *([] if writer.room else ["room"])]
        yield from (f"{INDENT}(void){name};" for name in unread)
        yield from writer.finished()
        yield f"{INDENT}return {OK};"

    def _results(self, target: str, names: Mapping[str, str]) -> None:
        for parameter, start in self._places:
            self._writer.result(target, start, self._lines.results.get(names[parameter.name]), parameter.shape)
        self._check(target, _size(self._function))

    def _check(self, target: str, count: int) -> None:
        self._writer.say(f"if (!ad_are_finite({target}, {count}))")
        self._writer.say(f"return {NOT_FINITE};", deeper=1)


def _places(function: Function) -> Iterator[tuple[Parameter, int]]:
    """What is differentiated by, in the order that was asked for, and where its components begin."""
    known = {parameter.name: parameter for parameter in function.parameters}
    start = 0
    for name in function.request.wrt:
        yield known[name], start
        start += known[name].size


def _size(function: Function) -> int:
    """How many components there are to differentiate by."""
    return sum(parameter.size for parameter, _ in _places(function))

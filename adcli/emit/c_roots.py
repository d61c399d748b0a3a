"""Roots in C: the equations as a function, which the search in `c/roots.c` asks at one point after another."""

from __future__ import annotations

from adcli.emit.c_kernels import PREFIX
from adcli.emit.c_lines import Writer
from adcli.emit.c_needs import INDENT, Needs
from adcli.emit.equations import NOISE, OFF_BY, SEED, SLOPE, UNKNOWN, EquationLines, equation_lines
from adcli.emit.function import ELSEWHERE, OK
from adcli.emit.identifiers import Identifiers
from adcli.emit.lines import RootLine, Solved
from adcli.records import NamedTuple
from adcli.rules.spellings.c import WORDS
from adcli.rules.table import CONSTANTS

_OWN = ("given", "point", "row", "noise", "room", "column", "status", "i", "j")  # what functions call their own values
_HEAD = "static int {}(double *point, const double *const *given, double *room)"


class Roots:
    """Writes the searches of a file.

    Attributes:
        needs: what the file needs
        texts: the functions of equations, each of which is written once
    """

    def __init__(self) -> None:
        self.needs = Needs(self.write)
        self.texts: list[str] = []
        self._known: dict[Solved, _Equations] = {}

    def write(self, writer: Writer, line: RootLine) -> None:
        """Write the statements of a root: a search that ends the function where it does not come to the root."""
        name, own, room = self._equations(line.solved)
        given = [writer.array(line.operands[place]).text for place in own.places]
        size = own.shape[0] if own.shape else 0
        start = writer.array(line.start).text if size else writer.number(line.start)
        target = writer.target(line.name).text
        arguments = [name, "given", writer.room_for(room), start, str(own.branch_of(line)), target]
        if size:
            arguments += [str(size), writer.room_for(5 * (size + 1) ** 2)]
        writer.use(*arguments, *given)
        read = f"const double *const given[] = {{{', '.join(given) or '0'}}};"
        writer.ask(f"{PREFIX}root{'s' if size else ''}({', '.join(arguments)})", read)

    def _equations(self, solved: Solved) -> _Equations:
        if solved not in self._known:
            own = equation_lines(solved)
            name = f"{PREFIX}equations_{len(self._known) + 1}"
            self._known[solved] = _Equations(name, own, 0)  # which takes the name
            texts, room = _functions(name, own, self.needs)
            self._known[solved] = _Equations(name, own, room)
            self.texts += texts
        return self._known[solved]


class _Equations(NamedTuple):
    """The function of some equations, their lines, and how many numbers it needs room for."""

    name: str
    lines: EquationLines
    room: int


def _functions(name: str, own: EquationLines, needs: Needs) -> tuple[list[str], int]:
    """The function of some equations, of several branches those and one that asks them in turn; and their room."""
    numbers = range(len(own.branches))
    names = [name] if len(numbers) == 1 else [f"{name}_{number + 1}" for number in numbers]
    texts, room = [], 0
    for number in numbers:
        own_room, text = _branch(names[number], own, number, needs)
        texts.append(text)
        room = max(room, own_room)
    if len(numbers) > 1:
        asking = [f"{INDENT}int status = {names[0]}(point, given, room);"]
        for other in names[1:]:
            asking += [f"{INDENT}if (status == {ELSEWHERE})", f"{2 * INDENT}status = {other}(point, given, room);"]
        texts.append("\n".join([_HEAD.format(name), "{", *asking, f"{INDENT}return status;", "}"]))
    return texts, room


def _branch(name: str, own: EquationLines, number: int, needs: Needs) -> tuple[int, str]:
    """The function of one branch of equations."""
    lines = own.branches[number]
    size = own.shape[0] if own.shape else 1
    names = Identifiers({*WORDS, *CONSTANTS, *_OWN}, only_ascii=True, prefix=PREFIX)
    given = {UNKNOWN: own.shape, **dict(zip(own.parameters, own.shapes, strict=True))}
    seed = {SEED: own.shape} if own.shape else {}
    body = Writer({**lines.shapes, **seed, **given}, names, needs)
    body.write(lines.outer)
    body.result("point", size, lines.results.get(OFF_BY), own.shape)
    if own.shape:
        body.block(f"for (int column = 0; column < {size}; ++column)")
        body.direction(SEED, 0)
        body.write(lines.inner)
        body.say(f"double *const row = point + {3 * size} + column * {size};")
        body.say(f"double *const noise = point + {2 * size} + column;")
        body.result("row", 0, lines.results.get(SLOPE), own.shape)
        body.result("noise", 0, lines.results.get(NOISE), ())
        body.end()
    else:
        body.result("point", 3, lines.results.get(SLOPE), ())
        body.result("point", 2, lines.results.get(NOISE), ())
    body.say(f"point[{3 * size + size * size}] = {number};")
    unread = body.unread([*given])
    head = [
        _parameter(names.of(parameter), shape, "point" if parameter == UNKNOWN else f"given[{place - 1}]")
        for place, (parameter, shape) in enumerate(given.items())
    ]
    ignored = [*unread, *([] if own.parameters else ["given"]), *([] if body.room else ["room"])]
    statements = [*head, *(f"{INDENT}(void){text};" for text in ignored), *body.finished(), f"{INDENT}return {OK};"]
    return body.room, "\n".join([_HEAD.format(name), "{", *statements, "}"])


def _parameter(name: str, shape: tuple[int, ...], place: str) -> str:
    """What a function that is given pointers calls what is there."""
    return f"{INDENT}const double *const {name} = {place};" if shape else f"{INDENT}const double {name} = {place}[0];"

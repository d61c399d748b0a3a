"""Statements of C as they are written, the room for what is in between, and what names are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adcli.emit.c_kernels import PREFIX
from adcli.emit.c_needs import INDENT
from adcli.emit.c_places import Shape, elements_of
from adcli.emit.identifiers import Identifiers
from adcli.emit.lines import NOWHERE
from adcli.records import NamedTuple
from adcli.syntax import nodes


class Piece(NamedTuple):
    """How a part of a long function is called: its name, and what it is given.

    Attributes:
        name: without the number of the part
        arguments: the names of the inputs in C
    """

    name: str
    arguments: Sequence[str]


class Part(NamedTuple):
    """A piece of a long function.

    Attributes:
        name: of the function that it becomes
        counters: those of the loops that it stands in
        statements: its body
    """

    name: str
    counters: Sequence[str]
    statements: Sequence[str]


class Statements:
    """The statements of a branch, as far as they are written.

    A compiler takes the square of the time for twice as long a function. So a long one is cut into pieces, and all that
    has a name stands in the room then.
    """

    def __init__(self, names: Identifiers, piece: Piece | None) -> None:
        """Take what names are called in C, and of a long function also how its pieces are called."""
        self.room = 0
        self.pieces: list[Part] = []
        self._piece = piece
        self._names = names
        self._texts: dict[str, str] = {}  # what names stand for that are called otherwise
        self._used: set[str] = set()
        self._declared: set[str] = set()  # names that have a place before they are given a value
        self._defined: dict[str, int] = {}
        self._defining = ""  # what the next statement defines
        self._counters: list[str] = []  # of the loops around
        self._temporaries = 0
        self._lines: list[str] = []
        self._indent = INDENT
        self._origin = ""

    def _cut(self, piece: Piece, start: int) -> None:
        """Make a function of the last statements, and call it."""
        name = f"{piece.name}_part_{len(self.pieces) + 1}"
        depth = len(self._indent) - len(INDENT)
        self.pieces.append(Part(name, tuple(self._counters), [text[depth:] for text in self._lines[start:]]))
        self._lines[start:] = []
        origin, self._origin = self._origin, ""  # which belongs to what comes
        self.ask(f"{name}({', '.join([*piece.arguments, *self._counters, 'room'])})")
        self._origin = origin

    def ask(self, call: str, *before: str) -> None:
        """Write a call that gives a status, behind what it needs: where that is not 0 it is the function's own."""
        self.block("")
        self.say(*before, f"const int status = {call};", "if (status)")
        self.say("return status;", deeper=1)
        self.end()

    def use(self, *texts: str) -> None:
        """Note that some texts are read."""
        self._used.update(texts)

    def say(self, *texts: str, deeper: int = 0) -> None:
        """Write statements as they are, behind the comment that stands for the line that they come from."""
        if self._origin:
            self._lines.append(f"{self._indent}{self._origin}")
            self._origin = ""
        if self._defining:
            self._defined[self._defining] = len(self._lines)
            self._defining = ""
        self._lines += [f"{self._indent}{INDENT * deeper}{text}" for text in texts]

    def block(self, head: str) -> None:
        """Begin a block."""
        self.say(f"{head} {{".lstrip())
        self._indent += INDENT

    def end(self) -> None:
        """End the block."""
        self._indent = self._indent[len(INDENT) :]
        self.say("}")

    def finished(self) -> Iterator[str]:
        """All statements, with a word on values that nothing reads: compilers warn of those."""
        unread = {place: name for name, place in self._defined.items() if name not in self._used}
        for place, text in enumerate(self._lines):
            yield text
            if place in unread:
                yield f"{text[: len(text) - len(text.lstrip())]}(void){unread[place]};"

    def unread(self, names: Iterable[str]) -> list[str]:
        """Those names of inputs that nothing reads, as C calls them."""
        return [own for own in map(self._names.of, names) if own not in self._used]

    def _note(self, text: str, name: str) -> None:
        """A definition, of which a word is said where nothing reads it."""
        self._defining = name
        self.say(text)

    def _place(self, size: int) -> int:
        """Where in the room so many numbers have a place."""
        self.room += max(1, size)
        return self.room - max(1, size)

    def _allocated(self, own: str, shape: Shape) -> str:
        """What points to a new array, which may have a name of its own."""
        place = self._place(elements_of(shape))
        if self._piece:
            return f"(room + {place})"
        self._note(f"double *const {own} = room + {place};", own)
        return own

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"{PREFIX}t{self._temporaries}"

    def _name(self, name: str) -> str:
        text = self._texts.get(name) or (name if " " in name else self._names.of(name))
        self._used.add(text)
        return text

    def _named(self, text: str, *used: str) -> nodes.Name:
        """A name that stands for a text."""
        self._used.update(used)
        self._texts[text] = text
        return nodes.Name(text, NOWHERE)

    def _called(self, helper: str, arguments: Sequence[str]) -> None:
        self._used.update(arguments)
        self.say(f"{helper}({', '.join(arguments)});")


def comment(text: str) -> str:
    """A comment in one line."""
    return f"/* {text.replace('*/', '* /').replace('/*', '/ *')} */"

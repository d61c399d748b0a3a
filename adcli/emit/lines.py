"""A tape as named lines that know no language: which kinds of lines there are, and of what they are made.

Each language spells the lines in its own way: `ad.py`, `python.py` and the others beside it. An expression is a tree of
the language of programs, whose functions are the rows of the table: what a row is called elsewhere, the row tells.
`writing.py` makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.syntax.formula import Formula
from adcli.syntax.source import Span
from adcli.tape.roots import Root
from adcli.tape.tape import Guard, Tape, Value

NOWHERE = Span(0, 0)


class Origin(NamedTuple):
    """The line of the program that the next lines come from.

    Attributes:
        line: its number
        file: the file, if that is not the program's own
        text: what it says
    """

    line: int
    file: str
    text: str

    def __str__(self) -> str:
        """`line 3: a = x * y`, as comments have it."""
        return f"line {self.line}{f' of {self.file}' if self.file else ''}: {self.text}"


class Definition(NamedTuple):
    """A name for a value."""

    name: str
    value: nodes.Expression


class Written(NamedTuple):
    """The same with the text of the value, where texts are wanted."""

    name: str
    value: Formula


class Update(NamedTuple):
    """A name for an array that is another one but for an element or a part.

    Attributes:
        name: of the new one
        array: the other one
        function: the pattern of the subscripts, as `[.]=`
        operands: what is put there, and the subscripts
    """

    name: str
    array: nodes.Expression
    function: str
    operands: tuple[nodes.Expression, ...]


class Requirement(NamedTuple):
    """A comparison that has to come out as it did: what ran is what is meant only there.

    Attributes:
        comparison: of two values
        holds: how it has to come out
        span: where it stands in the source
    """

    comparison: nodes.Apply
    holds: bool
    span: Span


@dataclass(frozen=True, eq=False)
class Solved:
    """The equations of a `solve` statement, and where lines solve them.

    Attributes:
        root: what finds the root
        given: the values of all operands of each root, the starts first
        wanted: what becomes lines with them
    """

    root: Root
    given: Sequence[Sequence[Value]]
    wanted: Wanted


class RootLine(NamedTuple):
    """A root: a name for the unknown at which a function of it is 0.

    Attributes:
        name: of the root
        function: what the function is called
        parameters: of the function: the unknown first
        body: its lines
        off_by: what it gives: by how much the two sides of the equations differ
        start: where the search begins
        arguments: of the function, behind the unknown
        solved: the equations, which other lines may solve as well, for languages that have to search themselves
        given: the values of all operands, the starts first
        operands: all that the equations may read
    """

    name: str
    function: str
    parameters: tuple[str, ...]
    body: tuple[Line, ...]
    off_by: nodes.Expression
    start: nodes.Expression
    arguments: tuple[nodes.Expression, ...]
    solved: Solved
    given: Sequence[Value]
    operands: tuple[nodes.Expression, ...]


class Carry(NamedTuple):
    """A value that each pass of a loop hands to the next.

    Attributes:
        name: what a pass calls what it is handed
        initial: what the first pass is handed
        following: what a pass calls what it hands on
    """

    name: str
    initial: nodes.Expression
    following: str


class History(NamedTuple):
    """The values of all passes of a loop, in a row.

    Attributes:
        name: of the row
        size: how many they are
        initial: the value from before the loop, which is the first; None for none
        following: what a pass calls the value that is the next
        shape: of each
    """

    name: str
    size: int
    initial: nodes.Expression | None
    following: str
    shape: tuple[int, ...]


class Repeat(NamedTuple):
    """Lines that are done again and again.

    Attributes:
        counter: what counts the passes, from 0
        passes: how many there are
        tables: numbers, one for each pass, by the name of the row
        carries: what a pass hands to the next
        histories: what is kept of all passes
        leaves: the names whose values of the last pass are read behind the loop
        body: the lines of a pass
    """

    counter: str
    passes: int
    tables: tuple[tuple[str, tuple[float, ...]], ...]
    carries: tuple[Carry, ...]
    histories: tuple[History, ...]
    leaves: tuple[str, ...]
    body: tuple[Line, ...]


# Besides the functions of the language lines apply these: an element of a row of a loop, at the place `first`, or at
# `first + stride * counter`; and the number `first + step * counter`: counter, first and step are the operands.
AT, COUNT = "_at", "_count"

Line: TypeAlias = Origin | Definition | Written | Update | Requirement | RootLine | Repeat


@dataclass(frozen=True)
class Wanted:
    """What is to become lines.

    Attributes:
        tape: what ran, with what was recorded behind it
        results: the entries that are asked for, by what they are called
        names: what some other entries are called; the others have their labels
        guards: those that are checked where the lines run
        inner: the entries that stand in a part of their own, behind the others
        nests: whether an entry may stand inside another expression, by its value
        repeats: whether entries with such a value may stand in a loop; None where there are no loops
        most_kept: how many numbers a row of a loop may be, all of its versions together; with more there are no loops
        raises: whether numbers that no input moves and that are not finite are written as they are, as the language
            raises errors where it computes some of them
        texts: whether definitions are wanted as texts, not as trees, where there are no loops
        alike: other tapes whose first entries do the same as those of this one
        outer: the inputs of what these lines stand in, which may be called like constants
    """

    tape: Tape
    results: Mapping[str, int]
    names: Mapping[int, str] = field(default_factory=dict)
    guards: Sequence[Guard] = ()
    inner: Container[int] = ()
    nests: Callable[[Value], bool] = lambda value: True
    repeats: Callable[[Value], bool] | None = None
    most_kept: int | None = None
    raises: bool = False
    texts: bool = False
    alike: Sequence[Tape] = ()
    outer: frozenset[str] = frozenset()

    @property
    def inputs(self) -> frozenset[str]:
        """The names of all inputs: those of the tape, and of what the lines stand in."""
        return self.outer.union(self.tape.inputs)


class Lines(NamedTuple):
    """Lines, and what stands in them.

    Attributes:
        outer: the lines
        inner: those of the entries that stand behind the others
        results: what is asked for, by its name
        shapes: of what has a name
    """

    outer: tuple[Line, ...]
    inner: tuple[Line, ...]
    results: Mapping[str, nodes.Expression]
    shapes: Mapping[str, tuple[int, ...]]

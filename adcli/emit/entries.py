"""Entries become lines, or parts of the one line that uses them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adcli.emit.lines import AT, NOWHERE, Definition, Line, Origin, Requirement, Update, Wanted
from adcli.emit.literals import constant_node, number_literal
from adcli.emit.naming import free_name, unique_names
from adcli.emit.needed import Needed
from adcli.emit.repeating import Repeating
from adcli.emit.simplified import simplified
from adcli.rules.dispatch import shape_of
from adcli.rules.facts import Notation
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONDITIONS, CONSTANT, CONSTANTS, COPY, INPUT, SELECT
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.source import Span
from adcli.tape.describe import function_text
from adcli.tape.labels import label_node
from adcli.tape.tape import Guard

_ROOM = 60  # characters of an expression that an entry without a name may have inside another one


class Entries:
    """What stands for the entries of a tape, line by line.

    Attributes:
        names: what the entries are called that may need a name
        rows: the names of the histories of loops, by the number of the loop and the slot
        shapes: of what has a name
    """

    def __init__(self, wanted: Wanted, needed: Needed, repeating: Repeating) -> None:
        self._wanted = wanted
        self._tape = wanted.tape
        self._needed = needed
        self._loops = repeating.loops
        self._expressions: dict[int, nodes.Expression] = {}
        self.names = unique_names(wanted, needed.entries)
        self._taken = {*self.names.values(), *wanted.results, *wanted.tape.inputs, *CONSTANTS}
        self.rows: dict[tuple[int, int], str] = {}
        self._place: tuple[str, int] | None = None  # file and line of the last origin
        self.shapes: dict[str, tuple[int, ...]] = {}

    def value(self, entry: int) -> nodes.Expression:
        """What stands for an entry."""
        tape = self._tape
        entry = self._needed.twins.get(entry, entry)
        operation = tape.operations[entry]
        if operation is CONSTANT:
            return constant_node(tape, entry)
        if operation is INPUT:
            return self.named(entry)
        if operation.of_shapes:
            return label_node(number_literal(tape.values[entry]))
        place = self._loops.place(entry)
        if place is None:
            return self._expressions[entry]
        loop = self._loops.loops[place.loop]
        if place.turn == loop.passes - 1:
            return self._expressions[entry]
        turn = place.turn + (place.slot in loop.initials)
        return element_node(self.rows[place.loop, place.slot], turn)

    def computed(self, entry: int, operands: list[nodes.Expression], inside: bool | None) -> Iterator[Line]:
        """The lines of an entry that is computed of some expressions; `inside` where it is known whether it is one."""
        operation = self._tape.operations[entry]
        if operation.notation is Notation.UPDATE:
            array, *rest = operands
            name = self.defined(entry)
            yield from self.origin(self._tape.spans[entry])
            yield Update(name, array, operation.name, tuple(rest))
            return
        tree = operands[0] if operation is COPY else _applied(operation, operands)
        # a condition has no value in the language: it stands in a `where`
        if operation.notation is Notation.CONDITION or (self._stands_inside(entry, tree) if inside is None else inside):
            self._expressions[entry] = tree
            return
        name = self.defined(entry)
        yield from self.origin(self._tape.spans[entry])
        yield Definition(name, tree)

    def _stands_inside(self, entry: int, tree: nodes.Expression) -> bool:
        """Whether an entry is written where it is used."""
        if self._tape.names[entry] is not None or entry in self._wanted.names:
            return False
        if not isinstance(tree, nodes.Apply):
            return len(format_expression(tree)) <= _ROOM
        nests = self._needed.uses[entry] == 1 and self._wanted.nests(self._tape.values[entry])
        return nests and len(format_expression(tree)) <= _ROOM

    def defined(self, entry: int) -> str:
        """The name of an entry, which stands for it from now on."""
        self._expressions[entry] = name = self.named(entry)
        return name.name

    def named(self, entry: int) -> nodes.Name:
        """The name of an entry as an expression; its shape is noted."""
        name = self.names[entry]
        self.shapes[name] = shape_of(self._tape.values[entry])
        return nodes.Name(name, NOWHERE)

    def standing(self, entry: int) -> nodes.Expression:
        """What stands for an entry in the lines behind the one that computes it."""
        return self._expressions[entry]

    def required(self, guard: Guard, sides: Sequence[nodes.Expression]) -> Iterator[Line]:
        """The lines of a decision, between what stands for its sides."""
        yield from self.origin(guard.span)
        yield Requirement(nodes.Apply(guard.comparison, tuple(sides), NOWHERE), guard.holds, guard.span)

    def origin(self, span: Span | None) -> Iterator[Origin]:
        """The line of the source that the next lines come from, where it is another than before."""
        if span is None:
            return
        source = self._tape.source
        place = source.file_at(span.start), source.place(span.start)[0]
        if place == self._place:
            return
        text = source.line_at(span.start).partition("#")[0].strip()
        if text:  # zeros of what an output does not follow stand in no line
            self._place = place
            yield Origin(place[1], "" if place[0] == source.name else place[0], text)

    def begin_part(self) -> None:
        """Tell the line of the source anew, whatever it was."""
        self._place = None

    def free(self, name: str) -> str:
        """A name that nothing else has."""
        free = free_name(name, self._taken, 2)
        self._taken.add(free)
        return free


def element_node(row: str, first: int, counter: str = "", stride: int = 1) -> nodes.Expression:
    """The element of a row at a place that may move from pass to pass."""
    place: list[nodes.Expression] = [nodes.Number(str(first), NOWHERE)]
    if counter:
        place += [nodes.Name(counter, NOWHERE), nodes.Number(str(stride), NOWHERE)]
    return nodes.Apply(AT, (nodes.Name(row, NOWHERE), *place), NOWHERE)


def _applied(operation: Primitive, operands: list[nodes.Expression]) -> nodes.Expression:
    """An operation as the language writes it."""
    function = function_text(operation)
    if operation is SELECT and isinstance(operands[0], nodes.Apply) and operands[0].function in CONDITIONS:
        function = "where"
    return simplified(nodes.Apply(function, tuple(operands), NOWHERE))

"""Entries become lines, or parts of the one line that uses them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adcli.emit.expressions import Expressions, Phrases, Trees
from adcli.emit.lines import AT, NOWHERE, Line, Origin, Requirement, Update, Wanted
from adcli.emit.literals import constant_node, number_literal, number_node
from adcli.emit.naming import free_name, unique_names
from adcli.emit.needed import Needed
from adcli.emit.repeating import Repeating
from adcli.rules.dispatch import shape_of
from adcli.rules.facts import Notation
from adcli.rules.table import CONSTANT, COPY, INPUT
from adcli.syntax import nodes
from adcli.syntax.source import Span
from adcli.tape.labels import label_node
from adcli.tape.tape import Guard

_ROOM = 60  # characters of an expression that an entry without a name may have inside another one


class Entries:
    """What stands for the entries of a tape, line by line: an expression, as `expressions` has it.

    Attributes:
        names: what the entries are called that may need a name; "" for others
        rows: the names of the histories of loops, by the number of the loop and the slot
        shapes: of what has a name
        expressions: how expressions are held
    """

    def __init__(self, wanted: Wanted, needed: Needed, repeating: Repeating) -> None:
        self._wanted = wanted
        self._tape = wanted.tape
        self._needed = needed
        self._loops = repeating.loops
        self.expressions: Expressions[Any] = Phrases() if wanted.texts and not repeating.loops.loops else Trees()
        self._standing: dict[int, Any] = {}
        self.names, self._taken = unique_names(wanted, needed.entries)
        self.rows: dict[tuple[int, int], str] = {}
        self._origins: dict[int, tuple[tuple[str, int], Origin]] = {}
        self._place: tuple[str, int] | None = None  # file and line of the last origin
        self.shapes: dict[str, tuple[int, ...]] = {}

    def value(self, entry: int) -> Any:
        """What stands for an entry."""
        entry = self._needed.twins.get(entry, entry)
        expression = self._standing.get(entry)
        if expression is None:
            expression = self._leaf(entry)
            if expression is None:
                return self._stored(entry)
            self._standing[entry] = expression
        return expression

    def _leaf(self, entry: int) -> Any:
        """What stands for an input, a constant or a size of an array; None for what is computed."""
        tape = self._tape
        operation = tape.operations[entry]
        if operation is INPUT:
            return self.named(entry)
        if entry in self._needed.known:
            return self.expressions.node(number_node(tape.values[entry]))
        if operation is CONSTANT:
            return self.expressions.node(constant_node(tape, entry, self._wanted.inputs))
        return self.expressions.node(label_node(number_literal(tape.values[entry]))) if operation.of_shapes else None

    def _stored(self, entry: int) -> Any:
        """What stands for an entry that a loop computed in a pass before the last one."""
        place = self._loops.place(entry)
        assert place is not None
        turn = place.turn + (place.slot in self._loops.loops[place.loop].initials)
        return element_node(self.rows[place.loop, place.slot], turn)

    def computed(self, entry: int, operands: Sequence[Any], inside: bool | None) -> Sequence[Line]:
        """The lines of an entry that is computed of some expressions; `inside` where it is known whether it is one."""
        operation = self._tape.operations[entry]
        if operation.notation is Notation.UPDATE:
            array, *rest = map(self.expressions.tree, operands)
            update = Update(self.defined(entry), array, operation.name, tuple(rest))
            return *self.origin(self._tape.spans[entry]), update
        expression = operands[0] if operation is COPY else self.expressions.applied(operation, operands)
        # a condition has no value in the language: it stands in a `where`
        if operation.notation is Notation.CONDITION or (
            self._stands_inside(entry, expression) if inside is None else inside
        ):
            self._standing[entry] = expression
            return ()
        return *self.origin(self._tape.spans[entry]), self.expressions.line(self.defined(entry), expression)

    def _stands_inside(self, entry: int, expression: Any) -> bool:
        """Whether an entry is written where it is used."""
        if self._tape.names[entry] is not None or entry in self._wanted.names:
            return False
        expressions = self.expressions
        once = self._needed.uses[entry] == 1 and self._wanted.nests(self._tape.values[entry])
        return (once or not expressions.applies(expression)) and expressions.length(expression) <= _ROOM

    def defined(self, entry: int) -> str:
        """The name of an entry, which stands for it from now on."""
        self._standing[entry] = self.named(entry)
        return self.names[entry]

    def named(self, entry: int) -> Any:
        """The name of an entry as an expression; its shape is noted."""
        name = self.names[entry]
        self.shapes[name] = shape_of(self._tape.values[entry])
        return self.expressions.name(name)

    def standing(self, entry: int) -> Any:
        """What stands for an entry in the lines behind the one that computes it."""
        return self._standing[entry]

    def required(self, guard: Guard, sides: Sequence[Any]) -> Sequence[Line]:
        """The lines of a decision, between what stands for its sides."""
        trees = tuple([self.expressions.tree(side) for side in sides])
        comparison = nodes.Apply(guard.comparison, trees, NOWHERE)
        return *self.origin(guard.span), Requirement(comparison, guard.holds, guard.span)

    def origin(self, span: Span | None) -> Sequence[Origin]:
        """The line of the source that the next lines come from, where it is another than before."""
        if span is None:
            return ()
        known = self._origins.get(span.start)
        if known is None:
            known = self._origins[span.start] = self._origin(span.start)
        place, origin = known
        if place == self._place or not origin.text:  # zeros of what an output does not follow stand in no line
            return ()
        self._place = place
        return (origin,)

    def _origin(self, start: int) -> tuple[tuple[str, int], Origin]:
        """The file and the line of a place in the source, and what is said of them."""
        source = self._tape.source
        file, line = source.file_at(start), source.place(start)[0]
        text = source.line_at(start).partition("#")[0].strip()
        return (file, line), Origin(line, "" if file == source.name else file, text)

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

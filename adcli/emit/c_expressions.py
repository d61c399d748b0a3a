"""What is known of an expression before it is written in C: its shape, and the numbers that no input moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from adcli.emit.c_needs import LANGUAGE, Needs
from adcli.emit.c_numbers import ONE, ZERO, constant, dialect_of, literal, primitive_of
from adcli.emit.c_places import Shape
from adcli.emit.c_statements import Piece, Statements
from adcli.emit.identifiers import Identifiers
from adcli.emit.lines import AT, COUNT, NOWHERE, Definition, Repeat
from adcli.emit.loops import Counted as CountedNumbers
from adcli.emit.loops import row_of
from adcli.emit.refused import no_spelling
from adcli.rules import shapes
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.spellings.c import ARRAYS, Counted
from adcli.rules.table import CONSTANTS
from adcli.syntax import nodes

Numbers: TypeAlias = tuple[float, ...]


class Expressions(Statements):
    """Statements, with what is known of the expressions that stand in them."""

    def __init__(
        self, known: Mapping[str, Shape], names: Identifiers, needs: Needs, piece: Piece | None = None
    ) -> None:
        """Take the shapes of all that has a name, what names are called in C, and what the file needs.

        Of a long function also how its pieces are called.
        """
        super().__init__(names, piece)
        self._needs = needs
        self._shapes = dict(known)
        self._values: dict[str, float] = {}  # of names that no input moves
        self._rows: dict[str, Numbers] = {}  # of loops, the same
        self._tables: dict[str, Numbers] = {}  # those of the rows that stand in no line
        self._around: Repeat | None = None  # the one around what is written
        self._turn: int | None = None  # a pass of it, while expressions are looked at as they are in that
        self._passes: Mapping[str, Sequence[float]] = {}  # what names that no input moves are in its passes
        self._dialect = dialect_of(self._name, needs)

    def shape(self, tree: nodes.Expression) -> Shape:
        """The shape of an expression; in a loop it is the same in each pass."""
        if isinstance(tree, nodes.Name):
            return self._shapes.get(tree.name, ())
        if not isinstance(tree, nodes.Apply) or tree.function == COUNT:
            return ()
        if tree.function == AT:
            return self.shape(tree.operands[0])
        own = [self.shape(operand) for operand in tree.operands]
        if tree.function == "[]":
            return (len(own), *own[0])
        primitive = primitive_of(tree)
        if primitive is None or primitive.elementwise:
            found: Any = shapes.broadcast(own)
        else:
            assert isinstance(primitive, ArrayPrimitive)
            with self._in_pass(0):
                found = primitive.shape(own, [constant(self.settled(operand)) for operand in tree.operands])
        if None in found:
            raise no_spelling(LANGUAGE, primitive or Definition("", tree))
        return tuple(found)

    def settled(self, tree: nodes.Expression) -> nodes.Expression:
        """An expression in which what no input moves is a number: compilers may compute it with other digits.

        What no input moves and a loop does is an element of a table.
        """
        numbers = self.over_passes(tree)
        if numbers is not None:
            return self._of_passes(numbers)
        if isinstance(tree, nodes.Name) and tree.name in self._values:
            return literal(self._values[tree.name])
        if isinstance(tree, nodes.Name) and tree.name in CONSTANTS and self._shapes.get(tree.name) == ():
            return self._named(self._name(tree.name))  # an input that is called like a constant
        if not isinstance(tree, nodes.Apply):
            return self._in_this_pass(tree)
        if tree.function in (AT, COUNT):
            return self._in_this_pass(tree)
        primitive = primitive_of(tree)
        if isinstance(primitive, ArrayPrimitive) and isinstance(ARRAYS.get(primitive.kernel), Counted):
            return literal(float(self.shape(tree.operands[0])[primitive.settings[0]]))
        known = tree._replace(operands=tuple(self.settled(operand) for operand in tree.operands))
        value = constant(known)
        return known if value is None else literal(value)

    # Loops

    @contextmanager
    def _in_pass(self, turn: int) -> Iterator[None]:
        """Expressions as they are in a pass, if there is a loop around them."""
        before = self._turn
        if self._around is not None and before is None:
            self._turn = turn
        try:
            yield
        finally:
            self._turn = before

    def over_passes(self, tree: nodes.Expression) -> Numbers | None:
        """What an expression is in the passes of the loop around it; None where no loop moves it, or inputs do."""
        if self._around is None or self._turn is not None or not self._moves(tree):
            return None
        numbers: list[float] = []
        for turn in range(self._around.passes):
            with self._in_pass(turn):
                value = constant(self.settled(tree))
            if value is None:
                return None
            numbers.append(value)
        return tuple(numbers)

    def _moves(self, tree: nodes.Expression) -> bool:
        """Whether the loop moves an expression that no input may move."""
        todo = [tree]
        while todo:
            part = todo.pop()
            if isinstance(part, nodes.Name) and part.name in self._passes:
                return True
            if isinstance(part, nodes.Apply):
                if part.function == COUNT or (part.function == AT and len(part.operands) > 2):
                    return True
                todo += part.operands
        return False

    def _of_passes(self, numbers: Numbers) -> nodes.Expression:
        """Numbers of the passes as an expression."""
        row = row_of(numbers)
        assert self._around is not None
        counter = nodes.Name(self._around.counter, NOWHERE)
        if len(set(map(repr, numbers))) == 1:
            return literal(numbers[0])
        if isinstance(row, CountedNumbers):
            return nodes.Apply(COUNT, (counter, literal(row.first), literal(row.step)), NOWHERE)
        table = nodes.Name(f"numbers {numbers}", NOWHERE)
        self._rows[table.name] = self._tables[table.name] = numbers
        return nodes.Apply(AT, (table, ZERO, counter, ONE), NOWHERE)

    def _name(self, name: str) -> str:
        """What a name is called; a table is needed by the file from when it is read."""
        return self._needs.table(self._tables[name]) if name in self._tables else super()._name(name)

    def _in_this_pass(self, tree: nodes.Expression) -> nodes.Expression:
        """A name, or an element of a row, or what is counted: a number where no input moves it."""
        value: float | None = None
        if isinstance(tree, nodes.Name):
            numbers = self._passes.get(tree.name, ())
            if self._turn is not None and self._turn < len(numbers):
                value = numbers[self._turn]
        elif isinstance(tree, nodes.Apply):
            row, *place = tree.operands
            if tree.function == COUNT and self._turn is not None:
                value = self._counted(place)
            elif tree.function == AT and isinstance(row, nodes.Name) and row.name in self._rows:
                value = self._element_of(self._rows[row.name], place)
        return tree if value is None else literal(value)

    def _counted(self, numbers: Sequence[nodes.Expression]) -> float:
        first, step = (constant(number) for number in numbers)
        assert first is not None
        assert step is not None
        assert self._turn is not None
        return first + step * self._turn

    def _element_of(self, row: Numbers, place: Sequence[nodes.Expression]) -> float | None:
        first, *moving = place
        offset = 0
        if moving:
            if self._turn is None:
                return None
            offset = self._turn * int(constant(moving[1]) or 0)
        return row[int(constant(first) or 0) + offset]

    def _constants(self, tree: nodes.Expression) -> tuple[float, ...] | None:
        """The elements of an array that is written with its numbers; None of any other."""
        if not isinstance(tree, nodes.Apply) or tree.function != "[]":
            return None
        found: list[float] = []
        for operand in tree.operands:
            inner = self._constants(operand)
            value = constant(self.settled(operand)) if inner is None and not self.shape(operand) else None
            if inner is None and value is None:
                return None
            found += (value,) if inner is None else inner  # type: ignore[arg-type]
        return tuple(found)

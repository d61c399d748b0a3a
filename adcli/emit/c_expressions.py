"""What is known of an expression before it is written in C: its shape, and the numbers that no input moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adcli.emit.c_needs import LANGUAGE, Needs
from adcli.emit.c_numbers import constant, dialect_of, literal, primitive_of
from adcli.emit.c_places import Shape
from adcli.emit.c_statements import Piece, Statements
from adcli.emit.identifiers import Identifiers
from adcli.emit.lines import Definition
from adcli.emit.refused import no_spelling
from adcli.rules import shapes
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.spellings.c import ARRAYS, Counted
from adcli.rules.table import CONSTANTS
from adcli.syntax import nodes


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
        self._shapes = known
        self._values: dict[str, float] = {}  # of names that no input moves
        self._dialect = dialect_of(self._name, needs)

    def shape(self, tree: nodes.Expression) -> Shape:
        """The shape of an expression."""
        if isinstance(tree, nodes.Name):
            return self._shapes.get(tree.name, ())
        if not isinstance(tree, nodes.Apply):
            return ()
        own = [self.shape(operand) for operand in tree.operands]
        if tree.function == "[]":
            return (len(own), *own[0])
        primitive = primitive_of(tree)
        if primitive is None or primitive.elementwise:
            found: Any = shapes.broadcast(own)
        else:
            assert isinstance(primitive, ArrayPrimitive)
            found = primitive.shape(own, [constant(self.settled(operand)) for operand in tree.operands])
        if None in found:
            raise no_spelling(LANGUAGE, primitive or Definition("", tree))
        return tuple(found)

    def settled(self, tree: nodes.Expression) -> nodes.Expression:
        """An expression in which what no input moves is a number: compilers may compute it with other digits."""
        if isinstance(tree, nodes.Name) and tree.name in self._values:
            return literal(self._values[tree.name])
        if isinstance(tree, nodes.Name) and tree.name in CONSTANTS and self._shapes.get(tree.name) == ():
            return self._named(self._name(tree.name))  # an input that is called like a constant
        if not isinstance(tree, nodes.Apply):
            return tree
        primitive = primitive_of(tree)
        if isinstance(primitive, ArrayPrimitive) and isinstance(ARRAYS.get(primitive.kernel), Counted):
            return literal(float(self.shape(tree.operands[0])[primitive.settings[0]]))
        known = tree._replace(operands=tuple(self.settled(operand) for operand in tree.operands))
        value = constant(known)
        return known if value is None else literal(value)

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

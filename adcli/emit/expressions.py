"""What the lines of a tape are made of: expressions as trees, or as texts, where the lines of a loop are alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Protocol, TypeVar

from adcli.emit.lines import NOWHERE, Definition, Line, Written
from adcli.emit.simplified import simplified
from adcli.records import NamedTuple
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONDITIONS, SELECT
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.formula import Template, replaced
from adcli.tape.describe import function_text

_MOST_OPERANDS = 12  # of an operation whose pattern is kept

E = TypeVar("E")


class Expressions(Protocol[E]):
    """How expressions are held, as E, while entries become lines."""

    def name(self, name: str) -> E:
        """The value that is called so."""

    def node(self, tree: nodes.Expression) -> E:
        """A tree as an expression: a constant."""

    def applied(self, operation: Primitive, operands: Sequence[E]) -> E:
        """An operation as the language writes it."""

    def length(self, expression: E) -> int:
        """How many characters the text of an expression has."""

    def applies(self, expression: E) -> bool:
        """Whether an expression is an operation: neither a name nor a number without a sign."""

    def tree(self, expression: E) -> nodes.Expression:
        """An expression as a tree."""

    def line(self, name: str, expression: E) -> Line:
        """The line in which an expression gets a name."""


class Trees:
    """Expressions as trees: each language spells them in its own way."""

    def name(self, name: str) -> nodes.Expression:
        """The node of a name."""
        return nodes.Name(name, NOWHERE)

    def node(self, tree: nodes.Expression) -> nodes.Expression:
        """The tree."""
        return tree

    def applied(self, operation: Primitive, operands: Sequence[nodes.Expression]) -> nodes.Expression:
        """The node that applies an operation."""
        function = function_text(operation)
        if operation is SELECT and isinstance(operands[0], nodes.Apply) and operands[0].function in CONDITIONS:
            function = "where"
        return simplified(nodes.Apply(function, tuple(operands), NOWHERE))

    def length(self, expression: nodes.Expression) -> int:
        """How many characters its text has."""
        return len(format_expression(expression))

    def applies(self, expression: nodes.Expression) -> bool:
        """Whether it applies anything."""
        return isinstance(expression, nodes.Apply)

    def tree(self, expression: nodes.Expression) -> nodes.Expression:
        """The tree."""
        return expression

    def line(self, name: str, expression: nodes.Expression) -> Line:
        """The definition of a name."""
        return Definition(name, expression)


class _Pattern:
    """An expression with places for names and for numbers without a sign; none of them is lost when it is simplified.

    Attributes:
        template: the expression, with the names `{0}`, `{1}` at the places
        tree: the same as a tree
        fixed: how many characters its text has beside what is in the places
        is_number: whether it is a number, which may have a sign
    """

    __slots__ = ("fixed", "is_number", "template", "tree")

    def __init__(self, tree: nodes.Expression, places: int = 0, is_number: bool = False) -> None:
        self.tree = tree
        self.template = Template(tree)
        self.fixed = len(self.template.formula) - sum(len(f"{{{place}}}") for place in range(places))
        self.is_number = is_number


class Phrase(NamedTuple):
    """A pattern with names in its places."""

    pattern: _Pattern
    atoms: tuple[str, ...]


class Phrases:
    """Expressions as patterns with names in their places: what is done again and again is simplified and written once.

    Numbers are in places too, but for those that change nothing as operands, or that are operands of each other.
    """

    def __init__(self) -> None:
        self._trees = Trees()
        self._name = _Pattern(_place(0), 1)
        self._number = _Pattern(_place(0), 1, is_number=True)
        self._negative = _Pattern(nodes.Apply("-", (_place(0),), NOWHERE), 1, is_number=True)
        self._known: dict[tuple[Any, ...], _Pattern] = {}

    def name(self, name: str) -> Phrase:
        """A name in a place."""
        return Phrase(self._name, (name,))

    def node(self, tree: nodes.Expression) -> Phrase:
        """A tree as a phrase of its own; a number or a name in a place."""
        if isinstance(tree, nodes.Name):
            return self.name(tree.name)
        sign = isinstance(tree, nodes.Apply) and tree.function == "-" and len(tree.operands) == 1
        number = tree.operands[0] if sign and isinstance(tree, nodes.Apply) else tree
        if not isinstance(number, nodes.Number):
            return Phrase(_Pattern(tree), ())
        if float(number.text) not in (0.0, 1.0):
            return Phrase(self._negative if sign else self._number, (number.text,))
        key = sign, number.text
        if key not in self._known:
            self._known[key] = _Pattern(tree, is_number=True)  # it may change nothing as an operand
        return Phrase(self._known[key], ())

    def applied(self, operation: Primitive, operands: Sequence[Phrase]) -> Phrase:
        """The pattern of an operation on patterns, with what is in their places."""
        key = operation, *[operand.pattern for operand in operands]
        pattern = self._known.get(key)
        if pattern is None:
            if all(operand.pattern.is_number for operand in operands):  # which may be done
                return self.node(self._trees.applied(operation, [self.tree(operand) for operand in operands]))
            pattern = self._pattern(operation, operands)
            if len(operands) <= _MOST_OPERANDS:
                self._known[key] = pattern
        if len(operands) == 2:
            atoms = operands[0].atoms + operands[1].atoms
        else:
            atoms = tuple(chain.from_iterable([operand.atoms for operand in operands]))
        return Phrase(pattern, atoms)

    def _pattern(self, operation: Primitive, operands: Sequence[Phrase]) -> _Pattern:
        places, trees = 0, []
        for pattern, atoms in operands:
            moved = {f"{{{place}}}": _place(places + place) for place in range(len(atoms))}
            trees.append(replaced(pattern.tree, moved) if places else pattern.tree)
            places += len(atoms)
        return _Pattern(self._trees.applied(operation, trees), places)

    def length(self, expression: Phrase) -> int:
        """How many characters its text has."""
        return expression.pattern.fixed + sum(map(len, expression.atoms))

    def applies(self, expression: Phrase) -> bool:
        """Whether it applies anything."""
        return isinstance(expression.pattern.tree, nodes.Apply)

    def tree(self, expression: Phrase) -> nodes.Expression:
        """The tree with what is in the places."""
        return expression.pattern.template.tree(expression.atoms)

    def line(self, name: str, expression: Phrase) -> Line:
        """The text of the definition of a name."""
        return Written(name, expression.pattern.template.filled(expression.atoms))


def _place(place: int) -> nodes.Expression:
    return nodes.Name(f"{{{place}}}", NOWHERE)

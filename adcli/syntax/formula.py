"""A text that keeps the trees it was written from, so that a document can set it as mathematics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.source import Span

_NOWHERE = Span(0, 0)


class Formula(str):
    """`bar_a += bar_b * cos(a)`: a text for all who want no more, made of trees and of the texts between them."""

    __slots__ = ("_given",)  # a long result has millions
    _given: tuple[str | nodes.Expression, ...]

    def __new__(cls, *parts: str | nodes.Expression) -> Formula:
        """Put parts beside each other; those of a formula become its own."""
        text = "".join([part if isinstance(part, str) else format_expression(part) for part in parts])
        formula = super().__new__(cls, text)
        formula._given = parts
        return formula

    @property
    def parts(self) -> tuple[str | nodes.Expression, ...]:
        """The trees, and the texts that join them."""
        flat: list[str | nodes.Expression] = []
        for part in self._given:
            flat += part.parts if isinstance(part, Formula) else (part,)
        return tuple(flat)

    @classmethod
    def joined(cls, sign: str, parts: Iterable[str | nodes.Expression]) -> Formula:
        """Parts with a sign between them."""
        return cls(*[piece for part in parts for piece in (sign, part)][1:])


class Template:
    """A formula with places for names and numbers: written once, filled as often as entries say the same of others.

    Attributes:
        formula: the formula, with the names `{0}`, `{1}` at the places
    """

    def __init__(self, tree: nodes.Expression) -> None:
        self.formula = Formula(tree)
        self.text: Callable[..., str] = self.formula.format
        self._tree = tree

    def filled(self, atoms: tuple[str, ...]) -> Filled:
        """The formula with names, or numbers without a sign, in its places."""
        return Filled(self, atoms)

    def tree(self, atoms: tuple[str, ...]) -> nodes.Expression:
        """The same as a tree."""
        return replaced(self._tree, {f"{{{place}}}": atom_node(atom) for place, atom in enumerate(atoms)})


class Filled(Formula):
    """A template with names in its places, whose tree is made when it is asked for."""

    __slots__ = ("_atoms", "_template")
    _template: Template
    _atoms: tuple[str, ...]

    def __new__(cls, template: Template, atoms: tuple[str, ...]) -> Filled:
        """Fill a template."""
        filled = str.__new__(cls, template.text(*atoms))
        filled._template = template
        filled._atoms = atoms
        return filled

    def __getnewargs__(self) -> tuple[Template, tuple[str, ...]]:  # type: ignore[override]  # what copies are made of
        return self._template, self._atoms

    @property
    def parts(self) -> tuple[str | nodes.Expression, ...]:
        """The tree."""
        return (self._template.tree(self._atoms),)


def atom_node(atom: str) -> nodes.Expression:
    """The node of a name, or of a number without a sign."""
    if atom[0].isdigit() or atom[0] == ".":
        return nodes.Number(atom, _NOWHERE)
    return nodes.Name(atom, _NOWHERE)


def replaced(tree: nodes.Expression, known: Mapping[str, nodes.Expression]) -> nodes.Expression:
    """A formula's tree with other nodes for its letters. A formula is ours and shallow: plain recursion will do."""
    if isinstance(tree, nodes.Name):
        return known.get(tree.name, tree)
    if isinstance(tree, nodes.Apply):
        operands = tuple(replaced(operand, known) for operand in tree.operands)
        return nodes.Apply(tree.function, operands, tree.span)
    return tree

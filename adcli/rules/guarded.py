"""Formulas in which what an adjoint is nothing in meets no factor: for where a factor is infinite.

`g / a` becomes `where(m == 0 and g == 0, 0, g / a)`, where m is 0 in the gaps of g and 1 elsewhere. A zero of g that is
no gap is left alone: it may become another number beside the point. So is what is no gap at another point.
"""

from __future__ import annotations

from functools import lru_cache

from adcli.records import NamedTuple
from adcli.rules.formulas import MOST_FORMULAS, formula_tree
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.formula import replaced

PRESENCE = "m"  # what formulas call the array that tells where an adjoint is something

_SIMPLE = frozenset(("reshape", "expand", "'", "transpose", "sum", "sum axis=0", "sum axis=1", "sum_to", "abs"))


@lru_cache(maxsize=MOST_FORMULAS)
def guarded(formula: str, letter: str, is_vector: bool) -> str | None:
    """A formula with guards; None for one of several lines, which has none.

    Args:
        formula: the formula
        letter: the adjoint, or the tangent, that it is linear in
        is_vector: whether that is a vector, and no matrix
    """
    return None if ";" in formula else format_expression(_Guard(letter, is_vector).of(formula_tree(formula)))


class _Guard(NamedTuple):
    """Puts the guards into a tree. Formulas are ours and shallow: it recurses."""

    letter: str
    is_vector: bool

    def of(self, tree: nodes.Expression) -> nodes.Expression:
        """The tree with its guards."""
        if not isinstance(tree, nodes.Apply) or not self._bears(tree):
            return tree
        if tree.function in ("*", "/"):
            factor = self._factor(tree)
            if self._is_simple(factor):
                return self._unless_nothing(factor, tree)
        if tree.function in ("@", "outer") and any(map(self._is_simple, tree.operands)):
            return self._product(tree)
        return nodes.Apply(tree.function, tuple(map(self.of, tree.operands)), tree.span)

    def _bears(self, tree: nodes.Expression) -> bool:
        """Whether a tree is made of the adjoint."""
        if isinstance(tree, nodes.Name):
            return tree.name == self.letter
        return isinstance(tree, nodes.Apply) and any(map(self._bears, tree.operands))

    def _is_simple(self, tree: nodes.Expression) -> bool:
        """Whether a tree is the adjoint in another shape."""
        if isinstance(tree, nodes.Name):
            return tree.name == self.letter
        return isinstance(tree, nodes.Apply) and tree.function in _SIMPLE and self._is_simple(tree.operands[0])

    def _factor(self, tree: nodes.Expression) -> nodes.Expression:
        """The factor of a product that is made of the adjoint, and no product itself."""
        while isinstance(tree, nodes.Apply) and tree.function in ("*", "/"):
            tree = next(operand for operand in tree.operands if self._bears(operand))
        return tree

    def _product(self, tree: nodes.Apply) -> nodes.Expression:
        """A product of matrices: of the other one, rows or columns count that meet something."""
        left, right = tree.operands
        first = self._is_simple(left)
        own, other = (left, right) if first else (right, left)
        if tree.function == "outer":
            return _turned(self._unless_nothing(own, _turned(tree))) if first else self._unless_nothing(own, tree)
        met = own if self.is_vector else _applied(f"sum axis={0 if first else 1}", _applied("abs", own))
        kept = _turned(self._unless_nothing(met, _turned(other))) if first else self._unless_nothing(met, other)
        return nodes.Apply("@", (own, kept) if first else (kept, own), tree.span)

    def _unless_nothing(self, own: nodes.Expression, tree: nodes.Expression) -> nodes.Expression:
        zero = nodes.Number("0", tree.span)
        presence = replaced(own, {self.letter: nodes.Name(PRESENCE, tree.span)})
        return _applied("where", _applied("and", _applied("==", presence, zero), _applied("==", own, zero)), zero, tree)


def _applied(function: str, *operands: nodes.Expression) -> nodes.Expression:
    return nodes.Apply(function, operands, operands[0].span)


def _turned(tree: nodes.Expression) -> nodes.Expression:
    return _applied("'", tree)

"""The derivative rules of one operation at values with gaps: what receives nothing receives nothing.

An element that a `where`, a subscript or the like does not pass on has no adjoint, which is not an adjoint of 0: it
meets no partial, so that no 0 * inf arises from it. The formulas are the same; here they are evaluated node by node,
and each node knows which of its elements are nothing. That is slow, and done only where a sweep has found NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.formulas import (
    Shapes,
    contribution_formula,
    edge_contribution,
    edge_tangent,
    formula_lines,
    tangent_formula,
    tangent_letter,
)
from adcli.rules.gapped import Gapped
from adcli.rules.local import edge_elements, is_of_numbers
from adcli.rules.primitive import Primitive
from adcli.rules.readings.gaps import added, applied_with_gaps, chosen, fitted
from adcli.rules.table import CONSTANTS, SELECT, primitive_named
from adcli.syntax import nodes

_Letters: TypeAlias = Mapping[str, Gapped]


def contribution(
    primitive: Primitive, position: int, g: Gapped, v: Gapped, operands: Sequence[Gapped]
) -> Gapped | None:
    """What an operand receives from the adjoint g, in its shape; None for nothing."""
    formula = contribution_formula(primitive, position, _shapes(primitive, v, operands))
    edge = edge_contribution(primitive, position) if primitive.edge(position) else ""
    term = _by_formula(primitive, position, formula, edge, "g", {"g": g, "v": v, **_named(primitive, operands)})
    return None if term is None else _something(fitted(term, shape_of(operands[position].value)))


def tangent_of(
    primitive: Primitive, tangents: Sequence[Gapped | None], v: Gapped, operands: Sequence[Gapped]
) -> Gapped | None:
    """The tangent of the result from those of its operands, None where they do not move."""
    shapes, total = _shapes(primitive, v, operands), None
    for position, tangent in enumerate(tangents):
        if tangent is None:
            continue
        letter = tangent_letter(primitive, position, len(operands))
        edge = edge_tangent(primitive, position, len(operands)) if primitive.edge(position) else ""
        letters = {letter: tangent, "v": v, **_named(primitive, operands)}
        term = _by_formula(primitive, position, tangent_formula(primitive, position, shapes), edge, letter, letters)
        if term is not None:
            term = fitted(term, shape_of(v.value))
            total = term if total is None else added(total, term)
    return None if total is None else _something(total)


def _shapes(primitive: Primitive, v: Gapped, operands: Sequence[Gapped]) -> Shapes:
    if is_of_numbers(primitive, v.value):
        return ((),) * len(operands)
    return tuple(shape_of(operand.value) for operand in operands)


def _named(primitive: Primitive, operands: Sequence[Gapped]) -> _Letters:
    return dict(zip(primitive.letters(len(operands)), operands, strict=True))


def _by_formula(
    primitive: Primitive, position: int, formula: str, edge: str, letter: str, letters: _Letters
) -> Gapped | None:
    """The value of a formula, with the edge's in those elements that have no number of their own there.

    An edge's formula is a number for a partial, also where it is 0: nothing is received where the adjoint, or the
    tangent, that has the letter is nothing.
    """
    if not formula:
        return None
    term = _evaluated(formula, letters)
    at_edge = primitive.edge(position)
    if at_edge is None or is_finite(term.value):
        return term
    elements = edge_elements(letters[at_edge[0]].value, term.value)
    if elements is None:
        return term
    return chosen(elements, Gapped(_evaluated(edge, letters).value, letters[letter].there), term)


def _evaluated(formula: str, letters: _Letters) -> Gapped:
    lines, result = formula_lines(formula)
    known = dict(letters)
    for line in lines:
        known[line.target.name] = _of_node(line.value, known)
    return _of_node(result, known)


def _of_node(tree: nodes.Expression, known: _Letters) -> Gapped:
    """The value of a node. Formulas are ours and shallow: it recurses."""
    if isinstance(tree, nodes.Number):
        return Gapped(float(tree.text), float(tree.text) != 0)
    if isinstance(tree, nodes.Name):
        return known[tree.name] if tree.name in known else Gapped(CONSTANTS[tree.name])
    assert isinstance(tree, nodes.Apply)
    operands = [_of_node(operand, known) for operand in tree.operands]
    primitive = SELECT if tree.function == "where" else primitive_named(tree.function, len(operands))
    assert primitive is not None, tree.function
    return applied_with_gaps(primitive, operands)


def _something(term: Gapped) -> Gapped | None:
    """The same; None where nothing at all is there."""
    return None if term.there is False or (term.there is not True and not term.there.any()) else term

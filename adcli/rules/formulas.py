"""The formulas of the table as texts and trees of the language.

Every rule is text: the partials of an operation element by element, and of one on whole arrays what an operand receives
(`vjp`) and what its tangent adds (`jvp`). Here a partial becomes a contribution and a term of a tangent, and formulas
are taken apart; `compile.py` makes functions of them, `tape/recorded_terms.py` entries,
`tape/describe.py` what is shown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from adcli.records import NamedTuple
from adcli.rules.facts import refusal
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused
from adcli.rules.table import primitive_named
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.formula import replaced
from adcli.syntax.parse import parse, parse_expression
from adcli.syntax.source import Source

MOST_FORMULAS = 5_000  # that are kept: those with sizes in them are others for each shape

Shapes = Sequence[tuple[int, ...]]


class Lines(NamedTuple):
    """A formula: assignments, and the expression behind them."""

    assignments: tuple[nodes.Assignment, ...]
    result: nodes.Expression


_OPERAND = re.compile(r"\ba\d")  # of a variadic primitive


@lru_cache(maxsize=MOST_FORMULAS)
def formula_lines(formula: str) -> Lines:
    """A formula as trees of the language."""
    *before, last = formula.split(";")
    statements = parse(Source("formula", "\n".join(before))).statements if before else ()
    assignments = tuple(statement for statement in statements if isinstance(statement, nodes.Assignment))
    return Lines(assignments, parse_expression(Source("formula", last)))


def formula_tree(formula: str) -> nodes.Expression:
    """A formula that is one expression as a tree of the language."""
    return formula_lines(formula).result


def substituted(formula: str, substitutes: Mapping[str, nodes.Expression]) -> nodes.Expression:
    """A formula as one expression, with its assignments written out and other nodes for its letters."""
    lines, result = formula_lines(formula)
    known = dict(substitutes)
    for line in lines:
        known[line.target.name] = replaced(line.value, known)
    return replaced(result, known)


def as_shown(tree: nodes.Apply) -> nodes.Expression:
    """The formula that people see in place of a call: `x^y * log(x)` for `power_log(x, y)`; of most the call."""
    primitive = primitive_named(tree.function, len(tree.operands))
    if primitive is None or not primitive.shown:
        return tree
    letters = primitive.letters(len(tree.operands))
    return replaced(formula_tree(primitive.shown), dict(zip(letters, tree.operands, strict=True)))


def shown_tree(tree: nodes.Expression) -> nodes.Expression:
    """A formula in which all calls are as people see them. Formulas are shallow: it recurses."""
    if not isinstance(tree, nodes.Apply):
        return tree
    return as_shown(nodes.Apply(tree.function, tuple(map(shown_tree, tree.operands)), tree.span))


# What a partial becomes


def granted(partial: str) -> str:
    """The formula of a partial; raises Refused where there is none."""
    reason = refusal(partial)
    if reason:
        raise Refused(reason, "no-derivative", "let that operand be a number, or leave its inputs out (--wrt)")
    return partial


@cache
def times(partial: str, factor: str) -> str:
    """The text of a factor times a partial: `g * (cos(a))`, `g`, `g * (-v) / (b)`.

    Of a quotient the numerator is multiplied before it is divided. The quotient alone may underflow or overflow where
    the product does not: -v / b of 1 / (1 + exp(400)) is 0, and so would its derivative be. What is multiplied first
    does not: g * v is by how much the output changes as v changes by its own size.

    Raises Refused for a partial that is.
    """
    numerator, denominator = quotient(granted(partial))
    product = {"1": factor, "-1": f"-{factor}"}.get(numerator, f"{factor} * ({numerator})")
    return f"{product} / ({denominator})" if denominator else product


@cache
def quotient(partial: str) -> tuple[str, str]:
    """The numerator and the denominator of a formula; of one that is no quotient the formula, and nothing."""
    tree = ast.parse(partial, mode="eval").body if "/" in partial else None
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        return ast.unparse(tree.left), ast.unparse(tree.right)
    return partial, ""


def contribution_formula(primitive: Primitive, position: int, shapes: Shapes) -> str:
    """What an operand receives, as a formula of `g`, `v` and the operands; empty for nothing."""
    if isinstance(primitive, ArrayPrimitive):
        return primitive.pullbacks(shapes)[position]
    return times(primitive.formulas(len(shapes))[position], "g")


def tangent_formula(primitive: Primitive, position: int, shapes: Shapes) -> str:
    """What an operand's tangent adds, as a formula of it, `v` and the operands; empty for nothing."""
    if isinstance(primitive, ArrayPrimitive):
        return primitive.pushforwards(shapes)[position]
    return times(primitive.formulas(len(shapes))[position], tangent_letter(primitive, position, len(shapes)))


@lru_cache(maxsize=MOST_FORMULAS)
def tangent_letter(primitive: Primitive, position: int, count: int) -> str:
    """What formulas call the tangent of an operand: `da`."""
    return f"d{primitive.letters(count)[position]}"


def reads_operands(primitive: Primitive, formula: str) -> bool:
    """Whether a formula says anything of the operands: of the thousands that a display may have it does not."""
    return not primitive.variadic or _OPERAND.search(formula) is not None


def edge_contribution(primitive: Primitive, position: int) -> str:
    """What an operand receives at the edge of a rule: its formula is the partial, on whole arrays what is received."""
    edge = primitive.edge(position)
    assert edge is not None
    return edge[1] if isinstance(primitive, ArrayPrimitive) else times(edge[1], "g")


def edge_tangent(primitive: Primitive, position: int, count: int) -> str:
    """What an operand's tangent adds at the edge of a rule."""
    edge, letter = primitive.edge(position), tangent_letter(primitive, position, count)
    assert edge is not None
    return f"sum({edge[1]} * {letter})" if isinstance(primitive, ArrayPrimitive) else times(edge[1], letter)


# What formulas read


@lru_cache(maxsize=10_000)
def values_read(primitive: Primitive, active: tuple[bool, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The operands whose values what the active ones receive is made of, by position; -1 is the result."""
    letters = primitive.letters(len(shapes))
    names: set[str] = set()
    for position, wanted in enumerate(active):
        if wanted:
            names |= _names_in(contribution_formula(primitive, position, shapes))
            edge = primitive.edge(position)
            if edge is not None:
                names |= {edge[0], *_names_in(edge[1])}
    read = tuple(place for place, letter in enumerate(letters) if letter in names)
    return (*read, -1) if "v" in names else read


def values_kept(primitive: Primitive, active: tuple[bool, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Those that a run has to keep for a reverse sweep: what it reads, and what tells whether there is a kink."""
    read = values_read(primitive, active, *shapes)
    return tuple({*read, *range(len(shapes))}) if primitive.kink is not None and True in active else read


@lru_cache(maxsize=MOST_FORMULAS)
def _names_in(formula: str) -> frozenset[str]:
    """The letters of a formula, but for those of arrays of which it reads the shape alone."""
    if not formula:
        return frozenset()
    lines, result = formula_lines(formula)
    names: set[str] = set()
    todo = [*(line.value for line in lines), result]
    while todo:
        node = todo.pop()
        if isinstance(node, nodes.Name):
            names.add(node.name)
        elif isinstance(node, nodes.Apply):
            todo.extend(node.operands[:1] if node.function in ("expand", "sum_to", "sum_tiles") else node.operands)
    return frozenset(names)


def largest_formula(primitive: ArrayPrimitive, position: int, shapes: Shapes) -> str:
    """What an operand receives at most, as a formula of an adjoint `g` that is not negative."""
    stated = primitive.known("cancels")
    return (
        stated(shapes)[position] if callable(stated) else _without_cancellation(primitive.pullbacks(shapes)[position])
    )


@lru_cache(maxsize=MOST_FORMULAS)
def _without_cancellation(formula: str) -> str:
    """A formula with the absolute value of everything that it adds up."""

    lines, result = formula_lines(formula)
    before = [f"{line.target.name} = {format_expression(_absolute(line.value))}" for line in lines]
    return "; ".join([*before, format_expression(_absolute(result))])


def _absolute(tree: nodes.Expression) -> nodes.Expression:
    """A bound on the absolute value of a formula of sums, products and inverses. Formulas are shallow: it recurses."""
    if isinstance(tree, nodes.Name):
        return nodes.Apply("abs", (tree,), tree.span)
    if not isinstance(tree, nodes.Apply):
        return tree
    if tree.function == "inv":
        return nodes.Apply("abs", (tree,), tree.span)
    operands = tuple(map(_absolute, tree.operands))
    if tree.function == "-":
        return operands[0] if len(operands) == 1 else nodes.Apply("+", operands, tree.span)
    return nodes.Apply(tree.function, operands, tree.span)


# Gaps: elements that receive nothing, which is not 0

_CHOOSING = frozenset(
    ("is_max", "is_min", "zeros", "eye", "tril", "triu", "diag", "copyltu", "where", "select", "sum_at")
)  # which make zeros that stand for nothing, as the number 0 in a formula and subscripts do


@lru_cache(maxsize=MOST_FORMULAS)
def leaves_gaps(formula: str) -> bool:
    """Whether a formula may give nothing in places, where all of the adjoint, or the tangent, in it is there."""
    lines, result = formula_lines(formula)
    todo = [*(line.value for line in lines), result]
    while todo:
        node = todo.pop()
        if isinstance(node, nodes.Number):
            if float(node.text) == 0:
                return True
        elif isinstance(node, nodes.Apply):
            if node.function in _CHOOSING or node.function[0] == "[":
                return True
            todo.extend(node.operands)
    return False

"""The second order of the rules: how a contribution changes along a direction, made from the table's formulas.

A contribution is `g * p`, with the partial `p` a formula of the operands and the result. Its tangent is
`dg * p + g * dp`, and `dp` is the chain rule over the formula's tree, by the partials of the primitives in it: the
table is its own second order.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adcli.rules.formula import compiled_rule, formula_tree, nan_raises, times_tangent
from adcli.rules.primitive import Primitive
from adcli.rules.table import BINARY_OPERATORS, CONSTANTS, FUNCTIONS, NEGATION
from adcli.syntax import nodes


def moving_pullback(
    primitive: Primitive, active: Sequence[bool], moving: Sequence[bool], seed_moves: bool
) -> Callable[..., tuple[float | None, ...]]:
    """A function of `g, dg, v, dv`, the operands, and their tangents, which are None where an operand does not move.

    It gives each active operand its contribution and the contribution's tangent, one behind the other; None for a
    tangent that is zero by structure. It raises what Python's arithmetic raises, and ArithmeticError for a NaN that
    an edge of a rule may replace.
    """
    letters = primitive.letters(len(active))
    tangents = {letter: f"d{letter}" for letter, moves in zip(letters, moving, strict=True) if moves}
    writer = _Writer(letters, {**tangents, "v": "dv"} if tangents else {})
    results: list[str] = []
    for formula, wanted in zip(primitive.formulas(len(active)), active, strict=True):
        if wanted:
            value, tangent = writer.write(formula_tree(formula))
            terms = [f"dg * {value}"] if seed_moves else []
            terms += [f"g * {tangent}"] if tangent is not None else []
            results += [f"g * {value}", " + ".join(terms) or "None"]
    parameters = ("g", "dg", "v", "dv", *letters, *(f"d{letter}" for letter in letters))
    rule = compiled_rule(parameters, writer.lines, f"({', '.join(results)},)")
    return nan_raises(rule) if primitive.edges or writer.edges else rule


class _Writer:
    """Writes a formula as lines of Python, with its tangent beside it. Formulas are ours and shallow: it recurses."""

    def __init__(self, letters: Sequence[str], tangents: Mapping[str, str]) -> None:
        self.lines: list[str] = []
        self.edges = False  # whether a primitive with edges stands in what was written
        self._letters = letters
        self._tangents = tangents

    def write(self, tree: nodes.Expression) -> tuple[str, str | None]:
        """What holds the value of a formula, and what holds its tangent, if it has one."""
        if isinstance(tree, nodes.Number):
            return tree.text, None
        if isinstance(tree, nodes.Name):
            return tree.name, None if tree.name in CONSTANTS else self._tangents.get(tree.name)
        operands = [self.write(operand) for operand in tree.operands]
        primitive = _primitive(tree)
        self.edges = self.edges or bool(primitive.edges)
        values = [value for value, _ in operands]
        value = self._line("t", _python(primitive, values))
        names = {**dict(zip(primitive.letters(len(values)), values, strict=True)), "v": value}
        terms = [
            _times(formula, names, tangent)
            for formula, (_, tangent) in zip(primitive.formulas(len(values)), operands, strict=True)
            if tangent is not None
        ]
        return value, self._line("d", " + ".join(terms)) if terms else None

    def _line(self, letter: str, expression: str) -> str:
        name = f"{letter}_{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        return name


def _primitive(tree: nodes.Apply) -> Primitive:
    if tree.function == "-" and len(tree.operands) == 1:
        return NEGATION
    return BINARY_OPERATORS.get(tree.function) or FUNCTIONS[tree.function]


def _python(primitive: Primitive, values: Sequence[str]) -> str:
    if primitive is NEGATION:
        return f"-{values[0]}"
    if primitive.symbol and primitive.symbol != "^":
        return f"{values[0]} {primitive.symbol} {values[1]}"
    return f"{primitive.name}({', '.join(values)})"


def _times(formula: str, names: Mapping[str, str], tangent: str) -> str:
    """A formula times a tangent, with its letters replaced."""
    return ast.unparse(_Renaming(names).visit(ast.parse(times_tangent(formula, tangent), mode="eval")))


class _Renaming(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> Any:
        return ast.parse(self._names[node.id], mode="eval").body if node.id in self._names else node

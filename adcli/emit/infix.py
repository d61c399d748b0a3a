"""Expressions in languages with infix operators: all that differs between these is a `Dialect`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANTS, SELECT, primitive_named
from adcli.syntax import nodes

# How tightly an expression holds together.
CHOICE, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, ATOM = range(9)
_LEVELS = {"or": OR, "and": AND, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


@dataclass(frozen=True)
class Dialect:
    """How a language writes expressions.

    Attributes:
        number: a literal
        constants: what it calls those of the language of programs
        name: what it calls a value
        call: a function of the table applied to the texts of its operands
        choice: one of two values by a condition, from three texts
        operators: what it writes for `and`, `or` and `not`
        choice_level, not_level: how tightly its choices hold together, and its `not`
        operand_of_or: how tightly the operands of its `or` have to hold together
    """

    number: Callable[[float], str]
    constants: Mapping[str, str]
    name: Callable[[str], str]
    call: Callable[[Primitive, Sequence[nodes.Expression], Sequence[str]], str]
    choice: Callable[[str, str, str], str]
    operators: Mapping[str, str]
    choice_level: int = CHOICE
    not_level: int = NOT
    operand_of_or: int = OR


def spelled(tree: nodes.Expression, dialect: Dialect) -> str:
    """An expression of lines in a language. Their expressions are short: it recurses."""
    return _spelled(tree, dialect)[0]


def _spelled(tree: nodes.Expression, dialect: Dialect) -> tuple[str, int]:
    """The text, and how tightly it holds together."""
    if isinstance(tree, nodes.Number):
        return dialect.number(float(tree.text)), ATOM
    if isinstance(tree, nodes.Name):
        if tree.name in dialect.constants and tree.name in CONSTANTS:
            return dialect.constants[tree.name], ATOM
        return dialect.name(tree.name), ATOM
    assert isinstance(tree, nodes.Apply)
    function, operands = tree.function, tree.operands
    if function == "-" and len(operands) == 1:
        return f"-{_inside(operands[0], dialect, ATOM)}", SIGN
    if function == "not":
        word = dialect.operators["not"]
        return f"{word}{_inside(operands[0], dialect, dialect.not_level + 1)}", dialect.not_level
    if function in ("where", SELECT.name):
        return dialect.choice(*(_inside(operand, dialect, CHOICE + 1) for operand in operands)), dialect.choice_level
    if function in COMPARISONS:
        return _joined(f" {function} ", operands, COMPARISON + 1, COMPARISON + 1, dialect), COMPARISON
    if function in _LEVELS:
        level, word = _LEVELS[function], dialect.operators.get(function, function)
        least = dialect.operand_of_or if level == OR else level
        return _joined(f" {word} ", operands, least, max(least, level + 1), dialect), level
    primitive = primitive_named(function, len(operands))
    assert primitive is not None, function
    return dialect.call(primitive, operands, [spelled(operand, dialect) for operand in operands]), ATOM


def _joined(word: str, operands: Sequence[nodes.Expression], left: int, right: int, dialect: Dialect) -> str:
    first, second = operands
    return f"{_inside(first, dialect, left)}{word}{_inside(second, dialect, right)}"


def _inside(tree: nodes.Expression, dialect: Dialect, least: int) -> str:
    """An operand, in brackets if it holds together less tightly than it has to."""
    text, level = _spelled(tree, dialect)
    return text if level >= least else f"({text})"

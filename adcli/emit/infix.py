"""Expressions in languages with infix operators: all that differs between these is a `Dialect`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from adcli.emit.lines import AT, COUNT
from adcli.emit.literals import not_finite
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANTS, SELECT, primitive_named
from adcli.syntax import nodes

# How tightly an expression holds together.
CHOICE, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, ATOM = range(9)
_LEVELS = {"or": OR, "and": AND, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
CONDITIONS = (*COMPARISONS, "and", "or", "not")
CHOICES = ("where", SELECT.name)


@dataclass(frozen=True)
class Dialect:
    """How a language writes expressions.

    Attributes:
        number: a literal, of a finite number
        constants: what it calls those of the language of programs, and `nan`
        name: what it calls a value
        call: a function of the table applied to the texts of its operands
        choice: one of two values by a condition, from three texts
        operators: what it writes for `and`, `or` and `not`, and for comparisons that it writes in another way
        functions: the same, where these are functions
        choice_level, not_level: how tightly its choices hold together, and its `not`
        operand_of_or: how tightly the operands of its `or` have to hold together
        not_finite: what it calls infinity, `inf`, and no number, `nan`, where it would raise an error at `1 / 0`
        counts_conditions: whether conditions are the numbers 1 and 0 wherever these are wanted
        apart: what stands for an expression that is no such text, as of arrays where these have no operators; else None
    """

    number: Callable[[float], str]
    constants: Mapping[str, str]
    name: Callable[[str], str]
    call: Callable[[Primitive, Sequence[nodes.Expression], Sequence[str]], str]
    choice: Callable[[str, str, str], str]
    operators: Mapping[str, str]
    functions: Mapping[str, str] = field(default_factory=dict)
    choice_level: int = CHOICE
    not_level: int = NOT
    apart: Callable[[nodes.Apply], str | None] = lambda tree: None
    operand_of_or: int = OR
    not_finite: Mapping[str, str] = field(default_factory=dict)
    counts_conditions: bool = True


def spelled(tree: nodes.Expression, dialect: Dialect) -> str:
    """An expression of lines in a language. Their expressions are short: it recurses."""
    return _spelled(tree, dialect)[0]


def spelled_number(tree: nodes.Expression, dialect: Dialect) -> str:
    """The same of an expression whose value is wanted, also where it is a condition: 1 or 0."""
    return _number(tree, dialect, CHOICE)


def _number(tree: nodes.Expression, dialect: Dialect, least: int) -> str:
    """An operand that is computed with, in brackets if it holds together less tightly than it has to."""
    if dialect.counts_conditions or not _is_condition(tree):
        return _inside(tree, dialect, least)
    return _counting(tree, dialect, least)


def _is_condition(tree: nodes.Expression) -> bool:
    return isinstance(tree, nodes.Apply) and tree.function in CONDITIONS


def _decision(tree: nodes.Expression) -> nodes.Expression:
    """An operand of `and` and `or`, which some languages give as it is: of a number, whether it is not 0."""
    zero = nodes.Number("0", tree.span)
    return tree if _is_condition(tree) else nodes.Apply("!=", (tree, zero), tree.span)


def _counting(tree: nodes.Expression, dialect: Dialect, least: int) -> str:
    """A condition as a number of the language."""
    text = f"{_inside(tree, dialect, PRODUCT)} * {dialect.number(1.0)}"
    return text if least <= PRODUCT else f"({text})"


def _spelled(tree: nodes.Expression, dialect: Dialect) -> tuple[str, int]:
    """The text, and how tightly it holds together."""
    if isinstance(tree, nodes.Number):
        number = float(tree.text)
        return dialect.number(number) if isfinite(number) else dialect.constants[tree.text], ATOM
    if isinstance(tree, nodes.Name):
        if tree.name in dialect.constants and tree.name in CONSTANTS:
            return dialect.constants[tree.name], ATOM
        return dialect.name(tree.name), ATOM
    assert isinstance(tree, nodes.Apply)
    special = _special(tree, dialect)
    return _operation(tree, dialect) if special is None else (special, ATOM)


def _special(tree: nodes.Apply, dialect: Dialect) -> str | None:
    """The text of what is no operation in the language: a place in a row, a counter, infinity; else None."""
    if tree.function == AT:
        row, *place = tree.operands
        return f"{spelled(row, dialect)}[{place_in_row(place, dialect)}]"
    if tree.function == COUNT:
        return _counted(tree, dialect)
    known = dialect.not_finite.get(not_finite(tree))
    return dialect.apart(tree) if known is None else known


def _operation(tree: nodes.Apply, dialect: Dialect) -> tuple[str, int]:
    """The text of an operation on its operands, and how tightly it holds together."""
    function, operands = tree.function, tree.operands
    if function == "-" and len(operands) == 1:
        write = _counting if _is_condition(operands[0]) else _inside  # of whole numbers there is no -0
        return f"-{write(operands[0], dialect, ATOM)}", SIGN
    if function in dialect.functions:
        return f"{dialect.functions[function]}({', '.join(spelled(operand, dialect) for operand in operands)})", ATOM
    if function == "not":
        word = dialect.operators["not"]
        return f"{word}{_inside(operands[0], dialect, dialect.not_level + 1)}", dialect.not_level
    if function == SELECT.name:  # by a number and not by a condition
        operands = (nodes.Apply("!=", (operands[0], nodes.Number("0", tree.span)), tree.span), *operands[1:])
    if function in CHOICES:
        condition, *values = operands
        texts = [_inside(condition, dialect, CHOICE + 1), *(_number(value, dialect, CHOICE + 1) for value in values)]
        return dialect.choice(*texts), dialect.choice_level
    if function in COMPARISONS:
        word = dialect.operators.get(function, function)
        return _joined(f" {word} ", operands, COMPARISON + 1, COMPARISON + 1, dialect), COMPARISON
    if function in _LEVELS:
        level, word = _LEVELS[function], dialect.operators.get(function, function)
        least = dialect.operand_of_or if level == OR else level
        if function in CONDITIONS:
            first, second = map(_decision, operands)
            return f"{_inside(first, dialect, least)} {word} {_inside(second, dialect, max(least, level + 1))}", level
        return _joined(f" {word} ", operands, least, max(least, level + 1), dialect), level
    primitive = primitive_named(function, len(operands))
    assert primitive is not None, function
    return dialect.call(primitive, operands, [spelled_number(operand, dialect) for operand in operands]), ATOM


def _counted(tree: nodes.Apply, dialect: Dialect) -> str:
    """`(1.0 + i)`: a number, and no whole number, whatever the language takes the counter for."""
    counter, first, step = (spelled(operand, dialect) for operand in tree.operands)
    return f"({first} + {counter})" if step == dialect.number(1.0) else f"({first} + {step} * {counter})"


def place_in_row(place: Sequence[nodes.Expression], dialect: Dialect) -> str:
    """`i`, `i + 1`, `9 - i`: a place in a row."""
    first, *others = (
        operand.text if isinstance(operand, nodes.Number) else spelled(operand, dialect) for operand in place
    )
    if not others:
        return first
    counter, stride = others
    if stride == "1":
        return counter if first == "0" else f"{counter} + {first}"
    return f"{first} - {counter}" if stride == "-1" else f"{first} + {stride} * {counter}"


def _joined(word: str, operands: Sequence[nodes.Expression], left: int, right: int, dialect: Dialect) -> str:
    first, second = operands
    return f"{_number(first, dialect, left)}{word}{_number(second, dialect, right)}"


def _inside(tree: nodes.Expression, dialect: Dialect, least: int) -> str:
    """An operand, in brackets if it holds together less tightly than it has to."""
    text, level = _spelled(tree, dialect)
    return text if level >= least else f"({text})"

"""Expressions of numbers in C: how they are written, and which of them are numbers already."""

from __future__ import annotations

from collections.abc import Callable

from adcli.emit.c_kernels import number
from adcli.emit.c_needs import LANGUAGE, Needs
from adcli.emit.infix import AND, CHOICES, COMPARISONS, SIGN, Dialect
from adcli.emit.lines import NOWHERE
from adcli.emit.refused import no_spelling
from adcli.rules.facts import Notation
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.spellings.c import ARRAYS, Spelling
from adcli.rules.table import CONDITIONS, CONSTANTS, primitive_named
from adcli.syntax import nodes

ZERO, ONE = nodes.Number("0", NOWHERE), nodes.Number("1", NOWHERE)


def dialect_of(name: Callable[[str], str], needs: Needs) -> Dialect:
    """How C writes expressions of numbers."""
    return Dialect(
        number=number, constants={constant: number(value) for constant, value in CONSTANTS.items()},
        name=name, call=needs.call,
        choice=lambda condition, yes, no: f"{condition} ? {yes} : {no}",
        operators={"and": "&&", "or": "||", "not": "!"}, not_level=SIGN, operand_of_or=AND + 1,
        counts_conditions=False,  # which are whole numbers, whose quotients are
    )  # fmt: skip


def constant(tree: nodes.Expression) -> float | None:
    """The value of a literal, or of an operation of numbers on literals; None of any other expression."""
    if not isinstance(tree, nodes.Apply):
        return _literal_value(tree)
    values = [_literal_value(operand) for operand in tree.operands]
    primitive = primitive_of(tree)
    if primitive is None or not primitive.elementwise or None in values:
        return None
    try:
        return float(primitive.value(*values))
    except (ArithmeticError, ValueError):
        return None


def _literal_value(tree: nodes.Expression) -> float | None:
    """The value of a number, which may have a sign."""
    sign = 1.0
    if isinstance(tree, nodes.Apply) and tree.function == "-" and len(tree.operands) == 1:
        sign, tree = -1.0, tree.operands[0]
    if isinstance(tree, nodes.Number):
        return sign * float(tree.text)
    return sign * CONSTANTS[tree.name] if isinstance(tree, nodes.Name) and tree.name in CONSTANTS else None


def literal(value: float) -> nodes.Expression:
    """A number as a tree; its sign is an operation."""
    if value != value:
        return nodes.Apply("-", (nodes.Name("inf", NOWHERE), nodes.Name("inf", NOWHERE)), NOWHERE)
    text = number(abs(value))
    tree: nodes.Expression = (
        nodes.Name("inf", NOWHERE) if text == "INFINITY" else nodes.Number(repr(abs(value)), NOWHERE)
    )
    return nodes.Apply("-", (tree,), NOWHERE) if text != number(value) else tree


def primitive_of(tree: nodes.Expression) -> Primitive | None:
    """The row of an operation; None of a choice, which has a way of its own to be written, and of a condition."""
    if not isinstance(tree, nodes.Apply) or tree.function in CHOICES or is_condition(tree):
        return None
    return primitive_named(tree.function, len(tree.operands))


def is_condition(tree: nodes.Expression) -> bool:
    """Whether an expression holds or does not."""
    return isinstance(tree, nodes.Apply) and (tree.function in COMPARISONS or tree.function in CONDITIONS)


def is_reduction(primitive: Primitive) -> bool:
    """Whether a number that it gives is computed by a helper."""
    return not primitive.elementwise and primitive.notation is not Notation.PART


def spelling_of(primitive: Primitive) -> Spelling:
    """How C writes an operation on arrays; raises AdError `no-emission` where it has no way."""
    spelling = ARRAYS.get(primitive.kernel) if isinstance(primitive, ArrayPrimitive) else None
    if spelling is None:
        raise no_spelling(LANGUAGE, primitive)
    return spelling

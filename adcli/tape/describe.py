"""A tape's entries as people read them: operations, partials and contributions, with the entries' own names put in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import isfinite, log10
from typing import Any

from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.facts import Notation
from adcli.rules.formulas import (
    MOST_FORMULAS,
    as_shown,
    contribution_formula,
    formula_tree,
    granted,
    reads_operands,
    substituted,
    tangent_formula,
    tangent_letter,
    times,
)
from adcli.rules.local import chosen_formula
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused
from adcli.rules.table import CONSTANT, COPY, INPUT, NEGATION
from adcli.syntax import nodes
from adcli.syntax.format import for_text, format_expression, while_text
from adcli.syntax.formula import Formula, Template, replaced
from adcli.syntax.source import Span
from adcli.tape.components import flattened
from adcli.tape.labels import Labels, adjoint_name, label_formula, label_node, labels, tangent_name
from adcli.tape.local import refused
from adcli.tape.tape import Guard, Region, Tape

_MOST_OPERANDS = 12  # that are shown of one operation
_MOST_NODES = 40  # of an expression that is written out
_LONGEST_RULE = 100  # characters of a contribution that are shown
_NAMES = ("",) * (2 * _MOST_OPERANDS)  # the kinds of labels that are all names
_NOWHERE = Span(0, 0)


def operation_text(tape: Tape, entry: int, names: Labels) -> str:
    """`x * y`, `sin(a)`: the operation of an entry, with the labels of its operands."""
    operation = tape.operations[entry]
    if operation in (INPUT, CONSTANT):
        return operation.name
    shown = tape.operands[entry]
    left_out = len(shown) > _MOST_OPERANDS
    if left_out:
        shown = (*shown[: _MOST_OPERANDS // 2], shown[-1])
    kinds, atoms = _kinds([names[operand] for operand in shown], False)
    return _operation(operation, kinds, left_out).filled(atoms)


@lru_cache(maxsize=MOST_FORMULAS)
def _operation(operation: Primitive, kinds: tuple[str, ...], left_out: bool) -> Template:
    """An operation with places for the labels of its operands; some may be left out before the last."""
    operands = _places(kinds)
    if operation is COPY:
        return Template(operands[0])
    if left_out:
        operands = (*operands[:-1], nodes.Name("…", _NOWHERE), operands[-1])
    return Template(nodes.Apply(function_text(operation), operands, _NOWHERE))


def expression_text(tape: Tape, entry: int, names: Labels) -> str:
    """`1 - cos(x)`: the operation of an entry, with what computed those of its operands that have no name."""
    return Formula(_expression(tape, entry, names, True, [_MOST_NODES]))


def expression_node(tape: Tape, entry: int, names: Labels) -> nodes.Expression:
    """The name of an entry; of one without a name the expression that computed it."""
    return _expression(tape, entry, names, False, [_MOST_NODES])


def _expression(tape: Tape, entry: int, names: Labels, written_out: bool, left: list[int]) -> nodes.Expression:
    """An entry as a tree of so many operations: what lies below is called by its label."""
    operation, operands = tape.operations[entry], tape.operands[entry]
    left[0] -= 1
    if not operands or left[0] < 0 or len(operands) > _MOST_OPERANDS or (tape.names[entry] and not written_out):
        return label_node(names[entry])
    inner = tuple(_expression(tape, operand, names, False, left) for operand in operands)
    return inner[0] if operation is COPY else nodes.Apply(function_text(operation), inner, _NOWHERE)


def function_text(operation: Primitive) -> str:
    """What a node of the tree that applies an operation has as its function."""
    return "-" if operation is NEGATION else operation.symbol or operation.name


def partial_text(tape: Tape, entry: int, position: int, names: Labels) -> str:
    """`cos(a)`: the formula of one partial of an entry's operation, with the labels of the entries put in."""
    return _told(tape, entry, names, _partial_formula(tape, entry, position))


def contribution_text(tape: Tape, entry: int, position: int, names: Labels) -> str:
    """`bar_b * cos(a)`, `bar_v @ B'`: what the reverse sweep adds to the adjoint of an entry's operand.

    Where that is long it is named by the operation, as in ``vjp of qr(A)``.
    """
    operation = tape.operations[entry]
    if is_part(operation):
        return label_formula(adjoint_name(names[entry]))
    if not tape.arrays:
        slope = chosen_formula(operation, position, tape.operand_values(entry), tape.values[entry])
        formula = f"g * {slope}" if slope in ("1", "-1") else times(slope, "g")  # a textbook writes the factor 1
        return _told(tape, entry, names, formula)
    formula = contribution_formula(operation, position, tape.operand_shapes(entry))
    if _is_long(operation, formula) and operation.notation is not Notation.UPDATE:
        return Formula("vjp of ", operation_text(tape, entry, names))
    text = _told(tape, entry, names, formula, position)
    return text if len(text) <= _LONGEST_RULE else Formula("vjp of ", operation_text(tape, entry, names))


def _told(tape: Tape, entry: int, names: Labels, formula: str, position: int | None = None) -> Formula:
    """A formula of an entry's operation with the labels of the entries put in, and `g` for its adjoint.

    With a position it is a contribution, summed to the shape of that operand.
    """
    operation, operands = tape.operations[entry], tape.operands[entry]
    read = operands if reads_operands(operation, formula) else ()
    own, fit = names[entry], None
    labels_read = [own, *[names[operand] for operand in read]]
    if position is not None and operation.elementwise:
        shape = shape_of(tape.values[operands[position]])
        if shape != shape_of(tape.values[entry]):
            fit = "sum_to" if shape else "sum"
            labels_read.append(names[operands[position]])
    tidied = position is None or operation.elementwise
    kinds, atoms = _kinds(labels_read, tidied and ("-" in formula or "^" in formula or "**" in formula))
    return _rule(operation, formula, len(read), kinds, fit, tidied).filled((*atoms, adjoint_name(own)))


@lru_cache(maxsize=MOST_FORMULAS)
def _rule(
    operation: Primitive, formula: str, count: int, kinds: tuple[str, ...], fit: str | None, tidied: bool
) -> Template:
    """A formula of an operation with places: for the entry's label, for those of its operands, and behind them for
    that of the operand to whose shape it is summed; the last place is that of the adjoint."""
    places = _places(kinds)
    letters = dict(zip(operation.letters(count), places[1:], strict=False)) if count else {}
    adjoint = nodes.Name(f"{{{len(kinds)}}}", _NOWHERE)
    tree = substituted(formula, {**letters, "v": places[0], "g": adjoint})
    if tidied:
        tree = _tidy(tree)
    if fit is not None:
        tree = nodes.Apply(fit, (tree, places[-1]) if fit == "sum_to" else (tree,), _NOWHERE)
    return Template(tree)


def _kinds(shown: Sequence[str], digits_count: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What tells one template from another of each label, and what is put in its place.

    A sign binds, and where numbers are computed with their digits count.
    """
    if not digits_count and len(shown) <= len(_NAMES) and "-" not in "".join(shown):  # no name has one: only numbers do
        return _NAMES[: len(shown)], tuple(shown)
    if digits_count:
        kinds = [label if label[0] in "0123456789." else "-" if label[0] == "-" else "" for label in shown]
    else:
        kinds = ["-" if label[0] == "-" else "" for label in shown]
    return tuple(kinds), tuple([label[1:] if label[0] == "-" else label for label in shown])


def _places(kinds: Sequence[str]) -> tuple[nodes.Expression, ...]:
    """The nodes that stand in a template for labels: names `{0}`, with the sign of a number before them."""
    places: list[nodes.Expression] = []
    for place, kind in enumerate(kinds):
        name = nodes.Name(f"{{{place}}}", _NOWHERE)
        places.append(nodes.Apply("-", (name,), _NOWHERE) if kind == "-" else label_node(kind) if kind else name)
    return tuple(places)


def tangent_text(tape: Tape, entry: int, tangents: Sequence[Any], names: Labels) -> str:
    """`dot_x * y + dot_y * x`: what the forward sweep computes at an entry; nothing at an input.

    Where that is long it is named by the operation, as in ``jvp of qr(A)``.
    """
    operation, operands = tape.operations[entry], tape.operand_values(entry)
    total: nodes.Expression | None = None
    for position, source in enumerate(tape.operands[entry]):
        if tangents[source] is None:
            continue
        letter = tangent_letter(operation, position, len(operands))
        if operation.elementwise and not tape.arrays:
            formula = times(chosen_formula(operation, position, operands, tape.values[entry]), letter)
        else:
            formula = tangent_formula(operation, position, tape.operand_shapes(entry))
        if not formula:
            continue
        if _is_long(operation, formula):
            return Formula("jvp of ", operation_text(tape, entry, names))
        tangent = nodes.Name(tangent_name(names[source]), _NOWHERE)
        term = substituted(formula, {**_letters(tape, entry, names, formula), letter: tangent})
        if operation.elementwise:
            term = _tidy(term)
        if total is None:
            total = nodes.Apply("-", (tangent,), _NOWHERE) if formula == f"-{letter}" else term
        elif formula == f"-{letter}":
            total = nodes.Apply("-", (total, tangent), _NOWHERE)
        else:
            total = nodes.Apply("+", (total, term), _NOWHERE)
    text = "" if total is None else Formula(total)
    if operation.elementwise or len(text) <= _LONGEST_RULE:
        return text
    return Formula("jvp of ", operation_text(tape, entry, names))


def _is_long(operation: Primitive, formula: str) -> bool:
    """Whether a rule has more lines than are shown, or says no more than that there is one."""
    return formula.count(";") > 1 or (isinstance(operation, ArrayPrimitive) and operation.recorder is not None)


def receiver_text(tape: Tape, entry: int, position: int, names: Labels) -> str:
    """`bar_x`, `bar_w[2]`: what the reverse sweep adds a contribution of an entry to."""
    operation, operands = tape.operations[entry], tape.operands[entry]
    adjoint = adjoint_name(names[operands[position]])
    if is_part(operation) and position == 0:
        kinds, atoms = _kinds([adjoint, *[names[operand] for operand in operands[1:]]], False)
        return _part(operation, kinds).filled(atoms)
    return label_formula(adjoint)


def is_part(operation: Primitive) -> bool:
    """Whether an operation takes an element, or a part, of an array."""
    return operation.notation is Notation.PART


@lru_cache(maxsize=MOST_FORMULAS)
def _part(operation: Primitive, kinds: tuple[str, ...]) -> Template:
    """A part of an array with places for the labels of the array and of the subscripts."""
    return Template(nodes.Apply(operation.name, _places(kinds), _NOWHERE))


def _letters(tape: Tape, entry: int, names: Labels, formula: str) -> dict[str, nodes.Expression]:
    """What a formula of an entry's operation may call its operands and its result, with their labels."""
    operation, operands = tape.operations[entry], tape.operands[entry]
    if not reads_operands(operation, formula):
        return {"v": label_node(names[entry])}
    letters = zip(operation.letters(len(operands)), (names[operand] for operand in operands), strict=True)
    return {letter: label_node(name) for letter, name in letters} | {"v": label_node(names[entry])}


def guard_text(tape: Tape, guard: Guard, names: Labels) -> str:
    """`x > 0`: what was decided, with the labels of both sides."""
    kinds, atoms = _kinds([names[guard.left], names[guard.right]], False)
    return _decision(guard.comparison, kinds).filled(atoms)


@lru_cache(maxsize=MOST_FORMULAS)
def _decision(comparison: str, kinds: tuple[str, ...]) -> Template:
    """A comparison with places for the labels of both sides."""
    return Template(nodes.Apply(comparison, _places(kinds), _NOWHERE))


def region_text(region: Region) -> str:
    """`for k = 1 to n`, `while x > 1` or `f(x)`: a loop or a call, in the words of the program."""
    return region_node_text(region.node)


def region_node_text(node: nodes.ForLoop | nodes.WhileLoop | nodes.Index | nodes.Apply) -> str:
    """The same of the node of the tree."""
    if isinstance(node, (nodes.ForLoop, nodes.Index)):
        return for_text(node)
    return while_text(node) if isinstance(node, nodes.WhileLoop) else format_expression(node)


def partial_node(tape: Tape, entry: int, position: int, names: Labels) -> nodes.Expression:
    """The same as a node of the tree; of an operation element by element."""
    formula = _partial_formula(tape, entry, position)
    return _tidy(replaced(formula_tree(formula), _letters(tape, entry, names, formula)))


def _partial_formula(tape: Tape, entry: int, position: int) -> str:
    """The formula of a partial at the entry's values; raises AdError where there is none."""
    operation = tape.operations[entry]
    if tape.arrays or operation.edge(position) is None:
        formula = operation.formulas(len(tape.operands[entry]))[position]
    else:
        formula = chosen_formula(operation, position, tape.operand_values(entry), tape.values[entry])
    try:
        return granted(formula)
    except Refused as error:
        raise refused(tape, entry, error) from None


def _tidy(tree: nodes.Expression) -> nodes.Expression:
    """`3 * x^(3 - 1)` as `3 * x^2`: whole numbers subtracted, an exponent of 1 gone, what has a formula shown."""
    if not isinstance(tree, nodes.Apply):
        return tree
    operands = tuple(_tidy(operand) for operand in tree.operands)
    texts = [operand.text for operand in operands if isinstance(operand, nodes.Number)]
    if tree.function == "-" and len(texts) == 2 and all(text.isdigit() for text in texts):
        return label_node(str(int(texts[0]) - int(texts[1])))
    if tree.function == "^" and texts[-1:] == ["1"] and isinstance(operands[1], nodes.Number):
        return operands[0]
    return as_shown(nodes.Apply(tree.function, operands, tree.span))


def first_not_finite(tape: Tape) -> int | None:
    """The first entry that is infinite or NaN, or has such an element, but for an `inf` that is written."""
    if not tape.arrays and all(map(isfinite, tape.values)):
        return None
    finite = is_finite if tape.arrays else isfinite
    found = (entry for entry, value in enumerate(tape.values) if not finite(value))
    return next((entry for entry in found if not _is_written(tape, entry)), None)


def _is_written(tape: Tape, entry: int) -> bool:
    """Whether an entry is a number of the program, or that with a sign."""
    operands = tape.operands[entry]
    of_number = tape.operations[entry] in (NEGATION, COPY) and tape.operations[operands[0]] is CONSTANT
    return tape.operations[entry] is CONSTANT or of_number


def not_finite_text(tape: Tape, entry: int) -> str:
    """``log(x) = -inf, line 3``: an entry that is not finite."""
    value, operation = tape.values[entry], operation_text(tape, entry, labels(tape))
    if type(value) is float:
        return f"{operation} = {value}, line {tape.line(entry)}"
    label, number = next((label, element) for label, element in flattened({"": value}).items() if not isfinite(element))
    return f"{operation} = {number} at {label}, line {tape.line(entry)}"


def where(tape: Tape, entry: int) -> str:
    """``1 - v2, line 3``: an entry and its place."""
    return f"{operation_text(tape, entry, labels(tape))}, line {tape.line(entry)}"


def large(number: int) -> str:
    """A count with its digits, or rounded, or as a power of ten."""
    if number < 10**8:
        return f"{number:,}"
    if number < 10**15:
        return f"{number:.3e}"
    bits = max(number.bit_length() - 60, 0)
    return f"about 10^{log10(number >> bits) + bits * log10(2):.1f}"

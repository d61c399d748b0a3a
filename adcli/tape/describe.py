"""A tape's entries as people read them: labels, operations, partials with the entries' own names put in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite

from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean
from adcli.rules.formula import chosen_formula, formula_tree
from adcli.rules.table import CONSTANT, COPY, INPUT, NEGATION
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.source import Span
from adcli.tape.tape import Tape

_NOWHERE = Span(0, 0)


def numbers(tape: Tape) -> list[str]:
    """`v0`, `v1` …: what each entry is called by its place. A constant has no place: it is its own text.

    The letter is another one where a name of the program looks like such a number.
    """
    names = {name for name in tape.names if name is not None}
    letter = next(letter for letter in "vwutsrq_" if not any(re.fullmatch(rf"{letter}\d+", name) for name in names))
    result = []
    count = 0
    for operation, name in zip(tape.operations, tape.names, strict=True):
        if operation is CONSTANT:
            result.append(name or "")
        else:
            result.append(f"{letter}{count}")
            count += 1
    return result


def labels(tape: Tape) -> list[str]:
    """What each entry is called: its name, numbered from the second binding on (`c`, `c_2`); or its number."""
    taken = {name for name in tape.names if name is not None}
    versions: dict[str, int] = {}
    result = []
    for number, operation, name in zip(numbers(tape), tape.operations, tape.names, strict=True):
        if name is None or operation is CONSTANT:
            result.append(number)
            continue
        label = name
        if name in versions:
            while label in taken:
                versions[name] += 1
                label = f"{name}_{versions[name]}"
            taken.add(label)
        versions.setdefault(name, 1)
        result.append(label)
    return result


def operation_text(tape: Tape, entry: int, names: Sequence[str]) -> str:
    """`x * y`, `sin(a)`: the operation of an entry, with the labels of its operands."""
    operation = tape.operations[entry]
    if operation in (INPUT, CONSTANT):
        return operation.name
    operands = tuple(_operand(names[operand]) for operand in tape.operands[entry])
    if operation is COPY:
        return format_expression(operands[0])
    symbol = "-" if operation is NEGATION else operation.symbol or operation.name
    return format_expression(nodes.Apply(symbol, operands, _NOWHERE))


def partial_text(tape: Tape, entry: int, position: int, names: Sequence[str]) -> str:
    """`cos(a)`: the formula of one partial of an entry's operation, with the labels of the entries put in."""
    return format_expression(_partial(tape, entry, position, names))


def contribution_text(tape: Tape, entry: int, position: int, names: Sequence[str]) -> str:
    """`bar_b * cos(a)`: what the reverse sweep adds to the adjoint of an entry's operand."""
    adjoint = nodes.Name(adjoint_name(names[entry]), _NOWHERE)
    return format_expression(nodes.Apply("*", (adjoint, _partial(tape, entry, position, names)), _NOWHERE))


def adjoint_name(label: str) -> str:
    """`bar_x`: what the adjoint of an entry is called, everywhere."""
    return f"bar_{label}"


def _partial(tape: Tape, entry: int, position: int, names: Sequence[str]) -> nodes.Expression:
    operation, operands = tape.operations[entry], tape.operands[entry]
    formula = chosen_formula(operation, position, tape.operand_values(entry), tape.values[entry])
    letters = zip(operation.letters(len(operands)), (names[operand] for operand in operands), strict=True)
    substitutes = {letter: _operand(name) for letter, name in letters} | {"v": _operand(names[entry])}
    return _tidy(_substituted(formula_tree(formula), substitutes))


def _substituted(tree: nodes.Expression, substitutes: dict[str, nodes.Expression]) -> nodes.Expression:
    """A formula's tree with its letters replaced. A formula is ours and shallow: plain recursion will do."""
    if isinstance(tree, nodes.Name):
        return substitutes.get(tree.name, tree)
    if isinstance(tree, nodes.Apply):
        return nodes.Apply(tree.function, tuple(_substituted(node, substitutes) for node in tree.operands), tree.span)
    return tree


def _tidy(tree: nodes.Expression) -> nodes.Expression:
    """`3 * x^(3 - 1)` as `3 * x^2`: whole numbers subtracted, and an exponent of 1 gone."""
    if not isinstance(tree, nodes.Apply):
        return tree
    operands = tuple(_tidy(operand) for operand in tree.operands)
    texts = [operand.text for operand in operands if isinstance(operand, nodes.Number)]
    if tree.function == "-" and len(texts) == 2 and all(text.isdigit() for text in texts):
        return _operand(str(int(texts[0]) - int(texts[1])))
    if tree.function == "^" and texts[-1:] == ["1"] and isinstance(operands[1], nodes.Number):
        return operands[0]
    return nodes.Apply(tree.function, operands, tree.span)


def _operand(label: str) -> nodes.Expression:
    """The node of a label: a name, or the number that a constant's label is."""
    if label.startswith("-"):
        return nodes.Apply("-", (nodes.Number(label[1:], _NOWHERE),), _NOWHERE)
    if label[0].isdigit() or label[0] == ".":
        return nodes.Number(label, _NOWHERE)
    return nodes.Name(label, _NOWHERE)


def find_entry(tape: Tape, name: str) -> int:
    """The entry of a named value: its last binding, or an earlier one by its label (`c`, `c_2`).

    Raises AdError `unknown-name`.
    """
    if name in tape.bindings:
        return tape.bindings[name]
    for entry, label in enumerate(labels(tape)):
        if label == name and tape.operations[entry] is not CONSTANT:
            return entry
    shown = zip(labels(tape), tape.names, tape.operations, strict=True)
    named = [label for label, own, operation in shown if own is not None and operation is not CONSTANT]
    help_text = did_you_mean(name, named) or f"its values: {', '.join(named[:20])}"
    raise AdError(Problem("unknown-name", f"the program has no value `{name}`", help=help_text))


def first_not_finite(tape: Tape) -> int | None:
    """The first entry whose value is infinite or NaN."""
    for entry, value in enumerate(tape.values):
        if not isfinite(value):
            return entry
    return None


def not_finite_text(tape: Tape, entry: int) -> str:
    """``log(x) = -inf, line 3``: an entry that is not finite."""
    return f"{operation_text(tape, entry, labels(tape))} = {tape.values[entry]}, line {tape.line(entry)}"


def where(tape: Tape, entry: int) -> str:
    """``1 - v2, line 3``: an entry and its place."""
    return f"{operation_text(tape, entry, labels(tape))}, line {tape.line(entry)}"

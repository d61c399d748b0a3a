"""What to write instead: expressions that lose digits, or a derivative, beside those that do not.

A pattern is text of the language. A letter in it stands for any value, a number for itself; sums and products match
in either order, and names that a program gives to parts of the expression do not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from typing import NamedTuple

from adcli.rules.formula import formula_tree, replaced
from adcli.rules.table import CONSTANT, COPY
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.tape.describe import Labels, expression_node, function_text
from adcli.tape.tape import Tape


class Rewrite(NamedTuple):
    """An expression, and what to write instead.

    Attributes:
        pattern: the expression, in the language
        replacement: the same for real numbers, with the letters of the pattern
        keeps: what it keeps that the pattern loses: `digits`, `range` (it does not overflow) or `slope`
        why: what goes wrong with the pattern, as a clause
    """

    pattern: str
    replacement: str
    keeps: str
    why: str


_NEAR_ZERO = "near 0 the difference loses what the function adds to 1"
_OVERFLOW = "the exponential overflows, or is lost beside the other term"
_SQUARES = "the squares overflow and underflow, and the root has no slope at 0"

REWRITES = (
    Rewrite("1 - cos(a)", "2 * sin(a / 2)^2", "digits", "the cosine of a small angle is 1 but for its last digits"),
    Rewrite("cos(a) - 1", "-2 * sin(a / 2)^2", "digits", "the cosine of a small angle is 1 but for its last digits"),
    Rewrite("1 - cos(a)^2", "sin(a)^2", "digits", "the cosine of a small angle is 1 but for its last digits"),
    Rewrite("1 - sin(a)^2", "cos(a)^2", "digits", "the sine is 1 but for its last digits near its extremes"),
    Rewrite("exp(a) - 1", "expm1(a)", "digits", _NEAR_ZERO),
    Rewrite("1 - exp(a)", "-expm1(a)", "digits", _NEAR_ZERO),
    Rewrite("exp(a) - exp(-a)", "2 * sinh(a)", "digits", "near 0 the two exponentials are nearly equal"),
    Rewrite("log(1 + exp(a))", "softplus(a)", "range", _OVERFLOW),
    Rewrite("log(1 + a)", "log1p(a)", "digits", "1 + a rounds away the digits of a small a"),
    Rewrite("log(1 - a)", "log1p(-a)", "digits", "1 - a rounds away the digits of a small a"),
    Rewrite("1 - erf(a)", "erfc(a)", "digits", "erf is 1 but for its last digits for a large a"),
    Rewrite("1 - tanh(a)^2", "1 / cosh(a)^2", "digits", "tanh is 1 but for its last digits for a large a"),
    Rewrite("1 - sigmoid(a)", "sigmoid(-a)", "digits", "the sigmoid is 1 but for its last digits for a large a"),
    Rewrite("sqrt(a) - sqrt(b)", "(a - b) / (sqrt(a) + sqrt(b))", "digits", "the two roots are nearly equal"),
    Rewrite("log(a) - log(b)", "log(a / b)", "digits", "the two logarithms are nearly equal"),
    Rewrite("a^2 - b^2", "(a - b) * (a + b)", "digits", "the squares are rounded before they are subtracted"),
    Rewrite("a * a - b * b", "(a - b) * (a + b)", "digits", "the squares are rounded before they are subtracted"),
    Rewrite("(-b - sqrt(b^2 - 4 * a * c)) / (2 * a)", "2 * c / (sqrt(b^2 - 4 * a * c) - b)", "digits",
            "for b < 0 the root and -b are nearly equal, and the product of both solutions is c / a"),
    Rewrite("(-b + sqrt(b^2 - 4 * a * c)) / (2 * a)", "-2 * c / (b + sqrt(b^2 - 4 * a * c))", "digits",
            "for b > 0 the root and b are nearly equal, and the product of both solutions is c / a"),
    Rewrite("(-b - sqrt(b^2 - c)) / d", "c / (d * (sqrt(b^2 - c) - b))", "digits",
            "for b < 0 the root and -b are nearly equal, and the product of both solutions is c / d^2"),
    Rewrite("(-b + sqrt(b^2 - c)) / d", "-c / (d * (b + sqrt(b^2 - c)))", "digits",
            "for b > 0 the root and b are nearly equal, and the product of both solutions is c / d^2"),
    Rewrite("sum(a^2) - sum(a)^2 / n", "sum((a - sum(a) / n)^2)", "digits",
            "both terms grow with the square of the mean: subtract it first, in a second pass"),
    Rewrite("sum(a^2) / n - (sum(a) / n)^2", "sum((a - sum(a) / n)^2) / n", "digits",
            "both terms grow with the square of the mean: subtract it first, in a second pass"),
    Rewrite("mean(a^2) - mean(a)^2", "mean((a - mean(a))^2)", "digits",
            "both terms grow with the square of the mean: subtract it first, in a second pass"),
    Rewrite("mean(a * a) - mean(a)^2", "mean((a - mean(a))^2)", "digits",
            "both terms grow with the square of the mean: subtract it first, in a second pass"),
    Rewrite("1 / (1 + exp(-a))", "sigmoid(a)", "range", _OVERFLOW),
    Rewrite("log(exp(a) + exp(b))", "logsumexp([a, b])", "range", _OVERFLOW),
    Rewrite("log(sum(exp(a)))", "logsumexp(a)", "range", _OVERFLOW),
    Rewrite("exp(a) / sum(exp(a))", "softmax(a)", "range", _OVERFLOW),
    Rewrite("sqrt(a^2 + b^2)", "hypot(a, b)", "range", _SQUARES),
    Rewrite("sqrt(a * a + b * b)", "hypot(a, b)", "range", _SQUARES),
    Rewrite("sqrt(sum(a^2))", "norm(a)", "range", _SQUARES),
    Rewrite("sqrt(dot(a, a))", "norm(a)", "range", _SQUARES),
    Rewrite("sqrt(a^2)", "abs(a)", "slope", "the root has no slope at 0"),
    Rewrite("sqrt(a * a)", "abs(a)", "slope", "the root has no slope at 0"),
)  # fmt: skip


class Match(NamedTuple):
    """A place on a tape where a pattern stands.

    Attributes:
        rewrite: whose pattern it is
        entry: the entry that the whole pattern computes
        inside: the entries of its operations, that one among them
        letters: the entry that each letter stands for
    """

    rewrite: Rewrite
    entry: int
    inside: frozenset[int]
    letters: Mapping[str, int]

    def replacement(self, tape: Tape, names: Labels) -> str:
        """`2 * sin(x / 2)^2`: what to write instead, in the words of the program."""
        known = {letter: expression_node(tape, entry, names) for letter, entry in self.letters.items()}
        return format_expression(replaced(formula_tree(self.rewrite.replacement), known))


def matches(tape: Tape, entry: int) -> Iterator[Match]:
    """The patterns that an entry is the whole of, in the order of the table."""
    entry = _behind_copies(tape, entry)
    for rewrite in REWRITES:
        found = next((one for tree in _orders(rewrite.pattern) if (one := _matched(tape, entry, tree))), None)
        if found is not None:
            yield Match(rewrite, entry, *found)


def matches_around(tape: Tape, entry: int, steps: int = 6) -> Iterator[Match]:
    """The patterns that have an entry among their operations: the smallest first.

    A pattern ends with the entry, or with what is computed from it in so many steps.
    """
    start = _behind_copies(tape, entry)
    seen, wave = {start}, {start}
    for _ in range(steps):
        for whole in sorted(wave):
            yield from (match for match in matches(tape, whole) if start in match.inside)
        users = (user for user in range(min(wave), len(tape)) if not wave.isdisjoint(tape.operands[user]))
        wave = set(users) - seen
        seen |= wave
        if not wave:
            return


@cache
def _orders(pattern: str) -> tuple[nodes.Apply, ...]:
    """The tree of a pattern, with the operands of its sums and products in each order."""
    found = _reordered(formula_tree(pattern))
    return tuple(tree for tree in found if isinstance(tree, nodes.Apply))


def _reordered(tree: nodes.Expression) -> list[nodes.Expression]:
    if not isinstance(tree, nodes.Apply):
        return [tree]
    choices = list(product(*map(_reordered, tree.operands)))
    if tree.function in ("+", "*"):
        choices += [tuple(reversed(operands)) for operands in choices]
    return [nodes.Apply(tree.function, operands, tree.span) for operands in choices]


def _matched(tape: Tape, entry: int, tree: nodes.Apply) -> tuple[frozenset[int], dict[str, int]] | None:
    """The entries of a pattern's operations, and of its letters, where it computes this entry."""
    inside: set[int] = set()
    letters: dict[str, int] = {}
    todo: list[tuple[nodes.Expression, int]] = [(tree, entry)]
    while todo:
        node, named = todo.pop()
        at = _behind_copies(tape, named)
        operation, operands = tape.operations[at], tape.operands[at]
        if isinstance(node, nodes.Name):
            if _behind_copies(tape, letters.setdefault(node.name, named)) != at:
                return None
        elif isinstance(node, nodes.Number):
            if operation is not CONSTANT or tape.values[at] != float(node.text):
                return None
        elif isinstance(node, nodes.Apply):
            if function_text(operation) != node.function or len(operands) != len(node.operands):
                return None
            inside.add(at)
            todo.extend(zip(node.operands, operands, strict=True))
    return frozenset(inside), letters


def _behind_copies(tape: Tape, entry: int) -> int:
    while tape.operations[entry] is COPY:
        (entry,) = tape.operands[entry]
    return entry

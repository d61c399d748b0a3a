"""What to write instead: expressions that lose digits, or whose derivative is not finite, beside those that do not.

A pattern is text of the language. In it a letter stands for any value, the same one wherever it stands again, and a
number for itself; sums and products match in either order, and names that a program gives to parts of the expression do
not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.rules.formulas import formula_tree
from adcli.rules.table import CONSTANT, COPY, INPUT, primitive_named
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.formula import replaced
from adcli.tape.describe import expression_node
from adcli.tape.labels import Labels
from adcli.tape.tape import Tape

_MOST_KINKS = 5  # for which a smooth way is looked for
_MOST_PLACES = 100  # that are looked at in one step, of a value that is used everywhere


class Rewrite(NamedTuple):
    """A way to write a formula, a better one, and why or when it is better. All are texts of the language.

    Attributes:
        pattern: the formula
        replacement: the better one
        reason: why it is better, or when
        edge: the letters that are 0 at the edge where it is better. They must not be negative, as the pattern has no
            value there
    """

    pattern: str
    replacement: str
    reason: str
    edge: str = ""


_NEAR_ZERO = "near 0 the difference loses what the function adds to 1"

# Where digits are lost though the result has them.
DIGITS = (
    Rewrite("1 - cos(a)", "2 * sin(a / 2)^2", "the cosine of a small angle is 1 but for its last digits"),
    Rewrite("cos(a) - 1", "-2 * sin(a / 2)^2", "the cosine of a small angle is 1 but for its last digits"),
    Rewrite("1 - cos(a)^2", "sin(a)^2", "the cosine of a small angle is 1 but for its last digits"),
    Rewrite("1 - sin(a)^2", "cos(a)^2", "the sine is 1 but for its last digits near its extremes"),
    Rewrite("exp(a) - 1", "expm1(a)", _NEAR_ZERO),
    Rewrite("1 - exp(a)", "-expm1(a)", _NEAR_ZERO),
    Rewrite("exp(a) - exp(-a)", "2 * sinh(a)", "near 0 the two exponentials are nearly equal"),
    Rewrite("log(1 + a)", "log1p(a)", "1 + a rounds away the digits of a small a"),
    Rewrite("log(1 - a)", "log1p(-a)", "1 - a rounds away the digits of a small a"),
    Rewrite("1 - erf(a)", "erfc(a)", "erf is 1 but for its last digits for a large a"),
    Rewrite("1 - tanh(a)^2", "sech(a)^2", "tanh is 1 but for its last digits for a large a"),
    Rewrite("1 - sigmoid(a)", "sigmoid(-a)", "the sigmoid is 1 but for its last digits for a large a"),
    Rewrite("sqrt(a) - sqrt(b)", "(a - b) / (sqrt(a) + sqrt(b))", "the two roots are nearly equal"),
    Rewrite("log(a) - log(b)", "log(a / b)", "the two logarithms are nearly equal"),
    Rewrite("a^2 - b^2", "(a - b) * (a + b)", "the squares are rounded before they are subtracted"),
    Rewrite("a * a - b * b", "(a - b) * (a + b)", "the squares are rounded before they are subtracted"),
    Rewrite("(-b - sqrt(b^2 - 4 * a * c)) / (2 * a)", "2 * c / (sqrt(b^2 - 4 * a * c) - b)",
            "for b < 0 the root and -b are nearly equal, and the product of both solutions is c / a"),
    Rewrite("(-b + sqrt(b^2 - 4 * a * c)) / (2 * a)", "-2 * c / (b + sqrt(b^2 - 4 * a * c))",
            "for b > 0 the root and b are nearly equal, and the product of both solutions is c / a"),
    Rewrite("(-b - sqrt(b^2 - c)) / d", "c / (d * (sqrt(b^2 - c) - b))",
            "for b < 0 the root and -b are nearly equal, and the product of both solutions is c / d^2"),
    Rewrite("(-b + sqrt(b^2 - c)) / d", "-c / (d * (b + sqrt(b^2 - c)))",
            "for b > 0 the root and b are nearly equal, and the product of both solutions is c / d^2"),
    Rewrite("sum(a^2) - sum(a)^2 / n", "sum((a - sum(a) / n)^2)",
            "both terms grow with the square of the mean: subtract it first, in a second pass"),
    Rewrite("sum(a^2) / n - (sum(a) / n)^2", "sum((a - sum(a) / n)^2) / n",
            "both terms grow with the square of the mean: subtract it first, in a second pass"),
    Rewrite("mean(a^2) - mean(a)^2", "mean((a - mean(a))^2)",
            "both terms grow with the square of the mean: subtract it first, in a second pass"),
    Rewrite("mean(a * a) - mean(a)^2", "mean((a - mean(a))^2)",
            "both terms grow with the square of the mean: subtract it first, in a second pass"),
)  # fmt: skip

_ROOT = "the root of a square is an absolute value, and has slopes on both sides of 0"
_LENGTH = "a length has a derivative of its own, which is 0 at 0 and does not overflow"
_LIMIT = "the quotient is 0 / 0 at 0, where its limit is known"
_OVERFLOW = "the exponential overflows, and the whole does not"
_EDGE = "the slope at 0 is infinite; the guard takes 0 there instead, which is a choice and not the limit"
_DIRECTION = "0 has no direction, and the quotient no limit there; the guard takes 0, which is a choice"
_PROBABILITY = "a probability rounds to 0, and its logarithm need not be formed"
_PRODUCT = "the product is smooth enough at 0, its factors are not"

# Where a derivative is not finite, or a value leaves the range of numbers. The special before the general.
CURES = (
    Rewrite("sqrt(a^2 + b^2 + c^2)", "norm([a, b, c])", _LENGTH),
    Rewrite("sqrt(a^2 + b^2)", "hypot(a, b)", _LENGTH),
    Rewrite("sqrt(a * a + b * b)", "hypot(a, b)", _LENGTH),
    Rewrite("sqrt(sum(a^2))", "norm(a)", _LENGTH),
    Rewrite("sqrt(sum(a * a))", "norm(a)", _LENGTH),
    Rewrite("sqrt(dot(a, a))", "norm(a)", _LENGTH),
    Rewrite("sqrt(a @ a)", "norm(a)", _LENGTH),
    Rewrite("sqrt(a^2)", "abs(a)", _ROOT),
    Rewrite("sqrt(a * a)", "abs(a)", _ROOT),
    Rewrite("(a^2)^0.5", "abs(a)", _ROOT),
    Rewrite("sin(a) / a", "where(abs(a) < 1e-4, 1 - a^2 / 6, sin(a) / a)", _LIMIT),
    Rewrite("tan(a) / a", "where(abs(a) < 1e-4, 1 + a^2 / 3, tan(a) / a)", _LIMIT),
    Rewrite("tanh(a) / a", "where(abs(a) < 1e-4, 1 - a^2 / 3, tanh(a) / a)", _LIMIT),
    Rewrite("(1 - cos(a)) / a^2", "where(abs(a) < 1e-4, 1 / 2 - a^2 / 24, 2 * (sin(a / 2) / a)^2)", _LIMIT),
    Rewrite("(1 - cos(a)) / a", "where(abs(a) < 1e-4, a / 2, 2 * sin(a / 2)^2 / a)", _LIMIT),
    Rewrite("(exp(a) - 1) / a", "where(abs(a) < 1e-5, 1 + a / 2 + a^2 / 6, expm1(a) / a)", _LIMIT),
    Rewrite("expm1(a) / a", "where(abs(a) < 1e-5, 1 + a / 2 + a^2 / 6, expm1(a) / a)", _LIMIT),
    Rewrite("log(1 + a) / a", "where(abs(a) < 1e-5, 1 - a / 2 + a^2 / 3, log1p(a) / a)", _LIMIT),
    Rewrite("log1p(a) / a", "where(abs(a) < 1e-5, 1 - a / 2 + a^2 / 3, log1p(a) / a)", _LIMIT),
    Rewrite("abs(a) / a", "sign(a)", "the quotient is 0 / 0 at 0"),
    Rewrite("a / abs(a)", "sign(a)", "the quotient is 0 / 0 at 0"),
    Rewrite("a / a", "1", "the quotient is no number where both are 0, or infinite, and 1 elsewhere"),
    Rewrite("a / norm(a)", "where(norm(a) > 0, a / norm(a), 0 * a)", _DIRECTION),
    Rewrite("a / sqrt(sum(a^2))", "where(norm(a) > 0, a / norm(a), 0 * a)", _DIRECTION),
    Rewrite("a / hypot(a, b)", "where(hypot(a, b) > 0, a / hypot(a, b), 0)", _DIRECTION),
    Rewrite("a / sqrt(a^2 + b^2)", "where(hypot(a, b) > 0, a / hypot(a, b), 0)", _DIRECTION),
    Rewrite("log(1 + exp(a))", "softplus(a)", _OVERFLOW),
    Rewrite("log1p(exp(a))", "softplus(a)", _OVERFLOW),
    Rewrite("log(exp(a) + exp(b))", "logsumexp([a, b])", _OVERFLOW),
    Rewrite("log(sum(exp(a)))", "logsumexp(a)", _OVERFLOW),
    Rewrite("log(exp(a))", "a", _OVERFLOW),
    Rewrite("log(cosh(a))", "abs(a) + log1p(exp(-2 * abs(a))) - log(2)", _OVERFLOW),
    Rewrite("log(sigmoid(a))", "-softplus(-a)", "the sigmoid rounds to 0, and its logarithm need not be formed"),
    Rewrite("log(1 - sigmoid(a))", "-softplus(a)", "the sigmoid rounds to 1, and its logarithm need not be formed"),
    Rewrite("log(exp(a) / sum(exp(a)))", "a - logsumexp(a)", _PROBABILITY),
    Rewrite("log(softmax(a))", "a - logsumexp(a)", _PROBABILITY),
    Rewrite("log(prod(a))", "sum(log(a))", "the product leaves the range of numbers, the sum does not"),
    Rewrite("exp(a) / (1 + exp(a))", "sigmoid(a)", _OVERFLOW),
    Rewrite("1 / (1 + exp(-a))", "sigmoid(a)", _OVERFLOW),
    Rewrite("1 / (1 + exp(a))", "sigmoid(-a)", _OVERFLOW),
    Rewrite("(exp(a) - exp(-a)) / (exp(a) + exp(-a))", "tanh(a)", _OVERFLOW),
    Rewrite("exp(a) / sum(exp(a))", "softmax(a)", _OVERFLOW),
    Rewrite("exp(a) / exp(b)", "exp(a - b)", _OVERFLOW),
    Rewrite("atan(b / a)", "atan2(b, a)", "the angle of a point needs no quotient; the same where a > 0"),
    Rewrite("a * sqrt(a)", "a^1.5", _PRODUCT),
    Rewrite("a * log(a)", "where(a > 0, a * log(a), 0)", _EDGE, "a"),
    Rewrite("sqrt(a)", "where(a > 0, sqrt(a), 0)", _EDGE, "a"),
    Rewrite("cbrt(a)", "where(a != 0, cbrt(a), 0)", _EDGE),
    Rewrite("a^b", "where(a > 0, a^b, 0)", _EDGE, "ab"),
)

_SMOOTH = "is smooth where the one that is raised to a power has a kink, so that second derivatives see it"

# Where a power of something with a kink has second derivatives, which the convention at the kink hides.
SMOOTH = (
    Rewrite("norm(a)^2", "dot(a, a)", _SMOOTH),
    Rewrite("norm(a) * norm(a)", "dot(a, a)", _SMOOTH),
    Rewrite("norm(a)^4", "dot(a, a)^2", _SMOOTH),
    Rewrite("hypot(a, b)^2", "a^2 + b^2", _SMOOTH),
    Rewrite("hypot(a, b)^4", "(a^2 + b^2)^2", _SMOOTH),
    Rewrite("sqrt(a^2 + b^2)^2", "a^2 + b^2", _SMOOTH),
    Rewrite("abs(a)^2", "a^2", _SMOOTH),
    Rewrite("sqrt(a^2)^2", "a^2", _SMOOTH),
)


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

    def written(self, tape: Tape, names: Labels) -> str:
        """`1 - cos(x)`: what stands there, in the words of the program."""
        return self._text(self.rewrite.pattern, tape, names)

    def replacement(self, tape: Tape, names: Labels) -> str:
        """`2 * sin(x / 2)^2`: what to write instead, in the words of the program."""
        return self._text(self.rewrite.replacement, tape, names)

    def _text(self, formula: str, tape: Tape, names: Labels) -> str:
        known = {letter: expression_node(tape, entry, names) for letter, entry in self.letters.items()}
        return format_expression(replaced(formula_tree(formula), known))


def matches(tape: Tape, entry: int, rewrites: Sequence[Rewrite]) -> Iterator[Match]:
    """The patterns that an entry is the whole of, in the order of a table."""
    for rewrite in rewrites:
        match = matched(tape, entry, rewrite)
        if match is not None:
            yield match


def matches_around(tape: Tape, entry: int, rewrites: Sequence[Rewrite], steps: int = 6) -> Iterator[Match]:
    """The patterns that have an entry among their operations: the smallest first.

    A pattern ends with the entry, or with what is computed from it in so many steps.
    """
    start = _behind_copies(tape, entry)
    seen, wave = {start}, {start}
    for _ in range(steps):
        for whole in islice(sorted(wave), _MOST_PLACES):
            yield from (match for match in matches(tape, whole, rewrites) if start in match.inside)
        users = (user for user in range(min(wave), len(tape)) if not wave.isdisjoint(tape.operands[user]))
        wave = set(users) - seen
        seen |= wave
        if not wave:
            return


def smooth_way(tape: Tape, entries: Sequence[int], names: Labels) -> str:
    """`write dot(d, d) for norm(d)^2`: instead of a power of one of some entries at a kink; empty where none is known.

    Of entries that stand at one place of the program the first is looked at, and few places are.
    """
    places = {tape.spans[entry]: entry for entry in reversed(entries)}
    for entry in sorted(places.values())[:_MOST_KINKS]:
        for match in matches_around(tape, entry, SMOOTH):
            if len(shape_of(tape.values[match.letters["a"]])) < 2:  # `dot` is of vectors
                return f"write `{match.replacement(tape, names)}` for `{match.written(tape, names)}`: it is smooth"
    return ""


def matched(tape: Tape, entry: int, rewrite: Rewrite) -> Match | None:
    """Where a pattern computes this entry; the operands of `+` and `*` in any order."""
    whole = _behind_copies(tape, entry)
    todo: list[tuple[tuple[tuple[nodes.Expression, int], ...], dict[str, int], frozenset[int]]]
    todo = [(((formula_tree(rewrite.pattern), whole),), {}, frozenset())]
    while todo:
        parts, letters, inside = todo.pop()
        if not parts:
            return Match(rewrite, whole, inside, letters)
        (node, named), rest = parts[0], parts[1:]
        at = _behind_copies(tape, named)
        if isinstance(node, nodes.Name):
            if node.name not in letters or _same(tape, letters[node.name], at):
                todo.append((rest, {node.name: named, **letters}, inside))
        elif isinstance(node, nodes.Number):
            if tape.operations[at] is CONSTANT and tape.values[at] == float(node.text):
                todo.append((rest, letters, inside))
        elif isinstance(node, nodes.Apply) and tape.operations[at] is primitive_named(
            node.function, len(node.operands)
        ):
            for operands in _orders(node):
                inner = tuple(zip(operands, tape.operands[at], strict=True))
                todo.append((inner + rest, letters, inside | {at}))
    return None


def rewritten(node: nodes.Expression, rewrite: Rewrite) -> str | None:
    """The replacement for an expression of a program, in its words; None where the pattern is not that expression."""
    letters: dict[str, nodes.Expression] = {}
    todo = [(formula_tree(rewrite.pattern), node)]
    while todo:
        pattern, part = todo.pop()
        if isinstance(pattern, nodes.Name):
            known = letters.setdefault(pattern.name, part)
            if known is not part and format_expression(known) != format_expression(part):
                return None
        elif isinstance(pattern, nodes.Number):
            if not isinstance(part, nodes.Number) or float(part.text) != float(pattern.text):
                return None
        elif isinstance(part, nodes.Apply) and isinstance(pattern, nodes.Apply) and part.function == pattern.function:
            todo += zip(pattern.operands, part.operands, strict=True)
        else:
            return None
    return format_expression(replaced(formula_tree(rewrite.replacement), letters))


def _orders(node: nodes.Apply) -> Iterator[tuple[nodes.Expression, ...]]:
    """The orders of the operands; their own comes last, so that it is tried first."""
    if node.function in ("+", "*"):
        yield node.operands[::-1]
    yield node.operands


def _behind_copies(tape: Tape, entry: int) -> int:
    while tape.operations[entry] is COPY:
        (entry,) = tape.operands[entry]
    return entry


def _same(tape: Tape, first: int, second: int) -> bool:
    """Whether two entries are the same, or the same operation on the same operands."""
    first, second = _behind_copies(tape, first), _behind_copies(tape, second)
    if first == second:
        return True
    operation = tape.operations[first]
    if operation in (INPUT, CONSTANT) or operation is not tape.operations[second]:
        return False
    pairs = zip(tape.operands[first], tape.operands[second], strict=False)
    return all(_behind_copies(tape, left) == _behind_copies(tape, right) for left, right in pairs)

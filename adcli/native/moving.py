"""The engine's instructions of tangents: forward, and backward with the adjoints whose tangents they are.

Both are sums of terms, what moves times a number and by a number, whose numbers are the same for all directions
(`LinearFormulas` of the rules): they are computed once, and the sums for a few directions at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress

from adcli.emit.c_lines import c_expression
from adcli.emit.c_needs import Needs
from adcli.errors import AdError
from adcli.native.instructions import DIRECTIONS, choices, operand_lines
from adcli.records import NamedTuple
from adcli.rules.formulas import formula_tree
from adcli.rules.primitive import Primitive
from adcli.rules.second_order import LinearFormulas, pullback_formulas, pushforward_formulas
from adcli.rules.shapes import Refused

_EACH = f"for (int i = 0; i < {DIRECTIONS}; ++i)"


class Linear(NamedTuple):
    """Some `LinearFormulas` in C.

    Attributes:
        once: what is computed once for all directions
        each: what is computed for direction i
        results: the tangents of the results, for direction i
        values: what each active operand receives
    """

    once: Sequence[str]
    each: Sequence[str]
    results: Sequence[str]
    values: Sequence[str]

    @property
    def text(self) -> str:
        """All of it, in which names are looked for."""
        return " ".join((*self.once, *self.each, *self.results, *self.values))


class Moving(NamedTuple):
    """Of a row and a choice of operands that are active, and move: their tangents forward, and those of adjoints."""

    forward: Linear
    backward: Linear


def moving_texts(primitive: Primitive, count: int, needs: Needs) -> list[Moving]:
    """The texts for all choices of operands, in their order; none where C has not all functions."""
    try:
        return [_moving(primitive, flags, needs) for flags in choices(count)]
    except (AdError, Refused):
        return []


def _moving(primitive: Primitive, flags: tuple[bool, ...], needs: Needs) -> Moving:
    forward = _linear(pushforward_formulas(primitive, flags), needs)
    return Moving(forward, _linear(pullback_formulas(primitive, flags, flags, True), needs))


def _linear(formulas: LinearFormulas, needs: Needs) -> Linear:
    letters = {letter: f"{letter}[0]" for letter in ("g", "v", *formulas.letters)}

    def number(formula: str) -> str:
        return c_expression(formula_tree(formula), letters, needs)

    def named(formula: str) -> str:
        once.append(f"const double n_{len(once)} = {number(formula)};")
        return f"n_{len(once) - 1}"

    once = [f"const double {name} = {number(formula)};" for name, formula in formulas.definitions]
    sources, each = [f"d{letter}[i]" for letter in letters], list[str]()
    numbers = iter(formulas.numbers)
    for line in formulas.lines:
        terms = [
            sources[source] + "".join(f" {sign} {named(formula)}" for sign in "*/" if (formula := next(numbers)) != "1")
            for source in line
        ]
        sources.append(f"d_{len(each)}")
        each.append(f"const double {sources[-1]} = {' + '.join(terms)};")
    results = ["-0.0" if source is None else sources[source] for source in formulas.results]
    return Linear(once, each, results, [number(value) for value in formulas.values])


def forward_case(letters: Sequence[str], linear: Linear) -> Iterator[str]:
    """The instruction of the tangent of a result."""
    yield from _values(("v", *letters), linear, 1)
    yield f"double *restrict dv = tangents + (size_t)at[1] * {DIRECTIONS};"
    yield from _tangents(letters, linear, 2)
    yield from linear.once
    yield f"{_EACH} {{ {' '.join(linear.each)} dv[i] = {linear.results[0]}; }}"


def backward_case(letters: Sequence[str], flags: Sequence[bool], linear: Linear) -> Iterator[str]:
    """The instruction of what the active operands receive, all of which is computed before any is added."""
    active = list(compress(range(2, 2 + len(letters)), flags))
    yield "const double *g = adjoints + (size_t)at[1];"
    yield f"const double *dg = moved + (size_t)at[1] * {DIRECTIONS};"
    yield from _values(("v", *letters), linear, 1)
    yield from _tangents(("v", *letters), linear, 1)
    yield from linear.once
    yield from (f"const double t{place} = {value};" for place, value in zip(active, linear.values, strict=True))
    yield " ".join(f"double s{place}[{DIRECTIONS}];" for place in active)
    sums = " ".join(f"s{place}[i] = {result};" for place, result in zip(active, linear.results, strict=True))
    yield f"{_EACH} {{ {' '.join(linear.each)} {sums} }}"
    for place in active:
        yield f"add_1(adjoints, at[{place}], &t{place});"
        yield f"add_{DIRECTIONS}(moved, at[{place}], s{place});"


def _values(letters: Sequence[str], linear: Linear, first: int) -> Iterator[str]:
    """Where the values are that are read."""
    return operand_lines(letters, linear.text, first, index="0")


def _tangents(letters: Sequence[str], linear: Linear, first: int) -> Iterator[str]:
    """Where the tangents are that are read."""
    return operand_lines(letters, linear.text, first, "tangents", "d", width=DIRECTIONS)

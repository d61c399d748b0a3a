"""The second order of the rules: how a contribution changes along a direction, made from the table's formulas.

A contribution is a formula of the adjoint g, the result and the operands. Its tangent is the chain rule over that
formula's tree, by the partials of the primitives in it: the table is its own second order.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from adcli.records import NamedTuple
from adcli.rules.compile import applied, number_rule
from adcli.rules.formulas import formula_tree, granted, quotient, times
from adcli.rules.local import chosen_formula, nan_raises, tangent_of
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANTS, NEGATION, POWER, primitive_named
from adcli.syntax import nodes


@cache
def moving_pullback(
    primitive: Primitive, active: tuple[bool, ...], moving: tuple[bool, ...], seed_moves: bool
) -> Callable[..., tuple[float | None, ...]]:
    """A function of `g, dg, v, dv`, the operands, and their tangents, which are None where an operand does not move.

    It gives each active operand its contribution and the contribution's tangent, one behind the other; None for a
    tangent that is zero by structure. It raises what Python's arithmetic raises, and ArithmeticError for a NaN that
    an edge of a rule may replace.
    """
    letters = primitive.letters(len(active))
    tangents = {letter: f"d{letter}" for letter, moves in zip(letters, moving, strict=True) if moves}
    if tangents:
        tangents["v"] = "dv"
    if seed_moves:
        tangents["g"] = "dg"
    writer = _FormulaWriter(tangents)
    results: list[str] = []
    for formula, wanted in zip(primitive.formulas(len(active)), active, strict=True):
        if wanted:
            value, tangent = writer.write(formula_tree(times(formula, "g")))
            results += [value, tangent or "None"]
    parameters = ("g", "dg", "v", "dv", *letters, *(f"d{letter}" for letter in letters))
    rule = number_rule(parameters, writer.lines, f"({', '.join(results)},)")
    return nan_raises(rule) if primitive.edges or writer.edges else rule


class LinearRule(NamedTuple):
    """Tangents of an operation as sums of terms, which are the same numbers for every direction but for what moves.

    A term is what moves times a number, by another number: `source * numerator / denominator`. They stand in the order
    in which `moving_pullback` and `number_pushforward` add them up, so that the sums are the same to the last bit.

    A source is a place in a row: of the adjoint, of the result, of each operand, and of the lines, in this order.

    Attributes:
        numbers: a function that gives the numerator and the denominator of each term of each line, one behind the
            other; of `g, v` and the operands. It raises what Python's arithmetic raises
        lines: for each line the sources of its terms
        results: for each operand that receives something the source of that, None for nothing; or of the tangent
        reads: the sources that are the result or an operand
    """

    numbers: Callable[..., tuple[float, ...]]
    lines: tuple[tuple[int, ...], ...]
    results: tuple[int | None, ...]
    reads: tuple[int, ...]


class LinearFormulas(NamedTuple):
    """The formulas of a `LinearRule`, of `g`, `v` and the operands by their letters.

    Attributes:
        letters: of the operands
        definitions: names with their formulas, which may name earlier ones
        numbers: the formulas of the numerator and the denominator of each term of each line, one behind the other
        lines, results: as in the rule
        values: the formula of what each operand that receives something receives itself, which does not move
    """

    letters: tuple[str, ...]
    definitions: tuple[tuple[str, str], ...]
    numbers: tuple[str, ...]
    lines: tuple[tuple[int, ...], ...]
    results: tuple[int | None, ...]
    values: tuple[str, ...]

    def rule(self) -> LinearRule:
        """The formulas as a function of Python."""
        parameters = ("g", "v", *self.letters)
        lines = [f"{name} = {formula}" for name, formula in self.definitions]
        numbers = number_rule(parameters, lines, f"({''.join(f'{number}, ' for number in self.numbers)})")
        used = {source for sources in (*self.lines, self.results) for source in sources if source is not None}
        reads = tuple(sorted(source for source in used if 0 < source < len(parameters)))
        return LinearRule(numbers, self.lines, self.results, reads)


def pullback_formulas(
    primitive: Primitive, active: tuple[bool, ...], moving: tuple[bool, ...], seed_moves: bool
) -> LinearFormulas:
    """How the contribution to each active operand moves, as in `moving_pullback`. Raises Refused."""
    letters = primitive.letters(len(active))
    moved = {letter for letter, moves in zip(letters, moving, strict=True) if moves}
    writer = _TermWriter(letters, moved | ({"v"} if moved else set()) | ({"g"} if seed_moves else set()))
    written = [
        writer.write(formula_tree(times(formula, "g")))
        for formula, wanted in zip(primitive.formulas(len(active)), active, strict=True)
        if wanted
    ]
    return writer.formulas([value for value, _ in written], [tangent for _, tangent in written])


def pushforward_formulas(primitive: Primitive, moving: tuple[bool, ...]) -> LinearFormulas:
    """How the result moves, as in `number_pushforward`; `g` is not read. Raises Refused."""
    letters = primitive.letters(len(moving))
    writer = _TermWriter(letters, {letter for letter, moves in zip(letters, moving, strict=True) if moves})
    pairs = zip(primitive.formulas(len(moving)), letters, moving, strict=True)
    total = writer.sum_of([(formula, {}, f"d{letter}") for formula, letter, moves in pairs if moves])
    return writer.formulas((), [total])


@cache
def linear_pullback(
    primitive: Primitive, active: tuple[bool, ...], moving: tuple[bool, ...], seed_moves: bool
) -> LinearRule:
    """The rule of `pullback_formulas`."""
    return pullback_formulas(primitive, active, moving, seed_moves).rule()


@cache
def linear_pushforward(primitive: Primitive, moving: tuple[bool, ...]) -> LinearRule:
    """The rule of `pushforward_formulas`."""
    return pushforward_formulas(primitive, moving).rule()


def moving_contribution(
    primitive: Primitive, position: int, seed: tuple[float, float | None], v: tuple[float, float | None],
    operands: Sequence[float], tangents: Sequence[float | None],
) -> tuple[float, float | None]:  # fmt: skip
    """The contribution to one operand and its tangent, where the compiled rule raises: by IEEE 754, with the edges.

    The seed is the adjoint with its tangent, as v is the result with its own.
    """
    letters = dict(zip(primitive.letters(len(operands)), zip(operands, tangents, strict=True), strict=True))
    edge = primitive.edge(position)
    fixed = edge is not None and letters.get(edge[0]) == (0.0, None)  # it stays at the edge
    partial = edge[1] if edge is not None and fixed else chosen_formula(primitive, position, operands, v[0])
    return _moving_value(formula_tree(times(partial, "g")), {**letters, "v": v, "g": seed})


def _moving_value(
    tree: nodes.Expression, letters: Mapping[str, tuple[float, float | None]]
) -> tuple[float, float | None]:
    """The value of a formula and its tangent. Formulas are ours and shallow: it recurses."""
    if isinstance(tree, nodes.Number):
        return float(tree.text), None
    if isinstance(tree, nodes.Name):
        return letters[tree.name] if tree.name in letters else (CONSTANTS[tree.name], None)
    assert isinstance(tree, nodes.Apply)
    values, tangents = zip(*(_moving_value(operand, letters) for operand in tree.operands), strict=True)
    primitive = _primitive(tree)
    value = applied(primitive, values)
    return value, tangent_of(primitive, tangents, value, values)


def _primitive(tree: nodes.Apply) -> Primitive:
    primitive = primitive_named(tree.function, len(tree.operands))
    assert primitive is not None, tree.function
    return primitive


# Of a tangent: a partial, what its letters are called, and the tangent that it is multiplied with.
_Term = tuple[str, Mapping[str, str], str]


class _FormulaWriter:
    """Writes a formula as lines of Python, with its tangent beside it. Formulas are ours and shallow: it recurses."""

    def __init__(self, tangents: Mapping[str, str]) -> None:
        """Take what the letters' tangents are called."""
        self.lines: list[str] = []
        self.edges = False  # whether a primitive with edges stands in what was written
        self._tangents = tangents

    def write(self, tree: nodes.Expression) -> tuple[str, str | None]:
        """What holds the value of a formula, and what holds its tangent, if it has one."""
        if isinstance(tree, nodes.Number):
            return tree.text, None
        if isinstance(tree, nodes.Name):
            return tree.name, None if tree.name in CONSTANTS else self._tangents.get(tree.name)
        assert isinstance(tree, nodes.Apply)
        operands = [self.write(operand) for operand in tree.operands]
        primitive = _primitive(tree)
        self.edges = self.edges or bool(primitive.edges)
        values = [value for value, _ in operands]
        value = self._line("t", _python(primitive, values))
        names = {**dict(zip(primitive.letters(len(values)), values, strict=True)), "v": value}
        terms = [
            (formula, names, tangent)
            for formula, (_, tangent) in zip(primitive.formulas(len(values)), operands, strict=True)
            if tangent is not None
        ]
        return value, self.sum_of(terms) if terms else None

    def sum_of(self, terms: Sequence[_Term]) -> str:
        """What holds a tangent that is the sum of some terms."""
        return self._line("d", " + ".join(_times(*term) for term in terms))

    def _line(self, letter: str, expression: str) -> str:
        name = f"{letter}_{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        return name


class _TermWriter(_FormulaWriter):
    """Writes the numbers of the terms of tangents, and not the tangents."""

    def __init__(self, letters: Sequence[str], moved: Iterable[str]) -> None:
        """Take what the operands are called, and the letters of what moves."""
        super().__init__({letter: f"d{letter}" for letter in moved})
        self._parameters = ("g", "v", *letters)
        self._sources = {f"d{letter}": place for place, letter in enumerate(self._parameters)}
        self._sums: list[tuple[int, ...]] = []
        self._numbers: list[str] = []

    def sum_of(self, terms: Sequence[_Term]) -> str:
        """What stands for a sum of terms; a term that is but a tangent stands for itself."""
        if len(terms) == 1 and terms[0][0] == "1":
            return terms[0][2]
        for formula, names, _ in terms:
            self._numbers += [_renamed(part or "1", names) for part in quotient(granted(formula))]
        self._sums.append(tuple([self._sources[tangent] for _, _, tangent in terms]))
        name = f"d_{len(self._sums)}"
        self._sources[name] = len(self._sources)
        return name

    def formulas(self, values: Sequence[str], tangents: Sequence[str | None]) -> LinearFormulas:
        """All that was written, of which some values and tangents are the results."""
        definitions = [line.partition(" = ") for line in self.lines]
        return LinearFormulas(
            self._parameters[2:],
            tuple([(name, formula) for name, _, formula in definitions]),
            tuple(self._numbers),
            tuple(self._sums),
            tuple([None if tangent is None else self._sources[tangent] for tangent in tangents]),
            tuple(values),
        )


def _python(primitive: Primitive, values: Sequence[str]) -> str:
    if primitive is NEGATION:
        return f"-{values[0]}"
    if primitive.symbol:
        return f"{values[0]} {'**' if primitive is POWER else primitive.symbol} {values[1]}"
    return f"{primitive.name}({', '.join(values)})"


def _times(formula: str, names: Mapping[str, str], tangent: str) -> str:
    """A formula times a tangent, with its letters replaced."""
    return _renamed(times(formula, tangent), names)


def _renamed(formula: str, names: Mapping[str, str]) -> str:
    """A formula with its letters replaced."""
    return ast.unparse(_Renaming(names).visit(ast.parse(formula, mode="eval")))


class _Renaming(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> Any:
        return ast.parse(self._names[node.id], mode="eval").body if node.id in self._names else node

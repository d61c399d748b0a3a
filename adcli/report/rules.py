"""What `adcli rules` says: the table of primitives, as a person reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Column, Digits, Records, Table, prose
from adcli.report.fields import Field, picked, records_of, table
from adcli.report.report import Report
from adcli.rules.einsum import einsum
from adcli.rules.facts import Notation, refusal
from adcli.rules.formulas import formula_tree, shown_tree
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.table import ALIASES, ARRAYS, NEGATION, POWER, PRIMITIVES
from adcli.syntax import nodes
from adcli.syntax.formula import Formula
from adcli.syntax.source import Source
from adcli.tape.labels import adjoint_formula

_MOST_LINES = 7  # of a formula that is shown


class Rule(NamedTuple):
    """A row: how a program writes the operation, what it is, and its partials by operand.

    An operation on whole arrays has none: it says what each operand `receives` in their place.
    """

    name: str
    form: str
    value: str
    partials: tuple[tuple[str, str], ...]
    domain: str
    convention: str
    receives: bool = False


def _lines(rule: Rule) -> tuple[str, ...]:
    """The formulas as lines: of each its assignments, then what they are for."""
    lines = []
    for letter, formula in rule.partials:
        *before, last = formula.split("; ") if ";" in formula else (formula,)
        receiver = Formula(adjoint_formula(letter), " += ") if rule.receives else f"∂v/∂{letter} = "
        lines += [*before, Formula(receiver, last)]
    return tuple(lines)


RULE = (
    Field("name", "of the operation"),
    Field("form", "how a program writes it", csv="operation", column=Column("operation")),
    Field("value", "what it is", csv="value v", column=prose("value v")),
    Field(
        "partials", "the formulas", lambda rule: dict(rule.partials), "{operand: formula}", record=_lines,
        column=Column("partials"), show=_lines,
    ),
    Field("domain", "where it has a value", column=prose("domain")),
    Field(
        "convention", "what is used where there is no derivative", csv="where there is no derivative",
        column=prose("where there is no derivative"),
    ),
    Field("receives", "whether the formulas are no partials, but what each operand receives"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Rules(Report):
    """What `adcli rules` says."""

    fields = (Field("rules", "one for each operation", form="[object]", fields=RULE),)

    rules: tuple[Rule, ...]

    def all_fields(self) -> tuple[Field, ...]:
        """One object for each operation: there is no program, and no point."""
        return self.own_fields()

    def records(self) -> Records:
        """The operations, one to a row."""
        return records_of(self.rules, picked(RULE, "form value partials domain convention"))

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The operations, with the partials of each below each other."""
        return [table("rules", self.rules, RULE)]


def rules_report(names: Sequence[str] = ()) -> Rules:
    """The rules of some operations, by their names or symbols, or of all. Raises AdError `unknown-function`."""
    signs = {row.symbol: row for row in (*PRIMITIVES.values(), *ARRAYS.values()) if row.symbol}
    # conditions are no functions
    shown = {name: row for name, row in PRIMITIVES.items() if row.notation is not Notation.CONDITION}
    arrays = {**ARRAYS, "einsum": einsum("ij,jk->ik")}  # which has a row for each text
    aliases = {alias: PRIMITIVES[name] for alias, name in ALIASES.items()}
    by_name = {**arrays, **shown, **aliases, **signs, "**": POWER}
    unknown = [name for name in names if name not in by_name]
    if unknown and unknown[0] in ("where", "derivative"):
        note = "it is no operation: what it does stands on the tape as the operations that it runs"
        raise AdError(Problem("unknown-function", f"`{unknown[0]}` has no rule", note=note))
    if unknown:
        help_text = f"{did_you_mean(unknown[0], by_name)} `adcli rules` lists all".strip()
        raise AdError(Problem("unknown-function", f"there is no function `{unknown[0]}`", help=help_text))
    chosen = [by_name[name] for name in names] or [*shown.values(), *arrays.values()]
    return Rules(Source("rules", ""), {}, (), {}, tuple(map(_rule, chosen)))


def _rule(primitive: Primitive) -> Rule:
    letters = primitive.letters(primitive.most or primitive.arity)
    if isinstance(primitive, ArrayPrimitive):
        return _array_rule(primitive, letters)
    partials = tuple(
        (letter, Formula(shown_tree(formula_tree(formula))))
        for letter, formula in zip(letters, primitive.formulas(primitive.arity), strict=True)
        if not refusal(formula)
    )
    return Rule(primitive.name, form_of(primitive), primitive.summary, partials, primitive.domain, primitive.convention)


def _array_rule(primitive: ArrayPrimitive, letters: Sequence[str]) -> Rule:
    """The rule of an operation on whole arrays, for the operands of its first sample: what each operand receives."""
    sample = primitive.samples[0]
    shapes = [_shape(operand) for operand in sample]
    received = tuple(
        (letter, _received(re.sub(r"\bg\b", "bar_v", formula)))
        for letter, formula in zip(primitive.letters(len(sample)), primitive.pullbacks(shapes), strict=True)
        if formula
    )
    summary = f"{primitive.summary} ({primitive.source})" if primitive.source else primitive.summary
    name, _ = nodes.function_and_text(primitive.name)
    return Rule(name, form_of(primitive), summary, received, primitive.domain, primitive.convention, True)


def _received(formula: str) -> str:
    """What an operand receives, if that can be said in a few lines."""
    if ";" not in formula:
        return Formula(formula_tree(formula))
    return formula if formula.count(";") < _MOST_LINES else "a program of its own"


def _shape(operand: object) -> tuple[int, ...]:
    if not isinstance(operand, list):
        return ()
    return (len(operand), *_shape(operand[0]))


def form_of(primitive: Primitive) -> str:
    """How a program writes an operation: `a * b`, `sin(a)`, `max(a1, a2, …)`."""
    letters = primitive.letters(primitive.most or primitive.arity)
    if primitive is NEGATION:
        return "-a"
    if primitive is POWER:
        return "a^b"
    if primitive.symbol and primitive.notation in (Notation.OPERATOR, Notation.CONDITION):
        return f" {primitive.symbol} ".join(letters)
    name, text = nodes.function_and_text(primitive.name)
    needed = ", ".join([*([] if text is None else [f'"{text}"']), *letters[: primitive.arity]])
    optional = "".join(f"[, {letter}]" for letter in letters[primitive.arity :])
    if isinstance(primitive, ArrayPrimitive) and primitive.takes_axis:
        optional = "[, axis = 0]"
    return f"{name}({needed}{optional}{', …' if primitive.variadic else ''})"

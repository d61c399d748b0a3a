"""What `adcli rules` says: the table of primitives, as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean
from adcli.report.cells import Column, Digits, Table
from adcli.report.model import Report
from adcli.rules.primitive import Primitive
from adcli.rules.table import NEGATION, PRIMITIVES
from adcli.syntax.format import format_expression
from adcli.syntax.parse import parse_expression
from adcli.syntax.source import Source


class Rule(NamedTuple):
    """A row: how a program writes the operation, what it is, and its partials by operand."""

    name: str
    form: str
    value: str
    partials: tuple[tuple[str, str], ...]
    domain: str
    convention: str


@dataclass(frozen=True, eq=False)
class Rules(Report):
    """What `adcli rules` says."""

    rules: tuple[Rule, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON: one object for each operation."""
        return {"rules": [{**rule._asdict(), "partials": dict(rule.partials)} for rule in self.rules]}

    def records(self) -> Table:
        """The operations, one to a row."""
        return self._table("; ")

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The operations, with the partials of each below each other."""
        return [self._table(None)]

    def _table(self, separator: str | None) -> Table:
        rows = []
        for rule in self.rules:
            partials = tuple(f"∂v/∂{letter} = {formula}" for letter, formula in rule.partials)
            shown = partials if separator is None else separator.join(partials)
            rows.append((rule.form, rule.value, shown, rule.domain, rule.convention))
        columns = (
            Column("operation"), Column("value v", breaks=True), Column("partials"),
            Column("domain", breaks=True), Column("where there is no derivative", breaks=True),
        )  # fmt: skip
        return Table("rules", columns, tuple(rows))


def rules_report(names: Sequence[str] = ()) -> Rules:
    """The rules of some operations, by their names or symbols, or of all. Raises AdError `unknown-function`."""
    by_name = {**PRIMITIVES, **{row.symbol: row for row in PRIMITIVES.values() if row.symbol}, "**": PRIMITIVES["pow"]}
    unknown = [name for name in names if name not in by_name]
    if unknown and unknown[0] in ("where", "derivative"):
        note = "it is no operation: what it does stands on the tape as the operations that it runs"
        raise AdError(Problem("unknown-function", f"`{unknown[0]}` has no rule", note=note))
    if unknown:
        help_text = f"{did_you_mean(unknown[0], by_name)} `adcli rules` lists all".strip()
        raise AdError(Problem("unknown-function", f"there is no function `{unknown[0]}`", help=help_text))
    chosen = [by_name[name] for name in names] or PRIMITIVES.values()
    return Rules(Source("rules", ""), {}, (), {}, tuple(map(_rule, chosen)))


def _rule(primitive: Primitive) -> Rule:
    letters = primitive.letters(primitive.arity)
    partials = tuple(
        (letter, format_expression(parse_expression(Source("formula", formula))))
        for letter, formula in zip(letters, primitive.formulas(primitive.arity), strict=True)
    )
    return Rule(primitive.name, form_of(primitive), primitive.summary, partials, primitive.domain, primitive.convention)


def form_of(primitive: Primitive) -> str:
    """How a program writes an operation: `a * b`, `sin(a)`, `max(a1, a2, …)`."""
    letters = primitive.letters(primitive.arity)
    if primitive is NEGATION:
        return "-a"
    if primitive.symbol:
        return f" {primitive.symbol} ".join(letters) if primitive.symbol != "^" else "a^b"
    return f"{primitive.name}({', '.join(letters)}{', …' if primitive.variadic else ''})"

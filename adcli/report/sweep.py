"""What `adcli sweep` says: the reverse sweep, contribution by contribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from adcli.derive.reverse import contributions
from adcli.report.cells import Cell, Column, Table, number_text
from adcli.report.gradient import gradient_table
from adcli.report.model import Report, Run, chosen_inputs, head
from adcli.tape.describe import adjoint_name, contribution_text, find_entry, labels, operation_text
from adcli.trust.compare import Comparison


class SweepRow(NamedTuple):
    """One contribution. `nth` of `uses`: the how manieth that its target receives; `before` is 0 for the first."""

    step: int
    source: str
    operation: str
    adjoint: float
    target: str
    formula: str
    contribution: float
    before: float
    after: float
    nth: int
    uses: int
    line: int | None


@dataclass(frozen=True, eq=False)
class SweepReport(Report):
    """What `adcli sweep` says: the reverse sweep from one output, contribution by contribution."""

    output: str
    start: str  # the label of the output's entry: `a_2` where `a` is bound twice
    rows: tuple[SweepRow, ...]
    adjoints: Mapping[str, float]
    gradient: Mapping[str, Mapping[str, float]]

    def _body(self) -> dict[str, Any]:
        return {**super()._body(), "gradient": self.gradient}

    def _own(self) -> dict[str, Any]:
        rows = [
            {
                "step": row.step,
                "from": row.source,
                "into": row.target,
                "formula": row.formula,
                "contribution": row.contribution,
                "before": row.before,
                "after": row.after,
            }
            for row in self.rows
        ]
        return {"output": self.output, "contributions": rows, "adjoints": self.adjoints}

    def records(self) -> Table:
        """The contributions, one to a row."""
        headings = ("step", "from", "into", "formula", "contribution", "before", "after")
        rows = tuple(
            (row.step, row.source, row.target, row.formula, row.contribution, row.before, row.after)
            for row in self.rows
        )
        return Table(f"reverse sweep from {self.output}", tuple(map(Column, headings)), rows)

    def tables(self, digits: int = 6) -> list[Table]:
        """The sweep with the running adjoints, then the gradient."""
        columns = (
            Column("step", number=True), Column("entry", breaks=True), Column("contribution", breaks=True),
            Column("=", number=True), Column("accumulates", breaks=True),
        )  # fmt: skip
        rows: list[tuple[Cell, ...]] = [("seed", f"{adjoint_name(self.start)} = 1", None, None, None)]
        marked = set()
        for _, group in groupby(self.rows, key=lambda row: row.step):
            terms = list(group)
            entry = f"{terms[0].source} = {terms[0].operation}"
            adjoint = f"{adjoint_name(terms[0].source)} = {number_text(terms[0].adjoint, digits)}"
            # the adjoint stands below the entry: beside the second contribution, if there is one
            left = [(entry, adjoint)] if len(terms) == 1 else [entry, adjoint] + [None] * (len(terms) - 2)
            for index, (row, entry_cell) in enumerate(zip(terms, left, strict=True)):
                if row.nth > 1:
                    marked.add(len(rows))
                target = adjoint_name(row.target)
                sum_text = f"{target}: {number_text(row.before, digits)} → {number_text(row.after, digits)}"
                fan_out = f"{_ordinal(row.nth)} of {row.uses} paths into {row.target}"
                accumulates = (sum_text, fan_out) if row.nth > 1 else sum_text
                step = row.step if index == 0 else None
                rows.append((step, entry_cell, f"{target} += {row.formula}", row.contribution, accumulates))
        slopes = dict(self.gradient[self.output])
        return [
            Table(f"reverse sweep from {self.output}", columns, tuple(rows), marked=frozenset(marked)),
            gradient_table(self, self.output, slopes, Comparison({}, None), digits),
        ]


def sweep_report(run: Run, of: str | None = None, wrt: Sequence[str] | None = None) -> SweepReport:
    """The reverse sweep from one output (the first, if none is named), contribution by contribution."""
    tape = run.tape
    output = run.program.outputs[0] if of is None else of
    start = find_entry(tape, output)
    inputs = chosen_inputs(run.program, wrt)
    names = labels(tape)
    active = tape.active([tape.inputs[name] for name in inputs])
    terms = list(contributions(tape, {start: 1.0}, active))
    uses: dict[int, int] = {}
    for term in terms:
        uses[term.target] = uses.get(term.target, 0) + 1
    received: dict[int, int] = {}
    adjoints = {start: 1.0}
    rows = []
    for term in terms:
        received[term.target] = received.get(term.target, 0) + 1
        row = SweepRow(
            term.step,
            names[term.entry],
            operation_text(tape, term.entry, names),
            adjoints[term.entry],
            names[term.target],
            contribution_text(tape, term.entry, term.position, names),
            term.contribution,
            term.before or 0.0,
            term.after,
            received[term.target],
            uses[term.target],
            tape.line(term.entry),
        )
        adjoints[term.target] = term.after
        rows.append(row)
    swept = {names[entry]: value for entry, value in adjoints.items()}
    slopes = {name: adjoints.get(tape.inputs[name], 0.0) for name in inputs}
    return SweepReport(*head(run, of), output, names[start], tuple(rows), swept, {output: slopes})


def _ordinal(number: int) -> str:
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"

"""What the commands say, as plain data. `build.py` makes these, `layout.py` turns them into tables.

Each has `to_dict()`, the JSON of a command; `tables()`, what a person reads; and shows itself as a table in a
terminal (`rich`) and in a notebook.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from adcli.errors import Problem
from adcli.syntax.source import Source
from adcli.trust.compare import Comparison
from adcli.trust.verdict import Judgement, Verdict

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from adcli.report.layout import Table


@dataclass(frozen=True)
class Report:
    """What every command says.

    Attributes:
        source: the program's text
        inputs: the point
        warnings: what to look at before the numbers are believed
        outputs: the value of each output
    """

    source: Source
    inputs: Mapping[str, float]
    warnings: tuple[Problem, ...]
    outputs: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the command. Infinities and NaN are strings, so that strict parsers read it."""
        warnings = [problem_to_dict(problem, self.source) for problem in self.warnings]
        head = {"program": self.source.name, "inputs": self.inputs, "warnings": warnings}
        result: dict[str, Any] = strict({**head, **self._body()})
        return result

    def own_dict(self) -> dict[str, Any]:
        """The keys that only this command has: what another command's JSON takes in."""
        result: dict[str, Any] = strict(self._own())
        return result

    def _body(self) -> dict[str, Any]:
        return {"outputs": self.outputs, **self._own()}

    def _own(self) -> dict[str, Any]:
        return {}

    def own_tables(self, digits: int = 6) -> list[Table]:
        """The tables that only this command has: what another command shows as well."""
        return self.tables(digits)[:1]

    def tables(self, digits: int = 6) -> list[Table]:
        """The tables that a person reads, with this many significant digits."""
        from adcli.report import layout

        return layout.tables_of(self, digits)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from adcli.report.tables import renderables

        yield from renderables(self.tables())

    def _repr_html_(self) -> str:
        from adcli.report.html import to_html

        return to_html(self.tables())


class NamedValue(NamedTuple):
    """A value that a program names, the operation that gave it, and its line."""

    name: str
    value: float
    operation: str
    line: int | None
    output: bool


@dataclass(frozen=True)
class Evaluation(Report):
    """What `adcli eval` says: every named value, in program order."""

    values: tuple[NamedValue, ...]

    def _own(self) -> dict[str, Any]:
        return {"values": {row.name: row.value for row in self.values}}


@dataclass(frozen=True)
class Gradient(Report):
    """What `adcli grad` says: derivatives by output, then by input, and what differences say of them."""

    gradient: Mapping[str, Mapping[str, float]]
    comparisons: Mapping[str, Comparison]

    @property
    def wrong(self) -> bool:
        """Whether a comparison found a derivative wrong."""
        return any(judgement.verdict is Verdict.WRONG for judgement in self._judgements())

    def _judgements(self) -> list[Judgement]:
        found = [judgement for c in self.comparisons.values() for judgement in c.components.values()]
        return found + [c.direction.judgement for c in self.comparisons.values() if c.direction is not None]

    def _own(self) -> dict[str, Any]:
        difference = {
            output: {name: judgement_to_dict(judgement) for name, judgement in comparison.components.items()}
            for output, comparison in self.comparisons.items()
        }
        directions = {
            output: {
                "seed": comparison.direction.seed,
                "derivative": comparison.direction.derivative,
                **judgement_to_dict(comparison.direction.judgement),
            }
            for output, comparison in self.comparisons.items()
            if comparison.direction is not None
        }
        body = {"gradient": self.gradient, "difference": difference}
        return {**body, "direction": directions} if directions else body


class Partial(NamedTuple):
    """The partial of an entry with respect to one of its operands."""

    of: str
    formula: str
    value: float


class TapeEntry(NamedTuple):
    """A row of the tape. `operands` are numbers of entries (`v3`), or the values of constants."""

    entry: str
    name: str | None
    label: str
    operation: str
    operands: tuple[str | float, ...]
    value: float
    partials: tuple[Partial, ...]
    line: int | None
    active: bool


@dataclass(frozen=True)
class TapeReport(Report):
    """What `adcli tape` says: the record of what ran."""

    entries: tuple[TapeEntry, ...]
    sweeper: Any  # makes the sweep from an output: from Python, `program.tape(x=2).sweep("L")`

    def sweep(self, of: str | None = None) -> SweepReport:
        """The reverse sweep over this tape, from an output or any other named value."""
        result: SweepReport = self.sweeper(of)
        return result

    def _own(self) -> dict[str, Any]:
        entries = [
            {
                "entry": row.entry,
                "name": row.name,
                "operation": row.operation,
                "operands": row.operands,
                "value": row.value,
                "partials": [partial._asdict() for partial in row.partials],
                "line": row.line,
                "active": row.active,
            }
            for row in self.entries
        ]
        return {"entries": entries, "guards": []}


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


@dataclass(frozen=True)
class SweepReport(Report):
    """What `adcli sweep` says: the reverse sweep from one output, contribution by contribution."""

    output: str
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


def judgement_to_dict(judgement: Judgement) -> dict[str, Any]:
    """The JSON of one comparison."""
    return {
        "value": judgement.value,
        "error": judgement.error,
        "digits": None if judgement.digits is None else round(judgement.digits, 1),
        "verdict": judgement.verdict.value,
        "reason": judgement.reason,
    }


def problem_to_dict(problem: Problem, source: Source | None) -> dict[str, Any]:
    """The JSON of a warning: its code, message and place."""
    line, column = source.place(problem.span[0]) if source is not None and problem.span is not None else (None, None)
    return {"code": problem.code, "message": problem.message, "line": line, "column": column}


def strict(value: Any) -> Any:
    """The same data with tuples as lists, and infinities and NaN as the strings `Infinity`, `-Infinity`, `NaN`."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key: strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(item) for item in value]
    return value

"""What `adcli eval` says: every named value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from adcli.report.cells import Column, Table
from adcli.report.model import Report, Run, head
from adcli.rules.table import CONSTANT, INPUT
from adcli.tape.describe import labels
from adcli.tape.tape import Tape


class NamedValue(NamedTuple):
    """A value that a program names, the expression that gave it, and its line."""

    name: str
    value: float
    expression: str
    line: int | None
    output: bool


@dataclass(frozen=True, eq=False)
class Evaluation(Report):
    """What `adcli eval` says: every named value, in program order."""

    values: tuple[NamedValue, ...]

    def _own(self) -> dict[str, Any]:
        return {"values": {row.name: row.value for row in self.values}}

    def records(self) -> Table:
        """The values, one to a row."""
        return self.tables()[0]

    def tables(self, digits: int = 6) -> list[Table]:
        """The values, with the outputs marked."""
        columns = (
            Column("name"),
            Column("expression", breaks=True),
            Column("value", number=True),
            Column("line", number=True),
        )
        rows = tuple((row.name, row.expression, row.value, row.line) for row in self.values)
        outputs = frozenset(index for index, row in enumerate(self.values) if row.output)
        return [Table("values", columns, rows, marked=outputs)]


def evaluation(run: Run) -> Evaluation:
    """Every named value."""
    tape = run.tape
    names = labels(tape)
    outputs = {tape.bindings[name] for name in run.program.outputs}
    entries = [
        entry for entry, name in enumerate(tape.names) if name is not None and tape.operations[entry] is not CONSTANT
    ]
    entries.sort(key=lambda entry: tape.spans[entry] or (0, 0))
    rows = [
        NamedValue(names[entry], tape.values[entry], _expression(tape, entry), tape.line(entry), entry in outputs)
        for entry in entries
    ]
    return Evaluation(*head(run), tuple(rows))


def _expression(tape: Tape, entry: int) -> str:
    """What the program assigns to a name, in its own words."""
    if tape.operations[entry] is INPUT:
        return "input"
    start, end = tape.spans[entry] or (0, 0)
    statement = tape.source.text[start:end]
    return " ".join(statement[statement.find("=") + 1 :].split())

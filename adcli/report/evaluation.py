"""What `adcli eval` says: every named value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from adcli.report.cells import Column, Table
from adcli.report.model import Report, Run, head
from adcli.rules.table import CONSTANT
from adcli.tape.describe import labels, operation_text


class NamedValue(NamedTuple):
    """A value that a program names, the operation that gave it, and its line."""

    name: str
    value: float
    operation: str
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
            Column("operation", breaks=True),
            Column("value", number=True),
            Column("line", number=True),
        )
        rows = tuple((row.name, row.operation, row.value, row.line) for row in self.values)
        outputs = frozenset(index for index, row in enumerate(self.values) if row.output)
        return [Table("values", columns, rows, marked=outputs)]


def evaluation(run: Run) -> Evaluation:
    """Every named value."""
    tape = run.tape
    names = labels(tape)
    outputs = {tape.bindings[name] for name in run.program.outputs}
    rows = [
        NamedValue(
            names[entry],
            tape.values[entry],
            operation_text(tape, entry, names),
            tape.line(entry),
            entry in outputs,
        )
        for entry in range(len(tape))
        if tape.names[entry] is not None and tape.operations[entry] is not CONSTANT
    ]
    return Evaluation(*head(run), tuple(rows))

"""What `adcli tape` says: the record of what ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from adcli.report.cells import Cell, Column, Table, number_text
from adcli.report.model import Report, Run, chosen_inputs, head
from adcli.rules.formula import partial
from adcli.rules.table import CONSTANT
from adcli.tape.describe import labels, numbers, operation_text, partial_text

if TYPE_CHECKING:
    from adcli.report.sweep import SweepReport


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


@dataclass(frozen=True, eq=False)
class TapeReport(Report):
    """What `adcli tape` says: the record of what ran."""

    entries: tuple[TapeEntry, ...]
    run: Run
    wrt: Sequence[str] | None

    def sweep(self, of: str | None = None) -> SweepReport:
        """The reverse sweep over this tape, from an output or any other named value."""
        from adcli.report.sweep import sweep_report

        return sweep_report(self.run, of, self.wrt)

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

    def records(self) -> Table:
        """The entries, one to a row."""
        headings = ("entry", "name", "operation", "operands", "value", "partials", "line", "active")
        rows = tuple(
            (
                row.entry, row.name, row.operation, " ".join(map(str, row.operands)), row.value,
                tuple(f"{of}: {formula} = {value!r}" for of, formula, value in row.partials), row.line, row.active,
            )
            for row in self.entries
        )  # fmt: skip
        return Table("tape", tuple(map(Column, headings)), rows)

    def tables(self, digits: int = 6) -> list[Table]:
        """The tape, with the partials of each entry below each other."""
        columns = (
            Column("entry"), Column("name"), Column("operation", breaks=True), Column("value", number=True),
            Column("partials", breaks=True), Column("line", number=True),
        )  # fmt: skip
        rows: list[tuple[Cell, ...]] = []
        for row in self.entries:
            partials = []
            for of, formula, number in row.partials:
                value = number_text(number, digits)
                formula_too = "" if formula == value else f" = {formula}"
                partials.append(f"∂{row.label}/∂{of}{formula_too} = {value}")
            rows.append((row.entry, row.name, row.operation, row.value, tuple(partials), row.line))
        passive = frozenset(index for index, row in enumerate(self.entries) if not row.active)
        return [Table("tape", columns, tuple(rows), dimmed=passive)]


def tape_report(run: Run, wrt: Sequence[str] | None = None) -> TapeReport:
    """Every entry of the tape, with its partials."""
    tape = run.tape
    names, places = labels(tape), numbers(tape)
    active = tape.active([tape.inputs[name] for name in chosen_inputs(run.program, wrt)])
    rows = []
    for entry, operation in enumerate(tape.operations):
        if operation is CONSTANT:
            continue
        operands = tape.operands[entry]
        values = tape.operand_values(entry)
        partials = tuple(
            Partial(
                names[source],
                partial_text(tape, entry, position, names),
                partial(operation, position, values, tape.values[entry]),
            )
            for position, source in enumerate(operands)
            if active[source]
        )
        shown = tuple(
            tape.values[source] if tape.operations[source] is CONSTANT else places[source] for source in operands
        )
        text = operation_text(tape, entry, names)
        row = TapeEntry(
            places[entry], tape.names[entry] and names[entry], names[entry], text, shown, tape.values[entry],
            partials, tape.line(entry), active[entry],
        )  # fmt: skip
        rows.append(row)
    return TapeReport(*head(run), tuple(rows), run, wrt)

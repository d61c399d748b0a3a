"""What `adcli tape` says: the record of what ran."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Cell, Digits, Records, Table, named, number_text, prose
from adcli.report.entries import LINE, NAME, NUMBER, OPERATION, RESULT
from adcli.report.fields import Field, records_of, table
from adcli.report.fold import Heading, folded
from adcli.report.report import Report, head
from adcli.report.selection import Chosen, Selection
from adcli.report.tape_entries import Partial, TapeEntry, TapePatterns
from adcli.rules.table import CONSTANT
from adcli.run import Names, Options, Run, chosen_inputs, warned
from adcli.syntax.formula import Formula
from adcli.tape.describe import guard_text
from adcli.tape.labels import Labels, label_formula, labels
from adcli.tape.reach import active_entries
from adcli.tape.tape import Guard, outcome_text

if TYPE_CHECKING:
    from adcli.report.sweep import SweepReport


class GuardRow(NamedTuple):
    """A decision: the comparison, the values of its sides, what came out, its line, and the entry that came next."""

    condition: str
    left: float
    right: float
    holds: bool
    line: int
    before: str | None


PARTIAL = (
    Field("of", "the operand"),
    Field(
        "formula", "the partial, or null; of an operation on whole arrays, which has none, what the operand receives"
    ),
    Field("value", "the partial as a number, or null"),
)


def partial_line(label: str, partial: Partial, digits: Digits) -> str:
    """`∂a/∂x = y = 3`: the partial of an entry that is called so, as a formula and as a number."""
    of, formula, value = partial
    if formula is None or value is None:
        return formula or Formula(f"∂{label}/∂{of}: no formula")
    shown = number_text(value, digits)
    named = Formula(f"∂{label}/∂{of} = ")
    return Formula(named, shown) if formula == shown else Formula(named, formula, " = ", shown)


def _partials(row: TapeEntry, digits: Digits) -> tuple[str, ...]:
    """The partials as lines."""
    return tuple(partial_line(row.label, partial, digits) for partial in row.partials)


def _record(partial: Partial) -> str:
    """The same in one line of CSV."""
    of, formula, value = partial
    return f"{of}: {formula or 'no formula'}" + ("" if value is None else f" = {value!r}")


ENTRY = (
    NUMBER,
    NAME.shown(named("name")),
    OPERATION.shown(prose("operation")),
    Field(
        "operands", "entries such as `v2`, or the numbers that constants are", form="[entry or number]",
        record=lambda row: " ".join(map(str, row.operands)),
    ),
    RESULT,
    Field(
        "partials", "by the operands that depend on an input", form="[object]", fields=PARTIAL,
        record=lambda row: tuple(map(_record, row.partials)),
        column=prose("partials"), text=_partials,
    ),
    LINE,
    Field("active", "whether it depends on an input"),
)  # fmt: skip

GUARD = (
    Field("condition", "the comparison"),
    Field("left", "the value of its left side"),
    Field("right", "the value of its right side"),
    Field("holds", "what came out"),
    LINE,
    Field("before", "the entry that ran next, or null"),
)


@dataclass(frozen=True, eq=False)
class TapeReport(Report):
    """What `adcli tape` says: the record of what ran. Rows are made when they are asked for."""

    fields = (
        Field("entries", "in the order in which they ran", lambda report: report.rows(), "[object]", ENTRY),
        Field("guards", "the decisions behind the tape", lambda report: report.decisions(), "[object]", GUARD),
    )

    run: Run
    options: TapeOptions
    patterns: TapePatterns
    labels: Labels
    chosen: Chosen

    @cached_property
    def entries(self) -> tuple[TapeEntry, ...]:
        """The entries that the selection leaves, one to a row."""
        return tuple(self.rows())

    @cached_property
    def guards(self) -> tuple[GuardRow, ...]:
        """The decisions behind the tape, one to a row."""
        return tuple(self.decisions())

    def rows(self) -> Iterator[TapeEntry]:
        """The entries one after another: there may be millions."""
        return map(self._entry, self.chosen.entries())

    def decisions(self) -> Iterator[GuardRow]:
        """The decisions one after another."""
        return map(self._guard, self.chosen.guards())

    def sweep(self, of: str | None = None) -> SweepReport:
        """The reverse sweep over this tape, from an output or any other named value."""
        from adcli.report.sweep import SweepOptions

        return SweepOptions(of, self.options.wrt, self.options.selection).report(self.run)

    def _entry(self, entry: int) -> TapeEntry:
        return TapeEntry(self.run.tape, self.labels, entry, self.patterns)

    def _guard(self, guard: Guard) -> GuardRow:
        tape, names = self.run.tape, self.labels
        left, right = tape.values[guard.left], tape.values[guard.right]
        line, _ = tape.source.place(guard.span[0])
        position = guard.position
        while position < len(tape) and tape.operations[position] is CONSTANT:
            position += 1
        before = names.number(position) if position < len(tape) else None
        return GuardRow(guard_text(tape, guard, names), left, right, guard.holds, line, before)

    def records(self) -> Records:
        """The entries, one to a row."""
        return records_of(self.rows(), ENTRY)

    def items(self) -> Iterator[str | Guard | TapeEntry]:
        """The entries and decisions that are shown, and what stands for those that are not."""
        for item in folded(self.run.tape, self.chosen):
            if isinstance(item, Heading):
                yield item.text
            else:
                yield item if isinstance(item, Guard) else self._entry(item)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The tape, with the partials of each entry below each other; loops and calls of a long one are folded."""
        rows = [self._guard_cells(item, digits) if isinstance(item, Guard) else item for item in self.items()]
        return [table("tape", rows, ENTRY, digits=digits, dimmed=lambda row: not row.active)]

    def _guard_cells(self, guard: Guard, digits: Digits) -> tuple[Cell, ...]:
        """A decision: it has no name and no partials; the values of its sides stand where those of others stand."""
        row = self._guard(guard)
        tape, names = self.run.tape, self.labels
        sides = tuple(
            Formula(label_formula(names[entry]), " = ", number_text(tape.values[entry], digits))
            for entry in dict.fromkeys((guard.left, guard.right))
            if tape.operations[entry] is not CONSTANT
        )
        return ("guard", None, row.condition, outcome_text(row.holds), sides, row.line)


@dataclass(frozen=True)
class TapeOptions(Options[TapeReport]):
    """What `adcli tape` is asked.

    Attributes:
        wrt: the inputs that entries are to depend on to have partials; by default all
        selection: the entries to show
    """

    wrt: Names = None
    selection: Selection | None = None

    def report(self, run: Run) -> TapeReport:
        """The tape of a run: all of it, or what the selection leaves."""
        tape = run.tape
        active = active_entries(tape, [tape.inputs[name] for name in chosen_inputs(run.program, self.wrt)])
        names = labels(tape)
        chosen = Chosen(self.selection, tape, names, active)
        run = warned(run, active)
        return TapeReport(*head(run), run, self, TapePatterns(tape, names, active), names, chosen)

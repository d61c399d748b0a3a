"""What `adcli worksheet` says: the tape and the sweep with blanks to fill in, and the key to them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from textwrap import wrap

from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Cell, Column, Digits, Records, Table, brief_text, named, number, number_text, prose
from adcli.report.fields import Field, records_of
from adcli.report.report import Report, head
from adcli.report.selection import Selection
from adcli.report.sweep import SweepOptions, SweepReport
from adcli.report.sweep_rows import SweepRow
from adcli.report.tape import TapeOptions, TapeReport, partial_line
from adcli.report.tape_entries import Partial, TapeEntry
from adcli.rules.table import CONSTANT, COPY, INPUT
from adcli.run import Names, Options, Run
from adcli.syntax.formula import Formula
from adcli.tape.components import flattened
from adcli.tape.describe import guard_text
from adcli.tape.labels import adjoint_formula, label_formula
from adcli.tape.tape import Guard, Value, outcome_text

BLANK = "______"
_LISTING = 88  # letters of a line of the program, of which longer ones are broken


class Question(NamedTuple):
    """What is asked, and the answer as a formula and a number; without the key both are None."""

    part: str
    asked: str
    formula: str | None
    value: Value | None


QUESTION = (
    Field("part", "`value`, `partial`, `contribution`, `adjoint` or `derivative`"),
    Field("asked", "what is to be filled in, such as `∂a/∂x`"),
    Field("formula", "the answer as a formula, where it has one; null without the key"),
    Field("value", "the answer; null without the key"),
)


@dataclass(frozen=True, eq=False)
class WorksheetReport(Report):
    """What `adcli worksheet` says.

    Attributes:
        tape, sweep: what is asked for
        key: whether the answers stand in the blanks
    """

    fields = (Field("questions", "in the order in which they are asked", form="[object]", fields=QUESTION),)

    tape: TapeReport
    sweep: SweepReport
    key: bool

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What there is to fill in."""
        asked = [*self._of_tape(), *self._of_sweep(), *self._of_gradient()]
        return tuple(asked if self.key else (one._replace(formula=None, value=None) for one in asked))

    def _of_tape(self) -> Iterator[Question]:
        for row in self.tape.items():
            if isinstance(row, TapeEntry) and not _is_given(row):
                yield Question("value", row.label, row.operation, row.value)
                yield from (
                    Question("partial", f"∂{row.label}/∂{partial.of}", partial.formula, partial.value)
                    for partial in row.partials
                )

    def _of_sweep(self) -> Iterator[Question]:
        for rows in self.sweep.steps():
            if not isinstance(rows, str):
                for row in rows:
                    yield Question("contribution", f"{row.receiver} += …", row.formula, row.contribution)
                    yield Question("adjoint", row.receiver, None, row.after)

    def _of_gradient(self) -> Iterator[Question]:
        for name, slope in flattened(self.sweep.gradient[self.sweep.output]).items():
            yield Question("derivative", f"∂{self.sweep.output}/∂{name}", None, slope)

    def records(self) -> Records:
        """What there is to fill in, one to a row."""
        return records_of(self.questions, QUESTION)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The program, then what is to be filled in: the tape, the sweep and the gradient."""
        return [self._program(), self._tape_table(digits), self._sweep_table(digits), self._gradient_table(digits)]

    def _program(self) -> Table:
        lines = self.source.text.rstrip().splitlines()
        width = len(str(len(lines)))
        rows = []
        for place, line in enumerate(lines, 1):
            first, *others = wrap(line, _LISTING, subsequent_indent="    ") or [""]
            rows += [(f"{place:>{width}}  {first}".rstrip(),), *((f"{'':{width}}  {other}",) for other in others)]
        where = ", ".join(f"{name} = {brief_text(value, 6)}" for name, value in self.inputs.items())
        return Table(self.source.name, (Column(""),), tuple(rows), f"at {where}" if where else "", picture=True)

    def _blank(self, answer: Cell, digits: Digits) -> Cell:
        if not self.key:
            return BLANK
        return answer if isinstance(answer, str) else number_text(answer, digits)

    def _tape_table(self, digits: Digits) -> Table:
        rows: list[tuple[Cell, ...]] = []
        headings = set()
        for item in self.tape.items():
            if isinstance(item, str):
                headings.add(len(rows))
                rows.append((item, None, None, None, None))
            elif isinstance(item, Guard):
                rows.append(self._guard(item))
            else:
                rows.append(self._entry(item, digits))
        columns = (named("entry"), prose("operation"), number("value"), prose("partials"), number("line"))
        caption = "fill in each value, and each partial as a formula and as a number"
        return Table("1. The tape", columns, tuple(rows), caption, headings=frozenset(headings))

    def _guard(self, guard: Guard) -> tuple[Cell, ...]:
        tape = self.tape.run.tape
        line, _ = tape.source.place(guard.span[0])
        came_out = outcome_text(guard.holds) if self.key else BLANK
        return "guard", guard_text(tape, guard, self.tape.labels), came_out, None, line

    def _entry(self, row: TapeEntry, digits: Digits) -> tuple[Cell, ...]:
        label = label_formula(row.label)
        if _is_given(row):
            return label, row.operation, number_text(row.value, digits), None, row.line
        partials = tuple(self._partial(row, partial, digits) for partial in row.partials)
        return label, row.operation, self._blank(row.value, digits), partials, row.line

    def _partial(self, row: TapeEntry, partial: Partial, digits: Digits) -> Cell:
        if self.key or partial.formula is None:
            return partial_line(row.label, partial, digits)
        if partial.value is None:  # of an operation on whole arrays: what the operand receives
            return Formula(partial.formula.partition(" += ")[0], " += ", BLANK)
        return Formula(f"∂{row.label}/∂{partial.of} = ", BLANK, " = ", BLANK)

    def _sweep_table(self, digits: Digits) -> Table:
        output = adjoint_formula(self.sweep.output)
        rows: list[tuple[Cell, ...]] = [(Formula("seed  ", output, " = 1"), None, None)]
        headings = {0}
        for part in self.sweep.steps():
            headings.add(len(rows))
            if isinstance(part, str):
                rows.append((part, None, None))
                continue
            first = part[0]
            rows.append(
                (Formula(f"{first.step:>4}  ", label_formula(first.source), " = ", first.operation), None, None)
            )
            rows += [self._addition(row, digits) for row in part]
        columns = (prose("contribution"), number("="), prose("adjoint so far"))
        caption = "every use of a value adds to its adjoint: fill in what, and what it has then"
        title = f"2. The reverse sweep from {self.sweep.output}"
        return Table(title, columns, tuple(rows), caption, headings=frozenset(headings))

    def _addition(self, row: SweepRow, digits: Digits) -> tuple[Cell, ...]:
        contribution = Formula(row.receiver, " += ", row.formula if self.key else BLANK)
        answers = (row.contribution, row.after) if self.key else (BLANK, BLANK)
        sent, after = (one if isinstance(one, str) else brief_text(one, digits) for one in answers)
        return contribution, sent, Formula(row.receiver, " = ", after)

    def _gradient_table(self, digits: Digits) -> Table:
        output = self.sweep.output
        rows = tuple(
            (Formula(f"∂{output}/∂{name}"), self._blank(slope, digits))
            for name, slope in flattened(self.sweep.gradient[output]).items()
        )
        return Table("3. The gradient", (prose("derivative"), number("value")), rows)


def _is_given(row: TapeEntry) -> bool:
    """Whether the value of an entry stands in the program, or is a size of an input."""
    tape, operation = row.tape, row.tape.operations[row.place]
    return operation is INPUT or (operation is COPY and tape.operations[tape.operands[row.place][0]] is CONSTANT)


@dataclass(frozen=True)
class WorksheetOptions(Options[WorksheetReport]):
    """What `adcli worksheet` is asked.

    Attributes:
        of: the name of the value to sweep from; by default the first output
        wrt: the inputs to differentiate by; by default all
        key: whether the answers stand in the blanks
        selection: the entries to ask for
    """

    of: str | None = None
    wrt: Names = None
    key: bool = False
    selection: Selection | None = None

    def report(self, run: Run) -> WorksheetReport:
        """The questions on a run."""
        tape = TapeOptions(self.wrt, self.selection).report(run)
        sweep = SweepOptions(self.of, self.wrt, self.selection, "quiet").report(run)
        return WorksheetReport(*head(run, self.of), tape, sweep, self.key)

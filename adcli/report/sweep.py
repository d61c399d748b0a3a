"""What `adcli sweep` says: the reverse sweep, contribution by contribution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from adcli.derive.modes import at_inputs
from adcli.report.cells import Cell, Column, Digits, Records, Table, brief_text, is_array, number, number_text, prose
from adcli.report.fields import Field, records_of, table
from adcli.report.fold import Heading, folded
from adcli.report.gradient import gradient_table
from adcli.report.kinks import KINKS, kink_table
from adcli.report.report import Report, head
from adcli.report.selection import Chosen, Selection
from adcli.run import Names, Nonsmooth, Options, Run, chosen_inputs, differentiated_outputs, with_kinks
from adcli.syntax.formula import Formula
from adcli.tape.contributions import Contribution, beginning, contributions_of, pass_on
from adcli.tape.describe import contribution_text, is_part, operation_text, receiver_text
from adcli.tape.fast import sweep
from adcli.tape.labels import Labels, adjoint_formula, adjoint_name, label_formula, labels
from adcli.tape.reach import active_entries
from adcli.tape.selected import with_entries
from adcli.tape.tape import Guard, Tape, Value
from adcli.trust.compare import Comparison

if TYPE_CHECKING:
    from adcli.trust.kinks import Kinks


class SweepRow(NamedTuple):
    """One contribution; `target` is an operand, or a part of one, and `receiver` its adjoint.

    `nth` of `uses`: the how manieth that the operand receives; `before` is 0 for the first.
    """

    step: int
    source: str
    operation: str
    adjoint: Value
    target: str
    receiver: str
    formula: str
    contribution: Value
    before: Value
    after: Value
    nth: int
    uses: int
    line: int | None


def _accumulates(row: SweepRow, digits: Digits) -> Cell:
    """How the receiver's adjoint grows. Of an array only what the row, or one above it, has not told already."""
    if not is_array(row.after):
        return Formula(number_text(row.before, digits), " → ", number_text(row.after, digits))
    if row.nth == 1:
        return f"{' × '.join(map(str, row.after.shape))} numbers"
    return Formula("→ ", brief_text(row.after, digits))


def _of_part(tape: Tape, term: Contribution) -> Contribution:
    """The same contribution; one to a part of an array as that part alone: the others receive nothing."""
    operation = tape.operations[term.entry]
    if not is_part(operation) or term.position:
        return term
    subscripts = tape.operand_values(term.entry)[1:]
    parts = (None if array is None else operation.function(array, *subscripts) for array in term[4:])
    return Contribution(*term[:4], *parts)


def _brief(value: Value, digits: Digits) -> Cell:
    """A number, or the first elements of an array."""
    return Formula(brief_text(value, digits)) if is_array(value) else value


CONTRIBUTION = (
    Field("step", "which entry it is whose adjoint is passed on, counted from the output", column=number("step"),
          show=lambda row: None),
    Field("from", "that entry", lambda row: row.source),
    Field("into", "the operand that receives it, or the part of an array, such as `w[2]`", lambda row: row.target),
    Field("formula", "what it receives", column=prose("contribution"),
          show=lambda row: Formula(row.receiver, " += ", row.formula)),
    Field("contribution", "the same as a number", column=number("="),
          text=lambda row, digits: _brief(row.contribution, digits)),
    Field("", column=Column("use"), show=lambda row: f"{_ordinal(row.nth)} of {row.uses}" if row.uses > 1 else None),
    Field("before", "the adjoint of what receives it, before"),
    Field("after", "the same after", column=prose("accumulates"), text=_accumulates),
)  # fmt: skip


def _entry_line(row: SweepRow, digits: Digits) -> Formula:
    """`1  L = a + b, bar_L = 1`: what stands above the contributions in which the adjoint of an entry is passed on."""
    return Formula(
        f"{row.step:>4}  ",
        label_formula(row.source),
        " = ",
        row.operation,
        "; ",
        *_adjoint(row.source, row.adjoint, digits),
    )


def _adjoint(label: str, value: Value, digits: Digits) -> tuple[str, ...]:
    return adjoint_formula(label), " = ", brief_text(value, digits)


@dataclass(frozen=True, eq=False)
class SweepReport(Report):
    """What `adcli sweep` says: the reverse sweep from one output, contribution by contribution.

    Rows are made when they are asked for, and only those that are: of a long tape a table shows few.
    """

    fields = (
        Field("output", "the one swept from"),
        Field("contributions", "in the order of the sweep", lambda report: report.rows, "[object]", CONTRIBUTION),
        Field("adjoints", "of each entry that the sweep reaches", form="{name: value}"),
        KINKS,
        Field("gradient", "the adjoints of the inputs", form="{output: {input: derivative}}"),
    )

    output: str
    gradient: Mapping[str, Mapping[str, Value]]
    run: Run
    start: int  # the output's entry
    active: list[bool]
    final: list[Value | None]  # the adjoint of each entry
    chosen: Chosen
    kinks: Kinks | None

    @cached_property
    def rows(self) -> tuple[SweepRow, ...]:
        """The contributions of the entries that the selection leaves, one to a row."""
        return tuple(row for _, row in self._rows(list(self.chosen.entries())[::-1]))

    @cached_property
    def adjoints(self) -> Mapping[str, float]:
        """The adjoint of each entry that the sweep reaches, by the entry's label."""
        reached = range(len(self.final) - 1, -1, -1)
        return {self._labels[entry]: value for entry in reached if (value := self.final[entry]) is not None}

    @cached_property
    def _labels(self) -> Labels:
        return labels(self.run.tape)

    def _rows(self, entries: Sequence[int]) -> Iterator[tuple[int, SweepRow]]:
        """The rows of some entries, in falling order, each with its entry; one may pass on nothing, and have none.

        Between them the sweep is run without being told.
        """
        tape, names = self.run.tape, self._labels
        shown = [entry for entry in entries if self._sweeps(entry)]
        adjoints = beginning(tape, {self.start: 1.0}, self.active)
        terms: list[Contribution] = []
        position = self.start
        for entry in shown:
            pass_on(tape, adjoints, self.active, range(position, entry, -1))
            terms += [_of_part(tape, term) for term in contributions_of(tape, (entry,), adjoints, self.active)]
            position = entry - 1
        steps, nth, uses = self._counted(set(shown), {term.target for term in terms})
        for term in terms:
            receiver = receiver_text(tape, term.entry, term.position, names)
            row = SweepRow(
                steps[term.entry],
                names[term.entry],
                operation_text(tape, term.entry, names),
                self.final[term.entry],
                receiver.removeprefix(adjoint_name("")),
                receiver,
                contribution_text(tape, term.entry, term.position, names),
                term.contribution,
                0.0 if term.before is None else term.before,
                term.after,
                nth[term.entry, term.position],
                uses[term.target],
                tape.line(term.entry),
            )
            yield term.entry, row

    def _sweeps(self, entry: int) -> bool:
        """Whether the sweep passes something on from an entry."""
        return self.final[entry] is not None and self.active[entry] and bool(self.run.tape.operands[entry])

    def _counted(
        self, shown: set[int], targets: set[int]
    ) -> tuple[dict[int, int], dict[tuple[int, int], int], dict[int, int]]:
        """The step at which each shown entry is swept, the how manieth contribution each of its operands receives
        from it, and how many contributions each target receives in all."""
        steps: dict[int, int] = {}
        nth: dict[tuple[int, int], int] = {}
        uses = dict.fromkeys(targets, 0)
        step = 0
        operands, active = self.run.tape.operands, self.active
        for entry in range(self.start, -1, -1):
            if self.final[entry] is None or not active[entry] or not operands[entry]:
                continue
            step += 1
            for position, source in enumerate(operands[entry]):
                if source in uses:
                    uses[source] += 1
                    if entry in shown:
                        nth[entry, position] = uses[source]
            if entry in shown:
                steps[entry] = step
        return steps, nth, uses

    def own_fields(self) -> tuple[Field, ...]:
        """Without the gradient: what takes this in says that itself."""
        return tuple(field for field in self.fields if field.key != "gradient")

    def records(self) -> Records:
        """The contributions, one to a row."""
        return records_of(self.rows, CONTRIBUTION)

    def steps(self) -> Iterator[str | list[SweepRow]]:
        """The rows of one entry after another, and what stands for those that are not shown."""
        items = [item for item in folded(self.run.tape, self.chosen, reverse=True) if not isinstance(item, Guard)]
        swept = [item for item in items if isinstance(item, int) and self._sweeps(item)]
        by_entry: dict[int, list[SweepRow]] = {}
        for entry, row in self._rows(swept):
            by_entry.setdefault(entry, []).append(row)
        for item in items:
            if isinstance(item, Heading):
                yield item.text
            elif item in by_entry:
                yield by_entry[item]

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The sweep with the running adjoints, then the gradient."""
        rows: list[str | SweepRow] = [Formula("seed  ", *_adjoint(self._labels[self.start], 1.0, digits))]
        for part in self.steps():
            rows += [part] if isinstance(part, str) else [_entry_line(part[0], digits), *part]
        title = f"reverse sweep from {self.output}"
        tables = [
            table(title, rows, CONTRIBUTION, digits=digits, marked=lambda row: row.nth > 1),
            gradient_table(self, self.output, dict(self.gradient[self.output]), Comparison({}, None), digits),
        ]
        if self.kinks:
            tables.append(kink_table(self.kinks))
        return tables


@dataclass(frozen=True)
class SweepOptions(Options[SweepReport]):
    """What `adcli sweep` is asked.

    Attributes:
        of: the name of the value to sweep from; by default the first output
        wrt: the inputs to differentiate by; by default all
        selection: the entries to show
        nonsmooth: what to do where there is no derivative: "report" it, raise an "error", or be "quiet"
    """

    of: str | None = None
    wrt: Names = None
    selection: Selection | None = None
    nonsmooth: str = "report"

    def report(self, run: Run) -> SweepReport:
        """The reverse sweep, contribution by contribution."""
        outputs = differentiated_outputs(run, run.program.outputs[0] if self.of is None else self.of)
        tape, entries = with_entries(run.tape, outputs.values())
        run = run._replace(tape=tape)
        ((output, start),) = entries.items()
        inputs = chosen_inputs(run.program, self.wrt)
        active = active_entries(tape, [tape.inputs[name] for name in inputs])
        final = sweep(tape, {start: 1.0}, active)
        slopes = {output: at_inputs(tape, final, inputs)}
        chosen = Chosen(self.selection, tape, labels(tape), active)
        run, kinks = with_kinks(run, slopes, Nonsmooth(self.nonsmooth), run.budget())
        return SweepReport(*head(run, self.of), output, slopes, run, start, active, final, chosen, kinks)


def _ordinal(number: int) -> str:
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"

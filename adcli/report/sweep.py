"""What `adcli sweep` says: the reverse sweep, contribution by contribution."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from adcli.derive.modes import at_inputs
from adcli.records import dataclass
from adcli.report.cells import Cell, Column, Digits, Records, Table, brief_text, is_array, number, number_text, prose
from adcli.report.fields import Field, records_of, table
from adcli.report.fold import Heading, folded
from adcli.report.gradient import gradient_table
from adcli.report.kinks import KINKS, kink_table
from adcli.report.report import Report, head
from adcli.report.selection import Chosen, Selection
from adcli.report.sweep_rows import SweepPatterns, SweepRow
from adcli.run import Names, Nonsmooth, Options, Run, chosen_inputs, differentiated_outputs, with_kinks
from adcli.syntax.formula import Formula
from adcli.tape.contributions import Contribution, beginning, contributions_of, pass_on
from adcli.tape.describe import is_part
from adcli.tape.fast import sweep
from adcli.tape.labels import Labels, adjoint_formula, label_formula, labels
from adcli.tape.reach import active_entries
from adcli.tape.selected import with_entries
from adcli.tape.tape import Guard, Tape, Value
from adcli.trust.compare import Comparison

if TYPE_CHECKING:
    from adcli.trust.kinks import Kinks


_AT_ONCE = 1_000  # entries whose contributions are there at the same time


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
    arrays = (term.contribution, term.before, term.after)
    parts = (None if array is None else operation.function(array, *subscripts) for array in arrays)
    return Contribution(term.entry, term.position, term.target, *parts)


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
        Field(
            "contributions",
            "in the order of the sweep",
            lambda report: report.contributions(),
            "[object]",
            CONTRIBUTION,
        ),
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
        return tuple(self.contributions())

    def contributions(self) -> Iterator[SweepRow]:
        """The same one after another: there may be millions."""
        return (row for _, row in self._rows(list(self.chosen.entries())[::-1]))

    @cached_property
    def adjoints(self) -> Mapping[str, float]:
        """The adjoint of each entry that the sweep reaches, by the entry's label."""
        reached = range(len(self.final) - 1, -1, -1)
        return {self._labels[entry]: value for entry in reached if (value := self.final[entry]) is not None}

    @cached_property
    def _labels(self) -> Labels:
        return labels(self.run.tape)

    def _rows(self, entries: Sequence[int]) -> Iterator[tuple[int, SweepRow]]:
        """The rows of some entries, in falling order, each with its entry; one may pass on nothing, and have none."""
        patterns = SweepPatterns(self.run.tape, self._labels, self.active)
        uses, passing = self._uses(), self._passing()
        for entry, terms in groupby(self._terms([entry for entry in entries if self._sweeps(entry)]), _entry_of):
            step, nth = next((step, nth) for step, other, nth in passing if other == entry)
            for term in terms:
                adjoint = self.final[entry]
                yield entry, SweepRow(patterns, term, step, adjoint, nth[term.position], uses[term.target])

    def _terms(self, shown: Sequence[int]) -> Iterator[Contribution]:
        """What some entries pass on, in falling order. Between them the sweep is run without being told."""
        tape, position = self.run.tape, self.start
        adjoints = beginning(tape, {self.start: 1.0}, self.active)
        many = 1 if tape.arrays else _AT_ONCE  # a contribution has three arrays
        for first in range(0, len(shown), many):
            for stretch in _stretches(shown[first : first + many]):
                pass_on(tape, adjoints, self.active, range(position, stretch[0], -1))
                terms = contributions_of(tape, stretch, adjoints, self.active)
                yield from (_of_part(tape, term) for term in terms) if tape.arrays else terms
                position = stretch[-1] - 1

    def _sweeps(self, entry: int) -> bool:
        """Whether the sweep passes something on from an entry."""
        return self.final[entry] is not None and self.active[entry] and bool(self.run.tape.operands[entry])

    def _passing(self) -> Iterator[tuple[int, int, list[int]]]:
        """Each step of the sweep: its number, its entry, and the how manieth contribution each operand receives."""
        received = array("q", bytes(8 * len(self.run.tape)))
        for step, entry in enumerate(filter(self._sweeps, range(self.start, -1, -1)), 1):
            nth = []
            for source in self.run.tape.operands[entry]:
                received[source] += 1
                nth.append(received[source])
            yield step, entry, nth

    def _uses(self) -> Sequence[int]:
        """How many contributions each entry receives in all."""
        uses = array("q", bytes(8 * len(self.run.tape)))
        for entry in filter(self._sweeps, range(self.start, -1, -1)):
            for source in self.run.tape.operands[entry]:
                uses[source] += 1
        return uses

    def own_fields(self) -> tuple[Field, ...]:
        """Without the gradient: what takes this in says that itself."""
        return tuple(field for field in self.fields if field.key != "gradient")

    def records(self) -> Records:
        """The contributions, one to a row."""
        return records_of(self.contributions(), CONTRIBUTION)

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


_entry_of = attrgetter("entry")


def _stretches(entries: Sequence[int]) -> Iterator[Sequence[int]]:
    """Entries in falling order as ranges without a gap."""
    ends = [place for place in range(1, len(entries)) if entries[place] != entries[place - 1] - 1]
    for first, end in pairwise([0, *ends, len(entries)]):
        yield range(entries[first], entries[end - 1] - 1, -1)


def _ordinal(number: int) -> str:
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"

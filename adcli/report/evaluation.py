"""What `adcli eval` says: every named value."""

from __future__ import annotations

import re
from functools import cached_property

from adcli.program.program import differentiates
from adcli.records import dataclass
from adcli.report.cells import Column, Digits, Records, Table, named
from adcli.report.entries import LINE, NAME, RESULT, Entry
from adcli.report.fields import Field, records_of, table
from adcli.report.fold import Heading, folded
from adcli.report.report import Report, head
from adcli.report.selection import Chosen, Selection
from adcli.rules.table import COPY, INPUT
from adcli.run import Options, Run
from adcli.syntax.targets import assigned
from adcli.tape.labels import labels
from adcli.tape.reach import active_entries
from adcli.tape.tape import Guard
from adcli.trust.budget import MOST_FOR_KINKS
from adcli.trust.guards import ONLY_DECIDES


class NamedValue(Entry):
    """A value that a program names. It carries the program."""

    @property
    def output(self) -> bool:
        """Whether the program gives it out."""
        return any(self.tape.bindings[name] == self.place for name in self.carried.outputs)

    @property
    def expression(self) -> str:
        """What the program assigns to the name, in its own words."""
        tape, operation = self.tape, self.tape.operations[self.place]
        if operation is INPUT:
            return "input"
        if operation is COPY and tape.names[self.place] in self.carried.sizes:
            return "a size"
        start, end = tape.spans[self.place] or (0, 0)
        statement = re.sub(r"#[^\n]*", "", tape.source.text[start:end])
        target, operator, length = assigned(statement)
        before = f"{target} {operator} " if operator else ""
        return " ".join(f"{before}{statement[length:]}".split())


_EXPRESSION = Column("expression", breaks=True, code=True)
NAMED = (
    NAME.shown(named("name")),
    Field("expression", column=Column("expression", breaks=True, code=True)),
    RESULT,
    LINE,
)


@dataclass(frozen=True, eq=False)
class Evaluation(Report):
    """What `adcli eval` says: every named value, in program order. Rows are made when they are asked for."""

    fields = (
        Field(
            "values",
            "every named value",
            lambda report: {row.name: row.value for row in report.values},
            "{name: value}",
        ),
    )

    run: Run
    chosen: Chosen

    @cached_property
    def values(self) -> tuple[NamedValue, ...]:
        """The named values that the selection leaves, one to a row."""
        return tuple(self._value(entry) for entry in self._in_program_order(list(self.chosen.entries())))

    def _value(self, entry: int) -> NamedValue:
        return NamedValue(self.run.tape, self.chosen.names, entry, self.run.program)

    def _in_program_order(self, entries: list[int]) -> list[int]:
        """Inputs are the first entries of a tape; where each line runs once, they can stand where they are declared."""
        tape = self.run.tape
        return entries if tape.regions else sorted(entries, key=lambda entry: tape.spans[entry] or (0, 0))

    def records(self) -> Records:
        """The values, one to a row."""
        return records_of(self.values, NAMED)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The values, with the outputs marked; loops and calls of a long program are folded."""
        items = list(folded(self.run.tape, self.chosen))
        if not any(isinstance(item, Heading) for item in items):
            items = [*self._in_program_order([item for item in items if isinstance(item, int)])]
        rows = [
            item.text if isinstance(item, Heading) else self._value(item)
            for item in items
            if not isinstance(item, Guard)
        ]
        return [table("values", rows, NAMED, marked=lambda row: row.output)]


@dataclass(frozen=True)
class EvaluationOptions(Options[Evaluation]):
    """What `adcli eval` is asked: every named value, or what a selection leaves."""

    selection: Selection | None = None

    def report(self, run: Run) -> Evaluation:
        """The values, without the warnings that are of derivatives alone."""
        run = run._replace(warnings=tuple(problem for problem in run.warnings if problem.code != ONLY_DECIDES))
        if differentiates(run.program):
            from adcli.trust.kinks_of_values import derivatives_at_kinks  # which few programs need

            budget = run.budget().part(MOST_FOR_KINKS)
            at_kinks = derivatives_at_kinks(run.program, run.point, run.tape, run.limits, budget)
            run = run._replace(warnings=(*run.warnings, *at_kinks))
        tape = run.tape
        chosen = Chosen(self.selection, tape, labels(tape), active_entries(tape, list(tape.inputs.values())), True)
        return Evaluation(*head(run), run, chosen)

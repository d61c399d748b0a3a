"""What `adcli jvp` and `adcli vjp` say: a tangent of each output, an adjoint of each input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from adcli.derive.forward import push_forward
from adcli.derive.modes import adjoints_of
from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean
from adcli.report.cells import Cell, Column, Table, number_text
from adcli.report.compared import (
    HEADINGS,
    Compared,
    ComparedReport,
    compared_table,
    judgement_record,
    judgements_to_dict,
)
from adcli.report.fold import Chosen, Heading, Selection, folded
from adcli.report.model import Run, chosen_inputs, head, warned
from adcli.tape.describe import adjoint_name, find_entry, labels, operation_text, tangent_name, tangent_text
from adcli.tape.tape import Guard
from adcli.trust.products import compare_sum
from adcli.trust.verdict import Judgement


@dataclass(frozen=True, eq=False)
class TangentReport(ComparedReport):
    """What `adcli jvp` says: the forward sweep along one direction.

    Attributes:
        direction: the tangent of each input
        tangents: the tangent of each output
        judgements: what differences say of them, where that was asked for
        run: what ran
        all_tangents: the tangent of every entry; None where it is zero by structure
        chosen: the entries that the reader wants to see
    """

    direction: Mapping[str, float]
    tangents: Mapping[str, float]
    judgements: Mapping[str, Judgement]
    run: Run
    all_tangents: list[float | None]
    chosen: Chosen

    def judgements_made(self) -> Iterable[Judgement]:
        """Everything that was compared."""
        return self.judgements.values()

    def _own(self) -> dict[str, Any]:
        body = {"direction": self.direction, "tangents": self.tangents, "entries": self._entries}
        return body | ({"difference": judgements_to_dict(self.judgements)} if self.judgements else {})

    @cached_property
    def _entries(self) -> list[dict[str, Any]]:
        tape, names = self.run.tape, self.chosen.names
        return [
            {
                "entry": names.number(entry),
                "name": tape.names[entry] and names[entry],
                "operation": operation_text(tape, entry, names),
                "value": tape.values[entry],
                "tangent": self.all_tangents[entry] or 0.0,
                "line": tape.line(entry),
            }
            for entry in self.chosen.entries()
        ]

    def records(self) -> Table:
        """The outputs, one to a row."""
        rows = tuple(
            (name, self.outputs[name], tangent, *judgement_record(self.judgements.get(name)))
            for name, tangent in self.tangents.items()
        )
        return Table("tangents", tuple(map(Column, ("output", "value", "tangent", *HEADINGS))), rows)

    def tables(self, digits: int = 6) -> list[Table]:
        """The forward sweep, entry by entry, then the outputs."""
        rows = [
            Compared((name, self.outputs[name]), tangent, name, self.judgements.get(name))
            for name, tangent in self.tangents.items()
        ]
        columns = (Column("output"), Column("value", number=True))
        return [self._forward_table(digits), compared_table("tangents", columns, "tangent", rows)]

    def _forward_table(self, digits: int) -> Table:
        tape, names = self.run.tape, self.chosen.names
        rows: list[tuple[Cell, ...]] = []
        headings, passive = set(), set()
        for item in folded(tape, self.chosen):
            if isinstance(item, Heading):
                headings.add(len(rows))
                rows.append((item.text, None, None, None, None))
            elif not isinstance(item, Guard):
                tangent = self.all_tangents[item]
                if tangent is None:
                    passive.add(len(rows))
                    text = None
                else:
                    formula = tangent_text(tape, item, self.all_tangents, names)
                    text = f"{tangent_name(names[item])} = {formula or number_text(tangent, digits)}"
                rows.append((f"{names[item]} = {operation_text(tape, item, names)}" if tape.operands[item]
                             else names[item], tape.values[item], text, tangent, tape.line(item)))  # fmt: skip
        columns = (
            Column("entry", breaks=True), Column("value", number=True), Column("tangent", breaks=True),
            Column("=", number=True), Column("line", number=True),
        )  # fmt: skip
        return Table("forward sweep", columns, tuple(rows), dimmed=frozenset(passive), headings=frozenset(headings))


def tangent_report(
    run: Run,
    direction: Mapping[str, float],
    of: str | None = None,
    check: bool = False,
    selection: Selection | None = None,
) -> TangentReport:
    """The tangent of every output, or of one named value, along a direction of the inputs."""
    tape = run.tape
    chosen_inputs(run.program, list(direction))
    inputs = {tape.inputs[name]: step for name, step in direction.items()}
    tangents = push_forward(tape, {entry: step for entry, step in inputs.items() if step})
    names = run.program.outputs if of is None else (of,)
    found = {name: tangents[find_entry(tape, name)] or 0.0 for name in names}
    judgements = {}
    if check:
        for name, tangent in found.items():
            (judgements[name],) = compare_sum(
                run.program, run.point, tape, {name: 1.0}, [(direction, tangent)], run.max_entries
            )
    active = tape.active([entry for entry, step in inputs.items() if step])
    chosen = Chosen(selection or Selection(), tape, labels(tape), active)
    run = warned(run, active)
    whole = {name: float(direction.get(name, 0.0)) for name in run.point}
    return TangentReport(*head(run, of), whole, found, judgements, run, tangents, chosen)


@dataclass(frozen=True, eq=False)
class AdjointReport(ComparedReport):
    """What `adcli vjp` says: the adjoint of each input, given those of the outputs.

    Attributes:
        seeds: the adjoint that each output starts with
        adjoints: the adjoint of each input
        judgements: what differences say of them, where that was asked for
    """

    seeds: Mapping[str, float]
    adjoints: Mapping[str, float]
    judgements: Mapping[str, Judgement]

    def judgements_made(self) -> Iterable[Judgement]:
        """Everything that was compared."""
        return self.judgements.values()

    def _own(self) -> dict[str, Any]:
        body = {"seeds": self.seeds, "adjoints": self.adjoints}
        return body | ({"difference": judgements_to_dict(self.judgements)} if self.judgements else {})

    def records(self) -> Table:
        """The inputs, one to a row."""
        rows = tuple(
            (name, self.inputs[name], adjoint, *judgement_record(self.judgements.get(name)))
            for name, adjoint in self.adjoints.items()
        )
        return Table("adjoints", tuple(map(Column, ("input", "value", "adjoint", *HEADINGS))), rows)

    def tables(self, digits: int = 6) -> list[Table]:
        """The outputs with the adjoints that they start with, then the inputs with theirs."""
        outputs = tuple((name, value, self.seeds.get(name, 0.0)) for name, value in self.outputs.items())
        columns = (Column("output"), Column("value", number=True), Column("adjoint", number=True))
        rows = [
            Compared((name, self.inputs[name]), adjoint, adjoint_name(name), self.judgements.get(name))
            for name, adjoint in self.adjoints.items()
        ]
        adjoints = compared_table("adjoints", (Column("input"), Column("value", number=True)), "adjoint", rows)
        return [Table("outputs", columns, outputs), adjoints]


def adjoint_report(
    run: Run, seeds: Mapping[str, float], wrt: Sequence[str] | None = None, check: bool = False
) -> AdjointReport:
    """The adjoint of each input: the sum over the outputs of each one's adjoint times its derivative."""
    tape = run.tape
    inputs = chosen_inputs(run.program, wrt)
    unknown = [name for name in seeds if name not in tape.bindings]
    if unknown:
        help_text = did_you_mean(unknown[0], tape.bindings) or f"its outputs: {', '.join(run.program.outputs)}"
        raise AdError(Problem("unknown-name", f"the program has no value `{unknown[0]}`", help=help_text))
    entries: dict[int, float] = {}
    for name, seed in seeds.items():
        entries[tape.bindings[name]] = entries.get(tape.bindings[name], 0.0) + seed
    adjoints = adjoints_of(tape, entries, inputs)
    judgements: dict[str, Judgement] = {}
    if check:
        derivatives = [({name: 1.0}, adjoint) for name, adjoint in adjoints.items()]
        found = compare_sum(run.program, run.point, tape, seeds, derivatives, run.max_entries)
        judgements = dict(zip(adjoints, found, strict=True))
    run = warned(run, tape.active([tape.inputs[name] for name in inputs]))
    source, point, warnings, outputs = head(run)
    outputs |= {name: tape.values[tape.bindings[name]] for name in seeds}
    return AdjointReport(source, point, warnings, outputs, seeds, adjoints, judgements)

"""What `adcli cost --inputs` says: how the cost of a gradient grows with the number of inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from adcli.derive.cost import Cost, gradient_cost, reach_of
from adcli.derive.reverse import sweep
from adcli.errors import AdError, Problem
from adcli.program.program import Program
from adcli.report.cells import Cell, Column, Digits, Table
from adcli.report.chart import Series, chart
from adcli.report.cost import duration, exact, seconds_of
from adcli.report.model import Report
from adcli.rules.table import CONSTANT
from adcli.syntax import nodes
from adcli.tape.describe import large
from adcli.tape.execute import execute
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Tape


class Member(NamedTuple):
    """One program of a family: what was counted, and the seconds of its value and of its gradient."""

    cost: Cost
    value_seconds: float | None
    gradient_seconds: float | None


@dataclass(frozen=True, eq=False)
class FamilyReport(Report):
    """What `adcli cost --inputs` says.

    Attributes:
        output: what is differentiated
        each: the name whose bindings are the inputs
        members: the programs, in the order in which their sizes were given
    """

    output: str
    each: str
    members: tuple[Member, ...]

    def _own(self) -> dict[str, Any]:
        rows = [
            {
                "inputs": cost.inputs,
                "value": cost.value,
                "reverse": cost.reverse,
                "forward": cost.forward,
                "differences": cost.differences,
                "symbolic": exact(cost.symbolic),
                "value_seconds": value,
                "gradient_seconds": gradient,
            }
            for cost, value, gradient in self.members
        ]
        return {"output": self.output, "each": self.each, "family": rows}

    def records(self) -> Table:
        """The members, one to a row."""
        headings = (
            "inputs",
            "value",
            "reverse",
            "forward",
            "differences",
            "symbolic",
            "value_seconds",
            "gradient_seconds",
        )
        rows = tuple(
            (
                cost.inputs, cost.value, cost.reverse, cost.forward, cost.differences, str(cost.symbolic), value,
                gradient,
            )
            for cost, value, gradient in self.members
        )  # fmt: skip
        return Table("family", tuple(map(Column, headings)), rows)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The members, and how they grow as a picture."""
        measured = any(member.gradient_seconds is not None for member in self.members)
        columns = [
            Column("inputs", number=True), Column("value", number=True), Column("reverse", number=True),
            Column("forward", number=True), Column("differences", number=True), Column("symbolic", number=True),
        ]  # fmt: skip
        if measured:
            columns += [Column("measured", number=True), Column("ratio", number=True)]
        rows: list[tuple[Cell, ...]] = []
        for cost, value, gradient in self.members:
            row: list[Cell] = [
                f"{cost.inputs:,}", large(cost.value), large(cost.reverse), large(cost.forward),
                large(cost.differences), large(cost.symbolic),
            ]  # fmt: skip
            if measured and value and gradient:
                row += [duration(gradient), f"{gradient / value:.2f}"]
            rows.append(tuple(row))
        caption = f"entries executed; symbols of the derivatives as expressions; the inputs are all `{self.each}`"
        return [Table(f"cost of the gradient of {self.output}", tuple(columns), tuple(rows), caption), self._picture()]

    def _picture(self) -> Table:
        costs = [member.cost for member in self.members]
        across = [cost.inputs for cost in costs]
        series = (
            Series("s", "symbolic", [cost.symbolic for cost in costs]),
            Series("d", "differences", [cost.differences for cost in costs]),
            Series("f", "forward", [cost.forward for cost in costs]),
            Series("r", "reverse", [cost.reverse for cost in costs]),
        )
        lines = chart(across, series, "inputs")
        names = ", ".join(f"{one.mark} {one.name}" for one in series)
        return Table(
            "growth", (Column("on logarithmic scales"),), tuple((line,) for line in lines), names, picture=True
        )


def family_report(
    program: Program, sizes: Sequence[int], of: str | None, each: str | None, measure: bool, max_entries: int
) -> FamilyReport:
    """Run a program whose one input is a size at several sizes; its inputs are what a loop binds a name to.

    Raises AdError `no-family` where the program has another form.
    """
    if len(program.inputs) != 1:
        message = f"a family has one input, its size, and {program.source.name} has {len(program.inputs)}"
        raise AdError(Problem("no-family", message, help="write the others as numbers"))
    name = each or _bound_in_a_loop(program)
    output = of or program.outputs[0]
    size = program.inputs[0].name
    members = []
    for number in sizes:
        point = {size: float(number)}
        tape = execute(program, point, max_entries)
        members.append(_member(program, point, tape, output, name, measure, max_entries))
    last = members[-1][1]
    outputs = {output: select(last, output).value(last)}
    return FamilyReport(
        program.source, {size: float(sizes[-1])}, (), outputs, output, name, tuple(member for member, _ in members)
    )


def _member(
    program: Program, point: dict[str, float], tape: Tape, output: str, name: str, measure: bool, max_entries: int
) -> tuple[Member, Tape]:
    loops = [region for region in tape.regions if not isinstance(region.node, nodes.Apply)]
    inside = {entry for region in loops for entry in range(region.start, region.end)}
    varied = [entry for entry in sorted(inside) if tape.names[entry] == name and tape.operations[entry] is not CONSTANT]
    if not varied:
        raise AdError(Problem("unknown-name", f"no loop binds the name `{name}`", help="give one with --each"))
    selected = select(tape, output)
    tape, entries = with_entries(tape, [selected])
    cost = gradient_cost(tape, entries[output], varied)
    if not measure:
        return Member(cost, None, None), tape
    active = [mask != 0 for mask in reach_of(tape, varied)]
    for leaf in varied:
        active[leaf] = active[leaf] and not tape.operands[leaf]  # what it was computed from is left alone

    def gradient() -> object:
        return sweep(execute(program, point, max_entries), selected.seeds(tape), active)

    value_seconds = seconds_of(lambda: execute(program, point, max_entries))
    return Member(cost, value_seconds, seconds_of(gradient)), tape


def _bound_in_a_loop(program: Program) -> str:
    """The first name that a loop assigns."""
    for statement in nodes.own_statements(program.tree.statements):
        if isinstance(statement, (nodes.ForLoop, nodes.WhileLoop)):
            for inner in nodes.own_statements(statement.body.statements):
                if isinstance(inner, nodes.Assignment):
                    return inner.target.name
    message = f"{program.source.name} has no loop that assigns a name"
    raise AdError(Problem("no-family", message, help="a family's inputs are the values that a loop gives to a name"))

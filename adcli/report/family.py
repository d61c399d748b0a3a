"""What `adcli cost --inputs` says: how the cost of a gradient grows with the number of inputs."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.derive.cost import Cost, gradient_cost
from adcli.errors import AdError, Problem
from adcli.program.program import Program
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Column, Digits, Records, Table, number
from adcli.report.chart import Series, chart
from adcli.report.cost import duration, seconds_of
from adcli.report.fields import Field, counted, records_of, table
from adcli.report.report import Report
from adcli.rules.table import CONSTANT
from adcli.run import Start
from adcli.syntax import nodes
from adcli.tape.describe import large
from adcli.tape.execute import execute
from adcli.tape.fast import sweep
from adcli.tape.limits import Limits
from adcli.tape.reach import reach_masks
from adcli.tape.selected import select, with_entries


class Member(NamedTuple):
    """One program of a family: what was counted, and the seconds of its value and of its gradient."""

    cost: Cost
    value_seconds: float | None
    gradient_seconds: float | None


def _count(key: str, about: str) -> Field:
    """A number of what was counted."""
    return Field(
        key, about, lambda member: getattr(member.cost, key), column=number(key),
        show=lambda member: large(getattr(member.cost, key)),
    )  # fmt: skip


MEMBER = (
    _count("inputs", "how many there are"),
    _count("value", "the entries that are executed for the value"),
    _count("reverse", "for the gradient in reverse mode"),
    _count("forward", "in forward mode"),
    _count("differences", "by central differences"),
    Field(
        "symbolic", "the symbols of the derivatives as expressions; beyond 2^53 a power of ten as a text",
        lambda member: counted(member.cost.symbolic), record=lambda member: str(member.cost.symbolic),
        column=number("symbolic"), show=lambda member: large(member.cost.symbolic),
    ),
    Field("value_seconds", "measured for the value; null where it was not"),
    Field("gradient_seconds", "measured for the gradient; null where it was not"),
)  # fmt: skip
MEASURED = (
    Field("", column=number("measured"), show=lambda member: duration(member.gradient_seconds)),
    Field("", column=number("ratio"), show=lambda member: f"{member.gradient_seconds / member.value_seconds:.2f}"),
)


@dataclass(frozen=True, eq=False)
class FamilyReport(Report):
    """What `adcli cost --inputs` says.

    Attributes:
        output: what is differentiated
        each: the name whose bindings are the inputs
        members: the programs, in the order in which their sizes were given
    """

    fields = (
        Field("output", "what is differentiated"),
        Field("each", "the name whose bindings are the inputs"),
        Field("family", "the programs", lambda report: report.members, "[object]", MEMBER),
    )

    output: str
    each: str
    members: tuple[Member, ...]

    def records(self) -> Records:
        """The members, one to a row."""
        return records_of(self.members, MEMBER)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The members, and how they grow as a picture."""
        measured = any(member.gradient_seconds is not None for member in self.members)
        fields = (*MEMBER, *MEASURED) if measured else MEMBER
        caption = f"entries executed; symbols of the derivatives as expressions; the inputs are all `{self.each}`"
        return [table(f"cost of the gradient of {self.output}", self.members, fields, caption), self._picture()]

    def _picture(self) -> Table:
        costs = [member.cost for member in self.members]
        across = [cost.inputs for cost in costs]
        series = (
            Series("s", "symbolic", [cost.symbolic for cost in costs]),
            Series("d", "differences", [cost.differences for cost in costs]),
            Series("f", "forward", [cost.forward for cost in costs]),
            Series("r", "reverse", [cost.reverse for cost in costs]),
        )
        drawn = chart(across, series, "inputs")
        names = ", ".join(f"{line.mark} {line.name}" for line in series)
        return Table("growth", (Column("on logarithmic scales"),), tuple((row,) for row in drawn), names, picture=True)


@dataclass(frozen=True)
class FamilyOptions:
    """What `adcli cost --inputs` is asked.

    Attributes:
        sizes: at which a program runs whose one input is a size
        of: the name of the value to differentiate; by default the first output
        each: the name whose bindings in a loop are the inputs; by default the first that a loop assigns
        measure: whether to measure times, and not only count
    """

    sizes: Sequence[int]
    of: str | None = None
    each: str | None = None
    measure: bool = True

    def report(self, program: Program, limits: Limits) -> FamilyReport:
        """Run a program at several sizes. Raises AdError `no-family` where it has another form."""
        if len(program.inputs) != 1:
            message = f"a family has one input, its size, and {program.source.name} has {len(program.inputs)}"
            raise AdError(Problem("no-family", message, help="write the others as numbers"))
        each = self.each or _bound_in_a_loop(program)
        output = self.of or program.outputs[0]
        size = program.inputs[0].name
        starts = [Start(program, {size: float(number)}, limits) for number in self.sizes]
        members = tuple(_member(start, output, each, self.measure) for start in starts)
        tape = starts[-1].run.tape
        outputs = {output: select(tape, output).value(tape)}
        return FamilyReport(program.source, starts[-1].point, (), outputs, output, each, members)


def _member(start: Start, output: str, each: str, measure: bool) -> Member:
    program, point, limits, tape = start.program, start.point, start.limits, start.run.tape
    loops = [region for region in tape.regions if not isinstance(region.node, nodes.Apply)]
    inside = {entry for region in loops for entry in range(region.start, region.end)}
    varied = [entry for entry in sorted(inside) if tape.names[entry] == each and tape.operations[entry] is not CONSTANT]
    if not varied:
        raise AdError(Problem("unknown-name", f"no loop binds the name `{each}`", help="give one with --each"))
    selected = select(tape, output)
    own, entries = with_entries(tape, [selected])
    cost = gradient_cost(own, entries[output], varied)
    if not measure:
        return Member(cost, None, None)
    active = [mask != 0 for mask in reach_masks(tape, varied)]
    for leaf in varied:
        active[leaf] = active[leaf] and not tape.operands[leaf]  # what it was computed from is left alone

    def gradient() -> object:
        return sweep(execute(program, point, limits), selected.seeds(tape), active)

    value_seconds = seconds_of(lambda: execute(program, point, limits))
    return Member(cost, value_seconds, seconds_of(gradient))


def _bound_in_a_loop(program: Program) -> str:
    """The first name that a loop assigns."""
    for statement in nodes.own_statements(program.tree.statements):
        if isinstance(statement, (nodes.ForLoop, nodes.WhileLoop)):
            for inner in nodes.own_statements(statement.body.statements):
                if isinstance(inner, nodes.Assignment):
                    return inner.target.name
    message = f"{program.source.name} has no loop that assigns a name"
    raise AdError(Problem("no-family", message, help="a family's inputs are the values that a loop gives to a name"))

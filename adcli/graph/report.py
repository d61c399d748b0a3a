"""What `adcli graph` says: the computation as a layered graph, in every format that draws or tells it."""

from __future__ import annotations

from functools import cached_property

from adcli.derive.modes import gradients_of
from adcli.graph.figure import ON_TOP, Figure, description, figure
from adcli.graph.model import MOST_NODES, Graph, graph_of
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Cell, Column, Digits, Records, Table, named, number, prose
from adcli.report.fields import Field, records_of, table
from adcli.report.report import Report, head
from adcli.run import Names, Nonsmooth, Options, Run, chosen_inputs, differentiated_outputs, with_kinks
from adcli.syntax.formula import Formula
from adcli.tape.labels import labels
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Value, outcome_text


class NodeRow(NamedTuple):
    """A node, as tables and JSON tell it."""

    entry: str | None
    name: str
    operation: str
    value: Value
    adjoint: Value | None
    line: int | None
    kind: str
    entries: int
    x: float
    y: float


class EdgeRow(NamedTuple):
    """An edge; `source` and `target` are what the nodes are called."""

    places: tuple[int, int]
    source: str
    target: str
    formula: str
    partial: Value | None
    contribution: Value | None
    step: int | None
    guard: bool


def _shown_value(row: NodeRow) -> Cell:
    """A decision comes out as a word, and many values as none."""
    if row.kind == "guard":
        return outcome_text(row.value)
    return None if row.entry is None else row.value


NODE = (
    Field("entry", "such as `v3`; null for a decision, and for a stretch with many results", column=named("entry")),
    Field("name", "what it is called", column=named("name")),
    Field("operation", "what computed it, or what entries it stands for", column=prose("operation")),
    Field("value", "its value; of a decision whether it holds", column=number("value"), show=_shown_value),
    Field("adjoint", "from the sweep, or null", column=number("adjoint")),
    Field("line", "where it stands in the program", column=number("line")),
    Field("kind", "`input`, `entry`, `fold` (many entries in one) or `guard` (a decision)"),
    Field("entries", "how many entries of the tape it stands for"),
    Field("x", "its middle in the picture, from the left"),
    Field("y", "its middle in the picture, from the top"),
)
EDGE = (
    Field("from", "the node that is read, by its place in `nodes`", lambda row: row.places[0], column=named("from"),
          show=lambda row: row.source, record=lambda row: row.source),
    Field("to", "the node that reads it", lambda row: row.places[1], column=named("to"), show=lambda row: row.target,
          record=lambda row: row.target),
    Field("formula", "the partial; of arrays what the node that is read receives", column=prose("formula"),
          show=lambda row: Formula(row.formula)),
    Field("partial", "the same as a number, or null", column=number("partial")),
    Field("contribution", "what the node that is read receives in the sweep, or null", column=number("contribution")),
    Field("step", "the how manieth addition of the sweep that is, or null", column=number("step")),
    Field("guard", "whether it leads to a decision, which has no derivative"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class GraphReport(Report):
    """What `adcli graph` says.

    Attributes:
        graph: the nodes and the edges
        numbers: of the entries, such as `v3`
        down: whether edges go downward; None for what is not too wide
    """

    fields = (
        Field("nodes", "in the order of the tape", form="[object]", fields=NODE),
        Field("edges", "from what is read to what reads it", form="[object]", fields=EDGE),
        Field("left_out", "how many entries are not drawn: no input reaches them, or they lead nowhere",
              lambda report: report.graph.left_out),
    )  # fmt: skip

    graph: Graph
    numbers: tuple[str | None, ...]
    down: bool | None

    @cached_property
    def nodes(self) -> tuple[NodeRow, ...]:
        """The nodes, one to a row."""
        return tuple(
            NodeRow(entry, node.label, node.operation, node.value, node.adjoint, node.line, node.kind, node.hides,
                    *(round(part, 1) for part in box.place))
            for entry, node, box in zip(self.numbers, self.graph.nodes, self.drawn(6).nodes, strict=True)
        )  # fmt: skip

    @cached_property
    def edges(self) -> tuple[EdgeRow, ...]:
        """The edges, one to a row."""
        called = [node.label or node.operation for node in self.graph.nodes]
        return tuple(
            EdgeRow((edge.source, edge.target), called[edge.source], called[edge.target], edge.formula, edge.partial,
                    edge.contribution, edge.step, edge.guard)
            for edge in self.graph.edges
        )  # fmt: skip

    def drawn(self, digits: Digits) -> Figure:
        """The graph with the texts and places of all that is drawn."""
        return figure(self.graph, self.source.name, digits, self.down)

    def picture(self, kind: str, digits: Digits = 6) -> str | bytes:
        """The graph as the content of a file, of the kind `svg`, `dot`, `pdf` or `png`."""
        drawn = self.drawn(digits)
        if kind == "svg":
            from adcli.graph.svg import to_svg

            return to_svg(drawn)
        if kind == "dot":
            from adcli.graph.dot import to_dot

            return to_dot(drawn)
        from adcli.graph.picture import to_picture

        return to_picture(drawn, kind)

    def _repr_html_(self) -> str:
        return str(self.picture("svg", 6))

    def records(self) -> Records:
        """The edges, one to a row."""
        return records_of(self.edges, EDGE)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The picture made of letters."""
        from adcli.graph.drawing import to_lines

        drawn = self.drawn(digits)
        rows = tuple((line,) for line in to_lines(drawn))
        return [Table(drawn.title, (Column(""),), rows, description(self.graph, ON_TOP), picture=True)]

    def lists(self, digits: Digits) -> list[Table]:
        """The nodes and the edges as tables: what a picture shows, for who does not see it."""
        return [table("nodes", self.nodes, NODE, digits=digits), table("edges", self.edges, EDGE, digits=digits)]


@dataclass(frozen=True)
class GraphOptions(Options[GraphReport]):
    """What `adcli graph` is asked.

    Attributes:
        of: the name of the value that it leads to; by default every output
        wrt: the inputs that it starts from; by default all
        sweep: whether the reverse sweep is drawn as well, from that value or the first output
        most: how many nodes there may be; of a longer tape many entries are drawn as one
        open_pass: the pass of each loop that is drawn by itself
        down: whether edges go downward; by default they go to the right, unless that is too wide
        nonsmooth: what a sweep does where there is no derivative: "report" it, raise an "error", or be "quiet"
    """

    of: str | None = None
    wrt: Names = None
    sweep: bool = False
    most: int = MOST_NODES
    open_pass: int = 1
    down: bool | None = None
    nonsmooth: str = "report"

    def report(self, run: Run) -> GraphReport:
        """The graph of what ran."""
        inputs = chosen_inputs(run.program, self.wrt)
        if self.sweep:
            selected = differentiated_outputs(run, run.program.outputs[0] if self.of is None else self.of)
        else:
            names = run.program.outputs if self.of is None else (self.of,)
            selected = {name: select(run.tape, name) for name in names}
        tape, entries = with_entries(run.tape, selected.values())
        run = run._replace(tape=tape)
        if self.sweep:
            slopes = gradients_of(tape, selected, inputs)
            run, _ = with_kinks(run, slopes, Nonsmooth(self.nonsmooth), run.budget())
        ends = list(entries.values())
        graph = graph_of(tape, ends, inputs, ends[0] if self.sweep else None, self.most, self.open_pass)
        called = labels(tape)
        numbers = tuple(None if node.entry is None else called.number(node.entry) for node in graph.nodes)
        return GraphReport(*head(run, self.of), graph, numbers, self.down)

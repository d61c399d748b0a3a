"""The computation as nodes and edges: what every picture is drawn from.

A node is an entry of the tape, or a stretch of entries that is drawn as one. An edge goes from what is read to what
reads it, with the partial. A stretch has partials of its own, from a sweep over it alone: the smaller graph is a tape
as well, with the same gradient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from adcli.graph.folding import MOST_RESULTS, Stretch, Wanted, own_line, stretches
from adcli.records import NamedTuple
from adcli.rules.table import CONSTANT, INPUT
from adcli.tape.contributions import beginning, pass_on, plain
from adcli.tape.describe import contribution_text, guard_text, operation_text, partial_text, receiver_text
from adcli.tape.ieee import quiet
from adcli.tape.labels import Labels, labels
from adcli.tape.local import contribution, is_of_numbers, partial
from adcli.tape.reach import active_entries, entries_behind, varied_operands
from adcli.tape.tape import Guard, Tape, Value

MOST_NODES = 40  # by default
_MOST_GUARDS = 12  # that are drawn


class Node(NamedTuple):
    """What is drawn in a box.

    Attributes:
        entry: of the tape, whose value it has; None for a decision, and for a stretch with many results
        label: what the entry is called
        operation: what computed it, or what stretch it stands for
        of: the loop whose passes that are
        value: of the entry; of a decision whether it holds
        adjoint: where there is a sweep and it reaches the entry
        line: of the program
        kind: `input`, `entry`, `fold` or `guard`
        hides: how many entries a stretch has; 1 for an entry
        is_output: whether it is an output, or the value that was asked for
    """

    entry: int | None
    label: str
    operation: str
    value: Value
    adjoint: Value | None
    line: int | None
    kind: str
    hides: int = 1
    is_output: bool = False
    of: str = ""


class Edge(NamedTuple):
    """That one node reads another one.

    Attributes:
        source, target: which nodes, by their places
        partial: of the target's value by the source's, where both are numbers and it is known
        formula: of the partial; of an operation on whole arrays, which has none, what the source receives
        contribution: what the source receives from the target in the sweep
        step: the how manieth addition of the sweep that is
        guard: whether a decision reads the source: no derivative goes there
    """

    source: int
    target: int
    partial: Value | None = None
    formula: str = ""
    contribution: Value | None = None
    step: int | None = None
    guard: bool = False


class Graph(NamedTuple):
    """What is drawn.

    Attributes:
        nodes: in the order of the tape
        edges: in the order of the nodes that read
        left_out: how many entries no input reaches, or lead nowhere: they are not drawn
        swept: the label of the value that is swept from; empty where there is no sweep
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int
    swept: str = ""


def graph_of(
    tape: Tape, ends: Sequence[int], inputs: Sequence[str], swept: int | None, most: int, open_pass: int = 1
) -> Graph:
    """The graph of a run.

    Args:
        tape: of the run
        ends: the entries that it leads to
        inputs: those that it starts from
        swept: the entry of a number to sweep from
        most: how many nodes there may be; of a longer tape stretches become nodes
        open_pass: the pass of each loop that is not put together with others
    """
    active = active_entries(tape, [tape.inputs[name] for name in inputs])
    sides = [side for guard in tape.guards for side in (guard.left, guard.right)]
    behind = entries_behind(tape, [*ends, *sides])
    computed = [operation is not CONSTANT for operation in tape.operations]
    wanted = [all(three) for three in zip(active, behind, computed, strict=True)]
    if not any(wanted[entry] for entry in ends):  # nothing depends on an input
        wanted = [all(two) for two in zip(behind, computed, strict=True)]
    builder = _Builder(tape, Wanted(tape, wanted, ends), active, ends, swept)
    with quiet(tape):
        builder.build(stretches(builder.drawn, most, open_pass))
    left_out = sum(computed) - sum(wanted)
    return Graph(
        tuple(builder.nodes), tuple(builder.numbered()), left_out, "" if swept is None else labels(tape)[swept]
    )


class _Builder:
    """Makes nodes of stretches, one after another."""

    def __init__(
        self, tape: Tape, drawn: Wanted, active: Sequence[bool], ends: Sequence[int], swept: int | None
    ) -> None:
        self.tape = tape
        self.drawn = drawn
        self.nodes: list[Node] = []
        self._edges: list[Edge] = []
        self._many: set[Edge] = set()  # those from nodes that stand for many values
        self._active = active
        self._ends = frozenset(ends)
        self._names: Labels = labels(tape)
        self._node_of: dict[int, int] = {}
        self._swept_from = swept
        self._adjoints: dict[int, Value | None] = {}

    def _sweep(self, parts: Sequence[Stretch]) -> None:
        """The adjoints of all that is drawn, in the sweep over the nodes.

        The result of a stretch has what arrives from behind it, and not what other results of the stretch send to it
        inside: that is in their partials.
        """
        tape, start = self.tape, self._swept_from
        if start is None:
            return
        carried = beginning(tape, {start: 1.0}, self._active)
        at = start
        for part in reversed(parts):
            pass_on(tape, carried, self._active, range(at, part.end - 1, -1))
            at = min(at, part.end - 1)
            self._adjoints.update((entry, plain(carried[entry])) for entry in self.drawn.results(part))

    def build(self, parts: Sequence[Stretch]) -> None:
        """The nodes of all stretches, and the decisions between those that are drawn one by one."""
        self._sweep(parts)
        guards = iter(self._guards(parts))
        guard = next(guards, None)
        for part in parts:
            while guard is not None and guard.position <= part.start:
                self._decision(guard)
                guard = next(guards, None)
            if not part.text:
                self._entry(part.start)
            else:
                self._fold(part)
        while guard is not None:
            self._decision(guard)
            guard = next(guards, None)

    def numbered(self) -> Iterator[Edge]:
        """The edges, those that carry a contribution with the number of its addition in the sweep."""
        step = 0
        numbers = {}
        for place in sorted(range(len(self._edges)), key=lambda at: -self._edges[at].target):
            if self._edges[place].contribution is not None:
                step += 1
                numbers[place] = step
        return (edge._replace(step=numbers.get(place)) for place, edge in enumerate(self._edges))

    def _guards(self, parts: Sequence[Stretch]) -> list[Guard]:
        """The decisions that an input can change, outside the stretches that are drawn as one; no more than a few."""
        hidden = [part for part in parts if part.text]
        guards = [
            guard
            for guard in self.tape.guards
            if (self._active[guard.left] or self._active[guard.right])
            and not any(part.start <= guard.position <= part.end for part in hidden)
        ]
        return guards if len(guards) <= _MOST_GUARDS else []

    def _node(self, entry: int) -> Node:
        tape, is_input = self.tape, self.tape.operations[entry] is INPUT
        return Node(
            entry,
            self._names[entry],
            "input" if is_input else operation_text(tape, entry, self._names),
            tape.values[entry],
            self._adjoints.get(entry),
            own_line(tape, entry),
            "input" if is_input else "entry",
            is_output=entry in self._ends,
        )

    def _add(self, node: Node, *entries: int) -> int:
        self.nodes.append(node)
        place = len(self.nodes) - 1
        self._node_of.update(dict.fromkeys(entries, place))
        return place

    def _edge(self, edge: Edge) -> None:
        """Keep an edge; of those from one node that stands for many values, a single one without a number."""
        if self.nodes[edge.source].entry is None:
            edge = Edge(edge.source, edge.target)
            if edge in self._many:
                return
            self._many.add(edge)
        self._edges.append(edge)

    def _entry(self, entry: int) -> None:
        """An entry by itself, with an edge from each operand that is drawn."""
        tape, names = self.tape, self._names
        target = self._add(self._node(entry), entry)
        adjoint = self._adjoints.get(entry)
        for position in varied_operands(tape, entry):
            operand = tape.operands[entry][position]
            source = self._node_of.get(operand)
            if source is None:
                continue
            slope, formula, received = None, "", None
            if position in tape.operations[entry].without:
                formula = "no formula"
            elif is_of_numbers(tape, entry):
                slope, formula = partial(tape, entry, position), partial_text(tape, entry, position, names)
            elif not tape.operations[entry].elementwise:
                receiver = receiver_text(tape, entry, position, names)
                formula = f"{receiver} += {contribution_text(tape, entry, position, names)}"
            else:
                formula = partial_text(tape, entry, position, names)
            if adjoint is not None and self._active[operand]:
                received = contribution(tape, entry, position, adjoint)
            self._edge(Edge(source, target, slope, formula, received))

    def _decision(self, guard: Guard) -> None:
        """A decision, with an edge from each side that is drawn."""
        sides = [self._node_of[side] for side in (guard.left, guard.right) if side in self._node_of]
        if not sides:
            return
        line = self.tape.source.own_line(guard.span.start)
        text = guard_text(self.tape, guard, self._names)
        place = self._add(Node(None, "", text, guard.holds, None, line, "guard", 0))
        self._edges += [Edge(side, place, guard=True) for side in dict.fromkeys(sides)]

    def _fold(self, part: Stretch) -> None:
        """A stretch: a node for each of its few results, or one for all."""
        within, results = self.drawn.within(part), self.drawn.results(part)
        made = [self._node(entry)._replace(operation=part.text, kind="fold", hides=len(within), of=part.of)
                for entry in results]  # fmt: skip
        if len(results) > MOST_RESULTS:
            node = made[-1]
            place = self._add(node._replace(entry=None, label=f"{len(results)} values", adjoint=None), *results)
            self._read(part, place, {entry: self._adjoints.get(entry) for entry in results}, None)
            return
        places = [self._add(node, entry) for node, entry in zip(made, results, strict=True)]
        for place, entry in zip(places, results, strict=True):
            self._read(part, place, {entry: self._adjoints.get(entry)}, entry)

    def _read(self, part: Stretch, target: int, adjoints: Mapping[int, Value | None], single: int | None) -> None:
        """An edge from each entry before a stretch that its results are made of, by sweeps over the stretch alone."""
        tape = self.tape
        sources = {
            operand
            for entry in self.drawn.within(part)
            for operand in tape.operands[entry]
            if operand < part.start and operand in self._node_of
        }
        slopes = None
        if single is not None and type(tape.values[single]) is float:
            slopes = self._swept(part, {single: 1.0}, sources)
        received = self._swept(part, {entry: seed for entry, seed in adjoints.items() if seed is not None}, sources)
        read = sources & _read_by(tape, part, adjoints) if slopes is None else {*slopes}
        for source in sorted(read):
            slope = None if slopes is None else slopes[source]
            formula = "" if single is None else f"∂{self._names[single]}/∂{self._names[source]}"
            number = slope if type(slope) is float else None
            self._edge(Edge(self._node_of[source], target, number, formula, received.get(source)))

    def _swept(self, part: Stretch, seeds: Mapping[int, Value], sources: Iterable[int]) -> dict[int, Value]:
        """What entries before a stretch receive of a sweep over it alone."""
        carried = beginning(self.tape, seeds, self._active)
        pass_on(self.tape, carried, self._active, range(part.end - 1, part.start - 1, -1))
        return {entry: plain(carried[entry]) for entry in sources if carried[entry] is not None}


def _read_by(tape: Tape, part: Stretch, results: Iterable[int]) -> set[int]:
    """What stands before a stretch and some of its entries are computed from."""
    before: set[int] = set()
    seen, todo = set(results), list(results)
    while todo:
        operands = tape.operands[todo.pop()]
        before.update(operand for operand in operands if operand < part.start)
        fresh = {operand for operand in operands if operand >= part.start} - seen
        seen |= fresh
        todo += fresh
    return before

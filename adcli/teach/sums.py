"""Questions on sums: adjoints of what is read several times, and derivatives over all paths."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from adcli.graph.model import Edge, Node
from adcli.rules.shapes import enumerated
from adcli.tape.labels import adjoint_name
from adcli.teach.paths import Path, edges_by_source, paths_between
from adcli.teach.question import Question, Slip, is_near
from adcli.teach.subject import (
    Subject,
    as_number,
    at_line,
    is_number,
    number_words,
    point_words,
    sent_words,
    so_often,
)

_FEW = (2, 4)  # contributions into a node that is asked about


def adjoints(subject: Subject) -> Iterator[Question]:
    """The adjoint of what is read a few times."""
    graph, readers = subject.graph, edges_by_source(subject.graph)
    for place, edges in readers.items():
        node = graph.nodes[place]
        sent = [edge for edge in edges if is_number(edge.contribution) and is_number(edge.partial)]
        if not (_FEW[0] <= len(sent) <= _FEW[1]) or len(sent) < sum(edge.contribution is not None for edge in edges):
            continue
        if not is_number(node.adjoint) or node.kind == "fold":
            continue
        truth, bar = as_number(node.adjoint), adjoint_name(node.label)
        terms = enumerated([sent_words(edge, graph.nodes[edge.target]) for edge in sent])
        from_each = [(edge, as_number(edge.contribution), graph.nodes[edge.target]) for edge in sent]
        yield Question(
            "adjoint",
            f"{node.label} is read {so_often(len(sent))}. What stands in {bar} after the sweep from {graph.swept}?",
            truth,
            (
                f"Which entries read {node.label}? Each of them sends something back, and each one counts.",
                f"They send {terms}, and += adds them.",
                "With the numbers: "
                + " + ".join(f"{number_words(as_number(reader.adjoint))} · {number_words(as_number(edge.partial))}"
                             for edge, _, reader in from_each)
                + ".",
            ),
            "Every entry that reads it has sent its part, and the parts add.",
            tuple(_of_sums(node, truth, from_each)),
        )  # fmt: skip


def _of_sums(node: Node, truth: float, sent: Sequence[tuple[Edge, float, Node]]) -> Iterator[Slip]:
    """What a wrong adjoint of a node may come from that is read several times."""
    for edge, part, reader in sent:
        entry = f"{reader.label} = {reader.operation}"
        if len(sent) == 2:
            (other,) = (one for other_edge, _, one in sent if other_edge is not edge)
            says = f"This is what {other.label} sends. {node.label} is read in one more place, {entry}"
            yield Slip(truth - part, f"{says}{at_line(reader)}: what arrives from there is added.")
        else:
            yield Slip(truth - part, f"What {entry}{at_line(reader)} sends is not in this. All else is.")
            yield Slip(part, f"This is what {reader.label} sends, and {node.label} is read elsewhere as well.")
        yield Slip(truth - 2 * part, f"This is the sum with the part of {reader.label} taken off instead of added.")
        if not is_near(as_number(edge.partial), 1.0):
            says = f"This fits a sum in which {adjoint_name(reader.label)} arrives without its partial"
            yield Slip(truth - part + as_number(reader.adjoint), f"{says} {edge.formula}.")
    yield Slip(-truth, "This has the right size and the other sign.")
    product = math.prod(part for _, part, _ in sent)
    yield Slip(product, "This is the product of the contributions. Where paths meet, they add.")
    yield Slip(
        as_number(node.value), f"This is the value of {node.label}. The adjoint asks how the output answers to it."
    )


def gradients(subject: Subject) -> Iterator[Question]:
    """The derivative by an input, where its paths can be told."""
    graph, output = subject.graph, subject.output
    for place in subject.inputs():
        node = graph.nodes[place]
        paths = paths_between(graph, place, output)
        if not paths:
            continue
        truth = as_number(node.adjoint)
        sums = " + ".join(" · ".join(number_words(as_number(edge.partial)) for edge in path.edges) for path in paths)
        ways = "One path leads" if len(paths) == 1 else f"{len(paths)} paths lead"
        yield Question(
            "gradient",
            f"What is d{graph.swept}/d{node.label}, at {point_words(subject)}?",
            truth,
            (
                f"Follow what reads {node.label}, and what reads that, up to {graph.swept}. Multiply along each path; "
                "add the paths.",
                f"{ways} there: {enumerated([path.text(graph) for path in paths])}.",
                f"With the numbers: {sums}.",
            ),
            f"It is the sum over {_all_paths(len(paths))}.",
            tuple(_of_paths(subject, place, truth, paths)),
        )


def _all_paths(count: int) -> str:
    return {1: "the one path", 2: "both paths"}.get(count, f"all {count} paths")


def _of_paths(subject: Subject, place: int, truth: float, paths: Sequence[Path]) -> Iterator[Slip]:
    """What a wrong derivative by an input may come from."""
    graph, node = subject.graph, subject.graph.nodes[place]
    if len(paths) > 1:
        for path in paths:
            rest = "The other path is right." if len(paths) == 2 else "The other paths are right."
            yield Slip(truth - path.product, f"This leaves out the path {path.text(graph)}. {rest}")
    yield Slip(-truth, "This has the right size and the other sign.")
    for edge in edges_by_source(graph).get(place, []):
        reader = graph.nodes[edge.target]
        if is_number(reader.adjoint) and edge.partial is not None and not is_near(as_number(edge.partial), 1.0):
            says = f"This is {adjoint_name(reader.label)}. The step through {reader.label} = {reader.operation}"
            yield Slip(as_number(reader.adjoint), f"{says} multiplies it by one more partial.")
    for other in subject.inputs():
        if other != place:
            label = graph.nodes[other].label
            says = f"This is the derivative by {label}. Which factor does {node.label} have beside it?"
            yield Slip(as_number(graph.nodes[other].adjoint), says)
    yield Slip(2 * truth, "This is twice the derivative. Is a path counted two times?")
    yield Slip(truth / 2, "This is half of the derivative. A factor 2 is missing.")
    yield Slip(as_number(graph.nodes[subject.output].value), f"This is the value of {graph.swept}, not its derivative.")

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
    entry_words,
    is_number,
    number_words,
    point_words,
    sent_words,
    so_often,
)
from adcli.teach.words import said

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
        numbers = [
            f"{number_words(as_number(reader.adjoint))} · {number_words(as_number(edge.partial))}"
            for edge, _, reader in from_each
        ]
        yield Question(
            "adjoint",
            said("adjoint", label=node.label, often=so_often(len(sent)), bar=bar, swept=graph.swept),
            truth,
            (
                said("adjoint hint 1", label=node.label),
                said("adjoint hint 2", terms=terms),
                said("numbers", numbers=" + ".join(numbers)),
            ),
            said("adjoint because"),
            tuple(_of_sums(node, truth, from_each)),
        )


def _of_sums(node: Node, truth: float, sent: Sequence[tuple[Edge, float, Node]]) -> Iterator[Slip]:
    """What a wrong adjoint of a node may come from that is read several times."""
    for edge, part, reader in sent:
        place = {"label": node.label, "reader": reader.label, "entry": entry_words(reader), "line": at_line(reader)}
        if len(sent) == 2:
            (other,) = (one for other_edge, _, one in sent if other_edge is not edge)
            yield Slip(truth - part, said("adjoint other", **place, other=other.label))
        else:
            yield Slip(truth - part, said("adjoint without", **place))
            yield Slip(part, said("adjoint alone", **place))
        yield Slip(truth - 2 * part, said("adjoint taken off", **place))
        if not is_near(as_number(edge.partial), 1.0):
            says = said("adjoint no partial", bar=adjoint_name(reader.label), formula=edge.formula)
            yield Slip(truth - part + as_number(reader.adjoint), says)
    yield Slip(-truth, said("other sign"))
    yield Slip(math.prod(part for _, part, _ in sent), said("adjoint product"))
    yield Slip(as_number(node.value), said("adjoint value", label=node.label))


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
        way = {"label": node.label, "swept": graph.swept, "point": point_words(subject)}
        ways = enumerated([path.text(graph) for path in paths])
        yield Question(
            "gradient",
            said("gradient", **way),
            truth,
            (
                said("gradient hint 1", **way),
                said("gradient path" if len(paths) == 1 else "gradient paths", count=len(paths), paths=ways),
                said("numbers", numbers=sums),
            ),
            said("gradient because", paths=_all_paths(len(paths))),
            tuple(_of_paths(subject, place, truth, paths)),
        )


def _all_paths(count: int) -> str:
    return said({1: "the one path", 2: "both paths"}.get(count, "all paths"), count=count)


def _of_paths(subject: Subject, place: int, truth: float, paths: Sequence[Path]) -> Iterator[Slip]:
    """What a wrong derivative by an input may come from."""
    graph, node = subject.graph, subject.graph.nodes[place]
    if len(paths) > 1:
        key = "gradient other right" if len(paths) == 2 else "gradient others right"
        for path in paths:
            yield Slip(truth - path.product, said(key, path=path.text(graph)))
    yield Slip(-truth, said("other sign"))
    for edge in edges_by_source(graph).get(place, []):
        reader = graph.nodes[edge.target]
        if is_number(reader.adjoint) and edge.partial is not None and not is_near(as_number(edge.partial), 1.0):
            says = said("gradient reader", bar=adjoint_name(reader.label), entry=entry_words(reader))
            yield Slip(as_number(reader.adjoint), says)
    for other in subject.inputs():
        if other != place:
            says = said("gradient other", other=graph.nodes[other].label, label=node.label)
            yield Slip(as_number(graph.nodes[other].adjoint), says)
    yield Slip(2 * truth, said("gradient twice"))
    yield Slip(truth / 2, said("gradient half"))
    yield Slip(as_number(graph.nodes[subject.output].value), said("gradient value", swept=graph.swept))

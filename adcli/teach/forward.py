"""Questions on forward mode, and on what each way to a gradient costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from adcli.graph.model import Edge, Graph, Node
from adcli.tape.labels import adjoint_name, tangent_name
from adcli.teach.question import Question, Slip, is_near
from adcli.teach.subject import Subject, as_number, bracketed, is_number, number_words, point_words
from adcli.teach.words import said


def tangents(subject: Subject) -> Iterator[Question]:
    """The tangent of an entry as one input moves."""
    graph = subject.graph
    for place in subject.inputs():
        moved = _forward(graph, place)
        for target, tangent in moved.items():
            node = graph.nodes[target]
            if target == place or node.kind != "entry" or not is_number(node.value):
                continue
            parts = [(edge, moved[edge.source]) for edge in graph.edges
                     if edge.target == target and edge.source in moved and not edge.guard]  # fmt: skip
            if all(is_near(as_number(edge.partial), 1.0) for edge, _ in parts):
                continue
            yield _tangent(subject, place, target, tangent, parts)


def _forward(graph: Graph, place: int) -> dict[int, float]:
    """The tangent of each node that moves with an input, where it is a number."""
    moved = {place: 1.0}
    for target, node in enumerate(graph.nodes):
        parts = [edge for edge in graph.edges if edge.target == target and edge.source in moved and not edge.guard]
        if parts and node.kind != "guard" and all(is_number(edge.partial) for edge in parts):
            moved[target] = math.fsum(as_number(edge.partial) * moved[edge.source] for edge in parts)
        elif parts:
            break  # what comes behind may not be known
    return moved


def _tangent(subject: Subject, place: int, target: int, truth: float, parts: Sequence[tuple[Edge, float]]) -> Question:
    graph = subject.graph
    start, node = graph.nodes[place], graph.nodes[target]
    dot = tangent_name(node.label)
    terms = [f"{tangent_name(graph.nodes[edge.source].label)} * {bracketed(edge.formula or '∂')}" for edge, _ in parts]
    numbers = [f"{number_words(tangent)} · {number_words(as_number(edge.partial))}" for edge, tangent in parts]
    added = said("tangent sum", dot=dot, terms=" + ".join(terms))
    return Question(
        "tangent",
        said("tangent", dot_start=tangent_name(start.label), point=point_words(subject), dot=dot, label=node.label,
             operation=node.operation),
        truth,
        (
            said("tangent hint 1", label=node.label, start=start.label),
            added,
            said("numbers", numbers=" + ".join(numbers)),
        ),
        added,
        tuple(_slips(graph, start, node, truth, parts)),
    )  # fmt: skip


def _slips(graph: Graph, start: Node, node: Node, truth: float, parts: Sequence[tuple[Edge, float]]) -> Iterator[Slip]:
    """What a wrong tangent of a node may come from; each part is an operand's edge with its tangent."""
    for edge, tangent in parts if len(parts) > 1 else ():
        says = said("tangent without", operand=graph.nodes[edge.source].label)
        yield Slip(truth - as_number(edge.partial) * tangent, says)
    yield Slip(-truth, said("other sign"))
    yield Slip(as_number(node.adjoint), said("tangent adjoint", bar=adjoint_name(node.label)))
    yield Slip(as_number(node.value), said("tangent value", label=node.label))
    yield Slip(as_number(start.adjoint), said("tangent further", swept=graph.swept))
    for edge, tangent in parts:
        moving = tangent_name(graph.nodes[edge.source].label)
        says = said("tangent partial", moving=moving, tangent=number_words(tangent))
        yield Slip(as_number(edge.partial), says)


def costs(subject: Subject) -> Iterator[Question]:
    """How many entries a gradient executes by forward mode, and by differences."""
    cost, output = subject.cost, subject.graph.swept
    if cost.inputs < 2:
        return
    sweeps = cost.forward - cost.value
    known = {"value": cost.value, "inputs": cost.inputs, "swept": output, "sweeps": sweeps, "reverse": cost.reverse}
    for kind, truth, slips in (
        (
            "forward",
            cost.forward,
            (
                Slip(sweeps, said("cost sweeps")),
                Slip(cost.reverse, said("cost of reverse")),
                Slip(cost.differences, said("cost of differences")),
            ),
        ),
        (
            "differences",
            cost.differences,
            (
                Slip(cost.differences / 2, said("cost one run")),
                Slip(cost.forward, said("cost of forward")),
                Slip(cost.reverse, said("cost of reverse")),
                Slip(cost.value * (cost.inputs + 1), said("cost one-sided")),
            ),
        ),
    ):
        first, second, third = (said(f"cost {kind} hint {number}", **known) for number in (1, 2, 3))
        because = said(f"cost {kind} because", **known)
        yield Question("cost", said(f"cost {kind}", **known), float(truth), (first, second, third), because, slips)

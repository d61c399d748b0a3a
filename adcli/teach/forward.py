"""Questions on forward mode, and on what each way to a gradient costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from adcli.graph.model import Edge, Graph, Node
from adcli.tape.labels import adjoint_name, tangent_name
from adcli.teach.question import Question, Slip, is_near
from adcli.teach.subject import Subject, as_number, bracketed, is_number, number_words, point_words


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
    return Question(
        "tangent",
        f"In forward mode {tangent_name(start.label)} is 1, and the tangents of the other inputs are 0, at "
        f"{point_words(subject)}. What is {dot}, of {node.label} = {node.operation}?",
        truth,
        (
            f"Go along with the program: which operands of {node.label} move with {start.label}?",
            f"{dot} = {' + '.join(terms)}.",
            "With the numbers: "
            + " + ".join(f"{number_words(t)} · {number_words(as_number(edge.partial))}" for edge, t in parts)
            + ".",
        ),
        f"{dot} = {' + '.join(terms)}.",
        tuple(_slips(graph, start, node, truth, parts)),
    )


def _slips(graph: Graph, start: Node, node: Node, truth: float, parts: Sequence[tuple[Edge, float]]) -> Iterator[Slip]:
    """What a wrong tangent of a node may come from; each part is an operand's edge with its tangent."""
    for edge, tangent in parts if len(parts) > 1 else ():
        says = f"What comes through {graph.nodes[edge.source].label} is not in this. All operands that move add."
        yield Slip(truth - as_number(edge.partial) * tangent, says)
    yield Slip(-truth, "This has the right size and the other sign.")
    says = f"This is {adjoint_name(node.label)}, of the reverse sweep. Forward mode starts at the input."
    yield Slip(as_number(node.adjoint), says)
    yield Slip(as_number(node.value), f"This is the value of {node.label}. The tangent asks how fast it changes.")
    yield Slip(as_number(start.adjoint), f"This is the tangent of {graph.swept}, further on.")
    for edge, tangent in parts:
        moving = tangent_name(graph.nodes[edge.source].label)
        says = f"This is one partial alone. {moving} is {number_words(tangent)}, and multiplies it."
        yield Slip(as_number(edge.partial), says)


def costs(subject: Subject) -> Iterator[Question]:
    """How many entries a gradient executes by forward mode, and by differences."""
    cost, output = subject.cost, subject.graph.swept
    if cost.inputs < 2:
        return
    sweeps = cost.forward - cost.value
    yield Question(
        "cost",
        f"One run executes {cost.value} entries, and there are {cost.inputs} inputs. How many does forward mode "
        f"execute for the whole gradient of {output}, the run included, if its sweeps take {sweeps} in all?",
        float(cost.forward),
        (
            "Forward mode follows one input at a time, beside the run.",
            "It is the entries of the run, and those of one sweep for each input.",
            f"{cost.value} + {sweeps}.",
        ),
        f"Each further input adds a sweep. Reverse mode needs one: {cost.reverse} entries for all inputs.",
        (
            Slip(sweeps, "These are the sweeps alone. The run before them executes entries too."),
            Slip(cost.reverse, "This is the count of reverse mode: one run and one sweep."),
            Slip(cost.differences, "This is the count of central differences: two runs for each input."),
        ),
    )
    yield Question(
        "cost",
        f"One run executes {cost.value} entries, and there are {cost.inputs} inputs. How many do central differences "
        f"execute for the whole gradient of {output}?",
        float(cost.differences),
        (
            "A central difference runs the program beside the point. How often for one input?",
            "Two runs for each input.",
            f"2 · {cost.inputs} · {cost.value}.",
        ),
        f"Two runs for each input. Reverse mode executes {cost.reverse} entries for all of them.",
        (
            Slip(cost.differences / 2, "This is one run for each input. A central difference takes two."),
            Slip(cost.forward, "This is the count of forward mode."),
            Slip(cost.reverse, "This is the count of reverse mode: one run and one sweep."),
            Slip(cost.value * (cost.inputs + 1), "This is the count of one-sided differences: a run for each "
                 "input, and one more."),
        ),
    )  # fmt: skip

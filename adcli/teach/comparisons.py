"""Questions to choose an answer to: whether the output grows, and which of two inputs moves it more."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from adcli.rules.shapes import enumerated
from adcli.tape.labels import adjoint_name
from adcli.teach.paths import edges_by_source, paths_between
from adcli.teach.question import Choice, Question, is_near
from adcli.teach.subject import Subject, as_number, number_words, sent_words


def growth(subject: Subject) -> Iterator[Question]:
    """Whether the output grows, falls or stays as an input grows."""
    graph = subject.graph
    for place in subject.inputs():
        node, slope = graph.nodes[place], as_number(graph.nodes[place].adjoint)
        paths = paths_between(graph, place, subject.output)
        brings = enumerated([number_words(path.product) for path in paths]) if paths else "more than can be told"
        choices = (
            Choice("grows", "it grows"),
            Choice("falls", "it falls"),
            Choice("stays", "it stays, to first order"),
        )
        yield Question(
            "growth",
            f"{node.label} grows a little from {number_words(as_number(node.value))}. What does {graph.swept} do?",
            0.0 if slope > 0 else 1.0 if slope < 0 else 2.0,
            (
                f"The sign of {adjoint_name(node.label)} answers this.",
                f"Read the partials on the way from {node.label} to {graph.swept}: how many are negative?",
                f"The paths bring {brings}.",
            ),
            f"{adjoint_name(node.label)} = {number_words(slope)}.",
            choices=choices,
            leads=f"Compare the signs of the paths from {node.label} to {graph.swept}, then which of them is larger.",
        )


def which(subject: Subject) -> Iterator[Question]:
    """Which of two inputs moves the output more."""
    graph, inputs = subject.graph, subject.inputs()
    for first, second in pairwise(inputs):
        one, two = graph.nodes[first], graph.nodes[second]
        sizes = abs(as_number(one.adjoint)), abs(as_number(two.adjoint))
        if is_near(*sizes) or is_near(*reversed(sizes)):
            continue
        bars = adjoint_name(one.label), adjoint_name(two.label)
        yield Question(
            "which",
            f"{one.label} and {two.label} grow by the same small amount. Which moves {graph.swept} more?",
            0.0 if sizes[0] > sizes[1] else 1.0,
            (
                "Compare the sizes of the two adjoints, without their signs.",
                f"They are {bars[0]} and {bars[1]}: what multiplies each of them in the last step?",
                f"Compare {_last_steps(subject, first)} with {_last_steps(subject, second)}.",
            ),
            f"{bars[0]} = {number_words(as_number(one.adjoint))}, {bars[1]} = {number_words(as_number(two.adjoint))}.",
            choices=(Choice(one.label, one.label), Choice(two.label, two.label)),
            leads="What counts is what an input is multiplied by, and that is often not the input itself.",
        )


def _last_steps(subject: Subject, place: int) -> str:
    graph = subject.graph
    edges = edges_by_source(graph).get(place, [])
    sent = [sent_words(edge, graph.nodes[edge.target]) for edge in edges if edge.contribution is not None]
    return " + ".join(sent) or "0"

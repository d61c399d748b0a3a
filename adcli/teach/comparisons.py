"""Questions to choose an answer to: whether the output grows, and which of two inputs moves it more."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from adcli.rules.shapes import enumerated
from adcli.tape.labels import adjoint_name
from adcli.teach.paths import edges_by_source, paths_between
from adcli.teach.question import Choice, Question, is_near
from adcli.teach.subject import Subject, as_number, number_words, sent_words
from adcli.teach.words import said


def growth(subject: Subject) -> Iterator[Question]:
    """Whether the output grows, falls or stays as an input grows."""
    graph = subject.graph
    for place in subject.inputs():
        node, slope = graph.nodes[place], as_number(graph.nodes[place].adjoint)
        paths = paths_between(graph, place, subject.output)
        brings = enumerated([number_words(path.product) for path in paths]) if paths else said("too many")
        choices = tuple(Choice(key, said(key)) for key in ("grows", "falls", "stays"))
        way = {"label": node.label, "swept": graph.swept}
        yield Question(
            "growth",
            said("growth", **way, value=number_words(as_number(node.value))),
            0.0 if slope > 0 else 1.0 if slope < 0 else 2.0,
            (
                said("growth hint 1", bar=adjoint_name(node.label)),
                said("growth hint 2", **way),
                said("growth hint 3", brings=brings),
            ),
            said("growth because", bar=adjoint_name(node.label), adjoint=number_words(slope)),
            choices=choices,
            leads=said("growth leads", **way),
        )


def which(subject: Subject) -> Iterator[Question]:
    """Which of two inputs moves the output more."""
    graph, inputs = subject.graph, subject.inputs()
    for first, second in pairwise(inputs):
        one, two = graph.nodes[first], graph.nodes[second]
        sizes = abs(as_number(one.adjoint)), abs(as_number(two.adjoint))
        if is_near(*sizes) or is_near(*reversed(sizes)):
            continue
        bars = {"bar_one": adjoint_name(one.label), "bar_two": adjoint_name(two.label)}
        numbers = [number_words(as_number(node.adjoint)) for node in (one, two)]
        steps = [_last_steps(subject, place) for place in (first, second)]
        yield Question(
            "which",
            said("which", one=one.label, two=two.label, swept=graph.swept),
            0.0 if sizes[0] > sizes[1] else 1.0,
            (
                said("which hint 1"),
                said("which hint 2", **bars),
                said("which hint 3", steps_one=steps[0], steps_two=steps[1]),
            ),
            said("which because", **bars, adjoint_one=numbers[0], adjoint_two=numbers[1]),
            choices=(Choice(one.label, one.label), Choice(two.label, two.label)),
            leads=said("which leads"),
        )


def _last_steps(subject: Subject, place: int) -> str:
    graph = subject.graph
    edges = edges_by_source(graph).get(place, [])
    sent = [sent_words(edge, graph.nodes[edge.target]) for edge in edges if edge.contribution is not None]
    return " + ".join(sent) or "0"

"""Questions on one step: partials, and what the sweep sends along an edge."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adcli.graph.model import Edge, Node
from adcli.rules.shapes import enumerated
from adcli.tape.labels import adjoint_name
from adcli.teach.question import Question, Slip
from adcli.teach.subject import Subject, as_number, bracketed, is_known, is_number, number_words
from adcli.teach.words import said

_PLAIN = re.compile(r"-?[\d.]+( / [\d.]+)?$")  # a partial that is no more than a number
_TRIGONOMETRIC = re.compile(r"\b(sin|cos|tan)\((\w+)\)")


def partials(subject: Subject) -> Iterator[Question]:
    """Partials that are more than a number of their rule."""
    graph = subject.graph
    for edge in graph.edges:
        source, target = graph.nodes[edge.source], graph.nodes[edge.target]
        if not _is_asked(edge, target):
            continue
        truth = float(edge.partial)  # type: ignore[arg-type]
        stated = _stated(subject, target.operation)
        step = {"target": target.label, "source": source.label, "formula": edge.formula}
        slips = [
            Slip(-truth, said("partial sign", **step)),
            *_in_degrees(subject, edge),
            Slip(as_number(target.value), said("partial value", **step)),
            Slip(as_number(source.value), said("partial source", **step)),
        ]
        if truth:
            slips.append(Slip(1 / truth, said("partial inverse")))
        if is_number(source.adjoint):
            says = said("partial whole way", **step, bar=adjoint_name(source.label), swept=graph.swept)
            slips.append(Slip(as_number(source.adjoint), says))
        yield Question(
            "partial",
            said("partial where" if stated else "partial", **step, operation=target.operation, stated=stated),
            truth,
            (
                said("partial hint 1", **step),
                said("partial hint 2", **step),
                _put_in(subject, edge.formula),
            ),
            said("partial because", **step),
            tuple(slips),
        )


def _stated(subject: Subject, formula: str) -> str:
    """`x = 2 and y = 3`: the values of the names in a formula."""
    names = [name for name in dict.fromkeys(re.findall(r"[^\W\d]\w*", formula)) if is_known(subject, name)]
    return enumerated([f"{name} = {number_words(subject.evaluate(name))}" for name in names])


def _put_in(subject: Subject, formula: str) -> str:
    """The last hint to a partial, which has the numbers, and not the result."""
    if formula.isidentifier():
        return said("partial name", formula=formula)
    stated = _stated(subject, formula)
    return said("partial put in" if stated else "partial work out", stated=stated, formula=formula)


def _is_asked(edge: Edge, target: Node) -> bool:
    """Whether a partial is a number, and more than a number of its rule."""
    return is_number(edge.partial) and target.kind == "entry" and bool(edge.formula) and not _PLAIN.match(edge.formula)


def _in_degrees(subject: Subject, edge: Edge) -> Iterator[Slip]:
    if _TRIGONOMETRIC.search(edge.formula):
        wrong = subject.evaluate(_TRIGONOMETRIC.sub(r"\1(\2 * pi / 180)", edge.formula))
        yield Slip(wrong, said("partial degrees"))


def contributions(subject: Subject) -> Iterator[Question]:
    """What the sweep adds to an adjoint at one entry."""
    graph = subject.graph
    for edge in graph.edges:
        source, target = graph.nodes[edge.source], graph.nodes[edge.target]
        if not (is_number(edge.contribution) and is_number(edge.partial) and is_number(target.adjoint)):
            continue
        if target.label == graph.swept or source.kind == "guard":
            continue
        truth, partial = float(edge.contribution), float(edge.partial)  # type: ignore[arg-type]
        adjoint, bar, into = as_number(target.adjoint), adjoint_name(target.label), adjoint_name(source.label)
        formula = edge.formula or f"∂{target.label}/∂{source.label}"
        step = {"bar": bar, "into": into, "source": source.label, "factor": bracketed(formula)}
        numbers = {"adjoint": number_words(adjoint), "partial": number_words(partial)}
        slips = [
            Slip(-truth, said("other sign")),
            Slip(partial, said("contribution partial", **step)),
            Slip(adjoint, said("contribution adjoint", **step)),
            Slip(adjoint + partial, said("contribution sum")),
        ]
        if partial:
            slips.append(Slip(adjoint / partial, said("contribution quotient")))
        if is_number(source.adjoint):
            slips.append(Slip(as_number(source.adjoint), said("contribution end", **step)))
        yield Question(
            "contribution",
            said("contribution", **step, **numbers, target=target.label, operation=target.operation),
            truth,
            (
                said("contribution hint 1", **step),
                said("contribution added", **step),
                said("contribution numbers", **numbers),
            ),
            said("contribution added", **step),
            tuple(slips),
        )

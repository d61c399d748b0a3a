"""Questions on one step: partials, and what the sweep sends along an edge."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adcli.graph.model import Edge, Node
from adcli.rules.shapes import enumerated
from adcli.tape.labels import adjoint_name
from adcli.teach.question import Question, Slip
from adcli.teach.subject import Subject, as_number, bracketed, is_known, is_number, number_words

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
        slips = [
            Slip(-truth, f"This has the right size and the other sign. The rule here is {edge.formula}."),
            *_in_degrees(subject, edge),
            Slip(
                as_number(target.value), f"This is the value of {target.label}. The partial asks how fast it changes."
            ),
            Slip(as_number(source.value), f"This is the value of {source.label} itself."),
        ]
        if truth:
            slips.append(Slip(1 / truth, "This is one over it: the partial of the step the other way round."))
        if is_number(source.adjoint):
            says = f"This is {adjoint_name(source.label)}, the whole way from {source.label} to {graph.swept}."
            slips.append(
                Slip(as_number(source.adjoint), f"{says} The question is about the one step to {target.label}.")
            )
        yield Question(
            "partial",
            f"What is the partial ∂{target.label}/∂{source.label} of {target.label} = {target.operation}"
            f"{f', where {stated}' if stated else ''}?",
            truth,
            (
                f"Only this one entry counts. If {source.label} grew by a little, by how much would {target.label} "
                "grow, compared with that?",
                f"The rule of the operation says ∂{target.label}/∂{source.label} = {edge.formula}.",
                _put_in(subject, edge.formula),
            ),
            f"∂{target.label}/∂{source.label} = {edge.formula}: this one factor is what the sweep multiplies by.",
            tuple(slips),
        )


def _stated(subject: Subject, formula: str) -> str:
    """`x = 2 and y = 3`: the values of the names in a formula."""
    names = [name for name in dict.fromkeys(re.findall(r"[^\W\d]\w*", formula)) if is_known(subject, name)]
    return enumerated([f"{name} = {number_words(subject.evaluate(name))}" for name in names])


def _put_in(subject: Subject, formula: str) -> str:
    """The last hint to a partial, which has the numbers, and not the result."""
    if formula.isidentifier():
        return f"It is a value that stands on the tape: that of {formula}."
    stated = _stated(subject, formula)
    return f"Put {stated} into {formula}." if stated else f"Work out {formula}."


def _is_asked(edge: Edge, target: Node) -> bool:
    """Whether a partial is a number, and more than a number of its rule."""
    return is_number(edge.partial) and target.kind == "entry" and bool(edge.formula) and not _PLAIN.match(edge.formula)


def _in_degrees(subject: Subject, edge: Edge) -> Iterator[Slip]:
    if _TRIGONOMETRIC.search(edge.formula):
        wrong = subject.evaluate(_TRIGONOMETRIC.sub(r"\1(\2 * pi / 180)", edge.formula))
        yield Slip(wrong, "This takes the angle for degrees. Angles are in radians here.")


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
        slips = [
            Slip(-truth, "This has the right size and the other sign."),
            Slip(partial, f"This is the partial alone. {bar} is not 1 here, and multiplies it."),
            Slip(adjoint, f"This is {bar}, before the step to {source.label} has multiplied it by its partial."),
            Slip(adjoint + partial, "This adds the two. Along one path factors multiply."),
        ]
        if partial:
            slips.append(Slip(adjoint / partial, "This divides by the partial, and the chain rule multiplies."))
        if is_number(source.adjoint):
            says = f"This is what {into} has in the end. The question is about this one addition."
            slips.append(Slip(as_number(source.adjoint), says))
        formula = edge.formula or f"∂{target.label}/∂{source.label}"
        yield Question(
            "contribution",
            f"The sweep is at {target.label} = {target.operation}, where {bar} = {number_words(adjoint)}. "
            f"What does it add to {into}?",
            truth,
            (
                f"An entry sends its adjoint back to each of its operands, times one factor. Which is it for "
                f"{source.label}?",
                f"{into} += {bar} * {bracketed(formula)}.",
                f"With the numbers: {number_words(adjoint)} · {number_words(partial)}.",
            ),
            f"{into} += {bar} * {bracketed(formula)}.",
            tuple(slips),
        )

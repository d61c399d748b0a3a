"""Questions on a run, made of its graph: numbers and sentences are those of the program that is asked about."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from adcli.derive.cost import Cost
from adcli.graph.model import Edge, Graph, Node
from adcli.report.cells import number_text
from adcli.tape.labels import adjoint_name, tangent_name
from adcli.teach.paths import Path, edges_by_source, paths_between
from adcli.teach.question import Choice, Question, Slip, is_near

_PLAIN = re.compile(r"-?[\d.]+( / [\d.]+)?$")  # a partial that is no more than a number
_TRIGONOMETRIC = re.compile(r"\b(sin|cos|tan)\((\w+)\)")
_DIGITS = 6
_FEW = (2, 4)  # contributions into a node that is asked about

LEVELS = {
    1: ("partial", "contribution", "growth"),
    2: ("contribution", "adjoint", "gradient", "which"),
    3: ("adjoint", "gradient", "tangent", "cost"),
}


class Subject(NamedTuple):
    """What is asked about.

    Attributes:
        graph: of a run, with its sweep
        evaluate: the value of a formula over the names of the program; NaN for what has none
        cost: of the gradient, counted on the tape
    """

    graph: Graph
    evaluate: Callable[[str], float]
    cost: Cost

    @property
    def output(self) -> int:
        """The node that is swept from."""
        return next(place for place, node in enumerate(self.graph.nodes) if node.label == self.graph.swept)

    def inputs(self) -> list[int]:
        """The nodes of inputs that are numbers and reach the output."""
        return [
            place
            for place, node in enumerate(self.graph.nodes)
            if node.kind == "input" and _is_number(node.value) and _is_number(node.adjoint)
        ]


def questions(subject: Subject, level: int, seed: int, most: int = 8) -> list[Question]:
    """Questions of a level, chosen and ordered by a seed: as many kinds as there are, then more of each."""
    generator = random.Random(seed)
    pools = []
    for kind in LEVELS[level]:
        pool = [question for question in _MAKERS[kind](subject) if math.isfinite(question.truth)]
        generator.shuffle(pool)
        pools.append(pool)
    chosen: list[Question] = []
    while any(pools) and len(chosen) < most:
        for pool in pools:
            if pool and len(chosen) < most:
                chosen.append(pool.pop())
    order = list(LEVELS[level])
    return sorted(chosen, key=lambda question: order.index(question.kind))


# Partials and contributions


def _partials(subject: Subject) -> Iterator[Question]:
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
            Slip(_number(target.value), f"This is the value of {target.label}. The partial asks how fast it changes."),
            Slip(_number(source.value), f"This is the value of {source.label} itself."),
        ]
        if truth:
            slips.append(Slip(1 / truth, "This is one over it: the partial of the step the other way round."))
        if _is_number(source.adjoint):
            says = f"This is {adjoint_name(source.label)}, the whole way from {source.label} to {graph.swept}."
            slips.append(Slip(_number(source.adjoint), f"{says} The question is about the one step to {target.label}."))
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
    names = [name for name in dict.fromkeys(re.findall(r"[^\W\d]\w*", formula)) if _known(subject, name)]
    return _listed([f"{name} = {_text(subject.evaluate(name))}" for name in names])


def _put_in(subject: Subject, formula: str) -> str:
    """The last hint to a partial, which has the numbers, and not the result."""
    if formula.isidentifier():
        return f"It is a value that stands on the tape: that of {formula}."
    stated = _stated(subject, formula)
    return f"Put {stated} into {formula}." if stated else f"Work out {formula}."


def _is_asked(edge: Edge, target: Node) -> bool:
    """Whether a partial is a number, and more than a number of its rule."""
    return _is_number(edge.partial) and target.kind == "entry" and bool(edge.formula) and not _PLAIN.match(edge.formula)


def _in_degrees(subject: Subject, edge: Edge) -> Iterator[Slip]:
    if _TRIGONOMETRIC.search(edge.formula):
        wrong = subject.evaluate(_TRIGONOMETRIC.sub(r"\1(\2 * pi / 180)", edge.formula))
        yield Slip(wrong, "This takes the angle for degrees. Angles are in radians here.")


def _contributions(subject: Subject) -> Iterator[Question]:
    graph = subject.graph
    for edge in graph.edges:
        source, target = graph.nodes[edge.source], graph.nodes[edge.target]
        if not (_is_number(edge.contribution) and _is_number(edge.partial) and _is_number(target.adjoint)):
            continue
        if target.label == graph.swept or source.kind == "guard":
            continue
        truth, partial = float(edge.contribution), float(edge.partial)  # type: ignore[arg-type]
        adjoint, bar, into = _number(target.adjoint), adjoint_name(target.label), adjoint_name(source.label)
        slips = [
            Slip(-truth, "This has the right size and the other sign."),
            Slip(partial, f"This is the partial alone. {bar} is not 1 here, and multiplies it."),
            Slip(adjoint, f"This is {bar}, before the step to {source.label} has multiplied it by its partial."),
            Slip(adjoint + partial, "This adds the two. Along one path factors multiply."),
        ]
        if partial:
            slips.append(Slip(adjoint / partial, "This divides by the partial, and the chain rule multiplies."))
        if _is_number(source.adjoint):
            says = f"This is what {into} has in the end. The question is about this one addition."
            slips.append(Slip(_number(source.adjoint), says))
        formula = edge.formula or f"∂{target.label}/∂{source.label}"
        yield Question(
            "contribution",
            f"The sweep is at {target.label} = {target.operation}, where {bar} = {_text(adjoint)}. "
            f"What does it add to {into}?",
            truth,
            (
                f"An entry sends its adjoint back to each of its operands, times one factor. Which is it for "
                f"{source.label}?",
                f"{into} += {bar} * {_bracketed(formula)}.",
                f"With the numbers: {_text(adjoint)} · {_text(partial)}.",
            ),
            f"{into} += {bar} * {_bracketed(formula)}.",
            tuple(slips),
        )


# Adjoints and gradients


def _adjoints(subject: Subject) -> Iterator[Question]:
    graph, readers = subject.graph, edges_by_source(subject.graph)
    for place, edges in readers.items():
        node = graph.nodes[place]
        sent = [edge for edge in edges if _is_number(edge.contribution) and _is_number(edge.partial)]
        if not (_FEW[0] <= len(sent) <= _FEW[1]) or len(sent) < sum(edge.contribution is not None for edge in edges):
            continue
        if not _is_number(node.adjoint) or node.kind == "fold":
            continue
        truth, bar = _number(node.adjoint), adjoint_name(node.label)
        from_each = [(edge, _number(edge.contribution), graph.nodes[edge.target]) for edge in sent]
        yield Question(
            "adjoint",
            f"{node.label} is read {_times(len(sent))}. What stands in {bar} after the sweep from {graph.swept}?",
            truth,
            (
                f"Which entries read {node.label}? Each of them sends something back, and each one counts.",
                f"They send {_listed([_sent(edge, reader) for edge, _, reader in from_each])}, and += adds them.",
                "With the numbers: "
                + " + ".join(f"{_text(_number(reader.adjoint))} · {_text(_number(edge.partial))}"
                             for edge, _, reader in from_each)
                + ".",
            ),
            "Every entry that reads it has sent its part, and the parts add.",
            tuple(_of_sums(node, truth, from_each)),
        )  # fmt: skip


def _sent(edge: Edge, reader: Node) -> str:
    return f"{adjoint_name(reader.label)} * {_bracketed(edge.formula or '∂')}"


def _of_sums(node: Node, truth: float, sent: Sequence[tuple[Edge, float, Node]]) -> Iterator[Slip]:
    """What a wrong adjoint of a node may come from that is read several times."""
    for edge, part, reader in sent:
        entry = f"{reader.label} = {reader.operation}"
        if len(sent) == 2:
            (other,) = (one for other_edge, _, one in sent if other_edge is not edge)
            says = f"This is what {other.label} sends. {node.label} is read in one more place, {entry}"
            yield Slip(truth - part, f"{says}{_line(reader)}: what arrives from there is added.")
        else:
            yield Slip(truth - part, f"What {entry}{_line(reader)} sends is not in this. All else is.")
            yield Slip(part, f"This is what {reader.label} sends, and {node.label} is read elsewhere as well.")
        yield Slip(truth - 2 * part, f"This is the sum with the part of {reader.label} taken off instead of added.")
        if not is_near(_number(edge.partial), 1.0):
            says = f"This fits a sum in which {adjoint_name(reader.label)} arrives without its partial"
            yield Slip(truth - part + _number(reader.adjoint), f"{says} {edge.formula}.")
    yield Slip(-truth, "This has the right size and the other sign.")
    product = math.prod(part for _, part, _ in sent)
    yield Slip(product, "This is the product of the contributions. Where paths meet, they add.")
    yield Slip(
        _number(node.value), f"This is the value of {node.label}. The adjoint asks how the output answers to it."
    )


def _gradients(subject: Subject) -> Iterator[Question]:
    graph, output = subject.graph, subject.output
    for place in subject.inputs():
        node = graph.nodes[place]
        paths = paths_between(graph, place, output)
        if not paths:
            continue
        truth = _number(node.adjoint)
        sums = " + ".join(" · ".join(_text(_number(edge.partial)) for edge in path.edges) for path in paths)
        ways = "One path leads" if len(paths) == 1 else f"{len(paths)} paths lead"
        yield Question(
            "gradient",
            f"What is d{graph.swept}/d{node.label}, at {_point(subject)}?",
            truth,
            (
                f"Follow what reads {node.label}, and what reads that, up to {graph.swept}. Multiply along each path; "
                "add the paths.",
                f"{ways} there: {_listed([path.text(graph) for path in paths])}.",
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
        if _is_number(reader.adjoint) and edge.partial is not None and not is_near(_number(edge.partial), 1.0):
            says = f"This is {adjoint_name(reader.label)}. The step through {reader.label} = {reader.operation}"
            yield Slip(_number(reader.adjoint), f"{says} multiplies it by one more partial.")
    for other in subject.inputs():
        if other != place:
            label = graph.nodes[other].label
            says = f"This is the derivative by {label}. Which factor does {node.label} have beside it?"
            yield Slip(_number(graph.nodes[other].adjoint), says)
    yield Slip(2 * truth, "This is twice the derivative. Is a path counted two times?")
    yield Slip(truth / 2, "This is half of the derivative. A factor 2 is missing.")
    yield Slip(_number(graph.nodes[subject.output].value), f"This is the value of {graph.swept}, not its derivative.")


# Signs and sizes


def _signs(subject: Subject) -> Iterator[Question]:
    graph = subject.graph
    for place in subject.inputs():
        node, slope = graph.nodes[place], _number(graph.nodes[place].adjoint)
        paths = paths_between(graph, place, subject.output)
        brings = _listed([_text(path.product) for path in paths]) if paths else "more than can be told"
        choices = (
            Choice("grows", "it grows"),
            Choice("falls", "it falls"),
            Choice("stays", "it stays, to first order"),
        )
        yield Question(
            "growth",
            f"{node.label} grows a little from {_text(_number(node.value))}. What does {graph.swept} do?",
            0.0 if slope > 0 else 1.0 if slope < 0 else 2.0,
            (
                f"The sign of {adjoint_name(node.label)} answers this.",
                f"Read the partials on the way from {node.label} to {graph.swept}: how many are negative?",
                f"The paths bring {brings}.",
            ),
            f"{adjoint_name(node.label)} = {_text(slope)}.",
            choices=choices,
            leads=f"Compare the signs of the paths from {node.label} to {graph.swept}, then which of them is larger.",
        )


def _which(subject: Subject) -> Iterator[Question]:
    graph, inputs = subject.graph, subject.inputs()
    for first, second in pairwise(inputs):
        one, two = graph.nodes[first], graph.nodes[second]
        sizes = abs(_number(one.adjoint)), abs(_number(two.adjoint))
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
            f"{bars[0]} = {_text(_number(one.adjoint))}, {bars[1]} = {_text(_number(two.adjoint))}.",
            choices=(Choice(one.label, one.label), Choice(two.label, two.label)),
            leads="What counts is what an input is multiplied by, and that is often not the input itself.",
        )


def _last_steps(subject: Subject, place: int) -> str:
    graph = subject.graph
    edges = edges_by_source(graph).get(place, [])
    return " + ".join(_sent(edge, graph.nodes[edge.target]) for edge in edges if edge.contribution is not None) or "0"


# Forward mode, and costs


def _tangents(subject: Subject) -> Iterator[Question]:
    graph = subject.graph
    for place in subject.inputs():
        moved = _forward(graph, place)
        for target, tangent in moved.items():
            node = graph.nodes[target]
            if target == place or node.kind != "entry" or not _is_number(node.value):
                continue
            parts = [(edge, moved[edge.source]) for edge in graph.edges
                     if edge.target == target and edge.source in moved and not edge.guard]  # fmt: skip
            if all(is_near(_number(edge.partial), 1.0) for edge, _ in parts):
                continue
            yield _tangent(subject, place, target, tangent, parts)


def _forward(graph: Graph, place: int) -> dict[int, float]:
    """The tangent of each node that moves with an input, where it is a number."""
    moved = {place: 1.0}
    for target, node in enumerate(graph.nodes):
        parts = [edge for edge in graph.edges if edge.target == target and edge.source in moved and not edge.guard]
        if parts and node.kind != "guard" and all(_is_number(edge.partial) for edge in parts):
            moved[target] = math.fsum(_number(edge.partial) * moved[edge.source] for edge in parts)
        elif parts:
            break  # what comes behind may not be known
    return moved


def _tangent(subject: Subject, place: int, target: int, truth: float, parts: Sequence[tuple[Edge, float]]) -> Question:
    graph = subject.graph
    start, node = graph.nodes[place], graph.nodes[target]
    dot = tangent_name(node.label)
    terms = [f"{tangent_name(graph.nodes[edge.source].label)} * {_bracketed(edge.formula or '∂')}" for edge, _ in parts]
    slips = [
        *(Slip(truth - _number(edge.partial) * tangent, f"What comes through {graph.nodes[edge.source].label} is "
               "not in this. All operands that move add their part.") for edge, tangent in parts if len(parts) > 1),
        Slip(-truth, "This has the right size and the other sign."),
        Slip(_number(node.adjoint), f"This is {adjoint_name(node.label)}, of the reverse sweep. Forward mode starts at "
             "the input."),
        Slip(_number(node.value), f"This is the value of {node.label}. The tangent asks how fast it changes."),
        Slip(_number(start.adjoint), f"This is the tangent of {graph.swept}, further on."),
        *(Slip(_number(edge.partial), f"This is one partial alone. {tangent_name(graph.nodes[edge.source].label)} is "
               f"{_text(tangent)}, and multiplies it.") for edge, tangent in parts),
    ]  # fmt: skip
    return Question(
        "tangent",
        f"In forward mode {tangent_name(start.label)} is 1, and the tangents of the other inputs are 0, at "
        f"{_point(subject)}. What is {dot}, of {node.label} = {node.operation}?",
        truth,
        (
            f"Go along with the program: which operands of {node.label} move with {start.label}?",
            f"{dot} = {' + '.join(terms)}.",
            "With the numbers: "
            + " + ".join(f"{_text(t)} · {_text(_number(edge.partial))}" for edge, t in parts)
            + ".",
        ),
        f"{dot} = {' + '.join(terms)}.",
        tuple(slips),
    )


def _costs(subject: Subject) -> Iterator[Question]:
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


_MAKERS: dict[str, Callable[[Subject], Iterator[Question]]] = {
    "partial": _partials, "contribution": _contributions, "adjoint": _adjoints, "gradient": _gradients,
    "growth": _signs, "which": _which, "tangent": _tangents, "cost": _costs,
}  # fmt: skip


# Words


def _is_number(value: object) -> bool:
    return type(value) is float and math.isfinite(value)


def _number(value: object) -> float:
    return value if type(value) is float else math.nan


def _known(subject: Subject, name: str) -> bool:
    return any(node.label == name for node in subject.graph.nodes) and math.isfinite(subject.evaluate(name))


def _text(number: float) -> str:
    return number_text(number + 0.0, _DIGITS)


def _bracketed(formula: str) -> str:
    return formula if re.fullmatch(r"[\w.]+(\([^()]*\))?", formula) else f"({formula})"


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}" if texts else ""


def _times(count: int) -> str:
    return {2: "twice", 3: "three times", 4: "four times"}.get(count, f"{count} times")


def _line(node: Node) -> str:
    return f" (line {node.line})" if node.line is not None else ""


def _point(subject: Subject) -> str:
    numbers = [node for node in subject.graph.nodes if node.kind == "input" and _is_number(node.value)]
    return _listed([f"{node.label} = {_text(_number(node.value))}" for node in numbers])

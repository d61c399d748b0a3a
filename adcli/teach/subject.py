"""What questions are made of: the graph of a run, and words for its numbers and nodes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from adcli.derive.cost import Cost
from adcli.graph.model import Edge, Graph, Node
from adcli.records import NamedTuple
from adcli.report.cells import number_text
from adcli.rules.shapes import enumerated
from adcli.tape.labels import adjoint_name
from adcli.teach.words import said

_DIGITS = 6


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
            if node.kind == "input" and is_number(node.value) and is_number(node.adjoint)
        ]


def is_number(value: object) -> bool:
    """Whether a value is a finite number, and no array."""
    return type(value) is float and math.isfinite(value)


def as_number(value: object) -> float:
    """A value as a number; NaN for what is none."""
    return value if type(value) is float else math.nan


def is_known(subject: Subject, name: str) -> bool:
    """Whether a name is one of a node that is a number."""
    return any(node.label == name for node in subject.graph.nodes) and math.isfinite(subject.evaluate(name))


def number_words(number: float) -> str:
    """A number as it is shown."""
    return number_text(number + 0.0, _DIGITS)


def bracketed(formula: str) -> str:
    """A formula as a factor of a product."""
    return formula if re.fullmatch(r"[\w.]+(\([^()]*\))?", formula) else f"({formula})"


def so_often(count: int) -> str:
    """`twice`."""
    return said({2: "twice", 3: "three times", 4: "four times"}.get(count, "so often"), count=count)


def entry_words(node: Node) -> str:
    """`b = sin(a)`: an entry with what computed it."""
    return said("entry", label=node.label, operation=node.operation)


def at_line(node: Node) -> str:
    """` (line 7)`, where a node stands in one."""
    return said("at line", line=node.line) if node.line is not None else ""


def point_words(subject: Subject) -> str:
    """`x = 2 and y = 3`: the inputs that are numbers."""
    numbers = [node for node in subject.graph.nodes if node.kind == "input" and is_number(node.value)]
    return enumerated([f"{node.label} = {number_words(as_number(node.value))}" for node in numbers])


def sent_words(edge: Edge, reader: Node) -> str:
    """`bar_b * cos(a)`: what a node that reads another one sends back to it."""
    return f"{adjoint_name(reader.label)} * {bracketed(edge.formula or '∂')}"

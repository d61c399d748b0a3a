"""A graph with its texts and places: what SVG and PDF draw alike."""

from __future__ import annotations

from adcli.graph.layout import Point, Route, Size, layout
from adcli.graph.model import Edge, Graph, Node
from adcli.records import NamedTuple
from adcli.report.cells import Digits, brief_text
from adcli.report.frames import text_width
from adcli.tape.describe import large
from adcli.tape.labels import adjoint_name
from adcli.tape.tape import Value, outcome_text

BOX, BLOCK = 50.0, 23.0  # heights of a box, and of the block of an adjoint below it
TEXT, VALUE, SMALL = 12.5, 14.5, 11.5  # sizes of letters
# Where texts stand: below the top of a box, and below the middle of a lozenge.
BASE_HEADING, BASE_VALUE, BASE_ADJOINT = 20.0, 41.0, 66.0
BASE_PARTIAL, BASE_FORMULA, BASE_CONTRIBUTION = 4.2, -15.0, 23.0
_POINTED = 12.0, 10.0  # how far the ends of a decision and of a lozenge go out
_ADVANCE = 0.61  # of a letter of a monospaced font, of its size
_LONGEST = 30  # letters of a line in a box
_WIDEST = 1800.0  # of what is drawn from left to right, if nobody asks for it
_SHORT = 8  # letters of a formula in place of a partial
_FORMULA = 18  # letters of a formula above a partial
ON_TOP = "inputs on top, outputs at the bottom"


class NodeBox(NamedTuple):
    """A node as it is drawn.

    Attributes:
        node: what is drawn
        place: its middle
        size: how wide and how high it is
        heading: its first line, as the name and the rest
        value: its second line
        adjoint: the text of its block; empty for none
        title: all that is known of it, in words
    """

    node: Node
    place: Point
    size: Size
    heading: tuple[str, str]
    value: str
    adjoint: str
    title: str


class EdgeLine(NamedTuple):
    """An edge as it is drawn.

    Attributes:
        edge: what is drawn
        route: where it goes
        partial: in its lozenge; empty for none
        formula: above that
        contribution: below that
        width: of its lozenge
        title: all that is known of it
        sent: what the sweep sends along it, with the partial
    """

    edge: Edge
    route: Route
    partial: str
    formula: str
    contribution: str
    width: float
    title: str
    sent: str


class Figure(NamedTuple):
    """What is drawn, and how large it is."""

    nodes: tuple[NodeBox, ...]
    edges: tuple[EdgeLine, ...]
    width: float
    height: float
    title: str
    description: str
    down: bool


def figure(graph: Graph, program: str, digits: Digits, down: bool | None = None) -> Figure:
    """The texts and the places of all that is drawn: downward, to the right, or downward where that is too wide."""
    swept = bool(graph.swept)
    texts = [_heading(node) for node in graph.nodes]
    values = [_value(node, digits) for node in graph.nodes]
    blocks = [_adjoint(node, digits) if swept else "" for node in graph.nodes]
    height = BOX + (BLOCK if swept else 0.0)
    sizes = [
        Size(max(76.0, 20 + wide("".join(heading), TEXT), 20 + wide(value, VALUE), 12 + wide(block, TEXT)),
             height if block else BOX)
        for heading, value, block in zip(texts, values, blocks, strict=True)
    ]  # fmt: skip
    parts = [_edge_texts(edge, digits) for edge in graph.edges]
    labels = [_label_size(*part) for part in parts]
    ends = [(edge.source, edge.target) for edge in graph.edges]
    placed = layout(sizes, ends, labels, bool(down))
    if down is None and placed.width > _WIDEST:
        down, placed = True, layout(sizes, ends, labels, True)
    titles = _titles(graph, digits)
    nodes = tuple(map(NodeBox, graph.nodes, placed.nodes, sizes, texts, values, blocks, titles))
    edges = tuple(
        EdgeLine(
            edge,
            route,
            *part,
            0.0 if not part[0] else _lozenge(part[0]),
            _edge_title(graph, edge, digits),
            _sent(graph, edge, digits),
        )
        for edge, route, part in zip(graph.edges, placed.routes, parts, strict=True)
    )
    title = f"Computation graph of {program}"
    ways = ON_TOP if down else "inputs at the left, outputs at the right"
    return Figure(nodes, edges, placed.width, placed.height, title, description(graph, ways), bool(down))


def hexagon(width: float) -> list[Point]:
    """The corners of a decision, from its left top."""
    return _pointed(width, BOX, _POINTED[0])


def lozenge(width: float) -> list[Point]:
    """The corners of a lozenge about its middle."""
    end = _POINTED[1]
    return [Point(x - width / 2, y - end) for x, y in _pointed(width, 2 * end, end)]


def _pointed(width: float, height: float, end: float) -> list[Point]:
    ends = Point(0.0, height / 2), Point(width, height / 2)
    top, bottom = (Point(end, 0.0), Point(width - end, 0.0)), (Point(width - end, height), Point(end, height))
    return [ends[0], *top, ends[1], *bottom]


def wide(text: str, size: float) -> float:
    """How wide a text is about, in a monospaced font of some size."""
    return text_width(text) * _ADVANCE * size


def shortened(text: str, most: int) -> str:
    """A text without its middle where it is long."""
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[:half]}…{text[len(text) - (most - 1 - half) :]}"


def _heading(node: Node) -> tuple[str, str]:
    if node.kind == "guard":
        return "", shortened(f"if {node.operation}", _LONGEST)
    if node.kind == "input":
        return shortened(node.label, _LONGEST - 6), " input"
    label = shortened(node.label, _LONGEST // 2)
    return label, f" = {shortened(node.operation, _LONGEST - 3 - len(label))}"


def _value(node: Node, digits: Digits) -> str:
    if node.kind == "guard":
        return outcome_text(node.value)
    return shortened(brief_text(node.value, digits), _LONGEST) if node.entry is not None else f"{node.hides} entries"


def _adjoint(node: Node, digits: Digits) -> str:
    if node.kind == "guard" or node.entry is None or node.adjoint is None:
        return ""
    return shortened(f"{adjoint_name(node.label)} {brief_text(node.adjoint, digits)}", _LONGEST + 4)


def _edge_texts(edge: Edge, digits: Digits) -> tuple[str, str, str]:
    """What stands in the lozenge, above it and below it."""
    if edge.guard:
        return "", "", ""
    inside = _partial(edge, digits)
    above = edge.formula if len(edge.formula) <= _FORMULA and edge.formula != inside else ""
    below = ""
    if edge.contribution is not None:
        below = f"{edge.step}: {_signed(edge.contribution, digits)}"
    return inside, above, below


def _partial(edge: Edge, digits: Digits) -> str:
    """A partial as a number; of arrays its formula where that is short, else a sign."""
    if edge.partial is None and edge.formula and len(edge.formula) <= _SHORT:
        return edge.formula
    return "∂" if edge.partial is None else shortened(brief_text(edge.partial, digits), _FORMULA)


def _signed(value: Value, digits: Digits) -> str:
    text = shortened(brief_text(value, digits), _LONGEST)
    return text if text[:1] in "-[" else f"+{text}"


def _lozenge(text: str) -> float:
    return max(40.0, wide(text, TEXT) + 24)


def _label_size(partial: str, formula: str, contribution: str) -> Size | None:
    if not partial:
        return None
    width = max(_lozenge(partial), wide(formula, SMALL) + 4, wide(contribution, SMALL) + 4)
    return Size(width, 22.0 + 2 * (15.0 if formula or contribution else 2.0))


def _titles(graph: Graph, digits: Digits) -> list[str]:
    """What a screen reader says of each node, and a mouse shows."""
    by: list[list[str]] = [[] for _ in graph.nodes]
    readers: list[list[str]] = [[] for _ in graph.nodes]
    for edge in graph.edges:
        source, target = graph.nodes[edge.source], graph.nodes[edge.target]
        if edge.partial is not None:
            by[edge.target].append(f"{source.label} {brief_text(edge.partial, digits)}")
        readers[edge.source].append(target.label if target.label else f"if {target.operation}")
    return [_title(node, own, read, digits) for node, own, read in zip(graph.nodes, by, readers, strict=True)]


def _title(node: Node, by: list[str], readers: list[str], digits: Digits) -> str:
    if node.kind == "guard":
        return f"decision {node.operation}: {outcome_text(node.value)}, line {node.line}"
    says = f"input {node.label}" if node.kind == "input" else f"{node.label} = {node.operation}"
    if node.kind == "fold":
        says += f"{f' of {node.of}' if node.of else ''}, {large(node.hides)} entries in one"
    parts = [says]
    if node.entry is not None:
        parts.append(f"value {brief_text(node.value, digits)}")
    if by:
        parts.append(f"partials by {', '.join(by)}")
    if readers:
        parts.append(f"read by {', '.join(dict.fromkeys(readers))}")
    if node.adjoint is not None:
        parts.append(f"adjoint {brief_text(node.adjoint, digits)}")
    if node.line is not None:
        parts.append(f"line {node.line}")
    return "; ".join(parts)


def _edge_title(graph: Graph, edge: Edge, digits: Digits) -> str:
    source, target = graph.nodes[edge.source], graph.nodes[edge.target]
    if edge.guard:
        return f"{target.operation} reads {source.label}"
    if None in (source.entry, target.entry):
        received = "" if edge.contribution is None else f"; {_received(source, edge, digits)}"
        return f"reads {source.label}{received}"
    text = f"∂{target.label}/∂{source.label}"
    shown = "" if edge.partial is None else brief_text(edge.partial, digits)
    if " += " in edge.formula:
        text = edge.formula
    elif edge.formula not in ("", text, shown):
        text += f" = {edge.formula}"
    if shown:
        text += f" = {shown}"
    return f"{text}; {_received(source, edge, digits)}" if edge.contribution is not None else text


def _sent(graph: Graph, edge: Edge, digits: Digits) -> str:
    if edge.contribution is None:
        return ""
    factor = "" if edge.partial is None else f"× {brief_text(edge.partial, digits)}, "
    return factor + _received(graph.nodes[edge.source], edge, digits)


def _received(source: Node, edge: Edge, digits: Digits) -> str:
    return f"step {edge.step}: {adjoint_name(source.label)} += {brief_text(edge.contribution, digits)}"


def description(graph: Graph, ways: str) -> str:
    """What the picture has, and where things stand in it."""
    guards = sum(node.kind == "guard" for node in graph.nodes)
    folds = sum(node.kind == "fold" for node in graph.nodes)
    has = [_counted(len(graph.nodes) - guards, "node")]
    if folds:
        has.append(f"{folds} of them for many entries")
    if guards:
        has.append(_counted(guards, "decision"))
    parts = [", ".join(has), ways]
    if graph.swept:
        parts.append(f"with the reverse sweep from {graph.swept}")
    if graph.left_out:
        parts.append(f"without {_counted(graph.left_out, 'entry')} that no input reaches or nothing reads")
    return "; ".join(parts)


def _counted(number: int, what: str) -> str:
    several = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{large(number)} {what if number == 1 else several}"

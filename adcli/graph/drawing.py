"""A graph drawn with letters, for terminals: a box for each node, below each other, and a lane for each that is read.

A lane leaves its box at the right and goes down beside the boxes; where a box reads it, a line goes back to that box,
with the partial beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from adcli.graph.figure import EdgeLine, Figure, NodeBox
from adcli.records import NamedTuple
from adcli.report.frames import text_width

# The top, the sides and the bottom of a box.
_BORDERS = {
    "entry": (("╭", "─", "╮"), "│", ("╰", "─", "╯")),
    "output": (("╔", "═", "╗"), "║", ("╚", "═", "╝")),
    "guard": (("┌", "┄", "┐"), "┆", ("└", "┄", "┘")),
}


class _Row(NamedTuple):
    """One line of the picture.

    Attributes:
        text: of the box
        out: the node whose lane leaves here; None for none
        into: the edge that arrives here; None for none
    """

    text: str
    out: int | None = None
    into: EdgeLine | None = None


def to_lines(drawn: Figure) -> list[str]:
    """The lines of the picture."""
    inside = max((text_width(line) for box in drawn.nodes for line in _texts(box)), default=0)
    rows = [row for place in range(len(drawn.nodes)) for row in _box(drawn, place, inside)]
    lanes = _lanes(rows)
    width = max(lanes.values(), default=-1) + 1
    return _drawn(rows, lanes, width)


def _texts(box: NodeBox) -> list[str]:
    return list(filter(None, ("".join(box.heading), box.value, box.adjoint)))


def _box(drawn: Figure, place: int, inside: int) -> list[_Row]:
    """The lines of a box: what it reads arrives at one after another, and its own lane leaves at the last."""
    box = drawn.nodes[place]
    reads = [line for line in drawn.edges if line.edge.target == place]
    is_read = any(line.edge.source == place for line in drawn.edges)
    texts = _texts(box)
    count = max(len(texts), len(reads) + is_read)
    (top, line, end), side, (bottom, _, corner) = _BORDERS[
        "guard" if box.node.kind == "guard" else "output" if box.node.is_output else "entry"
    ]
    rows = [_Row(f"{top}{line * (inside + 2)}{end}")]
    for number in range(count):
        into = reads[number] if number < len(reads) else None
        out = place if is_read and number == count - 1 else None
        text = texts[number] if number < len(texts) else ""
        border = "◂" if into is not None else "├" if out is not None else side
        rows.append(_Row(f"{side} {text}{' ' * (inside - text_width(text))} {border}", out, into))
    return [*rows, _Row(f"{bottom}{line * (inside + 2)}{corner}")]


def _lanes(rows: Sequence[_Row]) -> dict[int, int]:
    """The lane of each node that is read: the first one that is free from where it leaves to where it is read last."""
    ends: dict[int, int] = {}
    for number, row in enumerate(rows):
        if row.into is not None:
            ends[row.into.edge.source] = number
    lanes: dict[int, int] = {}
    free_from: list[int] = []
    for number, row in enumerate(rows):
        if row.out is None:
            continue
        lane = next((lane for lane, free in enumerate(free_from) if free < number), len(free_from))
        if lane == len(free_from):
            free_from.append(0)
        free_from[lane] = ends[row.out]
        lanes[row.out] = lane
    return lanes


def _drawn(rows: Sequence[_Row], lanes: dict[int, int], width: int) -> list[str]:
    last = {row.into.edge.source: number for number, row in enumerate(rows) if row.into is not None}
    running: dict[int, int] = {}  # which node has which lane
    lines = []
    for number, row in enumerate(rows):
        cells = [" "] * (2 * width)
        for lane in running:
            cells[2 * lane + 1] = "│"
        if row.into is not None:
            lane = lanes[row.into.edge.source]
            _across(cells, lane, "╯" if last[row.into.edge.source] == number else "┤")
        elif row.out is not None:
            _across(cells, lanes[row.out], "╮")
        lines.append(f"{row.text}{''.join(cells)}  {_beside(row)}".rstrip())
        if row.into is not None and last[row.into.edge.source] == number:
            running.pop(lanes[row.into.edge.source])
        if row.out is not None:
            running[lanes[row.out]] = row.out
    return lines


def _across(cells: list[str], lane: int, corner: str) -> None:
    """A line from the box to a lane, over the lanes between."""
    for at in range(2 * lane + 1):
        cells[at] = "┼" if cells[at] == "│" else "─"
    cells[2 * lane + 1] = corner


def _beside(row: _Row) -> str:
    """What stands beside the end of an edge: the partial with its formula, or what the sweep sends along it."""
    if row.into is None or row.into.edge.guard:
        return ""
    return row.into.title if row.into.edge.contribution is None else row.into.sent

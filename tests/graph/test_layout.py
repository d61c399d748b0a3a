"""Layouts of random graphs: nothing stands on anything, and every edge goes forward from its source to its target."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from hypothesis import strategies as st

from adcli.graph.layout import Layout, Point, Size, layout

from ..conftest import randomly


class Drawn(NamedTuple):
    nodes: list[Size]
    edges: list[tuple[int, int]]
    labels: list[Size | None]


@st.composite
def graphs(draw: st.DrawFn) -> Drawn:
    size = st.builds(Size, st.floats(20, 300), st.floats(20, 80))
    nodes = draw(st.lists(size, min_size=1, max_size=14))
    pairs = list(itertools.combinations(range(len(nodes)), 2))
    edges = draw(st.lists(st.sampled_from(pairs), max_size=30)) if pairs else []
    labels = draw(st.lists(st.none() | size, min_size=len(edges), max_size=len(edges)))
    return Drawn(nodes, edges, labels)


def boxes(drawn: Drawn, placed: Layout) -> list[tuple[Point, Size]]:
    labels = [(route.label, label) for route, label in zip(placed.routes, drawn.labels, strict=True)]
    assert all((place is None) == (label is None) for place, label in labels)
    return [
        *zip(placed.nodes, drawn.nodes, strict=True),
        *((p, s) for p, s in labels if p is not None and s is not None),
    ]


@randomly(150, graphs(), st.booleans())
def test_nothing_stands_on_anything(drawn: Drawn, down: bool) -> None:
    placed = layout(*drawn, down)
    found = boxes(drawn, placed)
    for place, size in found:
        assert size.width / 2 <= place.x <= placed.width - size.width / 2
        assert size.height / 2 <= place.y <= placed.height - size.height / 2
    for (place, size), (other, other_size) in itertools.combinations(found, 2):
        apart = (
            abs(place.x - other.x) - (size.width + other_size.width) / 2,
            abs(place.y - other.y) - (size.height + other_size.height) / 2,
        )
        assert max(apart) >= 5


@randomly(150, graphs(), st.booleans())
def test_edges_go_forward(drawn: Drawn, down: bool) -> None:
    placed = layout(*drawn, down)
    for (source, target), route in zip(drawn.edges, placed.routes, strict=True):
        along = [point.y if down else point.x for point in route.points]
        assert along == sorted(along)
        first, last = placed.nodes[source], placed.nodes[target]
        reach = (drawn.nodes[source].height, drawn.nodes[target].height) if down else (
            drawn.nodes[source].width, drawn.nodes[target].width
        )  # fmt: skip
        ends = (first.y, last.y) if down else (first.x, last.x)
        assert along[0] == ends[0] + reach[0] / 2
        assert along[-1] == ends[1] - reach[1] / 2
        assert next(curve[0] for curve in route.curves()) == route.points[0]


def test_a_chain_is_a_straight_line() -> None:
    box = Size(100.0, 50.0)
    placed = layout([box] * 5, [(k, k + 1) for k in range(4)], [Size(40.0, 20.0)] * 4)
    assert len({round(place.y, 6) for place in placed.nodes}) == 1


def test_edges_that_need_not_cross_do_not() -> None:
    """Two chains side by side, given crosswise."""
    box = Size(100.0, 50.0)
    edges = [(0, 3), (1, 2), (2, 5), (3, 4)]
    placed = layout([box] * 6, edges, [None] * 4)
    above = [placed.nodes[a].y < placed.nodes[b].y for a, b in ((0, 1), (3, 2), (4, 5))]
    assert len(set(above)) == 1


def test_nothing_at_all() -> None:
    assert layout([], [], []).nodes == ()

"""The page's graphs stand as the terminal's do: nothing on anything, and every edge forward."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pytest

from adcli.graph.figure import figure
from adcli.graph.layout import Size, layout
from adcli.graph.model import graph_of

from ..conftest import PAGE_SAMPLES, SAMPLES, mostly_slow, sample_name
from .graphs import DECODE, differences, first, graph_data, ran
from .node import run_node

_PLACES = """
import { placesOf } from './layout.mjs';
tell(DATA.map(({ nodes, edges, labels, down }) => placesOf(nodes, edges, labels, down)));
"""
_LAYOUT = f"""
import {{ layoutOf, textsOf }} from './layout.mjs';
{DECODE}
const graph = decoded(DATA.graph);
const measure = (text, size) => 0.61 * size * [...text].length;
tell(DATA.asked.map(([width, down, sweep]) => layoutOf(graph, measure, width, down, textsOf(graph, {{ sweep }}))));
"""
ASKED = [(900, None, True), (900, None, False), (360, None, True), (360, True, False), (1400, False, True)]


def size_data(size: Size | None) -> dict[str, float] | None:
    return None if size is None else size._asdict()


def test_places_are_those_of_the_terminal() -> None:
    generator = random.Random(7)
    asked = []
    for count in [0, 1, 2, *(generator.randint(2, 16) for _ in range(60))]:

        def size() -> Size:
            return Size(generator.uniform(20, 300), generator.uniform(20, 80))

        pairs = list(itertools.combinations(range(count), 2))
        edges = [generator.choice(pairs) for _ in range(generator.randint(0, 24))] if pairs else []
        labels = [size() if generator.random() < 0.7 else None for _ in edges]
        asked.append(([size() for _ in range(count)], edges, labels, generator.random() < 0.5))
    data = [
        {"nodes": list(map(size_data, nodes)), "edges": edges, "labels": list(map(size_data, labels)), "down": down}
        for nodes, edges, labels, down in asked
    ]
    for found, one in zip(run_node(_PLACES, data), asked, strict=True):
        ours = layout(*one)
        expected = {
            "nodes": [place._asdict() for place in ours.nodes],
            "routes": [
                {"points": [point._asdict() for point in route.points],
                 "label": None if route.label is None else route.label._asdict()}
                for route in ours.routes
            ],
            "width": ours.width,
            "height": ours.height,
        }  # fmt: skip
        assert not first(differences(found, expected, near=1e-9))


@pytest.mark.parametrize("path", mostly_slow(PAGE_SAMPLES), ids=sample_name)
def test_nothing_stands_on_anything(path: Path) -> None:
    run = ran(path)
    if run is None:
        pytest.skip("there is nothing to sweep from")
    graph = graph_data(run.graph)
    for asked, found in zip(ASKED, run_node(_LAYOUT, {"graph": graph, "asked": ASKED}), strict=True):
        boxes = [(node["x"], node["y"], node["w"], node["h"]) for node in found["nodes"]]
        labels = [edge["label"] for edge in found["edges"] if edge["label"] is not None]
        boxes += [(label["x"], label["y"], label["w"], label["h"]) for label in labels]
        for x, y, w, h in boxes:
            assert w / 2 <= x <= found["width"] - w / 2
            assert h / 2 <= y <= found["height"] - h / 2
        for (x, y, w, h), (x2, y2, w2, h2) in itertools.combinations(boxes, 2):
            assert max(abs(x - x2) - (w + w2) / 2, abs(y - y2) - (h + h2) / 2) >= 5, asked
        axis = "y" if found["down"] else "x"
        for edge, drawn in zip(graph["edges"], found["edges"], strict=True):
            along = [point[axis] for point in drawn["points"]]
            assert along == sorted(along)
            assert (drawn["label"] is None) == edge["guard"]
            source, target = found["nodes"][edge["source"]], found["nodes"][edge["target"]]
            half = "h" if found["down"] else "w"
            assert along[0] == pytest.approx(source[axis] + source[half] / 2)
            assert along[-1] == pytest.approx(target[axis] - target[half] / 2)
            assert source["layer"] < target["layer"]


@pytest.mark.parametrize("path", mostly_slow(PAGE_SAMPLES), ids=sample_name)
def test_texts_are_those_of_the_terminal(path: Path) -> None:
    run = ran(path)
    if run is None:
        pytest.skip("there is nothing to sweep from")
    drawn = figure(run.graph, "program", 6)
    found: dict[str, Any] = run_node(_LAYOUT, {"graph": graph_data(run.graph), "asked": [(900, None, True)]})[0][
        "texts"
    ]
    for theirs, box in zip(found["nodes"], drawn.nodes, strict=True):
        assert (tuple(theirs["heading"]), theirs["value"], theirs["adjoint"]) == (box.heading, box.value, box.adjoint)
    for theirs, line in zip(found["edges"], drawn.edges, strict=True):
        said = line.contribution.partition(": ")[2]
        assert (theirs["partial"], theirs["formula"], theirs["contribution"]) == (line.partial, line.formula, said)


def laid_out(name: str, *asked: tuple[int, bool | None, bool]) -> list[dict[str, Any]]:
    run = ran(SAMPLES / name)
    assert run is not None
    found: list[dict[str, Any]] = run_node(_LAYOUT, {"graph": graph_data(run.graph), "asked": asked})
    return found


def test_what_is_too_wide_for_a_phone_goes_down() -> None:
    wide, narrow, given = laid_out("sine_product.ad", (900, None, True), (336, None, True), (336, False, True))
    assert (wide["down"], narrow["down"], given["down"]) == (False, True, False)
    assert wide["width"] == 900
    (long,) = laid_out("black_scholes.ad", (900, None, True))  # as in the terminal
    assert long["down"]
    assert narrow["width"] < given["width"]


def test_room_goes_between_the_layers_and_the_rest_to_both_sides() -> None:
    tight, roomy = laid_out("sine_product.ad", (500, False, True), (2000, False, True))
    assert roomy["width"] == 2000
    left = min(node["x"] - node["w"] / 2 for node in roomy["nodes"])
    right = max(node["x"] + node["w"] / 2 for node in roomy["nodes"])
    assert left == pytest.approx(2000 - right)
    assert right - left > max(node["x"] + node["w"] / 2 for node in tight["nodes"]) - 12


def test_what_is_covered_is_a_mark_of_one_width() -> None:
    run = ran(SAMPLES / "sine_product.ad")
    assert run is not None
    source = f"""
    import {{ textsOf }} from './layout.mjs';
    {DECODE}
    const [adjoints, partials, contributions] = [[2], [2], [2]].map((places) => new Set(places));
    const covered = {{ adjoints, partials, contributions, tangents: new Set() }};
    tell(textsOf(decoded(DATA), {{ covered }}));"""
    graph = graph_of(run.tape, [run.output], run.inputs, run.output, 40)
    texts = run_node(source, graph_data(graph))
    assert texts["nodes"][2]["adjoint"] == "bar_a ?"
    assert texts["edges"][2] == {"partial": "?", "formula": "", "contribution": "?"}
    assert texts["nodes"][0]["adjoint"] == "bar_x 5.88051"

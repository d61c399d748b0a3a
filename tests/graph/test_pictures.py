"""What is drawn: labels that stand on nothing, edges that go forward, and files that others read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pydot
import pytest

import adcli

from ..conftest import ALL_SAMPLES, Adcli, mostly_slow, sample_name

Golden = Callable[[str, str], None]
SVG = "{http://www.w3.org/2000/svg}"
ADVANCE = 0.602  # of DejaVu Sans Mono, the widest of the fonts that are asked for
SIZES = {"value": 14.5, "formula": 11.5, "contribution": 11.5}


class Box(NamedTuple):
    what: str
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def moved(element: ElementTree.Element) -> tuple[float, float]:
    x, y = re.findall(r"-?[\d.]+", element.get("transform", "0,0"))
    return float(x), float(y)


def texts(group: ElementTree.Element) -> Iterator[Box]:
    """Each text as large as its letters."""
    x, y = moved(group)
    for element in group.iter(f"{SVG}text"):
        text = "".join(element.itertext())
        size = SIZES.get(element.get("class", ""), 12.5)
        middle, base = x + float(element.get("x", 0)), y + float(element.get("y", 0))
        half = len(text) * ADVANCE * size / 2
        yield Box(text, middle - half, base - 0.75 * size, middle + half, base + 0.2 * size)


def shapes(group: ElementTree.Element) -> Iterator[Box]:
    """The box of a node, its block, and the lozenge of a label."""
    x, y = moved(group)
    for element in group:
        if element.tag == f"{SVG}rect":
            left, top = x + float(element.get("x", 0)), y + float(element.get("y", 0))
            yield Box(str(element.get("class")), left, top, left + float(element.get("width", 0)),
                      top + float(element.get("height", 0)))  # fmt: skip
        elif element.get("class") == "lozenge":
            half = -float(re.findall(r"-?[\d.]+", element.get("points", ""))[0])
            yield Box("lozenge", x - half, y - 10, x + half, y + 10)


# With one sort of options for each sample at each run.
CASES = [
    pytest.param(path, options, marks=[pytest.mark.slow] if (place + kind) % 3 else [])
    for place, path in enumerate(ALL_SAMPLES)
    for kind, options in enumerate([{}, {"sweep": True}, {"sweep": True, "down": True}])
]


@pytest.mark.parametrize(
    ("path", "options"), CASES, ids=lambda case: sample_name(case) if isinstance(case, Path) else "-".join(case)
)
def test_nothing_stands_on_anything_else(path: Path, options: dict[str, bool]) -> None:
    program = adcli.load(str(path))
    svg = ElementTree.fromstring(str(program.graph(**options).picture("svg")))  # type: ignore[arg-type]
    width, height = float(svg.get("width", 0)), float(svg.get("height", 0))
    groups = [group for group in svg.iter(f"{SVG}g") if group.get("class")]
    boxes = [(number, box) for number, group in enumerate(groups) for box in (*texts(group), *shapes(group))]
    for at, (number, box) in enumerate(boxes):
        assert box.left >= 0
        assert box.top >= 0
        assert box.right <= width + 0.5
        assert box.bottom <= height + 0.5
        for other_number, other in boxes[at + 1 :]:
            assert number == other_number or not box.meets(other), (box, other)
    for group in groups:  # a text fits into its box
        outer = next((box for box in shapes(group) if box.what == "box"), None)
        for text in texts(group) if outer else ():
            assert text.left >= outer.left - 1  # type: ignore[union-attr]
            assert text.right <= outer.right + 1  # type: ignore[union-attr]


@pytest.mark.parametrize("path", mostly_slow(ALL_SAMPLES), ids=sample_name)
def test_edges_go_forward(path: Path) -> None:
    for down in (False, True):
        report = adcli.load(str(path)).graph(down=down)
        for line in report.drawn(6).edges:
            along = [point.y if down else point.x for point in line.route.points]
            assert along == sorted(along)
            assert along[0] < along[-1]


@pytest.mark.parametrize("path", mostly_slow(ALL_SAMPLES), ids=sample_name)
def test_every_node_of_a_picture_has_a_title_of_its_own(path: Path) -> None:
    svg = ElementTree.fromstring(str(adcli.load(str(path)).graph(sweep=True).picture("svg")))
    assert svg.find(f"{SVG}title") is not None
    assert svg.find(f"{SVG}desc") is not None
    nodes = [group for group in svg.iter(f"{SVG}g") if "node" in group.get("class", "").split()]
    titles = [group.find(f"{SVG}title") for group in nodes]
    assert all(title is not None and title.text for title in titles)
    assert len({title.text for title in titles if title is not None}) == len(nodes)


@pytest.mark.parametrize("path", mostly_slow(ALL_SAMPLES, every=8), ids=sample_name)
def test_graphviz_reads_dot(path: Path) -> None:
    report = adcli.load(str(path)).graph(sweep=True)
    (graph,) = pydot.graph_from_dot_data(str(report.picture("dot")))
    names = [node.get_name() for node in graph.get_nodes() if node.get_name() not in ("node", "edge")]
    assert names == [f"n{place}" for place in range(len(report.graph.nodes))]
    assert [(edge.get_source(), edge.get_destination()) for edge in graph.get_edges()] == [
        (f"n{edge.source}", f"n{edge.target}") for edge in report.graph.edges
    ]


@pytest.mark.parametrize(("name", "options"), [
    ("sine_product", ()), ("sine_product", ("--sweep",)), ("huber", ()), ("decay", ("--sweep",)),
    ("linear_regression", ("--sweep",)),
], ids=lambda part: part if isinstance(part, str) else "-".join(part) or "plain")  # fmt: skip
@pytest.mark.parametrize("columns", [80, 120])
def test_drawn_with_letters(adcli: Adcli, golden: Golden, name: str, options: tuple[str, ...], columns: int) -> None:
    result = adcli("graph", f"samples/{name}.ad", *options, columns=columns)
    assert result.status == 0
    kind = "sweep" if options else "plain"
    golden(f"graph-{name}-{kind}-{columns}.txt", result.out)


@pytest.mark.parametrize("form", ["svg", "dot", "json", "csv", "html", "markdown", "latex"])
def test_each_format(adcli: Adcli, golden: Golden, form: str) -> None:
    result = adcli("graph", "samples/sine_product.ad", "--sweep", "--format", form)
    assert result.status == 0
    assert result.err == ""
    golden(f"graph-{form}.txt", result.out)


@pytest.mark.parametrize(
    ("suffix", "head"), [("pdf", b"%PDF"), ("png", b"\x89PNG"), ("svg", b"<svg"), ("html", b"<!doc")]
)
def test_a_file_is_drawn_as_its_name_says(adcli: Adcli, tmp_path: Path, suffix: str, head: bytes) -> None:
    path = tmp_path / f"graph.{suffix}"
    assert adcli("graph", "samples/huber.ad", "--sweep", "-o", str(path)).status == 0
    assert path.read_bytes().startswith(head)


def test_a_suffix_that_nothing_draws_is_refused(adcli: Adcli, tmp_path: Path) -> None:
    result = adcli("graph", "samples/huber.ad", "-o", str(tmp_path / "graph.jpg"))
    assert result.status == 2
    assert ".svg" in result.err


def test_without_matplotlib_a_message_says_what_draws(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    result = adcli("graph", "samples/huber.ad", "--format", "pdf")
    assert result.status == 2
    assert "pip install 'adcli[plot]'" in result.err


def test_a_notebook_shows_the_picture() -> None:
    assert adcli.load("samples/huber.ad").graph()._repr_html_().startswith("<svg")


def test_lanes_end_where_they_are_read_last(adcli: Adcli) -> None:
    out = adcli("graph", "samples/sine_product.ad").out
    assert out.count("◂") == 5  # as many as there are edges
    assert out.count("╮") - out.count("╭") == 4  # each of four nodes that are read has one lane
    assert out.count("╯") - out.count("╰") == 4  # which ends once


def test_wide_letters_and_markup_are_no_trouble(adcli: Adcli) -> None:
    program = b"input \xe5\xb9\x85 = 2\n\xce\xb1 = \xe5\xb9\x85 * 3 < 7\noutput y = \xe5\xb9\x85 * 2 + \xce\xb1"
    for form in ("svg", "dot", "table", "html"):
        result = adcli("graph", "-", "--format", form, stdin=program)
        assert result.status == 0, result.err
    ElementTree.fromstring(adcli("graph", "-", "--format", "svg", stdin=program).out)


def test_a_sweep_over_a_kink_is_warned_of(adcli: Adcli) -> None:
    result = adcli("graph", "-e", "abs(x)", "--x", "0", "--sweep")
    assert "warning[kink]" in result.err
    assert adcli("graph", "-e", "abs(x)", "--x", "0", "--sweep", "--nonsmooth", "error").status == 1
    assert adcli("graph", "-e", "abs(x)", "--x", "0").err == ""

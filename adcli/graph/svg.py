"""A graph as SVG: a picture that needs nothing else, light or dark as who looks at it has chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from adcli.graph.figure import (
    BASE_ADJOINT,
    BASE_CONTRIBUTION,
    BASE_FORMULA,
    BASE_HEADING,
    BASE_PARTIAL,
    BASE_VALUE,
    BLOCK,
    BOX,
    EdgeLine,
    Figure,
    NodeBox,
    hexagon,
    lozenge,
)
from adcli.graph.layout import Point
from adcli.graph.palette import DARK, LIGHT

_MONO = "ui-monospace,'SF Mono','Cascadia Mono','JetBrains Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace"


def _properties(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


STYLE = f"""\
.adcli-graph{{{_properties(LIGHT)};color-scheme:light dark}}
@media (prefers-color-scheme:dark){{.adcli-graph{{{_properties(DARK)}}}}}
.adcli-graph .ground{{fill:var(--panel)}}
.adcli-graph text{{font:12.5px {_MONO};fill:var(--ink);text-anchor:middle;font-variant-numeric:tabular-nums}}
.adcli-graph .box{{fill:var(--panel);stroke:var(--ink);stroke-width:1.25}}
.adcli-graph .output .box{{stroke-width:2.5}}
.adcli-graph .guard .box,.adcli-graph .under{{fill:var(--sunk);stroke:var(--edge)}}
.adcli-graph .name{{font-weight:700}}
.adcli-graph .operation{{fill:var(--soft)}}
.adcli-graph .value{{font-size:14.5px}}
.adcli-graph .block{{fill:var(--adjoint)}}
.adcli-graph .adjoint{{fill:var(--on-adjoint);font-weight:600}}
.adcli-graph .edge{{fill:none;stroke:var(--edge);stroke-width:1.4}}
.adcli-graph .guards{{stroke-dasharray:2 5}}
.adcli-graph .swept{{stroke:var(--adjoint);stroke-width:2.2}}
.adcli-graph .tip{{fill:var(--edge)}}
.adcli-graph .back{{fill:var(--adjoint)}}
.adcli-graph .lozenge{{fill:var(--partial-bg);stroke:var(--partial);stroke-width:1.1}}
.adcli-graph .partial{{fill:var(--partial);font-weight:600}}
.adcli-graph .formula{{fill:var(--soft);font-size:11.5px}}
.adcli-graph .formula,.adcli-graph .contribution{{paint-order:stroke;stroke:var(--panel);stroke-width:4px;
stroke-linejoin:round}}
.adcli-graph .contribution{{fill:var(--adjoint);font-size:11.5px;font-weight:700}}
"""


def to_svg(drawn: Figure) -> str:
    """The picture as the text of a file."""
    width, height = f"{drawn.width:.0f}", f"{drawn.height:.0f}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="adcli-graph" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="group" aria-labelledby="graph-title graph-description">',
        f'<title id="graph-title">{escape(drawn.title)}</title>',
        f'<desc id="graph-description">{escape(drawn.description)}</desc>',
        f"<style>\n{STYLE}</style>",
        f'<rect class="ground" width="{width}" height="{height}"/>',
        *(_edge(line) for line in drawn.edges),
        *(_node(box) for box in drawn.nodes),
        *(label for line in drawn.edges for label in _label(line)),
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def _edge(line: EdgeLine) -> str:
    """The line of an edge, with a head at its target, or where a sweep went along it at its source."""
    back = line.edge.contribution is not None
    kind = "edge guards" if line.edge.guard else "edge swept" if back else "edge"
    curves = [f"{_pair(a)}C{_pair(b)} {_pair(c)} {_pair(d)}" for a, b, c, d in line.route.curves()]
    drawn = f'<path class="{kind}" d="M{"L".join(curves)}"/>'
    if line.edge.guard:
        return drawn
    return f'{drawn}<polygon class="{"back" if back else "tip"}" points="{_pairs(line.route.head(back))}"/>'


def _pair(point: Point) -> str:
    return f"{point.x:.1f},{point.y:.1f}"


def _pairs(points: Sequence[Point]) -> str:
    return " ".join(map(_pair, points))


def _node(box: NodeBox) -> str:
    node, (width, height) = box.node, box.size
    x, y = box.place.x - width / 2, box.place.y - height / 2
    kind = " ".join(["node", node.kind, *(["output"] if node.is_output else [])])
    return "".join(
        [
            f'<g class="{kind}" role="img" aria-label="{escape(box.title)}" transform="translate({x:.1f},{y:.1f})">',
            f"<title>{escape(box.title)}</title>",
            *_shape(box),
            _heading(box),
            f'<text class="value" x="{width / 2:.1f}" y="{BASE_VALUE}">{escape(box.value)}</text>',
            "</g>",
        ]
    )


def _shape(box: NodeBox) -> Iterator[str]:
    width = box.size.width
    if box.node.kind == "guard":
        yield f'<polygon class="box" points="{_pairs(hexagon(width))}"/>'
        return
    if box.node.kind == "fold":
        yield from (
            f'<rect class="under" x="{shift}" y="-{shift}" width="{width:.1f}" height="{BOX:.0f}" rx="9"/>'
            for shift in (6, 3)
        )
    yield f'<rect class="box" width="{width:.1f}" height="{BOX:.0f}" rx="9"/>'
    if box.adjoint:
        yield f'<rect class="block" y="{BOX + 1:.0f}" width="{width:.1f}" height="{BLOCK - 1:.0f}"/>'
        yield f'<text class="adjoint" x="{width / 2:.1f}" y="{BASE_ADJOINT}">{escape(box.adjoint)}</text>'


def _heading(box: NodeBox) -> str:
    name, operation = box.heading
    spans = f'<tspan class="name">{escape(name)}</tspan>' if name else ""
    return (
        f'<text x="{box.size.width / 2:.1f}" y="{BASE_HEADING}" xml:space="preserve">{spans}'
        f'<tspan class="operation">{escape(operation)}</tspan></text>'
    )


def _label(line: EdgeLine) -> Iterator[str]:
    """The lozenge of a partial, its formula above, the contribution below."""
    if line.route.label is None:
        return
    x, y = line.route.label
    yield f'<g class="label" transform="translate({x:.1f},{y:.1f})"><title>{escape(line.title)}</title>'
    yield f'<polygon class="lozenge" points="{_pairs(lozenge(line.width))}"/>'
    yield f'<text class="partial" y="{BASE_PARTIAL}">{escape(line.partial)}</text>'
    if line.formula:
        yield f'<text class="formula" y="{BASE_FORMULA}">{escape(line.formula)}</text>'
    if line.contribution:
        yield f'<text class="contribution" y="{BASE_CONTRIBUTION}">{escape(line.contribution)}</text>'
    yield "</g>"

"""A graph as PDF or PNG, drawn by matplotlib (the extra `adcli[plot]`)."""

from __future__ import annotations

import io
from typing import Any

from adcli.errors import AdError, Problem
from adcli.graph.figure import (
    BASE_ADJOINT,
    BASE_CONTRIBUTION,
    BASE_FORMULA,
    BASE_HEADING,
    BASE_PARTIAL,
    BASE_VALUE,
    BLOCK,
    BOX,
    SMALL,
    TEXT,
    VALUE,
    EdgeLine,
    Figure,
    NodeBox,
    hexagon,
    lozenge,
)
from adcli.graph.layout import Point
from adcli.graph.palette import LIGHT

_POINT = 0.75  # of a pixel
_FONT = "DejaVu Sans Mono"  # which comes with matplotlib


def to_picture(drawn: Figure, kind: str) -> bytes:
    """The picture as the content of a file. Raises AdError `usage` where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure as Canvas
    except ImportError:
        help_text = "pip install 'adcli[plot]', or pip install matplotlib; .svg and .dot need nothing"
        raise AdError(Problem("usage", f"a graph as .{kind} needs matplotlib", help=help_text)) from None
    canvas = Canvas(figsize=(drawn.width / 96, drawn.height / 96))
    axes: Any = canvas.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, drawn.width), ylim=(drawn.height, 0))
    axes.axis("off")
    for line in drawn.edges:
        _edge(axes, line)
    for box in drawn.nodes:
        _node(axes, box)
    for line in drawn.edges:
        _label(axes, line)
    file = io.BytesIO()
    canvas.savefig(file, format=kind, dpi=192, metadata={"Title": drawn.title})
    return file.getvalue()


def _text(axes: Any, x: float, y: float, text: str, color: str, size: float, weight: str = "normal") -> None:
    axes.text(x, y, text.replace("$", r"\$"), color=color, fontsize=size * _POINT, fontfamily=_FONT, fontweight=weight,
              ha="center", va="baseline")  # fmt: skip


def _edge(axes: Any, line: EdgeLine) -> None:
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    back = line.edge.contribution is not None
    corners: list[Point] = []
    codes: list[Any] = []
    for curve in line.route.curves():
        codes += [Path.LINETO if corners else Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
        corners += curve
    color = LIGHT["adjoint"] if back else LIGHT["edge"]
    style = (0, (2, 4)) if line.edge.guard else "solid"
    axes.add_patch(PathPatch(Path(corners, codes), fill=False, edgecolor=color, linestyle=style,
                             linewidth=(2.2 if back else 1.4) * _POINT))  # fmt: skip
    if not line.edge.guard:
        axes.add_patch(Polygon(line.route.head(back), facecolor=color, edgecolor="none"))


def _node(axes: Any, box: NodeBox) -> None:
    from matplotlib.patches import FancyBboxPatch, Polygon, Rectangle

    (x, y), (width, height) = box.place, box.size
    left, top = x - width / 2, y - height / 2
    if box.node.kind == "guard":
        corners = [(left + x, top + y) for x, y in hexagon(width)]
        axes.add_patch(Polygon(corners, facecolor=LIGHT["sunk"], edgecolor=LIGHT["edge"], linewidth=_POINT))
    else:
        for shift in (6, 3, 0) if box.node.kind == "fold" else (0,):
            axes.add_patch(FancyBboxPatch(
                (left + 9 + shift, top + 9 - shift), width - 18, BOX - 18, boxstyle="round,pad=9",
                facecolor=LIGHT["panel"], edgecolor=LIGHT["edge"] if shift else LIGHT["ink"],
                linewidth=(2.5 if box.node.is_output and not shift else 1.25) * _POINT,
            ))  # fmt: skip
    _text(axes, x, top + BASE_HEADING, "".join(box.heading), LIGHT["ink"], TEXT)
    _text(axes, x, top + BASE_VALUE, box.value, LIGHT["ink"], VALUE)
    if box.adjoint:
        axes.add_patch(Rectangle((left, top + BOX + 1), width, BLOCK - 1, facecolor=LIGHT["adjoint"], edgecolor="none"))
        _text(axes, x, top + BASE_ADJOINT, box.adjoint, LIGHT["on-adjoint"], TEXT, "bold")


def _label(axes: Any, line: EdgeLine) -> None:
    from matplotlib.patches import Polygon

    if line.route.label is None:
        return
    x, y = line.route.label
    corners = [(x + across, y + below) for across, below in lozenge(line.width)]
    axes.add_patch(Polygon(corners, facecolor=LIGHT["partial-bg"], edgecolor=LIGHT["partial"], linewidth=1.1 * _POINT))
    _text(axes, x, y + BASE_PARTIAL, line.partial, LIGHT["partial"], TEXT)
    if line.formula:
        _text(axes, x, y + BASE_FORMULA, line.formula, LIGHT["soft"], SMALL)
    if line.contribution:
        _text(axes, x, y + BASE_CONTRIBUTION, line.contribution, LIGHT["adjoint"], SMALL, "bold")

"""A graph as PDF or PNG, drawn by matplotlib (the extra `adcli[plot]`)."""

from __future__ import annotations

import io
from typing import Any

from adcli.errors import AdError, Problem
from adcli.graph.figure import BLOCK, BOX, SMALL, TEXT, VALUE, EdgeLine, Figure, NodeBox
from adcli.graph.layout import Point

_INK, _SOFT, _EDGE, _PARTIAL, _TINT, _ADJOINT = "#12161c", "#505a67", "#8a94a1", "#8a5000", "#fcf1de", "#1a4bbd"
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
    color = _ADJOINT if back else _EDGE
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
        corners = [(left + 12, top), (left + width - 12, top), (left + width, top + BOX / 2),
                   (left + width - 12, top + BOX), (left + 12, top + BOX), (left, top + BOX / 2)]  # fmt: skip
        axes.add_patch(Polygon(corners, facecolor="#f7f8fa", edgecolor=_EDGE, linewidth=_POINT))
    else:
        for shift in (6, 3, 0) if box.node.kind == "fold" else (0,):
            axes.add_patch(FancyBboxPatch(
                (left + 9 + shift, top + 9 - shift), width - 18, BOX - 18, boxstyle="round,pad=9",
                facecolor="white", edgecolor=_EDGE if shift else _INK,
                linewidth=(2.5 if box.node.is_output and not shift else 1.25) * _POINT,
            ))  # fmt: skip
    _text(axes, x, top + 20, "".join(box.heading), _INK, TEXT)
    _text(axes, x, top + 41, box.value, _INK, VALUE)
    if box.adjoint:
        axes.add_patch(Rectangle((left, top + BOX + 1), width, BLOCK - 1, facecolor=_ADJOINT, edgecolor="none"))
        _text(axes, x, top + BOX + 16, box.adjoint, "white", TEXT, "bold")


def _label(axes: Any, line: EdgeLine) -> None:
    from matplotlib.patches import Polygon

    if line.route.label is None:
        return
    (x, y), half = line.route.label, line.width / 2
    corners = [(x - half, y), (x - half + 10, y - 10), (x + half - 10, y - 10), (x + half, y), (x + half - 10, y + 10),
               (x - half + 10, y + 10)]  # fmt: skip
    axes.add_patch(Polygon(corners, facecolor=_TINT, edgecolor=_PARTIAL, linewidth=1.1 * _POINT))
    _text(axes, x, y + 4.2, line.partial, _PARTIAL, TEXT)
    if line.formula:
        _text(axes, x, y - 15, line.formula, _SOFT, SMALL)
    if line.contribution:
        _text(axes, x, y + 23, line.contribution, _ADJOINT, SMALL, "bold")

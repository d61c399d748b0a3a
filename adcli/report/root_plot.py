"""A search for a root as a plot."""

from __future__ import annotations

import math

from adcli.report import plots
from adcli.report.root import RootReport


def plotted(report: RootReport, name: str) -> bytes:
    """By how much the equations are off at each point that was looked at, as the content of a file.

    Raises AdError as `plots` does.
    """
    figure = plots.figure()
    axes = figure.subplots()
    shown = [(each.number, each.off_by) for each in report.looked if each.off_by > 0 and math.isfinite(each.off_by)]
    if shown:
        axes.semilogy(*zip(*shown, strict=True), "o-", markersize=3, linewidth=0.8)
    axes.set_xlabel("point")
    axes.set_ylabel("the most that an equation is off by")
    axes.set_title(f"{', '.join(report.equations)} = 0 by {report.method}")
    return plots.drawn_as(figure, name)

"""The way down as a plot."""

from __future__ import annotations

from adcli.report import plots
from adcli.report.minimize import MinimizeReport


def plotted(report: MinimizeReport, name: str) -> bytes:
    """The value above its best one, and the norm of the gradient, at each iteration, as the content of a file.

    Raises AdError as `plots` does.
    """
    figure = plots.figure()
    axes = figure.subplots()
    numbers = [step.number for step in report.iterations]
    above = [abs(step.value - report.value) for step in report.iterations]
    for heights, style, label in (
        (above, "o-", f"|{report.objective} - its {'largest' if report.maximized else 'least'} value|"),
        ([step.gradient for step in report.iterations], "s-", "|gradient|"),
    ):
        shown = [(at, height) for at, height in zip(numbers, heights, strict=True) if height > 0]
        if shown:
            axes.semilogy(*zip(*shown, strict=True), style, markersize=3, linewidth=0.8, label=label)
    axes.set_xlabel("iteration")
    axes.set_title(f"{report.objective} by {report.solver}")
    axes.legend()
    return plots.drawn_as(figure, name)

"""Budgets and samples of uncertain outputs as pictures, by matplotlib."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from adcli.report import plots
from adcli.report.uncertainty import MOST_LINES, Outcome, Row, UncertaintyReport


def picture(report: UncertaintyReport, name: str) -> bytes:
    """The contributions of each output, and the histogram of its samples, as the content of a file.

    Raises what `plots.figure` and `plots.drawn_as` raise.
    """
    drawing = plots.figure(9.0, 3.2 * len(report.outcomes))
    axes = drawing.subplots(len(report.outcomes), 2, squeeze=False)
    for (left, right), (output, outcome) in zip(axes, report.outcomes.items(), strict=True):
        _draw_tornado(left, output, report.rows(output)[:MOST_LINES])
        _draw_histogram(right, outcome)
    return plots.drawn_as(drawing, name)


def _draw_tornado(axes: Any, output: str, rows: Sequence[Row]) -> None:
    rows = rows[::-1]
    axes.barh([row.quantity.label for row in rows], [row.line.contribution for row in rows], color="tab:blue")
    axes.set_xlabel("contribution to the standard uncertainty")
    axes.set_title(f"budget of {output}")


def _draw_histogram(axes: Any, outcome: Outcome) -> None:
    answer, sampled = outcome.combined, outcome.sampled
    if sampled is not None:
        bins = sampled.simulated.histogram
        axes.stairs(bins.counts, bins.edges, fill=True, color="0.8", label="Monte Carlo")
        ends = sampled.simulated.symmetric
        for place, label in ((ends.low, "its interval"), (ends.high, None)):
            axes.axvline(place, color="0.3", label=label)
    for place, label in ((answer.low, "linear interval"), (answer.high, None)):
        if math.isfinite(place):
            axes.axvline(place, color="tab:orange", linestyle="--", label=label)
    axes.set_xlabel(outcome.output)
    axes.set_title(f"{outcome.output} = {outcome.concise}")
    axes.legend()

"""A fit as a plot: data, curve with its band, and residuals."""

from __future__ import annotations

from typing import Any

from adcli.report import plots
from adcli.report.fit import FitReport
from adcli.rules.dispatch import shape_of


def plotted(report: FitReport, name: str) -> bytes:
    """The plot as the content of a file. Raises AdError as `plots` does.

    The curve goes through the fitted values in the order of the first data that are not the response; the band is that
    of the curve, point by point, with the confidence of the report.
    """
    import numpy

    figure = plots.figure(6.4, 5.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    across = _across(report)
    if across is None:
        label, at = "row", numpy.arange(report.observations, dtype=float)
    else:
        label, at = across, numpy.ravel(report.inputs[across])
    order = numpy.argsort(at, kind="stable")
    at = at[order]
    residuals = numpy.asarray(report.residuals)[order]
    if report.response is not None:
        data = numpy.ravel(report.inputs[report.response])[order]
        curve = data - residuals * report.fit.sign
        half = numpy.asarray(report.fit.band)[order]
        upper.plot(at, data, "o", markersize=3, label=report.response)
        upper.plot(at, curve, "-", linewidth=1, label="fit")
        if numpy.isfinite(half).all():
            band = f"{report.confidence * 100:g} % band of the curve"
            upper.fill_between(at, curve - half, curve + half, alpha=0.3, label=band)
        upper.set_ylabel(report.response)
        upper.legend()
    else:
        upper.plot(at, report.leverage[order], "o", markersize=3)
        upper.set_ylabel("leverage")
    lower.axhline(0, color="0.5", linewidth=0.8)
    lower.plot(at, residuals, "o", markersize=3)
    lower.set_ylabel(report.residual)
    lower.set_xlabel(label)
    upper.set_title(
        f"{report.loss} fit of {report.residual}" if report.loss != "linear" else f"fit of {report.residual}"
    )
    return plots.drawn_as(figure, name)


def _across(report: FitReport) -> Any:
    """The first data that are not the response, of which there is one number for each residual."""
    moving = report.fit.parameters.names
    for name, value in report.inputs.items():
        if name != report.response and name not in moving and shape_of(value) == (report.observations,):
            return name
    return None

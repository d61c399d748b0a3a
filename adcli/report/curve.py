"""The error of differences against their step: as a picture of letters, as a table, and as a file with a plot."""

from __future__ import annotations

import math

from adcli.report.cells import Cell, Column, Digits, Table, number, number_text
from adcli.report.chart import Point, drawn
from adcli.report.fields import Field
from adcli.report.plotting import content, figure
from adcli.trust.curve import WAYS, Curve

_MARKS = {"forward": "f", "central": "c", "complex": "i"}
_EXPECTED = {"forward": (1, -1), "central": (2, -1), "complex": (2, None)}  # of truncation and of round-off
_LEAST = 2.0**-53  # where errors below a unit round-off are drawn
_CHOSEN = "|"  # marks the step that was chosen


def curve_tables(curve: Curve, digits: Digits) -> list[Table]:
    """The picture, and what can be read from it."""
    title = f"error of the derivative of {curve.output} by {curve.component} against the step"
    return [_picture(curve, title), _slopes_table(curve, digits)]


def _picture(curve: Curve, title: str) -> Table:
    points = [
        Point(math.log10(step), math.log10(max(error, _LEAST)), _MARKS[way])
        for way in WAYS
        for step, error in zip(curve.steps, curve.errors[way], strict=True)
        if math.isfinite(error)
    ]
    if not points:
        return Table(title, (Column(""),), (), "there is no value at any step", picture=True)
    high = max(point.y for point in points)
    low = min(point.y for point in points)
    rule = [Point(math.log10(curve.chosen), low + (high - low) * part / 40, _CHOSEN) for part in range(41)]
    ends = f"h = {curve.steps[-1]:.0e}", f"{curve.steps[0]:.0e}"
    lines = drawn([*(rule if curve.chosen else []), *points], lambda exponent: f"{10**exponent:.0e}", ends)
    kind = "relative" if curve.relative else "absolute"
    legend = f"{kind} errors: f forward, c central, i complex step; {_CHOSEN} the step that is chosen"
    return Table(title, (Column("error"),), tuple((line,) for line in lines), legend, picture=True)


def _slopes_table(curve: Curve, digits: Digits) -> Table:
    columns = (
        Column("difference"), number("truncation"), number("expected"), number("round-off"), number("expected"),
        number("least error"), number("at step"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for way in WAYS:
        known = [pair for pair in zip(curve.errors[way], curve.steps, strict=True) if math.isfinite(pair[0])]
        if known:
            least, step = min(known)
            slopes = (curve.truncation[way], curve.round_off[way])
            texts = [None if slope is None else f"h^{slope:.2f}" for slope in slopes]
            expected = [None if power is None else f"h^{power}" for power in _EXPECTED[way]]
            rows.append((way, texts[0], expected[0], texts[1], expected[1], f"{least:.1e}", f"{step:.1e}"))
    notes = [f"errors are distances from the reverse sweep's {number_text(curve.derivative, digits)}"]
    if not all(math.isfinite(error) for error in curve.errors["complex"][-1:]):
        notes.append("no complex step: something on the way is not analytic")
    if curve.chosen:
        notes.append(f"the extrapolated central difference of `adcli grad` starts from h = {curve.chosen:.1e}")
    return Table("what the errors grow like", columns, tuple(rows), "\n".join(notes))


CURVE = (
    Field("output", "what is differentiated"),
    Field("input", "by which component of the inputs", lambda curve: curve.component),
    Field("derivative", "by the reverse sweep: what the errors are taken from"),
    Field("relative", "whether errors are relative to it"),
    Field("steps", "in falling order", form="[number]"),
    Field("errors", "one for each step", form="{way: [number]}"),
    Field("truncation", "the slope of the errors where truncation prevails, or null", form="{way: number}"),
    Field("round_off", "the slope of the errors where round-off prevails, or null", form="{way: number}"),
    Field("chosen", "the step that `adcli grad` takes"),
)


def picture(curve: Curve, name: str) -> bytes:
    """The curve as the content of a file, drawn by matplotlib; its kind is that of the name's ending.

    Raises AdError `usage` where matplotlib is not installed, `output` where it draws no such files.
    """
    drawing = figure()
    axes = drawing.subplots()
    for way, style in (("forward", "o-"), ("central", "s-"), ("complex", "^-")):
        known = [pair for pair in zip(curve.steps, curve.errors[way], strict=True) if math.isfinite(pair[1])]
        if known:
            axes.loglog(
                [step for step, _ in known], [max(error, _LEAST) for _, error in known], style, markersize=3,
                linewidth=0.8, label="complex step" if way == "complex" else f"{way} difference",
            )  # fmt: skip
    if curve.chosen:
        axes.axvline(curve.chosen, color="0.5", linestyle=":", label="chosen step")
    axes.set_xlabel("step h")
    axes.set_ylabel("relative error" if curve.relative else "absolute error")
    axes.set_title(f"derivative of {curve.output} by {curve.component}")
    axes.legend()
    return content(drawing, name)

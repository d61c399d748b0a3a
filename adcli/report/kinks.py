"""Kinks at the point, as reports show them: a table of slopes, warnings, and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adcli.report.cells import Cell, Column, Table
from adcli.report.fields import Field

if TYPE_CHECKING:  # a program without a kink needs nothing of it
    from adcli.trust.kinks import Kinks, Site

SITE = (
    Field("operation", "what is at its kink, or decides", lambda site: site.text),
    Field("line", "where it stands"),
    Field("convention", "what is used there"),
    Field("times", "how often it is met"),
)

SLOPES = (
    Field("left", "the slope to the left; null where there is no value on that side"),
    Field("right", "the slope to the right; null where there is no value on that side"),
    Field("used", "the derivative that the convention gives"),
    Field("jump", "how far the value jumps from the left to the right"),
    Field("exact", "whether the slopes are exact, and not those of points close by"),
)

KINKS = Field(
    "kinks", "where outputs have no derivative", lambda report: report.kinks or None, "object",
    (
        Field("sites", "the operations and decisions", form="[object]", fields=SITE),
        Field("slopes", "the slopes to both sides", form="{output: {component: object}}", fields=SLOPES),
    ),
    "at a kink",
)  # fmt: skip


def kink_table(kinks: Kinks) -> Table:
    """The slopes to both sides, and what was used."""
    columns = (Column("output"), Column("input"), *(
        Column(heading, number=True) for heading in ("from the left", "from the right", "jump", "used")
    ))  # fmt: skip
    rows = tuple(
        (output, component, _side(slopes.left), _side(slopes.right), slopes.jump or None, slopes.used)
        for output, found in kinks.slopes.items()
        for component, slopes in found.items()
    )
    notes = [f"at a kink: {_place(site)}; used: {site.convention}" for site in kinks.sites]
    if any(not slopes.exact for found in kinks.slopes.values() for slopes in found.values()):
        notes.append("what meets there moves at the same pace: slopes are those of points close by")
    if kinks.left_out:
        notes.append(f"along {kinks.left_out:,} more components no slopes were computed")
    return Table("slopes at a kink", columns, rows, "\n".join(notes))


def _side(slope: float | None) -> Cell:
    return "none" if slope is None else slope


def _place(site: Site) -> str:
    times = f", {site.times:,} times" if site.times > 1 else ""
    return f"`{site.text}`, line {site.line}{times}"

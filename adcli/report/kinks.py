"""Kinks at the point, as reports show them: a table of slopes, warnings, and JSON."""

from __future__ import annotations

from typing import Any

from adcli.report.cells import Cell, Column, Table
from adcli.trust.kinks import Kinks, Site


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


def kinks_to_dict(kinks: Kinks) -> dict[str, Any]:
    """The JSON: where they are, and by output and component the slopes."""
    return {
        "sites": [
            {"operation": site.text, "line": site.line, "convention": site.convention, "times": site.times}
            for site in kinks.sites
        ],
        "slopes": {
            output: {component: slopes._asdict() for component, slopes in found.items()}
            for output, found in kinks.slopes.items()
        },
    }

"""Kinks at the point, as reports show them: a table of slopes, warnings, and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from adcli.records import NamedTuple
from adcli.report.cells import Cell, Table, named, number
from adcli.report.fields import Field, picked, table, within
from adcli.tape.tape import Tape

if TYPE_CHECKING:  # a program without a kink needs nothing of it
    from adcli.trust.kinks import Kinks, Site, Slopes

SITE = (
    Field("operation", "what is at its kink, or decides", lambda site: site.text),
    Field("line", "where it stands"),
    Field("convention", "what is used there"),
    Field("times", "how often it is met"),
)

SLOPES = (
    Field("left", "the slope to the left; null where there is no value on that side",
          column=number("from the left"), show=lambda slopes: _side(slopes.left)),
    Field("right", "the slope to the right; null where there is no value on that side",
          column=number("from the right"), show=lambda slopes: _side(slopes.right)),
    Field("used", "the derivative that the convention gives", column=number("used")),
    Field("jump", "how far the value jumps from the left to the right",
          column=number("jump"), show=lambda slopes: slopes.jump or None),
    Field("exact", "whether the slopes are exact, and not those of points close by"),
)  # fmt: skip

KINKS = Field(
    "kinks", "where outputs have no derivative", lambda report: report.kinks or None, "object",
    (
        Field("sites", "the operations and decisions", form="[object]", fields=SITE),
        Field("slopes", "the slopes to both sides", form="{output: {component: object}}", fields=SLOPES),
    ),
    "at a kink",
)  # fmt: skip


class _SlopesRow(NamedTuple):
    output: str
    input: str
    slopes: Slopes


_SLOPES_ROW = (
    Field("output", column=named("output")), Field("input", column=named("input")),
    *within("slopes", picked(SLOPES, "left right jump used")),
)  # fmt: skip


def kink_table(kinks: Kinks) -> Table:
    """The slopes to both sides, and what was used."""
    rows = [
        _SlopesRow(output, component, slopes)
        for output, components in kinks.slopes.items()
        for component, slopes in components.items()
    ]
    second = any(row.slopes.of == "gradient" for row in rows)
    notes = [_used(site) for site in kinks.sites]
    if second:
        notes.append("slopes are those of points close by")
    elif any(not row.slopes.exact for row in rows):
        notes.append("what meets there moves at the same pace: slopes are those of points close by")
    if kinks.left_out:
        notes.append(f"along {kinks.left_out:,} more components no slopes were computed")
    return table(
        "slopes of the gradient at a kink" if second else "slopes at a kink", rows, _SLOPES_ROW, "\n".join(notes)
    )


def conventions_used(tape: Tape, outputs: Iterable[str], inputs: Sequence[str]) -> list[str]:
    """Which conventions rules use at the point of a run: at kinks, and at edges that an input may leave."""
    from adcli.emit.edges import edges_met
    from adcli.tape.labels import labels
    from adcli.tape.reach import entries_behind, varying_entries
    from adcli.tape.selected import select
    from adcli.trust.kinks import at_kinks, sites_of, without_underflows

    ends = [select(tape, name).entry for name in outputs]
    entries, guards = at_kinks(tape, ends, inputs)
    _, entries, guards = without_underflows(tape, entries, guards, inputs)
    told, behind = {*entries}, entries_behind(tape, ends)
    varying = varying_entries(tape, tape.inputs.values(), by_shape=False)
    edges = {entry: zero for entry, zero in edges_met(tape, varying) if behind[entry] and entry not in told}
    names = labels(tape)
    texts = [_used(site) for site in sites_of(tape, entries, guards)]
    for entry, zero in edges.items():
        (site,) = sites_of(tape, [entry], ())
        texts.append(f"where {names[zero]} is 0: {_place(site)}; used: {site.convention}")
    return texts


def _used(site: Site) -> str:
    return f"at a kink: {_place(site)}; used: {site.convention}"


def _side(slope: float | None) -> Cell:
    return "none" if slope is None else slope


def _place(site: Site) -> str:
    times = f", {site.times:,} times" if site.times > 1 else ""
    return f"`{site.text}`, line {site.line}{times}"

"""Kinks at the point, as reports show them: a table of slopes, warnings, and JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from adcli.errors import CheckFailedError, Problem
from adcli.report.cells import Cell, Column, Table
from adcli.report.model import Run
from adcli.tape.tape import Value
from adcli.trust.kinks import Kinks, Site, find_kinks, slopes_text

CODE = "kink"  # of the warning
_MOST_SITES = 5  # that are warned of one by one


def found_kinks(
    run: Run, gradients: Mapping[str, Mapping[str, Value]], told: Collection[tuple[int, int] | None], refuse: bool
) -> tuple[Kinks, list[Problem]]:
    """The kinks that outputs feel, and warnings of those places that are not told already.

    Raises CheckFailedError where there are some and they are to be refused.
    """
    kinks = find_kinks(run.program, run.point, run.tape, gradients, run.max_entries)
    problems = [problem for problem in kink_problems(kinks) if problem.span is None or problem.span not in told]
    if problems and refuse:
        raise CheckFailedError(problems, run.program.source)
    return kinks, problems


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


def kink_problems(kinks: Kinks) -> list[Problem]:
    """A warning for each operation and decision at a kink that outputs feel."""
    if not kinks:
        return []
    output, component, slopes = next(
        (output, component, slopes) for output, found in kinks.slopes.items() for component, slopes in found.items()
    )
    note = f"{output} along {component}: {slopes_text(slopes)}; {slopes.used:g} is used"
    problems = [
        Problem(
            CODE,
            f"`{site.text}` is at a kink{'' if site.times == 1 else f' {site.times:,} times'}: "
            f"there is no derivative here",
            site.span,
            "",
            note if place == 0 else "",
        )
        for place, site in enumerate(kinks.sites[:_MOST_SITES])
    ]
    rest = len(kinks.sites) - _MOST_SITES
    return [*problems, Problem(CODE, f"{rest} more operations and decisions are at a kink")] if rest > 0 else problems


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

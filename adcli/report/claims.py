"""Claims of derivatives, as `adcli check` shows them: a table, what is said of each, and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adcli.report.cells import Cell, Column, Digits, Table, point_text
from adcli.report.compared import DIGITS, REASON, VERDICT
from adcli.report.fields import Field
from adcli.trust.claims import ClaimedComponent, JudgedClaim
from adcli.trust.verdict import Verdict

_FEW = 8  # components that are all shown


def claims_table(claims: Sequence[JudgedClaim], digits: Digits) -> Table:
    """The claims beside the derivatives; below what decided, and what would explain the wrong ones."""
    columns = (
        Column("claim", breaks=True), Column("input"), Column("claimed", number=True),
        Column("derivative", number=True),
        Column("digits", number=True), Column("verdict"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    notes: list[str] = []
    for claim in claims:
        shown = _few_components(claim)
        for place, one in enumerate(shown):
            label = claim.text if place == 0 else None
            rows.append((label, one.input, one.claimed, one.derivative, f"{one.digits:.0f}", one.verdict.value))
        notes += _claim_notes(claim, shown, digits)
    return Table("claims", columns, tuple(rows), "\n".join(notes))


def _few_components(claim: JudgedClaim) -> Sequence[ClaimedComponent]:
    """All components of few; of many those that fit worst."""
    if len(claim.components) <= _FEW:
        return claim.components
    return sorted(claim.components, key=lambda one: one.digits)[:_FEW]


def _claim_notes(claim: JudgedClaim, shown: Sequence[ClaimedComponent], digits: Digits) -> Iterator[str]:
    name = claim.text.partition(" = ")[0] + ("" if claim.line is None else f", line {claim.line}")
    reason = min(shown, key=lambda one: one.digits).reason
    tried = f"; wrong at {claim.failed} of {claim.tried} random points" if claim.failed else ""
    held = f"; holds at {claim.tried} random points" if claim.tried and not claim.failed else ""
    yield f"{name}: {reason}{tried}{held}"
    if claim.counterexample is not None:
        yield f"  wrong, for example, at {point_text(claim.counterexample, digits)}"
    for one in claim.diagnoses:
        points = "1 point" if one.points == 1 else f"{one.points} points"
        yield f"  {one.sure} (fits at {points}): {one.text}"
    if claim.verdict is Verdict.WRONG and not claim.diagnoses:
        yield "  no usual mistake explains it"


CLAIMED_COMPONENT = (
    Field("input", "the component"),
    Field("claimed", "what is claimed"),
    Field("derivative", "the program's derivative"),
    DIGITS,
    VERDICT,
    REASON,
)

DIAGNOSIS = (
    Field("kind", "such as `sign`, `factor`, `missing-path`"),
    Field("text", "in words, with the place in the program"),
    Field("sure", "`sure`, `likely` or `possible`"),
    Field("points", "at how many points it fits"),
    Field("lines", "what it is about", form="[line]"),
)

CLAIM = (
    Field("claim", "its text", lambda claim: claim.text),
    Field("line", "where it stands in the program, or null"),
    Field("output", "what is differentiated"),
    Field("input", "by which input", lambda claim: claim.variable),
    Field("verdict", "on the whole", lambda claim: claim.verdict.value),
    Field("components", "each at the point where it fits worst", form="[object]", fields=CLAIMED_COMPONENT),
    Field("tried", "how many random points there were"),
    Field("failed", "at how many of them it is wrong"),
    Field("counterexample", "one of these, if it holds at the given point; or null", form="{input: value}"),
    Field("diagnoses", "what would explain it if it is wrong", form="[object]", fields=DIAGNOSIS),
)

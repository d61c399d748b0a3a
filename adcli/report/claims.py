"""Claims of derivatives, as `adcli check` shows them: a table, what is said of each, and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adcli.records import NamedTuple
from adcli.report.cells import Digits, Table, named, number, prose
from adcli.report.compared import DIGITS, REASON, VERDICT
from adcli.report.entries import point_formula
from adcli.report.fields import Field, table, within
from adcli.trust.claims import ClaimedComponent, JudgedClaim
from adcli.trust.judgement import Verdict

_FEW = 8  # components that are all shown


CLAIMED_COMPONENT = (
    Field("input", "the component", column=named("input")),
    Field("claimed", "what is claimed", column=number("claimed")),
    Field("derivative", "the program's derivative", column=number("derivative")),
    DIGITS,
    VERDICT._replace(show=lambda component: verdict_text(component.verdict, component.precision)),
    Field("precision", "where it agrees no more than it is precise itself: `to 5 digits: rounded`; else empty"),
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


def verdict_text(verdict: Verdict, precision: str) -> str:
    """`agrees (to 5 digits: rounded)`: the verdict on a claim with its precision."""
    return f"{verdict.value} ({precision})" if precision else verdict.value


class _ClaimRow(NamedTuple):
    """A component of a claim; the claim's text stands beside the first."""

    text: str | None
    component: ClaimedComponent


_CLAIM_ROW = (Field("", column=prose("claim"), show=lambda row: row.text), *within("component", CLAIMED_COMPONENT))


def claims_table(claims: Sequence[JudgedClaim], digits: Digits) -> Table:
    """The claims beside the derivatives; below what decided, and what would explain the wrong ones."""
    rows: list[_ClaimRow] = []
    notes: list[str] = []
    for claim in claims:
        shown = _few_components(claim)
        rows += [_ClaimRow(None if place else claim.text, component) for place, component in enumerate(shown)]
        notes += _claim_notes(claim, shown, digits)
    return table("claims", rows, _CLAIM_ROW, "\n".join(notes))


def _few_components(claim: JudgedClaim) -> Sequence[ClaimedComponent]:
    """All components of few; of many those that fit worst."""
    if len(claim.components) <= _FEW:
        return claim.components
    return sorted(claim.components, key=lambda component: component.digits)[:_FEW]


def _claim_notes(claim: JudgedClaim, shown: Sequence[ClaimedComponent], digits: Digits) -> Iterator[str]:
    name = claim.text.partition(" = ")[0] + ("" if claim.line is None else f", line {claim.line}")
    reason = min(shown, key=lambda component: component.digits).reason
    tried = f"; wrong at {claim.failed} of {claim.tried} random points" if claim.failed else ""
    held = f"; holds at {claim.tried} random points" if claim.tried and not claim.failed else ""
    yield f"{name}: {reason}{tried}{held}"
    if claim.counterexample is not None:
        yield f"  wrong, for example, at {point_formula(claim.counterexample, digits)}"
    for diagnosis in claim.diagnoses:
        points = "1 point" if diagnosis.points == 1 else f"{diagnosis.points} points"
        yield f"  {diagnosis.sure} (fits at {points}): {diagnosis.text}"
    if claim.verdict is Verdict.WRONG and not claim.diagnoses:
        yield "  no usual mistake explains it"

"""Verdicts by mass, held against derivatives to 100 digits: none may be false in a way that a user cannot see."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import adcli
from adcli.trust.verdict import Verdict

from .hard_points import HARD, Outcome, confusion, outcomes


def false(said: Sequence[Outcome]) -> list[Outcome]:
    """`agrees` on wrong digits, and `wrong` on right ones."""
    untrue = {("wrong digits", Verdict.AGREES), ("right", Verdict.WRONG)}
    return [outcome for outcome in said if (outcome.kind, outcome.verdict) in untrue]


def test_verdicts_at_hard_points() -> None:
    said = list(outcomes(2, seed=1))
    assert false(said) == []
    counts = confusion(said)
    assert counts["grad", "right", Verdict.AGREES] > 60


@pytest.mark.slow
def test_verdicts_at_thousands_of_hard_points() -> None:
    said = list(outcomes(100, seed=2))
    assert len(said) > 2 * 3000
    assert false(said) == []


@pytest.mark.parametrize("factor", [1 + 1e-5, 1 - 1e-5, 1 + 1e-3, 2.0])
def test_a_planted_mistake_is_caught_wherever_digits_are_known(factor: float) -> None:
    """The claim is the derivative with a mistake: it may not agree where the derivative itself does."""
    caught = 0
    for outcome in outcomes(1, seed=3):
        if outcome.command == "check" and outcome.kind == "right" and outcome.verdict is Verdict.AGREES:
            claim = f"dvalue/d{outcome.component} = {outcome.derivative * factor!r}"
            if abs(outcome.derivative) > 1e-300:
                report = adcli.expression(outcome.formula).check(outcome.point, claims=[claim])
                assert report.claims[0].verdict is Verdict.WRONG, outcome
                caught += 1
    assert caught > len(HARD) / 2

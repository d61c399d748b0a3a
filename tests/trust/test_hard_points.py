"""Verdicts by mass, held against derivatives to 100 digits: none may be false in a way that a user cannot see."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import adcli
from adcli.trust.judgement import Verdict

from .hard_points import HARD, Outcome, confusion, iterated_outcomes, outcomes


def false(said: Sequence[Outcome]) -> list[Outcome]:
    """`agrees` on wrong digits, and `wrong` on right ones."""
    untrue = {("wrong digits", Verdict.AGREES), ("right", Verdict.WRONG)}
    return [outcome for outcome in said if (outcome.kind, outcome.verdict) in untrue]


def test_verdicts_at_hard_points() -> None:
    said = [*outcomes(2, seed=1), *iterated_outcomes(2, seed=1)]
    assert false(said) == []
    counts = confusion(said)
    assert counts["grad", "right", Verdict.AGREES] > 60


@pytest.mark.slow
def test_verdicts_at_thousands_of_hard_points() -> None:
    said = [*outcomes(70, seed=2), *iterated_outcomes(35, seed=2)]
    assert len(said) > 2 * 2400
    assert false(said) == []


@pytest.mark.parametrize("factor", [1 + 1e-5, 1 - 1e-5, 1 + 1e-3, 2.0])
def test_a_planted_mistake_is_caught_wherever_digits_are_known(factor: float) -> None:
    """The claim is the derivative with a mistake: it may not agree where the derivative itself does."""
    caught = 0
    for outcome in outcomes(1, seed=3):
        if outcome.command == "check" and outcome.kind == "right" and outcome.verdict is Verdict.AGREES:
            claim = f"dvalue/d{outcome.component} = {outcome.derivative * factor!r}"
            if abs(outcome.derivative) > 1e-300 and (outcome.digits or 0) > 6:
                report = adcli.expression(outcome.formula).check(outcome.point, claims=[claim])
                assert report.claims[0].verdict is Verdict.WRONG, outcome
                caught += 1
    assert caught > len(HARD) / 2


# What is exact, from outside: the values of the derivatives, and what the verdicts on them have to be.
MINIMA = [
    ("(x^2 + y - 11)^2 + (x + y^2 - 7)^2", {"x": 3.58443, "y": -1.84813}),  # Himmelblau's, to six digits
    ("(x^2 + y - 11)^2 + (x + y^2 - 7)^2", {"x": 3.0, "y": 2.0}),
    (
        "(y - 5.1 / (4 * pi^2) * x^2 + 5 / pi * x - 6)^2 + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10",
        {"x": 3.141592653589793, "y": 2.275},  # Branin's
    ),
    ("(1 - x)^2 + 100 * (y - x^2)^2", {"x": 1.0, "y": 1.0}),  # Rosenbrock's
    ("(x^2 - 2)^2", {"x": 2**0.5}),
    ("sin(x)", {"x": 1.5707963267948966}),
]


@pytest.mark.parametrize(("formula", "point"), MINIMA)
def test_near_a_minimum_all_is_well(formula: str, point: dict[str, float]) -> None:
    program = adcli.expression(formula)
    assert {row.verdict for row in program.check(point).components} == {Verdict.AGREES}
    compared = program.gradient(point).comparisons["value"].components
    assert {judgement.verdict for judgement in compared.values()} == {Verdict.AGREES}


LOST = [
    ("(-b - sqrt(b^2 - 4*a*c)) / (2*a)", {"a": -0.0374, "b": -351.0, "c": 0.00105}, "a"),
    ("(x - sin(x)) / (x - tan(x))", {"x": 1e-4}, "x"),
    ("sqrt(x + 1) - sqrt(x)", {"x": 1e16}, "x"),
    ("cosh(x) - sinh(x)", {"x": 18.9}, "x"),
    ("sin(x) / x", {"x": 1e-8}, "x"),
]


@pytest.mark.parametrize(("formula", "point", "component"), LOST)
def test_where_no_digit_is_known_none_is_confirmed(formula: str, point: dict[str, float], component: str) -> None:
    program = adcli.expression(formula)
    checked = {row.input: row for row in program.check(point).components}
    assert checked[component].verdict is Verdict.LOST and (checked[component].digits or 0) < 3
    assert program.gradient(point).comparisons["value"].components[component].verdict is Verdict.LOST


def test_a_second_derivative_without_digits_is_lost() -> None:
    hessian = adcli.expression("sin(x) / x").hessian(x=1e-9, check=True)
    assert [judgement.verdict for judgement in hessian.judgements_made()] == [Verdict.LOST]


@pytest.mark.parametrize(
    ("claim", "wanted"),
    [
        ("5.88051", Verdict.AGREES),
        ("5.8805", Verdict.AGREES),
        ("5.88", Verdict.AGREES),
        ("5.8806", Verdict.WRONG),
        ("5.87", Verdict.WRONG),
        ("5.9", Verdict.WRONG),
        ("6", Verdict.WRONG),
    ],
)
def test_a_claimed_number_is_as_precise_as_it_is_written(claim: str, wanted: Verdict) -> None:
    program = adcli.parse("input x, y\na = x * y\noutput L = a + sin(a)")
    (judged,) = program.check(x=2, y=3, claims=[f"dL/dx = {claim}"]).claims
    assert judged.verdict is wanted
    assert judged.tried == 0  # a number is one of the point

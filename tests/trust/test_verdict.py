"""The rules of the verdict, each on evidence that is made for it; the commands' tests hold them on programs."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import pytest

import adcli
from adcli.trust.difference import OTHER_PIECES, Estimate
from adcli.trust.evidence import Evidence
from adcli.trust.judgement import SEVERITY, Verdict, worst
from adcli.trust.kinks import Slopes
from adcli.trust.rounding import Uncertainty, round_off_of_sweep
from adcli.trust.taylor import Taylor
from adcli.trust.verdict import ILL_CONDITIONED, verdict

SHARP = Estimate(2.0, 1e-12)


def rounding(size: float, most: float = 0.0, inputs: float = 0.0, text: str = "") -> Callable[[], Uncertainty]:
    return lambda: Uncertainty(size, max(size, most), inputs, text)


def evidence(derivative: float, **known: Any) -> Evidence:
    return Evidence(derivative, **{"difference": SHARP, "uncertainty": rounding(0.0), "scale": 1.0, **known})


@pytest.mark.parametrize(
    ("known", "wanted", "reason"),
    [
        (evidence(2.0), Verdict.AGREES, "0 apart <= 1e-12"),
        (evidence(2.0, undefined="sqrt(x) = nan"), Verdict.UNDEFINED, "sqrt(x) = nan"),
        (evidence(math.inf), Verdict.UNDEFINED, "the derivative is not finite here"),
        (evidence(2.1), Verdict.WRONG, "0.1 apart > 1e-12"),
        (
            evidence(0.0, difference=Estimate(1e-13, 1e-14), round_off=1e-12, uncertainty=rounding(1e-12)),
            Verdict.AGREES,
            "zero within rounding: 0 ± 1e-12",
        ),
        (
            evidence(
                1e-9, difference=Estimate(2e-9, 1e-10), round_off=1e-8, uncertainty=rounding(1e-8, text="x - 1, line 2")
            ),
            Verdict.LOST,
            "rounding has taken the digits: it leaves an error of about 1e-08; digits are lost in x - 1, line 2",
        ),
        (  # near a minimum the inputs' own rounding moves the derivative as much
            evidence(
                3e-15,
                difference=Estimate(1e-15, 1e-16),
                round_off=1e-14,
                uncertainty=rounding(9e-15, inputs=6e-14),
                scale=0.0,
            ),
            Verdict.AGREES,
            "0 ± 9e-15",
        ),
        (evidence(0.0, difference=Estimate(0.0, 2.6e-3)), Verdict.STEP, "good to 0.0026 only"),
        (evidence(2.0, difference=Estimate(2.0, 1e-2)), Verdict.STEP, "good to 0.01 only"),
        (evidence(2.0, difference=Estimate(2.0, 1.0)), Verdict.STEP, "the error 1 is too large beside 2"),
        (evidence(2.0, difference=Estimate(2.0, 1e-12, steepest=1.0)), Verdict.STEP, ILL_CONDITIONED),
        (evidence(0.0, difference=Estimate(math.nan, math.inf, sides=(-1.0, 1.0))), Verdict.NONSMOOTH, "slope -1"),
        (
            evidence(2.0, difference=Estimate(math.nan, math.inf, reason=OTHER_PIECES), parting=lambda: ": `x > 0`"),
            Verdict.STEP,
            f"{OTHER_PIECES}: `x > 0`",
        ),
    ],
)
def test_by_a_difference(known: Evidence, wanted: Verdict, reason: str) -> None:
    judgement = verdict(known)
    assert judgement.verdict is wanted
    assert reason in judgement.reason


def test_a_difference_that_contradicts_is_looked_at_again() -> None:
    assert verdict(evidence(2.1, complex_step=lambda: 2.0)).verdict is Verdict.WRONG
    assert verdict(evidence(2.1, complex_step=lambda: None)).verdict is Verdict.WRONG
    misled = verdict(evidence(2.1, complex_step=lambda: 2.1, magnitude=2.1))
    assert misled.verdict is Verdict.AGREES and "complex step" in misled.reason
    assert verdict(evidence(2.1, complex_step=lambda: 2.1, uncertainty=rounding(0.5))).verdict is Verdict.LOST
    assert verdict(evidence(2.1, complex_step=lambda: None, uncertainty=rounding(0.5))).verdict is Verdict.LOST


def test_what_keeps_its_decisions_tells_nothing_of_other_pieces() -> None:
    elsewhere = Estimate(math.nan, math.inf, reason=OTHER_PIECES)
    assert verdict(evidence(2.0, difference=elsewhere, complex_step=lambda: 2.0)).verdict is Verdict.STEP
    blunt = Estimate(0.0, 2.6e-3)
    assert verdict(evidence(0.0, difference=blunt, complex_step=lambda: 0.0)).verdict is not Verdict.WRONG


@pytest.mark.parametrize(
    ("known", "wanted", "reason"),
    [
        ({"forward": 2.0, "complex_step": lambda: 2.0}, Verdict.AGREES, "|reverse - complex step|: 0 apart"),
        ({"forward": 2.0, "complex_step": lambda: 2.1}, Verdict.AGREES, "|reverse - difference|: 0 apart"),
        (
            {"forward": 2.0, "complex_step": lambda: 2.1, "difference": Estimate(2.05, 0.1)},
            Verdict.WRONG,
            "|reverse - complex step|: 0.1 apart >",
        ),
        ({"forward": 2.1}, Verdict.WRONG, "|reverse - forward|: 0.1 apart >"),
        ({"forward": 2.1, "uncertainty": rounding(0.0, 0.2)}, Verdict.AGREES, "|reverse - difference|"),
        ({"forward": math.nan}, Verdict.UNDEFINED, "0 * inf"),
        ({"forward": 2.0, "difference": Estimate(2.0, 1e-3)}, Verdict.STEP, "good to 0.001 only"),
    ],
)
def test_by_all_ways(known: dict[str, Any], wanted: Verdict, reason: str) -> None:
    judgement = verdict(evidence(2.0, magnitude=2.0, **known))
    assert judgement.verdict is wanted
    assert reason in judgement.reason


def test_slopes_that_differ_decide_but_not_where_nothing_is_defined() -> None:
    slopes = Slopes(-1.0, 1.0, 0.0, 0.0, True)
    assert (
        verdict(evidence(2.0, slopes=slopes)).reason
        == "slope -1 from the left, 1 from the right; the convention gives 0"
    )
    assert verdict(evidence(2.0, slopes=slopes, forward=2.0)).reason == "slope -1 from the left, 1 from the right"
    assert verdict(evidence(2.0, slopes=slopes, undefined="nan")).verdict is Verdict.UNDEFINED


def test_a_claim_is_held_against_the_derivative() -> None:
    assert verdict(Evidence(2.0, reference=2.0 + 1e-9, round_off=1e-8)).verdict is Verdict.AGREES
    wrong = verdict(Evidence(2.0, reference=3.0, round_off=1e-8))
    assert (wrong.verdict, wrong.reason) == (Verdict.WRONG, "|claim - derivative|: 1 apart > 1e-08")
    assert verdict(Evidence(2.0, reference=math.nan)).verdict is Verdict.UNDEFINED


def test_a_taylor_test_that_fails_is_wrong_unless_all_else_agrees() -> None:
    failed = Taylor((), (None, 1.0, None), False, "the gradient is wrong")
    assert verdict(Evidence(0.0, taylor=failed)).verdict is Verdict.WRONG
    assert verdict(Evidence(0.0, taylor=failed, confirmed=True)).verdict is Verdict.STEP
    assert verdict(Evidence(0.0, taylor=failed._replace(passed=True))).verdict is Verdict.AGREES


def test_the_worst_of_several() -> None:
    assert worst([]) is Verdict.AGREES
    assert [worst(SEVERITY[:count]) for count in range(1, len(SEVERITY) + 1)] == list(SEVERITY)


def test_a_sum_beyond_the_range_of_numbers_counts_as_the_largest() -> None:
    assert round_off_of_sweep(math.inf) == round_off_of_sweep(sys.float_info.max)
    assert round_off_of_sweep(math.nan) == 0.0


def test_what_is_zero_all_around_has_the_derivative_zero() -> None:
    """The rows of the matrix depend on each other wherever x is; its value has no size to hold a zero against."""
    report = adcli.expression("det([[x, x], [1, 1]])").check(x=2.0)
    assert [row.verdict for row in report.components] == [Verdict.AGREES]
    assert report.verdict is Verdict.AGREES


BISECTION = """
input c = 2
low = 0
high = 2
while high - low > 1e-10 {
    m = (low + high) / 2
    if m^2 > c { high = m } else { low = m }
}
output root = low
"""


def test_a_value_that_follows_an_input_by_decisions_has_no_derivative_of_zero() -> None:
    """The root is sqrt(c), whose slope at 2 is 0.354; each of its bits is decided, and none is computed."""
    program = adcli.parse(BISECTION)
    (checked,) = program.check().components
    judgement = program.gradient().judgements["root"]["c"]
    for judged in (checked, judgement):
        assert judged.verdict is Verdict.WRONG
        assert "by decisions, with a slope of about 0.35" in judged.reason


@pytest.mark.parametrize(
    "text", ["if x > 0 { y = 1 } else { y = 2 }", "y = 0\nfor k = 1 to x { y = y + 1 }", "y = 3\nwhile y < x { y = 9 }"]
)
def test_a_decision_far_from_its_turn_leaves_the_derivative_zero(text: str) -> None:
    report = adcli.parse(f"input x = 5.5\n{text}\noutput y").gradient()
    assert report.judgements["y"]["x"].verdict is Verdict.AGREES

"""The Taylor test on functions whose remainders are known."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import pytest

import adcli
from adcli.trust.difference import Observation
from adcli.trust.taylor import Taylor, taylor_test

EPSILON = 2.0**-52


def along(function: Callable[[float], float], slope: float, curvature: float, noise: float = 0.0) -> Taylor:
    return taylor_test(lambda t, wanted=None: Observation(function(t), ()), slope, curvature, noise)


@pytest.mark.parametrize(
    ("function", "slope", "curvature", "orders"),
    [
        (math.exp, 1, 1, (1, 2, 3)),
        (lambda t: math.exp(1000 * t), 1000, 1e6, (1, 2, 3)),
        (lambda t: 1e12 * math.cos(t + 1), -1e12 * math.sin(1), -1e12 * math.cos(1), (1, 2, 3)),
        (lambda t: 1e-12 * math.cos(t + 1), -1e-12 * math.sin(1), -1e-12 * math.cos(1), (1, 2, 3)),
        (math.cos, 0, -1, (2, 2, 4)),  # at a maximum, and even
        (math.sin, 1, 0, (1, 3, 3)),
        (lambda t: 1 + t + 3 * t * t, 1, 6, (1, 2, None)),
        (lambda t: 1 + 2 * t, 2, 0, (1, None, None)),
        (lambda t: 7.0, 0, 0, (None, None, None)),
        (lambda t: abs(t) ** 2.5 + t, 1, 0, (1, 2.5, 2.5)),  # without a third derivative
        (lambda t: abs(t) ** 1.5 + t, 1, 0, (1, 1.5, 1.5)),  # without a second one
    ],
)
def test_right_derivatives_pass(
    function: Callable[[float], float], slope: float, curvature: float, orders: tuple[int | None, ...]
) -> None:
    found = along(function, slope, curvature)
    assert found.passed, found.reason
    assert found.orders == tuple(None if order is None else pytest.approx(order, abs=0.05) for order in orders)


@pytest.mark.parametrize("wrong", [1e-6, 1e-4, 0.5, -2.0])
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_a_wrong_gradient_fails(wrong: float, scale: float) -> None:
    found = along(lambda t: scale * math.exp(t), scale * (1 + wrong), scale)
    assert not found.passed
    assert "the gradient is wrong" in found.reason
    assert found.orders[1] == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("power", [1.2, 1.5, 1.9])
@pytest.mark.parametrize("wrong", [1e-3, 0.5])
def test_a_wrong_gradient_beside_a_power_with_a_fraction_fails(power: float, wrong: float) -> None:
    assert not along(lambda t: abs(t) ** power + t, 1 + wrong, 0).passed


@pytest.mark.parametrize("wrong", [0.001, 1.0])
def test_wrong_second_derivatives_fail(wrong: float) -> None:
    found = along(math.exp, 1, 1 + wrong)
    assert not found.passed
    assert "the second derivatives are wrong" in found.reason


def test_the_rows_show_what_decided() -> None:
    rows = along(math.exp, 1, 1).rows
    assert len(rows) == 6
    assert all(order is not None for row in rows for order in row.orders)
    assert [later.step / row.step for row, later in itertools.pairwise(rows)] == [0.5] * 5
    for row in rows:
        assert row.sizes[0] == pytest.approx(math.expm1(row.step), rel=1e-9)


def test_steps_that_lead_to_another_piece_are_left_out() -> None:
    def kinked(t: float, wanted: object = None) -> Observation:
        return Observation(t + max(t - 0.01, 0) * 100, (t > 0.01,))

    found = taylor_test(kinked, 1.0, 0.0, 0.0)
    assert found.passed
    assert all(row.step < 0.01 for row in found.rows)


def test_noise_is_not_taken_for_an_order() -> None:
    def noisy(t: float) -> float:
        return math.exp(t) + 1e-6 * math.sin(1e9 * t)

    assert along(noisy, 1, 1, noise=1e-6).passed


def test_a_step_at_which_two_terms_cancel_says_nothing_of_the_curvature() -> None:
    """At -2.5 the terms of third and fourth order of lgamma have other signs, and are as large at one of the steps."""
    report = adcli.parse("input x = -2.5\noutput y = lgamma(x)").check(order=2)
    assert report.verdict.value == "agrees"

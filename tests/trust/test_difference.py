"""Differences know their own error: against closed forms, in the places where differences go wrong."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from adcli.trust.difference import Function, Observation, Pieces, differentiate


def guarded(function: Callable[[float], float]) -> Function:
    def observe(x: float, wanted: Pieces | None = None) -> Observation:
        try:
            return Observation(function(x))
        except (ValueError, ArithmeticError):
            return Observation(math.nan)

    return observe


SMOOTH: list[tuple[str, Callable[[float], float], Callable[[float], float], float]] = [
    ("exp at a tiny input", math.exp, math.exp, 1e-8),
    ("exp far out", math.exp, math.exp, 700.0),
    ("sin at 2e4", math.sin, math.cos, 2e4),
    ("log at 1e-8", math.log, lambda x: 1 / x, 1e-8),
    ("log at 1e-300", math.log, lambda x: 1 / x, 1e-300),
    ("sqrt at 1e-8", math.sqrt, lambda x: 0.5 / math.sqrt(x), 1e-8),
    ("high frequency", lambda x: math.sin(1e8 * x), lambda x: 1e8 * math.cos(1e8 * x), 1e-8),
    ("high frequency at 0", lambda x: math.sin(1e8 * x), lambda x: 1e8, 0.0),
    ("steps that fall in with a period", lambda x: math.sin(2**21 * math.pi * x), lambda x: 2**21 * math.pi, 0.0),
    ("a constant", lambda x: 7.0, lambda x: 0.0, 2.0),
    ("a line", lambda x: 3 * x + 2, lambda x: 3.0, 2.0),
    ("a small line on a large constant", lambda x: 1e6 + x, lambda x: 1.0, 1.0),
    ("a tiny objective", lambda x: 1e-12 * math.exp(x), lambda x: 1e-12 * math.exp(x), 3.0),
    ("a huge objective", lambda x: 1e12 * math.sin(x), lambda x: 1e12 * math.cos(x), 3.0),
    ("beside a pole", math.tan, lambda x: 1 + math.tan(x) ** 2, 1.5707),
    ("beside another pole", lambda x: 1 / x, lambda x: -1 / x**2, 1e-5),
    ("a high power", lambda x: x**3, lambda x: 3 * x**2, 1e90),
    ("a negative power", lambda x: x**-10, lambda x: -10 * x**-11, 2e4),
    ("a steep step", lambda x: 1 / (1 + math.exp(-1e6 * (x - 1))), lambda x: 2.5e5, 1.0),
    ("the middle of a narrow bump", lambda x: math.exp(-((1e5 * (x - 1)) ** 2)), lambda x: 0.0, 1.0),
    ("a tail", lambda x: math.erfc(x), lambda x: -2 / math.sqrt(math.pi) * math.exp(-x * x), 5.0),
    ("a square at 1e-8", lambda x: x * x, lambda x: 2 * x, 1e-8),
    ("a square at 0", lambda x: x * x, lambda x: 0.0, 0.0),
    ("a cube at 0", lambda x: x**3, lambda x: 0.0, 0.0),
    ("a coarse function", lambda x: (x + 1e8) - 1e8, lambda x: 1.0, 1.3),
    ("cancellation", lambda x: (1 - math.cos(x)) / x**2, lambda x: -x / 12 + x**3 / 180, 1e-3),
    ("Pythagoras", lambda x: math.sin(x) ** 2 + math.cos(x) ** 2, lambda x: 0.0, 1.3),
    ("a wall at the point", lambda x: x * math.sqrt(x), lambda x: 0.0, 0.0),
    ("a wall beside the point", math.acosh, lambda x: 1 / math.sqrt((x - 1) * (x + 1)), 1 + 1e-12),
    ("a fractional power", lambda x: math.pow(x, 0.3), lambda x: 0.3 * math.pow(x, -0.7), 1e-12),
]  # fmt: skip


# What the tape would say of the round-off in these values.
NOISE = {"a coarse function": 1.5e-8, "cancellation": 1e-10}


@pytest.mark.parametrize(("name", "function", "slope", "x"), SMOOTH, ids=[case[0] for case in SMOOTH])
def test_the_error_estimate_holds(
    name: str, function: Callable[[float], float], slope: Callable[[float], float], x: float
) -> None:
    estimate = differentiate(guarded(function), x, NOISE.get(name, 0.0))
    exact = slope(x)
    assert abs(estimate.value - exact) <= estimate.error + 1e-15 * abs(exact)
    # and it is no empty promise: three digits at the least, or a zero that is small beside the function's slopes
    assert estimate.error <= 5e-3 * abs(exact) or (exact == 0 and estimate.error <= 1e-6)


def test_sharp_where_the_function_is_well_behaved() -> None:
    for function in (math.exp, math.sin, math.atan):
        assert differentiate(guarded(function), 0.7).error <= 1e-12


def test_x_plus_h_is_x() -> None:
    estimate = differentiate(guarded(lambda x: math.sin(x)), 1e16)
    assert "x + h == x" in estimate.reason


def test_no_step_inside_the_domain() -> None:
    estimate = differentiate(lambda x, wanted=None: Observation(1.0 if x == 2 else math.nan), 2.0)
    assert math.isnan(estimate.value)
    assert "domain" in estimate.reason


def test_a_value_that_is_not_finite() -> None:
    assert differentiate(lambda x, wanted=None: Observation(math.inf), 2.0).reason


def with_pieces(function: Callable[[float], float], kink: float) -> Callable[[float], Observation]:
    return lambda x, wanted=None: Observation(function(x), (math.copysign(1, x - kink) if x != kink else 0.0,))


def test_the_sides_of_a_kink() -> None:
    estimate = differentiate(with_pieces(abs, 0.0), 0.0)
    assert estimate.sides == (pytest.approx(-1), pytest.approx(1))
    assert math.isnan(estimate.value)


def test_a_kink_whose_sides_agree_is_smooth() -> None:
    estimate = differentiate(with_pieces(lambda x: max(x, 0.0) ** 2, 0.0), 0.0)
    assert abs(estimate.value) <= estimate.error <= 1e-9


@pytest.mark.parametrize("distance", [1e-2, 1e-6, 1e-9, 1e-11])
def test_the_stencil_stays_on_its_side_of_a_kink(distance: float) -> None:
    estimate = differentiate(with_pieces(lambda x: abs(x - 1), 1.0), 1 + distance)
    assert estimate.value == pytest.approx(1, rel=1e-3)
    assert abs(estimate.value - 1) <= estimate.error


def test_a_jump_has_no_slope() -> None:
    estimate = differentiate(lambda x, wanted=None: Observation(math.floor(x), (math.floor(x),)), 2.0)
    assert estimate.jump == 1

"""The functions that we compute ourselves, at random points of their whole range."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from adcli.rules.functions import precise_function
from adcli.rules.readings import gamma, real
from adcli.rules.table import PRIMITIVES

from .test_primitives import ulps_apart

RANDOM = random.Random(20)
POSITIVE = [
    *(10 ** RANDOM.uniform(-300, 300) for _ in range(150)),
    *(RANDOM.uniform(0, 30) for _ in range(300)),
    *(
        zero + RANDOM.gauss(0, 1) * 10 ** RANDOM.uniform(-15, -1)
        for zero in (1, 2, 1.4616321449683622)
        for _ in range(60)
    ),
]
SIGNED = [RANDOM.choice((-1, 1)) * 10 ** RANDOM.uniform(-300, 2) for _ in range(300)] + [
    RANDOM.uniform(-40, 40) for _ in range(300)
]


@pytest.mark.parametrize(
    ("function", "name", "points", "ulps"),
    [
        (gamma.lgamma, "lgamma", POSITIVE, 8),
        (gamma.digamma, "digamma", POSITIVE, 5),
        (real.gauss, "gauss", [x for x in SIGNED if abs(x) < 26.5], 3),
        (real.sigmoid, "sigmoid", SIGNED, 3),
        (real.softplus, "softplus", SIGNED, 3),
        (real.cbrt, "cbrt", [*SIGNED, *POSITIVE], 1.5),
    ],
)
def test_values(function: Callable[[float], float], name: str, points: list[float], ulps: float) -> None:
    with mpmath.workdps(40):
        for x in points:
            assert ulps_apart(function(x), exact(name, x)) <= ulps, x


def exact(name: str, x: float) -> Any:
    with mpmath.workdps(340 if abs(x) < 1e-20 else 60):  # exp(x) is not 1
        return precise_function(PRIMITIVES[name])(mpmath.mpf(x))


@pytest.mark.parametrize("order", [1, 2, 3, 5, 10])
def test_polygamma(order: int) -> None:
    for x in (point for point in POSITIVE if 1e-20 < point < 1e20):
        with mpmath.workdps(60):
            assert ulps_apart(gamma.polygamma(order, x), mpmath.polygamma(order, mpmath.mpf(x))) <= 6, x


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_negative_arguments(order: int) -> None:
    """To a few ulp of the larger term of the reflection: their own size, and that of the mirrored value."""
    for x in (-RANDOM.uniform(0, 20) for _ in range(200)):
        with mpmath.workdps(60):
            truth = mpmath.polygamma(order, mpmath.mpf(x))
            size = max(abs(float(truth)), abs(float(mpmath.polygamma(order, 1 - mpmath.mpf(x)))))
        assert abs(gamma.polygamma(order, x) - float(truth)) <= 16 * math.ulp(size), x


def test_poles_and_specials() -> None:
    assert gamma.lgamma(0.0) == gamma.lgamma(-3.0) == math.inf
    assert (gamma.digamma(0.0), gamma.digamma(-0.0)) == (-math.inf, math.inf)
    assert math.isnan(gamma.digamma(-3.0))
    assert gamma.polygamma(1, -3.0) == math.inf
    for order in (-1.0, 0.5, 501.0, math.nan, math.inf):
        assert math.isnan(gamma.polygamma(order, 1.0))
    assert gamma.polygamma(0, 2.5) == gamma.digamma(2.5)

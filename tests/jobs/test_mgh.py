"""The programs of Moré, Garbow and Hillstrom have the starts, the minima and the residuals of the paper."""

# ruff: noqa: N806  # matrices have capital letters, as on paper

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import adcli as package

from ..conftest import Adcli
from . import mgh_problems
from .mgh_problems import Minimum

LITERATURE = {int(path.name[3:5]): path for path in (Path(__file__).parent.parent / "literature").glob("mgh*.ad")}
ROWS = mgh_problems.minima()
BEST = {row.number: row for row in reversed(ROWS)}


def label(row: Minimum) -> str:
    return f"{row.number}-n{row.n}-{row.value:g}"


def outputs(number: int, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    found = mgh_problems.program(number).evaluate(x=x).outputs
    return float(found["f"]), np.asarray(found["r"])


def derivatives(number: int, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The gradient and the Hessian of the sum of squares."""
    program = mgh_problems.program(number)
    gradient = program.gradient(x=x, of="f", difference="none", nonsmooth="quiet").gradient["f"]["x"]
    rows = program.hessian(x=x, of="f", nonsmooth="quiet").by_component["f"]
    return np.array(gradient), np.array([list(row.values()) for row in rows.values()])


def test_there_are_all() -> None:
    assert mgh_problems.numbers() == list(range(1, 36))
    assert sorted(BEST) == mgh_problems.numbers()
    assert {row.kind for row in BEST.values()} == {"minimum"}


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_the_start(row: Minimum) -> None:
    x = mgh_problems.start(row.number, row.n)
    f, r = outputs(row.number, x)
    assert (len(x), len(r)) == (row.n, row.m)
    assert f == pytest.approx(r @ r, rel=1e-15)
    if row.start_value is not None:
        assert f == pytest.approx(row.start_value, rel=1e-14)
    gradient, _ = derivatives(row.number, x)
    assert np.isfinite(gradient).all()
    assert np.linalg.norm(gradient) > 0


@pytest.mark.parametrize("row", [row for row in ROWS if row.kind != "limit"], ids=label)
def test_a_point_that_is_listed(row: Minimum) -> None:
    """The value has the digits in print, the gradient is 0 to rounding, and no direction is curved downward."""
    x = np.array(row.point)
    assert len(x) == row.n
    f, _ = outputs(row.number, x)
    gradient, H = derivatives(row.number, x)
    if row.unit:
        assert abs(f - row.value) < row.unit
    else:
        assert f == pytest.approx(row.value, rel=1e-14, abs=1e-30)
    assert (np.abs(gradient) <= 1e-13 * (np.abs(H) @ (1 + np.abs(x)))).all()
    curvatures = np.linalg.eigvalsh(H)
    down = row.kind == "saddle" and row.number == 18
    assert (curvatures[0] < -1e-4 * curvatures[-1]) if down else (curvatures[0] >= -1e-13 * curvatures[-1])


def test_a_saddle_where_gradients_lead() -> None:
    """Problem 18 from its standard start: x1 = x5 and x3 = x6, and gradients have the same symmetry."""
    (saddle,) = (row for row in ROWS if row.number == 18 and row.kind == "saddle")
    for x in (mgh_problems.start(18), np.array(saddle.point)):
        gradient, _ = derivatives(18, x)
        assert (x[0], x[2]) == (x[4], x[5])
        assert (gradient[0], gradient[2]) == pytest.approx((gradient[4], gradient[5]), rel=1e-14, abs=1e-16)


def test_a_flat_saddle() -> None:
    """Problem 27 beside (0, …, 0, n + 1): the value falls as in the closed form of the README."""
    e = 0.5
    f, _ = outputs(27, np.array([e] * 9 + [11 - 10 * e]))
    assert f == pytest.approx((1 - e**9 * (11 - 10 * e)) ** 2, rel=1e-14)
    assert f < 1


def test_a_minimum_at_infinity() -> None:
    """Problem 8: without the fraction the best constant is the mean of y, as Bard's 0.8406 … has it."""
    (row,) = (row for row in ROWS if row.number == 8 and row.kind == "limit")
    f, _ = outputs(8, np.array([12.61 / 15, -1e9, -1e9]))
    assert abs(f - row.value) < row.unit
    assert row.point[0] == pytest.approx(12.61 / 15, abs=1e-4)


@pytest.mark.parametrize("number", sorted(LITERATURE))
def test_beside_the_program_of_the_literature(number: int) -> None:
    """At its start and beside it, for the number of variables that it has."""
    other = package.load(str(LITERATURE[number]))
    point = other.at({}).run.point
    start = np.concatenate([np.atleast_1d(value) for value in point.values()])
    for x in (start, 1.01 * start + 0.01):
        given = {"x": x} if list(point) == ["x"] else dict(zip(point, map(float, x), strict=True))
        (value,) = other.evaluate(given).outputs.values()
        assert outputs(number, x)[0] == pytest.approx(value, rel=1e-12)


def test_the_programs_are_canonical(adcli: Adcli) -> None:
    assert adcli("fmt", "--check", *map(str, mgh_problems.FILES.values())) == (0, "", "")

"""Spread, order and differences of arrays: as NumPy has them, with their digits, and beside ties."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest

import adcli
from adcli.rules.along import along
from adcli.rules.array_accuracy import array_rounding
from adcli.rules.functions import precise_function
from adcli.rules.kinks import Kink
from adcli.rules.shapes import Refused
from adcli.rules.table import PRIMITIVES

MATRIX = np.array([[1.0, 5.0, 2.0, 5.0], [4.0, 3.0, 9.0, -1.0], [2.0, 2.0, 7.0, 2.0]])


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("name", ["var", "std", "median", "sort", "argsort", "argmax", "argmin", "diff"])
def test_as_numpy_has_it(name: str, axis: int | None) -> None:
    by_numpy = getattr(np, name)
    given = {} if axis is None else {"axis": axis}
    if name == "argsort":
        given["kind"] = "stable"  # type: ignore[assignment]
    np.testing.assert_allclose(along(name, axis).function(MATRIX), by_numpy(MATRIX, **given), rtol=1e-15)


@pytest.mark.parametrize("places", [0.0, 1.0, -2.0, 7.0])
def test_roll_as_numpy_has_it(places: float) -> None:
    for axis in (None, 0, 1):
        np.testing.assert_array_equal(along("roll", axis).function(MATRIX, places), np.roll(MATRIX, int(places), axis))


def exact_spread(a: Any) -> tuple[Any, Any, Any]:
    """The variance, the standard deviation and the deviations from the mean, at 60 digits."""
    with mpmath.workdps(60):
        numbers = [mpmath.mpf(float(number)) for number in a]
        mean = mpmath.fsum(numbers) / len(numbers)
        above = [number - mean for number in numbers]
        var = mpmath.fsum([number**2 for number in above]) / len(numbers)
        return var, mpmath.sqrt(var), above


@pytest.mark.parametrize("seed", range(30))
def test_a_large_mean_costs_no_digits(seed: int) -> None:
    random = np.random.default_rng(seed)
    size = int(random.integers(2, 40))
    a = random.normal(size=size) * 10.0 ** random.uniform(-6, 6) + 10.0 ** random.uniform(0, 12)
    if np.ptp(a) == 0:
        a[0] += 1.0
    var, std, above = exact_spread(a)
    largest = max(map(abs, above))
    assert abs(along("var", None).function(a) - var) <= 1e-15 * (size + 8) * var
    assert abs(along("std", None).function(a) - std) <= 1e-15 * (size + 8) * std
    received = adcli.parse(f"input x[{size}]\noutput y = var(x), z = std(x)".replace(", z", "\noutput z"))
    gradient = received.gradient(x=a, difference="none").gradient
    for number, by_var, by_std in zip(above, gradient["y"]["x"], gradient["z"]["x"], strict=True):
        assert abs(by_var - 2 * number / size) <= 1e-14 * largest
        assert abs(by_std - number / (size * std)) <= 1e-14 * largest / std


@pytest.mark.parametrize("name", ["var", "std", "demeaned", "median", "diff"])
def test_the_bound_on_rounding_holds(name: str) -> None:
    for seed, axis in product(range(20), (None, 0)):
        random = np.random.default_rng(seed)
        a = random.normal(size=int(random.integers(2, 9))) * 10.0 ** random.uniform(-3, 3) + 10.0 ** random.uniform(
            0, 9
        )
        row = along(name, axis)
        value = row.function(a)
        bound = array_rounding(row, [a], value)
        with mpmath.workdps(50):
            exact = precise_function(row)(np.array([mpmath.mpf(float(number)) for number in a], dtype=object))
            off = np.abs(np.asarray(np.asarray(value, dtype=object) - exact, dtype=float))
        assert np.all(off <= (0.0 if bound is None else bound))


@pytest.mark.parametrize(
    ("name", "operand", "wanted"),
    [
        ("std", [3e200, -3e200], 3e200), ("std", [3e-200, -3e-200], 3e-200), ("std", [0.1, 0.1, 0.1], 0.0),
        ("var", [0.1, 0.1, 0.1], 0.0), ("var", [7.0], 0.0), ("std", [math.nan, 1.0], math.nan),
        ("median", [1.7e308, 1.5e308], 1.6e308), ("median", [math.inf, 1.0, 2.0], 2.0),
        ("median", [-math.inf, 1.0], -math.inf), ("median", [math.nan, 1.0, 2.0], math.nan),
        ("median", [5e-324, 5e-324], 5e-324), ("argmax", [1.0, 3.0, 3.0], 1.0), ("argmin", [1.0, 1.0, 0.5], 2.0),
    ],
)  # fmt: skip
def test_values_at_edges(name: str, operand: list[float], wanted: float) -> None:
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(along(name, None).function(np.array(operand)), wanted, rtol=4e-16)


@pytest.mark.parametrize("name", ["var", "std", "median", "argmax", "argmin"])
def test_an_empty_array_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="empty"):
        along(name, None).function(np.zeros(0))


@pytest.mark.parametrize(("name", "shape"), [("sort", (0,)), ("diff", (0,)), ("diff", (1,)), ("demeaned", (0,))])
def test_what_an_empty_array_has(name: str, shape: tuple[int, ...]) -> None:
    assert along(name, None).function(np.zeros(shape)).shape == (0,)


def test_places_that_are_not_whole_are_refused() -> None:
    with pytest.raises(Refused, match=r"whole number of places, and is given 0\.5"):
        along("roll", None).function(MATRIX, 0.5)


# Ties

POINTS: dict[str, list[Any]] = {
    "std": [[2.0, 2.0], [[1.0, 1.0], [1.0, 1.0]]],
    "sort": [[1.0, 2.0, 1.0], [2.0, 2.0, 2.0], [[1.0, 1.0], [3.0, 3.0]]],
    "argsort": [[1.0, 2.0, 1.0], [2.0, 2.0, 2.0], [[1.0, 1.0], [3.0, 3.0]]],
    "argmax": [[1.0, 2.0, 2.0], [[3.0, 3.0], [3.0, 3.0]]],
    "argmin": [[1.0, 2.0, 1.0], [[3.0, 3.0], [3.0, 3.0]]],
    "median": [[1.0, 2.0, 2.0], [0.0, 2.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0, 1.0]],
}
CASES = [(name, axis, np.array(point)) for name, points in POINTS.items() for point in points for axis in (None, 0)]


def kink_of(name: str, axis: int | None) -> Kink:
    kink = along(name, axis).kink
    assert kink is not None
    return kink


@pytest.mark.parametrize(("name", "axis", "a"), CASES, ids=lambda value: str(value).replace("\n", ""))
def test_beside_a_tie_as_a_step_away_from_it(name: str, axis: int | None, a: Any) -> None:
    row, kink, step = along(name, axis), kink_of(name, axis), 2.0**-40
    random = np.random.default_rng(5)
    for _ in range(20):
        tangent = random.choice([-1.0, -0.5, 0.25, 0.75, 1.0], size=a.shape, replace=False) if a.size < 6 else None
        assert tangent is not None
        value, slope = kink.beside((a,), row.function(a), (tangent,))  # type: ignore[arg-type]
        there = row.function(a + step * tangent)
        np.testing.assert_allclose(np.asarray(there) - value, step * np.asarray(slope), rtol=0, atol=step * 1e-3)


@pytest.mark.parametrize(
    ("name", "a", "wanted"),
    [
        ("sort", [3.0, 1.0, 7.0], [2.0, 2.0, 4.0]), ("sort", [3.0, 1.0, 3.0], [2.0, 0.0, 0.0]),
        ("argsort", [3.0, 1.0, 7.0], [2.0, 2.0, 4.0]), ("argmax", [3.0, 1.0, 7.0], 4.0), ("argmin", [3.0, 1.0], 2.0),
        ("median", [3.0, 1.0, 7.0], 2.0), ("median", [1.0, 2.0, 2.0, 5.0], 1.0), ("median", [1.0, 2.0], math.inf),
        ("median", [1.0], math.inf), ("sort", [1.0], [math.inf]), ("median", [0.0, 2.0, 2.0], 0.0),
    ],
)  # fmt: skip
def test_how_far_a_tie_is_away(name: str, a: list[float], wanted: Any) -> None:
    row = along(name, None)
    np.testing.assert_array_equal(kink_of(name, None).gap([np.array(a)], row.function(np.array(a))), wanted)


def test_the_gap_of_a_median_grows_as_its_partials_say() -> None:
    a, row, kink = np.array([1.0, 2.25, 2.0, 7.0, 5.0]), along("median", None), kink_of("median", None)
    (towards,) = kink.towards([a], row.function(a))  # type: ignore[arg-type]
    for place in range(5):
        moved = a + 2.0**-10 * (np.arange(5) == place)
        change = kink.gap([moved], row.function(moved)) - kink.gap([a], row.function(a))
        assert change == 2.0**-10 * towards[place]  # type: ignore[index]


def verdict(text: str, **inputs: Any) -> str:
    return str(adcli.parse(text).check(**inputs).verdict.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("input x[3] = [1, 2, 1]\noutput y = dot(sort(x), [1, 5, 2])", "nonsmooth"),
        ("input x[3] = [1, 2, 1]\noutput y = sum(sort(x)^2)", "agrees"),
        ("input x[3] = [3, 2, 1]\noutput y = dot(sort(x), [1, 5, 2])^2", "agrees"),
        ("input x[3] = [1, 2, 2]\noutput y = median(x)", "nonsmooth"),
        ("input x[4] = [1, 2, 2, 3]\noutput y = median(x)", "agrees"),
        ("input x[3] = [2, 2, 2]\noutput y = std(x)", "nonsmooth"),
        ("input x[3] = [2, 2, 2]\noutput y = var(x)", "agrees"),
        ("input x[3] = [1, 2, 2], w[3] = [1, 5, 2]\noutput y = w[argmax(x)] * x[0]", "nonsmooth"),
        ("input x[3] = [1, 2, 3], w[3] = [1, 5, 2]\noutput y = w[argmax(x)] * x[argsort(x)[0]]", "agrees"),
        ("input x = 1, a = 1, b = 2\noutput y = clip(x, a, b)", "nonsmooth"),
        ("input x = 3, a = 1, b = 2\noutput y = clip(x^2, a, b^2) + clip(x, a, b) * x", "agrees"),
        ("input x[3] = [0, 1, 2]\noutput y = sum(clip(x, 0.5, 1.5)^2)", "agrees"),
        ("input x[3] = [0, 1, 2]\noutput y = sum(diff(x)^2 * roll(x, 1)[1:])", "agrees"),
    ],
)  # fmt: skip
def test_a_tie_is_told_where_it_is_felt(text: str, told: str) -> None:
    assert verdict(text) == told
    if told == "agrees":
        assert adcli.parse(text).check(order=2).verdict.value == "agrees"


@pytest.mark.parametrize(("low", "high"), [(-1.0, 2.0), (2.0, -1.0), (-math.inf, 1.0), (0.0, 0.0), (math.nan, 1.0)])
def test_clip_as_numpy_has_it(low: float, high: float) -> None:
    for a in (-3.0, -1.0, -0.0, 0.5, 2.0, math.inf, -math.inf, math.nan):
        by_numpy = np.clip(a, low, high)
        np.testing.assert_array_equal(PRIMITIVES["clip"].function(a, low, high), by_numpy)
        np.testing.assert_array_equal(PRIMITIVES["clip"].function(np.array([a]), low, high), [by_numpy])


def test_nothing_that_a_sort_does_not_pass_on_meets_an_infinite_slope() -> None:
    program = adcli.parse("input x[3] = [0, 4, 9]\nr = sqrt(x)\ns = sort(r)\noutput y = s[1] + diff(s)[1]")
    np.testing.assert_allclose(program.gradient(difference="none").gradient["y"]["x"], [0.0, 0.0, 1 / 6])


@pytest.mark.parametrize("text", ["sum(diff(x, axis = 1))", "median(x, axis = 2)", "roll(x, [1, 2])", "sort(x[0])"])
def test_what_does_not_fit_is_told_before_a_run(text: str) -> None:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse(f"input x[3]\noutput y = sum({text})")
    assert caught.value.problems[0].code == "shape"

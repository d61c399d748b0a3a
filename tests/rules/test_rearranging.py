"""What tiles arrays, takes elements of them, multiplies them, and looks up numbers in tables."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest

import adcli
from adcli.rules.array_accuracy import array_rounding
from adcli.rules.functions import precise_function
from adcli.rules.kinks import Kink
from adcli.rules.shapes import Refused
from adcli.rules.table import ARRAYS

RANDOM = np.random.default_rng(4)
VECTOR, OTHER = RANDOM.normal(size=3), RANDOM.normal(size=3)
MATRIX, WIDE = RANDOM.normal(size=(2, 3)), RANDOM.normal(size=(4, 6))
KNOTS, HEIGHTS = np.array([-1.0, 0.3, 2.0, 4.5]), np.array([1.0, 3.0, -0.5, 2.0])


@pytest.mark.parametrize(
    ("name", "operands", "wanted"),
    [
        ("tile", (VECTOR, 2.0), np.tile(VECTOR, 2)), ("tile", (VECTOR, 2.0, 3.0), np.tile(VECTOR, (2, 3))),
        ("tile", (MATRIX, 2.0), np.tile(MATRIX, 2)), ("tile", (1.5, 2.0), [1.5, 1.5]), ("tile", (VECTOR, 0.0), []),
        ("sum_tiles", (np.tile(MATRIX, (3, 2)), MATRIX), 6 * MATRIX), ("sum_tiles", (VECTOR, 1.0), np.sum(VECTOR)),
        ("blocks", (WIDE, 2.0, 3.0), [WIDE[i : i + 2, j : j + 3].ravel() for i in (0, 2) for j in (0, 3)]),
        ("take", (VECTOR, [2.0, 0.0, 2.0]), VECTOR[[2, 0, 2]]), ("sum_at", (VECTOR, [1.0, 0.0, 1.0], [0.0, 0.0]),
        [VECTOR[1], VECTOR[0] + VECTOR[2]]), ("cross", (VECTOR, OTHER), np.cross(VECTOR, OTHER)),
        ("kron", (VECTOR, OTHER), np.kron(VECTOR, OTHER)), ("kron", (MATRIX, VECTOR), np.kron(MATRIX, VECTOR)),
        ("kron", (MATRIX, WIDE), np.kron(MATRIX, WIDE)), ("polyval", (VECTOR, WIDE), np.polyval(VECTOR, WIDE)),
        ("polyval", (VECTOR, 2.0), np.polyval(VECTOR, 2.0)), ("polyval", ([1.0, 2.0], math.inf), math.inf),
        ("vander", (VECTOR, 4.0), np.vander(VECTOR, 4)), ("vander", (2.0, 3.0), [4.0, 2.0, 1.0]),
        ("interp", (WIDE, KNOTS, HEIGHTS), np.interp(WIDE, KNOTS, HEIGHTS)),
        ("interp", (KNOTS, KNOTS, HEIGHTS), HEIGHTS),
        ("interp", (math.nan, KNOTS, HEIGHTS), math.nan), ("interp", (math.inf, KNOTS, HEIGHTS), 2.0),
        ("interp", (0.0, [-1.0, 1.0], [-1.7e308, 1.7e308]), 0.0), ("interp", (7.0, [1.0], [3.0]), 3.0),
        ("searchsorted", (KNOTS, WIDE), np.searchsorted(KNOTS, WIDE)), ("searchsorted", (KNOTS, KNOTS), [0, 1, 2, 3]),
        ("searchsorted", ([1.0, 1.0, 2.0], 1.0), 0.0), ("searchsorted", ([1.0, 1.0, 2.0], 1.5), 2.0),
    ],
)  # fmt: skip
def test_values(name: str, operands: Any, wanted: Any) -> None:
    operands = [np.array(operand) if isinstance(operand, list) else operand for operand in operands]
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(ARRAYS[name].function(*operands), wanted, rtol=1e-14)


@pytest.mark.parametrize("name", ["cross", "kron", "polyval", "vander", "interp", "sum_at"])
def test_the_bound_on_rounding_holds(name: str) -> None:
    row = ARRAYS[name]
    for seed in range(20):
        random = np.random.default_rng(seed)
        samples = [np.asarray(operand, float) for operand in row.samples[seed % len(row.samples)]]
        operands: list[Any] = [
            sample * random.normal(size=sample.shape) if sample.shape else float(sample) for sample in samples
        ]
        if name == "interp":
            operands[1] = np.sort(operands[1])
        if name == "sum_at":
            operands[1:] = samples[1:] if samples[1].shape else [float(samples[1]), samples[2]]
        value = row.function(*operands)
        bound = array_rounding(row, operands, value)
        with mpmath.workdps(50):
            exact = precise_function(row)(
                *(np.asarray(np.frompyfunc(mpmath.mpf, 1, 1)(x), dtype=object) for x in operands)
            )
            off = np.abs(np.asarray(np.asarray(value, dtype=object) - exact, dtype=float))
        assert np.all(off <= (0.0 if bound is None else bound)), operands


@pytest.mark.parametrize(
    ("name", "operands", "fragments"),
    [
        ("tile", (VECTOR, 0.5), ["whole number"]), ("tile", (VECTOR, 1e9, 1e9), ["no room"]),
        ("blocks", (WIDE, 3.0, 2.0), ["4 × 6 matrix has no blocks of 3 × 2"]),
        ("blocks", (VECTOR, 1.0, 1.0), ["takes a matrix"]),
        ("take", (VECTOR, 3.0), ["among 3 elements", "given 3"]), ("take", (VECTOR, 0.5), ["given 0.5", "whole"]),
        ("take", (VECTOR, -1.0), ["given -1"]), ("take", (WIDE, 1.0), ["takes a vector"]),
        ("sum_at", (VECTOR, [1.0, 2.0], VECTOR), ["a place for each element"]),
        ("cross", (VECTOR, [1.0, 2.0]), ["two vectors of 3", "a vector of 2"]), ("kron", (VECTOR, 2.0), ["a number"]),
        ("polyval", (WIDE, 1.0), ["a vector as coefficients"]), ("polyval", ([], 1.0), ["a coefficient at least"]),
        ("vander", (WIDE, 1.0), ["a number or a vector"]), ("sum_tiles", (VECTOR, [1.0, 2.0]), ["cannot make"]),
        ("interp", (1.0, [1.0, 1.0], [1.0, 2.0]), ["increases", "after 1 there is 1"]),
        ("interp", (1.0, [1.0, 2.0], [1.0]), ["a value for each knot"]), ("interp", (1.0, [], []), ["a knot at least"]),
        ("searchsorted", ([1.0, 0.5], 1.0), ["is in order", "after 1 there is 0.5"]),
    ],
)  # fmt: skip
def test_what_is_refused(name: str, operands: Any, fragments: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        ARRAYS[name].function(*(np.array(operand) if isinstance(operand, list) else operand for operand in operands))
    assert all(fragment in f"{caught.value} {caught.value.remedy}" for fragment in fragments)


def kink_of(name: str) -> Kink:
    kink = ARRAYS[name].kink
    assert kink is not None
    return kink


@pytest.mark.parametrize("at", [KNOTS, 0.3, -1.0, 4.5], ids=str)
@pytest.mark.parametrize("name", ["interp", "searchsorted"])
def test_beside_a_knot_as_a_step_away_from_it(name: str, at: Any) -> None:
    row, kink, step, random = ARRAYS[name], kink_of(name), 2.0**-30, np.random.default_rng(3)
    operands = [at, KNOTS, HEIGHTS] if name == "interp" else [KNOTS, at]
    assert np.all(np.asarray(kink.gap(operands, row.function(*operands))) == 0)
    for _ in range(20):
        tangents = [random.normal(size=np.shape(operand))[()] for operand in operands]
        value, slope = kink.beside(operands, row.function(*operands), tangents)
        there = row.function(
            *(x + step * dx if np.shape(x) else float(x + step * dx) for x, dx in zip(operands, tangents, strict=True))
        )
        np.testing.assert_allclose(np.asarray(there) - value, step * np.asarray(slope), rtol=0, atol=step * 1e-5)


@pytest.mark.parametrize("name", ["interp", "searchsorted"])
def test_the_gap_grows_as_its_partials_say(name: str) -> None:
    kink, h = kink_of(name), 2.0**-10
    operands: list[Any] = [0.375, KNOTS, HEIGHTS] if name == "interp" else [KNOTS, 0.375]
    for place, towards in enumerate(kink.towards(operands, 0.0)):
        for index, slope in enumerate(np.ravel(towards)):
            moved = list(operands)
            step = h * (np.arange(np.size(operands[place])) == index)
            moved[place] = operands[place] + (step if np.shape(operands[place]) else h)
            assert kink.gap(moved, 0.0) - kink.gap(operands, 0.0) == pytest.approx(h * slope)


def verdicts(text: str) -> set[str]:
    program = adcli.parse(text)
    return {program.check().verdict.value, program.check(order=2).verdict.value}


TABLE = "input xs[4] = [-1, 0.3, 2, 4.5], ys[4] = [1, 3, -0.5, 2]\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TABLE + "input x = 0.7\noutput y = interp(x, xs, ys)^2 * x", {"agrees"}),
        (TABLE + "input x[3] = [0.7, -3, 4]\noutput y = sum(interp(x, xs, ys)^2 * x)", {"agrees"}),
        (TABLE + "input x = 0.3\noutput y = interp(x, xs, ys)", {"nonsmooth"}),
        (TABLE + "input x = 0.7\noutput y = ys[searchsorted(xs, x)] * x", {"agrees"}),
        ("input p[3] = [1, 0, 2], x = 0\noutput y = polyval(p, x) * x + polyval(p, x^2)", {"agrees"}),
        ("input a[3] = [1, 0, 2], b[3] = [0, 0, 1]\noutput y = norm(cross(a, b)) + sum(kron(a, b)^2)", {"agrees"}),
        ("input a[2] = [1, 2]\noutput y = sum(tile(a, 2, 3)^3) * sum(blocks(tile(a, 2, 2), 1, 2)[2] * a)", {"agrees"}),
    ],
)  # fmt: skip
def test_programs(text: str, told: set[str]) -> None:
    assert verdicts(text) == told


def test_what_is_not_taken_meets_no_infinite_slope() -> None:
    text = (
        "input x[3] = [0, 4, 9]\noutput y = sum(take(sqrt(x), [1, 2, 2])) + sum(blocks(tile(sqrt(x), 2, 1), 2, 1)[1])"
    )
    np.testing.assert_allclose(adcli.parse(text).gradient(difference="none").gradient["y"]["x"], [0.0, 0.75, 1 / 3])


@pytest.mark.parametrize(
    "text", ["cross(x, [1, 2])", "interp(1, x, [1, 2])", "tile(x, 1.5)", "take([x, x], 1)", "kron(x, 2)"]
)
def test_what_does_not_fit_is_told_before_a_run(text: str) -> None:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse(f"input x[3]\noutput y = sum({text})")
    assert caught.value.problems[0].code == "shape"


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_polynomial_keeps_its_digits(size: int) -> None:
    random = np.random.default_rng(size)
    for exponent, _ in product((-30, 0, 30), range(5)):
        p, x = np.abs(random.normal(size=size)), abs(random.normal()) * 2.0**exponent
        with mpmath.workdps(50):
            exact = mpmath.fsum(
                mpmath.mpf(float(number)) * mpmath.mpf(x) ** place for place, number in enumerate(p[::-1])
            )
            assert abs(ARRAYS["polyval"].function(p, x) - exact) <= 2 * size * 1.2e-16 * exact

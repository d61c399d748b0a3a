"""What each operation is said to round: held against high precision, and against exact fractions."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcli.rules.accuracy import TINY, UNIT, gamma, is_exact, rounding, units
from adcli.rules.along import along
from adcli.rules.array_accuracy import array_rounding, sizes_of_terms
from adcli.rules.compile import ieee_value
from adcli.rules.functions import precise_function
from adcli.rules.primitive import Primitive
from adcli.rules.table import ARRAYS, PRIMITIVES

from ..conftest import together
from .test_arrays import CASES, Case
from .test_arrays import precise as precise_value
from .test_primitives import WHOLE

RANDOM = random.Random(5)
POINTS = [
    *(RANDOM.uniform(-1, 1) for _ in range(60)),
    *(RANDOM.uniform(-30, 30) for _ in range(60)),
    *(RANDOM.choice((-1, 1)) * 10 ** RANDOM.uniform(-20, 2) for _ in range(60)),
]


def points(row: Primitive) -> list[tuple[float, ...]]:
    if row.name in WHOLE:
        others = [[x, y][: row.arity - 1] for x, y in zip(POINTS[::4], POINTS[1::4], strict=True)]
        return [(float(order), *at) for order in (0, 1, 2, 4) for at in others]
    count = max(row.arity, 1)
    if row.name.startswith(("gamma", "beta")) and count > 1:  # the last operand of an inverse, and of beta: a share
        last = 30.0 if row.name in ("gammainc", "gammaincc", "gamma_density") else 1.0
        return [(*(RANDOM.uniform(0.05, 30.0) for _ in range(count - 1)), RANDOM.uniform(0, last))
                for _ in range(40)]  # fmt: skip
    return [tuple(RANDOM.choice(POINTS) for _ in range(count)) for _ in range(150)]


@pytest.mark.parametrize("row", PRIMITIVES.values(), ids=lambda row: row.name)
def test_a_function_keeps_to_what_is_said_of_it(row: Primitive) -> None:
    compared = 0
    for point in points(row):
        value = ieee_value(row, point)
        if not math.isfinite(value):
            continue
        with mpmath.workdps(80):
            exact = precise_function(row)(*map(mpmath.mpf, point))
            assert abs(exact - value) <= rounding(row, point, value), point
        compared += 1
    assert compared >= 15


@pytest.mark.parametrize("row", [row for row in PRIMITIVES.values() if units(row)], ids=lambda row: row.name)
def test_an_array_is_rounded_as_its_elements_are(row: Primitive) -> None:
    operands = [np.array(column) for column in zip(*points(row), strict=True)]
    with np.errstate(all="ignore"):
        value = row.function(*operands)
    finite = np.isfinite(value)
    operands = [one[finite] for one in operands]
    error = array_rounding(row, operands, value[finite])
    one_by_one = [rounding(row, point, one) for *point, one in zip(*operands, value[finite], strict=True)]
    np.testing.assert_array_equal(error, np.array(one_by_one, dtype=float))
    with mpmath.workdps(80):
        for *point, one, allowed in zip(*operands, value[finite], error, strict=True):
            assert abs(precise_function(row)(*map(mpmath.mpf, point)) - mpmath.mpf(one)) <= allowed, point


@pytest.mark.parametrize("name", ["lgamma", "digamma"])
def test_gamma_functions_of_whole_numbers_are_rounded_like_others(name: str) -> None:
    """At 1 - a, which counts for a negative a only, they have a pole there."""
    row, points = PRIMITIVES[name], [3.0, 40.0, 1e8, -2.5]
    values = [float(row.function(a)) for a in points]
    errors = [rounding(row, (a,), value) for a, value in zip(points, values, strict=True)]
    for a, value, error in zip(points, values, errors, strict=True):
        assert error >= UNIT * abs(value)
        with mpmath.workdps(80):
            assert abs(precise_function(row)(mpmath.mpf(a)) - value) <= error
    np.testing.assert_array_equal(array_rounding(row, [np.array(points)], np.array(values)), errors)


numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-1000, 1000).map(lambda n: n / 8),
    st.integers().map(float),
)  # fmt: skip


@given(numbers, numbers, st.sampled_from(["add", "sub", "mul", "div"]))
@settings(max_examples=600)
def test_what_is_called_exact_is(a: float, b: float, name: str) -> None:
    row = PRIMITIVES[name]
    value = ieee_value(row, (a, b))
    if not math.isfinite(value) or (name == "div" and b == 0):
        return
    x, y = Fraction(a), Fraction(b)
    truth = {"add": lambda: x + y, "sub": lambda: x - y, "mul": lambda: x * y, "div": lambda: x / y}[name]()
    assert abs(truth - Fraction(value)) <= Fraction(rounding(row, (a, b), value))
    if is_exact(row, (a, b), value):
        assert truth == Fraction(value)
    elif all(one == 0 or 1e-280 < abs(one) < 1e290 for one in (a, b, value)):
        assert truth != Fraction(value)


@given(st.floats(0, 1e300))
def test_exact_roots_and_squares(a: float) -> None:
    for name, operands in (("sqrt", (a,)), ("pow", (a, 2.0)), ("pow", (a, 1.0))):
        value = ieee_value(PRIMITIVES[name], operands)
        if math.isfinite(value) and is_exact(PRIMITIVES[name], operands, value):
            known, given_value = (value, a) if name == "sqrt" else (a, value)
            power = 1 if operands[1:] == (1.0,) else 2
            assert Fraction(known) ** power == Fraction(given_value)


def test_examples_of_what_is_exact() -> None:
    add, sub, mul, div, power = (PRIMITIVES[name] for name in ("add", "sub", "mul", "div", "pow"))
    assert rounding(sub, (1.5, 1.0), 0.5) == 0
    assert rounding(sub, (0.3, 0.2), 0.3 - 0.2) == 0  # Sterbenz
    assert rounding(add, (0.1, 0.2), 0.1 + 0.2) == UNIT * (0.1 + 0.2)
    assert rounding(mul, (0.1, 4.0), 0.4) == 0
    assert rounding(mul, (0.1, 0.0), 0.0) == 0
    assert rounding(mul, (1e-200, 1e-200), 0.0) == TINY
    assert rounding(div, (1.0, 4.0), 0.25) == 0
    assert rounding(div, (1.0, 3.0), 1 / 3) == UNIT / 3
    assert rounding(power, (3.0, 2.0), 9.0) == 0
    assert rounding(PRIMITIVES["sqrt"], (9.0,), 3.0) == 0
    assert rounding(PRIMITIVES["sqrt"], (2.0,), math.sqrt(2)) == UNIT * math.sqrt(2)
    assert rounding(PRIMITIVES["sin"], (0.0,), 0.0) == rounding(PRIMITIVES["exp"], (0.0,), 1.0) == 0
    assert rounding(PRIMITIVES["cos"], (1e-9,), 1.0) == 2 * UNIT


def test_gamma() -> None:
    assert gamma(0) == 0
    assert gamma(3) == 3 * UNIT / (1 - 3 * UNIT)
    assert gamma(2.0**53) == math.inf


@together("case", CASES, by=lambda case: case.row.name[:1])
def test_operations_on_whole_arrays(case: Case) -> None:
    """The error of each element is within its bound, and the bound is of the size that the dimension explains."""
    value = case.row.function(*case.operands)
    with np.errstate(all="ignore"):
        error = array_rounding(case.row, case.operands, value)
    allowed = np.zeros(np.shape(value)) if error is None else np.asarray(error)
    with mpmath.workdps(50):
        exact = precise_function(case.row)(*map(precise_value, case.operands))
        apart = np.abs(exact - precise_value(value))
    assert np.all(apart <= allowed)
    assert np.shape(allowed) == np.shape(value)
    assert np.all(allowed <= 1e-10 * max(1.0, float(np.max(np.abs(value), initial=0.0))))


def test_sums_of_whole_numbers_are_exact() -> None:
    whole, parts = np.array([1.0, 2.0, 3e6]), np.array([0.1, 0.2, 0.3])
    for name, operands in (("sum", [whole]), ("dot", [whole, whole]), ("prod", [whole])):
        row: Any = along(name, None) if name != "dot" else ARRAYS["dot"]
        assert array_rounding(row, operands, row.function(*operands)) is None
        operands = [parts for _ in operands]
        assert array_rounding(row, operands, row.function(*operands)) > 0
    huge = np.array([2.0**53, 1.0, 1.0])
    assert array_rounding(along("sum", None), [huge], float(huge.sum())) == gamma(2) * huge.sum()


def test_sizes_of_terms() -> None:
    a = np.array([[1.0, -1.0], [3.0, -4.0]])
    assert sizes_of_terms(along("sum", None), [a]) == 9
    np.testing.assert_array_equal(sizes_of_terms(along("sum", 1), [a]), [2, 7])
    np.testing.assert_array_equal(sizes_of_terms(ARRAYS["matmul"], [a, np.array([1.0, -1.0])]), [2, 7])
    assert sizes_of_terms(ARRAYS["norm"], [a]) is None

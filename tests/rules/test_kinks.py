"""What primitives do beside their kinks, against steps away from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from adcli.rules.along import along
from adcli.rules.compile import RAISED, ieee_value
from adcli.rules.kinks import Kink
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONDITIONS, PRIMITIVES

# Operands at a kink of each primitive that has one, for each way in which it may be met.
KINKS: dict[str, Sequence[tuple[float, ...]]] = {
    "abs": [(0.0,)], "i0e": [(0.0,)], "relu": [(0.0,)], "sign": [(0.0,)], "sqrt": [(0.0,)], "cbrt": [(0.0,)],
    "floor": [(2.0,), (0.0,), (-3.0,)], "ceil": [(2.0,), (-3.0,)], "round": [(0.5,), (1.5,), (-2.5,)],
    "pow": [(0.0, 0.5), (0.0, 0.25)], "asin": [(1.0,), (-1.0,)], "acos": [(1.0,), (-1.0,)], "acosh": [(1.0,)],
    "hypot": [(0.0, 0.0)],
    "atan2": [(0.0, -2.0), (-0.0, -1.0), (0.0, 0.0)], "mod": [(6.0, 3.0), (-4.0, 2.0), (6.0, -3.0), (0.0, 5.0)],
    "max": [(1.0, 1.0), (2.0, 2.0, 0.0), (2.0, 2.0, 2.0)], "min": [(1.0, 1.0), (2.0, 5.0, 2.0)],
    "is_max": [(1.0, 1.0), (2.0, 2.0, 0.0), (1.0, 2.0, 2.0)], "is_min": [(1.0, 1.0), (2.0, 5.0, 2.0)],
    "clip": [(1.0, 1.0, 3.0), (3.0, 1.0, 3.0), (0.5, 2.0, 2.0), (2.0, 2.0, 2.0)],
    "elu_scaled": [(0.0, 0.5), (0.0, -2.0)], "prelu": [(0.0, 0.5), (0.0, -2.0)], "leaky_relu": [(0.0,)],
    "trunc": [(2.0,), (-3.0,), (-1.0,)], "fmod": [(6.0, 3.0), (-4.0, 2.0), (6.0, -3.0)],
    "copysign": [(2.0, 0.0), (0.0, 2.0), (-2.0, 0.0), (0.0, -3.0)],
    **{name: [(1.5, 1.5)] for name in ("<", "<=", ">", ">=", "==", "!=")},
}  # fmt: skip
ROWS = {name: row for name, row in {**PRIMITIVES, **CONDITIONS}.items() if row.kink is not None}
CASES = [(row, operands) for name, row in ROWS.items() for operands in KINKS[name]]


def value_of(row: Primitive, operands: Sequence[float]) -> float:
    """The value as a run has it: by IEEE 754 where Python raises."""
    try:
        return float(row.value(*operands))
    except RAISED:
        return ieee_value(row, operands)


def kink_of(row: Primitive) -> Kink:
    assert row.kink is not None
    return row.kink


def test_every_kink_is_tested() -> None:
    assert set(ROWS) == set(KINKS)


@pytest.mark.parametrize(("row", "operands"), CASES, ids=lambda one: getattr(one, "name", str(one)))
def test_beside_a_kink_as_a_step_away_from_it(row: Primitive, operands: tuple[float, ...]) -> None:
    """The step is so small that the slope beside the kink, and the value there, are those of the limit."""
    kink, step = kink_of(row), 2.0**-40
    here = value_of(row, operands)
    assert kink.gap(operands, here) == 0
    for tangents in product((-1.0, 0.75, 2.0), repeat=len(operands)):
        if row.name == "pow":
            tangents = (tangents[0], 0.0)
        near, nearer = (
            value_of(row, [one + times * step * tangent for one, tangent in zip(operands, tangents, strict=True)])
            for times in (2, 1)
        )
        value, slope = kink.beside(operands, here, tangents)
        if math.isnan(near):
            assert math.isnan(slope)
            continue
        assert value == pytest.approx(2 * nearer - near, abs=0.01 if math.isinf(slope) else 1e-9)
        quotient = (near - nearer) / step
        if math.isinf(slope):
            assert abs(quotient) > 1e2
            assert quotient * slope > 0
        else:
            assert quotient == pytest.approx(slope, abs=1e-3)


@pytest.mark.parametrize(("row", "operands"), CASES, ids=lambda one: getattr(one, "name", str(one)))
def test_the_gap_grows_as_its_partials_say(row: Primitive, operands: tuple[float, ...]) -> None:
    kink, step = kink_of(row), 2.0**-12
    if row.name == "hypot":  # whose gap is a length
        operands = (3.0, 4.0)
    for place in range(len(operands) if row.name != "pow" else 1):
        moved = tuple(one + (position == place) * step * (-1 if row.name in ("asin", "acos") and one > 0 else 1)
                      for position, one in enumerate(operands))  # fmt: skip
        towards = kink.towards(moved, value_of(row, moved))
        change = kink.gap(moved, value_of(row, moved)) - kink.gap(operands, value_of(row, operands))
        assert change == pytest.approx(towards[place] * (moved[place] - operands[place]), rel=1e-3)


@pytest.mark.parametrize(("row", "operands"), CASES, ids=lambda one: getattr(one, "name", str(one)))
def test_gaps_of_arrays_are_those_of_their_elements(row: Primitive, operands: tuple[float, ...]) -> None:
    points = [tuple(one + shift for one in operands) for shift in (0.0, 0.125, -0.25)]
    arrays = tuple(np.array(column) for column in zip(*points, strict=True))
    with np.errstate(all="ignore"):
        together = kink_of(row).gap(arrays, row.function(*arrays))
    for point, gap in zip(points, together, strict=True):
        alone = kink_of(row).gap(point, value_of(row, point))
        assert gap == pytest.approx(alone, nan_ok=True)


@pytest.mark.parametrize("name", ["max", "min", "norm"])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_operations_on_arrays_beside_a_kink(name: str, axis: int | None) -> None:
    row = along(name, axis)
    kink, step = kink_of(row), 2.0**-40
    a = np.zeros((2, 2)) if name == "norm" else np.array([[1.0, 1.0], [1.0, 0.0 if name == "max" else 2.0]])
    here = row.function(a)
    assert np.any(np.asarray(kink.gap((a,), here)) == 0)
    for numbers in product((-1.0, 0.5), repeat=4):
        tangent = np.reshape(numbers, (2, 2))
        value, slope = kink.beside((a,), here, (tangent,))
        there = row.function(a + step * tangent)
        np.testing.assert_allclose((np.asarray(there) - value) / step, slope, atol=1e-3)


@pytest.mark.parametrize("name", ["max", "min"])
def test_one_element_meets_nothing(name: str) -> None:
    row = along(name, 0)
    assert np.all(np.isinf(kink_of(row).gap((np.array([[1.0, 2.0]]),), np.array([1.0, 2.0]))))
    assert math.isinf(kink_of(along(name, None)).gap((np.array([3.0]),), 3.0))


@pytest.mark.parametrize("name", ["max", "min", "is_max", "is_min"])
def test_operands_beside_one_that_is_no_number_do_not_meet(name: str) -> None:
    for operands in ((0.0, 0.0, math.nan), (math.nan, 0.0, 0.0), (0.0, math.nan, 0.0)):
        assert math.isnan(kink_of(ROWS[name]).gap(operands, value_of(ROWS[name], operands)))

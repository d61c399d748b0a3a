"""Linear algebra beside NumPy's, and against many digits: factors, eigenvalues, functions of matrices."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

import adcli
from adcli.rules import local
from adcli.rules.compile import array_function, evaluated
from adcli.rules.functions import precise_function
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.shapes import Refused
from adcli.rules.table import ARRAYS


def row_of(name: str) -> ArrayPrimitive:
    row = ARRAYS[name]
    assert isinstance(row, ArrayPrimitive)
    return row


def as_value(given: Any) -> Any:
    return np.array(given, dtype=float) if isinstance(given, list) else given


def parts_of(name: str, *operands: Any) -> list[Any]:
    """The values that an operation puts into one array, by the formulas of its row."""
    row = row_of(name)
    letters = ("v", *row.letters(len(operands)))
    value = row.function(*operands)
    return [evaluated(array_function(formula, letters), (value, *operands)) for formula in row.parts]


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (1, 1)])
def test_the_parts_of_a_qr_are_its_factors(shape: tuple[int, int]) -> None:
    a = np.random.default_rng(1).normal(size=shape)
    q, r = parts_of("qr", a)
    by_numpy = np.linalg.qr(a)
    np.testing.assert_allclose(abs(q), abs(by_numpy.Q), atol=1e-15)
    np.testing.assert_allclose(abs(r), abs(by_numpy.R), atol=1e-14)
    np.testing.assert_allclose(q @ r, a, atol=1e-14)


@pytest.mark.parametrize("name", [name for name in ARRAYS if row_of(name).parts])
def test_the_parts_of_a_result_are_all_of_it(name: str) -> None:
    for sample in row_of(name).samples:
        operands = [np.array(operand) for operand in sample]
        sizes = [np.size(part) for part in parts_of(name, *operands)]
        assert sum(sizes) == np.size(row_of(name).function(*operands))


# Triangles


@pytest.mark.parametrize("lower", [None, 0.0, 1.0])
def test_the_other_triangle_is_not_read(lower: float | None) -> None:
    a = np.random.default_rng(2).normal(size=(5, 5)) + 3 * np.eye(5)
    b, which = np.arange(1.0, 6.0), () if lower is None else (lower,)
    t = np.tril(a) if lower else np.triu(a)
    hidden = np.where(t == 0, np.nan, a)
    x = row_of("solve_triangular").function(hidden, b, *which)
    np.testing.assert_allclose(x, np.linalg.solve(t, b), rtol=1e-13)
    received = local.contribution(row_of("solve_triangular"), 0, np.ones(5), x, (hidden, b, *which))
    assert np.array_equal(received != 0, t != 0)


@pytest.mark.parametrize("lower", [0.0, 1.0])
def test_a_triangle_is_solved_with_to_the_last_digits(lower: float) -> None:
    """Every element of the residual is as small as substitution makes it (Higham 2002, theorem 8.5)."""
    random = np.random.default_rng(3)
    for size in (2, 7, 20):
        a = random.normal(size=(size, size)) * 10.0 ** random.uniform(-8, 8, (size, 1))  # an elimination would pivot
        t, b = (np.tril(a) if lower else np.triu(a)), random.normal(size=size)
        x = row_of("solve_triangular").function(a, b, lower)
        for row, side in zip(t, b, strict=True):
            terms = [Fraction(one) * Fraction(other) for one, other in zip(row, x, strict=True)]
            assert abs(sum(terms) - Fraction(side)) <= size * Fraction(2) ** -53 * sum(map(abs, terms))


@pytest.mark.parametrize(
    ("operands", "code", "fragment"),
    [
        (([[1.0, 2.0], [3.0, 0.0]], [1.0, 1.0]), "singular", "condition number"),
        (([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0], 0.5), "shape", "1 for the lower one"),
        (([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0], [1.0, 0.0]), "shape", "1 for the lower one"),
        (([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0, 2.0]), "shape", "as many rows"),
        (([[1.0, np.nan], [3.0, 4.0]], [1.0, 1.0]), "not-finite", "not finite"),
    ],
)
def test_what_solve_triangular_refuses(operands: Any, code: str, fragment: str) -> None:
    with pytest.raises(Refused, match=fragment) as caught:
        row_of("solve_triangular").function(*map(as_value, operands))
    assert caught.value.code == code


# Pseudoinverses


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (3, 5), (4, 4), (6, 1), (1, 6)])
@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_a_pseudoinverse_is_that_of_numpy(shape: tuple[int, int], scale: float) -> None:
    a = np.random.default_rng(4).normal(size=shape)
    np.testing.assert_allclose(row_of("pinv").function(scale * a) * scale, np.linalg.pinv(a), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("a", [[[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]], [[0.0]], [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]])
def test_a_pseudoinverse_at_which_the_rank_changes_is_refused(a: Any) -> None:
    with pytest.raises(Refused, match="`pinv`") as caught:
        row_of("pinv").function(np.array(a))
    assert caught.value.code == "singular"


# Functions of matrices


def exact(name: str, *operands: Any) -> Any:
    """The value with 60 digits."""
    with mpmath.workdps(60):
        return precise_function(row_of(name))(*map(precise, operands))


def precise(value: Any) -> Any:
    return np.array([mpmath.mpf(float(one)) for one in np.ravel(value)], dtype=object).reshape(np.shape(value))


def far_off(found: Any, wanted: Any) -> float:
    """How far a matrix is from an exact one, in unit round-offs of its size."""
    with mpmath.workdps(60):
        largest = max(abs(wanted).ravel()) or mpmath.mpf(1)
        apart, size = (precise(found) - wanted) / largest, wanted / largest
        return float(np.linalg.norm(apart.astype(float)) / (np.linalg.norm(size.astype(float)) or 1.0)) * 2.0**53


def condition_of_expm(a: Any) -> float:
    """That of the exponential, from how it changes along each element (Higham 2008, section 3.1)."""
    units = np.eye(a.size).reshape(a.size, *a.shape)
    changes = np.array([row_of("expm_along").function(a, unit).ravel() for unit in units])
    return float(np.linalg.norm(changes, 2) * np.linalg.norm(a) / np.linalg.norm(row_of("expm").function(a)))


def _matrices() -> dict[str, Any]:
    random = np.random.default_rng(6)
    result: dict[str, Any] = {
        "nilpotent": np.diag([50.0, 1e3, 2.0], 1),
        "nilpotent and full": np.array([[40.0, -40.0], [40.0, -40.0]]),
        "large and nilpotent": np.array([[0.0, 1e200], [0.0, 0.0]]),
        "defective": np.diag([-50.0] * 4) + np.diag([1.0] * 3, 1),
        "defective and far from normal": np.diag([5.0] * 4) + np.diag([100.0] * 3, 1),
        "scaled too far by its norm": np.array([[1.0, 1e6], [0.0, -1.0]]),
        "of Moler and Van Loan": np.array([[-49.0, 24.0], [-64.0, 31.0]]),
        "a rotation": np.array([[0.0, -40.0], [40.0, 0.0]]),
        "zero": np.zeros((3, 3)),
    }
    for size in (1e-300, 1e-10, 1e-3, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0):
        a = random.normal(size=(4, 4))
        a *= size / np.linalg.norm(a, 1)
        result |= {f"{size:g}": a, f"{size:g} below": a - size * np.eye(4), f"{size:g}, a triangle": np.triu(a)}
    return result


MATRICES = _matrices()


@pytest.mark.parametrize("name", MATRICES)
def test_an_exponential_has_the_digits_that_its_condition_leaves(name: str) -> None:
    a = MATRICES[name]
    condition = 1e99 if name == "large and nilpotent" else condition_of_expm(a)
    value = row_of("expm").function(a)
    assert far_off(value, exact("expm", a)) <= 4 + 8 * condition
    assert np.all(np.tril(value, -1) == 0) or not np.all(np.tril(a, -1) == 0)  # a triangle stays one
    if "nilpotent" in name:
        assert far_off(value, exact("expm", a)) <= 4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_exponentials_of_random_matrices(seed: int) -> None:
    random = np.random.default_rng([9, seed])
    size = int(random.integers(1, 7))
    a = random.normal(size=(size, size)) * 10.0 ** random.uniform(-2, 1, (size, size))
    a = (a, np.triu(a), np.triu(a, 1), a - np.diag(abs(a).sum(axis=1)))[seed % 4]  # the last as of a Markov process
    a *= 10 ** random.uniform(-10, math.log10(50)) / max(np.linalg.norm(a, 1), 1e-300)
    value, allowed = row_of("expm").function(a), 4 + 10 * condition_of_expm(a)
    assert far_off(value, exact("expm", a)) <= allowed


@pytest.mark.parametrize("name", [name for name in MATRICES if "large" not in name])
@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_how_an_exponential_changes_does_not_depend_on_the_size_along(name: str, size: float) -> None:
    a, b = MATRICES[name], np.random.default_rng(7).normal(size=MATRICES[name].shape)
    found = row_of("expm_along").function(a, size * b) / size
    np.testing.assert_allclose(found, row_of("expm_along").function(a, b), rtol=1e-9, atol=1e-13 * abs(found).max())
    if size == 1:
        allowed = 20 + 40 * condition_of_expm(a)
        assert far_off(found, exact("expm_along", a, b)) <= allowed


@pytest.mark.parametrize("size", [1e-150, 1.0, 1e150])
def test_second_derivatives_of_an_exponential_keep_their_digits_at_any_size(size: float) -> None:
    program = adcli.parse(f"input x[2, 2] = [[0.3, 1], [-0.5, 0.2]]\noutput y = {size} * sum(expm(x))")
    plain = adcli.parse("input x[2, 2] = [[0.3, 1], [-0.5, 0.2]]\noutput y = sum(expm(x))")
    found, wanted = (one.hessian().hessian["y"]["x"]["x"] for one in (program, plain))
    np.testing.assert_allclose(found, size * wanted, rtol=1e-13)


def test_the_exponential_of_a_rotation() -> None:
    value = row_of("expm").function(np.array([[0.0, -0.5], [0.5, 0.0]]))
    np.testing.assert_allclose(
        value, [[math.cos(0.5), -math.sin(0.5)], [math.sin(0.5), math.cos(0.5)]], rtol=0, atol=3e-16
    )


@pytest.mark.parametrize("exponent", [-7, -2, -1, 0, 1, 2, 3, 8, 13, 100])
def test_a_power_of_a_matrix_is_that_of_numpy(exponent: int) -> None:
    a = np.array([[0.9, 0.4, -0.2], [0.1, 0.8, 0.3], [0.2, -0.3, 1.1]])
    power, along = row_of("matrix_power"), row_of("matrix_power_along")
    value, unit = power.function(a, float(exponent)), np.diag([1.0, 0.0, 2.0])
    np.testing.assert_allclose(value, np.linalg.matrix_power(a, exponent), rtol=1e-13)
    slope = along.function(a, unit, float(exponent))
    np.testing.assert_allclose(slope, exact("matrix_power_along", a, unit, exponent).astype(float), rtol=1e-12)


def test_a_power_of_whole_numbers_is_exact() -> None:
    fibonacci = row_of("matrix_power").function(np.array([[1.0, 1.0], [1.0, 0.0]]), 70.0)
    assert fibonacci[0, 1] == 190392490709135
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_array_equal(row_of("matrix_power").function(singular, 0.0), np.eye(2))


@pytest.mark.parametrize(
    ("operands", "code", "fragment"),
    [
        (([[1.0, 2.0], [3.0, 4.0]], 0.5), "shape", "whole number, and not 0.5"),
        (([[1.0, 2.0], [3.0, 4.0]], np.nan), "shape", "whole number, and not nan"),
        (([[1.0, 2.0], [3.0, 4.0]], np.inf), "shape", "whole number, and not inf"),
        (([[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0]), "shape", "whole number, and not a vector of 2"),
        (([[1.0, 2.0]], 2.0), "shape", "square"),
        (([[1.0, 2.0], [2.0, 4.0]], -2.0), "singular", "`matrix_power` cannot do with a singular matrix"),
    ],
)
def test_what_matrix_power_refuses(operands: Any, code: str, fragment: str) -> None:
    with pytest.raises(Refused, match=fragment) as caught:
        row_of("matrix_power").function(*map(as_value, operands))
    assert caught.value.code == code


def test_an_exponential_refuses_what_is_not_finite() -> None:
    with pytest.raises(Refused, match="not finite"):
        row_of("expm").function(np.array([[1.0, np.inf], [0.0, 1.0]]))

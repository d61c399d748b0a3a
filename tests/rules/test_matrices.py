"""Linear algebra beside NumPy's, and against many digits: factors, eigenvalues, functions of matrices."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from adcli.rules import local
from adcli.rules.compile import array_function, evaluated
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

"""Linear algebra beside NumPy's, and against many digits: factors, eigenvalues, functions of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adcli.rules.compile import array_function, evaluated
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.table import ARRAYS


def row_of(name: str) -> ArrayPrimitive:
    row = ARRAYS[name]
    assert isinstance(row, ArrayPrimitive)
    return row


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

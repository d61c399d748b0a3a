"""Sums of products by subscripts: values as NumPy has them, derivatives to the second order, and what is refused."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from adcli.rules.array_accuracy import array_rounding
from adcli.rules.einsum import einsum
from adcli.rules.formulas import formula_tree
from adcli.rules.local import largest_contribution
from adcli.rules.shapes import Refused
from adcli.rules.table import primitive_named

from . import test_arrays
from .test_arrays import Case, drawn, precision  # noqa: F401 - a fixture

SIZES = {"i": 2, "j": 3, "k": 4, "A": 2}
TEXTS = [
    "ij,jk->ik", "ij,jk", "ij,ij", "ij,ij->", "ij->ji", "ij->i", "ij->j", "ij->", "ii->i", "ii", "ii->", "i->",
    "i,j->ij", "i,i->i", "i,i", "ij,j->i", "ij,k->k", "ij,k->ik", "ii,i->", "ii,ij->j", "ij,jk,k->i",
    "ij,ik,jk->", "i,ij,j", "i,i,i->i", "ij,jk,kA->iA", "ii,jj,kk->", ",ij->ji", "i,,j->ij", " i j , j k -> i k ",
    "ji,jk->ki", "kA,A->k", "i->i",
]  # fmt: skip


def case_of(text: str) -> Case:
    random = np.random.default_rng(len(text))
    terms = text.replace(" ", "").partition("->")[0].split(",")
    return Case(einsum(text), [drawn(random, tuple(SIZES[letter] for letter in term)) for term in terms], text)


@pytest.mark.parametrize("text", TEXTS)
def test_values_and_derivatives(text: str) -> None:
    case = case_of(text)
    np.testing.assert_allclose(case.row.function(*case.operands), np.einsum(text, *case.operands), rtol=1e-14)
    test_arrays.test_value_and_shape(case)
    test_arrays.test_first_order(case)
    test_arrays.test_each_operand_alone(case)
    test_arrays.test_second_order(case)


@pytest.mark.parametrize("text", TEXTS)
def test_bounds(text: str) -> None:
    """Nothing is off by more than its bound, and nothing is received that is more than the largest contribution."""
    case = case_of(text)
    value = case.row.function(*case.operands)
    exact = test_arrays.precise_function(case.row)(*map(test_arrays.precise, case.operands))
    bound = array_rounding(case.row, case.operands, value)
    off = abs(np.asarray(np.asarray(value, dtype=object) - exact, dtype=float))
    assert np.all(off <= (0.0 if bound is None else bound))
    if len(case.operands) == 3:
        ones = np.ones(np.shape(value))[()]
        for place in case.varied:
            received = test_arrays.contribution(case.row, place, ones, value, case.operands)
            assert np.all(
                abs(received) <= largest_contribution(case.row, place, ones, value, case.operands) * (1 + 1e-14)
            )


def test_a_name_has_one_row() -> None:
    row = primitive_named("einsum ij,jk->ik", 2)
    assert row is einsum("ij,jk->ik")
    assert row is not None
    assert (row.arity, row.most) == (2, 2)
    assert pickle.loads(pickle.dumps(row)) is row
    assert formula_tree('einsum("ij,jk->ik", a, b)').function == row.name  # type: ignore[union-attr]
    assert primitive_named("einsum", 2) is None


def test_large_products_are_those_of_matrices() -> None:
    a, b = np.random.default_rng(1).normal(size=(2, 100, 100))
    np.testing.assert_allclose(einsum("ij,jk->ik").function(a, b), a @ b, atol=1e-12)


def test_one_operand_is_no_view() -> None:
    a = np.ones((2, 2))
    einsum("ij->ji").function(a)[:] = 0
    assert np.all(a == 1)


@pytest.mark.parametrize(
    ("text", "shapes", "fragment"),
    [
        ("ij,jk->iz", [(2, 3), (3, 4)], "`z` in its result, which stands in no operand"),
        ("ij->ii", [(2, 2)], "`i` twice in its result"),
        ("ij,jk->ik", [(2, 3), (2, 4)], "`j` go to 3 and to 2, in a 2 × 3 matrix and a 2 × 4 matrix"),
        ("ii->i", [(2, 3)], "`i` go to 2 and to 3"),
        ("ij,jk->ik", [(2, 3), (3,)], "`jk` for a vector of 3"),
        ("i,j->ij", [(2,), ()], "`j` for a number"),
        (",j->j", [(2,), (3,)], "no letter for a vector of 2"),
        ("ijk->i", [(2, 3)], "3 letters, `ijk`: there are vectors and matrices only"),
        ("i,j,k->ijk", [(2,), (2,), (2,)], "3 letters, `ijk`"),
        ("ij,k", [(2, 2), (2,)], "3 letters, `ijk`"),
        ("i,i,i,i->", [(2,)] * 4, "has 4 operands, and takes at most 3"),
        ("i1->i", [(2, 2)], "not `1`"),
        ("...i->i", [(2,)], "not `.`"),
        ("i->i,i", [(2,)], "not `,`"),
        ("i,i->i", [(2,), (1,)], "`i` go to 2 and to 1"),
    ],
)
def test_what_is_refused(text: str, shapes: list[tuple[int, ...]], fragment: str) -> None:
    """The same words before a run and at it."""
    row = primitive_named(f"einsum {text}", len(shapes))
    assert row is einsum(text)
    operands: list[Any] = [np.ones(shape) if shape else 1.0 for shape in shapes]
    for refuses in (lambda: row.shape(shapes, [None] * len(shapes)), lambda: row.function(*operands)):  # type: ignore[union-attr]
        with pytest.raises(Refused) as caught:
            refuses()
        assert fragment in str(caught.value)


def test_sizes_that_are_not_known_fit() -> None:
    assert einsum("ij,jk->ik").shape([(None, 3), (None, None)], [None, None]) == (None, None)
    assert einsum("ij,jk->jk").shape([(None, 3), (None, None)], [None, None]) == (3, None)

"""Eigenvalues and singular values: against many digits, and where some of them are equal."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import adcli
from adcli.derive.modes import SecondMode
from adcli.rules.functions import precise_function
from adcli.rules.kinks import Kink
from adcli.rules.readings.array_rounding import KERNELS
from adcli.rules.shapes import Refused

from .test_matrices import parts_of, precise, row_of


def with_values(values: list[float], seed: int = 1) -> Any:
    """A symmetric matrix with these eigenvalues, to rounding."""
    turned = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values), len(values)))).Q
    return turned @ np.diag(values) @ turned.T


MATRICES: dict[str, Any] = {
    "two": np.array([[2.0, 1.0], [1.0, 2.0]]),
    "not symmetric": np.array([[2.0, 3.0], [-1.0, 1.0]]),
    "of Fibonacci": np.array([[1.0, 1.0], [1.0, 0.0]]),
    "diagonal": np.diag([3.0, -1.0, 2.0]),
    "of second differences": 2 * np.eye(5) - np.eye(5, k=1) - np.eye(5, k=-1),
    "near each other": with_values([1.0, 1.0 + 1e-6, 3.0]),
    "of many sizes": with_values([1e-8, 1e-3, 1.0, 1e4]),
    "tiny": 1e-200 * with_values([1.0, 2.0, 4.0]),
    "huge": 1e200 * with_values([1.0, 2.0, 4.0]),
}
TALL = np.random.default_rng(2).normal(size=(5, 3))
FACTORED = {**MATRICES, "tall": TALL, "wide": TALL.T, "a row": TALL[:1], "a column": TALL[:, :1]}


def within_its_bound(name: str, a: Any) -> None:
    """Each element is as near to the exact one as its row says that it is rounded, and the bound is no mere guess."""
    value = row_of(name).function(a)
    with mpmath.workdps(60):
        apart = abs(precise(value) - precise_function(row_of(name))(precise(a))).astype(float)
    allowed = KERNELS[str(row_of(name).rounding)](row_of(name), [a], value)
    assert np.all(apart <= allowed)


@pytest.mark.parametrize("name", MATRICES)
def test_eigenvalues_and_vectors_are_as_near_as_they_are_said_to_be(name: str) -> None:
    a = MATRICES[name]
    within_its_bound("eigh", a)
    within_its_bound("eigvalsh", a)
    values, vectors = parts_of("eigh", a)
    by_numpy = np.linalg.eigh((a + a.T) / 2)
    np.testing.assert_array_equal(values, by_numpy.eigenvalues)
    np.testing.assert_array_equal(abs(vectors), abs(by_numpy.eigenvectors))
    np.testing.assert_allclose(row_of("eigvalsh").function(a), values, rtol=0, atol=1e-14 * abs(values).max())


@pytest.mark.parametrize("name", FACTORED)
def test_singular_values_and_vectors_are_as_near_as_they_are_said_to_be(name: str) -> None:
    a = FACTORED[name]
    within_its_bound("svd", a)
    left, values, right = parts_of("svd", a)
    by_numpy = np.linalg.svd(a, full_matrices=False)
    np.testing.assert_array_equal(values, by_numpy.S)
    np.testing.assert_array_equal(abs(left), abs(by_numpy.U))
    np.testing.assert_array_equal(abs(right), abs(by_numpy.Vh))
    np.testing.assert_allclose(left * values @ right, a, rtol=0, atol=1e-14 * values[0])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_random_matrices_of_many_sizes(seed: int) -> None:
    random = np.random.default_rng([8, seed])
    rows, columns = random.integers(1, 8, 2)
    a = random.normal(size=(rows, columns)) * 10.0 ** random.uniform(-4, 4, (rows, 1))
    within_its_bound("svd", a)
    within_its_bound("eigh", a @ a.T)
    within_its_bound("eigvalsh", a @ a.T)


@pytest.mark.parametrize("name", MATRICES)
def test_the_sign_of_a_vector_is_the_same_close_by(name: str) -> None:
    a = MATRICES[name]
    vectors, rights = parts_of("eigh", a)[1], parts_of("svd", a)[2].T
    weights = np.exp(-np.arange(len(a)) / len(a))
    assert np.all(weights @ vectors > 0.005)
    assert np.all(weights @ rights > 0.005)
    if name not in ("near each other", "of many sizes"):
        close = a * (1 + 1e-9 * np.random.default_rng(3).uniform(-1, 1, a.shape))
        np.testing.assert_allclose(parts_of("eigh", close)[1], vectors, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "operand", "code"),
    [
        ("eigh", [[1.0, math.inf], [0.0, 1.0]], "not-finite"), ("eigvalsh", [[math.nan]], "not-finite"),
        ("svd", [[1.0, math.nan]], "not-finite"), ("eigh", [[1.0, 2.0]], "shape"), ("eigvalsh", [1.0], "shape"),
        ("svd", [1.0, 2.0], "shape"), ("over_differences", [[1.0]], "shape"), ("shares", [[1.0]], "shape"),
    ],
)  # fmt: skip
def test_what_is_refused(name: str, operand: Any, code: str) -> None:
    with pytest.raises(Refused, match=f"`{name}`") as caught:
        row_of(name).function(np.array(operand))
    assert caught.value.code == code


# Equal ones


REPEATED = {
    "identity": np.eye(3),
    "zero": np.zeros((2, 2)),
    "two of three": np.ones((3, 3)) + np.eye(3),
    "two pairs": with_values([-1.0, -1.0, 2.0, 2.0]),
}
EVEN: dict[str, tuple[str, Callable[[Any], Any]]] = {  # functions of all eigenvalues alike, and their gradients
    "the trace": ("sum(eigvalsh(x))", lambda a: np.eye(len(a))),
    "the trace of the square": ("sum(eigvalsh(x)^2)", lambda a: 2 * a),
    "the trace by eigh": ("sum(eigh(x)[0])", lambda a: np.eye(len(a))),
}


@pytest.mark.parametrize("name", REPEATED)
@pytest.mark.parametrize("kind", EVEN)
def test_slopes_of_what_does_not_tell_equal_eigenvalues_apart(name: str, kind: str) -> None:
    a, (text, wanted) = REPEATED[name], EVEN[kind]
    program = adcli.parse(f"input x[{len(a)}, {len(a)}]\noutput y = {text}")
    found = program.gradient(x=a, difference="none").gradient["y"]["x"]
    np.testing.assert_allclose(found, wanted(a), atol=1e-14)


def test_one_of_equal_eigenvalues_has_the_mean_of_their_slopes() -> None:
    """Which does not depend on the vectors that LAPACK chooses."""
    program = adcli.parse("input x[3, 3]\noutput y = eigvalsh(x)[0]")
    found = program.gradient(x=REPEATED["two of three"], difference="none").gradient["y"]["x"]
    np.testing.assert_allclose(found, (np.eye(3) - np.ones((3, 3)) / 3) / 2, atol=1e-15)
    assert program.check(x=REPEATED["two of three"]).verdict.value == "nonsmooth"


def test_the_second_derivatives_of_a_trace_are_0_where_eigenvalues_are_equal() -> None:
    program = adcli.parse("input x[3, 3]\noutput y = sum(eigvalsh(x))")
    for mode in SecondMode:
        product = program.hvp(x=REPEATED["two of three"], dot={"x": np.arange(9.0).reshape(3, 3)}, mode=mode.value)
        np.testing.assert_allclose(product.product["y"]["x"], np.zeros((3, 3)), atol=1e-14)


@pytest.mark.parametrize(
    ("operand", "wanted"),
    [
        (np.zeros((2, 3)), np.zeros((2, 3))),
        (np.diag([2.0, 0.0]), np.diag([1.0, 0.0])),
        (np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]), np.full((3, 2), 6**-0.5)),
        (np.eye(2)[::-1], np.eye(2)[::-1]),
    ],
)  # fmt: skip
def test_the_slopes_of_the_sum_of_singular_values(operand: Any, wanted: Any) -> None:
    """Where they are equal, and where one is 0: as of a length, that has none there."""
    rows, columns = operand.shape
    program = adcli.parse(f"input x[{rows}, {columns}]\noutput y = sum(svd(x)[{rows}])")
    np.testing.assert_allclose(program.gradient(x=operand, difference="none").gradient["y"]["x"], wanted, atol=1e-15)


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("eigvalsh([[x, y], [y, 1]])[0]", {"nonsmooth"}),
        ("eigvalsh([[x, y], [y, 1]])[0] + eigvalsh([[x, y], [y, 1]])[1]", {"agrees"}),
        ("eigh([[x, y], [y, 1]])[1, 0]", {"nonsmooth"}),
        ("eigvalsh([[x, y, 0], [y, 1, 0], [0, 0, 5 + x]])[2]", {"agrees"}),
        ("svd([[x, y], [y, 1]])[2, 0]", {"nonsmooth"}),
        ("sum(svd([[x, y], [2 * y, x]])[2])", {"agrees"}),
        ("svd([[x - 1], [y]])[2, 0]", {"nonsmooth"}),
        ("det([[x, y], [y, 1]]) * eigvalsh([[x, y], [y, 2]])[1]", {"agrees"}),
    ],
)
def test_a_check_tells_where_equal_ones_matter(text: str, verdicts: set[str]) -> None:
    report = adcli.expression(text).check(x=1.0, y=0.0)
    assert {row.verdict.value for row in report.components} == verdicts


def kink_of(name: str) -> Kink:
    kink = row_of(name).kink
    assert kink is not None
    return kink


@pytest.mark.parametrize("name", ["eigvalsh", "eigh", "svd"])
@pytest.mark.parametrize("matrix", [*REPEATED, "a row of zeros", "rank 1"])
def test_values_beside_a_kink_as_a_step_away_from_it(name: str, matrix: str) -> None:
    other = {"a row of zeros": np.diag([2.0, 2.0, 0.0])[:, :2], "rank 1": np.outer([1.0, 2.0], [1.0, 3.0, 1.0])}
    if matrix in other and name != "svd":
        return
    a, step = {**REPEATED, **other}[matrix], 2.0**-20
    value, line = row_of(name).function(a), {"eigh": 0, "eigvalsh": slice(None), "svd": len(a)}[name]
    assert kink_of(name).gap((a,), value) == 0
    for seed in range(3):
        tangent = np.random.default_rng(seed).normal(size=a.shape)
        beside, slopes = kink_of(name).beside((a,), value, (tangent,))
        there = row_of(name).function(a + step * tangent)
        np.testing.assert_allclose((there[line] - beside[line]) / step, slopes[line], atol=1e-4)


@pytest.mark.parametrize("name", ["eigvalsh", "eigh", "svd"])
def test_the_gap_is_the_least_distance(name: str) -> None:
    a = with_values([0.5, 2.0, 2.25])
    assert kink_of(name).gap((a,), row_of(name).function(a)) == pytest.approx(0.25)
    small = with_values([0.0625, 2.0, 4.0])
    wanted = 0.125 if name == "svd" else 1.9375  # from what it is with the other sign
    assert kink_of(name).gap((small,), row_of(name).function(small)) == pytest.approx(wanted)
    one = np.array([[3.0]])
    assert kink_of(name).gap((one,), row_of(name).function(one)) == (6.0 if name == "svd" else math.inf)


def test_what_is_over_differences_of_equal_elements() -> None:
    found = row_of("over_differences").function(np.array([1.0, 3.0, 1.0 + 2.0**-52]))
    np.testing.assert_allclose(found, [[0.0, 0.5, 0.0], [-0.5, 0.0, -0.5], [0.0, 0.5, 0.0]], rtol=4e-16)
    found = row_of("shares").function(np.array([1.0, 3.0, 1.0 + 2.0**-52]))
    np.testing.assert_array_equal(found, [[0.5, 0.0, 0.5], [0.0, 1.0, 0.0], [0.5, 0.0, 0.5]])

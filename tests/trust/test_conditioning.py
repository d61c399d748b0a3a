"""Matrices that are nearly singular are told; those that are only badly scaled are not."""

from __future__ import annotations

import pytest

import adcli
from adcli.trust.conditioning import ILL_CONDITIONED


def codes(text: str) -> list[str]:
    return [problem.code for problem in adcli.parse(text).gradient().warnings]


@pytest.mark.parametrize("operation", ["sum(inv(A))", "sum(solve(A, [1, 2]))"])
@pytest.mark.parametrize(
    ("matrix", "told"),
    [
        ("[[1, 1], [1, 1 + 1e-9]]", True),
        ("[[1, 1], [1, 1 + 1e-3]]", False),
        ("[[1e-20, 0], [0, 1e20]]", False),  # scaling makes a unit matrix of it
        ("[[1e12, 1], [1, 1e-11]]", False),
        ("[[1e12, 1], [1, 1e-12 * (1 + 1e-10)]]", True),  # which scaling does not help
    ],
)
def test_what_loses_half_of_the_digits_is_told(operation: str, matrix: str, told: bool) -> None:
    text = f"input x = 1\nA = {matrix}\noutput y = x * {operation}"
    assert (ILL_CONDITIONED in codes(text)) is told


def test_a_place_is_told_once_with_its_condition_number() -> None:
    """Of [[1, 1], [1, 1 + e]] it is (2 + e + sqrt((2 + e)^2 - 4e)) / (2 + e - sqrt(...)), about 4 / e."""
    text = "input x = 1\ny = 0\nfor k = 1 to 3 { y = y + sum(inv([[1, 1], [1, 1 + 1e-9]])) }\noutput z = x * y"
    (problem,) = [problem for problem in adcli.parse(text).gradient().warnings if problem.code == ILL_CONDITIONED]
    assert "4.0e+09" in problem.note
    assert problem.span is not None

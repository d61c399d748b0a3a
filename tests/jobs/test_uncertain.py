"""Texts such as `2 ± 0.1`."""

from __future__ import annotations

import math

import pytest

from adcli.errors import AdError
from adcli.jobs.uncertain import Uncertain, split_uncertain, stated, uncertainty_from


@pytest.mark.parametrize("sign", ["±", "+-", "+/-", " ± ", " +- "])
def test_signs(sign: str) -> None:
    assert split_uncertain(f"2{sign}0.1", "x") == ("2", Uncertain("0.1"))


@pytest.mark.parametrize(
    ("text", "value", "size"),
    [
        ("0.1234(12)", "0.1234e0", 0.0012), ("-1.2(3)e-3", "-1.2e-3", 0.0003), ("5(2)", "5.0e0", 2.0),
        ("100.02147(0.00035)", "100.02147e0", 0.00035), ("1.(2)", "1.0e0", 2.0), ("1234(5)e3", "1234.0e3", 5000.0),
    ],
)  # fmt: skip
def test_last_digits(text: str, value: str, size: float) -> None:
    found, uncertain = split_uncertain(text, "x")
    assert uncertain is not None
    assert (float(found), stated(uncertain, "x").size) == (float(value), size)


def test_details() -> None:
    expected = Uncertain("0.1", dof=18, distribution="uniform")
    assert split_uncertain("2 ± 0.1 dof=18 uniform", "x") == ("2", expected)
    assert split_uncertain("2 ± 0.1 uniform dof = 18", "x") == ("2", expected)
    assert split_uncertain("2(1) dof=3", "x")[1] == Uncertain("1.0", dof=3)
    assert split_uncertain("[1, 2] ± [0.1, 0.2] t dof=4", "x") == ("[1, 2]", Uncertain("[0.1, 0.2]", 4, "t"))
    assert uncertainty_from("5%", "x") == Uncertain("5", percent=True)
    assert split_uncertain("± 0.1", "x") == ("", Uncertain("0.1"))
    assert stated("0.1 dof=inf", "x").dof == math.inf


@pytest.mark.parametrize("text", ["2", "2 + 1", "max(1, 2)", "2(3) + 1", "data.csv[x]", "2 - +1"])
def test_what_is_exact(text: str) -> None:
    assert split_uncertain(text, "x") == (text, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2 ±", "nothing stands behind"), ("2 ± 0.1 unifrom", "`unifrom` is not a distribution"),
        ("2 ± -1", "not negative"), ("2 ± 1 dof=0", "more than 0"), ("2 ± 1 dof=a", "not a number of degrees"),
        ("2 ± 1 dof=nan", "more than 0"), ("2 ± 1 t", "needs its degrees of freedom"),
        ("2 ± 1 uniform normal", "both `uniform` and `normal`"), ("2 ± 1 2", "no uncertainty"),
        ("2 ± inf", "no uncertainty"), ("2 ± 1 ± 2", "no uncertainty"), ("2 ± %", "no uncertainty"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(text: str, words: str) -> None:
    with pytest.raises(AdError) as caught:
        stated(split_uncertain(text, "x")[1], "x")
    (problem,) = caught.value.problems
    assert problem.code == "bad-uncertainty"
    assert words in problem.message

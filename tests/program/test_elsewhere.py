"""What is written instead of a function of another language: it runs, and has the meaning of that."""

from __future__ import annotations

import math
import re

import pytest

import adcli
from adcli.program.elsewhere import ELSEWHERE
from adcli.rules.table import FUNCTIONS


def test_no_name_of_another_language_is_one_of_ours() -> None:
    ours = {name for name in ELSEWHERE if name in FUNCTIONS}
    assert ours == {"select", "diff"}  # the one is called so in formulas alone, the other takes an array, and no name


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("exp1", {"a": 1.0}, 0.21938393439552027), ("log1mexp", {"a": -2.0}, math.log(1 - math.exp(-2))),
        ("selu", {"a": -1.0}, -1.1113307378125625), ("mish", {"a": 1.0}, 0.8650983882673103),
        ("entr", {"a": 0.5}, 0.34657359027997264), ("kl_div", {"a": 0.5, "b": 0.25}, 0.09657359027997264),
        ("acoth", {"a": 2.0}, 0.5493061443340548), ("normpdf", {"a": 1.0}, 0.24197072451914337),
        ("log_sigmoid", {"a": 1.0}, -0.31326168751822286),
        ("ive", {"a": 1.0, "b": 2.0}, 0.21526928924893767), ("gd", {"a": 1.0}, 0.8657694832396586),
    ],
)  # fmt: skip
def test_what_is_written_instead_has_the_same_value(name: str, at: dict[str, float], value: float) -> None:
    found = re.match("write `([^`]+)`", ELSEWHERE[name])
    assert found
    assert adcli.expression(found[1]).evaluate(at).outputs["value"] == pytest.approx(value, rel=1e-13)


@pytest.mark.parametrize("name", ["psi", "zeta", "kv", "hyp2f1", "nansum", "fft", "interp1d", "heaviside", "besselj"])
def test_who_looks_for_it_is_told(name: str) -> None:
    with pytest.raises(adcli.AdError) as caught:
        adcli.expression(f"{name}(x)")
    assert caught.value.problems[0].help == ELSEWHERE[name]


def test_a_name_that_is_close_to_an_input_is_that() -> None:
    with pytest.raises(adcli.AdError, match="`lbeta` is not defined") as caught:
        adcli.parse("input lbetas\noutput y = lbeta * 2")
    assert caught.value.problems[0].help == "did you mean `lbetas`?"

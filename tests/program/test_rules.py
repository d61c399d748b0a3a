"""Functions whose derivatives the program states: what sweeps use, second derivatives, what `check` says of them."""

from __future__ import annotations

import json
import math
import pickle

import pytest

import adcli
from adcli.syntax.format import format_tree
from adcli.syntax.parse import parse
from adcli.syntax.source import Source

from ..conftest import Adcli
from ..syntax.trees import said

LOGISTIC = "rule logistic(u) = 1 / (1 + exp(-u)) with derivative logistic * (1 - logistic)\n"
ROOT = """\
rule root(u) {
    t = u
    for k = 1 to 8 {
        t = (t + u / t) / 2
    }
    u = 0
    return t
} with derivative 1 / (2 * root)
"""
WRONG = "rule f(u, v) = u * v with derivative v, u + 1\n"


def slopes(text: str, **point: float) -> list[float]:
    (gradient,) = adcli.parse(text).gradient(point, difference="none").gradient.values()
    return list(gradient.values())


def test_the_stated_derivative_is_used_and_nothing_goes_through_the_value() -> None:
    s = 1 / (1 + math.exp(-0.7))
    assert slopes(f"input x\n{LOGISTIC}output y = 3 * logistic(x)", x=0.7) == [3 * (s * (1 - s))]
    assert slopes(f"input x\n{ROOT}output y = root(x)", x=2) == [pytest.approx(0.5 / math.sqrt(2), rel=1e-15)]
    assert slopes(f"input x, y\n{WRONG}output z = f(x, y) + x", x=2, y=5) == [6, 3]
    assert slopes("input x\nrule step(u) = round(u) with derivative 1\noutput y = step(x)^2", x=2.2) == [4]
    # the value has an infinite derivative, which is not met
    assert slopes("input x\nrule f(u) = sqrt(u) with derivative 7\noutput y = f(x)", x=0) == [7]


def test_second_derivatives_are_those_of_what_is_stated() -> None:
    program = adcli.parse(f"input x, a\n{LOGISTIC}{ROOT}output y = logistic(x) * root(a)")
    hessian = program.hessian({"x": 0.7, "a": 2}).hessian["y"]
    s, r = 1 / (1 + math.exp(-0.7)), math.sqrt(2)
    expected = {
        ("x", "x"): s * (1 - s) * (1 - 2 * s) * r, ("x", "a"): s * (1 - s) / (2 * r), ("a", "a"): -s / (4 * r**3),
    }  # fmt: skip
    for (row, column), value in expected.items():
        assert hessian[row][column] == pytest.approx(value, rel=1e-14)
        assert hessian[column][row] == pytest.approx(value, rel=1e-14)


def test_arrays_are_taken_element_by_element() -> None:
    text = "input w[3], c\nrule f(u, k) = k * u^2 with derivative 2 * k * u, u^2\noutput y = sum(f(w, c))"
    report = adcli.parse(text).gradient({"w": [0.5, 1, 2], "c": 3}, difference="none")
    assert report.gradient["y"]["w"].tolist() == [3, 6, 12]
    assert report.gradient["y"]["c"] == 5.25


@pytest.mark.parametrize("definition", [LOGISTIC, ROOT, WRONG, "rule f(u) = u with derivative where(u > 0, 1, 0)\n"])
def test_a_rule_is_printed_as_it_is_read(definition: str) -> None:
    assert format_tree(parse(Source("t", definition))) == definition
    broken = parse(Source("t", definition.replace(" with derivative", "\nwith derivative")))
    assert said(broken) == said(parse(Source("t", definition)))


def test_every_form_of_the_derivative_uses_it() -> None:
    text = f"input x = 0.7, a = 2\n{LOGISTIC}{ROOT}output y = logistic(x) * root(a) + root(x)"
    program = adcli.parse(text)
    gradient = program.gradient().gradient["y"]
    emitted = adcli.parse(program.adjoint()).evaluate().outputs
    assert [emitted["bar_x"], emitted["bar_a"]] == list(gradient.values())
    assert pickle.loads(pickle.dumps(program)).gradient().gradient["y"] == gradient
    along = program.jvp(dot={"x": 1})
    assert along.tangents["y"] == pytest.approx(gradient["x"], rel=1e-15)
    for _ in range(3):  # of one tape at other points
        assert program.gradient({"x": 0.7, "a": 2}, difference="none").gradient["y"] == gradient


def test_check_holds_each_against_the_derivative_of_the_value(adcli: Adcli) -> None:
    result = adcli("check", "-e", f"{LOGISTIC}logistic(x)", "--x", "0.3", "--format", "json")
    assert result.status == 0
    assert [(row["rule"], row["verdict"]) for row in json.loads(result.out)["rules"]] == [("logistic", "agrees")]
    text = f"{WRONG}f(x, y) + f(y, 1)"
    result = adcli("check", "-e", text, "--x", "2", "--y", "5", "--format", "json")
    assert result.status == 1
    rows = json.loads(result.out)["rules"]
    assert [(row["parameter"], row["stated"], row["derivative"], row["verdict"]) for row in rows] == [
        ("u", 5, 5, "agrees"), ("v", 3, 2, "wrong"),
    ]  # fmt: skip
    assert "derivatives that rules state" in adcli("check", "-e", text, "--x", "2", "--y", "5").out


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("rule f(u, v) = u with derivative 1\noutput y = f(x, x)", "bad-rule"),
        ("rule f(g, v) = g(v) with derivative 0, 1\noutput y = f(sin, x)", "bad-rule"),
        ("rule f(u) = u with derivative k\noutput y = f(x)", "unknown-name"),
        ("rule f(u) { return u, 1 } with derivative 1\na, b = f(x)\noutput a", "bad-rule"),
        ("rule f(u) { v = u } with derivative 1\noutput y = f(x)", "no-return"),
    ],
)
def test_what_is_wrong_with_a_rule_is_told(definition: str, expected: str) -> None:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse(f"input x\n{definition}")
    assert expected in [problem.code for problem in caught.value.problems]

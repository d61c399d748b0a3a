"""What stands in front of the value of a statement, in its text."""

from __future__ import annotations

import pytest

from adcli.syntax.targets import assigned

from ..conftest import Adcli


@pytest.mark.parametrize(
    ("text", "target", "operator", "value"),
    [
        ("a = x * y", "a", "", " x * y"),
        ("output L = a + b", "L", "", " a + b"),
        ("state c=0", "c", "", "0"),
        ("for k = 1 to 9", "k", "", " 1 to 9"),
        ("a, b = b, a", "a, b", "", " b, a"),
        ("(a, w[0]) = f(x)", "a, w[0]", "", " f(x)"),
        ("w[i, j] += 2", "w[i, j]", "+", " 2"),
        ("θ /= 2", "θ", "/", " 2"),
        ("sum(x * i for i = 1 to 4)", "", "", "sum(x * i for i = 1 to 4)"),
        ("f(v = 3, u = x)", "", "", "f(v = 3, u = x)"),
        ("x == 2", "", "", "x == 2"),
        ("x <= 0", "", "", "x <= 0"),
        ("[i for i = 0 to 3]", "", "", "[i for i = 0 to 3]"),
        ("(x <= 0) * x", "", "", "(x <= 0) * x"),
        ("u", "", "", "u"),
    ],
)
def test_a_text_is_split_where_its_value_begins(text: str, target: str, operator: str, value: str) -> None:
    found = assigned(text)
    assert (found.target, found.operator, text[found.length :]) == (target, operator, value)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("sum(x * i for i = 1 to 2)", "sum(x * i for i = 1 to 2)"),
        ("(x <= 0) * x", "(x <= 0) * x"),
        ("def f(u, v = 2) = u * v; f(v = 3, u = x)", "f(v = 3, u = x)"),
        ("a = x; a += 2; a", "a"),
    ],
)
def test_eval_shows_the_expression_as_it_is_written(text: str, expression: str, adcli: Adcli) -> None:
    rows = adcli("eval", "-e", text, "--x", "3", "--format", "csv").out.splitlines()
    assert any(f"value,{expression}," in row or f'value,"{expression}",' in row for row in rows), rows

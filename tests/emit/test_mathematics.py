"""Expressions, names and numbers in TeX."""

from __future__ import annotations

import re

import pytest

from adcli.emit.mathematics import expression_tex, formula_tex, name_tex, names_tex, number_tex
from adcli.rules.facts import Notation
from adcli.rules.table import ARRAYS, PRIMITIVES
from adcli.syntax import nodes
from adcli.syntax.formula import Formula
from adcli.syntax.parse import parse_expression
from adcli.syntax.source import Source, Span

from ..conftest import together

NOWHERE = Span(0, 0)


def tex(text: str) -> str:
    return expression_tex(parse_expression(Source("<expression>", text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bar_L * 1", r"\bar{L} \cdot 1"),
        ("bar_b * cos(a)", r"\bar{b} \cos a"),
        ("bar_v * sin(x) * y", r"\bar{v}\,\sin(x)\,y"),  # not the sine of x y
        ("2 * x", "2 x"),
        ("2 * 3.5e-10", r"2 \cdot 3.5\times 10^{-10}"),
        ("x^2", "x^{2}"),
        ("(-x)^2", "(-x)^{2}"),
        ("x^y^z", "x^{y^{z}}"),
        ("1e-3^2", "(10^{-3})^{2}"),
        ("cos(x)^2", r"\cos^{2} x"),
        ("sqrt(x)", r"\sqrt{x}"),
        ("abs(x)^3", r"\lvert x \rvert^{3}"),
        ("a / b", r"\frac{a}{b}"),
        ("a / b * c", r"\frac{a}{b}\,c"),
        ("(a + b) / (c * d + 1) * e", r"((a + b) / (c d + 1))\,e"),
        ("a / (b / c)", r"a / \frac{b}{c}"),
        ("spot / strike", r"\mathit{spot} / \mathit{strike}"),
        ("a - (b - c)", "a - (b - c)"),
        ("a + -b", "a + (-b)"),
        ("a - -b * c", "a - (-b c)"),
        ("a * (-b)", r"a\,(-b)"),
        ("-x * y", "-x y"),
        ("(A @ B)'", r"(A B)^{\top}"),
        ("A'^2", r"(A^{\top})^{2}"),
        ("inv(A)^2", "(A^{-1})^{2}"),
        ("inv(A + B) @ x", r"(A + B)^{-1}\,x"),
        ("X[1:, j]", r"X_{1{:},\,j}"),
        ("x_2[1]", "x_{2}[1]"),
        ("norm(X, axis=1)", r"\operatorname{norm}_{j}(X)"),
        ('einsum("ij,j -> i", A, x)', r"\operatorname{einsum}_{ij,\, j \to  i}(A,\allowbreak\, x)"),
        ("norm(x)", r"\lVert x \rVert"),
        ("f(x)", "f(x)"),
        ("f(x)^2", "f(x)^{2}"),
        ("[1, x]", r"[1,\allowbreak\, x]"),
    ],
)
def test_expressions(text: str, expected: str) -> None:
    assert tex(text) == expected


def test_conditions() -> None:
    x, zero = nodes.Name("x", NOWHERE), nodes.Number("0", NOWHERE)
    holds = nodes.Apply("and", (nodes.Apply("<=", (zero, x), NOWHERE), nodes.Apply("!=", (x, zero), NOWHERE)), NOWHERE)
    assert expression_tex(holds) == r"0 \le x \land x \ne 0"
    assert expression_tex(nodes.Apply("not", (nodes.Apply("==", (x, zero), NOWHERE),), NOWHERE)) == r"\lnot x = 0"


def test_an_element_that_is_given_a_value() -> None:
    names = [nodes.Name(name, NOWHERE) for name in ("w", "x", "i")]
    assert expression_tex(nodes.Apply("[.]=", tuple(names), NOWHERE)) == "w_{i} = x"


@together("primitive", [*PRIMITIVES.values(), *ARRAYS.values()], by=lambda row: row.name[:1])
def test_every_primitive_has_its_tex(primitive: object) -> None:
    """A command, a pattern, or its own name in upright letters; no backslash is wrong, and braces are in pairs."""
    row = PRIMITIVES.get(primitive.name, primitive)  # type: ignore[attr-defined]
    count = row.arity
    operands = tuple(nodes.Name(letter, NOWHERE) for letter in "abcd"[:count])
    name = "-" if row.name == "neg" else row.symbol or row.name
    text = expression_tex(nodes.Apply(name, operands, NOWHERE))
    assert text.count("{") == text.count("}")
    assert all(letter in text for letter in "abcd"[:count])
    assert "\0" not in text and "#" not in text
    if row.notation is Notation.CALL and not (row.tex or row.shown):
        assert text.startswith(rf"\operatorname{{{row.name.replace('_', chr(92) + '_')}}}")
    if row.tex and "#" not in row.tex:
        assert row.tex in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "x"),
        ("a_2", "a_{2}"),
        ("x1", "x_{1}"),
        ("x1_3", "x_{1,3}"),
        ("volatility", r"\mathit{volatility}"),
        ("stock_price_2", r"\mathit{stock\_price\_2}"),
        ("theta", r"\theta"),
        ("α", r"\alpha"),
        ("bar_x", r"\bar{x}"),
        ("bar_a_2", r"\bar{a}_{2}"),
        ("bar_spot", r"\bar{\mathit{spot}}"),
        ("dot_bar_x", r"\dot{\bar{x}}"),
        ("bar_", r"\mathit{bar\_}"),
        ("_", r"\mathit{\_}"),
        ("größe", r"\text{\itshape größe}"),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert name_tex(name) == expected


def test_numbers() -> None:
    assert [number_tex(text) for text in ("2", "8.0e-13", "1e5", "-0.5", "1,234")] == [
        "2", r"8.0\times 10^{-13}", "10^{5}", "{-}0.5", "1{,}234",
    ]  # fmt: skip


def test_texts_between_trees() -> None:
    a = parse_expression(Source("<expression>", "cos(a)"))
    formula = Formula("∂b/∂a = ", a, " = ", "0.96017")
    assert formula == "∂b/∂a = cos(a) = 0.96017"
    assert formula_tex(formula) == r"\frac{\partial b}{\partial a}=\cos a=0.96017"
    assert formula_tex(Formula("vjp of ", a)) == r"\text{vjp}\ \text{of}\ \cos a"
    assert formula_tex(Formula("1 → -2")) == r"1\to {-}2"
    assert names_tex("X[0, 1], y") == r"X_{0,\allowbreak 1},\allowbreak y"


def test_a_formula_is_a_text_that_keeps_its_trees() -> None:
    import copy
    import pickle

    formula = Formula("bar_a += ", parse_expression(Source("<expression>", "bar_L * 1")))
    for other in (pickle.loads(pickle.dumps(formula)), copy.deepcopy(formula)):
        assert other == "bar_a += bar_L * 1"
        assert other.parts == formula.parts
    assert Formula(formula, "; ", formula).parts == (*formula.parts, "; ", *formula.parts)


def test_no_nesting_is_too_deep() -> None:
    node: nodes.Expression = nodes.Name("x", NOWHERE)
    for depth in range(50_000):
        node = nodes.Apply(("sin", "-", "sqrt", "exp", "'", "abs")[depth % 6], (node,), NOWHERE)
        node = nodes.Apply("+-*/^@"[depth % 6], (node, nodes.Name("y", NOWHERE)), NOWHERE)
    assert len(re.findall(r"\\sqrt", expression_tex(node))) > 8000

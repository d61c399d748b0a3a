"""Several values, indices, conditions as values, loops that are left, operands by name, functions that are passed."""

from __future__ import annotations

import math

import pytest

import adcli
from adcli.syntax.format import format_tree
from adcli.syntax.parse import parse
from adcli.syntax.source import Source
from adcli.tape.describe import operation_text
from adcli.tape.labels import labels
from adcli.tape.tape import Tape

from ..syntax.trees import said
from .test_statements import codes, run, value


def shown(tape: Tape) -> list[str]:
    names = labels(tape)
    return [
        f"{names[entry]} = {operation_text(tape, entry, names)}" for entry in range(len(tape)) if tape.operands[entry]
    ]


# Each expression of x = 3, y = 2 with the value that it has, by the definition of the form.
VALUES = {
    "sum(i^2 for i = 1 to 4)": 30,
    "sum(x * i for i = 4 to 1 step -1 if i != 2)": 24,
    "sum(i * j for i = 1 to 3 for j = i + 1 to 3)": 2 + 3 + 6,
    "sum(i for i = 0 to 1 step 0.25)": 2.5,
    "sum(i for i = 1 to 0) + prod(i for i = 1 to 0)": 1,
    "prod(x - i for i = 0 to 2)": 6,
    "mean(x * i for i = 1 to 4 if i > 2)": 10.5,
    "min((i - x)^2 + i for i = 1 to 5)": 3,
    "max(sum(i * j for j = 0 to i) for i = 0 to 2)": 6,
    "norm(i for i = 3 to 4)": 5,
    "sum([x * i for i = 1 to 3])": 18,
    "[[i + j for j = 0 to 1] for i = 0 to 2][2, 1]": 3,
    "sum(sum(i for i = 1 to i) for i = 1 to 3)": 1 + 3 + 6,
    "sum(i for i = 1 to 3) + sum(10 * i for i = 1 to x)": 66,
    "0 < y < x": 1, "0 < y < x < 3": 0, "(x > 2) + (x > 3) - (y == 2)": 0, "not x > 1": 0,
    "x > 1 and y": 1, "0 or x - 3": 0, "(y if x > 2 else 7) + (1 if x < 0 else 2 if y < 0 else 3)": 5,
    "where(x, 1, 2)": 1, "where(x - 3, 1, 2)": 2,
}  # fmt: skip


@pytest.mark.parametrize("expression", VALUES)
def test_an_expression_has_its_value(expression: str) -> None:
    assert value(f"input x, y\noutput v = {expression}", x=3, y=2) == VALUES[expression]


# Statements with the values of their outputs, at x = 3.
STATEMENTS = {
    "a, b = x, 2 * x\noutput a, b": [3, 6],
    "a = 1\nb = x\na, b = b, a\noutput a, b": [3, 1],
    "a = 1\nb = 2\na, b = a + b, a * 10 + b\noutput a, b": [3, 12],
    "a = 1\nb = 2\nc = 3\na, b, c = c, a, b\noutput a, b, c": [3, 1, 2],
    "a = 1\nb = 1\nfor k = 1 to 5 { a, b = b, a + b }\noutput a, b": [8, 13],
    "a, b = b0, x\nb0 = 2\noutput a": None,
    "a, b = [x, 4]\noutput a, b": [3, 4],
    "v = [x, 5]\na, b = v\noutput a, b": [3, 5],
    "a, b = [[1, x], [2, 4]]\nc = a[1] + b[0]\noutput c": [5],
    "M = [[1, x], [2, 4]]\na, b = 2 * M\nc = a[1] + b[0]\noutput c": [10],
    "def f(u) { return u, u^2, u^3 }\na, b, c = f(x)\noutput s = a + b + c": [39],
    "def f(u) = g(u)\ndef g(u) { return u, -u }\na, b = f(x)\noutput a, b": [3, -3],
    "def f(n) { if n < 1 { return x, 1 }\n return f(n - 1) }\na, b = f(3)\noutput a, b": [3, 1],
    "state c = 0\ndef f() { c += 1\n return c }\na, b = f(), f()\na, b = b + f(), a\noutput a, b, c": [5, 1, 3],
    "a = x\na += 2\na -= 1\na *= 3\na /= 4\noutput a": [3],
    "w = [1, 2, 3]\nw[1] += x\nw[::2] *= 10\noutput s = sum(w)": [45],
    "state n = 0\ndef at() { n += 1\n return n - 1 }\nw = [1, 1]\nw[at()] += x\noutput s = w[0] - w[1], n": [3, 1],
    "output u = x + 1, v = u * 2": [4, 8],
    "w = [1, x, 5]\ni = 0\nw[i], w[2] = w[2], w[i]\noutput s = w[0] * 100 + w[1] * 10 + w[2]": [531],
    "w = [1, 2]\na = x\na, w[0] = w[0], a\noutput s = 10 * a + w[0]": [13],
    "M = [[1, x], [2, 4]]\n(M[0], b) = (M[1], 7)\noutput s = M[0, 0] + M[0, 1] + b": [13],
    "w = [1, 2]\ni = 0\ni, w[i] = 1, x\noutput s = w[1]": [3],
    "v = x\noutput u = 1, v": [1, 3],
    "s = 0\nfor k = 1 to 9 { if k == 4 { break }\n s += k }\noutput s, k": [6, 4],
    "s = 0\nfor k = 1 to 9 { if mod(k, 3) { continue }\n s += k }\noutput s": [18],
    "s = 0\nfor i = 1 to 3 { for j = 1 to 9 { if j > i { break }\n s += 1 }\n s += 10 }\noutput s": [36],
    "s = 0\nk = 0\nwhile 1 { k += 1\n if k > 5 { break }\n if k < 3 { continue }\n s += k }\noutput s": [12],
    "def f(n) { for k = 1 to n { if k > 2 { return k }\n if k > 99 { break } }\n return -1 }\n"
    "output a = f(9), b = f(1)": [3, -1],
    "def f(u, k = 2 * pi, m = 1) = u * m + 0 * k\noutput a = f(x), b = f(x, m = 2), c = f(m = 3, u = 1, k = 0)":
        [3, 6, 3],
    "e = 5\ndef f(u, k = e) = k\noutput a = f(1)": [math.e],
    "def twice(f, u) = f(f(u))\ndef half(u) = u / 2\noutput a = twice(half, x), b = twice(abs, -x)": [0.75, 3],
    "def fold(f, v, s) { for i = 0 to length(v) - 1 { s = f(s, v[i]) }\n return s }\n"
    "output a = fold(max, [1, x, 2], 0), b = fold(hypot, [3, 4], 0)": [3, 5],
    "def outer1(f, u) = inner1(f, u) + 1\ndef inner1(g, u) = g(u)\ndef sq(u) = u^2\noutput a = outer1(sq, x)": [10],
    "def iterate(f, u, n) { if n < 1 { return u }\n return iterate(f, f(u), n - 1) }\ndef inc(u) = u + x\n"
    "output a = iterate(inc, 0, 4)": [12],
    "def f(u) = u\ndef g(f) = f(2)\ndef h(u) = 7\noutput a = g(h) + f(1)": [8],
}  # fmt: skip


@pytest.mark.parametrize("statements", STATEMENTS)
def test_statements_give_their_values(statements: str) -> None:
    text = f"input x\n{statements}"
    expected = STATEMENTS[statements]
    if expected is None:
        assert codes(text, x=3) == ["used-before-assignment"]
    else:
        assert list(adcli.parse(text).evaluate({"x": 3}).outputs.values()) == expected
        tree = parse(Source("t", text))
        assert said(parse(Source("t", format_tree(tree)))) == said(tree)


def test_derivatives_go_through_every_form() -> None:
    text = """\
    input x, y
    def both(u, v = 2) {
        return u * v, u + v
    }
    def applied(f, u) = f(u, v = y)
    p, q = both(x, y)
    p, q = q, p
    p += sum(x^i * y for i = 1 to 2)
    r, t = applied(both, x), 1
    output f = p * q
    """
    assert codes(text, x=2, y=3) == ["several-values"]
    text = text.replace("r, t = applied(both, x), 1\n", "").replace("p * q", "p * q + (0 < x < 5) * y^2")
    x, y = 2.0, 3.0
    p, q = x + y + x * y + x**2 * y, x * y
    slopes = (1 + y + 2 * x * y) * q + p * y, (1 + x + x**2) * q + p * x + 2 * y
    assert list(adcli.parse(text).gradient({"x": x, "y": y}).gradient["f"].values()) == pytest.approx(slopes, rel=1e-15)


def test_the_tape_shows_what_ran() -> None:
    tape = run("input x, y\na = x\nb = y\na, b = b, a + b\noutput s = sum(a * i for i = 1 to 2)", x=2.0, y=3.0)
    assert shown(tape) == [
        "a = x", "b = y", "b_2 = a + b", "a_2 = b", "i = 1", "v7 = a_2 * i", "v8 = 0 + v7", "i_2 = i + 1",
        "v10 = a_2 * i_2", "v11 = v8 + v10", "s = v11",
    ]  # fmt: skip


def test_what_stands_between_two_comparisons_is_computed_once() -> None:
    tape = run("input x\nif 0 < x^2 < 9 { y = x } else { y = 2 }\noutput y", x=2.0)
    assert [text for text in shown(tape) if "^" in text] == ["v1 = x^2"]
    tape = run("input x\nstate n = 0\ndef f() { n += 1\n return n }\noutput y = 0 < f() <= 1 <= x", x=2.0)
    assert tape.values[tape.bindings["n"]] == 1


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("a, b = 1, 2, 3\noutput a", "unpacking"), ("a, b = x\noutput a", "unpacking"),
        ("a, b = [x, 1, 2]\noutput a", "unpacking"), ("v = [x, 1, 2]\na, b = v\noutput a", "unpacking"),
        ("def f(u) { return u, 1 }\na, b, c = f(x)\noutput a", "unpacking"),
        ("def f(u) { return u, 1 }\noutput y = 2 * f(x)", "several-values"),
        ("def f(u) { if u > 0 { return u, 1 }\n return u }\na, b = f(x)\noutput a", "several-values"),
        ("w[0], w[1] = 1, x\noutput w", "used-before-assignment"),
        ("def f(u) { return u, 2 }\noutput a, b = f(x)", "several-values"),
        ("break\noutput y = x", "outside-loop"), ("if x > 0 { continue }\noutput y = x", "outside-loop"),
        ("def f(u) { break\n return u }\nfor k = 1 to 2 { y = f(x) }\noutput y", "outside-loop"),
        ("output y = max(i for i = 1 to 0)", "no-values"), ("output y = sum([i for i = 1 to 0])", "no-values"),
        ("output y = mean(x for i = 1 to 3 if i > 9)", "no-values"),
        ("def f(u, v) = u + v\noutput y = f(x)", "wrong-arity"), ("def f(u, v = 1) = u\noutput y = f()", "wrong-arity"),
        ("def f(u, v = 1) = u\noutput y = f(x, 2, 3)", "wrong-arity"),
        ("def f(u, v = 1) = u\noutput y = f(x, w = 3)", "wrong-operand"),
        ("def f(u, v = 1) = u\noutput y = f(x, u = 3)", "wrong-operand"),
        ('output y = sin("i", x)', "wrong-operand"), ('def f(u) = u\noutput y = f("i", x)', "wrong-operand"),
        ("output y = einsum([x], [x])", "wrong-operand"), ('output y = einsum("i", [x], axis = 0)', "wrong-operand"),
        ('output y = einsum("i;i", [x], [x])', "wrong-operand"), ('output y = einsum("i->j", [x])', "wrong-operand"),
        ('output y = einsum("i,i", [x])', "wrong-arity"), ('output y = einsum("i,i", [x], [x, 1])', "shape"),
        ("output y = sin(a = x)", "wrong-operand"), ("output y = sum([x], axis = x)", "wrong-operand"),
        ("def f(u, v = x) = u\noutput y = f(x)", "not-constant"),
        ("def t(f) = f(1)\noutput y = t(x)", "not-a-function"), ("def t(f) = f(1)\noutput y = t(2)", "not-a-function"),
        ("def t(f) = f(1)\ndef g(u, v) = u\noutput y = t(g)", "wrong-arity"),
        ("output y = sum(i for i = 1 to 3) + i", "unknown-name"),
        ("output y = sum(i for i = i to 3)", "unknown-name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(statements: str, expected: str) -> None:
    assert codes(f"input x\n{statements}", x=3) == [expected]

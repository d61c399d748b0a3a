"""What people write who come from other languages, and what they are told: one message for each mistake."""

from __future__ import annotations

import pytest

from adcli.errors import AdError, Problem
from adcli.program.check import program_from, program_from_expression
from adcli.syntax.source import Source


def problems(text: str) -> list[Problem]:
    with pytest.raises(AdError) as caught:
        program_from(Source("t", f"input x = 2\n{text}"))
    return list(caught.value.problems)


ONE_MISTAKE = {
    "for k = 1:10 {\n    y = k\n}": "for k = 1 to 10",
    "for k in range(10) {\n    y = k\n}": "for k = 1 to 10",
    "for (i = 0; i < 3; i++) {\n    y = i\n}": "for k = 1 to 10",
    "for k = 10 downto 1 { y = k }": "step -1",
    "for k = 1 to 10 by 2 { y = k }": "step -1",
    "y := 2": "`name = value`",
    "let y = 2": "`name = value`",
    "float y = 2": "`name = value`",
    "y == x": "`y = …`",
    "y <- x": "`y = …`",
    "x++": "`x = x + 1`",
    "x": "`x = …`",
    "state c": "`state c = 0`",
    "c = c + x": "`state c = 0`",
    "% comment": "`#`",
    "y = 2 // comment": "`#`",
    "y = 2 /* comment */": "`#`",
    "y = |x|": "`abs(…)`",
    "y = x || 2": "`or`",
    "y = x && 2": "`and`",
    "y = mod(x, 3) % 2": "`mod(a, b)`",
    "y = x!": "`exp(lgamma(n + 1))`",
    "y = !x": "`not`",
    "y = x ? 1 : 2": "`where(x > 0, a, b)`",
    "y = 2x": "`2 * x`",
    "y = 2(x + 1)": "`2 * (…)`",
    "y = (x + 1)(x - 1)": "`(…) * (…)`",
    "y = x x": "`x * x`",
    "y = sin x": "`sin(x)`",
    "y = x²": "`x^2`",
    "x³ = 2": "`x^3`",
    "y = x × 2": "`*`",
    "y = x − 2": "`-`",
    "y = np.sin(x)": "`sin(…)`",
    "y = ln(x)": "`log(…)`",
    "y = tg(x)": "`tan(…)`",
    "y = arcsin(x)": "`asin(…)`",
    "y = fabs(x)": "`abs(…)`",
    "y = pow(x, 2)": "`a ^ b`",
    "y = 2 * PI": "`pi`",
    "y = siin(x)": "did you mean `sin`?",
    "y = helper(x)": "for an element, write `helper[0]`",
    "y = x.T": "the transpose of `A`",
    "y = x .* 2": "element by element",
    "y = x.shape[0]": "`length(A)`",
    "y = zeros((2, 3))": "`zeros(2, 3)`",
    "y = sum(x, 0)": "axis = 0",
    "y = len(x)": "`length(A)`",
    'y = "text"': "no texts",
    "y = True": "`1 > 0`",
    "print(x)": "`output y`",
    "import numpy": "nothing to import",
    "if x > 1:\n    y = 2": "`{` and `}`",
    "if x > 1 y = x": "`{` and `}`",
    "if (x > 1) y = x;": "`{` and `}`",
    "if x > 1\n{\n    y = 2\n}\nelse\n{\n    y = 3\n}": "in the same line",
    "if x > 1 { y = 2 } elif x > 0 { y = 3 } else { y = 4 }": "`else if`",
    "if x > 1 then { y = 2 }": "`{` and `}`",
    "if x <> 3 { y = 1 }": "`!=`",
    "if x ~= 3 { y = 1 }": "`!=`",
    "if x => 3 { y = 1 }": "`>=`",
    "if x =< 3 { y = 1 }": "`<=`",
    "if x = 3 { y = 1 }": "`==`",
    "if x === 3 { y = 1 }": "`==`",
    "If x > 1 { y = 1 }": "small letters",
    "if x > 1 {\n    y = 2\n}\nend": "ends with `}`",
    "def f(u) { u^2 }": "`y = u ^ …`",
    "def f(u: float) = u": "",
    "def f(u) { if u > 0 { return u } return -u }": "behind `;`",
    "def f(u) {\n    def g(v) = v\n    return g(u)\n}\ny = f(x)": "to the top level",
    "if x > 1 {\n    output y = x\n}": "to the top level",
    "f(u) = u^2": "`def f(…) = …`",
    "function f(u) { return u }": "`def`",
    "f = lambda u: u": "`def`",
    "output x^2": "`output y = x^2`",
    "input z in [0 4]": "comma",
    "y = x +\n3": "in brackets",
    "y = x\n + 3": "in brackets",
    "return x": "`output`",
}


@pytest.mark.parametrize("text", ONE_MISTAKE, ids=[text.replace("\n", " ") for text in ONE_MISTAKE])
def test_one_mistake_has_one_message_and_its_remedy(text: str) -> None:
    found = problems(text)
    (problem,) = [problem for problem in found if problem.code != "no-output"]
    assert ONE_MISTAKE[text] in problem.help
    assert bool(ONE_MISTAKE[text]) == bool(problem.help)


# What people give to `-e`: a part of the answer, and what they meant, which runs.
TYPED = {
    "∞*x": ("`inf`", "inf * x"), "½*x": ("`1/2`", "(1/2) * x"), "x²": ("`x^2`", "x^2"), "x⁻¹": ("`x^-1`", "x^-1"),
    "2×x": ("`*`", "2*x"), "x⋅y": ("`*`", "x*y"), "x−2": ("`-`", "x-2"), "x÷2": ("`/`", "x/2"),
    "√(x)": ("`sqrt(…)`", "sqrt(x)"), "x↑2": ("`a ^ b`", "x^2"), "2πx": ("`2 * π * x`", "2 * π * x"),
    "diff(x^2, x)": ("`derivative(x^2, x)`", "derivative(x^2, x)"),
    "derivative(x^2)": ("`derivative(x^2 * y, x)`", "derivative(x^2, x)"),
    "grad(x^2)": ("`adcli grad`", "derivative(x^2, x)"), "gradient(x^2, x)": ("`adcli grad`", "derivative(x^2, x)"),
    "D(x^2)": ("`derivative(x^2, x)`", "derivative(x^2, x)"),
    "d/dx x^2": ("`derivative(x^2, x)`", "derivative(x^2, x)"),
    "d/dx (x^2)": ("`derivative(x^2, x)`", "derivative(x^2, x)"),
    "d(x^2)/dx": ("`derivative(x^2, x)`", "derivative(x^2, x)"),
    "∂/∂x x^2": ("`derivative(x^2, x)`", "derivative(x^2, x)"),
    "jacobian(x)": ("`adcli jacobian`", "x"), "hessian(x)": ("`adcli hessian`", "x"),
    "integrate(x^2, 0, 1)": ("the name of a function", "def f(t) = x * t^2; integrate(f, 0, 1)"),
    "int(x^2, x)": ("`integrate(f, a, b)`", "x^3 / 3"), "lim(x, 0)": ("no limits", "where(x == 0, 1, sin(x) / x)"),
    "sum(k, 1, 10)": ("`for`", "s = 0; for k = 1 to 10 { s = s + k }; s"),
    "sin^2(x)": ("`sin(…)^2`", "sin(x)^2"), "sin^2 x": ("`sin(x)^2`", "sin(x)^2"),
    "sin^-1(x)": ("`asin(…)`", "asin(x)"), "sinh^-1(x)": ("`asinh(…)`", "asinh(x)"),
    "log_2(x)": ("`log2`", "log2(x)"), "log2 x": ("`log2(x)`", "log2(x)"), "sin x": ("`sin(x)`", "sin(x)"),
    "Sin x": ("`sin(x)`", "sin(x)"),
    "max x, y": ("`max(x, y)`", "max(x, y)"), "min{x, y}": ("`(` and `)`", "min(x, y)"),
    "x mod 2": ("`mod(a, b)`", "mod(x, 2)"), "x % 2": ("`mod(a, b)`", "mod(x, 2)"),
    "x div 2": ("`floor(a / b)`", "floor(x / 2)"), "x // 2": ("`floor(a / b)`", "floor(x / 2)"),
    "|x|": ("`abs(…)`", "abs(x)"), "2 + |x + 1|": ("`abs(…)`", "2 + abs(x + 1)"),
    "x!": ("`exp(lgamma(n + 1))`", "exp(lgamma(x + 1))"), "5%": ("`5 / 100`", "5 / 100"),
    "1,5": ("`1.5`", "1.5"), "1,5 * x": ("`1.5`", "1.5 * x"), "1 000 * x": ("`1000`", "1000 * x"),
    "1_000": ("`1000`", "1000"), "0x10": ("`16`", "16"), "1e * x": ("`1e3`", "1e3 * x"),
    "1.5.2": ("one decimal point", "1.5"), "1j": ("numbers are real", "1"), "2.0f": ("every number is a double", "2.0"),
    "2x": ("`2 * x`", "2 * x"), "2(x+1)": ("`2 * (…)`", "2 * (x+1)"), "x^2(x)": ("`x^2 * (…)`", "x^2 * (x)"),
    "(x)(y)": ("`(…) * (…)`", "(x) * (y)"), "x(x+1)": ("`x * (…)`", "x * (x+1)"), "x(2)": ("`x * (…)`", "x * (2)"),
    "cos(x)sin(x)": ("`(…) * sin(…)`", "cos(x) * sin(x)"), "x y": ("`x * y`", "x * y"),
    "a:b": ("`w[1:3]`", "a[1:3]"), "1:10": ("`for k = 1 to 10`", "s = 0; for k = 1 to 10 { s = s + k }; s"),
 "x > 0 ? y : z": ("`where(", "where(x > 0, y, z)"),
    "x := 2": ("`name = value`", "x = 2"),
    "y' = x": ("`dy = …`", "dy = x"), "f'(x)": ("`derivative(f(x), x)`", "def f(u) = u^2; derivative(f(x), x)"),
    "f(t) = t^2; f(x)": ("`def f(…) = …`", "def f(t) = t^2; f(x)"),
    "def f(t): return t": ("`{` and `}`", "def f(t) = t; f(x)"),
    "def f(t):\n    return t\nf(x)": ("`{` and `}`", "def f(t) {\n    return t\n}\nf(x)"),
    "lambda t: t": ("`def`", "def f(t) = t; f(x)"), "if x > 0: y = x": ("`{` and `}`", "if x > 0 { y = x }"),
    "for i in range(10): y = i": ("`for k = 1 to 10`", "for i = 0 to 9 { y = i }"),
    "print(x)": ("`output y`", "x"), "import math": ("nothing to import", "x"), "math.sin(x)": ("`sin(…)`", "sin(x)"),
    "np.linalg.norm(x)": ("`norm(…)`", "norm([x])"), "np.dot(a, b)": ("`dot(…)`", "dot(a, b)"),
    "Sin(x)": ("`sin`", "sin(x)"), "SIN(x)": ("`sin`", "sin(x)"), "tg(x)": ("`tan(…)`", "tan(x)"),
    "arcsin(x)": ("`asin(…)`", "asin(x)"), "cot(x)": ("`1 / tan(a)`", "1 / tan(x)"), "ln(x)": ("`log(…)`", "log(x)"),
    "sec(x)": ("`1 / cos(a)`", "1 / cos(x)"), "csc(x)": ("`1 / sin(a)`", "1 / sin(x)"), "abs x": ("`abs(x)`", "abs(x)"),
    "a.b": ("`a_b`", "a_b"), "{1, 2}": ("`[1, 2]`", "[1, 2]"), "x^{2}": ("`(` and `)`", "x^(2)"),
    "[1 2; 3 4]": ("`[[1, 2], [3, 4]]`", "[[1, 2], [3, 4]]"), "[1 2]": ("comma", "[1, 2]"), "x.^2": ("`^`", "x^2"),
    "x^^2": ("`a ^ b`", "x^2"), "+x": ("leave out the `+`", "x"), "(x, y)": ("`[1, 2]`", "[x, y]"),
    "$x$": ("without `$`", "x"), r"\sin(x)": ("no TeX", "sin(x)"), r"\frac{1}{x}": ("`a / b`", "1 / x"),
    "x +": ("", "x"),
}  # fmt: skip


@pytest.mark.parametrize("text", TYPED)
def test_what_people_type_has_one_answer_and_what_they_meant_is_read(text: str) -> None:
    part, meant = TYPED[text]
    with pytest.raises(AdError) as caught:
        program_from_expression(Source("t", text))
    (problem,) = caught.value.problems
    assert part in problem.help
    assert problem.span is not None
    program_from_expression(Source("t", meant))


def test_mistakes_beside_mistakes_are_told_too() -> None:
    found = problems("y = 2(x + 1)\nw = x(x + 1)\nv = y + q\n")
    assert [problem.code for problem in found] == ["syntax", "unknown-function", "unknown-name"]

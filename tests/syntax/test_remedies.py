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
    "x += 1": "`x = x + …`",
    "x++": "`x = x + 1`",
    "x": "`x = …`",
    "a, b = 1, 2": "one name at a time",
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
    "y = x if x > 0 else 2": "`where(x > 0, a, b)`",
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
    "if 0 < x < 3 { y = 1 }": "`a < b and b < c`",
    "if x { y = 1 }": "`x > 0`",
    "If x > 1 { y = 1 }": "small letters",
    "while x > 1 {\n    x = x - 1\n    if x > 5 { break }\n}": "no `break`",
    "if x > 1 {\n    y = 2\n}\nend": "ends with `}`",
    "def f(u) { return u, 2 }": "one value",
    "def f(u) { u^2 }": "`y = u ^ …`",
    "def f(u: float) = u": "",
    "def f(u) { if u > 0 { return u } return -u }": "behind `;`",
    "def f(u) {\n    def g(v) = v\n    return g(u)\n}\ny = f(x)": "to the top level",
    "if x > 1 {\n    output y = x\n}": "to the top level",
    "f(u) = u^2": "`def f(…) = …`",
    "function f(u) { return u }": "`def`",
    "f = lambda u: u": "`def`",
    "output a = x, b = x": "statement of its own",
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


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("if x > 1 { 2 }", "`name = …`"), ("x²", "`x^2`"), ("sin x", "`sin(x)`"), ("x +", ""),
    ],
)  # fmt: skip
def test_expressions(text: str, part: str) -> None:
    with pytest.raises(AdError) as caught:
        program_from_expression(Source("t", text))
    (problem,) = caught.value.problems
    assert part in problem.help


def test_mistakes_beside_mistakes_are_told_too() -> None:
    found = problems("y = 2(x + 1)\nw = x(x + 1)\nv = y + q\n")
    assert [problem.code for problem in found] == ["syntax", "unknown-function", "unknown-name"]

"""All mistakes of a statement at once: the parser reads on where it is certain what was meant, and nothing follows."""

from __future__ import annotations

import random

import pytest

import adcli

# A term with one mistake in it, and the code that it is told by.
PLANTED = {
    **dict.fromkeys(
        (
            "2x", "3(x + y)", "(x)(y)", "x % 2", "x²", "x × y", "x − y", "sin x", "sin^2(x)", "math.sin(x)", "x!",
            "1 000", "1_000", "0x10", "1.5.2", "x mod 2", "f'(x)", "max(x y, 2)", "x .* y", "x^{2}",
            "where(x = 1, 1, 2)", "x ** + 2", "pi x", "y cos(x)", "½", "|x|", "(2x + y)",
            "cos(3y)", "x^^2", "w.T", "∞", "√(x)", "x↑2", "[1 2][0]", "1e * x", "2^3(x)", "x ÷ 2",
        ),
        "syntax",
    ),
    "Sin(x)": "unknown-function", "ln(x)": "unknown-function", "exp^x": "unknown-name", "atan2(x)": "wrong-arity",
    "derivative(x^2)": "wrong-derivative",
}  # fmt: skip
RIGHT = ("x*y", "sin(x)", "2", "(x + 1)", "where(x > 1, x, y)", "x^2", "-y", "exp(-x)")
FORMS = (
    "{}", "a = {}; a", "input x = 2, y = 3, w[2]\noutput v = {}",
    "input x, y, w\nif x > {} {{ v = 1 }} else {{ v = x }}",
    "input x, y, w\ndef g(u) {{ return {} }}\noutput v = g(x)", "input x, y, w\nfor k = 1 to 3 {{ v = {} }}",
    "input x, y, w\noutput v = max(1, ({}))", "input x, y, w\nwhile x > 1 {{ x = {} }}\n",
)  # fmt: skip


def codes(text: str) -> list[str]:
    try:
        adcli.expression(text)
    except adcli.AdError as error:
        return sorted(problem.code for problem in error.problems)
    return []


@pytest.mark.parametrize("seed", range(20))
def test_planted_mistakes_are_all_told_and_nothing_else_is(seed: int) -> None:
    choices = random.Random(seed)
    for _ in range(20):
        planted = choices.choices(list(PLANTED), k=choices.choice((1, 2, 3)))
        terms = [*planted, *choices.choices(RIGHT, k=choices.choice((0, 1, 2)))]
        choices.shuffle(terms)
        text = terms[0] + "".join(choices.choice((" + ", " - ", " * ")) + term for term in terms[1:])
        text = choices.choice(FORMS).format(text)
        assert codes(text) == sorted(PLANTED[term] for term in planted), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2x*y + Sin(x)", ["syntax", "unknown-function"]),
        ("atan2(x y)", ["syntax"]),  # and not of too few operands
        ("derivative(x^2 x)", ["syntax"]),
        ("x ×", ["syntax"]),
        ("y = $", ["syntax"]),
        ("x $ 3", ["syntax"]),
        ("1,5 * x + 2y", ["syntax", "syntax"]),
        ("{1, 2}[0] + 2x", ["syntax", "syntax"]),
        (r"\frac{1}{x}", ["syntax"]),
        ("[1 2; 3 4] + 2x", ["syntax", "syntax"]),
        ("max x, y", ["syntax"]),
        ("a = 1 b = 2", ["syntax"]),
        ("let y = 2x; Sin(y)", ["syntax", "syntax", "unknown-function"]),
        ("f(t) = 2t; f(x) + Sin(x)", ["syntax", "syntax", "unknown-function"]),
        ("function f(t) { return 2t }; f(x)", ["syntax", "syntax"]),
        ("y == 2x; Sin(y)", ["syntax", "syntax", "unknown-function"]),
        ("y := 2x; Sin(y)", ["syntax", "syntax", "unknown-function"]),
        ("y = 1; y += 2x; Sin(y)", ["syntax", "unknown-function"]),
        ("if x => 1 && !x > 2 { y = Sin(x) } else { y = 1 }; y", ["syntax", "syntax", "syntax", "unknown-function"]),
        ("for k = 1:10 { y = Sin(k) }", ["syntax", "unknown-function"]),
        ("for k = 10 downto 1 { y = Sin(k) }", ["syntax", "unknown-function"]),
    ],
)  # fmt: skip
def test_what_follows_from_a_mistake_is_not_told(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(t):\n    return t^2\nf(x)", ["syntax"]),
        ("def f(t):\n    y = 2t\n    return Sin(y)\nf(x) + Cos(x)", ["syntax"] * 2 + ["unknown-function"] * 2),
        ("if x > 0:\n    y = x\nelse:\n    y = 2\ny + Sin(x)", ["syntax", "syntax", "unknown-function"]),
        ("if x > 0:\n  if x > 1:\n    y = x\n  elif x > 2:\n    y = 3\nelse:\n  y = 2\ny", ["syntax"] * 5),
        ("for k = 1 to 10:\n    y = k\n\n    z = Sin(y)\nz", ["syntax", "unknown-function"]),
        ("def f(t): return t", ["syntax"]),
    ],
)
def test_a_block_told_by_its_indent_is_checked(text: str, expected: list[str]) -> None:
    assert codes(text) == expected

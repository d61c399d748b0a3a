"""Every syntax error at once, each at its place, and no other because of it."""

from __future__ import annotations

import pytest

import adcli
from adcli.syntax.grammar import load_parser

from ..work import lines_run


def problems(text: str) -> list[tuple[str, int, int]]:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse(text)
    source = caught.value.source
    assert source is not None
    return [(problem.code, *source.place((problem.span or (0, 0))[0])) for problem in caught.value.problems]


def helps(text: str) -> list[str]:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse(text)
    return [problem.help for problem in caught.value.problems]


def test_three_syntax_errors_and_two_unknown_names_are_five_messages() -> None:
    text = "input x\na = 2x\nb = aa + 1\nif x = 1 {\n    c = (x + 1\n}\nd = bb\noutput y = x"
    assert problems(text) == [
        ("syntax", 2, 6), ("unknown-name", 3, 5), ("syntax", 4, 6), ("unclosed-bracket", 5, 9), ("unknown-name", 7, 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("if x > 0 { y = 2x }", [("syntax", 2, 17)]),
        ("if x > 0 { y = 1 } else { y = }", [("syntax", 2, 31)]),
        ("if x > 0 {\ny = 2x\n} else {\nz = 3x\n}\nw = 4x", [("syntax", 3, 6), ("syntax", 5, 6), ("syntax", 7, 6)]),
        ("if x = 1 {\n    y = 2\n} else {\n    y = 3\n}\nz = y", [("syntax", 2, 6)]),
        ("def f(u {\n    return u\n}\ny = f(x)", [("unclosed-bracket", 2, 6)]),
        ("def f u {\n    t = u\n    return t\n}\ny = f(x)", [("syntax", 2, 7)]),
        ("for k = 1 {\n    y = k\n}\nz = y", [("syntax", 2, 11)]),
        ("while {\n    x = x / 2\n}", [("syntax", 2, 7)]),
        ("if x > 0 {\n    y = 1", [("unclosed-bracket", 2, 10)]),
        ("def f(u) {\n    if u > 0 {\n        return 1\n    return 2\n}", [("unclosed-bracket", 2, 10)]),
        ("}", [("unopened-bracket", 2, 1)]),
        ("if x > 0 { y = 1 } }", [("unopened-bracket", 2, 20)]),
        ("if x > 0 { y = 1 } y = 2", [("syntax", 2, 20)]),
        ("else { y = 1 }", [("syntax", 2, 1)]),
        ("y = (1 + (x * 2)\nz = 3", [("unclosed-bracket", 2, 5)]),
        ("y = (1 + [x * 2)", [("unopened-bracket", 2, 16)]),
        ("y = max(x, 2\nif x > 0 { z = 1 }", [("unclosed-bracket", 2, 8)]),
        ("y = f(x))", [("unopened-bracket", 2, 9)]),
        ("y = 1; z = 2x; w = 3x", [("syntax", 2, 13), ("syntax", 2, 21)]),
    ],
)
def test_one_mistake_is_one_message(line: str, expected: list[tuple[str, int, int]]) -> None:
    assert problems(f"input x\n{line}\noutput out = x") == expected


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("if x = 1 { y = 1 }", "equality is `==`"),
        ("y = 2x", "to multiply, write `2 * x`"),
        ("y = (x)(x)", "to multiply, write `(…) * (…)`"),
        ("for = 2", "`for` is a word of the language and cannot be a name"),
        ("y = while + 1", "`while` is a word of the language and cannot be a name"),
        ("if x > 1 { y = 1 } elif x > 0 { y = 2 }", "write `else if`"),
        ("y = x ² ", "for a power, write `x^2`"),
        ("y = x % 2", "for the remainder, write `mod(a, b)`"),
        ("y = x × 2", "to multiply, write `*`"),
        ("if x > 0 && x < 1 { y = 1 }", "`and` joins two conditions"),
        ("if x > 0: y = 1", "a block stands between `{` and `}`"),
        ("function f(u) { y = u }", "a function is defined with `def`"),
        ("y = (x", "add `)` where the part in brackets ends"),
        ("else { y = 1 }", "`else` stands behind the `}` of an `if`"),
    ],
)
def test_the_likely_remedy(line: str, remedy: str) -> None:
    assert helps(f"input x\n{line}\noutput out = x")[0] == remedy


def test_a_file_of_another_language_is_told_soon() -> None:
    """It took minutes when each token was asked for what may follow."""

    def text(count: int) -> str:
        return '#include <stdio.h>\nint main(void) {\n  printf("%d\\n", 3);\n}\n' * count

    assert 0 < len(problems(text(5_000))) <= 202
    assert lines_run(lambda: problems(text(500))) < 10 * lines_run(lambda: problems(text(50)))


def test_one_mistake_in_a_long_program_costs_little_more_than_reading_it() -> None:
    def text(last: str) -> str:
        return "input x\n" + "a = x * 2 + sin(x)\n" * 500 + f"b = {last}\noutput a"

    assert len(problems(text("2x"))) == 1
    by_lark = lines_run(lambda: load_parser().parse(text("2 * x"), start="program"))  # without a check or a cache
    assert lines_run(lambda: problems(text("2x"))) < 3 * by_lark


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("rule f(x) {\n    return x\n} ith derivative 1", (4, 3)),
        ("rule f(x) {\n    return x\n}", (4, 2)),
        ("rule f(x):\n    return x", (2, 10)),
        ("rule f(x) {\n    return x\n} +", (4, 3)),
    ],
)
def test_a_rule_whose_derivative_is_missing_is_one_message(text: str, place: tuple[int, int]) -> None:
    assert problems(f"input x\n{text}\ny = f(x)\noutput y") == [("syntax", *place)]

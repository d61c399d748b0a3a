"""Warnings: what is suspicious, and no more."""

from __future__ import annotations

import re

import pytest

import adcli
from adcli.program.program import Program
from adcli.trust.lint import suspicions

from ..conftest import randomly
from ..derive.programs import RandomProgram, random_programs
from ..work import lines_run


def warnings(text: str) -> list[tuple[str, str]]:
    """The code of each warning, and the text at its place."""
    return [(problem.code, text[slice(*(problem.span or (0, 0)))]) for problem in adcli.parse(text).lint]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = x", [("unused-name", "a")]),
        ("_a = x", []),
        ("a = x\nb = a", [("unused-name", "b")]),
        ("def f(u) = u", [("unused-name", "f")]),
        ("def f(u, v) = u\nx = f(x, 1)", [("unused-name", "v")]),
        ("def f(u, _v) = u\nx = f(x, 1)", []),
        ("def f(u) { t = u; return u }\nx = f(x)", [("unused-name", "t")]),
        ("state c = 0\ndef f(u) { c = c + u; return c }\nx = f(x)", []),
        ("state c = 0", [("unused-name", "c")]),
        ("for k = 1 to 3 { x = x^2 }", []),
        ("input z = 1", [("unused-input", "z")]),
        ("input z = 1\nw = z", [("unused-input", "z"), ("unused-name", "w")]),
        ("input z = 1\nif z > 0 { x = 2 * x }", [("only-decides", "z")]),
        ("input z = 1\nfor k = 1 to z { x = 2 * x }", [("only-decides", "z")]),
        ("input z = 1\ndef f(u) = u + z\nx = f(x)", []),
        ("input z = 1\nstate c = 0\ndef f(u) { c = u; return u }\n_w = f(z)\nx = x + c", []),
        ("input z = 1\nx = where(z > 0, x, z)", []),
        ("input z = 1\nx = where(z > 0, x, 2)", [("only-decides", "z")]),
        ("a = 1\na = 2\nx = a * x", [("dead-assignment", "a")]),
        ("a = 1\na = a + 1\nx = a * x", []),
        ("a = 1\nif x > 0 { a = 2 }\nx = a * x", []),
        ("a = 1\nif x > 0 { a = 2 } else { a = 3 }\nx = a * x", [("dead-assignment", "a")]),
        ("a = 1\nfor k = 1 to 3 { a = k }\nx = a * x", []),
        ("a = 1\ndef f(u) = a * u\nb = f(x)\na = 2\nx = f(x) + b", []),
        ("a = 1\nwhile x > 1 { x = a * x / 2; a = 0.5 }", []),
        ("def f(u) { t = 1; t = u; return t }\nx = f(x)", [("dead-assignment", "t")]),
        ("pi = 3\nx = pi * x", [("shadows-constant", "pi")]),
        ("def f(e) = e\nx = f(x)", [("shadows-constant", "e")]),
        ("x = x / 0", [("division-by-zero", "0")]),
        ("x = mod(x, 1 - 1)", [("division-by-zero", "1 - 1")]),
        ("x = x / (x - x)", []),
        ("x = x * x * x", []),
        ("if x == 1 { x = 2 }", [("equality-guard", "x == 1")]),
        ("x = where(2 * x != 1, x, 2)", [("equality-guard", "2 * x != 1")]),
        ("n = 3\nif n == 3 { x = 2 * x }", []),
        ("def f(u) = where(u == 0, 1, u)\nx = f(x)", [("equality-guard", "u == 0")]),
        ("def f(u) = where(u == 0, 1, u)\nx = x + f(2)", []),
        ("def f() = 1\ndef g(u) = u + 1\nx = x / f() / g(0)", []),
        ("def mod(u, v) = u + v\nx = mod(x, 0)", []),
        ("def power(u, n) { if n == 0 { return 1 }; return u * power(u, n - 1) }\nx = power(x, 3)", []),
        ("for k = 1 to 3 { if k == 2 { x = x^2 } }\nif x > 0 { x = 2 * x }", []),
        ("n = where(x > 0, 1, 2)\nif n == 1 { x = 2 * x }", []),
        ("n = 0\nfor k = 1 to 3 { n = n + 1; x = x^2 }", [("unused-name", "n")]),
        ("def f(u) = where(u > 0, f(u - 1), 0)", [("unused-name", "f")]),
        (
            "def f(u) { if u > 0 { return 1 } else { return u }; u = 2; return 3 }\nx = f(x)",
            [("unreachable", "u = 2")],
        ),
        ("input z = 1\nz = 3\nx = z * x", [("unused-input", "z")]),
        ("input z = 1\nif x > 2 { z = 3 }\nx = z * x", []),
        ("def f(u) { return u; return 2 }\nx = f(x)", [("unreachable", "return 2")]),
    ],
)
def test_what_is_suspicious(text: str, expected: list[tuple[str, str]]) -> None:
    assert warnings(f"input x = 1\n{text}\noutput y = x^2") == expected


@randomly(50, random_programs())
def test_what_is_called_unused_changes_nothing(program: RandomProgram) -> None:
    """Each assignment that lint calls dead or unused is replaced by another value: the output stays."""
    before = adcli.parse(program.text).evaluate(program.point).outputs
    for problem in adcli.parse(program.text).lint:
        if problem.code in ("dead-assignment", "unused-name") and problem.span is not None:
            end = problem.span[1]
            line_end = program.text.index("\n", end)
            calls = re.search(r"\b[fg]\b|again|pair", program.text[end:line_end])  # of functions that change a state
            if program.text[end : end + 3] == " = " and not calls:
                changed = f"{program.text[:end]} = 12345{program.text[line_end:]}"
                assert adcli.parse(changed).evaluate(program.point).outputs == before
        if problem.code == "unused-input" and problem.span is not None:
            name = program.text[slice(*problem.span)]
            gradient = adcli.parse(program.text).gradient(program.point, difference="none").gradient
            assert gradient["f"][name] == 0
            assert adcli.parse(program.text).evaluate({**program.point, name: 77.0}).outputs == before


def test_long_programs_take_no_more_for_each_line() -> None:
    """A decision is a block of code for each comparison in it."""

    def program_of(count: int) -> Program:
        alternatives = " or ".join(f"x > {k}" for k in range(count))
        branches = "\n".join(f"a = x\nif x > {k} {{ a = {k} }}\nb{k} = a * x" for k in range(count))
        return adcli.parse(f"input x = 1\ny = 1\nif {alternatives} {{ y = x }}\n{branches}\noutput z = y").program

    short, long = program_of(20), program_of(200)
    assert (len(suspicions(short)), len(suspicions(long))) == (20, 200)
    assert lines_run(lambda: suspicions(long)) < 12 * lines_run(lambda: suspicions(short))


def test_warnings_are_told_when_a_program_runs() -> None:
    report = adcli.parse("input x = 1, z = 2\na = 3\na = x\nif x == 1 { a = 2 * a }\noutput y = a / 0").gradient()
    assert [problem.code for problem in report.warnings] == [
        "unused-input", "dead-assignment", "division-by-zero", "not-finite", "equality-guard",
    ]  # fmt: skip


def test_what_is_constant_nearby_decides_nothing_there() -> None:
    """A whole number that comes of rounding, and a flag, are compared as they are; a doubt is at their jumps alone."""
    text = "input h\ni = mod(floor(h * 6), 6)\nsmall = h < 0.7\ny = h\nif i == 3 and small { y = h^2 }\noutput y"
    program = adcli.parse(text)
    assert [problem.code for problem in program.gradient(h=0.55).warnings if problem.code == "equality-guard"] == []
    assert [problem.code for problem in program.gradient(h=0.5).warnings].count("equality-guard") == 1


def test_guards_are_doubtful_only_where_they_matter() -> None:
    text = "input x = 0, n = 3\ns = x\nk = 0\nwhile k < n { k = k + 1; s = s + x }\nif x > 0 { s = 2 * s }\noutput s"
    program = adcli.parse(text)
    assert [problem.code for problem in program.jacobian().warnings] == ["only-decides", "equal-sides", "equal-sides"]
    assert [problem.code for problem in program.jacobian(wrt="x").warnings] == ["only-decides", "equal-sides"]
    assert [problem.code for problem in program.evaluate().warnings] == []
    _, warning = program.tape(wrt="x").warnings
    assert "`x > 0`" in warning.message


def test_a_warning_of_a_guard_counts_how_often() -> None:
    text = "input x = 0\ny = 1\nfor k = 1 to 4 { if x > 0 { y = 2 * y } }\noutput y = y + x"
    (warning,) = adcli.parse(text.replace("output y = y + x", "output z = y + x")).tape().warnings
    assert (
        warning.message == "`x > 0` is decided with equal sides, and 3 times more: close by it is decided the other way"
    )


def test_jumps_and_kinks_of_decisions_are_no_wrong_derivatives() -> None:
    for text, x in (
        ("where(x > 0, x, -x)", 0.0), ("where(x > 1, 2 * x, x)", 1.0), ("where(x == 3, 7, x)", 3.0),
        ("where(x > 2 and x < 3, x^2, 4)", 2.0),
    ):  # fmt: skip
        comparison = adcli.expression(text).gradient(x=x).comparisons["value"]
        assert comparison.components["x"].verdict.value == "nonsmooth", text


def test_what_cannot_run_beside_the_point_has_no_value_there() -> None:
    text = "input x = 1\nif x >= 1 { y = x }\noutput z = y^2"
    comparison = adcli.parse(text).gradient().comparisons["z"]
    assert comparison.components["x"].verdict.value == "agrees"

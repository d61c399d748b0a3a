from __future__ import annotations

import pytest

from adcli.errors import AdError, Problem
from adcli.program.check import program_from, program_from_expression
from adcli.program.program import Program
from adcli.syntax.source import Source


def program(text: str) -> Program:
    return program_from(Source("t", text))


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(AdError) as caught:
        program(text)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "code", "under", "help_part"),
    [
        ("input x\ny = scael * x", "unknown-name", "scael", ""),
        ("input scale\ny = scael", "unknown-name", "scael", "`scale`"),
        ("input x\ny = sin", "unknown-name", "sin", "sin(…)"),
        ("y = 2 * y", "used-before-assignment", "y", "`state y = 0`"),
        ("y = a\na = 1", "used-before-assignment", "a", "line 2"),
        ("y = x\ninput x", "used-before-assignment", "x", "line 2"),
        ("y = sine(1)", "unknown-function", "sine", "`sin`"),
        ("y = zzzzz(1)", "unknown-function", "zzzzz", ""),
        ("input x\ny = x(1)", "unknown-function", "x", "x * (…)"),
        ("y = add(1, 2)", "unknown-function", "add", "`a + b`"),
        ("y = sin()", "wrong-arity", "sin()", "sin(a)"),
        ("y = sin(1, 2)", "wrong-arity", "sin(1, 2)", "sin(a)"),
        ("y = atan2(1)", "wrong-arity", "atan2(1)", "atan2(a, b)"),
        ("y = is_max(1)", "wrong-arity", "is_max(1)", "is_max(a1, a2, …)"),
        ("y = max(1)", "shape", "y = max(1)", ""),
        ("input x, x\ny = x", "duplicate-input", "x", ""),
        ("x = 1\ninput x\ny = x", "duplicate-input", "x", ""),
        ("y = 1\noutput z", "unassigned-output", "z", ""),
        ("y = 1\noutput y, y", "duplicate-output", "y", ""),
        ("input x = a\ny = x", "not-constant", "a", ""),
        ("input x in [0, a]\ny = x", "not-constant", "a", ""),
        ("y = 1e999", "number-too-large", "1e999", ""),
        ("input x", "no-output", "", "output y = x^2"),
        ("# nothing", "no-output", "", ""),
        ("", "empty-program", "", ""),
        (" \n\t\n", "empty-program", "", ""),
    ],
)
def test_mistakes(text: str, code: str, under: str, help_part: str) -> None:
    (problem,) = problems(text)
    assert problem.code == code
    assert (text[slice(*problem.span)] if problem.span else "") == under
    assert help_part in problem.help


def test_all_mistakes_at_once_in_their_order() -> None:
    text = "input x, x\na = (x + 1\nb = foo(x)\nc = bb + 1\noutput q"
    codes = [problem.code for problem in problems(text)]
    assert codes == ["duplicate-input", "unclosed-bracket", "unknown-function", "unknown-name", "unassigned-output"]


def test_a_name_whose_definition_cannot_be_read_is_not_a_second_mistake() -> None:
    assert [problem.code for problem in problems("a = = 1\nb = a + 1\noutput a")] == ["syntax"]


def test_outputs() -> None:
    assert program("a = 1\nb = 2").outputs == ("b",)
    assert program("a = 1\noutput a\nb = 2").outputs == ("a",)
    assert program("output a = 1\noutput b = 2").outputs == ("a", "b")
    assert program("input x\noutput x").outputs == ("x",)


def test_pi_and_e_may_be_bound_again() -> None:
    assert [text for _, text, _ in program("a = pi + e").code.constants] == ["pi", "e"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = x  1\nb = a + 1\na = b * 2", ["syntax"]),
        ("step = 3 +\ny = x * step", ["syntax"]),
        ("c = 0\ndef f(u) {\n    d = u\nc = 1", ["unclosed-bracket"]),
        ("for k = 1 to 3 {\n    y = k\nfor k = 1 to 3 {\n y = k }", ["unclosed-bracket"]),
        ("def f(u) { a = 2; return a * u }; a = 1\ny = f(x) + a", []),
    ],
)
def test_one_mistake_is_one_message(text: str, expected: list[str]) -> None:
    text = f"input x\n{text}"
    assert [problem.code for problem in (problems(text) if expected else ())] == expected
    if not expected:
        program(text)


def test_words_that_may_be_names_may_be_functions() -> None:
    text = "def step(to) = to^2\nfor in = step(2) to step(3) step step(1) { to = in }\nstate state = to"
    assert program(text).outputs == ("state",)


def test_an_expression_is_a_program() -> None:
    found = program_from_expression(Source("t", "y*x + pi*y"))
    assert [variable.name for variable in found.inputs] == ["y", "x"]
    assert found.outputs == ("value",)
    with pytest.raises(AdError):
        program_from_expression(Source("t", ""))


def test_long_and_deep_programs() -> None:
    deep = program("input x\ny = " + "sin(" * 5_000 + "x" + ")" * 5_000)
    assert len(list(deep.code.operations())) == 5_000
    long = program("input x\ny = " + " + ".join(["x"] * 20_000))
    assert len(list(long.code.operations())) == 19_999

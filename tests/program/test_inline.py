"""A program in one text, as for `-e`: what are its inputs, and what its outputs."""

from __future__ import annotations

import math
import pickle

import pytest

import adcli


@pytest.mark.parametrize(
    ("text", "inputs", "outputs"),
    [
        ("x * y", ["x", "y"], ["value"]),
        ("a = x*y; a + sin(a)", ["x", "y"], ["value"]),
        ("a = x*y\n\na + sin(a)\n", ["x", "y"], ["value"]),
        ("a = x*y; (a\n + 1);", ["x", "y"], ["value"]),
        ("# two\na = x*y  # one\na^2", ["x", "y"], ["value"]),
        ("a = x*y; b = sin(a)", ["x", "y"], ["b"]),
        ("a = x*y; output a; a^2", ["x", "y"], ["a", "value"]),
        ("input x = 2; output y = x^2", ["x"], ["y"]),
        ("input x = 2, k; k * x", ["x", "k"], ["value"]),
        ("def f(u) = k * u; f(x)", ["k", "x"], ["value"]),
        ("def f(u) { v = k * u; return v^2 }; f(x)", ["k", "x"], ["value"]),
        ("a = 1; for k = 1 to 3 { a = a * x }; a", ["x"], ["value"]),
        ("if x > b { y = x } else { y = b }; y", ["x", "b"], ["value"]),
        ("if x > b { y = x } else { y = b }", ["x", "b"], ["y"]),
        ("require x > 0; log(x)", ["x"], ["value"]),
        ("require(x)", None, None),
        ("state c = 0; def f(u) { c = c + 1; return c * u }; f(x) + f(x)", ["x"], ["value"]),
        ("state + require[0] + claim", ["state", "require", "claim"], ["value"]),
        ("a = x^2; claim da/dx = 2 * x", ["x"], ["a"]),
        ("Q, R = qr(A); R[0, 0]", ["A"], ["value"]),
        ("w = [x, 1]; w[1] = x^2; w[1]", ["x"], ["value"]),
        ("w[1] + w[0]", ["w"], ["value"]),
        ("value = x^2; value + 1", ["x"], ["value"]),
        ("sum(A, axis = 0)", ["A"], ["value"]),
        ("π * x + pi", ["x"], ["value"]),
        ("τ * length + min", ["τ", "length", "min"], ["value"]),
    ],
)  # fmt: skip
def test_inputs_are_the_names_without_a_value(text: str, inputs: list[str] | None, outputs: list[str] | None) -> None:
    if inputs is None:
        with pytest.raises(adcli.AdError):
            adcli.expression(text)
        return
    program = adcli.expression(text).program
    assert [str(variable.name) for variable in program.inputs] == inputs
    assert list(program.outputs) == outputs
    again = pickle.loads(pickle.dumps(program))
    assert (again.inputs, again.outputs, again.tree) == (program.inputs, program.outputs, program.tree)


def test_statements_and_an_expression_run_as_the_program_that_they_stand_for() -> None:
    inline = adcli.expression("a = x*y; a + sin(a)").gradient(x=2, y=3)
    program = adcli.parse("input x; input y; a = x*y; output value = a + sin(a)").gradient(x=2, y=3)
    assert inline.gradient == program.gradient
    assert inline.outputs == program.outputs


def test_the_greek_letter_is_the_constant() -> None:
    assert adcli.expression("π * x").evaluate(x=2).outputs == {"value": 2 * math.pi}
    assert adcli.parse("input x = π/2 in [-π, π]\noutput y = π * x").evaluate().outputs == {"y": math.pi**2 / 2}
    assert adcli.parse("π = 3\ninput x\noutput y = π * x").evaluate(x=2).outputs == {"y": 6}
    assert adcli.parse("input π = 3\noutput y = π^2").evaluate().outputs == {"y": 9}


@pytest.mark.parametrize(
    ("text", "code", "remedy"),
    [
        ("sin[x]", "unknown-name", "`sin` is a function: write `sin(…)`"),
        ("Sin[x]", "unknown-name", "`sin(…)`"),
        ("exp^x", "unknown-name", "`exp` is a function: write `exp(…)`"),
        ("2 * PI * x", "unknown-name", "write `pi`"),
        ("x * Inf", "unknown-name", "`inf`"),
        ("input x; x * y", "unknown-name", ""),
        ("a = 2 * b; b = x; a", "used-before-assignment", "move that line above this one"),
        ("x = x + 1; x^2", "used-before-assignment", "give it its first value above"),
        ("# nothing", "empty-program", "'x*y'"),
        (" ;; ", "empty-program", "'x*y'"),
        ("x^2; y = 3", "syntax", "`y = x ^ …`"),
        ("return x", "return-outside", "`output`"),
    ],
)
def test_what_is_no_input_is_told(text: str, code: str, remedy: str) -> None:
    with pytest.raises(adcli.AdError) as caught:
        adcli.expression(text)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert remedy in problem.help

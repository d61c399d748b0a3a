"""Claims in a program: where they may stand, what they may name, and that they change nothing."""

from __future__ import annotations

import pytest

import adcli
from adcli.program.claims import claim_of, scope_of
from adcli.program.program import CompiledClaim

from ..conftest import Adcli


def claims(text: str) -> tuple[CompiledClaim, ...]:
    return adcli.parse(text).program.claims


def codes(text: str) -> list[str]:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse(text)
    return [problem.code for problem in caught.value.problems]


PROGRAM = "input x = 2, w[2] = [1, 2]\na = x^2\noutput L = a + sum(w)\n"


@pytest.mark.parametrize(
    ("text", "output", "variable"),
    [
        ("claim dL/dx = 2 * x", "L", "x"),
        ("claim da/dx = 2 * x", "a", "x"),
        ("claim dL/dw = ones(2)", "L", "w"),
        ("claim dL/dw[1] = 1", "L", "w[1]"),
        ("claim   dL / dx=2*x", "L", "x"),
    ],
)
def test_what_is_claimed(text: str, output: str, variable: str) -> None:
    (claim,) = claims(PROGRAM + text)
    assert (claim.output, claim.variable) == (output, variable)


def test_a_claim_may_stand_above_what_it_names() -> None:
    (claim,) = claims("input x\nclaim dy/dx = b\nb = 2 * x\noutput y = x^2")
    assert claim.text == "dy/dx = b"


def test_a_claim_may_call_functions_of_the_program() -> None:
    text = "def f(u) = u^2\ninput x = 3\noutput y = f(x)\nclaim dy/dx = f(x + 1) - f(x) - 1"
    assert adcli.parse(text).check().verdict.value == "agrees"


def test_claim_is_a_name_as_well() -> None:
    program = adcli.parse("input claim = 2\nclaim = claim + 1\noutput y = claim^2")
    assert program.evaluate().outputs["y"] == 9


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("claim dL/dz = 1", "bad-claim"),
        ("claim dK/dx = 1", "bad-claim"),
        ("claim L/dx = 1", "bad-claim"),
        ("claim dL/x = 1", "bad-claim"),
        ("claim d/dx = 1", "bad-claim"),
        ("claim dL/dw[x] = 1", "bad-claim"),
        ("claim dL/dx = q", "unknown-name"),
        ("claim dL/dx = f(x)", "unknown-function"),
        ("claim dL/dx = sin(x, x)", "wrong-arity"),
        ("claim dL/dx", "syntax"),
        ("claim dL = 1", "syntax"),
        ("if x > 1 { claim dL/dx = 1 }", "misplaced"),
        ("def g(u) { claim dL/dx = 1; return u }", "misplaced"),
    ],
)
def test_mistakes(text: str, code: str) -> None:
    assert code in codes(PROGRAM + text)


def test_all_mistakes_are_told_at_once() -> None:
    assert codes(PROGRAM + "claim dL/dz = 1\nclaim dL/dx = q") == ["bad-claim", "unknown-name"]


def test_a_claim_is_printed_as_it_is_read(adcli: Adcli) -> None:
    text = PROGRAM + "claim dL/dw[1] = (1)   # by hand\nclaim dL/dx=2*x"
    printed = adcli("fmt", "-", stdin=text.encode()).out
    assert "\nclaim dL/dw[1] = 1  # by hand\nclaim dL/dx = 2 * x\n" in printed
    assert adcli("fmt", "-", stdin=printed.encode()).out == printed


def test_a_claim_that_stands_alone() -> None:
    program = adcli.parse(PROGRAM).program
    scope = scope_of(program)
    claim = claim_of(" dL/dx = 2 * x ", scope)
    assert (claim.output, claim.variable, claim.source.name) == ("L", "x", "--claim")


def test_what_only_a_claim_reads_is_used() -> None:
    text = "input x = 2\nslope = cos(x)\noutput y = sin(x)\nclaim dy/dx = slope"
    assert adcli.parse(text).lint == []

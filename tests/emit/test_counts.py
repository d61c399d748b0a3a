"""How often a loop runs is decided with a tolerance: emitted functions, whose steps may miss a bound, decide alike."""

from __future__ import annotations

from typing import Any

import pytest

import adcli
from adcli.emit.function import ELSEWHERE, OK, Request, function_of
from adcli.emit.python import python_text
from adcli.run import Start

# The head of a loop, and points at each of which a function is made and then called at all.
LOOPS = {
    "for k = 0 to x step 0.1": (0.25, 0.3, 0.29999999999999993, 0.2, 0.30000000000000004, 0.31, 0.0),
    "for k = 0 to 0.3 step x": (0.1, 0.11, 0.09, 0.15, 1.0, 0.3, 0.30000000000000004),
    "for k = x to x + 3": (2.0, 2.5, 0.1, 0.30000000000000004, 1e15),
    "for k = x to 1 step 0.1": (0.7, 0.6, 0.1, 0.0, 0.9, 1.0, 2.0),
    "for k = 5 to x step -1": (2.0, 0.3, 1e-17, 0.0, 6.0),
    "for k = -1000000 to x step 250000": (3.0, 2.9999999999999996, 250000.0, 249999.99999999997),
    "for k = -3 to x": (-1e-17, 0.0, -0.5, 1e-17),
    "for k = 1 to x": (0.5, 0.9, 1.0, 2.0, 2.5),
    "for k = 3 to x step 3": (9.0, 8.999999999999998, 12.0, 2.0),
    "for k = 1 to 3 step x": (1.0, 2.0, 0.5, 1.5, -1.0),
    "for k = 3 to 1 step x": (1.0, -1.0, -0.5, 2.0),
}


def made(program: adcli.DifferentiableProgram, x: float) -> Any:
    run = Start(program.program, {"x": x}).run
    names: dict[str, Any] = {}
    exec(python_text(function_of(program.program, [(run.point, run.tape)], Request("y", ("x",), 1, "f"))), names)
    return names["f"]


@pytest.mark.parametrize("body", ["", " if k > 0.25 { break }"])
@pytest.mark.parametrize("head", LOOPS)
def test_a_function_counts_as_the_interpreter_does_or_says_that_it_does_not(head: str, body: str) -> None:
    program = adcli.parse(f"input x\ny = x\n{head} {{ y = y + k*x\n{body} }}\noutput y\n")
    points = LOOPS[head]
    for own in points:
        function = made(program, own)
        assert function(own)[0] == OK
        for x in points:
            status, value, *_ = function(x)
            assert status == ELSEWHERE or value == program.evaluate(x=x).outputs["y"], (own, x)


@pytest.mark.parametrize(("own", "other"), [(0.25, 0.3), (0.3, 0.25)])
def test_a_derivative_as_a_program_requires_the_same_count(own: float, other: float) -> None:
    program = adcli.parse("input x\ny = 0\nfor k = 0 to x step 0.1 { y = y + k*x*x }\noutput y\n")
    adjoint, tangent = program.adjoint(x=own, keep_guards=True), program.tangent(x=own, keep_guards=True)
    for text, more in ((adjoint, {}), (tangent, {"dot_x": 1.0})):
        derivative = adcli.parse(text)
        derivative.evaluate(x=own, **more)
        with pytest.raises(adcli.AdError, match="require"):
            derivative.evaluate(x=other, **more)

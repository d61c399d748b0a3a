"""Colourings that are kept from run to run: the same derivatives, and others where a program does something else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adcli.api import DifferentiableProgram, parse
from adcli.derive import hessians, jacobians

CHAIN = "input x[n]\noutput s = sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)\noutput t = sum(sin(x))"
BRANCHES = (
    "input x[60]\ns = sum(x^2)\nif x[0] > 0 { s = s + x[1] * x[2] }\nelse { s = s + sum(x[3:] * x[:-3]) }\noutput s"
)
READS = "input x[60], k = 1\noutput s = sum(x^2) + x[k] * x[k + 1]"
STEPS = "input x[60], n = 2\ns = x[0]^2\nfor k = 1 to n { s = s + x[k] * x[k - 1] }\noutput s"
NUMBERS = "input a, b, c, d, e, f\ns = a * b + c^2 + sin(d) + e * f\nif a > b { s = s + a * f }\noutput s"
SOLVED = "input p[8]\nsolve z from 1 in z^3 + p[0] * z == 1 + p[1]^2\noutput s = z * p[2] + sum(p[3:] ^ 3)"


class Counted:
    """What makes colourings, and how often it was asked to."""

    def __init__(self, make: Any) -> None:
        self.make, self.calls = make, 0

    def __call__(self, *given: Any) -> Any:
        self.calls += 1
        return self.make(*given)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, Counted]:
    counted = {"hessian": Counted(hessians.hessian_colouring), "jacobian": Counted(jacobians.jacobian_colouring)}
    monkeypatch.setattr(hessians, "hessian_colouring", counted["hessian"])
    monkeypatch.setattr(jacobians, "jacobian_colouring", counted["jacobian"])
    return counted


def vector(size: int, shift: float = 0.0) -> Any:
    return np.linspace(0.1, 0.9, size) + shift


POINTS: dict[str, tuple[str, list[dict[str, Any]], int]] = {
    "another point": (CHAIN, [{"x": vector(60)}, {"x": vector(60, 0.3)}, {"x": vector(60)}], 2),
    "another size": (CHAIN, [{"x": vector(60)}, {"x": vector(70)}, {"x": vector(60)}], 4),
    "another branch": (BRANCHES, [{"x": vector(60)}, {"x": vector(60, -1)}, {"x": vector(60)}], 2),
    "another place": (READS, [{"x": vector(60)}, {"x": vector(60), "k": 7}, {"x": vector(60), "k": 1}], 3),
    "more passes": (STEPS, [{"x": vector(60)}, {"x": vector(60), "n": 5}, {"x": vector(60)}], 2),
    "numbers": (NUMBERS, [dict(zip("abcdef", vector(6, k) * (-1) ** k, strict=True)) for k in range(3)], 2),
    "a root": (SOLVED, [{"p": vector(8)}, {"p": vector(8, 0.2)}], 1),
}


def same(found: Any, expected: Any) -> bool:
    """Whether two nests of dictionaries have the same numbers."""
    if isinstance(found, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in found)
    return bool(np.array_equal(found, expected))


@pytest.mark.parametrize("case", POINTS)
def test_the_hessian_is_that_of_a_program_without_a_past(case: str, made: dict[str, Counted]) -> None:
    text, points, colourings = POINTS[case]
    program = parse(text)
    found = [program.hessian(point).hessian for point in points]
    asked = made["hessian"].calls
    for hessian, point in zip(found, points, strict=True):
        assert same(hessian, DifferentiableProgram(program.program).hessian(point).hessian)
    assert asked == colourings or case == "a root"  # of few inputs no pattern is asked for


@pytest.mark.parametrize("case", POINTS)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_jacobian_is_that_of_a_program_without_a_past(case: str, mode: str) -> None:
    text, points, _ = POINTS[case]
    program = parse(text)
    for point in points:
        found = program.jacobian(point, mode=mode)
        assert same(found.jacobian, DifferentiableProgram(program.program).jacobian(point, mode=mode).jacobian)


def test_a_colouring_is_that_of_what_is_asked_for(made: dict[str, Counted]) -> None:
    """By output, by inputs, by mode; and by the rows that an answer is of."""
    program = parse("input x[60], y[60]\noutput r = x[1:] * y[:-1]\noutput q = sin(x)\noutput s = sum(r^2)")
    point = {"x": vector(60), "y": vector(60, 0.5)}
    asked: list[dict[str, Any]] = [
        {}, {"of": "r"}, {"of": "q"}, {"wrt": "x"}, {"wrt": "y"}, {"mode": "forward"}, {"mode": "reverse"},
        {"of": "r,q", "wrt": "x"}, {"of": "q,r", "wrt": "x"},
    ]  # fmt: skip
    for _ in range(2):
        for options in asked:
            anew = DifferentiableProgram(program.program).jacobian(point, **options)
            found = program.jacobian(point, **options)
            assert same(found.jacobian, anew.jacobian)
            assert (found.mode, found.sweeps) == (anew.mode, anew.sweeps)
    assert made["jacobian"].calls == len(asked) * 3


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_components_that_are_asked_for_have_patterns_of_their_own(mode: str) -> None:
    """The derivatives of x_k x_{k+1} + x_k^2 are x_{k+1} + 2 x_k, and x_k; also of places counted from the end."""
    x = vector(40)
    program = parse("input x[40]\noutput v = x * concat(x[1:], x[:1]) + x^2")
    for names in (("v[20]", "v[21]"), ("v[21]", "v[33]"), ("v[33]", "v[20]"), ("v[-3]", "v[-2]"), ("v[-3]", "v[-4]")):
        found = program.jacobian({"x": x}, of=",".join(names), mode=mode).jacobian
        for name in names:
            place, expected = int(name[2:-1]) % 40, np.zeros(40)
            expected[place], expected[place + 1] = x[place + 1] + 2 * x[place], x[place]
            assert np.allclose(found[name]["x"], expected, rtol=1e-15, atol=0)


def test_an_objective_keeps_its_colouring(made: dict[str, Counted]) -> None:
    program = parse("input x[60] = 0.5\noutput s = sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)")
    found = program.minimize(method="newton")
    assert found.value < 1e-12
    assert made["hessian"].calls == 1


def test_no_more_are_kept_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    from adcli.derive import known

    monkeypatch.setattr(known, "_MOST_KEPT", 3)
    program = parse(CHAIN)
    for size in range(60, 70):
        program.hessian(x=vector(size), of="s")
    assert len(program._earlier.colourings._known) <= 3

"""Second derivatives of programs that take arrays apart, element by element."""

from __future__ import annotations

import numpy as np
import pytest

import adcli
from adcli.derive.modes import SecondMode, hessian_product
from adcli.rules.arrays import STACK
from adcli.tape.tape import Tape

LOOP = "input w[n]\ny = 0\nfor k = 0 to n - 1 { y = y + w[k]^3 }\noutput y\n"
BACKWARD = "input w[n]\ny = 0\nfor k = 1 to n { y = y + w[-k]^3 * w[-1] }\noutput y\n"
MATRIX = "input w[2, 3]\ny = 0\nfor i = 0 to 1 { for j = 0 to 2 { y = y + w[i, j]^3 * w[1, 2] } }\noutput y\n"
FEW = "input w[n]\noutput y = w[1]^3 * w[3]\n"
BOTH = "input w[n]\ny = sum(w^2)\nfor k = 0 to n - 1 { y = y + w[k]^3 }\ny = y + dot(w, w) * w[0]\noutput y\n"
TWICE = "input w[n]\nu = sin(w)\ny = 0\nfor k = 0 to n - 1 { y = y + u[k] * u[k] * u[0] }\noutput y\n"
PROGRAMS = {"loop": LOOP, "backward": BACKWARD, "matrix": MATRIX, "few": FEW, "both": BOTH, "twice": TWICE}


@pytest.mark.parametrize("mode", SecondMode)
@pytest.mark.parametrize("name", PROGRAMS)
def test_second_derivatives_are_those_by_differences(name: str, mode: SecondMode) -> None:
    program = adcli.parse(PROGRAMS[name])
    random = np.random.default_rng(3)
    shape = (2, 3) if name == "matrix" else (20 if name == "few" else 6,)
    w, step = random.uniform(0.5, 1.5, shape), random.uniform(-1, 1, shape)
    product = program.hvp(w=w, dot={"w": step}, mode=mode.value).product["y"]["w"]
    h = 1e-5
    sides = [program.gradient(w=w + sign * h * step, difference="none").gradient["y"]["w"] for sign in (1, -1)]
    assert product == pytest.approx((sides[0] - sides[1]) / (2 * h), rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("mode", SecondMode)
def test_an_element_that_receives_nothing_meets_no_infinite_partial(mode: SecondMode) -> None:
    program = adcli.parse("input w[3]\nu = sqrt(w)\noutput y = u[0] * u[2]\n")
    product = program.hvp(w=[4, 0, 9], dot={"w": [1, 1, 0]}, mode=mode.value).product["y"]["w"]
    assert list(product) == [-3 / 32, 0, 1 / 24]  # of sqrt(a * b): -sqrt(b) / (4 a^1.5), and 1 / (4 sqrt(a b))


def test_the_adjoint_program_puts_the_elements_together() -> None:
    program = adcli.parse(LOOP)
    text = program.adjoint(w=[1.0, 2.0, 3.0])
    assert "zeros(" not in text
    assert text.count("bar_w = [") == 1
    assert list(adcli.parse(text).evaluate(w=[1, 2, 3]).outputs["bar_w"]) == [3, 12, 27]


def test_what_is_recorded_grows_with_the_elements_and_not_with_their_square() -> None:
    longer = [_recorded(count) for count in (50, 100)]
    assert longer[1] < 2.2 * longer[0]


def _recorded(count: int) -> int:
    """How many numbers stand on the tape of a gradient and the sweep behind it."""
    from adcli.derive.modes import recorded_gradient

    run = adcli.parse(LOOP).at({"w": np.ones(count)}).run
    tape: Tape
    tape, _ = recorded_gradient(run.tape, run.tape.bindings["y"], ["w"])
    assert STACK in tape.operations
    product = hessian_product(run.tape, run.tape.bindings["y"], {"w": np.ones(count)}, ["w"])
    assert list(product["w"]) == [6.0] * count
    return sum(np.size(value) for value in tape.values)

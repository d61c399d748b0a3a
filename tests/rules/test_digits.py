"""Derivatives of first and second order keep their digits: near 0, near the ends of a domain, and far out.

The truth is a difference with so many digits that it has none of its own errors.
"""

from __future__ import annotations

import math
from typing import Any

import mpmath
import pytest

from adcli.derive.modes import SecondMode, adjoints_of, hessian_product
from adcli.program.check import program_from_expression
from adcli.rules.functions import precise_function
from adcli.rules.table import FUNCTIONS, PRIMITIVES
from adcli.syntax.source import Source
from adcli.tape.execute import execute

SIZES = [1e-300, 1e-200, 1e-100, 1e-17, 1e-8, 1e-3, 0.3, 0.7, 1 - 1e-6, 1 - 1e-10, 1 - 1e-15]
BEYOND = [1.0, 3.0, 20.0, 40.0, 350.0, 1e8, 1e77, 1e100]
PLANE = [(1e-100, 1e-300), (1e-300, 1e-100), (3e-8, 1.0), (1.0, 1e-9), (1.0, 1e-200), (3.0, 4.0), (1e90, 2e80)]
POWERS = [(1e-310, 1.0), (1e-310, 2.0), (1e-200, 2.0), (1e-100, 3.0), (1e-20, 0.5), (0.3, 2.5), (7e99, -3.0)]
LESS = 2e-14  # how far a derivative may be off, relative to it
TINIEST = 1e-320  # what of a derivative is below the smallest number, or nearly

POINTS = [
    *((name, (sign * size,)) for name in ("asin", "acos", "atanh") for size in SIZES for sign in (1.0, -1.0)),
    *((name, (size,)) for name in ("atan", "tanh", "asinh", "gauss") for size in SIZES + BEYOND),
    *((name, (size,)) for name in ("one_minus_square", "sigmoid", "softplus") for size in SIZES),
    *((name, point) for name in ("hypot", "over_hypot", "atan2") for point in PLANE),
    *(("pow", point) for point in POWERS),
]


def _difference(name: str, point: tuple[float, ...], first: int, second: int | None) -> mpmath.mpf:
    """A derivative by central differences with very small steps; of second order if there is a second operand."""
    function, exact = precise_function(PRIMITIVES[name]), [mpmath.mpf(x) for x in point]
    steps = [x * mpmath.mpf(10) ** -40 for x in exact]

    def at(*moved: int) -> mpmath.mpf:
        return function(*(x + move * step for x, move, step in zip(exact, moved, steps, strict=True)))

    def moved(*signs: tuple[int, int]) -> list[int]:
        return [sum(sign for place, sign in signs if place == k) for k in range(len(exact))]

    if second is None:
        return (at(*moved((first, 1))) - at(*moved((first, -1)))) / (2 * steps[first])
    corners = ((s, t) for s in (1, -1) for t in (1, -1))
    total = sum(s * t * at(*moved((first, s), (second, t))) for s, t in corners)
    return total / (4 * steps[first] * steps[second])


@pytest.mark.parametrize(("name", "point"), POINTS, ids=str)
def test_derivatives_keep_their_digits(name: str, point: tuple[float, ...]) -> None:
    letters = ["x", "y"][: len(point)]
    call = f"{name}({', '.join(letters)})" if name in FUNCTIONS else f" {PRIMITIVES[name].symbol} ".join(letters)
    program = program_from_expression(Source("formula", call))
    tape = execute(program, dict(zip(letters, point, strict=True)))
    (output,) = (tape.bindings[label] for label in program.outputs)
    got: dict[tuple[Any, ...], Any]
    got = {(place, None): slope for place, slope in enumerate(adjoints_of(tape, {output: 1.0}, letters).values())}
    for mode in SecondMode:
        for place, letter in enumerate(letters):
            product = hessian_product(tape, output, {letter: 1.0}, letters, mode)
            got.update(((place, other, mode), slope) for other, slope in enumerate(product.values()))
    with mpmath.workdps(1500):
        for (first, second, *_), derivative in got.items():
            exact = _difference(name, point, first, second)
            assert math.isfinite(derivative)
            assert abs(derivative - exact) <= LESS * abs(exact) + TINIEST, (first, second, _)


@pytest.mark.parametrize("point", [1e-310, 1e-200, 1e-20, -1e-200])
@pytest.mark.parametrize("mode", SecondMode)
def test_the_power_0_has_no_second_derivative_anywhere(point: float, mode: SecondMode) -> None:
    program = program_from_expression(Source("formula", "x^0 + sum([x, 2]^0)"))
    tape = execute(program, {"x": point})
    (output,) = (tape.bindings[label] for label in program.outputs)
    assert hessian_product(tape, output, {"x": 1.0}, ["x"], mode) == {"x": 0.0}

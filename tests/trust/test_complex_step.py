"""The complex step of every analytic primitive, beside its rule."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from adcli.api import expression
from adcli.derive.modes import gradient
from adcli.rules import local
from adcli.rules.along import ALONG, along
from adcli.rules.arrays import STACK, TRANSPOSE
from adcli.rules.functions import complex_function
from adcli.rules.local import partial
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.subscripts import element, updated
from adcli.rules.table import ARRAYS, PRIMITIVES, SELECT
from adcli.tape.execute import execute
from adcli.tape.labels import find_entry
from adcli.tape.tape import Value
from adcli.trust.complex_step import complex_step

from ..conftest import together

SCALARS = [
    (row, point, place)
    for row in PRIMITIVES.values() if row.analytic
    for point in row.samples for place in range(len(point))
    if not (row.name == "pow" and place == 1 and point[0] < 0)  # real at whole exponents alone: no step along them
]  # fmt: skip
ROWS = {
    row.name: row
    for row in (
        *ARRAYS.values(), *(along(name, axis) for name in ALONG for axis in (0, 1)), SELECT, TRANSPOSE, STACK,
        element("."), element(".:."), updated("."),
    )
}  # fmt: skip
STEP = 1e-100


@together("row point place", SCALARS, by=lambda row, *_: row.name)
def test_numbers(row: Primitive, point: tuple[float, ...], place: int) -> None:
    size = STEP * abs(point[place] or 1.0)
    step = [complex(one, size if position == place else 0) for position, one in enumerate(point)]
    if row.name in ("pow", "mod", "fmod") and place == 0:
        step[1] = point[1]  # type: ignore[call-overload]
    found = complex_function(row)(*step).imag / size
    slope = partial(row, place, point, row.value(*point))
    assert found == pytest.approx(slope, rel=2e-14)
    arrays = [np.array([one, one]) for one in step]
    if row.name not in ("pow", "mod", "fmod"):
        np.testing.assert_allclose(complex_function(row)(*arrays).imag / size, slope, rtol=1e-13)


@together("name", [name for name, row in ROWS.items() if row.analytic], by=lambda name: name[:1])
def test_arrays(name: str) -> None:
    row = ROWS[name]
    assert isinstance(row, ArrayPrimitive)
    generator = np.random.default_rng(3)
    for sample in row.samples:
        operands: list[Any] = [np.array(one, float) if isinstance(one, list) else float(one) for one in sample]
        value = row.function(*operands)
        for place, operand in enumerate(operands):
            tangent = generator.normal(size=operand.shape) if hasattr(operand, "shape") else 1.25
            wanted = local.tangent_term(row, place, tangent, value, operands)
            if wanted is not None:
                step = [*operands[:place], operand + 1j * STEP * tangent, *operands[place + 1 :]]
                found = np.imag(complex_function(row)(*step)) / STEP
                np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("exp(x) * sin(x) / (1 + x^2)", 1.3), ("(-2 - x)^3", 1.0), ("log(x)^x", 2.5), ("x * where(x > 1, x^2, 3)", 2.0),
        ("sum(exp([x, 2*x]) * [1, 3])", 0.3), ("logsumexp([x, 1, x^2])", 0.7), ("det([[x, 1], [2, x]])", 3.0),
        ("sum(solve([[x, 1], [2, x]], [1, x]))", 3.0), ("sum(inv([[x, 1], [2, 5]]) @ [x, 1])", 3.0),
        ("sum(softmax([x, 1]) * [1, 2])", 0.2), ("prod([x, x, 2]) - 1e5", 1.5), ("x^2 * 1e-12", 1e-8),
        ("abs(x) * relu(x) + max(x, 3)", 2.0), ("norm([x, -x, 2])", 0.5), ("logdet([[x, 1], [2, x]])", 0.5),
        ("max([x, 1, x^2]) + mod(x, 2)", 3.5), ("sum(abs([x, -2*x]) + sigmoid([x, -x * 9]))", 1.5),
        ("sum(where([x, -x] > 0, [x^2, 1], [x, x^3]))", 1.5),
    ],
)  # fmt: skip
def test_programs(text: str, x: float) -> None:
    program = expression(text).program
    tape = execute(program, {"x": x})
    output = find_entry(tape, "value")
    found = complex_step(tape, [output], {tape.inputs["x"]: 1.0})
    assert found is not None
    assert found[0] == pytest.approx(gradient(tape, output, ["x"])["x"], rel=1e-13)


@pytest.mark.parametrize("text", ["erf(x)", "abs(x - 2)", "max(x, 2)", "lgamma(x)", "norm([x - 2, 0])", "floor(x)"])
def test_what_is_not_analytic_has_none(text: str) -> None:
    tape = execute(expression(text).program, {"x": 2.0})
    assert complex_step(tape, [find_entry(tape, "value")], {tape.inputs["x"]: 1.0}) is None


def test_what_does_not_depend_on_the_input_need_not_be_analytic() -> None:
    tape = execute(expression("erf(y) * x^2").program, {"x": 2.0, "y": -3.0})
    found = complex_step(tape, [find_entry(tape, "value")], {tape.inputs["x"]: 1.0})
    assert found == [pytest.approx(4 * math.erf(-3), rel=1e-15)]


def test_directions_of_arrays() -> None:
    w: Value = np.array([1.0, 2.0])
    tape = execute(expression("w[0]^2 * w[1]").program, {"w": w})
    found = complex_step(tape, [find_entry(tape, "value")], {tape.inputs["w"]: np.array([1.0, -1.0])})
    assert found == [3.0]

"""Random programs with arrays: each way to a derivative against the others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.derive.hessians import hessian
from adcli.derive.jacobians import jacobian
from adcli.derive.modes import Mode, SecondMode, gradient, gradient_magnitude, hessian_product
from adcli.program.check import program_from
from adcli.rules.table import SELECT
from adcli.syntax.format import format_tree
from adcli.syntax.layout import format_source
from adcli.syntax.parse import parse
from adcli.syntax.source import Source
from adcli.tape.domains import push_forward
from adcli.tape.execute import execute
from adcli.tape.reach import active_entries
from adcli.tape.record import record_sweep
from adcli.tape.tape import Tape

from ..conftest import randomly
from ..syntax.trees import said
from .array_programs import INPUTS, ArrayProgram, array_programs, directions

NAMES = list(INPUTS)


def recorded(program: ArrayProgram, point: dict[str, Any] | None = None) -> Tape:
    return execute(program_from(Source("t", program.text)), point or program.point)


def inner(left: dict[str, Any], right: dict[str, Any]) -> float:
    return math.fsum(np.ravel([np.sum(left[name] * right[name]) for name in NAMES]))


def size_of(values: dict[str, Any]) -> float:
    return max(float(np.max(np.abs(value))) for value in values.values())


def close(found: dict[str, Any], wanted: dict[str, Any], tolerance: float) -> None:
    for name in NAMES:
        assert np.shape(found[name]) == np.shape(wanted[name]) == INPUTS[name]
        np.testing.assert_allclose(found[name], wanted[name], rtol=0, atol=tolerance)


@randomly(60, array_programs(), directions())
def test_reverse_against_forward(program: ArrayProgram, direction: dict[str, Any]) -> None:
    tape = recorded(program)
    output = tape.bindings["result"]
    slopes = gradient(tape, output, NAMES)
    tangent = push_forward(tape, {tape.inputs[name]: step for name, step in direction.items()})[output]
    sizes = gradient_magnitude(tape, {output: 1.0}, NAMES)
    assert abs((tangent or 0.0) - inner(slopes, direction)) <= 1e-12 * (1 + size_of(sizes))


def difference(program: ArrayProgram, direction: dict[str, Any], decisions: list[Any]) -> tuple[float, float] | None:
    """The slope along a direction by extrapolated central differences, and how much the last step changed it.

    None where the program decides otherwise on the way.
    """

    def at(step: float) -> float | None:
        tape = recorded(program, {name: program.point[name] + step * direction[name] for name in NAMES})
        return tape.values[tape.bindings["result"]] if decisions_of(tape) == decisions else None

    rows: list[list[float]] = []
    for level in range(7):
        h = 2.0 ** (-5 - level)
        ahead, behind = at(h), at(-h)
        if ahead is None or behind is None:
            rows = []
            continue
        row = [(ahead - behind) / (2 * h)]
        for order, before in enumerate(rows[-1] if rows else [], 1):
            row.append(row[-1] + (row[-1] - before) / (4**order - 1))
        rows.append(row)
    if len(rows) < 3:
        return None
    return min(
        ((row[k], abs(row[k] - rows[i][k - 1])) for i, row in enumerate(rows[1:]) for k in range(1, len(row))),
        key=lambda pair: pair[1],
    )


def decisions_of(tape: Tape) -> list[Any]:
    """The outcome of each decision, element by element for those of a `where` on arrays."""
    chosen = [entry for entry, operation in enumerate(tape.operations) if operation is SELECT]
    masks = [np.array(tape.values[tape.operands[entry][0]]).tobytes() for entry in chosen]
    return [*(guard.holds for guard in tape.guards), *masks]


@randomly(40, array_programs(), directions())
def test_against_differences(program: ArrayProgram, direction: dict[str, Any]) -> None:
    tape = recorded(program)
    slopes = gradient(tape, tape.bindings["result"], NAMES)
    found = difference(program, direction, decisions_of(tape))
    if found is not None:
        slope, doubt = found
        allowed = 1e-6 * (1 + abs(slope) + size_of(slopes)) + 10 * doubt
        assert abs(inner(slopes, direction) - slope) <= allowed


@randomly(60, array_programs())
def test_the_recorded_sweep(program: ArrayProgram) -> None:
    tape = recorded(program)
    output = tape.bindings["result"]
    slopes, sizes = gradient(tape, output, NAMES), gradient_magnitude(tape, {output: 1.0}, NAMES)
    active = active_entries(tape, list(tape.inputs.values()))
    entries = record_sweep(tape, {output: tape.constant("1", 1.0)}, active)
    found = {name: entries.get(tape.inputs[name]) for name in NAMES}
    values = {name: np.zeros(INPUTS[name]) if entry is None else tape.values[entry] for name, entry in found.items()}
    close(values, slopes, 1e-13 * (1 + size_of(sizes)))


@randomly(50, array_programs(), directions())
def test_three_ways_to_a_product_with_the_hessian(program: ArrayProgram, direction: dict[str, Any]) -> None:
    tape = recorded(program)
    output = tape.bindings["result"]
    products = [hessian_product(tape, output, direction, NAMES, mode) for mode in SecondMode]
    size = 1 + max(map(size_of, products)) + size_of(gradient_magnitude(tape, {output: 1.0}, NAMES))
    for product in products[1:]:
        close(product, products[0], 1e-10 * size)


@randomly(30, array_programs(), directions())
def test_the_hessian_is_symmetric_and_gives_its_products(program: ArrayProgram, direction: dict[str, Any]) -> None:
    tape = recorded(program)
    output = tape.bindings["result"]
    rows = hessian(tape, output, NAMES)
    sizes = {name: int(np.prod(shape)) for name, shape in INPUTS.items()}
    whole = np.block(
        [[np.reshape(rows[row][column], (sizes[row], sizes[column])) for column in NAMES] for row in NAMES]
    )
    scale = 1 + np.max(np.abs(whole)) + size_of(gradient_magnitude(tape, {output: 1.0}, NAMES))
    np.testing.assert_allclose(whole, whole.T, rtol=0, atol=1e-10 * scale)
    product = hessian_product(tape, output, direction, NAMES)
    flat = np.concatenate([np.ravel(direction[name]) for name in NAMES])
    np.testing.assert_allclose(
        np.concatenate([np.ravel(product[name]) for name in NAMES]), whole @ flat, rtol=0, atol=1e-9 * scale
    )


@randomly(40, array_programs())
def test_both_modes_of_a_jacobian(program: ArrayProgram) -> None:
    tape = recorded(program)
    outputs = {name: tape.bindings[name] for name in list(tape.bindings)[-2:]}
    forward, reverse = (jacobian(tape, outputs, NAMES, mode) for mode in (Mode.FORWARD, Mode.REVERSE))
    for output, entry in outputs.items():
        for name in NAMES:
            one, other = forward.rows[output][name], reverse.rows[output][name]
            assert np.shape(one) == np.shape(other) == np.shape(tape.values[entry]) + INPUTS[name]
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10 * (1 + np.max(np.abs(one))))


@randomly(50, array_programs())
def test_print_and_parse(program: ArrayProgram) -> None:
    tree = parse(Source("t", program.text))
    text = format_tree(tree)
    again = parse(Source("t", text))
    assert said(again) == said(tree)
    assert format_tree(again) == text
    there, here = execute(program_from(Source("t", text)), program.point), recorded(program)
    for one, other in zip(there.values, here.values, strict=True):
        np.testing.assert_array_equal(one, other)


@randomly(40, array_programs())
def test_adjoint_programs(program: ArrayProgram) -> None:
    checked = adcli.parse(program.text)
    slopes = checked.gradient(program.point, of="result", difference="none").gradient["result"]
    text = checked.adjoint(program.point, of="result", keep_guards=True)
    outputs = adcli.parse(text).evaluate().outputs
    sizes = gradient_magnitude(tape := recorded(program), {tape.bindings["result"]: 1.0}, NAMES)
    close({name: outputs[f"bar_{name}"] for name in NAMES}, slopes, 1e-13 * (1 + size_of(sizes)))
    assert format_source(Source("t", text)) == text


@randomly(30, array_programs(), directions())
def test_tangent_programs(program: ArrayProgram, direction: dict[str, Any]) -> None:
    checked = adcli.parse(program.text)
    tape = recorded(program)
    output = tape.bindings["result"]
    tangent = push_forward(tape, {tape.inputs[name]: step for name, step in direction.items()})[output] or 0.0
    text = checked.tangent(program.point, dot=direction, of="result", keep_guards=True)
    found = adcli.parse(text).evaluate().outputs["dot_result"]
    sizes = gradient_magnitude(tape, {output: 1.0}, NAMES)
    assert abs(found - tangent) <= 1e-13 * (1 + size_of(sizes))
    assert format_source(Source("t", text)) == text


@randomly(40, array_programs())
def test_a_run_that_forgets(program: ArrayProgram) -> None:
    """What a run for a gradient alone forgets is nothing that its sweep reads."""
    checked = program_from(Source("t", program.text))
    tape, short = recorded(program), execute(checked, program.point, forget=True)
    output = tape.bindings["result"]
    np.testing.assert_array_equal(short.values[output], tape.values[output])
    slopes, sizes = gradient(tape, output, NAMES), gradient_magnitude(tape, {output: 1.0}, NAMES)
    close(gradient(short, short.bindings["result"], NAMES), slopes, 1e-13 * (1 + size_of(sizes)))


@pytest.mark.parametrize(
    "text",
    [
        # a choice element by element is an entry like any other: what it is multiplied with is needed
        "input x[2], y\noutput f = sum(where(x > 0, x, 3) * where(x > 0, y, 2))",
        "input x[2], y\nw = where(x > 0, x^2, y)\nv = where(w > 1, w * y, x * w)\noutput f = sum(v * w) * y",
        "input x[2], y\noutput f = sum(y * where(x > 0, x, 1)^where(x > 0, y, 2))",
        # what is not taken is masked by an array that nothing else reads
        "input x[2], y\nm = x * 2\noutput f = sum(where(m > 0, sqrt(x) * y, y))",
        # a function that assigns a state, called again
        "input x[2], y\nstate c = 0.5\ndef f(u) {\n    c = atan(c + sum(u))\n    return u * c\n}\n"
        "x = f(x)\nx = f(x * y)\noutput f = sum(x)",
        "input x[2], y\nstate c = x\ndef f(u) {\n    c = c * u\n    return sum(c)\n}\n"
        "y = f(y)\nz = f(x)\noutput f = y * z",
        "input x[2], y\nfor k = 0 to 1 {\n    x[k] = where(x > y, x * y, y)[k] * sum(x)\n}\noutput f = x @ x",
    ],
)
def test_what_a_run_must_not_forget(text: str) -> None:
    program, point = program_from(Source("t", text)), {"x": np.array([-1.0, 2.0]), "y": 3.0}
    tape, short = execute(program, point), execute(program, point, forget=True)
    wanted = gradient(tape, tape.bindings["f"], ["x", "y"])
    for name, slope in gradient(short, short.bindings["f"], ["x", "y"]).items():
        assert np.all(np.isfinite(slope))
        np.testing.assert_array_equal(slope, wanted[name])

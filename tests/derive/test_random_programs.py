"""Random programs: each way to a derivative against the others."""

from __future__ import annotations

import math

import mpmath
import pytest
from hypothesis import strategies as st

from adcli.derive.jacobians import jacobian
from adcli.derive.modes import (
    Mode,
    SecondMode,
    adjoints_of,
    gradient,
    gradient_magnitude,
    hessian_magnitude,
    hessian_product,
)
from adcli.program.check import program_from
from adcli.syntax.format import format_tree
from adcli.syntax.parse import parse
from adcli.syntax.source import Source
from adcli.tape.contributions import contributions
from adcli.tape.domains import push_forward
from adcli.tape.execute import execute
from adcli.tape.fast import sweep
from adcli.tape.reach import active_entries
from adcli.tape.record import record_sweep
from adcli.tape.tape import Tape
from adcli.trust.compare import Comparer
from adcli.trust.complex_step import complex_step
from adcli.trust.judgement import Verdict

from ..conftest import randomly
from ..syntax.trees import said
from .programs import INPUTS, RandomProgram, random_programs

EPSILON = 2.0**-52
TINY = 2.0**-1074


def recorded(program: RandomProgram) -> Tape:
    return execute(program_from(Source("t", program.text)), program.point)


@randomly(80, random_programs(), st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_reverse_against_forward(program: RandomProgram, direction: list[float]) -> None:
    """⟨adjoint, direction⟩ = tangent along the direction, to rounding."""
    tape = recorded(program)
    output = tape.bindings["f"]
    slopes = gradient(tape, output, INPUTS)
    tangents = push_forward(tape, {tape.inputs[name]: d for name, d in zip(INPUTS, direction, strict=True)})
    by_reverse = math.fsum(slopes[name] * d for name, d in zip(INPUTS, direction, strict=True))
    sizes = gradient_magnitude(tape, {output: 1.0}, INPUTS)
    allowed = 100 * EPSILON * math.fsum(sizes[name] * abs(d) for name, d in zip(INPUTS, direction, strict=True))
    allowed += len(tape) * TINY  # what underflows loses up to half of the smallest number, in each operation
    assert abs((tangents[output] or 0.0) - by_reverse) <= allowed


@randomly(80, random_programs())
def test_the_three_sweeps_agree_to_the_last_bit(program: RandomProgram) -> None:
    """The fast sweep, the sweep for display and the recorded one add the same contributions in the same order."""
    tape = recorded(program)
    output = tape.bindings["f"]
    active = active_entries(tape, list(tape.inputs.values()))
    adjoints = sweep(tape, {output: 1.0}, active)
    shown: list[float | None] = [None] * len(tape)
    shown[output] = 1.0
    for term in contributions(tape, {output: 1.0}, active):
        assert shown[term.target] == term.before
        shown[term.target] = term.after
    assert shown == adjoints
    entries = record_sweep(tape, {output: tape.constant("1", 1.0)}, active)
    assert {entry: tape.values[adjoint] for entry, adjoint in entries.items()} == {
        entry: adjoint for entry, adjoint in enumerate(adjoints) if adjoint is not None
    }


@randomly(80, random_programs(analytic_only=True), st.sampled_from(INPUTS))
def test_reverse_against_the_complex_step(program: RandomProgram, name: str) -> None:
    tape = recorded(program)
    output = tape.bindings["f"]
    size = gradient_magnitude(tape, {output: 1.0}, INPUTS)[name]
    found = complex_step(tape, [output], {tape.inputs[name]: 1.0})
    assert found is not None
    assert abs(gradient(tape, output, INPUTS)[name] - found[0]) <= 1e-13 * size + 1e-220


@randomly(60, random_programs())
def test_second_derivatives_are_symmetric(program: RandomProgram) -> None:
    tape = recorded(program)
    active = active_entries(tape, list(tape.inputs.values()))
    first = record_sweep(tape, {tape.bindings["f"]: tape.constant("1", 1.0)}, active)
    hessian: dict[tuple[str, str], float] = {}
    sizes: dict[tuple[str, str], float] = {}
    for row in INPUTS:
        slope = first.get(tape.inputs[row])
        for column in INPUTS:
            hessian[row, column] = 0.0 if slope is None else gradient(tape, slope, INPUTS)[column]
            sizes[row, column] = 0.0 if slope is None else gradient_magnitude(tape, {slope: 1.0}, INPUTS)[column]
    for row in INPUTS:
        for column in INPUTS:
            allowed = 1e-12 * max(sizes[row, column], sizes[column, row]) + 1e-300
            assert abs(hessian[row, column] - hessian[column, row]) <= allowed


@randomly(80, random_programs())
def test_print_and_parse(program: RandomProgram) -> None:
    tree = parse(Source("t", program.text))
    text = format_tree(tree)
    again = parse(Source("t", text))
    assert said(again) == said(tree)
    assert format_tree(again) == text
    there, here = execute(program_from(Source("t", text)), program.point), recorded(program)
    assert there.values == here.values


@randomly(60, random_programs())
def test_differences_agree(program: RandomProgram) -> None:
    """No false alarm: the derivatives are right, so no difference may call one wrong."""
    checked = program_from(Source("t", program.text))
    tape = execute(checked, program.point)
    slopes = gradient(tape, tape.bindings["f"], INPUTS)
    comparison = Comparer(checked, program.point, tape).compare("f", slopes, None, 0)
    verdicts = {judgement.verdict for judgement in comparison.components.values()}
    assert Verdict.WRONG not in verdicts


def test_lgamma_differentiates_to_any_order() -> None:
    """Seven sweeps over lgamma, each recorded, give polygamma(6, x)."""
    program = program_from(Source("t", "input x\noutput f = lgamma(x)"))
    tape = execute(program, {"x": 2.5})
    entry = tape.bindings["f"]
    for _ in range(7):
        active = active_entries(tape, [tape.inputs["x"]])
        entry = record_sweep(tape, {entry: tape.constant("1", 1.0)}, active)[tape.inputs["x"]]
    assert tape.values[entry] == pytest.approx(float(mpmath.polygamma(6, mpmath.mpf("2.5"))), rel=1e-14)


def test_the_mixed_derivative_of_a_power_at_exponent_zero() -> None:
    """d2(x^y)/dxdy is 1/x at y = 0: the slope by x is 0 there, but not constant in y."""
    tape = execute(program_from(Source("t", "input x, y\noutput f = x^y")), {"x": 2.0, "y": 0.0})
    active = active_entries(tape, list(tape.inputs.values()))
    first = record_sweep(tape, {tape.bindings["f"]: tape.constant("1", 1.0)}, active)
    slope_by_x, slope_by_y = first[tape.inputs["x"]], first[tape.inputs["y"]]
    assert gradient(tape, slope_by_x, ["x", "y"]) == {"x": 0.0, "y": 0.5}
    assert gradient(tape, slope_by_y, ["x", "y"]) == {"x": 0.5, "y": math.log(2) ** 2}


# so large that their products with derivatives are no subnormal numbers, which have few digits
STEPS = st.floats(-2, 2).filter(lambda step: step == 0 or abs(step) > 1e-200)


@randomly(80, random_programs(), st.lists(STEPS, min_size=3, max_size=3))
def test_four_ways_to_a_product_with_the_hessian(program: RandomProgram, steps: list[float]) -> None:
    """Forward over reverse, reverse over forward, reverse over reverse, and forward over the recorded sweep."""
    tape = recorded(program)
    output = tape.bindings["f"]
    direction = dict(zip(INPUTS, steps, strict=True))
    sizes = hessian_magnitude(tape, output, INPUTS)
    products = [hessian_product(tape, output, direction, INPUTS, mode) for mode in SecondMode]
    longer = tape.copy()
    first = record_sweep(
        longer, {output: longer.constant("1", 1.0)}, active_entries(longer, list(longer.inputs.values()))
    )
    tangents = push_forward(longer, {longer.inputs[name]: step for name, step in direction.items() if step})
    entries = {name: first.get(longer.inputs[name]) for name in INPUTS}
    products.append({name: 0.0 if entry is None else tangents[entry] or 0.0 for name, entry in entries.items()})
    for row in INPUTS:
        size = math.fsum(max(sizes[row][name], sizes[name][row]) * abs(direction[name]) for name in INPUTS)
        if math.isfinite(size):
            allowed = 1e-12 * size + len(longer) * TINY
            assert max(product[row] for product in products) - min(product[row] for product in products) <= allowed


@randomly(60, random_programs())
def test_both_modes_of_a_jacobian(program: RandomProgram) -> None:
    tape = recorded(program)
    outputs = {name: tape.bindings[name] for name in list(tape.bindings)[-3:]}
    forward, reverse = (jacobian(tape, outputs, INPUTS, mode) for mode in (Mode.FORWARD, Mode.REVERSE))
    assert forward.sweeps <= len(INPUTS)
    assert reverse.sweeps <= len(outputs)
    for name, entry in outputs.items():
        for of, size in gradient_magnitude(tape, {entry: 1.0}, INPUTS).items():
            allowed = 100 * EPSILON * size + len(tape) * TINY
            assert not abs(forward.rows[name][of] - reverse.rows[name][of]) > allowed
    seeds = {entry: 0.5 + number for number, entry in enumerate(dict.fromkeys(outputs.values()))}
    for of, adjoint in adjoints_of(tape, seeds, INPUTS).items():
        by_rows = math.fsum(seed * gradient(tape, entry, INPUTS)[of] for entry, seed in seeds.items())
        size = math.fsum(seed * gradient_magnitude(tape, {entry: 1.0}, INPUTS)[of] for entry, seed in seeds.items())
        assert not abs(adjoint - by_rows) > 100 * EPSILON * size + len(tape) * TINY

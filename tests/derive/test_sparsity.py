"""Patterns, colours, and compressed derivatives: known structures, and the bits of what takes more sweeps."""

from __future__ import annotations

import itertools
import math
import random
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adcli.api import load
from adcli.derive import jacobians
from adcli.derive.colouring import NONE, columns_coloured, star_coloured
from adcli.derive.components import Components
from adcli.derive.hessians import SecondDerivatives, hessian_colouring, hessian_times, second_derivatives
from adcli.derive.jacobians import jacobian, jacobian_colouring
from adcli.derive.modes import Mode, forward_over_recorded, hessian_product, units, with_recorded_sweep
from adcli.derive.products import Products
from adcli.derive.sparsity import Pattern, hessian_pattern, jacobian_pattern
from adcli.program.check import program_from
from adcli.rules.along import along
from adcli.rules.table import CONSTANT, MULTIPLICATION
from adcli.syntax.source import Source, Span
from adcli.tape.execute import execute
from adcli.tape.tape import Tape

from ..conftest import ALL_SAMPLES, mostly_slow, randomly, sample_name, together
from ..rules.test_arrays import CASES, Case
from .array_programs import INPUTS as ARRAYS
from .array_programs import ArrayProgram, array_programs
from .gap_programs import NAMES, POINT, gap_program
from .programs import INPUTS, RandomProgram, random_programs


def tape_of(text: str, **point: Any) -> Tape:
    return execute(program_from(Source("t", text)), point)


def bits(numbers: Iterable[float]) -> list[bytes]:
    """Numbers by their bits, where 0 is not -0; all NaN are one."""
    return [struct.pack("d", math.nan if number != number else number) for number in numbers]


def flat(tape: Tape, names: Sequence[str], values: Mapping[str, Any]) -> list[float]:
    return Components.of(tape, {name: tape.inputs[name] for name in names}).flat(values)


def column_by_column(tape: Tape, output: int, names: Sequence[str]) -> list[list[float]]:
    """The Hessian of a product with each unit direction, which knows nothing of patterns or of plans."""
    if tape.arrays:
        recorded = with_recorded_sweep(tape, output, names)
        times = lambda direction: forward_over_recorded(*recorded, direction, names)  # noqa: E731
    else:
        times = lambda direction: hessian_product(tape, output, direction, names)  # noqa: E731
    pairs = [(name, unit) for name in names for unit in units(tape.values[tape.inputs[name]])]
    return [flat(tape, names, times({name: unit})) for name, unit in pairs]


def matrix(tape: Tape, names: Sequence[str], rows: Mapping[str, Mapping[str, Any]]) -> np.ndarray[Any, Any]:
    sizes = {name: np.size(tape.values[tape.inputs[name]]) for name in names}
    blocks = [[np.reshape(rows[name][other], (sizes[name], sizes[other])) for other in names] for name in names]
    return np.block(blocks)


def assert_same_hessian(tape: Tape, output: int, names: Sequence[str]) -> None:
    wanted = np.array(column_by_column(tape, output, names))
    pattern = hessian_pattern(tape, output, names)
    for row, column in np.argwhere(wanted != 0):
        assert column in pattern.rows[row]
        assert row in pattern.rows[column]
    compressed = SecondDerivatives(tape, output, names)._compressed(hessian_colouring(tape, output, names))
    for computed in (second_derivatives(tape, output, names), compressed):
        if computed is not None:
            assert_same_numbers(matrix(tape, names, computed.rows), wanted, computed.mirrored)


def assert_same_numbers(found: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any], mirrored: bool) -> None:
    if not mirrored:
        assert bits(found.ravel()) == bits(wanted.ravel())
        return
    for own, one, other in zip(*(bits(each.ravel()) for each in (found, wanted, wanted.T)), strict=True):
        assert own in (one, other)


# Patterns of known structures


def chain(terms: str, count: int) -> tuple[Tape, list[str]]:
    """A sum of terms in a, b and so on: each variable and those next to it."""
    names = [f"x{place}" for place in range(count)]
    letters = "abcdef"[: terms.count("{") and len(set(terms) & set("abcdef"))]
    lines = [f"input {', '.join(names)}", "s = 0"]
    for group in zip(*(names[place:] for place in range(len(letters))), strict=False):
        lines.append(f"s = s + {terms.format(**dict(zip(letters, group, strict=True)))}")
    return tape_of("\n".join(lines), **{name: 0.3 + 0.1 * place for place, name in enumerate(names)}), names


@pytest.mark.parametrize(
    ("terms", "number"), [("{a}^2", 1), ("({a} - {b}^2)^2", 3), ("{a} * {b} * {c} * {b}", 5), ("{a} + sin({b})", 1)]
)
def test_bands_of_hessians(terms: str, number: int) -> None:
    """A band of half-width k has 2k + 1 colours, the number of what stands in a row (Curtis, Powell and Reid 1974)."""
    tape, names = chain(terms, 12)
    coloured = hessian_colouring(tape, tape.bindings["s"], names)
    assert coloured.colouring.number == number
    assert not coloured.mirrored
    assert_same_hessian(tape, tape.bindings["s"], names)


def test_an_arrow_has_two_colours() -> None:
    """Gebremedhin, Manne and Pothen (2005), figure 6.1: by symmetry two products, of columns alone all of them."""
    names = [f"x{place}" for place in range(9)]
    terms = " + ".join(f"sin({name} * x0)" for name in names)
    tape = tape_of(f"input {', '.join(names)}\ns = {terms}", **dict.fromkeys(names, 0.7))
    coloured = hessian_colouring(tape, tape.bindings["s"], names)
    assert coloured.pattern.nonzeros == 9 + 2 * 8
    assert (coloured.colouring.number, coloured.mirrored) == (2, True)
    assert columns_coloured(coloured.pattern).number == 9
    assert_same_hessian(tape, tape.bindings["s"], names)


def test_stated_derivatives_are_not_mirrored() -> None:
    """Those of no function: the second derivatives by u and v are 1 and 2 v, whichever is asked for first."""
    names = [f"x{place}" for place in range(7)]
    terms = " + ".join(f"f(x0, {name})" for name in names[1:])
    text = f"input {', '.join(names)}\nrule f(u, v) = u * v with derivative v, u * v^2\ns = {terms}"
    tape = tape_of(text, **dict.fromkeys(names, 0.5))
    coloured = hessian_colouring(tape, tape.bindings["s"], names)
    assert (coloured.mirrored, coloured.colouring.number) == (False, 7)
    assert_same_hessian(tape, tape.bindings["s"], names)
    rows = second_derivatives(tape, tape.bindings["s"], names).rows
    assert (rows["x3"]["x0"], rows["x0"]["x3"], rows["x3"]["x3"]) == (1.0, 0.25, 0.5)


def test_a_root_has_to_do_with_what_its_equations_read() -> None:
    names = [f"x{place}" for place in range(7)]
    terms = " + ".join(f"{name} * {other}^2" for name, other in itertools.pairwise(names[3:]))
    text = f"input {', '.join(names)}\nsolve z from 1 in z^3 + z == x0 * x1 + 2\ns = z * x2 + {terms}"
    tape = tape_of(text, **{name: 0.4 + 0.1 * place for place, name in enumerate(names)})
    rows = hessian_pattern(tape, tape.bindings["s"], names).rows
    assert rows == [[0, 1, 2], [0, 1, 2], [0, 1], [4], [3, 4, 5], [4, 5, 6], [5, 6]]
    assert_same_hessian(tape, tape.bindings["s"], names)


def test_a_band_of_a_jacobian_has_as_many_colours_as_it_is_wide() -> None:
    tape = tape_of("input x[40]\nr = x[2:]^2 * x[1:-1] - x[:-2]", x=np.linspace(0.3, 2, 40))
    for mode in (None, *Mode):
        coloured = jacobian_colouring(tape, {"r": tape.bindings["r"]}, ["x"], mode)
        assert coloured.colouring.number == 3
        assert jacobian(tape, {"r": tape.bindings["r"]}, ["x"], mode).sweeps == 3


def test_broydens_tridiagonal_function() -> None:
    """More, Garbow and Hillstrom 30: a Jacobian of three diagonals. And 27, Brown's almost linear one, is dense."""
    text = """
        input x[n] = [-1, -1, -1, -1, -1, -1, -1]
        r = (3 - 2 * x) * x + 1 - concat([0], x[:-1]) - 2 * concat(x[1:], [0])
        b = x + sum(x) - 8
        output f = sum(r^2)"""
    tape = tape_of(text, x=-np.ones(7))
    pattern = jacobian_pattern(tape, [tape.bindings["r"]], ["x"])
    assert pattern.rows == [[column for column in range(7) if abs(column - row) < 2] for row in range(7)]
    assert jacobian(tape, {"r": tape.bindings["r"]}, ["x"]).sweeps == 3
    assert jacobian_pattern(tape, [tape.bindings["b"]], ["x"]).nonzeros == 49
    second = hessian_pattern(tape, tape.bindings["f"], ["x"])
    assert second.rows == [[column for column in range(7) if abs(column - row) < 3] for row in range(7)]


def test_what_is_linear_has_no_second_derivatives() -> None:
    text = "input x[6], y\noutput f = sum(diff(x)) + mean(cumsum(x)) + 3 * y - abs(y) + max(x[0], y) + sum(x') / 2"
    tape = tape_of(text, x=np.arange(6.0), y=2.5)
    assert hessian_pattern(tape, tape.bindings["f"], ["x", "y"]).nonzeros == 0
    assert second_derivatives(tape, tape.bindings["f"], ["x", "y"]).products == 0


def test_products_of_matrices_and_lanes() -> None:
    """Row by column: of A x each element has to do with its row; norms of rows with these."""
    text = "input A[4, 3], x[3]\nr = A @ x\noutput f = sum(norm(A, axis = 1)) + sum(exp(sum(A, axis = 0)))"
    tape = tape_of(text, A=np.arange(1.0, 13).reshape(4, 3), x=np.ones(3))
    rows = jacobian_pattern(tape, [tape.bindings["r"]], ["A", "x"]).rows
    assert rows == [[3 * row, 3 * row + 1, 3 * row + 2, 12, 13, 14] for row in range(4)]
    pattern = hessian_pattern(tape, tape.bindings["f"], ["A"])
    assert pattern.rows[4] == [1, 3, 4, 5, 7, 10]  # its row and its column


def test_too_large_sets_are_dense() -> None:
    """100 members for each entry are enough for bands; products of ever more are given up before they are a square."""
    names = [f"x{place}" for place in range(3_000)]
    lines = [f"input {', '.join(names)}", "s = 1", *(f"s = s * {name}" for name in names)]
    tape = tape_of("\n".join(lines), **dict.fromkeys(names, 1.0))
    assert hessian_pattern(tape, tape.bindings["s"], names).nonzeros == 3_000**2


# Colours


def random_pattern(seed: int, symmetric: bool) -> Pattern:
    draw = random.Random(seed)
    size = draw.randrange(1, 25)
    places = {(draw.randrange(size), draw.randrange(size)) for _ in range(draw.randrange(3 * size))}
    if symmetric:
        places |= {(column, row) for row, column in places}
    return Pattern([sorted(column for own, column in places if own == row) for row in range(size)], size)


@pytest.mark.parametrize("seed", range(60))
def test_columns_of_one_colour_have_no_common_row(seed: int) -> None:
    pattern = random_pattern(seed, symmetric=False)
    colours = columns_coloured(pattern).colours
    for row in pattern.rows:
        assert len({colours[column] for column in row}) == len(row)
    assert [column for column in range(pattern.width) if colours[column] == NONE] == [
        column for column, rows in enumerate(pattern.columns) if not rows
    ]


@pytest.mark.parametrize("seed", range(60))
def test_star_colourings_have_no_path_of_four_with_two_colours(seed: int) -> None:
    """The definition of a star colouring, tried with all paths."""
    pattern = random_pattern(seed, symmetric=True)
    colours = star_coloured(pattern).colours
    around = [[column for column in row if column != place] for place, row in enumerate(pattern.rows)]
    for first, neighbours in enumerate(around):
        for second in neighbours:
            assert colours[first] != colours[second]
            for third, fourth in ((a, b) for a in around[second] if a != first for b in around[a] if b != second):
                assert fourth == first or len({colours[place] for place in (first, second, third, fourth)}) > 2


# The same numbers


@pytest.mark.parametrize("path", mostly_slow(ALL_SAMPLES), ids=sample_name)
def test_samples_bit_for_bit(path: Path) -> None:
    run = load(str(path)).tape().run
    tape, names = run.tape, list(run.tape.inputs)
    for name in run.program.outputs:
        if type(tape.values[tape.bindings[name]]) is float and len(tape) * len(names) < 4_000:
            assert_same_hessian(tape, tape.bindings[name], names)


@randomly(40, random_programs())
def test_random_programs_bit_for_bit(program: RandomProgram) -> None:
    tape = execute(program_from(Source("t", program.text)), program.point)
    output, names = tape.bindings["f"], list(INPUTS)
    wanted = column_by_column(tape, output, names)
    assert_same_hessian(tape, output, names)
    products = Products(tape, output, names)
    for groups in ([[0], [1], [2]], [[0, 1, 2]]):
        one_by_one = [products.times(dict.fromkeys([names[place] for place in group], 1.0)) for group in groups]
        together = products.together(groups)
        assert together is None or list(map(bits, together)) == list(map(bits, one_by_one))  # type: ignore[arg-type]
    for row, name in zip(wanted, names, strict=True):
        times = hessian_times(tape, output, names)
        assert all(bits(times({name: 1.0}).values()) == bits(row) for _ in range(9))  # at first without a plan


@randomly(25, array_programs())
def test_random_array_programs_bit_for_bit(program: ArrayProgram) -> None:
    tape, names = execute(program_from(Source("t", program.text)), program.point), list(ARRAYS)
    assert_same_hessian(tape, tape.bindings["result"], names)
    outputs = {name: tape.bindings[name] for name in program_from(Source("t", program.text)).outputs}
    assert_same_jacobian(tape, outputs, names)


def assert_same_jacobian(tape: Tape, outputs: Mapping[str, int], names: Sequence[str]) -> None:
    tall = Components.of(tape, outputs)
    wide = Components.of(tape, {name: tape.inputs[name] for name in names})
    for mode, dense in ((Mode.FORWARD, jacobians._forward), (Mode.REVERSE, jacobians._reverse)):
        wanted = dense(tape, tall, wide)
        compressed = jacobians._compressed(tape, tall, wide, jacobian_colouring(tape, outputs, names, mode))
        for found in (jacobian(tape, outputs, names, mode), compressed):
            if found is not None:
                assert found.sweeps <= wanted.sweeps
                for output in outputs:
                    assert bits(wide.flat(found.rows[output])) == bits(wide.flat(wanted.rows[output]))


@pytest.mark.parametrize("seed", range(25))
def test_gaps_and_what_is_not_finite(seed: int) -> None:
    tape = execute(program_from(Source("t", gap_program(seed).text)), POINT)
    assert_same_hessian(tape, tape.bindings["f"], NAMES)
    assert_same_jacobian(tape, {"f": tape.bindings["f"]}, NAMES)


@pytest.mark.parametrize(
    "terms",
    ["sqrt({a}) * {b}", "exp(1000 * {a}) * {b}", "({a} * 1e-300) * ({b} * 1e-300)", "-0 * {a} * {b} + {b}^2 / 1e308",
     "abs({a} * {b})", "log({b} - {b}) * {a}", "{a}^1 * {b}^0", "where({a} > 0.5, {a} * {b}, {b}^3)"],
)  # fmt: skip
def test_edges_bit_for_bit(terms: str) -> None:
    tape, names = chain(terms, 7)
    for first in (0.0, 0.3):
        point = dict.fromkeys(names, 0.3) | {names[0]: first}
        tape = execute(program_from(tape.source), point)
        assert_same_hessian(tape, tape.bindings["s"], names)


# Every operation on arrays


def constant(tape: Tape, value: Any) -> int:
    return tape.append(CONSTANT, (), value, "", None)


@together("case", CASES, by=lambda case: case.row.name, every=2)
def test_patterns_of_operations(case: Case) -> None:
    """What is not 0 at the samples of a row stands in its pattern; of the second order as well."""
    tape = Tape(Source("t", ""))
    operands = []
    for place, value in enumerate(case.operands):
        varies = place in case.varied
        operands.append(tape.input(f"x{place}", value, Span(0, 0)) if varies else constant(tape, value))
    entry = tape.append(case.row, tuple(operands), case.row.function(*case.operands), "r", None)
    tape.arrays = True
    names = list(tape.inputs)
    if not names or not np.size(tape.values[entry]):
        return
    wide = Components.of(tape, tape.inputs)
    pattern = jacobian_pattern(tape, [entry], names)
    tall = Components.of(tape, {"r": entry})
    rows = jacobians._forward(tape, tall, wide).rows["r"]
    dense = np.hstack([np.reshape(rows[name], (tall.size, -1)) for name in names])
    assert {(row, column) for row, columns in enumerate(pattern.rows) for column in columns} >= set(
        map(tuple, np.argwhere(dense))
    )
    weights = np.random.default_rng(3).uniform(1, 2, np.shape(tape.values[entry]))
    weight = constant(tape, weights if weights.shape else float(weights))
    output = tape.append(MULTIPLICATION, (weight, entry), tape.values[weight] * tape.values[entry], None, None)
    if weights.shape:
        output = tape.append(along("sum", None), (output,), float(np.sum(tape.values[output])), None, None)
    if wide.size < 10:
        second = hessian_pattern(tape, output, names)
        for row, column in itertools.product(range(wide.size), repeat=2):
            assert (row in second.rows[column]) == (column in second.rows[row])
        for row, column in np.argwhere(column_by_column(tape, output, names)):
            assert column in second.rows[row]

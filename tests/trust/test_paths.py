"""Paths: their number by closed forms and by enumeration, the largest against all, and their sum against the sweep."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from adcli.derive.modes import gradient, gradient_magnitude
from adcli.program.check import program_from
from adcli.rules.local import partial
from adcli.syntax.source import Source
from adcli.tape.components import flattened, index_of, name_of
from adcli.tape.execute import execute
from adcli.tape.tape import Tape
from adcli.trust.path_search import all_paths, largest_paths
from adcli.trust.paths import Path, Paths, scaled_product

from ..conftest import randomly
from ..derive.array_programs import INPUTS as ARRAY_INPUTS
from ..derive.array_programs import ArrayProgram, array_programs
from ..derive.programs import INPUTS, RandomProgram, random_programs


def recorded(text: str, **point: Any) -> Tape:
    return execute(program_from(Source("t", text)), point)


def count_paths(tape: Tape, source: int, target: int, index: tuple[int, ...] = ()) -> int:
    return Paths(tape, target, [source]).count(source, index)


def paths(tape: Tape, source: int, target: int, index: tuple[int, ...] = ()) -> tuple[Path, ...]:
    """All paths from one entry to another, the largest first."""
    return tuple(all_paths(Paths(tape, target, [source]), source, index))


def ends(tape: Tape, output: str = "y", name: str = "x") -> tuple[Tape, int, int]:
    return tape, tape.inputs[name], tape.bindings[output]


@pytest.mark.parametrize("times", [1, 10, 1000, 20_000])
def test_doubling_has_two_to_the_n_paths(times: int) -> None:
    tape = recorded(f"input x\ny = x\nfor k = 1 to {times} {{\n    y = y + y\n}}\noutput y", x=1.0)
    assert count_paths(*ends(tape)) == 2**times


def test_fibonacci() -> None:
    text = "input x\na = x\nb = x\nfor k = 1 to 300 {\n    c = a + b\n    a = b * 1\n    b = c * 1\n}\noutput b"
    a, b = 1, 1
    for _ in range(300):
        a, b = b, a + b
    assert count_paths(*ends(recorded(text, x=1.0), "b")) == b


def test_an_operand_that_stands_twice_is_two_paths() -> None:
    tape = recorded("input x\noutput y = x * x", x=3.0)
    first, second = paths(*ends(tape))
    assert [first.product, second.product] == [3.0, 3.0]
    assert {first.steps[0].position, second.steps[0].position} == {0, 1}
    assert first.entries == (tape.inputs["x"], tape.bindings["y"])


def test_the_input_itself_is_one_path_of_no_steps() -> None:
    tape = recorded("input x\noutput y = x * x", x=3.0)
    entry = tape.inputs["x"]
    assert paths(tape, entry, entry) == (Path(entry, (), 1.0, 0.0),)
    assert count_paths(tape, entry, entry) == 1


def test_what_never_carries_anything_is_no_path() -> None:
    assert count_paths(*ends(recorded("input x\noutput y = floor(x) * x + sign(x)", x=3.5))) == 1
    assert count_paths(*ends(recorded("input x\nz = 2 * x\noutput y = 3", x=3.5))) == 0
    assert paths(*ends(recorded("input x\noutput y = round(x)", x=3.5))) == ()


def test_products_beyond_the_range_of_floats() -> None:
    text = "input x\noutput y = ((x * 1e-200) * 1e-200) * 1e300 + (x * 1e-300) * 1e-300"
    first, second = paths(*ends(recorded(text, x=1.0)))
    assert first.product == pytest.approx(1e-100, rel=1e-15)
    assert second.product == 0
    assert second.size == pytest.approx(-600 * math.log(10))
    assert scaled_product([1e-200, 1e-200, 1e300, 1e100]) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-12))
    assert scaled_product([1e300, -1e300]) == (-math.inf, pytest.approx(600 * math.log(10)))
    assert scaled_product([5e-324, 0.5, 2.0])[0] == 5e-324
    assert math.isnan(scaled_product([math.inf, 0.0])[0])


def test_the_largest_are_found_without_the_others() -> None:
    """Each of 300 factors is 0.9 or -0.5: the k largest products have none, one or two of the small ones."""
    text = "input x\ny = x\nfor k = 1 to 300 {\n    y = 0.9 * y - 0.5 * y\n}\noutput y"
    tape = recorded(text, x=1.0)
    tape_paths = Paths(tape, tape.bindings["y"], [tape.inputs["x"]])
    assert tape_paths.count(tape.inputs["x"]) == 2**300
    largest = largest_paths(tape_paths, tape.inputs["x"], 302)
    assert largest.exact
    products = [path.product for path in largest.paths]
    wanted = [0.9**300] + [0.9**299 * -0.5] * 300 + [0.9**298 * 0.25]
    assert products == pytest.approx(wanted, rel=1e-13)


def enumerated(tape: Tape, source: int, target: int) -> list[float]:
    """The product of each path, by walking all of them; ways that lead to other inputs may be far more."""
    leads = {source}
    for entry, operands in enumerate(tape.operands):
        if not leads.isdisjoint(operands):
            leads.add(entry)
    products: list[float] = []
    todo = [(target, 1.0)]
    while todo:
        entry, product = todo.pop()
        if entry == source:
            products.append(product)
        operation, operands = tape.operations[entry], tape.operands[entry]
        for position, operand in enumerate(operands):
            if operand in leads and operation.formulas(len(operands))[position] != "0":
                slope = partial(operation, position, tape.operand_values(entry), tape.values[entry])
                todo.append((operand, product * slope))
    return products


@randomly(80, random_programs())
def test_against_enumeration(program: RandomProgram) -> None:
    tape = execute(program_from(Source("t", program.text)), program.point)
    output = tape.bindings["f"]
    tape_paths = Paths(tape, output, [tape.inputs[name] for name in INPUTS])
    slopes, sizes = gradient(tape, output, INPUTS), gradient_magnitude(tape, {output: 1.0}, INPUTS)
    for name in INPUTS:
        source = tape.inputs[name]
        assert tape_paths.count(source) == count_paths(tape, source, output)
        if tape_paths.count(source) > 3000:
            continue
        products = sorted(map(abs, enumerated(tape, source, output)), reverse=True)
        assert len(products) == tape_paths.count(source)
        every = list(all_paths(tape_paths, source))
        assert math.fsum(path.product for path in every) == pytest.approx(slopes[name], abs=1e-12 * sizes[name])
        assert [abs(path.product) for path in every] == pytest.approx(products, rel=1e-11, abs=0)
        assert len({path.steps for path in every}) == len(every)
        for limit in (1, 2, 7):
            some = largest_paths(tape_paths, source, limit)
            assert some.exact
            assert [abs(path.product) for path in some.paths] == pytest.approx(products[:limit], rel=1e-11, abs=0)
        if every:
            assert tape_paths.size(source) == pytest.approx(every[0].size)
        for path in every[:20]:
            assert path.entries[0] == source and path.entries[-1] == output
            for before, step in zip(path.entries, path.steps, strict=False):
                assert tape.operands[step.entry][step.position] == before


@randomly(40, array_programs())
def test_through_arrays_they_sum_to_each_component(program: ArrayProgram) -> None:
    tape = execute(program_from(Source("t", program.text)), program.point)
    output = tape.bindings["result"]
    names = list(ARRAY_INPUTS)
    tape_paths = Paths(tape, output, [tape.inputs[name] for name in names])
    slopes = flattened(gradient(tape, output, names))
    sizes = flattened(gradient_magnitude(tape, {output: 1.0}, names))
    for label, slope in slopes.items():
        source, index = tape.inputs[name_of(label)], index_of(label)
        if tape_paths.count(source, index) > 300:
            continue
        largest = largest_paths(tape_paths, source, 1000, index)
        assert largest.exact
        assert len(largest.paths) == tape_paths.count(source, index)
        total = math.fsum(path.product for path in largest.paths)
        assert total == pytest.approx(slope, abs=1e-11 * (1 + sizes[label]))
        assert list(largest_paths(tape_paths, source, 3, index).paths) == list(largest.paths[:3])


def test_components_have_the_paths_that_reach_them() -> None:
    text = "input w[3]\nrow = w[1:]\noutput y = w[0] * w[1] + w[1] * row[1] + sin(w[0])"
    tape = recorded(text, w=np.array([2.0, 3.0, 5.0]))
    source, target = tape.inputs["w"], tape.bindings["y"]
    assert [path.product for path in paths(tape, source, target, index=(0,))] == [3.0, math.cos(2.0)]
    assert count_paths(tape, source, target, (0,)) == 2
    assert [path.product for path in paths(tape, source, target, index=(1,))] == [5.0, 2.0, 0.0]
    assert [path.product for path in paths(tape, source, target, index=(2,))] == [3.0]


def test_numbers_among_arrays_are_searched_exactly() -> None:
    text = "input w[2]\ny = w[0]\nfor k = 1 to 100 {\n    y = 0.9 * y - 0.5 * y\n}\noutput y = y + sum([1, 2])"
    tape = recorded(text, w=np.array([1.0, 2.0]))
    tape_paths = Paths(tape, tape.bindings["y"], [tape.inputs["w"]])
    assert tape_paths.count(tape.inputs["w"], (0,)) == 2**100
    largest = largest_paths(tape_paths, tape.inputs["w"], 3, (0,))
    assert largest.exact
    assert [path.product for path in largest.paths] == pytest.approx([0.9**100] + [-0.5 * 0.9**99] * 2)


def test_too_many_paths_through_arrays_are_searched_greedily() -> None:
    text = "input w[2]\nv = w\nfor k = 1 to 30 {\n    v = 0.9 * v - 0.5 * v\n}\noutput y = sum(v)"
    tape = recorded(text, w=np.array([1.0, 2.0]))
    tape_paths = Paths(tape, tape.bindings["y"], [tape.inputs["w"]])
    assert tape_paths.count(tape.inputs["w"], (0,)) == 2**30
    largest = largest_paths(tape_paths, tape.inputs["w"], 3, (0,))
    assert not largest.exact
    assert largest.paths[0].product == pytest.approx(0.9**30)


@pytest.mark.parametrize("text", ["sqrt(x^2) + x", "sqrt(x) * 0 + x"])
def test_what_is_not_finite_comes_first(text: str) -> None:
    first, second = paths(*ends(recorded(f"input x\noutput y = {text}", x=0.0)))
    assert math.isnan(first.product)
    assert second.product == 1.0


@pytest.mark.parametrize(("steps", "bits"), [(10_000, 6943), pytest.param(50_000, 34713, marks=pytest.mark.slow)])
def test_a_long_tape(steps: int, bits: int) -> None:
    text = f"input x\ny = x\nw = x\nfor k = 1 to {steps} {{\n    z = y\n    y = y + w * 0.3\n    w = z\n}}\noutput y"
    tape = recorded(text, x=1.0)
    assert len(tape) > 5 * steps
    tape_paths = Paths(tape, tape.bindings["y"], [tape.inputs["x"]])
    count = tape_paths.count(tape.inputs["x"])
    assert count.bit_length() == bits  # of the Fibonacci number steps + 2
    assert len(largest_paths(tape_paths, tape.inputs["x"], 5).paths) == 5

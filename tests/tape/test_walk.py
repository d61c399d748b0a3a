"""The fast lane and the walk, bit by bit; one walk with many carriers; what depends on what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adcli.api import load
from adcli.program.check import program_from
from adcli.program.program import Program
from adcli.rules.dispatch import shape_of
from adcli.syntax.source import Source
from adcli.tape.carriers import Adjoints, Magnitudes, magnitudes
from adcli.tape.contributions import contributions
from adcli.tape.domains import Operations, Tangents, push_forward
from adcli.tape.execute import execute
from adcli.tape.fast import sweep, sweep_entries
from adcli.tape.fast_moving import moving_sweep, push_numbers
from adcli.tape.ieee import quiet
from adcli.tape.inputs import resolve
from adcli.tape.moving import MovingAdjoints
from adcli.tape.reach import active_entries, dependents, entries_behind, longest_chain, reach_masks, varying_entries
from adcli.tape.record import record_sweep
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import backward, forward

from ..conftest import ROOT, randomly
from ..derive.array_programs import ArrayProgram, array_programs
from ..derive.programs import RandomProgram, random_programs

SAMPLES = sorted((ROOT / "samples").rglob("*.ad"))
_LONGEST = 20_000  # entries that the walk is held against: it takes its time


def sample_tape(path: Path) -> Tape:
    program = load(path).program
    point, _ = resolve(program, {})
    tape = execute(program, point)
    if len(tape) > _LONGEST:
        pytest.skip(f"{len(tape):,} entries")
    return tape


def seeds_of(tape: Tape, names: Sequence[str]) -> dict[int, Value]:
    """Numbers of all sizes and both signs as the adjoints that the outputs start with."""
    seeds: dict[int, Value] = {}
    for name in names:
        entry = tape.bindings[name]
        shape = shape_of(tape.values[entry])
        seeds[entry] = np.linspace(-1.5, 2.5, int(np.prod(shape))).reshape(shape) if shape else 0.7
    return seeds


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same to the last bit; a zero is one with either sign."""
    if left is None or right is None:
        return left is right
    return shape_of(left) == shape_of(right) and np.array_equal(left, right, equal_nan=True)


def assert_walk_is_fast_lane(tape: Tape, names: Sequence[str]) -> None:
    seeds, active = seeds_of(tape, names), active_entries(tape, list(tape.inputs.values()))
    with quiet(tape):
        walked = backward(tape, seeds, Adjoints(tape, active))
    assert all(map(same, walked, sweep(tape, seeds, active)))
    given_up = sweep(tape, seeds, active, keep=False)
    for entry in tape.inputs.values():  # sums may go in another order, as the arrays that were given up lie in memory
        assert (walked[entry] is None) == (given_up[entry] is None)
        if walked[entry] is not None:
            np.testing.assert_allclose(given_up[entry], walked[entry], rtol=1e-13, atol=1e-14)
    told: list[Value | None] = [None] * len(tape)
    for entry, seed in seeds.items():
        told[entry] = seed
    for addition in contributions(tape, seeds, active):
        assert same(addition.before, told[addition.target])
        told[addition.target] = addition.after
    assert all(map(same, walked, told))
    # in two parts, as between checkpoints
    middle = len(tape) // 2
    parts: list[Value | None] = [None] * len(tape)
    for entry, seed in seeds.items():
        parts[entry] = seed
    sweep_entries(tape, parts, active, range(len(tape) - 1, middle, -1))
    sweep_entries(tape, parts, active, range(middle, -1, -1))
    assert all(map(same, walked, parts))


def assert_moving_walks_are_fast_lanes(tape: Tape, name: str) -> None:
    """Tangents along a direction, and the adjoints with theirs, of a tape of numbers."""
    if tape.arrays:
        return
    for skipped in (None, next(iter(tape.inputs))):
        steps = {entry: 0.5 + place for place, (own, entry) in enumerate(tape.inputs.items()) if own != skipped}
        walked, fast = Tangents(tape, steps), Tangents(tape, steps)
        tangents = forward(tape, walked)
        push_numbers(tape, fast.carried, fast.apply)
        assert all(map(same, tangents, fast.carried))
        active = active_entries(tape, list(tape.inputs.values())[:2])
        carrier = MovingAdjoints(tape, active, fast.carried)
        moving = backward(tape, {tape.bindings[name]: (1.0, None)}, carrier)
        moved = moving_sweep(tape, tape.bindings[name], active, fast.carried, carrier)
        assert all(map(same, [None if pair is None else pair[1] for pair in moving], moved))


def assert_recorded_sweep_has_its_values(tape: Tape, name: str) -> None:
    start, inputs = tape.bindings[name], list(tape.inputs.values())
    if shape_of(tape.values[start]):
        return
    active = active_entries(tape, inputs)
    longer = tape.copy()
    adjoints = record_sweep(longer, {start: longer.constant("1", 1.0)}, active)
    numeric = sweep(tape, {start: 1.0}, active)
    for entry in inputs:
        assert (entry in adjoints) == (numeric[entry] is not None)
        if entry in adjoints:
            np.testing.assert_allclose(longer.values[adjoints[entry]], numeric[entry], rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_fast_lane_is_the_walk_on_every_sample(path: Path) -> None:
    tape = sample_tape(path)
    assert_walk_is_fast_lane(tape, load(path).program.outputs)
    assert_moving_walks_are_fast_lanes(tape, load(path).program.outputs[0])


@randomly(60, random_programs())
def test_the_fast_lane_is_the_walk_on_random_programs(case: RandomProgram) -> None:
    program = program_from(Source("random", case.text))
    tape = execute(program, case.point)
    assert_walk_is_fast_lane(tape, program.outputs)
    assert_moving_walks_are_fast_lanes(tape, program.outputs[0])
    assert_recorded_sweep_has_its_values(tape, program.outputs[0])


@randomly(60, array_programs())
def test_the_fast_lane_is_the_walk_on_random_programs_of_arrays(case: ArrayProgram) -> None:
    program = program_from(Source("random", case.text))
    point, _ = resolve(program, case.point)
    tape = execute(program, point)
    assert_walk_is_fast_lane(tape, program.outputs)
    assert_recorded_sweep_has_its_values(tape, program.outputs[0])


@randomly(60, array_programs())
def test_operations_once_more_give_the_same_values(case: ArrayProgram) -> None:
    program = program_from(Source("random", case.text))
    point, _ = resolve(program, case.point)
    tape = execute(program, point)
    leaves = [None if operands else value for operands, value in zip(tape.operands, tape.values, strict=True)]
    with quiet(tape):
        values = forward(tape, Operations(leaves, [operation.function for operation in tape.operations]))
    assert all(map(same, values, tape.values))


def run(text: str, **point: Value) -> Tape:
    return execute(program_of(text), point)


def program_of(text: str) -> Program:
    return program_from(Source("t", text))


def test_magnitudes_are_what_nothing_cancels_in() -> None:
    tape = run("input x\ny = 3 * x - 5 * x", x=2.0)
    active = active_entries(tape, [0])
    assert magnitudes(tape, {tape.bindings["y"]: -1.0}, active)[0] == 8.0
    assert backward(tape, {tape.bindings["y"]: 1.0}, Magnitudes(tape, active))[0] == 8.0


class Paths:
    """The carrier of architecture.md's last example: how many ways there are."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def terms(self, entry: int, count: int) -> list[tuple[int, int]]:
        return [(operand, count) for operand in self.tape.operands[entry]]

    def add(self, target: int, before: int | None, count: int) -> int:
        return (before or 0) + count


def test_a_new_carrier_is_a_few_lines() -> None:
    tape = run("input x\nfor k = 1 to 100 { x = x * x }\noutput x", x=1.0)
    assert backward(tape, {tape.bindings["x"]: 1}, Paths(tape))[tape.inputs["x"]] == 2**100


def test_tangents_that_are_zero_by_structure_are_none() -> None:
    tape = run("input x, y\na = sin(y)\nb = a * x", x=1.0, y=2.0)
    tangents = forward(tape, Tangents(tape, {tape.inputs["x"]: 1.0}))
    assert tangents[tape.bindings["a"]] is None
    assert tangents[tape.bindings["b"]] == tape.values[tape.bindings["a"]]
    assert list(push_forward(tape, {tape.inputs["x"]: 1.0})) == list(tangents)


# What depends on what


def names_where(tape: Tape, mask: Sequence[object]) -> set[str]:
    return {name for name, entry in tape.bindings.items() if mask[entry]}


def test_active_is_what_has_a_derivative() -> None:
    tape = run("input x, y\na = x + 1\nb = 2 * y\nc = a * b\nd = 3", x=1.0, y=2.0)
    assert names_where(tape, active_entries(tape, [tape.inputs["x"]])) == {"x", "a", "c"}


def test_a_size_and_a_subscript_are_passive_and_varying() -> None:
    tape = run("input w[3], i\nn = length(w)\nm = n * 2\ns = w[i]", w=np.ones(3), i=1.0)
    inputs = list(tape.inputs.values())
    assert names_where(tape, active_entries(tape, inputs)) == {"w", "i", "s"}
    assert names_where(tape, active_entries(tape, [tape.inputs["i"]])) == {"i"}
    assert names_where(tape, varying_entries(tape, inputs)) == {"w", "i", "n", "m", "s"}


def test_a_computed_entry_may_be_chosen() -> None:
    """As a value that is varied as if it were an input."""
    tape = run("input x\na = 2 * 3\nb = a + 1\nc = sum([b, 1])\nd = 5", x=1.0)
    chosen = tape.bindings["a"]
    assert names_where(tape, active_entries(tape, [chosen])) == {"a", "b", "c"}


def test_behind_and_dependents() -> None:
    tape = run("input x, y\na = x + 1\nb = a * y\nc = y^2", x=1.0, y=2.0)
    b, last = tape.bindings["b"], len(tape) - 1
    assert names_where(tape, entries_behind(tape, [b])) == {"x", "y", "a", "b"}
    assert names_where(tape, [entry in dependents(tape, tape.inputs["x"], last) for entry in range(len(tape))]) == {
        "x", "a", "b",
    }  # fmt: skip
    masks = reach_masks(tape, list(tape.inputs.values()))
    assert [masks[tape.bindings[name]] for name in "abc"] == [0b01, 0b11, 0b10]
    assert longest_chain(tape, b) == 3


def brute_force(tape: Tape, source: int, counts: Callable[[int], Sequence[int]]) -> list[bool]:
    """Whether each entry depends on another, from the definition."""
    reached = {source}
    for entry, operands in enumerate(tape.operands):
        if any(operands[position] in reached for position in counts(entry)):
            reached.add(entry)
    return [entry in reached for entry in range(len(tape))]


@randomly(40, array_programs())
def test_reachability_from_the_definition(case: ArrayProgram) -> None:
    from adcli.tape.reach import varied_operands

    program = program_from(Source("random", case.text))
    point, _ = resolve(program, case.point)
    tape = execute(program, point)
    every: Mapping[str, int] = tape.inputs
    for source in every.values():
        assert active_entries(tape, [source]) == brute_force(tape, source, lambda entry: varied_operands(tape, entry))
        everything = brute_force(tape, source, lambda entry: range(len(tape.operands[entry])))
        assert varying_entries(tape, [source]) == everything
        assert [entry in dependents(tape, source, len(tape) - 1) for entry in range(len(tape))] == everything

"""Second derivatives in the engine: the bits of forward over reverse in Python, wherever the engine has a number."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

import adcli
from adcli.derive.hessians import SecondDerivatives, hessian_times, second_derivatives
from adcli.derive.known import KnownColourings
from adcli.derive.modes import adjoints_of, hessian_product
from adcli.derive.sparsity import Pattern
from adcli.native import library, products, runs
from adcli.native.runs import Plans, tape_by_plan
from adcli.program.program import Program
from adcli.tape.execute import execute
from adcli.tape.limits import LIMITS
from adcli.tape.tape import Tape

from ..conftest import randomly
from ..derive.programs import INPUTS, RandomProgram, random_programs

pytestmark = pytest.mark.usefixtures("at_once")

Point = dict[str, float]
CHAIN = "input {}\ns = 0\n{}\noutput s"


def chain(count: int) -> str:
    """Rosenbrock's function of so many numbers, whose Hessian has a band of three."""
    names = [f"x{place}" for place in range(count)]
    terms = [f"s = s + 100 * ({b} - {a}^2)^2 + (1 - {a})^2" for a, b in itertools.pairwise(names)]
    return CHAIN.format(", ".join(names), "\n".join(terms))


def tapes(program: Program, point: Point, plans: Plans) -> tuple[Tape, Tape]:
    """The tape of a plan, if there is one by now, and that of the interpreter."""
    return tape_by_plan(program, point, LIMITS, plans), execute(program, point)


def planned(text: str, point: Point) -> tuple[Tape, Tape]:
    """The tape of the engine, and that of the interpreter."""
    program, plans = adcli.parse(text).program, dict[Any, Any]()
    tape_by_plan(program, point, LIMITS, plans)
    tape, expected = tapes(program, point, plans)
    assert tape.plan is not None
    return tape, expected


def by_engine(tape: Tape, of: str, wrt: list[str]) -> Any:
    """What the plan of a tape gives products with; None where it has not all rules."""
    assert tape.plan is not None
    return tape.plan.hessian(tape, tape.bindings[of], wrt, wrt)


def held(tape: Tape, expected: Tape, of: str, wrt: list[str]) -> bool:
    """Hold second derivatives against Python's; whether the engine had a number for all of them."""
    output = expected.bindings[of]
    own, other = (second_derivatives(each, output, wrt) for each in (tape, expected))
    assert repr(own.rows) == repr(other.rows)
    assert own.products == other.products
    direction = {name: 0.25 + place for place, name in enumerate(expected.inputs)}
    own_product, other_product = (hessian_product(each, output, direction, wrt) for each in (tape, expected))
    assert repr(own_product) == repr(other_product)
    found = None if tape.plan is None else by_engine(tape, of, wrt)
    return found is not None and found.times(dict.fromkeys(wrt, 1.0)) is not None


@randomly(40, random_programs())
def test_random_programs_have_the_bits_of_python(random: RandomProgram) -> None:
    program, plans = adcli.parse(random.text).program, dict[Any, Any]()
    for shift in (0.0, 1e-3, -2e-3, 0.7):
        point = {name: random.point[name] + shift for name in INPUTS}
        tape, expected = tapes(program, point, plans)
        for wrt in (["x", "y", "z"], ["y"]):
            held(tape, expected, program.outputs[0], wrt)


EDGES = (
    "x^0", "x^y", "x^2 * y", "x^1 + y^3", "(x*y)^0.5", "x^1.5", "sqrt(x) * y", "sqrt(x^2 + y^2)", "hypot(x, y)",
    "abs(x) * y", "max(x, y)", "max(x, y, 0)", "log(x) * y", "x / y", "exp(x) * y", "1 / (1 + exp(x))", "atan2(y, x)",
    "where(x > 0, sqrt(x), y)", "x * y * 1e200 * x", "sin(1 / y) * 0 + x", "cbrt(x)", "asin(x)", "x * y - y * x",
    "fma(x, y, x)", "clip(x, y, 1)", "mod(x, y)", "x^2 * 1e308 * y", "tanh(x * 1e200)", "sigmoid(x) * softplus(y)",
)  # fmt: skip


@pytest.mark.parametrize("text", EDGES)
def test_edges_are_those_of_python(text: str) -> None:
    program = adcli.parse(f"input x, y\nz = {text}\noutput z").program
    numbers = (0.0, -0.0, 1.0, -1.0, 0.5, 5e-324, 1e-300, 1e300, -1e300, 709.0, 2.0)
    plans = dict[Any, Any]()
    tapes(program, {"x": 0.25, "y": 0.75}, plans)
    points = [{"x": x, "y": y} for x in numbers for y in numbers[:6]]
    found = [held(*tapes(program, point, plans), "z", ["x", "y"]) for point in points]
    assert any(found)


def test_the_engine_has_a_number_where_all_are_finite() -> None:
    assert held(*planned("input x, y\nz = x\nfor k = 1 to 20 { z = sin(z) * y + z^2 / k }\noutput z",
                         {"x": 0.3, "y": 0.5}), "z", ["x", "y"])  # fmt: skip


@pytest.mark.parametrize("count", [5, 6, 9, 40])
def test_colours_share_products(count: int) -> None:
    point = {f"x{place}": 0.5 - 0.125 * place for place in range(count)}
    tape, expected = planned(chain(count), point)
    assert held(tape, expected, "s", list(point))
    assert second_derivatives(tape, tape.bindings["s"], list(point)).products == 3


def test_many_directions_come_in_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"x{place}" for place in range(11)]
    text = CHAIN.format(", ".join(names), f"s = sin({' + '.join(names)}) * {' * '.join(names)}")
    tape, expected = planned(text, {name: 0.9 + 0.01 * place for place, name in enumerate(names)})
    every = [[place] for place in range(11)]
    whole = by_engine(tape, "s", names).together(every)
    assert whole == second_derivatives(expected, expected.bindings["s"], names).numbers
    monkeypatch.setattr(products, "_MOST_NUMBERS", 1)
    assert by_engine(tape, "s", names).together(every) == whole
    assert by_engine(tape, "s", names).together([[0, 1], [2]]) == [
        [*hessian_product(expected, expected.bindings["s"], dict.fromkeys(group, 1.0), names).values()]
        for group in (("x0", "x1"), ("x2",))
    ]


def test_directions_along_other_inputs() -> None:
    tape, expected = planned("input x, y\nz = x^2 * y^3 + sin(x * y)\noutput z", {"x": 0.3, "y": 0.5})
    for wrt, direction in ((["x"], {"y": 2.0}), (["x"], {"x": 1.0, "y": 2.0}), (["y", "x"], {"x": -1.0}), (["y"], {})):
        own, other = (hessian_product(each, each.bindings["z"], direction, wrt) for each in (tape, expected))
        assert repr(own) == repr(other)
        times = hessian_times(tape, tape.bindings["z"], wrt)
        assert all(repr(times(direction)) == repr(other) for _ in range(10))  # none of which makes a plan


def test_a_row_without_its_second_derivative_is_pythons() -> None:
    tape, expected = planned("input x, y\nz = lgamma(x) * y\noutput z", {"x": 2.5, "y": 0.5})
    assert by_engine(tape, "z", ["x", "y"]) is None
    assert not held(tape, expected, "z", ["x", "y"])


def test_no_inputs_have_no_second_derivatives() -> None:
    tape, expected = planned("input x\nz = x^2\noutput z", {"x": 2.5})
    assert not held(tape, expected, "z", [])


def test_arrays_are_the_recorded_sweeps() -> None:
    program, plans = adcli.parse("input x[3]\ny = 0\nfor i = 0 to 2 { y = y + x[i]^3 }\noutput y"), dict[Any, Any]()
    point = program.at({"x": [1.0, 2.0, 3.0]}).point
    tape_by_plan(program.program, point, LIMITS, plans)
    tape, expected = tapes(program.program, dict(point), plans)
    assert tape.plan is not None and by_engine(tape, "y", ["x"]) is None
    own, other = (second_derivatives(each, each.bindings["y"], ["x"]).numbers for each in (tape, expected))
    assert repr(own) == repr(other)


def test_a_colouring_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    program, known, asked = adcli.parse(chain(9)).program, KnownColourings(), list[Pattern]()
    from adcli.derive import hessians

    pattern = hessians.hessian_pattern
    monkeypatch.setattr(hessians, "hessian_pattern", lambda *args: asked.append(made := pattern(*args)) or made)
    plans, names = dict[Any, Any](), [f"x{place}" for place in range(9)]
    for number in (0.1, 0.2, 0.3, 0.4):
        tape = tape_by_plan(program, dict.fromkeys(names, number), LIMITS, plans)
        second_derivatives(tape, tape.bindings["s"], names, known)
    assert len(asked) == 1 and tape.plan is not None
    second_derivatives(execute(program, dict.fromkeys(names, 0.5)), tape.bindings["s"], names, known)
    assert len(asked) == 1


# What uses it


def test_later_hessians_of_a_program_are_the_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    program, point = adcli.parse(chain(9)), {f"x{place}": 0.5 for place in range(9)}
    first = program.hessian(point)
    monkeypatch.setattr(SecondDerivatives, "_product", None)  # of Python
    later = program.hessian(point)
    assert (later.hessian, later.asymmetry, later.computed) == (first.hessian, first.asymmetry, first.computed)
    assert later.kinks == first.kinks


@pytest.mark.parametrize("mode", [None, "reverse-over-forward", "reverse-over-reverse"])
def test_products_of_a_program(mode: str | None) -> None:
    program, point = adcli.parse(chain(5)), {f"x{place}": 0.5 for place in range(5)}
    found = [program.hvp(point, dot={"x1": 1.0}, mode=mode) for _ in range(3)]
    assert found[0].product == found[1].product == found[2].product


@pytest.mark.parametrize("text", ["abs(x)^3 * y", "max(x, y)^2", "x^1.5 * y", "abs(x) * x", "relu(x)^2 + y^2"])
def test_kinks_are_told_as_at_first(text: str) -> None:
    program = adcli.parse(f"input x, y\noutput z = {text}")
    for point in ({"x": 0.0, "y": 0.0}, {"x": 0.5, "y": 0.5}):
        first, *later = (program.hessian(point, check=True).to_dict() for _ in range(3))
        assert later == [first, first]


def test_newton_takes_the_same_steps_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    point = {f"x{place}": -0.5 for place in range(6)}
    by_engine = adcli.parse(chain(6)).minimize(point, method="newton")
    monkeypatch.setattr(runs, "LONG", 10**9)
    by_python = adcli.parse(chain(6)).minimize(point, method="newton")
    assert by_engine.solution == by_python.solution
    assert by_engine.counts == by_python.counts


def test_a_function_of_second_order_that_is_too_long_for_python(monkeypatch: pytest.MonkeyPatch) -> None:
    from adcli.jobs import branches, function

    monkeypatch.setattr(branches, "LONGEST", 1)
    monkeypatch.setattr(function, "LONGEST", 1)
    program, point = adcli.parse(chain(6)), [0.1 * place for place in range(6)]
    found = program.function(order=2)
    first = found(*point)
    expected = program.hessian({f"x{place}": number for place, number in enumerate(point)}).hessian["s"]
    monkeypatch.setattr(SecondDerivatives, "_product", None)  # of Python
    assert found(*point) == first
    assert first[2] == tuple(tuple(row.values()) for row in expected.values())


@pytest.mark.usefixtures("anew")
def test_all_is_the_same_without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    point = {f"x{place}": 0.5 for place in range(9)}
    expected = [adcli.parse(chain(9)).hessian(point).hessian for _ in range(2)]
    monkeypatch.setenv(library.WITHOUT, "0")
    library.forget_engine()
    program = adcli.parse(chain(9))
    assert [program.hessian(point).hessian for _ in range(2)] == expected


@pytest.mark.parametrize(
    ("text", "kinked"),
    [("x^2", 0), ("x^-1", 0), ("x^0.5", 1), ("x^(1 / 3)", 1), ("x^y", 1), ("abs(x)^2", 1), ("y^0 + x^1", 0)],
)
def test_only_what_may_come_to_a_kink_is_looked_at(text: str, kinked: int) -> None:
    tape, _ = planned(f"input x, y\noutput z = {text}", {"x": 1.5, "y": 0.5})
    assert tape.plan is not None and len(tape.plan.kinked) == kinked


def test_other_values_are_no_plans() -> None:
    """As at the points beside one, to which differences of gradients go."""
    tape, _ = planned("input x\noutput z = x^3", {"x": 1.5})
    values = [2.0 if entry in tape.inputs.values() else value for entry, value in enumerate(tape.values)]
    values[tape.bindings["z"]] = 8.0
    other = tape.with_values(values)
    assert hessian_product(other, other.bindings["z"], {"x": 1.0}, ["x"]) == {"x": 12.0}
    assert adjoints_of(other, {other.bindings["z"]: 1.0}, ["x"]) == {"x": 12.0}


@pytest.mark.usefixtures("anew")
def test_it_is_compiled_when_many_were_asked_for(
    engine: library.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then second derivatives are Python's, and gradients the engine's."""
    monkeypatch.setattr(library, "_loaded", {"engine": engine})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tape, expected = planned("input x, y\noutput z = x^3 * sin(y)", {"x": 1.5, "y": 0.5})
    assert by_engine(tape, "z", ["x"]) is None
    assert hessian_product(tape, tape.bindings["z"], {"x": 1.0}, ["x"]) == hessian_product(
        expected, expected.bindings["z"], {"x": 1.0}, ["x"]
    )
    asked = []
    monkeypatch.setattr(runs, "product_engine", asked.append)
    monkeypatch.setattr(runs, "COMPILES_FROM", 12 * len(tape))
    by_engine(tape, "z", ["x"]), by_engine(tape, "z", ["x"])
    assert asked == [False, True]

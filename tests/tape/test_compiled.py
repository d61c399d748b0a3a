"""Runs by a plan: the same numbers, warnings and errors as the interpreter's."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from adcli.api import DifferentiableProgram, load, parse
from adcli.derive.modes import adjoints_of
from adcli.errors import AdError
from adcli.native import runs
from adcli.tape import compiled, compiled_lines
from adcli.tape.execute import execute

from ..conftest import ROOT, randomly
from ..derive.array_programs import INPUTS, ArrayProgram, array_programs, shaped

LINES = """
input X[n, d], w[d], y[n]
r = X @ w - y
p = exp(-r^2 / 2) / (1 + 0.5 * w[0]^2)
q = [sum(p), mean(r), logsumexp(r), norm(w)]
q[1] = q[0] * q[2]
output L = sum(q) + n * log(sum(X^2, axis = 1) @ softmax(p))
output M = sum(p * r)
"""


def point(seed: int, n: int = 5, d: int = 3) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    return {"X": generator.normal(size=(n, d)), "w": generator.normal(size=d), "y": generator.normal(size=n)}


@pytest.fixture
def ordinary(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The points of the runs that the interpreter makes."""
    points: list[Any] = []
    execute = runs.execute

    def noted(program: Any, point: Any, *more: Any, **named: Any) -> Any:
        points.append(point)
        return execute(program, point, *more, **named)

    monkeypatch.setattr(runs, "execute", noted)
    yield points


def plan(program: DifferentiableProgram) -> compiled.Plan:
    """The plan of the runs of a program, all of whose inputs had the same shapes."""
    (own,) = program._earlier.plans.values()
    assert own.of_arrays is not None
    return own.of_arrays


def said(program: DifferentiableProgram, at: Any, **options: Any) -> Any:
    """All that a gradient says: its numbers bit by bit, its warnings, or its error."""
    try:
        report = program.gradient(at, difference="none", **options)
    except AdError as error:
        return [(problem.code, problem.message, problem.span, problem.note) for problem in error.problems]
    numbers = {name: bits(value) for name, value in report.outputs.items()}
    slopes = {of: {name: bits(value) for name, value in own.items()} for of, own in report.gradient.items()}
    return numbers, slopes, report.warnings


def bits(value: Any) -> Any:
    """The type and the bits of a value. A NaN is one with either sign: which it has, no arithmetic promises."""
    return type(value), np.shape(value), np.where(np.isnan(value), np.nan, value).tobytes()


def test_later_runs_need_no_interpreter(ordinary: list[Any]) -> None:
    program = parse(LINES)
    found = [said(program, point(seed)) for seed in range(4)]
    assert len(ordinary) == 1
    assert found == [said(parse(LINES), point(seed)) for seed in range(4)]


@pytest.mark.parametrize("wrt", ["w", "X,y", None])
def test_any_inputs_may_be_chosen(wrt: str | None) -> None:
    program = parse(LINES)
    said(program, point(0))
    assert said(program, point(1), wrt=wrt) == said(parse(LINES), point(1), wrt=wrt)


def test_each_shape_has_a_plan_of_its_own(ordinary: list[Any]) -> None:
    program = parse(LINES)
    sizes = [2, 7, 2, 7, 2]
    found = [said(program, point(seed, n)) for seed, n in enumerate(sizes)]
    assert len(ordinary) == 2
    assert found == [said(parse(LINES), point(seed, n)) for seed, n in enumerate(sizes)]


def test_plans_do_not_become_ever_more() -> None:
    program = parse("input x[n]\noutput y = sum(x^2)")
    for n in range(1, 30):
        program.gradient(x=np.ones(n), difference="none")
    assert len(program._earlier.plans) <= runs._MOST_PLANS


def test_sweeps_do_not_become_ever_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_MOST_SWEEPS", 2)
    program = parse(LINES)
    said(program, point(0))
    for wrt in ("w", "X,y", "y", "X", "w"):
        assert said(program, point(1), wrt=wrt) == said(parse(LINES), point(1), wrt=wrt)
    assert len(plan(program)._sweeps) <= 2


def test_nothing_that_was_given_or_said_changes() -> None:
    program = parse(LINES)
    first, given_now = program.gradient(point(0), difference="none"), point(1)
    kept = {name: bits(value) for name, value in first.gradient["L"].items()}
    second = program.gradient(given_now, difference="none")
    assert {name: bits(value) for name, value in first.gradient["L"].items()} == kept
    assert {name: bits(value) for name, value in second.inputs.items()} == {
        name: bits(value) for name, value in point(1).items()
    }
    assert {name: bits(value) for name, value in given_now.items()} == {
        name: bits(value) for name, value in point(1).items()
    }


@pytest.mark.parametrize(
    ("text", "usual", "other"),
    [
        ("input x[n]\noutput y = sum(exp(x))", [1.0, 2.0], [1.0, 1000.0]),  # too large
        ("input x[n]\noutput y = sum(log(x))", [1.0, 2.0], [1.0, -1.0]),  # outside the domain
        ("input x[n]\ns = sum(x)\noutput y = sum(x) * log(s) / s", [1.0, 2.0], [1.0, -1.0]),  # of a number
        ("input x[n]\noutput y = sum(sqrt(x))", [1.0, 2.0], [0.0, 4.0]),  # of the derivative alone
        ("input x[n]\noutput y = norm(x - 1)", [1.0, 2.0], [1.0, 1.0]),  # at an edge
        ("input x[n]\noutput y = sum(x^[0, 2])", [1.0, 2.0], [0.0, 2.0]),  # at one that constants tell
        ("input x[n]\nA = [x, [1, 1]]\noutput y = sum(inv(A))", [1.0, 2.0], [3.0, 3.0]),  # singular
        ("input x[n]\noutput y = sum(x[x[0]:]^2)", [0.0, 2.0], [1.0, 2.0]),  # another slice
        ("input x[n]\noutput y = x[x[0]] * 2", [0.0, 2.0], [1.0, 2.0]),  # another element
        ("input x[n]\noutput y = x[x[0]] * 2", [0.0, 2.0], [0.5, 2.0]),  # none at all
        ("input x[n]\noutput y = sum(ones(x[0])) * x[1]", [1.0, 2.0], [3.0, 2.0]),  # another size
        ("input x[n]\nif x[0] > 1.5 {\n    x = x^2\n}\noutput y = sum(x)", [1.0, 2.0], [2.0, 2.0]),
        ("input x[n]\noutput y = sum(where(x > 1.5, log(x), x))", [1.0, 2.0], [-1.0, 2.0]),
        ("input x[n]\ny = x\nfor k = 1 to 3 {\n    y = sin(y) * x\n}\noutput z = sum(y)", [1.0, 2.0], [-1.0, 2.0]),
        ("input x[n] in [0, 3]\noutput y = sum(x * x)", [1.0, 2.0], [1.0, 5.0]),  # a warning of the input
    ],
)
def test_what_comes_out_otherwise_is_said_as_ever(text: str, usual: list[float], other: list[float]) -> None:
    program = parse(text)
    for values in (usual, other, usual, other):
        at = {"x": np.array(values)}
        assert said(program, at) == said(parse(text), at)


def test_a_smaller_limit_holds() -> None:
    program = parse(LINES)
    said(program, point(0))
    program.max_entries = 5
    with pytest.raises(AdError, match="limit of 5 entries"):
        program.gradient(point(0), difference="none")


def test_a_component_can_still_be_asked_for() -> None:
    program = parse(LINES)
    said(program, point(0))
    assert said(program, point(1), of="q[2]") == said(parse(LINES), point(1), of="q[2]")


@pytest.mark.parametrize("path", sorted(ROOT.glob("samples/*.ad")), ids=lambda path: path.stem)
def test_samples(path: Any) -> None:
    program = load(str(path))
    once = said(program, {})
    assert said(program, {}) == once


@randomly(60, array_programs(), st.integers(0, 2**32 - 1))
def test_random_programs(written: ArrayProgram, seed: int) -> None:
    program = parse(written.text)
    said(program, written.point)
    generator = np.random.default_rng(seed)
    other = {name: shaped(list(generator.uniform(-2, 2, int(np.prod(shape)))), shape) for name, shape in INPUTS.items()}
    assert said(program, other) == said(parse(written.text), other)
    assert said(program, written.point) == said(parse(written.text), written.point)


HEAT = """
input U[n, m], c
before = U
for k = 1 to 4 {
    V = U
    V[1:-1, 1:-1] = 2 * U[1:-1, 1:-1] - before[1:-1, 1:-1] + c * (U[2:, 1:-1] - U[:-2, 1:-1])
    before = U
    U = V
}
output L = sum(U^2) - sum(before[0] * U[-1])
"""


@pytest.mark.parametrize(
    "text",
    [
        HEAT,
        "input x[n]\nfor k = 1 to 3 {\n    x[1:] = -(2 * x[:-1] - x[1:])\n}\noutput L = sum(x)",
        "input x[n]\nold = x\nx[1:-1] = sin(old[2:]) - old[:-2]\noutput L = sum(old * x) - x[0]",
        "input x[n]\na = -x\na[1:] = a[1:] * x[0]\na[:-1] = x[1:]\noutput L = a @ x - sum(a)",
        "input x[n]\na = x\na[1:] = 2\nb = a\nb[:-1] = 1 - b[1:]\noutput L = sum(a - b) * sum(b)",
        "input x[n]\na = exp(x)\na[:] = -sum(a) - a\na[0] = -a[-1]\noutput L = sum(a * x)",
        "input x[n]\na = exp(x)\na[::2] = -a[::2]\na[n - 1] = x[0]\noutput L = -sum(a^2)",
        "input x[n]\nH = zeros(n, n)\nfor k = 0 to n - 1 {\n    H[k] = x - H[k - 1]\n}\noutput L = -sum(H^2)",
        "input x[n]\na = x\nwhile n < 2 {\n    a = 1\n}\noutput L = -a @ -x",
        "def f(u) {\n    u[1:] = -u[:-1]\n    return u * u[0]\n}\ninput x[n]\noutput L = sum(f(f(x)) - x)",
        "input x[n]\na = x\na[1:] = 2\nb = x\nb[:-1] = 3\noutput L = sum(a) - sum(b)",
        "input x[n]\nz = sin(x)\na = x\na[1:] = 2\nc = x + z\noutput L = sum(c^2) + sum(a)",
        "input x[n]\nx[1:] = 2\noutput L = -sum(x)",
        "input x[n]\ns = -(1 - sum(x))\nt = s - x[0]\noutput L = (t - s * x) @ (s - x) - s - t\noutput M = -s",
        "input x[n]\na = x\na[1:] = x[:-1]\nb = a - x\na[2:] = b[2:]\nb[:-1] = a[1:]\noutput L = sum(a) - sum(b^2)",
    ],
)
def test_loops_parts_and_signs(ordinary: list[Any], text: str) -> None:
    """Adjoints that are kept with the other sign, and those of arrays that were mostly overwritten."""
    program = parse(text)
    points = [{"U": np.linspace(-1, 2, 30).reshape(5, 6) + shift, "c": 0.3 - shift} for shift in (0.0, 0.4, -0.1)]
    if "input x[n]" in text:
        points = [{"x": one["U"][0]} for one in points]
    found = [said(program, at) for at in points]
    assert len(ordinary) == 1
    assert found == [said(parse(text), at) for at in points]


def test_a_decision_that_inputs_can_change_is_the_interpreters(ordinary: list[Any]) -> None:
    program = parse("input x[n]\nfor k = 1 to x[0] {\n    x = x * 1.1\n}\noutput L = sum(x)")
    for first in (2.0, 3.0, 2.0):
        assert said(program, {"x": np.array([first, 1.0])})[0]
    assert len(ordinary) == 3


def test_a_long_program_is_written_out_when_it_has_run_a_few_times(ordinary: list[Any]) -> None:
    text = "input x[n]\nfor k = 1 to 700 {\n    x[1:] = x[1:] - 0.01 * x[:-1]\n}\noutput L = sum(x)"
    program = parse(text)
    points = [{"x": np.linspace(0, shift, 5)} for shift in range(1, 8)]
    found = [said(program, at) for at in points]
    assert 3 <= len(ordinary) <= 6
    assert found == [said(parse(text), at) for at in points]


def test_sweeps_from_many_outputs_are_written_out_when_the_program_has_run_a_few_times(ordinary: list[Any]) -> None:
    outputs = "\n".join(f"output o{k} = sum(x) * {k}" for k in range(40))
    program = parse(f"input x[n]\nfor k = 1 to 30 {{\n    x = sin(x)\n}}\n{outputs}")
    for shift in range(14):
        program.gradient(x=[0.1, shift], difference="none")
        assert bool(plan(program)._sweeps) == (len(ordinary) <= shift)
    assert 3 <= len(ordinary) <= 10


@st.composite
def overwritten(draw: st.DrawFn) -> str:
    """A program that takes parts of vectors of 6 elements and writes to others."""
    lines = ["input x[6]", "a = x", "b = cos(x)"]
    for _ in range(draw(st.integers(1, 6))):
        target, one, other = (draw(st.sampled_from(["a", "b", "x"])) for _ in range(3))
        size = draw(st.integers(1, 6))
        places = [f"{start}:{start + size}" for start in draw(st.tuples(*[st.integers(0, 6 - size)] * 3))]
        value = draw(
            st.sampled_from(["{0}[{2}]", "-{0}[{2}]", "{1}[{3}] - {0}[{2}]", "{1}[{3}] * {0}[{2}]", "-{0}[0]"])
        )
        lines.append(f"{target}[{places[0]}] = {value.format(one, other, *places[1:])}")
        if draw(st.booleans()):
            lines.append(f"{other} = {draw(st.sampled_from(['a - b', '-x', 'a', 'sin(b)']))}")
    return "\n".join([*lines, "output L = sum(a - b * x)"])


@randomly(80, overwritten())
def test_random_parts(text: str) -> None:
    program = parse(text)
    for shift in (0.0, 0.5):
        at = {"x": np.linspace(-1, 1, 6) + shift}
        assert said(program, at) == said(parse(text), at)


def test_what_is_written_out_is_as_the_module_says() -> None:
    program = parse("input X[n, d], w[d]\noutput L = sum((X @ w)^2)")
    for seed in range(2):
        at = point(seed)
        said(program, {"X": at["X"], "w": at["w"]})
    (sweep,) = plan(program)._sweeps.values()
    for function in (plan(program)._run, sweep):
        assert indent(function.__doc__ or "", "    ") in (compiled_lines.__doc__ or "")


def test_a_sweep_that_meets_an_edge_is_the_ordinary_one() -> None:
    text = "input x[n]\noutput y = sum(x^1.5) + norm(x)"
    program, ways = parse(text), []
    for values in ([1.0, 2.0], [2.0, 3.0], [0.0, 0.0]):
        run = program.at({"x": np.array(values)}).run_for_gradient()
        if run.tape.plan is not None:
            ways.append(run.tape.plan.sweep(run.tape, {run.tape.bindings["y"]: 1.0}, [0]) is not None)
    assert ways == [True, False]
    at = {"x": np.zeros(2)}
    assert said(program, at) == said(parse(text), at)


@pytest.mark.parametrize(
    "text",
    [
        "input x[n]\na = x\na[0] = x[1]^2\na[1:] = a[:-1]\noutput y = a * x\noutput z = sum(a[1:])",
        "input x[n]\na = x + 1\na[2] = 3\na[0] = a[2]\noutput y = x\noutput z = a[0] * sum(a) * a[1]",
        "input x[n]\noutput y = x + x\noutput z = sum(y * x)",
        "input x[n]\nA = [x, 2 * x]\noutput y = (A + A')[1:]\noutput z = trace(A * A')",
    ],
)
def test_parts_sums_and_several_seeds(text: str) -> None:
    size = 2 if "A'" in text else 3
    program, tapes = parse(text), []
    for at in (np.arange(1.0, size + 1), np.linspace(0.5, 1.5, size)):
        tapes.append(program.at({"x": at}).run_for_gradient().tape)
    plain, tape = execute(program.program, {"x": at}), tapes[1]
    outputs = [tape.bindings[name] for name in ("y", "z")]
    given_seeds = {entry: np.ones_like(tape.values[entry]) * 0.3 for entry in outputs}
    given_seeds = {entry: value if np.ndim(value) else float(value) for entry, value in given_seeds.items()}
    kept = {entry: bits(value) for entry, value in given_seeds.items()}
    assert tape.plan is not None and tape.plan.sweep(tape, given_seeds, [tape.inputs["x"]]) is not None
    found = adjoints_of(tape, given_seeds, ["x"])
    assert bits(found["x"]) == bits(adjoints_of(plain, given_seeds, ["x"])["x"])
    assert {entry: bits(value) for entry, value in given_seeds.items()} == kept


def test_a_kink_is_seen_in_what_runs_again() -> None:
    """What only a kink reads, such as what `sqrt` is taken of, is kept as well."""
    program = parse("input w[3]\na = 2 * w\nb = floor(a + 1) * w + sqrt(2 + a)\noutput L = sum(b)")
    for _ in range(3):
        assert not program.gradient(w=[0.3, 0.7, 0.2], difference="none").kinks
        found = program.gradient(w=[0.3, 0.5, -1.0], difference="none").kinks
        assert found
        assert [site.text for site in found.sites] == ["floor(a + 1)", "sqrt(2 + a)"]


@pytest.mark.parametrize("same", ["a", "sum_to(a, x)"])
def test_what_is_remembered_of_an_array_is_forgotten_when_another_name_of_it_is_written_to(same: str) -> None:
    text = f"input x[n]\na = sin(x)\ns = softmax(a)\nb = {same}\nb = b + [n, 0]\noutput L = softmax(b) @ s"
    program = parse(text)
    for shift in range(3):
        at = {"x": np.array([0.3, shift])}
        assert said(program, at) == said(parse(text), at)


@pytest.mark.parametrize(
    ("text", "usual", "other"),
    [
        ("a = 10 * w\noutput L = sum(X) / a", 1.0, 1e308),  # Python tells nobody of a product that is too large
        ("output L = sum(X) * atan(w / sum(X - X[0]))", 0.0, 1.0),
        ("output L = sum(1 / lgamma(X + w))", 1.5, -1.0),  # of mathematics one by one
        ("output L = sum(1 / sum_to(X + w, ones(2)))", 1.0, 1e308),  # by `einsum`
    ],
)
def test_an_infinity_on_the_way_is_told_of_without_a_comparison_too(text: str, usual: float, other: float) -> None:
    text = f"input X[n, d], w\n{text}"
    program, zeros = parse(text), np.zeros((3000, 2))
    for w in (usual, other, usual, other):
        quick = program.gradient(X=zeros, w=w, difference="none").warnings
        assert quick == program.jacobian(X=zeros, w=w, wrt="w").warnings
        assert ("not-finite" in [warning.code for warning in quick]) == (w == other or "atan" in text)


@pytest.mark.parametrize(
    "text",
    [
        "B[:-1, 1:] = y\noutput L = sum(sin(B) @ B)",
        "A = y + B\nA[:, ::2] = y\nC = A + B\nD = C'\noutput L = sum(sin(D) * D)",
        "A = y + B\nt = A[0, 0]\nC = A + B\nD = C'\noutput L = sum(sin(D) * D) + t",
    ],
)
def test_sums_over_parts_and_turned_matrices_have_the_same_last_digits(text: str) -> None:
    """NumPy sums in the order of the memory: a copy has to keep that."""
    text = f"input B[n, n], y\n{text}"
    program = parse(text)
    for seed in range(4):
        at = {"B": np.random.default_rng(seed).normal(size=(130, 130)), "y": 0.3 + seed}
        assert said(program, at) == said(parse(text), at)

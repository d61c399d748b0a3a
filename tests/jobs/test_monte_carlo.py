"""Samples of a program: all that decide alike at once, and the same as one by one."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest

import adcli
from adcli.jobs import monte_carlo
from adcli.jobs.intervals import Interval, Simulated, Validation, simulated, validated
from adcli.jobs.monte_carlo import Drawn, _drawn, propagated
from adcli.jobs.quantities import Quantities, Quantity, quantities_of
from adcli.jobs.uncertain import Distribution
from adcli.tape.execute import execute

LOOPS = """
input x = 1, w[n] = [1, 2, 3]
s = 0
for i = 1 to 3 {
    s = s + w[i - 1] * sin(i * x)
}
if s > 3 {
    y = s^2
} else {
    y = exp(-s)
}
output y
output z = sum(w^2) * x + max(w)
"""
SEVERAL = [
    (LOOPS, {"x": 0.3, "w": 0.2}),
    ("input A[n, n] = [[2, 1], [1, 3]], b[n] = [1, 2]; output y = sum(solve(A, b)) / A[0, 1]", {"A": 0.1, "b": "3%"}),
    ("input x = 1, y = 2; output z = where(x < y, x * y, x / y) + relu(x - 1) + floor(y)", {"x": 0.4, "y": 0.8}),
    ("input x = 2; output y = derivative(x^3 * sin(x), x)", {"x": 0.1}),
    ("input x = 9; s = x\nwhile s > 1 { s = s / 1.01 }\noutput y = s", {"x": 3}),
    ("input x = 3; n = 0\nfor i = 1 to floor(x) { n = n + i * x }\noutput y = n", {"x": 1}),
    ("input x = 1; require x > 0.9; output y = sqrt(x)", {"x": 0.1}),
    ("input w[n] = [1, 2], k = 3; v = log(w); output y = v[0] + k; output z = sum(v)", {"w": 1, "k": 1}),
    ("input w[n] = [1, 2, 3], k = 2; v = w * k; v[1] = k; output y = v @ w; output q = v[2]", {"w": 0.1}),
]


def drawn(program: adcli.DifferentiableProgram, known: dict[str, Any], samples: int) -> tuple[Drawn, Quantities]:
    run = program.at({}).run
    quantities = quantities_of(run, known, [variable.name for variable in program.program.inputs], {}, None)
    return propagated(run, list(program.program.outputs), quantities, samples, 0), quantities


@pytest.mark.parametrize(("text", "known"), SEVERAL)
def test_samples_at_once_are_those_one_by_one(text: str, known: dict[str, Any]) -> None:
    """Each sample against a run of its own."""
    program = adcli.parse(text)
    found, quantities = drawn(program, known, 150)
    columns = _drawn(quantities, 150, numpy.random.Generator(numpy.random.PCG64(0)))
    assert not found.reduced
    for place in range(0, 150, 7):
        point = {name: numpy.copy(value) for name, value in program.at({}).point.items()}
        for label, column in columns.items():
            name, _, inside = label.rstrip("]").partition("[")
            point[name][tuple(int(part) for part in inside.split(",")) if inside else ()] = column[place]
        plain = {name: value if value.ndim else float(value) for name, value in point.items()}
        try:
            tape = execute(program.program, plain)
            expected = {name: tape.values[tape.bindings[name]] for name in program.program.outputs}
        except adcli.AdError:
            expected = dict.fromkeys(program.program.outputs, math.nan)
        for name, value in expected.items():
            assert found.values[name][place] == pytest.approx(value, rel=1e-12, nan_ok=True)


def test_ways_through_a_program_are_counted() -> None:
    assert (
        drawn(adcli.parse("input x = 0; if x > 0 { y = x } else { y = -x }\noutput y"), {"x": 1}, 1000)[0].groups == 2
    )
    assert drawn(adcli.parse("input x = 0; output y = abs(x)"), {"x": 1}, 1000)[0].groups == 1


def test_samples_are_fewer_where_each_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monte_carlo, "_MOST_ENTRIES", 20_000)
    monkeypatch.setattr(monte_carlo, "_MOST_CALLS", 3_000)
    loop = adcli.parse("input x = 9; n = 0\nwhile n < x { n = n + 0.1 }\noutput y = n")
    found, _ = drawn(loop, {"x": 5}, 10**5)
    assert "more than 64 ways" in found.reduced
    assert len(found.values["y"]) == 20_000 // len(loop.at({}).run.tape)
    found, _ = drawn(adcli.parse("input A[2, 2] = [[2, 1], [1, 3]]; output y = det(A)"), {"A": 0.1}, 10**6)
    assert "whole arrays" in found.reduced
    assert len(found.values["y"]) == 3_000


def test_what_has_no_value_is_told() -> None:
    report = adcli.expression("log(x)").uncertainty(x=1, uncertainty={"x": 1}, samples=20_000)
    sampled = report.outcomes["value"].sampled
    assert sampled is not None
    # the part of a normal distribution below its mean by more than one standard deviation
    assert sampled.simulated.without / 20_000 == pytest.approx(0.158655, abs=0.008)
    assert "have no finite value, and are left out" in str(report)
    nowhere = adcli.expression("log(x)").uncertainty(x=-9, uncertainty={"x": 0.1}, samples=1000)
    assert nowhere.outcomes["value"].sampled is None
    assert "fewer than ten samples have a finite value" in str(nowhere)


@pytest.mark.parametrize(
    ("distribution", "dof", "deviation", "upper"),
    [  # standard deviations, and quantiles of 97.5 %, for a scale of 1
        (Distribution.NORMAL, math.inf, 1, 1.959964), (Distribution.UNIFORM, math.inf, 1 / math.sqrt(3), 0.95),
        (Distribution.TRIANGULAR, math.inf, 1 / math.sqrt(6), 1 - math.sqrt(0.05)),
        (Distribution.ARCSINE, math.inf, 1 / math.sqrt(2), math.sin(0.95 * math.pi / 2)),
        (Distribution.T, 10, math.sqrt(10 / 8), 2.228139),
    ],
)  # fmt: skip
def test_distributions(distribution: Distribution, dof: float, deviation: float, upper: float) -> None:
    quantities = Quantities((Quantity("x", 5.0, math.nan, 2.0, dof, distribution),), {})
    known = simulated(_drawn(quantities, 200_000, numpy.random.Generator(numpy.random.PCG64(3)))["x"], 0.95)
    assert known is not None
    assert abs(known.average - 5) < 4 * known.average_error
    assert abs(known.uncertainty - 2 * deviation) < 4 * known.uncertainty_error
    for end, error, sign in zip(known.symmetric[:2], known.symmetric[2:], (-1, 1), strict=True):
        assert abs(end - 5 - sign * 2 * upper) < 4 * error


def test_correlated_samples_are_correlated() -> None:
    three = tuple(Quantity(name, 0.0, 1.0, 2.0, math.inf, Distribution.NORMAL) for name in "xyz")
    columns = _drawn(Quantities(three, {(0, 2): -0.7}), 100_000, numpy.random.Generator(numpy.random.PCG64(0)))
    found = numpy.corrcoef([columns[name] for name in "xyz"])
    assert found == pytest.approx(numpy.array([[1, 0, -0.7], [0, 1, 0], [-0.7, 0, 1]]), abs=0.015)
    assert columns["x"].std() == pytest.approx(2, rel=0.01)


def known(values: list[float], coverage: float) -> Simulated:
    found = simulated(numpy.array(values), coverage)
    assert found is not None
    return found


def test_intervals_of_few_values() -> None:
    """The shortest interval of 0 … 9, 100 … 109 and so on is where they are dense."""
    values = [*map(float, range(80)), *(1000.0 * place for place in range(1, 21))]
    found = known(values, 0.5)
    assert found.shortest.high - found.shortest.low == 50
    assert found.symmetric[:2] == (24.5, 74.5)
    assert found.average == numpy.mean(values)
    assert found.uncertainty == pytest.approx(numpy.std(values, ddof=1), rel=1e-15)
    assert sum(found.histogram.counts) >= 98


def test_the_error_of_a_quantile_is_that_of_repeated_samples() -> None:
    generator = numpy.random.Generator(numpy.random.PCG64(8))
    found = [known(generator.standard_normal(2000).tolist(), 0.9) for _ in range(300)]
    for place in (0, 1):
        actual = numpy.std([each.symmetric[place] for each in found])
        assert numpy.mean([each.symmetric[place + 2] for each in found]) == pytest.approx(actual, rel=0.12)
    assert numpy.mean([each.uncertainty_error for each in found]) == pytest.approx(
        numpy.std([each.uncertainty for each in found]), rel=0.12
    )


@pytest.mark.parametrize(
    ("low", "high", "error", "expected"),
    [
        (-2, 2, 0.01, Validation.YES), (-2.2, 2, 0.01, Validation.NO), (-2.09, 2, 0.01, Validation.UNDECIDED),
        (-2.11, 2, 0.01, Validation.UNDECIDED), (-2, math.inf, 0.01, Validation.NO), (-2, math.nan, 0, Validation.NO),
        (-2.09, 2.2, 0.01, Validation.NO),
    ],
)  # fmt: skip
def test_the_verdict_on_the_linear_answer(low: float, high: float, error: float, expected: Validation) -> None:
    """JCGM 101:2008, 8.1, where both ends by Monte Carlo are 2 and the tolerance is 0.1."""
    assert validated(low, high, Interval(-2, 2, error, error), 0.1) is expected


def test_the_seed_gives_the_samples_again() -> None:
    program = adcli.expression("x^2")
    point: dict[str, Any] = {"x": 1, "uncertainty": {"x": 0.1}, "samples": 1000}
    first, again, other = (program.uncertainty(**point, seed=seed).to_dict() for seed in (5, 5, -5))
    assert first == again
    assert first["monte_carlo"] != other["monte_carlo"]

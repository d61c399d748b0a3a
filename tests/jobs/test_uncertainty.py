"""Uncertainties against the examples that the documents of the Joint Committee for Guides in Metrology print."""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator
from typing import Any

import numpy
import pytest

import adcli
from adcli.jobs.uncertainty import concise_text, coverage_factor, tolerance_of
from adcli.report.uncertainty import Outcome, UncertaintyReport

from ..conftest import SAMPLES

FOLDER = SAMPLES / "uncertainty"
Uncertain = adcli.Uncertain


def gauge() -> dict[str, Any]:
    """JCGM 100:2008, table H.1, in nm and degrees; the comparator by H.1.3.2: 5.8, 3.9 and 6.7 nm."""
    return {
        "l_s": Uncertain(25, dof=18),
        "d": Uncertain(math.sqrt(5.8**2 + 3.9**2 + 6.7**2), dof=25.6),
        "delta_alpha": Uncertain(1e-6, dof=50, distribution="uniform"),
        "theta_bar": 0.2,
        "Delta": Uncertain(0.5, distribution="arcsine"),
        "alpha_s": Uncertain(2e-6, distribution="uniform"),
        "delta_theta": Uncertain(0.05, dof=2, distribution="uniform"),
    }


def test_the_end_gauge() -> None:
    """JCGM 100:2008, H.1.5 to H.1.7: 32 nm, 16 degrees of freedom, 93 nm; 34 nm with second-order terms."""
    program = adcli.load(FOLDER / "end_gauge.ad")
    outcome = program.uncertainty(uncertainty=gauge(), coverage=0.99, samples=0).outcomes["l"]
    answer = outcome.combined
    assert (answer.value, round(answer.uncertainty), outcome.concise) == (50000838, 32, "50000838(32)")
    assert answer.dof is not None
    assert math.floor(answer.dof) == 16
    assert f"{answer.factor:.2f}" == "2.92"
    assert round(2.92 * round(answer.uncertainty)) == 93  # as H.1.6 has it, from the rounded 32
    assert answer.expanded == answer.factor * answer.uncertainty
    contributions = {line.quantity.label: line.contribution for line in answer.lines}
    assert [f"{contributions[name]:.1f}" for name in ("l_s", "d", "delta_alpha", "delta_theta")] == [
        "25.0", "9.7", "2.9", "16.6"
    ]  # fmt: skip
    assert contributions["alpha_s"] == contributions["theta_bar"] == contributions["Delta"] == 0
    assert [line.quantity.label for line in answer.lines][:4] == ["l_s", "delta_theta", "d", "delta_alpha"]
    second = answer.second
    assert second is not None
    assert second.uncertainty is not None
    assert round(second.uncertainty) == 34
    # H.1.7: the two terms that matter, 11.7 nm and 1.7 nm
    terms = 50000623 * 0.41 * 1e-6 / math.sqrt(3), 50000623 * 2e-6 / math.sqrt(3) * 0.05 / math.sqrt(3)
    assert [f"{term:.1f}" for term in terms] == ["11.8", "1.7"]
    assert second.uncertainty**2 - answer.uncertainty**2 == pytest.approx(sum(term**2 for term in terms), rel=0.02)
    assert outcome.second_matters
    assert not outcome.bias_matters


# JCGM 100:2008, table H.2: five observations of the voltage, the current in mA and the phase.
VOLTS = [5.007, 4.994, 5.005, 4.990, 4.999]
AMPERES = [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3]
RADIANS = [1.0456, 1.0438, 1.0468, 1.0428, 1.0433]


def test_resistance_and_reactance() -> None:
    """JCGM 100:2008, tables H.2 to H.4."""
    readings = numpy.array([VOLTS, AMPERES, RADIANS])
    covariance = numpy.cov(readings) / 5
    point = dict(zip(("V", "I", "phi"), readings.mean(axis=1), strict=True))
    report = adcli.load(FOLDER / "impedance.ad").uncertainty(point, covariance=covariance, samples=0)
    values = {name: f"{outcome.combined.value:.3f}" for name, outcome in report.outcomes.items()}
    assert values == {"R": "127.732", "X": "219.847", "Z": "254.260"}
    found = {name: outcome.combined.uncertainty for name, outcome in report.outcomes.items()}
    assert (f"{found['R']:.3f}", f"{found['Z']:.3f}") == ("0.071", "0.236")
    # of X both tables have 0.295: that is 0.29549 by the X of each reading (approach 2, H.2.4), from which the linear
    # 0.29557 is as far as curvature takes it
    volts, amperes, radians = readings
    each = numpy.std(volts / amperes * numpy.sin(radians), ddof=1) / math.sqrt(5)
    assert f"{each:.3f}" == "0.295"
    assert found["X"] == pytest.approx(each, abs=0.0005)  # half a unit of the last digit
    coefficients = report.correlations
    assert [f"{coefficients[a][b]:.3f}" for a, b in ("RX", "RZ", "XZ")] == ["-0.588", "-0.485", "0.993"]
    assert all(coefficients[name][name] == pytest.approx(1, abs=1e-15) for name in "RXZ")
    # the same by standard uncertainties and correlations, as table H.2 has these
    sizes = numpy.sqrt(numpy.diag(covariance))
    correlation = covariance / numpy.outer(sizes, sizes)
    assert [f"{correlation[i, j]:.2f}" for i, j in ((0, 1), (0, 2), (1, 2))] == ["-0.36", "0.86", "-0.65"]
    other = adcli.load(FOLDER / "impedance.ad").uncertainty(
        point, uncertainty=dict(zip(point, sizes, strict=True)), samples=0,
        correlation={("V", "I"): correlation[0, 1], "V,phi": correlation[0, 2], ("phi", "I"): correlation[1, 2]},
    )  # fmt: skip
    for name, outcome in report.outcomes.items():
        assert other.outcomes[name].combined.uncertainty == pytest.approx(outcome.combined.uncertainty, rel=1e-12)
        assert math.fsum(line.share for line in outcome.combined.lines) == pytest.approx(1, rel=1e-12)


def test_the_thermometer() -> None:
    """JCGM 100:2008, H.3.3 and H.3.4: s, y1, y2, their uncertainties and correlation, and b(30)."""
    program = adcli.load(FOLDER / "thermometer.ad")
    point = program.evaluate()
    t, b = (point.inputs[name] for name in "tb")
    fitted = point.outputs["intercept"] + point.outputs["slope"] * (t - 20)
    s = math.sqrt(((b - fitted) ** 2).sum() / (len(b) - 2))
    assert f"{s:.4f}" == "0.0035"
    report = program.uncertainty(uncertainty={"b": s}, samples=0)
    assert {name: outcome.concise for name, outcome in report.outcomes.items()} == {
        "slope": "0.00218(67)", "intercept": "-0.1712(29)", "correction": "-0.1494(41)",
    }  # fmt: skip
    assert f"{report.correlations['slope']['intercept']:.3f}" == "-0.930"
    # H.3.4: the same from the line alone
    line = adcli.expression("y1 + y2 * (30 - 20)").uncertainty(
        y1=point.outputs["intercept"], y2=point.outputs["slope"], samples=0,
        uncertainty={"y1": report.outcomes["intercept"].combined.uncertainty,
                     "y2": report.outcomes["slope"].combined.uncertainty},
        correlation={("y1", "y2"): report.correlations["slope"]["intercept"]},
    )  # fmt: skip
    expected = report.outcomes["correction"].combined.uncertainty
    assert line.outcomes["value"].combined.uncertainty == pytest.approx(expected, rel=1e-9)


FOUR = adcli.expression("a + b + c + d")
ROOT_3 = math.sqrt(3)


@pytest.mark.parametrize(
    ("uncertainty", "u", "linear", "drawn", "linear_is_used"),
    [
        (dict.fromkeys("abcd", 1), 2.0, 3.92, 3.92, "yes"),  # 9.2.2, table 2
        (dict.fromkeys("abcd", Uncertain(ROOT_3, distribution="uniform")), 2.0, 3.92, 3.88, None),  # 9.2.3, table 3
        # 9.2.4, table 4: 10.1; 19.9; 17.0
        (
            dict.fromkeys("abc", Uncertain(ROOT_3, distribution="uniform"))
            | {"d": Uncertain(10 * ROOT_3, distribution="uniform")},
            math.sqrt(103), 19.9, 17.0, "no",
        ),
    ],
)  # fmt: skip
def test_the_additive_model(
    uncertainty: dict[str, Any], u: float, linear: float, drawn: float, linear_is_used: str | None
) -> None:
    report = FOUR.uncertainty(dict.fromkeys("abcd", 0), uncertainty=uncertainty, seed=1)
    outcome = report.outcomes["value"]
    assert outcome.sampled is not None
    known = outcome.sampled.simulated
    assert outcome.combined.uncertainty == pytest.approx(u, rel=1e-14)
    assert abs(known.uncertainty - u) < 4 * known.uncertainty_error
    decimals = 2 if linear < 10 else 1
    assert round(outcome.combined.high, decimals) == -round(outcome.combined.low, decimals) == linear
    for end, error in ((known.symmetric.high, known.symmetric.high_error), (-known.symmetric.low, 0.01)):
        assert abs(end - drawn) < 3 * error + 0.5 * 10**-decimals
    if linear_is_used is not None:
        assert outcome.sampled.validation.value == linear_is_used
    assert abs(known.average) < 4 * known.average_error


def test_the_mass_calibration() -> None:
    """JCGM 101:2008, 9.3, table 6: 0.0539 mg to first order, 0.0750 to second, 0.0754 by Monte Carlo."""
    program = adcli.parse("""
        input m = 100000, dm = 1.234, air = 1.2, weight = 8e3, reference = 8e3
        output off = (m + dm) * (1 + (air - 1.2) * (1 / weight - 1 / reference)) - 100000
    """)
    uncertainty = {
        "m": 0.05, "dm": 0.02, "air": Uncertain(0.1, distribution="uniform"),
        "weight": Uncertain(1e3, distribution="uniform"), "reference": Uncertain(50, distribution="uniform"),
    }  # fmt: skip
    outcome = program.uncertainty(uncertainty=uncertainty).outcomes["off"]
    answer, sampled = outcome.combined, outcome.sampled
    assert f"{answer.value:.4f} {answer.uncertainty:.4f}" == "1.2340 0.0539"
    assert f"{answer.low:.4f} {answer.high:.4f}" == "1.1285 1.3395"
    assert answer.second is not None
    assert f"{answer.second.uncertainty:.4f}" == "0.0750"
    assert sampled is not None
    known = sampled.simulated
    # by closed forms of the uniform distribution: of 1 / weight the mean and the mean square
    weight = (1 / (7e3 * 9e3), math.log(9 / 7) / 2e3)
    reference = (1 / (7.95e3 * 8.05e3), math.log(8.05 / 7.95) / 100)
    square = weight[0] + reference[0] - 2 * weight[1] * reference[1]
    exact = math.sqrt(0.05**2 + 0.02**2 + 100001.234**2 * 0.1**2 / 3 * square)
    assert exact == pytest.approx(0.0754, abs=0.00015)  # the table's own, by some million samples
    assert abs(known.uncertainty - exact) < 4 * known.uncertainty_error
    # the shortest interval of table 6
    assert known.shortest.low == pytest.approx(1.0834, abs=0.002)
    assert known.shortest.high == pytest.approx(1.3825, abs=0.002)
    assert sampled.validation.value == "no"


@pytest.mark.parametrize(
    ("x1", "first", "mean", "drawn", "low", "high"),
    [  # JCGM 101:2008, 9.4.2.2 to 9.4.2.4, tables 7 and 8: in units of 1e-6
        (0.0, 0, 50, 50, 0, 150),
        (0.01, 100, 150, 112, 0, 367),
        (0.05, 500, 2551, 502, 1590, 3543),
    ],
)
def test_the_comparison_loss(x1: float, first: float, mean: float, drawn: float, low: float, high: float) -> None:
    program = adcli.load(FOLDER / "comparison_loss.ad")
    outcome = program.uncertainty(x1=x1, uncertainty={"x1": 0.005, "x2": 0.005}).outcomes["loss"]
    assert outcome.sampled is not None
    known, second = outcome.sampled.simulated, outcome.combined.second
    assert outcome.combined.uncertainty == pytest.approx(first * 1e-6, abs=1e-18)
    assert known.average == pytest.approx(mean * 1e-6, abs=1.5e-6)
    exact = math.sqrt(4 * x1**2 * 0.005**2 + 4 * 0.005**4)
    assert round(1e6 * exact) == drawn
    assert abs(known.uncertainty - exact) < 4 * known.uncertainty_error
    assert known.shortest.low == pytest.approx(low * 1e-6, abs=12e-6)
    assert known.shortest.high == pytest.approx(high * 1e-6, abs=12e-6)
    assert outcome.sampled.validation.value == "no"
    # by closed forms: the mean moves by 2 u^2, and the variance is 4 x1^2 u^2 + 4 u^4
    assert second is not None
    assert second.bias == pytest.approx(2 * 0.005**2, rel=1e-12)
    assert second.uncertainty == pytest.approx(exact, rel=1e-12)


def test_the_correlated_comparison_loss() -> None:
    """JCGM 101:2008, 9.4.3, table 9, at x1 = 0: 67e-6, and [0, 185]e-6."""
    program = adcli.load(FOLDER / "comparison_loss.ad")
    outcome = program.uncertainty(uncertainty={"x1": 0.005, "x2": 0.005}, correlation={"x1,x2": 0.9}).outcomes["loss"]
    assert outcome.sampled is not None
    assert outcome.sampled.simulated.uncertainty == pytest.approx(67e-6, abs=0.6e-6)
    assert outcome.sampled.simulated.shortest.high == pytest.approx(185e-6, abs=1.5e-6)
    assert outcome.combined.second is not None
    assert outcome.combined.second.uncertainty is None


def test_second_order_terms_are_those_of_a_taylor_series() -> None:
    """Of exp(x) with a normal x: by the moments of the normal distribution, u^2 (1 + 1/2 u^2 + u^2) exp(2 x)."""
    u, x = 0.3, 0.7
    second = only(adcli.expression("exp(x)").uncertainty(x=x, uncertainty={"x": u}, samples=0)).combined.second
    assert second is not None
    assert second.uncertainty == pytest.approx(math.exp(x) * math.sqrt(u**2 + 1.5 * u**4), rel=1e-12)
    assert second.bias == pytest.approx(math.exp(x) * u**2 / 2, rel=1e-12)


def test_second_order_terms_of_products_and_of_arrays() -> None:
    """The variance of a product of two is u^2 y^2 + v^2 x^2 + u^2 v^2, to all orders."""
    for program, point, known in (
        (adcli.expression("x * y"), {"x": 2, "y": 3}, {"x": 0.5, "y": 0.25}),
        (adcli.parse("input w[n]; output z = w[0] * w[1]"), {"w": [2, 3]}, {"w": [0.5, 0.25]}),
    ):
        second = only(program.uncertainty(point, uncertainty=known, samples=0)).combined.second
        assert second is not None
        expected = (0.5 * 3) ** 2 + (0.25 * 2) ** 2 + (0.5 * 0.25) ** 2
        assert second.uncertainty == pytest.approx(math.sqrt(expected), rel=1e-14)
        assert second.bias == 0


def only(report: UncertaintyReport) -> Outcome:
    (outcome,) = report.outcomes.values()
    return outcome


def test_what_is_correlated_cancels() -> None:
    program = adcli.expression("x - y")
    report = program.uncertainty(x=3, y=1, uncertainty={"x": 0.1, "y": 0.1}, correlation={("x", "y"): 1}, samples=1000)
    assert only(report).combined.uncertainty == 0
    sampled = only(report).sampled
    assert sampled is not None
    assert sampled.simulated.uncertainty < 1e-15


def test_degrees_of_freedom_do_not_combine_where_inputs_are_correlated() -> None:
    report = adcli.expression("x + y").uncertainty(
        x=3, y=1, uncertainty={"x": Uncertain(0.1, dof=3), "y": 0.1}, correlation={("x", "y"): 0.5}, samples=100
    )
    assert only(report).combined.dof is None
    assert only(report).combined.factor == pytest.approx(1.959963984540054, rel=1e-15)
    assert "does not hold" in str(report)


def test_inputs_that_do_not_count_are_exact() -> None:
    known = {"x": 0.3, "y": 0.4}
    program = adcli.expression("x + y")
    both, one = (only(program.uncertainty(x=1, y=1, uncertainty=known, wrt=wrt, samples=0)) for wrt in (None, "y"))
    assert (both.combined.uncertainty, one.combined.uncertainty) == (pytest.approx(0.5, rel=1e-15), 0.4)


def test_a_covariance_matrix_of_some_inputs() -> None:
    program = adcli.parse("input x = 1, w[n] = [2, 3]; output y = x * w[0] - w[1]")
    found = only(program.uncertainty(wrt="w", covariance=[[0.04, 0.01], [0.01, 0.09]], samples=0)).combined
    assert [line.quantity.label for line in found.lines] == ["w[1]", "w[0]"]
    assert found.uncertainty == pytest.approx(math.sqrt(0.04 + 0.09 - 2 * 0.01), rel=1e-14)


@pytest.mark.parametrize(
    ("value", "known"),
    [(1e300, {"x": 1e308}), (1e-310, {"x": 1e-315}), (0.0, {"x": 5e-324}), (1e200, {"x": 1e200})],
)
def test_numbers_near_the_ends_of_the_floats(value: float, known: dict[str, float]) -> None:
    outcome = only(adcli.expression("x").uncertainty(x=value, uncertainty=known, samples=1000))
    assert outcome.combined.uncertainty == known["x"]
    assert outcome.combined.second is not None
    assert outcome.combined.second.uncertainty == known["x"]


@pytest.mark.parametrize(
    ("coverage", "dof", "factor"),
    [  # JCGM 100:2008, table G.2
        (0.95, 1, 12.71), (0.95, 10, 2.23), (0.99, 16, 2.92), (0.9973, 5, 5.51), (0.95, math.inf, 1.960),
        (0.6827, 4, 1.14), (0.99, 50.9, 2.68),
    ],
)  # fmt: skip
def test_coverage_factors(coverage: float, dof: float, factor: float) -> None:
    assert round(coverage_factor(coverage, dof), 3 if dof == math.inf else 2) == factor


@pytest.mark.parametrize(
    ("value", "uncertainty", "digits", "text"),
    [
        (100.02147, 0.00035, 2, "100.02147(35)"),  # JCGM 100:2008, 7.2.2
        (5.7206, 0.348, 2, "5.72(35)"), (12345, 250, 2, "1.234(25)e+04"), (12345, 1, 1, "12345(1)"),
        (1.2e-7, 3e-9, 2, "1.200(30)e-07"), (0, 0.5, 1, "0.0(5)"), (99.96, 0.0996, 2, "99.96(10)"),
        (2, 0.996, 2, "2.0(10)"), (2, 0, 2, "2 ± 0"), (2, math.inf, 2, "2 ± inf"),
        (1e300, 1e-300, 2, "1e+300 ± 1e-300"),
    ],
)  # fmt: skip
def test_a_result_is_written_as_the_guide_does(value: float, uncertainty: float, digits: int, text: str) -> None:
    assert concise_text(value, uncertainty, digits) == text


@pytest.mark.parametrize(
    ("uncertainty", "digits", "tolerance"),
    [  # JCGM 101:2008, 7.9.2, examples 1 to 3: 0.00035 as 35e-5, and as 4e-4; 2 K
        (0.00035, 2, 0.000005), (0.00035, 1, 0.00005), (2, 1, 0.5), (9.96, 2, 0.5), (0, 2, 0),
    ],
)  # fmt: skip
def test_the_tolerance_is_half_a_unit_of_the_last_digit(uncertainty: float, digits: int, tolerance: float) -> None:
    assert tolerance_of(uncertainty, digits) == tolerance


def problems() -> Iterator[tuple[dict[str, Any], str, str]]:
    yield {}, "no-uncertainty", "no input has an uncertainty"
    yield {"uncertainty": {"x": 0}}, "no-uncertainty", "no input has an uncertainty"
    yield {"uncertainty": {"q": 1}}, "unknown-input", "`q`"
    yield {"uncertainty": {"x": -1}}, "bad-uncertainty", "not negative"
    yield {"uncertainty": {"x": "two"}}, "bad-uncertainty", "no uncertainty"
    yield {"uncertainty": {"x": math.nan}}, "bad-uncertainty", "no uncertainty"
    yield {"uncertainty": {"x": [1, 2]}}, "bad-uncertainty", "a vector of 2"
    yield {"uncertainty": {"x": Uncertain(1, dof=0)}}, "bad-uncertainty", "more than 0"
    yield {"uncertainty": {"x": Uncertain(1, distribution="t")}}, "bad-uncertainty", "its degrees of freedom"
    yield {"uncertainty": {"x": Uncertain(1, distribution="norml")}}, "bad-uncertainty", "`norml`"
    both = {"x": 1, "y": 1}
    yield {"uncertainty": both, "correlation": {("x", "y"): 1.5}}, "bad-correlation", "from -1 to 1"
    yield {"uncertainty": both, "correlation": {("x", "x"): 1}}, "bad-correlation", "with itself"
    yield {"uncertainty": both, "correlation": {("x", "y"): 0.1, "y,x": 0.1}}, "bad-correlation", "given twice"
    yield {"uncertainty": both, "correlation": {("x", "q"): 0.1}}, "bad-correlation", "no input"
    yield {"uncertainty": both, "correlation": {"x": 0.1}}, "bad-correlation", "does not name two"
    yield {"uncertainty": {"x": 1}, "correlation": {("x", "y"): 0.1}}, "bad-correlation", "has no uncertainty"
    yield {"uncertainty": both, "covariance": numpy.eye(2)}, "bad-correlation", "beside a covariance matrix"
    yield {"covariance": [[1, 2], [2, 1]]}, "bad-correlation", "not positive semidefinite"
    yield {"covariance": [[1, 0.1], [0.2, 1]]}, "bad-correlation", "not symmetric"
    yield {"covariance": [[-1, 0], [0, 1]]}, "bad-correlation", "variance of `x` is negative"
    yield {"covariance": numpy.eye(3)}, "bad-correlation", "3 × 3"
    uniform = {"x": Uncertain(1, distribution="uniform"), "y": 1}
    yield {"uncertainty": uniform, "correlation": {("x", "y"): 0.1}}, "bad-correlation", "only normal quantities"


@pytest.mark.parametrize(("options", "code", "words"), list(problems()))
def test_what_cannot_be_is_refused(options: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(adcli.AdError) as caught:
        adcli.expression("x * y").uncertainty(x=2, y=3, **options)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert words in problem.message
    assert problem.help or problem.note


def test_correlations_that_contradict_each_other_are_refused() -> None:
    correlation = {("x", "y"): 0.9, ("y", "z"): 0.9, ("x", "z"): -0.9}
    with pytest.raises(adcli.AdError, match="contradict"):
        adcli.expression("x * y * z").uncertainty(
            x=1, y=1, z=1, uncertainty=dict.fromkeys("xyz", 1), correlation=correlation
        )


def test_a_wrong_derivative_stops_the_command() -> None:
    program = adcli.parse("rule f(u) = u^2 with derivative 3 * u; input x = 2; output y = f(x)")
    with pytest.raises(adcli.AdError) as caught:
        program.uncertainty(uncertainty={"x": 0.1})
    assert caught.value.problems[0].code == "refuted-derivative"


def test_an_interrupt_leaves_what_was_drawn() -> None:
    def interrupt(done: int, count: int) -> None:
        if done:
            signal.raise_signal(signal.SIGINT)

    program = adcli.expression("x * y")
    report = program.uncertainty(x=2, y=3, uncertainty={"x": 0.1}, samples=20_000_000, progress=interrupt)
    assert report.trial.interrupted and 0 < report.trial.samples < 20_000_000
    assert report.outcomes["value"].sampled.simulated.uncertainty == pytest.approx(0.3, rel=0.01)

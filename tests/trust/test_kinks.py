"""Slopes to both sides of a kink, against closed forms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adcli
from adcli.api import expression, parse
from adcli.derive.modes import adjoints_of, gradient
from adcli.tape.domains import OneSided
from adcli.tape.execute import execute
from adcli.tape.labels import find_entry
from adcli.tape.limits import LIMITS
from adcli.tape.selected import select
from adcli.tape.tape import Value
from adcli.trust.judgement import Verdict
from adcli.trust.kinks import Kinks, Slopes, find_kinks

INF, NONE = math.inf, None


def kinks_of(text: str, **point: Value) -> Kinks:
    program = (parse(text) if "\n" in text or "output" in text else expression(text)).program
    tape = execute(program, point)
    gradients = {
        name: gradient(tape, find_entry(tape, name), [one.name for one in program.inputs]) for name in program.outputs
    }
    return find_kinks(program, point, tape, gradients, LIMITS)


def slopes_of(text: str, **point: Value) -> Slopes | None:
    return next((slopes for found in kinks_of(text, **point).slopes.values() for slopes in found.values()), None)


@pytest.mark.parametrize(
    ("text", "x", "left", "right", "jump"),
    [
        ("abs(x)", 0.0, -1, 1, 0),
        ("abs(x) * abs(x - 3)", 0.0, -3, 3, 0),
        ("max(x, 2*x)", 0.0, 1, 2, 0),
        ("min(x^2, 2 - x)", 1.0, 2, -1, 0),
        ("relu(1 - x)", 1.0, -1, 0, 0),
        ("sqrt(x)", 0.0, NONE, INF, 0),
        ("x^0.25", 0.0, NONE, INF, 0),
        ("cbrt(x)", 0.0, INF, INF, 0),
        ("asin(x)", 1.0, INF, NONE, 0),
        ("acos(x)", 1.0, -INF, NONE, 0),
        ("acosh(x)", 1.0, NONE, INF, 0),
        ("hypot(x, 2*x)", 0.0, -math.sqrt(5), math.sqrt(5), 0),
        ("floor(x) * x", 1.0, 0, 1, 1),
        ("ceil(x) * x", 1.0, 1, 2, 1),
        ("round(x) + x", 2.5, 1, 1, 1),
        ("mod(x, 2) * x", 4.0, 6, 4, -8),
        ("sign(x) * cos(x)", 0.0, 0, 0, 2),
        ("where(x > 0, x, -3*x)", 0.0, -3, 1, 0),
        ("where(x <= 1, x, x^2)", 1.0, 1, 2, 0),
        ("where(x < 1, x, x^2 + 1)", 1.0, 1, 2, 1),
        ("abs(abs(x) - 1)", 1.0, -1, 1, 0),
        ("exp(abs(sin(x)))", 0.0, -1, 1, 0),
        ("norm([x, 2*x])", 0.0, -math.sqrt(5), math.sqrt(5), 0),
        ("sum(max([x, 1], [1, x]))", 1.0, 0, 2, 0),
        ("max([x, 2*x, 1])", 0.5, 0, 2, 0),
        ("min([[x, 1], [2, 3]])", 1.0, 1, 0, 0),
    ],
)
def test_exact_slopes(text: str, x: float, left: float | None, right: float | None, jump: float) -> None:
    slopes = slopes_of(text, x=x)
    assert slopes is not None
    assert slopes.exact
    for found, wanted in ((slopes.left, left), (slopes.right, right), (slopes.jump, jump)):
        assert found == (None if wanted is None else pytest.approx(wanted, rel=1e-14, abs=1e-14))


@pytest.mark.parametrize(
    ("text", "x", "left", "right"),
    [
        ("sqrt(x^2)", 0.0, -1, 1),
        ("sqrt(x^2 + x^4)", 0.0, -1, 1),
        ("where(x^2 > 0, x, 3)", 0.0, 1, 1),
        ("sqrt(x) * x^2 + x", 0.0, NONE, 1),
        ("ceil(hypot(x, 2))", 0.0, 0, 0),
    ],
)
def test_slopes_from_close_by_where_tangents_do_not_tell(
    text: str, x: float, left: float | None, right: float | None
) -> None:
    slopes = slopes_of(text, x=x)
    assert slopes is not None
    for found, wanted in ((slopes.left, left), (slopes.right, right)):
        assert found == (None if wanted is None else pytest.approx(wanted, rel=1e-5))


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("x * abs(x)", 0.0), ("max(x, 2*x) * x", 0.0), ("max(x, x)", 1.0), ("abs(x^2)", 0.0), ("relu(x)^2", 0.0),
        ("abs(x)", 1e-300), ("max(x, 1)", 1 + 1e-15), ("floor(x)", 0.5), ("hypot(x, 1)", 0.0), ("x^2", 0.0),
        ("where(x > 1, x, 2*x - 1)", 2.0), ("where(x > 1, 2*x - 1, x^2)", 1.0), ("where(1 > 1, x, 2*x)", 1.0),
        ("where(x < 0, sqrt(x - 1), x)", 0.0), ("norm([x, 1])", 0.0), ("x + abs(0)", 3.0),
        ("mod(x, 0 * x)", 2.0), ("sum(mod([x, 1], [0 * x, 2]))", 2.0),
    ],
)  # fmt: skip
def test_no_kink_where_the_derivative_exists(text: str, x: float) -> None:
    assert not kinks_of(text, x=x)


def test_a_kink_is_told_with_its_place() -> None:
    (site,) = kinks_of("input x\na = x - 1\noutput L = abs(a) + x", x=1.0).sites
    assert (site.text, site.line, site.times) == ("abs(a)", 3, 1)
    assert "0 at 0" in site.convention


def test_a_kink_in_a_loop_is_told_once() -> None:
    (site,) = kinks_of("input x\ns = 0\nfor k = 1 to 5 {\n    s = s + abs(k * x)\n}\noutput s", x=0.0).sites
    assert site.times == 5


def test_components_of_arrays_have_slopes_of_their_own() -> None:
    found = kinks_of("input w[4]\noutput L = sum(abs(w) * [1, 2, 3, 4])", w=np.array([0.0, 1.0, -2.0, 0.0]))
    assert {name: (one.left, one.right) for name, one in found.slopes["L"].items()} == {
        "w[0]": (-1, 1),
        "w[3]": (-4, 4),
    }


def test_many_components_are_left_out_and_counted() -> None:
    found = kinks_of("input w[200]\noutput L = sum(relu(w))", w=np.zeros(200))
    assert len(found.slopes["L"]) == 50
    assert found.left_out == 150


def test_of_many_components_those_at_the_kink_come_first() -> None:
    w = np.ones(200)
    w[[70, 150]] = 0.0
    found = kinks_of("input w[200]\noutput L = sum(abs(w[140:])) + abs(w[70])", w=w)
    assert set(found.slopes["L"]) == {"w[70]"} | ({"w[150]"} & set(found.slopes["L"]))


def test_a_loop_bound_that_is_met_is_a_jump() -> None:
    slopes = slopes_of("input n\ns = 0\nfor k = 1 to n {\n    s = s + k * n\n}\noutput s", n=3.0)
    assert slopes is not None
    assert (slopes.left, slopes.right, slopes.jump) == (3, 6, 9)


def test_decisions_through_functions_and_while() -> None:
    slopes = slopes_of("def f(u) {\n    while u > 1 { u = u / 2 }\n    return u\n}\ninput x\noutput y = f(x)", x=2.0)
    assert slopes is not None
    assert (slopes.left, slopes.right, slopes.jump) == (0.5, 0.25, -0.5)


@settings(max_examples=200, deadline=None)
@given(
    weights=st.lists(st.floats(-3, 3), min_size=2, max_size=5),
    slopes=st.lists(st.floats(-3, 3), min_size=2, max_size=5),
)
def test_sums_of_kinks_along_a_line(weights: list[float], slopes: list[float]) -> None:
    """Every term c |s x| has its slope c |s| to the right and -c |s| to the left."""
    terms = list(zip(weights, slopes, strict=False))
    found = slopes_of(" + ".join(f"({weight!r}) * abs(({slope!r}) * x)" for weight, slope in terms), x=0.0)
    right = sum(weight * abs(slope) for weight, slope in terms)
    size = sum(abs(weight * slope) for weight, slope in terms)
    if found is None:
        assert abs(right) <= 1e-9 * size
    else:
        assert found.right == pytest.approx(right, rel=1e-12, abs=1e-14 * size)
        assert found.left == pytest.approx(-right, rel=1e-12, abs=1e-14 * size)


def test_of_many_elements_at_a_kink_only_those_that_move_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0
    at_kink = OneSided._at_kink

    def counted(*arguments: Any) -> Any:
        nonlocal looked_at
        looked_at += 1
        return at_kink(*arguments)

    monkeypatch.setattr(OneSided, "_at_kink", counted)
    found = parse("input w[n] = zeros(200)\noutput L = sum(abs(w))").check().kinks.slopes["L"]
    assert {(slopes.left, slopes.right) for slopes in found.values()} == {(-1.0, 1.0)}
    assert looked_at == 2 * len(found) == 100


@pytest.mark.parametrize("number", ["x'", "sum_to(x, 1)", "expand(x, 2)", "select(1, x, 2)"])
def test_numbers_in_operations_on_whole_arrays(number: str) -> None:
    slopes = slopes_of(f"input x\noutput y = abs({number}) + sum([0, 1])", x=0.0)
    assert slopes is not None
    assert (slopes.left, slopes.right) == (-1.0, 1.0)


def test_slopes_of_a_component_close_by() -> None:
    """Where two components tie that are multiplied, what is beside the tie is told by points close by."""
    program = parse("input w[3]\nb = where(w > 0, abs(w) * w, w)\nt = b * max(w)\noutput t").program
    point = {"w": np.array([0.0, 2.0, 2.0])}
    tape = execute(program, point)
    output = select(tape, "t[1]")
    slopes = {"t[1]": adjoints_of(tape, output.seeds(tape), ["w"])}
    left, right, used, *_ = find_kinks(program, point, tape, slopes, LIMITS).slopes["t[1]"]["w[1]"]
    assert (left, right, used) == (pytest.approx(8), pytest.approx(12), 10)


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [
        ("output y = relu(x) - relu(-x)", 0.0, "1"),
        ("if x == 1 {\n    y = 1\n} else {\n    y = x^2\n}\noutput y", 1.0, "2"),
        ("if x == 2 {\n    y = 4\n} else {\n    y = x^2\n}\noutput y", 2.0, "4"),
    ],
)
def test_where_both_slopes_are_the_same_there_is_a_derivative(text: str, x: float, slope: str) -> None:
    """The sweep gives another number by the convention of a kink, or of a decision: that is wrong."""
    program = adcli.parse(f"input x\n{text}")
    gradient = program.gradient(x=x)
    judgement = gradient.comparisons["y"].components["x"]
    assert judgement.verdict is Verdict.WRONG
    assert judgement.reason == f"the slopes to both sides are {slope}: that is the derivative"
    (checked,) = program.check(x=x).components
    assert checked.verdict is Verdict.WRONG
    assert not any("there is no derivative here" in warning.message for warning in gradient.warnings)


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [
        ("where(x == 0, 1, (exp(x) - 1) / x)", 0.0, 1 / 2),
        ("where(x == 0, 0.5, (exp(x) - 1 - x) / x^2)", 0.0, 1 / 6),
        ("where(x == 1, 1, log(x) / (x - 1))", 1.0, -1 / 2),
        ("where(x == 0, -0.5, log(1 + x) / x - (exp(x) - 1) / x - 0.5)", 0.0, -1),
        ("where(x == 2, 4, (x^2 - 4) / (x - 2))", 2.0, 1),
        ("where(x == 0, 1, x / tan(x)) + 3 * x", 0.0, 3),
    ],
)
def test_a_removable_singularity_has_a_slope(text: str, x: float, slope: float) -> None:
    """Close by, rounding eats the quotient; the slope is found where it has not yet, to six digits at least."""
    report = adcli.expression(text).gradient(x=x)
    (judgement,) = report.judgements["value"].values()
    used = report.gradient["value"]["x"]
    if used == slope:
        assert judgement.verdict is Verdict.AGREES
        return
    along = report.kinks.slopes["value"]["x"]
    assert along.jump == 0
    assert along.common == pytest.approx(slope, rel=1e-6, abs=1e-6)
    assert judgement.verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("where(x == 0, 0.5, (1 - cos(x)) / x^2)", 0.0),  # which rounding makes 0 close by: a jump of -0.5
        ("where(x == 0, 1, sin(x) / x)", 0.0),
        ("where(x == 0, 0, x^2 * sin(1 / x))", 0.0),  # whose slopes close by do not settle
        ("where(x > 0, exp(-1 / x), 0)", 0.0),
        ("where(x > 0, x^2 * log(x), 0)", 0.0),
        ("where(x > 0, x^1.3, 0)", 0.0),  # to which differences settle slowly
    ],
)
def test_no_kink_and_no_jump_where_branches_meet_smoothly(text: str, x: float) -> None:
    report = adcli.expression(text).gradient(x=x)
    assert report.gradient["value"]["x"] == 0
    assert not report.kinks
    assert report.judgements["value"]["x"].verdict is Verdict.AGREES


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("where(x > 0, x * log(x), 0)", 0, -math.inf),
        ("where(x < 0, x * log(-x), 0)", -math.inf, 0),
        ("where(x > 0, -x * log(x)^2, 0)", 0, -math.inf),
        ("where(x > 0, sqrt(x), 0)", 0, math.inf),
        ("where(x > 0, x^0.3, -x)", -1, math.inf),
    ],
)
def test_infinite_slopes(text: str, left: float, right: float) -> None:
    report = adcli.expression(text).gradient(x=0.0)
    slopes = report.kinks.slopes["value"]["x"]
    assert (slopes.left, slopes.right, slopes.jump) == (left, right, 0)
    judgement = report.judgements["value"]["x"]
    assert judgement.verdict is Verdict.NONSMOOTH
    assert math.isnan(judgement.value)  # no difference tells of what is infinite


def test_a_root_that_is_a_derivative_after_all() -> None:
    """The sweep meets 0 * inf; the function is x^2, whose derivative is told."""
    report = adcli.expression("sqrt(x^4)").gradient(x=0.0)
    judgement = report.judgements["value"]["x"]
    assert judgement.verdict is Verdict.UNDEFINED
    assert judgement.reason.endswith("; the slopes to both sides are 0: that is the derivative")
    assert report.kinks.slopes["value"]["x"].jump == 0


def test_a_jump_is_told_of_the_component_that_jumps() -> None:
    report = adcli.expression("sum(where(x > 0, log(x), 0))").gradient(x=np.array([0.0, 1.0]))
    assert list(report.kinks.slopes["value"]) == ["x[0]"]
    assert report.kinks.slopes["value"]["x[0]"].jump == -math.inf
    assert report.judgements["value"]["x[1]"].verdict is Verdict.AGREES


@pytest.mark.parametrize(("y", "x", "jump"), [(0.0, -1.0, 2 * math.pi), (-0.0, -3.0, 2 * math.pi), (0.0, 1.0, 0.0)])
def test_the_angle_of_a_point_jumps_across_its_cut(y: float, x: float, jump: float) -> None:
    report = adcli.expression("atan2(y, x)").gradient(y=y, x=x)
    verdicts = {name: judgement.verdict for name, judgement in report.judgements["value"].items()}
    assert verdicts == {"y": Verdict.NONSMOOTH if jump else Verdict.AGREES, "x": Verdict.AGREES}
    if jump:
        slopes = report.kinks.slopes["value"]["y"]
        assert (slopes.left, slopes.right, slopes.jump) == (1 / x, 1 / x, pytest.approx(jump))


def test_an_angle_beside_its_cut_is_smooth() -> None:
    for y, x in ((1e-3, -1.0), (-1e-9, -2.0), (1.0, 0.0), (1.0, -1e-9)):
        report = adcli.expression("atan2(y, x)").gradient(y=y, x=x)
        assert all(judgement.verdict is Verdict.AGREES for judgement in report.judgements["value"].values())


def test_one_unit_beside_a_kink_the_derivative_is_that_of_its_side() -> None:
    report = adcli.expression("abs(x - 1)").gradient(x=math.nextafter(1.0, 2.0))
    assert report.judgements["value"]["x"].verdict is not Verdict.WRONG
    sides = report.judgements["value"]["x"].reason
    assert "0.2" not in sides

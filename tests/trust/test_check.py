"""Checks: no false alarm where derivatives are right, and none passes that is wrong by a part in a million."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.derive.modes import gradient
from adcli.program.program import Program
from adcli.rules.along import ALONG, along
from adcli.rules.compile import ieee_value
from adcli.rules.facts import refusal
from adcli.rules.local import partial
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.table import ARRAYS, PRIMITIVES
from adcli.tape.components import flattened
from adcli.tape.execute import execute
from adcli.tape.labels import find_entry
from adcli.tape.limits import LIMITS
from adcli.tape.tape import Tape, Value
from adcli.trust.check import Checked, check_gradient
from adcli.trust.compare import Comparer
from adcli.trust.difference import Estimate, Observation
from adcli.trust.evidence import Evidence
from adcli.trust.judgement import Verdict
from adcli.trust.kinks import NO_KINKS
from adcli.trust.taylor import taylor_test
from adcli.trust.verdict import verdict
from tests.conftest import randomly, together
from tests.derive.programs import RandomProgram, random_programs

WRONG = 1.000001


def checked(program: Program, point: dict[str, Value], tape: Tape) -> list[Checked]:
    (output,) = program.outputs
    slopes = gradient(tape, find_entry(tape, output), list(tape.inputs))
    comparer = Comparer(program, point, tape, None, LIMITS)
    return check_gradient(comparer, output, slopes, NO_KINKS, True, 0)[0]


def with_wrong_rule(tape: Tape, right: Primitive, wrong: Primitive) -> None:
    tape.operations = [wrong if operation is right else operation for operation in tape.operations]


def call_of(row: Primitive, names: Sequence[str]) -> str:
    if row.symbol:
        return f" {row.symbol} ".join(names)
    return f"-{names[0]}" if row.name == "neg" else f"{row.name}({', '.join(names)})"


SCALARS = [
    (row, point, place)
    for row in PRIMITIVES.values()
    for point in row.samples
    for place in range(len(point))
    if row.formulas(len(point))[place] != "0" and not refusal(row.formulas(len(point))[place])
]


def operands_of(row: Primitive, point: tuple[float, ...]) -> list[str]:
    """What stands in a call of a function: inputs, and a number where there is no derivative by an operand."""
    formulas = row.formulas(len(point))
    return [repr(a) if refusal(formula) else name for name, a, formula in zip("xyz", point, formulas, strict=False)]


@together("row point place", SCALARS, by=lambda row, *_: row.name)
def test_a_rule_that_is_wrong_by_a_part_in_a_million_is_caught(
    row: Primitive, point: tuple[float, ...], place: int
) -> None:
    partials = row.formulas(len(point))
    operands = operands_of(row, point)
    names = [name for name in operands if name in "xyz"]
    program = adcli.expression(call_of(row, operands)).program
    at: dict[str, Value] = {name: a for name, a in zip(operands, point, strict=True) if name in names}
    tape = execute(program, at)
    if not math.isfinite(tape.values[-1]):
        return
    right = {one.input: one for one in checked(program, at, tape)}
    wrong = replace(
        row, partials=tuple(f"({text}) * {WRONG}" if at == place else text for at, text in enumerate(partials))
    )
    if row.variadic:
        formulas = wrong.partials
        wrong = replace(row, partials=lambda count: formulas)  # type: ignore[arg-type,return-value]
    with_wrong_rule(tape, row, wrong)
    found = {one.input: one for one in checked(program, at, tape)}
    component = operands[place]
    if not right[component].reverse or not math.isfinite(right[component].reverse):
        return  # a derivative that is 0 or no number is not wrong by a part of it
    if (row.name, place) == ("pow", 1) and point[0] < 0:
        return  # there is no derivative along the exponent of a negative base
    assert found[component].verdict is not Verdict.AGREES
    assert all(found[name].verdict is right[name].verdict for name in names if name != component)


def test_nearly_all_rules_can_be_judged() -> None:
    """The floor of the test above: where a derivative is a number that is not 0, it is judged.

    Of `max` and the like each piece is without some operands: that is 0 as it must be, and another sample has them.
    """
    slopes = [(row, place, partial(row, place, point, ieee_value(row, point))) for row, point, place in SCALARS]
    judged = [(row, place) for row, place, slope in slopes if slope and math.isfinite(slope)]
    assert len(judged) >= 160
    assert len(judged) >= 0.9 * sum(slope != 0 or row.piece is None for row, _, slope in slopes)
    assert set(judged) == {(row, place) for row, _, place in SCALARS}


@together("row point place", SCALARS, by=lambda row, *_: row.name)
def test_a_rule_that_is_right_is_no_alarm(row: Primitive, point: tuple[float, ...], place: int) -> None:
    operands = operands_of(row, point)
    program = adcli.expression(f"1.5 * ({call_of(row, operands)})").program
    at: dict[str, Value] = {name: a for name, a in zip(operands, point, strict=True) if name in "xyz"}
    (found,) = [one for one in checked(program, at, execute(program, at)) if one.input == operands[place]]
    blunt = found.verdict is Verdict.STEP and not row.analytic  # erf(10) is 1 to the last digit
    assert found.verdict is Verdict.AGREES or blunt or not math.isfinite(found.reverse), found


ARRAY_ROWS = {row.name: row for row in (*ARRAYS.values(), *(along(name, 0) for name in ALONG))}


@pytest.mark.parametrize("name", [name for name, row in ARRAY_ROWS.items() if not callable(row.vjp) or row.vjp])
def test_a_wrong_element_of_a_rule_on_arrays_is_caught(name: str) -> None:
    """What an operand receives is wrong in one element, by a part in a million."""
    row = ARRAY_ROWS[name]
    assert isinstance(row, ArrayPrimitive)
    operands: list[Any] = [np.array(one, float) if isinstance(one, list) else float(one) for one in row.samples[0]]
    letters = ("a", "b", "c", "d")[: len(operands)]
    program = adcli.expression(f"sum({' + '.join(f'0 * sum({letter})' for letter in letters)})").program
    point: dict[str, Value] = dict(zip(letters, operands, strict=True))
    value = row.function(*operands)
    for place in range(len(operands)):
        formulas = row.pullbacks([getattr(one, "shape", ()) for one in operands])
        if not formulas[place]:
            continue
        assert _spoilt_is_caught(row, operands, value, place, formulas), (name, place)
    assert program.inputs
    assert point


def _spoilt_is_caught(
    row: ArrayPrimitive, operands: list[Any], value: Value, place: int, formulas: tuple[str, ...]
) -> bool:
    """Whether the two sweeps come apart where the rule of one operand has a factor too much."""
    from adcli.rules import local

    generator = np.random.default_rng(5)
    g = generator.normal(size=value.shape) if hasattr(value, "shape") else 1.25
    received = local.contribution(row, place, g, value, operands)
    right = np.asarray(received if hasattr(operands[place], "shape") else float(np.sum(received)))
    met_non_finite = right.copy()
    if not met_non_finite.size or not np.any(met_non_finite):
        return True
    index = np.unravel_index(np.argmax(np.abs(met_non_finite)), met_non_finite.shape) if met_non_finite.shape else ()
    met_non_finite[index] *= WRONG
    unit = np.zeros(met_non_finite.shape)
    unit[index] = 1.0
    tangent = unit if hasattr(operands[place], "shape") else 1.0
    pushed = local.tangent_term(row, place, tangent, value, operands)
    forward = float(np.sum(np.asarray(pushed) * g))
    size = float(np.sum(np.abs(np.asarray(pushed) * g)))
    return abs(forward - float(right[index])) <= 1e-11 * size < abs(forward - float(met_non_finite[index]))


QUIET = [  # where other tools raise false alarms
    ("x^2 + sin(x)", {"x": 2e4}), ("x^2 + sin(x)", {"x": 1e-8}), ("exp(-x) * cos(x)", {"x": 1e-8}),
    ("1e-12 * sin(x) * y", {"x": 1.0, "y": 3.0}), ("1e12 * sin(x) * y", {"x": 1.0, "y": 3.0}),
    ("1e-12 * relu(x) * y", {"x": 1.0, "y": 3.0}), ("1e12 * relu(x) * y", {"x": 1.0, "y": 3.0}),
    ("0 * x + y", {"x": 3.0, "y": 1.0}), ("x * y", {"x": 0.0, "y": 0.0}), ("cos(x)", {"x": 0.0}),
    ("x - x", {"x": 3.0}), ("where(y > 0, x, y)", {"x": 3.0, "y": 1.0}), ("relu(x) + y", {"x": -3.0, "y": 1.0}),
    ("log(x)", {"x": 1e-9}), ("sqrt(x)", {"x": 1e-12}), ("asin(x)", {"x": 1 - 1e-9}), ("x^1.5", {"x": 0.0}),
    ("1 - cos(x)", {"x": 1e-8}), ("x + 1e8 - 1e8", {"x": 1.0}),
    ("abs(x + 1e6) - 1e6", {"x": 1.0}), ("floor(x) + x", {"x": 2.5}), ("x^2 * 1e-300", {"x": 3.0}),
    ("exp(100 * sin(x))", {"x": 1.0}), ("tanh(1000 * x)", {"x": 1e-3}), ("gauss(x)", {"x": 20.0}),
    ("hypot(x, y)", {"x": 3e200, "y": 4e200}), ("x / y", {"x": 1e-200, "y": 1e-200}), ("lgamma(x)", {"x": 30.0}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "point"), QUIET, ids=[f"{text} at {point}" for text, point in QUIET])
def test_no_false_alarm(text: str, point: dict[str, float]) -> None:
    report = adcli.expression(text).check(**point)
    assert report.verdict is Verdict.AGREES, report.components


@pytest.mark.parametrize(
    ("text", "x"), [("(1 - cos(x)) / x^2", 1e-8), ("(x^2 - 1) / (x - 1)", 1.0000001), ("(exp(x) - 1) / x", 1e-7)]
)
def test_a_derivative_without_digits_is_told_apart(text: str, x: float) -> None:
    """The rules are right, and rounding has taken the digits: the complex step, which shares the formulas, agrees."""
    program = adcli.expression(text)
    (found,) = program.check(x=x).components
    assert found.complex_step == pytest.approx(found.reverse, rel=1e-6)
    assert found.verdict is Verdict.LOST
    assert "rounding has taken the digits" in found.reason and "line 1" in found.reason
    assert program.gradient(x=x).comparisons["value"].components["x"].verdict is Verdict.LOST


@pytest.mark.parametrize(("text", "x"), [("sin(x) + x", 1e17), ("cosh(cbrt(x))", 1e-30)])
def test_where_a_difference_is_misled_the_complex_step_decides(text: str, x: float) -> None:
    program = adcli.expression(text)
    assert program.check(x=x).components[0].verdict is Verdict.AGREES
    judgement = program.gradient(x=x).comparisons["value"].components["x"]
    assert judgement.verdict is Verdict.AGREES
    assert "complex step" in judgement.reason


HILBERT = "input b[5] = ones(5)\nA = zeros(5, 5)\nfor i = 0 to 4 {\n    for j = 0 to 4 {\n" + (
    "        A[i, j] = 1 / (i + j + 1)\n    }\n}\noutput y = sum(solve(A, b))"
)
LONG = [  # where the two sweeps round thousands of times, or a matrix multiplies what they round
    "input r = 1.7, N = 1000\nn = N\nfor k = 1 to 3000 {\n    n = n - 0.0005 * r * n\n}\noutput n",
    "input x = 0.1\ns = 0\nfor k = 1 to 8000 {\n    s = s + x\n}\noutput s",
    HILBERT,
]


@pytest.mark.parametrize("text", LONG)
def test_rounding_along_the_way_is_no_alarm(text: str) -> None:
    report = adcli.parse(text).check()
    assert report.verdict is Verdict.AGREES, report.components


def test_a_wrong_rule_in_a_long_program_is_caught() -> None:
    text = "input x = 0.3\ny = x\nfor k = 1 to 3000 {\n    y = y + 0.001 * sin(y)\n}\noutput y"
    program = adcli.parse(text).program
    tape = execute(program, {"x": 0.3})
    row = PRIMITIVES["sin"]
    with_wrong_rule(tape, row, replace(row, partials=(f"cos(a) * {WRONG}",)))
    assert [one.verdict for one in checked(program, {"x": 0.3}, tape)] == [Verdict.WRONG]


@pytest.mark.parametrize(
    "text", ["input x = 1e-300\noutput y = x * 1e-5", "input w[3] = [1e-200, 1e-200, 0]\noutput y = norm(w)"]
)
def test_a_step_beside_a_tiny_input_keeps_its_digits(text: str) -> None:
    report = adcli.parse(text).check()
    for one in report.components:
        assert one.complex_step == pytest.approx(one.reverse, rel=1e-12), one
    assert Verdict.WRONG not in {one.verdict for one in report.components}


@pytest.mark.parametrize(
    "text",
    [
        "input x = 0.5\noutput y = exp(-((x - 0.5) * 1e6)^2) + x",  # narrower than most steps
        "input w[3] = [1e-200, 1e-200, 0]\noutput y = norm(w)",  # every step along w[2] is far too large
        "input x[3] = [1000000000, 1000000001, 1000000002]\noutput y = sum((x - mean(x))^2)",  # steps round the inputs
    ],
)
def test_remainders_that_cannot_tell_are_no_alarm(text: str) -> None:
    report = adcli.parse(text).check()
    assert all(test.passed for test in report.taylor.values()), report.taylor


@pytest.mark.parametrize(("slope", "bend", "passed"), [(1.0, 2.0, True), (1.000001, 2.0, False), (1.0, 2.001, False)])
def test_remainders_of_wrong_derivatives_do_not_fall(slope: float, bend: float, passed: bool) -> None:
    found = taylor_test(lambda h, wanted=None: Observation(h + h * h + math.sin(h) ** 3), slope, bend, 1e-16)
    assert found.passed is passed, found


@randomly(30, random_programs())
def test_no_false_alarm_on_random_programs(program: RandomProgram) -> None:
    report = adcli.parse(program.text).check(**program.point)
    assert Verdict.WRONG not in {one.verdict for one in report.components}, report.components


@randomly(30, random_programs(analytic_only=True))
def test_a_wrong_rule_in_a_random_program_is_caught(random_program: RandomProgram) -> None:
    """Sines are wrong by a part in a million: every component that this changes by as much is caught.

    Or by more, where the right one has fewer digits than that: a derivative near 0, of large terms that cancel.
    """
    program = adcli.parse(random_program.text).program
    point: dict[str, Value] = dict(random_program.point)
    tape = execute(program, point)
    right = {one.input: one for one in checked(program, point, tape)}
    row = PRIMITIVES["sin"]
    with_wrong_rule(tape, row, replace(row, partials=(f"cos(a) * {WRONG}",)))
    for one in checked(program, point, tape):
        before = right[one.input]
        known = max(1e-7, 10 ** -(before.digits or 0))
        if (
            before.verdict is Verdict.AGREES
            and abs(one.reverse - before.reverse) > known * abs(before.reverse) > 1e-280
        ):
            assert one.verdict is not Verdict.AGREES


def test_all_ways_stand_side_by_side() -> None:
    report = adcli.expression("x * y + sin(x * y)").check(x=2, y=3)
    truth = 3 * (1 + math.cos(6))
    one = report.components[0]
    assert [one.reverse, one.forward, one.complex_step, one.difference] == pytest.approx([truth] * 4, rel=1e-12)
    assert abs(one.difference - truth) <= one.error
    assert one.digits is not None
    assert one.digits > 12
    assert "complex step" in one.reason


def test_components_of_arrays_are_named() -> None:
    report = adcli.parse("input w[3]\noutput L = sum(w^3)").check(w=[1, 2, 3])
    assert [one.input for one in report.components] == ["w[0]", "w[1]", "w[2]"]
    assert [one.reverse for one in report.components] == pytest.approx([3, 12, 27])
    assert report.verdict is Verdict.AGREES


def test_of_many_components_the_largest_are_checked_and_a_direction() -> None:
    w = np.linspace(1, 2, 60)
    program = adcli.parse("input w[60]\noutput L = sum(w^3)")
    report = program.check(w=w)
    assert len(report.components) == 20
    direction = report.comparisons["L"].direction
    assert direction is not None
    assert direction.judgement.verdict is Verdict.AGREES
    assert len(program.check(w=w, everything=True).components) == 60


def test_second_derivatives() -> None:
    report = adcli.parse("input x = 1.5, w[2] = [1, 2]\noutput L = exp(x * w[0]) * w[1]^2").check(order=2)
    found = {one.input: one for one in report.second}
    assert found["x, x"].reverse == pytest.approx(4 * math.exp(1.5), rel=1e-14)
    assert found["x, w[1]"].reverse == pytest.approx(4 * math.exp(1.5), rel=1e-14)
    assert found["w[1], w[1]"].complex_step == pytest.approx(2 * math.exp(1.5), rel=1e-14)
    assert len(found) == 6
    assert report.verdict is Verdict.AGREES


_GENERAL = [[1.4934, -1.2591, 1.5139], [1.3459, 0.7813, 0.2645], [-0.3139, 1.458, 1.9603]]
_CLOSE = [[-0.1698, 0.8685, -1.1297], [-0.4219, 0.2429, 1.8014], [-0.7645, -1.0791, -0.5633]]
_SKEW = [[0.0879, 0.9997, 2.3749], [0.2739, -0.2804, -0.7712], [0.6481, -0.1967, -0.1787]]
_ROWS = [
    [-0.02006345461548042, -1.2487488903344155, -0.31389947196684775],
    [0.05410227877154389, 0.27279133916445375, -0.9821881249409777],
    [-1.107373047165193, 0.19958453484708083, -0.46674961687980204],
]


@pytest.mark.parametrize(
    ("text", "matrix"),
    [
        ("det(x)", np.eye(3)),
        ("det(x)", np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 2.0]])),
        ("det(x)", np.array([[4.0, 1.0, 0.5, 0.0], [1.0, 3.0, 0.0, 0.3], [0.5, 0.0, 2.0, 1.0], [0.0, 0.3, 1.0, 5.0]])),
        ("det(x)", np.array(_GENERAL)),
        ("sum(inv(x)^2)", np.array(_CLOSE)),
        ("trace(inv(x))", np.array(_SKEW)),
        ("sum(lstsq(x, x[:, 0] * x[:, 1])^2)", np.array(_SKEW)),
        ("sum(qr(x)^3)", np.array(_ROWS)),
    ],
)  # fmt: skip
def test_second_derivatives_by_a_matrix_are_no_alarm(text: str, matrix: Any) -> None:
    """What rounding leaves of them is known for each component; that of a determinant by two elements of a row is 0."""
    size = len(matrix)
    report = adcli.parse(f"input x[{size}, {size}]\noutput y = {text}").check(x=matrix, order=2)
    assert {one.verdict for one in report.second} == {Verdict.AGREES}


@pytest.mark.parametrize(("text", "x"), [("sigmoid(1000 * x)", 0.5), ("exp(-x^2 / 2)", 30.0), ("softplus(x)", -500.0)])
def test_a_complex_step_that_underflows_is_no_alarm(text: str, x: float) -> None:
    report = adcli.parse(f"input x\noutput y = {text}").check(x=x, order=2)
    assert {one.verdict for one in (*report.components, *report.second)} <= {Verdict.AGREES, Verdict.STEP}


@pytest.mark.parametrize("name", ["min", "max"])
def test_a_tie_along_an_axis_is_another_piece(name: str) -> None:
    """The squares have slopes where elements are equal, and no second derivatives."""
    text = f"input x[2, 2] = [[0, 0], [1, 2]]\noutput y = sum({name}(x, axis = 1)^2)"
    report = adcli.parse(text).check(order=2)
    assert {one.verdict for one in report.components} == {Verdict.AGREES}
    verdicts = {one.input: one.verdict for one in report.second}
    assert verdicts["x[0, 0], x[0, 0]"] is verdicts["x[0, 0], x[0, 1]"] is Verdict.NONSMOOTH
    assert verdicts["x[1, 0], x[1, 0]"] is Verdict.AGREES


def test_random_points_come_from_the_ranges_and_the_seed() -> None:
    program = adcli.parse("input x = 2 in [1, 3], y = 3\noutput L = log(x) * sqrt(y + 10)")
    report = program.check(random=30, seed=7)
    found = report.at_random
    assert found is not None
    assert (found.tried, found.skipped, found.verdicts[Verdict.AGREES]) == (30, 0, 30)
    assert all(1 <= one.point["x"] <= 3 and 0 <= one.point["y"] <= 6 for one in found.worst)
    again = program.check(random=30, seed=7).at_random
    assert again == found
    assert program.check(random=30, seed=8).at_random != found


def test_a_random_point_shows_what_the_given_one_does_not() -> None:
    """At 2 the derivative exists; between -1 and 1 some points are on the flat side, none at the kink."""
    report = adcli.parse("input x = 2 in [0, 4]\noutput L = abs(floor(x) - 1) * x").check(random=20)
    assert report.at_random is not None
    assert report.at_random.verdicts[Verdict.AGREES] == 20
    assert report.verdict is Verdict.NONSMOOTH  # at 2, where floor jumps


def test_points_without_a_value_are_passed_over() -> None:
    found = adcli.expression("log(x)").check(x=0.5, random=30).at_random
    assert found is not None
    assert found.tried == 30
    assert found.skipped > 0


def test_a_forward_sweep_without_a_number_is_undefined() -> None:
    found = verdict(Evidence(2.0, difference=Estimate(2.0, 1e-12), magnitude=2.0, forward=math.nan))
    assert found.verdict is Verdict.UNDEFINED
    assert "0 * inf" in found.reason


def test_the_verdict_on_the_whole_is_the_worst() -> None:
    assert adcli.expression("abs(x) + y").check(x=0, y=1).verdict is Verdict.NONSMOOTH
    assert adcli.expression("log(x) + abs(y)").check(x=-1, y=0).verdict is Verdict.UNDEFINED


def flattened_point(report: Any) -> dict[str, float]:
    return flattened(report.inputs)


def test_an_input_that_is_not_asked_for_is_not_checked() -> None:
    report = adcli.expression("x * y").check(x=2, y=3, wrt="y")
    assert [one.input for one in report.components] == ["y"]
    assert set(flattened_point(report)) == {"x", "y"}


def test_what_cancels_in_a_softmax_is_no_disagreement() -> None:
    """All its elements sum to 1: what a large factor leaves of their derivatives is round-off in both sweeps."""
    text = "input y[3] = [2, 0, 0]\noutput L = sum(softmax(y) * 1e8) + dot(y, [1, 2, 3])\n"
    assert adcli.parse(text).check().verdict.value == "agrees"


def test_a_zero_that_only_the_smallest_numbers_could_move_has_its_digits() -> None:
    report = adcli.expression("norm([x, y])^2").check(x=0, y=0, nonsmooth="quiet")
    assert [one.verdict for one in report.components] == [Verdict.AGREES] * 2

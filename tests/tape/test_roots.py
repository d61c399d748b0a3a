"""`solve`: roots and their derivatives, against roots with 50 digits and against each other."""

from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, NamedTuple

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adcli
from adcli.errors import AdError
from adcli.tape.components import flattened
from adcli.tape.root_steps import search_of_one
from adcli.trust.verify import PreciseRun

DIGITS = 60
Root = Callable[..., Any]  # of mpmath's numbers

KEPLER = """\
input ecc = 0.3, M = 1.2
solve E from M in E - ecc * sin(E) == M
output E
"""
COLEBROOK = """\
input Re = 1e5, rough = 1e-4
solve f from 0.02 in 1 / sqrt(f) == -2 * log10(rough / 3.7 + 2.51 / (Re * sqrt(f)))
output f
"""
VOLATILITY = """\
input price = 9, strike = 105
spot = 100; rate = 0.02; years = 1
def cdf(u) = erfc(-u / sqrt(2)) / 2
def call(s) {
    d = (log(spot / strike) + (rate + s^2 / 2) * years) / (s * sqrt(years))
    return spot * cdf(d) - strike * exp(-rate * years) * cdf(d - s * sqrt(years))
}
solve s from 0.5 in call(s) == price
output s
"""
# Water and a weak acid, an equilibrium of three species: [H][A] = K [HA], mass, charge.
EQUILIBRIUM = """\
input K = 0.02, total = 0.1
solve h, a, ha from 0.03, 0.03, 0.05 in h * a == K * ha, a + ha == total, h == a + 1e-14 / h
output pH = -log10(h)
"""


def _kepler(ecc: Any, mean: Any) -> Any:
    return mpmath.findroot(lambda x: x - ecc * mpmath.sin(x) - mean, mean)


def _colebrook(re: Any, rough: Any) -> Any:
    def off(x: Any) -> Any:  # of x = 1 / sqrt(f)
        return x + 2 * mpmath.log10(rough / mpmath.mpf("3.7") + mpmath.mpf("2.51") * x / re)

    return 1 / mpmath.findroot(off, mpmath.mpf("7.3")) ** 2


def _volatility(price: Any, strike: Any) -> Any:
    spot, rate = mpmath.mpf(100), mpmath.mpf("0.02")

    def call(s: Any) -> Any:
        d = (mpmath.log(spot / strike) + rate + s**2 / 2) / s
        return spot * mpmath.ncdf(d) - strike * mpmath.exp(-rate) * mpmath.ncdf(d - s)

    return mpmath.findroot(lambda s: call(s) - price, mpmath.mpf("0.25"))


def _equilibrium(constant: Any, total: Any) -> Any:
    def off(h: Any) -> Any:
        a = h - mpmath.mpf("1e-14") / h
        return h * a - constant * (total - a)

    return -mpmath.log10(mpmath.findroot(off, mpmath.mpf("0.036")))


def derivative_of(function: Root, point: Sequence[str], orders: Sequence[int]) -> float:
    """A partial derivative by mpmath's differences of the root with many digits, at the numbers as floats have them."""
    with mpmath.workdps(DIGITS):
        return float(mpmath.diff(function, tuple(mpmath.mpf(float(number)) for number in point), tuple(orders)))


@pytest.mark.parametrize(
    ("text", "function", "point"),
    [
        (KEPLER, _kepler, ("0.3", "1.2")),
        (COLEBROOK, _colebrook, ("1e5", "1e-4")),
        (VOLATILITY, _volatility, ("9", "105")),
        (EQUILIBRIUM, _equilibrium, ("0.02", "0.1")),
    ],
)
def test_first_and_second_derivatives_have_twelve_digits(text: str, function: Root, point: tuple[str, str]) -> None:
    program = adcli.parse(text)
    names = [variable.name for variable in program.program.inputs]
    (gradient,), (hessian,) = program.gradient().gradient.values(), program.hessian().hessian.values()
    for place, name in enumerate(names):
        orders = [int(place == other) for other in range(2)]
        assert gradient[name] == pytest.approx(derivative_of(function, point, orders), rel=1e-12)
    for first, second in product(range(2), range(2)):
        orders = [(first == other) + (second == other) for other in range(2)]
        expected = derivative_of(function, point, orders)
        assert hessian[names[first]][names[second]] == pytest.approx(expected, rel=1e-12)


def test_a_third_derivative() -> None:
    text = (
        "input ecc = 0.3, M = 1.2\nsolve E from M in E - ecc * sin(E) == M\noutput d = derivative(derivative(E, M), M)"
    )
    program = adcli.parse(text)
    (value,), (gradient,) = program.evaluate().outputs.values(), program.gradient().gradient.values()
    assert value == pytest.approx(derivative_of(_kepler, ("0.3", "1.2"), (0, 2)), rel=1e-13)
    assert gradient["M"] == pytest.approx(derivative_of(_kepler, ("0.3", "1.2"), (0, 3)), rel=1e-12)
    assert gradient["ecc"] == pytest.approx(derivative_of(_kepler, ("0.3", "1.2"), (1, 2)), rel=1e-12)


@pytest.mark.parametrize("text", [KEPLER, COLEBROOK, VOLATILITY, EQUILIBRIUM])
def test_every_way_to_a_derivative_agrees(text: str) -> None:
    report = adcli.parse(text).check()
    assert report.verdict.value == "agrees"


def test_the_root_has_its_last_digit() -> None:
    assert adcli.parse("input a = 2\nsolve x from 1 in x^2 == a\noutput x").evaluate().outputs["x"] == math.sqrt(2)
    with mpmath.workdps(DIGITS):
        exact = float(_kepler(mpmath.mpf(0.3), mpmath.mpf(1.2)))
    assert abs(adcli.parse(KEPLER).evaluate().outputs["E"] - exact) <= math.ulp(exact)


ARRAYS = """\
input b[2] = [1, 2], c = 1
A = [[4, c], [c, 3]]
solve w from zeros(2) in A @ w + w^3 == b
output L = sum(w * [1, 2])
"""
MIXED = """\
input a = 2, b[2] = [1, 3]
solve x, w, y from 1, [1, 1], 0.5 in x + sum(w) == a * y, w * exp(w / 10) == b * x, x * y + w[0] == 4 * a
output L = x * w[1] + y
"""
MATRIX = """\
input S[2, 2] = [[4, 1], [1, 3]], c = 2
solve R from eye(2) in R @ R == c * S
output L = R[0, 1] + 3 * R[1, 1]
"""
IN_A_LOOP = """\
input e = 0.5, M = 1
scale = 2 * M
def anomaly(m) {
    solve E from m in E - e * sin(E) / scale == m
    return E
}
x = 0.3
for k = 1 to 4 {
    if x > 0 {
        solve x from x in x + tanh(e * x) == anomaly(M * k)
    }
}
output x
"""
DECISIONS = """\
input a = 3
def f(u) {
    if u > 1 {
        return u^2
    }
    return u
}
solve x from 0.1 in f(x) + max(x, 0) + where(x > 5, x, 0) == a
output x
"""
NESTED = """\
input a = 3
def root(u) {
    solve r from 1 in r^3 + r == u
    return r
}
solve x from 1 in x + root(x) == a
output x
"""
DIFFERENTIATES = """\
input a = 3
solve x from 1 in derivative(x^4 / 4 + x^2, x) == a
output x
"""
ALL = [ARRAYS, MIXED, MATRIX, IN_A_LOOP, DECISIONS, NESTED, DIFFERENTIATES]


@pytest.mark.parametrize("text", ALL)
def test_first_and_second_order_agree_with_other_ways(text: str) -> None:
    program = adcli.parse(text)
    assert program.check().verdict.value == "agrees"
    report = program.hessian(check=True)
    (judgements,) = report.judgements.values()
    assert {judgement.verdict.value for judgement in judgements.values()} == {"agrees"}


def test_decisions_are_those_at_the_root() -> None:
    report = adcli.parse(DECISIONS).gradient()
    x = report.outputs["x"]
    assert x == pytest.approx((math.sqrt(13) - 1) / 2, rel=1e-15)
    assert report.gradient["x"]["a"] == pytest.approx(1 / (2 * x + 1), rel=1e-15)


@pytest.mark.parametrize(
    ("equation", "left", "right"),
    [
        ("x + x^3 == abs(a)", -1, 1),
        ("x + 0.5 * abs(x - 1) == a + 1", 2, 2 / 3),
        ("f(x) == a + 1", 1, 0.5),
        ("x + max(x, 1 + 3 * a) == a + 2", 0.5, -2),
        ("inner(x) == a", 0.5, 1.5),  # so that x is a + abs(a) / 2
    ],
)
def test_kinks_in_equations_are_told(equation: str, left: float, right: float) -> None:
    """By hand: beside the kink each side of the equation is a line."""
    functions = "def f(u) {\n    if u >= 1 {\n        return 2 * u - 1\n    }\n    return u\n}\n"
    functions += "def inner(u) {\n    solve r from 0.1 in r + abs(r) / 2 == u\n    return r\n}"
    report = adcli.parse(f"input a = 0\n{functions}\nsolve x from 0.3 in {equation}\noutput x").gradient()
    assert report.judgements["x"]["a"].verdict.value == "nonsmooth"
    slopes = report.kinks.slopes["x"]["a"]
    assert (slopes.left, slopes.right) == (pytest.approx(left, rel=1e-12), pytest.approx(right, rel=1e-12))


def test_only_what_the_equations_read_matters() -> None:
    text = "input a = 2, start = 1.3\nsolve x from start in x^2 == a\noutput x"
    assert adcli.parse(text).gradient().gradient["x"]["start"] == 0


CIRCLE = """\
input a = 4, b = 1
solve x, y from 1, 0.5 in x^2 + y^2 == a, x * y == b
output x
"""


def _circle(a: Any, b: Any) -> Any:
    return mpmath.sqrt((a + mpmath.sqrt(a**2 - 4 * b**2)) / 2)


@pytest.mark.parametrize(("text", "function", "point"), [(KEPLER, _kepler, (0.3, 1.2)), (CIRCLE, _circle, (4, 1))])
def test_a_root_has_fifty_digits_where_they_are_asked_for(text: str, function: Root, point: Sequence[float]) -> None:
    tape = adcli.parse(text).at({}).run.tape
    with mpmath.workdps(DIGITS):
        exact = function(*map(mpmath.mpf, point))  # of the numbers that the inputs are in binary
        found = PreciseRun(tape).exact(tape.bindings[text.split()[-1]])
        assert abs(found - exact) <= exact * mpmath.mpf("1e-47")


CHECKPOINTED = """\
input a = 2, w[2] = [0.3, 0.4]
x = 1
u = w
for k = 1 to 8 checkpoint 2 {
    solve x from x in x^3 + x == a + k * sum(u)
    solve u from u in u + u^3 / x == w
}
output L = x + sum(u)
"""


def test_checkpoints_change_nothing() -> None:
    program = adcli.parse(CHECKPOINTED)
    plain = adcli.parse(CHECKPOINTED.replace(" checkpoint 2", "")).vjp(bar={"L": 1.0}).adjoints
    report = program.gradient().gradient["L"]
    assert report["a"] == plain["a"]
    assert list(report["w"]) == list(plain["w"])


def test_compiled_runs_solve_at_each_point() -> None:
    program = adcli.parse("input A[2, 2], b[2]\nsolve w from zeros(2) in A @ w + w^3 == b\noutput L = sum(w)")
    for c in range(1, 9):
        matrix, right = [[4.0, 1.0], [1.0, 3.0]], [float(c), 2.0]
        fresh = adcli.parse(program.program.source.text).vjp(A=matrix, b=right, bar={"L": 1.0}).adjoints
        again = program.vjp(A=matrix, b=right, bar={"L": 1.0}).adjoints
        assert [list(again["b"]), *map(list, again["A"])] == [list(fresh["b"]), *map(list, fresh["A"])]


def test_copies() -> None:
    program = adcli.parse(CIRCLE)
    start = program.at({})
    for duplicate in (copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))):
        assert repr(duplicate(program.tape()).sweep("x").adjoints) == repr(program.tape().sweep("x").adjoints)
        assert duplicate(start).run.tape.values[-1] == start.run.tape.values[-1]


def test_another_process_runs_a_program_again() -> None:
    program = adcli.parse(CIRCLE)
    start = program.at({})
    outputs = start.run.tape.values[-1]
    pickled = pickle.dumps(start)
    script = "import pickle, sys; print(pickle.load(sys.stdin.buffer).run.tape.values[-1])"
    result = subprocess.run([sys.executable, "-c", script], input=pickled, capture_output=True, check=True)
    assert float(result.stdout) == outputs


def test_the_product_of_a_hessian() -> None:
    program = adcli.parse(MIXED)
    hessian = program.hessian().by_component["L"]
    product = flattened(program.hvp(dot={"a": 1.0}).product["L"])
    assert product == pytest.approx({name: row["a"] for name, row in hessian.items()}, rel=1e-12)


def test_solve_is_still_a_function_and_a_name() -> None:
    text = "input a = 2\nsolve = solve([[a, 0], [0, 1]], [1, 1])\noutput y = solve[0]"
    assert adcli.parse(text).gradient().gradient["y"]["a"] == -0.25
    assert adcli.expression("solve x from 1 in x^2 == a; x").evaluate(a=9).outputs["value"] == 3


@pytest.mark.parametrize(
    ("start", "equation", "root"),
    [
        ("10", "atan(x) == 0.2 * a", math.tan(0.2)),  # Newton's steps go away for good
        ("0", "x^3 - 2 * x + 2 == 0 * a", -1.7692923542386314),  # and here between 0 and 1, for ever
        ("10", "x / (1 + x^2) == 0.4 * a", 2.0),
        ("0.2", "1 / (x - 1) == a / 2", 3.0),  # beyond a pole, where the sign changes as well
        ("4", "sqrt(x) == 0.25 * a", 0.0625),  # beside the end of a domain
        ("0.2", "floor(x) + x == 2.5 * a", 1.5),
        ("1e-3", "x^2 == 1e-300 * a", 1e-150),
        ("1", "exp(x) == 1e300 * a", math.log(1e300)),
    ],
)
def test_a_search_that_newton_alone_would_lose(start: str, equation: str, root: float) -> None:
    outputs = adcli.parse(f"input a = 1\nsolve x from {start} in {equation}\noutput x").evaluate().outputs
    assert outputs["x"] == pytest.approx(root, rel=1e-15)


class Number(NamedTuple):
    """An equation of one unknown at a value, without a program."""

    at: float
    off_by: float
    jacobian: float
    noise: float = 0.0


@pytest.mark.parametrize(
    ("off_by", "slope", "start", "root", "most"),
    [
        (lambda x: 0.1 * x**1.5 - x - 0.6, lambda x: 0.15 * x**0.5 - 1, 0.01, 101.18932, 4_000),
        (lambda x: math.log(x) + 700, lambda x: 1 / x, 1.0, math.exp(-700), 3_000),
        (lambda x: math.sqrt(x) - 1e-9, lambda x: 0.5 / math.sqrt(x), 9.0, 1e-18, 200),
    ],
)
def test_a_search_near_the_end_of_where_there_are_values(
    off_by: Callable[[float], float], slope: Callable[[float], float], start: float, root: float, most: int
) -> None:
    """It does not look for that end anew with each step: one comes 1,000 times nearer to it, by a half each time."""
    asked: list[float] = []

    def equations(x: float) -> Number:
        asked.append(x)
        return Number(x, off_by(x), slope(x)) if x > 0 else Number(x, math.nan, math.nan)

    here, _, is_root, _ = search_of_one(equations, start)
    assert is_root
    assert here.at == pytest.approx(root, rel=1e-6)
    assert len(asked) < most


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("solve x from 1 in x^2 == 0 * a", "singular-root", "slope"),
        ("solve x from 1 in (x - 1)^2 == 0 * a", "singular-root", "slope is 0"),
        ("solve x, y from 1, 2 in x + y == a, 2 * x + 2 * y == 2 * a", "singular-root", "condition number"),
        ("solve x from 3 in x^2 + a == 0", "no-root", "step"),
        ("solve x from 0.2 in 1 / (x - 1) == 0 * a", "no-root", "step"),
        ("solve x from 0.2 in floor(x) == 0.5 * a", "no-root", "step"),
        ("solve x from -3 in log(x) == a", "no-root", "where the search begins"),
        ("solve x from 1 in x == 0 / (a - 1)", "no-root", "where the search begins"),
        ("solve x, y from 1, 1 in x + y == a", "solve-count", "2 unknowns"),
        ("solve x from zeros(2) in x[0] == a", "solve-count", "2 unknowns"),
        ("solve x, y from 1 in x == a, y == a", "solve-count", "begins from 1 value"),
        ("solve a from 1 in a == 2", "solved-name", "input"),
        ("solve x, x from 1, 1 in x == a, x == 1", "solved-name", "unknown already"),
        ("solve x from 1 in x < a", "not-an-equation", "equation"),
        ("solve x from 1 in 1 == x == a", "not-an-equation", "equation"),
        ("solve x from 1 in x + q == a", "unknown-name", "q"),
        ("solve x from x in x == a", "used-before-assignment", "x"),
        ("solve x from 1 in [x, x] @ [1, 2, 3] == a", "shape", "elements"),
    ],
)  # fmt: skip
def test_mistakes(statement: str, code: str, words: str) -> None:
    with pytest.raises(AdError) as raised:
        adcli.parse(f"input a = 1\n{statement}\noutput y = 2 * a").gradient()
    (problem,) = raised.value.problems
    assert problem.code == code
    assert words in f"{problem.message} {problem.note}"
    assert problem.span is not None


def test_equations_change_no_state() -> None:
    text = (
        "input a = 2\nstate s = 0\ndef f(u) {\n    s = s + 1\n    return u^2\n}\nsolve x from 1 in f(x) == a\noutput x"
    )
    with pytest.raises(AdError) as raised:
        adcli.parse(text).evaluate()
    assert raised.value.problems[0].code == "not-an-equation"


@pytest.mark.parametrize("text", ALL[:1] + ALL[2:3] + ALL[5:])
def test_derivatives_as_programs_solve_again(text: str) -> None:
    program = adcli.parse(text)
    adjoint = adcli.parse(program.adjoint())
    (output,), (gradient,) = program.program.outputs, program.gradient().gradient.values()
    results = adjoint.evaluate().outputs
    for name, slope in gradient.items():
        assert list(flattened({"": results[f"bar_{name}"]}).values()) == pytest.approx(
            list(flattened({"": slope}).values())
        )
    second = program.hessian().by_component[output]
    jacobian = adjoint.jacobian().by_component
    for row, by in second.items():
        assert jacobian[f"bar_{row}"] == pytest.approx(by, rel=1e-11)


# Random systems: they have a root, as each equation is strictly increasing in its own unknown

_TERMS = (
    "sin(a * {})",
    "tanh({} * b)",
    "atan({} - a)",
    "cos({}) * b",
    "a * b",
    "exp(-{}^2)",
    "{} / (1 + {}^2)",
    "f({})",
)


@st.composite
def systems(draw: st.DrawFn) -> str:
    count = draw(st.integers(1, 3))
    names = ["x", "y", "z"][:count]
    equations = []
    for name in names:
        terms = [
            draw(st.sampled_from(_TERMS)).replace("{}", draw(st.sampled_from(names)))
            for _ in range(draw(st.integers(1, 3)))
        ]
        equations.append(f"5 * {name} + {' + '.join(terms)} == {draw(st.sampled_from(('a', 'b', 'a * b', '1')))}")
    starts = ", ".join(draw(st.sampled_from(("0", "1", "a"))) for _ in names)
    return (
        "input a = 0.7, b = -0.4\ndef f(u) = sin(u * a) + c / 3\nc = a^2 + b\n"
        f"solve {', '.join(names)} from {starts} in {', '.join(equations)}\n"
        f"output L = sin({names[-1]} * a) + {' + '.join(f'{n} * {name}^2' for n, name in enumerate(names, 1))}\n"
    )


@settings(max_examples=12, deadline=None)
@given(systems())
def test_reverse_mode_agrees_with_forward_mode_and_the_hessian_with_both(text: str) -> None:
    program = adcli.parse(text)
    reverse = program.vjp(bar={"L": 1.0}).adjoints
    for name in ("a", "b"):
        forward = program.jvp(dot={name: 1.0}).tangents["L"]
        assert reverse[name] == pytest.approx(forward, rel=1e-11, abs=1e-13)
    hessian = program.hessian().hessian["L"]
    assert hessian["a"]["b"] == pytest.approx(hessian["b"]["a"], rel=1e-9, abs=1e-11)
    nested = adcli.parse(text + "output D = derivative(L, a)\n").vjp(bar={"D": 1.0}).adjoints
    assert nested["b"] == pytest.approx(hessian["a"]["b"], rel=1e-9, abs=1e-11)

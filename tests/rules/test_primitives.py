"""Every primitive, by standing in the table: value and partials against high-precision ones, to a few ulp."""

from __future__ import annotations

import itertools
import math
from typing import Any

import mpmath
import pytest

from adcli import parse
from adcli.derive.hessians import hessian
from adcli.derive.modes import gradient_magnitude
from adcli.program.check import program_from_expression
from adcli.rules.compile import ieee_value, number_function
from adcli.rules.facts import refusal
from adcli.rules.functions import precise_function
from adcli.rules.local import partial
from adcli.rules.primitive import Primitive
from adcli.rules.shapes import Refused
from adcli.rules.table import BINARY_OPERATORS, CONDITIONS, FUNCTIONS, PRIMITIVES
from adcli.syntax.source import Source
from adcli.tape.execute import execute
from adcli.tape.reach import active_entries
from adcli.tape.record import record_sweep

from ..conftest import together

DIGITS = 60
ULPS = 6  # what "a few" means
# operands along which there is no derivative
DISCRETE = {
    row.name: {at for at, formula in enumerate(row.formulas(row.arity)) if refusal(formula)}
    for row in (*PRIMITIVES.values(), *CONDITIONS.values())
}
# first operands that are tried: orders
WHOLE = {
    "polygamma": [1.0, 2.0], "sinc_derivative": [1.0, 2.0, -1.0], "erfcx_integral": [1.0, 2.0, -1.0],
    "i0e_moment": [0.0, 2.0, -1.0], "polygamma_step": [0.0, 1.0, -1.0],
    "iv": [0.5, 1.0, 2.0], "jv": [0.5, 1.0, 2.0], "yv": [0.0, 1.0, 2.0],
}  # fmt: skip

# Beyond the table's samples: the ends of the range, the neighbourhoods of zeros, poles and cancellations.
EDGES: dict[str, list[tuple[float, ...]]] = {
    "div": [(1e300, 1e-3), (1e-300, 1e5)],
    "pow": [(1.0, 5.0), (-2.0, 3.0), (2.0, -1.0), (1e100, 3.0), (3.0, 1.0), (5.0, 0.0)],
    "sqrt": [(1e-300,), (1e300,)],
    "cbrt": [(1e-300,), (-1e300,)],
    "exp": [(-700.0,), (700.0,), (1e-300,)],
    "exp2": [(-1000.0,), (1000.0,)],
    "expm1": [(1e-300,), (700.0,), (-1e-17,)],
    "log": [(1e-300,), (1e300,), (1 + 1e-12,)],
    "log2": [(1e-300,), (1e300,)],
    "log10": [(1e-300,), (1e308,)],
    "log1p": [(1e-300,), (1e300,), (-1 + 1e-15,)],
    "sin": [(1e-300,), (1e6,), (3.141592653589793,)],
    "cos": [(1.5707963267948966,), (1e6,)],
    "tan": [(1.5707963267948966,), (1e-300,), (1e6,)],
    "sinpi": [(3.0,), (-2.0,), (1e-300,), (1 + 1e-12,), (0.5 - 1e-12,), (2.0**52 + 1,), (0.7499999,)],
    "cospi": [(3.5,), (-2.5,), (1e-100,), (1.5 + 1e-12,), (1 - 1e-9,), (2.0**51 + 0.5,), (0.7500001,)],
    "asin": [(1 - 2**-53,), (-1 + 2**-53,), (1e-300,)],
    "acos": [(1 - 2**-53,), (-1 + 2**-53,)],
    "atan": [(1e150,), (1e-300,)],
    "atan2": [(1e300, 1e300), (1e-300, -1.0), (3.0, -1e-300)],
    "hypot": [(1e300, 1e300), (1e-300, 1e-300), (1e-200, 3.0)],
    "sinh": [(700.0,), (1e-300,)],
    "cosh": [(700.0,), (1e-100,)],
    "tanh": [(20.0,), (-300.0,), (1e-300,)],
    "sech": [(20.0,), (-300.0,), (1e-100,), (705.0,)],
    "asinh": [(1e300,), (1e-300,)],
    "acosh": [(1 + 2**-52,), (1e300,)],
    "atanh": [(1 - 2**-53,), (1e-300,)],
    "erf": [(26.0,), (-5.9,), (1e-300,)],
    "erfc": [(26.0,), (-5.9,)],
    "gauss": [(26.5,), (-26.5,), (1e-100,)],
    "lgamma": [(1e-300,), (1 + 1e-10,), (2 - 1e-10,), (1e300,), (9.999,), (10.001,), (2.5,), (0.4999,), (-0.3,)],
    "digamma": [(1e-300,), (1.4616321449683622,), (1.46163,), (1e300,), (2.999,), (3.001,), (-0.3,)],
    "polygamma": [(1.0, 1e-10), (2.0, 1e10), (5.0, 0.1), (1.0, 40.0)],
    "sigmoid": [(700.0,), (-700.0,), (36.0,)],
    "softplus": [(700.0,), (-700.0,), (36.0,)],
    "min": [(1e300, 1e-300), (math.inf, 1.0)],
    "max": [(1e300, 1e-300), (-math.inf, 1.0)],
    "clip": [(1e300, -1.0, 1e-300), (0.5, 1e-300, math.inf), (-math.inf, 1.0, 2.0)],
    "fmod": [(3 * 0.7 - 1e-15, 0.7), (1e17, 3.0), (-1e-20, 1.0)],
    "xlogy": [(0.0, 3.0), (1e300, 1e-300), (2.0, 1 + 1e-12)],
    "xlog1py": [(0.0, 3.0), (1e300, 1e-300), (2.0, -1 + 1e-12)],
    "logit": [(1e-300,), (1 - 2**-53,), (0.5 + 2**-52,), (0.25,), (0.7499,)],
    "logaddexp": [(700.0, -700.0), (1e300, 1e300), (-1e5, -1e5)],
    "log_diff_exp": [(700.0, -700.0), (-1e5, -1e5 - 1e-6), (1.0, 1 - 2**-53)],
    "ndtr": [(-37.4,), (-5.123,), (1e-300,), (8.0,)],
    "gelu": [(-30.1,), (1e-300,), (40.0,), (-1.7,)],
    "silu": [(-700.0,), (1e-300,), (700.0,), (-2.3,)],
    "elu": [(-700.0,), (1e-300,), (700.0,)],
    "fma": [(1 + 2**-52, 1 - 2**-52, -1.0), (1e300, 1e-300, -1.0)],
    "sinc": [(1e-100,), (1.0001,), (1e15 + 0.25,)],
    "sinc_derivative": [(1.0, 0.6), (1.0, 1.4302966531242027), (2.0, 1e9 + 0.125), (4.0, 0.1), (2.0, 0.6626)],
    "i0e": [(1e-300,), (1e6,), (19.99,)],
    "i1e": [(1e-300,), (1e6,), (19.99,)],
    "i0e_moment": [(1.0, 1e-300), (2.0, 19.99), (3.0, 40.1), (2.0, 1e6)],
    "beta": [(1e-200, 3.0), (9.9, 9.9), (10.5, 1e3), (3.0, 1e5), (1e5, 1e-5)],
    "betaln": [(1e-305, 1e-306), (1e3, 2e3), (3.0, 1e200), (1e8, 1e-8)],
    "binom": [(52.0, 26.0), (1000.5, 300.25), (1e15, 3.0), (10.0, 5.0), (1e5, 1e-6), (3.0, -0.5)],
    "polygamma_step": [(0.0, 1e8, 1e-9), (0.0, 1e-200, 1.0), (1.0, 1e-5, 1e5), (0.0, 3.0, -3.0 + 1e-12)],
    "mod": [(3 * 0.7 - 1e-15, 0.7), (1e17, 3.0), (-1e-20, 1.0)],
}


def cases() -> list[tuple[Primitive, tuple[float, ...]]]:
    return [(row, point) for row in PRIMITIVES.values() for point in (*row.samples, *EDGES.get(row.name, []))]


def ulps_apart(number: float, exact: Any) -> float:
    if math.isinf(float(exact)) or float(exact) == 0:
        return 0.0 if number == float(exact) else math.inf
    return float(abs(mpmath.mpf(number) - exact) / mpmath.mpf(math.ulp(float(exact))))


def exact_slope(row: Primitive, point: tuple[float, ...], position: int) -> Any:
    """The partial of the precise function, by differences at a precision that leaves far more digits than we need."""
    function = precise_function(row)

    def along(x: Any) -> Any:
        moved = [mpmath.mpf(value) for value in point]
        moved[position] = x
        return function(*moved)

    x = mpmath.mpf(point[position])
    size = abs(x) if x else mpmath.mpf(1)
    with mpmath.workdps(500):
        h = size * mpmath.mpf(10) ** -60
        return (along(x + h) - along(x - h)) / (2 * h)


@pytest.fixture(autouse=True)
def precision() -> Any:
    with mpmath.workdps(DIGITS):
        yield


def test_every_primitive_has_a_precise_twin_and_samples() -> None:
    for row in PRIMITIVES.values():
        assert callable(precise_function(row))
        assert row.samples
        assert all(len(point) == row.arity or (row.variadic and len(point) > 1) for point in row.samples)


def test_the_issue_of_names() -> None:
    """What a program can call is what the language promises."""
    promised = (
        "sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh "
        "atanh hypot sinpi cospi erf erfc lgamma digamma sigmoid softplus relu abs sign min max floor ceil round mod"
    )
    promised += (
        " xlogy xlog1py logit logaddexp log_diff_exp ndtr gelu silu elu elu_scaled leaky_relu prelu trunc fmod "
        "copysign fma sinc gamma factorial"
    )
    promised += (
        " log_ndtr ndtri erfinv erfcinv erfcx i0 i1 iv j0 j1 jv y0 y1 yv expi lambertw gammainc gammaincc "
        "gammaincinv gammainccinv betainc betaincinv i0e i1e beta betaln binom"
    )
    arrays = (
        "sum mean prod min max dot norm outer trace diag transpose reshape concat stack cumsum cumprod length zeros "
        "ones eye linspace logsumexp softmax log_softmax det logdet inv solve cholesky qr lstsq "
        "solve_triangular pinv matrix_power expm eigvalsh eigh svd"
    )
    partials_need = (
        "gauss sech polygamma is_max is_min one_minus_square over_hypot sinc_derivative erfcx_integral gamma_density "
        "beta_density i0e_moment polygamma_step power_log"
    )
    rules_need = (
        "expand sum_to tril triu copyltu select cofactor cofactor_along matrix_power_along expm_along softmax_along "
        "centered size_of over_differences shares"
    )
    ordered = "clip var std median sort argsort argmax argmin diff roll"
    ordered += " tile cross kron polyval interp searchsorted take"
    order_needs = "blocks sum_tiles sum_at vander "
    order_needs += "demeaned sort_along sort_back"
    assert {
        *promised.split(),
        *arrays.split(),
        *partials_need.split(),
        *rules_need.split(),
        *ordered.split(),
        *order_needs.split(),
    } == set(FUNCTIONS)
    assert set(BINARY_OPERATORS) == set("+-*/^")


@together("row point", cases(), by=lambda row, _: row.name)
def test_value(row: Primitive, point: tuple[float, ...]) -> None:
    value = ieee_value(row, point)
    if any(map(math.isinf, point)):
        assert value == precise_function(row)(*point)
        return
    with mpmath.workdps(500):
        exact = precise_function(row)(*map(mpmath.mpf, point))
    assert ulps_apart(value, exact) <= ULPS


@together("row point", cases(), by=lambda row, _: row.name)
def test_partials(row: Primitive, point: tuple[float, ...]) -> None:
    value = ieee_value(row, point)
    for position in range(len(point)):
        if position in DISCRETE[row.name]:
            with pytest.raises(Refused, match=f"`{row.name}` has no derivative by its"):
                partial(row, position, point, value)
        elif row.name == "pow" and position == 1 and point[0] < 0:
            assert math.isnan(partial(row, position, point, value))
        elif not any(map(math.isinf, point)):
            slope = partial(row, position, point, value)
            assert ulps_apart(slope, exact_slope(row, point, position)) <= ULPS, f"operand {position}: {slope}"


@pytest.mark.parametrize("row", PRIMITIVES.values(), ids=lambda row: row.name)
def test_second_partials_from_the_recorded_sweep(row: Primitive) -> None:
    """The partials, recorded onto the tape and swept again, against second differences of the precise function."""
    for point in row.samples:
        names = [f"x{position}" for position in range(len(point))]
        source = f"{names[0]} {row.symbol} {names[1]}" if row.symbol else f"{row.name}({', '.join(names)})"
        if row.name == "neg":
            source = "-x0"
        tape = execute(program_from_expression(Source("t", source)), dict(zip(names, point, strict=True)))
        wanted = [tape.inputs[name] for at, name in enumerate(names) if at not in DISCRETE[row.name]]
        entries = [tape.inputs[name] for name in names]
        first = record_sweep(tape, {tape.bindings["value"]: tape.constant("1", 1.0)}, active_entries(tape, wanted))
        for i, j in itertools.product(range(len(point)), repeat=2):
            if DISCRETE[row.name] & {i, j}:
                continue
            slope = first[entries[i]]
            second = record_sweep(tape, {slope: tape.constant("1", 1.0)}, active_entries(tape, wanted))
            found = tape.values[second[entries[j]]] if entries[j] in second else 0.0
            exact = exact_second(row, point, i, j)
            # what the paths add up to may cancel: the error is a few ulp of their sizes
            size = gradient_magnitude(tape, {slope: 1.0}, [names[j]])[names[j]]
            assert found == pytest.approx(float(exact), rel=1e-14, abs=1e-14 * size + 1e-250), (point, i, j)


@pytest.mark.parametrize("row", [row for row in PRIMITIVES.values() if row.arity == 1], ids=lambda row: row.name)
def test_second_derivatives_far_out(row: Primitive) -> None:
    """Where a value and its slope are numbers, far from 0, the second derivative is one too."""
    tree = program_from_expression(Source("t", "-x" if row.name == "neg" else f"{row.name}(x)"))
    for point in (sign * 10.0**power for power in (2, 3, 5, 100, 155, 300) for sign in (1, -1)):
        slope = partial(row, 0, (point,), ieee_value(row, (point,)))
        if math.isfinite(slope) and math.isfinite(ieee_value(row, (point,))):
            tape = execute(tree, {"x": point})
            assert math.isfinite(hessian(tape, tape.bindings["value"], ["x"])["x"]["x"]), point


def test_second_derivatives_of_the_sigmoid_near_zero() -> None:
    """It is -x / 8 there: what v * (1 - v) would give is lost in the difference of two halves."""
    tree = program_from_expression(Source("t", "sigmoid(x)"))
    for x in (1e-3, 1e-8, -1e-20, 1e-200):
        tape = execute(tree, {"x": x})
        assert hessian(tape, tape.bindings["value"], ["x"])["x"]["x"] == pytest.approx(-x / 8, rel=x * x, abs=0)


def exact_second(row: Primitive, point: tuple[float, ...], i: int, j: int) -> Any:
    function = precise_function(row)
    with mpmath.workdps(500):
        x = [mpmath.mpf(value) for value in point]
        h = [mpmath.mpf(10) ** -100 * (abs(value) or 1) for value in x]

        def at(*moves: tuple[int, int]) -> Any:
            moved = list(x)
            for position, sign in moves:
                moved[position] += sign * h[position]
            return function(*moved)

        if i == j:
            return (at((i, 1)) - 2 * at() + at((i, -1))) / h[i] ** 2
        return (at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1)) + at((i, -1), (j, -1))) / (
            4 * h[i] * h[j]
        )


@pytest.mark.parametrize("row", PRIMITIVES.values(), ids=lambda row: row.name)
def test_the_two_readings_of_a_formula_agree(row: Primitive) -> None:
    """Python's compiled text, and the grammar's tree run by the interpreter."""
    for point in row.samples:
        value = ieee_value(row, point)
        letters = (*row.letters(len(point)), "v")
        for formula in row.formulas(len(point)):
            if refusal(formula):
                continue
            numbers = dict(zip(letters, (*point, value), strict=True))
            compiled = number_function(formula, letters)(*numbers.values())
            program = program_from_expression(Source("formula", formula))
            tape = execute(program, {variable.name: numbers[variable.name] for variable in program.inputs})
            assert tape.values[tape.bindings["value"]] == compiled


@pytest.mark.parametrize("row", PRIMITIVES.values(), ids=lambda row: row.name)
def test_any_floats_give_a_float(row: Primitive) -> None:
    """Infinities, NaN, zeros and extremes: no exception, no complex number; NaN in gives NaN out."""
    specials = [0.0, -0.0, 1.0, -1.0, 0.5, math.inf, -math.inf, math.nan, 5e-324, 1.7e308, -1.7e308, -3.0, 2.5]
    for point in itertools.product(specials, repeat=row.arity):
        value = ieee_value(row, point)
        assert type(value) is float
        if any(map(math.isnan, point)) and row.name not in ("pow", "power_log", "hypot", "copysign"):
            assert math.isnan(value), point
        for position in {*range(row.arity)} - DISCRETE[row.name]:
            assert type(partial(row, position, point, value)) is float
        if row.piece is not None:
            hash(row.piece(point, value))


@pytest.mark.parametrize(
    ("name", "point", "slopes"),
    [
        ("abs", (0.0,), (0.0,)),
        ("sign", (0.0,), (0.0,)),
        ("relu", (0.0,), (0.0,)),
        ("max", (2.0, 2.0), (0.5, 0.5)),
        ("min", (2.0, 2.0), (0.5, 0.5)),
        ("max", (2.0, 2.0, 2.0), (1 / 3, 1 / 3, 1 / 3)),
        ("min", (2.0, 2.0, 5.0), (0.5, 0.5, 0.0)),
        ("is_max", (2.0, 2.0, 5.0), (0.0, 0.0, 0.0)),
        ("sqrt", (0.0,), (math.inf,)),
        ("cbrt", (0.0,), (math.inf,)),
        ("pow", (0.0, 0.5), (math.inf, 0.0)),
        ("pow", (0.0, 0.0), (0.0, -math.inf)),
        ("pow", (0.0, 1.0), (1.0, 0.0)),
        ("pow", (0.0, 2.0), (0.0, 0.0)),
        ("floor", (2.0,), (0.0,)),
        ("ceil", (2.0,), (0.0,)),
        ("round", (2.5,), (0.0,)),
        ("hypot", (0.0, 0.0), (0.0, 0.0)),
    ],
)
def test_conventions_at_kinks(name: str, point: tuple[float, ...], slopes: tuple[float, ...]) -> None:
    row = PRIMITIVES[name]
    value = ieee_value(row, point)
    assert tuple(partial(row, position, point, value) for position in range(len(point))) == slopes


@pytest.mark.parametrize(
    ("expression", "value"),
    [("1/0", math.inf), ("-1/0", -math.inf), ("exp(1000)", math.inf), ("log(0)", -math.inf), ("0^0", 1.0),
     ("lgamma(0)", math.inf), ("round(2.5)", 2.0), ("round(3.5)", 4.0), ("mod(-7, 3)", 2.0), ("2^-1", 0.5)],
)  # fmt: skip
def test_ieee_values(expression: str, value: float) -> None:
    tape = execute(program_from_expression(Source("t", expression)), {})
    assert tape.values[tape.bindings["value"]] == value


def test_zeros_keep_their_sign() -> None:
    for name, point in (("floor", -0.0), ("ceil", -0.5), ("round", -0.3), ("cbrt", -0.0)):
        assert math.copysign(1, ieee_value(PRIMITIVES[name], (point,))) == -1


def test_a_power_is_never_complex() -> None:
    assert math.isnan(ieee_value(PRIMITIVES["pow"], (-8.0, 1 / 3)))
    assert math.isnan(partial(PRIMITIVES["pow"], 0, (-8.0, 1 / 3), math.nan))


@pytest.mark.parametrize("row", [row for row in PRIMITIVES.values() if row.domain], ids=lambda row: row.name)
def test_outside_its_domain_a_function_has_no_finite_value(row: Primitive) -> None:
    letters = row.letters(row.arity)
    program = parse(f"input {', '.join(letters)}\noutput y = where({row.domain}, 1, 0)")

    def inside(point: tuple[float, ...]) -> bool:
        return program.evaluate(dict(zip(letters, point, strict=True))).outputs["y"] == 1

    assert all(inside(point) for point in row.samples)
    grid = [-3.0, -2.5, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]
    orders = WHOLE.get(row.name, grid)
    grids = [orders, grid, grid][: row.arity] if row.arity > 1 else [grid]
    points = list(itertools.product(*(grid[:: 1 if row.arity < 3 else 3] for grid in grids)))
    within = [point for point in points if inside(point)]
    outside = [point for point in points if point not in within]
    assert outside
    for point in outside:
        assert not math.isfinite(ieee_value(row, point)), point
    assert any(math.isfinite(ieee_value(row, point)) for point in within)

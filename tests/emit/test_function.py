"""`adcli emit`: each function is run, and gives what the program gives, or a status."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import assume

import adcli
from adcli.emit.literals import number_literal
from adcli.rules.table import ARRAYS, BINARY_OPERATORS, FUNCTIONS

from ..cli.test_errors import Golden
from ..conftest import ALL_SAMPLES, ROOT, Adcli, mostly_slow, randomly, sample_name
from ..derive.array_programs import ArrayProgram, array_programs
from ..derive.programs import INPUTS, RandomProgram, random_programs
from .functions import ON_THE_WAY, far, function, orders, parts, truth
from .test_derivatives import direction_of

NUMBERS = [path for path in ALL_SAMPLES if not adcli.load(str(path)).program.arrays and path.stem != "kepler"]
HUBER = str(ROOT / "samples" / "huber.ad")


def same(found: list[Any], expected: list[Any], count: float, cancels: bool = False) -> None:
    """Assert that value and gradient are within some units in the last place, and second derivatives to rounding.

    Those of a sample on cancellation are not looked at: they have lost their digits.
    """
    assert far(found[0], expected[0]) <= count
    if len(expected) > 1:
        assert far(found[1], expected[1]) <= count
    if len(expected) > 2 and not cancels:
        assert found[2] == pytest.approx(expected[2], rel=1e-9, abs=1e-12 * float(numpy.max(numpy.abs(expected[2]))))


@pytest.mark.parametrize("path", mostly_slow(NUMBERS), ids=sample_name)
def test_python_has_the_same_bits(path: Path) -> None:
    program = adcli.load(str(path))
    point = program.evaluate().inputs
    for order in orders(program):
        status, *results = function(program.emit(to="python", order=order, function="f"), "f")(*point.values())
        assert status == 0
        same(parts(results), truth(program, order), 0, "cancellation" in path.parts)


@pytest.mark.parametrize("path", mostly_slow(ALL_SAMPLES), ids=sample_name)
def test_numpy_of_a_sample(path: Path) -> None:
    program = adcli.load(str(path))
    point = program.evaluate().inputs
    for order in orders(program):
        status, *results = function(program.emit(to="numpy", order=order, function="f"), "f")(*point.values())
        assert status == 0
        same(parts(results), truth(program, order), 2, "cancellation" in path.parts)


@pytest.mark.parametrize("path", mostly_slow(ALL_SAMPLES, 4), ids=sample_name)
def test_a_program_of_a_sample(path: Path) -> None:
    program = adcli.load(str(path))
    of, wrt = program.program.outputs[0], list(program.evaluate().inputs)
    values = adcli.parse(program.emit(to="ad", order=2)).evaluate().outputs
    slopes = program.gradient(of=of, difference="none").gradient[of]
    names = list(values)
    assert far(values[names[0]], program.evaluate().outputs[of]) == 0
    for name, bar in zip(wrt, names[1:], strict=False):
        assert far(values[bar], slopes[name]) <= (1 if program.program.arrays else 0)  # sums in another order
    direction = direction_of(program)
    product = program.hvp(of=of, dot=direction).product[of]
    moved = adcli.parse(program.emit(to="ad", order=2)).evaluate(
        {f"dot_{name}": dot for name, dot in direction.items()}
    )
    for name, bar in zip(wrt, names[1 + len(wrt) :], strict=True):
        size = float(numpy.max(numpy.abs(product[name])))
        assert numpy.asarray(moved.outputs[bar]) == pytest.approx(
            numpy.asarray(product[name]), rel=1e-9, abs=1e-10 * size
        )


@randomly(30, random_programs())
def test_random_programs_of_numbers(random: RandomProgram) -> None:
    program = adcli.parse(random.text)
    point = [random.point[name] for name in INPUTS]
    expected = truth(program, 1, **random.point)
    for to in ("python", "numpy"):
        text = program.emit(random.point, to=to, of="f", function="emitted")
        status, *results = function(text, "emitted")(*point)
        assert status == 0
        same(parts(results), expected, 0 if to == "python" else math.inf)
        assert parts(results)[1] == pytest.approx(expected[1], rel=1e-9, abs=1e-11 * float(numpy.max(abs(expected[1]))))


@randomly(40, array_programs())
def test_random_programs_of_arrays(random: ArrayProgram) -> None:
    program = adcli.parse(random.text)
    of = program.program.outputs[0]
    point = program.evaluate(random.point).inputs
    try:
        text = program.emit(random.point, to="numpy", of=of, function="f")
    except adcli.AdError as error:
        assume(not any(f"`{name}` cannot be written" in str(error) for name in WITHOUT_NUMPY))
        raise
    status, *results = function(text, "f")(*point.values())
    assert status == 0
    expected = truth(program, 1, **random.point)
    assert parts(results)[1] == pytest.approx(expected[1], rel=1e-9, abs=1e-11 * float(numpy.max(abs(expected[1]))))


# Rows

# What has no function of the same meaning in NumPy, but a kernel of many lines; and what asks SciPy.
WITHOUT_NUMPY = {
    "cofactor", "cofactor_along", "over_differences", "shares", "eigh", "svd", "size_of", "matrix_power",
    "matrix_power_along", "expm", "expm_along",
    "i0", "i1", "iv", "j0", "j1", "jv", "y0", "y1", "yv", "i0e", "i1e", "ndtri", "log_ndtr", "erfinv", "erfcinv",
    "erfcx", "erfcx_integral", "expi", "gammainc", "gammaincc", "gammaincinv", "gammainccinv", "betainc", "betaincinv",
}  # fmt: skip


@pytest.mark.parametrize("name", [*FUNCTIONS, *BINARY_OPERATORS])
def test_rows_in_numpy(name: str) -> None:
    row = BINARY_OPERATORS.get(name) or ARRAYS.get(name) or FUNCTIONS[name]
    for sample in row.samples:
        operands = [number_literal(numpy.array(part) if isinstance(part, list) else part) for part in sample]
        text = f" {name} ".join(operands) if name in BINARY_OPERATORS else f"{name}({', '.join(operands)})"
        program = adcli.parse(f"output y = {text}")
        if name in WITHOUT_NUMPY:
            with pytest.raises(adcli.AdError, match="cannot be written in NumPy"):
                program.emit(to="numpy", order=0)
            continue
        status, value = function(program.emit(to="numpy", order=0, function="f"), "f")()
        expected = numpy.asarray(program.evaluate().outputs["y"])
        assert status == 0
        assert numpy.asarray(value) == pytest.approx(expected, rel=1e-14, abs=1e-15)


# Statuses


@pytest.mark.parametrize("to", ["python", "numpy"])
def test_elsewhere_there_is_a_status(to: str) -> None:
    huber = function(adcli.load(HUBER).emit(to=to), "huber")
    assert huber(2.5, 1.0)[0] == 0
    status, value, _ = huber(0.5, 1.0)
    assert status == 1
    assert value is None or math.isnan(value)
    logarithm = function(adcli.expression("log(x)").emit(x=2, to=to), "f")
    for x in (0.0, -1.0):
        status, value, _ = logarithm(x)
        assert status == 2
        assert value is None or math.isnan(value)


@pytest.mark.parametrize("to", ["python", "numpy"])
def test_points_give_all_of_their_branches(to: str) -> None:
    program = adcli.load(HUBER)
    points = [{"r": r, "delta": 1.0} for r in (0.2, -0.4, 3.0, -2.0)]
    text = program.emit(to=to, order=2, points=points)
    assert text.count("def _huber_") == 2
    huber = function(text, "huber")
    for point in [*points, {"r": 7.0, "delta": 2.0}]:
        status, *results = huber(**point)
        assert status == 0
        same(parts(results), truth(program, 2, **point), 0)


def test_columns_have_a_status_for_each_row() -> None:
    program = adcli.load(HUBER)
    points = [{"r": 0.2}, {"r": 3.0}]
    r = numpy.linspace(-4, 4, 33)
    for text, decided in (
        (program.emit(to="numpy"), abs(r) > 1),
        (program.emit(to="numpy", points=points), abs(r) > -1),
    ):
        status, value, gradient = function(text, "huber")(r, 1.0)
        assert status.tolist() == [0 if row else 1 for row in decided]
        assert gradient.shape == (2, 33)
        for place in numpy.flatnonzero(decided):
            expected = truth(program, 1, r=float(r[place]))
            assert (value[place], gradient[:, place].tolist()) == (expected[0], expected[1].tolist())
        assert numpy.isnan(value[~decided]).all()


def test_what_the_lines_know_has_to_be_as_it_was() -> None:
    """Subscripts, sizes, and edges of rules: the value may be right elsewhere, and the derivative would be wrong."""
    place = adcli.parse("input w[3] = [1, 2, 4], k = 1\noutput y = w[k]^2")
    taken = function(place.emit(to="numpy", wrt="w", function="f"), "f")
    assert taken([1, 2, 4], 1)[0] == 0
    assert taken([1, 2, 4], 2)[0] == 1
    size = adcli.parse("input n = 3, x = 2\noutput y = sum(x * linspace(0, 1, n))")
    summed = function(size.emit(to="numpy", wrt="x", function="f"), "f")
    assert summed(3, 2.0)[1] == 3.0
    assert summed(4, 2.0)[0] == 1
    edge = adcli.parse("input x = 0, y = 0\noutput r = hypot(x, y)")
    for to in ("python", "numpy"):
        length = function(edge.emit(to=to, function="f"), "f")
        assert length(0.0, 0.0)[0] == 0
        assert length(3.0, 4.0)[0] == 1
        assert function(edge.emit(x=3, y=4, to=to, function="f"), "f")(0.0, 0.0)[0] == 2


def test_arrays_of_other_shapes_are_refused() -> None:
    text = adcli.expression("sum(w^2)").emit(w=[1.0, 2.0], to="numpy")
    with pytest.raises(ValueError, match="w is not of the shape"):
        function(text, "f")([1.0, 2.0, 3.0])


# Texts


def test_the_text_of_an_input_is_made_for_programs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a million numbers it takes many seconds, and is thrown away but for `--to ad`."""
    program = adcli.parse("input w[n]\noutput L = sum(w^2)")
    without = {to: program.emit(w=[1.0, 2.0], to=to) for to in ("numpy", "c", "latex", "javascript", "ad")}
    monkeypatch.setattr("adcli.emit.function.declaration_text", lambda variable, value: "input w[2] = [3, 4]")
    for to, text in without.items():
        assert (program.emit(w=[1.0, 2.0], to=to) == text) == (to != "ad")


def test_names_that_languages_have_already() -> None:
    program = adcli.parse(
        "input lambda = 2, np = 3, π_2 = 0.5, math = 1.5\nclass = lambda * np\noutput held = class * math^π_2"
    )
    for to in ("python", "numpy", "ad"):
        text = program.emit(to=to, order=2, function="f")
        if to != "ad":
            status, *results = function(text, "f")(2.0, 3.0, 0.5, 1.5)
            assert status == 0
            same(parts(results), truth(program, 2), 2)


@pytest.mark.parametrize("name", ["1f", "a-b", "lambda", "", "é"])
def test_what_is_no_name_of_a_function(adcli: Adcli, name: str) -> None:
    result = adcli("emit", "samples/huber.ad", "--to", "python", "--function", name)
    assert result.status == 2
    assert "a function cannot be called" in result.err


def test_a_component_is_a_value() -> None:
    program = adcli.parse("input w[2] = [1, 2]\nr = w^2 + w[0]\noutput r")
    status, value, gradient = function(program.emit(to="numpy", of="r[1]", function="f"), "f")([1.0, 2.0])
    assert (status, float(value), gradient[0].tolist()) == (0, 5.0, [1.0, 4.0])


GOLDEN = {
    "python-squared": ("squared_error.ad", "--to", "python", "--wrt", "w1,w2"),
    "python-huber": ("huber.ad", "--to", "python", "--order", "2"),
    "python-softplus": ("logistic_loss.ad", "--to", "python", "--order", "0"),
    "numpy-huber": ("huber.ad", "--to", "numpy", "--order", "2"),
    "numpy-regression": ("logistic_regression.ad", "--to", "numpy", "--wrt", "w"),
    "numpy-qr": ("least_squares_qr.ad", "--to", "numpy", "--wrt", "y", "--order", "2", "--function", "slope"),
    "ad-rosenbrock": ("rosenbrock.ad", "--to", "ad", "--order", "2"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_texts(adcli: Adcli, golden: Golden, name: str) -> None:
    sample, *options = GOLDEN[name]
    golden(f"emit-{name}.txt", adcli("emit", f"samples/{sample}", *options).out)


def test_points_from_a_table(adcli: Adcli, golden: Golden, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("r,delta\n0.2,1\n3,1\n-2,1\n")
    result = adcli("emit", "samples/huber.ad", "--to", "numpy", "--points", str(tmp_path / "p.csv"))
    golden("emit-points.txt", result.out)
    golden("help-emit.txt", adcli("emit", "--help", columns=80).out)
    (tmp_path / "p.csv").write_text("r,delta\n0.2,x\n")
    assert "line 2" in adcli("emit", "samples/huber.ad", "--to", "numpy", "--points", str(tmp_path / "p.csv")).err
    (tmp_path / "p.csv").write_text("1,2\n")
    assert (
        "has no header" in adcli("emit", "samples/huber.ad", "--to", "numpy", "--points", str(tmp_path / "p.csv")).err
    )
    (tmp_path / "p.csv").write_text("r,q\n1,2\n")
    assert "`q`" in adcli("emit", "samples/huber.ad", "--to", "numpy", "--points", str(tmp_path / "p.csv")).err


def test_the_graph_as_dot(adcli: Adcli) -> None:
    shown = adcli("emit", "samples/huber.ad", "--to", "dot", "--order", "0").out
    assert shown == adcli("graph", "samples/huber.ad", "--of", "loss", "--format", "dot").out


# Numbers that no input moves, and what they are by IEEE 754, of which Python makes errors.
NOT_FINITE_CONSTANTS = {
    "x + atan(1 / (0 * 2))": 2 + math.pi / 2,
    "x + atan(log(0))": 2 - math.pi / 2,
    "x * exp(-exp(1e3))": 0.0,
    "x + (0 / 0)^0": 3.0,
    "max(x, lgamma(-1)) / (1 / 0) + x^2 * (5 < 1 / 0)": math.nan,
    "min(x, 1e200^2) * 3": 6.0,
}


@pytest.mark.parametrize("to", ["python", "numpy"])
@pytest.mark.parametrize("text", NOT_FINITE_CONSTANTS)
def test_constants_are_infinite_or_none_as_ieee_has_them(text: str, to: str) -> None:
    expected = NOT_FINITE_CONSTANTS[text]
    program = adcli.expression(text)
    for order in range(3):
        status, value, *_ = function(program.emit(x=2, to=to, order=order, function="f"), "f")(2.0)
        assert (status, value) == (0, expected) if math.isfinite(expected) else status == 2


@pytest.mark.parametrize("to", ["python", "numpy"])
def test_a_loop_may_begin_at_infinity(to: str) -> None:
    """In each pass but the first the number is finite."""
    program = adcli.parse("input x = 0.5\ny = x\nfor k = 0 to 9 { y = min(y + x, 1 / k) + sin(y) }\noutput y")
    text = program.emit(to=to, function="f")
    assert "for i in range" in text
    status, *results = function(text, "f")(0.5)
    assert status == 0
    same(parts(results), truth(program, 1), 2)


def test_an_edge_along_what_does_not_move_is_no_decision() -> None:
    """x^2.5 is 0 at 0, where the rule along the exponent has an edge: the function holds elsewhere as well."""
    for to in ("python", "numpy"):
        power = function(adcli.expression("x^2.5 + x").emit(x=0, to=to, order=2, function="f"), "f")
        for x in (0.0, 4.0):
            status, *results = power(x)
            assert status == 0
            same(parts(results), [x**2.5 + x, [2.5 * x**1.5 + 1], numpy.array([[3.75 * math.sqrt(x)]])], 1)


@pytest.mark.parametrize(("formula", "point", "second"), ON_THE_WAY)
def test_what_overflows_on_the_way_does_not_spoil_second_derivatives(
    formula: str, point: tuple[float, float], second: tuple[float, float, float]
) -> None:
    program, (x, y), (xx, xy, yy) = adcli.expression(formula), point, second
    _, gradient, hessian = truth(program, 2, x=x, y=y)
    expected = pytest.approx([xx, xy, xy, yy], rel=4e-15, abs=0)
    assert hessian.ravel() == expected
    of_vectors = re.sub(r"(?<!e)[xy]", r"[\g<0>]", formula)  # but for the x of exp2
    assert truth(adcli.expression(f"sum({of_vectors})"), 2, x=x, y=y)[2].ravel() == expected
    for to in ("python", "numpy"):
        status, *results = function(program.emit(x=x, y=y, to=to, order=2, function="f"), "f")(x, y)
        assert status == 0
        assert [part.tolist() for part in parts(results)[1:]] == [gradient.tolist(), hessian.tolist()]

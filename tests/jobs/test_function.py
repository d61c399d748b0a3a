"""`program.function`: the same numbers as the methods give, at points and in columns, however the program decides."""

from __future__ import annotations

import math
import multiprocessing
import pickle
from pathlib import Path
from typing import Any

import numpy
import pytest

import adcli
from adcli.jobs.function import DerivedFunction

from ..conftest import ALL_SAMPLES, ROOT, mostly_slow, randomly, sample_name
from ..derive.programs import INPUTS, RandomProgram, random_programs
from ..emit.functions import far, truth

HUBER = adcli.load(str(ROOT / "samples" / "huber.ad"))


@pytest.mark.parametrize("path", mostly_slow(ALL_SAMPLES), ids=sample_name)
def test_values_and_gradients_of_a_sample(path: Path) -> None:
    program = adcli.load(str(path))
    point = program.evaluate().inputs
    expected = truth(program, 1)
    for function in (program.function(), pickle.loads(pickle.dumps(program.function()))):
        for _ in range(3):  # by the interpreter, then by what it left
            value, gradient = function(*point.values())
            gradient = [gradient] if len(point) == 1 else gradient
            assert far(value, expected[0]) == 0
            assert far(numpy.concatenate([numpy.ravel(part) for part in gradient]), expected[1]) == 0
            assert program.function(order=0)(**point) == value


@randomly(30, random_programs())
def test_random_programs(random: RandomProgram) -> None:
    program = adcli.parse(random.text)
    function = program.function(of="f")
    for shift in (0.0, 0.25, -1.0, 0.0):
        point = {name: random.point[name] + shift for name in INPUTS}
        expected = program.gradient(point, of="f", difference="none").gradient["f"]
        assert list(function(*point.values())[1]) == list(expected.values())


@randomly(20, random_programs())
def test_columns_of_random_programs(random: RandomProgram) -> None:
    program = adcli.parse(random.text)
    shifts = numpy.array([0.0, 0.3, -0.9, 0.1, 1.4, -0.2])
    found = program.function(of="f").columns(**{name: random.point[name] + shifts for name in INPUTS})
    for row, shift in enumerate(shifts.tolist()):
        point = {name: random.point[name] + shift for name in INPUTS}
        expected = list(program.gradient(point, of="f", difference="none").gradient["f"].values())
        size = max(map(abs, expected))
        assert [column[row] for column in found.gradient] == pytest.approx(expected, rel=1e-9, abs=1e-11 * size)


def test_each_way_to_decide_is_found() -> None:
    function = HUBER.function(order=2)
    for r in (2.5, 0.5, -3.0, 0.2, 1.0):
        value, gradient, hessian = function(r)
        expected = truth(HUBER, 2, r=r)
        assert (value, list(gradient)) == (expected[0], expected[1].tolist())
        assert numpy.array(hessian).tolist() == expected[2].tolist()
    r = numpy.linspace(-3, 3, 61)
    values, (by_r, by_delta), _ = function(r, 1)
    for row, number in enumerate(r.tolist()):
        value, slopes, _ = function(number, 1)
        assert [values[row], by_r[row], by_delta[row]] == pytest.approx([value, *slopes])


def test_rows_without_a_value_tell_why() -> None:
    program = adcli.parse("input x = 1, n = 2\nrequire x > 0\nif x > 2 { y = sqrt(x) } else { y = x^n }\noutput y")
    found = program.function(wrt="x").columns(x=[4.0, math.nan, -1.0, 1.0, math.inf])
    assert numpy.isnan(found.value).tolist() == [False, True, True, False, True]
    assert found.gradient[0][[0, 3]].tolist() == [0.25, 2.0]
    assert {row: error.problems[0].code for row, error in found.problems.items()} == {
        1: "not-finite", 2: "requirement", 4: "not-finite",
    }  # fmt: skip
    value, slope = program.function(wrt="x")(numpy.array([4.0, 9.0]))
    assert (value.tolist(), slope.tolist()) == ([2.0, 3.0], [0.25, 1 / 6])


def test_roots_of_one_number_need_no_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the equations were decided in this way before; where there is no root it says so."""
    program = adcli.parse("input a = 3\nsolve x from 2 in where(x > 1, x^2, x + 0 * sqrt(a + 1)) == a\noutput x")
    for order in (0, 1, 2):
        function = program.function(order=order)
        of_one, of_other = function(4.0), function(0.25)
        with monkeypatch.context() as patch:
            patch.setattr("adcli.jobs.function.execute", None)
            assert (function(4.0), function(0.25)) == (of_one, of_other)
            if order == 1:
                assert function(9.0) == (3.0, 1 / 6)
                assert function(numpy.array([4.0, 0.25]))[0].tolist() == [2.0, 0.25]
        with pytest.raises(adcli.AdError) as raised:
            function(-2.0)
        assert raised.value.problems[0].code == "no-root"
    columns = program.function().columns(a=numpy.array([4.0, -2.0, 0.25]))
    assert [*columns.problems] == [1]
    assert columns.value[[0, 2]].tolist() == [2.0, 0.25]


def test_edges_of_rules_are_the_interpreters() -> None:
    program = adcli.parse("input x, y\noutput L = hypot(x, y) + x^y")
    function = program.function()
    for point in ((3.0, 4.0), (0.0, 0.0), (0.0, 2.0), (3.0, 4.0)):
        expected = program.gradient(x=point[0], y=point[1], difference="none").gradient["L"]
        assert list(function(*point)[1]) == list(expected.values())
    slopes = function(numpy.array([0.0, 3.0, 0.0]), numpy.array([2.0, 4.0, 2.0]))[1][0].tolist()
    assert slopes == [function(x, y)[1][0] for x, y in ((0.0, 2.0), (3.0, 4.0), (0.0, 2.0))]


@pytest.mark.parametrize(
    ("arguments", "named", "message"),
    [
        ((1.0, 2.0, 3.0), {}, "takes 2 inputs, and is given 3"),
        ((1.0,), {"r": 2.0}, "the input `r` is given twice"),
        ((), {"q": 2.0}, "`q`"),
        ((numpy.ones(2), numpy.ones(3)), {}, "not of one length"),
        ((math.nan,), {}, "finite"),
        (("x",), {}, "`x`"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: tuple[object, ...], named: dict[str, object], message: str) -> None:
    with pytest.raises(adcli.AdError) as caught:
        HUBER.function()(*arguments, **named)
    assert message in caught.value.problems[0].message


def test_options_are_checked() -> None:
    for options in ({"order": 3}, {"order": "1"}, {"wrt": "q"}):
        with pytest.raises(adcli.AdError):
            HUBER.function(**options)  # type: ignore[arg-type]
    with pytest.raises(adcli.AdError, match="vector"):
        adcli.parse("input w[2] = [1, 2]\noutput y = w").function()([1, 2])
    with pytest.raises(adcli.AdError, match="numbers"):
        adcli.parse("input w[2] = [1, 2]\noutput y = sum(w)").function().columns(w=[1, 2])


def test_a_component_and_one_input() -> None:
    program = adcli.parse("input w[2] = [1, 2]\nr = w^2 + w[0]\noutput r")
    value, gradient, hessian = program.function(of="r[1]", order=2)([1.0, 2.0])
    assert (value, gradient.tolist(), hessian.tolist()) == (5.0, [1.0, 4.0], [[0.0, 0.0], [0.0, 2.0]])


def test_it_goes_through_processes() -> None:
    function = HUBER.function()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.starmap(function, [(2.5, 1.0), (0.5, 1.0)]) == [function(2.5), function(0.5)]


def test_scipy_minimizes_it() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    program = adcli.load(str(ROOT / "samples" / "rosenbrock.ad"))
    function = program.function()
    found = optimize.minimize(lambda point: function(*point.tolist()), [-1.2, 1.0], jac=True)
    assert found.x == pytest.approx([1, 1], abs=1e-5)


BOOK = {"spot": numpy.linspace(30, 60, 20), "volatility": numpy.linspace(0.1, 0.5, 20)}


def greeks_of_parts(f: DerivedFunction, **options: Any) -> None:
    """The example of adcli/PYTHON.md: the parts of a data frame are done wherever Dask's scheduler does them."""
    frames = pytest.importorskip("dask.dataframe", reason="Dask is not installed: pip install 'adcli[dask]'")
    pandas = pytest.importorskip("pandas")

    def greeks(part: Any) -> Any:
        value, (delta, vega) = f(part.spot.to_numpy(), volatility=part.volatility.to_numpy())
        return part.assign(value=value, delta=delta, vega=vega)

    book = pandas.DataFrame(BOOK)
    found = frames.from_pandas(book, npartitions=3).map_partitions(greeks).compute(**options)
    assert len(found) == len(book)
    for row in found.itertuples():
        value, slopes = f(row.spot, volatility=row.volatility)
        assert (row.value, row.delta, row.vega) == (value, *slopes)


def test_it_goes_over_the_parts_of_a_data_frame() -> None:
    function = adcli.load(str(ROOT / "samples" / "black_scholes.ad")).function(wrt="spot,volatility")
    greeks_of_parts(function, scheduler="threads")


@pytest.mark.slow
def test_it_goes_to_the_processes_of_a_cluster() -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'adcli[dask]'")
    function = adcli.load(str(ROOT / "samples" / "black_scholes.ad")).function(wrt="spot,volatility")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
    ):
        greeks_of_parts(function)


BANDED = """
input x[40], z = 3
k = {}
output f = sum((x[1:] - x[:-1]^2)^2) + x[k]^2 * x[0] * z + where(z > 2, x[5] * x[20], 0)
"""


@pytest.mark.parametrize("place", ["7", "floor(z)"])
def test_the_pattern_of_a_hessian_is_that_of_the_point(place: str) -> None:
    """It is kept as long as the program does the same; where inputs tell which numbers are read, it is found anew."""
    program = adcli.parse(BANDED.format(place))
    function, x = program.function(order=2), numpy.linspace(0.5, 1.5, 40)
    for z in (3.0, 3.5, 9.0, 1.0, 3.0, 12.0):
        found, expected = function(x, z), program.hessian(x=x, z=z).hessian["f"]
        assert numpy.array_equal(found[2][0][0], expected["x"]["x"])
        assert numpy.array_equal(found[2][0][1], expected["x"]["z"])
    assert len(function._earlier.colourings._known) == (2 if place == "7" else 0)


@pytest.mark.parametrize(
    "formula", ["fmod(y, x)", "x * 0 - y", "y * exp2(x) * 0 * -1", "-(y * y) * (x > 2)", "-abs(y - x) * x * 0"]
)
def test_zero_has_no_sign(formula: str) -> None:
    program = adcli.expression(formula)
    x, y = -0.7, 5e-324
    expected = list(program.gradient(x=x, y=y, difference="none").gradient["value"].values())
    names = list(program.evaluate(x=x, y=y).inputs)
    point = {"x": x, "y": y}
    for order in (1, 2):
        function = program.function(order=order)
        for _ in range(3):
            _, gradient, *second = function(*(point[name] for name in names))
            assert list(map(str, gradient)) == list(map(str, expected))
            assert "-0.0" not in str(second)
    columns = program.function(order=2).columns(x=numpy.full(3, x), y=numpy.full(3, y))
    slopes = numpy.array([*columns.gradient, *numpy.concatenate(columns.hessian)])
    assert not numpy.signbit(slopes[slopes == 0]).any()

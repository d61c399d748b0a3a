"""Programs of the public literature, as one writes them in the language, against what is published.

Each is held against its numbers in print, with as many digits as they have there, against what is known of it in closed
form, and against derivatives with 40 digits of another translation (reference.py, reference_models.py).
"""

# ruff: noqa: N806  # names as in the literature

# ruff: noqa: N806  # names as in the literature

from __future__ import annotations

import colorsys
import itertools
import math
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

import adcli
from adcli.syntax.format import format_tree
from adcli.syntax.parse import parse
from adcli.syntax.source import Source
from adcli.tape.execute import constant_value

from ..conftest import mostly_slow
from ..syntax.trees import said
from . import reference, reference_algorithms, reference_models
from .data import CIEDE2000

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.ad"))
NAMES = [path.stem for path in FILES if not path.stem.endswith("_shared")]

REFERENCES = (reference, reference_models, reference_algorithms)


@cache
def program(name: str) -> adcli.DifferentiableProgram:
    return adcli.load(str(FOLDER / f"{name}.ad"))


def flat(values: Any) -> list[Any]:
    """The numbers in nested lists and arrays, in a row."""
    if isinstance(values, dict):
        values = list(values.values())
    if isinstance(values, (list, tuple, np.ndarray)):
        return [number for part in values for number in flat(part)]
    return [values]


def point_of(name: str, numbers: tuple[float, ...] = ()) -> dict[str, Any]:
    """The inputs of a program: its defaults, or these numbers in the shapes of the defaults."""
    point = program(name).at({}).run.point
    return nested(point, list(numbers)) if numbers else dict(point)


def nested(point: dict[str, Any], numbers: list[Any]) -> dict[str, Any]:
    left = iter(numbers)
    taken = {key: [next(left) for _ in flat(value)] for key, value in point.items()}
    return {
        key: np.array(taken[key], object).reshape(np.shape(value)).tolist() if np.shape(value) else taken[key][0]
        for key, value in point.items()
    }


def outputs(name: str, *numbers: float) -> list[float]:
    return flat(program(name).evaluate(point_of(name, numbers)).outputs)


def jacobian(name: str, *numbers: float) -> np.ndarray:
    """A row for each number that is put out, a column for each number that goes in."""
    point = point_of(name, numbers)
    report = program(name).jacobian(point, nonsmooth="quiet")
    rows = [
        np.concatenate([np.reshape(slopes[key], (np.size(report.outputs[output]), -1)) for key in point], axis=1)
        for output, slopes in report.jacobian.items()
    ]
    return np.concatenate(rows).astype(float)


def test_there_are_enough() -> None:
    assert len(NAMES) >= 64
    assert sum(name.startswith("hs") for name in NAMES) >= 25
    assert sum(name.startswith("mgh") for name in NAMES) >= 14
    assert sum(name.startswith("fpbench") for name in NAMES) >= 12


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_program_names_its_source_and_is_printed_as_it_was_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    tree = parse(Source(path.name, text))
    printed = format_tree(tree)
    again = parse(Source(path.name, printed))
    assert said(again) == said(tree)
    assert format_tree(again) == printed


# The derivative by the third input is 0 at the published start, by symmetry, and so has no digits: beside it, it has.
BESIDE = {"mgh09_gaussian": (0.4, 1, 0.1)}
# At a root of order five, the polynomial multiplied out has no digits, and FPBench has it for that.
LOST = {"fpbench_newton_raphson"}
# By one input alone, as each costs some thirty runs of what is long here.
WRT = {"robertson": "k1", "rosenbrock_step": "k1", "implied_volatility": "price", "fpbench_n_body": "position"}
WRT |= {"brusselator": "A", "lotka_volterra": "α", "newton_system": "radius", "soft_dtw": "γ", "dormand_prince": "μ"}
WRT |= {"crank_nicolson": "time", "lstm": "cell", "kalman": "noise", "attention": "Q", "fpbench_pendulum": "θ"}
WRT |= {
    "binomial_tree": "S",
    "ciede2000": "a1",
    "fpbench_odometry": "sr",
    "lu_pivoting": "b",
    "hidden_markov": "start",
    "fpbench_trapeze": "u",
    "colebrook": "Re",
}


@pytest.mark.parametrize("name", mostly_slow(NAMES))
def test_a_program_is_checked(name: str) -> None:
    """The first number that is put out, by every way there is."""
    first, value = next(iter(program(name).evaluate().outputs.items()))
    of = first + ("", "[0]", "[0,0]")[np.ndim(value)]
    report = program(name).check(point_of(name, BESIDE.get(name, ())), of=of, wrt=WRT.get(name))
    assert report.verdict.value == ("lost" if name in LOST else "agrees")


# How near a program comes, where it is not to rounding: its values, and its derivatives. A loop that ends as soon
# as the value has all its digits leaves the derivative with fewer, as that is one step behind.
ITERATED = {"vincenty_inverse": (1e-12, 1e-8), "power_iteration": (1e-12, 1e-6)}
# The integral to 1e-7. The estimate of an error is a difference of what is nearly the same.
ITERATED |= {"adaptive_simpson": (1e-7, 1e-6), "dormand_prince": (1e-12, 1e-6)}


@pytest.mark.parametrize("name", mostly_slow(sorted(set(NAMES) - LOST), every=2))
def test_a_program_beside_another_translation(name: str) -> None:
    """Values and derivatives at the start, beside 40 digits: differences, whose error is far below a double's."""
    function = next(vars(module)[name] for module in REFERENCES if name in vars(module))
    point = point_of(name)
    with mpmath.workdps(40):
        step = mpmath.mpf(10) ** -13
        start = [mpmath.mpf(float(number)) for number in flat(point)]

        def moved(by: dict[int, Any]) -> list[Any]:
            return flat(function(*nested(point, [x + by.get(k, 0) for k, x in enumerate(start)]).values()))

        values = moved({})
        columns = [
            [(up - down) / (2 * step) for up, down in zip(moved({k: step}), moved({k: -step}), strict=True)]
            for k in range(len(start))
        ]
        slopes = np.array(columns, dtype=float).T
    size = max(abs(float(value)) for value in values)
    of_values, of_slopes = ITERATED.get(name, (1e-12, 1e-10))
    assert outputs(name) == pytest.approx([float(value) for value in values], rel=of_values, abs=1e-14 * size)
    sizes = np.abs(slopes).max(axis=1, keepdims=True)
    np.testing.assert_array_less(np.abs(jacobian(name) - slopes), of_slopes * np.abs(slopes) + 1e-13 * sizes + 1e-300)


def norm_of(residuals: float) -> tuple[float, float]:
    """The sum of squares for a norm with 15 digits."""
    return residuals**2, 2e-14 * residuals**2


def versine(x: float) -> float:
    return 2 * math.sin(x / 2) ** 2


# The value at the start of each problem and how many digits are printed: Hock and Schittkowski (1981), and for the
# others the start of Moré, Garbow and Hillstrom (1981) in closed form, or the norm of the residuals that the tests of
# MINPACK (B. S. Garbow, K. E. Hillstrom and J. J. Moré, 1980) have.
STARTS = {
    "hs001": (909, 0), "hs002": (909, 0), "hs003": (1.00081, 5e-9), "hs004": (3.323568, 5e-7), "hs005": (1, 0),
    "hs006": (4.84, 0), "hs007": (math.log(5) - 2, 0), "hs010": (-20, 0), "hs012": (0, 0), "hs014": (1, 0),
    "hs015": (909, 0), "hs021": (-98.99, 0), "hs022": (1, 0), "hs024": (-0.01336459, 5e-9), "hs026": (21.16, 0),
    "hs028": (13, 0), "hs035": (2.25, 0), "hs038": (19192, 0), "hs039": (-2, 0), "hs040": (-0.4096, 0),
    "hs043": (0, 0), "hs045": (1.7333333, 5e-8), "hs048": (84, 0), "hs049": (266, 5e-4), "hs050": (7516, 0),
    "hs051": (8.5, 0), "hs052": (42, 0), "hs071": (16, 0), "hs076": (-1.25, 0), "hs077": (4, 0), "hs078": (-6, 0),
    "hs079": (1, 0), "hs100": (714, 0), "hs110": (-43.134337, 5e-7), "hs113": (753, 0),
    "mgh01_rosenbrock": (24.2, 0), "mgh02_freudenstein_roth": (400.5, 0),
    "mgh03_powell_badly_scaled": (1 + (math.exp(-1) - 1e-4) ** 2, 0),
    "mgh04_brown_badly_scaled": (999999**2 + (1 - 2e-6) ** 2 + 1, 0),
    "mgh05_beale": (1.5**2 + 2.25**2 + 2.625**2, 0), "mgh06_jennrich_sampson": norm_of(64.5856498144943),
    "mgh07_helical_valley": (2500, 0), "mgh08_bard": norm_of(6.45613629515967),
    "mgh10_meyer": norm_of(41153.4665543031), "mgh12_box": norm_of(32.1115837449572),
    "mgh13_powell_singular": (215, 0), "mgh15_kowalik_osborne": norm_of(0.0728915102882945),
    "mgh16_brown_dennis": norm_of(2815.43839161816), "mgh17_osborne1": norm_of(0.937564021037838),
    "mgh20_watson": (30, 0), "mgh21_extended_rosenbrock": (5 * 24.2, 0), "mgh23_penalty1": (14e-5 + 29.75**2, 0),
    "mgh25_variably_dimensioned": (3.85 + 38.5**2 + 38.5**4, 0),
    "mgh26_trigonometric": (sum(((10 + i) * versine(0.1) - math.sin(0.1)) ** 2 for i in range(1, 11)), 1e-15),
    "mgh27_brown_almost_linear": norm_of(16.5302162063499), "mgh30_broyden_tridiagonal": (4 + 8 + 9, 0),
    "mgh35_chebyquad": norm_of(0.196513862833975),
    "ackley": (20 - 20 * math.exp(-0.2), 0), "himmelblau": (11**2 + 7**2, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", STARTS)
def test_the_value_at_the_start(name: str) -> None:
    value, error = STARTS[name]
    assert outputs(name)[0] == pytest.approx(value, rel=1e-14, abs=error + 1e-14)


R2, R3, R7 = math.sqrt(2), math.sqrt(3), math.sqrt(7)
# Minima: the point, the value, and how many of its digits are printed. Constraints
# >= 0 are outputs that begin with g, = 0 with h. From Hock and Schittkowski (1981); 0.0 stands for a closed form.
CONSTRAINED: dict[str, tuple[tuple[float, ...], float, float]] = {
    "hs001": ((1, 1), 0, 0.0),
    "hs002": ((1.2243707, 1.5), 0.0504261879, 5e-7),
    "hs003": ((0, 0), 0, 0.0),
    "hs004": ((1, 0), 8 / 3, 0.0),
    "hs005": ((0.5 - math.pi / 3, -0.5 - math.pi / 3), -R3 / 2 - math.pi / 3, 0.0),
    "hs006": ((1, 1), 0, 0.0),
    "hs007": ((0, R3), -R3, 0.0),
    "hs010": ((0, 1), -1, 0.0),
    "hs012": ((2, 3), -30, 0.0),
    "hs014": ((0.5 * (R7 - 1), 0.25 * (R7 + 1)), 9 - 2.875 * R7, 0.0),
    "hs015": ((0.5, 2), 306.5, 0.0),
    "hs021": ((2, 0), -99.96, 0.0),
    "hs022": ((1, 1), 1, 0.0),
    "hs024": ((3, R3), -1, 0.0),
    "hs026": ((1, 1, 1), 0, 0.0),
    "hs028": ((0.5, -0.5, 0.5), 0, 0.0),
    "hs035": ((4 / 3, 7 / 9, 4 / 9), 1 / 9, 0.0),
    "hs038": ((1, 1, 1, 1), 0, 0.0),
    "hs039": ((1, 1, 0, 0), -1, 0.0),
    "hs040": ((2 ** (-1 / 3), 2 ** (-1 / 2), 2 ** (-11 / 12), 2 ** (-1 / 4)), -0.25, 0.0),
    "hs043": ((0, 1, 2, -1), -44, 0.0),
    "hs045": ((1, 2, 3, 4, 5), 1, 0.0),
    "hs048": ((1, 1, 1, 1, 1), 0, 0.0),
    "hs049": ((1, 1, 1, 1, 1), 0, 0.0),
    "hs050": ((1, 1, 1, 1, 1), 0, 0.0),
    "hs051": ((1, 1, 1, 1, 1), 0, 0.0),
    "hs052": ((-33 / 349, 11 / 349, 180 / 349, -158 / 349, 11 / 349), 1859 / 349, 0.0),
    "hs071": ((1, 4.7429994, 3.8211503, 1.3794082), 17.0140173, 5e-7),
    "hs076": ((3 / 11, 23 / 11, 0, 6 / 11), -4.681818181, 5e-9),
    "hs077": ((1.166172, 1.182111, 1.380257, 1.506036, 0.6109203), 0.24150513, 5e-6),
    "hs078": ((-1.717142, 1.595708, 1.827248, -0.7636429, -0.7636435), -2.91970041, 5e-6),
    "hs079": ((1.191127, 1.362603, 1.472818, 1.635017, 1.679081), 0.0787768209, 5e-6),
    "hs100": ((2.330499, 1.951372, -0.4775414, 4.365726, -0.624487, 1.038131, 1.594227), 680.6300573, 5e-6),
    "hs110": ((9.35025655,) * 10, -45.77846971, 1e-5),  # the point of a solver: 9.350266 is nearer
    "hs113": (
        (2.171996, 2.363683, 8.773926, 5.095984, 0.9906548, 1.430574, 1.321644, 9.828726, 8.280092, 8.375927),
        24.3062091,
        5e-6,
    ),
}


@pytest.mark.parametrize("name", CONSTRAINED)
def test_a_constrained_minimum(name: str) -> None:
    """Lagrange's conditions, W. Karush (1939), H. W. Kuhn and A. W. Tucker (1951): the gradient is a sum of those of
    the active constraints, with factors that are not negative where the constraint is an inequality."""
    x, best, digits = CONSTRAINED[name]
    report = program(name).evaluate(point_of(name, x))
    slopes = jacobian(name, *x)
    kinds = [output[0] for output, value in report.outputs.items() for _ in flat(value)]
    values = flat(report.outputs)
    sizes = np.abs(slopes).sum(axis=1)
    assert values[0] == pytest.approx(best, rel=1e-13, abs=max(digits * (sizes[0] + 1), 1e-13 * (digits == 0)))
    active, signs = [], []
    for row in range(1, len(values)):
        allowed = max(digits, 1e-14) * sizes[row]
        assert kinds[row] in "gh"
        assert values[row] >= -allowed
        if abs(values[row]) <= allowed:
            active.append(slopes[row])
            signs.append(kinds[row] == "g")
        else:
            assert kinds[row] == "g"
    for column, (low, high) in enumerate(bounds(name)):
        for bound, sign in ((low, 1), (high, -1)):
            if x[column] == bound:
                active.append(sign * np.eye(len(x))[column])
                signs.append(True)
    A = np.array(active).reshape(-1, len(x)).T
    factors = np.linalg.lstsq(A, slopes[0], rcond=1e-10)[0] if active else np.zeros(0)
    curvature = max(1, float(np.abs(program_hessian(name, x)).sum(axis=1).max()))
    allowed = max(1e-12, 4 * digits * curvature * (1 + np.abs(factors).sum()))
    assert slopes[0] - A @ factors == pytest.approx(np.zeros(len(x)), abs=allowed)
    assert all(factor >= -allowed for factor, inequality in zip(factors, signs, strict=True) if inequality)


def program_hessian(name: str, x: tuple[float, ...]) -> np.ndarray:
    hessian = program(name).hessian(point_of(name, x), of="f", nonsmooth="quiet").hessian["f"]
    rows = [
        np.concatenate([np.reshape(part, (np.size(point_of(name)[a]), -1)) for part in row.values()], axis=1)
        for a, row in hessian.items()
    ]
    return np.concatenate(rows).astype(float)


def bounds(name: str) -> list[tuple[float, float]]:
    """The ranges of the inputs, for each number."""
    found = []
    for declared, value in zip(program(name).program.inputs, point_of(name).values(), strict=True):
        given = declared.range and tuple(constant_value(bound) for bound in declared.range)
        found += [given or (-math.inf, math.inf)] * np.size(value)
    return found


# Minima without constraints: the point, the value and how far it may be off. Of Moré, Garbow and Hillstrom (1981) the
# points are those of the tests of MINPACK; of the functions for global optimization, Surjanovic and Bingham's.
MINIMA: dict[str, list[tuple[tuple[float, ...], float, float]]] = {
    "mgh01_rosenbrock": [((1, 1), 0, 0)],
    "mgh02_freudenstein_roth": [((5, 4), 0, 0), ((11.4127817857886, -0.89680510749204), 6.99887517242903**2, 1e-9)],
    "mgh03_powell_badly_scaled": [((1.098159329699759e-5, 9.106146739867319), 0, 1e-18)],
    "mgh04_brown_badly_scaled": [((1e6, 2e-6), 0, 0)],
    "mgh05_beale": [((3, 0.5), 0, 0)],
    "mgh06_jennrich_sampson": [((0.257825213, 0.257825213), 124.362182356, 5e-9)],
    "mgh07_helical_valley": [((1, 0, 0), 0, 0)],
    "mgh08_bard": [((0.0824105765758334, 1.1330366534715, 2.34369463894115), 0.0906359603390466**2, 1e-14)],
    "mgh09_gaussian": [((0.398956137837997, 1.0000190844878036, 0), 1.12793277e-8, 5e-17)],
    "mgh10_meyer": [((0.00560963647102661, 6181.34634628659, 345.223634624144), 9.37794514651874**2, 1e-9)],
    "mgh11_gulf": [((50, 25, 1.5), 0, 1e-25)],
    "mgh12_box": [((1, 10, 1), 0, 1e-30), ((10, 1, -1), 0, 1e-30), ((3, 3, 0), 0, 0)],
    "mgh13_powell_singular": [((0, 0, 0, 0), 0, 0)],
    "mgh15_kowalik_osborne": [
        ((0.192807810476249, 0.191262653354071, 0.123052801046931, 0.136053221150517), 0.017535837721129**2, 1e-15)
    ],
    "mgh16_brown_dennis": [
        ((-11.594439904762162, 13.203630051207202, -0.4034394881768612, 0.2367787744557347), 85822.20162635, 5e-8)
    ],
    "mgh17_osborne1": [
        (
            (0.375410049244025, 1.93584654543108, -1.46468676748716, 0.0128675339110439, 0.0221227011813076),
            0.00739249260904843**2,
            1e-13,
        )
    ],
    "mgh18_biggs_exp6": [((1, 10, 1, 5, 4, 3), 0, 1e-30)],
    "mgh20_watson": [
        (
            (
                -0.0157249615083782,
                1.01243488232965,
                -0.232991722387673,
                1.26043101102818,
                -1.51373031394421,
                0.99299727291842,
            ),
            0.0478295939097601**2,
            1e-13,
        )
    ],
    "mgh21_extended_rosenbrock": [((1,) * 10, 0, 0)],
    "mgh23_penalty1": [((0.25000749909,) * 4, 2.24997e-5, 1e-10)],
    "mgh25_variably_dimensioned": [((1,) * 10, 0, 0)],
    "mgh26_trigonometric": [((0,) * 10, 0, 0)],
    "mgh27_brown_almost_linear": [((1,) * 10, 0, 0), ((0.979430303349862,) * 9 + (1.20569696650138,), 0, 1e-24)],
    "mgh35_chebyquad": [
        (
            (0.0431527, 0.1930909, 0.2663287, 0.5, 0.5, 0.7336713, 0.8069091, 0.9568473),
            0.00351687372,
            5e-11,
        )
    ],
    "rastrigin": [((0, 0, 0), 0, 1e-14)],
    "griewank": [((0, 0, 0), 0, 0)],
    "himmelblau": [
        ((3, 2), 0, 0),
        ((-2.805118086952745, 3.131312518250573), 0, 1e-25),
        ((-3.779310253377747, -3.283185991286170), 0, 1e-25),
        ((3.584428340330492, -1.848126526964404), 0, 1e-25),
    ],
    "goldstein_price": [((0, -1), 3, 0)],
    "branin": [
        ((-math.pi, 12.275), 0.397887, 5e-7),
        ((math.pi, 2.275), 0.397887, 5e-7),
        ((3 * math.pi, 2.475), 0.397887, 5e-7),
    ],
    "hartmann3": [((0.114614, 0.555649, 0.852547), -3.86278, 5e-6)],
    "hartmann6": [((0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573), -3.32237, 5e-6)],
    "shekel": [((4.000746, 4.00059, 3.99966, 3.99951), -10.5364, 5e-5)],
    "levy": [((1, 1, 1), 0, 1e-30)],
    "michalewicz": [((2.202906, 1.570796), -1.8013, 5e-5)],
    "easom": [((math.pi, math.pi), -1, 0)],
    "six_hump_camel": [((0.0898, -0.7126), -1.0316, 5e-5), ((-0.0898, 0.7126), -1.0316, 5e-5)],
    "styblinski_tang": [((-2.903534,) * 3, -39.166165 * 3, 3e-5)],
}


# How far the stationary point may be from the printed one, as a part of 1 + |x|: the solver's tolerance with MINPACK,
# and the digits of the others.
NEAR = 1e-5
FEW_DIGITS = {
    "michalewicz": 2e-5,
    "six_hump_camel": 1e-4,
    "shekel": 2e-5,
    "hartmann3": 3e-5,
    "mgh15_kowalik_osborne": 2e-5,
}


@pytest.mark.parametrize("name", MINIMA)
def test_a_minimum(name: str) -> None:
    """The value there, and a gradient that is 0 as far as the point is printed: Newton's step from it is that short,
    and leads to where the gradient is 0 to rounding. No direction is curved downward."""
    for x, best, digits in MINIMA[name]:
        assert outputs(name, *x)[0] == pytest.approx(best, rel=1e-13, abs=digits)
        curvatures = program_hessian(name, x)
        slopes = jacobian(name, *x)[0]
        size = np.abs(curvatures).max()
        assert curvatures == pytest.approx(curvatures.T, abs=1e-13 * size)
        assert np.linalg.eigvalsh(curvatures)[0] >= -1e-13 * size
        step = np.linalg.lstsq(curvatures, slopes, rcond=1e-15)[0]
        assert (np.abs(step) <= FEW_DIGITS.get(name, NEAR) * (1 + np.abs(x))).all()
        after = jacobian(name, *(np.array(x) - step))[0]
        assert np.abs(after).max() <= 1e-3 * np.abs(slopes).max() + 1e-13 * (np.abs(curvatures) @ (1 + np.abs(x))).max()


# --- models ---------------------------------------------------------------------------------------


def test_bundle_adjustment_by_a_quarter_turn() -> None:
    """A quarter turn about the third axis takes (1, 0, 0) to (0, 1, 0); without distortion the point is at f y / 4."""
    x = [0, 0, math.pi / 2, 0, 0, -4, 500, 0, 0, 1, 0, 0, 0, 0, 1]
    assert outputs("bundle_adjustment", *x) == pytest.approx([0, 125], abs=1e-13)
    slopes = jacobian("bundle_adjustment", *x)
    assert slopes[1, 6] == pytest.approx(0.25, rel=1e-15)  # by f
    assert slopes[1, 7] == pytest.approx(500 / 64, rel=1e-14)  # by k1: f r^2 y with r = y = 1/4
    assert slopes[0, 2] == pytest.approx(-125, rel=1e-14)  # the point turns toward -x


def test_lotka_volterra_keeps_its_constant() -> None:
    """V is constant along the solution: the drift is that of a method of order four."""
    x, y, drift = outputs("lotka_volterra")
    assert abs(drift) < 1e-4
    prey, predators = 10, 5
    slopes = jacobian("lotka_volterra")
    # V(x, y) is V at the start, so its gradient there is what V's gradient at the end makes of the flow.
    at_end = np.array([0.1 - 0.4 / x, 0.4 - 1.1 / y])
    at_start = np.array([0.1 - 0.4 / prey, 0.4 - 1.1 / predators])
    assert at_end @ slopes[:2, :2] == pytest.approx(at_start, abs=1e-4)


def test_brusselator_rests_where_it_rests() -> None:
    """At (A, B / A) nothing moves, and the flow is exp(J) to the method's order, of determinant exp(trace J)."""
    assert outputs("brusselator", 1.2, 2.5, 1.2, 3.0) == pytest.approx([1.2, 2.5], rel=1e-14)
    flow = jacobian("brusselator", 1.2, 2.5, 1.2, 3.0)
    trace = 3.0 - 1 - 1.2**2
    assert np.linalg.det(flow[:, :2]) == pytest.approx(math.exp(trace), rel=1e-4)
    # the resting point is a function of A and B: (1, 0) and (-B / A^2, 1 / A) are what moves with them
    assert flow[:, 2] + flow[:, :2] @ [1, -3.0 / 1.44] == pytest.approx([1, -3.0 / 1.44], rel=1e-12)
    assert flow[:, 3] + flow[:, :2] @ [0, 1 / 1.2] == pytest.approx([0, 1 / 1.2], abs=1e-12)


@pytest.mark.parametrize("name", ["robertson", "rosenbrock_step"])
def test_robertson_keeps_its_mass(name: str) -> None:
    """The sum of the three is constant, whatever the rates are. At 0.4 the solution is (0.98517, 3.3864e-5, 0.014794),
    as the example of CVODE (A. C. Hindmarsh and others, 2005) prints it; the implicit Euler method is of order one."""
    *y, mass = outputs(name)
    assert mass == pytest.approx(1, rel=1e-14)
    assert jacobian(name)[-1] == pytest.approx([1, 1, 1, 0, 0, 0], abs=1e-12)
    if name == "robertson":
        assert y == pytest.approx([0.98517, 3.3864e-5, 0.014794], rel=3e-2)


def test_kepler() -> None:
    """Meeus, Astronomical Algorithms, example 30.a: E = 5.554589 degrees; dE/dM = 1 / (1 - e cos E) in closed form."""
    assert math.degrees(outputs("kepler")[0]) == pytest.approx(5.554589, abs=5e-7)
    for e, M in [(0.1, math.radians(5)), (0.6, 2.0), (0.97, 0.3)]:
        E, true = outputs("kepler", e, M)
        assert E - e * math.sin(E) == pytest.approx(M, rel=1e-14)
        assert math.cos(true) == pytest.approx((math.cos(E) - e) / (1 - e * math.cos(E)), rel=1e-13)
        by_e, by_M = jacobian("kepler", e, M)[0]
        assert by_M == pytest.approx(1 / (1 - e * math.cos(E)), rel=1e-10)
        assert by_e == pytest.approx(math.sin(E) / (1 - e * math.cos(E)), rel=1e-10)


def test_implied_volatility() -> None:
    """Hull, section 15.11: 0.235. Its derivative by the price is 1 / vega, by the others -1 / vega times the Greeks."""
    price, S, K, r, T = 1.875, 21, 20, 0.1, 0.25
    (v,) = outputs("implied_volatility")
    assert v == pytest.approx(0.235, abs=5e-4)
    d1 = (math.log(S / K) + (r + v * v / 2) * T) / (v * math.sqrt(T))
    vega = S * math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi) * math.sqrt(T)
    normal = [math.erfc(-d / math.sqrt(2)) / 2 for d in (d1, d1 - v * math.sqrt(T))]
    by_price, by_spot, by_strike, by_rate, _ = jacobian("implied_volatility")[0]
    discounted = math.exp(-r * T) * normal[1]
    assert S * normal[0] - K * discounted == pytest.approx(price, rel=1e-13)
    assert by_price == pytest.approx(1 / vega, rel=1e-12)
    assert [by_spot, by_strike, by_rate] == pytest.approx(
        [-normal[0] / vega, discounted / vega, -K * T * discounted / vega], rel=1e-11
    )


# L*a*b* of the primaries of sRGB under D65: B. Lindbloom's calculator, with the matrix that the program has.
@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((1, 0, 0), (53.2408, 80.0925, 67.2032)),
        ((0, 1, 0), (87.7347, -86.1827, 83.1793)),
        ((0, 0, 1), (32.2970, 79.1875, -107.8602)),
        ((1, 1, 1), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
    ],
)
def test_srgb_to_lab(rgb: tuple[float, ...], lab: tuple[float, ...]) -> None:
    assert outputs("srgb_to_lab", *rgb) == pytest.approx(lab, abs=6e-3)


@pytest.mark.parametrize("code", [0.0, 0.02, 0.04, 0.05, 0.5, 1.0])
def test_srgb_there_and_back(code: float) -> None:
    """The two functions are each other's inverse, so the derivative of both is 1; 0.5 means 0.21404 of the light."""
    light, same, _ = outputs("srgb_round_trip", code, 1)
    assert same == pytest.approx(code, abs=1e-15)
    slopes = jacobian("srgb_round_trip", code, 1)[:, 0]
    assert slopes[1] == pytest.approx(1, rel=1e-13)
    assert slopes[0] == pytest.approx(1 / 12.92 if code <= 0.04045 else 2.4 / 1.055 * ((code + 0.055) / 1.055) ** 1.4)
    if code == 0.5:
        assert light == pytest.approx(0.21404, abs=5e-6)


@pytest.mark.parametrize("pair", CIEDE2000)
def test_ciede2000(pair: tuple[float, ...]) -> None:
    """Sharma, Wu and Dalal (2005), table 1. The difference is the same both ways, and its derivatives change places."""
    *colours, difference = pair
    assert outputs("ciede2000", *colours) == pytest.approx([difference], abs=5e-5)
    turned = colours[3:] + colours[:3]
    assert outputs("ciede2000", *turned) == pytest.approx([difference], abs=5e-5)
    if all(colours[k] or colours[k + 1] for k in (1, 4)):
        there, back = jacobian("ciede2000", *colours)[0], jacobian("ciede2000", *turned)[0]
        assert there == pytest.approx([*back[3:], *back[:3]], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", ["rgb_to_yiq", "yiq_to_rgb", "rgb_to_hls", "hls_to_rgb", "rgb_to_hsv", "hsv_to_rgb"])
def test_colorsys(name: str) -> None:
    """Beside the functions of Python's standard library, on a grid with its corners and its greys."""
    function = getattr(colorsys, name)
    signed = [0, 0.3, 1, -0.4] if name == "yiq_to_rgb" else [0, 0.3, 0.5, 1]
    for colour in itertools.product([0, 0.3, 0.5, 0.75, 1], signed, signed):
        assert outputs(f"colorsys_{name}", *colour) == pytest.approx(function(*colour), abs=1e-15), colour


@pytest.mark.parametrize(("there", "back"), [("rgb_to_hls", "hls_to_rgb"), ("rgb_to_hsv", "hsv_to_rgb")])
def test_colorsys_there_and_back(there: str, back: str) -> None:
    """Matrices of derivatives of functions that are each other's inverse are so too."""
    for colour in [(0.2, 0.4, 0.9), (0.9, 0.2, 0.3), (0.3, 0.7, 0.1), (0.8, 0.75, 0.1)]:
        middle = outputs(f"colorsys_{there}", *colour)
        both = jacobian(f"colorsys_{back}", *middle) @ jacobian(f"colorsys_{there}", *colour)
        assert both == pytest.approx(np.eye(3), abs=1e-13)


FLINDERS_PEAK = (-(37 + 57 / 60 + 3.7203 / 3600), 144 + 25 / 60 + 29.5244 / 3600)
BUNINYONG = (-(37 + 39 / 60 + 10.1561 / 3600), 143 + 55 / 60 + 35.3839 / 3600)
GRS80 = (6378137, 1 / 298.257222101)


def test_vincenty() -> None:
    """Geoscience Australia's example: 54972.271 m at 306°52'05.37", and back at 127°10'25.07"."""
    distance, azimuth, back = outputs("vincenty_inverse")
    assert distance == pytest.approx(54972.271, abs=5e-4)
    assert azimuth == pytest.approx(306 + 52 / 60 + 5.37 / 3600, abs=0.005 / 3600)
    assert back == pytest.approx(127 + 10 / 60 + 25.07 / 3600, abs=0.005 / 3600)
    assert outputs("vincenty_direct") == pytest.approx(BUNINYONG, abs=5e-5 / 3600)
    # the first problem takes its derivatives back
    there = jacobian("vincenty_direct", *FLINDERS_PEAK, azimuth, distance, *GRS80)[:, 2:4]
    inverse = jacobian("vincenty_inverse", *FLINDERS_PEAK, *BUNINYONG, *GRS80)[:2, 2:4]
    assert there @ inverse[::-1] == pytest.approx(np.eye(2), abs=1e-8)
    # along the equator the distance is the arc of a circle
    assert outputs("vincenty_inverse", 0, 10, 0, 11, *GRS80)[0] == pytest.approx(6378137 * math.pi / 180, rel=1e-12)


# --- kernels of FPBench ---------------------------------------------------------------------------


def test_kernels_in_closed_form() -> None:
    assert outputs("fpbench_square_root", 3) == [2]
    assert jacobian("fpbench_square_root", 5e-6)[0] == [0.5]
    assert jacobian("fpbench_square_root", 3)[0] == [0.25]
    assert (outputs("fpbench_cav10", 3), outputs("fpbench_cav10", 0.5)) == ([0.3], [2.25])
    assert (jacobian("fpbench_cav10", 3)[0, 0], jacobian("fpbench_cav10", 0.5)[0, 0]) == (0.1, 1)
    for c in (-1.5, -0.1, 0.3, 1):  # with both branches of the root
        (root,) = outputs("fpbench_smart_root", c)
        assert 3 * root**2 + 3.5 * root + c == pytest.approx(0, abs=1e-15)
        assert jacobian("fpbench_smart_root", c)[0, 0] == pytest.approx(-1 / (6 * root + 3.5), rel=1e-14)


def test_kernels_of_differential_equations() -> None:
    """y' = k (c - y)^2 has the solution c - 1 / (1 / (c - y0) + k t)."""
    y0, c, h = 10.1, 100.1, 1e-4
    end = 1 / (1 / (c - y0) + 1.2 * 19 * h)
    assert outputs("fpbench_runge_kutta", y0, c, h) == pytest.approx([c - end], rel=1e-9)
    by_start, by_c, _ = jacobian("fpbench_runge_kutta", y0, c, h)[0]
    assert by_start == pytest.approx((end / (c - y0)) ** 2, rel=1e-7)
    assert by_start + by_c == pytest.approx(1, rel=1e-13)  # both moved by the same, the solution is moved by it
    # the angular momentum is constant under a central force, for this method exactly
    momentum = jacobian("fpbench_n_body")[1]
    assert outputs("fpbench_n_body")[1] == pytest.approx(4.8 * 2.6 + 1.2 * 0.6, rel=1e-13)
    assert momentum == pytest.approx([2.6, -0.6, 0, 1.2, 4.8, 0], abs=1e-11)
    # the trapezoidal rule is linear in u
    (value,) = outputs("fpbench_trapeze")
    assert jacobian("fpbench_trapeze")[0, 0] == pytest.approx(value / 1.5, rel=1e-13)


def test_the_controller_reaches_its_setpoint() -> None:
    """The controller is linear: moving the measure and the setpoint by the same moves the end by it."""
    slopes = jacobian("fpbench_pid")[0]
    assert slopes[0] + slopes[4] == pytest.approx(1, rel=1e-13)
    assert outputs("fpbench_pid") == pytest.approx([-5 * slopes[0]], rel=1e-13)


def test_a_root_of_order_five() -> None:
    """Each step goes a fifth of the way, which leaves (4 / 5)^k: to as many digits as the polynomial has."""
    (x,) = outputs("fpbench_newton_raphson")
    assert abs(x - 2) < 0.0005 * 5
    (early,) = outputs("fpbench_newton_raphson", 2.002)  # one step is enough
    assert early == pytest.approx(2.0016, abs=5e-4)


# --- algorithms -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("T", "p", "published"), [
    (300, 3, (0.100215168e-2, 115.331273, 0.392294792, 4.17301218, 1507.73921)),
    (300, 80, (0.971180894e-3, 184.142828, 0.368563852, 4.01008987, 1634.69054)),
    (500, 3, (0.1202418e-2, 975.542239, 2.58041912, 4.65580682, 1240.71337)),
])  # fmt: skip
def test_water(T: float, p: float, published: tuple[float, ...]) -> None:  # noqa: N803
    """IAPWS-IF97, table 5; and the derivatives of the properties are those that thermodynamics knows."""
    volume, _, _, heat_capacity, _ = found = outputs("water", T, p)
    assert found == pytest.approx(published, rel=5.1e-9)
    slopes = jacobian("water", T, p)
    assert slopes[1, 0] == pytest.approx(heat_capacity, rel=1e-11)  # dh/dT
    assert slopes[2, 0] == pytest.approx(heat_capacity / T, rel=1e-11)  # ds/dT
    assert slopes[2, 1] == pytest.approx(-1000 * slopes[0, 0], rel=1e-10)  # ds/dp = -dv/dT, J. C. Maxwell (1871)
    assert slopes[1, 1] == pytest.approx(1000 * (volume - T * slopes[0, 0]), rel=1e-10)  # dh/dp


def test_quadrature_by_its_ends() -> None:
    """The derivative of an integral by its ends is the integrand there."""
    for name, f, places in [("romberg", lambda x: 1 / x, 12), ("gauss_legendre", math.exp, 13)]:
        assert jacobian(name, 1, 2)[0] == pytest.approx([-f(1), f(2)], rel=10.0**-places)


def test_published_values_of_algorithms() -> None:
    """K(√½) = 1.8540746773… is Γ(1/4)^2 / (4 √π); Γ(1/2) = √π; Γ'(1) is -γ; Hull's put is 4.49."""
    lemniscate = outputs("agm", math.sqrt(0.5))[0]
    assert lemniscate == pytest.approx(math.gamma(0.25) ** 2 / (4 * math.sqrt(math.pi)), rel=1e-14)
    assert outputs("lanczos", 0.5) == pytest.approx([math.sqrt(math.pi)], rel=1e-14)
    assert jacobian("lanczos", 1)[0] == pytest.approx([-0.5772156649015329], rel=1e-13)
    assert outputs("binomial_tree") == pytest.approx([4.49], abs=5e-3)
    assert outputs("colebrook", 1000, 0.01) == [0.064]
    assert outputs("heat_index", 90, 70) == pytest.approx([106], abs=0.5)  # the chart of the NWS
    assert outputs("peng_robinson", 350, 1.0) == pytest.approx([1], abs=1e-6)  # a gas without pressure is ideal


def test_splines_add_up_to_one() -> None:
    for x in (3, 3.25, 4.999, 5.5):
        slopes = jacobian("cox_de_boor", x, *(1,) * 6)[0]
        assert slopes[0] == pytest.approx(0, abs=1e-15)
        assert sum(slopes[1:]) == pytest.approx(1, rel=1e-15)


def test_eigenvalues_move_with_their_vectors() -> None:
    """dλ/dA is the outer product of the eigenvector with itself, C. G. J. Jacobi (1846)."""
    A = np.array([[9, 1, 0.5], [1, 2, 0.25], [0.5, 0.25, 1]])
    values, vectors = np.linalg.eigh(A)
    assert outputs("power_iteration") == pytest.approx(values[-1:], rel=1e-14)
    assert jacobian("power_iteration")[0] == pytest.approx(np.outer(vectors[:, -1], vectors[:, -1]).ravel(), abs=1e-6)


def test_systems_move_with_their_numbers() -> None:
    """dx/db is the inverse of the matrix, and dx/dA is -A^-1 times x."""
    A = np.array([[1, 2, -1], [4, 0.5, 3], [-2, 5, 1.5]])
    slopes, x = jacobian("lu_pivoting"), np.array(outputs("lu_pivoting"))
    inverse = np.linalg.inv(A)
    assert slopes[:, 9:] == pytest.approx(inverse, rel=1e-13)
    assert slopes[:, :9].reshape(3, 3, 3) == pytest.approx(-inverse[:, :, None] * x[None, None, :], rel=1e-12)

"""The samples with arrays against truths from elsewhere: closed forms, adjoints by hand, published numbers.

Every truth is written here with NumPy or mpmath by a textbook's formula, and none by the rules of adcli. The seeds of
random numbers are fixed. Numbers agree to 1e-12 of the largest of an array, where nothing says why it is more.
"""
# ruff: noqa: N803, N806  (matrices have capital letters, as on paper)

from __future__ import annotations

import json
import math
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

import adcli as package
from adcli import DifferentiableProgram

from .conftest import PLAIN_SAMPLES, ROOT, Adcli

Array = NDArray[np.float64]


def sample(name: str) -> DifferentiableProgram:
    return package.load(str(ROOT / "samples" / f"{name}.ad"))


def slopes(name: str, of: str | None = None, **inputs: Any) -> dict[str, Any]:
    (found,) = sample(name).gradient(inputs, of=of, difference="none").gradient.values()
    return dict(found)


def second(name: str, wrt: str, **inputs: Any) -> Array:
    """The block of the Hessian that belongs to one input."""
    (rows,) = sample(name).hessian(inputs, wrt=wrt).by_component.values()
    return np.array([list(row.values()) for row in rows.values()])


def output(name: str, **inputs: Any) -> Any:
    return next(iter(sample(name).evaluate(inputs).outputs.values()))


def close(found: Any, expected: Any, rel: float = 1e-12) -> None:
    """Each number is as near as `rel` times the largest one: an array's rounding is that of its large elements."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape
    assert np.max(np.abs(found - expected)) <= rel * np.max(np.abs(expected))


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def design(seed: int, n: int = 9, d: int = 3) -> tuple[Array, Array, Array]:
    """A matrix of data, a vector of what was observed, and weights."""
    random = np.random.default_rng(seed)
    return random.normal(size=(n, d)), random.normal(size=n), random.normal(size=d)


WITH_ARRAYS = [path.stem for path in PLAIN_SAMPLES if sample(path.stem).program.arrays]


@pytest.mark.parametrize("name", WITH_ARRAYS)
def test_a_sample_with_arrays_has_a_truth_here(name: str) -> None:
    assert any(test == f"test_{name}" or test.startswith(f"test_{name}_") for test in globals())


# Roots, rules, indices


def test_colebrook() -> None:
    """The drop of pressure with 50 digits, and its slopes by differences of that (mpmath)."""

    def drop(flow: Any, width: Any, roughness: Any) -> Any:
        speed = 4 * flow / (mpmath.pi * width**2)
        reynolds, bumps = 998 * speed * width / mpmath.mpf("0.001"), roughness / width / mpmath.mpf("3.7")
        root = mpmath.findroot(
            lambda u: u + 2 * mpmath.log10(bumps + mpmath.mpf("2.51") * u / reynolds), 7
        )  # of u = 1 / sqrt(f)
        return 100 / width * 998 * speed**2 / 2 / root**2

    point = {"flow": 0.03, "width": 0.12, "roughness": 1e-4}
    found = sample("colebrook").gradient(point, difference="none")
    with mpmath.workdps(50):
        numbers = [mpmath.mpf(number) for number in point.values()]
        assert found.outputs["drop"] == pytest.approx(float(drop(*numbers)), rel=1e-13)
        for place, name in enumerate(point):
            order = tuple(int(place == other) for other in range(3))
            slope = float(mpmath.diff(drop, numbers, order))
            assert found.gradient["drop"][name] == pytest.approx(slope, rel=1e-12)


def test_implied_volatility() -> None:
    """The Greeks of Black and Scholes over vega: Hull, Options, Futures, and Other Derivatives, chapter 19."""
    found = sample("implied_volatility").gradient(price=12, strike=98, spot=103, rate=0.03, time=0.7, difference="none")
    σ, (price, strike, spot, rate, time) = found.outputs["volatility"], (12, 98, 103, 0.03, 0.7)
    d = (math.log(spot / strike) + (rate + σ**2 / 2) * time) / (σ * math.sqrt(time))
    density = math.exp(-(d**2) / 2) / math.sqrt(2 * math.pi)
    above, exercised = (math.erfc(-z / math.sqrt(2)) / 2 for z in (d, d - σ * math.sqrt(time)))
    paid = strike * math.exp(-rate * time) * exercised
    assert spot * above - paid == pytest.approx(price, rel=1e-14)
    vega = spot * density * math.sqrt(time)
    theta = spot * density * σ / (2 * math.sqrt(time)) + rate * paid
    slopes = {"price": 1, "strike": paid / strike, "spot": -above, "rate": -time * paid, "time": -theta}
    for name, slope in slopes.items():
        assert found.gradient["volatility"][name] == pytest.approx(slope / vega, rel=1e-12)


def test_kepler() -> None:
    """dE/dM = 1 / (1 - ε cos E), dE/dε = sin E / (1 - ε cos E): the implicit function theorem."""
    M, ε = 1.2, 0.6
    E = float(mpmath.findroot(lambda t: t - ε * mpmath.sin(t) - M, 1.5))
    by_m, by_ε = 1 / (1 - ε * np.cos(E)), np.sin(E) / (1 - ε * np.cos(E))
    found = slopes("kepler", of="y", M=M, ε=ε)
    root = np.sqrt(1 - ε**2)
    close(found["M"], root * np.cos(E) * by_m)
    close(found["ε"], root * np.cos(E) * by_ε - ε / root * np.sin(E))


@pytest.mark.parametrize(("reynolds", "friction"), [(1e4, 0.0309), (1e5, 0.0180), (1e6, 0.0116), (1e7, 0.0081)])
def test_colebrook_of_a_smooth_pipe(reynolds: float, friction: float) -> None:
    """The table of Prandtl's friction factors in White, Fluid Mechanics, below equation 6.39."""
    flow = reynolds * np.pi * 0.2 * (0.001 / 998) / 4
    tape = sample("colebrook").at({"flow": flow, "width": 0.2, "roughness": 0.0}).run.tape
    assert round(tape.values[tape.bindings["f"]], 4) == friction


def test_colebrook_by_its_differential() -> None:
    """Of x = 1 / sqrt(f), where x + c log(b + r x) = 0: (1 + c r / (b + r x)) dx = -c / (b + r x) db."""
    width, flow, roughness = 0.2, 0.03, 2e-4
    speed = flow / (np.pi * width**2 / 4)
    b, r, c = roughness / width / 3.7, 2.51 / (speed * width * 998 / 0.001), 2 / np.log(10)
    x = float(mpmath.findroot(lambda t: t + c * mpmath.log(b + r * t), 7))
    by_b = -c / (b + r * x) / (1 + c * r / (b + r * x))
    drop = 100 / width * 998 * speed**2 / 2
    found = slopes("colebrook", width=width, flow=flow, roughness=roughness)
    close(found["roughness"], drop * -2 / x**3 * by_b / width / 3.7)


def test_pairs() -> None:
    """Coulomb's forces of all pairs, and springs."""
    x, q = np.array([0.2, 1.0, 2.6, 3.1]), 1.3
    found = slopes("pairs", of="energy", x=x, q=q)
    apart = x[:, None] - x
    forces = np.where(apart != 0, -np.sign(apart) * q**2 / np.where(apart == 0, 1, apart) ** 2, 0)
    close(found["x"], forces.sum(axis=1) + x)
    close(slopes("pairs", of="nearest", x=x, q=q)["x"], [0, 0, -1, 1])


# Linear and logistic regression


def test_linear_regression() -> None:
    """The gradient 2/n X' (X w - y) and the Hessian 2/n X' X (Boyd and Vandenberghe, Convex Optimization, 1.2.1)."""
    X, y, w = design(1)
    found = slopes("linear_regression", X=X, y=y, w=w)
    residual = X @ w - y
    close(found["w"], 2 / 9 * X.T @ residual)
    close(found["y"], -2 / 9 * residual)
    close(found["X"], 2 / 9 * np.outer(residual, w))
    close(second("linear_regression", "w", X=X, y=y, w=w), 2 / 9 * X.T @ X)


def test_linear_regression_at_the_solution_of_the_normal_equations() -> None:
    """There the gradient vanishes; the solution is also that of NumPy, which takes singular values."""
    X, y, _ = design(2)
    best = sample("normal_equations").tape({"X": X, "y": y}).run
    solution = np.linalg.lstsq(X, y, rcond=None)[0]
    close(best.tape.values[best.tape.bindings["best"]], solution)
    at_rest = slopes("linear_regression", X=X, y=y, w=solution)["w"]
    away = slopes("linear_regression", X=X, y=y, w=solution + 1)["w"]
    assert np.max(np.abs(at_rest)) <= 1e-14 * np.max(np.abs(away)) * 9
    assert output("linear_regression", X=X, y=y, w=solution) == pytest.approx(output("normal_equations", X=X, y=y))


def test_normal_equations() -> None:
    """The envelope theorem: the best weights stand still. Each of them moves by a row of the pseudo-inverse."""
    X, y, _ = design(3)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    residual = X @ best - y
    found = slopes("normal_equations", X=X, y=y)
    close(found["y"], -2 / 9 * residual)
    close(
        found["X"], 2 / 9 * np.outer(residual, best), rel=1e-11
    )  # by way of X'X, whose condition is that of X squared
    for row, expected in enumerate(np.linalg.pinv(X)):
        close(slopes("normal_equations", of=f"best[{row}]", X=X, y=y)["y"], expected)


def test_logistic_regression() -> None:
    """X' (p - label), and the Hessian X' diag(p (1 - p)) X (Hastie, Tibshirani and Friedman, ESL, 4.4.1)."""
    X, y, w = design(4)
    label = (y > 0).astype(float)
    p = sigmoid(X @ w)
    found = slopes("logistic_regression", X=X, label=label, w=w)
    close(found["w"], X.T @ (p - label))
    close(found["label"], -X @ w)
    close(found["X"], np.outer(p - label, w))
    close(second("logistic_regression", "w", X=X, label=label, w=w), X.T @ np.diag(p * (1 - p)) @ X)
    expected = -np.sum(label * np.log(p) + (1 - label) * np.log(1 - p))
    assert output("logistic_regression", X=X, label=label, w=w) == pytest.approx(expected, rel=1e-13)


def test_logistic_regression_far_away() -> None:
    """Where 1 - p rounds to 0 or 1: the slope of a point that is wrong by far, and of one that is right by far."""
    found = sample("logistic_regression").gradient(X=[[1.0], [-1.0]], label=[1, 1], w=[800.0], difference="none")
    assert found.outputs["loss"] == 800  # log(1 + exp(800)) would be inf
    assert found.gradient["loss"]["w"] == [1]
    lone = sample("logistic_regression").gradient(X=[[1.0]], label=[0], w=[-700.0], difference="none")
    with mpmath.workdps(40):
        tiny = float(mpmath.exp(-700))  # sigmoid(-700), which 1 - sigmoid(700) would give as 0
    assert lone.gradient["loss"]["w"][0] == pytest.approx(tiny, rel=1e-12, abs=0)
    assert lone.outputs["loss"] == pytest.approx(tiny, rel=1e-12, abs=0)


# A mixture of Gaussians


def test_gaussian_mixture() -> None:
    """Sums over the points, by responsibilities (Bishop, Pattern Recognition and Machine Learning, 9.2)."""
    random = np.random.default_rng(5)
    X, means, logs = (random.normal(size=size) for size in ((7, 2), (3, 2), (3, 2)))
    logits = random.normal(size=3)
    weights = np.exp(logits) / np.sum(np.exp(logits))
    z = (X[:, None, :] - means) / np.exp(logs)  # point, component, coordinate
    densities = weights * np.prod(np.exp(-(z**2) / 2) / (np.sqrt(2 * np.pi) * np.exp(logs)), axis=2)
    share = densities / np.sum(densities, axis=1, keepdims=True)  # the responsibilities
    point: dict[str, Any] = {"X": X, "logits": logits, "means": means, "log_widths": logs}
    found = slopes("gaussian_mixture", **point)
    close(found["logits"], 7 * weights - np.sum(share, axis=0))
    close(found["means"], -np.einsum("nk,nkd->kd", share, z / np.exp(logs)))
    close(found["log_widths"], np.einsum("nk,nkd->kd", share, 1 - z**2))
    close(found["X"], np.einsum("nk,nkd->nd", share, z / np.exp(logs)))
    assert output("gaussian_mixture", **point) == pytest.approx(-np.sum(np.log(np.sum(densities, axis=1))), rel=1e-13)


def test_gaussian_mixture_with_fifty_digits() -> None:
    """Differences of the likelihood as it is defined, far from all means, where a density is below all doubles."""
    points, means, logs = [[0.3, -40.0], [60.0, 1.5]], [[0.0, 0.5], [3.0, 2.0]], [[-0.2, 0.1], [0.3, -0.4]]
    logits = [0.3, -0.2]

    def loss(step: Any, place: tuple[str, int]) -> Any:
        moved = {"logits": [mpmath.mpf(v) for v in logits], "means": [mpmath.mpf(v) for row in means for v in row],
                 "log_widths": [mpmath.mpf(v) for row in logs for v in row]}  # fmt: skip
        moved[place[0]][place[1]] += step
        weights = [mpmath.exp(v) for v in moved["logits"]]
        total = mpmath.mpf(0)
        for point in points:
            density = mpmath.mpf(0)
            for j in range(2):
                part = weights[j] / sum(weights)
                for i in range(2):
                    width = mpmath.exp(moved["log_widths"][2 * j + i])
                    part *= mpmath.npdf(point[i], moved["means"][2 * j + i], width)
                density += part
            total -= mpmath.log(density)
        return total

    found = slopes("gaussian_mixture", X=points, logits=logits, means=means, log_widths=logs)
    with mpmath.workdps(50):
        h = mpmath.mpf(10) ** -15
        for name in ("logits", "means", "log_widths"):
            flat = np.ravel(found[name])
            expected = [(loss(h, (name, i)) - loss(-h, (name, i))) / (2 * h) for i in range(flat.size)]
            close(flat, [float(v) for v in expected])


def test_the_eruptions_of_old_faithful_are_those_of_r() -> None:
    """`summary(faithful)`, `cor(faithful)` and `lm(eruptions ~ waiting)` as R's documents have them."""
    eruptions, waiting = np.loadtxt(ROOT / "samples" / "faithful.csv", delimiter=",", skiprows=1, unpack=True)
    assert len(eruptions) == 272
    quarters = [0, 25, 50, 75, 100]
    assert np.percentile(eruptions, quarters) == pytest.approx([1.6, 2.163, 4, 4.454, 5.1], abs=5e-4)
    assert list(np.percentile(waiting, quarters)) == [43, 58, 76, 82, 96]
    assert (eruptions.mean(), waiting.mean()) == pytest.approx((3.487783, 70.89706), rel=1e-6)
    assert np.corrcoef(eruptions, waiting)[0, 1] == pytest.approx(0.9008112, abs=5e-8)
    assert np.polyfit(waiting, eruptions, 1) == pytest.approx([0.075628, -1.874016], abs=1e-6)


def test_gaussian_mixture_is_at_rest_where_expectation_maximization_ends() -> None:
    """Dempster, Laird and Rubin (1977) by hand for the eruptions of Old Faithful: the gradient there is 0."""
    X = np.loadtxt(ROOT / "samples" / "faithful.csv", delimiter=",", skiprows=1)
    share, means = np.array([0.5, 0.5]), np.array([[2.0, 55.0], [4.3, 80.0]])
    widths = np.array([[0.4, 6.0], [0.4, 6.0]])
    for _ in range(100):
        apart = (X[:, None] - means) / widths
        densities = share * np.exp(-np.sum(apart**2, axis=2) / 2) / (2 * np.pi * np.prod(widths, axis=1))
        parts = densities / densities.sum(axis=1, keepdims=True)
        count = parts.sum(axis=0)
        share, means = count / len(X), parts.T @ X / count[:, None]
        widths = np.sqrt(np.sum(parts[:, :, None] * (X[:, None] - means) ** 2, axis=0) / count[:, None])
    point = {"X": X, "logits": np.log(share), "means": means, "log_widths": np.log(widths)}
    found = sample("gaussian_mixture").gradient(point, difference="none")
    assert found.outputs["loss"] == pytest.approx(-np.sum(np.log(densities.sum(axis=1))), rel=1e-13)
    for name in ("logits", "means", "log_widths"):
        assert np.max(np.abs(found.gradient["loss"][name])) <= 1e-10


# Calibration

# Cobb and Douglas, A Theory of Production, American Economic Review 18 (1928) 139, Tables II, III and V: 1899 to 1922.
YEAR, LABOUR, CAPITAL, OUTPUT = np.loadtxt(
    ROOT / "samples" / "cobb_douglas_1928.csv", delimiter=",", skiprows=1, unpack=True
)


def test_the_data_of_cobb_and_douglas_are_those_of_others() -> None:
    """What Felipe and Adams, Eastern Economic Journal 31 (2005) 427, find with these tables: -0.177, 0.807 and 0.233,
    with standard errors 0.434, 0.145 and 0.064, and R^2 = 0.957."""
    assert list(YEAR) == list(range(1899, 1923))
    X, y = np.stack([np.ones(24), np.log(LABOUR), np.log(CAPITAL)], axis=1), np.log(OUTPUT)
    found, (squares,), *_ = np.linalg.lstsq(X, y, rcond=None)
    errors = np.sqrt(np.diag(np.linalg.inv(X.T @ X)) * squares / 21)
    assert found == pytest.approx([-0.177, 0.807, 0.233], abs=5e-4)
    assert errors == pytest.approx([0.434, 0.145, 0.064], abs=5e-4)
    assert 1 - squares / np.sum((y - y.mean()) ** 2) == pytest.approx(0.957, abs=5e-4)


def test_calibration() -> None:
    """Simple regression of log(Y/L) on log(K/L). At its estimate, alpha = 1/4 and A = 1.01, the gradient vanishes."""
    k, y = (np.log(np.divide(column, LABOUR)) for column in (CAPITAL, OUTPUT))
    data: dict[str, Any] = {"K": CAPITAL, "L": LABOUR, "Y": OUTPUT}
    error = y - 0.02 - 0.4 * k
    found = slopes("calibration", **data, alpha=0.4, log_A=0.02)
    assert found["alpha"] == pytest.approx(-2 * np.sum(error * k), rel=1e-13)
    assert found["log_A"] == pytest.approx(-2 * np.sum(error), rel=1e-13)
    close(found["Y"], 2 * error / OUTPUT)
    close(found["K"], -2 * error * 0.4 / CAPITAL)
    close(found["L"], -2 * error * 0.6 / LABOUR)
    close(second("calibration", "alpha", **data), [[2 * np.sum(k * k)]])
    alpha = np.sum((k - k.mean()) * (y - y.mean())) / np.sum((k - k.mean()) ** 2)
    log_A = y.mean() - alpha * k.mean()
    assert (round(alpha, 2), round(np.exp(log_A), 2)) == (0.25, 1.01)  # what they published
    at_rest = slopes("calibration", **data, alpha=alpha, log_A=log_A)
    assert abs(at_rest["alpha"]) + abs(at_rest["log_A"]) <= 1e-13 * (abs(found["alpha"]) + abs(found["log_A"]))


def test_what_the_calibration_says_of_its_own_years() -> None:
    """They are every fourth of the years above, and the slope by alpha changes its sign near 0.23."""
    inputs = sample("calibration").evaluate().inputs
    for name, column in (("K", CAPITAL), ("L", LABOUR), ("Y", OUTPUT)):
        assert list(inputs[name]) == list(column[:21:4])
    assert slopes("calibration", alpha=0.225)["alpha"] < 0 < slopes("calibration", alpha=0.235)["alpha"]


# A cluster of thirteen atoms


def icosahedron() -> Array:
    """An atom in the middle and twelve around it, with edges of length 2."""
    golden = (1 + np.sqrt(5)) / 2
    corners = [np.roll([0, a, b * golden], turn) for turn in range(3) for a in (1, -1) for b in (1, -1)]
    return np.array([[0.0, 0.0, 0.0], *corners])


def lennard_jones(P: Array) -> tuple[float, Array]:
    """The energy and its gradient, pair by pair: dV/dr = -24 (2 r^-13 - r^-7) along the line of the two atoms."""
    energy, slope = 0.0, np.zeros_like(P)
    for i in range(len(P)):
        for j in range(i):
            apart = P[i] - P[j]
            r = np.sqrt(apart @ apart)
            energy += 4 * (r**-12 - r**-6)
            along = -24 * (2 * r**-13 - r**-7) * apart / r
            slope[i] += along
            slope[j] -= along
    return energy, slope


def shaken(seed: int) -> Array:
    return 0.6 * icosahedron() + np.random.default_rng(seed).normal(scale=0.03, size=(13, 3))


def test_lennard_jones_cluster_by_pairs() -> None:
    P = shaken(6)
    energy, slope = lennard_jones(P)
    found = sample("lennard_jones_cluster").gradient(P=P, difference="none")
    assert found.outputs["V"] == pytest.approx(energy, rel=1e-12)
    close(found.gradient["V"]["P"], slope)


def test_lennard_jones_cluster_has_no_net_force_and_no_torque() -> None:
    """The energy does not change where the whole cluster is shifted or turned (Noether)."""
    P = shaken(7)
    force = -slopes("lennard_jones_cluster", P=P)["P"]
    scale = np.max(np.abs(force))
    assert scale > 1
    assert np.max(np.abs(np.sum(force, axis=0))) <= 1e-13 * scale
    assert np.max(np.abs(np.sum(np.cross(P, force), axis=0))) <= 1e-13 * scale


def test_lennard_jones_cluster_at_its_minimum() -> None:
    """-44.326801 (Wales and Doye, J. Phys. Chem. A 101 (1997) 5111), by Newton's method with adcli's derivatives.

    The steps change the size alone; by the symmetry of the icosahedron the gradient then vanishes in all 39 components.
    """
    program, shape = sample("lennard_jones_cluster"), icosahedron()
    size = 0.56
    for _ in range(8):
        slope = program.gradient(P=size * shape, difference="none").gradient["V"]["P"]
        bend = program.hvp(P=size * shape, dot={"P": shape}).product["V"]["P"]
        size -= np.sum(slope * shape) / np.sum(bend * shape)
    found = program.gradient(P=size * shape, difference="none")
    assert found.outputs["V"] == pytest.approx(-44.326801, abs=5e-7)
    assert (
        np.max(np.abs(found.gradient["V"]["P"])) <= 1e-11
    )  # the forces between two atoms are some 10, each with 1e-14
    curvature = second("lennard_jones_cluster", "P", P=size * shape)
    levels = np.linalg.eigvalsh(curvature)
    assert np.max(np.abs(levels[:6])) <= 1e-9 * levels[-1]  # three shifts and three turns cost nothing
    assert levels[6] > 0.01 * levels[-1]  # everything else costs: it is a minimum


def test_lennard_jones_13_by_pairs() -> None:
    """And from where the sample begins, a descent with its gradients ends at -44.326801 (Wales and Doye)."""
    minimize = pytest.importorskip("scipy.optimize").minimize
    x = shaken(8)
    energy, slope = lennard_jones(x)
    program = sample("lennard_jones_13")
    found = program.gradient(x=x, difference="none")
    assert found.outputs["V"] == pytest.approx(energy, rel=1e-12)
    close(found.gradient["V"]["x"], slope)

    def of_vector(flat: Array) -> tuple[float, Array]:
        report = program.gradient(x=flat.reshape(13, 3), difference="none")
        return report.outputs["V"], np.ravel(report.gradient["V"]["x"])

    start = np.ravel(program.evaluate().inputs["x"])
    assert of_vector(start)[0] == pytest.approx(-42.24, abs=5e-3)
    rest = minimize(of_vector, start, jac=True, method="BFGS", options={"gtol": 1e-6})
    assert rest.fun == pytest.approx(-44.326801, abs=5e-7)


def test_lennard_jones_moving_is_what_forces_pair_by_pair_do() -> None:
    """The same steps of time, of two lengths in turn, with forces pair by pair."""
    x, steps = shaken(3), np.resize([0.004, 0.006], 30)
    v = np.zeros((13, 3))
    pull, start = -lennard_jones(x)[1], x
    for dt in steps:
        v = v + dt / 2 * pull
        x = x + dt * v
        pull = -lennard_jones(x)[1]
        v = v + dt / 2 * pull
    found = sample("lennard_jones_moving").evaluate(x=start, dt=steps).outputs["end"]
    assert found == pytest.approx(lennard_jones(x)[0] + np.sum(v**2) / 2, rel=1e-12)


def test_lennard_jones_moving_keeps_its_energy_for_500_steps() -> None:
    """Verlet's method errs by the square of the step: half of it, a quarter of the drift over the same time."""
    steps = (np.full(count, 2.5 / count) for count in (500, 1000))
    runs = [sample("lennard_jones_moving").evaluate(dt=dt).outputs for dt in steps]
    drift, half = (outputs["end"] - outputs["start"] for outputs in runs)
    assert abs(drift) <= 1e-4 * 42.24
    assert drift / half == pytest.approx(4, abs=0.1)


# A rocket


def test_rocket() -> None:
    """The same steps with complex numbers: the gradient by each thrust. And what a search for the least cost finds:
    all thrust at first and none from some time on, the best of all such."""
    minimize = pytest.importorskip("scipy.optimize").minimize

    def cost(u: Any) -> Any:
        h, v, m, dt = 0, 0, 100, 50 / len(u)
        for thrust in u:
            v, before = v + dt * ((thrust - 5 * v**2 * np.exp(-h / 8)) / m - 0.00981), m
            h, m = h + dt * v, before - dt * thrust / 2.5
        return 100 - m + 100 * (h - 10) ** 2 + 10000 * v**2

    program = sample("rocket")

    def of_thrusts(u: Array) -> tuple[float, Array]:
        report = program.gradient(u=u, difference="none")
        return report.outputs["cost"], np.array(report.gradient["cost"]["u"])

    u = np.random.default_rng(9).uniform(0, 3, size=25)
    value, slope = of_thrusts(u)
    assert value == pytest.approx(cost(u), rel=1e-13)
    close(slope, [cost(u + 1e-200j * unit).imag / 1e-200 for unit in np.eye(25)])
    options = {"ftol": 1e-14, "gtol": 1e-7, "maxiter": 1000}
    best = minimize(of_thrusts, np.full(25, 1.15), jac=True, method="L-BFGS-B", bounds=[(0, 4)] * 25, options=options)
    until = [np.clip(4 * (end - np.arange(25)), 0, 4) for end in np.linspace(6, 7, 1001)]
    switched = min(until, key=cost)
    assert best.fun == pytest.approx(cost(switched), abs=1e-3)
    assert best.x == pytest.approx(switched, abs=5e-3)


# A network of resistors

EDGES = [(0, 1), (0, 2), (1, 3), (2, 3), (1, 2)]  # the bridge of the sample; node 3 is at zero


def test_resistor_network_by_hand() -> None:
    """Without the fifth resistor two dividers in parallel: the voltages are in the ratio of the resistances."""
    g, current = [1.0, 2.0, 0.5, 1.5, 0.0], 3.0
    branches = [1 / (1 / g[0] + 1 / g[2]), 1 / (1 / g[1] + 1 / g[3])]
    source = current / sum(branches)
    expected = source * (g[0] / (g[0] + g[2]) - g[1] / (g[1] + g[3]))
    assert output("resistor_network", g=g, current=current) == pytest.approx(expected, rel=1e-13)
    assert slopes("resistor_network", g=g, current=current)["current"] == pytest.approx(expected / 3, rel=1e-13)


def test_resistor_network_in_balance() -> None:
    """Wheatstone: with g0 g3 = g1 g2 nothing flows in the bridge, and its own conductance does not matter."""
    g = [1.0, 2.0, 0.5, 1.0, 0.8]
    assert output("resistor_network", g=g) == pytest.approx(0, abs=1e-15)
    found = slopes("resistor_network", g=g)["g"]
    assert abs(found[4]) <= 1e-15
    assert np.min(np.abs(found[:4])) > 0.1


def test_resistor_network_by_its_adjoint() -> None:
    """dV/dg = -(e_a - e_b)' v (e_a - e_b)' u with G u = dV/dv (Director and Rohrer, IEEE CT-16 (1969) 318)."""
    g, current = np.array([0.3, 1.7, 0.9, 0.4, 2.1]), 1.3
    incidence = np.zeros((5, 4))
    for k, (a, b) in enumerate(EDGES):
        incidence[k, a], incidence[k, b] = 1, -1
    incidence = incidence[:, :3]
    G = incidence.T @ np.diag(g) @ incidence
    v = np.linalg.solve(G, [current, 0, 0])
    adjoint = np.linalg.solve(G.T, [0, 1, -1])
    found = slopes("resistor_network", g=g, current=current)
    close(found["g"], -(incidence @ v) * (incidence @ adjoint))
    assert found["current"] == pytest.approx(adjoint[0], rel=1e-12)
    # every quantity scales: V is homogeneous of degree -1 in the conductances (Euler)
    assert g @ found["g"] == pytest.approx(-(v[1] - v[2]), rel=1e-12)


# A line through data points


def test_least_squares_qr() -> None:
    """Gauss: the slope is sum (t - mean t) y / sum (t - mean t)^2; by t with the rule for quotients."""
    t, y = np.array([0.2, 1.1, 1.9, 3.5, 4.0, 6.2]), np.array([1.0, 0.3, 2.2, 2.0, 3.7, 3.1])
    found = sample("least_squares_qr").gradient(t=t, y=y, difference="none")
    from_mean = t - t.mean()
    spread = np.sum(from_mean**2)
    slope = from_mean @ y / spread
    assert found.outputs["slope"] == pytest.approx(slope, rel=1e-13)
    close(found.gradient["slope"]["y"], from_mean / spread)
    close(found.gradient["slope"]["y"], np.linalg.pinv(np.stack([np.ones(6), t], axis=1))[1])
    close(found.gradient["slope"]["t"], (y - y.mean() - 2 * slope * from_mean) / spread)


def test_least_squares_qr_is_lstsq() -> None:
    text = (ROOT / "samples" / "least_squares_qr.ad").read_text(encoding="utf-8")
    other = text.replace("Q, R = qr(A)\n", "").replace("solve(R, Q' @ y)", "lstsq(A, y)")
    assert "qr(" not in other
    points = {"t": [0.5, 1.0, -2.0, 4.0], "y": [1.0, 3.0, 0.1, 2.0]}
    found, expected = (
        program.gradient(points, difference="none").gradient["slope"]
        for program in (package.parse(other), sample("least_squares_qr"))
    )
    for name in points:
        close(found[name], expected[name])


# A network of two layers


def test_xor_network() -> None:
    """Backpropagation by hand (Rumelhart, Hinton and Williams, Nature 323 (1986) 533): the errors layer by layer."""
    random = np.random.default_rng(8)
    W, b, w, c = random.normal(size=(4, 2)), random.normal(size=4), random.normal(size=4), 0.3
    found = slopes("xor_network", W=W, b=b, w=w, c=c)
    expected: dict[str, Any] = {"W": np.zeros((4, 2)), "b": np.zeros(4), "w": np.zeros(4), "c": 0.0}
    loss: Any = 0.0
    for x, label in (([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)):
        hidden = np.tanh(W @ x + b)
        answer = 1 / (1 + np.exp(-(w @ hidden + c)))
        loss += (answer - label) ** 2 / 4
        outer_error = 2 * (answer - label) / 4 * answer * (1 - answer)
        inner_error = outer_error * w * (1 - hidden**2)
        expected["c"] += outer_error
        expected["w"] = expected["w"] + outer_error * hidden
        expected["b"] = expected["b"] + inner_error
        expected["W"] = expected["W"] + np.outer(inner_error, x)
    assert output("xor_network", W=W, b=b, w=w, c=c) == pytest.approx(loss, rel=1e-13)
    for name, slope in expected.items():
        close(found[name], slope)


def test_xor_network_learns() -> None:
    """Descent along adcli's gradient from the sample's own weights: what it was asked to learn."""
    program = sample("xor_network")
    point = dict(program.evaluate().inputs)
    for _ in range(400):
        found = program.gradient(point, difference="none")
        point = {name: point[name] - 4 * found.gradient["loss"][name] for name in point}
    assert found.outputs["loss"] < 0.01


# A pendulum

STEPS, STEP, GRAVITY = 200, 2 / 200, 9.81


def pendulum(angle: Any, velocity: Any, length: Any, sin: Any) -> list[tuple[Any, Any]]:
    """The same scheme as drift and kick maps: half a kick, a drift, half a kick; all states."""
    path = [(angle, velocity)]
    for _ in range(STEPS):
        half = velocity - STEP / 2 * GRAVITY / length * sin(angle)
        angle = angle + STEP * half
        velocity = half - STEP / 2 * GRAVITY / length * sin(angle)
        path.append((angle, velocity))
    return path


def test_leapfrog_pendulum() -> None:
    """The adjoint of the discrete scheme by hand: p of the angle and q of the velocity, from the last step back."""
    angle, velocity, length = 0.9, -0.7, 1.4
    path = pendulum(angle, velocity, length, np.sin)
    p, q, by_length = 1.0, 0.0, 0.0
    for before, after in zip(path[-2::-1], path[:0:-1], strict=True):
        kick = STEP / 2 * GRAVITY / length
        # velocity = half - kick sin(angle after)
        p, by_length = p - q * kick * np.cos(after[0]), by_length + q * kick / length * np.sin(after[0])
        # angle after = angle + STEP half
        q = q + STEP * p
        # half = velocity before - kick sin(angle before)
        p, by_length = p - q * kick * np.cos(before[0]), by_length + q * kick / length * np.sin(before[0])
    found = slopes("leapfrog_pendulum", of="final", angle=angle, velocity=velocity, length=length)
    # 1e-11: each of 200 steps rounds, and by the length the contributions cancel
    assert found == pytest.approx({"angle": p, "velocity": q, "length": by_length}, rel=1e-11)


def test_leapfrog_pendulum_with_fifty_digits() -> None:
    point = {"angle": 0.9, "velocity": -0.7, "length": 1.4}
    found = sample("leapfrog_pendulum").gradient(point, difference="none")
    with mpmath.workdps(50):
        h = mpmath.mpf(10) ** -15

        def results(**moved: int) -> tuple[Any, Any]:
            a, v, length = (mpmath.mpf(value) + h * moved.get(name, 0) for name, value in point.items())
            a, v = pendulum(a, v, length, mpmath.sin)[-1]
            return a, (length * v) ** 2 / 2 - mpmath.mpf(GRAVITY) * length * mpmath.cos(a)

        for name in point:
            above, below = results(**{name: 1}), results(**{name: -1})
            for place, result in enumerate(("final", "energy")):
                expected = float((above[place] - below[place]) / (2 * h))
                assert found.gradient[result][name] == pytest.approx(expected, rel=1e-11)  # as above


def test_leapfrog_pendulum_keeps_its_energy() -> None:
    """A symplectic method of order 2 errs by (h ω)^2 of the energy, at any time (Hairer, Lubich and Wanner, GNI)."""
    angle, velocity, length = 0.8, 0.5, 1.2
    before = (length * velocity) ** 2 / 2 - GRAVITY * length * np.cos(angle)
    after = sample("leapfrog_pendulum").evaluate(angle=angle, velocity=velocity, length=length).outputs["energy"]
    assert 0 < abs(after - before) <= (STEP**2 * GRAVITY / length) * (before + GRAVITY * length)
    # so the derivative of the final energy is nearly that of the first one
    found = slopes("leapfrog_pendulum", of="energy", angle=angle, velocity=velocity, length=length)
    assert found["angle"] == pytest.approx(GRAVITY * length * np.sin(angle), rel=1e-3)
    assert found["velocity"] == pytest.approx(length**2 * velocity, rel=1e-3)


# A wave in one dimension

TIMES, SOURCE = 48, 4
RECEIVERS = [4, 19]


def waves(speed: Array) -> Array:
    """The field at all times, from two rows of zeros; what is beyond the ends is zero."""
    pulse = [(1 - 2 * s) * np.exp(-s) for s in (((k - 10) / 4) ** 2 for k in range(TIMES))]
    field = np.zeros((TIMES + 2, speed.size + 2))
    for k in range(TIMES):
        now = field[k + 1]
        bend = now[2:] - 2 * now[1:-1] + now[:-2]
        field[k + 2, 1:-1] = 2 * now[1:-1] - field[k, 1:-1] + (0.4 * speed) ** 2 * bend
        field[k + 2, 1 + SOURCE] += pulse[k]
    return field


def recorded(field: Array) -> Array:
    """What the receivers hear: a row for each time."""
    return field[2:, 1 + np.array(RECEIVERS)]


def adjoint_state(speed: Array, record: Array) -> tuple[float, Array]:
    """The misfit to a record and its gradient, by the adjoint-state method (Plessix, Geophys. J. Int. 167 (2006) 495).

    The adjoint field runs back in time from the residuals at the receiver; the gradient is its correlation with the
    second difference of the field.
    """
    field = waves(speed)
    residual = recorded(field) - record
    squared = (0.4 * speed) ** 2
    later, latest = np.zeros(speed.size), np.zeros(speed.size)  # the adjoints one and two steps on
    slope = np.zeros(speed.size)
    for k in range(TIMES - 1, -1, -1):
        weighted = np.pad(squared * later, 1)
        adjoint = 2 * later - latest + weighted[2:] - 2 * weighted[1:-1] + weighted[:-2]
        adjoint[RECEIVERS] += residual[k]
        now = field[k + 1]
        slope += adjoint * (now[2:] - 2 * now[1:-1] + now[:-2]) * 2 * 0.4**2 * speed
        later, latest = adjoint, later
    return np.sum(residual**2) / 2, slope


def layered() -> Array:
    truth = np.full(24, 2.0)
    truth[10:15] = 2.3
    return truth


@pytest.mark.parametrize("seed", [None, 9])
def test_waveform_inversion(seed: int | None) -> None:
    speed = np.full(24, 2.0)
    if seed is not None:
        speed += np.random.default_rng(seed).uniform(-0.2, 0.2, size=24)
    misfit, slope = adjoint_state(speed, recorded(waves(layered())))
    assert np.min(np.abs(slope)) > 0.01 * np.max(np.abs(slope))  # every cell has been passed
    found = sample("waveform_inversion").gradient(c=speed, difference="none")
    assert found.outputs["misfit"] == pytest.approx(misfit, rel=1e-12)
    close(found.gradient["misfit"]["c"], slope)


def test_waveform_inversion_finds_nothing_to_change_where_the_record_is_right() -> None:
    found = sample("waveform_inversion").gradient(c=layered(), difference="none")
    assert found.outputs["misfit"] == 0
    assert not np.any(found.gradient["misfit"]["c"])


# The Rosenbrock function


def rosenbrock_product(x: Array, v: Array) -> Array:
    """The Hessian times v: it is tridiagonal, with 1200 x_i^2 - 400 x_(i+1) + 2 (+ 200) and -400 x_i."""
    diagonal = np.zeros_like(x)
    diagonal[:-1] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    diagonal[1:] += 200
    beside = -400 * x[:-1]
    product = diagonal * v
    product[:-1] += beside * v[1:]
    product[1:] += beside * v[:-1]
    return product


@pytest.mark.parametrize("mode", ["forward-over-reverse", "reverse-over-forward", "reverse-over-reverse"])
def test_rosenbrock_many(mode: str) -> None:
    random = np.random.default_rng(10)
    x, v = random.normal(size=1000), random.normal(size=1000)
    found = sample("rosenbrock_many").hvp(x=x, dot={"x": v}, mode=mode)
    close(found.product["f"]["x"], rosenbrock_product(x, v))


def test_rosenbrock_many_has_its_minimum_at_ones() -> None:
    found = sample("rosenbrock_many").gradient(x=np.ones(1000), difference="none")
    assert found.outputs["f"] == 0
    assert not np.any(found.gradient["f"]["x"])
    x = np.random.default_rng(11).normal(size=1000)
    rise = x[1:] - x[:-1] ** 2
    expected = np.zeros(1000)
    expected[1:] += 200 * rise
    expected[:-1] += -400 * x[:-1] * rise - 2 * (1 - x[:-1])
    close(slopes("rosenbrock_many", x=x)["x"], expected)


def test_rosenbrock_many_from_the_command_line(adcli: Adcli, tmp_path: Any) -> None:
    """A thousand dimensions, with the point in a file."""
    x = np.random.default_rng(12).normal(size=1000)
    np.savez(tmp_path / "point.npz", x=x)
    result = adcli(
        "hvp", "samples/rosenbrock_many.ad", "--at", str(tmp_path / "point.npz"), "--dot", "x=1", "--format", "json"
    )
    assert (result.status, result.err) == (0, "")
    close(json.loads(result.out)["product"]["f"]["x"], rosenbrock_product(x, np.ones(1000)))

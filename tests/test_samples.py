"""Every sample against the truth from outside: closed forms and published numbers."""

from __future__ import annotations

import json
import math
from typing import Any

import mpmath
import pytest

import adcli as package

from .conftest import ALL_SAMPLES, PLAIN_SAMPLES, ROOT, Adcli, mostly_slow, sample_name

NAMES = [sample_name(path) for path in ALL_SAMPLES]
FAMILIES = {"speelpenning_loop"}


def slopes(name: str, **inputs: float) -> dict[str, float]:
    report = package.load(str(ROOT / "samples" / f"{name}.ad")).gradient(inputs, difference="none")
    (found,) = report.gradient.values()
    return dict(found)


def outputs(name: str, **inputs: float) -> float:
    report = package.load(str(ROOT / "samples" / f"{name}.ad")).evaluate(inputs)
    (found,) = report.outputs.values()
    return found


def test_there_are_enough() -> None:
    assert len(NAMES) >= 10


@pytest.mark.parametrize("path", ALL_SAMPLES, ids=NAMES)
def test_a_sample_says_what_to_look_at(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "\n# Look at " in text
    assert f"[{path.name}]({sample_name(path)}.ad)" in (ROOT / "samples" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", mostly_slow([sample_name(path) for path in PLAIN_SAMPLES], every=1))
def test_a_sample_runs_and_its_derivatives_agree(name: str, adcli: Adcli) -> None:
    result = adcli("grad", f"samples/{name}.ad", "--format", "json")
    assert result.status == 0
    report = json.loads(result.out)
    if name in FAMILIES:  # the size is no number to differentiate by, and that is told
        assert [warning["code"] for warning in report["warnings"]] == ["only-decides", "kink"]
        return
    assert report["warnings"] == []
    verdicts = [row["verdict"] for slopes in report["difference"].values() for row in slopes.values()]
    assert verdicts
    assert set(verdicts) == {"agrees"}


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_canonical_and_without_suspicions(name: str, adcli: Adcli) -> None:
    assert adcli("fmt", "--check", f"samples/{name}.ad") == (0, "", "")
    assert adcli("lint", f"samples/{name}.ad").status == (name in FAMILIES)


def test_sine_product() -> None:
    """L = xy + sin(xy): dL/dx = y (1 + cos(xy))."""
    assert outputs("sine_product") == pytest.approx(5.7206, abs=5e-5)
    assert slopes("sine_product") == pytest.approx({"x": 3 * (1 + math.cos(6)), "y": 2 * (1 + math.cos(6))}, rel=1e-15)


def test_fan_out() -> None:
    assert slopes("fan_out") == {"x": 2 + math.e}


def test_baydin() -> None:
    """Baydin, Pearlmutter, Radul and Siskind, JMLR 18 (2018) 153, Tables 2 and 3: (5.5, 1.716), y = 11.652."""
    assert outputs("baydin") == pytest.approx(11.652, abs=5e-4)
    assert slopes("baydin") == pytest.approx({"x1": 5.5, "x2": 1.7163378145367738}, rel=1e-15)


def test_exponential_chain() -> None:
    a = math.exp(0.3)
    b = math.exp(a)
    c = math.exp(b)
    assert slopes("exponential_chain", x=0.3) == pytest.approx({"x": a * b * c}, rel=1e-15)


def test_counter() -> None:
    assert slopes("counter", x=123.0) == {"x": 3.0}


@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.75])
def test_cobb_douglas(alpha: float) -> None:
    """The elasticities are the exponents, at any point."""
    found = slopes("cobb_douglas", alpha=alpha, log_K=3.0, log_L=-1.0, A=2.0)
    expected = {"log_K": alpha, "log_L": 1 - alpha, "alpha": 4.0, "A": 0.5}
    assert found == pytest.approx(expected, rel=1e-13)


def test_lennard_jones() -> None:
    """The force is zero at 2^(1/6) sigma; elsewhere 24 eps (2 (s/r)^12 - (s/r)^6) / r along the line of the atoms."""
    at_rest = slopes("lennard_jones", x=2 ** (1 / 6), y=0.0, z=0.0)
    assert at_rest["x"] == pytest.approx(0, abs=1e-13)
    x, y, z = 1.1, -0.2, 0.5
    r = math.sqrt(x * x + y * y + z * z)
    force = 24 * (2 / r**12 - 1 / r**6) / r
    found = slopes("lennard_jones", x=x, y=y, z=z)
    assert [found[name] for name in "xyz"] == pytest.approx([-force * v / r for v in (x, y, z)], rel=1e-13)
    assert outputs("lennard_jones", x=2 ** (1 / 6), y=0.0, z=0.0) == pytest.approx(-1, rel=1e-14)


def test_squared_error() -> None:
    """The normal equations' row: residual times feature."""
    residual = 0.5 * 2 - 3 + 0.25 - 1
    found = slopes("squared_error")
    assert [found[name] for name in ("w1", "w2", "bias")] == [2 * residual, 3 * residual, residual]


def test_logistic_loss() -> None:
    """d loss / d margin = -1 / (1 + e^margin); with all its digits where the naive loss has none."""
    margin = 0.5 * 2 - 3 + 0.25
    assert slopes("logistic_loss")["bias"] == pytest.approx(-1 / (1 + math.exp(margin)), rel=1e-15)
    far = slopes("logistic_loss", w1=400.0)["bias"]
    with mpmath.workdps(50):
        assert far == pytest.approx(float(-1 / (1 + mpmath.exp(mpmath.mpf("797.25")))), rel=1e-13, abs=0)
    assert slopes("logistic_loss", w1=400.0, label=-1.0)["bias"] == 1.0


def test_speelpenning() -> None:
    """Speelpenning (1980): each component is the product of the others, also at a zero."""
    x = {"x1": 1.5, "x2": 0.0, "x3": -0.5, "x4": 3.0, "x5": 0.8}
    expected = {name: math.prod(value for other, value in x.items() if other != name) for name in x}
    assert slopes("speelpenning", **x) == pytest.approx(expected, rel=1e-15)


def test_black_scholes() -> None:
    """Hull, Options, Futures, and Other Derivatives, example 15.6: d1 = 0.7693, c = 4.76; the Greeks' closed forms."""
    s, k, r, v, t = 42.0, 40.0, 0.1, 0.2, 0.5
    d1 = (math.log(s / k) + (r + v * v / 2) * t) / (v * math.sqrt(t))
    d2 = d1 - v * math.sqrt(t)

    def normal(d: float) -> float:
        return math.erfc(-d / math.sqrt(2)) / 2

    density = math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)
    assert d1 == pytest.approx(0.7693, abs=5e-5)
    assert outputs("black_scholes") == pytest.approx(4.76, abs=5e-3)
    discounted = k * math.exp(-r * t)
    expected = {
        "spot": normal(d1),
        "strike": -math.exp(-r * t) * normal(d2),
        "rate": t * discounted * normal(d2),
        "volatility": s * density * math.sqrt(t),
        "time": s * density * v / (2 * math.sqrt(t)) + r * discounted * normal(d2),
    }
    assert slopes("black_scholes") == pytest.approx(expected, rel=1e-13)


def test_start() -> None:
    """The range v^2 sin(2 a) / g, with a in degrees: farthest at 45."""
    report = package.load(str(ROOT / "samples" / "start.ad")).gradient(angle=45, difference="none")
    assert report.outputs["distance"] == pytest.approx(400 / 9.81, rel=1e-15)
    assert report.gradient["distance"]["angle"] == pytest.approx(0, abs=1e-13)


def test_counter_state() -> None:
    assert slopes("counter_state", x=123.0) == {"x": 3.0}
    assert outputs("counter_state") == 12


@pytest.mark.parametrize("a", [0.2, 2.0, 90.0])
def test_heron(a: float) -> None:
    assert outputs("heron", a=a) == pytest.approx(math.sqrt(a), rel=1e-15)
    assert slopes("heron", a=a)["a"] == pytest.approx(1 / (2 * math.sqrt(a)), rel=1e-14)


def test_decay() -> None:
    """Euler's method by hand: N0 (1 - rate h)^steps."""
    h, rate = 2 / 1000, 0.5
    assert outputs("decay") == pytest.approx(1000 * (1 - rate * h) ** 1000, rel=1e-13)
    expected = {"N0": (1 - rate * h) ** 1000, "rate": -1000 * 1000 * h * (1 - rate * h) ** 999}
    assert slopes("decay") == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("r", [-3.0, -0.4, 0.7, 2.5])
def test_huber(r: float) -> None:
    """Huber (1964): quadratic up to delta, linear beyond; the slope by r is r clipped to delta."""
    found = slopes("huber", r=r, delta=1.5)
    assert found["r"] == max(-1.5, min(1.5, r))
    assert found["delta"] == (0 if abs(r) <= 1.5 else abs(r) - 1.5)


@pytest.mark.parametrize("x", [-2.0, 0.0, 1.1])
def test_power(x: float) -> None:
    assert outputs("power", x=x) == pytest.approx(x**13, rel=1e-14)
    assert slopes("power", x=x) == pytest.approx({"x": 13 * x**12}, rel=1e-14)


def test_chebyshev() -> None:
    """T_n(cos t) = cos(n t), and its slope is n sin(n t) / sin(t); the paths are counted in the sample's comment."""
    t = math.acos(0.3)
    assert outputs("chebyshev") == pytest.approx(math.cos(60 * t), rel=1e-12)
    assert slopes("chebyshev") == pytest.approx({"x": 60 * math.sin(60 * t) / math.sin(t)}, rel=1e-12)
    program = package.load(str(ROOT / "samples" / "chebyshev.ad"))
    assert program.why().why["x"].number == 4_052_739_537_880
    assert "4,052,739,537,880 paths" in program.program.tree.description


def test_root_of_squares() -> None:
    assert slopes("root_of_squares") == pytest.approx({"x": 0.6, "y": 0.8}, rel=1e-15)
    assert all(math.isnan(slope) for slope in slopes("root_of_squares", x=0.0, y=0.0).values())


def test_clipped_root() -> None:
    assert slopes("clipped_root", x=-1.0) == {"x": 0.0}
    assert slopes("clipped_root", x=0.0) == {"x": 0.0}
    assert slopes("clipped_root", x=4.0) == {"x": 0.25}


def test_speelpennings_loop() -> None:
    """The factors are k / (k + 1): their product is 1 / (n + 1)."""
    assert outputs("speelpenning_loop", n=9.0) == pytest.approx(0.1, rel=1e-15)


def test_survival() -> None:
    """The mean of Gompertz's distribution: e^(b/g) E1(b/g) / g, to what is left behind 120 years."""
    program = package.load(str(ROOT / "samples" / "survival.ad"))
    report = program.gradient({"danger": 0.001, "growth": 0.1}, difference="none")
    mpmath.mp.dps = 30

    def mean(b: mpmath.mpf, g: mpmath.mpf) -> mpmath.mpf:
        return mpmath.exp(b / g) * mpmath.e1(b / g) / g

    assert report.outputs["expected"] == pytest.approx(float(mean(mpmath.mpf("0.001"), mpmath.mpf("0.1"))), rel=1e-12)
    by_danger = mpmath.diff(lambda b: mean(b, mpmath.mpf("0.1")), mpmath.mpf("0.001"))
    assert report.gradient["expected"]["danger"] == pytest.approx(float(by_danger), rel=1e-10)

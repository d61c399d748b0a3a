"""Samples that finish their job: what is found is what others have published."""

from __future__ import annotations

import math

import numpy as np
import pytest

import adcli as package

from ..conftest import ROOT, Adcli
from .strd_sets import rows


def sample(name: str) -> package.DifferentiableProgram:
    return package.load(str(ROOT / "samples" / f"{name}.ad"))


def test_the_network_learns_the_exclusive_or() -> None:
    """From all four cases it is right after, and by Adam as well as by second derivatives."""
    for options in ({}, {"method": "adam", "rate": 0.1, "steps": 400}):
        report = sample("xor_network").minimize(**options)
        assert report.value < 1e-3
        answer = sample("xor_network").evaluate(report.solution)
        values = next(entry.value for entry in answer.values if entry.name == "answer")
        assert np.round(values).tolist() == [0, 1, 1, 0]


def test_a_mixture_of_gaussians_on_old_faithful() -> None:
    """The model VVI with two components: mclust's table of BIC for these data has -2346.065.

    Fraley, Raftery and Scrucca, mclust: `mclustBIC(faithful)`; BIC is 2 log L - 9 log 272 for its nine parameters.
    """
    data = rows(ROOT / "samples" / "faithful.csv")
    points = [[float(row["eruptions"]), float(row["waiting"])] for row in data]
    report = sample("gaussian_mixture").minimize(
        X=points, means=[[2, 55], [4.3, 80]], log_widths=[[-1, 1.8], [-0.9, 1.8]], wrt="logits,means,log_widths"
    )
    assert report.converged
    assert -2 * report.value - 9 * math.log(272) == pytest.approx(-2346.065, abs=5e-4)
    assert report.curvature.kind.value == "flat"  # a common summand of the logits changes nothing
    assert set(report.curvature.direction) == {"logits[0]", "logits[1]"}


def test_thirteen_atoms_relax() -> None:
    """-44.326801: Northby, J. Chem. Phys. 87 (1987) 6166; Wales and Doye, J. Phys. Chem. A 101 (1997) 5111."""
    report = sample("lennard_jones_13").minimize()
    assert report.converged
    assert report.value == pytest.approx(-44.326801, abs=5e-7)


def test_waves_tell_the_velocities() -> None:
    report = sample("waveform_inversion").fit(residual="residual")
    truth = np.full(24, 2.0)
    truth[10:15] = 2.3
    assert report.converged and not report.undetermined
    error = np.array([row.standard_error for row in report.parameters])
    assert np.max(np.abs(report.solution["c"] - truth)) <= 20 * error.max() <= 1e-11


def test_the_rocket_burns_all_at_first() -> None:
    """The best control is all or nothing, but for one stretch (Goddard's problem with a thrust that is bounded)."""
    report = sample("rocket").minimize()
    thrust = report.solution["u"]
    assert report.converged
    assert report.value == pytest.approx(21.4565, abs=5e-5)
    assert thrust[:6].tolist() == [4.0] * 6 and thrust[7:].tolist() == [0.0] * 18
    assert [row.held for row in report.parameters] == [True] * 6 + [False] + [True] * 18


@pytest.mark.slow
def test_newton_by_products_on_a_thousand_variables() -> None:
    """All ones, from the standard start, without a Hessian before the end."""
    report = sample("rosenbrock_many").minimize(x=np.tile([-1.2, 1.0], 500), method="newton", steps=5000)
    assert report.converged
    np.testing.assert_allclose(report.solution["x"], 1, rtol=4e-16)


def test_the_least_squares_of_a_root(adcli: Adcli) -> None:
    """A program with `solve` in it is minimized, fitted and solved like any other."""
    text = "input a = 1\nsolve x from 1 in x^3 + x == a\noutput y = (x - 2)^2"
    report = package.parse(text).minimize()
    assert report.solution["a"] == pytest.approx(10, rel=1e-14)

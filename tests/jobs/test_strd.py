"""The data, programs and certified values of NIST (strd/README.md) agree with each other to the last printed digit."""

# ruff: noqa: N806  # matrices have capital letters, as on paper

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import adcli as package

from ..conftest import Adcli
from . import strd_sets

EPS = np.finfo(float).eps


class Near(NamedTuple):
    """What is known at a point of one set: residuals, their Jacobian, and of their sum of squares the derivatives."""

    r: NDArray[np.float64]
    J: NDArray[np.float64]
    gradient: NDArray[np.float64]
    hessian: NDArray[np.float64]


def at(name: str, b: dict[str, float]) -> Near:
    text = (strd_sets.FOLDER / f"{name}.ad").read_text(encoding="utf-8")
    program = package.parse(f"{text}output S = sum(r^2)\n")
    point = {**strd_sets.data(name), **b}
    first = program.jacobian(point, of="r", wrt=list(b))
    J = np.column_stack([first.jacobian["r"][key] for key in b])
    rows = program.hessian(point, of="S", wrt=list(b)).by_component["S"]
    r = np.asarray(first.outputs["r"])
    return Near(r, J, 2 * J.T @ r, np.array([[rows[one][other] for other in b] for one in b]))


def last_digit(value: float) -> float:
    """One unit of the eleventh digit, the last one that NIST prints."""
    return 10.0 ** (math.floor(math.log10(abs(value))) - 10)


def newton_step(near: Near) -> NDArray[np.float64]:
    size = np.sqrt(np.diag(near.hessian))  # parameters of one size: their units differ by up to twelve decades
    return -np.linalg.solve(near.hessian / np.outer(size, size), near.gradient / size) / size


def test_there_are_all() -> None:
    names = strd_sets.sets()
    assert len(names) == 27
    assert names == sorted(names, key=str.lower)
    assert sorted(path.stem for path in strd_sets.FOLDER.glob("*.ad")) == sorted(names)
    levels = [summary.difficulty for summary in strd_sets.summaries().values()]
    assert [levels.count(level) for level in ("lower", "average", "higher")] == [8, 11, 8]  # as NIST's page lists them


@pytest.mark.parametrize("name", strd_sets.sets())
def test_the_certified_values_are_the_minimum_rounded(name: str) -> None:
    """Newton's step from them is at most half a unit of the last digit, and where it leads the certified sum of
    squares and standard errors are found."""
    summary, certified = strd_sets.summaries()[name], strd_sets.certified(name)
    near = at(name, certified)
    units = np.array([last_digit(value) for value in certified.values()])
    step = newton_step(near)
    assert np.abs(step / units).max() <= 0.501
    assert np.linalg.eigvalsh(near.hessian)[-1] > 0

    exact = at(name, dict(zip(certified, step + list(certified.values()), strict=True)))
    y = strd_sets.data(name)["y"]
    assert len(y) == summary.observations
    assert summary.degrees_of_freedom == summary.observations - len(certified)
    of_sum = summary.residual_sum_of_squares
    rounding = 8 * EPS * (np.abs(exact.r) @ np.abs(np.log(y) if name == "Nelson" else y))
    assert abs(exact.r @ exact.r - of_sum) <= 0.51 * last_digit(of_sum) + rounding
    deviation = math.sqrt(of_sum / summary.degrees_of_freedom)
    assert summary.residual_standard_deviation == pytest.approx(deviation, rel=1e-10)

    size = np.linalg.norm(exact.J, axis=0)
    inverse = np.linalg.inv(np.linalg.qr(exact.J / size).R)  # J'J would lose twice as many digits
    errors = deviation * np.linalg.norm(inverse, axis=1) / size
    assert errors == pytest.approx(list(strd_sets.standard_errors(name).values()), rel=2e-10, abs=0)


@pytest.mark.parametrize("name", strd_sets.sets())
def test_a_program_starts_at_the_first_start(name: str) -> None:
    program = strd_sets.program(name)
    assert f"NIST StRD, {name}." in program.program.source.text
    point = program.at(strd_sets.data(name)).run.point
    assert {key: point[key] for key in strd_sets.certified(name)} == strd_sets.start(name, 1)
    assert strd_sets.start(name, 1) != strd_sets.start(name, 2)


def test_digits_are_those_of_the_worst_parameter() -> None:
    certified = strd_sets.certified("Misra1a")
    assert strd_sets.digits(certified, certified) == 11
    assert strd_sets.digits({"b1": certified["b1"] * (1 - 1e-9), "b2": certified["b2"] * (1 + 1e-5)}, certified) == (
        pytest.approx(5, abs=1e-9)
    )


def test_the_programs_are_canonical(adcli: Adcli) -> None:
    assert adcli("fmt", "--check", *map(str, sorted(strd_sets.FOLDER.glob("*.ad")))) == (0, "", "")

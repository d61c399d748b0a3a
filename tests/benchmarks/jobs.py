"""Searches: how many digits of certified values they find and what they take, beside SciPy on its own.

python -m tests.benchmarks.jobs [nist|mgh|speed]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

import adcli
from adcli.jobs.least_squares import Settings, fitted
from adcli.jobs.parameters import parameters
from adcli.jobs.residuals import Residuals
from tests.benchmarks.timing import seconds
from tests.jobs import mgh_problems, strd_sets

Vector = NDArray[np.float64]


class Found(NamedTuple):
    """The digits of the worst parameter, and how often residuals and columns of a Jacobian were computed."""

    digits: float
    runs: int
    columns: int


def by_adcli(name: str, which: int) -> Found:
    report = strd_sets.program(name).fit(strd_sets.data(name) | strd_sets.start(name, which), residual="r")
    found = {row.name: row.value for row in report.parameters}
    digits = strd_sets.digits(found, strd_sets.certified(name)) if report.converged else 0.0
    return Found(digits, report.counts.values, report.counts.gradients)


def by_differences(name: str, which: int) -> Found:
    """SciPy's Levenberg and Marquardt with differences, as sharp as they get; the program is the model."""
    program, data, start = strd_sets.program(name), strd_sets.data(name), strd_sets.start(name, which)
    runs = 0

    def residuals(b: Vector) -> Vector:
        nonlocal runs
        runs += 1
        with np.errstate(all="ignore"):
            values = np.asarray(program.evaluate(data | dict(zip(start, map(float, b), strict=True))).outputs["r"])
        return np.where(np.isfinite(values), values, 1e100)

    sharp = 4 * np.finfo(float).eps
    try:
        result = optimize.least_squares(
            residuals,
            list(start.values()),
            jac="2-point",
            method="lm",
            x_scale="jac",
            xtol=sharp,
            ftol=sharp,
            gtol=sharp,
        )
    except (ValueError, adcli.AdError):
        return Found(0.0, runs, 0)
    found = dict(zip(start, result.x, strict=True))
    return Found(max(strd_sets.digits(found, strd_sets.certified(name)), 0.0), runs, 0)


def nist() -> None:
    """The 54 fits: 27 sets from two starts."""
    print("NIST StRD                adcli                    SciPy's lm with differences")
    print("set       start  digits   runs  columns          digits   runs")
    well = np.zeros((2, 2), int)
    for name in strd_sets.sets():
        for which in (1, 2):
            ours, theirs = by_adcli(name, which), by_differences(name, which)
            print(f"{name:10} {which:4}  {ours.digits:6.1f} {ours.runs:6} {ours.columns:8} "
                  f"{theirs.digits:15.1f} {theirs.runs:6}")  # fmt: skip
            well += [[ours.digits >= least, theirs.digits >= least] for least in (4, 6)]
    for least, (ours, theirs) in zip((4, 6), well, strict=True):
        print(f"{least} digits or more: adcli {ours} of 54, SciPy's lm with differences {theirs} of 54")


def mgh() -> None:
    """The 35 problems from their standard starts."""
    print("Moré, Garbow, Hillstrom        n  value        published        runs  gradients  products  end")
    for number in mgh_problems.numbers():
        report = mgh_problems.program(number).minimize(of="f")
        n = len(mgh_problems.start(number))
        listed = [row for row in mgh_problems.minima() if (row.number, row.n, row.kind) == (number, n, "minimum")]
        nearest = min(listed, key=lambda row: abs(row.value - report.value))
        kind = report.curvature.kind.value if report.converged and report.curvature is not None else report.ending
        print(f"{mgh_problems.name(number):28} {n:3}  {report.value:<12.6g} {nearest.value:<12.6g} "
              f"{report.counts.values:8} {report.counts.gradients:10} {report.counts.products:9}  {kind}")  # fmt: skip


MODEL = "input x[n], y[n], a = 1, b = 1, c = 1, d = 0, e = 1\nr = y - (a * exp(-b * x) + c * exp(-d * (x - e)^2))"


def speed(rounds: int = 7) -> None:
    """100,000 rows and 5 parameters beside SciPy with residuals and Jacobian by hand in NumPy."""
    x = np.linspace(0, 4, 100_000)
    y = 2 * np.exp(-0.7 * x) + 1.5 * np.exp(-3 * (x - 2) ** 2) + 0.05 * np.sin(1000 * x)
    start = {"a": 1.5, "b": 0.5, "c": 1.0, "d": 2.0, "e": 1.9}

    def residuals(p: Vector) -> Vector:
        a, b, c, d, e = p
        return y - (a * np.exp(-b * x) + c * np.exp(-d * (x - e) ** 2))

    def jacobian(p: Vector) -> Vector:
        a, b, c, d, e = p
        decay, away = np.exp(-b * x), x - e
        bell = np.exp(-d * away**2)
        return -np.column_stack([decay, -a * x * decay, bell, -c * away**2 * bell, 2 * c * d * away * bell])

    program, sharp = adcli.parse(MODEL), 4 * np.finfo(float).eps

    def ours() -> Any:
        return program.fit(x=x, y=y, residual="r", **start)

    def search() -> Any:
        begun = program.at({"x": x, "y": y, **start})
        return fitted(Residuals(begun, "r", parameters(begun, list(start))), Settings())

    def theirs() -> Any:
        return optimize.least_squares(
            residuals, list(start.values()), jac=jacobian, method="lm", x_scale="jac",
            xtol=sharp, ftol=sharp, gtol=sharp,
        )  # fmt: skip

    found, exact = ours(), theirs()
    apart = max(abs(row.value / other - 1) for row, other in zip(found.parameters, exact.x, strict=True))
    print(f"fit of 100,000 rows by 5 parameters: {apart:.0e} apart from SciPy's lm with a Jacobian by hand")
    for words, work, target in (
        ("the search alone", search, " (target: at most 2)"),
        ("with both checks of its derivatives, errors and leverages", ours, ""),
    ):
        ratio = median(seconds(work) / seconds(theirs) for _ in range(rounds))
        print(f"  time beside it, {words}: {ratio:.2f}{target}")


PARTS: dict[str, Callable[[], None]] = {"nist": nist, "mgh": mgh, "speed": speed}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()

"""The Statistical Reference Datasets of NIST (strd/README.md), as tests and benchmarks read them."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import adcli

FOLDER = Path(__file__).parent / "strd"


class Parameter(NamedTuple):
    """A row of certified.csv."""

    name: str
    starts: tuple[float, float]
    value: float
    standard_error: float


class Summary(NamedTuple):
    """A row of summary.csv."""

    difficulty: str
    observations: int
    degrees_of_freedom: int
    residual_sum_of_squares: float
    residual_standard_deviation: float


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def summaries() -> dict[str, Summary]:
    return {
        row["set"]: Summary(
            row["difficulty"],
            int(row["observations"]),
            int(row["degrees_of_freedom"]),
            float(row["residual_sum_of_squares"]),
            float(row["residual_standard_deviation"]),
        )
        for row in rows(FOLDER / "summary.csv")
    }


@cache
def parameters(name: str) -> list[Parameter]:
    return [
        Parameter(
            row["parameter"],
            (float(row["start1"]), float(row["start2"])),
            float(row["value"]),
            float(row["standard_error"]),
        )
        for row in rows(FOLDER / "certified.csv")
        if row["set"] == name
    ]


def sets() -> list[str]:
    return list(summaries())


def program(name: str) -> adcli.DifferentiableProgram:
    """The residuals `r`, by the columns of data and by the parameters b1, b2 …"""
    return adcli.load(str(FOLDER / f"{name}.ad"))


@cache
def data(name: str) -> dict[str, NDArray[np.float64]]:
    table = rows(FOLDER / f"{name}.csv")
    return {column: np.array([float(row[column]) for row in table]) for column in table[0]}


def certified(name: str) -> dict[str, float]:
    return {parameter.name: parameter.value for parameter in parameters(name)}


def standard_errors(name: str) -> dict[str, float]:
    return {parameter.name: parameter.standard_error for parameter in parameters(name)}


def start(name: str, which: int) -> dict[str, float]:
    """The first start or the second."""
    return {parameter.name: parameter.starts[which - 1] for parameter in parameters(name)}


def digits(found: Mapping[str, float], expected: Mapping[str, float]) -> float:
    """How many digits of the worst one are right: the log relative error of B. D. McCullough, The American Statistician
    52 (1998) 358, which is 11 at most, as NIST prints no more."""
    apart = max(abs(found[name] / value - 1) for name, value in expected.items())
    return min(11.0, -math.log10(apart)) if apart else 11.0

"""The problems of Moré, Garbow and Hillstrom (more_garbow_hillstrom/README.md), as tests and benchmarks read them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import adcli

FOLDER = Path(__file__).parent / "more_garbow_hillstrom"
FILES = {int(path.name[:2]): path for path in sorted(FOLDER.glob("*.ad"))}


class Minimum(NamedTuple):
    """A row of minima.csv. The value is less than a unit of its last digit off, or exact if the unit is 0."""

    number: int
    n: int
    m: int
    start_value: float | None
    kind: Literal["minimum", "saddle", "limit"]
    value: float
    unit: float
    point: tuple[float, ...]


def unit(digits: str) -> float:
    """One unit of the last digit of a number with a decimal point: 0.00001e-3 for 8.21487e-3."""
    mantissa, _, exponent = digits.partition("e")
    if "." not in mantissa:
        return 0.0
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


@cache
def minima() -> list[Minimum]:
    with (FOLDER / "minima.csv").open(encoding="utf-8", newline="") as file:
        return [
            Minimum(
                int(row["number"]),
                int(row["n"]),
                int(row["m"]),
                float(row["start_value"]) if row["start_value"] else None,
                row["kind"],  # type: ignore[arg-type]
                float(row["value"]),
                unit(row["value"]),
                tuple(map(float, row["point"].split())),
            )
            for row in csv.DictReader(file)
        ]


def numbers() -> list[int]:
    return list(FILES)


def name(number: int) -> str:
    return FILES[number].stem


@cache
def program(number: int) -> adcli.DifferentiableProgram:
    """The sum of squares `f` and the residuals `r` by `x`."""
    return adcli.load(str(FILES[number]))


def start(number: int, n: int | None = None) -> NDArray[np.float64]:
    """The standard start; with n that of so many variables, of a problem that minima.csv has with several n."""
    own = np.array(program(number).at({}).run.point["x"], float)
    if n is None or n == len(own):
        return own
    j = np.arange(1.0, n + 1)
    return {20: 0 * j, 23: j, 24: 0 * j + 0.5, 35: j / (n + 1)}[number]

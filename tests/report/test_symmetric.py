"""The matrix of second derivatives: with few components by lists, with many by NumPy, and the same numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from adcli.report import symmetric as module
from adcli.report.symmetric import Asymmetry, symmetric
from adcli.tape.components import labels_of


def rows_of(inputs: dict[str, Any], numbers: Any) -> dict[str, dict[str, Any]]:
    """A matrix as the sweeps give it."""
    rows: dict[str, dict[str, Any]] = {}
    down = 0
    for name, value in inputs.items():
        height, across = np.size(value), 0
        rows[name] = {}
        for other, beside in inputs.items():
            width = np.size(beside)
            part = numbers[down : down + height, across : across + width].reshape(np.shape(value) + np.shape(beside))
            rows[name][other] = part if part.shape else float(part)
            across += width
        down += height
    return rows


INPUTS = {"a": 1.0, "w": np.ones(3), "M": np.ones((2, 2)), "b": 2.0}


@pytest.mark.parametrize("few", [0, 50])
@pytest.mark.parametrize("seed", range(4))
def test_the_mean_with_the_mirror_image(few: int, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FEW", few)
    generator = np.random.default_rng(seed)
    numbers = np.round(generator.normal(size=(9, 9)), 1)
    numbers[generator.uniform(size=(9, 9)) < 0.05] = (math.inf, math.nan, 0.0, 1e308)[seed]
    found, asymmetry = symmetric(rows_of(INPUTS, numbers), INPUTS)
    labels = [label for name, value in INPUTS.items() for label in labels_of(name, np.shape(value))]
    assert list(found) == labels and len(found) == 9
    gaps = []
    for i, name in enumerate(labels):
        for j, other in enumerate(labels):
            one, mirrored = numbers[i, j], numbers[j, i]
            mean = one if one == mirrored else one / 2 + mirrored / 2
            assert found[name][other] == mean or (math.isnan(mean) and math.isnan(found[name][other]))
            if i < j and abs(one - mirrored) > 0:
                gaps.append(Asymmetry(abs(one - mirrored), (name, other)))
    assert asymmetry == max(gaps)


@pytest.mark.parametrize("few", [0, 50])
def test_by_inputs(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FEW", few)
    numbers = np.arange(81.0).reshape(9, 9)
    numbers += numbers.T
    found, asymmetry = symmetric(rows_of(INPUTS, numbers), INPUTS)
    assert asymmetry == (0.0, None)
    for name, parts in found.by_input().items():
        for other, part in parts.items():
            assert np.array_equal(part, rows_of(INPUTS, numbers)[name][other])
            assert isinstance(part, np.ndarray if name in "wM" or other in "wM" else float)


def test_numbers_alone_need_no_arrays() -> None:
    found, _ = symmetric({"x": {"x": 1.0, "y": 2.0}, "y": {"x": 2.0, "y": 4.0}}, {"x": 0.0, "y": 0.0})
    assert found == found.by_input() == {"x": {"x": 1.0, "y": 2.0}, "y": {"x": 2.0, "y": 4.0}}

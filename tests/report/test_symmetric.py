"""The matrix of second derivatives: with few components by lists, with many by NumPy, and the same numbers."""

from __future__ import annotations

import math
import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from adcli.derive.components import Components
from adcli.derive.hessians import Hessian
from adcli.derive.places import Places
from adcli.report import symmetric as module
from adcli.report.symmetric import Asymmetry, symmetric
from adcli.tape.components import labels_of

INPUTS = {"a": 1.0, "w": np.ones(3), "M": np.ones((2, 2)), "b": 2.0}
LABELS = [label for name, value in INPUTS.items() for label in labels_of(name, np.shape(value))]


def found_of(numbers: Any, sparse: bool, inputs: Mapping[str, Any] = INPUTS) -> Hessian:
    """A matrix as the sweeps give it: whole, or what is not 0 in it or in its mirror image."""
    components = Components.of_values(inputs)
    if not sparse:
        return Hessian(components, numbers.tolist(), None, 0, False)
    rows, columns = np.nonzero((numbers != 0) | (numbers.T != 0))
    places = Places(*numbers.shape, rows, columns, rows, columns)
    return Hessian(components, numbers[rows, columns], places, 0, False)


def bits(number: float) -> str:
    return number.hex()


@pytest.mark.parametrize(("few", "sparse"), [(50, False), (0, False), (0, True)])
@pytest.mark.parametrize("seed", range(4))
def test_the_mean_with_the_mirror_image(few: int, sparse: bool, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEW", few)
    generator = np.random.default_rng(seed)
    numbers = np.round(generator.normal(size=(9, 9)), 1)
    zeros = np.triu(generator.uniform(size=(9, 9)) < 0.4)
    numbers[zeros | zeros.T] = 0.0
    if not sparse:  # where not all is finite, no products are shared
        numbers[generator.uniform(size=(9, 9)) < 0.05] = (math.inf, math.nan, 0.0, 1e308)[seed]
    found, asymmetry = symmetric(found_of(numbers, sparse), INPUTS)
    assert list(found) == LABELS and len(found) == 9
    gaps = []
    for i, name in enumerate(LABELS):
        for j, other in enumerate(LABELS):
            one, mirrored = numbers[i, j], numbers[j, i]
            mean = one if one == mirrored else one / 2 + mirrored / 2
            assert bits(found[name][other]) == bits(mean)
            if i < j and abs(one - mirrored) > 0:
                gaps.append(Asymmetry(abs(one - mirrored), (name, other)))
    assert asymmetry == max(gaps)


@pytest.mark.parametrize(("few", "sparse"), [(50, False), (0, False), (0, True)])
def test_by_inputs(few: int, sparse: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEW", few)
    numbers = np.arange(81.0).reshape(9, 9)
    numbers += numbers.T
    found, asymmetry = symmetric(found_of(numbers, sparse), INPUTS)
    assert asymmetry == (0.0, None)
    for name, parts in found.by_input().items():
        for other, part in parts.items():
            assert isinstance(part, np.ndarray if name in "wM" or other in "wM" else float)
            assert np.shape(part) == np.shape(INPUTS[name]) + np.shape(INPUTS[other])
            own = [[LABELS.index(label) for label in labels_of(each, np.shape(INPUTS[each]))] for each in (name, other)]
            assert np.array_equal(np.ravel(part), numbers[np.ix_(*own)].ravel())
            if isinstance(part, np.ndarray):
                part[...] = -1.0  # it belongs to who asked
    assert found["w[1]"]["b"] == numbers[2, 8]


def test_numbers_alone_need_no_arrays() -> None:
    inputs = {"x": 0.0, "y": 0.0}
    found, _ = symmetric(found_of(np.array([[1.0, 2.0], [2.0, 4.0]]), False, inputs), inputs)
    assert found == found.by_input() == {"x": {"x": 1.0, "y": 2.0}, "y": {"x": 2.0, "y": 4.0}}


@pytest.mark.parametrize(("few", "sparse"), [(50, False), (0, False), (0, True)])
def test_it_can_be_pickled(few: int, sparse: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEW", few)
    found, _ = symmetric(found_of(np.diag(np.arange(9.0)), sparse), INPUTS)
    assert pickle.loads(pickle.dumps(found)) == found

"""The components of values by their names: as a dictionary of all would have them, with no name made in vain."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy
import pytest

from adcli.derive.hessians import hessian
from adcli.page.data import program_data
from adcli.program.check import program_from
from adcli.report.check import CheckOptions
from adcli.report.gradient import GradientOptions
from adcli.report.hessian_product import ProductOptions
from adcli.report.report import Report
from adcli.report.why import WhyOptions
from adcli.run import Options, Start
from adcli.syntax.source import Source
from adcli.tape import components
from adcli.tape.components import elements, flattened, gathered, in_order, labels_of, largest, single_component
from adcli.trust.compare import random_direction
from adcli.trust.sizes import all_bounded, bounded, largest_part, moved_by_units, size_or_one, units

VALUES = {"x": numpy.array([3.0, -0.0, math.nan]), "s": 2.5, "M": numpy.array([[1.0, -7.0], [math.inf, 0.5]])}
NAMED = {
    label: number for name, value in VALUES.items()
    for label, number in zip(labels_of(name, numpy.shape(value)), elements(value), strict=True)
}  # fmt: skip


def test_a_view_of_values_is_as_a_dictionary_of_their_components() -> None:
    view = flattened(VALUES)
    assert list(view) == list(NAMED) == [label for label, _ in view.items()]
    assert len(view) == len(NAMED)
    assert list(map(repr, view.values())) == list(map(repr, NAMED.values()))
    for place, label in enumerate(NAMED):
        assert repr(view[label]) == repr(NAMED[label])
        assert type(view[label]) is float
        assert (view.label_at(place), view.place_of(label)) == (label, place)


@pytest.mark.parametrize("label", ["x", "x[3]", "x[-1]", "x[0, 0]", "M[0]", "M[1, 2]", "s[0]", "y", "y[0]", "x[a]", ""])
def test_what_no_component_is_called_is_not_there(label: str) -> None:
    assert label not in flattened(VALUES)
    assert flattened(VALUES).get(label) is None


def test_rows_of_a_matrix_have_components() -> None:
    row = flattened({"M[1]": numpy.array([4.0, 5.0])})
    assert list(row) == ["M[1][0]", "M[1][1]"]
    assert row["M[1][1]"] == 5.0


def test_the_largest_come_first_in_any_mapping() -> None:
    expected = ["x[2]", "M[1, 0]", "M[0, 1]", "x[0]"]
    assert largest(flattened(VALUES), 4) == largest(NAMED, 4) == expected
    ties = {"x": numpy.array([1.0, -2.0, 2.0, 1.0])}
    assert largest(flattened(ties), 3) == sorted(flattened(ties), key=lambda label: -abs(flattened(ties)[label]))[:3]


def test_some_are_put_in_the_order_of_all() -> None:
    some = {"M[1, 0]": 1, "s": 2, "x[2]": 3}
    assert list(in_order(flattened(VALUES), some)) == list(in_order(NAMED, some)) == ["x[2]", "s", "M[1, 0]"]


def test_the_one_component_that_moves_is_told() -> None:
    zeros = {name: 0 * numpy.nan_to_num(value) for name, value in VALUES.items()}
    for label in NAMED:
        unit = gathered(zeros, {label: 1.0})
        assert single_component(flattened(unit)) == single_component({label: 1.0, "other": 0.0}) == label
        assert single_component(flattened({name: 2 * value for name, value in unit.items()})) is None
    assert single_component(flattened({"x": numpy.ones(2)})) is None
    assert single_component(flattened(zeros)) is None


EXTREMES = [0.0, -0.0, 5e-324, 2.0**-1022, 1.0, -1.0, 1.5, 2.0**52, sys.float_info.max, -sys.float_info.max]


def test_sizes_of_arrays_are_those_of_their_elements() -> None:
    array = numpy.array(EXTREMES)
    assert units(array).tolist() == list(map(math.ulp, EXTREMES))
    assert size_or_one(array).tolist() == list(map(size_or_one, EXTREMES))
    for slope in (2.0, -3.0, math.inf, math.nan):
        moved = moved_by_units(numpy.full(array.shape, slope), array)
        assert moved.tolist() == [moved_by_units(slope, number) for number in EXTREMES]
    steps = array[::-1].copy()
    assert largest_part(steps, array) == max(map(largest_part, steps.tolist(), EXTREMES))
    magnitudes = [0.0, 1.0, math.inf, math.nan]
    assert all_bounded(numpy.array(magnitudes)).tolist() == list(map(bounded, magnitudes))


def test_a_random_direction_is_the_same_for_numbers_and_for_an_array() -> None:
    numbers = {"a": 2.0, "b": 0.0, "c": -0.5}
    direction = random_direction(numbers, 7).values()
    assert direction == random_direction({"x": numpy.array(list(numbers.values()))}, 7).values()
    assert len(set(direction)) == 3


def start(text: str, **given: Any) -> Start:
    return Start(program_from(Source("t", text)), given)


SUM_OF_SQUARES = start("input x[n]\noutput y = sum(x * x)", x=numpy.linspace(-1, 2, 5000))


@pytest.mark.parametrize(
    "options", [GradientOptions(), GradientOptions(difference="direction"), CheckOptions(), WhyOptions(),
                ProductOptions({"x": 1.0})],
)  # fmt: skip
def test_names_are_made_for_what_is_printed_alone(options: Options[Report], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, shape: Any) -> Any:
        raise AssertionError(f"all names of {name} are made")

    monkeypatch.setattr(components, "_labels", refuse)
    tables = options.answer(SUM_OF_SQUARES).tables()
    assert any("x" in str(table) for table in tables)


def test_a_hessian_is_refused_before_its_products(monkeypatch: pytest.MonkeyPatch) -> None:
    import adcli.derive.hessians as module

    tape = start("input x[n]\noutput y = sum(x * x)", x=numpy.ones(3_000_000)).run.tape
    monkeypatch.setattr(module, "forward_over_recorded", lambda *_: pytest.fail("a product was computed"))
    with pytest.raises(MemoryError, match=r"65\.5 TiB"):
        hessian(tape, tape.bindings["y"], ["x"])


def test_a_page_rounds_each_position_of_a_slider_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import adcli.page.data as module

    asked = []
    position = module._position
    monkeypatch.setattr(module, "_position", lambda slider, steps: asked.append(steps) or position(slider, steps))
    run = start("input x[n]\noutput y = sum(x * x)", x=numpy.linspace(-1, 2, 20_000)).run
    assert program_data(run, "t")["inputs"][0]["shape"] == [20_000]
    assert 0 < len(asked) < 30_000  # of 16 points of 20,000 numbers each

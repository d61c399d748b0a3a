"""The input quantities of a measurement: components of the inputs, how sure each is, how they are correlated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adcli.errors import AdError, Problem
from adcli.jobs.uncertain import DIVISORS, Distribution, Uncertain, bad_uncertainty, stated
from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.rules.shapes import shape_text
from adcli.run import Run
from adcli.tape.components import flattened, split_at_commas
from adcli.tape.inputs import unknown_inputs, value_given
from adcli.tape.tape import Value

BAD_CORRELATION = "bad-correlation"
_ROUNDING = 1e-9  # how far a matrix may be from symmetric and positive semidefinite, as numbers in files are rounded


class Quantity(NamedTuple):
    """A component of an input that is uncertain.

    Attributes:
        label: its name, such as `x` or `w[2]`
        value: the estimate
        uncertainty: its standard uncertainty
        extent: the scale of the distribution: its half-width where it has ends, else the standard uncertainty
        dof: the degrees of freedom of the uncertainty
        distribution: what is drawn
    """

    label: str
    value: float
    uncertainty: float
    extent: float
    dof: float
    distribution: Distribution


class Quantities(NamedTuple):
    """The quantities that are uncertain, and the correlation of pairs of them, by their places; 0 for all others."""

    all: tuple[Quantity, ...]
    correlations: Mapping[tuple[int, int], float]

    @property
    def labels(self) -> list[str]:
        """Their names."""
        return [quantity.label for quantity in self.all]


def quantities_of(
    run: Run, given: Mapping[str, Any], inputs: Sequence[str], correlation: Mapping[Any, Any], covariance: Any
) -> Quantities:
    """What is uncertain of the point of a run.

    Args:
        run: its point has the estimates
        given: the uncertainties, by input
        inputs: of which the uncertainty counts
        correlation: by pairs of components, as `("x", "w[2]")` or `"x,w[2]"`
        covariance: a matrix for all components of the inputs, or None

    Raises AdError `unknown-input`, `bad-uncertainty`, `bad-correlation` or `no-uncertainty`.
    """
    problems = unknown_inputs(run.program, given)
    if problems:
        raise AdError(problems)
    numbers = flattened({name: run.point[name] for name in inputs})
    if covariance is not None:
        return _of_covariance(numbers, given, correlation, covariance)
    found: list[Quantity] = []
    correlated = {label for pair in correlation for label in _pair(pair)}
    for name in inputs:
        if name in given:
            found += _of_input(name, run.point[name], stated(given[name], f"the uncertainty of `{name}`"), correlated)
    _require_some(found)
    return Quantities(tuple(found), _correlations(found, numbers, correlation))


def _require_some(found: Iterable[Quantity]) -> None:
    if not any(quantity.uncertainty for quantity in found):
        help_text = "give one with a value: --x '2 ± 0.1'; in Python uncertainty={\"x\": 0.1}"
        raise AdError(Problem("no-uncertainty", "no input has an uncertainty", help=help_text))


def _of_input(name: str, value: Value, said: Uncertain, correlated: Iterable[str]) -> list[Quantity]:
    """The components of an input that are not exact."""
    shape, given = shape_of(value), shape_of(said.size)
    if given and given != shape:
        message = f"the input is {shape_text(shape)}, and its uncertainty {shape_text(given)}"
        raise AdError(bad_uncertainty(f"the uncertainty of `{name}`", said.size.tolist(), message))
    numbers = flattened({name: value})
    sizes = list(flattened({name: said.size}).values()) if given else [said.size] * len(numbers)
    return [
        _quantity(label, number, size * abs(number) / 100 if said.percent else size, said, label in correlated)
        for (label, number), size in zip(numbers.items(), sizes, strict=True)
        if size
    ]


def _quantity(label: str, value: float, extent: float, said: Uncertain, correlated: bool) -> Quantity:
    """A quantity; without a named distribution one with degrees of freedom is a t, unless it is correlated."""
    by_dof = Distribution.T if said.dof < math.inf and not correlated else Distribution.NORMAL
    distribution = by_dof if said.distribution is None else Distribution(said.distribution)
    return Quantity(label, value, extent / DIVISORS.get(distribution, 1.0), extent, said.dof, distribution)


def _pair(pair: Any) -> tuple[str, str]:
    """Two names, given as a pair or as `x,y`."""
    names = [name.strip() for name in split_at_commas(pair)] if isinstance(pair, str) else pair
    if isinstance(names, (list, tuple)) and len(names) == 2 and all(isinstance(name, str) for name in names):
        return names[0], names[1]
    raise AdError(_bad_correlation(f"`{pair}` does not name two inputs"))


def _bad_correlation(message: str, note: str = "") -> Problem:
    help_text = 'as in --correlation x,y=0.3; in Python correlation={("x", "y"): 0.3}'
    return Problem(BAD_CORRELATION, message, note=note, help=help_text)


def _correlations(
    found: Sequence[Quantity], numbers: Mapping[str, float], given: Mapping[Any, Any]
) -> dict[tuple[int, int], float]:
    places = {quantity.label: place for place, quantity in enumerate(found)}
    result: dict[tuple[int, int], float] = {}
    for pair, number in given.items():
        first, second = _pair(pair)
        for label in (first, second):
            if label not in places:
                why = "has no uncertainty" if label in numbers else "is no input, and no component of one"
                raise AdError(_bad_correlation(f"`{label}` is to be correlated, and {why}"))
        what = f"the correlation of `{first}` and `{second}`"
        coefficient = value_given(number, what)
        if shape_of(coefficient) or not -1 <= coefficient <= 1:
            raise AdError(_bad_correlation(f"{what} is given {number}, which is not a number from -1 to 1"))
        if first == second:
            raise AdError(_bad_correlation(f"`{first}` is to be correlated with itself"))
        key = _key(places[first], places[second])
        if key in result:
            raise AdError(_bad_correlation(f"{what} is given twice"))
        result[key] = coefficient
    result = {key: coefficient for key, coefficient in result.items() if coefficient}
    _require_semidefinite(correlation_matrix(result)[1], "the correlations contradict each other")
    return result


def _key(first: int, second: int) -> tuple[int, int]:
    return (first, second) if first < second else (second, first)


def correlation_matrix(correlations: Mapping[tuple[int, int], float]) -> tuple[list[int], Any]:
    """The places that are correlated with others, and the matrix of these; None where there are none."""
    places = sorted({place for pair in correlations for place in pair})
    if not places:
        return [], None
    import numpy

    rows = {place: row for row, place in enumerate(places)}
    matrix = numpy.eye(len(places))
    for (first, second), coefficient in correlations.items():
        matrix[rows[first], rows[second]] = matrix[rows[second], rows[first]] = coefficient
    return places, matrix


def _require_semidefinite(matrix: Any, message: str) -> None:
    """Refuse what no quantities can have: there is a combination of them whose variance would be negative."""
    if matrix is None:
        return
    import numpy

    least = float(numpy.linalg.eigvalsh(matrix)[0])
    if least < -_ROUNDING * len(matrix):
        note = f"the least eigenvalue of the matrix of correlations is {least:.3g}, and it may not be negative"
        raise AdError(_bad_correlation(message, note))


def _of_covariance(
    numbers: Mapping[str, float], given: Mapping[str, Any], correlation: Mapping[Any, Any], covariance: Any
) -> Quantities:
    """The quantities of a covariance matrix, which are normal."""
    if given or correlation:
        what = "an uncertainty" if given else "a correlation"
        raise AdError(_bad_correlation(f"{what} is given beside a covariance matrix, which has all of them"))
    matrix = value_given(covariance, "the covariance matrix")
    count = len(numbers)
    matrix = _as_matrix(matrix)
    if shape_of(matrix) != (count, count):
        sizes = " × ".join(map(str, shape_of(matrix)))
        note = f"the components of the inputs, in order: {', '.join(numbers)}"
        message = f"the covariance matrix is {sizes}, and there are {count} components of the inputs"
        raise AdError(_bad_correlation(message, note if count <= 20 else ""))
    scales = [math.sqrt(max(matrix[place, place], 0.0)) for place in range(count)]
    labels = list(numbers)
    for row in range(count):
        if matrix[row, row] < 0:
            raise AdError(_bad_correlation(f"the variance of `{labels[row]}` is negative: {matrix[row, row]:g}"))
        for column in range(row):
            _require_pair(labels, matrix, scales, row, column)
    found = [
        Quantity(label, number, scale, scale, math.inf, Distribution.NORMAL)
        for (label, number), scale in zip(numbers.items(), scales, strict=True)
        if scale
    ]
    _require_some(found)
    rows = [row for row in range(count) if scales[row]]
    correlations = {
        (first, second): max(-1.0, min(1.0, float(matrix[row, column]) / (scales[row] * scales[column])))
        for second, column in enumerate(rows)
        for first, row in enumerate(rows[:second])
        if matrix[row, column]
    }
    _require_semidefinite(correlation_matrix(correlations)[1], "the covariance matrix is not positive semidefinite")
    return Quantities(tuple(found), correlations)


def _as_matrix(matrix: Value) -> Value:
    """A number is a matrix of one row."""
    if type(matrix) is not float:
        return matrix
    import numpy

    return numpy.array([[matrix]])


def _require_pair(labels: Sequence[str], matrix: Any, scales: Sequence[float], row: int, column: int) -> None:
    """Refuse a covariance that differs from its mirror image, or is larger than the two variances allow."""
    size = scales[row] * scales[column]
    pair = f"`{labels[column]}` and `{labels[row]}`"
    if abs(matrix[row, column] - matrix[column, row]) > _ROUNDING * size:
        note = f"of {pair} it has {matrix[row, column]:g} and {matrix[column, row]:g}"
        raise AdError(_bad_correlation("the covariance matrix is not symmetric", note))
    if abs(matrix[row, column]) > (1 + _ROUNDING) * size:
        note = f"of {pair} it has {matrix[row, column]:g}, and more than {size:g} cannot be"
        raise AdError(_bad_correlation("the covariance matrix is not positive semidefinite", note))

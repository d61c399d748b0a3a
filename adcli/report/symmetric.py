"""The second derivatives of an output as a symmetric matrix: by components of the inputs, and by whole inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import combinations
from typing import Any

from adcli.derive.components import Components
from adcli.derive.hessians import Hessian
from adcli.derive.places import FEW, Places
from adcli.records import NamedTuple
from adcli.tape.components import flattened
from adcli.tape.tape import Value


class Asymmetry(NamedTuple):
    """The largest difference that rounding leaves between a second derivative and its mirror image, and where."""

    size: float
    place: tuple[str, str] | None


class Symmetric(Mapping[str, Mapping[str, float]]):
    """Second derivatives by component, and by component again. What is looked at becomes a dictionary then.

    Attributes:
        inputs: the inputs, whose components they are by
    """

    def __init__(self, inputs: Mapping[str, Value], whole: Callable[[], Any]) -> None:
        """Take the inputs, and what makes a matrix, as a list of rows or as an array."""
        self.inputs = inputs
        self._make = whole
        self._rows: dict[str, dict[str, float]] = {}

    @cached_property
    def _places(self) -> dict[str, int]:
        return {label: place for place, label in enumerate(flattened(self.inputs))}

    @cached_property
    def _whole(self) -> Any:
        return self._make()

    def __getitem__(self, label: str) -> dict[str, float]:
        row = self._rows.get(label)
        if row is None:
            numbers = self._whole[self._places[label]]
            row = dict(zip(self._places, numbers if isinstance(numbers, list) else numbers.tolist(), strict=True))
            self._rows[label] = row
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def by_input(self) -> dict[str, dict[str, Value]]:
        """The same by input and input: numbers, and arrays with the sizes of the two, to which one may write."""
        components = Components.of_values(self.inputs)
        return {name: dict(parts) for name, parts in components.by_name(components, self._make()).items()}


def symmetric(found: Hessian, inputs: Mapping[str, Value]) -> tuple[Symmetric, Asymmetry]:
    """The mean of each second derivative and its mirror image, and how far the two are apart at most."""
    if found.components.size < FEW:
        return _of_lists(found.whole, inputs)
    return _of_array(found.whole, inputs) if found.places is None else _of_places(found.places, found.numbers, inputs)


def _of_lists(columns: Sequence[Sequence[float]], inputs: Mapping[str, Value]) -> tuple[Symmetric, Asymmetry]:
    labels = list(flattened(inputs))
    gaps = [
        Asymmetry(abs(columns[i][j] - columns[j][i]), (labels[i], labels[j]))
        for i, j in combinations(range(len(labels)), 2)
        if columns[i][j] != columns[j][i]
    ]
    largest = max((gap for gap in gaps if gap.size > 0), default=Asymmetry(0.0, None))
    pairs = [zip(column, row, strict=True) for column, row in zip(columns, zip(*columns, strict=True), strict=True)]
    mean = [[a if a == b else a / 2 + b / 2 for a, b in own] for own in pairs]
    return Symmetric(inputs, partial(list, mean)), largest


def _of_array(whole: Any, inputs: Mapping[str, Value]) -> tuple[Symmetric, Asymmetry]:
    import numpy as np

    numbers = np.array(whole, dtype=float)
    mean, gaps = _mean_and_gaps(numbers, numbers.T)
    return Symmetric(inputs, mean.copy), _largest(np.triu(gaps, 1), np.argwhere, inputs)


def _of_places(places: Places, numbers: Any, inputs: Mapping[str, Value]) -> tuple[Symmetric, Asymmetry]:
    """The same where few are not 0: with each place there is that of its mirror image."""
    import numpy as np

    def above(wanted: Any) -> Any:
        return np.stack((places.rows, places.columns), axis=1)[wanted]

    mirrored = np.empty_like(numbers)
    mirrored[np.lexsort((places.rows, places.columns))] = numbers[np.lexsort((places.columns, places.rows))]
    mean, gaps = _mean_and_gaps(numbers, mirrored)
    gaps[places.rows >= places.columns] = 0.0
    return Symmetric(inputs, partial(places.whole, mean)), _largest(gaps, above, inputs)


def _mean_and_gaps(numbers: Any, mirrored: Any) -> tuple[Any, Any]:
    import numpy as np

    with np.errstate(all="ignore"):
        mean = np.where(numbers == mirrored, numbers, numbers / 2 + mirrored / 2)
        return mean, np.abs(numbers - mirrored)


def _largest(gaps: Any, where: Callable[[Any], Any], inputs: Mapping[str, Value]) -> Asymmetry:
    """The largest gap, and the last of the pairs of components that have it; `where` tells pairs of places."""
    import numpy as np

    largest = float(np.fmax.reduce(gaps, axis=None, initial=0.0))
    if not largest:
        return Asymmetry(0.0, None)
    labels = list(flattened(inputs))
    return Asymmetry(largest, max((labels[i], labels[j]) for i, j in where(gaps == largest).tolist()))

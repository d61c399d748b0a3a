"""The second derivatives of an output as a symmetric matrix: by components of the inputs, and by whole inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from adcli.derive.components import Components
from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.tape.components import elements, flattened
from adcli.tape.tape import Value

_FEW = 50  # components, whose matrix is no work for NumPy

Rows = Mapping[str, Mapping[str, Value]]  # by input, and by input again; arrays have the sizes of both


class Asymmetry(NamedTuple):
    """The largest difference that rounding leaves between a second derivative and its mirror image, and where."""

    size: float
    place: tuple[str, str] | None


class Symmetric(Mapping[str, Mapping[str, float]]):
    """Second derivatives by component, and by component again. What is looked at becomes a dictionary then.

    Attributes:
        inputs: the inputs, whose components they are by
    """

    def __init__(self, inputs: Mapping[str, Value], numbers: Any) -> None:
        """Take the inputs, and the numbers as lists or as an array."""
        self.inputs = inputs
        self._numbers = numbers
        self._places = {label: place for place, label in enumerate(flattened(inputs))}
        self._rows: dict[str, dict[str, float]] = {}

    def __getitem__(self, label: str) -> dict[str, float]:
        row = self._rows.get(label)
        if row is None:
            numbers = self._numbers[self._places[label]]
            row = dict(zip(self._places, numbers if isinstance(numbers, list) else numbers.tolist(), strict=True))
            self._rows[label] = row
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def by_input(self) -> dict[str, dict[str, Value]]:
        """The same by input and input: numbers, and arrays with the sizes of the two."""
        if not any(map(shape_of, self.inputs.values())):
            return {name: dict(self[name]) for name in self.inputs}
        import numpy as np

        components = Components.of_values(self.inputs)
        whole = np.array(self._numbers, dtype=float)  # of its own: who gets the parts may write to them
        return {name: dict(parts) for name, parts in components.of_whole(components, whole).items()}


def symmetric(rows: Rows, inputs: Mapping[str, Value]) -> tuple[Symmetric, Asymmetry]:
    """The mean of each second derivative and its mirror image, and how far the two are apart at most."""
    labels = list(flattened(inputs))
    few = len(labels) < _FEW
    numbers, asymmetry = _of_lists(rows, inputs, labels) if few else _of_array(rows, inputs, labels)
    return Symmetric(inputs, numbers), asymmetry


def _of_lists(rows: Rows, inputs: Mapping[str, Value], labels: Sequence[str]) -> tuple[list[list[float]], Asymmetry]:
    columns: list[list[float]] = []
    for name, value in inputs.items():
        count = len(elements(value))
        parts = [elements(rows[name][other]) for other in inputs]
        sizes = [len(part) // count for part in parts]
        columns += [
            [number for part, size in zip(parts, sizes, strict=True) for number in part[row * size : (row + 1) * size]]
            for row in range(count)
        ]
    gaps = [
        Asymmetry(abs(columns[i][j] - columns[j][i]), (labels[i], labels[j]))
        for i, j in combinations(range(len(labels)), 2)
        if columns[i][j] != columns[j][i]
    ]
    largest = max((gap for gap in gaps if gap.size > 0), default=Asymmetry(0.0, None))
    pairs = [zip(column, row, strict=True) for column, row in zip(columns, zip(*columns, strict=True), strict=True)]
    return [[a if a == b else a / 2 + b / 2 for a, b in own] for own in pairs], largest


def _of_array(rows: Rows, inputs: Mapping[str, Value], labels: Sequence[str]) -> tuple[Any, Asymmetry]:
    import numpy as np

    def row_of(parts: Sequence[Value], height: int) -> Any:
        if all(type(part) is float for part in parts):  # of which there may be very many
            return np.array([parts])
        return np.concatenate([np.reshape(part, (height, -1)) for part in parts], axis=1)

    heights = {name: value.size if shape_of(value) else 1 for name, value in inputs.items()}
    columns = np.concatenate(
        [row_of([rows[name][other] for other in inputs], height) for name, height in heights.items()]
    )
    with np.errstate(all="ignore"):
        gaps = np.triu(np.abs(columns - columns.T), 1)
        largest = float(np.fmax.reduce(gaps, axis=None, initial=0.0))
        places = np.argwhere(gaps == largest).tolist() if largest else []
        mean = np.where(columns == columns.T, columns, columns / 2 + columns.T / 2)
    place = max(((labels[i], labels[j]) for i, j in places), default=None)
    return mean, Asymmetry(largest, place)

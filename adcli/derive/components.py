"""The components of several values in one row, and matrices that go over two of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.tape.tape import Tape, Value


class Components(NamedTuple):
    """The components of some values one behind the other, each value row by row.

    Attributes:
        entries: of the values, by name
        shapes: of each
        starts: the place of the first component of each
        size: how many components there are
    """

    entries: Mapping[str, int]
    shapes: Mapping[str, tuple[int, ...]]
    starts: Mapping[str, int]
    size: int

    @classmethod
    def of(cls, tape: Tape, entries: Mapping[str, int]) -> Components:
        """Those of some entries of a tape."""
        values = {name: tape.values[entry] for name, entry in entries.items()}
        return cls.of_values(values)._replace(entries=entries)

    @classmethod
    def of_values(cls, values: Mapping[str, Value]) -> Components:
        """Those of some values, whose entries nobody asks for."""
        starts, count = {}, 0
        for name, value in values.items():
            starts[name] = count
            count += 1 if type(value) is float else int(value.size)
        return cls({}, {name: shape_of(value) for name, value in values.items()}, starts, count)

    def units(self, places: Sequence[int]) -> dict[int, Value]:
        """1 in the components at some places, which come in order, by the entries of those values; 0 in the others."""
        return {self.entries[name]: unit for name, unit in self.named_units(places).items()}

    def named_units(self, places: Sequence[int]) -> dict[str, Value]:
        """The same by name."""
        seeds: dict[str, Value] = {}
        for name, own in self._by_value(places):
            if not self.shapes[name]:
                seeds[name] = 1.0
                continue
            import numpy

            seeds[name] = numpy.zeros(self.shapes[name])
            seeds[name].flat[numpy.array(own) - self.starts[name]] = 1.0
        return seeds

    def _by_value(self, places: Sequence[int]) -> Iterator[tuple[str, Sequence[int]]]:
        """The values that have components at some places, which come in order, each with these."""
        names = list(self.starts)
        starts = [*self.starts.values(), self.size]
        first = 0
        while first < len(places):
            value = bisect_right(starts, places[first]) - 1
            behind = bisect_left(places, starts[value + 1], first)
            yield names[value], places[first:behind]
            first = behind

    def flat(self, values: Mapping[str, Value]) -> list[float]:
        """All components of values of these names."""
        numbers: list[float] = []
        for name in self.entries:
            value = values[name]
            numbers += [value] if type(value) is float else value.ravel().tolist()
        return numbers

    def by_name(self, across: Components, whole: Any) -> dict[str, Mapping[str, Value]]:
        """A matrix over these and other components by name and name: numbers, or arrays with the shapes of both.

        It is an array, or a list of rows where all values are numbers.
        """
        if not any(self.shapes.values()) and not any(across.shapes.values()):
            rows = whole if isinstance(whole, list) else whole.tolist()
            return {
                name: dict(zip(across.shapes, row, strict=True)) for name, row in zip(self.shapes, rows, strict=True)
            }
        import numpy

        whole = numpy.asarray(whole)
        return {name: across.parted(whole[self._slice(name)], shape) for name, shape in self.shapes.items()}

    def _slice(self, name: str) -> slice:
        return slice(self.starts[name], self.starts[name] + prod(self.shapes[name]))

    def parted(self, rows: Value, shape: tuple[int, ...]) -> dict[str, Value]:
        """Some rows over these components by name, each with the shape of what the rows are of in front."""
        parts = {name: rows[:, self._slice(name)].reshape(shape + own) for name, own in self.shapes.items()}
        return {name: part if part.shape else float(part) for name, part in parts.items()}


def stacked(values: Sequence[Value], shape: tuple[int, ...], last: bool = False) -> Value:
    """Values for each place of a shape as one array, with that shape in front, or behind."""
    if not shape:
        return values[0]
    import numpy

    together = numpy.array(values).reshape(shape + shape_of(values[0]) if values else shape)
    rank = len(shape)
    return numpy.moveaxis(together, range(rank), range(-rank, 0)) if last else together

"""The components of vectors and matrices as numbers with names: `w[2]`, `X[1, 0]`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import nsmallest
from itertools import chain, product
from math import inf
from typing import Any, TypeVar

from adcli.rules.dispatch import shape_of, zero_like
from adcli.tape.tape import Value

Key = TypeVar("Key", bound=Hashable)
T = TypeVar("T")


def labels_of(name: str, shape: Sequence[int]) -> Iterator[str]:
    """The names of the components of an array, row by row; of a number its own."""
    return iter(_labels(name, tuple(shape)) if shape else (name,))


@lru_cache(maxsize=8)  # what is said of an array is said by the same names again and again
def _labels(name: str, shape: tuple[int, ...]) -> Sequence[str]:
    if len(shape) == 1:
        return [f"{name}[{place}]" for place in range(shape[0])]
    return [f"{name}[{', '.join(map(str, index))}]" for index in product(*map(range, shape))]


def label_of(name: str, shape: Sequence[int], place: int) -> str:
    """The name of one component of an array, counted row by row: `M[1, 0]`; of a number its own."""
    subscripts: list[str] = []
    for size in reversed(shape):
        place, at = divmod(place, size)
        subscripts.insert(0, str(at))
    return f"{name}[{', '.join(subscripts)}]" if subscripts else name


class ByComponent(Mapping[str, float]):
    """The components of several values by their names, in order. A name is made when somebody asks for it.

    Attributes:
        parts: the values themselves, numbers and arrays, by name
    """

    __slots__ = ("parts",)

    def __init__(self, parts: Mapping[str, Value]) -> None:
        self.parts = parts

    def __getitem__(self, label: str) -> float:
        value = self.parts.get(label)
        if type(value) is float:
            return value
        name, place = self._place_of(label)
        return self.parts[name].item(place)  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(labels_of(name, shape_of(value)) for name, value in self.parts.items())

    def __len__(self) -> int:
        return sum(map(_size_of, self.parts.values()))

    def items(self) -> Any:
        """The names with the numbers, once; no number is looked up by its name."""
        return zip(self, self.values(), strict=True)

    def values(self) -> Any:
        """The numbers, as a list; no name is made."""
        return numbers_of(self.parts.values())

    def label_at(self, place: int) -> str:
        """The name of the component at a place among all."""
        for name, value in self.parts.items():
            size = _size_of(value)
            if place < size:
                return label_of(name, shape_of(value), place)
            place -= size
        raise IndexError(place)

    def place_of(self, label: str) -> int:
        """The place of a component among all. Raises KeyError."""
        own, place = self._place_of(label)
        for name, value in self.parts.items():
            if name == own:
                break
            place += _size_of(value)
        return place

    def _place_of(self, label: str) -> tuple[str, int]:
        """The value that a component belongs to, and its place in that, row by row. Raises KeyError."""
        if label in self.parts and not shape_of(self.parts[label]):
            return label, 0
        name, _, subscripts = label.rpartition("[")  # the name may be that of a row, `M[1]`
        shape, place = shape_of(self.parts[name]), 0
        index = [int(part) for part in subscripts.rstrip("]").split(", ") if part.isdecimal()]
        if len(index) != len(shape) or not all(0 <= at < size for at, size in zip(index, shape, strict=True)):
            raise KeyError(label)
        for at, size in zip(index, shape, strict=True):
            place = place * size + at
        return name, place


def _size_of(value: Value) -> int:
    return 1 if type(value) is float else value.size


def flattened(values: Mapping[str, Value]) -> ByComponent:
    """The components of several values by their names, in order."""
    return ByComponent(values)


def largest(numbers: Mapping[Key, float], count: int) -> list[Key]:
    """The keys of so many numbers, those with the largest absolute values first: NaN, then the others."""
    sizes = [-abs(number) if number == number else -inf for number in numbers.values()]
    places = nsmallest(count, range(len(sizes)), key=sizes.__getitem__)
    if isinstance(numbers, ByComponent):
        return [numbers.label_at(place) for place in places]  # type: ignore[misc]  # its keys are texts
    keys = list(numbers)
    return [keys[place] for place in places]


def in_order(keys: Mapping[Key, object], some: Mapping[Key, T]) -> dict[Key, T]:
    """Some of what has keys, in the order of these."""
    if isinstance(keys, ByComponent):
        return {key: some[key] for key in sorted(some, key=keys.place_of)}  # type: ignore[arg-type]
    return {key: some[key] for key in keys if key in some}


def side_by_side(first: Mapping[str, float], *others: Mapping[str, float]) -> Iterator[tuple[Value, ...]]:
    """The numbers of components with those of the same names in others: whole arrays, where all have them whole."""
    wholes = [other.parts for other in others if isinstance(other, ByComponent)]
    if isinstance(first, ByComponent) and len(wholes) == len(others):
        return ((value, *(parts[name] for parts in wholes)) for name, value in first.parts.items())
    return ((number, *(other[label] for other in others)) for label, number in first.items())


def elements(value: Value) -> list[float]:
    """The elements of an array one after another, row by row; of a number itself."""
    return [value] if type(value) is float else value.ravel().tolist()


def numbers_of(values: Iterable[Value]) -> list[float]:
    """The elements of several values one after another."""
    return list(chain.from_iterable(map(elements, values)))


def names_in(components: Mapping[str, float]) -> set[str]:
    """The values that components belong to."""
    return set(components.parts) if isinstance(components, ByComponent) else {*map(name_of, components)}


def _moved(step: Value) -> int:
    return int(step != 0) if type(step) is float else int(step.astype(bool).sum())


def single_component(direction: Mapping[str, float]) -> str | None:
    """The component that a direction moves by 1, if it moves no other; else None."""
    if isinstance(direction, ByComponent):
        moved = {name: count for name, step in direction.parts.items() if (count := _moved(step))}
        if list(moved.values()) != [1]:
            return None
        direction = flattened({name: direction.parts[name] for name in moved})
    moving = [label for label, step in direction.items() if step]
    return moving[0] if len(moving) == 1 and direction[moving[0]] == 1.0 else None


def name_of(label: str) -> str:
    """The name of the value that a component belongs to."""
    return label.partition("[")[0]


def index_of(label: str) -> tuple[int, ...]:
    """The subscripts of a component; none for a number."""
    subscripts = label.partition("[")[2].rstrip("]")
    return tuple(int(part) for part in subscripts.split(",")) if subscripts else ()


def value_at(values: Value, index: tuple[int, ...]) -> Value:
    """The part of an array at some subscripts: a number where they are all there are."""
    part = values[index] if index else values
    return part if shape_of(part) else float(part)


def unit_at(value: Value, index: tuple[int, ...]) -> Value:
    """1 in the component of a value at some subscripts, 0 in the others; without subscripts 1 everywhere."""
    if type(value) is float:
        return 1.0
    unit = zero_like(value)
    unit[index] = 1.0
    return unit


def unit_of(value: Value, label: str) -> Value:
    """1 in one component of a value, as `w[2]`, and 0 in the others."""
    return unit_at(value, index_of(label))


def element_seed(value: Value, place: Sequence[int], slope: float) -> Value:
    """A slope in the element of a value that belongs to one of a result, to whose shape it may be repeated."""
    if type(value) is float:
        return slope
    seed = zero_like(value)
    own = tuple(place)[len(place) - value.ndim :]
    seed[tuple(0 if size == 1 else at for size, at in zip(value.shape, own, strict=True))] = slope
    return seed


def by_component(columns: Mapping[str, Mapping[str, Value]], labels: Iterable[str]) -> dict[str, Mapping[str, float]]:
    """Second derivatives by the components of the inputs, and again by those."""
    result: dict[str, Mapping[str, float]] = {}
    for label in labels:
        index = index_of(label)
        result[label] = flattened({name: value_at(part, index) for name, part in columns[name_of(label)].items()})
    return result


def with_components(values: Mapping[str, Value], moved: Mapping[str, float]) -> dict[str, Value]:
    """The same values with other numbers in some components."""
    result = dict(values)
    for label, number in moved.items():
        name, index = name_of(label), index_of(label)
        if not index:
            result[name] = number
            continue
        if result[name] is values[name]:
            result[name] = values[name].copy()
        result[name][index] = number
    return result


def gathered(values: Mapping[str, Value], components: Mapping[str, float]) -> dict[str, Value]:
    """Values of the same names and shapes, made of components; those that are missing are 0."""
    if isinstance(components, ByComponent):
        parts = components.parts
        return {name: parts[name] if name in parts else zero_like(value) for name, value in values.items()}
    zeros = {name: zero_like(value) for name, value in values.items()}
    return with_components(zeros, components)


def in_shapes_of(values: Mapping[str, Value], numbers: list[float]) -> dict[str, Value]:
    """Numbers one after another, in the shapes of values: what `flattened` takes apart."""
    result: dict[str, Value] = {}
    start = 0
    for name, value in values.items():
        if type(value) is float:
            result[name] = numbers[start]
            start += 1
            continue
        filled = zero_like(value)
        filled.flat[:] = numbers[start : start + value.size]
        result[name] = filled
        start += value.size
    return result


def at_steps(places: Value, number_at: Callable[[int], float]) -> Value:
    """What stands at the whole number next to a place, or to each element of an array, of which few are different."""
    if type(places) is float:
        return number_at(round(places))
    import numpy

    steps = numpy.rint(places).astype(int)
    first, last = steps.min(initial=0), steps.max(initial=0)
    return numpy.array([*map(number_at, range(first, last + 1))])[steps - first]


def is_nonzero(value: Value) -> bool:
    """Whether a number, or any element of an array, is not zero."""
    return value != 0 if type(value) is float else bool(value.any())


def split_at_commas(text: str) -> list[str]:
    """The parts between the commas that are not in brackets: a value may be `max(1, 2)`."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts

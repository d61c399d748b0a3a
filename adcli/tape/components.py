"""The components of vectors and matrices as numbers with names: `w[2]`, `X[1, 0]`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, product
from operator import eq

from adcli.rules.dispatch import shape_of, zero_like
from adcli.tape.tape import Value


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


def flattened(values: Mapping[str, Value]) -> dict[str, float]:
    """The components of several values by their names, in order."""
    result: dict[str, float] = {}
    for name, value in values.items():
        result.update(zip(labels_of(name, shape_of(value)), elements(value), strict=True))
    return result


def _names(values: Mapping[str, Value]) -> Iterator[str]:
    """The names of the components of several values, in order."""
    return chain.from_iterable(labels_of(name, shape_of(value)) for name, value in values.items())


def elements(value: Value) -> list[float]:
    """The elements of an array one after another, row by row; of a number itself."""
    return [value] if type(value) is float else value.ravel().tolist()


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


def by_component(columns: Mapping[str, Mapping[str, Value]], labels: Iterable[str]) -> dict[str, dict[str, float]]:
    """Second derivatives by the components of the inputs, and again by those."""
    result: dict[str, dict[str, float]] = {}
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
    size = sum(1 if type(value) is float else value.size for value in values.values())
    if len(components) == size and all(map(eq, components, _names(values))):  # all of them, in order
        return in_shapes_of(values, list(components.values()))
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

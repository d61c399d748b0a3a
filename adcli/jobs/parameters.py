"""Some inputs of a program as one vector: what a solver moves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from adcli.errors import AdError, Problem
from adcli.records import dataclass
from adcli.rules.dispatch import shape_of
from adcli.run import Start
from adcli.tape.components import flattened, in_shapes_of, labels_of
from adcli.tape.inputs import declared_range
from adcli.tape.tape import Value

Vector: TypeAlias = Any  # a NumPy array with one axis
Matrix: TypeAlias = Any  # one with two


@dataclass(frozen=True, eq=False)
class Parameters:
    """Inputs that are moved, and those that stay.

    Attributes:
        names: of the inputs that move, in the program's order
        point: the start: a value for every input of the program
        lower, upper: the bounds of each component, which are those of the declared ranges; infinite where none is
    """

    names: tuple[str, ...]
    point: Mapping[str, Value]
    lower: Vector
    upper: Vector

    @property
    def labels(self) -> list[str]:
        """The components by name: `w[2]`."""
        return [label for name in self.names for label in labels_of(name, shape_of(self.point[name]))]

    @property
    def start(self) -> Vector:
        """The vector to start from."""
        return self.vector(self.point)

    @property
    def bounded(self) -> bool:
        """Whether any component has a bound."""
        return bool(np.isfinite(self.lower).any() or np.isfinite(self.upper).any())

    def vector(self, values: Mapping[str, Value]) -> Vector:
        """The components of values by name, one after another."""
        own = [values[name] for name in self.names]
        if all(type(value) is float for value in own):
            return np.array(own)
        return np.concatenate([np.ravel(value) for value in own]).astype(float)

    def values(self, vector: Vector) -> dict[str, Value]:
        """A vector as values by name, in the shapes of the inputs."""
        return in_shapes_of({name: self.point[name] for name in self.names}, vector.tolist())

    def point_at(self, vector: Vector) -> dict[str, Value]:
        """The value of every input where the parameters are those of a vector."""
        return {**self.point, **self.values(vector)}


def parameters(start: Start, names: Sequence[str]) -> Parameters:
    """Some inputs of a program as parameters, which start where they are given.

    Raises AdError `no-parameter` where there is none, `outside-range` where one starts outside its declared range.
    """
    point = start.point
    lower, upper, problems = [], [], []
    for variable in start.program.inputs:
        if variable.name not in names:
            continue
        low, high = declared_range(variable) or (-math.inf, math.inf)
        components = flattened({variable.name: point[variable.name]})
        lower += [low] * len(components)
        upper += [high] * len(components)
        for label, number in components.items():
            if not low <= number <= high:
                message = f"`{label}` starts at {number:g}, outside its declared range [{low:g}, {high:g}]"
                help_text = "start inside: the range is the bound of the search"
                problems.append(Problem("outside-range", message, variable.declaration.span, help=help_text))
                break
    if problems:
        raise AdError(problems, start.program.source)
    chosen = tuple(variable.name for variable in start.program.inputs if variable.name in names)
    if not lower:
        message = "there is no parameter to move: the program has no input" if not start.program.inputs else (
            "there is no parameter to move among the inputs"
        )  # fmt: skip
        help_text = "declare one: `input x = 1`; --wrt names those that are to move"
        raise AdError(Problem("no-parameter", message, help=help_text), start.program.source)
    return Parameters(chosen, point, np.array(lower), np.array(upper))

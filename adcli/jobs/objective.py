"""A number of a program as a function of its parameters, with its derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from adcli.derive.hessians import SecondDerivatives
from adcli.derive.known import KnownColourings
from adcli.derive.modes import adjoints_of, gradient_magnitude
from adcli.errors import AdError
from adcli.jobs.parameters import Matrix, Parameters, Vector
from adcli.records import NamedTuple
from adcli.run import Start
from adcli.tape.execute import execute
from adcli.tape.selected import Selected, select, with_entries
from adcli.tape.tape import Tape
from adcli.trust.guards import entries_at_kinks, is_smooth, that_matter, tied_guards
from adcli.trust.rounding import ROUNDINGS, RecordedGradient, round_off, round_off_of_sweep

_KEPT = 4  # points that solvers come back to
_MOST_SWEPT = 2_000_000  # entries, of all sweeps that tell the rounding of a gradient

# What a run may end with at a point that a solver tries, and not at the start: there is no value there.
_NO_VALUE = {
    "requirement", "singular", "no-values", "bad-loop", "unassigned", "too-many-entries", "too-much-memory", "no-root",
    "singular-root",
}  # fmt: skip


def tape_if_any(run: Callable[[], Tape]) -> Tape | None:
    """The tape of a run at a point that a solver tries; None where the program has no value there."""
    try:
        return run()
    except AdError as error:
        if any(problem.code not in _NO_VALUE for problem in error.problems):
            raise
        return None


class Counts(NamedTuple):
    """How often a program ran, was swept, and was swept for a product with its Hessian."""

    values: int = 0
    gradients: int = 0
    products: int = 0

    def with_more(self, what: str, by: int = 1) -> Counts:
        """The same after more runs or sweeps."""
        return self._replace(**{what: getattr(self, what) + by})


class Evaluated:
    """The objective at a point; each derivative is computed when it is asked for the first time."""

    def __init__(self, objective: Objective, x: Vector) -> None:
        self._objective = objective
        self.x = x.copy()

    @cached_property
    def _tape(self) -> Tape | None:
        """The tape; None where the program has no value."""
        return tape_if_any(lambda: self._objective.tape(self.x)) if np.isfinite(self.x).all() else None

    @cached_property
    def value(self) -> float:
        """The value; infinite where there is none, so that solvers turn round."""
        tape = self._tape
        value = math.nan if tape is None else float(self._selected.value(tape)) * self._objective.sign
        return math.inf if math.isnan(value) else value

    @cached_property
    def _selected(self) -> Selected:
        assert self._tape is not None
        return select(self._tape, self._objective.output)

    @cached_property
    def gradient(self) -> Vector:
        """The gradient; NaN where there is no value."""
        parameters, tape = self._objective.parameters, self._tape
        if tape is None:
            return np.full(len(parameters.lower), math.nan)
        self._objective.count("gradients")
        slopes = adjoints_of(tape, self._selected.seeds(tape), parameters.names)
        return parameters.vector(slopes) * self._objective.sign

    @cached_property
    def _second(self) -> SecondDerivatives:
        return SecondDerivatives(*self._whole, self._objective.parameters.names)

    def hessian_times(self, direction: Vector) -> Vector:
        """The Hessian times a direction; NaN where there is no value."""
        objective = self._objective
        if self._tape is None:
            return np.full(len(direction), math.nan)
        objective.count("products")
        return objective.parameters.vector(self._second.times(objective.parameters.values(direction))) * objective.sign

    @cached_property
    def hessian(self) -> Matrix:
        """The Hessian, made symmetric; NaN where there is no value."""
        objective, count = self._objective, len(self.x)
        if self._tape is None:
            return np.full((count, count), math.nan)
        second = self._second.all(objective.colourings)
        objective.count("products", second.products)
        rows = np.asarray(second.whole)
        return (rows + rows.T) / 2 * objective.sign

    @cached_property
    def _whole(self) -> tuple[Tape, int]:
        """The tape with all its values, and the entry of the objective."""
        tape = self._tape
        if tape is None or tape.forgot:
            tape = self._objective.whole_tape(self.x)
        tape, entries = with_entries(tape, [select(tape, self._objective.output)])
        return tape, entries[self._objective.output]

    @cached_property
    def noise(self) -> float:
        """How far rounding may have taken the value."""
        tape, entry = self._whole
        return round_off(tape, {entry: 1.0}).size

    @cached_property
    def rounding(self) -> Vector:
        """How far the rounding of the sweep may have taken each component of the gradient."""
        tape, entry = self._whole
        paths = gradient_magnitude(tape, {entry: 1.0}, self._objective.parameters.names)
        return np.array([round_off_of_sweep(float(size)) for size in self._objective.parameters.vector(paths)])

    @cached_property
    def all_rounding(self) -> Vector:
        """The same with what the values that the sweep reads had lost before: from a sweep for each component.

        Where that would take long it is the rounding of the sweep alone.
        """
        tape, entry = self._whole
        if len(tape) * len(self.x) > _MOST_SWEPT:
            return self.rounding
        recorded, labels = RecordedGradient(tape, entry), self._objective.parameters.labels
        sizes = [round_off(recorded.tape, seeds).size if (seeds := recorded.seeds({label: 1.0})) else 0.0
                 for label in labels]  # fmt: skip
        return np.maximum(self.rounding, ROUNDINGS * np.array(sizes))

    @cached_property
    def smooth(self) -> bool:
        """Whether nothing that the objective follows is at a kink, or decided with equal sides."""
        tape, entry = self._whole
        return smooth_by(tape, [entry], self._objective.parameters.names)


def smooth_by(tape: Tape, entries: Sequence[int], names: Sequence[str]) -> bool:
    """Whether nothing by which entries follow some inputs is at a kink, or decided with equal sides."""
    if is_smooth(tape):
        return True
    return not any(that_matter(tape, entries_at_kinks(tape), tied_guards(tape), entries, names))


class Objective:
    """A number of a program as a function of parameters: minimized as it is, or with its sign turned.

    It remembers the best point that it came to, so that none is lost, and the last few, to which solvers come back.
    """

    def __init__(self, start: Start, output: str, parameters: Parameters, maximize: bool = False) -> None:
        self.start = start
        self.output = output
        self.parameters = parameters
        self.sign = -1.0 if maximize else 1.0
        self.best: Evaluated | None = None
        self.counts = Counts()
        self._recent: dict[bytes, Evaluated] = {}

    @property
    def colourings(self) -> KnownColourings | None:
        """Which second derivatives shared a product."""
        return None if self.start.earlier is None else self.start.earlier.colourings

    def count(self, what: str, by: int = 1) -> None:
        """Count runs or sweeps."""
        self.counts = self.counts.with_more(what, by)

    def tape(self, x: Vector) -> Tape:
        """The tape at a point, with what a gradient needs."""
        self.count("values")
        return self.start.tape_for_gradient(self.parameters.point_at(x))

    def whole_tape(self, x: Vector) -> Tape:
        """The tape at a point, with all its values."""
        return execute(self.start.program, self.parameters.point_at(x), self.start.limits)

    def at(self, x: Vector) -> Evaluated:
        """The objective at a point."""
        key = np.asarray(x, dtype=float).tobytes()
        known = self._recent.pop(key, None) or Evaluated(self, np.asarray(x, dtype=float))
        self._recent[key] = known
        if len(self._recent) > _KEPT:
            del self._recent[next(iter(self._recent))]
        if math.isfinite(known.value) and (self.best is None or known.value < self.best.value):
            self.best = known
        return known

    def value(self, x: Vector) -> float:
        """The value at a point."""
        return self.at(x).value

    def gradient(self, x: Vector) -> Vector:
        """The gradient at a point."""
        return self.at(x).gradient

    def hessian(self, x: Vector) -> Matrix:
        """The Hessian at a point."""
        return self.at(x).hessian

    def hessian_times(self, x: Vector, direction: Vector) -> Vector:
        """The Hessian at a point times a direction."""
        return self.at(x).hessian_times(direction)

"""Residuals of a program as a function of its parameters, with their Jacobian."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from adcli.derive.jacobians import jacobian
from adcli.derive.modes import Mode
from adcli.jobs.objective import Counts, tape_if_any
from adcli.jobs.parameters import Matrix, Parameters, Vector
from adcli.rules.dispatch import shape_of
from adcli.run import Start
from adcli.tape.execute import execute
from adcli.tape.selected import select
from adcli.tape.tape import Tape

_AWAY = 1e100  # stands for a residual that is no number: solvers turn round


class Fitted:
    """The residuals at a point, and their Jacobian once somebody asks for it."""

    def __init__(self, residuals: Residuals, x: Vector, tape: Tape | None = None) -> None:
        self._residuals = residuals
        self.x = x.copy()
        self._tape = residuals.tape(x) if tape is None else tape

    @cached_property
    def finite(self) -> bool:
        """Whether all residuals are numbers."""
        return self._tape is not None and bool(np.isfinite(self.raw).all())

    @cached_property
    def raw(self) -> Vector:
        """The residuals of the program, without weights."""
        if self._tape is None:
            return np.full(self._residuals.count, np.nan)
        value: Any = select(self._tape, self._residuals.name).value(self._tape)
        return np.ravel(value).astype(float)

    @cached_property
    def values(self) -> Vector:
        """The residuals with their weights; where one is no number all are far away."""
        if not self.finite or len(self.raw) != self._residuals.count:
            return np.full(self._residuals.count, _AWAY)
        return self._weighted(self.raw)

    @cached_property
    def sum_of_squares(self) -> float:
        """Of the weighted residuals."""
        return float(self.values @ self.values)

    @cached_property
    def raw_jacobian(self) -> Matrix:
        """The derivative of each residual by each component of the parameters, by forward mode."""
        residuals, tape = self._residuals, self._tape
        assert tape is not None
        selected = select(tape, residuals.name)
        names = residuals.parameters.names
        found = jacobian(tape, {residuals.name: selected.entry}, names, Mode.FORWARD)
        residuals.count_up("gradients", found.sweeps)
        rows = found.rows[residuals.name]
        return np.column_stack([np.reshape(rows[name], (residuals.count, -1)) for name in names])

    @cached_property
    def jacobian(self) -> Matrix:
        """The same of the residuals with their weights."""
        return self._weighted(self.raw_jacobian)

    def _weighted(self, rows: Any) -> Any:
        """Residuals, or rows of the Jacobian, with their weights."""
        scale: Any = self._residuals.scale
        return rows if isinstance(scale, float) and scale == 1 else (rows.T * scale).T


class Residuals:
    """Residuals as a function of parameters. They remember the best point, and the last ones.

    Attributes:
        scale: what each residual is multiplied by: the root of its weight
        count: how many residuals there are
        counted: how many of them have a weight
    """

    def __init__(self, start: Start, name: str, parameters: Parameters, scale: Vector | float = 1.0) -> None:
        self.start = start
        self.name = name
        self.parameters = parameters
        self.scale = scale
        tape = start.run.tape
        value = select(tape, name).value(tape)
        self.count = int(np.size(value))
        self.counted = int(np.count_nonzero(np.broadcast_to(scale, (self.count,))))
        self.shape = shape_of(value)
        self.counts = Counts()
        self.best: Fitted | None = None
        self._recent = [self._noted(Fitted(self, parameters.start, tape))]

    def count_up(self, what: str, by: int = 1) -> None:
        """Count runs or sweeps."""
        self.counts = self.counts.with_more(what, by)

    def tape(self, x: Vector) -> Tape | None:
        """The tape at a point, for forward mode; None where the program has no value."""
        if not np.isfinite(x).all():
            return None
        self.count_up("values")
        return tape_if_any(lambda: execute(self.start.program, self.parameters.point_at(x), self.start.limits))

    def at(self, x: Vector) -> Fitted:
        """The residuals at a point."""
        x = np.asarray(x, dtype=float)
        for known in self._recent:
            if np.array_equal(known.x, x):
                return known
        self._recent = [self._noted(Fitted(self, x)), *self._recent[:2]]
        return self._recent[0]

    def _noted(self, there: Fitted) -> Fitted:
        if there.finite and (self.best is None or there.sum_of_squares < self.best.sum_of_squares):
            self.best = there
        return there

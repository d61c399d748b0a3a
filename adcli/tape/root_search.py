"""The search for a root: of one equation, or of several; its steps stand in `root_steps.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeVar

from adcli.records import dataclass
from adcli.rules.dispatch import is_finite, shape_of
from adcli.tape.root_steps import EPSILON, condition_of_one, search_of_one, search_within, solved_of_one
from adcli.tape.tape import Value


class AtUnknowns(ABC):
    """Equations at some values of the unknowns: a number, or a vector of as many as there are equations."""

    @property
    @abstractmethod
    def at(self) -> Value:
        """The values of the unknowns."""

    @property
    @abstractmethod
    def off_by(self) -> Value:
        """What the equations are off by."""

    @property
    @abstractmethod
    def jacobian(self) -> Value:
        """How what the equations are off by moves with the unknowns: a number, or a matrix with a row for each."""

    @property
    @abstractmethod
    def noise(self) -> Value:
        """What rounding alone may take each equation off by."""

    @property
    def has_value(self) -> bool:
        """Whether the equations have finite values here."""
        return is_finite(self.off_by)

    def solved(self, right: Value, transposed: bool = False) -> Value:
        """x with J @ x = right, or J' @ x = right, for the Jacobian J; infinite where that is singular."""
        if not shape_of(self.at):
            return solved_of_one(self.jacobian, right)
        from adcli.tape.root_steps_several import solved_of_several

        return solved_of_several(self.jacobian.T if transposed else self.jacobian, right)

    @property
    def rounding(self) -> Value:
        """How far each number of a root may be off, by what rounding does to the equations."""
        if not shape_of(self.at):
            return abs(self.noise / self.jacobian) + EPSILON * abs(self.at)
        import numpy

        return abs(numpy.linalg.inv(self.jacobian)) @ self.noise + EPSILON * abs(self.at)


At = TypeVar("At", bound=AtUnknowns)


@dataclass(frozen=True)
class Found(Generic[At]):
    """Where a search has ended.

    Attributes:
        trace: the equations there
        steps: how many there were
        is_root: whether the equations hold as well as rounding lets them
        is_singular: whether their Jacobian is singular there, so that the root has no derivative
    """

    trace: At
    steps: int
    is_root: bool
    is_singular: bool


def search(trace_at: Callable[[Value], At], start: Value) -> Found[At]:
    """Search for a root from a start; where the equations have no finite value there, the search ends."""
    if not shape_of(start):
        return Found(*search_of_one(trace_at, start))
    from adcli.tape.root_steps_several import search_of_several

    return Found(*search_of_several(trace_at, start))


def within(trace_at: Callable[[Value], At], left: At, right: At) -> Found[At] | None:
    """The root in a bracket of one unknown; None where the equation has no value in between."""
    inside = search_within(trace_at, left, right, 0)
    return None if inside is None else Found(*inside)


def condition(trace: AtUnknowns) -> float:
    """The condition number of the Jacobian, with its rows and columns scaled; infinite where it is singular."""
    if not shape_of(trace.at):
        return condition_of_one(trace.jacobian)
    from adcli.tape.root_steps_several import condition_of_several

    return condition_of_several(trace.jacobian)

"""The neighbourhood of a point: a program there as functions of one variable, which is what a difference needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from typing import TypeAlias

from adcli.errors import AdError
from adcli.program.program import Program, differentiates
from adcli.tape.components import flattened, gathered, is_nonzero, with_components
from adcli.tape.execute import execute
from adcli.tape.reach import entries_behind
from adcli.tape.reevaluate import Reevaluation
from adcli.tape.tape import Guard, Tape, Value
from adcli.trust.difference import Estimate, Function, Observation, differentiate

# What is measured of a tape, by names; and the entries that it is computed from.
Measure: TypeAlias = Callable[[Tape], Mapping[str, float]]
Entries: TypeAlias = Callable[[Tape], Iterable[int]]


class Neighbourhood:
    """Runs a program near a point and remembers what was measured. All comparisons share these runs."""

    def __init__(
        self, program: Program, point: Mapping[str, Value], tape: Tape, measure: Measure, entries: Entries,
        max_entries: int,
    ) -> None:  # fmt: skip
        """Take the run at the point, what is measured of each run, and the entries whose smooth pieces matter."""
        self._program = program
        self._point = point
        self._tape = tape
        self._measure = measure
        self._entries = entries
        self._max_entries = max_entries
        self._reevaluation: tuple[tuple[str, ...], Reevaluation] | None = None  # of the inputs that moved last
        self._runs: dict[Hashable, tuple[Mapping[str, float], tuple[Hashable, ...]]] = {}

    @cached_property
    def _reusable(self) -> Tape | None:
        """The run at the point, whose entries serve runs elsewhere; None where they do not, as of `derivative`."""
        return None if differentiates(self._program) else self._tape

    @cached_property
    def _places(self) -> list[int]:
        """The entries of that run that have smooth pieces."""
        return [] if self._reusable is None else places_with_pieces(self._reusable, self._entries(self._reusable))

    @cached_property
    def _numbers(self) -> dict[str, float]:
        """The components of the inputs."""
        return flattened(self._point)

    def slope(self, name: str, direction: Mapping[str, float], noise: float) -> Estimate:
        """The derivative of one measured number along a direction, which names components: `x`, `w[2]`.

        Along a single input the steps are taken in that input, so that they are exact; else in the multiple of the
        direction, whose rounding of each input belongs to the `noise`.
        """
        moving = {key: step for key, step in direction.items() if step}
        if list(moving.values()) == [1.0]:
            (single,) = moving
            return differentiate(self._along_input(name, single), self._numbers[single], noise)
        return differentiate(self.along(name, moving), 0.0, noise)

    def value(self, name: str, key: str, number: float) -> float:
        """One measured number where one component of the inputs is another number; NaN where there is none."""
        return self._along_input(name, key)(number).value

    def _along_input(self, name: str, key: str) -> Function:
        """One measured number as a function of one component of the inputs."""
        return lambda x: self._observed(name, (key, x), lambda: with_components(self._point, {key: x}))

    def along(self, name: str, direction: Mapping[str, float]) -> Function:
        """One measured number as a function of the multiple of a direction."""
        steps = {key: step for key, step in gathered(self._point, direction).items() if is_nonzero(step)}
        key = tuple(direction.items())

        def at(t: float) -> Observation:
            moved = {name: self._point[name] + t * step for name, step in steps.items()}
            return self._observed(name, (key, t), lambda: {**self._point, **moved})

        return at

    def _observed(self, name: str, key: Hashable, point: Callable[[], Mapping[str, Value]]) -> Observation:
        run = self._runs.get(key)
        if run is None:
            run = self._runs[key] = self._run(point())
        values, pieces = run
        return Observation(values.get(name, math.nan), pieces)

    def _run(self, point: Mapping[str, Value]) -> tuple[Mapping[str, float], tuple[Hashable, ...]]:
        """What is measured at a point, and its smooth pieces. The tape is not kept: it takes much memory."""
        try:
            tape = self._reevaluated(point)
            if tape is not None:
                return self._measure(tape), pieces_of(tape, self._places)
            tape = execute(self._program, point, self._max_entries)
            return self._measure(tape), pieces_of(tape, places_with_pieces(tape, self._entries(tape)))
        except AdError:  # a program that ends in an error has no value at this point
            return {}, ()

    def parting(self, component: str) -> Guard | int | None:
        """The first decision or entry that comes out otherwise close beside the point; None where none does."""
        number = self._numbers[component]
        for step in (side * 2.0**-exponent for exponent in (50, 40, 30, 20, 10, 2) for side in (-1, 1)):
            beside = with_components(self._point, {component: number + step * (abs(number) or 1.0)})
            try:
                tape = execute(self._program, beside, self._max_entries)
            except AdError:
                continue
            first = first_difference(self._tape, tape)
            if first is not None:
                return first
        return None

    def _reevaluated(self, point: Mapping[str, Value]) -> Tape | None:
        """The run at another point by the entries of the run at the point, if it decides the same."""
        if self._reusable is None:
            return None
        moving = tuple(name for name, value in point.items() if value is not self._point[name])
        if self._reevaluation is None or self._reevaluation[0] != moving:
            self._reevaluation = moving, Reevaluation(self._reusable, moving)
        return self._reevaluation[1].at(point)


def places_with_pieces(tape: Tape, outputs: Iterable[int]) -> list[int]:
    """The entries behind the outputs whose operations have several smooth pieces."""
    having = [entry for entry, operation in enumerate(tape.operations) if operation.piece]
    if not having:
        return []
    behind = entries_behind(tape, outputs)
    return [entry for entry in having if behind[entry]]


def pieces_of(tape: Tape, places: Iterable[int]) -> tuple[Hashable, ...]:
    """On which smooth piece each of some operations lies, and how each decision came out."""
    return (len(tape), *[piece_of(tape, entry) for entry in places], *[guard.holds for guard in tape.guards])


def first_difference(tape: Tape, other: Tape) -> Guard | int | None:
    """The first decision of a run that comes out otherwise in another run, or the first entry on another piece."""
    for guard, other_guard in zip(tape.guards, other.guards, strict=False):
        if (guard.span, guard.holds) != (other_guard.span, other_guard.holds):
            return guard
    for entry, operation in enumerate(tape.operations[: len(other)]):
        if operation.piece and piece_of(tape, entry) != piece_of(other, entry):
            return entry
    return None


def piece_of(tape: Tape, entry: int) -> Hashable:
    """The smooth piece of an operation that an entry lies on; None where it has one only."""
    piece = tape.operations[entry].piece
    return piece and piece(tape.operand_values(entry), tape.values[entry])

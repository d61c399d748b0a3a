"""A program near a point, as functions of one variable: what a difference needs."""

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
from adcli.tape.tape import Tape, Value
from adcli.trust.difference import Estimate, Function, Observation, differentiate

# What is measured of a tape, by names; and the entries that it is computed from.
Measure: TypeAlias = Callable[[Tape], Mapping[str, float]]
Entries: TypeAlias = Callable[[Tape], Iterable[int]]


class Nearby:
    """Runs a program near a point, and remembers what was measured: all that is compared shares the runs."""

    def __init__(
        self, program: Program, point: Mapping[str, Value], tape: Tape, measure: Measure, entries: Entries,
        max_entries: int,
    ) -> None:  # fmt: skip
        """Take the run at the point, what is to be measured of each run, and the entries whose smooth pieces matter."""
        self._program = program
        self._point = point
        self._tape = tape
        self._measure = measure
        self._entries = entries
        self._max_entries = max_entries
        self._reevaluation: tuple[tuple[str, ...], Reevaluation] | None = None  # of the inputs that moved last
        self._runs: dict[Hashable, tuple[Mapping[str, float], tuple[Hashable, ...]]] = {}

    @cached_property
    def _here(self) -> Tape | None:
        """The run at the point; None where runs elsewhere can learn nothing of it."""
        return None if differentiates(self._program) else self._tape

    @cached_property
    def _places(self) -> list[int]:
        """The entries of that run that have smooth pieces."""
        return [] if self._here is None else places_with_pieces(self._here, self._entries(self._here))

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
        return lambda x: self._observe(name, (key, x), {key: x})

    def along(self, name: str, direction: Mapping[str, float]) -> Function:
        """One measured number as a function of the multiple of a direction."""
        steps = {key: step for key, step in gathered(self._point, direction).items() if is_nonzero(step)}
        key = tuple(direction.items())

        def at(t: float) -> Observation:
            moved = {name: self._point[name] + t * step for name, step in steps.items()}
            return self._observed(name, (key, t), lambda: {**self._point, **moved})

        return at

    def _observe(self, name: str, key: Hashable, moved: Mapping[str, float]) -> Observation:
        return self._observed(name, key, lambda: with_components(self._point, moved))

    def _observed(self, name: str, key: Hashable, point: Callable[[], Mapping[str, Value]]) -> Observation:
        run = self._runs.get(key)
        if run is None:
            run = self._runs[key] = self._run(point())
        values, pieces = run
        return Observation(values.get(name, math.nan), pieces)

    def _run(self, point: Mapping[str, Value]) -> tuple[Mapping[str, float], tuple[Hashable, ...]]:
        """What is measured at a point, and the smooth pieces that it lies on. The tape itself would take much room."""
        try:
            tape = self._reevaluated(point)
            if tape is not None:
                return self._measure(tape), pieces_of(tape, self._places)
            tape = execute(self._program, point, self._max_entries)
            return self._measure(tape), pieces_of(tape, places_with_pieces(tape, self._entries(tape)))
        except AdError:  # what ends in an error there has no value there
            return {}, ()

    def _reevaluated(self, point: Mapping[str, Value]) -> Tape | None:
        """The run at a point by the entries of the one here, if it decides the same."""
        if self._here is None:
            return None
        moving = tuple(name for name, value in point.items() if value is not self._point[name])
        if self._reevaluation is None or self._reevaluation[0] != moving:
            self._reevaluation = moving, Reevaluation(self._here, moving)
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


def piece_of(tape: Tape, entry: int) -> Hashable:
    """The smooth piece of an operation that an entry lies on; None where it has one only."""
    piece = tape.operations[entry].piece
    return piece and piece(tape.operand_values(entry), tape.values[entry])

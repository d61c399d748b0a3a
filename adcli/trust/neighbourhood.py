"""The neighbourhood of a point: a program there as functions of one variable, which is what a difference needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TypeAlias

from adcli.errors import AdError
from adcli.program.program import Program, differentiates
from adcli.records import NamedTuple
from adcli.tape.components import elements, flattened, gathered, is_nonzero, single_component, with_components
from adcli.tape.execute import execute
from adcli.tape.limits import Limits
from adcli.tape.reach import entries_behind
from adcli.tape.reevaluate import Reevaluation
from adcli.tape.tape import Guard, Tape, Value
from adcli.trust.budget import UNLIMITED, Budget, limits_beside
from adcli.trust.difference import ELSEWHERE, Estimate, Function, Observation, Pieces, differentiate
from adcli.trust.points import range_of

# What is measured of a tape, by names; and the entries that it is computed from.
Measure: TypeAlias = Callable[[Tape], Mapping[str, float]]
Entries: TypeAlias = Callable[[Tape], Iterable[int]]

_WIDE = (5, 7, 9)  # negative exponents of steps, relative to the input, over which decisions show a slope
_ALIKE = 0.2  # how far quotients over them may be apart, relative to them


class _Measured(NamedTuple):
    """What was measured of a run, its smooth pieces, and the round-off of what was measured as far as it is known."""

    values: Mapping[str, float]
    pieces: Pieces = ()
    noise: Mapping[str, float] = {}


_NO_VALUE = _Measured({})


class Neighbourhood:
    """Runs a program near a point and remembers what was measured. All comparisons share these runs."""

    def __init__(
        self, program: Program, point: Mapping[str, Value], tape: Tape, measure: Measure, entries: Entries,
        limits: Limits, noise: Measure | None = None,
    ) -> None:  # fmt: skip
        """Take the run at the point, what is measured of each run, and the entries whose smooth pieces matter.

        What is measured carries as much `noise` at points that decide otherwise; at others as much as at the point.
        A run near the point is given up where it becomes several times as long as the one at the point, or longer than
        `limits`: a loop may not end there.
        """
        self._budget = UNLIMITED
        self._program = program
        self._point = point
        self._tape = tape
        self._measure = measure
        self._entries = entries
        self._noise = noise
        self._limits = limits_beside(len(tape), limits)
        self._reevaluation: tuple[tuple[str, ...], Reevaluation] | None = None  # of the inputs that moved last
        self._runs: dict[Hashable, _Measured] = {}
        self._elsewhere: set[Hashable] = set()  # where a decision comes out otherwise, and nobody asked how it goes on

    @cached_property
    def _reusable(self) -> Tape | None:
        """The run at the point, whose entries serve runs elsewhere; None where they do not, as of `derivative`."""
        return None if differentiates(self._program) else self._tape

    @cached_property
    def _places(self) -> list[int]:
        """The entries of that run that have smooth pieces."""
        return [] if self._reusable is None else places_with_pieces(self._reusable, self._entries(self._reusable))

    @cached_property
    def _pieces_here(self) -> Pieces | None:
        """The smooth pieces at the point; None where runs elsewhere do not follow its entries."""
        return None if self._reusable is None else pieces_of(self._reusable, self._places)

    @cached_property
    def _ranges(self) -> dict[str, tuple[float, float]]:
        """The declared ranges of the inputs."""
        ranges = {variable.name: range_of(variable) for variable in self._program.inputs}
        return {name: bounds for name, bounds in ranges.items() if bounds is not None}

    @cached_property
    def _numbers(self) -> Mapping[str, float]:
        """The components of the inputs."""
        return flattened(self._point)

    @contextmanager
    def within(self, budget: Budget) -> Iterator[None]:
        """Run in the time of a budget only: what needs more runs raises OutOfTime."""
        before, self._budget = self._budget, budget
        try:
            yield
        finally:
            self._budget = before

    def slope(self, name: str, direction: Mapping[str, float], noise: float) -> Estimate:
        """The derivative of one measured number along a direction, which names components: `x`, `w[2]`.

        Along a single input the steps are taken in that input, so that they are exact; else in the multiple of the
        direction, whose rounding of each input belongs to the `noise`.
        """
        single = single_component(direction)
        if single is not None:
            return differentiate(self._along_input(name, single), self._numbers[single], noise)
        return differentiate(self.along(name, direction), 0.0, noise)

    def value(self, name: str, key: str, number: float) -> float:
        """One measured number where one component of the inputs is another number; NaN where there is none."""
        return self._along_input(name, key)(number).value

    def slope_by_decisions(self, name: str, key: str) -> float | None:
        """How fast a measured number moves with a component by decisions that come out otherwise, as in a bisection.

        Its steps are small and many then, so that quotients over wide steps agree. None where they do not, or where
        nothing is decided.
        """
        if not self._tape.guards:
            return None
        function, x = self._along_input(name, key), self._numbers[key]
        steps = [2.0**-exponent * (abs(x) or 1.0) for exponent in _WIDE]
        quotients = [(function(x + h).value - function(x - h).value) / (2 * h) for h in steps]
        if not all(math.isfinite(quotient) and quotient for quotient in quotients):
            return None
        spread = max(quotients) - min(quotients)
        return quotients[-1] if spread <= _ALIKE * abs(quotients[-1]) else None

    def _along_input(self, name: str, key: str) -> Function:
        """One measured number as a function of one component of the inputs."""

        def at(x: float, wanted: Pieces | None = None) -> Observation:
            return self._observed(name, (key, x), lambda: with_components(self._point, {key: x}), wanted)

        return at

    def along(self, name: str, direction: Mapping[str, float]) -> Function:
        """One measured number as a function of the multiple of a direction."""
        steps = {key: step for key, step in gathered(self._point, direction).items() if is_nonzero(step)}
        key = tuple((name, step if type(step) is float else step.tobytes()) for name, step in steps.items())

        def at(t: float, wanted: Pieces | None = None) -> Observation:
            moved = {name: self._point[name] + t * step for name, step in steps.items()}
            return self._observed(name, (key, t), lambda: {**self._point, **moved}, wanted)

        return at

    def _observed(
        self, name: str, key: Hashable, point: Callable[[], Mapping[str, Value]], wanted: Pieces | None
    ) -> Observation:
        """What was measured at a point; where it decides otherwise than the pieces that are wanted, nothing."""
        alike = wanted is not None and wanted == self._pieces_here
        if alike and key in self._elsewhere:
            return Observation(math.nan, ELSEWHERE)
        run = self._runs.get(key)
        if run is None:
            self._budget.require()
            run = self._run(point(), alike)
            if run is None:
                self._elsewhere.add(key)
                return Observation(math.nan, ELSEWHERE)
            self._runs[key] = run
        return Observation(run.values.get(name, math.nan), run.pieces, run.noise.get(name, 0.0))

    def _run(self, point: Mapping[str, Value], alike: bool) -> _Measured | None:
        """What is measured at a point, and its smooth pieces; the tape is not kept, as it takes much memory.

        None where a decision comes out otherwise than at the point, if only runs `alike` are asked for.
        """
        if not self._inside(point):
            return _NO_VALUE
        try:
            reevaluation = self._reevaluation_of(point)
            tape = None if reevaluation is None else reevaluation.at(point)
            if reevaluation is not None and tape is not None:
                decides_as_before = reevaluation.decides_as_before(tape)
                if decides_as_before:
                    return self._measured(tape, pieces_of(tape, self._places))
                if alike and decides_as_before is not None:
                    return None
            tape = execute(self._program, point, self._limits)
            return self._measured(tape, pieces_of(tape, places_with_pieces(tape, self._entries(tape))))
        except AdError:  # a program that ends in an error has no value at this point
            return _NO_VALUE

    def _measured(self, tape: Tape, pieces: Pieces) -> _Measured:
        """What is measured of a run."""
        noise = None if pieces == self._pieces_here else self._noise
        return _Measured(self._measure(tape), pieces, {} if noise is None else noise(tape))

    def parting(self, component: str) -> Guard | int | None:
        """The first decision or entry that comes out otherwise close beside the point; None where none does."""
        number = self._numbers[component]
        for step in (side * 2.0**-exponent for exponent in (50, 40, 30, 20, 10, 2) for side in (-1, 1)):
            beside = with_components(self._point, {component: number + step * (abs(number) or 1.0)})
            try:
                tape = execute(self._program, beside, self._limits)
            except AdError:
                continue
            first = first_difference(self._tape, tape)
            if first is not None:
                return first
        return None

    def _inside(self, point: Mapping[str, Value]) -> bool:
        """Whether all that moved to a point stays in its declared range, if it came from there."""
        for name, (low, high) in self._ranges.items():
            if point[name] is not self._point[name]:
                before, after = (elements(values[name]) for values in (self._point, point))
                if any(low <= old <= high and not low <= new <= high for old, new in zip(before, after, strict=True)):
                    return False
        return True

    def _reevaluation_of(self, point: Mapping[str, Value]) -> Reevaluation | None:
        """What runs at another point by the entries of the run at the point."""
        if self._reusable is None:
            return None
        moving = tuple(name for name, value in point.items() if value is not self._point[name])
        if self._reevaluation is None or self._reevaluation[0] != moving:
            self._reevaluation = moving, Reevaluation(self._reusable, moving)
        return self._reevaluation[1]


def places_with_pieces(tape: Tape, outputs: Iterable[int]) -> list[int]:
    """The entries behind the outputs whose operations have several smooth pieces."""
    having = [entry for entry, operation in enumerate(tape.operations) if operation.piece]
    if not having:
        return []
    behind = entries_behind(tape, outputs)
    return [entry for entry in having if behind[entry]]


def pieces_of(tape: Tape, places: Iterable[int]) -> Pieces:
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

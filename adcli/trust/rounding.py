"""The round-off that a computed value carries, from one reverse sweep over its tape."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, cached_property
from itertools import starmap

from adcli.derive.modes import gradient_magnitude, recorded_gradient
from adcli.records import NamedTuple
from adcli.tape.components import elements, flattened, gathered, names_in, numbers_of, side_by_side
from adcli.tape.describe import where
from adcli.tape.fast import sweep
from adcli.tape.ieee import quiet
from adcli.tape.local import contribution
from adcli.tape.reach import active_entries, differentiable_inputs, longest_chain
from adcli.tape.tape import Tape, Value
from adcli.trust.difference import EPSILON
from adcli.trust.sizes import all_bounded, bounded, largest_part, moved_by_units

ROUNDINGS = 4  # unit round-offs that each path into an input may leave


class RoundOff(NamedTuple):
    """The round-off of a value.

    Attributes:
        size: its standard deviation, to first order and generously: a unit in the last place for each operation
        entry: the operation that brings most of it; None if none brings any
    """

    size: float
    entry: int | None


def round_off(tape: Tape, seeds: Mapping[int, Value]) -> RoundOff:
    """How much of a weighted sum of entries is round-off: each operation's own, carried there by its adjoint."""
    return _round_off(tape, _adjoints(tape, seeds))


def round_off_with_inputs(tape: Tape, seeds: Mapping[int, Value]) -> float:
    """The same, and how far the sum moves with a unit in the last place of each input, as data are rounded."""
    adjoints = _adjoints(tape, seeds)
    return _round_off(tape, adjoints).size + _moved_by_inputs(tape, adjoints)


def _adjoints(tape: Tape, seeds: Mapping[int, Value]) -> list[Value | None]:
    inputs = differentiable_inputs(tape, seeds)
    return sweep(tape, seeds, active_entries(tape, [tape.inputs[name] for name in inputs]))


def _round_off(tape: Tape, adjoints: list[Value | None]) -> RoundOff:
    """The same from the adjoint of each entry."""
    shares = _of_arrays(tape, adjoints) if tape.arrays else (
        (abs(adjoint) * math.ulp(tape.values[entry]), entry)
        for entry, adjoint in enumerate(adjoints)
        if adjoint is not None and tape.operands[entry] and tape.values[entry]  # a zero is exact, or as good as that
    )  # fmt: skip
    rounded = [(share, entry) for share, entry in shares if 0 < share < math.inf]
    if not rounded:
        return RoundOff(0.0, None)
    return RoundOff(math.hypot(*(share for share, _ in rounded)), max(rounded)[1])


def _of_arrays(tape: Tape, adjoints: list[Value | None]) -> list[tuple[float, int]]:
    """The same for arrays. An operation on whole arrays is as if each of its operands were off by a unit as well."""
    moved = []
    with quiet(tape):
        for entry, adjoint in enumerate(adjoints):
            if adjoint is None or not tape.operands[entry]:
                continue
            evenly = bool(tape.operations[entry].known("mixes"))
            shares = [_moved(adjoint, tape.values[entry], evenly)]
            if not tape.operations[entry].elementwise:
                for position, source in enumerate(tape.operands[entry]):
                    term = contribution(tape, entry, position, adjoint)
                    if term is not None:
                        shares.append(_moved(term, tape.values[source], evenly))
            moved.append((math.hypot(*shares), entry))
    return moved


def _moved(adjoint: Value, value: Value, evenly: bool = False) -> float:
    """How far a result moves with a unit in the last place of each element of a value, or everywhere of the largest."""
    if type(value) is float:
        return abs(adjoint) * math.ulp(value)  # type: ignore[no-any-return]
    import numpy

    unit = numpy.spacing(abs(value).max(initial=0.0)) if evenly else numpy.where(value != 0, numpy.spacing(value), 0.0)
    return float(numpy.linalg.norm((adjoint * unit).ravel()))


def rounded_inputs(slopes: Mapping[str, float], numbers: Mapping[str, float]) -> float:
    """How much a value moves with the rounding of the inputs: every step along a direction rounds each of them.

    The slopes are by the components of the inputs, whose numbers are given as well; infinite ones are left out.
    """
    steps = math.fsum(numbers_of(starmap(moved_by_units, side_by_side(slopes, numbers))))
    return steps if math.isfinite(steps) else 0.0


def total(terms: Sequence[float]) -> float:
    """The exact sum; by IEEE 754 where `fsum` raises: for inf - inf, and beyond the largest number."""
    try:
        return math.fsum(terms)
    except (ValueError, OverflowError):
        return sum(terms)


class Uncertainty(NamedTuple):
    """What rounding does to a derivative.

    Attributes:
        size: how far it may have taken the derivative, what the values have lost on the way included
        most: how far it may take two ways apart that compute the derivative in another order
        inputs: how far the derivative moves with the rounding of the inputs; below that a zero cannot be told from one
        text: the operation that loses most, with its line; empty where nothing is lost
    """

    size: float
    most: float
    inputs: float
    text: str = ""


class RecordedGradient:
    """The gradient of an entry as entries of a longer tape, whose round-off is that of the derivatives."""

    def __init__(self, tape: Tape, entry: int, seed: Value | None = None) -> None:
        """Record the reverse sweep from an entry; of an array the `seed` has a 1 in one component."""
        self.tape, self.slopes = recorded_gradient(tape, entry, differentiable_inputs(tape, [entry]), seed)

    def seeds(self, direction: Mapping[str, float]) -> dict[int, Value]:
        """What makes a sweep one from the derivative along a direction: entries with adjoints; none where it is zero.

        The direction has a number for some components of the inputs.
        """
        point = {name: self.tape.values[entry] for name, entry in self.tape.inputs.items()}
        steps, moving = gathered(point, direction), names_in(direction)
        return {slope: steps[name] for name, slope in self.slopes.items() if slope is not None and name in moving}


class Differentiated:
    """A weighted sum of entries that is differentiated: what rounding does to it and to its derivatives.

    Each is worked out when it is asked for the first time.
    """

    def __init__(self, tape: Tape, seeds: Mapping[int, Value], moving: Collection[str] | None = None) -> None:
        """Take the entries with their weights, which are the seeds of a sweep, and the inputs that move if not all."""
        self.tape = tape
        self.seeds = seeds
        self._inputs = [name for name in tape.inputs if moving is None or name in moving]

    @cached_property
    def noise(self) -> RoundOff:
        """The round-off of the sum."""
        return round_off(self.tape, self.seeds)

    @cached_property
    def magnitudes(self) -> Mapping[str, float]:
        """The sum of the absolute contributions to each derivative, by the component of the inputs."""
        names = [name for name in differentiable_inputs(self.tape, self.seeds) if name in self._inputs]
        return flattened(gradient_magnitude(self.tape, self.seeds, names))

    @cached_property
    def _numbers(self) -> Mapping[str, float]:
        """The components of the inputs that move."""
        return flattened({name: self.tape.values[self.tape.inputs[name]] for name in self._inputs})

    @cached_property
    def noise_along(self) -> float:
        """The round-off of the sum along a direction, where every step rounds the inputs as well."""
        with quiet(self.tape):
            noise = self.noise.size + rounded_inputs(self.magnitudes, self._numbers)
        return noise if math.isfinite(noise) else 0.0

    def scale(self, direction: Mapping[str, float]) -> float:
        """The size of a derivative along a direction that moves the sum by as much as it is.

        The inputs move by as much as they are, or by 1. 0 where the direction is none.
        """
        with quiet(self.tape):
            return self._size * max(starmap(largest_part, side_by_side(direction, self._numbers)), default=0.0)

    @cached_property
    def _size(self) -> float:
        """The size of the sum. An element of an array is as large as the largest: it may be 0 beside others."""
        sizes = [(elements(seed), elements(self.tape.values[entry])) for entry, seed in self.seeds.items()]
        if any(len(parts) > 1 for _, parts in sizes):
            return max(max(map(abs, weights)) * max(map(abs, parts)) for weights, parts in sizes if parts)
        return abs(total([weight * part for (weight,), (part,) in sizes]))

    @cached_property
    def _rounding(self) -> DerivativeRounding:
        ((entry, seed),) = self.seeds.items()
        return DerivativeRounding(self.tape, entry, seed)

    def magnitude(self, direction: Mapping[str, float]) -> float:
        """The sum of the absolute contributions to the derivative along a direction."""
        with quiet(self.tape):
            pairs = side_by_side(direction, self.magnitudes)
            return total(numbers_of(all_bounded(magnitude) * abs(step) for step, magnitude in pairs))

    def uncertainty(self, direction: Mapping[str, float]) -> Callable[[], Uncertainty] | None:
        """Tells what rounding does to the derivative along a direction.

        None where several entries are differentiated together, or none.
        """
        if len(self.seeds) != 1:
            return None
        return cache(lambda: self._rounding.along(direction, self.magnitude(direction)))


class DerivativeRounding:
    """What rounding does to the derivatives of one entry.

    It is worked out only where differences do not confirm a derivative: along a chain of thousands of operations,
    where a matrix is almost singular, and where digits cancel.
    """

    def __init__(self, tape: Tape, entry: int, seed: Value | None = None) -> None:
        """Take the entry that is differentiated; of an array the `seed` has a 1 in one component."""
        self.tape = tape
        self.entry = entry
        self._seed = seed

    @cached_property
    def _steps(self) -> int:
        """How many operations there are on the longest chain to the entry: each rounds once."""
        return longest_chain(self.tape, self.entry)

    @cached_property
    def _gradient(self) -> RecordedGradient:
        return RecordedGradient(self.tape, self.entry, self._seed)

    def along(self, direction: Mapping[str, float], magnitude: float) -> Uncertainty:
        """What is known of the derivative along a direction, whose absolute contributions have the sum `magnitude`.

        The sweep that computes it is an entry of a longer tape. A sweep from there tells the share of each operation,
        and at the inputs how far the derivative moves with them.
        """
        tape = self._gradient.tape
        adjoints = _adjoints(tape, self._gradient.seeds(direction))
        likely = _round_off(tape, adjoints)
        size = ROUNDINGS * likely.size
        most = self._steps * EPSILON * bounded(magnitude) + size
        return Uncertainty(size, most, _moved_by_inputs(tape, adjoints), self._place(likely.entry))

    def _place(self, entry: int | None) -> str:
        """The operation of an entry with its line: of the program, or of the sweep."""
        if entry is None or entry < len(self.tape):
            return "" if entry is None else where(self.tape, entry)
        tape, span = self._gradient.tape, self._gradient.tape.spans[entry]
        text = "" if span is None else " ".join(tape.source.text[slice(*span)].split())
        return f"the derivative of {text}, line {tape.line(entry)}" if text else ""


def round_off_of_sweep(magnitude: float) -> float:
    """How far a derivative may be off by the rounding of a sweep, if its absolute contributions have a sum."""
    return ROUNDINGS * EPSILON * bounded(magnitude)


def _moved_by_inputs(tape: Tape, adjoints: list[Value | None]) -> float:
    """How far a number moves with a unit in the last place of each input."""
    entries = tape.inputs.values()
    with quiet(tape):
        moved = [_moved(adjoint, tape.values[entry]) for entry in entries if (adjoint := adjoints[entry]) is not None]
    return total(moved)

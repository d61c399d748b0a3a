"""What goes forward over a tape: tangents, one-sided tangents, and the operations themselves in another arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from adcli.rules import local
from adcli.rules.compile import RAISED
from adcli.rules.dispatch import zero_like
from adcli.rules.local import number_pushforward
from adcli.rules.primitive import Primitive
from adcli.tape.ieee import quiet
from adcli.tape.local import is_of_numbers, recomputed, tangent_of
from adcli.tape.tape import BOUND_TOLERANCE, COMPARE, Guard, Tape, Value
from adcli.tape.walk import forward, is_spoilt

if TYPE_CHECKING:
    from adcli.rules.kinks import Kink


class Operations:
    """The operations of a tape once more, in some arithmetic."""

    def __init__(self, values: list[Any], functions: Mapping[int, Callable[..., Any]] | Sequence[Callable[..., Any]]):
        """Take what the leaves are in it, at their entries, and for each entry what its operation is in it."""
        self.carried = values
        self._functions = functions

    def apply(self, entry: int, operands: list[Any]) -> Any:
        """The value of an entry."""
        return self._functions[entry](*operands)


class Tangents:
    """Tangents: None where they are zero by structure."""

    def __init__(self, tape: Tape, directions: Mapping[int, Value]) -> None:
        """Take the tape, and the tangents of some inputs, by their entries."""
        self.tape = tape
        self.carried: list[Value | None] = [None] * len(tape)
        for entry, tangent in directions.items():
            self.carried[entry] = tangent

    def apply(self, entry: int, tangents: list[Value | None]) -> Value | None:
        """The tangent of an entry from those of its operands."""
        pattern = tuple([tangent is not None for tangent in tangents])
        if True not in pattern:
            return self.carried[entry]
        tape = self.tape
        if is_of_numbers(tape, entry):
            try:
                rule = number_pushforward(tape.operations[entry], pattern)
                return rule(tape.values[entry], *tape.operand_values(entry), *tangents)
            except RAISED:
                pass  # by IEEE 754, and with the edges of the rule
        return tangent_of(tape, entry, tangents)


def push_forward(tape: Tape, directions: Mapping[int, Value]) -> list[Value | None]:
    """The tangent of every entry, given those of some input entries; None where it is zero by structure."""
    domain = Tangents(tape, directions)
    if tape.arrays:
        with quiet(tape):
            forward(tape, domain)
    else:
        from adcli.tape.fast_moving import push_numbers  # which gradients do not need

        push_numbers(tape, domain.carried, domain.apply)
    if not tape.arrays and not is_spoilt(domain.carried):  # to look at numbers costs less than to list who reads them
        return domain.carried
    used = set(chain.from_iterable(tape.operands)) - set(tape.bindings.values())
    if is_spoilt(tangent for entry, tangent in enumerate(domain.carried) if entry not in used):
        from adcli.tape.gaps import push_forward_with_gaps  # which most programs never need

        return push_forward_with_gaps(tape, directions)
    return domain.carried


class OneSided:
    """Tangents infinitesimally beside a point, along a direction: one-sided limits and slopes, exact at kinks.

    The tape is recorded at the same time, as another side of a decision may run there. Where an operation is at a kink,
    its tangent is the slope to that side; where it jumps, its value is that beside the jump; and a decision between
    equal sides comes out as it does there.

    Attributes:
        direction: the tangents of the inputs
        carried: the tangent of each entry; None where it is zero by structure
        certain: whether the tangents told everything; they do not where what meets moves at the same pace, as beside
            the kink of sqrt(x^2)
    """

    def __init__(self, direction: Mapping[str, Value]) -> None:
        self.direction = direction
        self.carried: list[Value | None] = []
        self.certain = True
        self._tape: Tape | None = None
        self._moved: set[int] = set()  # the entries of one walk whose values are those beside a jump
        self._at_edge = False  # whether a number was at a kink that is an edge of its rule

    def slope(self, tape: Tape, entry: int) -> Value:
        """The tangent of an entry of the tape that this has been recorded with."""
        self.follow(tape)
        slope = self.carried[entry]
        return zero_like(tape.values[entry]) if slope is None else slope

    def follow(self, tape: Tape) -> None:
        """Walk over the entries that were appended since the last time."""
        start, self._tape, self._moved = len(self.carried), tape, set()
        if start == len(tape.values):
            return
        self.carried += [None] * (len(tape.values) - start)
        for name, entry in tape.inputs.items():
            if entry >= start:
                self.carried[entry] = self.direction.get(name)
        forward(tape, self, range(start, len(tape.values)))

    def apply(self, entry: int, tangents: list[Value | None]) -> Value | None:
        """The tangent of an entry; its value on the tape becomes that beside a jump."""
        tape = self._tape
        assert tape is not None
        operation, before = tape.operations[entry], tape.values[entry]
        if not self._moved.isdisjoint(tape.operands[entry]):  # what was recorded in one go was computed at the point
            tape.values[entry] = recomputed(tape, entry)
        slope = self._applied(tape, operation, entry, tangents)
        if tape.values[entry] is not before:
            self._moved.add(entry)
        return slope

    def appended(self, tape: Tape, operation: Primitive, entry: int) -> None:
        """The same of an entry whose operation the tape does not know yet."""
        self.carried.append(None)
        tangents = [self.carried[source] for source in tape.operands[entry]]
        self.carried[entry] = self._applied(tape, operation, entry, tangents)

    def _applied(self, tape: Tape, operation: Primitive, entry: int, tangents: list[Value | None]) -> Value | None:
        if all(tangent is None for tangent in tangents):
            return self.carried[entry]
        operands, value = tape.operand_values(entry), tape.values[entry]
        kink = operation.kink
        if operation.elementwise and type(value) is float:
            if kink is not None and kink.gap(operands, value) == 0:
                self._at_edge = self._at_edge or bool(operation.edges)
                moving = [tangent or 0.0 for tangent in tangents]
                tape.values[entry], slope = self._at_kink(kink, operands, value, moving)
                return slope
            return local.tangent_of(operation, tangents, value, operands)
        slope = local.tangent_of(operation, tangents, value, operands)
        if kink is None or slope is None:
            return slope
        tape.values[entry], slope = self._array_at_kinks(operation, kink, operands, value, tangents, slope)
        return slope

    def decides(self, tape: Tape, comparison: str, left: int, right: int) -> bool:
        """How a comparison of two numbers comes out beside the point."""
        values, slopes = tape.values, self.carried
        if values[left] == values[right] and not slopes[left] is slopes[right] is None:
            moving = slopes[left] or 0.0, slopes[right] or 0.0
            if moving[0] != moving[1]:
                return COMPARE[comparison](*moving)
            self.certain = False
        return COMPARE[comparison](values[left], values[right])

    def recorded(self, tape: Tape, guards: Sequence[Guard]) -> None:
        """Follow what was recorded in one go.

        Its decisions, taken at the point, may come out otherwise beside it, and so may the choice of formulas at edges.
        """
        self.follow(tape)
        self.certain = self.certain and not self._at_edge
        for guard in guards:
            if self.decides(tape, guard.comparison, guard.left, guard.right) != guard.holds:
                self.certain = False

    def falls_short(self, tape: Tape, bounds: Sequence[int], count: int) -> bool:
        """Whether a loop whose last value meets its bound stays short of it beside the point."""
        values = [tape.values[entry] for entry in bounds]
        if not count or all(self.carried[entry] is None for entry in bounds):
            return False
        (first, last, step), (by_first, by_last, by_step) = values, (self.carried[entry] or 0.0 for entry in bounds)
        if abs(first + (count - 1) * step - last) > BOUND_TOLERANCE * max(abs(first), abs(last)):
            return False
        room = (by_last - by_first - (count - 1) * by_step) * step
        self.certain = self.certain and room != 0
        return bool(room < 0)

    def _at_kink(
        self, kink: Kink, operands: Sequence[float], value: float, tangents: Sequence[float]
    ) -> tuple[float, float]:
        towards = kink.towards(operands, value)
        resting = math.fsum(slope * tangent for slope, tangent in zip(towards, tangents, strict=True)) == 0
        value, slope = kink.beside(operands, value, tangents)
        if resting and (kink.jumps or slope != slope):
            self.certain = False
        return value, slope

    def _array_at_kinks(
        self, operation: Primitive, kink: Kink, operands: Sequence[Value], value: Value,
        tangents: Sequence[Value | None], slope: Value,
    ) -> tuple[Value, Value]:  # fmt: skip
        """The value and the slope of an operation on arrays, some elements of which may be at a kink."""
        import numpy

        at = numpy.asarray(kink.gap(operands, value)) == 0
        if not at.any():
            return value, slope
        moving = [
            zero_like(operand) if tangent is None else tangent
            for operand, tangent in zip(operands, tangents, strict=True)
        ]
        if not operation.elementwise:
            beside, other = kink.beside(operands, value, moving)
            return beside, _chosen(at, other, slope)
        return self._elements(kink, at, operands, value, moving, slope)

    def _elements(
        self, kink: Kink, at: Any, operands: Sequence[Value], value: Value, tangents: Sequence[Value], slope: Value
    ) -> tuple[Value, Value]:
        """An operation that goes element by element, some of them at a kink."""
        import numpy

        value, slope = value.copy(), numpy.broadcast_to(slope, value.shape).copy()
        *spread, at = numpy.broadcast_arrays(*operands, *tangents, at)
        if not kink.jumps:
            at = at & ~self._at_rest(kink, at, spread, len(operands), value, slope)
        for index in zip(*at.nonzero(), strict=True):
            numbers = [float(array[index]) for array in spread]
            value[index], slope[index] = self._at_kink(
                kink, numbers[: len(operands)], float(value[index]), numbers[len(operands) :]
            )
        return value, slope

    def _at_rest(self, kink: Kink, at: Any, spread: Sequence[Any], count: int, value: Value, slope: Value) -> Any:
        """Those at a kink whose operands do not move, which are most along one component; their slope is 0."""
        import numpy

        resting = at & numpy.all([tangent == 0 for tangent in spread[count:]], axis=0)
        if resting.any():
            index = tuple(place[0] for place in resting.nonzero())
            numbers = [float(array[index]) for array in spread]
            if kink.beside(numbers[:count], float(value[index]), numbers[count:])[1] != 0:  # NaN: it does not tell
                return numpy.zeros_like(resting)
        slope[resting] = 0.0
        return resting


def _chosen(at: Any, there: Value, elsewhere: Value) -> Value:
    import numpy

    chosen: Any = numpy.where(at, there, elsewhere)
    return chosen if chosen.shape else float(chosen)

"""A run infinitesimally beside a point, along a direction: one-sided limits and slopes, exact at kinks and jumps.

Every entry gets its tangent as it is computed. Where an operation is at a kink, its tangent is the slope to that side;
where it jumps, its value is that beside the jump; and a decision between equal sides comes out as it does there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adcli.rules import array_formula
from adcli.rules.dispatch import zero_like
from adcli.rules.formula import partial
from adcli.rules.primitive import Primitive
from adcli.tape.tape import BOUND_TOLERANCE, COMPARE, Tape, Value

if TYPE_CHECKING:
    from adcli.rules.kinks import Kink


class Beside:
    """What a run beside a point knows of its entries.

    Attributes:
        direction: the tangents of the inputs
        slopes: the tangent of each entry; None where it is zero by structure
        certain: whether the tangents told everything; they do not where what meets moves at the same pace, as beside
            the kink of sqrt(x^2)
    """

    def __init__(self, direction: Mapping[str, Value]) -> None:
        self.direction = direction
        self.slopes: list[Value | None] = []
        self.certain = True

    def slope(self, tape: Tape, entry: int) -> Value:
        """The tangent of an entry of a tape that this has run along with."""
        self.catch_up(tape)
        return self.slopes[entry] if self.slopes[entry] is not None else zero_like(tape.values[entry])

    def catch_up(self, tape: Tape) -> None:
        """Find the tangents of entries that were appended without the interpreter's doing: inputs, and a `where`'s."""
        if len(self.slopes) == len(tape.values):
            return
        names = {entry: name for name, entry in tape.inputs.items()}
        for entry in range(len(self.slopes), len(tape.values)):
            if entry in names:
                self.slopes.append(self.direction.get(names[entry]))
            else:
                tape.values[entry] = self.appended(tape, tape.operations[entry], entry, tape.values[entry])

    def appended(self, tape: Tape, operation: Primitive, entry: int, value: Value) -> Value:
        """Note the tangent of an entry whose value is known; the value, or that beside a jump."""
        sources = tape.operands[entry]
        tangents = [self.slopes[source] for source in sources]
        if all(tangent is None for tangent in tangents):
            self.slopes.append(None)
            return value
        operands = tape.operand_values(entry)
        if operation.elementwise and type(value) is float:
            found = self._number(operation, operands, value, tangents)
        else:
            found = self._array(operation, operands, value, tangents)
        self.slopes.append(found[1])
        return found[0]

    def decides(self, tape: Tape, comparison: str, left: int, right: int) -> bool:
        """How a comparison of two numbers comes out beside the point."""
        values = tape.values
        if values[left] == values[right] and not self.slopes[left] is self.slopes[right] is None:
            moving = self.slopes[left] or 0.0, self.slopes[right] or 0.0
            if moving[0] != moving[1]:
                return COMPARE[comparison](*moving)
            self.certain = False
        return COMPARE[comparison](values[left], values[right])

    def falls_short(self, tape: Tape, bounds: Sequence[int], count: int) -> bool:
        """Whether a loop whose last value meets its bound stays short of it beside the point."""
        values = [tape.values[entry] for entry in bounds]
        if not count or all(self.slopes[entry] is None for entry in bounds):
            return False
        (first, last, step), (by_first, by_last, by_step) = values, (self.slopes[entry] or 0.0 for entry in bounds)
        if abs(first + (count - 1) * step - last) > BOUND_TOLERANCE * max(abs(first), abs(last)):
            return False
        room = (by_last - by_first - (count - 1) * by_step) * step
        self.certain = self.certain and room != 0
        return bool(room < 0)

    def _number(
        self, operation: Primitive, operands: Sequence[float], value: float, tangents: Sequence[float | None]
    ) -> tuple[Value, Value]:
        kink = operation.kink
        if kink is not None and kink.gap(operands, value) == 0:
            return self._at_kink(kink, operands, value, [tangent or 0.0 for tangent in tangents])
        terms = [
            partial(operation, position, operands, value) * tangent
            for position, tangent in enumerate(tangents)
            if tangent is not None
        ]
        return value, sum(terms[1:], terms[0])

    def _at_kink(
        self, kink: Kink, operands: Sequence[float], value: float, tangents: Sequence[float]
    ) -> tuple[float, float]:
        towards = kink.towards(operands, value)
        resting = math.fsum(slope * tangent for slope, tangent in zip(towards, tangents, strict=True)) == 0
        value, slope = kink.beside(operands, value, tangents)
        if resting and (kink.jumps or slope != slope):
            self.certain = False
        return value, slope

    def _array(
        self, operation: Primitive, operands: Sequence[Value], value: Value, tangents: Sequence[Value | None]
    ) -> tuple[Value, Value]:
        slope: Value = None
        for position, tangent in enumerate(tangents):
            if tangent is not None:
                term = array_formula.tangent_term(operation, position, tangent, value, operands)
                if term is not None:
                    slope = term if slope is None else slope + term
        kink = operation.kink
        if kink is None or slope is None:
            return value, slope
        import numpy

        at = numpy.asarray(kink.gap(operands, value)) == 0
        if not at.any():
            return value, slope
        moving = [
            zero_like(one) if tangent is None else tangent for one, tangent in zip(operands, tangents, strict=True)
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
            numbers = [float(one[index]) for one in spread]
            found = self._at_kink(kink, numbers[: len(operands)], float(value[index]), numbers[len(operands) :])
            value[index], slope[index] = found
        return value, slope

    def _at_rest(self, kink: Kink, at: Any, spread: Sequence[Any], count: int, value: Value, slope: Value) -> Any:
        """Those at a kink whose operands do not move, which are most along one component; their slope is 0."""
        import numpy

        resting = at & numpy.all([tangent == 0 for tangent in spread[count:]], axis=0)
        if resting.any():
            index = tuple(place[0] for place in resting.nonzero())
            numbers = [float(one[index]) for one in spread]
            if kink.beside(numbers[:count], float(value[index]), numbers[count:])[1] != 0:  # NaN: it does not tell
                return numpy.zeros_like(resting)
        slope[resting] = 0.0
        return resting


def _chosen(at: Any, there: Value, elsewhere: Value) -> Value:
    import numpy

    chosen: Any = numpy.where(at, there, elsewhere)
    return chosen if chosen.shape else float(chosen)

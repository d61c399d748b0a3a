"""Products with a Hessian in the engine: forward over reverse, along some directions at once."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from adcli.native.instructions import DIRECTIONS
from adcli.native.plan import LineRecord, NativePlan, ends, start_of

if TYPE_CHECKING:
    from adcli.native.engine import ProductEngine

_MOST_NUMBERS = 500_000  # of directions at once


class ProductLine:
    """The Hessian of an entry of a straight line of numbers by some inputs, as a function of directions."""

    def __init__(
        self, plan: NativePlan, engine: ProductEngine, output: int, inputs: Sequence[int], along: Sequence[int]
    ) -> None:
        """Take the plan, what computes products, the entry, the inputs to differentiate by, those that directions have.

        Raises NotOurs where the engine has not all rules of what lies between.
        """
        backward = list(plan.sweep_code((output,), list({*inputs, *along}), engine.tangents))
        self._engine = engine
        self._kept = [
            array("i", chain.from_iterable(codes)) for codes in (reversed(backward), backward, [along], [inputs])
        ]
        (forward, forward_end), (back, back_end), (first, _), (by, _) = map(ends, self._kept)
        self._line = LineRecord(
            plan.slots, forward, forward_end, back, back_end, first, len(along), output, by, len(inputs)
        )

    def products(self, values: array[float], directions: array[float]) -> array[float] | None:
        """The product with each direction, one behind the other, from the numbers of all slots.

        None where one is not finite, or an adjoint: there rules need more than their formulas.
        """
        line, slots = self._line, self._line.slots
        count = len(directions) // line.input_count
        adjoints, zero = array("d", bytes(8 * slots)), bytes(8 * slots * DIRECTIONS)
        tangents, moved, results = array("d", zero), array("d", zero), array("d", bytes(8 * count * line.by_count))
        where = map(start_of, (values, directions, tangents, adjoints, moved, results))
        return None if self._engine.products(ctypes.addressof(line), count, *where) else results


class HessianAt:
    """The Hessian at a point as a function of directions."""

    def __init__(self, line: ProductLine, values: array[float], inputs: Sequence[str], along: Sequence[str]) -> None:
        """Take the line, the numbers of its slots at the point, and the names of the inputs that it was made for."""
        self._line, self._values = line, values
        self._inputs, self._along = inputs, along

    def times(self, direction: Mapping[str, float]) -> dict[str, float] | None:
        """The product with a direction; None where a rule needs more than its formula."""
        given = array("d", [direction.get(name, 0.0) for name in self._along])
        found = self._line.products(self._values, given)
        return None if found is None else dict(zip(self._inputs, found, strict=True))

    def together(self, groups: Sequence[Sequence[int]]) -> list[list[float]] | None:
        """For each group of inputs the product with the sum of their unit directions; None as above."""
        width, rows = len(self._inputs), list[list[float]]()
        share = max(DIRECTIONS, _MOST_NUMBERS // width)
        for first in range(0, len(groups), share):
            some = groups[first : first + share]
            directions = array("d", bytes(8 * width * len(some)))
            for row, group in enumerate(some):
                for place in group:
                    directions[row * width + place] = 1.0
            found = self._line.products(self._values, directions)
            if found is None:
                return None
            rows += [found[start : start + width].tolist() for start in range(0, len(found), width)]
        return rows

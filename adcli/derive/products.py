"""Products of a Hessian with many directions: what they share is made once, and the rest is sums of products.

Where a tape holds numbers alone, how its reverse sweep changes along a direction is linear in the direction. All else
are numbers, which are computed once: what is left are steps, each of them a sum of a few earlier ones, times a number
and by a number. They are the operations of forward over reverse (`tape/moving.py`) in their order, so that the
products are the same to the last bit. What no result is made of has no step.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

from adcli.records import NamedTuple
from adcli.rules.compile import RAISED
from adcli.rules.second_order import LinearRule, linear_pullback, linear_pushforward
from adcli.rules.shapes import Refused
from adcli.tape.fast import sweep
from adcli.tape.reach import active_entries
from adcli.tape.tape import Tape

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A source, and the number by which it is multiplied, and the one by which that is divided.
Term: TypeAlias = tuple[int, float, float]
Terms: TypeAlias = Sequence[Term]

# What a step costs in Python, a level of steps with NumPy, each of its elements, and the import of NumPy: microseconds.
_STEP, _LEVEL, _ELEMENT, _IMPORT = 0.15, 12.0, 0.006, 1e5
_MOST_ELEMENTS = 4_000_000  # of an array of all steps, for some directions at once


class Steps(NamedTuple):
    """A straight line of sums.

    Attributes:
        given: how many values it begins with: the components of a direction
        sums: the terms of each further one; their sources are earlier values
        results: the place of each result among all values; None for 0
    """

    given: int
    sums: Sequence[Terms]
    results: Sequence[int | None]

    def values(self, direction: Sequence[float]) -> list[float]:
        """The results for one direction. Raises ZeroDivisionError."""
        values = list(direction)
        append = values.append
        for terms in self.sums:
            source, factor, divisor = terms[0]
            total = values[source] * factor
            if divisor != 1:
                total /= divisor
            for source, factor, divisor in terms[1:]:
                total += values[source] * factor / divisor
            append(total)
        return [0.0 if place is None else values[place] for place in self.results]


class Products:
    """The Hessian of an entry of a tape of numbers, as a function of directions."""

    def __init__(self, tape: Tape, output: int, inputs: Sequence[str]) -> None:
        """Take the tape, the entry, and the inputs to differentiate by; directions may have any components."""
        self._places = {name: place for place, name in enumerate(tape.inputs)}
        self._inputs = inputs
        self._steps = _steps(tape, output, inputs)

    def times(self, direction: Mapping[str, float]) -> list[float] | None:
        """The product at each of the inputs; None where it is not finite, which a sweep with more care may be."""
        if self._steps is None:
            return None
        given = [0.0] * len(self._places)
        for name, step in direction.items():
            given[self._places[name]] = step
        try:
            product = self._steps.values(given)
        except ZeroDivisionError:
            return None
        return [value or 0.0 for value in product] if all(map(isfinite, product)) else None

    def together(self, groups: Sequence[Sequence[int]]) -> list[list[float]] | None:
        """For each group of inputs the product with the sum of their unit directions; None as above."""
        if self._steps is None:
            return None
        if not self._pays(len(groups)):
            one_by_one = [self.times({self._inputs[place]: 1.0 for place in group}) for group in groups]
            return None if None in one_by_one else one_by_one  # type: ignore[return-value]
        import numpy

        share = max(1, _MOST_ELEMENTS // (len(self._steps.sums) + len(self._places)))
        parts = []
        for first in range(0, len(groups), share):
            given = numpy.zeros((len(self._places), min(share, len(groups) - first)))
            for column, group in enumerate(groups[first : first + share]):
                given[[self._places[self._inputs[place]] for place in group], column] = 1.0
            parts.append(self._levels.values(given))
        products = numpy.concatenate(parts)
        return products.tolist() if numpy.isfinite(products).all() else None

    def _pays(self, count: int) -> bool:
        """Whether so many directions at once are faster with NumPy."""
        assert self._steps is not None
        steps = len(self._steps.sums)
        fixed = 0.0 if "numpy" in sys.modules else _IMPORT
        if steps * count * _STEP < fixed + _LEVEL:
            return False
        return steps * count * (_STEP - _ELEMENT) > fixed + _LEVEL * len(self._levels.sums)

    @cached_property
    def _levels(self) -> Levels:
        assert self._steps is not None
        return Levels(self._steps)


class Levels:
    """The steps with those that need none of each other at once."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        depth = [0] * steps.given
        for terms in steps.sums:
            depth.append(1 + max([depth[source] for source, _, _ in terms]))
        self._width = len(depth)
        order = sorted(range(steps.given, len(depth)), key=lambda place: (depth[place], -len(self._terms(place))))
        self._place = list(range(steps.given)) + [0] * len(order)
        for place, step in enumerate(order, steps.given):
            self._place[step] = place
        self.sums: list[list[int]] = []
        for step in order:
            if not self.sums or depth[self.sums[-1][-1]] < depth[step]:
                self.sums.append([])
            self.sums[-1].append(step)

    def _terms(self, step: int) -> Terms:
        return self._steps.sums[step - self._steps.given]

    @cached_property
    def _arrays(self) -> list[list[tuple[slice, Any, Any, Any]]]:
        """For each level its first terms, then its second ones, and so on: of the first so many steps that have one."""
        import numpy

        start, levels = self._steps.given, []
        for steps in self.sums:
            parts = []
            all_terms = list(map(self._terms, steps))
            for place in range(len(all_terms[0])):
                terms = [each[place] for each in all_terms if len(each) > place]
                sources, factors, divisors = zip(*terms, strict=True)
                at = numpy.array([self._place[source] for source in sources])
                divided = any(divisor != 1 for divisor in divisors)
                parts.append(
                    (
                        slice(start, start + len(terms)), at, numpy.array(factors, float)[:, None],
                        numpy.array(divisors, float)[:, None] if divided else None,
                    )
                )  # fmt: skip
            levels.append(parts)
            start += len(steps)
        return levels

    def values(self, given: NDArray[Any]) -> NDArray[Any]:
        """For each column of components of a direction the results, as a row."""
        import numpy

        values = numpy.empty((self._width, given.shape[1]))
        values[: len(given)] = given
        with numpy.errstate(all="ignore"):
            for parts in self._arrays:
                for place, (at, sources, factors, divisors) in enumerate(parts):
                    term = values[sources] * factors
                    if divisors is not None:
                        term /= divisors
                    if place:
                        values[at] += term
                    else:
                        values[at] = term
        results = numpy.zeros((given.shape[1], len(self._steps.results)))
        for column, step in enumerate(self._steps.results):
            if step is not None:
                results[:, column] = values[self._place[step]] + 0.0
        return results


def _steps(tape: Tape, output: int, inputs: Sequence[str]) -> Steps | None:
    """What products are made of; None where some of it is not finite, or a rule needs more than its formula."""
    try:
        writer = _Writer(tape, output, inputs)
        writer.go_backward()
        writer.go_forward()
        return writer.steps()
    except (*RAISED, Refused):
        return None


class _Writer:
    """Writes the steps.

    Lines of the sweep backward have numbers from 0; a tangent of an entry, which is written behind them and stands
    before them, has the number of the entry less 1, with a minus.

    Attributes:
        _received: for each entry the sources of how its adjoint moves
        _lines: the terms of each line of the sweep backward
        _needed: the entries whose tangents are asked for
    """

    def __init__(self, tape: Tape, output: int, inputs: Sequence[str]) -> None:
        self._tape = tape
        self._output = output
        self._inputs = [tape.inputs[name] for name in inputs]
        self._active = active_entries(tape, self._inputs)
        self._moves = active_entries(tape, list(tape.inputs.values()))
        self._adjoints = sweep(tape, {output: 1.0}, self._active)
        self._received: dict[int, list[int]] = {}
        self._lines: list[Terms] = []
        self._needed = [False] * len(tape)
        self._tangents: dict[int, int] = {}
        self._sums: list[Terms] = []

    def go_backward(self) -> None:
        """Write how the adjoints move, and note which tangents that needs."""
        tape, active, moves, needed = self._tape, self._active, self._moves, self._needed
        operations, operands, values = tape.operations, tape.operands, tape.values
        for entry in range(self._output, -1, -1):
            g, sources = self._adjoints[entry], operands[entry]
            if g is not None and active[entry] and sources:
                seed = self._settled(entry)
                receives = tuple([active[source] for source in sources])
                rule = linear_pullback(
                    operations[entry], receives, tuple([moves[source] for source in sources]), seed is not None
                )
                if rule.lines or seed is not None:
                    numbers = rule.numbers(g, values[entry], *[values[source] for source in sources])
                    row = [seed, -1 - entry, *[-1 - source for source in sources]]
                    for read in rule.reads:
                        needed[-1 - row[read]] = True  # type: ignore[operator]
                    self._write(rule, numbers, row, self._lines)
                    targets = [source for source, wanted in zip(sources, receives, strict=True) if wanted]
                    for target, result in zip(targets, rule.results, strict=True):
                        if result is not None:
                            self._received.setdefault(target, []).append(row[result])  # type: ignore[arg-type]
            if needed[entry]:
                for source in sources:
                    needed[source] = True

    def _settled(self, entry: int) -> int | None:
        """The source of how the adjoint of an entry moves; None where it does not."""
        received = self._received.get(entry)
        if received is None:
            return None
        if len(received) > 1:
            received[:] = [self._line(tuple([term for source in received for term in self._term(source)]))]
        return received[0]

    def _term(self, source: int) -> Terms:
        """What a source adds to a sum: itself, or its only term, which saves a step."""
        return self._lines[source] if source >= 0 and len(self._lines[source]) == 1 else ((source, 1.0, 1.0),)

    def _line(self, terms: Terms) -> int:
        self._lines.append(terms)
        return len(self._lines) - 1

    @staticmethod
    def _write(rule: LinearRule, numbers: Sequence[float], row: list[int | None], lines: list[Terms]) -> None:
        """Write the lines of a rule, and put their places into the row of sources. Raises ArithmeticError."""
        if not all(map(isfinite, numbers)):
            raise ArithmeticError
        pairs = iter(numbers)
        for sources in rule.lines:
            row.append(len(lines))
            lines.append(tuple([(row[source], next(pairs), next(pairs)) for source in sources]))  # type: ignore[misc]

    def go_forward(self) -> None:
        """Write the tangents that are needed."""
        tape, moves = self._tape, self._moves
        for place, entry in enumerate(tape.inputs.values()):
            self._tangents[entry] = place
        given = len(tape.inputs)
        for entry, needed in enumerate(self._needed):
            if not needed or not moves[entry] or entry in self._tangents:
                continue
            sources = tape.operands[entry]
            rule = linear_pushforward(tape.operations[entry], tuple([moves[source] for source in sources]))
            numbers = rule.numbers(None, tape.values[entry], *tape.operand_values(entry))
            row: list[int | None] = [None, None, *[self._tangents.get(source) for source in sources]]
            lines: list[Terms] = []
            self._write(rule, numbers, row, lines)
            for terms in lines:
                self._sums.append(terms)
            result = rule.results[0]
            assert result is not None
            self._tangents[entry] = given + len(self._sums) - 1 if lines else row[result]  # type: ignore[assignment]

    def steps(self) -> Steps:
        """The steps that the results are made of."""
        results = [self._settled(entry) for entry in self._inputs]
        used = [False] * len(self._lines)
        for source in results:
            if source is not None and source >= 0:
                used[source] = True
        for line in range(len(self._lines) - 1, -1, -1):
            if used[line]:
                for source, _, _ in self._lines[line]:
                    if source >= 0:
                        used[source] = True
        given, sums = len(self._tape.inputs), self._sums
        places: dict[int, int] = {}
        for line, terms in enumerate(self._lines):
            if used[line]:
                placed = [(self._place(source, places), factor, divisor) for source, factor, divisor in terms]
                sums.append(tuple(placed))
                places[line] = given + len(sums) - 1
        return Steps(given, sums, [None if source is None else self._place(source, places) for source in results])

    def _place(self, source: int, places: Mapping[int, int]) -> int:
        return places[source] if source >= 0 else self._tangents[-1 - source]

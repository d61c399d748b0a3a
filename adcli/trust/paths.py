"""The chain rule as a sum over paths: how many there are from an input to an output, and how large they are.

A path goes from an entry to one that it is an operand of, and so on up to the output. Its product is that of the
partials on the way; the products of all paths sum to the derivative. There may be more paths than atoms: they are
counted without being walked, and `path_search.py` finds the largest without the others.

On a tape with arrays a path is a way through entries, however many elements those have. Its product is what the chain
of their Jacobians gives to one component of the input.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

from adcli.records import NamedTuple
from adcli.rules.dispatch import zero_like
from adcli.rules.primitive import ArrayPrimitive
from adcli.tape import reach
from adcli.tape.carriers import magnitudes
from adcli.tape.components import is_nonzero, unit_at
from adcli.tape.describe import is_part
from adcli.tape.ieee import quiet
from adcli.tape.local import contribution, tangent_term
from adcli.tape.reach import active_entries, varied_operands
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import Sparse, pass_back
from adcli.trust.component import Index

Edge: TypeAlias = tuple[int, int]  # an entry, and the position of the operand that a path comes from


class PathStep(NamedTuple):
    """One step of a path, from an operand to the entry that was computed from it.

    Attributes:
        entry: where the step leads
        position: which of the entry's operands it comes from
        partial: of the entry by that operand; None between arrays
        size: the logarithm of its absolute value, so that products neither under- nor overflow; inf where not finite
    """

    entry: int
    position: int
    partial: float | None
    size: float

    @property
    def edge(self) -> Edge:
        """Which step it is, whatever its partial."""
        return self.entry, self.position


class Path(NamedTuple):
    """One path.

    Attributes:
        source: the entry that it starts from
        steps: from there to the output
        product: of the partials on the way, no part of which under- or overflows
        size: the logarithm of the product's absolute value, also where no float holds the product
    """

    source: int
    steps: tuple[PathStep, ...]
    product: float
    size: float

    @property
    def entries(self) -> tuple[int, ...]:
        """The entries on the path, both ends included."""
        return (self.source, *(step.entry for step in self.steps))

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges on the path."""
        return tuple(step.edge for step in self.steps)


class Paths:
    """The paths to one entry of a tape: one walk over the tape serves all that they may start from.

    A step that never carries anything, as through `floor` or from a subscript, is no part of a path. One whose partial
    happens to be 0 is, and the paths through it have the product 0.

    Attributes:
        tape, target: the tape, and the output's entry
        active: for each entry whether a path may go through it
        best: for each entry the size of the largest product from there to the output
        between_numbers: whether all steps are between numbers, but for those from a source
    """

    def __init__(self, tape: Tape, target: int, sources: Sequence[int]) -> None:
        """Take the output's entry, a number, and the entries that paths may start from."""
        self.tape = tape
        self.target = target
        self.active = active_entries(tape, list(sources))
        self._sources = set(sources)
        self._uses: dict[int, list[PathStep]] = defaultdict(list)
        self._counts = Sparse({target: 1})
        self.best = [-math.inf] * (target + 1)
        self.best[target] = 0.0
        self._sums = [0.0] * (target + 1)  # for each entry that of the absolute products from there, but through arrays
        self._sums[target] = 1.0
        self.between_numbers = True
        with quiet(tape):
            self._collect()

    def _collect(self) -> None:
        """Walk back from the output: note each step, how many paths go on behind it, and the largest of them."""
        self._kept = self._kept_counts()
        pass_back(self._counts, range(self.target, -1, -1), self)

    def terms(self, entry: int, count: int) -> Iterator[tuple[int, int]]:
        """Each operand with the number of paths that go on through an entry; the steps there are noted."""
        best, sums = self.best, self._sums
        onward, sum_onward = best[entry], sums[entry]
        for source, step in _steps_to(self.tape, entry, self.active):
            yield source, count
            steps = self._uses[source]
            steps.append(step)
            size = joined(step.size, onward)
            if size > best[source]:
                best[source] = size
                steps[0], steps[-1] = step, steps[0]  # the best step stands first
            if step.partial is not None:
                sums[source] += abs(step.partial) * sum_onward
            elif source not in self._sources:
                self.between_numbers = False
        if entry not in self._kept:  # counts may have as many digits as the tape has entries
            del self._counts[entry]

    def add(self, target: int, before: int | None, count: int) -> int:
        """The number of paths that go on from an entry; a sum with 0 would be a copy."""
        return count if before is None else before + count

    def _kept_counts(self) -> set[int]:
        """The entries whose counts are asked for later: the sources, and what components of them go to first."""
        arrays = {source for source in self._sources if type(self.tape.values[source]) is not float}
        if not arrays:
            return self._sources
        operands = self.tape.operands
        return self._sources.union(e for e in range(self.target + 1) if not arrays.isdisjoint(operands[e]))

    def steps_from(self, source: int, index: Index = ()) -> list[PathStep]:
        """The steps out of an entry; of a number that which goes on to the largest product comes first.

        A component of an array has no steps to parts of the array that it is not in.
        """
        steps = self._uses.get(source, [])
        if not index:
            return steps
        tape, unit = self.tape, unit_at(self.tape.values[source], index)
        own: list[PathStep] = []
        with quiet(tape):
            for step in steps:
                term = carried_along(tape, step, unit)
                if is_part(tape.operations[step.entry]) and not is_nonzero(term):
                    continue
                slope = term if type(term) is float else None
                own.append(step._replace(partial=slope, size=size_of(slope)))
        return own

    def count(self, source: int, index: Index = ()) -> int:
        """How many paths there are from a source, or from a component of it."""
        if not index:
            return int(self._counts.get(source, 0))
        return sum(self._counts[step.entry] for step in self.steps_from(source, index))

    def size(self, source: int, index: Index = ()) -> float:
        """The logarithm of the largest product, of steps between numbers; -inf where all are 0, or there is no path."""
        if not index:
            return self.best[source] if source <= self.target else -math.inf
        steps = self.steps_from(source, index)
        return max((joined(step.size, self.best[step.entry]) for step in steps), default=-math.inf)

    def total(self, source: int, index: Index = ()) -> float:
        """The sum of the absolute products of all paths; through arrays at least that."""
        if self.tape.arrays:
            value = self.uncancelled[source]
            return 0.0 if value is None else float(value[index] if index else value)
        return self._sums[source] if source <= self.target else 0.0

    @cached_property
    def uncancelled(self) -> list[Value]:
        """The adjoint of each entry if nothing cancelled."""
        return magnitudes(self.tape, {self.target: 1.0}, self.active)


def _steps_to(tape: Tape, entry: int, active: Sequence[bool]) -> Iterator[tuple[int, PathStep]]:
    """The steps to an entry, each with the operand that it comes from."""
    operands, values = tape.operands[entry], tape.values
    for position in carrying_operands(tape, entry):
        source = operands[position]
        if active[source]:
            slope = None
            if type(values[entry]) is float and type(values[source]) is float:
                slope = contribution(tape, entry, position, 1.0)
            yield source, PathStep(entry, position, slope, size_of(slope))


def carrying_operands(tape: Tape, entry: int) -> list[int]:
    """The positions of the operands along which an entry has a slope that is not 0 everywhere."""
    operation, count = tape.operations[entry], len(tape.operands[entry])
    if isinstance(operation, ArrayPrimitive):
        return list(varied_operands(tape, entry))
    return [position for position, formula in enumerate(operation.formulas(count)) if formula != "0"]


def dependents(tape: Tape, source: int, index: Index = ()) -> set[int]:
    """The entries that are computed from an entry, or from a component of it, in any way; and it."""
    if not index:
        return reach.dependents(tape, source, len(tape) - 1)
    computed, unit = {source}, unit_at(tape.values[source], index)
    for entry in range(source + 1, len(tape)):
        operands = tape.operands[entry]
        if not computed.isdisjoint(operands):
            only_part = is_part(tape.operations[entry]) and computed.intersection(operands) == {source} == {operands[0]}
            if not only_part or is_nonzero(carried_along(tape, PathStep(entry, 0, None, 0.0), unit)):
                computed.add(entry)
    return computed


def carried_along(tape: Tape, step: PathStep, tangent: Value) -> Value:
    """What a tangent becomes along a step."""
    term = tangent_term(tape, step.entry, step.position, tangent)
    return zero_like(tape.values[step.entry]) if term is None else term


def size_of(number: float | None) -> float:
    """The logarithm of an absolute value; inf for what is not finite, and for what is no number."""
    if not number:
        return math.inf if number is None else -math.inf
    return math.log(abs(number)) if math.isfinite(number) else math.inf


def joined(first: float, second: float) -> float:
    """The size of a product of two factors. What is not finite stays so, also times 0."""
    size = first + second
    return math.inf if size != size else size


def scaled_product(factors: Iterable[float]) -> tuple[float, float]:
    """A product, and the logarithm of its absolute value: no part of it under- or overflows."""
    mantissa, exponent = 1.0, 0
    for factor in factors:
        if not math.isfinite(factor) or not math.isfinite(mantissa):
            mantissa *= factor  # as arithmetic has it: 0 * inf is NaN
            continue
        mantissa, shift = math.frexp(mantissa * math.frexp(factor)[0])
        exponent += shift + math.frexp(factor)[1]
    if not mantissa or not math.isfinite(mantissa):
        return mantissa + 0.0, size_of(mantissa)  # 0 and not -0
    size = math.log(abs(mantissa)) + exponent * math.log(2)
    try:
        return math.ldexp(mantissa, exponent), size
    except OverflowError:
        return math.copysign(math.inf, mantissa), size

"""The chain rule as a sum over paths: how many there are from an input to an output, and the largest of them.

A path goes from an entry to one that it is an operand of, and so on up to the output. Its product is that of the
partials on the way; the products of all paths sum to the derivative. There may be more paths than atoms: they are
counted without being walked, and the largest are found without the others.

On a tape with arrays a path is a way through entries, however many elements those have. Its product is what the chain
of their Jacobians gives to one component of the input.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

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

MOST_PATHS = 2000  # through arrays that are walked to find the largest
_MOST_STEPS = 50_000  # of those walks together

Index: TypeAlias = tuple[int, ...]  # the subscripts of a component; none of a number


class Step(NamedTuple):
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


class Path(NamedTuple):
    """One path.

    Attributes:
        source: the entry that it starts from
        steps: from there to the output
        product: of the partials on the way, no part of which under- or overflows
        size: the logarithm of the product's absolute value, also where no float holds the product
    """

    source: int
    steps: tuple[Step, ...]
    product: float
    size: float

    @property
    def entries(self) -> tuple[int, ...]:
        """The entries on the path, both ends included."""
        return (self.source, *(step.entry for step in self.steps))


class Largest(NamedTuple):
    """The largest paths, and whether they are known to be that: not where too many go through arrays."""

    paths: tuple[Path, ...]
    exact: bool


class Paths:
    """The paths to one entry of a tape: one walk over the tape serves all that they may start from.

    A step that never carries anything, as through `floor` or from a subscript, is no part of a path. One whose partial
    happens to be 0 is, and the paths through it have the product 0.
    """

    def __init__(self, tape: Tape, target: int, sources: Sequence[int]) -> None:
        """Take the output's entry, a number, and the entries that paths may start from."""
        self.tape = tape
        self.target = target
        self.active = active_entries(tape, list(sources))
        self._sources = set(sources)
        self._uses: dict[int, list[Step]] = defaultdict(list)
        self._counts = Sparse({target: 1})
        self._best = [-math.inf] * (target + 1)  # the size of the largest product from each entry on
        self._best[target] = 0.0
        self._sums = [0.0] * (target + 1)  # of the absolute products from each entry on, but through arrays
        self._sums[target] = 1.0
        self._numbers = True  # whether all steps are between numbers, but for those from a source
        with quiet(tape):
            self._collect()

    def _collect(self) -> None:
        """Walk back from the output: note each step, how many paths go on behind it, and the largest of them."""
        self._kept = self._kept_counts()
        pass_back(self._counts, range(self.target, -1, -1), self)

    def terms(self, entry: int, count: int) -> Iterator[tuple[int, int]]:
        """Each operand with the number of paths that go on through an entry; the steps there are noted."""
        best, sums = self._best, self._sums
        onward, sum_onward = best[entry], sums[entry]
        for source, step in _steps_to(self.tape, entry, self.active):
            yield source, count
            steps = self._uses[source]
            steps.append(step)
            size = _joined(step.size, onward)
            if size > best[source]:
                best[source] = size
                steps[0], steps[-1] = step, steps[0]  # the best step stands first
            if step.partial is not None:
                sums[source] += abs(step.partial) * sum_onward
            elif source not in self._sources:
                self._numbers = False
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

    def steps_from(self, source: int, index: Index = ()) -> list[Step]:
        """The steps out of an entry, or out of a component of it: parts that the component is not in are none."""
        steps = self._uses.get(source, [])
        if not index:
            return steps
        tape, unit = self.tape, unit_at(self.tape.values[source], index)
        found: list[Step] = []
        with quiet(tape):
            for step in steps:
                term = _carried(tape, step, unit)
                if is_part(tape.operations[step.entry]) and not is_nonzero(term):
                    continue
                slope = term if type(term) is float else None
                found.append(step._replace(partial=slope, size=_size(slope)))
        return found

    def count(self, source: int, index: Index = ()) -> int:
        """How many paths there are from a source, or from a component of it."""
        if not index:
            return int(self._counts.get(source, 0))
        return sum(self._counts[step.entry] for step in self.steps_from(source, index))

    def size(self, source: int, index: Index = ()) -> float:
        """The logarithm of the largest product, of steps between numbers; -inf where all are 0, or there is no path."""
        if not index:
            return self._best[source] if source <= self.target else -math.inf
        steps = self.steps_from(source, index)
        return max((_joined(step.size, self._best[step.entry]) for step in steps), default=-math.inf)

    def total(self, source: int, index: Index = ()) -> float:
        """The sum of the absolute products of all paths; through arrays at least that."""
        if self.tape.arrays:
            value = self._magnitudes[source]
            return 0.0 if value is None else float(value[index] if index else value)
        return self._sums[source] if source <= self.target else 0.0

    def largest(self, source: int, limit: int, index: Index = ()) -> Largest:
        """The paths from a source with the largest products, the largest first."""
        if self._between_numbers(source, index):
            return Largest(_sorted(self._of_numbers(source, index, limit)), True)
        found, complete = self._through_arrays(source, index)
        return Largest(_sorted(found)[:limit], complete)

    def all(self, source: int, index: Index = ()) -> Iterator[Path]:
        """All paths from a source, the largest first. There may be many: between numbers each is found when it is asked
        for, through arrays at most `MOST_PATHS` are."""
        if self._between_numbers(source, index):
            return self._of_numbers(source, index, None)
        return iter(_sorted(self._through_arrays(source, index)[0]))

    def _between_numbers(self, source: int, index: Index) -> bool:
        return self._numbers and all(step.partial is not None for step in self.steps_from(source, index))

    def _of_numbers(self, source: int, index: Index, limit: int | None) -> Iterator[Path]:
        """The paths in falling order.

        Each step knows the largest product that goes on from it. A path takes the best one everywhere, and what it
        passes by are candidates for the next paths.
        """
        if source == self.target:
            yield Path(source, (), 1.0, 0.0)
            return
        candidates = _Candidates(limit)
        for step in self.steps_from(source, index):
            candidates.add(_joined(step.size, self._best[step.entry]), (None, step), step.size)
        while candidates:
            trail, size = candidates.pop()
            while trail[1].entry != self.target:
                steps = self._uses[trail[1].entry]
                for step in islice(steps, 1, None):
                    before = _joined(size, step.size)
                    candidates.add(_joined(before, self._best[step.entry]), (trail, step), before)
                trail = trail, steps[0]
                size = _joined(size, steps[0].size)
            yield _path_of_numbers(source, _steps(trail))

    def _through_arrays(self, source: int, index: Index) -> tuple[list[Path], bool]:
        """Paths through arrays, and whether these are all: else those that promised most.

        What goes on from an entry is guessed from the adjoint that it would have if nothing cancelled.
        """
        found: list[Path] = []
        walked = 0
        candidates = _Candidates(None)

        def promising(steps: Iterable[Step], carried: Value) -> list[tuple[float, Step, Value]]:
            terms = [(step, _carried(self.tape, step, carried)) for step in steps]
            sizes = [_size(_sum_of_sizes(term, self._magnitudes[step.entry])) for step, term in terms]
            return sorted(
                ((size, *term) for size, term in zip(sizes, terms, strict=True)), key=lambda one: one[0], reverse=True
            )

        with quiet(self.tape):
            for size, step, term in promising(self.steps_from(source, index), unit_at(self.tape.values[source], index)):
                candidates.add(size, (None, step), term)
            while candidates and len(found) < MOST_PATHS and walked < _MOST_STEPS:
                trail, carried = candidates.pop()
                while trail[1].entry != self.target:
                    (_, chosen, onward), *others = promising(self._uses[trail[1].entry], carried)
                    walked += 1 + len(others)
                    for size, step, term in others:
                        candidates.add(size, (trail, step), term)
                    trail, carried = (trail, chosen), onward
                found.append(Path(source, _steps(trail), float(carried), _size(float(carried))))
        return found, not candidates

    @cached_property
    def _magnitudes(self) -> list[Value]:
        """The adjoint of each entry if nothing cancelled."""
        return magnitudes(self.tape, {self.target: 1.0}, self.active)


# The steps of a path from the last one to the first: what is in front of it, and the step.
_Trail: TypeAlias = tuple[Any, Step]


class _Candidates:
    """Starts of paths, by the size of the product that each may come to; no more of them than paths are wanted."""

    def __init__(self, wanted: int | None) -> None:
        self._wanted = wanted
        self._sorted: list[tuple[float, int, _Trail, Any]] = []  # the best last; of equals the first
        self._added = 0

    def __bool__(self) -> bool:
        return bool(self._sorted)

    def add(self, size: float, trail: _Trail, carried: Any) -> None:
        """Add a start, with what it carries so far."""
        if self._wanted is not None and len(self._sorted) >= self._wanted:
            if not self._wanted or size <= self._sorted[0][0]:
                return
            del self._sorted[0]
        self._added += 1
        insort(self._sorted, (size, -self._added, trail, carried))

    def pop(self) -> tuple[_Trail, Any]:
        """The best, which is one path less that is wanted."""
        if self._wanted is not None:
            self._wanted -= 1
        return self._sorted.pop()[2:]


def count_paths(tape: Tape, source: int, target: int, index: Index = ()) -> int:
    """How many paths there are from one entry to another, which is a number; from a component, of an array."""
    return Paths(tape, target, [source]).count(source, index)


def paths(tape: Tape, source: int, target: int, limit: int | None = None, index: Index = ()) -> tuple[Path, ...]:
    """The largest paths from one entry to another, the largest first; without a limit, all of them."""
    found = Paths(tape, target, [source])
    return tuple(found.all(source, index)) if limit is None else found.largest(source, limit, index).paths


def _steps_to(tape: Tape, entry: int, active: Sequence[bool]) -> Iterator[tuple[int, Step]]:
    """The steps to an entry, each with the operand that it comes from."""
    operands, values = tape.operands[entry], tape.values
    for position in carrying_operands(tape, entry):
        source = operands[position]
        if active[source]:
            slope = None
            if type(values[entry]) is float and type(values[source]) is float:
                slope = contribution(tape, entry, position, 1.0)
            yield source, Step(entry, position, slope, _size(slope))


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
    found, unit = {source}, unit_at(tape.values[source], index)
    for entry in range(source + 1, len(tape)):
        operands = tape.operands[entry]
        if not found.isdisjoint(operands):
            only_part = is_part(tape.operations[entry]) and found.intersection(operands) == {source} == {operands[0]}
            if not only_part or is_nonzero(_carried(tape, Step(entry, 0, None, 0.0), unit)):
                found.add(entry)
    return found


def _carried(tape: Tape, step: Step, tangent: Value) -> Value:
    """What a tangent becomes along a step."""
    term = tangent_term(tape, step.entry, step.position, tangent)
    return zero_like(tape.values[step.entry]) if term is None else term


def _sum_of_sizes(carried: Value, weight: Value | None) -> float:
    if weight is None:
        return 0.0
    product = abs(carried * weight)
    return product if type(product) is float else float(product.sum())


def _size(number: float | None) -> float:
    """The logarithm of an absolute value; inf for what is not finite, and for what is no number."""
    if not number:
        return math.inf if number is None else -math.inf
    return math.log(abs(number)) if math.isfinite(number) else math.inf


def _joined(one: float, other: float) -> float:
    """The size of a product. What is not finite stays so, also times 0."""
    size = one + other
    return math.inf if size != size else size


def _steps(trail: _Trail | None) -> tuple[Step, ...]:
    steps: list[Step] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return tuple(reversed(steps))


def _path_of_numbers(source: int, steps: tuple[Step, ...]) -> Path:
    product, size = scaled_product([step.partial or 0.0 for step in steps])
    return Path(source, steps, product, size)


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
        return mantissa + 0.0, _size(mantissa)  # 0 and not -0
    size = math.log(abs(mantissa)) + exponent * math.log(2)
    try:
        return math.ldexp(mantissa, exponent), size
    except OverflowError:
        return math.copysign(math.inf, mantissa), size


def _sorted(found: Iterable[Path]) -> tuple[Path, ...]:
    """By their sizes, the largest first; of equals the first."""
    return tuple(sorted(found, key=lambda path: -path.size))

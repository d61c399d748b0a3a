"""Of which components of the inputs each component of each entry is made, by index sets.

An operation on arrays tells by its row which elements of its operands an element of its result has to do with; where it
does not, these are all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from math import prod
from typing import Any, TypeAlias

from adcli.rules.compile import array_function
from adcli.rules.dependence import carrying
from adcli.rules.dispatch import shape_of, zero_like
from adcli.rules.facts import LANES, MOVED, PRODUCT, Fact
from adcli.rules.primitive import ArrayPrimitive
from adcli.tape.reach import varied_operands
from adcli.tape.tape import Tape, Value

# The number of the index set of a value, or an array of these numbers, one for each element.
Numbers: TypeAlias = Any

_MOST = 2_000_000  # members of all index sets together
_MOST_PER_ENTRY = 100  # of the tape, and for each component


class TooLargeError(Exception):
    """Index sets grow beyond what a pattern may cost."""


def count(value: Value) -> int:
    """How many components a value has."""
    return 1 if type(value) is float else int(value.size)


class Sets:
    """Index sets, each of them once, by numbers; 0 is that of the empty one, n + 1 that with n alone."""

    def __init__(self, width: int, most: int) -> None:
        self.members: list[frozenset[int]] = [frozenset(), *(frozenset((index,)) for index in range(width))]
        self._numbers = {members: number for number, members in enumerate(self.members)}
        self._unions: dict[tuple[int, int], int] = {}
        self._left = min(most, _MOST)

    def number(self, members: frozenset[int]) -> int:
        """The number of a set; raises TooLargeError."""
        number = self._numbers.setdefault(members, len(self.members))
        if number == len(self.members):
            self.members.append(members)
            self.spend(len(members))
        return number

    def spend(self, work: int) -> None:
        """Note what something costs; raises TooLargeError."""
        self._left -= work
        if self._left < 0:
            raise TooLargeError

    def union(self, left: int, right: int) -> int:
        """The number of the union of two."""
        if left == right or not right:
            return left
        if not left:
            return right
        key = (left, right) if left < right else (right, left)
        number = self._unions.get(key)
        if number is None:
            number = self._unions[key] = self.number(self.members[left] | self.members[right])
        return number

    def union_of(self, numbers: Iterable[int]) -> int:
        """The number of the union of all."""
        return self.number(frozenset[int]().union(*[self.members[number] for number in set(numbers)]))


class Spread:
    """Of the components of entries the components of the inputs that they are computed from."""

    def __init__(self, tape: Tape, sources: Sequence[int]) -> None:
        self._tape = tape
        self._known: dict[int, Numbers] = {}
        self.width = sum(count(tape.values[entry]) for entry in sources)
        self.sets = Sets(self.width, _MOST_PER_ENTRY * (len(tape) + self.width))
        first = 1
        for entry in sources:
            value = tape.values[entry]
            if type(value) is float:
                self._known[entry] = first
            else:
                self._known[entry] = self._numpy.arange(first, first + value.size).reshape(value.shape)
            first += count(value)

    @cached_property
    def _numpy(self) -> Any:
        import numpy

        return numpy

    def over(self, entries: Iterable[int]) -> None:
        """Find out those of some entries, which come in order, all that they are computed from among them."""
        known, tape = self._known, self._tape
        operations, operands, values, union = tape.operations, tape.operands, tape.values, self.sets.union
        for entry in entries:
            sources = operands[entry]
            if not sources or entry in known:
                continue
            operation = operations[entry]
            if operation.elementwise:
                number: Numbers = 0
                for position in carrying(operation, len(sources)):
                    other = known.get(sources[position], 0)
                    number = (union if type(number) is type(other) is int else self._union)(number, other)
            else:
                number = self._of_arrays(entry)
            known[entry] = number if type(values[entry]) is float else self._shaped(number, values[entry].shape)

    def flat(self, entry: int) -> list[int]:
        """The numbers of the components of an entry, row by row."""
        numbers, value = self._known.get(entry, 0), self._tape.values[entry]
        return [numbers] if type(value) is float else self._shaped(numbers, value.shape).ravel().tolist()

    def _shaped(self, numbers: Numbers, shape: tuple[int, ...]) -> Numbers:
        """Numbers for each element of a shape, to which they may have to be repeated."""
        return numbers if shape_of(numbers) == shape else self._numpy.broadcast_to(numbers, shape)

    def _union(self, left: Numbers, right: Numbers) -> Numbers:
        """The numbers of the unions, element by element."""
        if left is right or (type(right) is int and not right):
            return left
        if type(left) is int and not left:
            return right
        shape, pairs, places = self._pairs(left, right)
        numbers = self._numpy.array([self.sets.union(*pair) for pair in pairs])
        return numbers[places].reshape(shape)

    def _pairs(self, left: Numbers, right: Numbers) -> tuple[tuple[int, ...], list[tuple[int, int]], Any]:
        """The shape of two arrays of numbers together, which pairs there are, and where which of them is."""
        left, right = self._numpy.broadcast_arrays(left, right)
        keys, places = self._numpy.unique(left.ravel() * len(self.sets.members) + right.ravel(), return_inverse=True)
        pairs = zip(*(part.tolist() for part in divmod(keys, len(self.sets.members))), strict=True)
        return left.shape, list(pairs), places

    def _of_arrays(self, entry: int) -> Numbers:
        """Those of an entry whose operation does not go element by element."""
        tape = self._tape
        operation, operands = tape.operations[entry], tape.operands[entry]
        assert isinstance(operation, ArrayPrimitive)
        varied = varied_operands(tape, entry)
        moving = {position: self._known[operands[position]] for position in varied if operands[position] in self._known}
        if not moving:
            return 0
        if operation.spread is MOVED:
            return self._moved(entry, operation.function, moving)
        if not isinstance(operation.spread, Fact):
            letters = operation.letters(len(operands))
            total: Numbers = 0
            for formula in operation.spread(tape.operand_shapes(entry)):
                total = self._union(total, self._moved(entry, array_function(formula, letters), moving))
            return total
        if operation.spread is LANES and operation.settings:
            return self._along_lanes(entry, operation.settings[0], moving)
        if operation.spread is PRODUCT:
            rows, columns = self._union_along(moving.get(0, 0), -1), self._union_along(moving.get(1, 0), 0)
            if len(shape_of(tape.values[entry])) == 2 and shape_of(rows):
                rows = rows[:, None]
            return self._union(rows, columns)
        return self.sets.union_of(self._all(moving.values()))

    def _moved(self, entry: int, function: Any, moving: dict[int, Numbers]) -> Numbers:
        """Where an operation moves the numbers to; those of nothing are 0."""
        tape, numpy = self._tape, self._numpy
        varied = varied_operands(tape, entry)
        arguments = []
        for position, value in enumerate(tape.operand_values(entry)):
            if position in moving:
                number = moving[position]
                arguments.append(float(number) if type(value) is float else numpy.asarray(number, float))
            else:
                arguments.append(zero_like(value) if position in varied else value)
        result = function(*arguments)
        return int(result) if type(result) is float else result.astype(int)

    def _along_lanes(self, entry: int, axis: int, moving: dict[int, Numbers]) -> Numbers:
        """Each lane along an axis has to do with itself, where all operands have the same shape."""
        tape, shape = self._tape, shape_of(self._tape.values[entry])
        lanes = self._lanes(entry, axis, moving)
        if lanes is None:
            return self.sets.union_of(self._all(moving.values()))
        total: Numbers = 0
        for position in moving:
            total = self._union(total, lanes[position])
        if len(shape) == len(tape.operand_shapes(entry)[0]):
            return self._numpy.broadcast_to(self._numpy.expand_dims(total, axis), shape)
        return total

    def _lanes(self, entry: int, axis: int, moving: dict[int, Numbers]) -> dict[int, Numbers] | None:
        """For each operand that moves the numbers of its lanes; None where not all have the same shape."""
        shapes = self._tape.operand_shapes(entry)
        if any(shape != shapes[0] or not shape for shape in shapes):
            return None
        return {position: self._union_along(number, axis) for position, number in moving.items()}

    def _union_along(self, numbers: Numbers, axis: int) -> Numbers:
        """The numbers of the unions along an axis; of numbers for all elements themselves."""
        if not shape_of(numbers):
            return numbers
        lanes = self._numpy.moveaxis(numbers, axis, -1)
        lines = lanes.reshape(prod(lanes.shape[:-1]), lanes.shape[-1])
        unions = [self.sets.union_of(lane) for lane in lines.tolist()]
        shaped = self._numpy.array(unions, int).reshape(lanes.shape[:-1])
        return shaped if shaped.shape else int(shaped)

    def _all(self, numbers: Iterable[Numbers]) -> list[int]:
        """All of some numbers as a list."""
        return [number for some in numbers for number in self._numpy.ravel(some).tolist()]

    def meeting(self, entry: int, pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """The numbers of what meets in an entry, if its operands at some pairs of positions do."""
        tape, operands = self._tape, self._tape.operands[entry]
        operation = tape.operations[entry]
        for left, right in pairs:
            numbers = [self._known.get(operands[position], 0) for position in (left, right)]
            if type(numbers[0]) is type(numbers[1]) is int:
                yield numbers[0], numbers[1]
            elif operation.elementwise:
                yield from self._pairs(*numbers)[1]
            else:
                yield from self._meeting_arrays(entry, (left, right), numbers)

    def _meeting_arrays(
        self, entry: int, positions: tuple[int, int], numbers: Sequence[Numbers]
    ) -> Iterator[tuple[int, int]]:
        operation = self._tape.operations[entry]
        assert isinstance(operation, ArrayPrimitive)
        if operation.spread is PRODUCT:  # the sum of the products of columns of the first and rows of the second
            columns, rows = numbers
            if len(shape_of(columns)) == 2:
                columns = self._union_along(columns, 0)
            if len(shape_of(rows)) == 2:
                rows = self._union_along(rows, 1)
            yield from self._pairs(columns, rows)[1]
            return
        if operation.spread is LANES and operation.settings:
            lanes = self._lanes(entry, operation.settings[0], dict(zip(positions, numbers, strict=True)))
            if lanes is not None:
                yield from self._pairs(*(lanes[position] for position in positions))[1]
                return
        yield self.sets.union_of(self._all(numbers[:1])), self.sets.union_of(self._all(numbers[1:]))

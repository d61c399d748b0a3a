"""A straight line as instructions of the engine: run at other points, swept, and both for columns of points.

The line is that of a tape, whose decisions are instructions as well: where one comes out otherwise the engine gives up,
and the interpreter says what is. Each entry has a slot for its number, and each component of an array of inputs has
one: all that a line does with such an array is to take numbers out of it.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import and_
from typing import TYPE_CHECKING, Any

from adcli.native.instructions import BLOCK, comparison_code
from adcli.native.threads import share_out
from adcli.rules.dispatch import shape_of
from adcli.rules.facts import Notation
from adcli.rules.implicit import is_root
from adcli.rules.primitive import Primitive
from adcli.rules.table import COPY
from adcli.tape.counting import with_exact_counts
from adcli.tape.reach import active_entries, entries_behind, varying_entries, varying_guards
from adcli.tape.tape import Guard, Tape

if TYPE_CHECKING:
    from adcli.native.engine import Engine

OK, ELSEWHERE, NOT_FINITE = 0, 1, 2  # the statuses of the engine


class LineRecord(ctypes.Structure):
    """`struct ad_line` of the engine."""

    _fields_ = [
        ("slots", ctypes.c_int64),
        ("run", ctypes.c_void_p), ("run_end", ctypes.c_void_p),
        ("sweep", ctypes.c_void_p), ("sweep_end", ctypes.c_void_p),
        ("inputs", ctypes.c_void_p), ("input_count", ctypes.c_int64),
        ("output", ctypes.c_int64),
        ("by", ctypes.c_void_p), ("by_count", ctypes.c_int64),
    ]  # fmt: skip


class NotOurs(Exception):  # noqa: N818 - it is no error: something else runs the line
    """The engine has no instruction for something in a line."""


class Line:
    """A straight line in the engine, with one sweep."""

    def __init__(self, plan: NativePlan, seeds: Sequence[int], inputs: Sequence[int]) -> None:
        """Take the plan, the entries that a sweep starts with, and those of inputs whose derivatives it gives.

        Raises NotOurs where the engine cannot sweep what lies between.
        """
        places = plan.components
        self._engine = plan.engine
        self._kept = [
            plan.run,
            array("i", chain.from_iterable(plan.sweep_code(seeds, inputs, plan.engine.adjoints))),
            array("i", [slot for slots in places.values() for slot in slots]),
            array("i", [slot for entry in inputs for slot in places[entry]]),
        ]
        (run, run_end), (sweep, sweep_end), (first, _), (by, _) = map(ends, self._kept)
        output = seeds[0] if seeds else 0
        self._line = LineRecord(
            plan.slots, run, run_end, sweep, sweep_end, first, len(self._kept[2]), output, by, len(self._kept[3])
        )
        self._pointer = ctypes.addressof(self._line)
        self._constants = plan.constants
        self._spare: list[_Room] = []

    def values(self, point: Sequence[float]) -> array[float] | None:
        """The numbers of all slots at a point; None where a decision comes out otherwise, or one is not finite."""
        given, values = array("d", point), self._constants[:]
        status = self._engine.functions.ad_values(self._pointer, start_of(given), start_of(values))
        return None if status else values

    def sweep(self, values: array[float], seeds: Mapping[int, float]) -> array[float] | None:
        """The derivatives by all components, in the order of inputs; None where the rules need more than formulas."""
        adjoints = array("d", (-0.0,)) * self._line.slots
        for slot, seed in seeds.items():
            adjoints[slot] = seed
        results = array("d", (0.0,)) * self._line.by_count
        status = self._engine.functions.ad_sweep(self._pointer, start_of(values), start_of(adjoints), start_of(results))
        return None if status else results

    def gradient(self, point: Sequence[float]) -> tuple[int, list[float]]:
        """The status, and the value of the first seed with its derivatives by all components."""
        room = self._spare.pop() if self._spare else _Room(self)
        room.inputs[:] = array("d", point)
        status = self._engine.functions.ad_gradient(self._pointer, *room.starts)
        found = room.results.tolist()
        self._spare.append(room)
        return status, found

    def columns(self, points: Any, results: Any) -> Any:
        """The statuses of points, the columns of a matrix; `results`, of values and derivatives, is filled in.

        Its rows are the value and each derivative. Many points are shared out among the processors.
        """
        import numpy as np

        points = np.ascontiguousarray(points)
        count = points.shape[1]
        statuses = np.empty(count, np.int8)

        def compute(start: int, end: int) -> None:
            values = np.empty((self._line.slots, BLOCK))
            values[:, 0] = self._constants
            adjoints = np.empty_like(values)
            where = [each.ctypes.data for each in (points, values, adjoints, results, statuses)]
            self._engine.columns(self._pointer, count, start, end, *where)

        share_out(compute, count)
        return statuses


class _Room:
    """Memory for one gradient at a time."""

    def __init__(self, line: Line) -> None:
        own = line._line
        self.inputs = array("d", (0.0,)) * own.input_count
        self.results = array("d", (0.0,)) * (1 + own.by_count)
        self._values = line._constants[:]
        self._adjoints = array("d", (0.0,)) * own.slots
        self.starts = [start_of(each) for each in (self.inputs, self._values, self._adjoints, self.results)]


def start_of(numbers: array[Any]) -> int:
    """Where numbers begin."""
    return numbers.buffer_info()[0]


def ends(numbers: array[Any]) -> tuple[int, int]:
    """Where numbers begin, and where they end."""
    start, count = numbers.buffer_info()
    return start, start + count * numbers.itemsize


class NativePlan:
    """What a program does at all points whose inputs have the shapes of one run and decide alike, in instructions.

    Attributes:
        engine: what runs it
        tape: the run, with what tells how often loops run
        slots: how many there are: one for each entry, then those of components
        components: of each input's entry the slots of its components, row by row
        run: the instructions
        constants: what is in the slots of what does not vary
    """

    def __init__(self, tape: Tape, engine: Engine, wanted: Iterable[int] | None = None) -> None:
        """Take a run with the values of all numbers, and the entries that are wanted, if not all are.

        Raises NotOurs where the engine cannot do what it did.
        """
        if tape.gaps:
            raise NotOurs
        self.engine = engine
        self.tape = tape = tape.copy()
        varying = varying_entries(tape, tape.inputs.values())
        guards = with_exact_counts(tape, varying_guards(tape, varying))
        if len(tape) > len(varying):  # what tells how often a loop runs has entries of its own
            varying = varying_entries(tape, tape.inputs.values())
        self._varying = self._computed = varying
        if wanted is not None:
            sides = (side for guard in guards for side in (guard.left, guard.right))
            self._computed = list(map(and_, self._varying, entries_behind(tape, [*wanted, *sides])))
        self.components, self.slots = _components(tape)
        self._parts: dict[int, int] = {}  # of each entry that is a component of an input the slot of this
        self.run = array("i", self._run_code(guards))
        numbers = [value if type(value) is float else 0.0 for value in tape.values]
        self.constants = array("d", numbers + [0.0] * (self.slots - len(numbers)))

    def _run_code(self, guards: Sequence[Guard]) -> Iterator[int]:
        tape, codes = self.tape, self.engine.values
        decisions = sorted(guards, key=lambda guard: -guard.position)
        for entry, operands in enumerate(tape.operands):
            while decisions and decisions[-1].position <= entry:
                yield from _decision(decisions.pop())
            if operands and self._computed[entry]:
                operation = tape.operations[entry]
                if type(tape.values[entry]) is not float:
                    raise NotOurs
                if not operation.elementwise:
                    self._parts[entry] = self._component(entry)
                    operation, operands = COPY, (self._parts[entry],)
                yield _known(codes, operation, operands)
                yield entry
                yield from operands
        for guard in reversed(decisions):
            yield from _decision(guard)

    def _component(self, entry: int) -> int:
        """The slot of the component of an input that an entry is."""
        from adcli.tape.compiled_lines import constant_index  # which programs of numbers do not need

        tape = self.tape
        target = tape.operands[entry][0]
        is_part = tape.operations[entry].notation is Notation.PART and target in self.components
        index = constant_index(tape, entry, self._varying) if is_part else None
        if index is None:
            raise NotOurs
        place = 0
        for part, size in zip(index, shape_of(tape.values[target]), strict=True):
            if isinstance(part, slice):
                raise NotOurs
            place = place * size + part % size
        return self.components[target][place]

    def sweep_code(
        self, seeds: Sequence[int], inputs: Sequence[int], codes: Mapping[tuple[str, int], int]
    ) -> Iterator[tuple[int, ...]]:
        """The instructions of a sweep from some entries, whose numbers they start with, to some inputs.

        `codes` has the first instruction of each operation. An operand is the complement of its slot where the sweep
        comes to this for the first time, and finds nothing.
        """
        tape = self.tape
        found = {*seeds, *(slot for entry in inputs for slot in self.components[entry])}  # slots with numbers
        active = active_entries(tape, inputs)
        reached = bytearray(len(tape))
        for seed in seeds:
            reached[seed] = True
        for entry in range(max(seeds, default=-1), -1, -1):
            operands = tape.operands[entry]
            if not (reached[entry] and active[entry] and operands):
                continue
            operation, pattern = tape.operations[entry], 0
            if operation.elementwise:
                for place, operand in enumerate(operands):
                    if active[operand]:
                        pattern |= 1 << place
                        reached[operand] = True
            else:
                operation, operands, pattern = COPY, (self._parts[entry],), 1
            yield _known(codes, operation, operands) + pattern - 1, entry, *_marked(operands, pattern, found)


def _known(codes: Mapping[tuple[str, int], int], operation: Primitive, operands: Sequence[int]) -> int:
    code = codes.get((operation.name, len(operands)))
    if code is None or is_root(operation):  # which a program names
        raise NotOurs
    return code


def _marked(operands: Sequence[int], pattern: int, found: set[int]) -> Iterator[int]:
    """The operands, of which those that are active and not found yet are complements; they are found then."""
    for place, operand in enumerate(operands):
        is_first = pattern >> place & 1 and operand not in found
        yield ~operand if is_first else operand
        if is_first:
            found.add(operand)


def _decision(guard: Guard) -> Iterator[int]:
    yield -1 - comparison_code(guard.comparison, guard.holds)
    yield guard.left
    yield guard.right


def _components(tape: Tape) -> tuple[dict[int, Sequence[int]], int]:
    """The slots of the components of each input's entry, and how many slots there are with these."""
    count = len(tape)
    found: dict[int, Sequence[int]] = {}
    for entry in tape.inputs.values():
        found[entry] = (entry,)
        if shape_of(tape.values[entry]):
            size = tape.values[entry].size
            found[entry], count = range(count, count + size), count + size
    return found, count

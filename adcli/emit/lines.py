"""A tape as named lines that know no language: what no result needs left out, what is used once put where it is used.

Each language spells the lines in its own way: `ad.py`, `python.py` and the others beside it. An expression is a tree of
the language of programs, whose functions are the rows of the table: what a row is called elsewhere, the row tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from math import prod
from typing import NamedTuple, TypeAlias

from adcli.emit.loops import Carried, Counted, Fixed, Listed, Local, Loop, Loops, Read, Step, Stored
from adcli.rules.arrays import CONCAT, RESHAPE, STACK
from adcli.rules.dispatch import shape_of
from adcli.rules.facts import Notation
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONDITIONS, CONSTANT, CONSTANTS, COPY, INPUT, SELECT
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.parse import parse_expression
from adcli.syntax.source import Source, Span
from adcli.tape.describe import function_text
from adcli.tape.equations import Trace
from adcli.tape.labels import label_node, labels
from adcli.tape.reach import entries_behind
from adcli.tape.roots import Root, root_of
from adcli.tape.tape import Guard, Tape, Value

NOWHERE = Span(0, 0)
_ROOM = 60  # characters of an expression that an entry without a name may have inside another one


class Origin(NamedTuple):
    """The line of the program that the next lines come from.

    Attributes:
        line: its number
        file: the file, if that is not the program's own
        text: what it says
    """

    line: int
    file: str
    text: str

    def __str__(self) -> str:
        """`line 3: a = x * y`, as comments have it."""
        return f"line {self.line}{f' of {self.file}' if self.file else ''}: {self.text}"


class Definition(NamedTuple):
    """A name for a value."""

    name: str
    value: nodes.Expression


class Update(NamedTuple):
    """A name for an array that is another one but for an element or a part.

    Attributes:
        name: of the new one
        array: the other one
        function: the pattern of the subscripts, as `[.]=`
        operands: what is put there, and the subscripts
    """

    name: str
    array: nodes.Expression
    function: str
    operands: tuple[nodes.Expression, ...]


class Requirement(NamedTuple):
    """A comparison that has to come out as it did: what ran is what is meant only there.

    Attributes:
        comparison: of two values
        holds: how it has to come out
        span: where it stands in the source
    """

    comparison: nodes.Apply
    holds: bool
    span: Span


@dataclass(frozen=True, eq=False)
class Solved:
    """The equations of a `solve` statement, and where lines solve them.

    Attributes:
        root: what finds the root
        given: the values of all operands of each root, the starts first
        wanted: what becomes lines with them
    """

    root: Root
    given: Sequence[Sequence[Value]]
    wanted: Wanted


class RootLine(NamedTuple):
    """A root: a name for the unknown at which a function of it is 0.

    Attributes:
        name: of the root
        function: what the function is called
        parameters: of the function: the unknown first
        body: its lines
        off_by: what it gives: by how much the two sides of the equations differ
        start: where the search begins
        arguments: of the function, behind the unknown
        solved: the equations, which other lines may solve as well, for languages that have to search themselves
        given: the values of all operands, the starts first
        operands: all that the equations may read
    """

    name: str
    function: str
    parameters: tuple[str, ...]
    body: tuple[Line, ...]
    off_by: nodes.Expression
    start: nodes.Expression
    arguments: tuple[nodes.Expression, ...]
    solved: Solved
    given: Sequence[Value]
    operands: tuple[nodes.Expression, ...]


class Carry(NamedTuple):
    """A value that each pass of a loop hands to the next.

    Attributes:
        name: what a pass calls what it is handed
        initial: what the first pass is handed
        following: what a pass calls what it hands on
    """

    name: str
    initial: nodes.Expression
    following: str


class History(NamedTuple):
    """The values of all passes of a loop, in a row.

    Attributes:
        name: of the row
        size: how many they are
        initial: the value from before the loop, which is the first; None for none
        following: what a pass calls the value that is the next
        shape: of each
    """

    name: str
    size: int
    initial: nodes.Expression | None
    following: str
    shape: tuple[int, ...]


class Repeat(NamedTuple):
    """Lines that are done again and again.

    Attributes:
        counter: what counts the passes, from 0
        passes: how many there are
        tables: numbers, one for each pass, by the name of the row
        carries: what a pass hands to the next
        histories: what is kept of all passes
        leaves: the names whose values of the last pass are read behind the loop
        body: the lines of a pass
    """

    counter: str
    passes: int
    tables: tuple[tuple[str, tuple[float, ...]], ...]
    carries: tuple[Carry, ...]
    histories: tuple[History, ...]
    leaves: tuple[str, ...]
    body: tuple[Line, ...]


# Besides the functions of the language lines apply these: an element of a row of a loop, at the place `first`, or at
# `first + stride * counter`; and the number `first + step * counter`: counter, first and step are the operands.
AT, COUNT = "_at", "_count"

Line: TypeAlias = Origin | Definition | Update | Requirement | RootLine | Repeat


@dataclass(frozen=True)
class Wanted:
    """What is to become lines.

    Attributes:
        tape: what ran, with what was recorded behind it
        results: the entries that are asked for, by what they are called
        names: what some other entries are called; the others have their labels
        guards: those that are checked where the lines run
        inner: the entries that stand in a part of their own, behind the others
        nests: whether an entry may stand inside another expression, by its value
        repeats: whether entries with such a value may stand in a loop; None where there are no loops
        most_kept: how many numbers a row of a loop may be, all of its versions together; with more there are no loops
        alike: other tapes whose first entries do the same as those of this one
        outer: the inputs of what these lines stand in, which may be called like constants
    """

    tape: Tape
    results: Mapping[str, int]
    names: Mapping[int, str] = field(default_factory=dict)
    guards: Sequence[Guard] = ()
    inner: Container[int] = ()
    nests: Callable[[Value], bool] = lambda value: True
    repeats: Callable[[Value], bool] | None = None
    most_kept: int | None = None
    alike: Sequence[Tape] = ()
    outer: frozenset[str] = frozenset()

    @property
    def inputs(self) -> frozenset[str]:
        """The names of all inputs: those of the tape, and of what the lines stand in."""
        return self.outer.union(self.tape.inputs)


class Lines(NamedTuple):
    """Lines, and what stands in them.

    Attributes:
        outer: the lines
        inner: those of the entries that stand behind the others
        results: what is asked for, by its name
        shapes: of what has a name
    """

    outer: tuple[Line, ...]
    inner: tuple[Line, ...]
    results: Mapping[str, nodes.Expression]
    shapes: Mapping[str, tuple[int, ...]]


def lines_of(wanted: Wanted) -> Lines:
    """The lines that compute what is wanted by the operations of the tape, and require the guards."""
    lines, most = _lines(wanted), wanted.most_kept
    if most is None:
        return lines
    kept = [_versions(line) for line in (*lines.outer, *lines.inner) if isinstance(line, Repeat)]
    return lines if max(kept, default=0) <= most else _lines(replace(wanted, repeats=None))


def _lines(wanted: Wanted) -> Lines:
    writer = _Writer(wanted)
    outer, inner = writer.lines()
    results = {name: writer.value(entry) for name, entry in wanted.results.items()}
    return Lines(outer, inner, results, writer.shapes)


def _versions(line: Repeat) -> int:
    """How many numbers the largest row of a loop is, if each pass makes another one with its value in it."""
    return max((line.passes * history.size * prod(history.shape) for history in line.histories), default=0)


class _Writer:
    """Entries become lines, or parts of the one line that uses them."""

    def __init__(self, wanted: Wanted, functions: set[str] | None = None) -> None:
        """Take what is wanted; of what becomes the body of a function, also the names that functions have."""
        self._wanted = wanted
        self._tape = tape = wanted.tape
        self._inputs = wanted.inputs
        checked = chain.from_iterable((guard.left, guard.right) for guard in wanted.guards)
        ends = [*wanted.results.values(), *checked]
        self._needed = entries_behind(tape, ends)
        self._operands, self._twins = _without_twins(tape, self._needed, wanted)
        self._uses = _uses(self._operands, self._needed, ends)
        if wanted.inner:
            self._count_what_crosses()
        self._expressions: dict[int, nodes.Expression] = {}
        self._names = _unique_names(wanted, self._needed)
        self._taken = {*self._names.values(), *wanted.results, *tape.inputs, *CONSTANTS}
        self._rows: dict[tuple[int, int], str] = {}  # the names of the histories of loops
        self._functions = set(self._names.values()) if functions is None else functions
        self._place: tuple[str, int] | None = None  # file and line of the last origin
        self._solved: dict[tuple[Primitive, tuple[tuple[int, ...], ...]], Solved] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}

    def _count_what_crosses(self) -> None:
        """What the inner lines use of the outer ones has a name: it is computed once."""
        inner = self._wanted.inner
        for entry, operands in enumerate(self._operands):
            if self._needed[entry] and entry in inner:
                for operand in operands:
                    if operand not in inner:
                        self._uses[operand] += 1

    def lines(self) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
        """The lines, in the order of the tape, behind the lines of the source that they come from; the inner ones."""
        outer, inner = self._units()
        units = [*outer, *inner]
        repeats = self._wanted.repeats
        steps = [] if repeats is None else [self._step(unit, repeats) for unit in units]
        self._loops = Loops(steps, self._number, min(len(outer), len(steps)))
        self._kept = self._kept_of_loops(steps)
        beginning = self._loops.beginning()
        parts: tuple[list[Line], list[Line]] = ([], [])
        place = 0
        while place < len(units):
            part = parts[place >= len(outer)]
            if place in beginning:
                loop = self._loops.loops[beginning[place]]
                part += self._repeated(
                    beginning[place],
                    loop,
                    units[place : place + loop.period],
                    [step.entry for step in steps[place : place + loop.period]],
                    [step.entry for step in steps[loop.end - loop.period : loop.end]],
                )
                place = loop.end
                continue
            unit = units[place]
            part += self._required(unit) if isinstance(unit, Guard) else self._entry(unit)
            place += 1
        return tuple(parts[0]), tuple(parts[1])

    def _units(self) -> tuple[list[int | Guard], list[int | Guard]]:
        """What becomes lines, or parts of them, in the order of the tape: entries with operands, and decisions."""
        tape, inner = self._tape, self._wanted.inner
        parts: tuple[list[int | Guard], list[int | Guard]] = ([], [])
        guards = sorted(self._wanted.guards, key=lambda guard: guard.position)[::-1]

        def decide(guard: Guard) -> None:
            parts[guard.left in inner or guard.right in inner].append(guard)

        for entry in range(len(tape)):
            while guards and guards[-1].position <= entry:
                decide(guards.pop())
            if self._needed[entry] and not _is_leaf(tape.operations[entry]):
                parts[entry in inner].append(entry)
        for guard in reversed(guards):
            decide(guard)
        return parts

    def _entry(self, entry: int) -> Iterator[Line]:
        """The lines of an entry."""
        yield from self._computed(entry, [self.value(operand) for operand in self._operands[entry]], None)

    def _computed(self, entry: int, operands: list[nodes.Expression], inside: bool | None) -> Iterator[Line]:
        """The lines of an entry that is computed of some expressions; `inside` where it is known whether it is one."""
        tape = self._tape
        operation = tape.operations[entry]
        root = root_of(tape, entry)
        if root is not None:
            yield from self._root(entry, *root, operands)
            return
        if operation.notation is Notation.UPDATE:
            array, *rest = operands
            self._expressions[entry] = name = self._named(entry)
            yield from self._origin(tape.spans[entry])
            yield Update(name.name, array, operation.name, tuple(rest))
            return
        tree = operands[0] if operation is COPY else _applied(operation, operands)
        if operation.notation is Notation.CONDITION:  # which has no value in the language: it stands in a `where`
            self._expressions[entry] = tree
            return
        if self._stands_inside(entry, tree) if inside is None else inside:
            self._expressions[entry] = tree
            return
        self._expressions[entry] = name = self._named(entry)
        yield from self._origin(tape.spans[entry])
        yield Definition(name.name, tree)

    # Loops

    def _step(self, unit: int | Guard, may_repeat: Callable[[Value], bool]) -> Step:
        """What loops are found by."""
        if isinstance(unit, Guard):
            sides = (self._twins.get(unit.left, unit.left), self._twins.get(unit.right, unit.right))
            repeats = all(may_repeat(self._tape.values[side]) for side in sides)
            return Step(None, (unit.comparison, unit.holds, unit.span) if repeats else unit, sides)
        tape = self._tape
        value = tape.values[unit]
        operation = tape.operations[unit]
        repeats = may_repeat(value) and operation.notation is not Notation.CONDITION
        repeats = repeats and root_of(tape, unit) is None
        key = (operation, tape.names[unit], shape_of(value)) if repeats else unit
        return Step(unit, key, self._operands[unit])

    def _number(self, entry: int) -> float | None:
        value = self._tape.values[entry]
        return value if self._tape.operations[entry] is CONSTANT and type(value) is float else None

    def _kept_of_loops(self, steps: Sequence[Step]) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
        """Of which places in loops other lines read the last value, and of which an earlier one."""
        loops = self._loops
        last: set[tuple[int, int]] = set()
        all_of: set[tuple[int, int]] = set()

        def read(entry: int) -> None:
            place = loops.place(self._twins.get(entry, entry))
            if place is not None:
                (last if place.turn == loops.loops[place.loop].passes - 1 else all_of).add((place.loop, place.slot))

        for entry in self._wanted.results.values():
            read(entry)
        inside = {place for loop in loops.loops for place in range(loop.first, loop.end)}
        for place, step in enumerate(steps):
            if place not in inside:
                for entry in step.reads:
                    read(entry)
        for loop in loops.loops:
            for found in chain.from_iterable(loop.reads):
                if isinstance(found, Stored):
                    all_of.add((found.loop, found.slot))
                elif isinstance(found, (Fixed, Carried)):
                    read(found.entry if isinstance(found, Fixed) else found.initial)
        return last, all_of

    def _repeated(
        self,
        number: int,
        loop: Loop,
        units: Sequence[int | Guard],
        first_entries: Sequence[int | None],
        entries: Sequence[int | None],
    ) -> Iterator[Line]:
        """A loop, from the units of its first pass, and from the entries of the first pass and of the last one."""
        counter = self._free("i")
        self._call_like_the_first(entries, first_entries)
        last, all_of = self._kept
        uses = Counter(read.slot for own in loop.reads for read in own if isinstance(read, Local))
        before = {slot: self._free(f"{self._called(entries[slot])}_before") for slot in loop.initials}
        initials = {slot: self.value(entry) for slot, entry in loop.initials.items()}
        tables: list[tuple[str, tuple[float, ...]]] = []
        local: dict[int, nodes.Expression] = {}

        def expression(read: Read) -> nodes.Expression:
            match read:
                case Local(slot):
                    return local[slot]
                case Carried(slot):
                    return nodes.Name(before[slot], NOWHERE)
                case Fixed(entry):
                    return self.value(entry)
                case Counted(first, step):
                    return _counted(counter, first, step)
                case Listed(values):
                    tables.append((self._free("numbers"), values))
                    return _element(tables[-1][0], 0, counter)
                case Stored(other, slot, first, stride):
                    return _element(self._rows[other, slot], first, counter, stride)

        body: list[Line] = []
        self._place = None
        for slot, (unit, own) in enumerate(zip(units, loop.reads, strict=True)):
            operands = [expression(read) for read in own]
            if isinstance(unit, Guard):
                body += self._origin(unit.span)
                comparison = nodes.Apply(unit.comparison, tuple(operands), NOWHERE)
                body.append(Requirement(comparison, unit.holds, unit.span))
                continue
            entry = entries[slot]
            assert entry is not None
            kept = slot in loop.initials or (number, slot) in last or (number, slot) in all_of
            nests = self._wanted.nests(self._tape.values[entry]) and uses[slot] < 2
            body += self._computed(entry, operands, not kept and nests)
            local[slot] = self._expressions[entry]
        carries = [Carry(name, initials[slot], self._called(entries[slot])) for slot, name in before.items()]
        histories: list[History] = []
        for slot in sorted(slot for of, slot in all_of if of == number):
            entry = entries[slot]
            assert entry is not None
            name = self._rows[number, slot] = self._free(f"all_{self._names[entry]}")
            size = loop.passes + (slot in initials)
            shape = shape_of(self._tape.values[entry])
            histories.append(History(name, size, initials.get(slot), self._names[entry], shape))
        self._place = None
        leaves = [self._called(entries[slot]) for of, slot in sorted(last) if of == number]
        yield Repeat(counter, loop.passes, tuple(tables), tuple(carries), tuple(histories), tuple(leaves), tuple(body))

    def _called(self, entry: int | None) -> str:
        assert entry is not None
        return self._names[entry]

    def _call_like_the_first(self, entries: Sequence[int | None], first: Sequence[int | None]) -> None:
        """The values of a pass are called as those of the first one; but for results, which are of the last one."""
        results = set(self._wanted.results.values())
        for entry, own in zip(entries, first, strict=True):
            if entry is not None and own is not None and entry not in results:
                self._names[entry] = self._names[own]

    def _free(self, name: str) -> str:
        """A name that nothing else has."""
        free = free_name(name, self._taken, 2)
        self._taken.add(free)
        return free

    def _stands_inside(self, entry: int, tree: nodes.Expression) -> bool:
        """Whether an entry is written where it is used."""
        if self._tape.names[entry] is not None or entry in self._wanted.names:
            return False
        if not isinstance(tree, nodes.Apply):
            return len(format_expression(tree)) <= _ROOM
        nests = self._uses[entry] == 1 and self._wanted.nests(self._tape.values[entry])
        return nests and len(format_expression(tree)) <= _ROOM

    def _named(self, entry: int) -> nodes.Name:
        name = self._names[entry]
        self.shapes[name] = shape_of(self._tape.values[entry])
        return nodes.Name(name, NOWHERE)

    def _root(self, entry: int, root: Root, trace: Trace, operands: list[nodes.Expression]) -> Iterator[Line]:
        """A root: a function of what its equations are off by, as they ran at the root, and a search for it."""
        needed = entries_behind(trace.tape, [trace.residual])
        read = [(inner, operand) for inner, operand in zip(trace.operands, operands[root.starts :], strict=True)
                if needed[inner]]  # fmt: skip
        name, function = self._named(entry), self._free_function("equations")
        parameters = {trace.unknown: "unknown", **{inner: f"u{place}" for place, (inner, _) in enumerate(read, 1)}}
        inside = _Writer(
            Wanted(trace.tape, {"off_by": trace.residual}, parameters, outer=self._inputs), self._functions
        )
        body = tuple(line for line in inside.lines()[0] if not isinstance(line, Origin))
        self._expressions[entry] = name
        yield from self._origin(self._tape.spans[entry])
        starts, values = operands[: root.starts], [self._tape.values[place] for place in self._tape.operands[entry]]
        yield RootLine(
            name.name, function, tuple(parameters.values()), body, inside.value(trace.residual),
            _start(starts, values), tuple(operand for _, operand in read), self._solved_at(entry, root), values,
            tuple(operands[root.starts :]),
        )  # fmt: skip

    def _solved_at(self, entry: int, root: Root) -> Solved:
        """The equations of a root, with all roots of them whose operands have these shapes."""
        key = root.row, self._tape.operand_shapes(entry)
        if key not in self._solved:
            given = [
                tape.operand_values(other)
                for tape in (self._tape, *self._wanted.alike)
                for other, operation in enumerate(tape.operations)
                if operation is root.row and self._needed[other] and tape.operand_shapes(other) == key[1]
            ]
            self._solved[key] = Solved(root, given, self._wanted)
        return self._solved[key]

    def _free_function(self, name: str) -> str:
        """A name that no function of the program has, nor any value."""
        free = free_name(name, self._functions, 2)
        self._functions.add(free)
        return free

    def value(self, entry: int) -> nodes.Expression:
        """What stands for an entry."""
        tape = self._tape
        entry = self._twins.get(entry, entry)
        operation = tape.operations[entry]
        if operation is CONSTANT:
            return _constant(tape, entry, self._inputs)
        if operation is INPUT:
            return self._named(entry)
        if operation.of_shapes:
            return label_node(number_literal(tape.values[entry]))
        place = self._loops.place(entry)
        if place is None:
            return self._expressions[entry]
        loop = self._loops.loops[place.loop]
        if place.turn == loop.passes - 1:
            return self._expressions[entry]
        turn = place.turn + (place.slot in loop.initials)
        return _element(self._rows[place.loop, place.slot], turn)

    def _required(self, guard: Guard) -> Iterator[Line]:
        sides = (self.value(guard.left), self.value(guard.right))
        yield from self._origin(guard.span)
        yield Requirement(nodes.Apply(guard.comparison, sides, NOWHERE), guard.holds, guard.span)

    def _origin(self, span: Span | None) -> Iterator[Origin]:
        if span is None:
            return
        source = self._tape.source
        place = source.file_at(span.start), source.place(span.start)[0]
        if place == self._place:
            return
        text = source.line_at(span.start).partition("#")[0].strip()
        if text:  # zeros of what an output does not follow stand in no line
            self._place = place
            yield Origin(place[1], "" if place[0] == source.name else place[0], text)


def _is_leaf(operation: Primitive) -> bool:
    """Whether an entry is written where it is used: an input, a number, the size of an array."""
    return operation is CONSTANT or operation is INPUT or operation.of_shapes


def _element(row: str, first: int, counter: str = "", stride: int = 1) -> nodes.Expression:
    """The element of a row at a place that may move from pass to pass."""
    place: list[nodes.Expression] = [nodes.Number(str(first), NOWHERE)]
    if counter:
        place += [nodes.Name(counter, NOWHERE), nodes.Number(str(stride), NOWHERE)]
    return nodes.Apply(AT, (nodes.Name(row, NOWHERE), *place), NOWHERE)


def _counted(counter: str, first: float, step: float) -> nodes.Expression:
    numbers = (nodes.Number(repr(first), NOWHERE), nodes.Number(repr(step), NOWHERE))
    return nodes.Apply(COUNT, (nodes.Name(counter, NOWHERE), *numbers), NOWHERE)


def _constant(tape: Tape, entry: int, inputs: Container[str]) -> nodes.Expression:
    value = tape.values[entry]
    if shape_of(value):
        return parse_expression(Source("", number_literal(value)))
    text = tape.names[entry] or ""
    return label_node(repr(value) if text in inputs else text)  # `pi` may be an input of the program


def _start(starts: Sequence[nodes.Expression], values: Sequence[Value]) -> nodes.Expression:
    """Where a search begins, as a number or as one vector."""
    if len(starts) == 1 and len(shape_of(values[0])) < 2:
        return starts[0]
    if not any(shape_of(value) for value in values[: len(starts)]):
        return nodes.Apply(function_text(STACK), tuple(starts), NOWHERE)
    parts = [_flat(start, value) for start, value in zip(starts, values, strict=False)]
    return nodes.Apply(CONCAT.name, tuple(parts), NOWHERE)


def _flat(start: nodes.Expression, value: Value) -> nodes.Expression:
    """A value as a vector."""
    shape = shape_of(value)
    if not shape:
        return nodes.Apply(function_text(STACK), (start,), NOWHERE)
    return start if len(shape) == 1 else nodes.Apply(RESHAPE.name, (start, label_node("-1")), NOWHERE)


def _applied(operation: Primitive, operands: list[nodes.Expression]) -> nodes.Expression:
    """An operation as the language writes it."""
    function = function_text(operation)
    if operation is SELECT and isinstance(operands[0], nodes.Apply) and operands[0].function in CONDITIONS:
        function = "where"
    return simplified(nodes.Apply(function, tuple(operands), NOWHERE))


def _without_twins(
    tape: Tape, needed: list[bool], wanted: Wanted
) -> tuple[Sequence[tuple[int, ...]], Mapping[int, int]]:
    """The operands of each entry, and for each one that does what an earlier one does that one, which stands for it."""
    kept = {*wanted.results.values(), *wanted.names}
    first: dict[tuple[Primitive, tuple[int, ...]], int] = {}
    twins: dict[int, int] = {}
    operands: list[tuple[int, ...]] = []
    for entry, (operation, own) in enumerate(zip(tape.operations, tape.operands, strict=True)):
        if twins and not twins.keys().isdisjoint(own):
            own = tuple([twins.get(operand, operand) for operand in own])
        operands.append(own)
        if needed[entry] and own:
            same = first.setdefault((operation, own), entry)
            if same != entry and tape.names[entry] is None and entry not in kept:
                twins[entry], needed[entry] = same, False
    return operands, twins


def _uses(operands_of: Sequence[tuple[int, ...]], needed: Sequence[bool], ends: Iterable[int]) -> list[int]:
    uses = [0] * len(operands_of)
    for entry, operands in enumerate(operands_of):
        if needed[entry]:
            for operand in operands:
                uses[operand] += 1
    for end in ends:
        uses[end] += 1
    return uses


def _unique_names(wanted: Wanted, needed: Sequence[bool]) -> dict[int, str]:
    """The name of each entry that may need one. The name of a result is that of its own entry alone."""
    labelled = labels(wanted.tape)
    results = {entry: name for name, entry in reversed(list(wanted.results.items()))}
    taken = {*wanted.results, *wanted.tape.inputs, *CONSTANTS}
    names: dict[int, str] = {}
    for entry, operation in enumerate(wanted.tape.operations):
        if not needed[entry] or operation is CONSTANT:
            continue
        if operation is INPUT:
            names[entry] = wanted.names.get(entry) or labelled[entry]
        elif entry in results:
            names[entry] = results[entry]
        else:
            plain = wanted.names.get(entry) or labelled[entry]
            names[entry] = free_name(plain, taken, 1)
        taken.add(names[entry])
    return names


def free_name(name: str, taken: Container[str], first: int) -> str:
    """A name, or if it is taken the name with the first number behind it, from `first` on, that is not."""
    choices = chain([name], (f"{name}_{number}" for number in count(first)))
    return next(choice for choice in choices if choice not in taken)


def simplified(tree: nodes.Apply) -> nodes.Expression:
    """An operation without what changes nothing, to the last bit: `* 1`, `/ 1`, `^ 1`, `- 0`; whole numbers done."""
    function, operands = tree.function, tree.operands
    numbers = [_number(operand) for operand in operands]
    if function == "-" and len(operands) == 1:
        (inner,) = operands
        twice = isinstance(inner, nodes.Apply) and inner.function == "-" and len(inner.operands) == 1
        return inner.operands[0] if twice and isinstance(inner, nodes.Apply) else tree
    if len(operands) != 2:
        return tree
    left, right = operands
    if None not in numbers and function in ("+", "-", "*"):
        a, b = (number or 0.0 for number in numbers)
        value = {"+": a + b, "-": a - b, "*": a * b}[function]
        if value.is_integer() and abs(value) < 2**53:
            return label_node(str(int(value)))
    if function == "*" and numbers[0] in (1.0, -1.0):
        return right if numbers[0] == 1 else _negative(right)
    if function == "*" and numbers[1] in (1.0, -1.0):
        return left if numbers[1] == 1 else _negative(left)
    if function in ("/", "^") and numbers[1] == 1:
        return left
    if function == "-" and numbers[1] == 0:
        return left
    if function == "+":
        positive = _without_sign(right)
        return tree if positive is None else nodes.Apply("-", (left, positive), NOWHERE)
    return tree


def _without_sign(tree: nodes.Expression) -> nodes.Expression | None:
    """What a term is the negative of, if it is written with a sign: `-a`, `-a * b`."""
    if not isinstance(tree, nodes.Apply):
        return None
    if tree.function == "-" and len(tree.operands) == 1:
        return tree.operands[0]
    if tree.function in ("*", "/"):
        first = tree.operands[0]
        if isinstance(first, nodes.Apply) and first.function == "-" and len(first.operands) == 1:
            return nodes.Apply(tree.function, (first.operands[0], tree.operands[1]), NOWHERE)
    return None


def _negative(tree: nodes.Expression) -> nodes.Expression:
    return simplified(nodes.Apply("-", (tree,), NOWHERE))


def _number(tree: nodes.Expression) -> float | None:
    """The value of a literal, which may have a sign."""
    if isinstance(tree, nodes.Number):
        return float(tree.text)
    if isinstance(tree, nodes.Apply) and tree.function == "-" and len(tree.operands) == 1:
        inner = tree.operands[0]
        return -float(inner.text) if isinstance(inner, nodes.Number) else None
    return None


def number_literal(value: Value) -> str:
    """A number, or an array, as a program writes it, with all its digits: `2`, `0.1`, `-1e-08`, `[1, 2]`."""
    if type(value) is not float and shape_of(value):
        return (
            f"[{', '.join(number_literal(item) if shape_of(item) else number_literal(float(item)) for item in value)}]"
        )
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)

"""A tape becomes lines: what no result needs is left out, what is used once is put where it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import prod

from adcli.emit.entries import Entries
from adcli.emit.lines import NOWHERE, Line, Lines, Origin, Repeat, RootLine, Solved, Wanted
from adcli.emit.loop_lines import passes_of, repeat_of
from adcli.emit.naming import free_name
from adcli.emit.needed import needed_of, units_of
from adcli.emit.repeating import Repeating
from adcli.rules.arrays import CONCAT, RESHAPE, STACK
from adcli.rules.dispatch import shape_of
from adcli.rules.implicit import is_root
from adcli.rules.primitive import Primitive
from adcli.syntax import nodes
from adcli.tape.describe import function_text
from adcli.tape.equations import Trace
from adcli.tape.labels import label_node
from adcli.tape.reach import entries_behind
from adcli.tape.roots import Root, root_of
from adcli.tape.tape import Guard, Value


def lines_of(wanted: Wanted) -> Lines:
    """The lines that compute what is wanted by the operations of the tape, and require the guards."""
    lines, most = _Writer(wanted).lines(), wanted.most_kept
    if most is None:
        return lines
    kept = [_versions(line) for line in (*lines.outer, *lines.inner) if isinstance(line, Repeat)]
    return lines if max(kept, default=0) <= most else _Writer(replace(wanted, repeats=None)).lines()


def _versions(line: Repeat) -> int:
    """How many numbers the largest row of a loop is, if each pass makes another one with its value in it."""
    return max((line.passes * history.size * prod(history.shape) for history in line.histories), default=0)


class _Writer:
    """Units become lines, one by one or as loops."""

    def __init__(self, wanted: Wanted, functions: set[str] | None = None) -> None:
        """Take what is wanted; of what becomes the body of a function, also the names that functions have."""
        self._wanted = wanted
        self._tape = wanted.tape
        self._needed = needed_of(wanted)
        self._units = units_of(wanted, self._needed)
        self._repeating = Repeating(wanted, self._needed, self._units)
        self._entries = Entries(wanted, self._needed, self._repeating)
        self._functions = set() if functions is None else functions
        if functions is None and any(map(is_root, set(self._tape.operations))):
            self._functions.update(self._entries.names)
        self._solved: dict[tuple[Primitive, tuple[tuple[int, ...], ...]], Solved] = {}

    def lines(self) -> Lines:
        """The lines, in the order of the tape, behind the lines of the source that they come from."""
        units, end = [*self._units.outer, *self._units.inner], len(self._units.outer)
        beginning = self._repeating.loops.beginning()
        parts: tuple[list[Line], list[Line]] = ([], [])
        place = 0
        while place < len(units):
            part = parts[place >= end]
            number = beginning.get(place)
            if number is None:
                part += self._lines(units[place])
                place += 1
                continue
            loop = self._repeating.loops.loops[number]
            passes = passes_of(loop, units, self._repeating)
            part.append(repeat_of(number, passes, self._wanted, self._repeating, self._entries))
            place = loop.end
        tree = self._entries.expressions.tree
        results = {name: tree(self._entries.value(entry)) for name, entry in self._wanted.results.items()}
        return Lines(tuple(parts[0]), tuple(parts[1]), results, self._entries.shapes)

    def _lines(self, unit: int | Guard) -> Iterable[Line]:
        """The lines of an entry, or of a decision."""
        value = self._entries.value
        if isinstance(unit, Guard):
            return self._entries.required(unit, (value(unit.left), value(unit.right)))
        operands = [value(operand) for operand in self._needed.operands[unit]]
        root = root_of(self._tape, unit)
        if root is None:
            return self._entries.computed(unit, operands, None)
        return self._root(unit, *root, [self._entries.expressions.tree(operand) for operand in operands])

    def _root(self, entry: int, root: Root, trace: Trace, operands: list[nodes.Expression]) -> Iterator[Line]:
        """A root: a function of what its equations are off by, as they ran at the root, and a search for it."""
        needed = entries_behind(trace.tape, [trace.residual])
        read = [(inner, operand) for inner, operand in zip(trace.operands, operands[root.starts :], strict=True)
                if needed[inner]]  # fmt: skip
        name, function = self._entries.defined(entry), self._free_function("equations")
        parameters = {trace.unknown: "unknown", **{inner: f"u{place}" for place, (inner, _) in enumerate(read, 1)}}
        equations = Wanted(
            trace.tape, {"off_by": trace.residual}, parameters, outer=self._wanted.inputs, raises=self._wanted.raises
        )
        inside = _Writer(equations, self._functions).lines()
        body = tuple(line for line in inside.outer if not isinstance(line, Origin))
        yield from self._entries.origin(self._tape.spans[entry])
        starts, values = operands[: root.starts], [self._tape.values[place] for place in self._tape.operands[entry]]
        yield RootLine(
            name, function, tuple(parameters.values()), body, inside.results["off_by"],
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
                if operation is root.row and self._needed.entries[other] and tape.operand_shapes(other) == key[1]
            ]
            self._solved[key] = Solved(root, given, self._wanted)
        return self._solved[key]

    def _free_function(self, name: str) -> str:
        """A name that no function of the program has, nor any value."""
        free = free_name(name, self._functions, 2)
        self._functions.add(free)
        return free


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

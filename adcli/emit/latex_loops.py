"""Loops as a textbook has them: the lines of one pass, in which `v` of the pass k is called v^(k).

What a pass is handed from the one before it is called by the same name, with the number of that. The passes are
counted as the lines count best: as a variable of the program does, which is no value then, up from 0, or down as a
reverse sweep reads what a loop has left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from adcli.emit.ad_loops import Counting, counting_of, expressions_of
from adcli.emit.lines import AT, COUNT, NOWHERE, Definition, Line, Lines, Repeat, Update
from adcli.emit.simplified import simplified
from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.tape.labels import label_node

_LETTERS = "kijlmnpqrt"  # of which the first that is no name counts


class Row(NamedTuple):
    """The values that a name has in the passes of a loop.

    Attributes:
        name: what each pass calls it; nothing for what counts the passes, whose values are their numbers
        first: the number of the first value: that of the first pass, or the one from before the loop
        step: by how much the number grows from pass to pass
    """

    name: str
    first: int
    step: int

    def place(self, first: int, stride: int) -> tuple[int, int]:
        """The number of the first and the stride of the numbers, from the places in the row."""
        return self.first + self.step * first, self.step * stride

    def element(self, number: nodes.Expression) -> nodes.Expression:
        """The value with a number."""
        return nodes.Apply(AT, (nodes.Name(self.name, NOWHERE), number), NOWHERE) if self.name else number

    def at(self, place: int) -> nodes.Expression:
        """The value at a place of the row."""
        return self.element(label_node(str(self.place(place, 0)[0])))


class Called:
    """What lines of LaTeX call the values that loops have computed.

    Attributes:
        letter: that counts passes
        is_told: whether it was told what the number of a pass beside a name means
        names: what some names stand for behind the loops
    """

    def __init__(self, lines: Lines, inputs: Iterable[str]) -> None:
        """Take all lines, and the inputs of the function."""
        self._constants = _constants((*lines.outer, *lines.inner))
        loops = [line for line in (*lines.outer, *lines.inner) if isinstance(line, Repeat)]
        initials = [initial for line in loops for initial, _ in self.counters(line).values()]
        self._counted = {initial.name for initial in initials if isinstance(initial, nodes.Name)}
        taken = {*lines.shapes, *inputs, *lines.results} - self._counted
        self.letter = next((letter for letter in (*sorted(self._counted), *_LETTERS) if letter not in taken), "passes")
        self.is_told = False
        self._rows: dict[str, Row] = {}
        self.names = {name: self._constants[name] for name in self._counted}

    def counters(self, line: Repeat) -> dict[str, tuple[nodes.Expression, Counting]]:
        """The carried values of a loop that count its passes, by what these hand on, with what they begin with."""
        steps = {part.name: part.value for part in line.body if isinstance(part, Definition)}
        found = {}
        for carry in line.carries:
            first = _number(carry.initial, self._constants)
            step = _step(steps.get(carry.following), carry.name)
            if first is not None and step is not None:
                found[carry.following] = carry.initial, Counting(first, step)
        return found

    def is_told_by_loops(self, line: Line) -> bool:
        """Whether a line tells alone with which number the passes of a loop begin."""
        return isinstance(line, Definition) and line.name in self._counted

    def tree(self, tree: nodes.Expression) -> nodes.Expression:
        """An expression behind loops, or between them."""
        return self.placed(tree, self.names, Counting())

    def name(self, name: str) -> nodes.Expression:
        """What a line defines."""
        return nodes.Name(name, NOWHERE)

    def behind(self, line: Repeat, own: Pass) -> None:
        """Note what is read of a loop behind it."""
        for table, _ in line.tables:
            self._rows[table] = own.row(table)
        for history in line.histories:
            self._rows[history.name] = own.row(history.following)
        for name in line.leaves:
            self.names[name] = own.row(name).at(line.passes - 1 + own.is_carried(name))

    def pass_of(self, line: Repeat) -> Pass:
        """The names of a pass of a loop."""
        for table, _ in line.tables:
            self._rows[table] = Row(table, 0, 1)
        return Pass(self, line, self._counting(line))

    def _counting(self, line: Repeat) -> Counting:
        """How the passes are counted."""
        for _, counting in self.counters(line).values():
            if abs(counting.step) == 1:
                return counting
        counting = counting_of(line)
        todo = [tree for part in line.body for tree in expressions_of(part)]
        while todo and counting == Counting():
            tree = todo.pop()
            if not isinstance(tree, nodes.Apply):
                continue
            if tree.function == AT and len(tree.operands) == 4:
                first, stride = self._numbers(tree)
                if stride == -1:
                    return Counting(first, -1)
            todo += tree.operands
        return counting

    def _numbers(self, element: nodes.Apply) -> tuple[int, int]:
        """The number of an element of a row in the first pass, and by how much it grows from pass to pass."""
        row, first, *moving = element.operands
        assert isinstance(row, nodes.Name)
        return self._rows[row.name].place(_whole(first), _whole(moving[1]) if moving else 0)

    def placed(
        self, tree: nodes.Expression, names: Mapping[str, nodes.Expression], counting: Counting
    ) -> nodes.Expression:
        """An expression with what its names stand for. Those of lines are short: it recurses."""
        if isinstance(tree, nodes.Name):
            return names.get(tree.name, tree)
        if not isinstance(tree, nodes.Apply):
            return tree
        variable = nodes.Name(self.letter, NOWHERE)
        if tree.function == COUNT:
            return counting.at(variable, *map(_whole, tree.operands[1:]))
        if tree.function == AT:
            row = tree.operands[0]
            assert isinstance(row, nodes.Name)
            return self._rows[row.name].element(counting.at(variable, *self._numbers(tree)))
        placed = tuple([self.placed(operand, names, counting) for operand in tree.operands])
        return simplified(tree._replace(operands=placed))


class Pass:
    """What the lines of a pass of a loop call their values.

    Attributes:
        body: the lines, but for those that count the passes
        letter: that counts passes
    """

    def __init__(self, called: Called, line: Repeat, counting: Counting) -> None:
        self._called = called
        self.letter = called.letter
        self._line = line
        self._counting = counting
        self._initial = {carry.following: carry.initial for carry in line.carries}
        self._counters = {name: counting for name, (_, counting) in called.counters(line).items()}
        self.body = [part for part in line.body if getattr(part, "name", "") not in self._counters]
        self._names = dict(called.names)
        for part in line.body:
            if isinstance(part, (Definition, Update)):
                self._names[part.name] = self._moving(part.name, self.is_carried(part.name))
        for carry in line.carries:
            self._names[carry.name] = self._moving(carry.following, 0)

    def is_carried(self, name: str) -> bool:
        """Whether the first pass is handed a value of the name from before the loop."""
        return name in self._initial

    def row(self, name: str) -> Row:
        """The values that a name of the pass has."""
        if name in self._counters:
            return Row("", *self._counters[name])
        first, step = self._counting.first, self._counting.step
        if self.is_carried(name):
            first -= step if first or step < 0 else 0  # and not -1
        return Row(name, first, step)

    def tree(self, tree: nodes.Expression) -> nodes.Expression:
        """An expression of the pass."""
        return self._called.placed(tree, self._names, self._counting)

    def name(self, name: str) -> nodes.Expression:
        """What a line of the pass defines."""
        return self._names[name]

    def beginnings(self) -> Iterator[tuple[nodes.Expression, nodes.Expression]]:
        """What the first pass is handed, with what it is."""
        for name, initial in self._initial.items():
            if name not in self._counters:
                yield self.row(name).at(0), self._called.tree(initial)

    @property
    def numbers(self) -> tuple[int, int]:
        """The numbers of the first pass and of the last."""
        first, step = self._counting.first, self._counting.step
        return first, first + step * (self._line.passes - 1)

    def _moving(self, name: str, place: int) -> nodes.Expression:
        """The value of a name at a place of its row in the first pass, and at the next ones in the others."""
        row = self.row(name)
        number = self._counting.at(nodes.Name(self._called.letter, NOWHERE), *row.place(place, 1))
        return row.element(number)


def _constants(lines: Sequence[Line]) -> dict[str, nodes.Expression]:
    """The names of whole numbers."""
    named = {line.name: line.value for line in lines if isinstance(line, Definition)}
    return {name: value for name, value in named.items() if _number(value, {}) is not None}


def _number(tree: nodes.Expression, constants: Mapping[str, nodes.Expression]) -> int | None:
    """The value of a whole number, which may have a name, or a sign."""
    if isinstance(tree, nodes.Name) and tree.name in constants:
        tree = constants[tree.name]
    sign = 1
    if isinstance(tree, nodes.Apply) and tree.function == "-" and len(tree.operands) == 1:
        sign, tree = -1, tree.operands[0]
    whole = isinstance(tree, nodes.Number) and float(tree.text).is_integer()
    return sign * _whole(tree) if whole else None


def _step(tree: nodes.Expression | None, before: str) -> int | None:
    """By how much a value grows from pass to pass: what is handed on is what a pass is handed, and a whole number."""
    if not (isinstance(tree, nodes.Apply) and tree.function in ("+", "-") and len(tree.operands) == 2):
        return None
    left, right = tree.operands
    step = _number(right, {}) if isinstance(left, nodes.Name) and left.name == before else None
    return None if not step else step if tree.function == "+" else -step


def name_of(tree: nodes.Expression) -> str:
    """The name of a value, whichever pass it is of; nothing for another expression."""
    if isinstance(tree, nodes.Apply) and tree.function == AT:
        tree = tree.operands[0]
    return tree.name if isinstance(tree, nodes.Name) else ""


def _whole(number: nodes.Expression) -> int:
    assert isinstance(number, nodes.Number)
    return int(float(number.text))

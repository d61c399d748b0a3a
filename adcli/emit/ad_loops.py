"""Loops in the language of programs: its `for` counts as what is computed does, and it binds names again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from adcli.emit.lines import (
    AT,
    COUNT,
    NOWHERE,
    Carry,
    Definition,
    History,
    Line,
    Repeat,
    Requirement,
    RootLine,
    Update,
)
from adcli.emit.literals import number_node
from adcli.records import NamedTuple
from adcli.rules.formulas import formula_tree
from adcli.rules.primitive import zeros_like
from adcli.syntax import nodes
from adcli.syntax.formula import replaced
from adcli.tape.labels import label_node

_ELEMENT = "[.]"


class Counting(NamedTuple):
    """What the variable of a loop counts: from a number, by steps of 1 or -1."""

    first: int = 0
    step: int = 1

    def at(self, variable: nodes.Expression, first: int, step: int) -> nodes.Expression:
        """The number that begins with `first` and grows by `step` from pass to pass."""
        times = step * self.step
        return _sum(first - times * self.first, times, variable)

    def head(self, variable: str, passes: int) -> str:
        """The head of a loop."""
        last = self.first + self.step * (passes - 1)
        return f"for {variable} = {self.first} to {last}{'' if self.step == 1 else ' step -1'} {{"


FROM_0 = Counting()


def _sum(first: int, times: int, variable: nodes.Expression) -> nodes.Expression:
    """`first + times * variable`, without what changes nothing."""
    if not times:
        return label_node(str(first))
    size = abs(times)
    product = variable if size == 1 else nodes.Apply("*", (label_node(str(size)), variable), NOWHERE)
    if times < 0:
        return nodes.Apply("-", (label_node(str(first)), product), NOWHERE)
    if not first:
        return product
    return nodes.Apply("+" if first > 0 else "-", (product, label_node(str(abs(first)))), NOWHERE)


def expressions_of(line: Line) -> tuple[nodes.Expression, ...]:
    """The expressions in a line of a loop."""
    match line:
        case Definition():
            return (line.value,)
        case Update():
            return (line.array, *line.operands)
        case Requirement():
            return (line.comparison,)
    return ()


def _changed(line: Line, change: Callable[[nodes.Expression], nodes.Expression]) -> Line:
    """A line with other expressions."""
    match line:
        case Definition():
            return line._replace(value=change(line.value))
        case Update():
            return line._replace(array=change(line.array), operands=tuple(map(change, line.operands)))
        case Requirement(comparison):
            return line._replace(comparison=comparison._replace(operands=tuple(map(change, comparison.operands))))
        case RootLine():
            return line._replace(start=change(line.start), arguments=tuple(map(change, line.arguments)))
    return line


def in_language(line: Line, counting: Counting = FROM_0) -> Line:
    """A line whose expressions are those of the language."""
    return _changed(line, lambda tree: plain(tree, counting))


def merged(line: Repeat) -> Repeat:
    """A loop in which what a pass is handed is called like what it hands on, if it is read no more behind that."""
    called = {carry.name: carry.following for carry in line.carries if _is_done(line.body, carry)}
    names = {name: nodes.Name(other, NOWHERE) for name, other in called.items()}
    body = tuple(_changed(part, lambda tree: replaced(tree, names)) for part in line.body)
    carries = tuple(carry._replace(name=called.get(carry.name, carry.name)) for carry in line.carries)
    return line._replace(carries=carries, body=body)


def _is_done(body: Sequence[Line], carry: Carry) -> bool:
    """Whether nothing reads what a pass is handed behind the line that computes what it hands on."""
    place = next(place for place, part in enumerate(body)
                 if isinstance(part, (Definition, Update)) and part.name == carry.following)  # fmt: skip
    behind = (tree for part in body[place + 1 :] for tree in expressions_of(part))
    return not any(name.name == carry.name for tree in behind for name in nodes.names_read(tree))


def counting_of(line: Repeat) -> Counting:
    """What the variable counts best: as the first number does that grows by 1 or -1."""
    todo = [tree for part in reversed(line.body) for tree in expressions_of(part)]
    while todo:
        tree = todo.pop()
        if not isinstance(tree, nodes.Apply):
            continue
        if tree.function == COUNT:
            first, step = _whole(tree.operands[1:])
            if abs(step) == 1:
                return Counting(first, step)
        todo += reversed(tree.operands)
    return FROM_0


def plain(tree: nodes.Expression, counting: Counting = FROM_0) -> nodes.Expression:
    """An expression of lines as one of the language. Those of lines are short: it recurses."""
    if not isinstance(tree, nodes.Apply):
        return tree
    if tree.function == COUNT:
        variable, *numbers = tree.operands
        return counting.at(variable, *_whole(numbers))
    if tree.function == AT:
        row, first, *moving = tree.operands
        place = counting.at(moving[0], *_whole((first, moving[1]))) if moving else first
        return nodes.Apply(_ELEMENT, (row, place), tree.span)
    return tree._replace(operands=tuple([plain(operand, counting) for operand in tree.operands]))


def _whole(numbers: Sequence[nodes.Expression]) -> Iterator[int]:
    """Whole numbers of lines, which have their sign in their text."""
    for number in numbers:
        assert isinstance(number, nodes.Number)
        yield int(float(number.text))


def row_of_zeros(row: History) -> nodes.Expression:
    """Room for the values of all passes."""
    return formula_tree(zeros_like((row.size, *row.shape)))


def row_of_numbers(values: Sequence[float]) -> nodes.Expression:
    """A table."""
    return nodes.Apply("[]", tuple(map(number_node, values)), NOWHERE)


def put(row: History, counting: Counting, counter: str = "") -> nodes.Expression:
    """A row with the value of a pass at its place, or with the one from before the loop at the first."""
    value, place = row.initial, label_node("0")
    if counter:
        value, place = (
            nodes.Name(row.following, NOWHERE),
            counting.at(nodes.Name(counter, NOWHERE), int(row.initial is not None), 1),
        )
    assert value is not None
    return nodes.Apply(f"{_ELEMENT}=", (nodes.Name(row.name, NOWHERE), plain(value), place), NOWHERE)

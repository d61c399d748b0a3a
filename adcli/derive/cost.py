"""What a gradient costs by each method, counted on the tape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from math import prod

from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of, shapes_of
from adcli.rules.formulas import formula_tree, granted, values_read
from adcli.rules.shapes import Refused
from adcli.rules.table import COPY
from adcli.syntax import nodes
from adcli.tape.local import refused
from adcli.tape.reach import entries_behind, reach_masks
from adcli.tape.tape import Tape
from adcli.tape.walk import forward


class Cost(NamedTuple):
    """The cost of one gradient. An entry is an operation: inputs and constants are not counted.

    Attributes:
        inputs: how many there are to differentiate by; of an array each component is one
        value: the entries that computing the value takes
        reverse: those that one run and one reverse sweep take
        forward: those that one run and a forward sweep for each input take
        differences: those that a central difference for each input takes
        expression: the symbols of the value as one expression, with nothing shared; 0 where there are arrays
        symbolic: the symbols of all its derivatives as expressions, counted and not built
        saved: the values that the tape holds
        needed: those of them that the reverse sweep reads
    """

    inputs: int
    value: int
    reverse: int
    forward: int
    differences: int
    expression: int
    symbolic: int
    saved: int
    needed: int


def gradient_cost(tape: Tape, output: int, inputs: Sequence[int]) -> Cost:
    """The cost of the gradient of an entry by some others: those of inputs, or any that are varied as if they were."""
    behind = entries_behind(tape, [output])
    varied = set(inputs)
    reach = reach_masks(tape, inputs)
    entries = [entry for entry, operands in enumerate(tape.operands) if operands]
    swept = [entry for entry in entries if reach[entry] and behind[entry] and entry not in varied]
    value = len(entries)
    computed = [entry for entry in entries if behind[entry] and entry not in varied]
    expression = Symbols(0, 0) if tape.arrays else forward(tape, _Expanded(tape, reach), computed)[output]
    counts = [prod(shape_of(tape.values[entry])) for entry in inputs]
    moved = Counter(reach[entry] for entry in entries if entry not in varied)
    return Cost(
        sum(counts),
        value,
        value + len(swept),
        value + sum(times * _components(mask, counts) for mask, times in moved.items()),
        2 * sum(counts) * value,
        expression.value,
        expression.derivatives,
        len(tape),
        len(_needed_values(tape, swept, reach)),
    )


def _components(mask: int, counts: Sequence[int]) -> int:
    """How many components the inputs have whose bits are set."""
    return sum(count for position, count in enumerate(counts) if mask >> position & 1)


class Symbols(NamedTuple):
    """The symbols of an entry as one expression, and of its derivatives by all inputs together: nothing is shared."""

    value: int
    derivatives: int


class _Expanded:
    """Symbols, counted and not built.

    The derivative of f(a, b) is f_a(a, b) * da + f_b(a, b) * db, with the expressions of a and b written out; a
    factor 1 is left out. So it can be counted in one walk, whatever its size: that doubles with every `x = x * x`.
    """

    def __init__(self, tape: Tape, reach: Sequence[int]) -> None:
        """Take the tape, and for each entry the inputs that it depends on, as the bits of a number."""
        self._tape = tape
        self._counts = [mask.bit_count() for mask in reach]
        self.carried = [Symbols(1, count) for count in self._counts]  # of an input by itself: 1

    def apply(self, entry: int, operands: list[Symbols]) -> Symbols:
        """The symbols of an entry from those of its operands."""
        operation, sources = self._tape.operations[entry], self._tape.operands[entry]
        value = sum(operand.value for operand in operands) + (operation is not COPY)
        letters = operation.letters(len(operands))
        sizes = {letter: operand.value for letter, operand in zip(letters, operands, strict=True)} | {"v": value}
        total = terms = 0
        for formula, operand, source in zip(operation.formulas(len(operands)), operands, sources, strict=True):
            count = self._counts[source]
            if count:
                symbols = self._symbols_of(entry, formula)
                factor = 0 if formula == "1" else 1 + sum(sizes.get(symbol, 1) for symbol in symbols)
                total += operand.derivatives + count * factor
                terms += count
        return Symbols(value, total + terms - self._counts[entry])  # a plus sign between two terms

    def _symbols_of(self, entry: int, formula: str) -> tuple[str, ...]:
        try:
            return _symbols(granted(formula))
        except Refused as error:
            raise refused(self._tape, entry, error) from None


@cache
def _symbols(formula: str) -> tuple[str, ...]:
    """The names, numbers, operators and functions of a formula."""
    return tuple(
        node.name if isinstance(node, nodes.Name) else node.text if isinstance(node, nodes.Number) else node.function
        for node in nodes.subexpressions(formula_tree(formula))
    )


def _needed_values(tape: Tape, swept: Sequence[int], reach: Sequence[int]) -> set[int]:
    """The entries whose values the partials of the swept ones are made of."""
    needed: set[int] = set()
    for entry in swept:
        operands = tape.operands[entry]
        pattern = tuple(reach[operand] != 0 for operand in operands)
        for position in _values_read(tape, entry, pattern):
            needed.add(entry if position < 0 else operands[position])
    return needed


_COLUMNS = 5  # of a tape: operations, operands, values, names, places


def tape_bytes(tape: Tape, start: int = 0) -> int:
    """The memory that a tape takes from an entry on, when all its columns are noted: these, its numbers and tuples."""
    from sys import getsizeof

    entries, operands = len(tape) - start, tape.count_operands(start)
    if not tape.arrays:  # to ask each number takes as long as to compute it
        return numbers_bytes(entries, operands)
    return numbers_bytes(entries, operands) - entries * getsizeof(0.0) + sum(map(getsizeof, tape.values[start:]))


def numbers_bytes(entries: int, operands: int) -> int:
    """The same of so many entries that are numbers, with so many operands."""
    from sys import getsizeof

    reference = getsizeof((None,)) - getsizeof(())
    columns = _COLUMNS * (getsizeof([]) + reference * entries)
    return columns + (getsizeof(()) + getsizeof(0.0)) * entries + reference * operands


def _values_read(tape: Tape, entry: int, active: tuple[bool, ...]) -> tuple[int, ...]:
    """The operands whose values the contributions of an entry are made of, and -1 for its own."""
    try:
        return values_read(tape.operations[entry], active, *shapes_of(tape.operand_values(entry)))
    except Refused as error:
        raise refused(tape, entry, error) from None

"""What a gradient costs by each method, counted on the tape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from functools import cache
from math import prod
from typing import NamedTuple

from adcli.rules.dispatch import shape_of, shapes_of
from adcli.rules.formulas import formula_tree, values_read
from adcli.rules.table import COPY
from adcli.syntax import nodes
from adcli.tape.reach import entries_behind, reach_masks
from adcli.tape.tape import Tape


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
    expression, symbolic = (0, 0) if tape.arrays else _expanded(tape, output, reach, behind, varied)
    counts = [prod(shape_of(tape.values[entry])) for entry in inputs]
    moved = Counter(reach[entry] for entry in entries if entry not in varied)
    return Cost(
        sum(counts),
        value,
        value + len(swept),
        value + sum(times * _components(mask, counts) for mask, times in moved.items()),
        2 * sum(counts) * value,
        expression,
        symbolic,
        len(tape),
        len(_needed_values(tape, swept, reach)),
    )


def _components(mask: int, counts: Sequence[int]) -> int:
    """How many components the inputs have whose bits are set."""
    return sum(count for position, count in enumerate(counts) if mask >> position & 1)


def _expanded(
    tape: Tape, output: int, reach: Sequence[int], behind: Sequence[bool], varied: Container[int]
) -> tuple[int, int]:
    """The symbols of the value, and of its derivatives by all inputs together, with nothing shared.

    The derivative of f(a, b) is f_a(a, b) * da + f_b(a, b) * db, with the expressions of a and b written out; a
    factor 1 is left out. So it can be counted in one walk, whatever its size: that doubles with every `x = x * x`.
    """
    size = [1] * len(tape)
    derivatives = [mask.bit_count() for mask in reach]  # of an input by itself: 1
    for entry, operands in enumerate(tape.operands):
        if not operands or not behind[entry] or entry in varied:
            continue
        operation = tape.operations[entry]
        size[entry] = sum(size[operand] for operand in operands) + (operation is not COPY)
        letters = operation.letters(len(operands))
        sizes = {**{letter: size[operand] for letter, operand in zip(letters, operands, strict=True)}, "v": size[entry]}
        total = terms = 0
        for formula, operand in zip(operation.formulas(len(operands)), operands, strict=True):
            count = reach[operand].bit_count()
            if count:
                factor = 0 if formula == "1" else 1 + sum(sizes.get(symbol, 1) for symbol in _symbols(formula))
                total += derivatives[operand] + count * factor
                terms += count
        derivatives[entry] = total + terms - reach[entry].bit_count()  # a plus sign between two terms
    return size[output], derivatives[output]


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
        for position in values_read(tape.operations[entry], pattern, *shapes_of(tape.operand_values(entry))):
            needed.add(entry if position < 0 else operands[position])
    return needed


def tape_bytes(tape: Tape) -> int:
    """The memory that a tape takes: its columns, and the numbers and tuples in them."""
    from sys import getsizeof

    columns = (tape.operations, tape.operands, tape.values, tape.names, tape.spans)
    return sum(map(getsizeof, columns)) + sum(map(getsizeof, tape.values)) + sum(map(getsizeof, tape.operands))

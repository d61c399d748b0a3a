"""What a run did, apart from its numbers: what tells it from other runs of a program."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from adcli.rules.dispatch import shape_of, shapes_of
from adcli.rules.facts import SUBSCRIPTED
from adcli.rules.implicit import is_root
from adcli.rules.primitive import ArrayPrimitive
from adcli.tape.reach import varied_operands, varying_entries
from adcli.tape.roots import root_of
from adcli.tape.tape import Tape


def what_ran(tape: Tape) -> tuple[Any, ...]:
    """What tells a straight line from others: its operations, what they read, and how its decisions came out.

    Those of equations are the ones at the root.
    """
    done: list[Any] = []
    todo = [tape]
    while todo:
        own = todo.pop()
        done += (*own.operations, *own.operands, *(guard.holds for guard in own.guards))
        roots = [root_of(own, entry) for entry in own.array_entries() if is_root(own.operations[entry])]
        todo += [root[1].tape for root in roots if root is not None]
    return tuple(done)


def number_of_run(tape: Tape) -> int:
    """A number that is another one where runs of a program are, or have other shapes of inputs or other constants."""
    shapes = tuple([shape_of(tape.values[entry]) for entry in tape.inputs.values()])
    # a component that is asked for by its name has places of its own, which are constants that no program has
    constants = array("d", map(tape.values.__getitem__, tape.constants)).tobytes()
    return hash((what_ran(tape), constants, shapes))


def tells_places(tape: Tape) -> bool:
    """Whether inputs tell places, or sizes, of arrays: another point may read other components."""
    if not tape.arrays:
        return False
    varying = varying_entries(tape, tape.inputs.values(), by_shape=False)
    return next(told_places(tape, varying), None) is not None


def told_places(tape: Tape, varying: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """The entries that have places or sizes told by numbers that vary, each with the entry of such a number, once."""
    told: set[int] = set()
    for entry in tape.array_entries():
        operation, operands = tape.operations[entry], tape.operands[entry]
        if not isinstance(operation, ArrayPrimitive):
            continue
        moving = [
            position
            for position, operand in enumerate(operands)
            if varying[operand] and not shape_of(tape.values[operand]) and position not in varied_operands(tape, entry)
        ]
        if not moving or (operation.notation not in SUBSCRIPTED and _has_shape_without(tape, entry, moving)):
            continue
        for position in moving:
            if operands[position] not in told:
                told.add(operands[position])
                yield entry, operands[position]


def _has_shape_without(tape: Tape, entry: int, moving: Sequence[int]) -> bool:
    """Whether the result has its shape whatever the values of some operands are."""
    operation = tape.operations[entry]
    assert isinstance(operation, ArrayPrimitive)
    values = tape.operand_values(entry)
    known = [None if position in moving else value for position, value in enumerate(values)]
    return operation.shape(shapes_of(values), known) == shape_of(tape.values[entry])

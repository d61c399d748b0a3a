"""Edges of rules: where a number is 0, and a limit, or a convention, was recorded in place of the rule's formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adcli.rules.local import is_at_edge, is_of_numbers
from adcli.syntax.source import Span
from adcli.tape.tape import Guard, Tape


def edges_met(tape: Tape, varying: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """The entries of operations on numbers at an edge that they may leave, each with the entry that is 0 there."""
    with_edges = {operation for operation in set(tape.operations) if operation.edges}
    for entry, operation in enumerate(tape.operations):
        if operation not in with_edges or not is_of_numbers(operation, tape.values[entry]):
            continue
        operands = tape.operands[entry]
        named = {**dict(zip(operation.letters(len(operands)), operands, strict=True)), "v": entry}
        for position, operand in enumerate(operands):
            edge = operation.edge(position)
            if edge is None or not varying[operand] or not varying[named[edge[0]]]:  # nothing is passed on, or no other
                continue
            if is_at_edge(operation, position, tape.values[entry], tape.operand_values(entry)):
                yield entry, named[edge[0]]


def kept_edges(tape: Tape, varying: Sequence[bool]) -> Iterator[Guard]:
    """That what is 0 at the edge of a rule is 0 still: each such number once."""
    told: set[int] = set()
    for entry, letter in edges_met(tape, varying):
        if letter not in told:
            told.add(letter)
            yield equals(tape, entry + 1, letter)


def equals(tape: Tape, position: int, entry: int) -> Guard:
    """That an entry has the value that it has, from a place of the tape on."""
    value = tape.values[entry]
    constant = tape.constant(repr(int(value)) if value.is_integer() else repr(value), value)
    return Guard(position, "==", entry, constant, True, tape.spans[entry] or Span(0, 0))

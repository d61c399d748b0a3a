"""The rules of the table at one entry: what its operands receive of its adjoint, what their tangents add to its own."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.errors import AdError
from adcli.rules import local
from adcli.rules.compile import applied
from adcli.rules.dispatch import shape_of
from adcli.rules.formulas import contribution_formula, leaves_gaps
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.shapes import Refused
from adcli.tape.execution import refusal
from adcli.tape.tape import Tape, Value


def is_of_numbers(tape: Tape, entry: int) -> bool:
    """Whether an entry is a number made of numbers."""
    return local.is_of_numbers(tape.operations[entry], tape.values[entry])


def partial(tape: Tape, entry: int, position: int) -> float:
    """The partial of an entry that is a number made of numbers, with respect to one operand."""
    try:
        return local.partial(tape.operations[entry], position, tape.operand_values(entry), tape.values[entry])
    except Refused as error:
        raise refused(tape, entry, error) from None


def contribution(tape: Tape, entry: int, position: int, g: Value) -> Value | None:
    """What an operand receives from an entry whose adjoint is g; None for nothing."""
    operation, value = tape.operations[entry], tape.values[entry]
    try:
        if operation.linear:
            term = local.contribution_of_linear(operation, position, g, tape.operand_shapes(entry))
        else:
            term = local.contribution(operation, position, g, value, tape.operand_values(entry))
    except Refused as error:
        raise refused(tape, entry, error) from None
    return term if local.is_of_numbers(operation, value) else _fitted(tape, entry, position, term)


def largest_contribution(tape: Tape, entry: int, position: int, size: Value) -> Value | None:
    """The same with the absolute value of everything that the rule adds up: nothing cancels; size is not negative."""
    operation, operands, value = tape.operations[entry], tape.operand_values(entry), tape.values[entry]
    if operation.linear or is_of_numbers(tape, entry):  # where nothing is added up
        received_by_one = contribution(tape, entry, position, size)
        return None if received_by_one is None else abs(received_by_one)
    if operation.known("bilinear"):
        operands = tuple(map(abs, operands))
    received: Value
    try:
        if isinstance(operation, ArrayPrimitive) and operation.known("cancels"):
            received = local.largest_contribution(operation, position, size, value, operands)
        else:
            received = local.contribution(operation, position, size, value, operands)
    except Refused as error:
        raise refused(tape, entry, error) from None
    return None if received is None else abs(_fitted(tape, entry, position, abs(received)))


def tangent_of(tape: Tape, entry: int, tangents: Sequence[Value | None]) -> Value | None:
    """The tangent of an entry from those of its operands, None where they do not move; None where nothing is added."""
    try:
        return local.tangent_of(tape.operations[entry], tangents, tape.values[entry], tape.operand_values(entry))
    except Refused as error:
        raise refused(tape, entry, error) from None


def tangent_term(tape: Tape, entry: int, position: int, tangent: Value) -> Value | None:
    """What the tangent of one operand adds to that of an entry; None for nothing."""
    operation = tape.operations[entry]
    if operation.linear:
        return local.tangent_of_linear(operation, position, tangent, tape.operand_shapes(entry))
    tangents = [None] * len(tape.operands[entry])
    tangents[position] = tangent
    return tangent_of(tape, entry, tangents)


def contribution_of(tape: Tape, entry: int, position: int) -> str:
    """The formula of what an operand receives; empty for nothing."""
    count = len(tape.operands[entry])
    shapes = ((),) * count if is_of_numbers(tape, entry) else tape.operand_shapes(entry)
    return contribution_formula(tape.operations[entry], position, shapes)


def may_leave_gaps(tape: Tape, entry: int, formula: str) -> bool:
    """Whether a formula of an entry may give nothing in places, where all that it is made of an adjoint is there."""
    if leaves_gaps(formula):
        return True
    return bool(tape.gaps) and any(other in tape.gaps for other in (entry, *tape.operands[entry]))


def recomputed(tape: Tape, entry: int) -> Value:
    """The value of an operation once more, as its operands may have changed."""
    try:
        value: Value = applied(tape.operations[entry], tape.operand_values(entry))
    except Refused as error:
        raise refused(tape, entry, error) from None
    return value


def refused(tape: Tape, entry: int, error: Refused) -> AdError:
    """What a rule of an entry cannot do, or that it has none, with the place of the entry and its operands."""
    return refusal(tape, tape.operands[entry], tape.spans[entry], error, in_rule=error.code != "no-derivative")


def _fitted(tape: Tape, entry: int, position: int, term: Value) -> Value:
    """A contribution, summed to the shape of its operand."""
    if term is None:
        return None
    return local.fitted(term, shape_of(tape.values[tape.operands[entry][position]]))

"""The sweeps over a tape with arrays, with the rules of `rules/array_formula.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adcli.rules import array_formula
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.primitive import Refused
from adcli.tape.execute import quiet
from adcli.tape.machine import refusal
from adcli.tape.tape import Masked, Tape, Value


def sweep_arrays(tape: Tape, adjoints: list[Value | None], active: Sequence[bool], entries: Iterable[int]) -> None:
    """Pass on the adjoints of some entries, which come in falling order."""
    with quiet(tape):
        for entry in entries:
            g = adjoints[entry]
            if g is None or not active[entry]:
                continue
            for position, source in enumerate(tape.operands[entry]):
                if active[source]:
                    term = received(tape, entry, position, g)
                    if term is not None:
                        before = adjoints[source]
                        adjoints[source] = term if before is None else before + term


def received(tape: Tape, entry: int, position: int, g: Value) -> Value | None:
    """What an operand receives from an entry whose adjoint is g; None for nothing."""
    operation, operands = tape.operations[entry], tape.operand_values(entry)
    with quiet(tape):
        try:
            term = array_formula.contribution(operation, position, g, tape.values[entry], operands)
        except Refused as error:
            raise refusal(tape, tape.operands[entry], tape.spans[entry], error) from None
        return None if term is None else _fitted(tape, entry, position, term)


def _fitted(tape: Tape, entry: int, position: int, term: Value) -> Value:
    """A contribution without what a `where` did not take, summed to the shape of its operand."""
    if tape.masked:
        term = without_masked(tape, entry, term)
    return array_formula.fitted(term, shape_of(tape.values[tape.operands[entry][position]]))


_PRODUCTS = ("matmul", "dot", "outer")  # made of products, whose absolute values are those of their operands


def sweep_magnitudes(tape: Tape, seeds: Mapping[int, Value], active: Sequence[bool]) -> list[Value | None]:
    """A sweep in which nothing cancels: every contribution with its absolute value."""
    sizes: list[Value | None] = [None] * len(tape)
    for entry, seed in seeds.items():
        sizes[entry] = abs(seed)
    with quiet(tape):
        for entry in range(max(seeds, default=-1), -1, -1):
            g = sizes[entry]
            if g is None or not active[entry]:
                continue
            operation, operands = tape.operations[entry], tape.operand_values(entry)
            if operation.name in _PRODUCTS:
                operands = tuple(map(abs, operands))
            for position, source in enumerate(tape.operands[entry]):
                if active[source]:
                    term = array_formula.contribution(operation, position, g, tape.values[entry], operands)
                    if term is not None:
                        term = abs(_fitted(tape, entry, position, abs(term)))
                        before = sizes[source]
                        sizes[source] = term if before is None else before + term
    return sizes


def push_arrays(tape: Tape, tangents: list[Value | None]) -> None:
    """Fill in the tangent of every entry that depends on those that have one."""
    with quiet(tape):
        for entry in range(len(tape)):
            for position, source in enumerate(tape.operands[entry]):
                moving = tangents[source]
                if moving is not None:
                    term = added(tape, entry, position, moving)
                    if term is not None:
                        before = tangents[entry]
                        tangents[entry] = term if before is None else before + term


def added(tape: Tape, entry: int, position: int, tangent: Value) -> Value | None:
    """What the tangent of an operand adds to that of an entry; None for nothing."""
    operation, operands = tape.operations[entry], tape.operand_values(entry)
    try:
        return array_formula.tangent_term(operation, position, tangent, tape.values[entry], operands)
    except Refused as error:
        raise refusal(tape, tape.operands[entry], tape.spans[entry], error) from None


def without_masked(tape: Tape, entry: int, term: Value) -> Value:
    """A contribution without what elements give to it that a `where` did not take: 0 * NaN is nothing there."""
    if is_finite(term):
        return term
    import numpy

    for side in sides_of(tape, entry):
        mask = tape.values[side.mask]
        shape = shape_of(term)
        if shape and numpy.broadcast_shapes(shape, shape_of(mask)) == shape:
            term = numpy.where((mask != 0) == side.holds, term, 0.0)
    return term


def sides_of(tape: Tape, entry: int) -> list[Masked]:
    """The sides of a `where` on arrays that an entry was computed in."""
    return [side for side in tape.masked if side.start <= entry < side.end]

"""The sweeps over a tape with arrays, with the rules of `rules/array_formula.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adcli.rules import array_formula
from adcli.rules.dispatch import is_finite, shape_of, zero_like
from adcli.rules.primitive import ArrayPrimitive, Refused
from adcli.rules.table import MULTIPLICATION, NEGATION, SUBTRACTION
from adcli.tape.execute import quiet
from adcli.tape.lean import ALONE, is_own, references
from adcli.tape.machine import refusal
from adcli.tape.tape import Masked, Tape, Value


def sweep_arrays(
    tape: Tape, adjoints: list[Value | None], active: Sequence[bool], entries: Iterable[int], keep: bool = True
) -> None:
    """Pass on the adjoints of some entries, which come in falling order.

    Sums go into the array that is there where nothing else refers to it: a new one costs as much as the sum. Where the
    adjoints of entries with operands need not be kept, each is given up as soon as it is passed on, and its memory is
    used again.
    """
    sums = _Sums(tape, adjoints)
    with quiet(tape):
        for entry in entries:
            g = adjoints[entry]
            operands = tape.operands[entry]
            if g is None or not operands or not active[entry]:
                continue
            free = False
            if not keep:
                adjoints[entry] = None
                free = type(g) is not float and references(g) <= ALONE and is_own(g)
            operation = tape.operations[entry]
            kernel = "" if operation.elementwise else getattr(operation, "kernel", "")
            if kernel == "element":
                sums.add_part(entry, g)
            elif kernel == "update" and free:
                sums.take_part(entry, g, active)
            else:
                values = tape.operand_values(entry)
                pattern = tuple([active[source] for source in operands])
                rules = array_formula.pullbacks(operation, pattern, *[shape_of(value) for value in values])
                for rule in rules:
                    last = free and rule is rules[-1] and references(g) <= ALONE
                    if last and sums.in_place(entry, rule.position, g):
                        break
                    try:
                        term = array_formula.received(rule, g, tape.values[entry], values)
                    except Refused as error:
                        raise refusal(tape, operands, tape.spans[entry], error, derivative=True) from None
                    if tape.masked:
                        term = without_masked(tape, entry, term)
                    sums.add(operands[rule.position], array_formula.fitted(term, rule.shape))
                    term = None  # which would be one more reference to what was added


class _Sums:
    """The adjoints of a sweep."""

    def __init__(self, tape: Tape, adjoints: list[Value | None]) -> None:
        self.tape = tape
        self.adjoints = adjoints

    def add(self, target: int, term: Value | None) -> None:
        """Add a contribution to the adjoint of an entry."""
        before = self.adjoints[target]
        if before is None or term is None:
            self.adjoints[target] = before if term is None else term
        elif type(before) is not float and references(before) <= ALONE + 1 and is_own(before):
            before += term
        else:
            self.adjoints[target] = before + term

    def in_place(self, entry: int, place: int, g: Value) -> bool:
        """Turn an adjoint that is given up into what the one operand receives, where that is -g or a product."""
        tape, operands = self.tape, self.tape.operands[entry]
        operation, target = tape.operations[entry], operands[place]
        if shape_of(tape.values[target]) != g.shape or self.adjoints[target] is not None or tape.masked:
            return False
        if operation is NEGATION or (operation is SUBTRACTION and place == 1):
            g *= -1.0
        elif operation is MULTIPLICATION:
            g *= tape.values[operands[1 - place]]
        else:
            return False
        self.adjoints[target] = g
        return True

    def add_part(self, entry: int, g: Value) -> None:
        """Add the adjoint of a part to that part of the array's."""
        target, *bounds = self.tape.operands[entry]
        before = self.adjoints[target]
        if before is None:
            self.adjoints[target] = before = zero_like(self.tape.values[target])
        elif not (references(before) <= ALONE + 1 and is_own(before)):
            self.adjoints[target] = before = before.copy()
        before[self._place(entry, target, bounds)] += g

    def take_part(self, entry: int, g: Value, active: Sequence[bool]) -> None:
        """Of the adjoint of an updated array one part belongs to what was put there, the rest to the old version."""
        target, value, *bounds = self.tape.operands[entry]
        place = self._place(entry, target, bounds)
        if active[value]:
            part = g[place].copy() if active[target] else g[place]
            self.add(value, array_formula.fitted(as_value(part), shape_of(self.tape.values[value])))
        if active[target]:
            g[place] = 0.0
            self.add(target, g)

    def _place(self, entry: int, target: int, bounds: Sequence[int]) -> Any:
        operation = self.tape.operations[entry]
        assert isinstance(operation, ArrayPrimitive)
        from adcli.rules.kernels import subscript

        values = [self.tape.values[bound] for bound in bounds]
        return subscript(shape_of(self.tape.values[target]), operation.settings[0], values)


def as_value(number: Any) -> Value:
    """A float where NumPy has a number of its own."""
    return number if getattr(number, "shape", ()) else float(number)


def received(tape: Tape, entry: int, position: int, g: Value) -> Value | None:
    """What an operand receives from an entry whose adjoint is g; None for nothing."""
    operation, operands = tape.operations[entry], tape.operand_values(entry)
    try:
        term = array_formula.contribution(operation, position, g, tape.values[entry], operands)
    except Refused as error:
        raise refusal(tape, tape.operands[entry], tape.spans[entry], error, derivative=True) from None
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
        raise refusal(tape, tape.operands[entry], tape.spans[entry], error, derivative=True) from None


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

"""The sweeps over a tape with arrays, with the rules of `rules/array_formula.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from adcli.rules import array_formula
from adcli.rules.dispatch import is_finite, shape_of, zero_like
from adcli.rules.facts import SUBSCRIPTED, Notation
from adcli.rules.formula import RAISED
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused
from adcli.tape.execute import quiet
from adcli.tape.lean import ALONE, is_own, references
from adcli.tape.machine import refusal
from adcli.tape.tape import Masked, Tape, Value


class _Passing(NamedTuple):
    """How entries pass on their adjoints that are of the same operation, with operands of the same shapes.

    Attributes:
        rules: what those operands receive that receive anything
        turning: the last of the rules, if the adjoint itself can become what that operand receives
        part: PART or UPDATE, whose adjoints have parts that are written to; None for others
    """

    rules: Sequence[array_formula.Pullback]
    turning: array_formula.Pullback | None
    part: Notation | None


@lru_cache(maxsize=10_000)
def _passing(
    operation: Primitive, active: tuple[bool, ...], shape: tuple[int, ...], *shapes: tuple[int, ...]
) -> _Passing:
    """How an adjoint of some shape is passed on to those operands that are active; the shapes are theirs."""
    rules = array_formula.pullbacks(operation, active, *shapes)
    turning = rules[-1] if rules and rules[-1].factor and rules[-1].shape == shape else None
    return _Passing(rules, turning, operation.notation if operation.notation in SUBSCRIPTED else None)


def sweep_arrays(
    tape: Tape, adjoints: list[Value | None], active: Sequence[bool], entries: Iterable[int], keep: bool = True
) -> None:
    """Pass on the adjoints of some entries, which come in falling order.

    Sums go into the array that is there where nothing else refers to it: a new one costs as much as the sum. Where the
    adjoints of entries with operands need not be kept, each is given up as soon as it is passed on, and its memory is
    used again.
    """
    sums, values, masked = _Sums(tape, adjoints), tape.values, bool(tape.masked)
    with quiet(tape):
        for entry in entries:
            g = adjoints[entry]
            operands = tape.operands[entry]
            if g is None or not operands or not active[entry]:
                continue
            if not keep:
                adjoints[entry] = None
            v, others = values[entry], [values[operand] for operand in operands]
            pattern = tuple([active[operand] for operand in operands])
            rules, turning, part = _passing(
                tape.operations[entry], pattern, shape_of(v), *[shape_of(other) for other in others]
            )
            if part is Notation.PART:
                sums.add_part(entry, g)
                continue
            free = False
            if not keep and (part or turning is not None):
                free = type(g) is not float and references(g) <= ALONE and is_own(g)
            if part and free:
                sums.take_part(entry, g, rules)
                continue
            for rule in rules:
                _, position, shape, _, function, factor, edge = rule
                target = operands[position]
                before = adjoints[target]
                try:  # most rules need no more; `received` knows the others
                    if function is None:
                        term = g
                    elif (
                        factor and rule is turning and free and not masked and before is None and references(g) <= ALONE
                    ):
                        g *= factor(v, *others)
                        term = g
                    else:
                        term = function(g, v, *others)
                    if edge is not None and not is_finite(term):
                        raise ArithmeticError
                except RAISED:
                    term = _received(tape, entry, rule, g)
                if masked:
                    term = without_masked(tape, entry, term)
                if shape_of(term) != shape:
                    term = array_formula.fitted(term, shape)
                # as `_Sums.add` does it, without the call
                if before is None:
                    adjoints[target] = term
                elif type(before) is not float and references(before) <= ALONE + 1 and is_own(before):
                    before += term
                else:
                    adjoints[target] = before + term
                term = before = None  # which would be one more reference to what was added


def _received(tape: Tape, entry: int, rule: array_formula.Pullback, g: Value) -> Value:
    """What an operand receives from an entry whose adjoint is g, before it is fitted to its shape."""
    try:
        return array_formula.received(rule, g, tape.values[entry], tape.operand_values(entry))
    except Refused as error:
        raise refusal(tape, tape.operands[entry], tape.spans[entry], error, derivative=True) from None


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

    def add_part(self, entry: int, g: Value) -> None:
        """Add the adjoint of a part to that part of the array's."""
        target, *bounds = self.tape.operands[entry]
        before = self.adjoints[target]
        if before is None:
            self.adjoints[target] = before = zero_like(self.tape.values[target])
        elif not (references(before) <= ALONE + 1 and is_own(before)):
            self.adjoints[target] = before = before.copy("K")
        before[self._place(entry, target, bounds)] += g

    def take_part(self, entry: int, g: Value, rules: Sequence[array_formula.Pullback]) -> None:
        """Of the adjoint of an updated array one part belongs to what was put there, the rest to the old version."""
        target, value, *bounds = self.tape.operands[entry]
        place, receivers = self._place(entry, target, bounds), [rule.position for rule in rules]
        if 1 in receivers:
            part = array_formula.fitted(as_value(g[place]), shape_of(self.tape.values[value]))
            is_view = getattr(part, "base", None) is not None  # a number is none, nor is what was summed to a few
            self.add(value, part.copy() if 0 in receivers and is_view else part)
        if 0 in receivers:
            g[place] = 0.0
            self.add(target, g)

    def _place(self, entry: int, target: int, bounds: Sequence[int]) -> Any:
        operation = self.tape.operations[entry]
        assert isinstance(operation, ArrayPrimitive)
        from adcli.rules.readings.arrays import subscript

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
            if operation.known("bilinear"):
                operands = tuple(map(abs, operands))
            for position, source in enumerate(tape.operands[entry]):
                if active[source]:
                    cancels = operation.known("cancels")
                    rule = array_formula.largest_contribution if cancels else array_formula.contribution
                    term = rule(operation, position, g, tape.values[entry], operands)
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

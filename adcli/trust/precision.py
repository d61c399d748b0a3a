"""The rounding error of a computed value: a bound from one reverse sweep, and the entries that bring it.

Each operation of the tape rounds its result; its adjoint carries that to the output. To first order the output is off
by at most the sum of |adjoint| times what each result may be off by (`rules/accuracy.py`). This is the running error
analysis of Wilkinson turned around, as in Linnainmaa, Taylor expansion of the accumulated rounding error, BIT 16
(1976) 146; Griewank and Walther, Evaluating Derivatives, 2nd ed. 2008, section 3.4. First order is not enough where
an adjoint is zero and the value below it has lost all its digits: `verify.py` tells.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from adcli.derive.modes import at_inputs
from adcli.records import NamedTuple
from adcli.rules.accuracy import UNIT, rounding
from adcli.rules.dispatch import shape_of
from adcli.rules.facts import OPERANDS
from adcli.rules.primitive import ArrayPrimitive
from adcli.tape.fast import sweep
from adcli.tape.ieee import quiet
from adcli.tape.reach import active_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.rewrites import DIGITS, Match, matches_around
from adcli.trust.rounding import total

MOST_DIGITS = -math.log10(UNIT)
_TELLING = 0.1  # the least share of the bound that is spoken of
_FEW = 64  # unit round-offs: a bound below that says that all is well
_MOST_REWRITES = 3


class Loss(NamedTuple):
    """What an entry brings to the bound of an output.

    Attributes:
        entry: whose result was rounded
        adjoint: of the entry
        contribution: how far the output may be off by that
    """

    entry: int
    adjoint: Value
    contribution: float


class Cancellation(NamedTuple):
    """A sum in which digits are lost that its operands had not lost: an entry, and in how many digits they agree."""

    entry: int
    digits: float


class Precision(NamedTuple):
    """The rounding error of an output, to first order.

    Attributes:
        value: the output
        bound: how far the rounding of its operations may take it from the exact value; infinite where it is not finite
        losses: what each entry brings, the largest first
        condition: for each input |x dL/dx / L|: how many times larger a relative error of the input arrives
        data: how far it moves if each input, and each decimal in the program that is no binary fraction, is off by a
            unit round-off of its size
        cancellation: where most is lost, if that is a sum whose terms nearly cancel
        rewrites: what to write instead
        second_order_loss: an entry that has lost all its digits where its adjoint is 0. What it brings to the output is
            of second order, and the bound does not count it
    """

    value: float
    bound: float
    losses: tuple[Loss, ...]
    condition: Mapping[str, Value]
    data: float
    cancellation: Cancellation | None
    rewrites: tuple[Match, ...]
    second_order_loss: int | None

    @property
    def relative(self) -> float:
        """The bound relative to the value; infinite where the value is 0 and the bound is not."""
        return _relative(self.bound, self.value)

    @property
    def digits(self) -> float:
        """How many significant digits of the value one may trust, if its inputs are exact."""
        return digits_of(self.relative)

    @property
    def conditioned_digits(self) -> float:
        """How many one may trust if each input is only known to a unit round-off."""
        return digits_of(_relative(self.bound + self.data, self.value))

    @property
    def is_good(self) -> bool:
        """Whether the bound is no more than some roundings of the value itself."""
        return self.relative <= _FEW * UNIT


def digits_of(relative: float) -> float:
    """The significant digits that a relative error leaves: none where it is 1 or more, and at most those of 2^-53."""
    if relative != relative or relative >= 1:
        return 0.0
    return MOST_DIGITS if relative <= UNIT else -math.log10(relative)


def _relative(error: float, value: float) -> float:
    if not math.isfinite(value):
        return math.nan
    return error / abs(value) if value else math.inf if error else 0.0


class Roundings:
    """What the operations of a tape round, whatever is asked for."""

    def __init__(self, tape: Tape, inputs: Sequence[str]) -> None:
        """Take the tape, and the inputs that are data."""
        self.tape = tape
        self.inputs = inputs

    @cached_property
    def errors(self) -> list[Value | None]:
        """How far the result of each entry may be off by its own rounding; None where it is exact."""
        tape = self.tape
        if tape.arrays:
            from adcli.rules.array_accuracy import array_rounding  # which programs of numbers do not need

            with quiet(tape):
                return [
                    array_rounding(operation, tape.operand_values(entry), tape.values[entry])
                    if tape.operands[entry]
                    else None
                    for entry, operation in enumerate(tape.operations)
                ]
        errors = (
            rounding(operation, tape.operand_values(entry), tape.values[entry]) if tape.operands[entry] else 0.0
            for entry, operation in enumerate(tape.operations)
        )
        return [error or None for error in errors]

    @cached_property
    def _inexact(self) -> list[tuple[int, Value]]:
        """The entries that were rounded, with their errors."""
        return [(entry, error) for entry, error in enumerate(self.errors) if error is not None]

    @cached_property
    def decimals(self) -> list[int]:
        """The constants whose text is no binary fraction: `0.1`, `pi`."""
        return [entry for entry in self.tape.constants if not _is_binary(self.tape, entry)]

    @cached_property
    def rounded(self) -> list[bool]:
        """For each entry whether any rounding went into it."""
        return active_entries(self.tape, [entry for entry, _ in self._inexact])

    @cached_property
    def active(self) -> list[bool]:
        """For each entry whether its adjoint is asked for: it depends on a rounding, or on data."""
        starts = [
            *(entry for entry, _ in self._inexact),
            *self.decimals,
            *(self.tape.inputs[name] for name in self.inputs),
        ]
        return active_entries(self.tape, starts)

    def adjoints(self, seeds: Mapping[int, Value]) -> list[Value | None]:
        """The reverse sweep from some entries."""
        return sweep(self.tape, seeds, self.active)

    def losses(self, adjoints: Sequence[Value | None]) -> list[Loss]:
        """What each entry brings to what was swept from."""
        with quiet(self.tape):
            return [
                Loss(entry, adjoint, contribution)
                for entry, error in self._inexact
                if (adjoint := adjoints[entry]) is not None and (contribution := _carried(adjoint, error))
            ]


def _is_binary(tape: Tape, entry: int) -> bool:
    """Whether a constant is what its text says, to the last digit."""
    text, value = tape.names[entry] or "", tape.values[entry]
    try:
        return not math.isfinite(value) or Fraction(text) == Fraction(value)
    except ValueError:  # `pi`
        return False


def _carried(adjoint: Value, size: Value) -> float:
    """|adjoint| · size, summed over the elements. A product is 0 where a factor is; NaN counts as infinite."""
    if type(adjoint) is float and type(size) is float:
        result = abs(adjoint) * size if adjoint and size else 0.0
    else:
        import numpy

        products = abs(adjoint) * size
        result = float(numpy.sum(numpy.where((adjoint == 0) | (size == 0), 0.0, products)))
    return math.inf if result != result else result


def precision(roundings: Roundings, entry: int, seed: Value, value: float) -> Precision:
    """The rounding error of an output, or of a component of one.

    Args:
        roundings: of the tape
        entry: the output
        seed: 1, or for a component an array with a 1 in its place
        value: the output's, or the component's
    """
    tape, inputs = roundings.tape, roundings.inputs
    adjoints = roundings.adjoints({entry: seed})
    losses = sorted(roundings.losses(adjoints), key=lambda loss: (-loss.contribution, loss.entry))
    bound = total([loss.contribution for loss in losses]) if math.isfinite(value) else math.inf
    slopes = at_inputs(tape, adjoints, inputs)
    with quiet(tape):
        condition = {name: _condition(tape.values[tape.inputs[name]], slopes[name], value) for name in inputs}
        data = UNIT * total(
            [
                _carried(adjoint, abs(tape.values[source]))
                for source in (*(tape.inputs[name] for name in inputs), *roundings.decimals)
                if (adjoint := adjoints[source]) is not None
            ]
        )
        unseen = (entry for entry in range(len(tape)) if _has_second_order_loss(roundings, entry, adjoints[entry]))
        second_order_loss = next(unseen, None)
    result = Precision(value, bound, tuple(losses), condition, data, None, (), second_order_loss)
    if result.is_good or not math.isfinite(value):
        return result
    cancellation = _cancellation(roundings, adjoints, bound)
    return result._replace(cancellation=cancellation, rewrites=_rewrites(tape, cancellation, losses, bound))


def _condition(value: Value, slope: Value, output: float) -> Value:
    """|x dL/dx / L| of each element: infinite where only the output is zero."""
    if type(value) is float:
        moved = abs(value * slope) if value and slope else 0.0
        return moved / abs(output) if output else math.inf if moved else 0.0
    import numpy

    moved = numpy.where((value == 0) | (slope == 0), 0.0, abs(value * slope))
    return moved / abs(output) if output else numpy.where(moved == 0, 0.0, math.inf)


def _cancellation(roundings: Roundings, adjoints: Sequence[Value | None], bound: float) -> Cancellation | None:
    """The sum that costs most: where rounded terms were much larger than what they leave."""
    with quiet(roundings.tape):
        costliest = max(_cancellations(roundings, adjoints), default=None)
    if costliest is None or costliest[0] < _TELLING * bound:
        return None
    _, entry, ratio = costliest
    return Cancellation(-entry, min(math.log10(ratio), MOST_DIGITS))


def _cancellations(roundings: Roundings, adjoints: Sequence[Value | None]) -> Iterator[tuple[float, int, float]]:
    """For each sum that loses digits: what that costs, minus its entry (the first of equals counts), and the ratio."""
    for entry, adjoint in enumerate(adjoints):
        if adjoint is None or not roundings.rounded[entry]:
            continue
        terms = _terms(roundings, entry)
        if terms is not None:
            score, ratio = _lost(adjoint, terms, roundings.tape.values[entry])
            if score:
                yield score, -entry, ratio


def _terms(roundings: Roundings, entry: int) -> Value | None:
    """The size of the rounded terms of a sum; None where the operation is no sum."""
    tape = roundings.tape
    operation, operands = tape.operations[entry], tape.operands[entry]
    if operation.known("terms") is OPERANDS:
        left, right = (abs(tape.values[operand]) if roundings.rounded[operand] else 0.0 for operand in operands)
        if shape_of(left) or shape_of(right):
            import numpy

            return numpy.maximum(left, right)
        return max(left, right)
    if not isinstance(operation, ArrayPrimitive):
        return None
    from adcli.rules.array_accuracy import sizes_of_terms

    return sizes_of_terms(operation, tape.operand_values(entry))


def _lost(adjoint: Value, terms: Value, value: Value) -> tuple[float, float]:
    """What a unit round-off of the terms costs the output, and how many times larger the terms are than their sum.

    Only terms count that are more than ten times larger. Of an array the ratio is that of the costliest element.
    """
    if type(value) is float and type(adjoint) is float and type(terms) is float:
        if not terms > 10 * abs(value):
            return 0.0, 1.0
        return _carried(adjoint, terms * UNIT), terms / abs(value) if value else math.inf
    import numpy

    lost = numpy.where(terms > 10 * abs(value), terms, 0.0)
    costs = numpy.where(adjoint == 0, 0.0, abs(adjoint) * lost * UNIT)
    if not numpy.any(costs > 0):
        return 0.0, 1.0
    place = numpy.unravel_index(numpy.nanargmax(costs), costs.shape)
    left = float(abs(numpy.broadcast_to(value, costs.shape)[place]))
    return float(numpy.nansum(costs)), float(lost[place]) / left if left else math.inf


def _has_second_order_loss(roundings: Roundings, entry: int, adjoint: Value | None) -> bool:
    """Whether a sum of rounded terms has lost all its digits, and the output does not change with it to first order."""
    tape = roundings.tape
    operands = tape.operands[entry]
    if adjoint is None or tape.operations[entry].known("terms") is not OPERANDS or not roundings.rounded[entry]:
        return False
    terms: Value = _terms(roundings, entry)
    if type(adjoint) is float and (adjoint or (type(terms) is float and not terms)):
        return False
    lost = (adjoint == 0) & (terms > 0) & (abs(tape.values[entry]) <= 4 * UNIT * terms)
    return operands[0] != operands[1] and bool(lost if type(lost) is bool else lost.any())


def _rewrites(tape: Tape, cancellation: Cancellation | None, losses: Sequence[Loss], bound: float) -> tuple[Match, ...]:
    """What to write instead of that which loses the digits."""
    entries = [cancellation.entry] if cancellation is not None else []
    entries += [loss.entry for loss in losses[:_MOST_REWRITES] if loss.contribution >= _TELLING * bound]
    chosen: dict[frozenset[int], Match] = {}
    for entry in entries:
        match = next(matches_around(tape, entry, DIGITS), None)
        if match is not None and not any(match.inside <= other or match.inside >= other for other in chosen):
            chosen[match.inside] = match
    return tuple(chosen.values())[:_MOST_REWRITES]

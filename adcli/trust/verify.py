"""The operations of a tape once more with many digits: what the values would be without rounding."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from adcli.errors import AdError, Problem
from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.tape.components import elements, labels_of
from adcli.tape.exact import Real, applied_exactly, exact, number
from adcli.tape.ieee import quiet
from adcli.tape.labels import labels
from adcli.tape.reach import entries_behind
from adcli.tape.tape import COMPARE, Guard, Tape, Value
from adcli.tape.walk import forward
from adcli.trust.guards import kinked_entries
from adcli.trust.wording import place

DIGITS = 50  # of the second run
_HALF = 1e-8  # a relative error of so much has cost half of the digits


class Lost(NamedTuple):
    """The first entry that has lost half of its digits, at the component that has lost most."""

    entry: int
    label: str
    value: float
    exact: float


class Turned(NamedTuple):
    """A decision that comes out otherwise with many digits: what was decided, and its line."""

    text: str
    line: int | None


class PreciseRun:
    """A second run of a tape's operations, with 50 digits, from the same inputs and constants.

    The same operations run again, however the decisions come out: those that come out otherwise are told. Where the
    first run had an infinity or a NaN, the second has it too.
    """

    def __init__(self, tape: Tape) -> None:
        """Run the operations; raises AdError `usage` where mpmath is not installed."""
        try:
            import mpmath
        except ImportError:
            message = f"a run with {DIGITS} digits needs mpmath, which is not installed"
            raise AdError(
                Problem("usage", message, help="pip install 'adcli[precise]', or pip install mpmath")
            ) from None
        self.tape = tape
        with mpmath.workdps(DIGITS), quiet(tape):
            self.carried: list[Real] = [exact(value) for value in tape.values]  # those of the leaves are what counts
            self.values = forward(tape, self)

    def apply(self, entry: int, operands: list[Real]) -> Real:
        """The value of an entry's operation on exact operands."""
        return applied_exactly(self.tape, entry, operands)

    def error(self, entry: int, index: tuple[int, ...], value: float) -> float:
        """How far a value is from the exact one."""
        exact = self.exact(entry, index)
        return _error(value, exact) if math.isfinite(value) and exact == exact else math.nan

    def relative_error(self, entry: int, index: tuple[int, ...], value: float) -> float:
        """The same relative to the exact value: also of one that is too small for a float."""
        exact = self.exact(entry, index)
        error = abs(exact - number(value))
        return float(error / abs(exact)) if exact else math.inf if error else 0.0

    def exact(self, entry: int, index: tuple[int, ...] = ()) -> Real:
        """The value of an entry, or of a component of it."""
        return self.values[entry][index] if index else self.values[entry]

    def text(self, entry: int, index: tuple[int, ...], digits: int) -> str:
        """The exact value with so many significant digits."""
        import mpmath

        return str(mpmath.nstr(self.exact(entry, index), digits, strip_zeros=True))

    def first_lost(self, outputs: Iterable[int]) -> Lost | None:
        """The first entry behind some outputs that has lost half of its digits; None if none has."""
        behind = entries_behind(self.tape, outputs)
        for entry, value in enumerate(self.tape.values):
            if not behind[entry]:
                continue
            numbers = elements(value)
            exact = [self.values[entry]] if type(value) is float else list(self.values[entry].ravel())
            errors = [_error(*pair) for pair in zip(numbers, exact, strict=True)]
            worst = max(range(len(errors)), key=errors.__getitem__, default=None)
            # of an array relative to its largest element: an element that is zero has no digits to lose
            size = max((abs(float(number)) for number in exact if number == number), default=0.0)
            if worst is not None and errors[worst] > _HALF * size:
                label = list(labels_of("", shape_of(value)))[worst]
                return Lost(entry, label, numbers[worst], float(exact[worst]))
        return None

    def turned(self) -> list[Turned]:
        """The decisions that come out otherwise, each once."""
        names = labels(self.tape)
        return list(dict.fromkeys(Turned(*place(self.tape, what, names)) for what in self._turned()))

    def _turned(self) -> Iterator[Guard | int]:
        tape = self.tape
        for guard in tape.guards:
            left, right = self.values[guard.left], self.values[guard.right]
            before = COMPARE[guard.comparison](tape.values[guard.left], tape.values[guard.right])
            if COMPARE[guard.comparison](left, right) != before:
                yield guard
        for entry in kinked_entries(tape):
            kink = tape.operations[entry].kink
            if kink is not None and kink.apart is not None and self._jumped(entry, kink.apart):
                yield entry

    def _jumped(self, entry: int, least: Callable[[Sequence[Value]], Value]) -> bool:
        """Whether a result is beyond a jump, on both sides of which results are apart by something at least."""
        import numpy

        tape = self.tape
        with quiet(tape):
            apart = abs(numpy.asarray(tape.values[entry] - self.values[entry], dtype=object))
        return bool(numpy.any(apart > least(tape.operand_values(entry))))


def _error(value: float, exact: Real) -> float:
    """How far a value is from the exact one; 0 where there is nothing to compare."""
    return abs(float(exact - number(value))) if math.isfinite(value) and exact == exact else 0.0

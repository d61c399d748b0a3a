"""A row of the tape: an entry with its partials; and which of millions of rows are alike but for names and numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from adcli.records import NamedTuple
from adcli.report.alike import Alike, Patterns, Place
from adcli.report.entries import Entry
from adcli.report.examples import ACTIVE, KindsOfRows
from adcli.rules.compile import RAISED
from adcli.rules.local import contribution, number_pullback
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANT
from adcli.syntax.formula import Formula
from adcli.tape.describe import contribution_text, partial_text, receiver_text
from adcli.tape.ieee import contained, quiet
from adcli.tape.reach import varied_operands
from adcli.tape.tape import Value


class Partial(NamedTuple):
    """The partial of an entry with respect to one of its operands.

    An operation on whole arrays has none: the formula is the addition to the operand's adjoint, and there is no value.
    Neither is there where a rule has no derivative by an operand.
    """

    of: str
    formula: str | None
    value: Value | None


class TapeEntry(Entry):
    """A row of the tape. It carries the patterns of rows, which know what depends on an input."""

    carried: TapePatterns

    @property
    def active(self) -> bool:
        """Whether it depends on an input."""
        return self.carried.active[self.place]

    @property
    def operands(self) -> tuple[str | float, ...]:
        """Entries by their numbers (`v3`), and the values of constants."""
        tape = self.tape
        return tuple(
            tape.values[source] if tape.operations[source] is CONSTANT else self.names.number(source)
            for source in tape.operands[self.place]
        )

    @property
    def partials(self) -> tuple[Partial, ...]:
        """The partials with respect to operands that depend on an input."""
        operands, active = self.tape.operands[self.place], self.carried.active
        if not operands:
            return ()
        # of numbers nothing touches NumPy's error state, and there may be millions of them
        partial = self._of_arrays if self.tape.arrays else self._partial
        varied = varied_operands(self.tape, self.place)
        return tuple([partial(position) for position in varied if active[operands[position]]])

    @contained
    def _of_arrays(self, position: int) -> Partial:
        with quiet(self.tape):
            return self._partial(position)

    def _partial(self, position: int) -> Partial:
        tape, entry, names = self.tape, self.place, self.names
        operation, of = tape.operations[entry], names[tape.operands[entry][position]]
        if position in operation.without:
            return Partial(of, None, None)
        if not operation.elementwise:
            receiver = receiver_text(tape, entry, position, names)
            return Partial(of, Formula(receiver, " += ", contribution_text(tape, entry, position, names)), None)
        value = contribution(operation, position, 1.0, tape.values[entry], tape.operand_values(entry))
        return Partial(of, partial_text(tape, entry, position, names), value)

    def alike(self) -> Alike | None:
        """What the row is like."""
        return self.carried.alike(self.place)


_NUMBER, _LABEL, _LINE, _VALUE, _OPERANDS = range(5)  # the places of a pattern; the partials are the last


class _Kind(NamedTuple):
    """What entries have in common that did the same with operands of the same kinds.

    Attributes:
        pullback: the function of the partials of active operands, as `number_pullback` has it; None for no partials
        several: whether it gives a tuple
        constants: the positions of operands that are constants
        digits: whether the digits of constants count, since the rule computes with them
        patterns: the rows by what these constants are
    """

    pullback: Callable[..., Any] | None
    several: bool
    constants: tuple[int, ...]
    digits: bool
    patterns: Patterns


class TapePatterns(KindsOfRows):
    """The patterns of the rows of a tape of numbers."""

    def alike(self, entry: int) -> Alike | None:
        """What the row of an entry is like; None where arrays, edges or infinities make it one of its own."""
        tape, codes = self.tape, self._examples.codes
        operation, operands, values = tape.operations[entry], tape.operands[entry], tape.values
        key = operation, tuple([codes[operand] for operand in operands]), tape.names[entry] is None, codes[entry]
        try:
            kind: _Kind | None = self._kinds[key]
        except KeyError:
            kind = self._kinds[key] = None if tape.arrays else _kind(operation, key[1])
        if kind is None or tape.spans[entry] is None:
            return None
        given = [values[operand] for operand in operands]
        numbers = _numbers(kind, values[entry], given)
        if numbers is None:
            return None
        digits = self._examples.digits(entry, kind.constants) if kind.digits else ()
        pattern = kind.patterns.kept(digits, lambda: self._example(kind, entry))
        if pattern is None:
            return None
        number = self.names.number
        if kind.constants:
            places = [repr(value) if codes[operand] > ACTIVE else number(operand)
                      for operand, value in zip(operands, given, strict=True)]  # fmt: skip
        else:
            places = [number(operand) for operand in operands]
        labels = self._labels(operands, bool(kind.constants))
        value, *partials = map(repr, numbers)
        texts = (number(entry), self.names[entry], str(tape.line(entry)), value, *labels, *places, *partials)
        return Alike(pattern, texts)

    def _example(self, kind: _Kind, entry: int) -> TapeEntry:
        """The row of an entry with marks in its places."""
        count = len(self.tape.operands[entry])
        places = range(_OPERANDS, _OPERANDS + count)
        numbers = range(_OPERANDS + count, _OPERANDS + 2 * count)
        example, marks, active = self._examples.example(entry, kind.digits, (*places, _LABEL), (*numbers, _NUMBER))
        return _Example(example, marks, count, TapePatterns(example, marks, active))


def _kind(operation: Primitive, codes: tuple[int, ...]) -> _Kind | None:
    """What entries of an operation have in common; None where there is no telling."""
    if operation.variadic or operation.without or not operation.elementwise:
        return None
    active = tuple([code == ACTIVE for code in codes])
    formulas = [formula for formula, wanted in zip(operation.formulas(len(codes)), active, strict=True) if wanted]
    return _Kind(
        number_pullback(operation, active) if any(active) else None,
        sum(active) > 1,
        tuple([position for position, code in enumerate(codes) if code > ACTIVE]),
        any("-" in formula or "^" in formula or "**" in formula for formula in formulas),
        Patterns(),
    )


def _numbers(kind: _Kind, value: float, operands: Sequence[float]) -> tuple[float, ...] | None:
    """The value of an entry and its partials; None where one is not finite: at an edge the formula is another one."""
    if kind.pullback is None:
        numbers: tuple[float, ...] = (value,)
    else:
        try:
            partials = kind.pullback(1.0, value, *operands)
        except RAISED:
            return None
        numbers = (value, *partials) if kind.several else (value, partials)
    total = sum(numbers)
    return numbers if type(total) is float and isfinite(total) else None


class _Example(TapeEntry):
    """The row of an example: what differs from row to row is a mark."""

    @property
    def value(self) -> Any:
        """The value."""
        return Place(_VALUE)

    @property
    def line(self) -> Any:
        """The line."""
        return Place(_LINE)

    @property
    def operands(self) -> tuple[Any, ...]:
        """The numbers of entries, and of constants."""
        tape, names = self.tape, self.names
        return tuple(
            Place(_OPERANDS + self.place + operand) if tape.operations[operand] is CONSTANT else names.number(operand)
            for operand in tape.operands[self.place]
        )

    @property
    def partials(self) -> tuple[Partial, ...]:
        """The partials."""
        partials = super().partials
        first = _OPERANDS + 2 * self.place
        return tuple([partial._replace(value=Place(place)) for place, partial in enumerate(partials, first)])

"""A row of the tape: an entry with its partials; and which of millions of rows are alike but for names and numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple

from adcli.report.alike import Alike, Pattern, Place, mark
from adcli.report.entries import Entry
from adcli.rules.compile import RAISED
from adcli.rules.local import contribution, number_pullback
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANT, INPUT
from adcli.syntax.formula import Formula
from adcli.tape.describe import contribution_text, partial_text, receiver_text
from adcli.tape.ieee import contained, quiet
from adcli.tape.labels import Labels
from adcli.tape.reach import varied_operands
from adcli.tape.tape import Tape, Value


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

    carried: Patterns

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


_MOST = 10_000  # patterns that are kept
_PASSIVE, _ACTIVE, _CONSTANT, _NEGATIVE = range(4)  # what an operand is, for what is said of it
_NUMBER, _LABEL, _LINE, _VALUE, _OPERANDS = range(5)  # the places of a pattern; the partials are the last


class _Kind(NamedTuple):
    """What entries have in common that did the same with operands of the same kinds.

    Attributes:
        pullback: the function of the partials of active operands, as `number_pullback` has it; None for no partials
        several: whether it gives a tuple
        constants: the positions of operands that are constants
        digits: whether the digits of constants count, since the rule computes with them
        patterns: the rows by what these constants are; None for one that was seen once
    """

    pullback: Callable[..., Any] | None
    several: bool
    constants: tuple[int, ...]
    digits: bool
    patterns: dict[tuple[str, ...], Pattern | None]


class Patterns:
    """The patterns of the rows of a tape of numbers.

    Attributes:
        active: of each entry whether it depends on an input
    """

    def __init__(self, tape: Tape, names: Labels, active: Sequence[bool]) -> None:
        self.active = active
        self._tape = tape
        self._names = names
        self._kinds: dict[tuple[Any, ...], _Kind | None] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: not the patterns, which can be had again."""
        return self.__dict__ | {"_kinds": {}}

    @cached_property
    def _codes(self) -> Sequence[int]:
        """What each entry is as an operand."""
        codes = bytearray(self.active)
        for entry in self._tape.constants:
            codes[entry] = _NEGATIVE if (self._tape.names[entry] or "").startswith("-") else _CONSTANT
        return codes

    def alike(self, entry: int) -> Alike | None:
        """What the row of an entry is like; None where arrays, edges or infinities make it one of its own."""
        tape, codes = self._tape, self._codes
        operation, operands, values = tape.operations[entry], tape.operands[entry], tape.values
        key = operation, tuple([codes[operand] for operand in operands]), tape.names[entry] is None, codes[entry]
        try:
            kind = self._kinds[key]
        except KeyError:
            kind = self._kinds[key] = None if tape.arrays else _kind(operation, key[1])
        if kind is None or tape.spans[entry] is None:
            return None
        given = [values[operand] for operand in operands]
        numbers = _numbers(kind, values[entry], given)
        pattern = None if numbers is None else self._pattern(kind, entry)
        if numbers is None or pattern is None:
            return None
        names, number = self._names, self._names.number
        labels = [names[operand] for operand in operands]
        if kind.constants:
            labels = [label.removeprefix("-") for label in labels]
            places = [repr(value) if codes[operand] > _ACTIVE else number(operand)
                      for operand, value in zip(operands, given, strict=True)]  # fmt: skip
        else:
            places = [number(operand) for operand in operands]
        value, *partials = map(repr, numbers)
        texts = (number(entry), names[entry], str(tape.line(entry)), value, *labels, *places, *partials)
        return Alike(pattern, texts)

    def _pattern(self, kind: _Kind, entry: int) -> Pattern | None:
        """The pattern of a row; None for the first one, of which there may be no other."""
        names, operands = self._tape.names, self._tape.operands[entry]
        digits = tuple([names[operands[position]] or "" for position in kind.constants]) if kind.digits else ()
        pattern = kind.patterns.get(digits)
        if pattern is None:
            if digits in kind.patterns:
                pattern = Pattern(self._example(kind, entry))
            elif len(kind.patterns) == _MOST:
                kind.patterns.clear()
            kind.patterns[digits] = pattern
        return pattern

    def _example(self, kind: _Kind, entry: int) -> TapeEntry:
        """The row of an entry with marks in its places, on a tape of its own where all operands are different."""
        tape, codes = self._tape, self._codes
        example, labels, numbers = Tape(tape.source), [], []
        operands = tape.operands[entry]
        for place, operand in enumerate(operands, _OPERANDS):
            constant = codes[operand] > _ACTIVE
            label = ("-" if codes[operand] == _NEGATIVE else "") + mark(place)
            labels.append(tape.names[operand] or "" if constant and kind.digits else label)
            numbers.append(mark(place + len(operands)))
            example.append(CONSTANT if constant else INPUT, (), tape.values[operand], labels[-1], None)
        name = None if tape.names[entry] is None else mark(_LABEL)
        own = tuple(range(len(operands)))
        example.append(tape.operations[entry], own, tape.values[entry], name, tape.spans[entry])
        marks = _Marks(example, [*labels, mark(_LABEL)], [*numbers, mark(_NUMBER)])
        active = [codes[operand] == _ACTIVE for operand in (*operands, entry)]
        return _Example(example, marks, len(operands), Patterns(example, marks, active))


def _kind(operation: Primitive, codes: tuple[int, ...]) -> _Kind | None:
    """What entries of an operation have in common; None where there is no telling."""
    if operation.variadic or operation.without or not operation.elementwise:
        return None
    active = tuple([code == _ACTIVE for code in codes])
    formulas = [formula for formula, wanted in zip(operation.formulas(len(codes)), active, strict=True) if wanted]
    return _Kind(
        number_pullback(operation, active) if any(active) else None,
        sum(active) > 1,
        tuple([position for position, code in enumerate(codes) if code > _ACTIVE]),
        any("-" in formula or "^" in formula or "**" in formula for formula in formulas),
        {},
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


class _Marks(Labels):
    """What the entries of an example are called."""

    def __init__(self, tape: Tape, names: Sequence[str], numbers: Sequence[str]) -> None:
        super().__init__(tape)
        self.update(enumerate(names))
        self._numbers = numbers

    def number(self, entry: int) -> str:
        """The mark in the place of the number."""
        return self._numbers[entry]


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

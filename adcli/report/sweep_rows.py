"""A row of the sweep, a contribution; and which of millions of rows are alike but for names and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from adcli.records import NamedTuple
from adcli.report.alike import Alike, Patterns, Place
from adcli.report.examples import ACTIVE, KindsOfRows
from adcli.rules.primitive import Primitive
from adcli.tape.contributions import Contribution
from adcli.tape.describe import contribution_text, operation_text, receiver_text
from adcli.tape.labels import adjoint_name
from adcli.tape.tape import Value

_STEP, _CONTRIBUTION, _BEFORE, _AFTER, _LABEL, _OPERANDS = range(6)  # the places of a pattern


class SweepRow(NamedTuple):
    """One contribution; `target` is an operand, or a part of one, and `receiver` its adjoint.

    `nth` of `uses`: the how manieth that the operand receives; `before` is 0 for the first.
    """

    patterns: SweepPatterns
    term: Contribution
    step: int
    adjoint: Value
    nth: int
    uses: int

    @property
    def source(self) -> str:
        """The entry whose adjoint is passed on."""
        return self.patterns.names[self.term.entry]

    @property
    def operation(self) -> str:
        """What computed it."""
        return operation_text(self.patterns.tape, self.term.entry, self.patterns.names)

    @property
    def target(self) -> str:
        """The operand, or the part of one, that receives something."""
        return self.receiver.removeprefix(adjoint_name(""))

    @property
    def receiver(self) -> str:
        """The adjoint of the operand, or of the part."""
        return receiver_text(self.patterns.tape, self.term.entry, self.term.position, self.patterns.names)

    @property
    def formula(self) -> str:
        """What is received."""
        return contribution_text(self.patterns.tape, self.term.entry, self.term.position, self.patterns.names)

    @property
    def contribution(self) -> Value:
        """The same as a number."""
        return self.term.contribution

    @property
    def before(self) -> Value:
        """The adjoint of what receives it, before."""
        return 0.0 if self.term.before is None else self.term.before

    @property
    def after(self) -> Value:
        """The same after."""
        return self.term.after

    @property
    def line(self) -> int | None:
        """The line of the source."""
        return self.patterns.tape.line(self.term.entry)

    def alike(self) -> Alike | None:
        """What the row is like."""
        return self.patterns.alike(self)


class _Kind(NamedTuple):
    """What rows have in common whose entries did the same with operands of the same kinds.

    Attributes:
        constants: the positions of operands that are constants
        digits: whether the digits of constants count, since the rule computes with them
        edge: of the result and the operands that whose 0 is an edge of the rule; None for no edge
        patterns: the rows by what these constants are
    """

    constants: tuple[int, ...]
    digits: bool
    edge: int | None
    patterns: Patterns


class SweepPatterns(KindsOfRows):
    """The patterns of the rows of a sweep over a tape of numbers."""

    def alike(self, row: SweepRow) -> Alike | None:
        """What a row is like; None where arrays, edges or infinities make it one of its own."""
        tape, term, codes = self.tape, row.term, self._examples.codes
        entry, before, after = term.entry, row.before, term.after
        operation, operands = tape.operations[entry], tape.operands[entry]
        if tape.arrays or operation.variadic:  # whose operands may be thousands, for each of which there is a row
            return None
        key = operation, term.position, tuple([codes[operand] for operand in operands]), tape.names[entry] is None
        try:
            kind: _Kind | None = self._kinds[key]
        except KeyError:
            kind = self._kinds[key] = _kind(operation, term.position, key[2])
        if kind is None:
            return None
        total = term.contribution + before + after
        if type(total) is not float or not isfinite(total):
            return None
        if kind.edge is not None and not tape.values[(entry, *operands)[kind.edge]]:
            return None
        digits = self._examples.digits(entry, kind.constants) if kind.digits else ()
        pattern = kind.patterns.kept(digits, lambda: self._example(kind, term))
        if pattern is None:
            return None
        labels = self._labels(operands, bool(kind.constants))
        return Alike(
            pattern,
            (str(row.step), repr(term.contribution), repr(before), repr(after), self.names[entry], *labels),
        )

    def _example(self, kind: _Kind, term: Contribution) -> SweepRow:
        """A row with marks in its places."""
        count = len(self.tape.operands[term.entry])
        places = (*range(_OPERANDS, _OPERANDS + count), _LABEL)
        example, marks, active = self._examples.example(term.entry, kind.digits, places, places)
        numbers = map(Place, (_CONTRIBUTION, _BEFORE, _AFTER))
        own = Contribution(count, term.position, term.position, *numbers)
        step: Any = Place(_STEP)
        return SweepRow(SweepPatterns(example, marks, active), own, step, None, 0, 0)


def _kind(operation: Primitive, position: int, codes: Sequence[int]) -> _Kind | None:
    """What rows of an operation have in common; None where there is no telling."""
    if operation.without or not operation.elementwise:
        return None
    formula, edge = operation.formulas(len(codes))[position], operation.edge(position)
    return _Kind(
        tuple([place for place, code in enumerate(codes) if code > ACTIVE]),
        any(sign in formula for sign in ("-", "^", "**")),
        None if edge is None else ("v", *operation.letters(len(codes))).index(edge[0]),
        Patterns(),
    )

"""The tape: a Wengert list in parallel columns."""

from __future__ import annotations

from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANT, INPUT
from adcli.syntax.source import Source, Span


class Tape:
    """What ran, in order. Entries are appended and never changed.

    Attributes:
        operations: the primitive of each entry
        operands: the entries that each was applied to, all of them earlier
        values: the value of each
        names: the name that each was bound to, or None; for a constant its text
        spans: where each stands in the source
        inputs: the entry of each input
        bindings: the entry that each name of the program was last bound to
        source: the program's text
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.operations: list[Primitive] = []
        self.operands: list[tuple[int, ...]] = []
        self.values: list[float] = []
        self.names: list[str | None] = []
        self.spans: list[Span | None] = []
        self.inputs: dict[str, int] = {}
        self.bindings: dict[str, int] = {}
        self._constants: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.values)

    def input(self, name: str, value: float, span: Span) -> int:
        """Append an independent variable; its entry."""
        self.inputs[name] = self._leaf(INPUT, value, name, span)
        return self.inputs[name]

    def constant(self, text: str, value: float) -> int:
        """The entry of a constant, appended where it is not on the tape yet."""
        entry = self._constants.get(text)
        if entry is None:
            entry = self._constants[text] = self._leaf(CONSTANT, value, text, None)
        return entry

    def operand_values(self, entry: int) -> tuple[float, ...]:
        """The values that an entry's operation was applied to."""
        values = self.values
        return tuple([values[operand] for operand in self.operands[entry]])

    def line(self, entry: int) -> int | None:
        """The line of the source that an entry comes from; None for a constant."""
        span = self.spans[entry]
        return None if span is None else self.source.place(span.start)[0]

    def active(self, inputs: list[int]) -> list[bool]:
        """For each entry whether it depends on one of the given input entries; the others are passive."""
        active: list[bool] = []
        append = active.append
        chosen = set(inputs)
        for entry, operands in enumerate(self.operands):
            if len(operands) == 2:
                left, right = operands
                append(active[left] or active[right])
            elif len(operands) == 1:
                append(active[operands[0]])
            elif operands:
                append(any(active[operand] for operand in operands))
            else:
                append(entry in chosen)
        return active

    def _leaf(self, operation: Primitive, value: float, name: str, span: Span | None) -> int:
        self.operations.append(operation)
        self.operands.append(())
        self.values.append(value)
        self.names.append(name)
        self.spans.append(span)
        return len(self.values) - 1

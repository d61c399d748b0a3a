"""Of rows of a tape of numbers one as an example: marks in the places of names say what is said of all alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from adcli.report.alike import mark
from adcli.rules.table import CONSTANT, INPUT
from adcli.tape.labels import Labels
from adcli.tape.tape import Tape

PASSIVE, ACTIVE, POSITIVE, NEGATIVE = range(4)  # what an operand is, for what is said of it; two kinds of constants


class KindsOfRows:
    """What is known of rows that each say something of an entry of a tape: the patterns of those that are alike.

    Attributes:
        tape: that of the entries
        names: what they are called
        active: of each entry whether it depends on an input
    """

    def __init__(self, tape: Tape, names: Labels, active: Sequence[bool]) -> None:
        self.tape = tape
        self.names = names
        self.active = active
        self._examples = Examples(tape, names, active)
        self._kinds: dict[tuple[Any, ...], Any] = {}  # None where there is no telling

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: not the patterns, which can be had again."""
        return self.__dict__ | {"_kinds": {}}

    def _labels(self, operands: Sequence[int], has_constants: bool) -> list[str]:
        """What operands are called; the sign of a constant is told by its kind."""
        names = self.names
        labels = [names[operand] for operand in operands]
        return [label.removeprefix("-") for label in labels] if has_constants else labels


class Examples:
    """Examples of the entries of a tape."""

    def __init__(self, tape: Tape, names: Labels, active: Sequence[bool]) -> None:
        self._tape = tape
        self._names = names
        self._active = active

    @cached_property
    def codes(self) -> Sequence[int]:
        """What each entry is as an operand."""
        codes = bytearray(self._active)
        for entry in self._tape.constants:
            codes[entry] = NEGATIVE if (self._tape.names[entry] or "").startswith("-") else POSITIVE
        return codes

    def digits(self, entry: int, constants: Sequence[int]) -> tuple[str, ...]:
        """What the operands at some positions are, which are constants."""
        names, operands = self._tape.names, self._tape.operands[entry]
        return tuple([names[operands[position]] or "" for position in constants])

    def example(
        self, entry: int, digits: bool, labels: Sequence[int], numbers: Sequence[int]
    ) -> tuple[Tape, Labels, list[bool]]:
        """A tape of an entry alone and its operands, all of them different; what they are called; which are active.

        Args:
            entry: which one
            digits: whether the digits of constants count, and stay
            labels: the places of the labels of the operands, and of the entry
            numbers: those of the numbers of the same
        """
        tape, codes = self._tape, self.codes
        operands = tape.operands[entry]
        example, names = Tape(tape.source), []
        for operand, place in zip(operands, labels, strict=False):
            is_constant = codes[operand] > ACTIVE
            text = ("-" if codes[operand] == NEGATIVE else "") + mark(place)
            names.append(tape.names[operand] or "" if is_constant and digits else text)
            example.append(CONSTANT if is_constant else INPUT, (), tape.values[operand], names[-1], None)
        names.append(mark(labels[-1]))
        own = None if tape.names[entry] is None else names[-1]
        entries = tuple(range(len(operands)))
        example.append(tape.operations[entry], entries, tape.values[entry], own, tape.spans[entry])
        active = [codes[operand] == ACTIVE for operand in (*operands, entry)]
        return example, _Marks(example, names, [mark(place) for place in numbers]), active


class _Marks(Labels):
    """What the entries of an example are called."""

    def __init__(self, tape: Tape, names: Sequence[str], numbers: Sequence[str]) -> None:
        super().__init__(tape)
        self.update(enumerate(names))
        self._numbers = numbers

    def number(self, entry: int) -> str:
        """The mark in the place of the number."""
        return self._numbers[entry]

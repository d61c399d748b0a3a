"""What several reports say of an entry of the tape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adcli.records import NamedTuple
from adcli.report.cells import Digits, named, number, number_text
from adcli.report.fields import Field
from adcli.syntax.formula import Formula
from adcli.tape.describe import operation_text
from adcli.tape.labels import Labels, label_formula
from adcli.tape.tape import Tape, Value


class Entry(NamedTuple):
    """An entry, and what a report carries along with it: a tangent, a loss of digits."""

    tape: Tape
    names: Labels
    place: int
    carried: Any = None

    @property
    def entry(self) -> str:
        """Its number, such as `v3`."""
        return self.names.number(self.place)

    @property
    def label(self) -> str:
        """What it is bound to, or its number."""
        return self.names[self.place]

    @property
    def name(self) -> str | None:
        """What it is bound to, if it is."""
        return self.tape.names[self.place] and self.label

    @property
    def operation(self) -> str:
        """What was done to which entries."""
        return operation_text(self.tape, self.place, self.names)

    @property
    def value(self) -> Value:
        """Its value."""
        return self.tape.values[self.place]

    @property
    def line(self) -> int | None:
        """Where it stands in the program."""
        return self.tape.line(self.place)


NUMBER = Field("entry", "such as `v3`", column=named("entry"))
NAME = Field("name", "what it is bound to, or null")
OPERATION = Field("operation", "what was done to which entries")
RESULT = Field("value", "its value", column=number("value"))
LINE = Field("line", "where it stands in the program", column=number("line"))


def point_formula(point: Mapping[str, Value], digits: Digits) -> Formula:
    """`x = 2, y = 3`: where a program runs."""
    parts = (Formula(label_formula(name), " = ", number_text(value, digits)) for name, value in point.items())
    return Formula.joined(", ", parts)

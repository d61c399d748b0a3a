"""What several reports say of an entry of the tape."""

from __future__ import annotations

from typing import Any, NamedTuple

from adcli.report.fields import Field
from adcli.tape.describe import Labels, operation_text
from adcli.tape.tape import Tape


class Entry(NamedTuple):
    """An entry, and what a report carries along with it: a tangent, a loss of digits."""

    tape: Tape
    names: Labels
    entry: int
    carried: Any = None


LINE = Field("line", "where it stands in the program", lambda row: row.tape.line(row.entry))
ENTRY = (
    Field("entry", "such as `v3`", lambda row: row.names.number(row.entry)),
    Field("name", "what it is bound to, or null", lambda row: row.tape.names[row.entry] and row.names[row.entry]),
    Field("operation", "what was done to which entries", lambda row: operation_text(row.tape, row.entry, row.names)),
    Field("value", "its value", lambda row: row.tape.values[row.entry]),
)

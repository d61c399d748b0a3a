"""The text of a statement that assigns: its target, and where the text of its value begins."""

from __future__ import annotations

import re

from adcli.records import NamedTuple

_TARGET = r"\w+\s*(?:\[[^=]*?\])?"
_ASSIGNS = re.compile(
    rf"\s*(?:(?:output|state|for)\s+)?\(?\s*(?P<target>{_TARGET}(?:\s*,\s*{_TARGET})*)\s*\)?\s*(?P<operator>[-+*/]?)=(?!=)"
)


class Assigned(NamedTuple):
    """What stands in front of the value of a statement: `w[2] +`, and how long that is; of an expression nothing."""

    target: str
    operator: str
    length: int


def assigned(text: str) -> Assigned:
    """What a text assigns to, if it does: that of a statement, of the head of a loop, or of an expression."""
    found = _ASSIGNS.match(text)
    return Assigned(found["target"].strip(), found["operator"], found.end()) if found else Assigned("", "", 0)

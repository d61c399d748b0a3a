"""One component of the inputs of a run, which is called by its label: `x`, `w[2]`."""

from __future__ import annotations

from typing import TypeAlias

from adcli.tape.components import index_of, name_of, unit_at
from adcli.tape.tape import Tape, Value

Index: TypeAlias = tuple[int, ...]  # the subscripts of a component; none of a number


def entry_and_index(tape: Tape, component: str) -> tuple[int, Index]:
    """The entry of the input that a component belongs to, and the subscripts of the component."""
    return tape.inputs[name_of(component)], index_of(component)


def direction_along(tape: Tape, component: str) -> dict[int, Value]:
    """The direction along a component, by the entry of its input: 1 in the component, 0 in the others."""
    entry, index = entry_and_index(tape, component)
    return {entry: unit_at(tape.values[entry], index)}

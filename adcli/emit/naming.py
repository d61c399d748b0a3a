"""What entries are called in emitted texts, and derivatives: `bar_x`, `dot_L`; another name where one is taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from itertools import count

from adcli.emit.lines import Wanted
from adcli.rules.table import CONSTANT, CONSTANTS, INPUT
from adcli.tape.labels import labels
from adcli.tape.tape import Tape


def free_name(name: str, taken: Container[str], first: int) -> str:
    """A name, or if it is taken the name with the first number behind it, from `first` on, that is not."""
    if name not in taken:
        return name
    return next(choice for number in count(first) if (choice := f"{name}_{number}") not in taken)


def fresh_names(names: Iterable[str], called: Callable[[str], str], taken: Iterable[str]) -> dict[str, str]:
    """What the derivative of each name is called: a name that is not taken."""
    known = set(taken)
    result: dict[str, str] = {}
    for name in names:
        result[name] = free_name(called(re.sub(r"\W+", "_", name).strip("_")), known, 2)  # a component is `w[2]`
        known.add(result[name])
    return result


def bound_names(
    tape: Tape, derivatives: Mapping[int, int], called: Callable[[str], str], own: Mapping[str, str]
) -> dict[int, str]:
    """`bar_a` for the adjoint of what the program calls `a`; what is the adjoint of two names has the first one's.

    Args:
        tape: what ran
        derivatives: for some of its entries the entry of the derivative, which was recorded behind it
        called: makes the name of a derivative
        own: names that some derivatives have already
    """
    names = labels(tape)
    result: dict[int, str] = {}
    for entry, derivative in derivatives.items():
        if entry < len(tape) <= derivative and tape.names[entry] is not None:
            name = own.get(names[entry]) or called(names[entry])
            if name not in tape.inputs:
                result.setdefault(derivative, name)
    return result


def unique_names(wanted: Wanted, needed: Sequence[bool]) -> tuple[list[str], set[str]]:
    """The name of each entry that may need one, else "", and all that are taken: those of results and constants too.

    The name of a result is that of its own entry alone.
    """
    labelled = labels(wanted.tape)
    results = {entry: name for name, entry in reversed(list(wanted.results.items()))}
    taken = {*wanted.results, *wanted.tape.inputs, *CONSTANTS}
    names: list[str] = []
    for entry, operation in enumerate(wanted.tape.operations):
        if not needed[entry] or operation is CONSTANT:
            names.append("")
            continue
        name = results.get(entry) if operation is not INPUT else None
        if name is None:
            name = wanted.names.get(entry) or labelled.of(entry)
            if operation is not INPUT and name in taken:
                name = free_name(name, taken, 1)
        names.append(name)
        taken.add(name)
    return names, taken

"""What derivatives are called in emitted texts: `bar_x`, `dot_L`; another name where an input is called so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from adcli.emit.lines import free_name
from adcli.tape.labels import labels
from adcli.tape.tape import Tape


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

"""Whether a derivative that is not finite becomes finite with another way to write its formula.

A rewrite is only suggested where it was tried: at the values of the run the replacement and its derivatives are finite,
and its value is the same where the pattern has one.
"""

from __future__ import annotations

import math

from adcli.derive.modes import adjoints_of
from adcli.errors import AdError
from adcli.program.check import program_from_expression
from adcli.rules.dispatch import is_finite, shape_of, zero_like
from adcli.syntax.source import Source
from adcli.tape.components import flattened
from adcli.tape.execute import execute
from adcli.tape.tape import Tape, Value
from adcli.trust.rewrites import CURES, Match, matches_around

_SAME = 1e-6  # relative difference of two ways to write one value


def suggestion(tape: Tape, entry: int) -> Match | None:
    """A rewrite of something that an entry is part of, which makes its derivatives finite; None if none is known."""
    found = [match for match in matches_around(tape, entry, CURES) if cures(tape, match)]
    return min(found, key=lambda match: CURES.index(match.rewrite), default=None)


def cures(tape: Tape, match: Match) -> bool:
    """Whether at the values of the run the pattern is at fault, and its replacement is not, and has the same value."""
    old, faultless = _tried(tape, match.rewrite.pattern, match)
    value, finite = _tried(tape, match.rewrite.replacement, match)
    if faultless or not finite or shape_of(value) != shape_of(old):
        return False
    return not is_finite(old) or _close(value, old)


def _tried(tape: Tape, text: str, match: Match) -> tuple[Value, bool]:
    """The value of a formula of the letters, and whether it and its derivatives are finite."""
    program = program_from_expression(Source("rewrite", text))
    point = {variable.name: tape.values[match.letters[variable.name]] for variable in program.inputs}
    try:
        run = execute(program, point)
        output = run.bindings[program.outputs[0]]
        value = run.values[output]
        slopes = adjoints_of(run, {output: zero_like(value) + 1.0}, list(point))
    except AdError:
        return math.nan, False
    return value, is_finite(value) and all(map(is_finite, slopes.values()))


def _close(value: Value, old: Value) -> bool:
    """Whether all elements are the same to a few digits."""
    pairs = zip(flattened({"": value}).values(), flattened({"": old}).values(), strict=True)
    return all(math.isclose(one, other, rel_tol=_SAME, abs_tol=1e-12) for one, other in pairs)

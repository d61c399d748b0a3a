"""Whether a derivative that is not finite becomes finite with another way to write its formula.

A rewrite is only suggested where it was tried: at the values of the run the replacement and its derivatives are finite,
and its value is the same where the pattern has one. Whether that is enough is tried on the whole tape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from adcli.derive.modes import adjoints_of
from adcli.errors import AdError
from adcli.program.check import program_from_expression
from adcli.records import NamedTuple
from adcli.rules.compile import applied
from adcli.rules.dispatch import is_finite, shape_of, zero_like
from adcli.rules.shapes import Refused
from adcli.rules.table import INPUT
from adcli.syntax.source import Source
from adcli.tape.components import elements
from adcli.tape.domains import Operations
from adcli.tape.execute import execute
from adcli.tape.fast import sweep
from adcli.tape.ieee import quiet
from adcli.tape.reach import active_entries, dependents
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import forward
from adcli.trust.rewrites import CURES, Match, matches_around

_SAME = 1e-6  # relative difference of two ways to write one value


class Cure(NamedTuple):
    """A rewrite, and whether it alone makes the output and the derivative that is asked for finite."""

    match: Match
    enough: bool


def cure(tape: Tape, entries: Sequence[int], output: int, source: int) -> Cure | None:
    """A rewrite of something that one of the entries is part of, for the derivative of an output by a source.

    The first that is enough; else the first; None if none is known.
    """
    suggestions = [match for entry in entries if (match := suggestion(tape, entry)) is not None]
    enough = next((match for match in suggestions if _is_enough(tape, match, output, source)), None)
    if enough is not None:
        return Cure(enough, True)
    return Cure(suggestions[0], False) if suggestions else None


def suggestion(tape: Tape, entry: int) -> Match | None:
    """A rewrite of something that an entry is part of, which makes its derivatives finite; None if none is known."""
    curing = [match for match in matches_around(tape, entry, CURES) if cures(tape, match)]
    return min(curing, key=lambda match: CURES.index(match.rewrite), default=None)


def cures(tape: Tape, match: Match) -> bool:
    """Whether at the values of the run the pattern is at fault, and its replacement is not, and has the same value."""
    if any(number < 0 for letter in match.rewrite.edge for number in elements(tape.values[match.letters[letter]])):
        return False
    old, new = (_tried(tape, text, match) for text in (match.rewrite.pattern, match.rewrite.replacement))
    if old is None or new is None or old.faultless or not new.faultless or shape_of(new.value) != shape_of(old.value):
        return False
    if match.rewrite.edge and any(map(math.isinf, elements(old.value))):  # a pole is no edge
        return False
    return not is_finite(old.value) or _close(new.value, old.value)


class _Formula(NamedTuple):
    """A formula of the letters that has run."""

    tape: Tape
    value: Value

    def slopes(self, seed: Value) -> Mapping[str, Value]:
        """What each letter receives where the formula receives a seed."""
        return adjoints_of(self.tape, {self.tape.bindings["value"]: seed}, list(self.tape.inputs))

    @property
    def faultless(self) -> bool:
        """Whether its value and its derivatives are finite."""
        return is_finite(self.value) and all(map(is_finite, self.slopes(zero_like(self.value) + 1.0).values()))


def _tried(tape: Tape, text: str, match: Match) -> _Formula | None:
    """A formula at the values that its letters have in a run; None where it cannot be run: shapes may clash."""
    program = program_from_expression(Source("rewrite", text))
    point = {variable.name: tape.values[match.letters[variable.name]] for variable in program.inputs}
    try:
        run = execute(program, point)
    except AdError:
        return None
    return _Formula(run, run.values[run.bindings["value"]])


def _is_enough(tape: Tape, match: Match, output: int, source: int) -> bool:
    """Whether an output and its derivative by a source are finite with a rewrite, and all else as it ran."""
    new = _tried(tape, match.rewrite.replacement, match)
    trial, whole = tape.copy(), match.entry
    if new is None or whole > output:
        return False
    trial.operations[whole], trial.operands[whole], trial.values[whole] = INPUT, (), new.value
    active = active_entries(trial, [source, whole])
    with quiet(tape):
        changed = [entry for entry in sorted(dependents(tape, whole, output)) if whole < entry <= output]
        forward(trial, Operations(trial.values, {entry: _computed(trial, entry) for entry in changed}), changed)
        received = sweep(trial, {output: 1.0}, active)[whole]
        slopes = {} if received is None else new.slopes(received)
        seeds = {match.letters[letter]: slope for letter, slope in slopes.items() if active[match.letters[letter]]}
        slope = sweep(trial, {output: 1.0, **seeds}, active)[source]
    return is_finite(trial.values[output]) and (slope is None or is_finite(slope))


def _computed(tape: Tape, entry: int) -> Callable[..., Value]:
    """The operation of an entry; NaN where it refuses."""

    def computed(*operands: Value) -> Value:
        try:
            return applied(tape.operations[entry], operands)
        except Refused:
            return math.nan

    return computed


def _close(value: Value, old: Value) -> bool:
    """Whether all elements are the same to a few digits."""
    pairs = zip(elements(value), elements(old), strict=True)
    return all(math.isclose(new, before, rel_tol=_SAME, abs_tol=1e-12) for new, before in pairs)

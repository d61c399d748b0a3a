"""Answers as people type them: a number, or a formula over the names of the program."""

from __future__ import annotations

import math
import re

from adcli.errors import AdError, Problem
from adcli.program.check import program_from_expression
from adcli.rules.dispatch import shape_of
from adcli.syntax.source import Source
from adcli.tape.execute import execute
from adcli.tape.labels import labels
from adcli.tape.tape import Tape
from adcli.teach.words import said

_TYPED = str.maketrans({"−": "-", "–": "-", "·": "*", "×": "*", "²": "^2", "³": "^3"})
_NO_EXPRESSION = re.compile(r"[;{}\n#=]")
_LONGEST = 200


def number_answered(text: str, tape: Tape) -> float:
    """The number that an answer stands for; its names are those of values of a run. Raises AdError `bad-value`."""
    typed = re.sub(r"(?<=\d),(?=\d)", ".", text.strip().translate(_TYPED))
    if not typed or len(typed) > _LONGEST or _NO_EXPRESSION.search(typed):
        raise _unreadable(said("unreadable text"))
    try:
        program = program_from_expression(Source("<answer>", typed))
        called = labels(tape)
        entries = {variable.name: called.find(variable.name) for variable in program.inputs}
        known = {name: tape.values[entry] for name, entry in entries.items() if entry is not None}
        run = execute(program, known) if len(known) == len(entries) else None
    except AdError as error:
        raise _unreadable(error.problems[0].message) from None
    if run is None:
        unknown = next(name for name, entry in entries.items() if entry is None)
        raise _unreadable(said("unreadable name", name=unknown))
    value = run.values[run.bindings[program.outputs[0]]]
    if shape_of(value):
        raise _unreadable(said("unreadable array"))
    return float(value)


def formula_value(text: str, tape: Tape) -> float:
    """The value of a formula of ours over the names of a run; NaN where it has none that is a number."""
    try:
        return number_answered(text, tape)
    except AdError:
        return math.nan


def _unreadable(reason: str) -> AdError:
    return AdError(Problem("bad-value", said("unreadable", reason=reason)))

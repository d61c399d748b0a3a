"""Command lines without an option but inputs, `grad model.ad --x 2 --y 3`, read without click.

Its import takes longer than a gradient. So what most command lines are is read here; any other one, and each that has
a mistake, is left to click, which reads it anew: there is one place for messages.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from adcli.cli.status import ExitStatus
from adcli.errors import AdError
from adcli.records import NamedTuple

if TYPE_CHECKING:
    from adcli.run import Start

# The commands that answer such a line with all their options as they are by default: where the record of these is.
OPTIONS = {
    "eval": ("adcli.report.evaluation", "EvaluationOptions"),
    "grad": ("adcli.report.gradient", "GradientOptions"),
    "sweep": ("adcli.report.sweep", "SweepOptions"),
    "tape": ("adcli.report.tape", "TapeOptions"),
}
# The names of the options of these: an input that has one is given otherwise, by `--at`.
TAKEN = frozenset({
    "active", "all", "at", "checkpoint", "color", "difference", "digits", "entries", "expression", "format", "full",
    "help", "lines", "max-entries", "max-memory", "name", "nonsmooth", "of", "output", "pager", "quiet", "seed",
    "sweep", "tape", "watch", "wrt",
})  # fmt: skip


class _Line(NamedTuple):
    """A command line: its command, a file or an expression, and the texts of inputs by their names."""

    command: str
    program: str
    of_expression: bool
    inputs: dict[str, str]


def plain_status(arguments: list[str]) -> ExitStatus | None:
    """Run such a command line; None, before anything ran, where it is no such one or has a mistake.

    Raises AdError where the run fails, and what writing the result raises.
    """
    line = _line_of(arguments)
    if line is None or "_ADCLI_COMPLETE" in os.environ:  # click completes it
        return None
    try:
        start = _start_of(line)
    except AdError:
        return None
    if start is None:
        return None
    from adcli.cli.output import OutputOptions, write_report

    module, name = OPTIONS[line.command]
    options = getattr(import_module(module), name)()
    if line.command == "grad":
        from adcli.cli.gradient import write_gradient

        return write_gradient(options, start, OutputOptions())
    return write_report(options.answer(start), OutputOptions())


def _line_of(arguments: list[str]) -> _Line | None:
    """What the words of a command line say; None for those that have other options, or names twice."""
    if not arguments or arguments[0] not in OPTIONS:
        return None
    programs: list[tuple[str, bool]] = []
    inputs: dict[str, str] = {}
    rest = iter(arguments[1:])
    for word in rest:
        name, equals, value = word[2:].partition("=")
        if not word.startswith("-"):
            programs.append((word, False))
        elif word in ("-e", "--expression"):
            programs.append((next(rest, ""), True))
        elif word.startswith("--") and name and name not in inputs and name not in TAKEN:
            inputs[name] = value if equals else next(rest, "")
        else:
            return None
    return _Line(arguments[0], *programs[0], inputs) if len(programs) == 1 else None


def _start_of(line: _Line) -> Start | None:
    """The program at its inputs; None where the line names no file, or its inputs are not those of the program.

    Raises AdError where the program or an input is wrong.
    """
    if not line.of_expression and not os.path.isfile(line.program):  # a pipe can be read only once
        return None
    from adcli.api import expression, load
    from adcli.cli.given import given_value
    from adcli.tape.inputs import missing_inputs

    loaded = (expression if line.of_expression else load)(line.program)
    names = {variable.name for variable in loaded.program.inputs}
    if not names.issuperset(line.inputs) or missing_inputs(loaded.program, line.inputs):
        return None
    return loaded.at({name: given_value(text, f"`--{name}`") for name, text in line.inputs.items()})

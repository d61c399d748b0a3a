"""`adcli lint`: what is suspicious in programs."""

from __future__ import annotations

import sys
from typing import Any

import click

from adcli.api import DifferentiableProgram
from adcli.cli.command import Command
from adcli.cli.files import Readings, program_names
from adcli.cli.status import ExitStatus
from adcli.errors import AdError
from adcli.program.check import program_from
from adcli.report.frames import frame
from adcli.report.json import to_json
from adcli.report.report import problem_to_dict


@click.command(
    "lint",
    cls=Command,
    short_help="What is suspicious in a program, without running it.",
    examples=(("lint model.ad", "names that nothing uses, and the like"),),
)
@click.argument("programs", nargs=-1, required=True, type=click.Path(allow_dash=True), shell_complete=program_names)
@click.option("-f", "--format", type=click.Choice(("text", "json")), default="text", show_default=True,
              help="How the warnings are written.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Print only errors: the exit status is the verdict.")
def command(programs: tuple[str, ...], format: str, quiet: bool) -> ExitStatus:
    """Print what is suspicious in PROGRAMS: names that nothing uses, divisions by zero, and the like.

    The exit status is 1 if there is a warning. `adcli explain CODE` tells more of one.
    """
    frames: list[str] = []
    warnings: list[dict[str, Any]] = []
    checked = 0
    readings = Readings(programs, format == "json")
    for source in readings:
        try:
            problems = DifferentiableProgram(program_from(source)).lint
        except AdError as error:
            readings.complain(error)
            continue
        checked += 1
        frames += [frame(problem, source, "warning") for problem in problems]
        for problem in problems:
            warnings.append({"program": source.name, **problem_to_dict(problem, source), "help": problem.help})
    if checked and not quiet:
        sys.stdout.write(to_json({"warnings": warnings}) if format == "json" else "\n".join(frames))
    if readings.failed:
        return ExitStatus.UNUSABLE
    return ExitStatus.CHECK_FAILED if warnings else ExitStatus.DONE

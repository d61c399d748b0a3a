"""Problems on standard error: as code frames, or as JSON."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import click

from adcli.errors import AdError, Problem, Text
from adcli.report.frames import frame, plain

_COLORS = {"error": "red", "warning": "yellow", "frame": "blue"}


def write_problems(problems: Iterable[Problem], source: Text | None, level: str) -> None:
    """Write each problem with the place in its source."""
    colored = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    paint = _painted if colored else plain
    sys.stderr.write("\n".join(frame(problem, source, level, paint) for problem in problems))


def write_json(error: AdError) -> None:
    """Write all problems as one JSON object."""
    from adcli.report.json import to_json
    from adcli.report.model import problem_to_dict

    problems = [{**problem_to_dict(problem, error.source), "help": problem.help} for problem in error.problems]
    sys.stderr.write(to_json({"error": problems}))


def _painted(text: str, role: str) -> str:
    return click.style(text, fg=_COLORS[role], bold=True)

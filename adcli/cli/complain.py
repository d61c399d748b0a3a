"""Problems on standard error: as code frames, or as JSON."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from adcli.errors import AdError, Problem, Text
from adcli.report.frames import frame, plain

_COLORS = {"error": "red", "warning": "yellow", "frame": "blue"}
_MOST = 100  # problems that are shown


def write_problems(problems: Sequence[Problem], source: Text | None, level: str, color: bool | None = None) -> None:
    """Write each problem with the place in its source. `color` None follows the terminal and the environment."""
    if sys.stderr is None:  # it is closed: nobody listens
        return
    paint = _painted if (_colored() if color is None else color) else plain
    frames = [frame(problem, source, level, paint) for problem in problems[:_MOST]]
    if len(problems) > _MOST:
        frames.append(f"and {len(problems) - _MOST} more\n")
    sys.stderr.write("\n".join(frames))
    sys.stderr.flush()


def write_json(error: AdError) -> None:
    """Write all problems as one JSON object."""
    from adcli.report.json import to_json
    from adcli.report.report import problem_to_dict

    if sys.stderr is not None:
        problems = [{**problem_to_dict(problem, error.source), "help": problem.help} for problem in error.problems]
        sys.stderr.write(to_json({"error": problems}))
        sys.stderr.flush()


def _colored() -> bool:
    """As rich decides for the tables."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")


def _painted(text: str, role: str) -> str:
    return click.style(text, fg=_COLORS[role], bold=True)

"""`adcli page`: a program, or a course, as a page on which everything is recorded and swept anew."""

from __future__ import annotations

import sys
from typing import Any

import click

from adcli.cli.command import Command
from adcli.cli.output import output_option, warn, write_text
from adcli.cli.program_command import Loaded, ProgramCommand, require_writable_files
from adcli.cli.status import ExitStatus
from adcli.errors import AdError, Problem


class PageCommand(ProgramCommand):
    """A command with a program, or with a course in its place."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Without a program among the arguments where `--course` is."""
        if any(arg == "--course" or arg.startswith("--course=") for arg in args):
            return Command.parse_args(self, ctx, args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, with no program where there is a course."""
        if ctx.params.get("course") is None:
            return super().invoke(ctx)
        require_writable_files(ctx)
        return ctx.invoke(self.callback, None, **ctx.params) if self.callback is not None else None


@click.command(
    "page",
    cls=PageCommand,
    short_help="A page to move sliders on, step and predict.",
    examples=(
        ("page model.ad -o model.html", "one file, which needs no network"),
        ("page model.ad --x 2 -o model.html", "the sliders start there"),
        ("page --course course.md -o course.html", "texts, programs and questions"),
    ),
)
@click.option("--course", metavar="FILE", help="Put texts, programs and questions of a Markdown file into one page.")
@output_option
def command(loaded: Loaded | None, course: str | None, output: str | None) -> ExitStatus:
    """Write PROGRAM as a page: its text, its graph and its tables, with a slider for each input.

    The page records and sweeps the program anew at each move of a slider. It steps through the tape and the reverse
    sweep, shows what a gradient costs, holds it against differences, and asks for predictions. It is one file of less
    than 300 kB that asks nothing of any network; a browser opens it from a disk as well.
    """
    if output is None and sys.stdout is not None and sys.stdout.isatty():
        raise AdError(Problem("usage", "a page is a file for a browser", help="name it: --output page.html"))
    from adcli.page.options import PageOptions, course_page

    if course is not None:
        text = course_page(course)
    else:
        assert loaded is not None
        text = PageOptions().answer(loaded.start)
        warn(loaded.start.run.warnings, loaded.start.program.source)
    write_text(text, output)
    return ExitStatus.DONE

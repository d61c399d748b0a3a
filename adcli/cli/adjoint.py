"""`adcli adjoint`: the reverse sweep as a program."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import of_option, wrt_option
from adcli.cli.output import output_option, write_text
from adcli.cli.program_command import Loaded, ProgramCommand


@click.command(
    "adjoint",
    cls=ProgramCommand,
    short_help="The reverse sweep as a program that can be run.",
    examples=(("adjoint model.ad -o gradient.ad", "the gradient as a program"),),
)
@of_option("the first output")
@wrt_option
@click.option("--keep-guards", is_flag=True, help="Require that the decisions come out as they did.")
@output_option
def command(loaded: Loaded, output: str | None, **options: Any) -> None:
    """Run PROGRAM and print its reverse sweep as a program with the outputs bar_x, bar_y ….

    It is the straight line that ran: functions and branches are gone, loops have as many passes as they had, and the
    comment at its top says which decisions it holds under, and which conventions it uses where there is no derivative.
    """
    from adcli.report.programs import AdjointProgramOptions

    text = AdjointProgramOptions(**options).answer(loaded.start)
    write_text(text, output)

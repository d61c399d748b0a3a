"""`adcli tangent`: the forward sweep as a program."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import numbers_option, of_option, wrt_option
from adcli.cli.output import output_option, write_text
from adcli.cli.program_command import Loaded, ProgramCommand


@click.command(
    "tangent",
    cls=ProgramCommand,
    short_help="The forward sweep as a program that can be run.",
    examples=(("tangent model.ad --dot x=1", "the derivative by x as a program"),),
)
@of_option("every output")
@wrt_option
@numbers_option("dot", "The defaults of dot_x …, as x=1,y=2; without this they have none.", "x=1", required=False)
@click.option("--keep-guards", is_flag=True, help="Require that the decisions come out as they did.")
@output_option
def command(loaded: Loaded, output: str | None, **options: Any) -> None:
    """Run PROGRAM and print its forward sweep as a program with the inputs dot_x, dot_y … and the outputs dot_L ….

    It is the straight line that ran: functions and branches are gone, loops have as many passes as they had, and the
    comment at its top says which decisions it holds under, and which conventions it uses where there is no derivative.
    """
    from adcli.report.programs import TangentProgramOptions

    text = TangentProgramOptions(**options).answer(loaded.start)
    write_text(text, output)

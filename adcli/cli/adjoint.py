"""`adcli adjoint`: the reverse sweep as a program."""

from __future__ import annotations

import click

from adcli.cli.options import of_option, wrt_option
from adcli.cli.output import write_text
from adcli.cli.program_command import Loaded, ProgramCommand


@click.command("adjoint", cls=ProgramCommand, short_help="The reverse sweep as a program that can be run.")
@of_option("the first output")
@wrt_option
@click.option("--keep-guards", is_flag=True, help="Require that the decisions come out as they did.")
@click.option("--output", metavar="FILE", help="Write to a file.")
def command(loaded: Loaded, of: str | None, wrt: list[str] | None, keep_guards: bool, output: str | None) -> None:
    """Run PROGRAM and print its reverse sweep as a program with the outputs bar_x, bar_y ….

    It is the straight line that ran: functions, branches and loops are gone, and the comment at its top says which
    decisions it holds under.
    """
    text = loaded.program.adjoint(loaded.given, of=of, wrt=wrt, keep_guards=keep_guards)
    write_text(text, loaded.program.program.source, output)

"""`adcli jvp`: tangents."""

from __future__ import annotations

import click

from adcli.cli.options import check_option, numbers_option, of_option, selection_options
from adcli.cli.output import Output, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus
from adcli.report.fold import Selection


@click.command("jvp", cls=ProgramCommand, short_help="Forward mode: tangents of the outputs, given those of inputs.")
@numbers_option("dot", "The tangents of inputs, as x=1,y=2; those of the others are 0.", "x=1")
@of_option("every output")
@check_option
@selection_options
@output_options
def command(
    loaded: Loaded, dot: dict[str, float], of: str | None, check: bool, selection: Selection, output: Output
) -> ExitStatus:
    """Run PROGRAM and carry tangents forward along its tape: the Jacobian times a vector, in one sweep.

    The exit status is 1 if --check shows that a tangent is wrong.
    """
    report = loaded.program.jvp(loaded.given, dot=dot, of=of, check=check, selection=selection)
    write_report(report, output)
    return ExitStatus.CHECK_FAILED if report.wrong else ExitStatus.DONE

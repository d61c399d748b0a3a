"""`adcli jvp`: tangents."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import check_option, nonsmooth_option, numbers_option, of_option, selection_options
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus


@click.command(
    "jvp",
    cls=ProgramCommand,
    short_help="Forward mode: tangents of the outputs, given those of inputs.",
    examples=(
        ("jvp model.ad --dot x=1", "along x"),
        ("jvp model.ad --dot x=1,y=-2 --check", "along any direction, compared"),
    ),
)
@numbers_option("dot", "The tangents of inputs, as x=1,y=2; those of the others are 0.", "x=1")
@of_option("every output")
@check_option
@nonsmooth_option
@selection_options
@output_options
def command(loaded: Loaded, output: OutputOptions, **options: Any) -> ExitStatus:
    """Run PROGRAM and carry tangents forward along its tape: the Jacobian times a vector, in one sweep.

    The exit status is 1 if --check shows that a tangent is wrong or not finite.
    """
    from adcli.report.products import TangentOptions

    return write_report(TangentOptions(**options).answer(loaded.start), output)

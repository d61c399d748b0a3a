"""`adcli vjp`: adjoints."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import check_option, nonsmooth_option, numbers_option, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus


@click.command(
    "vjp",
    cls=ProgramCommand,
    short_help="Reverse mode: adjoints of the inputs, given those of outputs.",
    examples=(
        ("vjp model.ad --bar L=1", "the gradient of L"),
        ("vjp model.ad --bar L=1,b=0.5", "of a sum of values"),
    ),
)
@numbers_option("bar", "The adjoints of outputs, or of any named values, as L=1,M=2; else they are 0.", "L=1")
@wrt_option
@check_option
@nonsmooth_option
@output_options
def command(loaded: Loaded, output: OutputOptions, **options: Any) -> ExitStatus:
    """Run PROGRAM and carry adjoints back along its tape: a vector times the Jacobian, in one sweep.

    The exit status is 1 if --check shows that an adjoint is wrong or not finite.
    """
    from adcli.report.products import AdjointOptions

    return write_report(AdjointOptions(**options).answer(loaded.start), output)

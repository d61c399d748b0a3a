"""`adcli precision`: how far rounding may have taken each output, and where its digits were lost."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import of_option, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus


@click.command(
    "precision",
    cls=ProgramCommand,
    short_help="The digits that rounding leaves, and where others go.",
    examples=(
        ("precision model.ad", "the digits of each output"),
        ("precision -e '1 - cos(x)' --x 1e-6", "and where others were lost"),
    ),
)
@of_option("every output")
@wrt_option
@click.option("--all", "everything", is_flag=True, help="Show every entry that was rounded, and not the first 10.")
@click.option("--verify", is_flag=True, help="Run the same operations with 50 digits, and compare; takes mpmath.")
@output_options
def command(loaded: Loaded, output: OutputOptions, **options: Any) -> ExitStatus:
    """Run PROGRAM and print how far rounding may have taken each output from its exact value, to first order.

    One reverse sweep gives the bound: each operation is off by a unit round-off or so, and its adjoint carries that to
    the output. Beside it stand the entries that bring it, and how much an error of each input is magnified.

    The exit status is 1 if --verify finds a true error that exceeds its bound.
    """
    from adcli.report.precision import PrecisionOptions

    return write_report(PrecisionOptions(**options).answer(loaded.start), output)

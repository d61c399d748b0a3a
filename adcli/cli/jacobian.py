"""`adcli jacobian`: all derivatives of all outputs."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import check_option, nonsmooth_option, split_names, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.patterns import require_sparsity, sparsity_options, write_sparsity
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus
from adcli.derive.modes import Matrix, Mode


@click.command(
    "jacobian",
    cls=ProgramCommand,
    short_help="The derivatives of all outputs by all inputs.",
    examples=(
        ("jacobian model.ad", "all outputs by all inputs"),
        ("jacobian model.ad --of a,L -o jacobian.csv", "other values as well, into a file"),
        ("jacobian model.ad --sparsity", "which of them can be other than 0"),
    ),
)
@click.option("--of", metavar="NAMES", callback=split_names,
              help="The outputs, or other named values, as L,M; by default every output.")  # fmt: skip
@wrt_option
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]),
              help="By default whichever needs fewer sweeps.")  # fmt: skip
@check_option
@nonsmooth_option
@sparsity_options
@output_options
def command(loaded: Loaded, output: OutputOptions, sparsity: bool, plot: str | None, **options: Any) -> ExitStatus:
    """Run PROGRAM and print the derivatives of its outputs by its inputs.

    Reverse mode takes one sweep for each output, forward mode one for each input, or fewer where these have nothing to
    do with each other. The exit status is 1 if --check shows that a derivative is wrong or not finite.
    """
    if sparsity:
        return write_sparsity(Matrix.JACOBIAN, loaded, output, plot, options)
    require_sparsity(plot)
    from adcli.report.jacobian import JacobianOptions

    return write_report(JacobianOptions(**options).answer(loaded.start), output)

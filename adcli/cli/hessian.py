"""`adcli hessian`: second derivatives."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import check_option, nonsmooth_option, of_option, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.patterns import require_sparsity, sparsity_options, write_sparsity
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus
from adcli.derive.modes import Matrix


@click.command(
    "hessian",
    cls=ProgramCommand,
    short_help="The second derivatives of a program.",
    examples=(
        ("hessian model.ad", "all second derivatives"),
        ("hessian model.ad --check", "compared with differences of the gradient"),
        ("hessian model.ad --sparsity", "which of them can be other than 0"),
    ),
)
@of_option("every output")
@wrt_option
@check_option
@nonsmooth_option
@sparsity_options
@output_options
def command(loaded: Loaded, output: OutputOptions, sparsity: bool, plot: str | None, **options: Any) -> ExitStatus:
    """Run PROGRAM and print the second derivatives of its outputs.

    A product with a direction for each input, or fewer where inputs have nothing to do with each other; what rounding
    leaves between a derivative and its mirror image is told. The exit status is 1 if --check, which takes differences
    of the gradient, shows that one is wrong or not finite.
    """
    if sparsity:
        return write_sparsity(Matrix.HESSIAN, loaded, output, plot, options)
    require_sparsity(plot)
    from adcli.report.hessian import HessianOptions

    return write_report(HessianOptions(**options).answer(loaded.start), output)

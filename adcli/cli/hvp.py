"""`adcli hvp`: the Hessian times a direction."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import check_option, nonsmooth_option, numbers_option, of_option, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus
from adcli.derive.modes import SecondMode


@click.command(
    "hvp",
    cls=ProgramCommand,
    short_help="The second derivatives times a direction.",
    examples=(("hvp model.ad --dot x=1,y=-1", "how the gradient changes along a direction"),),
)
@numbers_option("dot", "The direction, as x=1,y=2; its other components are 0.", "x=1")
@of_option("every output")
@wrt_option
@click.option("--mode", type=click.Choice([mode.value for mode in SecondMode]),
              default=SecondMode.FORWARD_OVER_REVERSE.value, show_default=True,
              help="The way through the tape: the numbers are the same.")  # fmt: skip
@check_option
@nonsmooth_option
@output_options
def command(loaded: Loaded, output: OutputOptions, **options: Any) -> ExitStatus:
    """Run PROGRAM and print how its gradient changes along a direction, whatever the number of inputs in one sweep.

    The exit status is 1 if --check, which takes differences of the gradient, shows that a component is wrong or not
    finite.
    """
    from adcli.report.hessian_product import ProductOptions

    return write_report(ProductOptions(**options).answer(loaded.start), output)

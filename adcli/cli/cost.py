"""`adcli cost`: what a gradient costs by each method."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import checkpoint_option, of_option, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus


def _sizes(ctx: click.Context, parameter: click.Parameter, value: str | None) -> list[int] | None:
    if value is None:
        return None
    try:
        sizes = [int(part) for part in value.split(",")]
    except ValueError:
        sizes = [0]
    if min(sizes) < 1:
        raise click.BadParameter("expected whole numbers from 1, such as 1,10,100", ctx, parameter)
    return sizes


@click.command(
    "cost",
    cls=ProgramCommand,
    short_help="What a gradient costs by each method.",
    examples=(
        ("cost model.ad", "counted and measured"),
        ("cost model.ad --no-time", "only counted"),
    ),
)
@of_option("the first output")
@wrt_option
@click.option("--inputs", "sizes", metavar="SIZES", callback=_sizes,
              help="How it grows: run a program whose one input is a size at these sizes, as 1,10,100. The inputs of "
              "its gradient are then the values that a loop gives to a name.")  # fmt: skip
@click.option("--each", metavar="NAME", help="That name; by default the first that a loop assigns.")
@click.option("--no-time", is_flag=True, help="Count only, and measure nothing.")
@checkpoint_option
@output_options
def command(
    loaded: Loaded, output: OutputOptions, sizes: list[int] | None, each: str | None, no_time: bool, **options: Any
) -> ExitStatus:
    """Run PROGRAM and print what its gradient costs by reverse mode, forward mode and differences.

    Beside the entries of the tape that each executes it tells the time that was measured, the memory of the tape, and
    how large the derivatives would be as expressions with nothing shared: they are counted, and not built.
    """
    if sizes is not None:
        from adcli.report.family import FamilyOptions

        family = FamilyOptions(sizes, options["of"], each, not no_time)
        return write_report(family.report(loaded.program.program, loaded.program.limits), output)
    from adcli.report.cost import CostOptions

    return write_report(CostOptions(measure=not no_time, **options).answer(loaded.start), output)

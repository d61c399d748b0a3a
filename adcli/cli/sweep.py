"""`adcli sweep`: the reverse sweep."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import nonsmooth_option, of_option, selection_options, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus


@click.command(
    "sweep",
    cls=ProgramCommand,
    short_help="The reverse sweep, contribution by contribution.",
    examples=(
        ("sweep model.ad", "from the output to the inputs"),
        ("sweep model.ad --of b --wrt x", "from another value, to one input"),
        ("sweep model.ad -o sweep.tex", "for a lecture"),
    ),
)
@of_option("the first output")
@wrt_option
@selection_options
@nonsmooth_option
@output_options
def command(loaded: Loaded, output: OutputOptions, **options: Any) -> ExitStatus:
    """Run PROGRAM and print the reverse sweep over its tape, contribution by contribution.

    The sweep starts from one value: the first output, or the one that --of names. A row in which an adjoint
    receives a second or later contribution is marked.
    """
    from adcli.report.sweep import SweepOptions

    return write_report(SweepOptions(**options).answer(loaded.start), output)

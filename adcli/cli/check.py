"""`adcli check`: derivatives by several ways, with a verdict."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.claims import claims_in
from adcli.cli.options import nonsmooth_option, of_option, wrt_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.progress import progress_bar
from adcli.cli.status import ExitStatus
from adcli.cli.writing import write_over
from adcli.errors import AdError, Problem
from adcli.trust.claims_given import ClaimData


def _or_none(ctx: click.Context, parameter: click.Parameter, count: int | None) -> int:
    return count or 0


@click.command(
    "check",
    cls=ProgramCommand,
    short_help="Derivatives by several ways, with a verdict on each.",
    examples=(
        ("check model.ad", "every derivative, in every way"),
        ("check model.ad --random 100", "at random points as well"),
        ("check model.ad --claim 'dL/dx = y * (1 + cos(a))'", "a formula of your own"),
        ("check model.ad -q", "only the exit status"),
    ),
)
@of_option("every output")
@wrt_option
@click.option(
    "--order", type=click.IntRange(1, 2), default=1, show_default=True, help="1 checks gradients, 2 Hessians as well."
)
@click.option(
    "--random",
    type=click.IntRange(1, 1_000_000_000),
    metavar="N",
    callback=_or_none,
    help="Check at N random points of the inputs' ranges as well, and show the worst.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the random direction and points.")
@click.option(
    "--all", "everything", is_flag=True,
    help="Check all components; by default, of more than 50 the 20 largest and a random direction.",
)  # fmt: skip
@click.option(
    "--claim", "claims", multiple=True, metavar="'dL/dx = …'", help="A derivative by hand, to be judged; repeatable."
)
@click.option(
    "--claim-file", "claim_files", multiple=True, metavar="FILE",
    help="Derivatives as another program has computed them, to be judged: JSON, CSV, .npy, .npz, lines as those of "
    "--claim; - is standard input.",
)  # fmt: skip
@click.option(
    "--tolerance", type=click.FloatRange(min=0), metavar="T",
    help="How far claims may be off, relative to the derivative; by default each is as precise as it is written.",
)  # fmt: skip
@click.option("--margins", is_flag=True, help="Show how far the nearest kinks and decisions are.")
@click.option(
    "--curve", metavar="INPUT", help="Draw the error of differences by an input, as x or w[2], against their step."
)
@click.option(
    "--plot", metavar="FILE", help="Draw that curve into an .svg, .png or .pdf file, by matplotlib (adcli[plot])."
)
@nonsmooth_option
@output_options
def command(
    loaded: Loaded,
    output: OutputOptions,
    claims: tuple[str, ...],
    claim_files: tuple[str, ...],
    plot: str | None,
    **options: Any,
) -> ExitStatus:
    """Run PROGRAM and hold its derivatives against all that can be known of them otherwise.

    Every component is computed by the reverse and the forward sweep, by finite differences with their error, and by
    the complex step where the program is analytic. The Taylor test shows how fast the remainders fall along a random
    direction. The exit status is 0 only if all agrees.
    """
    from adcli.report.check import CheckOptions

    if plot is not None and options["curve"] is None:
        raise AdError(Problem("usage", "--plot needs the input of a curve", help="for example: --curve x --plot FILE"))
    claimed: list[str | ClaimData] = list(claims)
    for path in claim_files:
        claimed += claims_in(path, loaded.program.program)
    with progress_bar() as progress:
        report = CheckOptions(claims=claimed, progress=progress, **options).answer(loaded.start)
    if plot is not None:
        from adcli.report.curve import picture  # by a package that few have

        write_over(plot, picture(report.curves[0], plot), "--plot")
    status = write_report(report, output)
    return ExitStatus.INTERRUPTED if progress.interrupted else status

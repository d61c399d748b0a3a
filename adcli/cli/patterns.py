"""`--sparsity`: where a matrix of derivatives can be other than 0, in place of the derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from adcli.cli.output import OutputOptions, write_report
from adcli.cli.program_command import Loaded
from adcli.cli.status import ExitStatus
from adcli.cli.writing import write_over
from adcli.derive.modes import Matrix
from adcli.errors import AdError, Problem

Command = TypeVar("Command", bound=Callable[..., Any])


def sparsity_options(command: Command) -> Command:
    """`--sparsity` and `--plot`."""
    command = click.option("--plot", metavar="FILE", help="Draw these places with their colours into an .svg, .png or "
                           ".pdf file (adcli[plot]).")(command)  # fmt: skip
    return click.option("--sparsity", is_flag=True, help="Show in place of the derivatives which of them can be other "
                        "than 0, and which inputs or outputs share a sweep.")(command)  # fmt: skip


def write_sparsity(
    matrix: Matrix, loaded: Loaded, output: OutputOptions, plot: str | None, options: Mapping[str, Any]
) -> ExitStatus:
    """Write the pattern of a matrix of derivatives, and draw it where that is asked for. Raises AdError `usage`."""
    from adcli.report.sparsity import SparsityOptions, plotted

    if options["check"]:
        help_text = "leave one of them out"
        raise AdError(Problem("usage", "--sparsity shows no derivatives that --check could compare", help=help_text))
    asked = {name: options.get(name) for name in ("of", "wrt", "mode")}
    report = SparsityOptions(matrix.value, **asked).answer(loaded.start)
    if plot is not None:
        write_over(plot, plotted(report, plot), "--plot")
    return write_report(report, output)


def require_sparsity(plot: str | None) -> None:
    """Refuse a plot of derivatives, of which there is none. Raises AdError `usage`."""
    if plot is not None:
        raise AdError(Problem("usage", "--plot draws what --sparsity shows", help="as in --sparsity --plot FILE"))

"""What `adcli grad` writes, with a bar while the comparison takes long."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.cli.output import OutputOptions, write_report
from adcli.cli.progress import progress_bar
from adcli.cli.status import ExitStatus
from adcli.records import replace
from adcli.report.gradient import GradientOptions
from adcli.report.report import Report
from adcli.run import Start


def write_gradient(
    options: GradientOptions, start: Start, output: OutputOptions, extra: Sequence[Report] = ()
) -> ExitStatus:
    """Write a gradient, and further reports before it; raises AdError where the run fails."""

    def uncompared() -> str:
        from adcli.report.terminal import terminal_text

        plain = replace(options, difference="none", nonsmooth="quiet")
        return terminal_text(plain.answer(start).tables(output.digits), output.digits)

    with progress_bar(preview=uncompared) as progress:
        report = replace(options, progress=progress).answer(start)
    status = write_report(report, output, extra)
    return ExitStatus.INTERRUPTED if progress.interrupted else status

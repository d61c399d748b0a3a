"""`adcli uncertainty`: how sure a result is, from how sure its inputs are."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.given import given_value
from adcli.cli.options import of_option, uncertain_option
from adcli.cli.output import OutputOptions, output_options, write_report
from adcli.cli.program_command import Loaded, ProgramCommand, loaded_program
from adcli.cli.progress import progress_line
from adcli.cli.status import ExitStatus
from adcli.cli.writing import write_over
from adcli.errors import AdError, Problem
from adcli.jobs.uncertain import Uncertain, bad_uncertainty, split_uncertain, stated
from adcli.tape.inputs import default_value
from adcli.tape.tape import Value

_UNCERTAIN = "adcli.uncertain"


class UncertainCommand(ProgramCommand):
    """A command whose inputs may have an uncertainty: `--x '2 ± 0.1'`."""

    def value_of(self, ctx: click.Context, name: str, text: str, what: str) -> Value:
        """The value of an input; its uncertainty is put aside."""
        value, uncertainty = split_uncertain(text, what)
        kept: dict[str, Uncertain] = ctx.meta.setdefault(_UNCERTAIN, {})
        kept.pop(name, None)
        if uncertainty is not None:
            kept[name] = stated(uncertainty, what, given_value)
        return given_value(value, what) if value else _default(ctx, name, text, what)


def _default(ctx: click.Context, name: str, text: str, what: str) -> Value:
    """The default of an input of which only the uncertainty is given."""
    loaded = loaded_program(ctx)
    for variable in loaded.inputs if loaded is not None else ():
        if variable.name == name and variable.default is not None:
            return default_value(variable)
    raise AdError(bad_uncertainty(what, text, f"a value stands before `±`, as `{name}` has no default"))


def _pairs(ctx: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    """`x,y=0.3` as a pair with a number."""
    pairs: dict[str, str] = {}
    for text in texts:
        pair, equals, coefficient = text.rpartition("=")
        if not equals or pair in pairs:
            reason = f"`{pair}` is given twice" if equals else "it is not of the form x,y=0.3"
            help_text = "as in --correlation x,y=0.3"
            raise AdError(Problem("bad-correlation", f"--correlation {text}: {reason}", help=help_text))
        pairs[pair] = coefficient
    return pairs


def _matrix(ctx: click.Context, parameter: click.Parameter, path: str | None) -> Value | None:
    return None if path is None or ctx.resilient_parsing else given_value(path, "--covariance")


@click.command(
    "uncertainty",
    cls=UncertainCommand,
    short_help="How sure a result is: the budget, and Monte Carlo.",
    examples=(
        ("uncertainty model.ad --x '2 ± 0.1' --y '3 +- 5%'", "two standard uncertainties"),
        ("uncertainty model.ad --x '0.1234(12)'", "in the last digits of the value"),
        ("uncertainty model.ad --x '± 0.1'", "of the value that is its default"),
        ("uncertainty model.ad --x '2 ± 0.1 dof=18'", "with its degrees of freedom"),
        ("uncertainty model.ad --x '2 ± 0.1 uniform'", "anything between 1.9 and 2.1"),
    ),
)
@of_option("every output")
@uncertain_option
@click.option(
    "--correlation", multiple=True, metavar="x,y=0.3", callback=_pairs,
    help="The correlation of two inputs, or of components of them; repeatable.",
)  # fmt: skip
@click.option(
    "--covariance", metavar="FILE", callback=_matrix,
    help="The covariance matrix of all components of the inputs, in order, in place of uncertainties.",
)  # fmt: skip
@click.option(
    "--coverage", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95, show_default=True,
    metavar="P", help="The probability of the intervals.",
)  # fmt: skip
@click.option(
    "--samples", type=click.IntRange(0, 1_000_000_000), default=1_000_000, show_default=True, metavar="N",
    help="How many points Monte Carlo draws; 0 leaves it out.",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of these points.")
@click.option(
    "--significant", type=click.IntRange(1, 2), default=2, show_default=True, metavar="N",
    help="The digits of an uncertainty that are shown, and that the linear answer has to get right.",
)  # fmt: skip
@click.option("--plot", metavar="FILE", help="Draw contributions and samples into an .svg, .png or .pdf file, by "
              "matplotlib (adcli[plot]).")  # fmt: skip
@output_options
def command(loaded: Loaded, output: OutputOptions, plot: str | None, **options: Any) -> ExitStatus:
    """Run PROGRAM and print how sure its outputs are, from the standard uncertainties of its inputs.

    An input is given as '2 ± 0.1' (or +-, +/-), '2 ± 5%', '0.1234(12)', or '± 0.1' for its default. Behind it may stand
    the degrees of freedom, dof=18, and a distribution: normal, t, or uniform, triangular and arcsine, of which the
    number behind ± is the half-width. Ctrl-C ends the drawing, and what was drawn until then
    counts. The exit status is 1 if a difference shows that the gradient is wrong.
    """
    from adcli.report.uncertainty import UncertaintyOptions

    with progress_line() as tell:
        report = UncertaintyOptions(
            click.get_current_context().meta.get(_UNCERTAIN, {}),
            progress=lambda done, count: tell(f"{done:,} of {count:,} samples"),
            **options,
        ).answer(loaded.start)
    if plot is not None:
        from adcli.report.tornado import picture  # by a package that few have

        write_over(plot, picture(report, plot), "--plot")
    status = write_report(report, output)
    return ExitStatus.INTERRUPTED if report.trial is not None and report.trial.interrupted else status

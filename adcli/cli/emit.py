"""`adcli emit`: a derivative as a function in another language."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import of_option, wrt_option
from adcli.cli.output import output_option, write_text
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.emit.languages import Target


def _points(ctx: click.Context, parameter: click.Parameter, path: str | None) -> list[dict[str, float]]:
    """A point for each row of a table."""
    if path is None or ctx.resilient_parsing:
        return []
    from adcli.cli.data_tables import read_rows

    return read_rows(path)


@click.command(
    "emit",
    cls=ProgramCommand,
    short_help="A derivative as a function in another language.",
    examples=(
        ("emit model.ad --to python -o model.py", "value and gradient, with math alone"),
        ("emit model.ad --to numpy --order 2", "of columns or arrays, with the Hessian"),
        ("emit model.ad --to c -o model.c", "C99; --to c-header writes the header"),
    ),
)
@click.option("--to", type=click.Choice([target.value for target in Target]), required=True, help="The language.")
@of_option("the first output")
@wrt_option
@click.option("--order", type=click.IntRange(0, 2), default=1, show_default=True,
              help="The value (0), with its gradient (1), with its Hessian (2).")  # fmt: skip
@click.option("--function", metavar="NAME", help="What the function is called; by default as the program is.")
@click.option("--points", metavar="FILE", callback=_points,
              help="Cover the branches that these points take: a table with a column for each input.")  # fmt: skip
@output_option
def command(loaded: Loaded, output: str | None, **options: Any) -> None:
    """Run PROGRAM and print what it computed as a function that gives a value, its gradient and its Hessian.

    The function is the straight line that ran. Where a decision comes out in another way it gives a status, and no
    wrong number.
    """
    from adcli.graph.emitted import EmitOptions

    write_text(EmitOptions(**options).answer(loaded.start), output)

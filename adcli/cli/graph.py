"""`adcli graph`: the computation as a picture."""

from __future__ import annotations

from typing import Any

import click

from adcli.cli.options import nonsmooth_option, of_option, wrt_option
from adcli.cli.output import OutputOptions, picture_options, write_picture
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus


@click.command(
    "graph",
    cls=ProgramCommand,
    short_help="The computation as a picture.",
    examples=(
        ("graph model.ad", "drawn with letters"),
        ("graph model.ad --sweep -o sweep.svg", "with adjoints, as a picture for a page"),
        ("graph model.ad --pass 3 -o graph.html", "the third pass of each loop, with tables"),
    ),
)
@of_option("every output")
@wrt_option
@click.option("--sweep", is_flag=True, help="Draw the reverse sweep as well: adjoints, contributions, their order.")
@click.option("--nodes", "most", type=click.IntRange(5, 400), default=40, show_default=True, metavar="N",
              help="At most about so many nodes: of a longer tape many entries are drawn as one.")  # fmt: skip
@click.option("--pass", "open_pass", type=click.IntRange(1), default=1, show_default=True, metavar="K",
              help="The pass of each long loop that is drawn by itself.")  # fmt: skip
@click.option("--down/--right", "down", default=None,
              help="Draw from top to bottom, or from left to right; by default as it is not too wide.")  # fmt: skip
@nonsmooth_option
@picture_options
def command(loaded: Loaded, output: OutputOptions, **options: Any) -> ExitStatus:
    """Run PROGRAM and draw what ran: each entry with its value, each edge with its partial.

    On a terminal it is drawn with letters. A file's suffix says how it is drawn: .svg, .html, .dot, .pdf or .png.
    """
    from adcli.graph.report import GraphOptions

    return write_picture(GraphOptions(**options).answer(loaded.start), output)

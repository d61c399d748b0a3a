"""`adcli new`: a program to start from."""

from __future__ import annotations

import shlex

import click

from adcli.cli.command import Command
from adcli.cli.samples import sample_text
from adcli.cli.writing import write_new
from adcli.report.frames import visible

_START = "start"  # the sample that a new program is a copy of


@click.command(
    "new",
    cls=Command,
    short_help="A commented program to start from.",
    examples=(("new my_model.ad", "a program with an input, a few lines and an output"),),
)
@click.argument("path", type=click.Path())
def command(path: str) -> None:
    """Write a commented program to the new file PATH. A file that exists is left alone."""
    write_new(path, sample_text(_START))
    click.echo(f"wrote {visible(path)}; try: adcli grad {shlex.quote(path)}")

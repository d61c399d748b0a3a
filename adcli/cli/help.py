"""`adcli help`: the same as `--help`, where people look for it."""

from __future__ import annotations

import click

from adcli.cli.command import Command


@click.command(
    "help",
    cls=Command,
    short_help="What a command does, and its options.",
    context_settings={"ignore_unknown_options": True},
    examples=(
        ("help", "all commands"),
        ("help grad", "one of them"),
        ("help grad model.ad", "with the inputs of a program"),
    ),
)
@click.argument("words", nargs=-1, metavar="[COMMAND] [PROGRAM]")
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Print what COMMAND does, and its options; with PROGRAM the inputs of the program as well."""
    group = ctx.find_root().command
    group.main([*words, "--help"], prog_name=ctx.find_root().info_name, standalone_mode=False)

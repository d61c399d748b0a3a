"""`adcli samples`: the programs that come with adcli."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap

import click
from click.shell_completion import CompletionItem

from adcli.cli.files import write_new
from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean
from adcli.resources import resource
from adcli.syntax.parse import leading_comment
from adcli.syntax.source import read_source

_NARROWEST = 40  # columns of a description


def sample_names() -> list[str]:
    """The samples, by their file names without `.ad`."""
    return sorted(name.removesuffix(".ad") for name in os.listdir(resource("samples")) if name.endswith(".ad"))


def sample_text(name: str) -> str:
    """The text of a sample; raises AdError `unknown-sample`."""
    plain = name.removesuffix(".ad")
    if plain not in sample_names():
        help_text = f"{did_you_mean(plain, sample_names())} `adcli samples` lists them".strip()
        raise AdError(Problem("unknown-sample", f"there is no sample `{name}`", help=help_text))
    return read_source(resource("samples", f"{plain}.ad")).text


def _complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in sample_names() if name.startswith(incomplete)]


@click.group("samples", invoke_without_command=True, short_help="The programs that come with adcli.")
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the programs that come with adcli; `show` prints one, `copy` makes a file of it."""
    if ctx.invoked_subcommand is not None:
        return
    width = max(map(len, sample_names())) + 2
    room = max(shutil.get_terminal_size().columns - width, _NARROWEST) if sys.stdout.isatty() else 10_000
    for name in sample_names():
        description = leading_comment(sample_text(name)).partition("\nLook at ")[0].replace("\n", " ")
        first, *others = textwrap.wrap(description, room) or [""]
        click.echo(f"{name:{width}}{first}")
        for line in others:
            click.echo(" " * width + line)


@command.command("show")
@click.argument("name", shell_complete=_complete)
def show(name: str) -> None:
    """Print the sample NAME."""
    click.echo(sample_text(name), nl=False)


@command.command("copy")
@click.argument("name", shell_complete=_complete)
@click.argument("target", required=False, type=click.Path())
def copy(name: str, target: str | None) -> None:
    """Write the sample NAME to a new file: NAME.ad, or TARGET, which may be a folder."""
    text = sample_text(name)
    file_name = f"{name.removesuffix('.ad')}.ad"
    path = file_name if target is None else os.path.join(target, file_name) if os.path.isdir(target) else target
    write_new(path, text)
    click.echo(f"wrote {path}")

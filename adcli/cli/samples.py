"""`adcli samples`: the programs that come with adcli."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap

import click
from click.shell_completion import CompletionItem

from adcli.cli.command import Group
from adcli.cli.writing import write_new
from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean
from adcli.report.frames import visible
from adcli.resources import resource_names, resource_text
from adcli.syntax.comments import leading_comment
from adcli.syntax.source import Source

_NARROWEST = 40  # columns of a description


def sample_names() -> list[str]:
    """The samples, by their paths without `.ad`: those that are in no folder first, then `cancellation/cosine`."""
    samples = [name.removesuffix(".ad") for name in resource_names("samples") if name.endswith(".ad")]
    return sorted(samples, key=lambda name: (name.count("/"), name))


def samples_called(name: str) -> list[str]:
    """The samples that a name may mean: the one of that full name, or else those in folders."""
    names = sample_names()
    return [name] if name in names else [known for known in names if known.endswith(f"/{name}")]


def full_name(name: str) -> str:
    """The name of a sample, which may be given with `.ad`, and without its folder where it is the only one called so.

    Raises AdError `unknown-sample`.
    """
    plain, names = name.removesuffix(".ad"), sample_names()
    matches = samples_called(plain)
    if len(matches) == 1:
        return matches[0]
    others = f"it may be {' or '.join(f'`{match}`' for match in matches)};" if matches else did_you_mean(plain, names)
    help_text = f"{others} `adcli samples` lists them".strip()
    raise AdError(Problem("unknown-sample", f"there is no sample `{name}`", help=help_text))


def sample_text(name: str) -> str:
    """The text of a sample; raises AdError `unknown-sample`."""
    return Source(name, resource_text("samples", f"{full_name(name)}.ad")).text


def _complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in sample_names() if name.startswith(incomplete)]


@click.group(
    "samples",
    cls=Group,
    invoke_without_command=True,
    short_help="The programs that come with adcli.",
    examples=(
        ("samples", "what there is"),
        ("samples show heron", "read one"),
        ("samples copy heron", "make a file of it"),
    ),
)
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
    """Write the sample NAME to a new file: NAME.ad without its folder, or TARGET, which may be a folder."""
    text = sample_text(name)
    file_name = f"{os.path.basename(name.removesuffix('.ad'))}.ad"
    path = file_name if target is None else os.path.join(target, file_name) if os.path.isdir(target) else target
    write_new(path, text)
    click.echo(f"wrote {visible(path)}")

"""The `adcli` command for click: its commands, each imported when it is called."""

from __future__ import annotations

from importlib import import_module
from itertools import chain

import click

from adcli import __version__
from adcli.cli.command import Group

# By what they are for, and in each group in the order in which a newcomer meets them.
GROUPS = {
    "See": ("eval", "tape", "sweep", "graph", "page", "quiz", "worksheet"),
    "Check": ("grad", "check", "why", "precision"),
    "Use derivatives": ("batch", "minimize", "fit", "root", "uncertainty"),
    "Derive": ("jvp", "vjp", "jacobian", "hessian", "hvp", "adjoint", "tangent", "emit", "cost", "rules"),
    "Write": ("new", "samples", "fmt", "lint", "explain", "help"),
}
_VERBOSE = "adcli.verbose"
COMMANDS = tuple(chain.from_iterable(GROUPS.values()))


class LazyGroup(Group):
    """Commands that are imported when they are called: `grad` stands in `adcli.cli.grad` as `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, group by group."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"adcli.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under the names of their groups."""
        width = max(map(len, COMMANDS))
        for title, names in GROUPS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl(
                    [(f"{name:{width}}", command.short_help or "") for name, command in commands if command]
                )


def _note_verbose(ctx: click.Context, parameter: click.Parameter, verbose: bool) -> None:
    ctx.meta[_VERBOSE] = verbose


def _show_version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    click.echo(f"adcli {__version__}")
    if ctx.meta[_VERBOSE]:
        click.echo(_cache_text())
        from adcli.native.library import state_text

        click.echo(f"engine: {state_text()}")
    ctx.exit()


def _cache_text() -> str:
    """Where the cache is and how large, and what to do about it."""
    from adcli.cache import cache_folder, keeps_files, occupied

    folder = cache_folder()
    if not folder:
        return "cache: none, as this user has no home folder; set XDG_CACHE_HOME to an absolute path to have one."
    files, size = occupied(folder)
    state = f"cache: {folder}, {files} file{'' if files == 1 else 's'}, {size / 1e3:,.0f} kB"
    if not keeps_files():
        return f"{state}\nNothing can be kept there: set XDG_CACHE_HOME to a folder that only you can write."
    return f"{state}\nTo clear it, delete that folder: what is in it is made again when it is needed."


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
    examples=(
        ("new model.ad", "a program to start from"),
        ("grad model.ad --x 2", "its gradient, checked"),
        ("sweep -e 'x*y + sin(x*y)' --x 2 --y 3", "how a gradient comes out"),
        ("grad model.ad --help", "its inputs, as options"),
        ("help check", "what a command does"),
    ),
)
@click.option("-v", "--verbose", is_flag=True, is_eager=True, expose_value=False, callback=_note_verbose,
              help="With --version: where the cache is, how large, and whether there is the engine.")  # fmt: skip
@click.option("-V", "--version", is_flag=True, expose_value=False, callback=_show_version,
              help="Show the version and exit.")  # fmt: skip
@click.pass_context
def adcli(ctx: click.Context) -> None:
    """See, check and trust a derivative.

    A program is a small text: `input x = 2`, then lines such as `a = x * sin(x)`, then `output a`.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def status_of(arguments: list[str]) -> int:
    """Run a command line as click reads it; its exit status.

    Raises AdError `usage` for one that click cannot read, and KeyboardInterrupt where a prompt was left.
    """
    try:
        return int(adcli.main(args=arguments, prog_name="adcli", standalone_mode=False) or 0)
    except click.ClickException as error:
        from adcli.cli.usage import usage_error  # a command line without a mistake needs none of it

        raise usage_error(error, arguments, adcli.list_commands(click.Context(adcli))) from None
    except click.Abort:
        raise KeyboardInterrupt from None

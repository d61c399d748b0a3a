"""The `adcli` command: its commands, each imported when it is called, and how a run ends."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from itertools import pairwise

import click

from adcli import __version__
from adcli.cli.status import ExitStatus
from adcli.errors import AdError, Problem

COMMANDS = ("eval", "grad", "tape", "sweep")


class LazyGroup(click.Group):
    """Commands that are imported when they are called: `grad` stands in `adcli.cli.grad` as `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"adcli.cli.{cmd_name}").command
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def adcli() -> None:
    """See, check and trust a derivative.

    A program is a small text: `input x = 2`, then lines such as `a = x * sin(x)`, then `output a`.

    \b
        adcli grad model.ad --x 2            the gradient, checked against differences
        adcli sweep -e 'x*y + sin(x*y)' --x 2 --y 3
        adcli grad model.ad --help           the inputs of a program, as options
    """


def main(arguments: list[str]) -> int:
    """Run the command line; its exit status. Whatever happens, the user gets a message and not a traceback."""
    try:
        status = adcli.main(args=arguments, prog_name="adcli", standalone_mode=False)
        sys.stdout.flush()
        return int(status or ExitStatus.DONE)
    except AdError as error:
        _complain(error, arguments)
    except click.ClickException as error:
        _complain(_usage_error(error), arguments)
    except (click.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:  # who reads has seen enough; nothing more can be written, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.DONE
    except OSError as error:
        _complain(AdError(Problem("output", f"cannot write the result: {error.strerror or error}")), arguments)
    except Exception as error:
        if os.environ.get("ADCLI_TRACEBACK"):
            raise
        what = f"{type(error).__name__}: {error}"
        help_text = "this is a mistake in adcli, not in your program; ADCLI_TRACEBACK=1 shows where"
        _complain(AdError(Problem("internal", what, help=help_text)), arguments)
        return ExitStatus.INTERNAL
    return ExitStatus.UNUSABLE


def _usage_error(error: click.ClickException) -> AdError:
    """A mistake on the command line, as one of ours."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "adcli"
    help_text = f"`{path} --help` lists what there is"
    if isinstance(error, click.NoSuchOption):
        message = f"there is no option `{error.option_name}`, and no input of that name"
        if error.possibilities:
            close = " or ".join(f"`{name}`" for name in sorted(error.possibilities))
            help_text = f"did you mean {close}? {help_text}"
    else:
        message = error.format_message().rstrip(".")
        message = message[:1].lower() + message[1:]
    return AdError(Problem("usage", message, help=help_text))


def _complain(error: AdError, arguments: list[str]) -> None:
    from adcli.cli.complain import write_json, write_problems

    wants_json = "--format=json" in arguments or ("--format", "json") in pairwise(arguments)
    if wants_json:
        write_json(error)
    else:
        write_problems(error.problems, error.source, "error")

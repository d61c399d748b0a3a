"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from adcli.cli.program_command import loaded_program

Command = TypeVar("Command", bound=Callable[..., Any])


def of_option(default: str) -> Callable[[Command], Command]:
    """`--of NAME`; the help says what is differentiated by default."""
    help_text = f"The output, or any other named value, to differentiate; by default {default}."
    return click.option("--of", metavar="NAME", help=help_text, shell_complete=_value_names)


def wrt_option(command: Command) -> Command:
    """`--wrt x,y`."""
    help_text = "The inputs to differentiate by, as x,y; by default all."
    option = click.option("--wrt", metavar="NAMES", help=help_text, callback=_split, shell_complete=_input_names)
    return option(command)


def _split(ctx: click.Context, parameter: click.Parameter, value: str | None) -> list[str] | None:
    """The names between the commas."""
    if value is None:
        return None
    names = [name.strip() for name in value.split(",")]
    if not all(names):
        raise click.BadParameter("expected names between commas, such as x,y", ctx, parameter)
    return names


def _value_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    loaded = loaded_program(ctx)
    names = loaded.program.program.code.bindings if loaded is not None else ()
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _input_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    loaded = loaded_program(ctx)
    before, comma, last = incomplete.rpartition(",")
    names = [variable.name for variable in loaded.inputs] if loaded is not None else []
    return [CompletionItem(before + comma + name) for name in names if name.startswith(last)]

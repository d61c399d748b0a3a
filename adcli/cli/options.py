"""Options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from adcli.cli.program_command import loaded_program
from adcli.errors import AdError, Problem
from adcli.report.selection import Selection
from adcli.tape.components import split_at_commas

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = TypeVar("Command", bound=Callable[..., Any])


def of_option(default: str) -> Callable[[Command], Command]:
    """`--of NAME`; the help says what is differentiated by default."""
    help_text = f"The output, or any other named value, to differentiate; by default {default}."
    return click.option("--of", metavar="NAME", help=help_text, shell_complete=_value_names)


def numbers_option(name: str, help_text: str, example: str, required: bool = True) -> Callable[[Command], Command]:
    """`--dot x=1,y=2`: numbers by name, from any number of such options."""
    option = f"--{name}"

    def numbers(ctx: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, Any]:
        from adcli.cli.at import at_point

        result: dict[str, Any] = {}
        if not ctx.resilient_parsing:
            for text in texts:
                result.update(at_point(text, option))
            if required and not result:
                message = f"{option} is missing: {help_text[:1].lower()}{help_text[1:].rstrip('.')}"
                raise AdError(Problem("usage", message, help=f"for example: {option} {example}"))
        return result

    return click.option(option, name, metavar="NUMBERS", multiple=True, callback=numbers, help=help_text)


checkpoint_option = click.option(
    "--checkpoint", type=click.IntRange(min=1), metavar="N",
    help="Reverse the loops of the program with at most N states kept, running stretches again: for `for` loops at the "
    "top level that do not say `checkpoint N` themselves.",
)  # fmt: skip
nonsmooth_option = click.option(
    "--nonsmooth", type=click.Choice(("report", "error", "quiet")), default="report", show_default=True,
    help="Where there is no derivative: report the slopes to both sides and use a convention, end with an error and "
    "exit status 1, or use it quietly.",
)  # fmt: skip
check_option = click.option("--check", is_flag=True, help="Compare with finite differences.")


def selection_options(command: Command) -> Command:
    """What to show of a long tape; the command gets it as `selection`."""

    def gathered(
        *args: Any, everything: bool, lines: Any, entries: Any, name: str | None, active: bool, **kwargs: Any
    ) -> Any:
        return command(*args, selection=Selection(everything, lines, entries, name, active), **kwargs)

    gathered.__name__, gathered.__doc__ = command.__name__, command.__doc__
    options = (
        click.option("--all", "everything", is_flag=True, help="Fold nothing, however long the tape is."),
        click.option("--lines", metavar="4-9", callback=_line_range, help="Only what these lines of the program did."),
        click.option("--entries", metavar="v10..v20", callback=_entry_range, help="Only these entries."),
        click.option("--name", metavar="NAME", shell_complete=_value_names, help="Only the bindings of this name."),
        click.option("--active", is_flag=True, help="Only entries that depend on an input."),
    )
    result: Any = gathered
    result.__click_params__ = getattr(command, "__click_params__", [])
    for option in reversed(options):
        result = option(result)
    return result  # type: ignore[no-any-return]


def _line_range(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    first, dash, last = value.partition("-")
    try:
        lines = int(first), int(last or (sys.maxsize if dash else first))
    except ValueError:
        lines = 0, 0
    if lines[0] > lines[1]:
        raise click.BadParameter(f"{lines[0]} comes after {lines[1]}: swap the two", ctx, parameter)
    if lines[0] < 1:
        raise click.BadParameter("expected a line or a range of lines, such as 4-9", ctx, parameter)
    return lines


def _entry_range(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, str] | None:
    if value is None:
        return None
    first, dots, last = value.partition("..")
    if not first and not last:
        raise click.BadParameter("expected an entry or a range of entries, such as v10..v20", ctx, parameter)
    return first, last if dots else first


def split_names(ctx: click.Context, parameter: click.Parameter, value: str | None) -> list[str] | None:
    """The names between the commas."""
    if value is None:
        return None
    names = [name.strip() for name in split_at_commas(value)]
    if not all(names):
        raise click.BadParameter("expected names between commas, such as x,y", ctx, parameter)
    return names


def _value_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    loaded = loaded_program(ctx)
    names = loaded.program.program.code.bindings if loaded is not None else ()
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _input_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    loaded = loaded_program(ctx)
    before, comma, last = incomplete.rpartition(",")
    given = before.split(",")
    names = [variable.name for variable in loaded.inputs if variable.name not in given] if loaded is not None else []
    return [CompletionItem(before + comma + name) for name in names if name.startswith(last)]


def inputs_option(name: str, help_text: str) -> Callable[[Command], Command]:
    """`--wrt x,y`: the names of inputs."""
    option = f"--{name}"
    return click.option(option, metavar="NAMES", help=help_text, callback=split_names, shell_complete=_input_names)


wrt_option = inputs_option("wrt", "The inputs to differentiate by, as x,y; by default all.")
uncertain_option = inputs_option("wrt", "The inputs whose uncertainty counts, as x,y; by default all.")
components_option = inputs_option(
    "wrt", "The inputs, or components of them, as x,w[2]; by default all. Of a single one the paths are shown."
)

"""Commands whose help says what they do, then shows examples, and then tells the rest."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, TypeAlias

import click

# Command lines without the `adcli` in front, each with what it is for.
Examples: TypeAlias = Sequence[tuple[str, str]]

_WIDEST = 48  # columns of an example that has its text beside it


def write_beginning(command: click.Command, examples: Examples, formatter: click.HelpFormatter) -> None:
    """The first paragraph of a command's help, and examples."""
    first, _, _ = _paragraphs(command)
    if first:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(first)
    if examples:
        with formatter.section("Examples"):
            formatter.write_dl([(f"adcli {line}", what) for line, what in examples], _WIDEST)


def write_rest(command: click.Command, formatter: click.HelpFormatter) -> None:
    """The other paragraphs of a command's help."""
    _, _, rest = _paragraphs(command)
    if rest:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(rest)


def _paragraphs(command: click.Command) -> tuple[str, str, str]:
    return inspect.cleandoc(command.help or "").partition("\n\n")


class Command(click.Command):
    """A command with examples."""

    def __init__(self, *args: Any, examples: Examples = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What it does, examples, what it is about, and the rest."""
        write_beginning(self, self.examples, formatter)
        self.format_subject(ctx, formatter)
        write_rest(self, formatter)

    def format_subject(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the command line is about, if the command knows more of it."""


class Group(click.Group):
    """A group of commands, with examples."""

    command_class = Command

    def __init__(self, *args: Any, examples: Examples = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What it does, examples, and the rest."""
        write_beginning(self, self.examples, formatter)
        write_rest(self, formatter)

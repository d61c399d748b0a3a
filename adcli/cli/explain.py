"""`adcli explain`: what a code of a message means."""

from __future__ import annotations

import re
import shutil
import textwrap

import click
from click.shell_completion import CompletionItem

from adcli.cli.command import Command
from adcli.errors import AdError, Problem
from adcli.resources import resource_text

# A code's section in grammar/MISTAKES.md: its heading, and what stands below it.
_SECTION = re.compile(r"^### `([a-z0-9-]+)`\n\n(.*?)\n*(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_WIDEST = 100  # columns that are still easy to read
_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def sections() -> dict[str, str]:
    """What grammar/MISTAKES.md says of each code: what it means, an example, what to do."""
    return dict(_SECTION.findall(resource_text("grammar", "MISTAKES.md")))


def _codes(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(code) for code in sections() if code.startswith(incomplete)]


@click.command(
    "explain",
    cls=Command,
    short_help="What the code of a message means, with an example.",
    examples=(
        ("explain", "the codes"),
        ("explain unclosed-bracket", "one of them"),
    ),
)
@click.argument("code", required=False, shell_complete=_codes)
def command(code: str | None) -> None:
    """Print what the CODE of an error or a warning means, with an example; without one, all codes."""
    known = sections()
    if code is None:
        width = max(map(len, known))
        for name, text in known.items():
            click.echo(f"{name:{width}}  {text.partition('.')[0].replace(chr(10), ' ')}")
        return
    wanted = code.strip("[]")
    if wanted not in known:
        from adcli.program.suggest import did_you_mean

        help_text = f"{did_you_mean(wanted, known)} `adcli explain` lists all codes".strip()
        raise AdError(Problem("unknown-code", f"there is no code `{code}`", help=help_text))
    click.echo(f"{wanted}\n\n{_wrapped(_FENCE.sub(_indented, known[wanted]))}")


def _wrapped(text: str) -> str:
    """The paragraphs of a text as wide as a terminal allows; a program stays as it is."""
    columns = min(shutil.get_terminal_size().columns, _WIDEST)
    parts = (part if part.startswith("    ") else textwrap.fill(part, columns) for part in text.split("\n\n"))
    return "\n\n".join(parts)


def _indented(block: re.Match[str]) -> str:
    """A program of the reference without its fences."""
    return "\n".join(f"    {line}".rstrip() for line in block[1].rstrip("\n").split("\n"))

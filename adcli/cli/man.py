"""Man pages, made from the commands' help when a wheel is built."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from adcli import __version__
from adcli.cli.command import Command, Group
from adcli.cli.group import GROUPS, adcli
from adcli.resources import resource_text

_STATUS = re.compile(r"^\| (\d+) \| (.*) \|$", re.MULTILINE)  # a row of the table of exit statuses
_SUMMARY = "see, check and trust a derivative"


def man_pages() -> dict[str, str]:
    """The pages by the names of their files: `adcli.1`, and `adcli-grad.1` for each command."""
    root = click.Context(adcli, info_name="adcli", **adcli.context_settings)
    pages = {"adcli.1": _page("adcli", _SUMMARY, _of_adcli(root))}
    for names in GROUPS.values():
        for name in names:
            command = adcli.get_command(root, name)
            assert command is not None
            summary = (command.short_help or "").rstrip(".")
            pages[f"adcli-{name}.1"] = _page(
                f"adcli-{name}", summary, _of_command(command, _context(command, name, root))
            )
    return pages


def _context(command: click.Command, name: str, parent: click.Context) -> click.Context:
    return click.Context(command, info_name=name, parent=parent, **command.context_settings)


def _page(name: str, summary: str, body: Iterator[str]) -> str:
    head = f'.TH "{name.upper()}" "1" "" "adcli {__version__}" "adcli"'
    return "".join(f"{line}\n" for line in [head, ".SH NAME", rf"{_text(name)} \- {_text(summary)}", *body])


def _of_adcli(context: click.Context) -> Iterator[str]:
    yield from _of_command(adcli, context)
    yield ".SH COMMANDS"
    for title, names in GROUPS.items():
        yield f".SS {title}"
        for name in names:
            command = adcli.get_command(context, name)
            yield from _item(f"\\fBadcli\\-{name}\\fR(1)", _text(command.short_help or "") if command else "")
    yield ".SH EXIT STATUS"
    for status, meaning in _STATUS.findall(resource_text("cli", "README.md")):
        yield from _item(f"\\fB{status}\\fR", _text(meaning.replace("`", "")))


def _of_command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield ".SH SYNOPSIS"
    yield _text(f"{context.command_path} {' '.join(command.collect_usage_pieces(context))}")
    yield ".SH DESCRIPTION"
    for number, paragraph in enumerate(inspect.cleandoc(command.help or "").split("\n\n")):
        yield from [".PP"] if number else []
        yield _text(" ".join(paragraph.split()))
    if isinstance(command, (Command, Group)) and command.examples:
        yield ".SH EXAMPLES"
        for line, what in command.examples:
            yield from _item(f"\\fBadcli {_text(line)}\\fR", _text(what))
    yield ".SH OPTIONS"
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record is not None:
            yield from _item(f"\\fB{_text(record[0])}\\fR", _text(" ".join(record[1].split())))
    if isinstance(command, click.Group) and command is not adcli:
        yield ".SH COMMANDS"
        for name in command.list_commands(context):
            within = command.get_command(context, name)
            assert within is not None
            usage = " ".join(within.collect_usage_pieces(_context(within, name, context)))
            yield from _item(f"\\fB{_text(f'{context.command_path} {name} {usage}')}\\fR", _text(within.help or ""))
    if command is not adcli:
        yield ".SH SEE ALSO"
        yield "\\fBadcli\\fR(1)"


def _item(term: str, text: str) -> list[str]:
    return [".TP", term, text]


def _text(text: str) -> str:
    """A text of which nothing is taken for a request or an escape of roff."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    ascii_text = "".join(letter if letter.isascii() else f"\\[u{ord(letter):04X}]" for letter in escaped)
    return f"\\&{ascii_text}" if ascii_text.startswith((".", "\\(aq")) else ascii_text

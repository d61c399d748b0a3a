"""Man pages, made from the help."""

from __future__ import annotations

import re

import click
import pytest

from adcli.cli.group import COMMANDS
from adcli.cli.group import adcli as command_line
from adcli.cli.man import man_pages
from adcli.cli.status import ExitStatus

PAGES = man_pages()
_REQUESTS = {"TH", "SH", "SS", "PP", "TP"}


def _shown(page: str) -> str:
    """What a reader sees of a page."""
    for escape, letter in ((r"\-", "-"), (r"\(aq", "'"), (r"\(ga", "`"), (r"\&", ""), (r"\fB", ""), (r"\fR", "")):
        page = page.replace(escape, letter)
    page = re.sub(r"\\\[u([0-9A-F]{4,6})\]", lambda match: chr(int(match[1], 16)), page)
    return page.replace("\\e", "\\")


def test_there_is_one_for_each_command() -> None:
    assert set(PAGES) == {"adcli.1", *(f"adcli-{name}.1" for name in COMMANDS)}


@pytest.mark.parametrize("name", PAGES)
def test_roff_takes_nothing_for_something_else(name: str) -> None:
    assert PAGES[name].isascii()
    assert PAGES[name].startswith('.TH "')
    for line in PAGES[name].splitlines():
        assert line and (line[0] not in ".'" or line[1:].split()[0] in _REQUESTS), line
        assert re.fullmatch(r"(?:[^\\]|\\(?:[-e&]|\(aq|\(ga|f[BR]|\[u[0-9A-F]{4,6}\]))*", line), line


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_says_what_the_help_says(name: str) -> None:
    root = click.Context(command_line, info_name="adcli")
    command = command_line.get_command(root, name)
    assert command is not None
    page = _shown(PAGES[f"adcli-{name}.1"])
    assert f"adcli-{name} - {(command.short_help or '').rstrip('.')}\n" in page
    for option in command.get_params(click.Context(command, parent=root)):
        if isinstance(option, click.Option):
            assert ", ".join(option.opts) in page
            assert " ".join((option.help or "").split()) in page
    for line, what in command.examples:  # type: ignore[attr-defined]
        assert f"adcli {line}\n{what}\n" in page


def test_the_first_page_leads_to_the_others_and_tells_the_exit_statuses() -> None:
    page = _shown(PAGES["adcli.1"])
    for name in COMMANDS:
        assert f"adcli-{name}(1)" in page
    statuses = page[page.index(".SH EXIT STATUS") :]
    assert {int(number) for number in re.findall(r"^(\d+)$", statuses, re.M)} == set(ExitStatus)

"""Commands that take programs as files: reading them one by one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import click
from click.shell_completion import CompletionItem

from adcli.cli.complain import write_json, write_problems
from adcli.errors import AdError
from adcli.syntax.source import Source, read_source


def program_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The programs and folders whose path starts so."""
    folder, start = os.path.split(incomplete)
    try:
        names = sorted(os.listdir(os.path.expanduser(folder) or "."))
    except OSError:
        return []
    paths = [os.path.join(folder, name) for name in names if name.startswith(start)]
    folders = [path + os.sep for path in paths if os.path.isdir(os.path.expanduser(path)) and not path.startswith(".")]
    return [CompletionItem(path) for path in [p for p in paths if p.endswith(".ad")] + folders]


class Readings:
    """Sources read one after another. What is wrong with one is told, and does not keep the others from being read.

    Attributes:
        failed: whether anything was wrong
    """

    def __init__(self, paths: Iterable[str], as_json: bool = False) -> None:
        self.paths = paths
        self.failed = False
        self._as_json = as_json

    def __iter__(self) -> Iterator[Source]:
        for path in self.paths:
            try:
                source = read_source(path)
            except AdError as error:
                self.complain(error)
                continue
            yield source

    def complain(self, error: AdError) -> None:
        """Tell what is wrong with a program."""
        self.failed = True
        if self._as_json:
            write_json(error)
        else:
            write_problems(error.problems, error.source, "error")

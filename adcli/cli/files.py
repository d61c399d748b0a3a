"""Commands that take programs as files: reading them one by one, and writing without losing anything."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

import click
from click.shell_completion import CompletionItem

from adcli.cli.complain import write_json, write_problems
from adcli.errors import AdError, Problem
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


def write_new(path: str, text: str) -> None:
    """Write a file that does not exist yet; raises AdError `output` where it does, or cannot be written."""
    if path == "-":
        raise AdError(Problem("output", "a file is written, and `-` is none", help="name it, as in `model.ad`"))
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        message = f"`{path}` exists already"
        help_text = "name a file in it" if os.path.isdir(path) else "name another file, or remove this one"
        raise AdError(Problem("output", message, help=help_text)) from None
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from None


def rewrite(path: str, text: str) -> None:
    """Put a text in the place of a file's content: all of it, or nothing where that fails. Raises AdError `output`."""
    target = os.path.realpath(path)
    temporary = f"{target}.{os.getpid()}.tmp"
    try:
        with open(temporary, "x", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(temporary, target)
    except (OSError, ValueError) as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise _cannot_write(path, error) from None


def _cannot_write(path: str, error: Exception) -> AdError:
    return AdError(Problem("output", f"cannot write `{path}`: {getattr(error, 'strerror', None) or error}"))

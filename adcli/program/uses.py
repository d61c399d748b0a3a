"""The files whose functions a program uses: `use "file.ad"`. Of such a file nothing but its functions is taken.

A program may be somebody else's. So a file is found beside it or below, never above its folder, whatever links lead
there.
"""

from __future__ import annotations

import os

from adcli.errors import AdError, Problem
from adcli.program.functions import Function, own_functions
from adcli.program.library import LIBRARY, LIBRARY_HOME, library_text
from adcli.program.suggest import did_you_mean
from adcli.records import NamedTuple
from adcli.rules.table import FUNCTIONS
from adcli.syntax import nodes
from adcli.syntax.parse import Reading, read
from adcli.syntax.source import Source, Span, read_source


class Used(NamedTuple):
    """What comes of the files that a program uses.

    Attributes:
        source: the text of the program, with those of the files behind it
        functions: all functions, by their keys
        visible: what the program itself may call: names, with keys
        homes: each file that was read, by its name, as far as it could be
        problems: what is wrong with the statements, and with the files
    """

    source: Source
    functions: dict[str, Function]
    visible: dict[str, str]
    homes: dict[str, Reading]
    problems: list[Problem]


def used_by(reading: Reading, source: Source) -> Used:
    """The functions that a program may call: its own, those of the files that it uses, and those of the library."""
    loader = _Loader(source)
    visible = loader.functions_of(reading, "", os.path.dirname(source.name), ())
    return Used(loader.source, loader.functions, visible, loader.homes, loader.problems)


class _Loader:
    """Reads files, each once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.functions: dict[str, Function] = {}
        self.homes: dict[str, Reading] = {}
        self.problems: list[Problem] = []
        self._program = source.name
        self._own: dict[str, dict[str, str]] = {}  # of each file, by its real path, what it defines

    def functions_of(self, reading: Reading, home: str, folder: str, open_files: tuple[str, ...]) -> dict[str, str]:
        """The functions that a text may call, by name; `open_files` are the files that use each other up to here."""
        statements = reading.tree.statements
        own = own_functions(s for s in statements if isinstance(s, nodes.Definition))
        visible = {name: f"{home}:{name}" if home else name for name in own}
        for statement in statements:
            if isinstance(statement, nodes.Use):
                self._take(statement, visible, folder, open_files)
        if not home.startswith(LIBRARY_HOME):
            self._take_library(visible)
        for name, function in own.items():
            key = f"{home}:{name}" if home else name
            self.functions[key] = function._replace(visible=visible, home=home)
        return visible

    def _take(self, use: nodes.Use, visible: dict[str, str], folder: str, open_files: tuple[str, ...]) -> None:
        """Make functions of another file visible: those that are named, or all that it defines."""
        defined = self._defined_in(use, os.path.join(folder, use.path), open_files)
        if defined is None:
            return
        wanted = use.names or tuple(nodes.Name(name, use.path_span) for name in defined)
        for name in wanted:
            if name.name not in defined:
                message = f"`{use.path}` defines no function `{name.name}`"
                help_text = did_you_mean(name.name, defined) or "only functions that stand in the file itself are taken"
                self._add("unknown-function", message, name.span, help_text)
            elif visible.get(name.name, defined[name.name]) != defined[name.name]:
                message = f"`{name.name}` is defined already"
                help_text = f'name those that are wanted: `use f, g from "{use.path}"`'
                self._add("duplicate-function", message, name.span, help_text)
            else:
                visible[name.name] = defined[name.name]

    def _defined_in(self, use: nodes.Use, path: str, open_files: tuple[str, ...]) -> dict[str, str] | None:
        """What a file defines, by name; None where it cannot be used."""
        real = None if os.path.isabs(use.path) else self._below(path)
        if real is None:
            message = f"`{use.path}` is not in the folder of the program"
            self._add("use", message, use.path_span, "put the file beside the program, or in a folder below it")
        elif real in (os.path.realpath(self._program), *open_files):
            message = f"`{use.path}` uses itself, by way of the files that it uses"
            self._add("use", message, use.path_span, "put what both need into a file of its own")
        elif real in self._own:
            return self._own[real]
        else:
            try:
                text = self._known_text(path) or read_source(path).text
            except AdError as error:
                (problem,) = error.problems
                self.problems.append(problem._replace(span=use.path_span))
                return None
            return self._read(os.path.normpath(path), text, real, (*open_files, real))
        return None

    def _below(self, path: str) -> str | None:
        """A path without links, if it leads into the folder of the program or below it."""
        try:
            real, top = os.path.realpath(path), os.path.realpath(os.path.dirname(self._program) or os.curdir)
            return real if os.path.commonpath([top, real]) == top else None
        except ValueError:  # as of a path with a NUL in it, or on another drive
            return None

    def _known_text(self, path: str) -> str | None:
        return self.source.part_text(os.path.normpath(path))

    def _read(self, name: str, text: str, real: str, open_files: tuple[str, ...]) -> dict[str, str]:
        """Read a file, and what it uses; what it defines, by name."""
        start = self.source.start_of(name)
        if start is None:
            self.source, start = self.source.with_part(name, text)
        # behind so many empty lines its places are those in the whole text
        reading = read(Source(name, "\n" * start + text), FUNCTIONS.keys())
        self.problems += reading.problems
        self.homes[name] = reading
        visible = self.functions_of(reading, name, os.path.dirname(name), open_files)
        own = {s.name.name: visible[s.name.name] for s in reading.tree.statements if isinstance(s, nodes.Definition)}
        self._own[real] = own
        return own

    def _take_library(self, visible: dict[str, str]) -> None:
        """Make those functions of the library visible that the texts may mean."""
        for name in LIBRARY:
            if name not in visible and name in self.source.text:
                home = f"{LIBRARY_HOME}{name}.ad"
                defined = self._own.get(home)
                if defined is None:
                    defined = self._read(home, library_text(name), home, ())
                visible[name] = defined[name]

    def _add(self, code: str, message: str, span: Span, help_text: str) -> None:
        self.problems.append(Problem(code, message, span, help=help_text))

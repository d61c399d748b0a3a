"""The program of a text: as it was checked before, from the cache, or read and checked now.

What is kept is for this text, these sources of adcli, and the files that the program uses: for their texts, and for
which files they really are. A program with mistakes is not kept.
"""

from __future__ import annotations

import copyreg
import os
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from itertools import count

from adcli import cache as kept
from adcli.errors import AdError, Problem
from adcli.program.flat import CannotBeKept, flattened, restored
from adcli.program.library import LIBRARY_HOME, library_text
from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.resources import states_of_files
from adcli.syntax import nodes
from adcli.syntax.source import Source, Span, read_source

_BOUNDS = kept.Bounds(files=500, size=50_000_000)
_MOST_WRITTEN = 100  # files by one process: one that makes more programs does not come back to them
_LONGEST = 1_000_000  # letters of a program that is kept, which takes some twenty times as many bytes
_FOLDERS = ("grammar", "syntax", "rules", "program", "library", "tape", "trust")  # what is kept depends on them
_written = count()


def load_program(source: Source) -> Program:
    """The program of a text; raises AdError with all its mistakes, in the order of their places."""
    return _loaded(source, False)


def load_expression(source: Source) -> Program:
    """The program of an expression, or of statements, of which the last may be one; raises AdError.

    The value of the expression is the output `value`. Where no `input` says what the inputs are, they are the names
    that nothing gives a value.
    """
    return _loaded(source, True)


def _loaded(source: Source, of_expression: bool) -> Program:
    program = _from_cache(source, of_expression)
    if program is None:
        from adcli.program.check import program_from, program_from_expression

        program = program_from_expression(source) if of_expression else program_from(source)
        _keep(program, source, of_expression)
    return program


def _as_text(program: Program) -> tuple[Callable[[Source, bool], Program], tuple[Source, bool]]:
    """A program as its text, which is read again: its operations are functions, which cannot be pickled."""
    return _loaded, (program.source, program.of_expression)


copyreg.pickle(Program, _as_text)


def programs_folder() -> str:
    """Where the programs are kept."""
    return os.path.join(kept.cache_folder(), f"programs-{sys.implementation.cache_tag}")


def kept_problems(program: Program, find: Callable[[Program], list[Problem]]) -> list[Problem]:
    """What there is to say of a program whatever its inputs: as it was found before, or found now and kept."""
    source = program.source
    key = ("problems", program.of_expression, source.text, tuple(source.part_names), _sources())
    path = os.path.join(programs_folder(), f"{zlib.crc32(_bytes(source.text)):08x}-{len(source.text)}-{key[1]:d}-said")
    stored = kept.read(path, key)
    if stored is not None:
        return [Problem._make((code, text, span and Span(*span), *texts)) for code, text, span, *texts in stored]
    problems = find(program)
    _write(path, key, [(code, text, span and tuple(span), *texts) for code, text, span, *texts in problems])
    return problems


class _Part(NamedTuple):
    """A text behind that of the program: its name, which file that really is, and what was in it.

    Of one of the library the name says all.
    """

    name: str
    file: str = ""
    text: str = ""


def _from_cache(source: Source, of_expression: bool) -> Program | None:
    found = None if source.part_names else kept.read(_path(source, of_expression), _key(source, of_expression))
    if found is None:
        return None
    file, parts, flat = found
    whole = source
    for stored in parts:
        part = _Part(*stored)
        if part.name.startswith(LIBRARY_HOME):
            whole, _ = whole.with_part(part.name, library_text(part.name[len(LIBRARY_HOME) :].removesuffix(".ad")))
        elif _is_as_it_was(part):
            whole, _ = whole.with_part(part.name, part.text)
        else:
            return None
    with suppress(Exception):  # what cannot be made a program is none
        return restored(flat, whole) if file in ("", os.path.realpath(source.name)) else None
    return None


def _is_as_it_was(part: _Part) -> bool:
    try:
        return os.path.realpath(part.name) == part.file and read_source(part.name).text == part.text
    except AdError:  # which is told when all is read
        return False


def _keep(program: Program, source: Source, of_expression: bool) -> None:
    if source.part_names or len(program.source.text) > _LONGEST or not _all_files_known(program):
        return
    try:
        flat = flattened(program)
    except CannotBeKept:
        return
    parts = tuple([tuple(_part(program.source, name)) for name in program.source.part_names])
    file = os.path.realpath(source.name) if any(name for _, name, _ in parts) else ""
    _write(_path(source, of_expression), _key(source, of_expression), (file, parts, flat))


def _write(path: str, key: kept.Key, value: object) -> None:
    if next(_written) < _MOST_WRITTEN:
        kept.write(path, key, value)
        kept.keep_within(programs_folder(), _BOUNDS)


def _part(source: Source, name: str) -> _Part:
    if name.startswith(LIBRARY_HOME):
        return _Part(name)
    return _Part(name, os.path.realpath(name), source.part_text(name) or "")


def _all_files_known(program: Program) -> bool:
    """Whether each file that the program uses is a part of its text under that name, and uses none itself.

    Of a file with two names, which links may give it, one alone is there.
    """
    source, folder = program.source, os.path.dirname(program.source.name)
    names = [name for name in source.part_names if not name.startswith(LIBRARY_HOME)]
    used = [statement.path for statement in program.tree.statements if isinstance(statement, nodes.Use)]
    texts = [source.part_text(name) or "" for name in names]
    return {os.path.normpath(os.path.join(folder, path)) for path in used} == {*names} and not any(map(_uses, texts))


def _uses(text: str) -> bool:
    """Whether a text may use files, for all that can be told without reading it."""
    return "use" in text and '"' in text


def _key(source: Source, of_expression: bool) -> kept.Key:
    """All that tells a program from others; the files that are used are looked for where its own name says."""
    return of_expression, source.text, source.name if _uses(source.text) else "", _sources()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _path(source: Source, of_expression: bool) -> str:
    known = f"{source.name if _uses(source.text) else ''}\n{source.text}"
    name = f"{zlib.crc32(_bytes(known)):08x}-{len(source.text)}-{of_expression:d}"
    return os.path.join(programs_folder(), name)


@cache
def _sources() -> int:
    """Which sources of adcli these are, in a checkout as well, where they change and its version does not."""
    return zlib.crc32(repr([states_of_files(folder) for folder in _FOLDERS]).encode())

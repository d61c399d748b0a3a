"""A command line before click reads it: which of its words are options, which are their values, which are neither.

A program makes options of its inputs, so it has to be found among words of which some are not yet known.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING

from adcli.records import NamedTuple
from adcli.syntax.source import STANDARD_INPUT

if TYPE_CHECKING:
    import click

_ASSIGNED = re.compile(r"[^\W\d]\w*(\[[\d, ]+\])?=[^=\s]\S*")


class Word(NamedTuple):
    """An option with its value, which may be missing, or a word that is no option.

    Attributes:
        option: its name as it is written, `--x` or `-x`; empty for other words
        text: the value, or the word
        known: whether it is an option that the command has
    """

    option: str
    text: str | None
    known: bool = True


def options_of(parameters: Iterable[click.Parameter]) -> dict[str, bool]:
    """The options among parameters by their names, and whether each takes a value."""
    import click  # which only who has parameters needs

    options = [parameter for parameter in parameters if isinstance(parameter, click.Option)]
    return {
        name: not (option.is_flag or option.count)
        for option in options
        for name in (*option.opts, *option.secondary_opts)
    }


def words_of(arguments: list[str], known: Mapping[str, bool], kept: Container[str] = ()) -> list[Word]:
    """The words of a command line.

    Args:
        arguments: what stands behind the command
        known: the names of options, and whether each takes a value
        kept: words that no unknown option takes as its value, as the inputs of a program take theirs
    """
    words: list[Word] = []
    rest = list(reversed(arguments))
    while rest:
        text = rest.pop()
        if text == "--":
            return [*words, *(Word("", other) for other in reversed(rest))]
        if text == STANDARD_INPUT or not text.startswith("-"):
            words.append(Word("", text))
            continue
        *flags, (name, value) = _parts(text, known)
        words += [Word(flag, None) for flag, _ in flags]
        following = rest[-1] if rest else "--"
        if name in known:
            takes = known[name] and bool(rest)
        else:
            takes = not (following.startswith("--") or following in known or following in kept)
        words.append(Word(name, rest.pop() if takes and value is None else value, name in known))
    return words


def _parts(text: str, known: Mapping[str, bool]) -> list[tuple[str, str | None]]:
    """`--x=2`, `-fjson`, `-qo`: the options in one word, the last of which may have its value with it."""
    name, equals, value = text.partition("=")
    parts: list[tuple[str, str | None]] = []
    for place, letter in enumerate(text[1:], 2):
        if text.startswith("--") or f"-{letter}" not in known:
            break
        if known[f"-{letter}"]:
            return [*parts, (f"-{letter}", text[place:] or None)]
        parts.append((f"-{letter}", None))
    else:
        return parts
    return [(name, value if equals else None)]


def program_words(arguments: list[str], known: Mapping[str, bool]) -> list[Word]:
    """The words of a command line in which a program may be named before its inputs are known.

    Options that are not known are taken for inputs, which have values; where that leaves no program they are mistakes,
    which have none.
    """
    words = words_of(arguments, known)
    if all(word.known for word in words) or _names_a_file(words):
        return words
    plain = words_of(arguments, known, arguments)
    return plain if _names_a_file(plain) or not programs_among(words) else words


def programs_among(words: Iterable[Word]) -> list[str]:
    """The words that may name a program: neither options nor `x=2`."""
    return [word.text or "" for word in words if not word.option and not is_assignment(word.text or "")]


def is_assignment(text: str) -> bool:
    """Whether a word is of the form `x=2`, and no file."""
    return _ASSIGNED.fullmatch(text) is not None and not os.path.exists(text)


def _names_a_file(words: Iterable[Word]) -> bool:
    programs = programs_among(words)[:1]
    return any(word.option in ("-e", "--expression") for word in words) or any(
        program == STANDARD_INPUT or os.path.exists(program) for program in programs
    )


def value_given(arguments: list[str], *names: str) -> str | None:
    """The value that an option is given in a command line that could not be read otherwise."""
    known = dict.fromkeys(names, True)
    return next((word.text for word in reversed(words_of(arguments, known)) if word.option in known), None)

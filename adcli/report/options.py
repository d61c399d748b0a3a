"""What each option of a record may be: what Python is given is checked here, before anything runs.

The command line reads texts and checks them itself; a script may give anything.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from adcli.derive.modes import Matrix, Mode, SecondMode
from adcli.emit.languages import Target
from adcli.errors import AdError, Problem
from adcli.jobs.choices import Loss, Method
from adcli.records import NamedTuple
from adcli.report.selection import Selection
from adcli.run import Nonsmooth
from adcli.trust.compare import Difference

Record = TypeVar("Record", bound=Any)
Known = TypeVar("Known")

_LONGEST = 60  # characters of a value that is shown


class Kind(NamedTuple):
    """What an option may be, in words, and whether a value is that; `whole` tells of a whole number."""

    words: str
    takes: Callable[[Any], bool]
    whole: bool = False


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are_texts(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (bytes, Mapping)) and all(map(_is_text, value))


def _are_names(value: object) -> bool:
    return _is_text(value) or (isinstance(value, Sequence) and _are_texts(value))


def _is_flag(value: object) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")  # NumPy's is no bool


def _is_whole(value: object, least: float = -math.inf, most: float = math.inf) -> bool:
    """Whether a value is a whole number, of Python or of NumPy, between two bounds."""
    try:
        return not _is_flag(value) and least <= operator.index(value) <= most  # type: ignore[arg-type]
    except TypeError:
        return False


def _is_share(value: object) -> bool:
    return not isinstance(value, (str, bytes)) and hasattr(value, "__float__") and 0 < float(value) < math.inf


def _is_probability(value: object) -> bool:
    return _is_share(value) and float(value) < 1  # type: ignore[arg-type]


def _are_sizes(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes)) and _are_whole(value)


def _are_whole(values: Iterable[object]) -> bool:
    return bool(known := list(values)) and all(_is_whole(value, 1) for value in known)


def _by_name(value: object) -> bool:
    return isinstance(value, Mapping) and _are_texts(value.keys())


def _are_points(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(map(_by_name, value))


def _is_matrix(value: object) -> bool:
    return isinstance(value, (list, tuple)) or hasattr(value, "__array__")


def _is_selection(value: object) -> bool:
    if not isinstance(value, Selection):
        return False
    pairs = [(value.lines, _is_whole), (value.entries, _is_text)]
    paired = [
        ends is None or (isinstance(ends, (tuple, list)) and len(ends) == 2 and all(map(is_end, ends)))
        for ends, is_end in pairs
    ]
    return all(paired) and (value.name is None or _is_text(value.name)) and _is_flag(value.everything)


def _whole(least: int, most: float = math.inf) -> Kind:
    words = f"a whole number from {least} to {most}" if most < math.inf else f"a whole number from {least} on"
    return Kind(words, lambda value: _is_whole(value, least, most), True)


BY_PAIRS = Kind('numbers by pairs of names, such as {("x", "y"): 0.3}', lambda value: isinstance(value, Mapping))
BY_NAME = Kind('values by name, such as {"x": 1}', _by_name)

# By the type that a record states of a field, without `| None`.
_BY_TYPE = {
    "str": Kind('a name, such as "x"', _is_text),
    "Names": Kind('names, as "x,y" or ["x", "y"]', _are_names),
    "bool": Kind("True or False", _is_flag),
    "int": Kind("a whole number", _is_whole, True),
    "float": Kind("a number greater than 0", _is_share),
    "Mapping[str, Given]": BY_NAME,
    "Mapping[Any, Given]": BY_PAIRS,
    "Selection": Kind('a selection, such as adcli.Selection(lines=(1, 5), name="x")', _is_selection),
    "Progress": Kind("a function of two numbers: how many comparisons are done, and of how many", callable),
    "Callable[[Any], None]": Kind("a function of an iteration", callable),
    "Sequence[Mapping[str, Given]]": Kind('points, such as [{"x": 1}, {"x": 2}]', _are_points),
    "Sequence[int]": Kind("whole numbers from 1 on, such as [10, 100]", _are_sizes),
}

_PROBABILITY = Kind("a number between 0 and 1", _is_probability)

# What the type of a field does not tell, by the name of the field.
_BY_NAME = {
    "order": _whole(1, 2), "EmitOptions.order": _whole(0, 2),
    "random": _whole(0), "paths": _whole(1), "checkpoint": _whole(1), "most": _whole(5, 400),
    "open_pass": _whole(1), "steps": _whole(1), "samples": _whole(0), "significant": _whole(1, 2),
    "covariance": Kind("a square matrix of numbers, as an array or as a list of rows", _is_matrix),
    "confidence": _PROBABILITY, "coverage": _PROBABILITY,
}  # fmt: skip


# The words that an option is one of, by its name, and that of its record where there are two such options.
_WORDS: Mapping[str, type[Enum]] = {
    "nonsmooth": Nonsmooth, "difference": Difference, "JacobianOptions.mode": Mode, "ProductOptions.mode": SecondMode,
    "MinimizeOptions.method": Method, "SparsityOptions.matrix": Matrix, "SparsityOptions.mode": Mode, "loss": Loss,
    "to": Target,
}  # fmt: skip


def _one_of(words: type[Enum]) -> Kind:
    *first, last = (f'"{word.value}"' for word in words)
    known = {word.value for word in words}
    takes = lambda value: value in known if type(value) is str else isinstance(value, words)  # noqa: E731
    return Kind(f"{', '.join(first)} or {last}", takes)


def _own(known: Mapping[str, Known], record: type[Any], name: str) -> Known | None:
    """What is known of an option of a record: of that record's alone, or of all that are called so."""
    return known.get(f"{record.__name__}.{name}") or known.get(name)


class Option(NamedTuple):
    """An option of a record; of no kind where the record itself looks at what it is given."""

    name: str
    default: object
    optional: bool
    kind: Kind | None


@cache
def options_of(record: type[Any]) -> tuple[Option, ...]:
    """The options of a kind of record."""
    options = []
    for field in fields(record):
        stated = str(field.type).removesuffix(" | None")
        words = _own(_WORDS, record, field.name)
        kind = _one_of(words) if words is not None else _own(_BY_NAME, record, field.name) or _BY_TYPE.get(stated)
        options.append(Option(field.name, field.default, stated == "Names" or stated != field.type, kind))
    return tuple(options)


def checked(record: Record) -> Record:
    """A record whose fields are what they may be, whole numbers of NumPy as Python's. Raises AdError `usage`."""
    problems, plain = [], {}
    for name, default, optional, kind in options_of(record.__class__):
        value = getattr(record, name)
        if value is default or kind is None or (value is None and optional):
            continue
        if not kind.takes(value):
            problems.append(_refused(f"the option `{name}`", value, kind, ", or None" if optional else ""))
        elif kind.whole and not isinstance(value, int):
            plain[name] = operator.index(value)
    if problems:
        raise AdError(problems)
    return replace(record, **plain) if plain else record


def require(what: str, value: object, kind: Kind) -> None:
    """Refuse a value that is not of a kind; raises AdError `usage`."""
    if not kind.takes(value):
        raise AdError(_refused(what, value, kind))


def _refused(what: str, value: object, kind: Kind, more: str = "") -> Problem:
    """The problem of a value that is not of a kind."""
    shown = " ".join(repr(value).split())
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
    return Problem("usage", f"{what} takes {kind.words}{more}, and is given {shown}")


TEXT = Kind("a text", _is_text)
ENTRIES = _whole(1)
ORDER = _whole(0, 2)
MEMORY = Kind("a whole number of bytes, or None", lambda value: value is None or _is_whole(value, 1))

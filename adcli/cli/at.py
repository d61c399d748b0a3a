"""`--at`: the inputs in one option, as `x=2,y=pi/4` or in a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping

from adcli.errors import AdError, Problem
from adcli.syntax.source import read_source
from adcli.tape.point import number_from

_EXAMPLE = 'it should look like {"x": 2, "y": 3}'


def at_point(text: str, option: str = "--at") -> dict[str, float]:
    """The numbers by name that one `--at`, or another such option, gives.

    Raises AdError `bad-point`, `bad-value` or `not-finite`, and what `read_source` raises.
    """
    values = _pairs(text, option) if "=" in text else _from_json(text, option)
    return {name: number_from(value, f"`{name}` in {option} {text}") for name, value in values.items()}


def _pairs(text: str, option: str) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for pair in _split_at_commas(text):
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals and value):
            raise _bad(f"{option} {text}: `{pair.strip()}` is not of the form name=value", _forms(option))
        if name in values:
            raise _bad(f"{option} {text}: `{name}` is given twice", "give it once")
        values[name] = value
    return values


def _forms(option: str) -> str:
    return f"write {option} x=2,y=3, or the name of a JSON file"


def _bad(message: str, help_text: str) -> AdError:
    return AdError(Problem("bad-point", message, help=help_text))


def _split_at_commas(text: str) -> list[str]:
    """The parts between the commas that are not in brackets: a value may be `max(1, 2)`."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _from_json(path: str, option: str) -> Mapping[str, str]:
    try:
        source = read_source(path)
    except AdError as error:
        problem = error.problems[0]
        if problem.code == "is-a-directory":
            raise _bad(f"`{path}` is a directory, not a JSON file", _forms(option)) from None
        raise AdError(problem._replace(help=problem.help or _forms(option))) from None
    try:
        data = json.loads(source.text, parse_int=str)  # as text: a number may have more digits than an int may
    except (ValueError, RecursionError) as error:
        raise _bad(f"`{path}` is not JSON that can be read: {error}", _EXAMPLE) from None
    if not isinstance(data, dict):
        raise _bad(f"`{path}` holds no JSON object", _EXAMPLE)
    for name, value in data.items():
        if isinstance(value, bool) or not isinstance(value, (float, str)):
            raise AdError(Problem("bad-value", f"`{name}` in `{path}` is not a number", help=_EXAMPLE))
    return {name: value if isinstance(value, str) else repr(value) for name, value in data.items()}

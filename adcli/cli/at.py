"""`--at`: the inputs in one option, as `x=2,y=pi/4` or in a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping

from adcli.errors import AdError, Problem
from adcli.syntax.source import read_source
from adcli.tape.point import number_from


def at_point(text: str) -> dict[str, float]:
    """The inputs that one `--at` gives.

    Raises AdError `bad-point`, `bad-value` or `not-finite`, and what `read_source` raises.
    """
    values = _pairs(text) if "=" in text else _from_json(text)
    return {name: number_from(value, f"`{name}` in --at {text}") for name, value in values.items()}


def _pairs(text: str) -> Mapping[str, str]:
    values = {}
    for pair in _split_at_commas(text):
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals and value):
            raise AdError(Problem("bad-point", f"--at {text}: `{pair.strip()}` is not of the form name=value",
                                  help="write --at x=2,y=3, or the name of a JSON file"))  # fmt: skip
        values[name] = value
    return values


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


def _from_json(path: str) -> Mapping[str, str]:
    source = read_source(path)
    try:
        data = json.loads(source.text)
    except ValueError as error:
        raise AdError(Problem("bad-point", f"`{path}` is not JSON: {error}")) from None
    if not isinstance(data, dict):
        raise AdError(Problem("bad-point", f"`{path}` holds no JSON object",
                              help='it should look like {"x": 2, "y": 3}'))  # fmt: skip
    for name, value in data.items():
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise AdError(Problem("bad-value", f"`{name}` in `{path}` is {json.dumps(value)}, which is not a number"))
    return {name: value if isinstance(value, str) else repr(value) for name, value in data.items()}

"""`--at`: the inputs in one option, as `x=2,y=pi/4`, in a JSON file or in an archive of NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adcli.cli.data import read_point
from adcli.cli.given import given_value
from adcli.cli.json_text import json_of
from adcli.errors import AdError, Problem
from adcli.syntax.source import read_source
from adcli.tape.components import split_at_commas
from adcli.tape.tape import Value

_EXAMPLE = 'it should look like {"x": 2, "y": 3}'


def at_point(text: str, option: str = "--at", read: Callable[[str, str, str], Value] | None = None) -> dict[str, Value]:
    """The numbers and arrays by name that one `--at`, or another such option, gives.

    `read` makes a value of a name, a text and what messages call it, by default as `given_value` does.
    Raises AdError `bad-point`, `bad-value` or `not-finite`, and what `read_source` and `read_array` raise.
    """
    if "=" not in text and text.lower().endswith(".npz"):
        return dict(read_point(text))
    values = _pairs(text, option) if "=" in text else _from_json(text, option)
    whats = {name: f"`{name}` in {option} {text}" for name in values}
    if read is None:
        return {name: given_value(value, whats[name]) for name, value in values.items()}
    return {name: read(name, value, whats[name]) for name, value in values.items()}


def _pairs(text: str, option: str) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for pair in split_at_commas(text):
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals and value):
            raise _bad(f"{option} {text}: `{pair.strip()}` is not of the form name=value", _forms(option))
        if name in values:
            raise _bad(f"{option} {text}: `{name}` is given twice", "give it once")
        values[name] = value
    return values


def _forms(option: str) -> str:
    return f"write {option} x=2,y=3, or the name of a .json or .npz file"


def _bad(message: str, help_text: str) -> AdError:
    return AdError(Problem("bad-point", message, help=help_text))


def _from_json(path: str, option: str) -> Mapping[str, str]:
    try:
        source = read_source(path)
    except AdError as error:
        problem = error.problems[0]
        if problem.code == "is-a-directory":
            raise _bad(f"`{path}` is a directory, not a JSON file", _forms(option)) from None
        raise AdError(problem._replace(help=problem.help or _forms(option))) from None
    try:
        data = json_of(source.text, str)  # as text: a number may have more digits than an int may
    except (ValueError, RecursionError) as error:
        raise _bad(f"`{path}` is not JSON that can be read: {error}", _EXAMPLE) from None
    if not isinstance(data, dict):
        raise _bad(f"`{path}` holds no JSON object", _EXAMPLE)
    for name, value in data.items():
        if not _is_number_or_list(value, 2):
            raise AdError(Problem("bad-value", f"`{name}` in `{path}` is not a number", help=_EXAMPLE))
    return {name: _as_text(value) for name, value in data.items()}


def _is_number_or_list(value: object, depth: int) -> bool:
    if isinstance(value, list) and depth:
        return all(_is_number_or_list(element, depth - 1) for element in value)
    return not isinstance(value, bool) and isinstance(value, (float, str))


def _as_text(value: object) -> str:
    """Numbers as an expression of the language."""
    if isinstance(value, list):
        return f"[{', '.join(map(_as_text, value))}]"
    return value if isinstance(value, str) else repr(value)

"""Data files of JSON: a number, a list of numbers, a list of lists of them, or an object of such."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adcli.cli.data_messages import (
    LARGEST,
    NUMBER,
    bad_file,
    bad_value,
    counted,
    element_name,
    listed,
    meant,
    shown,
    text_of,
)
from adcli.cli.json_text import json_of

if TYPE_CHECKING:
    from adcli.cli.data_messages import Array


def from_json(path: str, member: str | None) -> float | Array:
    """The numbers in a JSON file, or in a member of its object. Raises AdError `data-file` or `data-value`."""
    try:
        data = json_of(text_of(path), float)  # a number may have more digits than an int may
    except (ValueError, RecursionError) as error:
        raise bad_file(f"`{path}` is not JSON that can be read: {error}", help=_json_forms(path)) from None
    name = f"`{path}`"
    if member is not None:
        data, name = _member(path, data, member.strip()), f"{name}, member `{shown(member.strip())}`"
    elif isinstance(data, dict):
        members = f"an object with the members {listed(list(data))}" if data else "an empty object"
        help_text = f"take one of them: `{path}[{shown(next(iter(data)))}]`" if data else _json_forms(path)
        raise bad_file(f"{name} holds {members}", help=help_text)
    return _json_numbers(data, name)


def _json_forms(path: str) -> str:
    return f'it should hold numbers, as in [1, 2] or [[1, 2], [3, 4]]; `{path}[a]` takes them from {{"a": [1, 2]}}'


def _member(path: str, data: object, member: str) -> object:
    if not isinstance(data, dict):
        raise bad_file(f"`{path}` holds no JSON object, so no member `{shown(member)}`", help=f"write `{path}`")
    if member not in data:
        note = f"its members: {listed(list(data)) or 'none'}"
        raise bad_file(f"`{path}` has no member `{shown(member)}`", note=note, help=meant(member, data))
    return data[member]


def _json_numbers(data: object, name: str) -> float | Array:
    """A number, a list of numbers, or a list of equally long lists of them; `name` is what messages call it."""
    import numpy

    if isinstance(data, list) and all(row == [] for row in data):
        raise bad_file(f"{name} holds no numbers")
    mistakes = _json_mistakes(data, name)
    first = next(mistakes, None)
    if first is not None:
        message, help_text = first
        raise bad_value(message, sum(1 for _ in mistakes), help_text)
    return numpy.array(data, numpy.float64) if isinstance(data, list) else float(data)  # type: ignore[arg-type]


def _json_mistakes(data: object, name: str) -> Iterator[tuple[str, str]]:
    """What is wrong and what to do about it, once for each row that has mistakes."""
    rows = data if isinstance(data, list) else []
    first = next((index for index, row in enumerate(rows) if isinstance(row, list)), None)
    if not isinstance(data, list):
        mistakes = iter([_json_mistake(data, name)])
    elif first is None:
        mistakes = (_json_mistake(value, name, index) for index, value in enumerate(data))
    else:
        mistakes = (_json_mistake_in_row(data, index, first, name) for index in range(len(data)))
    return filter(None, mistakes)


def _json_mistake_in_row(rows: list[object], index: int, first: int, name: str) -> tuple[str, str] | None:
    """What is wrong with a row of a matrix; its row `first` tells how long all should be."""
    row, model = rows[index], rows[first]
    assert isinstance(model, list)
    if not isinstance(row, list):
        message = f"{element_name(name, [index])}: `{_json_text(row)}` is not a list, and element [{first}] is one"
        return message, "write a list of numbers, or a list of equally long lists of them"
    if len(row) != len(model):
        message = (
            f"{element_name(name, [index])} has {counted(len(row), 'value')}, and element [{first}] has {len(model)}"
        )
        return message, "each row needs equally many values"
    mistakes = (_json_mistake(value, name, index, column) for column, value in enumerate(row))
    return next(filter(None, mistakes), None)


def _json_mistake(value: object, name: str, *index: int) -> tuple[str, str] | None:
    if isinstance(value, list):
        message = f"{element_name(name, index)}: a list stands where a number should be"
        return message, "an input is a number, a vector or a matrix, and has no more than two dimensions"
    if not isinstance(value, float):  # all JSON numbers are float here, and true is none
        return f"{element_name(name, index)}: `{_json_text(value)}` is not a number", NUMBER
    if not math.isfinite(value):
        return f"{element_name(name, index)}: `{value}` is not a finite number", LARGEST
    return None


def _json_text(value: object) -> str:
    return "{…}" if isinstance(value, dict) else shown(json.dumps(value, ensure_ascii=False))

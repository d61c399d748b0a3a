"""JSON: one object, with all digits, piece by piece: of a long result no more is in memory than is written next."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import islice
from json.encoder import encode_basestring
from math import isfinite
from typing import TYPE_CHECKING, Any

from adcli.report.alike import Place, written
from adcli.report.cells import is_array
from adcli.syntax.formula import Filled, Formula

if TYPE_CHECKING:
    from adcli.report.fields import Field
    from adcli.report.report import Report

_AT_ONCE = 1_000  # rows, or elements of an array
_STEP = "  "


def to_json(data: Mapping[str, Any]) -> str:
    """The text of plain data, readable by strict parsers."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def json_of(report: Report, extra: Iterable[Report] = ()) -> Iterator[str]:
    """What `to_dict()` of a report says, and behind it `own_dict()` of others, piece by piece."""
    members = _members(report, report.all_fields())
    for other in extra:
        members.update(_members(other, other.own_fields()))
    yield "{"
    for place, (key, (value, fields)) in enumerate(members.items()):
        yield f"{',' if place else ''}\n{_STEP}{encode_basestring(key)}: "
        yield from _pieces(value(), fields, _STEP)
    yield "\n}\n" if members else "}\n"


def _members(report: Report, fields: Iterable[Field]) -> dict[str, tuple[Callable[[], Any], tuple[Field, ...]]]:
    """The keys of a report, with a function that gives the value, and the fields of what is in it."""

    members: dict[str, tuple[Callable[[], Any], tuple[Field, ...]]] = {}
    for field in fields:
        value = partial(field.of, report)
        if field.when:
            known = value()
            value = partial(_same, known)
            if known is None:
                continue
        if field.key:
            members[field.key] = value, field.fields
    return members


def _same(value: Any) -> Any:
    return value


def _pieces(value: Any, fields: tuple[Field, ...], indent: str) -> Iterator[str]:
    """A value whose lines behind the first begin with an indent. Lists, arrays and what is in mappings may be long."""
    if isinstance(value, Mapping):
        yield from _of_mapping(value, fields, indent)
    elif is_array(value) and value.ndim:
        yield from _of_array(value, indent)
    elif type(value) in (list, tuple) or isinstance(value, Iterator):
        yield from _of_items(iter(value), fields, indent)
    else:
        yield json_text(value, fields, indent)


def _of_mapping(value: Mapping[Any, Any], fields: tuple[Field, ...], indent: str) -> Iterator[str]:
    inner = indent + _STEP
    start, between = f"{{\n{inner}", f",\n{inner}"
    lines: list[str] = []
    for key, item in value.items():
        leaf = _LEAVES.get(type(item))
        if leaf is not None:
            lines.append(f"{_key(key)}: {leaf(item)}")
            if len(lines) < _AT_ONCE:
                continue
        if lines:
            yield start + between.join(lines)
            start, lines = between, []
        if leaf is None:
            yield f"{start}{_key(key)}: "
            yield from _pieces(item, fields, inner)
            start = between
    yield start + between.join(lines) if lines else ""
    yield f"\n{indent}}}" if value else "{}"


def _of_items(items: Iterator[Any], fields: tuple[Field, ...], indent: str) -> Iterator[str]:
    inner = indent + _STEP
    start, between = f"[\n{inner}", f",\n{inner}"
    while block := list(islice(items, _AT_ONCE)):
        yield start + between.join(_texts(block, fields, inner))
        start = between
    yield f"\n{indent}]" if start == between else "[]"


def _of_array(array: Any, indent: str) -> Iterator[str]:
    inner = indent + _STEP
    start, between = f"[\n{inner}", f",\n{inner}"
    many = _AT_ONCE if array.ndim == 1 else max(1, _AT_ONCE // max(1, array.shape[1]))
    for first in range(0, len(array), many):
        numbers = array[first : first + many].tolist()
        text = between.join(map(repr, numbers)) if array.ndim == 1 else "n"
        if "n" in text:  # there is `nan` or `inf` among them, or there are rows
            text = between.join(_texts(numbers, (), inner))
        yield start + text
        start = between
    yield f"\n{indent}]" if len(array) else "[]"


def json_text(value: Any, fields: tuple[Field, ...], indent: str) -> str:
    """The same as one text."""
    leaf = _LEAVES.get(type(value))
    if leaf is not None:
        return leaf(value)
    if is_array(value):
        return json_text(value.tolist(), (), indent)
    inner = indent + _STEP
    if isinstance(value, Mapping):
        return _enclosed(
            "{", [f"{_key(key)}: {json_text(item, fields, inner)}" for key, item in value.items()], "}", indent
        )
    if type(value) in (list, tuple) or (not fields and isinstance(value, (list, tuple))):
        return _enclosed("[", _texts(value, fields, inner), "]", indent)
    return _of_row(fields, indent)(value) if fields else _other(value)


def _texts(values: Iterable[Any], fields: tuple[Field, ...], indent: str) -> list[str]:
    """Of several values; mostly they are rows, or numbers."""
    if fields:
        row = _of_row(fields, indent)
        values = list(values)
        if values and hasattr(values[0], "alike"):
            return [written(value, row) for value in values]
        return [json_text(value, fields, indent) if type(value) in _NESTING else row(value) for value in values]
    leaf = _LEAVES.get
    return [json_text(value, (), indent) if (write := leaf(type(value))) is None else write(value) for value in values]


def _enclosed(opening: str, lines: Sequence[str], closing: str, indent: str) -> str:
    if not lines:
        return opening + closing
    inner = f"\n{indent}{_STEP}"
    return f"{opening}{inner}{f',{inner}'.join(lines)}\n{indent}{closing}"


@cache
def _of_row(fields: tuple[Field, ...], indent: str) -> Callable[[Any], str]:
    """The function that writes rows of some fields."""
    inner = indent + _STEP
    plan = [
        (f"{encode_basestring(field.key)}: ", field.getter(), bool(field.when), field.fields)
        for field in fields
        if field.key
    ]

    def text(row: Any) -> str:
        lines = []
        for lead, get, may_lack, inside in plan:
            value = get(row)
            leaf = _LEAVES.get(type(value))
            if leaf is None:
                lines.append(lead + json_text(value, inside, inner))
            elif value is not None or not may_lack:
                lines.append(lead + leaf(value))
        return _enclosed("{", lines, "}", indent)

    return text


def _number(value: float) -> str:
    """A number with all digits; infinities and NaN as texts, so that strict parsers read them."""
    if isfinite(value):
        return float.__repr__(value)
    return '"NaN"' if value != value else '"Infinity"' if value > 0 else '"-Infinity"'


def _key(key: Any) -> str:
    return encode_basestring(key) if isinstance(key, str) else json.dumps({key: 0})[1:-4]


def _other(value: Any) -> str:
    """A value of a type that stands for one that JSON has, such as NumPy's numbers or formulas."""
    if isinstance(value, str):
        return encode_basestring(value)
    return _number(value) if isinstance(value, float) else json.dumps(value)


_NESTING = (list, tuple, dict, type(None))
_LEAVES: Mapping[type, Callable[[Any], str]] = {
    float: _number,
    str: encode_basestring,
    Formula: encode_basestring,
    Filled: encode_basestring,
    int: int.__repr__,
    Place: repr,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): lambda value: "null",
}

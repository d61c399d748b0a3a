"""Named tuples that are quick to define, beside those of the standard library."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any

import pytest

from adcli.records import NamedTuple


class Ours(NamedTuple):
    """A point."""

    x: int
    y: int = 2
    name: str = ""

    @property
    def sum(self) -> int:
        return self.x + self.y


class Theirs(typing.NamedTuple):
    """A point."""

    x: int
    y: int = 2
    name: str = ""

    @property
    def sum(self) -> int:
        return self.x + self.y


class Nothing(NamedTuple):
    """A record without fields."""


def seen(kind: Any) -> list[object]:
    """What can be seen of a class and its records, but for the name of the class."""
    one = kind(1, name="p")
    return [
        one, one.x, one.name, one.sum, one._replace(y=7), kind._make([3, 4, "q"]), one._asdict(), one == (1, 2, "p"),
        copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one)), hash(one), repr(one)[len(kind.__name__) :],
        kind._fields, kind._field_defaults, kind.__match_args__, kind.__bases__, kind.__doc__, [*kind.__annotations__],
        kind.__new__.__defaults__, kind.__new__.__name__, hasattr(one, "__dict__"),
    ]  # fmt: skip


def test_a_record_is_what_a_named_tuple_is() -> None:
    assert seen(Ours) == seen(Theirs)
    assert type(Ours(1)._replace(y=7)) is type(Ours._make([1, 2, ""])) is Ours
    assert Nothing() == () and repr(Nothing()) == "Nothing()"


@pytest.mark.parametrize("wrong", [
    lambda kind: kind(), lambda kind: kind(1, 2, "", 4), lambda kind: kind(1, z=3), lambda kind: kind._make([1]),
], ids=["missing", "too many", "unknown", "short"])  # fmt: skip
def test_it_refuses_what_a_named_tuple_refuses(wrong: typing.Callable[[Any], object]) -> None:
    texts = []
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError) as caught:
            wrong(kind)
        texts.append(str(caught.value).replace(kind.__name__, ""))
    assert texts[0] == texts[1]


def test_it_refuses_to_change() -> None:
    record: Any = Ours(1)
    with pytest.raises(AttributeError):
        record.x = 2
    with pytest.raises(TypeError):
        record._replace(z=3)

"""Records that are quick to define, beside those of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import functools
import pickle
import typing
from typing import Any

import pytest

from adcli import records
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


def classes(dataclass: Any) -> Any:
    """A dataclass, one below it with fields by keyword, and one below that with methods of its own."""

    @dataclass(frozen=True)
    class Base:
        x: int
        y: int = 2
        title: typing.ClassVar[str] = "base"

    @dataclass(frozen=True)
    class Below(Base):
        z: str = "z"
        _: dataclasses.KW_ONLY
        key: int
        other: int = 5
        seen = 0

        @functools.cached_property
        def sum(self) -> int:
            return self.x + self.y

    @dataclass(frozen=True, eq=False, repr=False)
    class Last(Below):
        last: int = 7

        def __post_init__(self) -> None:
            self.__dict__["after"] = self.last + 1

        def __hash__(self) -> int:
            return 3

    @dataclass(frozen=True)
    class Same(Base):
        pass

    return Base, Below, Last, Same


def seen_of_dataclasses(dataclass: Any) -> list[object]:
    base, below, last, same = classes(dataclass)
    one, other = base(1), below(1, key=3, z="w")
    least = last(x=1, key=3)
    return [
        repr(one), repr(other), one == base(1, 2), one == base(2), one == other, hash(one), hash(other), other.sum,
        vars(other), vars(least), hash(least), least == last(x=1, key=3), len({one, base(1)}), base.__match_args__,
        last.__match_args__, vars(dataclasses.replace(other, x=9)), dataclasses.asdict(least),
        *[(f.name, f.default, f.kw_only, f.type) for kind in classes(dataclass) for f in dataclasses.fields(kind)],
        *[repr(same(2)), same(2) == base(2)],
        dataclasses.is_dataclass(one), base.__init__.__defaults__, below.__init__.__kwdefaults__,
        copy.copy(other) == other,
        dataclasses.fields(dataclasses.dataclass(frozen=True)(type("More", (below,), {"__annotations__": {}})))[0].name,
    ]  # fmt: skip


def test_a_dataclass_is_what_it_is_elsewhere() -> None:
    assert seen_of_dataclasses(records.dataclass) == seen_of_dataclasses(dataclasses.dataclass)
    _, below, *_ = classes(records.dataclass)
    assert records.replace(below(1, key=3), y=8, key=4) == below(1, 8, key=4)


@pytest.mark.parametrize("wrong", [
    lambda base, below: base(), lambda base, below: base(1, 2, 3), lambda base, below: below(1),
    lambda base, below: below(1, 2, "z", 4, 5), lambda base, below: setattr(base(1), "x", 3),
    lambda base, below: delattr(base(1), "x"),
], ids=["missing", "too many", "no keyword", "not by keyword", "set", "deleted"])  # fmt: skip
def test_it_refuses_what_a_dataclass_refuses(wrong: typing.Callable[[Any, Any], object]) -> None:
    errors = []
    for dataclass in (records.dataclass, dataclasses.dataclass):
        with pytest.raises((TypeError, dataclasses.FrozenInstanceError)) as caught:
            wrong(*classes(dataclass)[:2])
        errors.append((type(caught.value), str(caught.value)))
    assert errors[0][0] is errors[1][0]


def test_other_values_of_some_fields_whoever_made_the_class() -> None:
    for made in (records.dataclass, dataclasses.dataclass):
        kind: Any = made(frozen=True)(type("Kind", (), {"__annotations__": {"a": "int", "b": "int"}}))
        other = records.replace(kind(1, 2), b=3)
        assert (other.a, other.b) == (1, 3)

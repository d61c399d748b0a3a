"""Named tuples and frozen dataclasses that are quick to define: a start defines a hundred of them.

The standard library writes the methods of each class as a text, which it compiles; its named tuples compile all
annotations besides, and its dataclasses need much of the library. That takes a tenth of a millisecond to a whole one
for each class. Here a method is the code of another class with as many fields, with the names of these in it, and
nobody asks for the types of fields while a program runs. What such a class can do, and how fast, is as there; type
checkers are told no more than that. The names in `__annotations__` are texts: each file has them so.
"""

from __future__ import annotations

from collections import _tuplegetter  # type: ignore[attr-defined]
from collections.abc import Callable
from functools import cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import KW_ONLY as KW_ONLY
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
    from typing import NamedTuple as NamedTuple
else:

    class _Kind(type):
        """Makes a class of fields into a tuple's subclass."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
            if not bases:  # _Fields itself
                return super().__new__(cls, name, bases, namespace)
            fields = tuple(namespace.get("__annotations__", ()))
            defaults = {field: namespace.pop(field) for field in fields if field in namespace}
            getters = {field: _tuplegetter(place, f"Field {place}") for place, field in enumerate(fields)}
            parts = {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields, "__slots__": ()}
            new = _method("__new__", fields, tuple.__new__, namespace["__qualname__"])
            new.__defaults__ = tuple(defaults.values()) or None
            return type(name, (tuple,), {**_OF_TUPLES, **parts, **getters, "__new__": new, **namespace})

    class _Fields(metaclass=_Kind):
        """What a class of fields is made from."""

    class _NamedTuple:
        """Stands where a class has its base: `class Point(NamedTuple)`."""

        def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
            return (_Fields,)

    NamedTuple = _NamedTuple()
    KW_ONLY = None  # `_: KW_ONLY`: what follows is given by keyword; its name alone is read

    def dataclass(*, frozen: bool, eq: bool = True, repr: bool = True) -> Callable[[type], type]:
        """A frozen dataclass, as `dataclasses` makes it; `field` is not known here, and `KW_ONLY` is."""
        assert frozen
        return lambda cls: _frozen(cls, eq, repr)

    def replace(record: Any, /, **changes: Any) -> Any:
        """A dataclass, of either kind, with other values of some fields."""
        if not hasattr(record, "_record"):
            from dataclasses import replace as of_theirs

            return of_theirs(record, **changes)
        return type(record)(**{name: getattr(record, name) for name in _names(record)} | changes)


def _method(name: str, fields: tuple[str, ...], does: Callable[..., Any], owner: str) -> FunctionType:
    """A method that takes fields, and gives itself with a tuple of their values to what does the work."""
    code = _code(len(fields)).replace(co_varnames=("self", *fields), co_name=name)
    method = FunctionType(code, {"_does": does}, name)
    method.__qualname__ = f"{owner}.{name}"
    return method


@cache
def _code(count: int) -> CodeType:
    """The code of such a method for so many fields."""
    values = "".join(f"a{number}, " for number in range(count))
    code: CodeType = eval(f"lambda self, {values}: _does(self, ({values}))").__code__
    return code


def _make(cls: Any, values: Any) -> Any:
    """A record of values in the order of its fields."""
    result = tuple.__new__(cls, values)
    if len(result) != len(cls._fields):
        raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(result)}")
    return result


def _replace(self: Any, /, **changes: Any) -> Any:
    """The record with other values of some fields."""
    result = self._make(map(changes.pop, self._fields, self))
    if changes:
        raise TypeError(f"Got unexpected field names: {list(changes)!r}")
    return result


def _asdict(self: Any) -> dict[str, Any]:
    """The values by the names of their fields."""
    return dict(zip(self._fields, self, strict=True))


def _tuple_text(self: Any) -> str:
    values = ", ".join([f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True)])
    return f"{type(self).__name__}({values})"


_OF_TUPLES = {
    "_make": classmethod(_make),
    "_replace": _replace,
    "__replace__": _replace,
    "_asdict": _asdict,
    "__repr__": _tuple_text,
    "__getnewargs__": lambda self: tuple(self),
}
_MISSING = object()


class _Known:
    """What `dataclasses` keeps of a class of its own: made when it asks, by itself, of a class with the same fields."""

    def __init__(self, cls: Any, name: str) -> None:
        self.cls = cls
        self.name = name

    def __get__(self, instance: object, owner: type) -> Any:
        """The value, which takes the place of this from then on."""
        import dataclasses

        known, (_, keywords) = vars(self.cls), self.cls._record
        kinds = {name: kind for name, kind in known.get("__annotations__", {}).items() if not kind.endswith("KW_ONLY")}
        own = {name: known[name] for name in kinds if name in known}
        for name in keywords.keys() & kinds.keys():
            default = {"default": own[name]} if name in own else {}
            own[name] = dataclasses.field(kw_only=True, **default)
        parts = {"__annotations__": kinds, "__module__": self.cls.__module__, **own}
        alike: Any = dataclasses.dataclass(frozen=True)(type(self.cls.__name__, self.cls.__bases__, parts))
        setattr(self.cls, self.name, vars(alike)[self.name])
        return vars(alike)[self.name]


def _frozen(cls: Any, eq: bool, repr: bool) -> Any:
    """A class with the methods of a frozen dataclass: those that `dataclasses` gives it."""
    positional, keywords = _fields_of(cls)
    fields = {**positional, **keywords}
    names = tuple(fields)
    method = _method("__init__", names, _filler(names, hasattr(cls, "__post_init__")), cls.__qualname__)
    method.__code__ = method.__code__.replace(
        co_argcount=1 + len(positional), co_kwonlyargcount=len(keywords), co_posonlyargcount=0
    )
    method.__defaults__ = tuple([value for value in positional.values() if value is not _MISSING]) or None
    method.__kwdefaults__ = {name: value for name, value in keywords.items() if value is not _MISSING}
    added = {"__init__": method, "__setattr__": _refused, "__delattr__": _refused, "__match_args__": tuple(positional)}
    if repr:
        added["__repr__"] = _text
    if eq:
        added |= {"__eq__": _equal, "__hash__": _hash}
    for name, value in added.items():
        if name not in vars(cls) or vars(cls)[name] is None:  # as `__hash__` is where there is an `__eq__`
            setattr(cls, name, value)
    cls._record = positional, keywords
    cls.__dataclass_fields__ = _Known(cls, "__dataclass_fields__")
    cls.__dataclass_params__ = _Known(cls, "__dataclass_params__")
    return cls


def _fields_of(cls: type) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields with their defaults, and those that are given by keyword alone; the bases' come first."""
    positional: dict[str, Any] = {}
    keywords: dict[str, Any] = {}
    for base in cls.__mro__[:0:-1]:
        assert "_record" in vars(base) or "__dataclass_fields__" not in vars(base), "a base is not of this kind"
        of_base = vars(base).get("_record", ({}, {}))
        positional |= of_base[0]
        keywords |= of_base[1]
    into = positional
    for name, kind in vars(cls).get("__annotations__", {}).items():
        word = kind.partition("[")[0].rpartition(".")[2]
        if word == "KW_ONLY":
            into = keywords
        elif word != "ClassVar":
            into[name] = vars(cls).get(name, _MISSING)
    return positional, keywords


def _filler(names: tuple[str, ...], goes_on: bool) -> Callable[[Any, tuple[Any, ...]], None]:
    put = object.__setattr__

    def fill(self: Any, values: tuple[Any, ...]) -> None:
        for name, value in zip(names, values):  # noqa: B905 - as many, and this is quicker
            put(self, name, value)

    def fill_and_go_on(self: Any, values: tuple[Any, ...]) -> None:
        fill(self, values)
        self.__post_init__()

    return fill_and_go_on if goes_on else fill


def _refused(self: Any, name: str, value: Any = None) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _names(record: Any) -> list[str]:
    positional, keywords = record._record
    return [*positional, *keywords]


def _values(self: Any) -> list[Any]:
    return [getattr(self, name) for name in _names(self)]


def _text(self: Any) -> str:
    shown = ", ".join([f"{name}={value!r}" for name, value in zip(_names(self), _values(self), strict=True)])
    return f"{type(self).__qualname__}({shown})"


def _equal(self: Any, other: object) -> Any:
    return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(tuple(_values(self)))

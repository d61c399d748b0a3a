"""Named tuples that are quick to define: a start defines a hundred, which takes the standard library ten milliseconds.

`typing.NamedTuple` compiles the annotations of a class and writes its `__new__` as a text, which it compiles as well.
Here nobody asks for the types of fields while a program runs, and `__new__` is the code of another class with as many
fields, with these names in it. What such a class can do, and how fast, is as there; type checkers are told no more.
"""

from __future__ import annotations

from collections import _tuplegetter  # type: ignore[attr-defined]
from functools import cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
            new = _new(fields, tuple(defaults.values()), f"{namespace['__qualname__']}.__new__")
            return type(name, (tuple,), {**_SHARED, **parts, **getters, "__new__": new, **namespace})

    class _Fields(metaclass=_Kind):
        """What a class of fields is made from."""

    class _NamedTuple:
        """Stands where a class has its base: `class Point(NamedTuple)`."""

        def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
            return (_Fields,)

    NamedTuple = _NamedTuple()


def _new(fields: tuple[str, ...], defaults: tuple[Any, ...], name: str) -> FunctionType:
    code = _code(len(fields)).replace(co_varnames=("_cls", *fields), co_name="__new__")
    new = FunctionType(code, {"_new": tuple.__new__}, "__new__", defaults or None)
    new.__qualname__ = name
    return new


@cache
def _code(count: int) -> CodeType:
    """The code that makes a tuple of so many arguments."""
    values = "".join(f"a{number}, " for number in range(count))
    code: CodeType = eval(f"lambda _cls, {values}: _new(_cls, ({values}))").__code__
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


def _repr(self: Any) -> str:
    values = ", ".join([f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True)])
    return f"{type(self).__name__}({values})"


def _newargs(self: Any) -> tuple[Any, ...]:
    return tuple(self)


_SHARED = {
    "_make": classmethod(_make),
    "_replace": _replace,
    "__replace__": _replace,
    "_asdict": _asdict,
    "__repr__": _repr,
    "__getnewargs__": _newargs,
}

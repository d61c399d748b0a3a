"""Whether an array may be written to: what nothing else refers to may become another array."""

from __future__ import annotations

from collections.abc import Sequence
from sys import getrefcount

from adcli.rules.dispatch import zero_like
from adcli.tape.tape import Value


def may_overwrite(array: Value, holders: int = 0) -> bool:
    """Whether only one variable of the caller refers to an array, or so many more `holders`, and it is its own.

    A number, and a part of another array, may not be written to.
    """
    if type(array) is float or getrefcount(array) > _ALONE + holders:
        return False
    return array.base is None and bool(array.flags.writeable)


def own_adjoint(values: Sequence[Value], adjoints: list[Value | None], target: int) -> Value:
    """The adjoint of an array, in memory that parts of it may be added to: of one that received nothing, zeros."""
    adjoint = adjoints[target]
    if adjoint is None:
        adjoints[target] = adjoint = zero_like(values[target])
    elif not may_overwrite(adjoint, 1):
        adjoints[target] = adjoint = adjoint.copy("K")
    return adjoint


def _references(value: Value) -> int:
    return getrefcount(value)


def _alone() -> int:
    """What `getrefcount` tells in a function of a value that one variable of its caller holds: interpreters differ."""
    value = [0.0]
    return _references(value)


_ALONE = _alone()

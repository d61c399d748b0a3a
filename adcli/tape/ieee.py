"""Infinities and NaN are values as good as others: NumPy is not to warn of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import ParamSpec, TypeVar

from adcli.tape.tape import Tape

P = ParamSpec("P")
R = TypeVar("R")


def contained(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function in a context of its own, so that NumPy's error state is the caller's again whatever happens.

    An interrupt may come after `numpy.errstate` has changed the state and before the `with` that would restore it has
    begun. That state is a context variable, and Python leaves a context in one step.
    """

    @wraps(function)
    def apart(*args: P.args, **kwargs: P.kwargs) -> R:
        contexts = sys.modules.get("contextvars")
        if contexts is None:  # the command line, which an interrupt ends, does not wait for that module
            return function(*args, **kwargs)
        return contexts.copy_context().run(function, *args, **kwargs)  # type: ignore[no-any-return]

    return apart


def quiet(tape: Tape) -> AbstractContextManager[object]:
    """Keep NumPy from warning of infinities and NaN, which are values as good as others."""
    if not tape.arrays:
        return nullcontext()
    import numpy

    if not tape.forgot:
        return numpy.errstate(all="ignore")

    def note(kind: str, flag: int) -> None:
        tape.met_non_finite = True

    return numpy.errstate(call=note, divide="call", over="call", invalid="call", under="ignore")

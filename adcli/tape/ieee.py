"""Infinities and NaN are values as good as others: NumPy is not to warn of them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from adcli.tape.tape import Tape


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

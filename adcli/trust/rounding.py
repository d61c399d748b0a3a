"""The round-off that a computed value carries, from one reverse sweep over its tape."""

from __future__ import annotations

import math
from typing import NamedTuple

from adcli.derive.reverse import sweep
from adcli.tape.tape import Tape


class RoundOff(NamedTuple):
    """The round-off of a value.

    Attributes:
        size: its standard deviation, to first order and generously: a unit in the last place for each operation
        entry: the operation that brings most of it; None if none brings any
    """

    size: float
    entry: int | None


def round_off(tape: Tape, output: int) -> RoundOff:
    """How much of an entry's value is round-off: each operation's own, carried to the entry by its adjoint."""
    active = tape.active(list(tape.inputs.values()))
    shares = [
        (abs(adjoint) * math.ulp(tape.values[entry]), entry)
        for entry, adjoint in enumerate(sweep(tape, {output: 1.0}, active))
        if adjoint is not None and tape.operands[entry]
    ]
    shares = [(share, entry) for share, entry in shares if 0 < share < math.inf]
    if not shares:
        return RoundOff(0.0, None)
    return RoundOff(math.hypot(*(share for share, _ in shares)), max(shares)[1])

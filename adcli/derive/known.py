"""The colourings of a program's matrices of derivatives, which are the same as long as it does the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from adcli.tape.tape import Tape
from adcli.tape.what_ran import number_of_run, tells_places

Coloured = TypeVar("Coloured")
_MOST_KEPT = 30  # colourings


class KnownColourings:
    """The colourings that earlier runs of one program have left."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def of(self, tape: Tape, asked: Hashable, colour: Callable[[], Coloured]) -> Coloured:
        """What `colour` finds for what is asked for of a tape, if no tape that does the same had it.

        Where inputs tell of which places it takes numbers the pattern may be another one at each point, and is not
        kept.
        """
        if tells_places(tape):
            return colour()
        number = None if tape.plan is None else tape.plan.number
        key = number_of_run(tape) if number is None else number, asked
        if key not in self._known:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[key] = colour()
        found: Coloured = self._known[key]
        return found

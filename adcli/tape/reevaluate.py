"""A run at another point by the entries of an earlier one, which is several times as fast as the interpreter.

A tape holds at another point too as long as every decision comes out as it did; only what depends on the inputs that
moved is computed again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from adcli.rules.compile import RAISED
from adcli.tape.domains import Operations
from adcli.tape.ieee import quiet
from adcli.tape.reach import varying_entries, varying_guards
from adcli.tape.tape import COMPARE, Guard, Tape, Value
from adcli.tape.walk import forward


class Reevaluation:
    """What of a run depends on some of its inputs.

    The program may have no `derivative`: what that appends depends on more than decisions.
    """

    def __init__(self, tape: Tape, moving: Collection[str]) -> None:
        """Take the run, which has all its values, and the inputs that move."""
        self._tape = tape
        self._functions = [operation.function for operation in tape.operations]
        varying = varying_entries(tape, [tape.inputs[name] for name in moving])
        self._entries = [entry for entry, varies in enumerate(varying) if varies]
        self._guards = varying_guards(tape, varying)

    def at(self, point: Mapping[str, Value]) -> Tape | None:
        """The tape of a run at a point if it decides as the earlier one; None where an operation has to be mended.

        All but the values is shared with the earlier run: nothing may be appended to it.
        """
        tape, values = self._tape, list(self._tape.values)
        for name, entry in tape.inputs.items():
            values[entry] = point[name]
        try:
            with quiet(tape):
                forward(tape, Operations(values, self._functions), self._entries)
        except RAISED:
            return None
        return tape.with_values(values)

    def decides_as_before(self, tape: Tape) -> bool | None:
        """Whether every decision comes out on such a tape as it did in the earlier run; else it is no run's.

        None where only a run can tell: how often a loop counts is decided with a tolerance that is not told here.
        """
        counting = [guard for guard in self._guards if guard.counts]
        if not all(self._comes_out_as_it_did(guard, tape.values) for guard in self._guards if not guard.counts):
            return False
        return True if all(self._is_as_it_was(guard, tape.values) for guard in counting) else None

    def _comes_out_as_it_did(self, guard: Guard, values: Sequence[Value]) -> bool:
        return COMPARE[guard.comparison](values[guard.left], values[guard.right]) == guard.holds

    def _is_as_it_was(self, guard: Guard, values: Sequence[Value]) -> bool:
        before = self._tape.values
        return all(values[entry] == before[entry] for entry in guard.entries)

"""The fast lane of what moves: tangents of numbers forward, and adjoints with their tangents backward.

They compute what the walks compute with `Tangents` and `MovingAdjoints`, bit by bit, with everything that a walk looks
up written out, as `fast.py` does for plain adjoints. What a compiled rule does not know goes to those, entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from adcli.rules.compile import RAISED
from adcli.rules.local import number_pushforward
from adcli.rules.primitive import Primitive
from adcli.rules.second_order import moving_pullback
from adcli.tape.tape import Tape

Numbers = list["float | None"]


class _Pushforwards(dict[Primitive, Callable[..., float]]):
    """The compiled pushforwards of one pattern of moving operands, each made when it is first asked for."""

    def __init__(self, *moving: bool) -> None:
        super().__init__()
        self._moving = moving

    def __missing__(self, primitive: Primitive) -> Callable[..., float]:
        self[primitive] = made = number_pushforward(primitive, self._moving)
        return made


_UNARY = _Pushforwards(True)
_LEFT = _Pushforwards(True, False)
_RIGHT = _Pushforwards(False, True)
_BOTH = _Pushforwards(True, True)


def push_numbers(tape: Tape, carried: Numbers, apply: Callable[[int, list[Any]], Any]) -> None:
    """Put the tangent of every entry of a tape of numbers into what the inputs carry.

    Args:
        tape: what ran
        carried: the tangents of some inputs, and None elsewhere
        apply: how a walk computes the tangent of an entry from those of its operands
    """
    operations, values = tape.operations, tape.values
    for entry, sources in enumerate(tape.operands):
        try:
            if len(sources) == 2:
                left, right = sources
                da, db = carried[left], carried[right]
                if da is None:
                    if db is None:
                        continue
                    rules = _RIGHT
                else:
                    rules = _LEFT if db is None else _BOTH
                carried[entry] = rules[operations[entry]](values[entry], values[left], values[right], da, db)
            elif len(sources) == 1:
                (source,) = sources
                da = carried[source]
                if da is not None:
                    carried[entry] = _UNARY[operations[entry]](values[entry], values[source], da)
            elif sources:
                carried[entry] = apply(entry, [carried[source] for source in sources])
        except RAISED:  # by IEEE 754, and with the edges of the rule
            carried[entry] = apply(entry, [carried[source] for source in sources])


class _MovingPullbacks(dict[Primitive, Callable[..., Any]]):
    """The same of adjoints with their tangents."""

    def __init__(self, active: tuple[bool, ...], moving: tuple[bool, ...], seed_moves: bool) -> None:
        super().__init__()
        self._pattern = active, moving, seed_moves

    def __missing__(self, primitive: Primitive) -> Callable[..., Any]:
        self[primitive] = made = moving_pullback(primitive, *self._pattern)
        return made


_FLAGS = (False, True)
# By which operand moves, and whether the adjoint does; of two operands by which of them are active, and move.
_OF_ONE = {(a, g): _MovingPullbacks((True,), (a,), g) for a in _FLAGS for g in _FLAGS}
_OF_TWO = {
    (left, right, a, b, g): _MovingPullbacks((left, right), (a, b), g)
    for left in _FLAGS for right in _FLAGS for a in _FLAGS for b in _FLAGS for g in _FLAGS
}  # fmt: skip


class _Carrier(Protocol):
    def terms(self, entry: int, carried: Any) -> Iterable[tuple[int, tuple[float, float | None]]]:
        """What the active operands of an entry receive."""


def moving_sweep(
    tape: Tape, output: int, active: Sequence[bool], tangents: Sequence[float | None], carrier: _Carrier
) -> Numbers:
    """How the adjoint of every entry of a tape of numbers moves along a direction; None where it does not.

    Args:
        tape: what ran
        output: the entry that the sweep starts from
        active: for each entry whether it depends on an input that matters
        tangents: of every entry, along the direction
        carrier: what a walk would pass on
    """
    operations, operands, values = tape.operations, tape.operands, tape.values
    adjoints: Numbers = [None] * len(tape)
    moved: Numbers = [None] * len(tape)
    adjoints[output] = 1.0
    for entry in range(output, -1, -1):
        g, sources = adjoints[entry], operands[entry]
        if g is None or not active[entry] or not sources:
            continue
        dg = moved[entry]
        try:
            if len(sources) == 2:
                left, right = sources
                da, db, to_right = tangents[left], tangents[right], active[right]
                rules = _OF_TWO[active[left], to_right, da is not None, db is not None, dg is not None]
                terms = rules[operations[entry]](
                    g, dg, values[entry], tangents[entry], values[left], values[right], da, db
                )
                if not active[left]:
                    left = right
                elif to_right:
                    _add(adjoints, moved, left, terms[0], terms[1])
                    terms, left = terms[2:], right
            elif len(sources) == 1:
                (left,) = sources
                da = tangents[left]
                rules = _OF_ONE[da is not None, dg is not None]
                terms = rules[operations[entry]](g, dg, values[entry], tangents[entry], values[left], da)
            else:
                raise ArithmeticError  # which few entries come to: one way out for all that a walk has to do
        except RAISED:  # by IEEE 754, and with the edges of the rule
            for target, term in carrier.terms(entry, (g, dg)):
                _add(adjoints, moved, target, *term)
            continue
        value, change = terms
        before = adjoints[left]
        adjoints[left] = value if before is None else before + value
        if change is not None:
            before = moved[left]
            moved[left] = change if before is None else before + change
    return moved


def _add(adjoints: Numbers, moved: Numbers, target: int, value: float, change: float | None) -> None:
    before = adjoints[target]
    adjoints[target] = value if before is None else before + value
    if change is not None:
        before = moved[target]
        moved[target] = change if before is None else before + change
